/* aws_provider.c - see aws_provider.h. */
#include "files/aws_provider.h"

#include <pthread.h>

#include <millstream/types.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/codec.h"
#include "files/aws_identity.h"
#include "files/aws_process.h"
#include "remote/config_file.h"
#include "remote/remote.h"

/* Keys are asked for again this long before they expire. */
#define REFRESH_MS 300000
/* Seconds that the token service may take, which is far away, and how often it is asked again.
 */
#define IDENTITY_SECONDS 60
#define IDENTITY_RETRIES 4
/* How long the instance's token for questions is to be good. */
#define TOKEN_SECONDS "21600"
/* Bytes of a role's name. */
#define MAX_ROLE 256

struct mill_aws_provider {
    const struct mill_aws_config *config;
    struct mill_arena options_arena;
    struct mill_remote_options options;
    struct mill_remote *remote; /* NULL when there is nobody to ask */

    pthread_mutex_t lock;
    bool known; /* this and the rest under lock */
    struct mill_arena arena;
    struct mill_aws_credentials keys; /* in arena */
};

/* --- asking ----------------------------------------------------------------------------- */

/* One question; its answer goes to body, which the caller releases. */
static enum mill_status ask(struct mill_aws_provider *p, const char *method,
                            struct mill_view url, const char *header, struct mill_buf *body,
                            struct mill_error *err)
{
    const char *headers[] = {header, "Content-Type:"};
    struct mill_remote_request request = {.method = method,
                                          .url = url,
                                          .headers = header != NULL ? headers : &headers[1],
                                          .header_count = header != NULL ? 2 : 1,
                                          .repeatable = true};
    long http_status = 0;
    if (strcmp(method, "PUT") == 0)
        request.body = MILL_VIEW("");
    enum mill_status st = mill_remote_perform(p->remote, &request, &http_status, body, err);
    if (st == MILL_OK && http_status != 200)
        return mill_fail(err, MILL_E_UNAUTHENTICATED, "%s answered HTTP %ld", p->options.base,
                         http_status);
    return st;
}

static enum mill_status understand(struct mill_aws_provider *p, const struct mill_buf *body,
                                   struct mill_arena *arena, struct mill_aws_credentials *out,
                                   struct mill_error *err)
{
    struct mill_error reason;
    enum mill_status st = mill_aws_credentials_parse(mill_buf_view(body), arena, out, &reason);
    if (st == MILL_E_NOMEM)
        return mill_no_memory(err);
    if (st != MILL_OK)
        return mill_fail(err, MILL_E_UNAUTHENTICATED, "%s gives no keys: %.300s",
                         p->options.base, reason.message);
    return MILL_OK;
}

/* The Authorization header for the container's endpoint; NULL when none is wanted. */
static enum mill_status authorization(const struct mill_aws_provider *p,
                                      struct mill_arena *arena, const char **out,
                                      struct mill_error *err)
{
    struct mill_view token = p->config->token;
    *out = NULL;
    if (p->config->token_file.ptr != NULL) {
        struct mill_config_file file;
        enum mill_status st =
            mill_config_file_read(p->config->token_file.ptr, arena, &file, err);
        if (st != MILL_OK)
            return st;
        if (file.text.ptr == NULL)
            return mill_fail(err, MILL_E_UNAUTHENTICATED,
                             "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: there is no %s",
                             file.path);
        token = mill_view_trim(file.text);
    }
    if (token.ptr == NULL)
        return MILL_OK;
    for (size_t i = 0; i < token.len; i++)
        if (token.ptr[i] < ' ' || token.ptr[i] > '~')
            return mill_fail(err, MILL_E_INVALID,
                             "the container's authorization token has a line break or another "
                             "character in it that a header cannot have");
    *out = mill_arena_printf(arena, "Authorization: %.*s", MILL_FMT(token)).ptr;
    return *out != NULL ? MILL_OK : mill_no_memory(err);
}

