/* request.c - a request whose head is there: who may ask, for what, and which route runs. */
#include "server/conn.h"

#include <stdio.h>

#include "base/codec.h"
#include "server/route.h"

/* --- access rules ----------------------------------------------------------------------- */

static struct mill_view without_prefix(const struct mill_exchange *ex, struct mill_view path)
{
    struct mill_view prefix = ex->req.server->config->static_prefix;
    struct mill_view below = mill_view_from(path, prefix.len);

    if (prefix.len == 0 || !mill_view_starts(path, prefix))
        return path;
    if (below.len == 0)
        return MILL_VIEW("/");
    return below.ptr[0] == '/' ? below : path;
}

/* What watches over servers calls these by any name, and they say nothing. */
static bool is_probe(const struct mill_exchange *ex)
{
    struct mill_view path = without_prefix(ex, ex->req.target);

    return mill_view_eq(path, MILL_VIEW("/health")) ||
           mill_view_eq(path, MILL_VIEW("/version"));
}

static void add_cors(struct mill_exchange *ex)
{
    struct mill_request *req = &ex->req;

    if (req->server->http->security.any_origin) {
        mill_response_header(req, "Access-Control-Allow-Origin", MILL_VIEW("*"));
        return;
    }
    mill_response_header(req, "Access-Control-Allow-Origin", ex->head.origin);
    mill_response_header(req, "Access-Control-Allow-Credentials", MILL_VIEW("true"));
    mill_response_header(req, "Vary", MILL_VIEW("Origin"));
}

static bool check_access(struct mill_exchange *ex)
{
    const struct mill_security *security = &ex->req.server->http->security;
    const unsigned writes = MILL_POST | MILL_PUT | MILL_PATCH | MILL_DELETE;

    if (!is_probe(ex) && !mill_security_host(security, ex->head.host)) {
        mill_respond_refusal(ex, 403,
                             "this Host header is not allowed; name it in --allowed-hosts if "
                             "it is yours");
        return false;
    }
    if (ex->head.origin.ptr == NULL)
        return true;
    if (mill_security_origin(security, ex->head.origin, ex->head.host)) {
        add_cors(ex);
        return true;
    }
    if ((ex->req.method & writes) != 0) {
        mill_respond_refusal(ex, 403,
                             "pages of this origin may not call the server; name it in "
                             "--cors-allowed-origins if it is yours");
        return false;
    }
    return true;
}

static void allow_header(struct mill_request *req, const char *name, unsigned methods)
{
    static const struct {
        enum mill_method method;
        const char *text;
    } names[] = {{MILL_GET, "GET"},        {MILL_HEAD, "HEAD"},   {MILL_POST, "POST"},
                 {MILL_PUT, "PUT"},        {MILL_PATCH, "PATCH"}, {MILL_DELETE, "DELETE"},
                 {MILL_OPTIONS, "OPTIONS"}};
    char text[64];
    size_t used = 0;

    methods |= MILL_OPTIONS | ((methods & MILL_GET) != 0 ? (unsigned)MILL_HEAD : 0);
    for (size_t i = 0; i < MILL_COUNT(names); i++) {
        if ((methods & names[i].method) == 0)
            continue;
        int n = snprintf(text + used, sizeof(text) - used, "%s%s", used > 0 ? ", " : "",
                         names[i].text);
        used += n > 0 ? (size_t)n : 0;
    }
    mill_response_header(req, name, (struct mill_view){text, used});
}

/* OPTIONS: what a browser asks before it lets a page of another origin call. */
static void answer_options(struct mill_exchange *ex)
{
    struct mill_request *req = &ex->req;
    struct mill_view wanted = mill_request_header(req, "Access-Control-Request-Method");
    struct mill_view headers = mill_request_header(req, "Access-Control-Request-Headers");
    unsigned methods = 0;

    if (ex->head.origin.ptr != NULL && wanted.ptr != NULL) {
        if (!mill_security_origin(&req->server->http->security, ex->head.origin,
                                  ex->head.host)) {
            mill_respond_refusal(ex, 400,
                                 "pages of this origin may not call the server; name it in "
                                 "--cors-allowed-origins if it is yours");
            return;
        }
        allow_header(req, "Access-Control-Allow-Methods",
                     MILL_GET | MILL_POST | MILL_PUT | MILL_PATCH | MILL_DELETE);
        if (headers.len > 0)
            mill_response_header(req, "Access-Control-Allow-Headers", headers);
        mill_response_header(req, "Access-Control-Max-Age", MILL_VIEW("600"));
        mill_respond(req, 204, NULL, MILL_VIEW(""));
        return;
    }
    (void)mill_route_find(MILL_OPTIONS, req->path, req->path_params, &methods);
    if (methods == 0) {
        mill_exchange_dispatch(ex); /* 404 */
        return;
    }
    allow_header(req, "Allow", methods);
    mill_respond(req, 204, NULL, MILL_VIEW(""));
}

/* --- route ------------------------------------------------------------------------------ */

/* Cuts the target into path and query; the prefix of the settings is optional. */
static bool read_target(struct mill_exchange *ex)
{
    struct mill_request *req = &ex->req;
    struct mill_view path;

    req->query = mill_view_cut(req->target, '?', &path);
    path = without_prefix(ex, path);
    req->raw_path = path;
    req->path = path;
    if (memchr(path.ptr, '%', path.len) != NULL)
        req->path = mill_percent_decode(path, false, &req->arena);
    if (req->path.ptr == NULL) {
        mill_respond_error(req, MILL_E_NOMEM, NULL);
        return false;
    }
    if (memchr(req->path.ptr, '\0', req->path.len) != NULL) {
        mill_respond_refusal(ex, 400, "the path holds a NUL byte");
        return false;
    }
    return true;
}

void mill_exchange_dispatch(struct mill_exchange *ex)
{
    ex->dispatched = true;
    mill_dispatch(&ex->req);
}

static void run_route(struct mill_exchange *ex)
{
    struct mill_request *req = &ex->req;
    unsigned methods;

    req->route = mill_route_find(req->method, req->path, req->path_params, &methods);
    if (req->route == NULL) {
        mill_exchange_dispatch(ex);
        return;
    }
    if (ex->mode != MILL_BODY_DONE && mill_body_too_large(ex, ex->body_left)) {
        mill_respond_refusal(ex, 413,
                             req->route->streamed
                                 ? "the body is larger than --max-upload-size allows"
                                 : "the body is larger than --max-body-size allows");
        return;
    }
    if (ex->mode == MILL_BODY_DONE || req->route->streamed)
        mill_exchange_dispatch(ex);
    else
        mill_body_buffer(ex);
}

void mill_exchange_start(struct mill_exchange *ex)
{
    ex->busy = true;
    if (check_access(ex) && read_target(ex)) {
        if (ex->req.method == MILL_OPTIONS)
            answer_options(ex);
        else
            run_route(ex);
    }
    ex->busy = false;
    mill_exchange_feed(ex);
}
