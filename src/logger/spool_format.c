/* spool_format.c - see spool_format.h. */
#include "logger/spool_format.h"

#include <stddef.h>
#include <string.h>

#include "base/varint.h"
#include "wire/decode.h"
#include "wire/encode.h"
#include "wire/messages.h"

#include <zlib.h> /* last: it has macros of short names */

/* --- messages -------------------------------------------------------------------------- */

#define FIELD(owner, kind, member, ...)                                                        \
    {                                                                                          \
        .name = #member, .name_len = sizeof(#member) - 1,                                      \
        .prefix = "\"" #member "\":", .type = kind, .offset = offsetof(struct owner, member),  \
        .default_number = MILL_ABSENT, __VA_ARGS__                                             \
    }

static const struct mill_field open_fields[] = {
    FIELD(mill_spool_open, MILL_F_STRING, tracking_uri, .flags = 0),
    FIELD(mill_spool_open, MILL_F_STRING, run_id, .flags = MILL_FIELD_REQUIRED),
    FIELD(mill_spool_open, MILL_F_BOOL, join, .flags = 0),
    FIELD(mill_spool_open, MILL_F_BOOL, keep_status, .flags = 0),
    FIELD(mill_spool_open, MILL_F_STRING, experiment_name, .flags = 0),
    FIELD(mill_spool_open, MILL_F_INT64, experiment_id, .flags = 0),
    FIELD(mill_spool_open, MILL_F_STRING, run_name, .flags = 0),
    FIELD(mill_spool_open, MILL_F_STRING, user_id, .flags = 0),
    FIELD(mill_spool_open, MILL_F_INT64, start_time, .flags = 0),
    FIELD(mill_spool_open, MILL_F_INT64, created_ms, .flags = 0),
    FIELD(mill_spool_open, MILL_F_MESSAGE, tags, .flags = MILL_FIELD_REPEATED,
          .count_offset = offsetof(struct mill_spool_open, tag_count),
          .message = &mill_tag_message),
};

const struct mill_message mill_spool_open_message = {
    .name = "SpoolOpen",
    .size = sizeof(struct mill_spool_open),
    .fields = open_fields,
    .field_count = MILL_COUNT(open_fields),
};

static const struct mill_field artifact_fields[] = {
    FIELD(mill_spool_artifact, MILL_F_STRING, path, .flags = MILL_FIELD_REQUIRED),
    FIELD(mill_spool_artifact, MILL_F_STRING, directory, .flags = 0),
};

const struct mill_message mill_spool_artifact_message = {
    .name = "SpoolArtifact",
    .size = sizeof(struct mill_spool_artifact),
    .fields = artifact_fields,
    .field_count = MILL_COUNT(artifact_fields),
};

/* --- records --------------------------------------------------------------------------- */

static void put_u32(char *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (char)(value >> (8 * i) & 0xff);
}

static uint32_t get_u32(const char *from)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++)
        value |= (uint32_t)(unsigned char)from[i] << (8 * i);
    return value;
}

/* Of the kind and the payload behind it. */
static uint32_t checksum(const char *kind, size_t payload)
{
    return (uint32_t)crc32_z(0, (const unsigned char *)kind, payload + 1);
}

size_t mill_spool_record_begin(struct mill_buf *out, enum mill_spool_kind kind)
{
    char head[MILL_SPOOL_RECORD_BYTES] = {0};
    size_t begin = out->len;
    head[8] = (char)kind;
    mill_buf_add(out, head, sizeof(head));
    return begin;
}

void mill_spool_record_end(struct mill_buf *out, size_t begin)
{
    if (out->failed)
        return;
    char *head = out->ptr + begin;
    size_t payload = out->len - begin - MILL_SPOOL_RECORD_BYTES;
    put_u32(head, (uint32_t)payload);
    put_u32(head + 4, checksum(head + 8, payload));
}

