/* client.c - opening a client: which tracking URI, which backend; and what all its calls
 * share. */
#include "client/client.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "artifact/path.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/view.h"

/* Characters of a user agent that a caller chooses. */
#define MAX_USER_AGENT 1000

/* --- which tracking URI ---------------------------------------------------------------- */

/* What mill_set_tracking_uri was told: NUL-terminated, NULL for nothing. */
static pthread_mutex_t uri_lock = PTHREAD_MUTEX_INITIALIZER;
static char *uri_set;

enum mill_status mill_set_tracking_uri(struct mill_view uri, struct mill_error *err)
{
    char *copy = NULL;
    enum mill_status st = mill_check_local("uri", uri, err);
    if (st != MILL_OK)
        return st;
    if (uri.len > 0) {
        copy = mill_alloc(uri.len + 1);
        if (copy == NULL)
            return mill_no_memory(err);
        memcpy(copy, uri.ptr, uri.len);
        copy[uri.len] = '\0';
    }
    pthread_mutex_lock(&uri_lock);
    char *old = uri_set;
    uri_set = copy;
    pthread_mutex_unlock(&uri_lock);
    mill_free(old);
    return MILL_OK;
}

size_t mill_tracking_uri(char *buffer, size_t size)
{
    pthread_mutex_lock(&uri_lock);
    const char *uri = uri_set != NULL ? uri_set : getenv("MLFLOW_TRACKING_URI");
    if (uri == NULL || uri[0] == '\0')
        uri = MILL_DEFAULT_TRACKING_URI;
    size_t len = strlen(uri);
    if (buffer != NULL && size > 0)
        snprintf(buffer, size, "%s", uri);
    pthread_mutex_unlock(&uri_lock);
    return len;
}

/* The same in an arena; ptr NULL when memory is out. */
static struct mill_view resolve(struct mill_arena *arena)
{
    size_t size = 0, len;
    char *text = NULL;
    while ((len = mill_tracking_uri(text, size)) >= size) { /* another thread may set it */
        size = len + 1;
        text = mill_arena_alloc(arena, size);
        if (text == NULL)
            return (struct mill_view){NULL, 0};
    }
    return (struct mill_view){text, len};
}

/* --- opening --------------------------------------------------------------------------- */

typedef enum mill_status open_backend(struct mill_view uri,
                                      const struct mill_client_options *options,
                                      struct mill_backend **out, struct mill_error *err);

/* The beginning of a URI decides, or all of it. */
static const struct scheme {
    const char *prefix;
    open_backend *open;
    bool whole;
} schemes[] = {
    {"http://", mill_backend_open_rest, false},
    {"https://", mill_backend_open_rest, false},
    {"databricks", mill_backend_open_databricks, true},
    {"databricks://", mill_backend_open_databricks, false},
    {"databricks-uc", mill_backend_open_databricks, true}, /* says why not */
    {"sqlite:", mill_backend_open_store, false},
    {"file:", mill_backend_open_store, false},
};

static open_backend *find_scheme(struct mill_view uri)
{
    for (size_t i = 0; i < MILL_COUNT(schemes); i++) {
        struct mill_view prefix = mill_view_of(schemes[i].prefix);
        if (schemes[i].whole ? mill_view_eq(uri, prefix) : mill_view_starts(uri, prefix))
            return schemes[i].open;
    }
    return mill_artifact_has_scheme(uri) ? NULL : mill_backend_open_store; /* a path */
}

/* What a message may show of a URI: nothing behind its scheme where credentials could stand. */
static struct mill_view without_secrets(struct mill_view uri)
{
    struct mill_view scheme;
    mill_view_cut(uri, ':', &scheme);
    return memchr(uri.ptr, '@', uri.len) != NULL ? scheme : mill_utf8_prefix(uri, 200);
}

static enum mill_status open_uri(struct mill_view uri,
                                 const struct mill_client_options *options,
                                 struct mill_client **client_out, struct mill_error *err)
{
    open_backend *open = find_scheme(uri);
    struct mill_view shown = without_secrets(uri);
    if (open == NULL)
        return mill_fail(
            err, MILL_E_INVALID,
            "tracking URI '%.*s%s' is of no known kind; it is a path or begins with file:, "
            "http://, https://, databricks or sqlite:///",
            MILL_FMT(shown), shown.len < uri.len ? "..." : "");
    struct mill_client *client = mill_alloc_zero(1, sizeof(*client));
    if (client == NULL)
        return mill_no_memory(err);
    enum mill_status st = open(uri, options, &client->backend, err);
    if (st != MILL_OK) {
        mill_free(client);
        return st;
    }
    client->read_only = options->read_only;
    *client_out = client;
    return MILL_OK;
}

