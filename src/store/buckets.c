/* buckets.c - see buckets.h. */
#include "store/buckets.h"

#include <math.h>

#include "model/check.h"

void mill_bucket_fold_init(struct mill_bucket_fold *fold, const struct mill_bucket_axis *axis,
                           struct mill_bucket *buckets)
{
    *fold = (struct mill_bucket_fold){.axis = axis, .buckets = buckets, .from = 1, .to = 0};
    for (size_t i = 0; i < axis->count; i++)
        buckets[i] = (struct mill_bucket){
            .nan_x = MILL_ABSENT, .inf_x = MILL_ABSENT, .neg_inf_x = MILL_ABSENT};
}

/* Goes to the bucket of x, which is on the axis. Distances are unsigned: they may be larger
 * than any int64_t. */
static void go_to(struct mill_bucket_fold *fold, int64_t x)
{
    const struct mill_bucket_axis *axis = fold->axis;
    uint64_t start = (uint64_t)axis->start;
    uint64_t index = ((uint64_t)x - start) / axis->width;
    uint64_t last = (uint64_t)axis->end - start;
    uint64_t to = index * axis->width + (axis->width - 1);
    fold->at = (size_t)index;
    fold->from = (int64_t)(start + index * axis->width);
    fold->to = to < index * axis->width || to > last ? axis->end : (int64_t)(start + to);
}

static void note_first(int64_t *where, int64_t x)
{
    if (*where == MILL_ABSENT)
        *where = x;
}

static void add_value(struct mill_bucket *bucket, int64_t x, double value)
{
    if (isnan(value)) {
        note_first(&bucket->nan_x, x);
        return;
    }
    if (!mill_metric_finite(value)) {
        note_first(value > 0 ? &bucket->inf_x : &bucket->neg_inf_x, x);
        return;
    }
    if (bucket->count++ == 0) {
        bucket->first = bucket->min = bucket->max = value;
    } else {
        bucket->min = value < bucket->min ? value : bucket->min;
        bucket->max = value > bucket->max ? value : bucket->max;
    }
    bucket->x = x;
    bucket->last = value;
}

void mill_bucket_fold_add(struct mill_bucket_fold *fold, const struct mill_point *points,
                          size_t count)
{
    const struct mill_bucket_axis *axis = fold->axis;
    for (size_t i = 0; i < count; i++) {
        int64_t x = axis->by_time ? points[i].timestamp : points[i].step;
        if (x < axis->start || x > axis->end)
            continue;
        if (x < fold->from || x > fold->to)
            go_to(fold, x);
        add_value(&fold->buckets[fold->at], x, points[i].value);
        fold->points++;
    }
}

/* --- summaries -------------------------------------------------------------------------- */

struct mill_series_summary mill_summary_none(void)
{
    return (struct mill_series_summary){.min_step = INT64_MAX,
                                        .max_step = INT64_MIN,
                                        .min_time = INT64_MAX,
                                        .max_time = INT64_MIN,
                                        .min = (double)NAN,
                                        .max = (double)NAN};
}

void mill_summary_join(struct mill_series_summary *summary,
                       const struct mill_series_summary *other)
{
    summary->count += other->count;
    if (other->min_step < summary->min_step)
        summary->min_step = other->min_step;
    if (other->max_step > summary->max_step)
        summary->max_step = other->max_step;
    if (other->min_time < summary->min_time)
        summary->min_time = other->min_time;
    if (other->max_time > summary->max_time)
        summary->max_time = other->max_time;
    summary->min = fmin(summary->min, other->min); /* a NaN loses against any number */
    summary->max = fmax(summary->max, other->max);
}

void mill_summary_add(struct mill_series_summary *summary, const struct mill_point *points,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct mill_point *p = &points[i];
        double value = mill_metric_finite(p->value) ? p->value : (double)NAN;
        const struct mill_series_summary one = {
            1, p->step, p->step, p->timestamp, p->timestamp, value, value};
        mill_summary_join(summary, &one);
    }
}
