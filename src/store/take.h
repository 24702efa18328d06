/* take.h - what a row holds, copied to where it stays. Used where SQLite tables are read. */
#ifndef MILL_STORE_TAKE_H
#define MILL_STORE_TAKE_H

#include <millstream/types.h>

#include "base/arena.h"
#include "store/db.h"

/* A column's text copied into arena; false when out of memory. */
bool mill_take_text(sqlite3_stmt *stmt, int column, struct mill_arena *arena,
                    struct mill_view *out);

/* A column's number, MILL_ABSENT for NULL. */
int64_t mill_take_int(sqlite3_stmt *stmt, int column);

/* All rows of a query of two texts as tags in arena. */
enum mill_status mill_take_pairs(struct db *db, sqlite3_stmt *stmt, struct mill_arena *arena,
                                 const struct mill_tag **out, size_t *count_out,
                                 struct mill_error *err);

/* The one number that a query gives, MILL_ABSENT when it gives no row. */
enum mill_status mill_take_number(struct db *db, sqlite3_stmt *stmt, int64_t *out,
                                  struct mill_error *err);

#endif
