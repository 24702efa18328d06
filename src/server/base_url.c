/* base_url.c - see base_url.h. */
#include "server/base_url.h"

#include "base/view.h"

static bool plain(struct mill_view text, const char *also)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              (c != '\0' && strchr(also, c) != NULL)))
            return false;
    }
    return text.len > 0;
}

/* The first of a list, which the proxy next to the client has written; absent when it is not
 * of that form. */
static struct mill_view forwarded(const struct mill_request *req, const char *name,
                                  const char *also)
{
    struct mill_view none = {NULL, 0};
    struct mill_view first;

    (void)mill_view_cut(mill_request_header(req, name), ',', &first);
    first = mill_view_trim(first);
    return plain(first, also) ? first : none;
}

/* What is in front of the route's path in the request's target: a static prefix, an API prefix
 * is part of the route's own. */
static struct mill_view mount_of(const struct mill_request *req)
{
    struct mill_view target;

    (void)mill_view_cut(req->target, '?', &target);
    if (!mill_view_ends(target, req->raw_path))
        return MILL_VIEW("");
    target.len -= req->raw_path.len;
    return target;
}

enum mill_status mill_request_base_url(const struct mill_request *req, struct mill_arena *arena,
                                       struct mill_view *out, struct mill_error *err)
{
    struct mill_view scheme = forwarded(req, "X-Forwarded-Proto", "");
    struct mill_view host = forwarded(req, "X-Forwarded-Host", ".:-_[]");
    struct mill_view prefix = forwarded(req, "X-Forwarded-Prefix", "/.-_~%");
    struct mill_view url;

    if (host.ptr == NULL)
        host = mill_view_trim(mill_request_header(req, "Host"));
    if (!plain(host, ".:-_[]"))
        return mill_fail(err, MILL_E_INVALID,
                         "the answer holds addresses of this server: send a Host header");
    if (!mill_view_eq(scheme, MILL_VIEW("http")) && !mill_view_eq(scheme, MILL_VIEW("https")))
        scheme = req->server->config->tls_cert.len > 0 ? MILL_VIEW("https") : MILL_VIEW("http");
    while (mill_view_ends(prefix, MILL_VIEW("/")))
        prefix.len--;
    if (!mill_view_starts(prefix, MILL_VIEW("/")))
        prefix.len = 0;
    url = mill_arena_printf(arena, "%.*s://%.*s%.*s%.*s", MILL_FMT(scheme), MILL_FMT(host),
                            MILL_FMT(prefix), MILL_FMT(mount_of(req)));
    if (url.ptr == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for an answer");
    *out = url;
    return MILL_OK;
}
