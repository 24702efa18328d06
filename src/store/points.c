/* points.c - see points.h.
 *
 * tail    := 0x01 group*
 * group   := varint key length, key, varint count, point*
 * point   := zigzag step delta, zigzag time delta, value
 * segment := 0x02 varint count, zigzag step delta*, zigzag time delta*, value*
 * value   := eight bytes of an IEEE double, little-endian
 *
 * The step delta of a tail begins anew with each group, the time delta goes on, because the
 * points of a batch mostly share their time. A segment keeps steps, times and values apart,
 * so that each loop of its decoder is short. */
#include "store/points.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/varint.h"
#include "model/check.h"

enum { TAIL_FORMAT = 1, SEGMENT_FORMAT = 2 };

/* Room for more points behind the list's end, or NULL. */
static struct mill_point *grow(struct mill_points *list, size_t more)
{
    if (more > list->cap - list->count) {
        size_t cap = list->cap != 0 ? list->cap * 2 : 64;
        if (cap < list->count + more)
            cap = list->count + more;
        struct mill_point *items = mill_realloc(list->items, cap * sizeof(*items));
        if (items == NULL)
            return NULL;
        list->items = items;
        list->cap = cap;
    }
    return list->items + list->count;
}

bool mill_points_add(struct mill_points *list, struct mill_point point)
{
    struct mill_point *place = grow(list, 1);
    if (place == NULL)
        return false;
    *place = point;
    list->count++;
    return true;
}

void mill_points_release(struct mill_points *list)
{
    mill_free(list->items);
    *list = (struct mill_points){0};
}

static int cmp_value(double a, double b)
{
    double x = isnan(a) ? 0.0 : a;
    double y = isnan(b) ? 0.0 : b;
    if (x < y)
        return -1;
    if (x > y)
        return 1;
    return (isnan(a) ? 1 : 0) - (isnan(b) ? 1 : 0);
}

