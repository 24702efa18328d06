/* waiting.h - the time in which a call of the library runs and the GIL is not held.
 *
 * Signals and deadlines end a call that waits, and no other one: the library asks several times
 * a second, on the thread that waits, whether the call is still wanted. Progress is told then
 * too, so that no thread of the library ever runs Python. */
#ifndef PYMILL_WAITING_H
#define PYMILL_WAITING_H

#include "module.h"

#include <pthread.h>

struct pymill_waiting {
    PyThreadState *thread;
    int64_t until_ns; /* of pymill_clock_ns: when the call is given up; 0: never */
    bool unwanted;
    PyObject *progress;   /* called with the figures below; borrowed; NULL: nobody */
    pthread_mutex_t lock; /* of what follows */
    bool moved;           /* since progress was called last */
    int64_t bytes, bytes_total;
    size_t files, files_total;
};

/* Lets go of the GIL until pymill_wait_end, which takes it back on the same thread. progress
 * may be NULL; timeout_ms 0: the call waits as long as it does. */
void pymill_wait_begin(struct pymill_waiting *waiting, PyObject *progress, int64_t timeout_ms);
void pymill_wait_end(struct pymill_waiting *waiting);

/* Options of a transfer that tells waiting how far it has come. */
struct mill_transfer_options pymill_transfer_options(struct pymill_waiting *waiting);

/* Of a clock that only goes forward, in nanoseconds. */
int64_t pymill_clock_ns(void);

/* How long a server that does not answer is waited for before it is done without: the
 * environment's MILLSTREAM_PATIENCE, in seconds, else 10 seconds. */
int64_t pymill_patience_ms(void);

/* Milliseconds since 1970. */
int64_t pymill_now_ms(void);

#endif
