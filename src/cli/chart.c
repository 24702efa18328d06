/* chart.c - draws lines into a grid of cells and prints them with their axes. */
#include "cli/chart.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/view.h"

#define HEIGHT    15 /* rows of cells */
#define MAX_WIDTH 110
#define MARGIN    2
#define MAX_TICKS 12

/* One axis: data range, and the ticks that lie in it. */
struct axis {
    double low, high;
    double ticks[MAX_TICKS];
    size_t tick_count;
};

struct cell {
    uint8_t dots;   /* braille dots that are set */
    uint8_t series; /* index + 1 of the line that was drawn last; 0: empty */
};

struct chart {
    const struct mill_term *term;
    bool braille;
    bool by_index; /* x is the number of the point, since the steps say nothing */
    struct axis x, y;
    size_t columns, across, down; /* cells; then positions of dots in both directions */
    struct cell *cells;
};

static double x_of(const struct chart *chart, const struct mill_series *series, size_t i)
{
    return chart->by_index ? (double)i : (double)series->points[i].step;
}

/* Ranges of all finite points; false when there are none. */
static bool find_ranges(struct chart *chart, const struct mill_series *series, size_t count)
{
    bool any = false;
    for (size_t s = 0; s < count; s++)
        for (size_t i = 0; i < series[s].count; i++) {
            double x = x_of(chart, &series[s], i), y = series[s].points[i].value;
            if (!isfinite(y))
                continue;
            chart->x.low = any ? fmin(chart->x.low, x) : x;
            chart->x.high = any ? fmax(chart->x.high, x) : x;
            chart->y.low = any ? fmin(chart->y.low, y) : y;
            chart->y.high = any ? fmax(chart->y.high, y) : y;
            any = true;
        }
    return any;
}

static bool one_step_only(const struct mill_series *series, size_t count)
{
    for (size_t s = 0; s < count; s++)
        for (size_t i = 1; i < series[s].count; i++)
            if (series[s].points[i].step != series[s].points[0].step)
                return false;
    return true;
}

/* The distance of ticks: 1, 2 or 5 times a power of ten, for about wanted ticks. */
static double tick_distance(double range, double wanted)
{
    double rough = range / wanted;
    double power = pow(10, floor(log10(rough)));
    double factor = rough / power;
    return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
}

/* Places ticks at round numbers; an axis without extent gets one and some room around it. */
static void place_ticks(struct axis *axis, double wanted, bool whole)
{
    double range = axis->high - axis->low;
    if (!(range > 0) || !isfinite(range)) {
        double around = fabs(axis->low) > 1e-300 ? fabs(axis->low) * 0.1 : 1;
        axis->ticks[axis->tick_count++] = axis->low;
        axis->low -= around;
        axis->high += around;
        return;
    }
    double distance = tick_distance(range, wanted);
    if (whole && distance < 1)
        distance = 1;
    double first = ceil(axis->low / distance - 1e-9);
    double last = floor(axis->high / distance + 1e-9);
    while (axis->tick_count < MAX_TICKS && first + (double)axis->tick_count <= last) {
        double tick = (first + (double)axis->tick_count) * distance;
        axis->ticks[axis->tick_count++] = tick + 0.0; /* never -0 */
    }
}

/* Where a value lies among positions 0 to count - 1. */
static long place(const struct axis *axis, double value, size_t count)
{
    double range = axis->high - axis->low;
    if (!(range > 0) || count < 2)
        return 0;
    return lround((value - axis->low) / range * (double)(count - 1));
}

static void set_dot(struct chart *chart, long x, long y, size_t series)
{
    /* Bits of a braille cell, by row and column of the dot. */
    static const uint8_t bits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    size_t column = (size_t)x, row = (chart->down - 1) - (size_t)y;
    size_t dot_x = 0, dot_y = 0;
    if (chart->braille) {
        dot_x = column % 2;
        dot_y = row % 4;
        column /= 2;
        row /= 4;
    }
    struct cell *cell = &chart->cells[row * chart->columns + column];
    cell->dots |= bits[dot_y][dot_x];
    cell->series = (uint8_t)(series + 1);
}

/* Bresenham's line. */
static void draw_line(struct chart *chart, long x0, long y0, long x1, long y1, size_t series)
{
    long dx = labs(x1 - x0), dy = -labs(y1 - y0);
    long step_x = x0 < x1 ? 1 : -1, step_y = y0 < y1 ? 1 : -1, error = dx + dy;
    for (;;) {
        set_dot(chart, x0, y0, series);
        if (x0 == x1 && y0 == y1)
            return;
        long twice = 2 * error;
        if (twice >= dy) {
            error += dy;
            x0 += step_x;
        }
        if (twice <= dx) {
            error += dx;
            y0 += step_y;
        }
    }
}

