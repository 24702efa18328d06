/* json_simd.cpp - json_simd.h by simdjson and the C++ library; the only C++ here. */
#define SIMDJSON_EXCEPTIONS 0
#include "wire/json_simd.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <simdjson.h>
#include <system_error>

static_assert(MILL_JSON_PADDING >= simdjson::SIMDJSON_PADDING, "padding is too small");

namespace
{

thread_local simdjson::dom::parser parser;

const char *problem(simdjson::error_code code)
{
    switch (int(code)) {
    case simdjson::UTF8_ERROR:
        return "it is not UTF-8";
    case simdjson::UNCLOSED_STRING:
        return "a string is not closed";
    case simdjson::UNESCAPED_CHARS:
        return "a control character in a string is not escaped";
    case simdjson::STRING_ERROR:
        return "a string has a bad escape";
    case simdjson::NUMBER_ERROR:
        return "a number is malformed";
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR:
        return "a word is none of true, false, null";
    case simdjson::EMPTY:
        return "there is nothing";
    default:
        return "its structure is wrong";
    }
}

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

enum mill_simd_result mill_simd_parse(const char *text, size_t len, size_t max_depth,
                                      const uint64_t **tape_out, const char **strings_out,
                                      const char **problem_out)
{
    simdjson::error_code code = simdjson::SUCCESS;
    if (len > parser.capacity() || parser.capacity() == 0) {
        size_t capacity = 1024;
        while (capacity < len)
            capacity *= 2;
        code = parser.allocate(capacity, max_depth);
    }
    if (code == simdjson::SUCCESS)
        code = parser.parse(text, len, false).error();
    *tape_out = parser.doc.tape.get();
    *strings_out = reinterpret_cast<const char *>(parser.doc.string_buf.get());
    *problem_out = problem(code);
    switch (int(code)) {
    case simdjson::SUCCESS:
        return MILL_SIMD_OK;
    case simdjson::MEMALLOC:
    case simdjson::CAPACITY:
        return MILL_SIMD_NOMEM;
    case simdjson::DEPTH_ERROR:
        return MILL_SIMD_DEPTH;
    case simdjson::UTF8_ERROR:
        return MILL_SIMD_UTF8;
    default:
        return MILL_SIMD_SYNTAX;
    }
}

void mill_simd_shrink(size_t keep_bytes)
{
    if (parser.capacity() > keep_bytes)
        parser = simdjson::dom::parser();
}

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

bool mill_simd_parse_decimal(const char *text, size_t len, double *out, bool *range_out)
{
    std::from_chars_result r = std::from_chars(text, text + len, *out);
    *range_out = r.ec == std::errc::result_out_of_range;
    return r.ptr == text + len && (r.ec == std::errc() || *range_out);
}
