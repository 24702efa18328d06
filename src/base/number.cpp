/* number.cpp - see number.h. In C++ because its library has what C lacks: shortest digits,
 * exact reading, and neither depends on the locale. */
#include "base/number.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <system_error>

namespace
{

// Digits and exponent of the shortest form: value = 0.DIGITS * 10^point.
struct decimal {
    char digits[24];
    int count;
    int point;
};

struct decimal shortest(double value)
{
    struct decimal d = {};
    char text[MILL_DOUBLE_SIZE];
    std::to_chars_result r =
        std::to_chars(text, text + sizeof(text), value, std::chars_format::scientific);
    const char *p = text;
    for (; p < r.ptr && *p != 'e'; p++)
        if (*p != '.' && d.count < int(sizeof(d.digits)))
            d.digits[d.count++] = *p;
    int exponent = 0;
    const char *digits = p + 1 < r.ptr && p[1] == '+' ? p + 2 : p + 1;
    std::from_chars(digits, static_cast<const char *>(r.ptr), exponent);
    d.point = exponent + 1;
    return d;
}

char *put(char *out, const char *from, int count)
{
    memcpy(out, from, size_t(count));
    return out + count;
}

char *put_zeros(char *out, int count)
{
    memset(out, '0', size_t(count));
    return out + count;
}

char *put_exponential(char *out, const struct decimal &d)
{
    *out++ = d.digits[0];
    if (d.count > 1) {
        *out++ = '.';
        out = put(out, d.digits + 1, d.count - 1);
    }
    int exponent = d.point - 1;
    *out++ = 'e';
    *out++ = exponent < 0 ? '-' : '+';
    exponent = exponent < 0 ? -exponent : exponent;
    if (exponent < 10)
        *out++ = '0';
    return std::to_chars(out, out + 4, exponent).ptr;
}

// Python writes an exponent below 1e-4 and from 1e16 on, and always a point or an exponent.
char *put_decimal(char *out, const struct decimal &d)
{
    if (d.point <= -4 || d.point > 16)
        return put_exponential(out, d);
    if (d.point <= 0) {
        out = put(out, "0.", 2);
        out = put_zeros(out, -d.point);
        return put(out, d.digits, d.count);
    }
    if (d.count <= d.point) {
        out = put(out, d.digits, d.count);
        out = put_zeros(out, d.point - d.count);
        return put(out, ".0", 2);
    }
    out = put(out, d.digits, d.point);
    *out++ = '.';
    return put(out, d.digits + d.point, d.count - d.point);
}

} // namespace

size_t mill_format_double(char out[MILL_DOUBLE_SIZE], double value)
{
    char *p = out;
    if (std::isnan(value))
        return size_t(put(p, "NaN", 3) - out);
    if (std::signbit(value))
        *p++ = '-';
    if (std::isinf(value))
        return size_t(put(p, "Infinity", 8) - out);
    double magnitude = std::fabs(value);
    if (magnitude < 1e15 && magnitude == double(int64_t(magnitude))) {
        p = std::to_chars(p, out + MILL_DOUBLE_SIZE, int64_t(magnitude)).ptr;
        return size_t(put(p, ".0", 2) - out);
    }
    if (magnitude >= 1e-3 && magnitude < 1e15) {
        // Here the shortest text has no exponent and always a point, which is what Python
        // writes.
        return size_t(std::to_chars(p, out + MILL_DOUBLE_SIZE, magnitude).ptr - out);
    }
    return size_t(put_decimal(p, shortest(magnitude)) - out);
}

bool mill_parse_decimal(const char *text, size_t len, double *out, bool *range_out)
{
    std::from_chars_result r = std::from_chars(text, text + len, *out);
    *range_out = r.ec == std::errc::result_out_of_range;
    return r.ptr == text + len && (r.ec == std::errc() || *range_out);
}