void mill_spool_record_json(struct mill_buf *out, enum mill_spool_kind kind,
                            const struct mill_message *message, const void *value)
{
    size_t begin = mill_spool_record_begin(out, kind);
    mill_encode(out, message, value);
    mill_spool_record_end(out, begin);
}

size_t mill_spool_record_length(struct mill_view bytes)
{
    size_t payload = bytes.len >= MILL_SPOOL_RECORD_BYTES ? get_u32(bytes.ptr) : 0;
    return MILL_SPOOL_RECORD_BYTES + (payload <= MILL_SPOOL_MAX_PAYLOAD ? payload : 0);
}

enum mill_spool_found mill_spool_record_next(struct mill_view *bytes,
                                             struct mill_spool_record *out)
{
    if (bytes->len < MILL_SPOOL_RECORD_BYTES)
        return MILL_SPOOL_NONE;
    const char *head = bytes->ptr;
    size_t payload = get_u32(head);
    unsigned char kind = (unsigned char)head[8];
    if (payload > MILL_SPOOL_MAX_PAYLOAD || kind < MILL_SPOOL_OPEN || kind > MILL_SPOOL_END)
        return MILL_SPOOL_DAMAGED;
    if (bytes->len - MILL_SPOOL_RECORD_BYTES < payload)
        return MILL_SPOOL_NONE;
    if (get_u32(head + 4) != checksum(head + 8, payload))
        return MILL_SPOOL_DAMAGED;
    out->kind = (enum mill_spool_kind)kind;
    out->payload = (struct mill_view){head + MILL_SPOOL_RECORD_BYTES, payload};
    *bytes = mill_view_from(*bytes, MILL_SPOOL_RECORD_BYTES + payload);
    return MILL_SPOOL_RECORD;
}

enum mill_status mill_spool_record_read(const struct mill_spool_record *record,
                                        const struct mill_message *message,
                                        struct mill_arena *arena, void *out,
                                        struct mill_error *err)
{
    struct mill_error reason = {""};
    /* The parser reads a little behind the text. */
    char *body = mill_arena_alloc(arena, record->payload.len + MILL_JSON_PADDING);
    if (body == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    memcpy(body, record->payload.ptr, record->payload.len);
    memset(body + record->payload.len, 0, MILL_JSON_PADDING);
    enum mill_status st = mill_decode_json(
        message, (struct mill_view){body, record->payload.len}, arena, out, &reason);
    if (st == MILL_OK || st == MILL_E_NOMEM)
        return st == MILL_OK ? st : mill_fail(err, st, "out of memory");
    return mill_fail(err, MILL_E_CORRUPT, "a record of the spool cannot be read: %.300s",
                     reason.message);
}

/* --- points ---------------------------------------------------------------------------- */

/* A packed point takes at most so many bytes: three numbers and a value. */
#define POINT_BYTES (3 * 10 + 8)

static char *put_varint(char *at, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *at++ = (char)(value | 0x80);
    *at++ = (char)value;
    return at;
}

static char *put_double(char *at, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    put_u32(at, (uint32_t)bits);
    put_u32(at + 4, (uint32_t)(bits >> 32));
    return at + 8;
}

static bool read_double(struct mill_cursor *c, double *out)
{
    if (c->end - c->at < 8)
        return false;
    const char *from = (const char *)c->at;
    uint64_t bits = get_u32(from) | (uint64_t)get_u32(from + 4) << 32;
    memcpy(out, &bits, sizeof(bits));
    c->at += 8;
    return true;
}

/* Numbers that are far apart wrap around, both ways alike. */
static int64_t minus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

static int64_t plus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

void mill_spool_points_pack(struct mill_buf *out, const struct mill_view *keys,
                            size_t key_count, const struct mill_spool_point *points,
                            size_t count, int64_t (*before)[2])
{
    mill_buf_add_varint(out, key_count);
    for (size_t i = 0; i < key_count; i++) {
        mill_buf_add_varint(out, keys[i].len);
        mill_buf_add_view(out, keys[i]);
        before[i][0] = before[i][1] = 0;
    }
    mill_buf_add_varint(out, count);
    if (!mill_buf_reserve(out, count * POINT_BYTES))
        return;
    char *at = out->ptr + out->len;
    for (size_t i = 0; i < count; i++) {
        const struct mill_spool_point *p = &points[i];
        int64_t *last = before[p->key];
        at = put_varint(at, p->key);
        at = put_varint(at, mill_zigzag(minus(p->step, last[0])));
        at = put_varint(at, mill_zigzag(minus(p->timestamp, last[1])));
        at = put_double(at, p->value);
        last[0] = p->step;
        last[1] = p->timestamp;
    }
    out->len = (size_t)(at - out->ptr);
}

/* The list of keys: where it begins, and how many there are. */
static bool read_keys(struct mill_cursor *c, struct mill_arena *arena,
                      struct mill_view **keys_out, size_t *count_out)
{
    uint64_t count, len;
    if (!mill_varint_read(c, &count) || count > (uint64_t)(c->end - c->at))
        return false;
    struct mill_view *keys = mill_arena_zero(arena, (size_t)count + 1, sizeof(*keys));
    if (keys == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!mill_varint_read(c, &len) || len > (uint64_t)(c->end - c->at))
            return false;
        keys[i] = (struct mill_view){(const char *)c->at, (size_t)len};
        c->at += len;
    }
    *keys_out = keys;
    *count_out = (size_t)count;
    return true;
}

