/* delivery.h - brings what one process has spooled to the server: makes the run where it is
 * missing, sends the changes in order, notes how far it has come. Everything may be sent twice
 * without harm. One thread at a time. */
#ifndef MILL_LOGGER_DELIVERY_H
#define MILL_LOGGER_DELIVERY_H

#include <millstream/millstream.h>

#include "logger/spool_files.h"

/* The tag that has the logger's own id of a run, for servers that choose another. */
#define MILL_RUN_ID_TAG "millstream.runId"

struct mill_delivery {
    struct mill_arena arena;
    const char *base;
    struct mill_spool_open open;
    struct mill_view tracking_uri;
    struct mill_view remote_id; /* the run's id on the server; absent: not known yet */
    bool found;                 /* the run is there and goes on, see delivery_run.h */
    bool over;                  /* it had ended, and stays so: something is added to it */
    struct mill_client *client; /* NULL: not opened yet */
    struct mill_spool_reader reader;
    bool keep; /* do not delete what is delivered */

    int64_t points, changes, refused; /* done so far */
    bool ended;                       /* the end of the spool is delivered */
    void (*warning)(void *context, const char *message);
    void *context;
};

/* Reads which run the spool at base is of. uri absent: where the logger was told to deliver. No
 * request is made. */
enum mill_status mill_delivery_open(struct mill_delivery *d, const char *base,
                                    struct mill_view uri, struct mill_error *err);

/* Delivers one piece. *more_out: there may be another one. On failure the same piece is
 * delivered at the next call. MILL_E_CORRUPT when the spool is damaged here. */
enum mill_status mill_delivery_step(struct mill_delivery *d, bool *more_out,
                                    struct mill_error *err);

/* Sets MILL_HEARTBEAT_TAG of the run at once, not by way of the spool. One that is over gets
 * none. */
enum mill_status mill_delivery_set_heartbeat(struct mill_delivery *d, struct mill_view value,
                                             struct mill_error *err);

void mill_delivery_release(struct mill_delivery *d);

/* Whether a server that answered so will never take the request. */
bool mill_delivery_is_refusal(enum mill_status status);

/* Whether a run has ended, and not before that time. */
bool mill_delivery_has_ended(const struct mill_run_info *info, int64_t since_ms);

#endif
