/* parallel.h - the same work on many things, several at once. */
#ifndef MILL_BASE_PARALLEL_H
#define MILL_BASE_PARALLEL_H

#include <stddef.h>

#include <millstream/error.h>

/* The work on one of them. */
typedef enum mill_status mill_work(void *context, size_t index, struct mill_error *err);

/* Calls work(context, 0 .. count - 1, ...), at most `threads` of them at the same time, in no
 * order that counts; the calling thread is one of them. After a failure no further one begins;
 * the first failure is returned when those under way have ended, or the first one that is not
 * MILL_E_CANCELLED. Fewer threads are used where more cannot be had. */
enum mill_status mill_parallel(size_t count, size_t threads, mill_work *work, void *context,
                               struct mill_error *err);

#endif
