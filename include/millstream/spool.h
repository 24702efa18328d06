/* millstream/spool.h - what loggers have written to disk: looked at, delivered later, also from
 * another machine.
 *
 * A spool is a directory with a directory for each run, and in it, for each process that logged
 * into the run, append-only files of its own. Copy or move whole directories as you like. */
#ifndef MILLSTREAM_SPOOL_H
#define MILLSTREAM_SPOOL_H

#include <millstream/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where loggers spool unless told otherwise: the environment's MILLSTREAM_SPOOL, else
 * $XDG_STATE_HOME/millstream/spool, else ~/.local/state/millstream/spool. As mill_tracking_uri
 * writes and returns. Any thread. Since 0.1. */
MILL_API size_t mill_spool_default(char *buffer, size_t size);

/* One process's part of a run's spool. Since 0.1. */
struct mill_spool_entry {
    struct mill_view path; /* of its files, without their numbers: DIR/RUN/HOST-PID-NUMBER */
    struct mill_view run_id;
    struct mill_view tracking_uri;
    int64_t created_ms;
    int64_t pending_bytes;   /* not yet delivered */
    int64_t pending_points;  /* likewise */
    int64_t pending_changes; /* everything but points */
    int64_t torn_bytes;      /* at the end, of a write that was cut off: they are not used */
    int64_t refused;         /* points and changes that a server did not take */
    bool ended;              /* its logger was closed */
    bool damaged;            /* bytes in the middle are not what was written */
    bool newer;              /* written by a newer version of the library; not read */
};

/* The spools that were found. Since 0.1. */
struct mill_spool_list {
    size_t count;
    const struct mill_spool_entry *const *items;
};

/* Frees the list. NULL is allowed. Since 0.1. */
MILL_API void mill_spool_list_free(struct mill_spool_list *list);

/* What lies below a directory: a spool, one run's directory in it. Reads every byte that is not
 * yet delivered. dir absent: mill_spool_default. A missing directory has nothing in it.
 * Since 0.1. */
MILL_API enum mill_status mill_spool_status(struct mill_view dir,
                                            struct mill_spool_list **list_out,
                                            struct mill_error *err);

/* Calls line once for each change that is not yet delivered, as a JSON object without newline,
 * in the form of the protocol's requests. Returning false ends it with MILL_E_CANCELLED.
 * Since 0.1. */
MILL_API enum mill_status mill_spool_export(struct mill_view dir,
                                            bool (*line)(void *context, struct mill_view json),
                                            void *context, struct mill_error *err);

/* How spools are delivered. Since 0.1. */
struct mill_sync_options {
    size_t size;                   /* sizeof(struct mill_sync_options) */
    struct mill_view tracking_uri; /* absent: the one that each spool was opened with */
    int64_t timeout_ms;            /* give up an unreachable server after this; 0: 60000 */
    bool keep;                     /* do not delete what is delivered */
    /* Told after each delivered part, with what was done so far. Returning false gives up. */
    bool (*progress)(void *context, int64_t points, int64_t changes, int64_t bytes);
    void (*warning)(void *context, const char *message);
    void *context;
};

/* Delivers what lies below a directory. Doing so twice, or two at once, or while loggers still
 * write, does no harm: the result is as if it had been online. What is delivered is deleted.
 * MILL_E_IO, MILL_E_TIMEOUT, MILL_E_BUSY … when the server cannot be reached: call again later,
 * it goes on where it ended. Since 0.1. */
MILL_API enum mill_status mill_spool_sync(struct mill_view dir,
                                          const struct mill_sync_options *options,
                                          struct mill_error *err);

#ifdef __cplusplus
}
#endif

#endif