static int cmp_int(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

int mill_point_cmp(const struct mill_point *a, const struct mill_point *b)
{
    int order = cmp_int(a->step, b->step);
    if (order == 0)
        order = cmp_int(a->timestamp, b->timestamp);
    return order != 0 ? order : cmp_value(a->value, b->value);
}

int mill_point_cmp_time(const struct mill_point *a, const struct mill_point *b)
{
    int order = cmp_int(a->timestamp, b->timestamp);
    if (order == 0)
        order = cmp_int(a->step, b->step);
    return order != 0 ? order : cmp_value(a->value, b->value);
}

static int qsort_by_step(const void *a, const void *b)
{
    return mill_point_cmp(a, b);
}

static int qsort_by_time(const void *a, const void *b)
{
    return mill_point_cmp_time(a, b);
}

void mill_points_sort(struct mill_points *list, mill_point_order *order)
{
    struct mill_point *p = list->items;
    size_t i = 1;
    while (i < list->count && order(&p[i - 1], &p[i]) < 0)
        i++;
    if (i >= list->count)
        return; /* sorted, no repeats: nearly always */
    qsort(p, list->count, sizeof(*p),
          order == mill_point_cmp_time ? qsort_by_time : qsort_by_step);
    size_t kept = 1;
    for (i = 1; i < list->count; i++)
        if (order(&p[kept - 1], &p[i]) != 0)
            p[kept++] = p[i];
    list->count = kept;
}

static void add_delta(struct mill_buf *out, int64_t value, int64_t *last)
{
    /* Wraps around for far apart numbers, and back when read. */
    mill_buf_add_varint(out, mill_zigzag((int64_t)((uint64_t)value - (uint64_t)*last)));
    *last = value;
}

static bool read_delta(struct mill_cursor *c, int64_t *last)
{
    uint64_t delta;
    if (!mill_varint_read(c, &delta))
        return false;
    *last = (int64_t)((uint64_t)*last + (uint64_t)mill_unzigzag(delta));
    return true;
}

static void add_double(struct mill_buf *out, double value)
{
    /* All machines we build for are little-endian with IEEE doubles. */
    mill_buf_add(out, &value, sizeof(value));
}

static bool read_double(struct mill_cursor *c, double *out)
{
    if ((size_t)(c->end - c->at) < sizeof(*out))
        return false;
    memcpy(out, c->at, sizeof(*out));
    c->at += sizeof(*out);
    return true;
}

void mill_tail_add(struct mill_tail *tail, const struct mill_metric *metrics, size_t count)
{
    struct mill_buf *out = &tail->bytes;
    if (out->len == 0)
        mill_buf_add_char(out, TAIL_FORMAT);
    for (size_t i = 0; i < count;) {
        size_t n = 1;
        while (i + n < count && mill_view_eq(metrics[i].key, metrics[i + n].key))
            n++;
        mill_buf_add_varint(out, metrics[i].key.len);
        mill_buf_add_view(out, metrics[i].key);
        mill_buf_add_varint(out, n);
        int64_t last_step = 0;
        for (size_t end = i + n; i < end; i++) {
            add_delta(out, metrics[i].step, &last_step);
            add_delta(out, metrics[i].timestamp, &tail->last_time);
            add_double(out, mill_metric_kept(metrics[i].value));
        }
    }
}

static enum mill_status damaged(const char *what, struct mill_error *err)
{
    return mill_fail(err, MILL_E_CORRUPT, "stored metric points are damaged (%s)", what);
}

static bool read_key(struct mill_cursor *c, struct mill_view *key)
{
    uint64_t len;
    if (!mill_varint_read(c, &len) || len > (size_t)(c->end - c->at))
        return false;
    *key = (struct mill_view){(const char *)c->at, (size_t)len};
    c->at += len;
    return true;
}

enum mill_status mill_tail_each(struct mill_view tail, mill_tail_visit *each, void *context,
                                struct mill_error *err)
{
    struct mill_cursor c = {(const unsigned char *)tail.ptr,
                            (const unsigned char *)tail.ptr + tail.len};
    int64_t time = 0;
    if (c.at == c.end || *c.at++ != TAIL_FORMAT)
        return damaged("tail format", err);
    while (c.at < c.end) {
        struct mill_view key;
        uint64_t count;
        if (!read_key(&c, &key) || !mill_varint_read(&c, &count))
            return damaged("tail group", err);
        int64_t step = 0;
        for (; count != 0; count--) {
            struct mill_point point;
            if (!read_delta(&c, &step) || !read_delta(&c, &time) ||
                !read_double(&c, &point.value))
                return damaged("tail point", err);
            point.step = step;
            point.timestamp = time;
            enum mill_status st = each(context, key, point, err);
            if (st != MILL_OK)
                return st;
        }
    }
    return MILL_OK;
}

void mill_segment_encode(struct mill_buf *out, const struct mill_point *points, size_t count)
{
    int64_t last = 0;
    mill_buf_add_char(out, SEGMENT_FORMAT);
    mill_buf_add_varint(out, count);
    for (size_t i = 0; i < count; i++)
        add_delta(out, points[i].step, &last);
    last = 0;
    for (size_t i = 0; i < count; i++)
        add_delta(out, points[i].timestamp, &last);
    for (size_t i = 0; i < count; i++)
        add_double(out, points[i].value);
}

enum mill_status mill_segment_decode(struct mill_view segment, struct mill_points *list,
                                     struct mill_error *err)
{
    struct mill_cursor c = {(const unsigned char *)segment.ptr,
                            (const unsigned char *)segment.ptr + segment.len};
    uint64_t count;
    if (c.at == c.end || *c.at++ != SEGMENT_FORMAT || !mill_varint_read(&c, &count) ||
        count == 0 || count > MILL_SEGMENT_MAX)
        return damaged("segment header", err);
    struct mill_point *points = grow(list, (size_t)count);
    if (points == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for %zu points", (size_t)count);

    int64_t last = 0;
    for (size_t i = 0; i < count; i++) {
        if (!read_delta(&c, &last))
            return damaged("segment steps", err);
        points[i].step = last;
    }
    last = 0;
    for (size_t i = 0; i < count; i++) {
        if (!read_delta(&c, &last))
            return damaged("segment times", err);
        points[i].timestamp = last;
    }
    for (size_t i = 0; i < count; i++)
        if (!read_double(&c, &points[i].value))
            return damaged("segment values", err);
    if (c.at != c.end)
        return damaged("bytes behind a segment", err);
    list->count += (size_t)count;
    return MILL_OK;
}

void mill_picker_init(struct mill_picker *p, struct mill_point *points, size_t max_points,
                      size_t count)
{
    *p = (struct mill_picker){.points = points, .max_points = max_points};
    p->small = count <= max_points ? 1 : count / max_points;
    p->larger = count <= max_points ? 0 : count % max_points;
}

void mill_picker_see(struct mill_picker *p, const struct mill_point *points, size_t count)
{
    if (count == 0)
        return;
    while (p->picked < p->max_points && p->next < p->seen + count) {
        p->points[p->picked] = points[p->next - p->seen];
        p->next += p->small + (p->picked < p->larger ? 1 : 0);
        p->picked++;
    }
    p->seen += count;
    p->last = points[count - 1];
}

size_t mill_picker_finish(struct mill_picker *p)
{
    if (p->picked == 0 || mill_point_cmp(&p->points[p->picked - 1], &p->last) == 0)
        return p->picked;
    if (p->picked < p->max_points)
        p->points[p->picked++] = p->last;
    else
        p->points[p->picked - 1] = p->last;
    return p->picked;
}
