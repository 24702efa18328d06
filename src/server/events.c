/* events.c - the routes `events` and `changes`: what changed, to pages that listen and to pages
 * that ask.
 *
 * A listener is an answer whose source waits. It remembers the generation it was told last;
 * what happened since is asked for when it can be sent. So a receiver that is slow gets fewer
 * and longer events, and costs no memory meanwhile. */
#include "server/events.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/view.h"
#include "server/changes.h"
#include "server/conn.h"
#include "server/handlers.h"
#include "wire/decode.h"
#include "wire/messages.h"

/* Listeners are told at most this often. */
#define TELL_MS 250

/* A comment this often keeps proxies awake, and finds out who has left. */
#define BEAT_MS 15000

struct listener {
    struct mill_body_source source; /* first */
    struct mill_request *req;
    struct mill_changes_filter filter;
    int64_t since;
    bool greeted;
    bool beat_due;
    struct listener *prev, *next;
};

struct mill_events {
    struct mill_http *http;
    struct mill_changes *changes;
    uv_timer_t tell, beat;
    uint64_t told_ms; /* in the loop's time */
    struct listener *first;
    int64_t count;
    bool stopping;
    int open_handles;
    struct mill_gauge gauge;
};

/* --- requests ----------------------------------------------------------------------------- */

static int cmp_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static int cmp_views(const void *a, const void *b)
{
    return mill_view_cmp(*(const struct mill_view *)a, *(const struct mill_view *)b);
}

/* A sorted copy in the request's arena; NULL when out of memory. */
static void *sorted(struct mill_request *req, const void *items, size_t count, size_t size,
                    int (*cmp)(const void *a, const void *b))
{
    void *copy = mill_arena_zero(&req->arena, count, size);
    if (copy != NULL && count > 0) {
        memcpy(copy, items, count * size);
        qsort(copy, count, size, cmp);
    }
    return copy;
}

static enum mill_status read_request(struct mill_request *req, int64_t *since,
                                     struct mill_changes_filter *filter, struct mill_error *err)
{
    struct mill_changes_request asked;
    enum mill_status st =
        mill_decode_query(&mill_changes_request_message, req->query, &req->arena, &asked, err);
    if (st != MILL_OK)
        return st;
    *filter = (struct mill_changes_filter){
        .experiment_ids = sorted(req, asked.experiment_ids, asked.experiment_ids_count,
                                 sizeof(int64_t), cmp_ids),
        .experiment_count = asked.experiment_ids_count,
        .run_ids = sorted(req, asked.run_ids, asked.run_ids_count, sizeof(struct mill_view),
                          cmp_views),
        .run_count = asked.run_ids_count};
    if (filter->experiment_ids == NULL || filter->run_ids == NULL)
        return mill_no_memory(err);
    *since = asked.since;
    return MILL_OK;
}

void mill_raw_changes(struct mill_request *req)
{
    struct mill_changes_filter filter;
    struct mill_error err;
    int64_t since = MILL_ABSENT;
    enum mill_status st = read_request(req, &since, &filter, &err);

    if (st != MILL_OK) {
        mill_respond_error(req, st, &err);
        return;
    }
    mill_changes_write(req->server->changes, since, &filter, &req->out, NULL);
    mill_response_header(req, "Cache-Control", MILL_VIEW("no-store"));
    mill_respond_buf(req, 200, "application/json", &req->out);
}

/* --- one listener ------------------------------------------------------------------------- */

static void add_event(struct listener *l, struct mill_buf *out, struct mill_view data,
                      int64_t generation)
{
    if (!l->greeted)
        mill_buf_add_view(out, MILL_VIEW("retry: 2000\n\n"));
    mill_buf_printf(out, "id: %lld\nevent: runs\ndata: ", (long long)generation);
    mill_buf_add_view(out, data);
    mill_buf_add_view(out, MILL_VIEW("\n\n"));
    l->greeted = true;
    l->beat_due = false;
    l->since = generation;
}

/* What happened since the last time; the first event comes in any case. */
static enum mill_status next_event(struct mill_body_source *source, struct mill_buf *out,
                                   bool *end_out, struct mill_error *err)
{
    struct listener *l = (struct listener *)source;
    struct mill_events *events = l->req->server->http->events;
    struct mill_buf data = {0};
    bool any;
    (void)err;

    if (events->stopping) {
        *end_out = true;
        return MILL_OK;
    }
    int64_t generation = mill_changes_write(events->changes, l->since, &l->filter, &data, &any);
    out->failed = data.failed;
    if (any || !l->greeted)
        add_event(l, out, mill_buf_view(&data), generation);
    else if (l->beat_due)
        mill_buf_add_view(out, MILL_VIEW(":\n\n"));
    l->beat_due = false;
    l->since = generation;
    mill_buf_release(&data);
    return MILL_OK;
}

