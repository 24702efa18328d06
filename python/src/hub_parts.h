/* hub_parts.h - a hub as its own files see it. */
#ifndef PYMILL_HUB_PARTS_H
#define PYMILL_HUB_PARTS_H

#include "hub.h"
#include "news.h"

struct pymill_hub {
    struct pymill_state *state;
    enum mill_logger_mode mode;
    PyObject *tracking_uri; /* bytes */
    PyObject *spool;        /* bytes, or NULL for the default */
    PyObject *known;        /* set of bytes: runs that were made here */
    PyObject *kept;         /* dict of bytes: runs that began in the spool */
    struct pymill_run_logger *loggers;
    size_t count;
    bool stalled;            /* the last run that ended here was not waited for to the end */
    struct pymill_news news; /* of all loggers */
};

/* What a bytes object holds; absent for NULL. */
struct mill_view pymill_bytes_view(PyObject *bytes);

/* The open logger of a run, which becomes the first one; NULL if there is none. */
struct pymill_run_logger *pymill_hub_look_up(struct pymill_hub *hub, struct mill_view run_id);

/* Whether this process has used a logger, or only the one that it is a fork of. NULL is not. */
bool pymill_hub_is_ours(const struct pymill_hub *hub, const struct pymill_run_logger *logger);

#endif
