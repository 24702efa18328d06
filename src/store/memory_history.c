/* memory_history.c - reads the points of runs of the memory store. */
#include "base/alloc.h"
#include "store/memory.h"
#include "store/series.h"

/* A copy of a series, empty when the run lacks the key. */
static enum mill_status copy_points(struct memory_store *m, struct mill_view run_id,
                                    struct mill_view key, struct mill_points *out,
                                    struct mill_error *err)
{
    struct memory_experiment *e;
    size_t slot;
    enum mill_status st = MILL_OK;
    pthread_rwlock_rdlock(&m->lock);
    if (!mill_memory_run(m, run_id, &e, &slot)) {
        st = mill_fail(err, MILL_E_NOT_FOUND, "there is no run '%.*s'", MILL_FMT(run_id));
    } else {
        const struct memory_series *series = mill_memory_series(&e->extras[slot], key);
        for (size_t i = 0; series != NULL && st == MILL_OK && i < series->points.count; i++)
            if (!mill_points_add(out, series->points.items[i]))
                st = mill_no_memory(err);
    }
    pthread_rwlock_unlock(&m->lock);
    return st;
}

enum mill_status mill_memory_history_open(struct mill_store *store, struct mill_view run_id,
                                          struct mill_view key, int64_t skip,
                                          struct mill_history **out, struct mill_error *err)
{
    struct mill_points points = {0};
    enum mill_status st = copy_points((struct memory_store *)store, run_id, key, &points, err);
    if (st == MILL_OK)
        return mill_series_history(&points, skip, out, err);
    mill_points_release(&points);
    return st;
}

enum mill_status mill_memory_sample(struct mill_store *store, struct mill_view run_id,
                                    struct mill_view key, int64_t start_step, int64_t end_step,
                                    size_t max_points, struct mill_arena *arena,
                                    struct mill_point **points_out, size_t *count_out,
                                    struct mill_error *err)
{
    struct mill_points all = {0};
    enum mill_status st = copy_points((struct memory_store *)store, run_id, key, &all, err);
    if (st == MILL_OK)
        st = mill_series_sample(&all, start_step, end_step, max_points, arena, points_out,
                                count_out, err);
    mill_points_release(&all);
    return st;
}

enum mill_status mill_memory_summary(struct mill_store *store, struct mill_view run_id,
                                     struct mill_view key, struct mill_series_summary *out,
                                     struct mill_error *err)
{
    struct mill_points all = {0};
    enum mill_status st = copy_points((struct memory_store *)store, run_id, key, &all, err);
    if (st == MILL_OK)
        mill_series_summarize(&all, out);
    mill_points_release(&all);
    return st;
}

enum mill_status mill_memory_buckets(struct mill_store *store, struct mill_view run_id,
                                     struct mill_view key, const struct mill_bucket_axis *axis,
                                     struct mill_bucket *out, int64_t *points_out,
                                     struct mill_error *err)
{
    struct mill_points all = {0};
    enum mill_status st = copy_points((struct memory_store *)store, run_id, key, &all, err);
    if (st == MILL_OK)
        mill_series_buckets(&all, axis, out, points_out);
    mill_points_release(&all);
    return st;
}
