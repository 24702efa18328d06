/* ui.c - the files of web pages: those built into the program, or of a directory (see ui.h).
 * Paths in a directory are checked and opened as those of artifacts: nothing outside it is ever
 * opened, whatever links it holds. */
#include "server/ui.h"

#include <unistd.h>

#include "base/view.h"
#include "server/download.h"
#include "server/gzip.h"
#include "server/handlers.h"
#include "server/ui_assets.h"
#include "server/ui_page.h"

#define INDEX "index.html"

/* A page that is one of ours is small; how much of it is read, and at a time. */
#define MAX_PAGE   (256 * 1024)
#define PAGE_PIECE (16 * 1024)

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
    struct mill_buf page; /* index.html, where that is asked for as a page */
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

/* --- from a directory --------------------------------------------------------------------- */

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

static struct ui_request *begin(struct mill_request *req, struct mill_view path)
{
    struct ui_request *u = mill_arena_zero(&req->arena, 1, sizeof(*u));
    struct mill_error err = {"out of memory for a page"};
    enum mill_status st = MILL_E_NOMEM;

    if (u != NULL)
        st = mill_artifact_path_check(path, MILL_PATH_ENTRY, &req->arena, &u->path, &err);
    if (st != MILL_OK) {
        mill_respond_error(req, st, &err);
        return NULL;
    }
    req->context = u;
    return u;
}

static void to_pool(struct mill_request *req, mill_request_fn *work, mill_request_fn *done)
{
    struct mill_error err;

    if (!mill_request_work(req, work, done))
        mill_respond_error(req, mill_fail(&err, MILL_E_BUSY, "too many requests wait"), &err);
}

static void serve_file(struct mill_request *req, struct mill_view path)
{
    if (begin(req, path) != NULL)
        to_pool(req, open_file, file_opened);
}

/* --- built in ----------------------------------------------------------------------------- */

static const struct mill_ui_asset *find_asset(struct mill_view path)
{
    for (size_t i = 0; i < mill_ui_asset_count; i++)
        if (mill_view_eq(mill_ui_assets[i].path, path))
            return &mill_ui_assets[i];
    return NULL;
}

static bool not_modified(struct mill_request *req, struct mill_view etag)
{
    mill_response_header(req, "ETag", etag);
    if (!mill_etag_listed(mill_request_header(req, "If-None-Match"), etag))
        return false;
    mill_respond(req, 304, NULL, MILL_VIEW(""));
    return true;
}

static void serve_asset(struct mill_request *req, const struct mill_ui_asset *asset)
{
    mill_response_header(req, "Cache-Control", control_of(asset->path));
    if (!not_modified(req, asset->etag))
        mill_respond_gzip(req, 200, type_of(asset->path), asset->gzip);
}

/* --- the page ----------------------------------------------------------------------------- */

static bool is_embedded(struct mill_request *req)
{
    struct mill_view rest = req->query, pair;

    while (rest.ptr != NULL) {
        rest = mill_view_cut(rest, '&', &pair);
        if (mill_view_eq(pair, MILL_VIEW("embed=1")))
            return true;
    }
    return false;
}

static void add_policy(struct mill_request *req)
{
    struct mill_buf policy = {0};

    mill_ui_page_policy(req->server->config, is_embedded(req), &policy);
    if (!policy.failed)
        mill_response_header(req, "Content-Security-Policy", mill_buf_view(&policy));
    mill_buf_release(&policy);
    mill_response_header(req, "Referrer-Policy", MILL_VIEW("same-origin"));
}

/* Sends one of our pages, placed; false when it is none. The tag tells places apart, too. */
static bool send_placed(struct mill_request *req, struct mill_view page)
{
    struct mill_buf placed = {0};

    if (!mill_ui_page_place(page, req->raw_path, &placed))
        return false;
    struct mill_view etag = mill_arena_printf(
        &req->arena, "\"%016llx\"", (unsigned long long)mill_view_hash(mill_buf_view(&placed)));
    add_policy(req);
    mill_response_header(req, "Cache-Control", MILL_VIEW("no-cache"));
    if (etag.ptr != NULL && not_modified(req, etag))
        mill_buf_release(&placed);
    else
        mill_respond_buf(req, 200, "text/html; charset=utf-8", &placed);
    return true;
}

