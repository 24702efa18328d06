/* table.c - lays out and prints tables. */
#include "cli/table.h"

#include <stdint.h>

#include "base/view.h"

#define GAP 2 /* spaces between columns */

void mill_table_column(struct mill_table *table, struct mill_column column)
{
    if (table->column_count == table->column_cap) {
        size_t cap = table->column_cap * 2 + 16;
        struct mill_column *columns = mill_arena_zero(table->arena, cap, sizeof(*columns));
        if (columns == NULL) {
            table->failed = true;
            return;
        }
        if (table->column_count > 0)
            memcpy(columns, table->columns, table->column_count * sizeof(*columns));
        table->columns = columns;
        table->column_cap = cap;
    }
    table->columns[table->column_count++] = column;
}

void mill_table_row(struct mill_table *table)
{
    size_t width = table->column_count;
    if (table->row_count == table->row_cap) {
        size_t cap = table->row_cap * 2 + 32;
        struct mill_view *cells =
            mill_arena_zero(table->arena, cap * (width + 1), sizeof(*cells));
        if (cells == NULL) {
            table->failed = true;
            return;
        }
        if (table->row_count > 0)
            memcpy(cells, table->cells, table->row_count * width * sizeof(*cells));
        table->cells = cells;
        table->row_cap = cap;
    }
    table->row_count++;
}

void mill_table_set(struct mill_table *table, size_t column, struct mill_view text)
{
    if (!table->failed && column < table->column_count)
        table->cells[(table->row_count - 1) * table->column_count + column] = text;
}

void mill_table_mark(struct mill_table *table)
{
    table->marked_row = table->row_count;
}

/* How wide each column becomes; SIZE_MAX: left out. */
struct layout {
    size_t *widths;
    size_t total;
};

static void measure(const struct mill_table *table, struct layout *layout)
{
    layout->total = table->marked_row > 0 ? GAP : 0;
    for (size_t c = 0; c < table->column_count; c++) {
        size_t width = mill_text_width(table->columns[c].title);
        for (size_t r = 0; r < table->row_count; r++) {
            size_t cell = mill_text_width(table->cells[r * table->column_count + c]);
            width = cell > width ? cell : width;
        }
        layout->widths[c] = width;
        layout->total += width + (c > 0 ? GAP : 0);
    }
}

/* Cuts columns that may be cut, widest excess first, until the table fits. */
static void shrink(const struct mill_table *table, struct layout *layout, size_t limit)
{
    while (layout->total > limit) {
        size_t widest = SIZE_MAX, excess = 0;
        for (size_t c = 0; c < table->column_count; c++) {
            size_t narrowest = table->columns[c].narrowest;
            if (layout->widths[c] == SIZE_MAX || narrowest == 0 ||
                layout->widths[c] <= narrowest)
                continue;
            if (layout->widths[c] - narrowest > excess) {
                excess = layout->widths[c] - narrowest;
                widest = c;
            }
        }
        if (widest == SIZE_MAX)
            return;
        size_t over = layout->total - limit;
        size_t cut = over < excess ? over : excess;
        layout->widths[widest] -= cut;
        layout->total -= cut;
    }
}

/* Leaves out optional columns from the right until the rest fits when cut. */
static size_t drop(const struct mill_table *table, struct layout *layout, size_t limit)
{
    size_t dropped = 0, least = layout->total;
    for (size_t c = 0; c < table->column_count; c++)
        if (table->columns[c].narrowest > 0 && layout->widths[c] > table->columns[c].narrowest)
            least -= layout->widths[c] - table->columns[c].narrowest;
    for (size_t c = table->column_count; c-- > 0 && least > limit;) {
        size_t narrowest = table->columns[c].narrowest, width = layout->widths[c];
        if (!table->columns[c].optional)
            continue;
        least -= GAP + (narrowest > 0 && width > narrowest ? narrowest : width);
        layout->total -= GAP + width;
        layout->widths[c] = SIZE_MAX;
        dropped++;
    }
    return dropped;
}

static void print_cell(const struct mill_table *table, const struct layout *layout,
                       const struct mill_term *term, struct mill_buf *out, size_t column,
                       struct mill_view text, bool last)
{
    size_t width = layout->widths[column];
    size_t used = mill_text_width(text);
    size_t pad = used < width ? width - used : 0;
    for (size_t i = 0; i < pad && table->columns[column].right; i++)
        mill_buf_add_char(out, ' ');
    mill_text_fit(out, term, text, width);
    for (size_t i = 0; i < pad && !table->columns[column].right && !last; i++)
        mill_buf_add_char(out, ' ');
}

/* One line; row 0 is the titles. */
static void print_row(const struct mill_table *table, const struct layout *layout,
                      const struct mill_term *term, struct mill_buf *out, size_t row)
{
    bool best = row > 0 && row == table->marked_row;
    unsigned style = row == 0 ? MILL_STYLE_BOLD : best ? MILL_STYLE_BEST : MILL_STYLE_PLAIN;
    size_t last = table->column_count;
    for (size_t c = 0; c < table->column_count; c++)
        if (layout->widths[c] != SIZE_MAX)
            last = c;
    mill_style_begin(out, term, style);
    if (table->marked_row > 0)
        mill_buf_add_view(out, mill_view_of(!best        ? "  "
                                            : term->utf8 ? "\xe2\x98\x85 "
                                                         : "* "));
    for (size_t c = 0; c < table->column_count; c++) {
        if (layout->widths[c] == SIZE_MAX)
            continue;
        struct mill_view text = row == 0 ? table->columns[c].title
                                         : table->cells[(row - 1) * table->column_count + c];
        print_cell(table, layout, term, out, c, text, c == last);
        if (c != last)
            mill_buf_add_view(out, MILL_VIEW("  "));
    }
    mill_style_end(out, term, style);
    mill_buf_add_char(out, '\n');
}

enum mill_status mill_table_print(struct mill_table *table, const struct mill_term *term,
                                  struct mill_buf *out, size_t *left_out,
                                  struct mill_error *err)
{
    struct layout layout = {0};
    layout.widths = mill_arena_zero(table->arena, table->column_count + 1, sizeof(size_t));
    if (layout.widths == NULL || table->failed)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    measure(table, &layout);
    *left_out = 0;
    if (layout.total > term->width) {
        *left_out = drop(table, &layout, term->width);
        shrink(table, &layout, term->width);
    }
    for (size_t row = 0; row <= table->row_count; row++)
        print_row(table, &layout, term, out, row);
    return MILL_OK;
}