static bool read_point(struct mill_cursor *c, const struct mill_view *keys, size_t key_count,
                       int64_t (*before)[2], struct mill_metric *out)
{
    uint64_t key, step, timestamp;
    if (!mill_varint_read(c, &key) || key >= key_count || !mill_varint_read(c, &step) ||
        !mill_varint_read(c, &timestamp) || !read_double(c, &out->value))
        return false;
    int64_t *last = before[key];
    last[0] = plus(last[0], mill_unzigzag(step));
    last[1] = plus(last[1], mill_unzigzag(timestamp));
    out->key = keys[key];
    out->step = last[0];
    out->timestamp = last[1];
    return true;
}

enum mill_status mill_spool_points_unpack(struct mill_view payload, struct mill_arena *arena,
                                          struct mill_metric **points_out, size_t *count_out,
                                          struct mill_error *err)
{
    struct mill_cursor c = {(const unsigned char *)payload.ptr,
                            (const unsigned char *)payload.ptr + payload.len};
    struct mill_view *keys = NULL;
    size_t key_count = 0;
    uint64_t count = 0;
    /* A point takes eleven bytes at least. */
    bool good = read_keys(&c, arena, &keys, &key_count) && mill_varint_read(&c, &count) &&
                count <= (uint64_t)(c.end - c.at) / 11;
    struct mill_metric *points =
        good ? mill_arena_zero(arena, (size_t)count + 1, sizeof(*points)) : NULL;
    int64_t(*before)[2] = good ? mill_arena_zero(arena, key_count + 1, sizeof(*before)) : NULL;
    if (good && (points == NULL || before == NULL))
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    for (size_t i = 0; good && i < count; i++)
        good = read_point(&c, keys, key_count, before, &points[i]);
    if (!good || c.at != c.end)
        return mill_fail(err, MILL_E_CORRUPT, "packed points of the spool cannot be read");
    *points_out = points;
    *count_out = (size_t)count;
    return MILL_OK;
}

int64_t mill_spool_points_count(struct mill_view payload)
{
    struct mill_cursor c = {(const unsigned char *)payload.ptr,
                            (const unsigned char *)payload.ptr + payload.len};
    uint64_t keys, number;
    if (!mill_varint_read(&c, &keys))
        return 0;
    for (uint64_t i = 0; i < keys; i++) {
        if (!mill_varint_read(&c, &number) || number > (uint64_t)(c.end - c.at))
            return 0;
        c.at += number;
    }
    return mill_varint_read(&c, &number) && number < INT64_MAX ? (int64_t)number : 0;
}
