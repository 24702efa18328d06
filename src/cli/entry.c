/* entry.c - reads a flat JSON object and makes a metric, param or tag of it. */
#include "cli/entry.h"

#include <math.h>

#include "base/number.h"
#include "base/view.h"

/* --- members --------------------------------------------------------------------------- */

enum field { FIELD_KEY, FIELD_PARAM, FIELD_TAG, FIELD_VALUE, FIELD_STEP, FIELD_TIME, FIELDS };

static const char *const field_names[FIELDS] = {
    [FIELD_KEY] = "key",     [FIELD_PARAM] = "param", [FIELD_TAG] = "tag",
    [FIELD_VALUE] = "value", [FIELD_STEP] = "step",   [FIELD_TIME] = "timestamp",
};

/* A value: the decoded text in quotes, or a number or word as it is written. */
struct value {
    struct mill_view text; /* absent: the member is not there */
    bool quoted;
};

struct reader {
    struct mill_view line;
    size_t at;
    struct mill_arena *arena;
    struct value values[FIELDS];
    struct mill_error *err;
};

static enum mill_status expected(const struct reader *r, const char *what)
{
    return mill_fail(r->err, MILL_E_INVALID, "there should be %s in column %zu", what,
                     r->at + 1);
}

static char peek(const struct reader *r)
{
    return r->at < r->line.len ? r->line.ptr[r->at] : '\0';
}

static void skip_space(struct reader *r)
{
    while (r->at < r->line.len && strchr(" \t\r\n", r->line.ptr[r->at]) != NULL)
        r->at++;
}

/* Takes the next character when it is c, after white space. */
static bool take(struct reader *r, char c)
{
    skip_space(r);
    if (peek(r) != c || r->at == r->line.len)
        return false;
    r->at++;
    return true;
}

/* The four digits behind \u, or -1. */
static long take_hex(struct reader *r)
{
    long code = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        static const char digits[] = "0123456789abcdef";
        char c = peek(r);
        const char *digit =
            c != '\0' ? strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c) : NULL;
        if (digit == NULL)
            return -1;
        code = code * 16 + (digit - digits);
    }
    return code;
}

static char *put_utf8(char *out, unsigned long code)
{
    static const struct {
        unsigned long below;
        unsigned char first;
        int more;
    } lengths[] = {{0x80, 0, 0}, {0x800, 0xc0, 1}, {0x10000, 0xe0, 2}, {0x110000, 0xf0, 3}};
    size_t n = 0;
    while (code >= lengths[n].below)
        n++;
    *out++ = (char)(lengths[n].first | (code >> (6 * lengths[n].more)));
    for (int left = lengths[n].more - 1; left >= 0; left--)
        *out++ = (char)(0x80 | ((code >> (6 * left)) & 0x3f));
    return out;
}

/* What is behind \u, two of them for a code above 0xffff; NULL when it is no character. */
static char *take_code(struct reader *r, char *out)
{
    long code = take_hex(r);
    if (code >= 0xd800 && code < 0xdc00) {
        if (r->line.len - r->at < 6 || memcmp(r->line.ptr + r->at, "\\u", 2) != 0)
            return NULL;
        r->at += 2;
        long low = take_hex(r);
        if (low < 0xdc00 || low >= 0xe000)
            return NULL;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code < 0 || (code >= 0xdc00 && code < 0xe000)) {
        return NULL;
    }
    return put_utf8(out, (unsigned long)code);
}

/* One escape, behind its backslash. */
static char *take_escape(struct reader *r, char *out)
{
    static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    char c = peek(r);
    r->at++;
    if (c == 'u')
        return take_code(r, out);
    const char *name = c != '\0' ? strchr(names, c) : NULL;
    if (name == NULL)
        return NULL;
    *out = meanings[name - names];
    return out + 1;
}

