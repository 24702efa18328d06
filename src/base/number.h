/* number.h - doubles as text and back, the same in every locale. Any thread. */
#ifndef MILL_BASE_NUMBER_H
#define MILL_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that mill_format_double may write. */
#define MILL_DOUBLE_SIZE 32

/* The shortest text that reads back as the same number, as Python prints it: 0.1, 1.0, 1e-05,
 * 1e+16. NaN, Infinity and -Infinity for those. Not NUL-terminated; returns the length. */
size_t mill_format_double(char out[MILL_DOUBLE_SIZE], double value);

/* Reads all of text as an unsigned decimal number. *range_out says that it is too large or too
 * small for a double; *out is then untouched. */
bool mill_parse_decimal(const char *text, size_t len, double *out, bool *range_out);

#ifdef __cplusplus
}
#endif

#endif
