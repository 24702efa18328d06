/* news.h - what loggers warn about, on its way to Python's logging. */
#ifndef PYMILL_NEWS_H
#define PYMILL_NEWS_H

#include "module.h"

#include <stdatomic.h>

/* Warnings that wait at most; what comes while they are all taken is lost. */
#define PYMILL_NEWS 8

/* A warning from a thread that must not run Python. Only whoever has made it being written
 * writes, and only whoever holds the GIL, or guard, reads what is full: a fork finds no lock
 * held. Zero is empty. */
struct pymill_news {
    atomic_bool any;
    struct {
        atomic_int state;
        char message[700];
    } items[PYMILL_NEWS];
};

/* Takes a warning in; context is the news. Any thread, without the GIL. */
void pymill_news_put(void *context, const char *message);

/* Passes on what has come. The GIL, or guard, is held; an exception that is set stays. */
void pymill_news_tell(struct pymill_news *news);

/* Gives a text to the logger "millstream" of Python's logging. The GIL is held, no exception is
 * set; none is set by it. */
void pymill_warn(const char *message);

#endif
