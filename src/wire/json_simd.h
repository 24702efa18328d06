/* json_simd.h - the part of json.h that is written in C++, in plain types. Others include
 * json.h. */
#ifndef MILL_WIRE_JSON_SIMD_H
#define MILL_WIRE_JSON_SIMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that must be readable behind a text to be parsed; what they hold does not matter. */
#define MILL_JSON_PADDING 64

enum mill_simd_result {
    MILL_SIMD_OK,
    MILL_SIMD_NOMEM,
    MILL_SIMD_DEPTH,
    MILL_SIMD_UTF8,
    MILL_SIMD_SYNTAX
};

/* Parses strict JSON with the thread's parser, whose tape and strings are then valid until
 * its next use. *problem_out gets a constant text that says what is wrong. */
enum mill_simd_result mill_simd_parse(const char *text, size_t len, size_t max_depth,
                                      const uint64_t **tape_out, const char **strings_out,
                                      const char **problem_out);

/* Gives the thread's parser back when it can hold more than keep_bytes of text. */
void mill_simd_shrink(size_t keep_bytes);

#ifdef __cplusplus
}
#endif

#endif
