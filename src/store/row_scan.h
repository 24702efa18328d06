/* row_scan.h - searches that look at one row of a table after the other: what a row does not
 * hold is looked up only where a plan asks for it. One thread at a time. */
#ifndef MILL_STORE_ROW_SCAN_H
#define MILL_STORE_ROW_SCAN_H

#include "store/db.h"
#include "store/select.h"

/* The row that a search is at. */
struct mill_row_scan {
    struct db *db;
    int64_t id;                /* its number, which is its first column */
    struct mill_arena scratch; /* of its texts and those that were looked up */
    enum mill_status status;   /* of look-ups, which have no way to fail by themselves */
    struct mill_error *err;
};

/* Takes over the row that stmt is at; false when the search does not want it. A failure is left
 * in the status of the scan. */
typedef bool mill_row_take(void *context, sqlite3_stmt *stmt);

/* Has a selector, whose context take is called with too, look at the rows of stmt until it has
 * picked `enough` of them. Fails as mill_db_step, mill_select_look and what take and the values
 * of the selector left in the status. */
enum mill_status mill_row_scan(struct mill_row_scan *scan, sqlite3_stmt *stmt,
                               struct mill_selector *selector, mill_row_take *take,
                               size_t enough);

/* How many rows of one experiment are enough for a page, when they come newest first and
 * nothing else is asked for; SIZE_MAX otherwise. */
size_t mill_row_scan_enough(const struct mill_plan *plan, size_t experiment_count,
                            int64_t offset, int64_t limit);

/* Reads everything about the thing in the current row of stmt, which is then done with, into
 * *out; its texts and lists go to arena. */
typedef enum mill_status mill_row_read(struct db *db, sqlite3_stmt *stmt,
                                       struct mill_arena *arena, void *out,
                                       struct mill_error *err);

/* An array in arena of the things of these rows, of `size` bytes each; sql gives the row of a
 * number. */
enum mill_status mill_row_read_all(struct db *db, enum db_sql sql, const int64_t *ids,
                                   size_t count, mill_row_read *read, size_t size,
                                   struct mill_arena *arena, void **out,
                                   struct mill_error *err);

/* The text that a query gives, absent when it gives none. It lives as long as the row. */
struct mill_value mill_row_scan_text(struct mill_row_scan *scan, sqlite3_stmt *stmt);

#endif
