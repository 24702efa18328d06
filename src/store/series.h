/* series.h - histories, samples, buckets and figures of a series that is in memory, for stores
 * that have it so. */
#ifndef MILL_STORE_SERIES_H
#define MILL_STORE_SERIES_H

#include "store/points.h"

/* A history over points in any order; see mill_store_history_open. Takes over the points, also
 * when it fails. */
enum mill_status mill_series_history(struct mill_points *points, int64_t skip,
                                     struct mill_history **out, struct mill_error *err);

/* A sample of points in any order, which it sorts; see mill_store_sample. */
enum mill_status mill_series_sample(struct mill_points *points, int64_t start_step,
                                    int64_t end_step, size_t max_points,
                                    struct mill_arena *arena, struct mill_point **points_out,
                                    size_t *count_out, struct mill_error *err);

/* Buckets and figures of points in any order, which they sort; see mill_store_buckets and
 * mill_store_summary. */
void mill_series_buckets(struct mill_points *points, const struct mill_bucket_axis *axis,
                         struct mill_bucket *buckets, int64_t *points_out);
void mill_series_summarize(struct mill_points *points, struct mill_series_summary *out);

#endif