static enum mill_status ask_container(struct mill_aws_provider *p, struct mill_arena *arena,
                                      struct mill_aws_credentials *out, struct mill_error *err)
{
    struct mill_buf body = {0};
    const char *header;
    enum mill_status st = authorization(p, arena, &header, err);
    if (st == MILL_OK)
        st = ask(p, "GET", p->config->source_url, header, &body, err);
    if (st == MILL_OK)
        st = understand(p, &body, arena, out, err);
    mill_buf_release(&body);
    return st;
}

/* The token that the metadata service wants with each question, as a header. */
static enum mill_status instance_token(struct mill_aws_provider *p, struct mill_buf *body,
                                       struct mill_arena *arena, const char **header_out,
                                       struct mill_error *err)
{
    struct mill_view url = mill_arena_printf(arena, "%s/latest/api/token", p->options.base);
    if (url.ptr == NULL)
        return mill_no_memory(err);
    enum mill_status st =
        ask(p, "PUT", url, "X-aws-ec2-metadata-token-ttl-seconds: " TOKEN_SECONDS, body, err);
    if (st != MILL_OK)
        return st;
    struct mill_view token = mill_view_trim(mill_buf_view(body));
    if (!mill_aws_key_valid(token))
        return mill_fail(err, MILL_E_UNAUTHENTICATED, "%s sent no token", p->options.base);
    *header_out =
        mill_arena_printf(arena, "X-aws-ec2-metadata-token: %.*s", MILL_FMT(token)).ptr;
    return *header_out != NULL ? MILL_OK : mill_no_memory(err);
}

/* The address of the keys of the instance's role, the first that is listed. */
static enum mill_status instance_url(struct mill_aws_provider *p, const char *header,
                                     struct mill_buf *body, struct mill_buf *url,
                                     struct mill_error *err)
{
    struct mill_view role;
    mill_buf_printf(url, "%s/latest/meta-data/iam/security-credentials/", p->options.base);
    if (url->failed)
        return mill_no_memory(err);
    enum mill_status st = ask(p, "GET", mill_buf_view(url), header, body, err);
    if (st != MILL_OK)
        return st;
    mill_view_cut(mill_view_trim(mill_buf_view(body)), '\n', &role);
    role = mill_view_trim(role);
    if (role.len == 0 || role.len > MAX_ROLE)
        return mill_fail(err, MILL_E_UNAUTHENTICATED, "%s names no role", p->options.base);
    mill_percent_encode(url, role, NULL);
    return url->failed ? mill_no_memory(err) : MILL_OK;
}

static enum mill_status ask_instance(struct mill_aws_provider *p, struct mill_arena *arena,
                                     struct mill_aws_credentials *out, struct mill_error *err)
{
    struct mill_buf body = {0}, url = {0};
    const char *header = NULL;
    enum mill_status st = instance_token(p, &body, arena, &header, err);
    if (st == MILL_OK)
        st = instance_url(p, header, &body, &url, err);
    if (st == MILL_OK)
        st = ask(p, "GET", mill_buf_view(&url), header, &body, err);
    if (st == MILL_OK)
        st = understand(p, &body, arena, out, err);
    mill_buf_release(&body);
    mill_buf_release(&url);
    return st;
}

static enum mill_status ask_identity(struct mill_aws_provider *p, struct mill_arena *arena,
                                     struct mill_aws_credentials *out, struct mill_error *err)
{
    static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded"};
    struct mill_buf form = {0}, body = {0};
    long http_status = 0;
    struct mill_error reason = {""};
    enum mill_status st = mill_aws_identity_question(p->config, &form, err);
    if (st == MILL_OK) {
        struct mill_remote_request request = {.method = "POST",
                                              .path = MILL_VIEW("/"),
                                              .body = mill_buf_view(&form),
                                              .headers = headers,
                                              .header_count = MILL_COUNT(headers),
                                              .repeatable = true};
        st = mill_remote_perform(p->remote, &request, &http_status, &body, err);
    }
    if (st == MILL_OK) {
        st = mill_aws_identity_answer(mill_buf_view(&body), arena, out, &reason);
        if (st != MILL_OK && st != MILL_E_NOMEM)
            st = mill_fail(err, MILL_E_UNAUTHENTICATED, "%s answered HTTP %ld: %.300s",
                           p->options.base, http_status, reason.message);
    }
    if (form.ptr != NULL)
        explicit_bzero(form.ptr, form.len);
    mill_buf_release(&form);
    mill_buf_release(&body);
    return st;
}

