/* yaml.h - the meta.yaml files of an mlruns tree as values: read, changed and written the way
 * MLflow does it.
 *
 * A file is one map; its values are texts, numbers, lists and maps. What is not understood is
 * kept, so that a file can be read, changed and written without losing anything. */
#ifndef MILL_STORE_YAML_H
#define MILL_STORE_YAML_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

enum mill_yaml_kind { MILL_YAML_SCALAR, MILL_YAML_LIST, MILL_YAML_MAP };

struct mill_yaml_item;

/* A value; lives in an arena. */
struct mill_yaml {
    enum mill_yaml_kind kind;
    bool plain;            /* a scalar without quotes: what it means follows from its form */
    struct mill_view text; /* of a scalar */
    struct mill_view tag;  /* written before the value ("!!binary"); mostly absent */
    struct mill_yaml_item *first, *last; /* of a list or map */
    size_t count;
};

struct mill_yaml_item {
    struct mill_view key; /* absent in a list */
    struct mill_yaml *value;
    struct mill_yaml_item *next;
};

/* Reads a document into the arena; views point into it or into text. Of a repeated key the
 * last value counts.
 *
 * Fails with MILL_E_CORRUPT, and a message that has the line, for what is not YAML or not a
 * map, for an empty file, for aliases (a few bytes of them can stand for any amount of data),
 * for more than 32 levels or 10000 values. */
enum mill_status mill_yaml_read(struct mill_view text, struct mill_arena *arena,
                                struct mill_yaml **out, struct mill_error *err);

/* The same without the short cut for simple files; for tests. */
enum mill_status mill_yaml_read_any(struct mill_view text, struct mill_arena *arena,
                                    struct mill_yaml **out, struct mill_error *err);

/* The value of a key of a map, or NULL. */
const struct mill_yaml *mill_yaml_find(const struct mill_yaml *map, const char *key);

/* The text of a key's value; absent when there is no such key, for null, lists and maps. */
struct mill_view mill_yaml_text(const struct mill_yaml *map, const char *key);

/* Reads a key's value as an integer, quoted or not: MILL_OK, MILL_E_NOT_FOUND when the key is
 * missing or null, MILL_E_CORRUPT for anything else. No message. */
enum mill_status mill_yaml_int(const struct mill_yaml *map, const char *key, int64_t *out);

/* An empty map; NULL when out of memory. */
struct mill_yaml *mill_yaml_new(struct mill_arena *arena, enum mill_yaml_kind kind);

/* Set a key of a map to a text (absent: null), to an integer (MILL_ABSENT: null) or to any
 * value. text and key are borrowed. False when out of memory. */
bool mill_yaml_put_text(struct mill_arena *arena, struct mill_yaml *map, struct mill_view key,
                        struct mill_view text);
bool mill_yaml_put_int(struct mill_arena *arena, struct mill_yaml *map, const char *key,
                       int64_t number);
bool mill_yaml_put(struct mill_arena *arena, struct mill_yaml *map, struct mill_view key,
                   struct mill_yaml *value);

/* Takes a key out of a map, if it is there. */
void mill_yaml_remove(struct mill_yaml *map, const char *key);

/* Appends the map as PyYAML writes it: block style, sorted keys, quotes only where the text
 * would otherwise mean something else. MILL_E_NOMEM, or MILL_E_INVALID for text that YAML
 * cannot hold. */
enum mill_status mill_yaml_write(const struct mill_yaml *map, struct mill_buf *out,
                                 struct mill_error *err);

#endif