static enum mill_status check_options(const struct mill_client_options *options,
                                      struct mill_error *err)
{
    struct mill_view agent = options->user_agent;
    enum mill_status st = mill_check_optional("options.user_agent", agent, MAX_USER_AGENT, err);
    for (size_t i = 0; st == MILL_OK && i < agent.len; i++)
        if ((unsigned char)agent.ptr[i] < ' ' || agent.ptr[i] == 0x7f)
            st = mill_fail(err, MILL_E_INVALID,
                           "options.user_agent has a control character in it");
    if (st == MILL_OK)
        st = mill_check_local("options.artifacts_destination", options->artifacts_destination,
                              err);
    return st;
}

enum mill_status mill_client_open(struct mill_view uri,
                                  const struct mill_client_options *options,
                                  struct mill_client **client_out, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_client_options o = {.size = sizeof(o)};
    enum mill_status st =
        mill_take_struct(&o, sizeof(o), MILL_FIRST(mill_client_options, artifacts_destination),
                         options, "options", err);
    if (st == MILL_OK && client_out == NULL)
        st = mill_fail(err, MILL_E_INVALID, "client_out is NULL");
    if (st == MILL_OK)
        st = mill_check_local("uri", uri, err);
    if (st == MILL_OK)
        st = check_options(&o, err);
    if (st == MILL_OK && mill_view_empty(uri))
        uri = resolve(&arena);
    if (st == MILL_OK)
        st = uri.ptr != NULL ? open_uri(uri, &o, client_out, err) : mill_no_memory(err);
    mill_arena_release(&arena);
    return st;
}

void mill_client_close(struct mill_client *client)
{
    if (client == NULL)
        return;
    client->backend->ops->close(client->backend);
    mill_free(client);
}

void mill_client_cancel(struct mill_client *client)
{
    if (client != NULL && client->backend->ops->cancel != NULL)
        client->backend->ops->cancel(client->backend);
}

int64_t mill_client_asked_pause_s(const struct mill_client *client)
{
    return client != NULL && client->backend->ops->asked_pause_s != NULL
               ? client->backend->ops->asked_pause_s(client->backend)
               : 0;
}

struct mill_view mill_client_uri(const struct mill_client *client)
{
    return client != NULL ? client->backend->uri : (struct mill_view){NULL, 0};
}

/* --- what all calls share -------------------------------------------------------------- */

void mill_give_text(struct mill_view text, char *buffer, size_t size, size_t *length_out)
{
    size_t fits = size == 0 ? 0 : text.len < size ? text.len : size - 1;
    if (fits > 0)
        memcpy(buffer, text.ptr, fits);
    if (size > 0)
        buffer[fits] = '\0';
    if (length_out != NULL)
        *length_out = text.len;
}

enum mill_status mill_check_call(const struct mill_client *client, const void *out,
                                 const char *out_name, struct mill_error *err)
{
    if (client == NULL)
        return mill_fail(err, MILL_E_INVALID, "client is NULL");
    if (out == NULL)
        return mill_fail(err, MILL_E_INVALID, "%s is NULL", out_name);
    return MILL_OK;
}

enum mill_status mill_client_apply(struct mill_client *client, struct mill_change *change,
                                   struct mill_outcome *outcome, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_outcome own = {.arena = &arena};
    if (client == NULL)
        return mill_fail(err, MILL_E_INVALID, "client is NULL");
    if (client->read_only)
        return mill_fail(err, MILL_E_DENIED, "the client was opened for reading only");
    enum mill_status st = mill_check_ids(change, err);
    if (st != MILL_OK)
        return st;
    if (outcome == NULL)
        outcome = &own;
    change->now_ms = mill_now_ms();
    st = client->backend->ops->apply(client->backend, change, outcome, err);
    mill_arena_release(&arena);
    return st;
}
