/* remote_options.c - the tracking URI and the environment of a client. */
#include "remote/remote_options.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/codec.h"
#include "base/view.h"
#include "remote/config_file.h"
#include "remote/environment.h"

/* --- the URI ---------------------------------------------------------------------------- */

/* A copy with percent codes undone, NULL when memory is out. */
static const char *decoded(struct mill_view text, struct mill_arena *arena)
{
    struct mill_view plain = mill_percent_decode(text, false, arena);
    return plain.ptr != NULL ? mill_arena_cstr(arena, plain) : NULL;
}

/* 127.0.0.0/8 in numbers. A name may begin like one. */
static bool is_loopback_number(struct mill_view host)
{
    for (size_t i = 0; i < host.len; i++)
        if (host.ptr[i] != '.' && (host.ptr[i] < '0' || host.ptr[i] > '9'))
            return false;
    return mill_view_starts(host, MILL_VIEW("127."));
}

bool mill_is_loopback(struct mill_view authority)
{
    struct mill_view host;
    mill_view_cut(authority, ':', &host);
    return mill_view_eq_nocase(host, MILL_VIEW("localhost")) || is_loopback_number(host) ||
           mill_view_eq(authority, MILL_VIEW("[::1]")) ||
           mill_view_starts(authority, MILL_VIEW("[::1]:"));
}

/* Splits scheme://[user[:password]@]host[:port][/prefix] into base and credentials. Messages
 * show what stands behind the credentials. */
static enum mill_status split_uri(struct mill_remote_options *options, struct mill_view uri,
                                  struct mill_arena *arena, struct mill_error *err)
{
    struct mill_view scheme, authority, user, rest = mill_view_cut(uri, ':', &scheme);
    rest = mill_view_from(rest, 2);
    while (mill_view_ends(rest, MILL_VIEW("/")))
        rest.len--;
    struct mill_view path = mill_view_cut(rest, '/', &authority);
    const char *at = memrchr(authority.ptr, '@', authority.len);
    if (at != NULL) {
        user = (struct mill_view){authority.ptr, (size_t)(at - authority.ptr)};
        authority = mill_view_from(authority, user.len + 1);
        struct mill_view name, password = mill_view_cut(user, ':', &name);
        options->username = decoded(name, arena);
        options->password = decoded(password.ptr != NULL ? password : MILL_VIEW(""), arena);
        if (options->username == NULL || options->password == NULL)
            return mill_no_memory(err);
    }
    if (mill_view_empty(authority))
        return mill_fail(err, MILL_E_INVALID, "the tracking URI %.*s://... names no host",
                         MILL_FMT(scheme));
    if (memchr(uri.ptr, '?', uri.len) != NULL || memchr(uri.ptr, '#', uri.len) != NULL)
        return mill_fail(
            err, MILL_E_INVALID,
            "the tracking URI %.*s://%.*s... must end with its path: no '?' or '#'",
            MILL_FMT(scheme), MILL_FMT(mill_utf8_prefix(authority, 100)));
    options->loopback = mill_is_loopback(authority);
    options->base =
        mill_arena_printf(arena, "%.*s://%.*s%s%.*s", MILL_FMT(scheme), MILL_FMT(authority),
                          mill_view_empty(path) ? "" : "/", MILL_FMT(path))
            .ptr;
    return options->base != NULL ? MILL_OK : mill_no_memory(err);
}

/* --- credentials ------------------------------------------------------------------------ */

/* What the environment and the URI leave open, from the user's file. */
static enum mill_status read_credentials_file(const char **username, const char **password,
                                              struct mill_arena *arena, struct mill_error *err)
{
    const char *file_username, *file_password;
    const struct mill_config_key keys[] = {{"mlflow_tracking_username", &file_username},
                                           {"mlflow_tracking_password", &file_password}};
    struct mill_config_file file;
    bool found;
    enum mill_status st = mill_config_file_read("~/.mlflow/credentials", arena, &file, err);
    if (st == MILL_OK)
        st = mill_config_file_section(&file, MILL_VIEW("mlflow"), keys, MILL_COUNT(keys), arena,
                                      &found, err);
    if (st != MILL_OK)
        return st;
    if (*username == NULL)
        *username = file_username;
    if (*password == NULL)
        *password = file_password;
    return MILL_OK;
}

