/* message.h - what a message looks like, as data.
 *
 * Each request, response and entity is described once by a table of fields over a plain C
 * struct. JSON in (decode.h), JSON out (encode.h), query strings, the OpenAPI document and the
 * error that names a bad field all read these tables: adding a field is one row.
 *
 * Presence follows proto2: a view with ptr NULL, an int64_t equal to MILL_ABSENT, an enum of
 * 0 and a list of count 0 are absent; MILL_F_DOUBLE and MILL_F_BOOL have a bool at
 * has_offset where presence matters. */
#ifndef MILL_WIRE_MESSAGE_H
#define MILL_WIRE_MESSAGE_H

#include <millstream/types.h>

#include "base/view.h"

enum mill_field_type {
    MILL_F_STRING,  /* struct mill_view */
    MILL_F_INT64,   /* int64_t; a JSON number out; number or numeric string in */
    MILL_F_INT32,   /* int64_t in memory, range of int32 */
    MILL_F_ID,      /* int64_t in memory, a decimal string in JSON; number or string in */
    MILL_F_DOUBLE,  /* double; "NaN", "Infinity", "-Infinity" as strings */
    MILL_F_BOOL,    /* bool */
    MILL_F_ENUM,    /* int; names out, names or numbers in, see mill_field.names */
    MILL_F_MESSAGE, /* the sub-struct itself (embedded), or a pointer: see flags */
    MILL_F_MAP,     /* list of struct mill_tag as a JSON object of strings */
    MILL_F_JSON,    /* struct mill_view of JSON text, any value; without white space in */
    MILL_F_CONSTANT /* nothing in memory; out: always the text of the row; in: ignored */
};

enum mill_field_flags {
    MILL_FIELD_REQUIRED = 1 << 0, /* in: absent, null or "" is an error that names it */
    MILL_FIELD_ALWAYS = 1 << 1,   /* out: written even when absent ("" / 0 / {} / []) */
    MILL_FIELD_REPEATED = 1 << 2, /* pointer at offset, size_t count at count_offset */
    /* MESSAGE: a pointer at offset, NULL is absent; REPEATED too: an array of pointers, out
     * only. */
    MILL_FIELD_POINTER = 1 << 3,
    MILL_FIELD_STRINGIFY = 1 << 4, /* in: numbers and bools are taken as their text */
    /* MESSAGE and POINTER: the fields of the sub-struct are written among those of this one;
     * in: it is allocated when one of them comes. */
    MILL_FIELD_INLINE = 1 << 5
};

/* Name of an enum's number on the wire; the last entry has name NULL. */
struct mill_enum_name {
    int number;
    const char *name;
};

/* Fields of one message: those that came are a set of bits. */
#define MILL_MAX_FIELDS 64

/* Items of a list whose row does not say another limit. */
#define MILL_MAX_ITEMS 100000

struct mill_message;

/* The tables are written with the macros of messages.c; a message has at most
 * MILL_MAX_FIELDS fields. */
struct mill_field {
    const char *name;
    size_t name_len;
    const char *prefix; /* what stands before the value in JSON: "\"name\":" */
    enum mill_field_type type;
    unsigned flags;
    size_t offset;
    size_t count_offset;                /* REPEATED and MAP */
    size_t has_offset;                  /* 0: none (no struct begins with its has flag) */
    const struct mill_message *message; /* MESSAGE */
    const struct mill_enum_name *names; /* ENUM */
    const char *text;                   /* CONSTANT */
    int64_t default_number; /* in: value of an absent number or enum; MILL_ABSENT by default */
    size_t max_items;       /* REPEATED and MAP: more is an error; 0: MILL_MAX_ITEMS */
    const char *doc;        /* one line for the OpenAPI document */
};

struct mill_message {
    const char *name; /* "CreateRun" */
    size_t size;      /* sizeof the C struct */
    const struct mill_field *fields;
    size_t field_count;
    const char *doc;
};

#endif
