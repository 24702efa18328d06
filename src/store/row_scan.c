/* row_scan.c - see row_scan.h. */
#include "store/row_scan.h"

#include "base/alloc.h"
#include "store/take.h"

/* What an emptied scratch arena keeps. */
#define SCRATCH_BYTES 4096

enum mill_status mill_row_scan(struct mill_row_scan *scan, sqlite3_stmt *stmt,
                               struct mill_selector *selector, mill_row_take *take,
                               size_t enough)
{
    enum mill_status st = MILL_OK;
    while (mill_db_step(scan->db, stmt, &st, scan->err)) {
        scan->id = sqlite3_column_int64(stmt, 0);
        if (take(selector->context, stmt) && scan->status == MILL_OK)
            st = mill_select_look(selector, scan->id, scan->err);
        mill_arena_reset(&scan->scratch, SCRATCH_BYTES);
        if (st == MILL_OK)
            st = scan->status;
        if (st != MILL_OK || mill_select_count(selector) >= enough) {
            mill_db_done(stmt);
            break;
        }
    }
    return st;
}

size_t mill_row_scan_enough(const struct mill_plan *plan, size_t experiment_count,
                            int64_t offset, int64_t limit)
{
    /* One more says whether there are more. */
    return plan->order_count == 0 && experiment_count == 1 ? (size_t)offset + (size_t)limit + 1
                                                           : SIZE_MAX;
}

enum mill_status mill_row_read_all(struct db *db, enum db_sql sql, const int64_t *ids,
                                   size_t count, mill_row_read *read, size_t size,
                                   struct mill_arena *arena, void **out, struct mill_error *err)
{
    char *things = mill_arena_zero(arena, count, size);
    enum mill_status st = things != NULL ? MILL_OK : mill_no_memory(err);
    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        sqlite3_stmt *stmt = mill_db_query(db, sql, "i", ids[i]);
        if (mill_db_step(db, stmt, &st, err))
            st = read(db, stmt, arena, things + i * size, err);
    }
    *out = things;
    return st;
}

struct mill_value mill_row_scan_text(struct mill_row_scan *scan, sqlite3_stmt *stmt)
{
    struct mill_view text = {NULL, 0};
    if (scan->status == MILL_OK && mill_db_step(scan->db, stmt, &scan->status, scan->err)) {
        if (!mill_take_text(stmt, 0, &scan->scratch, &text))
            scan->status = mill_no_memory(scan->err);
        mill_db_done(stmt);
    }
    return mill_text_value(text);
}
