/* json.c - JSON by the parser of json_simd.cpp, and what some encoders emit that is none. */
#include "wire/json.h"

#include <math.h>

#include "base/alloc.h"
#include "base/number.h"
#include "model/limits.h"
#include "wire/encode.h"

/* Above this a parser's memory, some nine bytes for one of text, is not kept. */
#define KEEP_BYTES (256 * 1024)

/* --- numbers ---------------------------------------------------------------------------- */

/* Of a number that does not fit a double: whether it is too small rather than too large. */
static bool tiny(struct mill_view digits)
{
    bool small = digits.len > 0 && digits.ptr[0] == '.';
    for (size_t i = 0; i + 1 < digits.len; i++) {
        char c = digits.ptr[i];
        if (c == 'e' || c == 'E')
            return digits.ptr[i + 1] == '-';
        if (i == 0 && c == '0')
            small = true;
    }
    return small;
}

bool mill_parse_double(struct mill_view text, double *out)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    bool sign = negative || (text.len > 0 && text.ptr[0] == '+');
    struct mill_view rest = sign ? mill_view_from(text, 1) : text;
    double value = 0;
    bool range = false;
    if (mill_view_eq(text, MILL_VIEW("NaN")))
        value = NAN;
    else if (mill_view_eq(rest, MILL_VIEW("Infinity")))
        value = HUGE_VAL;
    else if (rest.len == 0 ||
             (rest.ptr[0] != '.' && (rest.ptr[0] < '0' || rest.ptr[0] > '9')) ||
             !mill_parse_decimal(rest.ptr, rest.len, &value, &range))
        return false;
    if (range)
        value = tiny(rest) ? 0 : HUGE_VAL;
    *out = negative ? -value : value;
    return true;
}

/* --- what is nearly JSON ---------------------------------------------------------------- */

static bool number_char(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static void add_quoted(struct mill_buf *out, struct mill_view word)
{
    mill_buf_add_char(out, '"');
    mill_buf_add_view(out, word);
    mill_buf_add_char(out, '"');
}

/* Copies a number; changed, and true, when it is beyond what the parser takes. */
static bool add_number(struct mill_buf *out, struct mill_view token)
{
    double value = 0;
    bool integer = true;
    for (size_t i = 1; i < token.len; i++)
        integer = integer && token.ptr[i] >= '0' && token.ptr[i] <= '9';
    if (mill_parse_double(token, &value) && isinf(value)) {
        add_quoted(out, value > 0 ? MILL_VIEW("Infinity") : MILL_VIEW("-Infinity"));
        return true;
    }
    mill_buf_add_view(out, token);
    if (!integer || fabs(value) < 0x1p63)
        return false;
    mill_buf_add(out, "e0", 2);
    return true;
}

/* The length of the string literal at the start of text, quotes included. */
static size_t string_length(struct mill_view text)
{
    for (size_t i = 1; i < text.len; i++) {
        if (text.ptr[i] == '\\')
            i++;
        else if (text.ptr[i] == '"')
            return i + 1;
    }
    return text.len;
}

/* Whether a text holds more values than are allowed, before the parser spends some twenty bytes
 * on each. Short texts cannot. Names count as values. */
static bool too_many_values(struct mill_view text)
{
    size_t count = 0;
    if (text.len <= MILL_MAX_JSON_VALUES)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"')
            i += string_length(mill_view_from(text, i)) - 1;
        else
            count += c == ',' || c == ':' || c == '[' || c == '{';
    }
    return count > MILL_MAX_JSON_VALUES;
}

/* The length of a word at the start of text that stands for a number, or 0. */
static size_t word_length(struct mill_view text)
{
    static const struct mill_view words[] = {{"NaN", 3}, {"Infinity", 8}, {"-Infinity", 9}};
    for (size_t i = 0; i < MILL_COUNT(words); i++)
        if (mill_view_starts(text, words[i]))
            return words[i].len;
    return 0;
}

static bool starts_number(char c)
{
    return c == '-' || (c >= '0' && c <= '9');
}

/* The length of what stands before the next string, word or number. */
static size_t other_length(struct mill_view text)
{
    size_t n = 1;
    while (n < text.len && text.ptr[n] != '"' && text.ptr[n] != 'N' && text.ptr[n] != 'I' &&
           !starts_number(text.ptr[n]))
        n++;
    return n;
}

/* Rewrites text as strict JSON, as far as it is its words and numbers that are wrong. False
 * when there was nothing to change. */
static bool repair(struct mill_view text, struct mill_buf *out)
{
    bool changed = false;
    for (size_t i = 0, n; i < text.len; i += n) {
        struct mill_view rest = mill_view_from(text, i);
        n = word_length(rest);
        if (n > 0) {
            add_quoted(out, (struct mill_view){rest.ptr, n});
            changed = true;
        } else if (starts_number(rest.ptr[0])) {
            for (n = 1; n < rest.len && number_char(rest.ptr[n]);)
                n++;
            changed = add_number(out, (struct mill_view){rest.ptr, n}) || changed;
        } else {
            n = rest.ptr[0] == '"' ? string_length(rest) : other_length(rest);
            mill_buf_add(out, rest.ptr, n);
        }
    }
    return changed;
}

/* --- documents -------------------------------------------------------------------------- */

/* Bytes of the strings in use. They lie in the order of the tape, each as its length, its
 * bytes and a NUL. */