static void draw_series(struct chart *chart, const struct mill_series *series, size_t index)
{
    long last_x = 0, last_y = 0;
    bool joined = false;
    for (size_t i = 0; i < series->count; i++) {
        double value = series->points[i].value;
        if (!isfinite(value)) {
            joined = false;
            continue;
        }
        long x = place(&chart->x, x_of(chart, series, i), chart->across);
        long y = place(&chart->y, value, chart->down);
        draw_line(chart, joined ? last_x : x, joined ? last_y : y, x, y, index);
        last_x = x;
        last_y = y;
        joined = true;
    }
}

static char letter_of(size_t series)
{
    return (char)('a' + series);
}

/* One row of cells, without the empty ones at its end. */
static void print_cells(const struct chart *chart, const struct cell *cells, size_t count,
                        struct mill_buf *out)
{
    size_t end = chart->columns;
    unsigned style = MILL_STYLE_PLAIN;
    while (end > 0 && cells[end - 1].series == 0)
        end--;
    for (size_t i = 0; i < end; i++) {
        unsigned wanted =
            cells[i].series == 0 ? MILL_STYLE_PLAIN : MILL_STYLE_SERIES + cells[i].series - 1u;
        if (wanted != style) {
            mill_style_end(out, chart->term, style);
            mill_style_begin(out, chart->term, wanted);
            style = wanted;
        }
        if (cells[i].series == 0) {
            mill_buf_add_char(out, ' ');
        } else if (chart->braille) { /* U+2800 and the bits of the dots */
            mill_buf_add_char(out, '\xe2');
            mill_buf_add_char(out, (char)(0xa0 | cells[i].dots >> 6));
            mill_buf_add_char(out, (char)(0x80 | (cells[i].dots & 0x3f)));
        } else {
            mill_buf_add_char(out, count == 1 ? '*' : letter_of(cells[i].series - 1u));
        }
    }
    mill_style_end(out, chart->term, style);
}

/* The text of a tick, no more digits than ticks so far apart need. */
static void tick_text(const struct axis *axis, double tick, char text[static 32])
{
    double distance = axis->tick_count > 1 ? axis->ticks[1] - axis->ticks[0] : 0;
    double size = fmax(fabs(axis->low), fabs(axis->high));
    if (distance >= 1 && size < 1e9) {
        snprintf(text, 32, "%.0f", tick);
        return;
    }
    int digits = distance > 0 ? (int)ceil(log10(size / distance)) + 2 : 4;
    digits = digits < 3 ? 3 : digits > 10 ? 10 : digits;
    snprintf(text, 32, "%.*g", digits, tick);
}

static void print_rows(const struct chart *chart, size_t count, int label_width,
                       struct mill_buf *out)
{
    const char *plain = chart->term->utf8 ? "\xe2\x94\x82" : "|";
    const char *ticked = chart->term->utf8 ? "\xe2\x94\xa4" : "+";
    for (size_t row = 0; row < HEIGHT; row++) {
        char label[32] = "";
        for (size_t i = 0; i < chart->y.tick_count; i++)
            if (HEIGHT - 1 - (size_t)place(&chart->y, chart->y.ticks[i], HEIGHT) == row)
                tick_text(&chart->y, chart->y.ticks[i], label);
        mill_style_begin(out, chart->term, MILL_STYLE_DIM);
        mill_buf_printf(out, "%*s %s", MARGIN + label_width, label,
                        label[0] != '\0' ? ticked : plain);
        mill_style_end(out, chart->term, MILL_STYLE_DIM);
        print_cells(chart, &chart->cells[row * chart->columns], count, out);
        mill_buf_add_char(out, '\n');
    }
}

