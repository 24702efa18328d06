/* databricks.c - see databricks.h. */
#include "remote/databricks.h"

#include "base/alloc.h"
#include "base/view.h"
#include "remote/config_file.h"
#include "remote/environment.h"

#define SCHEME          "databricks"
#define DEFAULT_SECTION "DEFAULT"

/* What one source says about a workspace. */
struct profile {
    const char *host;
    const char *username, *password;
    const char *token;
    const char *client_id, *client_secret;
    const char *insecure;
    const char *auth_type;
};

static bool has_credentials(const struct profile *p)
{
    return (p->username != NULL && p->password != NULL) || p->token != NULL ||
           (p->client_id != NULL && p->client_secret != NULL);
}

/* --- what a profile means --------------------------------------------------------------- */

/* The host as the base of requests: "https://" unless it says so, no path. from names where it
 * was found. */
static enum mill_status read_host(struct mill_remote_options *options, const char *host,
                                  const char *from, struct mill_arena *arena,
                                  struct mill_error *err)
{
    struct mill_view rest = mill_view_trim(mill_view_of(host)), authority;
    bool clear = mill_view_starts(rest, MILL_VIEW("http://"));
    if (clear || mill_view_starts(rest, MILL_VIEW("https://")))
        rest = mill_view_from(rest, clear ? strlen("http://") : strlen("https://"));
    mill_view_cut(rest, '/', &authority);
    mill_view_cut(authority, '?', &authority);
    mill_view_cut(authority, '#', &authority);
    if (mill_view_empty(authority) || memchr(authority.ptr, '@', authority.len) != NULL ||
        memchr(authority.ptr, ' ', authority.len) != NULL)
        return mill_fail(err, MILL_E_INVALID,
                         "%s must be the address of a workspace, as https://WORKSPACE without "
                         "a username",
                         from);
    options->loopback = mill_is_loopback(authority);
    if (clear && !options->loopback)
        return mill_fail(err, MILL_E_INVALID,
                         "%s begins with http://, which would show the credentials to "
                         "everybody on the way: write https://%.*s",
                         from, MILL_FMT(mill_utf8_prefix(authority, 100)));
    options->base =
        mill_arena_printf(arena, "%s://%.*s", clear ? "http" : "https", MILL_FMT(authority))
            .ptr;
    return options->base != NULL ? MILL_OK : mill_no_memory(err);
}

/* Turns a profile that has a host and credentials into options. host_from and insecure_from
 * name where these were found. */
static enum mill_status use(struct mill_remote_options *options, const struct profile *p,
                            const char *host_from, const char *insecure_from,
                            struct mill_arena *arena, struct mill_error *err)
{
    enum mill_status st = read_host(options, p->host, host_from, arena, err);
    if (st != MILL_OK)
        return st;
    if (p->insecure != NULL &&
        !mill_flag_read(mill_view_of(p->insecure), &options->insecure_tls))
        return mill_fail(err, MILL_E_INVALID, "%s must be true or false", insecure_from);
    if (p->username != NULL && p->password != NULL) {
        options->username = p->username;
        options->password = p->password;
    } else if (p->token != NULL) {
        options->token = p->token;
    } else {
        options->client_id = p->client_id;
        options->client_secret = p->client_secret;
    }
    return MILL_OK;
}

/* --- the environment -------------------------------------------------------------------- */

static struct profile environment_profile(void)
{
    return (struct profile){
        .host = mill_env_text(MILL_ENV_DATABRICKS_HOST),
        .username = mill_env_text(MILL_ENV_DATABRICKS_USERNAME),
        .password = mill_env_text(MILL_ENV_DATABRICKS_PASSWORD),
        .token = mill_env_text(MILL_ENV_DATABRICKS_TOKEN),
        .client_id = mill_env_text(MILL_ENV_DATABRICKS_CLIENT_ID),
        .client_secret = mill_env_text(MILL_ENV_DATABRICKS_CLIENT_SECRET),
        .insecure = mill_env_text(MILL_ENV_DATABRICKS_INSECURE),
    };
}

/* --- the file --------------------------------------------------------------------------- */

/* Says that a section lacks credentials, and why those it has are none. */
static enum mill_status no_credentials(const struct profile *p, const char *section,
                                       const char *path, struct mill_error *err)
{
    if (p->username != NULL || p->password != NULL)
        return mill_fail(err, MILL_E_INVALID,
                         "section [%s] of %s has the key '%s' without '%s': add it", section,
                         path, p->username != NULL ? "username" : "password",
                         p->username != NULL ? "password" : "username");
    if (p->client_id != NULL || p->client_secret != NULL)
        return mill_fail(err, MILL_E_INVALID,
                         "section [%s] of %s has the key '%s' without '%s': add it", section,
                         path, p->client_id != NULL ? "client_id" : "client_secret",
                         p->client_id != NULL ? "client_secret" : "client_id");
    if (p->auth_type != NULL)
        return mill_fail(
            err, MILL_E_UNSUPPORTED,
            "section [%s] of %s has auth_type = %.50s, which needs other programs; "
            "add the key 'token' with an access token of the workspace",
            section, path, p->auth_type);
    return mill_fail(
        err, MILL_E_INVALID,
        "section [%s] of %s has no credentials: add the key 'token', or 'username' "
        "and 'password', or 'client_id' and 'client_secret'",
        section, path);
}