static enum mill_status ask_process(struct mill_aws_provider *p, struct mill_arena *arena,
                                    struct mill_aws_credentials *out, struct mill_error *err)
{
    return mill_aws_process_keys(p->config->process, arena, out, err);
}

/* Says where keys may come from, when nobody had any. */
static enum mill_status none_found(const struct mill_aws_provider *p, const char *reason,
                                   struct mill_error *err)
{
    if (p->config->source == MILL_AWS_IDENTITY)
        return mill_fail(err, MILL_E_UNAUTHENTICATED, "no AWS keys for the role %.*s: %.300s",
                         MILL_FMT(mill_utf8_prefix(p->config->role_arn, 100)), reason);
    if (p->config->source == MILL_AWS_PROCESS)
        return mill_fail(err, MILL_E_UNAUTHENTICATED,
                         "no AWS keys from the credential_process of the profile '%.*s', "
                         "%.*s: %.300s",
                         MILL_FMT(mill_utf8_prefix(p->config->profile, 40)),
                         MILL_FMT(mill_utf8_prefix(p->config->process, 100)), reason);
    return mill_fail(
        err, MILL_E_UNAUTHENTICATED,
        "no AWS keys: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, and "
        "neither %.90s nor %.90s has any for the profile '%.*s'%s%.200s",
        p->config->credentials_file.path, p->config->config_file.path,
        MILL_FMT(mill_utf8_prefix(p->config->profile, 40)), reason[0] != '\0' ? "; " : "",
        reason);
}

/* --- handing out ------------------------------------------------------------------------ */

typedef enum mill_status ask_fn(struct mill_aws_provider *p, struct mill_arena *arena,
                                struct mill_aws_credentials *out, struct mill_error *err);

/* How new keys are got, by their source; NULL where there are none to be got. */
static ask_fn *const asks[MILL_AWS_NOWHERE + 1] = {
    [MILL_AWS_IDENTITY] = ask_identity,
    [MILL_AWS_PROCESS] = ask_process,
    [MILL_AWS_CONTAINER] = ask_container,
    [MILL_AWS_INSTANCE] = ask_instance,
};

/* Gets new keys in place of the old ones, which stay when that fails. */
static enum mill_status refresh(struct mill_aws_provider *p, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_aws_credentials keys;
    struct mill_error reason = {""};
    ask_fn *fetch = asks[p->config->source];
    enum mill_status st =
        fetch != NULL ? fetch(p, &arena, &keys, &reason) : MILL_E_UNAUTHENTICATED;
    if (st != MILL_OK) {
        mill_arena_release(&arena);
        return st == MILL_E_NOMEM || st == MILL_E_CANCELLED
                   ? mill_fail(err, st, "%s", reason.message)
                   : none_found(p, reason.message, err);
    }
    mill_arena_release(&p->arena);
    p->arena = arena;
    p->keys = keys;
    p->known = true;
    return MILL_OK;
}

static bool good_for(const struct mill_aws_provider *p, int64_t ms)
{
    return p->known &&
           (p->keys.expires_ms == MILL_ABSENT || mill_now_ms() + ms < p->keys.expires_ms);
}

enum mill_status mill_aws_provider_keys(struct mill_aws_provider *p, struct mill_arena *arena,
                                        struct mill_aws_credentials *out,
                                        struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    pthread_mutex_lock(&p->lock);
    if (!good_for(p, REFRESH_MS)) {
        st = refresh(p, err);
        if (st != MILL_OK && good_for(p, 0))
            st = MILL_OK; /* the old ones still do; the next call asks again */
    }
    if (st == MILL_OK && !mill_aws_credentials_copy(&p->keys, arena, out))
        st = mill_no_memory(err);
    pthread_mutex_unlock(&p->lock);
    return st;
}

