/* dispatch.c - runs a route: request text to struct, handler, struct to answer, each on the
 * thread where it belongs. The only place where JSON routes and HTTP meet. */
#include "base/clock.h"
#include "base/view.h"
#include "server/changes.h"
#include "server/events.h"
#include "server/http.h"
#include "server/route.h"
#include "wire/decode.h"
#include "wire/encode.h"

/* Bodies above this are decoded on the pool, so that the loop never stands still for long. */
#define DECODE_ON_LOOP_BYTES (64 * 1024)

#define JSON_TYPE "application/json"

/* All that one request of a JSON route needs; in its arena. */
struct job {
    struct mill_request *req;
    struct mill_call call;
    enum mill_status status;
    struct mill_error err;
    struct mill_buf out; /* the answer, when it is made on the pool */
    struct mill_change change;
    struct mill_write write;
    struct mill_task task;
};

/* --- what is not there ------------------------------------------------------------------ */

static void add_allow(struct mill_request *req, unsigned methods)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {{MILL_GET, "GET"}, {MILL_HEAD, "HEAD"},   {MILL_POST, "POST"},
                 {MILL_PUT, "PUT"}, {MILL_PATCH, "PATCH"}, {MILL_DELETE, "DELETE"}};
    struct mill_buf text = {0};
    for (size_t i = 0; i < MILL_COUNT(names); i++)
        if ((methods & names[i].bit) != 0)
            mill_buf_printf(&text, "%s%s", text.len > 0 ? ", " : "", names[i].name);
    if (!text.failed)
        mill_response_header(req, "Allow", mill_buf_view(&text));
    mill_buf_release(&text);
}

static void answer_missing(struct mill_request *req)
{
    struct mill_view params[MILL_MAX_PATH_PARAMS];
    struct mill_error err;
    unsigned methods;
    struct mill_view path = mill_utf8_prefix(req->raw_path, 200);
    (void)mill_route_find(req->method, req->path, params, &methods);
    if (methods == 0) {
        mill_respond_error(req,
                           mill_fail(&err, MILL_E_NO_ENDPOINT,
                                     "this server has no endpoint %.*s", MILL_FMT(path)),
                           &err);
        return;
    }
    add_allow(req, methods);
    mill_respond_error(req,
                       mill_fail(&err, MILL_E_METHOD,
                                 "%.*s does not take this method; see the Allow header",
                                 MILL_FMT(path)),
                       &err);
}

/* --- answers ---------------------------------------------------------------------------- */

static void release_page(struct job *job)
{
    mill_run_page_release(&job->call.page);
    job->call.page = (struct mill_run_page){0};
    mill_held_release(&job->call.held);
}

static void encode(struct job *job, struct mill_buf *out)
{
    const struct mill_message *message = job->req->route->response;
    if (message == NULL)
        mill_buf_add(out, "{}", 2);
    else
        mill_encode(out, message, job->call.response);
    release_page(job);
}

static void answer_error(struct job *job)
{
    release_page(job);
    if (job->status == MILL_E_BUSY)
        mill_response_header(job->req, "Retry-After", MILL_VIEW("1"));
    mill_respond_error(job->req, job->status, &job->err);
}

/* Loop thread, last thing of all; out holds the answer unless there is an error or a source,
 * and passes to the request. */
static void answer(struct job *job, struct mill_buf *out)
{
    if (job->status != MILL_OK)
        answer_error(job);
    else if (job->call.source != NULL)
        mill_respond_source(job->req, 200, JSON_TYPE, job->call.source);
    else
        mill_respond_buf(job->req, 200, JSON_TYPE, out);
}

static void refuse_busy(struct job *job, const char *what)
{
    job->status = mill_fail(&job->err, MILL_E_BUSY, "too many %s are waiting; try again", what);
    answer_error(job);
}

/* --- requests --------------------------------------------------------------------------- */

/* JSON must be called JSON, so that a page of another site cannot send it unasked. */
static enum mill_status check_type(struct mill_request *req, struct mill_error *err)
{
    struct mill_view type;
    struct mill_view header;
    if (req->method != MILL_POST && req->method != MILL_PUT)
        return MILL_OK;
    header = mill_request_header(req, "Content-Type");
    (void)mill_view_cut(header, ';', &type);
    type = mill_view_trim(type);
    if (mill_view_eq_nocase(type, MILL_VIEW(JSON_TYPE)))
        return MILL_OK;
    if (type.len == 0)
        return mill_fail(err, MILL_E_INVALID,
                         "the Content-Type header is missing; send " JSON_TYPE);
    type = mill_utf8_prefix(type, 60);
    return mill_fail(err, MILL_E_INVALID, "Content-Type is %.*s; send " JSON_TYPE,
                     MILL_FMT(type));
}

/* Reads the request: the query counts for GET, when there is one, else the body. */
static enum mill_status decode(struct job *job)
{
    struct mill_request *req = job->req;
    const struct mill_message *message = req->route->request;
    void *value;
    bool query = (req->method == MILL_GET || req->method == MILL_HEAD) && req->query.len > 0;
    if (message == NULL)
        return MILL_OK;
    value = mill_arena_alloc(&req->arena, message->size);
    if (value == NULL)
        return mill_fail(&job->err, MILL_E_NOMEM, "no memory left for this request");
    job->call.request = value;
    if (query)
        return mill_decode_query(message, req->query, &req->arena, value, &job->err);
    return mill_decode_json(message, req->body, &req->arena, value, &job->err);
}

static enum mill_status make_response(struct job *job)
{
    const struct mill_message *message = job->req->route->response;
    if (message == NULL)
        return MILL_OK;
    job->call.response = mill_arena_alloc(&job->req->arena, message->size);
    if (job->call.response == NULL)
        return mill_fail(&job->err, MILL_E_NOMEM, "no memory left for this request");
    mill_message_init(message, job->call.response);
    return MILL_OK;
}

