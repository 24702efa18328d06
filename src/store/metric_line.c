/* metric_line.c - see metric_line.h. */
#include "store/metric_line.h"

#include <math.h>

#include "base/number.h"
#include "base/view.h"

static struct mill_view next_field(struct mill_view *rest)
{
    size_t from = 0, to;
    while (from < rest->len && (rest->ptr[from] == ' ' || rest->ptr[from] == '\t'))
        from++;
    to = from;
    while (to < rest->len && rest->ptr[to] != ' ' && rest->ptr[to] != '\t')
        to++;
    struct mill_view field = {rest->ptr + from, to - from};
    *rest = mill_view_from(*rest, to);
    return field;
}

/* As Python's float(), without its underscores. */
static bool read_value(struct mill_view text, double *out)
{
    bool negative = mill_view_starts(text, MILL_VIEW("-"));
    bool range = false;
    double value = 0;
    if (negative || mill_view_starts(text, MILL_VIEW("+")))
        text = mill_view_from(text, 1);
    if (mill_view_eq_nocase(text, MILL_VIEW("nan")))
        value = NAN;
    else if (mill_view_eq_nocase(text, MILL_VIEW("inf")) ||
             mill_view_eq_nocase(text, MILL_VIEW("infinity")))
        value = HUGE_VAL;
    else if (text.len == 0 || text.ptr[0] == '-' || text.ptr[0] == '+' ||
             !mill_parse_decimal(text.ptr, text.len, &value, &range))
        return false;
    if (range) /* it overflows or vanishes, as its exponent says */
        value = memmem(text.ptr, text.len, "e-", 2) != NULL ||
                        memmem(text.ptr, text.len, "E-", 2) != NULL
                    ? 0
                    : HUGE_VAL;
    *out = negative ? -value : value;
    return true;
}

bool mill_metric_line_read(struct mill_view line, struct mill_point *out, size_t *fields_out)
{
    struct mill_view rest = mill_view_trim(line);
    struct mill_view timestamp = next_field(&rest), value = next_field(&rest);
    struct mill_view step = next_field(&rest);
    struct mill_point point = {0, 0, 0};
    size_t fields = step.len == 0 ? 2 : 3;
    while (next_field(&rest).len != 0)
        fields++;
    if (fields == 4 || !mill_view_int(timestamp, &point.timestamp) ||
        !read_value(value, &point.value) || (fields > 2 && !mill_view_int(step, &point.step)))
        return false;
    *out = point;
    *fields_out = fields;
    return true;
}

static bool is_word(struct mill_view text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] <= ' ')
            return false;
    return text.len != 0;
}

static void add_value(struct mill_buf *out, double value)
{
    char text[MILL_DOUBLE_SIZE];
    if (isnan(value))
        mill_buf_add(out, "nan", 3);
    else if (isinf(value))
        mill_buf_add_view(out, value > 0 ? MILL_VIEW("inf") : MILL_VIEW("-inf"));
    else
        mill_buf_add(out, text, mill_format_double(text, value));
}

void mill_metric_line_write(struct mill_buf *out, const struct mill_metric *metric,
                            bool short_form)
{
    const struct mill_metric_link *link = metric->link;
    mill_buf_add_int(out, metric->timestamp);
    mill_buf_add_char(out, ' ');
    add_value(out, metric->value);
    if (!short_form || metric->step != 0) {
        mill_buf_add_char(out, ' ');
        mill_buf_add_int(out, metric->step);
    }
    if (!short_form && link != NULL && is_word(link->dataset_name) &&
        is_word(link->dataset_digest)) {
        mill_buf_add_char(out, ' ');
        mill_buf_add_view(out, link->dataset_name);
        mill_buf_add_char(out, ' ');
        mill_buf_add_view(out, link->dataset_digest);
    }
    mill_buf_add_char(out, '\n');
}
