/* millstream/log.h - what the library notices besides the outcome of a call. */
#ifndef MILLSTREAM_LOG_H
#define MILLSTREAM_LOG_H

#include <millstream/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Told of something that did not fail the call: one line of text, without an end of line, valid
 * during the call. It may come from any thread, also several at once, and must not call the
 * library. Since 0.1. */
typedef void mill_warning_handler(void *context, const char *message);

/* Has warnings of the whole process given to handler from now on: that a broken run was left
 * out of a listing, for example. NULL: to nobody, as at the start; the library never prints.
 * Call it before threads use the library. Since 0.1. */
MILL_API void mill_on_warning(mill_warning_handler *handler, void *context);

#ifdef __cplusplus
}
#endif

#endif