static struct job *make_job(struct mill_request *req)
{
    struct mill_server *server = req->server;
    struct job *job = mill_arena_zero(&req->arena, 1, sizeof(*job));
    if (job == NULL)
        return NULL;
    job->req = req;
    job->call = (struct mill_call){.arena = &req->arena,
                                   .store = server->store,
                                   .config = server->config,
                                   .artifacts = server->artifacts,
                                   .run_artifacts = server->run_artifacts,
                                   .path_params = req->path_params,
                                   .http = req,
                                   .webhooks = server->webhooks,
                                   .changes = server->changes,
                                   .now_ms = mill_now_ms()};
    req->context = job;
    return job;
}

/* --- reads ------------------------------------------------------------------------------ */

/* Any thread; the answer goes to out. */
static void read_and_encode(struct job *job, struct mill_buf *out)
{
    job->status = decode(job);
    if (job->status == MILL_OK)
        job->status = make_response(job);
    if (job->status == MILL_OK)
        job->status = job->req->route->read(&job->call, &job->err);
    if (job->status == MILL_OK && job->call.source == NULL)
        encode(job, out);
}

static void read_on_pool(struct mill_request *req)
{
    struct job *job = req->context;
    read_and_encode(job, &job->out);
}

static void answer_read(struct mill_request *req)
{
    struct job *job = req->context;
    if (job->status != MILL_OK)
        mill_buf_release(&job->out);
    answer(job, &job->out); /* the job may be gone afterwards */
}

/* --- writes ----------------------------------------------------------------------------- */

/* Loop thread, after the commit. */
static void finish_write(struct mill_task *task)
{
    struct job *job = (struct job *)(void *)((char *)task - offsetof(struct job, task));
    const struct mill_outcome *outcome = &job->write.pending.outcome;
    const struct mill_route *route = job->req->route;
    job->status = outcome->status;
    mill_events_changed(job->req->server);
    if (job->status != MILL_OK) {
        job->err = outcome->error;
    } else {
        if (route->reply != NULL)
            route->reply(&job->call, outcome);
        encode(job, &job->req->out);
    }
    answer(job, &job->req->out);
}

void mill_dispatch_writes(struct mill_write *list, void *context)
{
    struct mill_server *server = context;
    struct mill_task *first = NULL;
    struct mill_task **end = &first;
    for (struct mill_write *w = list; w != NULL; w = w->next) {
        struct job *job = w->context;
        if (w->pending.outcome.status == MILL_OK)
            mill_changes_note(server->changes, w->pending.change, &w->pending.outcome);
        job->task.run = finish_write;
        *end = &job->task;
        end = &job->task.next;
    }
    *end = NULL;
    if (first != NULL)
        mill_server_post(server, first);
}

/* Request to checked change; any thread. */
static void prepare_write(struct mill_request *req)
{
    struct job *job = req->context;
    job->status = decode(job);
    if (job->status == MILL_OK)
        job->status = make_response(job);
    job->change.now_ms = job->call.now_ms;
    if (job->status == MILL_OK)
        job->status = req->route->change(&job->call, &job->change, &job->err);
    if (job->status == MILL_OK)
        job->status = mill_change_check(&job->change, &req->arena, &job->err);
}

static void submit_write(struct mill_request *req)
{
    struct job *job = req->context;
    if (job->status != MILL_OK) {
        answer_error(job);
        return;
    }
    job->write.pending.change = &job->change;
    job->write.pending.outcome.arena = &req->arena;
    job->write.context = job;
    if (!mill_writer_submit(req->server->writer, &job->write, 1))
        refuse_busy(job, "writes");
}

/* --- all of them ------------------------------------------------------------------------ */

/* Tracking is off under --artifacts-only, and so is what pages ask of it. */
static bool switched_off(const struct mill_request *req)
{
    if (!req->server->config->artifacts_only || req->route->version == 0)
        return false;
    return req->route->version == 1 ||
           mill_view_starts(mill_view_of(req->route->path), MILL_VIEW("/mlflow/"));
}

/* What costs little is done at once; a large body is always decoded on the pool. */
static void run_job(struct job *job)
{
    struct mill_request *req = job->req;
    bool here = req->body.len <= DECODE_ON_LOOP_BYTES && !req->route->waits;
    bool write = req->route->kind == MILL_ROUTE_WRITE;
    bool quick =
        req->route->kind == MILL_ROUTE_LOOP && !mill_store_reads_block(req->server->store);
    if (here && quick) {
        read_and_encode(job, &req->out);
        answer(job, &req->out);
    } else if (here && write) {
        prepare_write(req);
        submit_write(req);
    } else if (!mill_request_work(req, write ? prepare_write : read_on_pool,
                                  write ? submit_write : answer_read)) {
        refuse_busy(job, "requests");
    }
}

void mill_dispatch(struct mill_request *req)
{
    const struct mill_route *route = req->route;
    struct mill_error err;
    struct job *job;
    if (route == NULL) {
        answer_missing(req);
    } else if (switched_off(req)) {
        mill_respond(req, 503, "text/plain; charset=utf-8",
                     MILL_VIEW("This server stores artifacts only (--artifacts-only)."));
    } else if (route->kind == MILL_ROUTE_RAW) {
        route->raw(req);
    } else if (check_type(req, &err) != MILL_OK) {
        mill_respond_error(req, MILL_E_INVALID, &err);
    } else if ((job = make_job(req)) == NULL) {
        mill_respond_error(req, MILL_E_NOMEM, NULL);
    } else {
        run_job(job);
    }
}
