/* json.h - JSON text parsed into a tape, and how numbers are written.
 *
 * The tape belongs to the calling thread's parser: a document is valid until the next parse
 * on that thread. Its texts are in the caller's arena and stay. Positions are indexes into the
 * tape; a position is only valid where these functions say so. */
#ifndef MILL_WIRE_JSON_H
#define MILL_WIRE_JSON_H

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "wire/json_simd.h"

enum mill_json_type {
    MILL_JSON_OBJECT = '{',
    MILL_JSON_ARRAY = '[',
    MILL_JSON_STRING = '"',
    MILL_JSON_INT = 'l',  /* fits an int64_t */
    MILL_JSON_UINT = 'u', /* above INT64_MAX */
    MILL_JSON_DOUBLE = 'd',
    MILL_JSON_TRUE = 't',
    MILL_JSON_FALSE = 'f',
    MILL_JSON_NULL = 'n'
};

struct mill_json {
    const uint64_t *tape;
    const char *text;
    size_t root; /* position of the value that is the document */
};

/* Parses text, which has MILL_JSON_PADDING readable bytes behind it. Beside strict JSON it
 * takes what some encoders emit: the bare tokens NaN, Infinity and -Infinity become strings of
 * that text, as do numbers beyond a double ("Infinity"); integers beyond 64 bits become
 * doubles.
 *
 * Fails with MILL_E_INVALID for text that is not JSON, not UTF-8, or nested deeper than
 * MILL_MAX_JSON_DEPTH; MILL_E_TOO_LARGE for more than MILL_MAX_JSON_VALUES values;
 * MILL_E_NOMEM. Any thread. */
enum mill_status mill_json_parse(struct mill_view text, struct mill_arena *arena,
                                 struct mill_json *out, struct mill_error *err);

/* The same of a text that has no such bytes behind it, by way of a copy in arena. */
enum mill_status mill_json_parse_copy(struct mill_view text, struct mill_arena *arena,
                                      struct mill_json *out, struct mill_error *err);

/* Tells that no document of this thread is needed any more, so that what a large one took can
 * be given back. */
void mill_json_done(void);

/* A copy of text that has the padding behind it; ptr NULL when out of memory. */
struct mill_view mill_json_pad(struct mill_view text, struct mill_arena *arena);

static inline enum mill_json_type mill_json_type(const struct mill_json *json, size_t at)
{
    return (enum mill_json_type)(json->tape[at] >> 56);
}

/* The position behind the value at a position. */
static inline size_t mill_json_skip(const struct mill_json *json, size_t at)
{
    switch (json->tape[at] >> 56) {
    case '{':
    case '[':
        return (size_t)(json->tape[at] & 0xffffffffU);
    case 'l':
    case 'u':
    case 'd':
        return at + 2;
    default:
        return at + 1;
    }
}

/* Members of an object are a string and a value each, items of an array one value each:
 *     for (size_t i = mill_json_first(at), end = mill_json_end(json, at); i < end; ...) */
static inline size_t mill_json_first(size_t at)
{
    return at + 1;
}

static inline size_t mill_json_end(const struct mill_json *json, size_t at)
{
    return (size_t)(json->tape[at] & 0xffffffffU) - 1;
}

/* How many members or items there are, counted. */
size_t mill_json_count(const struct mill_json *json, size_t at);

/* The text of a string, valid as long as the arena. */
static inline struct mill_view mill_json_string(const struct mill_json *json, size_t at)
{
    const char *from = json->text + (json->tape[at] & 0xffffffffffffffU);
    uint32_t len;
    memcpy(&len, from, sizeof(len));
    return (struct mill_view){from + sizeof(len), len};
}

static inline int64_t mill_json_int(const struct mill_json *json, size_t at)
{
    return (int64_t)json->tape[at + 1];
}

static inline uint64_t mill_json_uint(const struct mill_json *json, size_t at)
{
    return json->tape[at + 1];
}

static inline double mill_json_double(const struct mill_json *json, size_t at)
{
    double value;
    memcpy(&value, &json->tape[at + 1], sizeof(value));
    return value;
}

/* Writes the value at a position as JSON without white space. */
void mill_json_write(struct mill_buf *out, const struct mill_json *json, size_t at);

/* The same with the members of each object sorted by name, so that equal values are equal
 * texts. False when out of memory, also that of out. */
bool mill_json_write_sorted(struct mill_buf *out, const struct mill_json *json, size_t at);

/* Reads all of a decimal number with optional sign, point and exponent, or NaN, Infinity,
 * -Infinity. False when text is something else. */
bool mill_parse_double(struct mill_view text, double *out);

#endif
