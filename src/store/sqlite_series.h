/* sqlite_series.h - a series of the SQLite store, a cluster of points at a time.
 *
 * A series lies in sources: its segments, and the points of its tails as one more. Sources
 * are grouped into clusters whose ranges do not overlap (nearly always one segment each), so
 * that a cluster at a time can be decoded, sorted and handed out: memory stays flat however
 * long the series is. One thread. */
#ifndef MILL_STORE_SQLITE_SERIES_H
#define MILL_STORE_SQLITE_SERIES_H

#include "store/sqlite.h"

/* A segment, or the tails (number is MILL_ABSENT). min and max are of what the caller orders
 * by first: times or steps. */
struct series_source {
    int64_t number;
    int64_t min, max;
    struct mill_series_summary figures; /* min and max may be infinite here */
};

struct series {
    struct sqlite_store *store;
    struct db *db; /* inside a transaction */
    int64_t run;
    struct mill_view key; /* in arena */
    struct mill_arena arena;
    bool by_time;
    struct series_source *sources; /* by min */
    size_t source_count, source_cap;
    size_t at;                 /* next source */
    struct mill_points tail;   /* of all tails, sorted and distinct */
    struct mill_points points; /* of the current cluster */
    size_t given;              /* of them */
};

/* Finds the run and lists the sources. Release it also when this fails. MILL_E_NOT_FOUND. */
enum mill_status mill_sqlite_series_open(struct series *s, struct sqlite_store *store,
                                         struct mill_view run_id, struct mill_view key,
                                         bool by_time, struct mill_error *err);
void mill_sqlite_series_release(struct series *s);

/* How many sources from `at` overlap each other, one after the next. */
size_t mill_sqlite_series_cluster(const struct series *s);

/* Decodes the next cluster into points; none are left when points.count stays 0. */
enum mill_status mill_sqlite_series_next(struct series *s, struct mill_error *err);

/* Called for the points of a range, piece by piece in order. */
typedef void mill_sqlite_series_piece(void *context, const struct mill_point *points,
                                      size_t count);

/* Shows all points from start to end (steps or times, both included), beginning anew. */
enum mill_status mill_sqlite_series_scan(struct series *s, int64_t start, int64_t end,
                                         mill_sqlite_series_piece *each, void *context,
                                         struct mill_error *err);

#endif
