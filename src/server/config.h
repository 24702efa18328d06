/* config.h - the settings of a server: one table of options, read from the command line and
 * the environment, printed by --help. */
#ifndef MILL_SERVER_CONFIG_H
#define MILL_SERVER_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include <millstream/server.h>

#include "base/arena.h"

enum mill_log_format { MILL_FORMAT_TEXT, MILL_FORMAT_JSON };

/* Texts are never absent; "not given" is empty. Times are milliseconds. A limit of 0 means
 * no limit only where it says so. */
struct mill_server_config {
    /* where and what is served */
    struct mill_view host;
    int64_t port;                   /* 0: any free one */
    struct mill_view static_prefix; /* "" or "/mlflow" */
    struct mill_view backend_store_uri;
    struct mill_view default_artifact_root; /* never empty after parse */
    struct mill_view artifacts_destination;
    struct mill_view ui_dir; /* files of pages; empty: none */
    bool serve_artifacts;
    bool artifacts_only;

    /* storage */
    int64_t synchronous; /* as mill_store_options.synchronous */
    int64_t cache_bytes;
    int64_t max_queued_writes;

    /* who may ask */
    struct mill_view allowed_hosts;        /* comma list; empty: the default rule */
    struct mill_view cors_allowed_origins; /* comma list */
    bool disable_security;
    struct mill_view embed_origins;   /* of pages that may show ours in frames; list */
    struct mill_view x_frame_options; /* upper case; "NONE": no header */

    /* webhooks */
    struct mill_view webhook_key_file; /* empty: beside the database */
    struct mill_view webhook_schemes;  /* comma list */
    bool webhook_allow_private;
    int64_t webhook_timeout_ms;
    int64_t webhook_retries;
    int64_t webhook_threads;

    /* TLS: both or neither */
    struct mill_view tls_cert;
    struct mill_view tls_key;

    /* logs */
    struct mill_view access_log; /* file, "-" standard output; empty: none */
    int64_t access_log_format;   /* enum mill_log_format */
    int64_t log_level;           /* enum mill_log_level */
    int64_t log_format;          /* enum mill_log_format */

    /* limits of what clients control */
    int64_t max_connections;
    int64_t max_head_bytes;
    int64_t max_headers;
    int64_t max_body_bytes;              /* of requests that are read as a whole */
    int64_t max_buffered_bytes;          /* of all such bodies together */
    int64_t max_upload_bytes;            /* of artifact uploads; 0: no limit */
    int64_t max_event_listeners;         /* of GET events at once */
    int64_t max_part_uploads;            /* files that come in parts at once */
    int64_t part_timeout_ms;             /* without a new part, until one is given up */
    int64_t max_requests_per_connection; /* 0: no limit */
    int64_t max_jobs;                    /* reads and transfers that run or wait on the pool */
    int64_t pool_threads;
    int64_t head_timeout_ms;
    int64_t idle_timeout_ms;
    int64_t stall_window_ms; /* a body or an answer must move ... */
    int64_t stall_min_bytes; /* ... this many bytes in each window */
    int64_t stop_timeout_ms;
    int64_t gzip_min_bytes; /* 0: never compress */

    bool help; /* --help was given: nothing else counts */
};

/* Reads options behind argv[0] over the environment over the defaults. Texts point into argv,
 * the environment and arena. Options that have no meaning here are named in a list of
 * NUL-terminated texts, *notes_out (in arena, ends with NULL). MILL_E_INVALID names the
 * option or variable, what came and what is allowed. */
enum mill_status mill_server_config_parse(int argc, char **argv, struct mill_arena *arena,
                                          struct mill_server_config *out,
                                          const char *const **notes_out,
                                          struct mill_error *err);

/* Whether the backend store is an mlruns tree, whose runs may have their files in it. */
bool mill_server_keeps_tree(const struct mill_server_config *config);

/* The defaults alone. */
void mill_server_config_defaults(struct mill_server_config *out);

#endif
