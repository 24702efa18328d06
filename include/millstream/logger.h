/* millstream/logger.h - logging that cannot hurt a training job.
 *
 * A logger belongs to one run. Each call appends to a local spool and returns within
 * microseconds, whatever the network does; a background thread delivers what is in the spool,
 * keeps trying through any outage, and removes what the server has acknowledged. The run's id
 * is chosen here, so that a run can begin while the server is down. What a process could not
 * deliver before it ended is delivered by mill_spool_sync (`millstream sync`), from another
 * machine too, any number of times.
 *
 *   struct mill_logger_options options = {.size = sizeof(options)};
 *   struct mill_logger *logger;
 *   if (mill_logger_open(&options, &logger, &err) != MILL_OK) ...
 *   mill_logger_log_metric(logger, mill_text("loss"), 0.25, MILL_ABSENT, 1);
 *   mill_logger_close(logger, MILL_RUN_FINISHED, 60000, &err);
 *
 * What is lost when. Points wait in memory for at most flush_interval_ms before they are
 * written to the spool; everything else is written before its call returns. A process that is
 * killed loses at most that window; what is in the spool survives it, and with fsync also a
 * power cut. A normal exit writes the window.
 *
 * Errors. Calls fail for arguments that no server would take (MILL_E_INVALID) and, other than
 * for points, when the spool cannot be written (MILL_E_IO, MILL_E_FULL). They never fail or
 * wait because of the network, unless the mode is MILL_MODE_STRICT.
 *
 * Threads. Any thread may use a logger. After fork the child's logger is one of its own on the
 * same run, with a spool of its own. Not to be called from signal handlers. */
#ifndef MILLSTREAM_LOGGER_H
#define MILLSTREAM_LOGGER_H

#include <millstream/runs.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The tag that a logger sets now and then while it lives, once the server can be reached: the
 * time in milliseconds since 1970, a space, and after how many seconds it will be set again. A
 * RUNNING run whose tag is older than three times that is one whose process has gone silent:
 * killed, or cut off. The logger that ends the run removes it. Since 0.1. */
#define MILL_HEARTBEAT_TAG   "mlflow.millstream.heartbeat"
#define MILL_MAX_HEARTBEAT_S 86400

/* A run being logged. Opaque. Since 0.1. */
struct mill_logger;

/* What happens to what is logged. Since 0.1. */
enum mill_logger_mode {
    MILL_MODE_ONLINE = 1, /* spooled, delivered in the background */
    MILL_MODE_OFFLINE,    /* spooled only */
    MILL_MODE_STRICT      /* sent at once; each call waits and tells how it ended */
};

/* When the spool is forced to disk. Since 0.1. */
enum mill_logger_fsync {
    MILL_FSYNC_NONE = 1, /* left to the system: a power cut may lose the last seconds */
    MILL_FSYNC_FLUSH     /* at each write of the spool */
};

/* How a logger is opened. Zero or absent means the default everywhere. Since 0.1. */
struct mill_logger_options {
    size_t size;                   /* sizeof(struct mill_logger_options) */
    struct mill_view tracking_uri; /* absent: what mill_tracking_uri gives */
    /* Mode: 0: the environment's MILLSTREAM_MODE (online, offline, strict), else online. */
    enum mill_logger_mode mode;
    struct mill_view spool; /* directory of spools; absent: see mill_spool_default */

    /* Which run. run_id given: that one is continued, by any number of processes at once (ranks
     * of a job), and runs again if it had ended before; else a new run is made in the
     * experiment. */
    struct mill_view run_id;
    struct mill_view experiment_name; /* made when missing; absent: experiment_id counts */
    int64_t experiment_id;            /* 0 is the Default experiment */
    struct mill_view run_name;        /* absent: made up */
    struct mill_view user_id;         /* absent: who runs the program */
    int64_t start_time;               /* 0: now */
    const struct mill_tag *tags;
    size_t tag_count;

    int64_t flush_interval_ms;    /* points are written this often; 0: 50 */
    enum mill_logger_fsync fsync; /* 0: MILL_FSYNC_NONE */
    size_t memory_limit_bytes;    /* of points not yet written; 0: 16 MiB */
    int64_t disk_limit_bytes;     /* of this process's part of the spool, artifacts aside;
                                   * 0: 4 GiB */
    int64_t heartbeat_interval_s; /* MILL_HEARTBEAT_TAG is set this often, at most
                                   * MILL_MAX_HEARTBEAT_S; 0: 30, negative: never */
    /* Told once about each kind of trouble (server down, limit reached, change refused), from
     * a background thread, or that which closes the logger; no lock is held. NULL: nobody. */
    void (*warning)(void *context, const char *message);
    void *context;
    bool keep_status; /* a run that had ended before stays ended: something is added to it */
};

/* What became of what was logged. Since 0.1. */
struct mill_logger_counters {
    size_t size;              /* sizeof(struct mill_logger_counters), set by the caller */
    int64_t points_logged;    /* accepted by mill_logger_log_metric(s) */
    int64_t points_thinned;   /* given up at a limit, see mill_logger_log_metric */
    int64_t points_delivered; /* acknowledged by the server */
    int64_t changes_logged;   /* everything else: params, tags, artifacts, inputs ... */
    int64_t changes_delivered;
    int64_t refused;           /* points and changes that the server does not take, kept in the
                                * spool's .refused file */
    int64_t spool_bytes;       /* on disk, not yet delivered */
    int64_t delivery_failures; /* attempts that did not get through */
};