/* A page of others has one place, the root, and sends itself. */
static void page_read(struct mill_request *req)
{
    struct ui_request *u = req->context;
    struct mill_error err;

    if (u->status != MILL_OK) {
        mill_respond_error(req, u->status, &u->err);
    } else if (!send_placed(req, mill_buf_view(&u->page))) {
        if (mill_view_eq(req->raw_path, MILL_VIEW("/")))
            to_pool(req, open_file, file_opened);
        else
            mill_respond_error(
                req,
                mill_fail(&err, MILL_E_NO_ENDPOINT, "the pages in --ui-dir have no such path"),
                &err);
    }
    mill_buf_release(&u->page);
}

/* Pool thread. */
static void read_page(struct mill_request *req)
{
    struct ui_request *u = req->context;
    ssize_t got = 1;

    u->status = mill_artifact_open(req->server->ui, u->path, &u->file, &u->err);
    if (u->status != MILL_OK)
        return;
    while (got > 0 && u->page.len < MAX_PAGE && mill_buf_reserve(&u->page, PAGE_PIECE)) {
        got = read(u->file.fd, u->page.ptr + u->page.len, PAGE_PIECE);
        u->page.len += got > 0 ? (size_t)got : 0;
    }
    close(u->file.fd);
    if (u->page.failed || got < 0)
        u->status = mill_fail(&u->err, u->page.failed ? MILL_E_NOMEM : MILL_E_IO,
                              "reading a page failed");
}

static void serve_page(struct mill_request *req)
{
    const struct mill_ui_asset *asset = find_asset(MILL_VIEW(INDEX));
    struct mill_buf page = {0};

    if (req->server->ui != NULL) {
        if (begin(req, MILL_VIEW(INDEX)) != NULL)
            to_pool(req, read_page, page_read);
        return;
    }
    if (!mill_gunzip(asset->gzip, &page) || !send_placed(req, mill_buf_view(&page)))
        mill_respond_error(req, MILL_E_NOMEM, NULL);
    mill_buf_release(&page);
}

/* --- routes ------------------------------------------------------------------------------- */

static bool has_page(const struct mill_request *req)
{
    return req->server->ui != NULL || find_asset(MILL_VIEW(INDEX)) != NULL;
}

static void no_pages(struct mill_request *req)
{
    struct mill_error err;

    mill_respond_error(
        req,
        mill_fail(&err, MILL_E_NOT_FOUND,
                  "this program was built without pages; start it with --ui-dir"),
        &err);
}

/* Addresses of a page are relative: below a prefix it has to end with a slash. */
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

void mill_raw_ui_root(struct mill_request *req)
{
    if (!has_page(req))
        mill_raw_root(req);
    else if (!redirect_to_slash(req))
        serve_page(req);
}

void mill_raw_ui_page(struct mill_request *req)
{
    if (has_page(req))
        serve_page(req);
    else
        no_pages(req);
}

void mill_raw_ui_static(struct mill_request *req)
{
    struct mill_view path =
        mill_arena_printf(&req->arena, "static/%.*s", MILL_FMT(req->path_params[0]));
    const struct mill_ui_asset *asset = find_asset(path);
    struct mill_error err;

    if (req->server->ui != NULL)
        serve_file(req, path);
    else if (asset != NULL)
        serve_asset(req, asset);
    else
        mill_respond_error(
            req, mill_fail(&err, MILL_E_NOT_FOUND, "the pages have no such file"), &err);
}

void mill_raw_ui_file(struct mill_request *req)
{
    if (req->server->ui == NULL)
        no_pages(req);
    else
        serve_file(req, req->path_params[0]);
}
