/* sqlite_series.c - see sqlite_series.h. */
#include "store/sqlite_series.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "store/buckets.h"

static mill_point_order *order_of(const struct series *s)
{
    return s->by_time ? mill_point_cmp_time : mill_point_cmp;
}

static bool add_source(struct series *s, int64_t number,
                       const struct mill_series_summary *figures)
{
    if (s->source_count == s->source_cap) {
        size_t cap = s->source_cap != 0 ? s->source_cap * 2 : 16;
        struct series_source *sources = mill_realloc(s->sources, cap * sizeof(*sources));
        if (sources == NULL)
            return false;
        s->sources = sources;
        s->source_cap = cap;
    }
    s->sources[s->source_count++] =
        (struct series_source){.number = number,
                               .min = s->by_time ? figures->min_time : figures->min_step,
                               .max = s->by_time ? figures->max_time : figures->max_step,
                               .figures = *figures};
    return true;
}

static enum mill_status tail_point(void *context, struct mill_view key, struct mill_point point,
                                   struct mill_error *err)
{
    struct series *s = context;
    if (mill_view_eq(key, s->key) && !mill_points_add(&s->tail, point))
        return mill_no_memory(err);
    return MILL_OK;
}

static enum mill_status read_tails(struct series *s, struct mill_error *err)
{
    enum mill_status st = MILL_OK, decoded = MILL_OK;
    struct mill_series_summary figures = mill_summary_none();
    sqlite3_stmt *stmt = mill_db_query(s->db, SQL_TAIL_RANGE, "ii", s->run, s->run);
    while (decoded == MILL_OK && mill_db_step(s->db, stmt, &st, err))
        decoded = mill_tail_each(mill_db_blob(stmt, 1), tail_point, s, err);
    if (decoded != MILL_OK) {
        mill_db_done(stmt);
        return decoded;
    }
    if (st != MILL_OK || s->tail.count == 0)
        return st;
    mill_points_sort(&s->tail, order_of(s));
    mill_summary_add(&figures, s->tail.items, s->tail.count);
    return add_source(s, MILL_ABSENT, &figures) ? MILL_OK : mill_no_memory(err);
}

static enum mill_status read_segment_list(struct series *s, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt = mill_db_query(s->db, SQL_SEGMENT_LIST, "it", s->run, s->key);
    while (mill_db_step(s->db, stmt, &st, err)) {
        const struct mill_series_summary figures = {
            sqlite3_column_int64(stmt, 1), sqlite3_column_int64(stmt, 2),
            sqlite3_column_int64(stmt, 3), sqlite3_column_int64(stmt, 4),
            sqlite3_column_int64(stmt, 5), mill_db_double(stmt, 6),
            mill_db_double(stmt, 7)};
        if (!add_source(s, sqlite3_column_int64(stmt, 0), &figures)) {
            mill_db_done(stmt);
            return mill_no_memory(err);
        }
    }
    return st;
}

static int by_min(const void *a, const void *b)
{
    const struct series_source *x = a, *y = b;
    if (x->min != y->min)
        return x->min < y->min ? -1 : 1;
    return x->max < y->max ? -1 : x->max > y->max;
}

void mill_sqlite_series_release(struct series *s)
{
    if (s->db != NULL)
        mill_sqlite_snapshot_done(s->store, s->db);
    mill_points_release(&s->tail);
    mill_points_release(&s->points);
    mill_free(s->sources);
    mill_arena_release(&s->arena);
    s->db = NULL;
}

enum mill_status mill_sqlite_series_open(struct series *s, struct sqlite_store *store,
                                         struct mill_view run_id, struct mill_view key,
                                         bool by_time, struct mill_error *err)
{
    *s = (struct series){.store = store, .by_time = by_time};
    s->key = mill_arena_copy(&s->arena, key);
    if (s->key.ptr == NULL)
        return mill_no_memory(err);
    enum mill_status st = mill_sqlite_snapshot(store, &s->db, err);
    if (st != MILL_OK)
        return st;
    sqlite3_stmt *stmt = mill_db_query(s->db, SQL_RUN_FIND, "t", run_id);
    if (!mill_db_step(s->db, stmt, &st, err))
        return st != MILL_OK ? st
                             : mill_fail(err, MILL_E_NOT_FOUND, "there is no run '%.*s'",
                                         MILL_FMT(run_id));
    s->run = sqlite3_column_int64(stmt, 0);
    mill_db_done(stmt);
    st = read_segment_list(s, err);
    if (st == MILL_OK)
        st = read_tails(s, err);
    if (st == MILL_OK && s->source_count > 1)
        qsort(s->sources, s->source_count, sizeof(*s->sources), by_min);
    return st;
}

static enum mill_status read_source(struct series *s, const struct series_source *source,
                                    struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    if (source->number == MILL_ABSENT) {
        for (size_t i = 0; i < s->tail.count; i++)
            if (!mill_points_add(&s->points, s->tail.items[i]))
                return mill_no_memory(err);
        return MILL_OK;
    }
    sqlite3_stmt *stmt =
        mill_db_query(s->db, SQL_SEGMENT_GET, "iti", s->run, s->key, source->number);
    if (!mill_db_step(s->db, stmt, &st, err))
        return st != MILL_OK ? st
                             : mill_fail(err, MILL_E_CORRUPT, "a segment of points is missing");
    st = mill_segment_decode(mill_db_blob(stmt, 0), &s->points, err);
    mill_db_done(stmt);
    return st;
}

size_t mill_sqlite_series_cluster(const struct series *s)
{
    size_t n = 1;
    int64_t max = s->sources[s->at].max;
    while (s->at + n < s->source_count && s->sources[s->at + n].min <= max) {
        if (s->sources[s->at + n].max > max)
            max = s->sources[s->at + n].max;
        n++;
    }
    return n;
}

enum mill_status mill_sqlite_series_next(struct series *s, struct mill_error *err)
{
    s->points.count = 0;
    s->given = 0;
    if (s->at == s->source_count)
        return MILL_OK;
    size_t n = mill_sqlite_series_cluster(s);
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < n; i++)
        st = read_source(s, &s->sources[s->at + i], err);
    /* A segment by itself is in order of steps already. */
    if (st == MILL_OK && (n > 1 || s->by_time))
        mill_points_sort(&s->points, order_of(s));
    s->at += n;
    return st;
}

enum mill_status mill_sqlite_series_scan(struct series *s, int64_t start, int64_t end,
                                         mill_sqlite_series_piece *each, void *context,
                                         struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    s->at = 0;
    while (st == MILL_OK && s->at < s->source_count && s->sources[s->at].min <= end) {
        if (mill_sqlite_series_cluster(s) == 1 && s->sources[s->at].max < start) {
            s->at++;
            continue;
        }
        st = mill_sqlite_series_next(s, err);
        const struct mill_point *points = s->points.items;
        size_t first = 0, stop = st == MILL_OK ? s->points.count : 0;
        while (first < stop &&
               (s->by_time ? points[first].timestamp : points[first].step) < start)
            first++;
        while (stop > first &&
               (s->by_time ? points[stop - 1].timestamp : points[stop - 1].step) > end)
            stop--;
        if (stop > first)
            each(context, points + first, stop - first);
    }
    return st;
}
