/* oauth.c - see oauth.h. */
#include "remote/oauth.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/codec.h"
#include "base/view.h"
#include "remote/rest.h"
#include "wire/decode.h"

#define PATH "/oidc/v1/token"
#define FORM "grant_type=client_credentials&scope=all-apis"
/* A token is fetched anew so long before it expires, or at half of its life if that is short.
 */
#define MARGIN_S 60

struct mill_oauth {
    struct mill_token_source base;
    const struct mill_remote_options *options;
    pthread_mutex_t lock;
    struct mill_buf token; /* under lock, as what follows; NUL-terminated */
    int64_t expires_ns;    /* of mill_monotonic_ns */
};

/* --- what a workspace answers ----------------------------------------------------------- */

struct grant {
    struct mill_view access_token;
    struct mill_view token_type;
    int64_t expires_in;
    struct mill_view error_description;
};

#define ROW(field, kind)                                                                       \
    {                                                                                          \
        .name = #field, .name_len = sizeof(#field) - 1, .type = kind,                          \
        .offset = offsetof(struct grant, field)                                                \
    }

static const struct mill_field grant_fields[] = {
    ROW(access_token, MILL_F_STRING),
    ROW(token_type, MILL_F_STRING),
    ROW(expires_in, MILL_F_INT64),
    ROW(error_description, MILL_F_STRING),
};

static const struct mill_message grant_message = {
    .name = "Grant",
    .size = sizeof(struct grant),
    .fields = grant_fields,
    .field_count = MILL_COUNT(grant_fields),
};

/* --- fetching --------------------------------------------------------------------------- */

static void add_basic(struct mill_buf *header, const struct mill_remote_options *o)
{
    struct mill_buf plain = {0};
    mill_buf_printf(&plain, "%s:%s", o->client_id, o->client_secret);
    mill_buf_add_view(header, MILL_VIEW("Authorization: Basic "));
    mill_base64_encode(header, mill_buf_view(&plain));
    mill_buf_add_char(header, '\0');
    header->failed = header->failed || plain.failed;
    mill_buf_release(&plain);
}

/* Takes the token out of an answer whose status was good. */
static enum mill_status keep(struct mill_oauth *oauth, const struct grant *grant,
                             struct mill_error *err)
{
    int64_t seconds = grant->expires_in;
    if (grant->access_token.len == 0 ||
        !mill_view_eq_nocase(grant->token_type, MILL_VIEW("Bearer")))
        return mill_fail(err, MILL_E_INTERNAL,
                         "%s%s gave no bearer token: is this the address of a workspace?",
                         oauth->options->base, PATH);
    for (size_t i = 0; i < grant->access_token.len; i++)
        if ((unsigned char)grant->access_token.ptr[i] <= ' ')
            return mill_fail(err, MILL_E_INTERNAL, "%s%s gave a token with a space in it",
                             oauth->options->base, PATH);
    if (seconds < 0 || seconds > 86400)
        seconds = 86400;
    seconds -= seconds > 2 * MARGIN_S ? MARGIN_S : seconds / 2;
    oauth->token.len = 0;
    mill_buf_add_view(&oauth->token, grant->access_token);
    mill_buf_add_char(&oauth->token, '\0');
    if (oauth->token.failed) {
        mill_buf_release(&oauth->token);
        return mill_no_memory(err);
    }
    oauth->expires_ns = mill_monotonic_ns() + seconds * 1000000000;
    return MILL_OK;
}

static enum mill_status read_grant(struct mill_oauth *oauth, long http_status,
                                   struct mill_buf *body, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct grant grant = {.expires_in = MILL_ABSENT};
    enum mill_status st = MILL_OK;
    if (!mill_buf_reserve(body, MILL_JSON_PADDING))
        return mill_no_memory(err);
    bool readable =
        mill_decode_json(&grant_message, mill_buf_view(body), &arena, &grant, NULL) == MILL_OK;
    if (http_status == 200 && readable)
        st = keep(oauth, &grant, err);
    else if (http_status == 400 || http_status == 401 || http_status == 403)
        st = mill_fail(err, MILL_E_UNAUTHENTICATED,
                       "%s gives no token to the client id %.64s: %.*s", oauth->options->base,
                       oauth->options->client_id,
                       MILL_FMT(readable && grant.error_description.len > 0
                                    ? mill_utf8_prefix(grant.error_description, 200)
                                    : MILL_VIEW("it does not say why")));
    else
        st = mill_rest_error(http_status, body, err);
    mill_arena_release(&arena);
    return st;
}

static enum mill_status fetch(struct mill_oauth *oauth, struct mill_remote *remote,
                              struct mill_error *err)
{
    struct mill_buf url = {0}, authorization = {0}, body = {0};
    long http_status = 0;
    enum mill_status st = MILL_OK;
    mill_buf_printf(&url, "%s%s", oauth->options->base, PATH);
    add_basic(&authorization, oauth->options);
    const char *headers[] = {"Content-Type: application/x-www-form-urlencoded",
                             authorization.ptr};
    struct mill_remote_request request = {.method = "POST",
                                          .url = mill_buf_view(&url),
                                          .body = MILL_VIEW(FORM),
                                          .headers = headers,
                                          .header_count = MILL_COUNT(headers),
                                          .repeatable = true,
                                          .most_bytes = (size_t)1 << 20};
    if (url.failed || authorization.failed)
        st = mill_no_memory(err);
    if (st == MILL_OK)
        st = mill_remote_perform(remote, &request, &http_status, &body, err);
    if (st == MILL_OK)
        st = read_grant(oauth, http_status, &body, err);
    mill_buf_release(&url);
    mill_buf_release(&authorization);
    mill_buf_release(&body);
    return st;
}

/* --- the source ------------------------------------------------------------------------- */

/* Who comes while the token is fetched waits for it: one request is enough. */
static enum mill_status get(struct mill_token_source *source, struct mill_remote *remote,
                            struct mill_buf *token, struct mill_error *err)
{
    struct mill_oauth *oauth = (struct mill_oauth *)source;
    enum mill_status st = MILL_OK;
    pthread_mutex_lock(&oauth->lock);
    if (oauth->token.len == 0 || mill_monotonic_ns() >= oauth->expires_ns)
        st = fetch(oauth, remote, err);
    if (st == MILL_OK) {
        token->len = 0;
        mill_buf_add_view(token, mill_buf_view(&oauth->token));
    }
    pthread_mutex_unlock(&oauth->lock);
    if (st == MILL_OK && token->failed) {
        mill_buf_release(token);
        return mill_no_memory(err);
    }
    return st;
}

enum mill_status mill_oauth_new(const struct mill_remote_options *options,
                                struct mill_oauth **out, struct mill_error *err)
{
    struct mill_oauth *oauth = mill_alloc_zero(1, sizeof(*oauth));
    if (oauth == NULL)
        return mill_no_memory(err);
    oauth->base.get = get;
    oauth->options = options;
    pthread_mutex_init(&oauth->lock, NULL);
    *out = oauth;
    return MILL_OK;
}

void mill_oauth_free(struct mill_oauth *oauth)
{
    if (oauth == NULL)
        return;
    pthread_mutex_destroy(&oauth->lock);
    mill_buf_release(&oauth->token);
    mill_free(oauth);
}

struct mill_token_source *mill_oauth_source(struct mill_oauth *oauth)
{
    return &oauth->base;
}