/* A text, whose opening quote has been taken. No escape is shorter than what it stands for. */
static enum mill_status take_text(struct reader *r, struct mill_view *text_out)
{
    char *text = mill_arena_alloc(r->arena, r->line.len - r->at + 1), *out = text;
    if (text == NULL)
        return mill_fail(r->err, MILL_E_NOMEM, "out of memory");
    while (r->at < r->line.len && r->line.ptr[r->at] != '"') {
        char c = r->line.ptr[r->at];
        if ((unsigned char)c < 0x20)
            return expected(r, "no control character");
        r->at++;
        if (c != '\\')
            *out++ = c;
        else if ((out = take_escape(r, out)) == NULL)
            return mill_fail(r->err, MILL_E_INVALID, "bad escape before column %zu", r->at + 1);
    }
    if (r->at >= r->line.len)
        return expected(r, "a closing quote");
    r->at++;
    *text_out = (struct mill_view){text, (size_t)(out - text)};
    return MILL_OK;
}

static enum mill_status take_value(struct reader *r, struct value *out)
{
    if (take(r, '"')) {
        out->quoted = true;
        return take_text(r, &out->text);
    }
    size_t start = r->at; /* behind white space */
    while (r->at < r->line.len && strchr(" \t\r\n,{}[]\":", r->line.ptr[r->at]) == NULL)
        r->at++;
    if (r->at == start)
        return expected(r, "a text, a number, true or false");
    out->text =
        mill_arena_copy(r->arena, (struct mill_view){r->line.ptr + start, r->at - start});
    return out->text.ptr != NULL ? MILL_OK : mill_fail(r->err, MILL_E_NOMEM, "out of memory");
}

static enum mill_status take_member(struct reader *r)
{
    struct mill_view name;
    enum mill_status st = MILL_OK;
    if (!take(r, '"'))
        return expected(r, "a name in quotes");
    st = take_text(r, &name);
    if (st == MILL_OK && !take(r, ':'))
        st = expected(r, "':'");
    if (st != MILL_OK)
        return st;
    for (size_t i = 0; i < FIELDS; i++) {
        if (!mill_view_eq(name, mill_view_of(field_names[i])))
            continue;
        if (r->values[i].text.ptr != NULL)
            return mill_fail(r->err, MILL_E_INVALID, "\"%s\" is there twice", field_names[i]);
        return take_value(r, &r->values[i]);
    }
    return mill_fail(r->err, MILL_E_INVALID,
                     "\"%.*s\" is none of key, param, tag, value, step and timestamp",
                     MILL_FMT(mill_utf8_prefix(name, 60)));
}

static enum mill_status take_object(struct reader *r)
{
    if (!mill_utf8_valid(r->line))
        return mill_fail(r->err, MILL_E_INVALID, "not UTF-8");
    if (!take(r, '{'))
        return expected(r, "'{'");
    do {
        enum mill_status st = take_member(r);
        if (st != MILL_OK)
            return st;
    } while (take(r, ','));
    if (!take(r, '}'))
        return expected(r, "',' or '}'");
    skip_space(r);
    return r->at == r->line.len ? MILL_OK : expected(r, "nothing more");
}

/* --- meaning --------------------------------------------------------------------------- */

/* Whether it is a number; *out is then its value, infinite when a double cannot hold it. */
static bool is_number(struct mill_view text, double *out)
{
    bool negative = mill_view_starts(text, MILL_VIEW("-")), range = false;
    struct mill_view digits = mill_view_from(text, negative ? 1 : 0);
    double value = (double)INFINITY;
    if (digits.len == 0 || digits.ptr[0] < '0' || digits.ptr[0] > '9' ||
        !mill_parse_decimal(digits.ptr, digits.len, &value, &range))
        return false;
    *out = negative ? -value : value;
    return true;
}

