/* sqlite_history.c - reads metric points from the SQLite store.
 *
 * A series lies in sources: its segments, and the points of its tails as one more. Sources
 * are grouped into clusters whose ranges do not overlap (nearly always one segment each), so
 * that a cluster at a time can be decoded, sorted and handed out: memory stays flat however
 * long the series is. */
#include <stdlib.h>

#include "base/alloc.h"
#include "store/sqlite.h"

/* A segment, or the tails (number is MILL_ABSENT). min and max are of what the caller orders
 * by first: times or steps. */
struct source {
    int64_t number;
    size_t count;
    int64_t min, max;
};

struct series {
    struct sqlite_store *store;
    struct db *db; /* inside a transaction */
    int64_t run;
    struct mill_view key; /* in arena */
    struct mill_arena arena;
    bool by_time;
    struct source *sources; /* by min */
    size_t source_count, source_cap;
    size_t at;                 /* next source */
    struct mill_points tail;   /* of all tails, sorted and distinct */
    struct mill_points points; /* of the current cluster */
    size_t given;              /* of them */
};

struct sqlite_history {
    struct mill_history base;
    struct series series;
};

static mill_point_order *order_of(const struct series *s)
{
    return s->by_time ? mill_point_cmp_time : mill_point_cmp;
}

static enum mill_status no_memory(struct mill_error *err)
{
    return mill_fail(err, MILL_E_NOMEM, "out of memory to read metric points");
}

static bool add_source(struct series *s, struct source source)
{
    if (s->source_count == s->source_cap) {
        size_t cap = s->source_cap != 0 ? s->source_cap * 2 : 16;
        struct source *sources = mill_realloc(s->sources, cap * sizeof(*sources));
        if (sources == NULL)
            return false;
        s->sources = sources;
        s->source_cap = cap;
    }
    s->sources[s->source_count++] = source;
    return true;
}

static enum mill_status tail_point(void *context, struct mill_view key, struct mill_point point,
                                   struct mill_error *err)
{
    struct series *s = context;
    if (mill_view_eq(key, s->key) && !mill_points_add(&s->tail, point))
        return no_memory(err);
    return MILL_OK;
}

static enum mill_status read_tails(struct series *s, struct mill_error *err)
{
    enum mill_status st = MILL_OK, decoded = MILL_OK;
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
    const struct mill_point *first = &s->tail.items[0];
    const struct mill_point *last = &s->tail.items[s->tail.count - 1];
    struct source source = {MILL_ABSENT, s->tail.count,
                            s->by_time ? first->timestamp : first->step,
                            s->by_time ? last->timestamp : last->step};
    return add_source(s, source) ? MILL_OK : no_memory(err);
}

static enum mill_status read_segment_list(struct series *s, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    int column = s->by_time ? 4 : 2;
    sqlite3_stmt *stmt = mill_db_query(s->db, SQL_SEGMENT_LIST, "it", s->run, s->key);
    while (mill_db_step(s->db, stmt, &st, err)) {
        struct source source = {
            sqlite3_column_int64(stmt, 0), (size_t)sqlite3_column_int64(stmt, 1),
            sqlite3_column_int64(stmt, column), sqlite3_column_int64(stmt, column + 1)};
        if (!add_source(s, source)) {
            mill_db_done(stmt);
            return no_memory(err);
        }
    }
    return st;
}

static int by_min(const void *a, const void *b)
{
    const struct source *x = a, *y = b;
    if (x->min != y->min)
        return x->min < y->min ? -1 : 1;
    return x->max < y->max ? -1 : x->max > y->max;
}

static void series_release(struct series *s)
{
    if (s->db != NULL)
        mill_sqlite_snapshot_done(s->store, s->db);
    mill_points_release(&s->tail);
    mill_points_release(&s->points);
    mill_free(s->sources);
    mill_arena_release(&s->arena);
    s->db = NULL;
}

