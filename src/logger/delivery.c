/* delivery.c - records of a spool as calls of the client; which run is in delivery_run.c. */
#include "logger/delivery.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json_text.h"
#include "base/view.h"
#include "client/client.h"
#include "logger/delivery_run.h"
#include "wire/encode.h"
#include "wire/messages.h"

/* Once so many points are gathered they are sent, as few requests: all of them have to get
 * through before the place moves on. */
#define GROUP_POINTS 1000

bool mill_delivery_is_refusal(enum mill_status status)
{
    static const enum mill_status refusals[] = {
        MILL_E_INVALID, MILL_E_BAD_REQUEST, MILL_E_EXISTS, MILL_E_CONFLICT, MILL_E_TOO_LARGE};
    for (size_t i = 0; i < MILL_COUNT(refusals); i++)
        if (status == refusals[i])
            return true;
    return false;
}

/* --- what the server does not take ------------------------------------------------------ */

static void warn(const struct mill_delivery *d, const char *text, struct mill_view reason)
{
    char message[700];
    if (d->warning == NULL)
        return;
    snprintf(message, sizeof(message), "run %.*s: %s: %.*s", MILL_FMT(d->open.run_id), text,
             MILL_FMT(reason));
    d->warning(d->context, message);
}

/* A server refuses everything for a run in the bin. That is not for good, so nothing is put
 * aside then: it is delivered when the run is restored. */
static enum mill_status check_run_active(struct mill_delivery *d, struct mill_error *err)
{
    struct mill_run_list *list = NULL;
    enum mill_status st = mill_client_get_run(d->client, d->remote_id, &list, err);
    if (st == MILL_OK && list->items[0]->info.lifecycle_stage == MILL_DELETED)
        st = mill_fail(err, MILL_E_DENIED,
                       "run %.*s is deleted; restore it to have the rest delivered",
                       MILL_FMT(d->remote_id));
    mill_run_list_free(list);
    return st;
}

/* Notes a request that was refused in the .refused file, so that it is not lost. */
static enum mill_status refuse(struct mill_delivery *d, const struct mill_message *message,
                               const void *request, const struct mill_error *reason,
                               struct mill_error *err)
{
    char path[PATH_MAX];
    struct mill_buf line = {0};
    mill_buf_add_view(&line, MILL_VIEW("{\"reason\":"));
    mill_buf_add_json_string(&line, mill_view_of(reason->message));
    mill_buf_add_view(&line, MILL_VIEW(",\"request\":"));
    mill_encode(&line, message, request);
    mill_buf_add_view(&line, MILL_VIEW("}\n"));
    enum mill_status st = line.failed ? mill_no_memory(err) : MILL_OK;
    int len = snprintf(path, sizeof(path), "%s.refused", d->base);
    int fd = st == MILL_OK && len < (int)sizeof(path)
                 ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)
                 : -1;
    if (st == MILL_OK && (fd < 0 || write(fd, line.ptr, line.len) != (ssize_t)line.len))
        st = mill_spool_failed(path, "write", err);
    if (fd >= 0)
        close(fd);
    mill_buf_release(&line);
    if (st == MILL_OK) {
        d->refused++;
        warn(d, "the server refuses something, which is kept in the spool's .refused file",
             mill_view_of(reason->message));
    }
    return st;
}

/* How a request of its own ended: what the server refuses is put aside, so that it does not
 * hinder the rest; anything else is tried again. */
static enum mill_status settle(struct mill_delivery *d, enum mill_status st,
                               const struct mill_message *message, const void *request,
                               const struct mill_error *reason, struct mill_error *err)
{
    if (st == MILL_OK)
        return MILL_OK;
    if (!mill_delivery_is_refusal(st))
        return mill_fail(err, st, "%s", reason->message);
    st = check_run_active(d, err);
    return st == MILL_OK ? refuse(d, message, request, reason, err) : st;
}

/* --- logging --------------------------------------------------------------------------- */

/* What one call of log_batch sends: any points, and the params and tags of one record. */
struct group {
    struct mill_buf metrics; /* of struct mill_metric */
    struct mill_log_batch_request log;
    bool has_log;
};

static size_t group_items(const struct mill_log_batch_request *r)
{
    return r->metrics_count + r->params_count + r->tags_count;
}