/* Opens a logger. Makes no request: the run is made by the background thread, however long
 * that takes. In MILL_MODE_STRICT the run is made before this returns.
 *
 * Fails with MILL_E_INVALID for options that cannot be used, MILL_E_IO, MILL_E_DENIED or
 * MILL_E_FULL when the spool cannot be written; the message names the directory. Since 0.1. */
MILL_API enum mill_status mill_logger_open(const struct mill_logger_options *options,
                                           struct mill_logger **logger_out,
                                           struct mill_error *err);

/* Id of the run, 32 hexadecimal digits or what was given; valid until the logger is closed.
 * On a server that chooses ids itself the run gets another one, and this one in its tag
 * millstream.runId. Since 0.1. */
MILL_API struct mill_view mill_logger_run_id(const struct mill_logger *logger);

/* Logs one point; the fast path.
 *
 *   timestamp_ms  MILL_ABSENT: now
 *   step          may be negative; MILL_ABSENT: 0
 *
 * When memory_limit_bytes is reached, a new point takes the place of the last one of its key.
 * When disk_limit_bytes is, points are written once a second, and of each key only the last
 * one that a thread has logged since; for each sixteenth of the limit that the spool grows by
 * beyond it, half as often, down to once in 64 seconds. Either is counted in points_thinned.
 * Fails with MILL_E_INVALID for a key that no server takes, MILL_E_NOMEM for a new key that
 * finds no memory. Since 0.1. */
MILL_API enum mill_status mill_logger_log_metric(struct mill_logger *logger,
                                                 struct mill_view key, double value,
                                                 int64_t timestamp_ms, int64_t step,
                                                 struct mill_error *err);

/* Logs many points; links of metrics are not kept. As above. Since 0.1. */
MILL_API enum mill_status mill_logger_log_metrics(struct mill_logger *logger,
                                                  const struct mill_metric *metrics,
                                                  size_t count, struct mill_error *err);

/* Logs a param, once written. A value that differs from one the server has already is refused
 * there, which is counted and told by warning. Since 0.1. */
MILL_API enum mill_status mill_logger_log_param(struct mill_logger *logger,
                                                struct mill_view key, struct mill_view value,
                                                struct mill_error *err);

/* Sets a tag. Since 0.1. */
MILL_API enum mill_status mill_logger_set_tag(struct mill_logger *logger, struct mill_view key,
                                              struct mill_view value, struct mill_error *err);

/* Logs points, params and tags together. Since 0.1. */
MILL_API enum mill_status mill_logger_log_batch(struct mill_logger *logger,
                                                const struct mill_batch *batch,
                                                struct mill_error *err);

/* Says what the run read, as mill_client_log_inputs. Since 0.1. */
MILL_API enum mill_status mill_logger_log_inputs(struct mill_logger *logger,
                                                 const struct mill_dataset_input *datasets,
                                                 size_t dataset_count,
                                                 const struct mill_model_input *models,
                                                 size_t model_count, struct mill_error *err);

/* Stores a file, or a directory under its own name, in the directory (absent: the root) of the
 * run's artifacts. The files are copied into the spool before this returns (shared blocks where
 * the file system can), so the program may change or delete them. MILL_E_NOT_FOUND,
 * MILL_E_FULL, MILL_E_IO. Since 0.1. */
MILL_API enum mill_status mill_logger_log_artifact(struct mill_logger *logger,
                                                   struct mill_view local_path,
                                                   struct mill_view directory,
                                                   struct mill_error *err);

/* Writes what waits in memory to the spool, then waits until everything logged before this
 * call is delivered, at most timeout_ms (0: does not wait for the server). MILL_E_TIMEOUT when
 * that was not enough: nothing is lost, delivery goes on. Since 0.1. */
MILL_API enum mill_status mill_logger_flush(struct mill_logger *logger, int64_t timeout_ms,
                                            struct mill_error *err);

/* What became of what was logged; counters->size must be set. Since 0.1. */
MILL_API enum mill_status mill_logger_get_counters(struct mill_logger *logger,
                                                   struct mill_logger_counters *counters,
                                                   struct mill_error *err);

/* Ends the run with that status (0: it stays RUNNING, for another process to end) and the
 * logger: writes everything to the spool, waits at most timeout_ms for its delivery, stops the
 * threads and frees the logger, whatever it returns. MILL_E_TIMEOUT when something is left in
 * the spool, for mill_spool_sync. NULL is allowed. Since 0.1. */
MILL_API enum mill_status mill_logger_close(struct mill_logger *logger,
                                            enum mill_run_status status, int64_t timeout_ms,
                                            struct mill_error *err);

/* The same for a run that ended at that time, in milliseconds since 1970; MILL_ABSENT: now.
 * Since 0.1. */
MILL_API enum mill_status mill_logger_close_at(struct mill_logger *logger,
                                               enum mill_run_status status, int64_t end_time_ms,
                                               int64_t timeout_ms, struct mill_error *err);

#ifdef __cplusplus
}
#endif

#endif
