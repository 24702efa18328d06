/* ui.c - see ui.h. Paths are checked and opened as those of artifacts: nothing outside the
 * directory is ever opened, whatever links it holds. */
#include "server/ui.h"

#include <unistd.h>

#include "base/view.h"
#include "server/download.h"
#include "server/handlers.h"

#define INDEX "index.html"

/* What browsers have to be told; they do not guess (nosniff). */
static const struct {
    struct mill_view ending;
    const char *type;
} types[] = {
    {{".html", 5}, "text/html; charset=utf-8"},
    {{".js", 3}, "text/javascript; charset=utf-8"},
    {{".mjs", 4}, "text/javascript; charset=utf-8"},
    {{".css", 4}, "text/css; charset=utf-8"},
    {{".json", 5}, "application/json"},
    {{".map", 4}, "application/json"},
    {{".txt", 4}, "text/plain; charset=utf-8"},
    {{".svg", 4}, "image/svg+xml"},
    {{".png", 4}, "image/png"},
    {{".jpg", 4}, "image/jpeg"},
    {{".gif", 4}, "image/gif"},
    {{".webp", 5}, "image/webp"},
    {{".ico", 4}, "image/x-icon"},
    {{".woff", 5}, "font/woff"},
    {{".woff2", 6}, "font/woff2"},
    {{".ttf", 4}, "font/ttf"},
    {{".wasm", 5}, "application/wasm"},
};

/* How long browsers may keep a file without asking: names below static/ change with their
 * content, the first page has to be fresh. The first row that fits counts. */
static const struct {
    struct mill_view beginning;
    struct mill_view control;
} caching[] = {
    {{"static/", 7}, {"public, max-age=31536000, immutable", 35}},
    {{INDEX, sizeof(INDEX) - 1}, {"no-cache", 8}},
    {{"", 0}, {"public, max-age=2419200", 23}},
};

struct ui_request {
    struct mill_view path; /* checked */
    enum mill_status status;
    struct mill_error err;
    struct mill_artifact_file file;
};

enum mill_status mill_ui_open(struct mill_view directory, struct mill_artifact_store **out,
                              struct mill_error *err)
{
    struct mill_artifact_store *store = NULL;
    struct mill_artifact_file file;
    enum mill_status st = mill_artifact_open_store(directory, &store, err);

    if (st == MILL_OK && mill_artifact_open(store, MILL_VIEW(INDEX), &file, NULL) != MILL_OK) {
        mill_artifact_close_store(store);
        return mill_fail(err, MILL_E_INVALID, "--ui-dir: there is no " INDEX " in '%.*s'",
                         MILL_FMT(directory));
    }
    if (st != MILL_OK)
        return st;
    close(file.fd);
    *out = store;
    return MILL_OK;
}

static const char *type_of(struct mill_view path)
{
    for (size_t i = 0; i < MILL_COUNT(types); i++)
        if (mill_view_ends(path, types[i].ending))
            return types[i].type;
    return "application/octet-stream";
}

static struct mill_view control_of(struct mill_view path)
{
    size_t i = 0;

    while (!mill_view_starts(path, caching[i].beginning))
        i++;
    return caching[i].control;
}

/* Pool thread. */
static void open_file(struct mill_request *req)
{
    struct ui_request *u = req->context;

    u->status = mill_artifact_open(req->server->ui, u->path, &u->file, &u->err);
}

static void file_opened(struct mill_request *req)
{
    const struct ui_request *u = req->context;

    if (u->status != MILL_OK) {
        mill_respond_error(req, u->status, &u->err);
        return;
    }
    mill_response_header(req, "Cache-Control", control_of(u->path));
    mill_respond_page_file(req, type_of(u->path), &u->file);
}

static void serve(struct mill_request *req, struct mill_view path)
{
    struct ui_request *u = mill_arena_zero(&req->arena, 1, sizeof(*u));
    struct mill_error err = {"out of memory for a page"};
    enum mill_status st = MILL_E_NOMEM;

    if (u != NULL)
        st = mill_artifact_path_check(path, MILL_PATH_ENTRY, &req->arena, &u->path, &err);
    if (st != MILL_OK) {
        mill_respond_error(req, st, &err);
        return;
    }
    req->context = u;
    if (!mill_request_work(req, open_file, file_opened))
        mill_respond_error(req, mill_fail(&err, MILL_E_BUSY, "too many requests wait"), &err);
}

/* The page's own addresses are relative: below a prefix it has to end with a slash. */
static bool redirect_to_slash(struct mill_request *req)
{
    struct mill_view prefix = req->server->config->static_prefix;
    struct mill_view path;

    (void)mill_view_cut(req->target, '?', &path);
    if (prefix.len == 0 || !mill_view_eq(path, prefix))
        return false;
    mill_response_header(req, "Location",
                         mill_arena_printf(&req->arena, "%.*s/", MILL_FMT(prefix)));
    mill_respond(req, 308, NULL, MILL_VIEW(""));
    return true;
}

void mill_raw_ui_page(struct mill_request *req)
{
    if (req->server->ui == NULL)
        mill_raw_root(req);
    else if (!redirect_to_slash(req))
        serve(req, MILL_VIEW(INDEX));
}

void mill_raw_ui_file(struct mill_request *req)
{
    struct mill_error err;

    if (req->server->ui == NULL)
        mill_respond_error(req,
                           mill_fail(&err, MILL_E_NOT_FOUND,
                                     "this server has no pages: start it with --ui-dir"),
                           &err);
    else
        serve(req, req->path_params[0]);
}
