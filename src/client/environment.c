/* environment.c - see environment.h. */
#include "client/environment.h"

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
