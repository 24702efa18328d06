/* table.h - a table for people: aligned, fitted to the terminal, the rest counted. */
#ifndef MILL_CLI_TABLE_H
#define MILL_CLI_TABLE_H

#include "base/arena.h"
#include "cli/term.h"

struct mill_column {
    struct mill_view title;
    bool right;       /* numbers */
    size_t narrowest; /* may be cut to this many columns of the terminal; 0: not cut */
    bool optional;    /* may be left out, the last one first, when there is no room */
};

/* A zeroed struct with arena set is a valid empty table. Failures to allocate are noted and
 * reported by print. */
struct mill_table {
    struct mill_arena *arena;
    struct mill_column *columns;
    size_t column_count, column_cap;
    struct mill_view *cells; /* row after row */
    size_t row_count, row_cap;
    size_t marked_row; /* from 1; 0: none */
    bool failed;
};

/* Adds a column; before the first row. */
void mill_table_column(struct mill_table *table, struct mill_column column);

/* Adds an empty row, whose cells are then set; text is borrowed until print. */
void mill_table_row(struct mill_table *table);
void mill_table_set(struct mill_table *table, size_t column, struct mill_view text);

/* The last row is the best one: it is printed with a mark. */
void mill_table_mark(struct mill_table *table);

/* Appends the table and returns how many columns found no room. MILL_E_NOMEM. */
enum mill_status mill_table_print(struct mill_table *table, const struct mill_term *term,
                                  struct mill_buf *out, size_t *left_out,
                                  struct mill_error *err);

#endif