static enum mill_status log_request(struct mill_delivery *d,
                                    const struct mill_log_batch_request *r,
                                    struct mill_error *err)
{
    struct mill_batch batch = {.size = sizeof(batch),
                               .metrics = r->metrics,
                               .metric_count = r->metrics_count,
                               .params = r->params,
                               .param_count = r->params_count,
                               .tags = r->tags,
                               .tag_count = r->tags_count};
    return mill_client_log_batch(d->client, d->remote_id, &batch, err);
}

/* Half of what a request has: the first or the second. */
static struct mill_log_batch_request half(const struct mill_log_batch_request *r, bool second)
{
    struct mill_log_batch_request part = *r;
    size_t m = r->metrics_count / 2, p = r->params_count / 2, t = r->tags_count / 2;
    part.metrics = second ? r->metrics + m : r->metrics;
    part.params = second ? r->params + p : r->params;
    part.tags = second ? r->tags + t : r->tags;
    part.metrics_count = second ? r->metrics_count - m : m;
    part.params_count = second ? r->params_count - p : p;
    part.tags_count = second ? r->tags_count - t : t;
    return part;
}

/* Sends it; where the server refuses it, finds out by halves what it is that it refuses. */
static enum mill_status log_or_refuse(struct mill_delivery *d,
                                      const struct mill_log_batch_request *r,
                                      struct mill_error *err)
{
    struct mill_error reason = {""};
    size_t count = group_items(r);
    if (count == 0)
        return MILL_OK;
    enum mill_status st = log_request(d, r, &reason);
    if (st == MILL_OK || !mill_delivery_is_refusal(st))
        return st == MILL_OK ? st : mill_fail(err, st, "%s", reason.message);
    if (count == 1)
        return refuse(d, &mill_log_batch_request_message, r, &reason, err);
    struct mill_log_batch_request first = half(r, false), second = half(r, true);
    if (group_items(&first) == 0) { /* one of several kinds: each by itself */
        first = second;
        first.params_count = first.tags_count = 0;
        if (first.metrics_count == 0)
            first.params_count = second.params_count;
        second.metrics_count = 0;
        if (first.params_count != 0)
            second.params_count = 0;
    }
    st = log_or_refuse(d, &first, err);
    return st == MILL_OK ? log_or_refuse(d, &second, err) : st;
}

static enum mill_status send_group(struct mill_delivery *d, struct group *g,
                                   struct mill_error *err)
{
    size_t points = g->metrics.len / sizeof(struct mill_metric);
    struct mill_log_batch_request r = {0};
    if (g->has_log)
        r = g->log;
    r.run_id = d->remote_id;
    r.metrics = (const void *)g->metrics.ptr;
    r.metrics_count = points;
    struct mill_error reason = {""};
    enum mill_status st = group_items(&r) > 0 ? log_request(d, &r, &reason) : MILL_OK;
    if (mill_delivery_is_refusal(st)) {
        st = check_run_active(d, err);
        if (st == MILL_OK)
            st = log_or_refuse(d, &r, err);
    } else if (st != MILL_OK) {
        mill_fail(err, st, "%s", reason.message);
    }
    if (st == MILL_OK) {
        d->points += (int64_t)points;
        d->changes += g->has_log ? 1 : 0;
        g->metrics.len = 0;
        g->has_log = false;
    }
    return st;
}

/* --- records --------------------------------------------------------------------------- */

/* Adds a record to the group if it is of its kind; *taken_out false: send the group first. */
static enum mill_status gather(struct group *g, const struct mill_spool_record *record,
                               struct mill_arena *arena, bool *taken_out,
                               struct mill_error *err)
{
    struct mill_metric *points;
    size_t count;
    enum mill_status st = MILL_OK;
    *taken_out = false;
    if (record->kind == MILL_SPOOL_POINTS &&
        g->metrics.len < GROUP_POINTS * sizeof(struct mill_metric)) {
        *taken_out = true;
        st = mill_spool_points_unpack(record->payload, arena, &points, &count, err);
        if (st == MILL_OK)
            mill_buf_add(&g->metrics, points, count * sizeof(*points));
        if (g->metrics.failed)
            st = mill_no_memory(err);
    } else if (record->kind == MILL_SPOOL_LOG && !g->has_log) {
        *taken_out = g->has_log = true;
        st = mill_spool_record_read(record, &mill_log_batch_request_message, arena, &g->log,
                                    err);
    }
    return st;
}

