/* tree_history.c - the points of one metric. Its file is read whole: lines come in the order
 * in which they were written, which is not the order of a history. */
#include "base/alloc.h"
#include "store/series.h"
#include "store/tree.h"

static bool keep_point(void *context, const struct mill_point *point)
{
    return mill_points_add(context, *point);
}

/* All points of a series, none when the run lacks the key. */
static enum mill_status read_series(struct mill_tree_store *s, struct mill_view run_id,
                                    struct mill_view key, struct mill_points *out,
                                    struct mill_error *err)
{
    struct mill_tree_folder run;
    struct mill_buf bytes = {0};
    struct mill_arena arena = {0};
    enum mill_status st = mill_tree_open_run(s, run_id, &run, err);
    if (st != MILL_OK)
        return st;
    if (mill_tree_name_problem(key) == NULL) {
        struct mill_view path = mill_arena_printf(&arena, "metrics/%.*s", MILL_FMT(key));
        st = path.ptr == NULL ? mill_no_memory(err)
                              : mill_tree_each_point(&run.dir, path.ptr, &bytes, NULL,
                                                     keep_point, out, NULL, err);
        if (st == MILL_E_NOT_FOUND)
            st = MILL_OK;
    }
    mill_tree_close(&run.dir);
    mill_buf_release(&bytes);
    mill_arena_release(&arena);
    return st;
}

enum mill_status mill_tree_history_open(struct mill_store *store, struct mill_view run_id,
                                        struct mill_view key, int64_t skip,
                                        struct mill_history **out, struct mill_error *err)
{
    struct mill_points points = {0};
    enum mill_status st =
        read_series((struct mill_tree_store *)store, run_id, key, &points, err);
    if (st == MILL_OK)
        return mill_series_history(&points, skip, out, err);
    mill_points_release(&points);
    return st;
}

enum mill_status mill_tree_sample(struct mill_store *store, struct mill_view run_id,
                                  struct mill_view key, int64_t start_step, int64_t end_step,
                                  size_t max_points, struct mill_arena *arena,
                                  struct mill_point **points_out, size_t *count_out,
                                  struct mill_error *err)
{
    struct mill_points all = {0};
    enum mill_status st = read_series((struct mill_tree_store *)store, run_id, key, &all, err);
    if (st == MILL_OK)
        st = mill_series_sample(&all, start_step, end_step, max_points, arena, points_out,
                                count_out, err);
    mill_points_release(&all);
    return st;
}

enum mill_status mill_tree_summary(struct mill_store *store, struct mill_view run_id,
                                   struct mill_view key, struct mill_series_summary *out,
                                   struct mill_error *err)
{
    struct mill_points all = {0};
    enum mill_status st = read_series((struct mill_tree_store *)store, run_id, key, &all, err);
    if (st == MILL_OK)
        mill_series_summarize(&all, out);
    mill_points_release(&all);
    return st;
}

enum mill_status mill_tree_buckets(struct mill_store *store, struct mill_view run_id,
                                   struct mill_view key, const struct mill_bucket_axis *axis,
                                   struct mill_bucket *buckets, int64_t *points_out,
                                   struct mill_error *err)
{
    struct mill_points all = {0};
    enum mill_status st = read_series((struct mill_tree_store *)store, run_id, key, &all, err);
    if (st == MILL_OK)
        mill_series_buckets(&all, axis, buckets, points_out);
    mill_points_release(&all);
    return st;
}
