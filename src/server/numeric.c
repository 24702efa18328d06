/* numeric.c - see numeric.h. */
#include "server/numeric.h"

#include <math.h>

#include "base/number.h"

bool mill_read_number(struct mill_view text, double *out)
{
    bool out_of_range = false;
    bool signed_text = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+');
    struct mill_view digits = signed_text ? mill_view_from(text, 1) : text;
    double number;
    if (digits.len == 0 ||
        !mill_parse_decimal(digits.ptr, digits.len, &number, &out_of_range) || out_of_range ||
        !isfinite(number))
        return false;
    *out = text.ptr[0] == '-' ? -number : number;
    return true;
}

int mill_value_order(const void *a, const void *b)
{
    const struct mill_view *x = a, *y = b;
    double first, second;
    if (x->ptr == NULL || y->ptr == NULL)
        return (x->ptr == NULL) - (y->ptr == NULL);
    bool first_is = mill_read_number(*x, &first), second_is = mill_read_number(*y, &second);
    if (first_is != second_is)
        return first_is ? -1 : 1;
    if (first_is && first < second)
        return -1;
    if (first_is && first > second)
        return 1;
    return mill_view_cmp(*x, *y);
}
