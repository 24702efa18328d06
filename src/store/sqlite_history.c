/* sqlite_history.c - histories of the SQLite store: a series by time, as far as it is asked
 * for. */
#include "base/alloc.h"
#include "store/sqlite_series.h"

struct sqlite_history {
    struct mill_history base;
    struct series series;
};

/* Leaves out the first points; whole segments without looking into them. */
static enum mill_status skip_points(struct series *s, int64_t skip, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    while (st == MILL_OK && skip > 0 && s->at < s->source_count) {
        if (mill_sqlite_series_cluster(s) == 1 &&
            (uint64_t)skip >= (uint64_t)s->sources[s->at].figures.count) {
            skip -= s->sources[s->at++].figures.count;
            continue;
        }
        st = mill_sqlite_series_next(s, err);
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
            enum mill_status st = mill_sqlite_series_next(s, err);
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
    mill_sqlite_series_release(&h->series);
    mill_free(h);
}

enum mill_status mill_sqlite_history_open(struct mill_store *store, struct mill_view run_id,
                                          struct mill_view key, int64_t skip,
                                          struct mill_history **out, struct mill_error *err)
{
    struct sqlite_history *h = mill_alloc_zero(1, sizeof(*h));
    if (h == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory to read metric points");
    h->base = (struct mill_history){history_next, history_close};
    enum mill_status st = mill_sqlite_series_open(&h->series, (struct sqlite_store *)store,
                                                  run_id, key, true, err);
    if (st == MILL_OK)
        st = skip_points(&h->series, skip, err);
    if (st != MILL_OK) {
        history_close(&h->base);
        return st;
    }
    *out = &h->base;
    return MILL_OK;
}