/* The environment's credentials count before those of the URI, these before the file's; a
 * username with its password before a token. */
static enum mill_status read_credentials(struct mill_remote_options *options,
                                         struct mill_arena *arena, struct mill_error *err)
{
    const char *username = mill_env_text(MILL_ENV_USERNAME);
    const char *password = mill_env_text(MILL_ENV_PASSWORD);
    bool in_uri = options->username != NULL;
    if (!in_uri && (username == NULL || password == NULL)) {
        enum mill_status st = read_credentials_file(&username, &password, arena, err);
        if (st != MILL_OK)
            return st;
    }
    if (username != NULL && password != NULL) {
        options->username = username;
        options->password = password;
    } else if (!in_uri) {
        options->token = mill_env_text(MILL_ENV_TOKEN);
    }
    return MILL_OK;
}

/* Better no request than one without the authentication that was asked for. */
static enum mill_status refuse_unsupported(struct mill_error *err)
{
    bool sign = false;
    enum mill_status st = mill_env_flag(MILL_ENV_SIGV4, &sign, err);
    if (st != MILL_OK)
        return st;
    if (sign || mill_env_text(MILL_ENV_AUTH) != NULL)
        return mill_fail(
            err, MILL_E_UNSUPPORTED,
            "%s asks for a way to authenticate that is not supported: unset it and "
            "use a token, or a username and password",
            mill_variable_info(sign ? MILL_ENV_SIGV4 : MILL_ENV_AUTH)->name);
    return MILL_OK;
}

/* --- what is common to all URIs --------------------------------------------------------- */

static enum mill_status read_patience(struct mill_remote_options *options,
                                      struct mill_error *err)
{
    int64_t timeout_s = 0, max_retries = 0;
    options->ca_variable = mill_variable_info(MILL_ENV_SERVER_CERT)->name;
    enum mill_status st = mill_env_number(MILL_ENV_TIMEOUT, &timeout_s, err);
    if (st == MILL_OK)
        st = mill_env_number(MILL_ENV_MAX_RETRIES, &max_retries, err);
    if (st == MILL_OK)
        st = mill_env_ms(MILL_ENV_BACKOFF, &options->backoff_ms, err);
    if (st == MILL_OK)
        st = mill_env_ms(MILL_ENV_JITTER, &options->jitter_ms, err);
    if (st == MILL_OK)
        st = mill_env_flag(MILL_ENV_RETRY_AFTER, &options->retry_after, err);
    if (st == MILL_OK)
        st = mill_env_flag(MILL_ENV_REDIRECTS, &options->redirects, err);
    options->timeout_s = (long)timeout_s;
    options->max_retries = (int)max_retries;
    return st;
}

/* libcurl says of such a file that something is wrong with certificates, not what. */
static enum mill_status check_file(enum mill_variable variable, bool *directory_out,
                                   struct mill_error *err)
{
    struct stat info;
    const char *path = mill_env_text(variable);
    if (path == NULL)
        return MILL_OK;
    if (stat(path, &info) != 0 || access(path, R_OK) != 0)
        return mill_fail(err, MILL_E_INVALID, "%s is '%s', which cannot be read: %s",
                         mill_variable_info(variable)->name, path, strerror(errno));
    *directory_out = S_ISDIR(info.st_mode);
    return MILL_OK;
}

static enum mill_status read_certificates(struct mill_remote_options *options,
                                          struct mill_error *err)
{
    bool ignored;
    options->ca_path = mill_env_text(MILL_ENV_SERVER_CERT);
    options->cert_file = mill_env_text(MILL_ENV_CLIENT_CERT);
    enum mill_status st = check_file(MILL_ENV_SERVER_CERT, &options->ca_directory, err);
    return st == MILL_OK ? check_file(MILL_ENV_CLIENT_CERT, &ignored, err) : st;
}

