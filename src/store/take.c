/* take.c - see take.h. */
#include "store/take.h"

#include "base/alloc.h"
#include "base/list.h"

bool mill_take_text(sqlite3_stmt *stmt, int column, struct mill_arena *arena,
                    struct mill_view *out)
{
    struct mill_view text = mill_db_text(stmt, column);
    *out = mill_arena_copy(arena, text);
    return text.ptr == NULL || out->ptr != NULL;
}

int64_t mill_take_int(sqlite3_stmt *stmt, int column)
{
    return sqlite3_column_type(stmt, column) == SQLITE_NULL
               ? MILL_ABSENT
               : sqlite3_column_int64(stmt, column);
}

enum mill_status mill_take_pairs(struct db *db, sqlite3_stmt *stmt, struct mill_arena *arena,
                                 const struct mill_tag **out, size_t *count_out,
                                 struct mill_error *err)
{
    struct mill_list list = {.size = sizeof(struct mill_tag)};
    enum mill_status st = MILL_OK;
    bool fits = true;
    while (fits && mill_db_step(db, stmt, &st, err)) {
        struct mill_tag *tag = mill_list_add(&list);
        fits = tag != NULL && mill_take_text(stmt, 0, arena, &tag->key) &&
               mill_take_text(stmt, 1, arena, &tag->value);
    }
    if (!fits)
        mill_db_done(stmt);
    struct mill_tag *copy = mill_arena_zero(arena, list.count, sizeof(*copy));
    if (st == MILL_OK && (!fits || copy == NULL))
        st = mill_fail(err, MILL_E_NOMEM, "out of memory to read the database");
    if (st == MILL_OK && list.count != 0)
        memcpy(copy, list.items, list.count * sizeof(*copy));
    *out = copy;
    *count_out = list.count;
    mill_free(list.items);
    return st;
}

enum mill_status mill_take_number(struct db *db, sqlite3_stmt *stmt, int64_t *out,
                                  struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    *out = MILL_ABSENT;
    if (mill_db_step(db, stmt, &st, err)) {
        *out = mill_take_int(stmt, 0);
        mill_db_done(stmt);
    }
    return st;
}
