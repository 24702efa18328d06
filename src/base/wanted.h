/* wanted.h - whether a call that waits is still wanted, as the thread that made it has asked to
 * be asked (mill_ask_while_waiting in <millstream/client.h>). */
#ifndef MILL_BASE_WANTED_H
#define MILL_BASE_WANTED_H

#include <stdbool.h>

/* What a thread is asked, and by which context. */
struct mill_asking {
    bool (*wanted)(void *context); /* NULL: nothing, it waits for everything */
    void *context;
};

/* Whether this thread's call is to go on. To be asked several times a second by whoever waits,
 * without a lock held. */
bool mill_still_wanted(void);

/* What this thread is asked from now on; gives back what it was before. */
struct mill_asking mill_asking_set(struct mill_asking asking);

#endif