/* hint is what else could be done when file or section are missing. */
static enum mill_status read_section(struct mill_remote_options *options,
                                     struct mill_view section, const char *hint,
                                     struct mill_arena *arena, struct mill_error *err)
{
    struct profile p = {0};
    const struct mill_config_key keys[] = {
        {"host", &p.host},           {"username", &p.username},
        {"password", &p.password},   {"token", &p.token},
        {"client_id", &p.client_id}, {"client_secret", &p.client_secret},
        {"insecure", &p.insecure},   {"auth_type", &p.auth_type},
    };
    struct mill_config_file file;
    bool found = false;
    const char *path = mill_env_text(MILL_ENV_DATABRICKS_CONFIG_FILE);
    if (path == NULL)
        path = mill_variable_info(MILL_ENV_DATABRICKS_CONFIG_FILE)->fallback;
    enum mill_status st = mill_config_file_read(path, arena, &file, err);
    if (st == MILL_OK)
        st = mill_config_file_section(&file, section, keys, MILL_COUNT(keys), arena, &found,
                                      err);
    if (st != MILL_OK)
        return st;
    const char *name = mill_arena_cstr(arena, section);
    const char *host_from =
        mill_arena_printf(arena, "the key 'host' in section [%s] of %s", name, file.path).ptr;
    const char *insecure_from =
        mill_arena_printf(arena, "the key 'insecure' in section [%s] of %s", name, file.path)
            .ptr;
    if (name == NULL || host_from == NULL || insecure_from == NULL)
        return mill_no_memory(err);
    if (file.text.ptr == NULL)
        return mill_fail(err, MILL_E_INVALID,
                         "there is no file %s to look up the profile '%s' in: %s", file.path,
                         name, hint);
    if (!found)
        return mill_fail(err, MILL_E_INVALID,
                         "%s has no section [%s] with keys in it: add one with 'host' and "
                         "'token', or %s",
                         file.path, name, hint);
    if (p.host == NULL)
        return mill_fail(err, MILL_E_INVALID,
                         "section [%s] of %s lacks the key 'host': add the address of the "
                         "workspace, host = https://WORKSPACE",
                         name, file.path);
    if (!has_credentials(&p))
        return no_credentials(&p, name, file.path, err);
    return use(options, &p, host_from, insecure_from, arena, err);
}

/* --- the URI ---------------------------------------------------------------------------- */

/* The profile that the URI names; absent for none. */
static enum mill_status profile_of(struct mill_view uri, struct mill_view *out,
                                   struct mill_error *err)
{
    struct mill_view rest = mill_view_from(uri, strlen(SCHEME "://"));
    while (mill_view_ends(rest, MILL_VIEW("/")))
        rest.len--;
    if (mill_view_starts(uri, MILL_VIEW(SCHEME "-")))
        return mill_fail(err, MILL_E_UNSUPPORTED,
                         "'%.*s' is a registry of models: runs are tracked on 'databricks' or "
                         "databricks://PROFILE",
                         MILL_FMT(mill_utf8_prefix(uri, 100)));
    if (memchr(rest.ptr, ':', rest.len) != NULL)
        return mill_fail(
            err, MILL_E_UNSUPPORTED,
            "'%.*s' names secrets of a workspace (SCOPE:PREFIX), which can be read "
            "inside its clusters only: use databricks://PROFILE, or 'databricks' "
            "with DATABRICKS_HOST and DATABRICKS_TOKEN",
            MILL_FMT(mill_utf8_prefix(uri, 100)));
    if (memchr(rest.ptr, '/', rest.len) != NULL || memchr(rest.ptr, ']', rest.len) != NULL)
        return mill_fail(err, MILL_E_INVALID,
                         "'%.*s' must be databricks://PROFILE, where PROFILE is a section of a "
                         "configuration file",
                         MILL_FMT(mill_utf8_prefix(uri, 100)));
    *out =
        rest.len > 0 ? rest : mill_view_of(mill_env_text(MILL_ENV_DATABRICKS_CONFIG_PROFILE));
    return MILL_OK;
}

static enum mill_status read_any(struct mill_remote_options *options, struct mill_view section,
                                 struct mill_arena *arena, struct mill_error *err)
{
    struct profile environment = environment_profile();
    if (section.ptr != NULL)
        return read_section(options, section, "use another profile", arena, err);
    if (environment.host != NULL && has_credentials(&environment))
        return use(options, &environment, "DATABRICKS_HOST", "DATABRICKS_INSECURE", arena, err);
    return read_section(options, MILL_VIEW(DEFAULT_SECTION),
                        environment.host != NULL ? "set DATABRICKS_TOKEN beside DATABRICKS_HOST"
                                                 : "set DATABRICKS_HOST and DATABRICKS_TOKEN",
                        arena, err);
}

enum mill_status mill_databricks_options_read(struct mill_remote_options *options,
                                              struct mill_view uri, struct mill_view user_agent,
                                              struct mill_arena *arena, struct mill_error *err)
{
    struct mill_view section = {NULL, 0};
    memset(options, 0, sizeof(*options));
    enum mill_status st = profile_of(uri, &section, err);
    if (st == MILL_OK)
        st = read_any(options, section, arena, err);
    return st == MILL_OK ? mill_remote_options_complete(options, user_agent, arena, err) : st;
}