/* A text that becomes a header must not end it. The text itself is not shown: it is secret. */
static enum mill_status check_header_texts(const struct mill_remote_options *options,
                                           struct mill_error *err)
{
    const struct {
        const char *what, *text;
    } texts[] = {{"username", options->username},
                 {"password", options->password},
                 {"token", options->token},
                 {"client id", options->client_id},
                 {"client secret", options->client_secret},
                 {"workspace", options->workspace},
                 {"user agent", options->user_agent}};
    for (size_t i = 0; i < MILL_COUNT(texts); i++)
        for (const char *c = texts[i].text; c != NULL && *c != '\0'; c++)
            if ((unsigned char)*c < ' ' || *c == 0x7f)
                return mill_fail(err, MILL_E_INVALID,
                                 "the %s for %s holds a control character, perhaps a line end "
                                 "of the file that it came from",
                                 texts[i].what, options->base);
    return MILL_OK;
}

/* The environment may change later, so what was found is copied. */
static enum mill_status keep(struct mill_remote_options *options, struct mill_arena *arena,
                             struct mill_error *err)
{
    const char **kept[] = {&options->username,  &options->password,      &options->token,
                           &options->client_id, &options->client_secret, &options->ca_path,
                           &options->cert_file, &options->workspace};
    for (size_t i = 0; i < MILL_COUNT(kept); i++) {
        if (*kept[i] == NULL)
            continue;
        *kept[i] = mill_arena_cstr(arena, mill_view_of(*kept[i]));
        if (*kept[i] == NULL)
            return mill_no_memory(err);
    }
    return MILL_OK;
}

static enum mill_status make_user_agent(struct mill_remote_options *options,
                                        struct mill_view user_agent, struct mill_arena *arena,
                                        struct mill_error *err)
{
    options->user_agent =
        mill_arena_printf(arena, "%.*s%smillstream/%s", MILL_FMT(user_agent),
                          mill_view_empty(user_agent) ? "" : " ", MILL_VERSION)
            .ptr;
    return options->user_agent != NULL ? check_header_texts(options, err) : mill_no_memory(err);
}

enum mill_status mill_remote_options_complete(struct mill_remote_options *options,
                                              struct mill_view user_agent,
                                              struct mill_arena *arena, struct mill_error *err)
{
    enum mill_status st = read_patience(options, err);
    if (st == MILL_OK)
        st = read_certificates(options, err);
    if (st == MILL_OK)
        st = make_user_agent(options, user_agent, arena, err);
    return st == MILL_OK ? keep(options, arena, err) : st;
}

enum mill_status mill_remote_options_address(struct mill_remote_options *options,
                                             struct mill_view uri, struct mill_view user_agent,
                                             struct mill_arena *arena, struct mill_error *err)
{
    memset(options, 0, sizeof(*options));
    enum mill_status st = split_uri(options, uri, arena, err);
    if (st == MILL_OK)
        st = read_patience(options, err);
    return st == MILL_OK ? make_user_agent(options, user_agent, arena, err) : st;
}

/* --- http(s) ---------------------------------------------------------------------------- */

enum mill_status mill_remote_options_read(struct mill_remote_options *options,
                                          struct mill_view uri, struct mill_view user_agent,
                                          struct mill_arena *arena, struct mill_error *err)
{
    memset(options, 0, sizeof(*options));
    enum mill_status st = split_uri(options, uri, arena, err);
    if (st == MILL_OK)
        st = refuse_unsupported(err);
    if (st == MILL_OK)
        st = read_credentials(options, arena, err);
    if (st == MILL_OK)
        st = mill_env_flag(MILL_ENV_INSECURE_TLS, &options->insecure_tls, err);
    if (st != MILL_OK)
        return st;
    if (options->insecure_tls && mill_env_text(MILL_ENV_SERVER_CERT) != NULL)
        return mill_fail(err, MILL_E_INVALID,
                         "MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH "
                         "contradict each other: unset one");
    options->workspace = mill_env_text(MILL_ENV_WORKSPACE);
    if (options->workspace != NULL && strlen(options->workspace) > MILL_WORKSPACE_MAX)
        return mill_fail(err, MILL_E_INVALID, "MLFLOW_WORKSPACE is longer than %d bytes",
                         MILL_WORKSPACE_MAX);
    return mill_remote_options_complete(options, user_agent, arena, err);
}
