/* sqlite_charts.c - what charts and tables ask of the SQLite store's series: samples, buckets,
 * figures. */
#include <math.h>

#include "model/check.h"
#include "store/buckets.h"
#include "store/sqlite_series.h"

/* --- samples --- */

static void count_points(void *context, const struct mill_point *points, size_t count)
{
    size_t *total = context;
    (void)points;
    *total += count;
}

static void pick_points(void *context, const struct mill_point *points, size_t count)
{
    mill_picker_see(context, points, count);
}

/* The number of points in the range: from the list of segments where that is enough. */
static enum mill_status count_range(struct series *s, int64_t start_step, int64_t end_step,
                                    size_t *count, struct mill_error *err)
{
    *count = 0;
    size_t listed = 0;
    for (s->at = 0; s->at < s->source_count; s->at++) {
        const struct series_source *source = &s->sources[s->at];
        if (mill_sqlite_series_cluster(s) != 1 || source->min < start_step ||
            source->max > end_step)
            return mill_sqlite_series_scan(s, start_step, end_step, count_points, count, err);
        listed += (size_t)source->figures.count;
    }
    *count = listed;
    return MILL_OK;
}

enum mill_status mill_sqlite_sample(struct mill_store *store, struct mill_view run_id,
                                    struct mill_view key, int64_t start_step, int64_t end_step,
                                    size_t max_points, struct mill_arena *arena,
                                    struct mill_point **points_out, size_t *count_out,
                                    struct mill_error *err)
{
    struct series s;
    size_t count = 0;
    struct mill_picker p;
    enum mill_status st =
        mill_sqlite_series_open(&s, (struct sqlite_store *)store, run_id, key, false, err);
    if (st == MILL_OK)
        st = count_range(&s, start_step, end_step, &count, err);
    if (st != MILL_OK)
        goto out;

    struct mill_point *points =
        mill_arena_alloc(arena, (count < max_points ? count : max_points) * sizeof(*points));
    if (points == NULL) {
        st = mill_fail(err, MILL_E_NOMEM, "out of memory for a sample of points");
        goto out;
    }
    mill_picker_init(&p, points, max_points, count);
    st = mill_sqlite_series_scan(&s, start_step, end_step, pick_points, &p, err);
    if (st != MILL_OK)
        goto out;
    *points_out = points;
    *count_out = mill_picker_finish(&p);

out:
    mill_sqlite_series_release(&s);
    return st;
}

/* --- buckets --- */

static void fold_points(void *context, const struct mill_point *points, size_t count)
{
    mill_bucket_fold_add(context, points, count);
}

/* The points are looked at even where a whole segment falls into one bucket: its extremes are
 * known, but not where it has a NaN, and decoding costs a few nanoseconds a point. */
enum mill_status mill_sqlite_buckets(struct mill_store *store, struct mill_view run_id,
                                     struct mill_view key, const struct mill_bucket_axis *axis,
                                     struct mill_bucket *buckets, int64_t *points_out,
                                     struct mill_error *err)
{
    struct series s;
    struct mill_bucket_fold fold;
    enum mill_status st = mill_sqlite_series_open(&s, (struct sqlite_store *)store, run_id, key,
                                                  axis->by_time, err);
    mill_bucket_fold_init(&fold, axis, buckets);
    if (st == MILL_OK)
        st = mill_sqlite_series_scan(&s, axis->start, axis->end, fold_points, &fold, err);
    mill_sqlite_series_release(&s);
    if (st == MILL_OK)
        *points_out = fold.points;
    return st;
}

/* --- figures --- */

static bool finite_or_none(double extreme)
{
    return isnan(extreme) || mill_metric_finite(extreme);
}

/* What is known of a segment is enough when it overlaps no other (repeats count once) and all
 * extremes are finite. */
static bool known(const struct series *s)
{
    const struct mill_series_summary *figures = &s->sources[s->at].figures;
    return mill_sqlite_series_cluster(s) == 1 && finite_or_none(figures->min) &&
           finite_or_none(figures->max);
}

enum mill_status mill_sqlite_summary(struct mill_store *store, struct mill_view run_id,
                                     struct mill_view key, struct mill_series_summary *out,
                                     struct mill_error *err)
{
    struct series s;
    struct mill_series_summary summary = mill_summary_none();
    enum mill_status st =
        mill_sqlite_series_open(&s, (struct sqlite_store *)store, run_id, key, false, err);
    while (st == MILL_OK && s.at < s.source_count) {
        if (known(&s)) {
            mill_summary_join(&summary, &s.sources[s.at++].figures);
            continue;
        }
        st = mill_sqlite_series_next(&s, err);
        if (st == MILL_OK)
            mill_summary_add(&summary, s.points.items, s.points.count);
    }
    mill_sqlite_series_release(&s);
    if (st == MILL_OK)
        *out = summary;
    return st;
}
