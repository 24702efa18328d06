/* environment.c - see environment.h. */
#include "remote/environment.h"

#include <stdlib.h>

#include "base/view.h"

static const struct mill_variable_info infos[MILL_ENV_COUNT] = {
    [MILL_ENV_USERNAME] = {.name = "MLFLOW_TRACKING_USERNAME",
                           .help = "with the password: basic authentication at a server"},
    [MILL_ENV_PASSWORD] = {.name = "MLFLOW_TRACKING_PASSWORD", .help = "see the username"},
    [MILL_ENV_TOKEN] = {.name = "MLFLOW_TRACKING_TOKEN",
                        .help = "bearer token, where there is no username with a password"},
    [MILL_ENV_INSECURE_TLS] = {.name = "MLFLOW_TRACKING_INSECURE_TLS",
                               .kind = MILL_ENV_FLAG,
                               .fallback = "false",
                               .help = "true: talk to a server whoever it is"},
    [MILL_ENV_SERVER_CERT] = {.name = "MLFLOW_TRACKING_SERVER_CERT_PATH",
                              .help = "PEM file, or directory of hashed certificates, to trust "
                                      "in place of the system's"},
    [MILL_ENV_CLIENT_CERT] = {.name = "MLFLOW_TRACKING_CLIENT_CERT_PATH",
                              .help = "PEM file with certificate and key to show to a server"},
    [MILL_ENV_WORKSPACE] = {.name = "MLFLOW_WORKSPACE",
                            .help = "workspace of a server that has several"},
    [MILL_ENV_TIMEOUT] = {.name = "MLFLOW_HTTP_REQUEST_TIMEOUT",
                          .kind = MILL_ENV_NUMBER,
                          .fallback = "120",
                          .least = 1,
                          .most = 86400,
                          .help =
                              "seconds to connect, and for each silence; an answer may take "
                              "ten times as long in all"},
    [MILL_ENV_MAX_RETRIES] = {.name = "MLFLOW_HTTP_REQUEST_MAX_RETRIES",
                              .kind = MILL_ENV_NUMBER,
                              .fallback = "7",
                              .least = 0,
                              .most = 9,
                              .help = "how often a request is repeated, if that is harmless"},
    [MILL_ENV_BACKOFF] = {.name = "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR",
                          .kind = MILL_ENV_SECONDS,
                          .fallback = "2",
                          .least = 0,
                          .most = 119999,
                          .help = "seconds; the first repetition comes at once, the nth waits "
                                  "factor * 2^(n-1), at most 120 s"},
    [MILL_ENV_JITTER] = {.name = "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER",
                         .kind = MILL_ENV_SECONDS,
                         .fallback = "1.0",
                         .least = 0,
                         .most = 120000,
                         .help = "seconds; each wait is longer by a random part of them"},
    [MILL_ENV_RETRY_AFTER] = {.name = "MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER",
                              .kind = MILL_ENV_FLAG,
                              .fallback = "true",
                              .help = "wait as long as the server asks for, at most 120 s"},
    [MILL_ENV_REDIRECTS] = {.name = "MLFLOW_ALLOW_HTTP_REDIRECTS",
                            .kind = MILL_ENV_FLAG,
                            .fallback = "true",
                            .help = "follow up to five redirections, never with credentials to "
                                    "another host, never from https to http"},
    [MILL_ENV_SIGV4] = {.name = "MLFLOW_TRACKING_AWS_SIGV4",
                        .kind = MILL_ENV_FLAG,
                        .fallback = "false",
                        .help = "refused when true: not supported"},
    [MILL_ENV_AUTH] = {.name = "MLFLOW_TRACKING_AUTH",
                       .help = "refused when set: plug-ins in Python are not supported"},
    [MILL_ENV_DATABRICKS_HOST] = {.name = "DATABRICKS_HOST",
                                  .help = "workspace of the URI `databricks`"},
    [MILL_ENV_DATABRICKS_TOKEN] = {.name = "DATABRICKS_TOKEN",
                                   .help = "access token for that workspace"},
    [MILL_ENV_DATABRICKS_USERNAME] = {.name = "DATABRICKS_USERNAME",
                                      .help = "with the password: basic authentication there"},
    [MILL_ENV_DATABRICKS_PASSWORD] = {.name = "DATABRICKS_PASSWORD",
                                      .help = "see the username"},
    [MILL_ENV_DATABRICKS_CLIENT_ID] = {.name = "DATABRICKS_CLIENT_ID",
                                       .help = "with the secret: a service principal, whose "
                                               "tokens are fetched from the workspace"},
    [MILL_ENV_DATABRICKS_CLIENT_SECRET] = {.name = "DATABRICKS_CLIENT_SECRET",
                                           .help = "see the client id"},
    [MILL_ENV_DATABRICKS_INSECURE] = {.name = "DATABRICKS_INSECURE",
                                      .kind = MILL_ENV_FLAG,
                                      .fallback = "false",
                                      .help = "true: talk to that workspace whoever it is"},
    [MILL_ENV_DATABRICKS_CONFIG_FILE] = {.name = "DATABRICKS_CONFIG_FILE",
                                         .fallback = "~/.databrickscfg",
                                         .help = "where profiles are looked up"},
    [MILL_ENV_DATABRICKS_CONFIG_PROFILE] = {.name = "DATABRICKS_CONFIG_PROFILE",
                                            .help = "profile of the URI `databricks`; goes "
                                                    "before the variables above"},
    [MILL_ENV_AWS_ACCESS_KEY] = {.name = "AWS_ACCESS_KEY_ID",
                                 .help = "with the secret key: who signs requests to S3"},
    [MILL_ENV_AWS_SECRET_KEY] = {.name = "AWS_SECRET_ACCESS_KEY", .help = "see the access key"},
    [MILL_ENV_AWS_SESSION_TOKEN] = {.name = "AWS_SESSION_TOKEN",
                                    .help = "belongs to keys that expire"},
    [MILL_ENV_AWS_PROFILE] = {.name = "AWS_PROFILE",
                              .help = "profile in the two files below; `default` otherwise"},
    [MILL_ENV_AWS_DEFAULT_PROFILE] = {.name = "AWS_DEFAULT_PROFILE",
                                      .help = "the same, when AWS_PROFILE is unset"},
    [MILL_ENV_AWS_CREDENTIALS_FILE] = {.name = "AWS_SHARED_CREDENTIALS_FILE",
                                       .fallback = "~/.aws/credentials",
                                       .help = "keys of profiles"},
    [MILL_ENV_AWS_CONFIG_FILE] = {.name = "AWS_CONFIG_FILE",
                                  .fallback = "~/.aws/config",
                                  .help = "region, endpoint_url and keys of profiles"},
    [MILL_ENV_AWS_REGION] = {.name = "AWS_REGION",
                             .help = "region of buckets; else the profile's, else us-east-1"},
    [MILL_ENV_AWS_DEFAULT_REGION] = {.name = "AWS_DEFAULT_REGION",
                                     .help = "the same, when AWS_REGION is unset"},
    [MILL_ENV_AWS_CA_BUNDLE] = {.name = "AWS_CA_BUNDLE",
                                .help = "PEM file, or directory of hashed certificates, that "
                                        "S3 services are trusted by"},
    [MILL_ENV_AWS_CONTAINER_PATH] = {.name = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                                     .help = "keys are fetched there from the container "
                                             "service at 169.254.170.2"},
    [MILL_ENV_AWS_CONTAINER_URI] = {.name = "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                                    .help =
                                        "keys are fetched there; without TLS only from this "
                                        "machine and the container services"},
    [MILL_ENV_AWS_CONTAINER_TOKEN] = {.name = "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                                      .help = "Authorization header of that request"},
    [MILL_ENV_AWS_CONTAINER_TOKEN_FILE] = {.name = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                                           .help = "file with that header, read each time"},
    [MILL_ENV_AWS_METADATA_DISABLED] = {.name = "AWS_EC2_METADATA_DISABLED",
                                        .kind = MILL_ENV_FLAG,
                                        .fallback = "false",
                                        .help = "true: no keys from the instance's metadata"},
    [MILL_ENV_AWS_METADATA_ENDPOINT] = {.name = "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                                        .fallback = "http://169.254.169.254",
                                        .help = "where an instance's metadata is"},
    [MILL_ENV_AWS_METADATA_TIMEOUT] = {.name = "AWS_METADATA_SERVICE_TIMEOUT",
                                       .kind = MILL_ENV_NUMBER,
                                       .fallback = "1",
                                       .least = 1,
                                       .most = 60,
                                       .help = "seconds that container and metadata may take"},
    [MILL_ENV_AWS_METADATA_ATTEMPTS] = {.name = "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
                                        .kind = MILL_ENV_NUMBER,
                                        .fallback = "1",
                                        .least = 1,
                                        .most = 10,
                                        .help = "how often they are asked when they fail"},
    [MILL_ENV_AWS_WEB_IDENTITY] = {.name = "AWS_WEB_IDENTITY_TOKEN_FILE",
                                   .help = "file with a token of this program's identity, for "
                                           "which keys of a role are fetched; read each time"},
    [MILL_ENV_AWS_ROLE] = {.name = "AWS_ROLE_ARN", .help = "that role"},
    [MILL_ENV_AWS_ROLE_SESSION] = {.name = "AWS_ROLE_SESSION_NAME",
                                   .fallback = "millstream",
                                   .help = "what its use is called in logs of the account"},
    [MILL_ENV_AWS_ENDPOINT_STS] = {.name = "AWS_ENDPOINT_URL_STS",
                                   .help = "where they are fetched, other than Amazon's; else "
                                           "AWS_ENDPOINT_URL"},
    [MILL_ENV_S3_ENDPOINT] = {.name = "MLFLOW_S3_ENDPOINT_URL",
                              .help = "S3 service other than Amazon's, `https://host:9000`"},
    [MILL_ENV_AWS_ENDPOINT_S3] = {.name = "AWS_ENDPOINT_URL_S3",
                                  .help = "the same, when that is unset"},
    [MILL_ENV_AWS_ENDPOINT] = {.name = "AWS_ENDPOINT_URL",
                               .help = "the same, when both are unset"},
    [MILL_ENV_S3_STYLE] = {.name = "MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE",
                           .fallback = "auto",
                           .help = "path: host/bucket; virtual: bucket.host; auto: path at an "
                                   "endpoint of one's own and for buckets with dots"},
    [MILL_ENV_S3_IGNORE_TLS] = {.name = "MLFLOW_S3_IGNORE_TLS",
                                .kind = MILL_ENV_FLAG,
                                .fallback = "false",
                                .help = "true: talk to an S3 service whoever it is"},
    [MILL_ENV_S3_EXTRA_ARGS] = {.name = "MLFLOW_S3_UPLOAD_EXTRA_ARGS",
                                .help = "JSON object: what is said of new objects, such as "
                                        "ServerSideEncryption, SSEKMSKeyId, ACL, StorageClass"},
    [MILL_ENV_S3_OWNER] = {.name = "MLFLOW_S3_EXPECTED_BUCKET_OWNER",
                           .help = "account that each bucket must belong to"},
    [MILL_ENV_MULTIPART_UPLOAD] = {.name = "MLFLOW_ENABLE_MULTIPART_UPLOAD",
                                   .kind = MILL_ENV_FLAG,
                                   .fallback = "true",
                                   .help = "false: files up to 5 GiB go to S3 in one piece"},
    [MILL_ENV_MULTIPART_DOWNLOAD] = {.name = "MLFLOW_ENABLE_MULTIPART_DOWNLOAD",
                                     .kind = MILL_ENV_FLAG,
                                     .fallback = "true",
                                     .help = "false: objects of S3 come in one piece"},
    [MILL_ENV_UPLOAD_LEAST] = {.name = "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE",
                               .kind = MILL_ENV_NUMBER,
                               .fallback = "16777216",
                               .least = 1,
                               .most = INT64_MAX,
                               .help = "bytes from which on files go to S3 in parts"},
    [MILL_ENV_UPLOAD_PART] = {.name = "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE",
                              .kind = MILL_ENV_NUMBER,
                              .fallback = "10485760",
                              .least = 5242880,
                              .most = 5368709120,
                              .help = "bytes of such a part, more where 10,000 would not do"},
    [MILL_ENV_DOWNLOAD_PART] = {.name = "MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE",
                                .kind = MILL_ENV_NUMBER,
                                .fallback = "33554432",
                                .least = 1,
                                .most = INT64_MAX,
                                .help =
                                    "bytes of the parts in which larger objects of S3 come"},
};

const struct mill_variable_info *mill_variable_info(enum mill_variable variable)
{
    return &infos[variable];
}

const char *mill_env_text(enum mill_variable variable)
{
    const char *value = getenv(infos[variable].name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* What counts: the variable's text, or its fallback. */
static struct mill_view effective(const struct mill_variable_info *info)
{
    const char *value = getenv(info->name);
    return mill_view_of(value != NULL && value[0] != '\0' ? value : info->fallback);
}

bool mill_flag_read(struct mill_view text, bool *out)
{
    static const struct {
        const char *text;
        bool value;
    } words[] = {{"true", true}, {"1", true}, {"false", false}, {"0", false}};
    for (size_t i = 0; i < MILL_COUNT(words); i++)
        if (mill_view_eq_nocase(text, mill_view_of(words[i].text))) {
            *out = words[i].value;
            return true;
        }
    return false;
}

enum mill_status mill_env_flag(enum mill_variable variable, bool *out, struct mill_error *err)
{
    const struct mill_variable_info *info = &infos[variable];
    struct mill_view text = effective(info);
    if (mill_flag_read(text, out))
        return MILL_OK;
    return mill_fail(err, MILL_E_INVALID, "%s is '%.*s'; it must be true or false", info->name,
                     MILL_FMT(text));
}

enum mill_status mill_env_number(enum mill_variable variable, int64_t *out,
                                 struct mill_error *err)
{
    const struct mill_variable_info *info = &infos[variable];
    struct mill_view text = effective(info);
    int64_t value;
    if (!mill_view_int(text, &value) || value < info->least || value > info->most)
        return mill_fail(
            err, MILL_E_INVALID, "%s is '%.*s'; it must be a whole number from %lld to %lld",
            info->name, MILL_FMT(text), (long long)info->least, (long long)info->most);
    *out = value;
    return MILL_OK;
}

/* "1", "1.5" or ".25" of seconds as milliseconds; further digits count for nothing. */
static bool read_ms(struct mill_view text, int64_t *ms_out)
{
    struct mill_view whole, fraction = mill_view_cut(text, '.', &whole);
    int64_t seconds = 0, ms = 0;
    if (whole.len + fraction.len == 0 || whole.len > 9)
        return false;
    if (whole.len > 0 && !mill_view_int(whole, &seconds))
        return false;
    for (size_t i = 0; i < fraction.len || i < 3; i++) {
        char c = i < fraction.len ? fraction.ptr[i] : '0';
        if (c < '0' || c > '9')
            return false;
        if (i < 3)
            ms = ms * 10 + (c - '0');
    }
    if (seconds < 0 || text.ptr[0] == '-')
        return false;
    *ms_out = seconds * 1000 + ms;
    return true;
}

enum mill_status mill_env_ms(enum mill_variable variable, int64_t *ms_out,
                             struct mill_error *err)
{
    const struct mill_variable_info *info = &infos[variable];
    struct mill_view text = effective(info);
    int64_t ms;
    if (!read_ms(text, &ms) || ms < info->least || ms > info->most)
        return mill_fail(err, MILL_E_INVALID,
                         "%s is '%.*s'; it must be a number of seconds from %lld to %lld",
                         info->name, MILL_FMT(text), (long long)info->least / 1000,
                         (long long)info->most / 1000);
    *ms_out = ms;
    return MILL_OK;
}