static size_t text_used(const uint64_t *tape, const char *strings)
{
    size_t used = 0;
    size_t end = (size_t)(tape[0] & 0xffffffffU);
    for (size_t at = 1; at < end; at++) {
        switch (tape[at] >> 56) {
        case '"':
            used = (size_t)(tape[at] & 0xffffffffffffffU) + sizeof(uint32_t);
            break;
        case 'l':
        case 'u':
        case 'd':
            at++; /* the number itself */
            break;
        default:
            break;
        }
    }
    uint32_t last = 0;
    if (used > 0)
        memcpy(&last, strings + used - sizeof(last), sizeof(last));
    return used + last;
}

static enum mill_simd_result parse(struct mill_view text, const uint64_t **tape,
                                   const char **strings, const char **problem)
{
    enum mill_simd_result result =
        mill_simd_parse(text.ptr, text.len, MILL_MAX_JSON_DEPTH, tape, strings, problem);
    if (result != MILL_SIMD_SYNTAX)
        return result;
    struct mill_buf fixed = {0};
    if (repair(text, &fixed) && mill_buf_reserve(&fixed, MILL_JSON_PADDING))
        result =
            mill_simd_parse(fixed.ptr, fixed.len, MILL_MAX_JSON_DEPTH, tape, strings, problem);
    if (fixed.failed)
        result = MILL_SIMD_NOMEM;
    mill_buf_release(&fixed);
    return result;
}

enum mill_status mill_json_parse(struct mill_view text, struct mill_arena *arena,
                                 struct mill_json *out, struct mill_error *err)
{
    const uint64_t *tape = NULL;
    const char *strings = NULL;
    const char *problem = "";
    if (too_many_values(text))
        return mill_fail(err, MILL_E_TOO_LARGE, "JSON holds more than %d values",
                         MILL_MAX_JSON_VALUES);
    switch (parse(text, &tape, &strings, &problem)) {
    case MILL_SIMD_OK:
        break;
    case MILL_SIMD_NOMEM:
        return mill_fail(err, MILL_E_NOMEM, "no memory for %zu bytes of JSON", text.len);
    case MILL_SIMD_DEPTH:
        return mill_fail(err, MILL_E_INVALID, "JSON is nested deeper than %d levels",
                         MILL_MAX_JSON_DEPTH);
    case MILL_SIMD_UTF8:
    case MILL_SIMD_SYNTAX:
        return mill_fail(err, MILL_E_INVALID, "JSON cannot be read: %s", problem);
    }
    size_t used = text_used(tape, strings);
    char *copy = mill_arena_alloc(arena, used + 1);
    if (copy == NULL)
        return mill_fail(err, MILL_E_NOMEM, "no memory for %zu bytes of JSON", text.len);
    if (used > 0)
        memcpy(copy, strings, used);
    *out = (struct mill_json){tape, copy, 1};
    return MILL_OK;
}

void mill_json_done(void)
{
    mill_simd_shrink(KEEP_BYTES);
}

struct mill_view mill_json_pad(struct mill_view text, struct mill_arena *arena)
{
    char *copy = mill_arena_alloc(arena, text.len + MILL_JSON_PADDING);
    if (copy == NULL)
        return (struct mill_view){NULL, 0};
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    memset(copy + text.len, 0, MILL_JSON_PADDING);
    return (struct mill_view){copy, text.len};
}

enum mill_status mill_json_parse_copy(struct mill_view text, struct mill_arena *arena,
                                      struct mill_json *out, struct mill_error *err)
{
    struct mill_view padded = mill_json_pad(text, arena);
    return padded.ptr != NULL ? mill_json_parse(padded, arena, out, err) : mill_no_memory(err);
}

size_t mill_json_count(const struct mill_json *json, size_t at)
{
    size_t count = 0;
    size_t end = mill_json_end(json, at);
    bool object = mill_json_type(json, at) == MILL_JSON_OBJECT;
    for (size_t i = mill_json_first(at); i < end; i = mill_json_skip(json, i)) {
        if (object)
            i++; /* a name is one word */
        count++;
    }
    return count;
}

static void write_scalar(struct mill_buf *out, const struct mill_json *json, size_t at)
{
    switch (mill_json_type(json, at)) {
    case MILL_JSON_STRING:
        mill_buf_add_json_string(out, mill_json_string(json, at));
        break;
    case MILL_JSON_INT:
        mill_encode_int(out, mill_json_int(json, at));
        break;
    case MILL_JSON_UINT:
        mill_buf_printf(out, "%llu", (unsigned long long)mill_json_uint(json, at));
        break;
    case MILL_JSON_DOUBLE:
        mill_encode_double(out, mill_json_double(json, at));
        break;
    case MILL_JSON_TRUE:
        mill_buf_add(out, "true", 4);
        break;
    case MILL_JSON_FALSE:
        mill_buf_add(out, "false", 5);
        break;
    case MILL_JSON_NULL:
        mill_buf_add(out, "null", 4);
        break;
    case MILL_JSON_OBJECT:
    case MILL_JSON_ARRAY:
        break;
    }
}

/* Recursion is bounded by the depth that the parser allows. */
void mill_json_write(struct mill_buf *out, const struct mill_json *json, size_t at)
{
    enum mill_json_type type = mill_json_type(json, at);
    if (type != MILL_JSON_OBJECT && type != MILL_JSON_ARRAY) {
        write_scalar(out, json, at);
        return;
    }
    size_t end = mill_json_end(json, at);
    mill_buf_add_char(out, (char)type);
    for (size_t i = mill_json_first(at); i < end; i = mill_json_skip(json, i)) {
        if (i != mill_json_first(at))
            mill_buf_add_char(out, ',');
        if (type == MILL_JSON_OBJECT) {
            mill_buf_add_json_string(out, mill_json_string(json, i++));
            mill_buf_add_char(out, ':');
        }
        mill_json_write(out, json, i);
    }
    mill_buf_add_char(out, type == MILL_JSON_OBJECT ? '}' : ']');
}