static void stop_listening(struct mill_body_source *source)
{
    struct listener *l = (struct listener *)source;
    struct mill_events *events = l->req->server->http->events;

    *(l->prev != NULL ? &l->prev->next : &events->first) = l->next;
    if (l->next != NULL)
        l->next->prev = l->prev;
    events->count--;
}

static void begin_listening(struct mill_events *events, struct listener *l)
{
    l->next = events->first;
    if (l->next != NULL)
        l->next->prev = l;
    events->first = l;
    events->count++;
}

void mill_raw_events(struct mill_request *req)
{
    struct mill_events *events = req->server->http->events;
    struct listener *l = mill_arena_zero(&req->arena, 1, sizeof(*l));
    struct mill_error err = {"out of memory for a listener"};
    enum mill_status st = MILL_E_NOMEM;
    struct mill_view last = mill_request_header(req, "Last-Event-ID");

    if (l != NULL)
        st = read_request(req, &l->since, &l->filter, &err);
    if (st == MILL_OK && last.len > 0 && !mill_view_int(last, &l->since))
        st = mill_fail(&err, MILL_E_INVALID, "Last-Event-ID: must be a generation");
    if (st == MILL_OK &&
        (events->stopping || events->count >= req->server->config->max_event_listeners)) {
        mill_response_header(req, "Retry-After", MILL_VIEW("5"));
        st = mill_fail(&err, MILL_E_BUSY, "too many pages listen (--max-event-listeners)");
    }
    if (st != MILL_OK) {
        mill_respond_error(req, st, &err);
        return;
    }
    l->req = req;
    l->source = (struct mill_body_source){
        .next = next_event, .close = stop_listening, .length = MILL_ABSENT, .waits = true};
    begin_listening(events, l);
    mill_response_header(req, "Cache-Control", MILL_VIEW("no-store"));
    mill_response_header(req, "X-Accel-Buffering", MILL_VIEW("no")); /* nginx would wait */
    mill_respond_source(req, 200, "text/event-stream", &l->source);
}

/* --- all of them -------------------------------------------------------------------------- */

/* Each may leave while it is told; nobody else does. */
static void wake_all(struct mill_events *events, bool beat)
{
    struct listener *next;

    for (struct listener *l = events->first; l != NULL; l = next) {
        next = l->next;
        l->beat_due = beat;
        mill_source_wake(l->req);
    }
}

static void on_tell(uv_timer_t *timer)
{
    struct mill_events *events = timer->data;

    events->told_ms = uv_now(&events->http->loop);
    wake_all(events, false);
}

static void on_beat(uv_timer_t *timer)
{
    wake_all(timer->data, true);
}

void mill_events_changed(struct mill_server *server)
{
    struct mill_events *events = server->http->events;
    uint64_t now, next;

    if (events == NULL || events->first == NULL || uv_is_active((uv_handle_t *)&events->tell))
        return;
    now = uv_now(&events->http->loop);
    next = events->told_ms + TELL_MS;
    uv_timer_start(&events->tell, on_tell, next > now ? next - now : 0, 0);
}

void mill_events_stop(struct mill_events *events)
{
    if (events == NULL)
        return;
    events->stopping = true;
    wake_all(events, false);
}

/* --- life --------------------------------------------------------------------------------- */

static double listeners_now(void *context)
{
    const struct mill_events *events = context;

    return (double)events->count;
}

static void handle_closed(uv_handle_t *handle)
{
    struct mill_events *events = handle->data;

    if (--events->open_handles == 0)
        mill_free(events);
}

void mill_events_close(struct mill_events *events)
{
    if (events == NULL)
        return;
    uv_close((uv_handle_t *)&events->tell, handle_closed);
    uv_close((uv_handle_t *)&events->beat, handle_closed);
}

enum mill_status mill_events_open(struct mill_http *http, struct mill_changes *changes,
                                  struct mill_error *err)
{
    struct mill_events *events = mill_alloc_zero(1, sizeof(*events));

    if (events == NULL)
        return mill_fail(err, MILL_E_NOMEM, "starting the server: out of memory");
    events->http = http;
    events->changes = changes;
    uv_timer_init(&http->loop, &events->tell); /* cannot fail */
    uv_timer_init(&http->loop, &events->beat);
    events->tell.data = events->beat.data = events;
    events->open_handles = 2;
    uv_timer_start(&events->beat, on_beat, BEAT_MS, BEAT_MS);
    events->gauge = (struct mill_gauge){.name = "millstream_event_listeners",
                                        .type = "gauge",
                                        .help = "Pages that listen to changes.",
                                        .read = listeners_now,
                                        .context = events};
    mill_server_add_gauge(http->server, &events->gauge);
    http->events = events;
    return MILL_OK;
}