static enum mill_status read_number(const struct reader *r, double *out)
{
    static const struct {
        struct mill_view name;
        double value;
    } words[] = {{{"NaN", 3}, (double)NAN},
                 {{"Infinity", 8}, (double)INFINITY},
                 {{"-Infinity", 9}, -(double)INFINITY}};
    const struct value *value = &r->values[FIELD_VALUE];
    for (size_t i = 0; i < MILL_COUNT(words); i++)
        if (mill_view_eq(value->text, words[i].name)) {
            *out = words[i].value;
            return MILL_OK;
        }
    if (value->quoted || !is_number(value->text, out))
        return mill_fail(r->err, MILL_E_INVALID,
                         "\"value\" of a metric is %s, no number, NaN or Infinity",
                         value->quoted ? "another text" : "another word");
    return isfinite(*out) ? MILL_OK
                          : mill_fail(r->err, MILL_E_INVALID, "\"value\" is out of range");
}

static enum mill_status read_int(const struct reader *r, enum field field, int64_t least,
                                 int64_t *out)
{
    const struct value *value = &r->values[field];
    int64_t number;
    if (value->text.ptr == NULL)
        return MILL_OK;
    if (value->quoted || !mill_view_int(value->text, &number) || number < least)
        return mill_fail(r->err, MILL_E_INVALID, "\"%s\" must be a whole number from %lld",
                         field_names[field], (long long)least);
    *out = number;
    return MILL_OK;
}

/* Which of key, param and tag is there: exactly one has to be. */
static enum mill_status read_kind(const struct reader *r, struct mill_entry *out)
{
    static const struct {
        enum field field;
        enum mill_entry_kind kind;
    } kinds[] = {{FIELD_KEY, MILL_ENTRY_METRIC},
                 {FIELD_PARAM, MILL_ENTRY_PARAM},
                 {FIELD_TAG, MILL_ENTRY_TAG}};
    size_t found = 0;
    for (size_t i = 0; i < MILL_COUNT(kinds); i++) {
        const struct value *value = &r->values[kinds[i].field];
        if (value->text.ptr == NULL)
            continue;
        if (!value->quoted)
            return mill_fail(r->err, MILL_E_INVALID, "\"%s\" must be a text",
                             field_names[kinds[i].field]);
        out->kind = kinds[i].kind;
        out->key = value->text;
        found++;
    }
    if (found != 1)
        return mill_fail(r->err, MILL_E_INVALID,
                         "there must be one of \"key\", \"param\" and \"tag\"");
    return MILL_OK;
}

static enum mill_status read_text(const struct reader *r, struct mill_view *out)
{
    const struct value *value = &r->values[FIELD_VALUE];
    bool word = mill_view_eq(value->text, MILL_VIEW("true")) ||
                mill_view_eq(value->text, MILL_VIEW("false"));
    double ignored;
    if (!value->quoted && !word && !is_number(value->text, &ignored))
        return mill_fail(r->err, MILL_E_INVALID,
                         "\"value\" must be a text, a number, true or false");
    *out = value->text;
    return MILL_OK;
}

enum mill_status mill_entry_read(struct mill_view line, struct mill_arena *arena,
                                 struct mill_entry *out, struct mill_error *err)
{
    struct reader r = {.line = line, .arena = arena, .err = err};
    struct mill_entry entry = {.step = MILL_ABSENT, .timestamp = MILL_ABSENT};
    enum mill_status st = take_object(&r);
    if (st == MILL_OK)
        st = read_kind(&r, &entry);
    if (st == MILL_OK && r.values[FIELD_VALUE].text.ptr == NULL)
        st = mill_fail(err, MILL_E_INVALID, "there is no \"value\"");
    if (st == MILL_OK && entry.kind != MILL_ENTRY_METRIC) {
        st = read_text(&r, &entry.text);
        if (st == MILL_OK &&
            (r.values[FIELD_STEP].text.ptr != NULL || r.values[FIELD_TIME].text.ptr != NULL))
            st = mill_fail(err, MILL_E_INVALID,
                           "\"step\" and \"timestamp\" are for metrics only");
    } else if (st == MILL_OK) {
        st = read_number(&r, &entry.number);
        if (st == MILL_OK)
            st = read_int(&r, FIELD_STEP, INT64_MIN + 1, &entry.step);
        if (st == MILL_OK)
            st = read_int(&r, FIELD_TIME, 0, &entry.timestamp);
    }
    if (st == MILL_OK)
        *out = entry;
    return st;
}