/* --- opening ---------------------------------------------------------------------------- */

/* Whether an address may be asked without TLS. */
static bool is_link_local(const struct mill_remote_options *options)
{
    static const char *const hosts[] = {
        "http://169.254.170.2",  /* container service */
        "http://169.254.170.23", /* the same in Kubernetes */
        "http://[fd00:ec2::23]", /* and over IPv6 */
    };
    for (size_t i = 0; i < MILL_COUNT(hosts); i++)
        if (mill_view_eq_nocase(mill_view_of(options->base), mill_view_of(hosts[i])))
            return true;
    return options->loopback;
}

/* Scheme and host of a URL. */
static struct mill_view origin_of(struct mill_view url)
{
    const char *slashes = memmem(url.ptr, url.len, "://", 3);
    if (slashes == NULL)
        return url;
    size_t from = (size_t)(slashes - url.ptr) + 3;
    for (size_t i = from; i < url.len; i++)
        if (url.ptr[i] == '/' || url.ptr[i] == '?')
            return (struct mill_view){url.ptr, i};
    return url;
}

static enum mill_status open_remote(struct mill_aws_provider *p, struct mill_view user_agent,
                                    struct mill_error *err)
{
    struct mill_view url = p->config->source_url;
    bool container = p->config->source == MILL_AWS_CONTAINER;
    bool tls = mill_view_starts(url, MILL_VIEW("https://"));
    if (!tls && !mill_view_starts(url, MILL_VIEW("http://")))
        return mill_fail(err, MILL_E_INVALID,
                         "the address of the endpoint for AWS keys, '%.*s', must begin with "
                         "http:// or https://",
                         MILL_FMT(url));
    enum mill_status st = mill_remote_options_address(
        &p->options, container ? origin_of(url) : url, user_agent, &p->options_arena, err);
    if (st != MILL_OK)
        return st;
    if (container && !tls && !is_link_local(&p->options))
        return mill_fail(err, MILL_E_INVALID,
                         "AWS_CONTAINER_CREDENTIALS_FULL_URI: %s may only be asked over https",
                         p->options.base);
    p->options.redirects = false;
    if (p->config->source == MILL_AWS_IDENTITY) {
        p->options.timeout_s = IDENTITY_SECONDS;
        p->options.max_retries = IDENTITY_RETRIES;
        mill_aws_trust(p->config, &p->options);
    } else {
        p->options.timeout_s = (long)p->config->source_timeout_s;
        p->options.max_retries = (int)p->config->source_attempts - 1;
        p->options.loopback = !tls; /* what is so near is not behind a proxy */
    }
    return mill_remote_open(&p->options, &p->remote, err);
}

enum mill_status mill_aws_provider_open(const struct mill_aws_config *config,
                                        struct mill_view user_agent,
                                        struct mill_aws_provider **out, struct mill_error *err)
{
    struct mill_aws_provider *p = mill_alloc_zero(1, sizeof(*p));
    enum mill_status st = MILL_OK;
    if (p == NULL)
        return mill_no_memory(err);
    pthread_mutex_init(&p->lock, NULL);
    p->config = config;
    if (config->source == MILL_AWS_STATIC) {
        p->keys = config->keys;
        p->known = true;
    } else if (config->source != MILL_AWS_NOWHERE && config->source != MILL_AWS_PROCESS) {
        st = open_remote(p, user_agent, err);
    }
    if (st != MILL_OK) {
        mill_aws_provider_close(p);
        return st;
    }
    *out = p;
    return MILL_OK;
}

void mill_aws_provider_follow(struct mill_aws_provider *p, const struct mill_remote *leader)
{
    if (p->remote != NULL)
        mill_remote_follow(p->remote, leader);
}

void mill_aws_provider_close(struct mill_aws_provider *p)
{
    if (p == NULL)
        return;
    mill_remote_close(p->remote);
    mill_arena_release(&p->options_arena);
    mill_arena_release(&p->arena);
    pthread_mutex_destroy(&p->lock);
    mill_free(p);
}