static void print_x_axis(const struct chart *chart, int label_width, struct mill_buf *out)
{
    char labels[MAX_WIDTH + 64];
    size_t used = 0;
    const char *line = chart->term->utf8 ? "\xe2\x94\x80" : "-";
    const char *tick = chart->term->utf8 ? "\xe2\x94\xac" : "+";
    mill_style_begin(out, chart->term, MILL_STYLE_DIM);
    mill_buf_printf(out, "%*s %s", MARGIN + label_width, "",
                    chart->term->utf8 ? "\xe2\x94\x94" : "+");
    for (size_t column = 0; column < chart->columns; column++) {
        bool here = false;
        for (size_t i = 0; i < chart->x.tick_count; i++)
            here =
                here || (size_t)place(&chart->x, chart->x.ticks[i], chart->columns) == column;
        mill_buf_add_view(out, mill_view_of(here ? tick : line));
    }
    memset(labels, ' ', sizeof(labels));
    for (size_t i = 0; i < chart->x.tick_count; i++) {
        char text[32];
        size_t at = (size_t)place(&chart->x, chart->x.ticks[i], chart->columns);
        tick_text(&chart->x, chart->x.ticks[i], text);
        if ((used > 0 && at <= used) || at + strlen(text) > sizeof(labels) - 16)
            continue; /* it would touch the one before */
        memcpy(labels + at, text, strlen(text));
        used = at + strlen(text);
    }
    mill_buf_printf(out, "\n%*s  %.*s  %s", MARGIN + label_width, "", (int)used, labels,
                    chart->by_index ? "point" : "step");
    mill_style_end(out, chart->term, MILL_STYLE_DIM);
    mill_buf_add_char(out, '\n');
}

static void print_legend(const struct chart *chart, const struct mill_series *series,
                         size_t count, struct mill_buf *out)
{
    for (size_t s = 0; s < count; s++) {
        char mark[2] = {letter_of(s), '\0'};
        mill_buf_printf(out, "%*s", MARGIN, "");
        mill_style_begin(out, chart->term, MILL_STYLE_SERIES + (unsigned)s);
        mill_buf_add_view(out, mill_view_of(chart->braille ? "\xe2\x94\x81\xe2\x94\x81"
                                            : count == 1   ? "*"
                                                           : mark));
        mill_style_end(out, chart->term, MILL_STYLE_SERIES + (unsigned)s);
        mill_buf_add_char(out, ' ');
        mill_text_fit(out, chart->term, series[s].label, 60);
        if (series[s].count > 0)
            mill_buf_printf(out, "  last %.6g", series[s].points[series[s].count - 1].value);
        else
            mill_buf_add_view(out, MILL_VIEW("  no points"));
        if (series[s].best)
            mill_buf_add_view(out, mill_view_of(chart->term->utf8 ? "  \xe2\x98\x85" : "  *"));
        mill_buf_add_char(out, '\n');
    }
}

static int y_label_width(const struct axis *axis)
{
    size_t width = 0;
    for (size_t i = 0; i < axis->tick_count; i++) {
        char text[32];
        tick_text(axis, axis->ticks[i], text);
        width = strlen(text) > width ? strlen(text) : width;
    }
    return (int)width;
}

enum mill_status mill_chart_print(struct mill_view title, const struct mill_series *series,
                                  size_t count, const struct mill_term *term,
                                  struct mill_buf *out, struct mill_error *err)
{
    struct chart chart = {.term = term,
                          .braille = term->utf8 && (term->color || count == 1),
                          .by_index = one_step_only(series, count)};
    if (count > MILL_CHART_MAX_SERIES)
        return mill_fail(err, MILL_E_INVALID, "a chart shows at most %d runs, got %zu",
                         MILL_CHART_MAX_SERIES, count);
    mill_style_begin(out, term, MILL_STYLE_BOLD);
    mill_buf_printf(out, "%*s", MARGIN, "");
    mill_text_fit(out, term, title, 80);
    mill_style_end(out, term, MILL_STYLE_BOLD);
    mill_buf_add_char(out, '\n');
    if (find_ranges(&chart, series, count)) {
        place_ticks(&chart.x, 5, true);
        place_ticks(&chart.y, 5, false);
        int label_width = y_label_width(&chart.y);
        size_t width = term->width == SIZE_MAX ? 100 : term->width;
        size_t margin = MARGIN + (size_t)label_width + 10; /* axis, name of the x axis */
        width = width > MAX_WIDTH ? MAX_WIDTH : width;
        chart.columns = width > margin + 20 ? width - margin : 20;
        chart.across = chart.braille ? chart.columns * 2 : chart.columns;
        chart.down = chart.braille ? HEIGHT * 4 : HEIGHT;
        chart.cells = mill_alloc_zero(chart.columns * HEIGHT, sizeof(*chart.cells));
        if (chart.cells == NULL)
            return mill_fail(err, MILL_E_NOMEM, "out of memory");
        for (size_t s = 0; s < count; s++)
            draw_series(&chart, &series[s], s);
        for (size_t s = 0; s < count; s++)
            if (series[s].best) /* on top of the others */
                draw_series(&chart, &series[s], s);
        print_rows(&chart, count, label_width, out);
        print_x_axis(&chart, label_width, out);
        mill_free(chart.cells);
    }
    print_legend(&chart, series, count, out);
    return MILL_OK;
}
