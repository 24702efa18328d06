/* clang-tidy.h - included before every file that tools/lint hands to clang-tidy.
 *
 * The analyser sees one file at a time and takes mill_fail() for a function that might return
 * MILL_OK: here it learns that a failure stays one. */
#include <millstream/error.h>

#define mill_fail(err, status, ...) (mill_fail((err), (status), __VA_ARGS__), (status))
