/* options.c - the table of all settings: what the server can be told, in the order of --help.
 *
 * Names and variables are those of `mlflow server` where the meaning is the same. Whatever a
 * client controls has its limit here. */
#include "server/options.h"

#include "base/log.h"

#define AT(field) offsetof(struct mill_server_config, field)

#define SERVE   "What is served, and where"
#define STORAGE "Storage"
#define ACCESS  "Who may ask"
#define HOOKS   "Webhooks"
#define LOGS    "Logs"
#define LIMITS  "Limits of what clients control"
#define IGNORED "Accepted for compatibility with mlflow server, without effect"

#define HOUR_MS INT64_C(3600000)
#define GIB     (INT64_C(1) << 30)

static const char *const sync_words[] = {"full", "normal", "off", NULL};
static const char *const format_words[] = {"text", "json", NULL};
static const char *const level_words[] = {"error", "warn", "info", "debug", NULL};

#define TEXT(field_, name_, short_, env_, value_, default_, section_, help_)                   \
    {                                                                                          \
        .shown = {.name = (name_),                                                             \
                  .short_name = (short_),                                                      \
                  .env = (env_),                                                               \
                  .value = (value_),                                                           \
                  .default_text = (default_),                                                  \
                  .section = (section_),                                                       \
                  .help = (help_)},                                                            \
        .type = MILL_OPTION_TEXT, .offset = AT(field_)                                         \
    }

#define NUMBER(field_, type_, name_, env_, value_, default_, min_, max_, section_, help_)      \
    {                                                                                          \
        .shown = {.name = (name_),                                                             \
                  .env = (env_),                                                               \
                  .value = (value_),                                                           \
                  .default_text = (default_),                                                  \
                  .section = (section_),                                                       \
                  .help = (help_)},                                                            \
        .type = (type_), .min = (min_), .max = (max_), .offset = AT(field_)                    \
    }

#define SWITCH(field_, name_, negative_, env_, default_, section_, help_)                      \
    {                                                                                          \
        .shown = {.name = (name_),                                                             \
                  .negative = (negative_),                                                     \
                  .env = (env_),                                                               \
                  .default_text = (default_),                                                  \
                  .section = (section_),                                                       \
                  .help = (help_)},                                                            \
        .type = MILL_OPTION_SWITCH, .offset = AT(field_)                                       \
    }

#define CHOICE(field_, name_, env_, words_, default_, section_, help_)                         \
    {                                                                                          \
        .shown = {.name = (name_),                                                             \
                  .env = (env_),                                                               \
                  .value = "WORD",                                                             \
                  .choices = (words_),                                                         \
                  .default_text = (default_),                                                  \
                  .section = (section_),                                                       \
                  .help = (help_)},                                                            \
        .type = MILL_OPTION_CHOICE, .offset = AT(field_)                                       \
    }

#define IGNORE(name_, short_, env_, value_, help_)                                             \
    {                                                                                          \
        .shown = {.name = (name_),                                                             \
                  .short_name = (short_),                                                      \
                  .env = (env_),                                                               \
                  .value = (value_),                                                           \
                  .default_text = "",                                                          \
                  .section = IGNORED,                                                          \
                  .help = (help_),                                                             \
                  .ignored = true},                                                            \
        .type = MILL_OPTION_IGNORED                                                            \
    }

#define REFUSE(name_, env_, value_, help_)                                                     \
    {                                                                                          \
        .shown = {.name = (name_),                                                             \
                  .env = (env_),                                                               \
                  .value = (value_),                                                           \
                  .default_text = "",                                                          \
                  .section = "Not available here",                                             \
                  .help = (help_)},                                                            \
        .type = MILL_OPTION_REFUSED                                                            \
    }

