/* remote_options.c - the tracking URI and the environment of a client. */
#include "client/remote_options.h"

#include <stdlib.h>

#include "base/codec.h"
#include "base/view.h"

/* A number of the environment that has a range. */
struct number {
    const char *name;
    int64_t fallback, least, most;
};

static const struct number timeout = {"MLFLOW_HTTP_REQUEST_TIMEOUT", 120, 1, 86400};
static const struct number retries = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES", 7, 0, 9};
static const struct number backoff = {"MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", 2, 0, 119};

/* The variable's text, NULL when unset or empty. */
static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

static enum mill_status read_number(const struct number *n, int64_t *out,
                                    struct mill_error *err)
{
    const char *text = variable(n->name);
    int64_t value = n->fallback;
    if (text != NULL &&
        (!mill_view_int(mill_view_of(text), &value) || value < n->least || value > n->most))
        return mill_fail(err, MILL_E_INVALID,
                         "%s is '%s'; it must be a whole number from %lld to %lld", n->name,
                         text, (long long)n->least, (long long)n->most);
    *out = value;
    return MILL_OK;
}

static enum mill_status read_flag(const char *name, bool *out, struct mill_error *err)
{
    struct mill_view text = mill_view_of(variable(name));
    *out = false;
    if (mill_view_empty(text) || mill_view_eq_nocase(text, MILL_VIEW("false")) ||
        mill_view_eq(text, MILL_VIEW("0")))
        return MILL_OK;
    if (!mill_view_eq_nocase(text, MILL_VIEW("true")) && !mill_view_eq(text, MILL_VIEW("1")))
        return mill_fail(err, MILL_E_INVALID, "%s is '%.*s'; it must be true or false", name,
                         MILL_FMT(text));
    *out = true;
    return MILL_OK;
}

/* A copy with percent codes undone, NULL when memory is out. */
static const char *decoded(struct mill_view text, struct mill_arena *arena)
{
    struct mill_view plain = mill_percent_decode(text, false, arena);
    return plain.ptr != NULL ? mill_arena_cstr(arena, plain) : NULL;
}

/* Whether host[:port] is this machine. */
static bool is_loopback(struct mill_view authority)
{
    struct mill_view host;
    mill_view_cut(authority, ':', &host);
    return mill_view_eq_nocase(host, MILL_VIEW("localhost")) ||
           mill_view_starts(host, MILL_VIEW("127.")) ||
           mill_view_starts(authority, MILL_VIEW("[::1]"));
}

/* Splits scheme://[user[:password]@]host[:port][/prefix] into base and credentials. */
static enum mill_status split_uri(struct mill_remote_options *options, struct mill_view uri,
                                  struct mill_arena *arena, struct mill_error *err)
{
    struct mill_view scheme, authority, user, rest = mill_view_cut(uri, ':', &scheme);
    rest = mill_view_from(rest, 2);
    while (mill_view_ends(rest, MILL_VIEW("/")))
        rest.len--;
    struct mill_view path = mill_view_cut(rest, '/', &authority);
    if (memchr(uri.ptr, '?', uri.len) != NULL || memchr(uri.ptr, '#', uri.len) != NULL)
        return mill_fail(err, MILL_E_INVALID,
                         "tracking URI '%.*s' must end with its path: no '?' or '#'",
                         MILL_FMT(uri));
    const char *at = memrchr(authority.ptr, '@', authority.len);
    if (at != NULL) {
        user = (struct mill_view){authority.ptr, (size_t)(at - authority.ptr)};
        authority = mill_view_from(authority, user.len + 1);
        struct mill_view name, password = mill_view_cut(user, ':', &name);
        options->username = decoded(name, arena);
        options->password = decoded(password.ptr != NULL ? password : MILL_VIEW(""), arena);
        if (options->username == NULL || options->password == NULL)
            return mill_fail(err, MILL_E_NOMEM, "out of memory");
    }
    if (mill_view_empty(authority))
        return mill_fail(err, MILL_E_INVALID, "tracking URI '%.*s' names no host",
                         MILL_FMT(uri));
    options->loopback = is_loopback(authority);
    options->base =
        mill_arena_printf(arena, "%.*s://%.*s%s%.*s", MILL_FMT(scheme), MILL_FMT(authority),
                          mill_view_empty(path) ? "" : "/", MILL_FMT(path))
            .ptr;
    return options->base != NULL ? MILL_OK : mill_fail(err, MILL_E_NOMEM, "out of memory");
}

/* The environment's credentials count before those of the URI. */
static void read_credentials(struct mill_remote_options *options)
{
    const char *username = variable("MLFLOW_TRACKING_USERNAME");
    const char *password = variable("MLFLOW_TRACKING_PASSWORD");
    if (username != NULL && password != NULL) {
        options->username = username;
        options->password = password;
    }
    if (options->username == NULL)
        options->token = variable("MLFLOW_TRACKING_TOKEN");
    options->ca_file = variable("MLFLOW_TRACKING_SERVER_CERT_PATH");
    options->cert_file = variable("MLFLOW_TRACKING_CLIENT_CERT_PATH");
}

/* The environment may change later, so what was found is copied. */
static enum mill_status keep(struct mill_remote_options *options, struct mill_arena *arena,
                             struct mill_error *err)
{
    const char **kept[] = {&options->username, &options->password, &options->token,
                           &options->ca_file, &options->cert_file};
    for (size_t i = 0; i < MILL_COUNT(kept); i++) {
        if (*kept[i] == NULL)
            continue;
        *kept[i] = mill_arena_cstr(arena, mill_view_of(*kept[i]));
        if (*kept[i] == NULL)
            return mill_fail(err, MILL_E_NOMEM, "out of memory");
    }
    return MILL_OK;
}

enum mill_status mill_remote_options_read(struct mill_remote_options *options,
                                          struct mill_view uri, struct mill_view user_agent,
                                          struct mill_arena *arena, struct mill_error *err)
{
    int64_t timeout_s, max_retries, backoff_s;
    memset(options, 0, sizeof(*options));
    enum mill_status st = split_uri(options, uri, arena, err);
    if (st == MILL_OK)
        st = read_number(&timeout, &timeout_s, err);
    if (st == MILL_OK)
        st = read_number(&retries, &max_retries, err);
    if (st == MILL_OK)
        st = read_number(&backoff, &backoff_s, err);
    if (st == MILL_OK)
        st = read_flag("MLFLOW_TRACKING_INSECURE_TLS", &options->insecure_tls, err);
    if (st != MILL_OK)
        return st;
    options->timeout_s = (long)timeout_s;
    options->max_retries = (int)max_retries;
    options->backoff_s = (int)backoff_s;
    read_credentials(options);
    if (options->insecure_tls && options->ca_file != NULL)
        return mill_fail(err, MILL_E_INVALID,
                         "MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH "
                         "contradict each other: unset one");
    options->user_agent =
        mill_arena_printf(arena, "%.*s%smillstream/%s", MILL_FMT(user_agent),
                          mill_view_empty(user_agent) ? "" : " ", MILL_VERSION)
            .ptr;
    if (options->user_agent == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    return keep(options, arena, err);
}
