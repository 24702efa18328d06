/* ui_page.c - see ui_page.h. */
#include "server/ui_page.h"

#include "base/view.h"

#define MARK "<base href=\""

/* Where the mark's "./" begins, or page.len. */
static size_t find_base(struct mill_view page)
{
    const struct mill_view mark = MILL_VIEW(MARK "./\"");
    for (size_t i = 0; i + mark.len <= page.len; i++)
        if (memcmp(page.ptr + i, mark.ptr, mark.len) == 0)
            return i + sizeof(MARK) - 1;
    return page.len;
}

bool mill_ui_page_place(struct mill_view page, struct mill_view path, struct mill_buf *out)
{
    size_t at = find_base(page), slashes = 0;
    if (at == page.len)
        return false;
    for (size_t i = 0; i < path.len; i++)
        slashes += path.ptr[i] == '/';
    mill_buf_add(out, page.ptr, at);
    if (slashes < 2)
        mill_buf_add_view(out, MILL_VIEW("./"));
    for (; slashes > 1; slashes--)
        mill_buf_add_view(out, MILL_VIEW("../"));
    mill_buf_add_view(out, mill_view_from(page, at + 2));
    return true;
}

/* The next origin of a list with commas or spaces between. */
static struct mill_view next_origin(struct mill_view *list)
{
    size_t from = 0, to;
    while (from < list->len && (list->ptr[from] == ',' || list->ptr[from] == ' '))
        from++;
    for (to = from; to < list->len && list->ptr[to] != ',' && list->ptr[to] != ' ';)
        to++;
    struct mill_view origin = {list->ptr + from, to - from};
    *list = mill_view_from(*list, to);
    return origin;
}

/* What may stand in a policy: nothing that would end its part. */
static bool is_origin(struct mill_view origin)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-._:/[]*";
    if (mill_view_eq(origin, MILL_VIEW("*")))
        return true;
    for (size_t i = 0; i < origin.len; i++)
        if (memchr(allowed, origin.ptr[i], sizeof(allowed) - 1) == NULL)
            return false;
    return mill_view_starts(origin, MILL_VIEW("http://")) ||
           mill_view_starts(origin, MILL_VIEW("https://"));
}

enum mill_status mill_ui_page_check(const struct mill_server_config *config,
                                    struct mill_error *err)
{
    struct mill_view list = config->embed_origins, origin;
    while ((origin = next_origin(&list)).len > 0)
        if (!is_origin(origin))
            return mill_fail(err, MILL_E_INVALID,
                             "--embed-origins: '%.*s' is no origin; write https://host, with a "
                             "port if need be, or *",
                             MILL_FMT(origin));
    return MILL_OK;
}

void mill_ui_page_policy(const struct mill_server_config *config, bool embed,
                         struct mill_buf *out)
{
    struct mill_view frames = config->x_frame_options;
    struct mill_view list = config->embed_origins, origin;
    mill_buf_add_view(
        out,
        MILL_VIEW("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' "
                  "data: blob:; media-src 'self' blob:; font-src 'self'; connect-src "
                  "'self'; frame-src 'self' blob:; worker-src 'self'; manifest-src "
                  "'self'; base-uri 'self'; form-action 'none'"));
    if (mill_view_eq(frames, MILL_VIEW("NONE")))
        return;
    bool own = !mill_view_eq(frames, MILL_VIEW("DENY"));
    bool others = embed && list.len > 0;
    mill_buf_add_view(out, MILL_VIEW("; frame-ancestors"));
    if (own)
        mill_buf_add_view(out, MILL_VIEW(" 'self'"));
    else if (!others)
        mill_buf_add_view(out, MILL_VIEW(" 'none'"));
    while (others && (origin = next_origin(&list)).len > 0) {
        mill_buf_add_char(out, ' ');
        mill_buf_add_view(out, origin);
    }
}