/* Finds the run and lists the sources. On failure the caller still releases. */
static enum mill_status series_open(struct series *s, struct sqlite_store *store,
                                    struct mill_view run_id, struct mill_view key, bool by_time,
                                    struct mill_error *err)
{
    *s = (struct series){.store = store, .by_time = by_time};
    s->key = mill_arena_copy(&s->arena, key);
    if (s->key.ptr == NULL)
        return no_memory(err);
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

static enum mill_status read_source(struct series *s, const struct source *source,
                                    struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    if (source->number == MILL_ABSENT) {
        for (size_t i = 0; i < s->tail.count; i++)
            if (!mill_points_add(&s->points, s->tail.items[i]))
                return no_memory(err);
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

/* How many sources from `at` overlap each other, one after the next. */
static size_t cluster_size(const struct series *s)
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

/* Decodes the next cluster into points; none are left when points.count stays 0. */
static enum mill_status next_cluster(struct series *s, struct mill_error *err)
{
    s->points.count = 0;
    s->given = 0;
    if (s->at == s->source_count)
        return MILL_OK;
    size_t n = cluster_size(s);
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < n; i++)
        st = read_source(s, &s->sources[s->at + i], err);
    /* A segment by itself is in order of steps already. */
    if (st == MILL_OK && (n > 1 || s->by_time))
        mill_points_sort(&s->points, order_of(s));
    s->at += n;
    return st;
}

/* Leaves out the first points; whole segments without looking into them. */
static enum mill_status skip_points(struct series *s, int64_t skip, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    while (st == MILL_OK && skip > 0 && s->at < s->source_count) {
        if (cluster_size(s) == 1 && (uint64_t)skip >= s->sources[s->at].count) {
            skip -= (int64_t)s->sources[s->at++].count;
            continue;
        }
        st = next_cluster(s, err);
        if ((uint64_t)skip < s->points.count) {
            s->given = (size_t)skip;
            return st;
        }
        skip -= (int64_t)s->points.count;
        s->given = s->points.count;
    }
    return st;
}

static enum mill_status history_next(struct mill_history *history, struct mill_point *points,
                                     size_t capacity, size_t *count_out, struct mill_error *err)
{
    struct series *s = &((struct sqlite_history *)history)->series;
    size_t count = 0;
    while (count < capacity) {
        if (s->given == s->points.count) {
            enum mill_status st = next_cluster(s, err);
            if (st != MILL_OK)
                return st;
            if (s->points.count == 0)
                break;
        }
        size_t n = s->points.count - s->given;
        if (n > capacity - count)
            n = capacity - count;
        memcpy(points + count, s->points.items + s->given, n * sizeof(*points));
        s->given += n;
        count += n;
    }
    *count_out = count;
    return MILL_OK;
}

static void history_close(struct mill_history *history)
{
    struct sqlite_history *h = (struct sqlite_history *)history;
    series_release(&h->series);
    mill_free(h);
}

enum mill_status mill_sqlite_history_open(struct mill_store *store, struct mill_view run_id,
                                          struct mill_view key, int64_t skip,
                                          struct mill_history **out, struct mill_error *err)
{
    struct sqlite_history *h = mill_alloc_zero(1, sizeof(*h));
    if (h == NULL)
        return no_memory(err);
    h->base = (struct mill_history){history_next, history_close};
    enum mill_status st =
        series_open(&h->series, (struct sqlite_store *)store, run_id, key, true, err);
    if (st == MILL_OK)
        st = skip_points(&h->series, skip, err);
    if (st != MILL_OK) {
        history_close(&h->base);
        return st;
    }
    *out = &h->base;
    return MILL_OK;
}

/* --- samples --- */

/* Called for the points of a range, piece by piece in order; used to count and to pick. */
typedef void each_piece(void *context, const struct mill_point *points, size_t count);

static enum mill_status scan_range(struct series *s, int64_t start_step, int64_t end_step,
                                   each_piece *each, void *context, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    s->at = 0;
    while (st == MILL_OK && s->at < s->source_count && s->sources[s->at].min <= end_step) {
        if (cluster_size(s) == 1 && s->sources[s->at].max < start_step) {
            s->at++;
            continue;
        }
        st = next_cluster(s, err);
        const struct mill_point *points = s->points.items;
        size_t first = 0, end = st == MILL_OK ? s->points.count : 0;
        while (first < end && points[first].step < start_step)
            first++;
        while (end > first && points[end - 1].step > end_step)
            end--;
        each(context, points + first, end - first);
    }
    return st;
}

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
        const struct source *source = &s->sources[s->at];
        if (cluster_size(s) != 1 || source->min < start_step || source->max > end_step)
            return scan_range(s, start_step, end_step, count_points, count, err);
        listed += source->count;
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
        series_open(&s, (struct sqlite_store *)store, run_id, key, false, err);
    if (st == MILL_OK)
        st = count_range(&s, start_step, end_step, &count, err);
    if (st != MILL_OK)
        goto out;

    struct mill_point *points =
        mill_arena_alloc(arena, (count < max_points ? count : max_points) * sizeof(*points));
    if (points == NULL) {
        st = no_memory(err);
        goto out;
    }
    mill_picker_init(&p, points, max_points, count);
    st = scan_range(&s, start_step, end_step, pick_points, &p, err);
    if (st != MILL_OK)
        goto out;
    *points_out = points;
    *count_out = mill_picker_finish(&p);

out:
    series_release(&s);
    return st;
}
