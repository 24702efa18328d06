/* environment.h - the variables of the environment that a client reads, as a table: what each
 * is called, what it may hold and what it is for. docs/client-environment.md has the same rows.
 * Any thread, as long as none changes the environment meanwhile. */
#ifndef MILL_REMOTE_ENVIRONMENT_H
#define MILL_REMOTE_ENVIRONMENT_H

#include <stdbool.h>
#include <stdint.h>

#include <millstream/error.h>

enum mill_variable {
    MILL_ENV_USERNAME,
    MILL_ENV_PASSWORD,
    MILL_ENV_TOKEN,
    MILL_ENV_INSECURE_TLS,
    MILL_ENV_SERVER_CERT,
    MILL_ENV_CLIENT_CERT,
    MILL_ENV_WORKSPACE,
    MILL_ENV_TIMEOUT,
    MILL_ENV_MAX_RETRIES,
    MILL_ENV_BACKOFF,
    MILL_ENV_JITTER,
    MILL_ENV_RETRY_AFTER,
    MILL_ENV_REDIRECTS,
    MILL_ENV_SIGV4,
    MILL_ENV_AUTH,
    MILL_ENV_DATABRICKS_HOST,
    MILL_ENV_DATABRICKS_TOKEN,
    MILL_ENV_DATABRICKS_USERNAME,
    MILL_ENV_DATABRICKS_PASSWORD,
    MILL_ENV_DATABRICKS_CLIENT_ID,
    MILL_ENV_DATABRICKS_CLIENT_SECRET,
    MILL_ENV_DATABRICKS_INSECURE,
    MILL_ENV_DATABRICKS_CONFIG_FILE,
    MILL_ENV_DATABRICKS_CONFIG_PROFILE,
    MILL_ENV_AWS_ACCESS_KEY,
    MILL_ENV_AWS_SECRET_KEY,
    MILL_ENV_AWS_SESSION_TOKEN,
    MILL_ENV_AWS_PROFILE,
    MILL_ENV_AWS_DEFAULT_PROFILE,
    MILL_ENV_AWS_CREDENTIALS_FILE,
    MILL_ENV_AWS_CONFIG_FILE,
    MILL_ENV_AWS_REGION,
    MILL_ENV_AWS_DEFAULT_REGION,
    MILL_ENV_AWS_CA_BUNDLE,
    MILL_ENV_AWS_CONTAINER_PATH,
    MILL_ENV_AWS_CONTAINER_URI,
    MILL_ENV_AWS_CONTAINER_TOKEN,
    MILL_ENV_AWS_CONTAINER_TOKEN_FILE,
    MILL_ENV_AWS_METADATA_DISABLED,
    MILL_ENV_AWS_METADATA_ENDPOINT,
    MILL_ENV_AWS_METADATA_TIMEOUT,
    MILL_ENV_AWS_METADATA_ATTEMPTS,
    MILL_ENV_AWS_WEB_IDENTITY,
    MILL_ENV_AWS_ROLE,
    MILL_ENV_AWS_ROLE_SESSION,
    MILL_ENV_AWS_ENDPOINT_STS,
    MILL_ENV_S3_ENDPOINT,
    MILL_ENV_AWS_ENDPOINT_S3,
    MILL_ENV_AWS_ENDPOINT,
    MILL_ENV_S3_STYLE,
    MILL_ENV_S3_IGNORE_TLS,
    MILL_ENV_S3_EXTRA_ARGS,
    MILL_ENV_S3_OWNER,
    MILL_ENV_MULTIPART_UPLOAD,
    MILL_ENV_MULTIPART_DOWNLOAD,
    MILL_ENV_UPLOAD_LEAST,
    MILL_ENV_UPLOAD_PART,
    MILL_ENV_DOWNLOAD_PART,
    MILL_ENV_COUNT
};

enum mill_variable_kind {
    MILL_ENV_TEXT,
    MILL_ENV_FLAG,   /* true, false, 1 or 0 */
    MILL_ENV_NUMBER, /* whole */
    MILL_ENV_SECONDS /* with a fraction, read as milliseconds */
};

struct mill_variable_info {
    const char *name;
    enum mill_variable_kind kind;
    const char *fallback; /* what counts when it is unset or empty; NULL: nothing */
    int64_t least, most;  /* of a number or of seconds, in its unit */
    const char *help;     /* one line */
};

const struct mill_variable_info *mill_variable_info(enum mill_variable variable);

/* The text of a variable, NULL when it is unset or empty; the environment owns it. */
const char *mill_env_text(enum mill_variable variable);

/* The value of a variable of that kind, or what counts without it. MILL_E_INVALID names the
 * variable, what it holds and what it may hold. */
enum mill_status mill_env_flag(enum mill_variable variable, bool *out, struct mill_error *err);
enum mill_status mill_env_number(enum mill_variable variable, int64_t *out,
                                 struct mill_error *err);
enum mill_status mill_env_ms(enum mill_variable variable, int64_t *ms_out,
                             struct mill_error *err);

/* Reads true, false, 1 or 0, letters in any case; false when text is none of them. */
bool mill_flag_read(struct mill_view text, bool *out);

#endif
