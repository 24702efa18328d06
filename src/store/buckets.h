/* buckets.h - a series cut into pieces of its x axis with the extremes of each, and its figures
 * as a whole: what charts and tables ask of points; see mill_store_buckets. */
#ifndef MILL_STORE_BUCKETS_H
#define MILL_STORE_BUCKETS_H

#include "store/points.h"

/* Points on their way into buckets. */
struct mill_bucket_fold {
    const struct mill_bucket_axis *axis;
    struct mill_bucket *buckets; /* axis->count, empty at first */
    int64_t points;              /* on the axis so far */
    size_t at;                   /* bucket of the last point ... */
    int64_t from, to;            /* ... and what belongs to it; from > to: none yet */
};

void mill_bucket_fold_init(struct mill_bucket_fold *fold, const struct mill_bucket_axis *axis,
                           struct mill_bucket *buckets);

/* Adds points, in order of the axis over all calls. Those beside the axis do not count. */
void mill_bucket_fold_add(struct mill_bucket_fold *fold, const struct mill_point *points,
                          size_t count);

/* A summary of nothing. */
struct mill_series_summary mill_summary_none(void);

/* Adds points in any order, each distinct one once. */
void mill_summary_add(struct mill_series_summary *summary, const struct mill_point *points,
                      size_t count);

/* Adds the figures of points that nobody has to look at. */
void mill_summary_join(struct mill_series_summary *summary,
                       const struct mill_series_summary *other);

#endif
