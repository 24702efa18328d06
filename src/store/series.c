/* series.c - see series.h. */
#include "store/series.h"

#include "base/alloc.h"
#include "store/buckets.h"

struct series_history {
    struct mill_history base;
    struct mill_points points;
    size_t at;
};

static enum mill_status history_next(struct mill_history *history, struct mill_point *points,
                                     size_t capacity, size_t *count_out, struct mill_error *err)
{
    struct series_history *h = (struct series_history *)history;
    size_t left = h->points.count - h->at;
    size_t n = left < capacity ? left : capacity;
    (void)err;
    if (n != 0)
        memcpy(points, h->points.items + h->at, n * sizeof(*points));
    h->at += n;
    *count_out = n;
    return MILL_OK;
}

static void history_close(struct mill_history *history)
{
    struct series_history *h = (struct series_history *)history;
    mill_points_release(&h->points);
    mill_free(h);
}

enum mill_status mill_series_history(struct mill_points *points, int64_t skip,
                                     struct mill_history **out, struct mill_error *err)
{
    struct series_history *h = mill_alloc_zero(1, sizeof(*h));
    if (h == NULL) {
        mill_points_release(points);
        return mill_fail(err, MILL_E_NOMEM, "out of memory for a history");
    }
    h->base = (struct mill_history){history_next, history_close};
    h->points = *points;
    *points = (struct mill_points){0};
    mill_points_sort(&h->points, mill_point_cmp_time);
    h->at = (uint64_t)skip < h->points.count ? (size_t)skip : h->points.count;
    *out = &h->base;
    return MILL_OK;
}

enum mill_status mill_series_sample(struct mill_points *points, int64_t start_step,
                                    int64_t end_step, size_t max_points,
                                    struct mill_arena *arena, struct mill_point **points_out,
                                    size_t *count_out, struct mill_error *err)
{
    mill_points_sort(points, mill_point_cmp);
    size_t first = 0, end = points->count;
    while (first < end && points->items[first].step < start_step)
        first++;
    while (end > first && points->items[end - 1].step > end_step)
        end--;
    size_t room = end - first < max_points ? end - first : max_points;
    struct mill_point *picked = mill_arena_alloc(arena, room * sizeof(*picked));
    if (picked == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for a sample");
    struct mill_picker p;
    mill_picker_init(&p, picked, max_points, end - first);
    if (first < end)
        mill_picker_see(&p, points->items + first, end - first);
    *points_out = picked;
    *count_out = mill_picker_finish(&p);
    return MILL_OK;
}

void mill_series_buckets(struct mill_points *points, const struct mill_bucket_axis *axis,
                         struct mill_bucket *buckets, int64_t *points_out)
{
    struct mill_bucket_fold fold;
    mill_points_sort(points, axis->by_time ? mill_point_cmp_time : mill_point_cmp);
    mill_bucket_fold_init(&fold, axis, buckets);
    mill_bucket_fold_add(&fold, points->items, points->count);
    *points_out = fold.points;
}

void mill_series_summarize(struct mill_points *points, struct mill_series_summary *out)
{
    mill_points_sort(points, mill_point_cmp);
    *out = mill_summary_none();
    mill_summary_add(out, points->items, points->count);
}
