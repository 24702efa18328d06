/* remote.c - a pool of connections to one server, and when a request is tried again. */
#include "remote/remote.h"

#include <pthread.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/wanted.h"
#include "remote/connection.h"
#include "remote/retry.h"

/* How often a request that waits asks whether it is still wanted. */
#define PAUSE_SLICE_MS 100

struct mill_remote {
    const struct mill_curl *curl;
    const struct mill_remote_options *options;
    struct mill_token_source *tokens; /* NULL: credentials are those of the options */
    pthread_mutex_t lock;
    struct mill_connection *idle; /* under lock */
    atomic_bool reached;          /* some answer has come */
    struct mill_asked workspace;
    atomic_bool own_cancelled;
    const atomic_bool *cancelled; /* our own, or that of the one that is followed */
    atomic_long asked_pause_s;    /* by the last answer */
};

/* --- connections ------------------------------------------------------------------------ */

/* One that no other request uses; NULL when memory is out. The last one that was given back
 * comes first: its TCP connection is the likeliest to be alive. */
static struct mill_connection *take(struct mill_remote *remote)
{
    pthread_mutex_lock(&remote->lock);
    struct mill_connection *c = remote->idle;
    if (c != NULL)
        remote->idle = c->next;
    pthread_mutex_unlock(&remote->lock);
    return c != NULL ? c
                     : mill_connection_new(remote->curl, remote->options, remote->cancelled);
}

static void give_back(struct mill_remote *remote, struct mill_connection *c)
{
    pthread_mutex_lock(&remote->lock);
    c->next = remote->idle;
    remote->idle = c;
    pthread_mutex_unlock(&remote->lock);
}

/* --- repetition ------------------------------------------------------------------------- */

static bool may_repeat(const struct mill_remote *remote, const struct mill_connection *c,
                       CURLcode code, long status)
{
    return !c->given_up && !c->too_large && c->file_error == 0 &&
           mill_may_repeat(code, status, c->request->repeatable, atomic_load(&remote->reached));
}

static int64_t pause_ms(const struct mill_remote *remote, int nth)
{
    uint32_t random = 0;
    mill_random_bytes(&random, sizeof(random));
    return mill_pause_ms(remote->options, nth, atomic_load(&remote->asked_pause_s), random);
}

/* Waits, as long as the request is still wanted; false when it is not. */
static bool wait_ms(const struct mill_remote *remote, const struct mill_remote_request *request,
                    int64_t ms)
{
    while (ms > 0) {
        int64_t slice = ms < PAUSE_SLICE_MS ? ms : PAUSE_SLICE_MS;
        struct timespec pause = {.tv_nsec = (long)slice * 1000000};
        nanosleep(&pause, NULL);
        ms -= slice;
        if (atomic_load(remote->cancelled) || !mill_still_wanted() ||
            (request->progress != NULL && !request->progress(request->context, 0)))
            return false;
    }
    return true;
}

enum mill_status mill_remote_perform(struct mill_remote *remote,
                                     const struct mill_remote_request *request,
                                     long *http_status_out, struct mill_buf *body,
                                     struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    if (atomic_load(remote->cancelled))
        return mill_fail(err, MILL_E_CANCELLED, "the client was cancelled");
    struct mill_connection *c = take(remote);
    if (c == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    if (remote->tokens != NULL && request->url.ptr == NULL)
        st = remote->tokens->get(remote->tokens, remote, &c->token, err);
    for (int nth = 1; st == MILL_OK; nth++) {
        long status;
        CURLcode code = mill_connection_try(c, request, body, &status);
        if (status != 0)
            atomic_store(&remote->reached, true);
        atomic_store(&remote->asked_pause_s, remote->options->retry_after && code == CURLE_OK
                                                 ? (long)mill_connection_retry_after_s(c)
                                                 : 0);
        if (nth > remote->options->max_retries ||
            !may_repeat(remote, c, code, code == CURLE_OK ? status : 0)) {
            if (code == CURLE_OK)
                *http_status_out = status;
            else
                st = mill_connection_explain(c, code, err);
            break;
        }
        if (!wait_ms(remote, request, pause_ms(remote, nth))) {
            st = mill_fail(err, MILL_E_CANCELLED, "the transfer was cancelled");
            break;
        }
    }
    give_back(remote, c);
    return st;
}

/* --- opening ---------------------------------------------------------------------------- */

enum mill_status mill_remote_open(const struct mill_remote_options *options,
                                  struct mill_remote **remote_out, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    const struct mill_curl *curl = mill_curl_load(&st, err);
    if (curl == NULL)
        return st;
    struct mill_remote *remote = mill_alloc_zero(1, sizeof(*remote));
    if (remote == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    remote->curl = curl;
    remote->options = options;
    remote->cancelled = &remote->own_cancelled;
    pthread_mutex_init(&remote->lock, NULL);
    pthread_mutex_init(&remote->workspace.lock, NULL);
    *remote_out = remote;
    return MILL_OK;
}

void mill_remote_close(struct mill_remote *remote)
{
    if (remote == NULL)
        return;
    while (remote->idle != NULL) {
        struct mill_connection *c = remote->idle;
        remote->idle = c->next;
        mill_connection_free(c);
    }
    pthread_mutex_destroy(&remote->lock);
    pthread_mutex_destroy(&remote->workspace.lock);
    mill_free(remote);
}

void mill_remote_use_tokens(struct mill_remote *remote, struct mill_token_source *source)
{
    remote->tokens = source;
}

void mill_remote_cancel(struct mill_remote *remote)
{
    atomic_store(&remote->own_cancelled, true);
}

void mill_remote_follow(struct mill_remote *remote, const struct mill_remote *leader)
{
    remote->cancelled = leader->cancelled;
}

int64_t mill_remote_asked_pause_s(const struct mill_remote *remote)
{
    return atomic_load(&remote->asked_pause_s);
}

const struct mill_remote_options *mill_remote_options(const struct mill_remote *remote)
{
    return remote->options;
}

struct mill_asked *mill_remote_workspace(struct mill_remote *remote)
{
    return &remote->workspace;
}