static const struct mill_option_row rows[] = {
    TEXT(host, "--host", 'h', "MLFLOW_HOST", "HOST", "127.0.0.1", SERVE,
         "Address or name to listen on; 0.0.0.0 or :: for all interfaces."),
    {.shown = {.name = "--port",
               .short_name = 'p',
               .env = "MLFLOW_PORT",
               .value = "PORT",
               .default_text = "5000",
               .section = SERVE,
               .help = "TCP port; 0 takes a free one, which is printed."},
     .type = MILL_OPTION_COUNT,
     .min = 0,
     .max = 65535,
     .offset = AT(port)},
    TEXT(static_prefix, "--static-prefix", 0, "MLFLOW_STATIC_PREFIX", "PREFIX", "", SERVE,
         "Path before every route, such as /mlflow; routes also answer without it."),
    TEXT(ui_dir, "--ui-dir", 0, "MILLSTREAM_UI_DIR", "DIR", "", SERVE,
         "Directory with the files of a web page to serve, such as mlflow/server/js/build of "
         "the "
         "official Python package."),
    TEXT(backend_store_uri, "--backend-store-uri", 0, "MLFLOW_BACKEND_STORE_URI", "URI",
         "sqlite:///millstream.db", SERVE,
         "Database, sqlite:///FILE; an mlruns tree, PATH or file:PATH; or memory: for a try."),
    TEXT(default_artifact_root, "--default-artifact-root", 0, "MLFLOW_DEFAULT_ARTIFACT_ROOT",
         "URI", "", SERVE,
         "Where new experiments keep artifacts; by default through this server, or in the tree "
         "or "
         "./mlruns with --no-serve-artifacts."),
    SWITCH(serve_artifacts, "--serve-artifacts", "--no-serve-artifacts",
           "MLFLOW_SERVE_ARTIFACTS", "on", SERVE, "Store and hand out artifacts for clients."),
    TEXT(
        artifacts_destination, "--artifacts-destination", 0, "MLFLOW_ARTIFACTS_DESTINATION",
        "DIR", "", SERVE,
        "Directory of the artifacts that this server stores; by default mlartifacts beside the "
        "database, or in the working directory."),
    SWITCH(artifacts_only, "--artifacts-only", NULL, "MLFLOW_ARTIFACTS_ONLY", "off", SERVE,
           "Serve artifacts and nothing else."),
    TEXT(tls_cert, "--tls-cert", 0, "MILLSTREAM_TLS_CERT", "FILE", "", SERVE,
         "Certificate chain in PEM form; serves https together with --tls-key."),
    TEXT(tls_key, "--tls-key", 0, "MILLSTREAM_TLS_KEY", "FILE", "", SERVE,
         "Private key of the certificate in PEM form, without a passphrase."),

    CHOICE(synchronous, "--synchronous", "MILLSTREAM_SYNCHRONOUS", sync_words, "full", STORAGE,
           "When a write is answered: full, it survives a power cut; normal, a killed server."),
    NUMBER(cache_bytes, MILL_OPTION_BYTES, "--cache-size", "MILLSTREAM_CACHE_SIZE", "BYTES",
           "32M", 1 << 20, 64 * GIB, STORAGE, "Memory for what searches read."),
    NUMBER(max_queued_writes, MILL_OPTION_COUNT, "--max-queued-writes",
           "MILLSTREAM_MAX_QUEUED_WRITES", "COUNT", "16384", 1, 1 << 24, STORAGE,
           "Writes that may wait for the disk; more are answered 503."),

    TEXT(allowed_hosts, "--allowed-hosts", 0, "MLFLOW_SERVER_ALLOWED_HOSTS", "LIST", "", ACCESS,
         "Host headers to accept, commas between, with port unless there is a *; by default "
         "this machine's own and private addresses."),
    TEXT(cors_allowed_origins, "--cors-allowed-origins", 0,
         "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS", "LIST", "", ACCESS,
         "Web origins that may call the API besides local ones, commas between; * for all."),
    SWITCH(disable_security, "--disable-security-middleware", NULL,
           "MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE", "off", ACCESS,
           "Switch off the checks of Host and Origin."),
    TEXT(embed_origins, "--embed-origins", 0, "MILLSTREAM_EMBED_ORIGINS", "LIST", "", ACCESS,
         "Origins whose pages may show charts of this server in frames (?embed=1)."),
    TEXT(x_frame_options, "--x-frame-options", 0, "MLFLOW_SERVER_X_FRAME_OPTIONS", "WORD",
         "SAMEORIGIN", ACCESS, "Value of the header X-Frame-Options; NONE leaves it out."),

    TEXT(webhook_schemes, "--webhook-allowed-schemes", 0, "MLFLOW_WEBHOOK_ALLOWED_SCHEMES",
         "LIST", "https", HOOKS, "Schemes of the URLs of webhooks, commas between."),
    SWITCH(webhook_allow_private, "--webhook-allow-private", NULL,
           "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS", "off", HOOKS,
           "Let webhooks lead to this machine, private networks and the like."),
    NUMBER(webhook_timeout_ms, MILL_OPTION_SECONDS, "--webhook-timeout",
           "MLFLOW_WEBHOOK_REQUEST_TIMEOUT", "SECONDS", "30", 100, HOUR_MS, HOOKS,
           "Time that a receiver gets to answer."),
    NUMBER(webhook_retries, MILL_OPTION_COUNT, "--webhook-retries",
           "MLFLOW_WEBHOOK_REQUEST_MAX_RETRIES", "COUNT", "8", 0, 100, HOOKS,
           "How often a delivery is tried again, after 1, 2, 4 ... 60 seconds."),
    NUMBER(webhook_threads, MILL_OPTION_COUNT, "--webhook-threads",
           "MLFLOW_WEBHOOK_DELIVERY_MAX_WORKERS", "COUNT", "4", 1, 64, HOOKS,
           "Deliveries at once; each webhook gets its events one after the other."),
    TEXT(webhook_key_file, "--webhook-key-file", 0, "MILLSTREAM_WEBHOOK_KEY_FILE", "FILE", "",
         HOOKS,
         "Key that secrets of webhooks are encrypted with; made when it is missing, by default "
         "beside the database."),

    TEXT(access_log, "--access-log", 0, "MILLSTREAM_ACCESS_LOG", "FILE", "", LOGS,
         "File for a line about each request; - is the standard output."),
    CHOICE(access_log_format, "--access-log-format", "MILLSTREAM_ACCESS_LOG_FORMAT",
           format_words, "text", LOGS, "Form of these lines."),
    CHOICE(log_level, "--log-level", "MILLSTREAM_LOG_LEVEL", level_words, "warn", LOGS,
           "How much is reported on the standard error output."),
    CHOICE(log_format, "--log-format", "MILLSTREAM_LOG_FORMAT", format_words, "text", LOGS,
           "Form of these reports."),

    NUMBER(max_connections, MILL_OPTION_COUNT, "--max-connections",
           "MILLSTREAM_MAX_CONNECTIONS", "COUNT", "20000", 1, 1 << 24, LIMITS,
           "Open connections; the next ones are answered 503."),
    NUMBER(max_head_bytes, MILL_OPTION_BYTES, "--max-head-size", "MILLSTREAM_MAX_HEAD_SIZE",
           "BYTES", "64K", 1024, 1 << 20, LIMITS, "Request line and headers together."),
    NUMBER(max_headers, MILL_OPTION_COUNT, "--max-headers", "MILLSTREAM_MAX_HEADERS", "COUNT",
           "100", 8, 1000, LIMITS, "Headers of a request."),
    NUMBER(max_body_bytes, MILL_OPTION_BYTES, "--max-body-size", "MILLSTREAM_MAX_BODY_SIZE",
           "BYTES", "64M", 1024, GIB, LIMITS, "Body of an API request."),
    NUMBER(max_buffered_bytes, MILL_OPTION_BYTES, "--max-buffered-size",
           "MILLSTREAM_MAX_BUFFERED_SIZE", "BYTES", "1G", 1 << 20, 1024 * GIB, LIMITS,
           "Bodies of all large API requests that arrive at once."),
    NUMBER(max_upload_bytes, MILL_OPTION_BYTES, "--max-upload-size",
           "MILLSTREAM_MAX_UPLOAD_SIZE", "BYTES", "0", 0, INT64_MAX / 2, LIMITS,
           "One uploaded artifact; 0 is no limit."),
    NUMBER(max_event_listeners, MILL_OPTION_COUNT, "--max-event-listeners",
           "MILLSTREAM_MAX_EVENT_LISTENERS", "COUNT", "200", 0, 1 << 20, LIMITS,
           "Pages that may wait for events at once; further ones get 503."),
    NUMBER(max_part_uploads, MILL_OPTION_COUNT, "--max-multipart-uploads",
           "MILLSTREAM_MAX_MULTIPART_UPLOADS", "COUNT", "1000", 1, 1 << 20, LIMITS,
           "Artifacts that come in parts at once; the next ones are answered 503."),
    NUMBER(part_timeout_ms, MILL_OPTION_SECONDS, "--multipart-timeout",
           "MILLSTREAM_MULTIPART_TIMEOUT", "SECONDS", "86400", 1000, 30 * 24 * HOUR_MS, LIMITS,
           "Time without a new part after which such an artifact is given up."),
    NUMBER(max_requests_per_connection, MILL_OPTION_COUNT, "--max-requests-per-connection",
           "MILLSTREAM_MAX_REQUESTS_PER_CONNECTION", "COUNT", "0", 0, INT64_MAX / 2, LIMITS,
           "Requests after which a connection is closed; 0 is no limit."),
    NUMBER(max_jobs, MILL_OPTION_COUNT, "--max-jobs", "MILLSTREAM_MAX_JOBS", "COUNT", "4096", 1,
           1 << 24, LIMITS, "Reads and transfers under way or waiting; more are answered 503."),
    NUMBER(pool_threads, MILL_OPTION_COUNT, "--threads", "MILLSTREAM_THREADS", "COUNT", "4", 1,
           256, LIMITS, "Threads for reads and transfers."),
    NUMBER(head_timeout_ms, MILL_OPTION_SECONDS, "--head-timeout", "MILLSTREAM_HEAD_TIMEOUT",
           "SECONDS", "20", 10, HOUR_MS, LIMITS,
           "Time for a request's head to arrive, from its first byte."),
    NUMBER(idle_timeout_ms, MILL_OPTION_SECONDS, "--idle-timeout", "MILLSTREAM_IDLE_TIMEOUT",
           "SECONDS", "120", 10, 24 * HOUR_MS, LIMITS,
           "Time that a connection may stay open without a request."),
    NUMBER(stall_window_ms, MILL_OPTION_SECONDS, "--stall-timeout", "MILLSTREAM_STALL_TIMEOUT",
           "SECONDS", "30", 10, HOUR_MS, LIMITS,
           "A body or an answer must move --stall-bytes within this time, or is cut off."),
    NUMBER(stall_min_bytes, MILL_OPTION_BYTES, "--stall-bytes", "MILLSTREAM_STALL_BYTES",
           "BYTES", "4K", 1, 1 << 20, LIMITS, "See --stall-timeout."),
    NUMBER(stop_timeout_ms, MILL_OPTION_SECONDS, "--stop-timeout", "MILLSTREAM_STOP_TIMEOUT",
           "SECONDS", "30", 0, HOUR_MS, LIMITS,
           "Time that accepted requests get to finish when the server is told to stop."),
    NUMBER(gzip_min_bytes, MILL_OPTION_BYTES, "--gzip-min-size", "MILLSTREAM_GZIP_MIN_SIZE",
           "BYTES", "16K", 0, GIB, LIMITS,
           "Answers of at least this size are compressed for clients that take it; 0: none."),

    IGNORE("--workers", 'w', "MLFLOW_WORKERS", "COUNT", "One process serves all requests."),
    IGNORE("--registry-store-uri", 0, "MLFLOW_REGISTRY_STORE_URI", "URI",
           "Everything is in the backend store."),
    IGNORE("--read-replica-backend-store-uri", 0, "MLFLOW_READ_REPLICA_BACKEND_STORE_URI",
           "URI", "Reads do not wait for writes here."),
    IGNORE("--gunicorn-opts", 0, "MLFLOW_GUNICORN_OPTS", "TEXT", "There is no gunicorn."),
    IGNORE("--waitress-opts", 0, NULL, "TEXT", "There is no waitress."),
    IGNORE("--uvicorn-opts", 0, "MLFLOW_UVICORN_OPTS", "TEXT", "There is no uvicorn."),
    IGNORE("--expose-prometheus", 0, "MLFLOW_EXPOSE_PROMETHEUS", "DIR",
           "/metrics is always there."),
    IGNORE("--dev", 0, NULL, NULL, "There is nothing to reload."),
    IGNORE("--trace-archival-config", 0, "MLFLOW_TRACE_ARCHIVAL_CONFIG", "FILE",
           "Traces are not archived."),
    IGNORE("--secrets-cache-ttl", 0, NULL, "SECONDS", "There are no gateway secrets."),
    IGNORE("--secrets-cache-max-size", 0, NULL, "COUNT", "There are no gateway secrets."),
    IGNORE("--disable-workspaces", 0, NULL, NULL, "There are no workspaces."),

    REFUSE("--app-name", NULL, "NAME", "There is no basic-auth yet: nothing would be guarded."),
    REFUSE("--enable-workspaces", NULL, NULL, "There are no workspaces."),
    REFUSE("--workspace-store-uri", "MLFLOW_WORKSPACE_STORE_URI", "URI",
           "There are no workspaces."),

    {.shown = {.name = "--help",
               .default_text = "off",
               .section = "Help",
               .help = "Print this list and exit."},
     .type = MILL_OPTION_SWITCH,
     .offset = AT(help)},
};

const struct mill_option_row *mill_option_rows(size_t *count_out)
{
    *count_out = MILL_COUNT(rows);
    return rows;
}

const struct mill_server_option *mill_server_option_at(size_t index)
{
    return index < MILL_COUNT(rows) ? &rows[index].shown : NULL;
}