static enum mill_status send_inputs(struct mill_delivery *d,
                                    const struct mill_spool_record *record,
                                    struct mill_arena *arena, struct mill_error *err)
{
    struct mill_log_inputs_request r;
    struct mill_error reason = {""};
    enum mill_status st =
        mill_spool_record_read(record, &mill_log_inputs_request_message, arena, &r, err);
    if (st != MILL_OK)
        return st;
    st = mill_client_log_inputs(d->client, d->remote_id, r.datasets, r.datasets_count, r.models,
                                r.models_count, &reason);
    return settle(d, st, &mill_log_inputs_request_message, &r, &reason, err);
}

/* The directory of a path, in arena; NULL when memory is out. */
static const char *parent_of(struct mill_view path, struct mill_arena *arena)
{
    const char *slash = memrchr(path.ptr, '/', path.len);
    return mill_arena_cstr(arena, (struct mill_view){path.ptr, (size_t)(slash - path.ptr)});
}

/* Whether another delivery of this spool has stored a copy and removed it. */
static bool is_gone(struct mill_view path)
{
    return access(path.ptr, F_OK) != 0 && errno == ENOENT;
}

static enum mill_status send_artifact(struct mill_delivery *d,
                                      const struct mill_spool_record *record,
                                      struct mill_arena *arena, struct mill_error *err)
{
    struct mill_spool_artifact a;
    struct mill_error reason = {""};
    enum mill_status st =
        mill_spool_record_read(record, &mill_spool_artifact_message, arena, &a, err);
    if (st != MILL_OK)
        return st;
    const char *run = parent_of(mill_view_of(d->base), arena);
    struct mill_view path = mill_arena_printf(arena, "%s/%.*s", run, MILL_FMT(a.path));
    const char *own = path.ptr != NULL ? parent_of(path, arena) : NULL; /* NUMBER/NAME */
    if (run == NULL || own == NULL)
        return mill_no_memory(err);
    if (is_gone(path))
        return MILL_OK;
    st = mill_client_log_artifact(d->client, d->remote_id, path, a.directory, NULL, &reason);
    if (st != MILL_OK && is_gone(path))
        return MILL_OK;
    if (st == MILL_OK && !d->keep) /* what is delivered makes room */
        mill_spool_remove_tree(own);
    return settle(d, st, &mill_spool_artifact_message, &a, &reason, err);
}

bool mill_delivery_has_ended(const struct mill_run_info *info, int64_t since_ms)
{
    return info->status >= MILL_RUN_FINISHED && info->end_time != MILL_ABSENT &&
           info->end_time >= since_ms;
}

/* Takes back the sign of life of a run that has ended: it tells nothing any more, and people
 * compare the tags of their runs. */
static enum mill_status remove_heartbeat(struct mill_delivery *d, const struct mill_run *run,
                                         struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; i < run->tag_count; i++)
        if (mill_view_eq(run->tags[i].key, MILL_VIEW(MILL_HEARTBEAT_TAG)))
            st = mill_client_delete_tag(d->client, d->remote_id, run->tags[i].key, err);
    return mill_delivery_is_refusal(st) ? MILL_OK : st; /* it is gone already */
}

/* Ends the run, unless it has ended later: spools of one run may be delivered in any order. */
static enum mill_status end_run(struct mill_delivery *d,
                                const struct mill_update_run_request *r, struct mill_error *err)
{
    struct mill_run_list *list = NULL;
    enum mill_status st = mill_client_get_run(d->client, d->remote_id, &list, err);
    if (st == MILL_OK && !mill_delivery_has_ended(&list->items[0]->info, r->end_time))
        st = mill_client_set_terminated(d->client, d->remote_id,
                                        (enum mill_run_status)r->status, r->end_time, err);
    if (st == MILL_OK)
        st = remove_heartbeat(d, list->items[0], err);
    mill_run_list_free(list);
    return st;
}

static enum mill_status send_end(struct mill_delivery *d,
                                 const struct mill_spool_record *record,
                                 struct mill_arena *arena, struct mill_error *err)
{
    struct mill_update_run_request r;
    struct mill_error reason = {""};
    enum mill_status st =
        mill_spool_record_read(record, &mill_update_run_request_message, arena, &r, err);
    if (st == MILL_OK && r.status != 0)
        st = settle(d, end_run(d, &r, &reason), &mill_update_run_request_message, &r, &reason,
                    err);
    if (st == MILL_OK)
        d->ended = true;
    return st;
}

/* Sends a record that is a request of its own. */
static enum mill_status send_record(struct mill_delivery *d,
                                    const struct mill_spool_record *record,
                                    struct mill_arena *arena, struct mill_error *err)
{
    enum mill_status st;
    switch (record->kind) {
    case MILL_SPOOL_INPUTS:
        st = send_inputs(d, record, arena, err);
        break;
    case MILL_SPOOL_ARTIFACT:
        st = send_artifact(d, record, arena, err);
        break;
    case MILL_SPOOL_END:
        return send_end(d, record, arena, err);
    case MILL_SPOOL_OPEN:
    case MILL_SPOOL_POINTS:
    case MILL_SPOOL_LOG:
    default:
        return MILL_OK; /* the head of a file; the others were gathered */
    }
    if (st == MILL_OK)
        d->changes++;
    return st;
}

/* Sends the records in bytes; *sent_out is how many of the bytes are done, also on failure. */
static enum mill_status send_records(struct mill_delivery *d, struct mill_view bytes,
                                     size_t *sent_out, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct group g = {0};
    struct mill_spool_record record;
    struct mill_view rest = bytes, before = bytes;
    enum mill_status st = MILL_OK;
    bool taken;
    *sent_out = 0;
    while (st == MILL_OK && mill_spool_record_next(&rest, &record) == MILL_SPOOL_RECORD) {
        st = gather(&g, &record, &arena, &taken, err);
        if (st == MILL_OK && !taken) {
            st = send_group(d, &g, err);
            if (st == MILL_OK) {
                *sent_out = bytes.len - before.len;
                mill_arena_reset(&arena, (size_t)1 << 20);
                st = gather(&g, &record, &arena, &taken, err);
            }
            if (st == MILL_OK && !taken) {
                st = send_record(d, &record, &arena, err);
                if (st == MILL_OK)
                    *sent_out = bytes.len - rest.len;
            }
        }
        before = rest;
    }
    if (st == MILL_OK)
        st = send_group(d, &g, err);
    if (st == MILL_OK)
        *sent_out = bytes.len - rest.len;
    mill_buf_release(&g.metrics);
    mill_arena_release(&arena);
    return st;
}

/* --- the calls ------------------------------------------------------------------------- */

enum mill_status mill_delivery_open(struct mill_delivery *d, const char *base,
                                    struct mill_view uri, struct mill_error *err)
{
    *d = (struct mill_delivery){.reader = {.fd = -1}};
    enum mill_status st = mill_spool_read_open(base, &d->arena, &d->open, err);
    d->base = mill_arena_cstr(&d->arena, mill_view_of(base));
    d->tracking_uri = mill_arena_copy(&d->arena, uri.len > 0 ? uri : d->open.tracking_uri);
    if (st == MILL_OK && d->base == NULL)
        st = mill_no_memory(err);
    if (st == MILL_OK)
        st = mill_spool_reader_open(&d->reader, d->base, err);
    if (st != MILL_OK)
        mill_delivery_release(d);
    return st;
}

enum mill_status mill_delivery_step(struct mill_delivery *d, bool *more_out,
                                    struct mill_error *err)
{
    struct mill_view bytes;
    bool damaged;
    size_t sent = 0;
    *more_out = false;
    enum mill_status st = mill_delivery_find_run(d, err);
    if (st == MILL_OK)
        st = mill_spool_reader_fill(&d->reader, &bytes, &damaged, err);
    if (st == MILL_OK && damaged)
        return mill_fail(err, MILL_E_CORRUPT,
                         "the spool %s is damaged in file %lld at byte %lld", d->base,
                         (long long)d->reader.place.number, (long long)d->reader.place.offset);
    if (st != MILL_OK || bytes.len == 0)
        return st;
    st = send_records(d, bytes, &sent, err);
    if (sent > 0) {
        mill_spool_reader_advance(&d->reader, sent);
        struct mill_error *reason = st == MILL_OK ? err : NULL;
        enum mill_status noted = mill_spool_reader_acknowledge(&d->reader, d->keep, reason);
        if (st == MILL_OK)
            st = noted;
        *more_out = st == MILL_OK;
    }
    return st;
}

enum mill_status mill_delivery_set_heartbeat(struct mill_delivery *d, struct mill_view value,
                                             struct mill_error *err)
{
    enum mill_status st = mill_delivery_find_run(d, err);
    return st == MILL_OK && !d->over
               ? mill_client_set_tag(d->client, d->remote_id, MILL_VIEW(MILL_HEARTBEAT_TAG),
                                     value, err)
               : st;
}

void mill_delivery_release(struct mill_delivery *d)
{
    mill_client_close(d->client);
    mill_spool_reader_release(&d->reader);
    mill_arena_release(&d->arena);
    d->client = NULL;
}
