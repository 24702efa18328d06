/* yaml.c - see yaml.h. libyaml reads and writes; the files that MLflow writes every day are
 * simple enough to be read line by line, at a tenth of the cost. */
#include "store/yaml.h"

#include <pthread.h>
#include <regex.h>
#include <stdlib.h>
#include <yaml.h>

#include <millstream/types.h>

#include "base/alloc.h"
#include "base/view.h"

enum { MAX_DEPTH = 32, MAX_VALUES = 10000, SIMPLE_KEYS = 64 };

/* --- values ----------------------------------------------------------------------------- */

struct mill_yaml *mill_yaml_new(struct mill_arena *arena, enum mill_yaml_kind kind)
{
    struct mill_yaml *value = mill_arena_zero(arena, 1, sizeof(*value));
    if (value != NULL)
        value->kind = kind;
    return value;
}

static struct mill_yaml *new_scalar(struct mill_arena *arena, struct mill_view text, bool plain)
{
    struct mill_yaml *value = mill_yaml_new(arena, MILL_YAML_SCALAR);
    if (value != NULL) {
        value->text = text;
        value->plain = plain;
    }
    return value;
}

static struct mill_yaml_item *find_item(const struct mill_yaml *map, struct mill_view key)
{
    struct mill_yaml_item *item = map->first;
    while (item != NULL && !mill_view_eq(item->key, key))
        item = item->next;
    return item;
}

static bool append(struct mill_arena *arena, struct mill_yaml *parent, struct mill_view key,
                   struct mill_yaml *value)
{
    struct mill_yaml_item *item = mill_arena_zero(arena, 1, sizeof(*item));
    if (item == NULL)
        return false;
    item->key = key;
    item->value = value;
    if (parent->last != NULL)
        parent->last->next = item;
    else
        parent->first = item;
    parent->last = item;
    parent->count++;
    return true;
}

bool mill_yaml_put(struct mill_arena *arena, struct mill_yaml *map, struct mill_view key,
                   struct mill_yaml *value)
{
    struct mill_yaml_item *item = find_item(map, key);
    if (value == NULL)
        return false;
    if (item == NULL)
        return append(arena, map, key, value);
    item->value = value;
    return true;
}

bool mill_yaml_put_text(struct mill_arena *arena, struct mill_yaml *map, struct mill_view key,
                        struct mill_view text)
{
    bool given = text.ptr != NULL;
    return mill_yaml_put(arena, map, key,
                         new_scalar(arena, given ? text : MILL_VIEW("null"), !given));
}

bool mill_yaml_put_int(struct mill_arena *arena, struct mill_yaml *map, const char *key,
                       int64_t number)
{
    struct mill_view text = number == MILL_ABSENT
                                ? MILL_VIEW("null")
                                : mill_arena_printf(arena, "%lld", (long long)number);
    return text.ptr != NULL &&
           mill_yaml_put(arena, map, mill_view_of(key), new_scalar(arena, text, true));
}

void mill_yaml_remove(struct mill_yaml *map, const char *key)
{
    struct mill_yaml_item *before = NULL;
    for (struct mill_yaml_item *item = map->first; item != NULL; item = item->next) {
        if (!mill_view_eq(item->key, mill_view_of(key))) {
            before = item;
            continue;
        }
        *(before != NULL ? &before->next : &map->first) = item->next;
        if (map->last == item)
            map->last = before;
        map->count--;
        return;
    }
}

static bool is_null(const struct mill_yaml *value)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    for (size_t i = 0; value->plain && i < MILL_COUNT(words); i++)
        if (mill_view_eq(value->text, mill_view_of(words[i])))
            return true;
    return false;
}

const struct mill_yaml *mill_yaml_find(const struct mill_yaml *map, const char *key)
{
    const struct mill_yaml_item *item = find_item(map, mill_view_of(key));
    return item != NULL ? item->value : NULL;
}

struct mill_view mill_yaml_text(const struct mill_yaml *map, const char *key)
{
    const struct mill_yaml *value = mill_yaml_find(map, key);
    if (value == NULL || value->kind != MILL_YAML_SCALAR || is_null(value))
        return (struct mill_view){NULL, 0};
    return value->text;
}

enum mill_status mill_yaml_int(const struct mill_yaml *map, const char *key, int64_t *out)
{
    const struct mill_yaml *value = mill_yaml_find(map, key);
    if (value == NULL || (value->kind == MILL_YAML_SCALAR && is_null(value)))
        return MILL_E_NOT_FOUND;
    struct mill_view text = value->text;
    /* A time that went through a float. */
    if (mill_view_ends(text, MILL_VIEW(".0")))
        text.len -= 2;
    return value->kind == MILL_YAML_SCALAR && mill_view_int(text, out) ? MILL_OK
                                                                       : MILL_E_CORRUPT;
}

/* --- reading: the short cut ------------------------------------------------------------- */

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static bool is_key(struct mill_view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!((text.ptr[i] >= 'a' && text.ptr[i] <= 'z') || text.ptr[i] == '_'))
            return false;
    return text.len != 0;
}

/* Printable ASCII where nothing has a meaning of its own in the middle of a plain scalar. */
static bool is_simple(struct mill_view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < ' ' || text.ptr[i] > '~' || text.ptr[i] == '#' ||
            (text.ptr[i] == ':' && (i + 1 == text.len || text.ptr[i + 1] == ' ')))
            return false;
    return true;
}

/* The value of a simple line, or NULL: it is none, or memory is out. */
static struct mill_yaml *simple_value(struct mill_arena *arena, struct mill_view text)
{
    if (mill_view_eq(text, MILL_VIEW("[]")))
        return mill_yaml_new(arena, MILL_YAML_LIST);
    if (mill_view_eq(text, MILL_VIEW("{}")))
        return mill_yaml_new(arena, MILL_YAML_MAP);
    if (text.len >= 2 && text.ptr[0] == '\'' && text.ptr[text.len - 1] == '\'') {
        struct mill_view inner = {text.ptr + 1, text.len - 2};
        if (memchr(inner.ptr, '\'', inner.len) != NULL || !is_simple(inner))
            return NULL;
        return new_scalar(arena, inner, false);
    }
    if (text.len == 0 || is_one_of(text.ptr[0], " -?:,[]{}#&*!|>'\"%@`") || !is_simple(text) ||
        text.ptr[text.len - 1] == ' ')
        return NULL;
    return new_scalar(arena, text, true);
}

/* Reads a map of simple values, one on each line, each line ended. NULL for anything else. */
static struct mill_yaml *read_simple(struct mill_view text, struct mill_arena *arena)
{
    struct mill_yaml *map = mill_yaml_new(arena, MILL_YAML_MAP);
    if (map == NULL || text.len == 0 || text.ptr[text.len - 1] != '\n')
        return NULL;
    while (text.len != 0) {
        struct mill_view line, key;
        text = mill_view_cut(text, '\n', &line);
        struct mill_view value = mill_view_cut(line, ':', &key);
        if (value.ptr == NULL || value.len < 2 || value.ptr[0] != ' ' || !is_key(key) ||
            map->count == SIMPLE_KEYS ||
            !mill_yaml_put(arena, map, key, simple_value(arena, mill_view_from(value, 1))))
            return NULL;
    }
    return map;
}

/* --- reading: everything else ----------------------------------------------------------- */

struct reader {
    yaml_parser_t parser;
    yaml_event_t event;
    struct mill_arena *arena;
    size_t values;
    struct mill_error *err;
};

static enum mill_status bad(struct reader *r, const char *problem)
{
    return mill_fail(r->err, MILL_E_CORRUPT, "line %zu: %s", r->event.start_mark.line + 1,
                     problem);
}

static enum mill_status next_event(struct reader *r)
{
    yaml_event_delete(&r->event);
    if (yaml_parser_parse(&r->parser, &r->event))
        return MILL_OK;
    memset(&r->event, 0, sizeof(r->event));
    if (r->parser.error == YAML_MEMORY_ERROR)
        return mill_no_memory(r->err);
    return mill_fail(r->err, MILL_E_CORRUPT, "line %zu: %s", r->parser.problem_mark.line + 1,
                     r->parser.problem != NULL ? r->parser.problem : "this is not YAML");
}

static bool copy_text(struct reader *r, const yaml_char_t *text, size_t len,
                      struct mill_view *out)
{
    *out = mill_arena_copy(r->arena, (struct mill_view){(const char *)text, len});
    return out->ptr != NULL;
}

static bool copy_tag(struct reader *r, const yaml_char_t *tag, struct mill_yaml *value)
{
    return tag == NULL || copy_text(r, tag, strlen((const char *)tag), &value->tag);
}

static enum mill_status read_value(struct reader *r, int depth, struct mill_yaml **out);

/* Reads the items of a list or map up to the event that ends it. */
static enum mill_status read_items(struct reader *r, int depth, struct mill_yaml *parent)
{
    bool map = parent->kind == MILL_YAML_MAP;
    yaml_event_type_t end = map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
    for (;;) {
        struct mill_view key = {NULL, 0};
        struct mill_yaml *value = NULL;
        enum mill_status st = next_event(r);
        if (st != MILL_OK)
            return st;
        if (r->event.type == end)
            return MILL_OK;
        if (map) {
            if (r->event.type != YAML_SCALAR_EVENT)
                return bad(r, "a key is not a text");
            if (!copy_text(r, r->event.data.scalar.value, r->event.data.scalar.length, &key))
                return mill_no_memory(r->err);
            st = next_event(r);
        }
        if (st == MILL_OK)
            st = read_value(r, depth, &value);
        if (st != MILL_OK)
            return st;
        if (!(map ? mill_yaml_put(r->arena, parent, key, value)
                  : append(r->arena, parent, key, value)))
            return mill_no_memory(r->err);
    }
}

/* Reads the value that begins with the current event. */
static enum mill_status read_value(struct reader *r, int depth, struct mill_yaml **out)
{
    enum mill_yaml_kind kind = MILL_YAML_SCALAR;
    const yaml_char_t *tag = NULL;
    struct mill_view text = {NULL, 0};
    bool plain = false;

    if (depth > MAX_DEPTH)
        return bad(r, "the values are nested too deeply");
    if (++r->values > MAX_VALUES)
        return bad(r, "there are too many values");
    if (r->event.type == YAML_SCALAR_EVENT) {
        if (!copy_text(r, r->event.data.scalar.value, r->event.data.scalar.length, &text))
            return mill_no_memory(r->err);
        tag = r->event.data.scalar.tag;
        plain = r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    } else if (r->event.type == YAML_SEQUENCE_START_EVENT) {
        kind = MILL_YAML_LIST;
        tag = r->event.data.sequence_start.tag;
    } else if (r->event.type == YAML_MAPPING_START_EVENT) {
        kind = MILL_YAML_MAP;
        tag = r->event.data.mapping_start.tag;
    } else if (r->event.type == YAML_ALIAS_EVENT) {
        return bad(r, "aliases are not read");
    } else {
        return bad(r, "a value is missing");
    }
    struct mill_yaml *value = mill_yaml_new(r->arena, kind);
    if (value == NULL || !copy_tag(r, tag, value))
        return mill_no_memory(r->err);
    value->text = text;
    value->plain = plain;
    *out = value;
    return kind == MILL_YAML_SCALAR ? MILL_OK : read_items(r, depth + 1, value);
}

enum mill_status mill_yaml_read_any(struct mill_view text, struct mill_arena *arena,
                                    struct mill_yaml **out, struct mill_error *err)
{
    struct reader r = {.arena = arena, .err = err};
    struct mill_yaml *value = NULL;
    if (!yaml_parser_initialize(&r.parser))
        return mill_no_memory(err);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.ptr, text.len);
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    enum mill_status st = next_event(&r); /* of the stream */
    if (st == MILL_OK)
        st = next_event(&r); /* of the document */
    if (st == MILL_OK && r.event.type == YAML_STREAM_END_EVENT)
        st = mill_fail(err, MILL_E_CORRUPT, "the file is empty");
    if (st == MILL_OK)
        st = next_event(&r);
    if (st == MILL_OK && r.event.type != YAML_MAPPING_START_EVENT)
        st = bad(&r, "this is not a map of keys and values");
    if (st == MILL_OK)
        st = read_value(&r, 1, &value);
    yaml_event_delete(&r.event);
    yaml_parser_delete(&r.parser);
    if (st == MILL_OK)
        *out = value;
    return st;
}

enum mill_status mill_yaml_read(struct mill_view text, struct mill_arena *arena,
                                struct mill_yaml **out, struct mill_error *err)
{
    struct mill_yaml *map = read_simple(text, arena);
    if (map == NULL)
        return mill_yaml_read_any(text, arena, out, err);
    *out = map;
    return MILL_OK;
}

/* --- writing ---------------------------------------------------------------------------- */

struct writer {
    yaml_emitter_t emitter;
    struct mill_buf *out;
};

static int put_bytes(void *context, unsigned char *bytes, size_t size)
{
    struct writer *w = context;
    mill_buf_add(w->out, bytes, size);
    return !w->out->failed;
}

/* What PyYAML takes for something other than a text when it stands without quotes: the words,
 * numbers, dates and signs of YAML 1.1 as it resolves them. */
static const char resolved[] =
    "^("
    "|~|null|Null|NULL|<<|=|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off"
    "|Off|OFF"
    "|[-+]?[0-9][0-9_]*\\.[0-9_]*([eE][-+][0-9]+)?"
    "|\\.[0-9][0-9_]*([eE][-+][0-9]+)?"
    "|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\\.[0-9_]*"
    "|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)"
    "|[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+"
    "|[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+"
    "|[0-9]{4}-[0-9]{2}-[0-9]{2}"
    "|[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?([Tt]|[ \t]+)[0-9][0-9]?:[0-9]{2}:[0-9]{2}(\\.[0-9]*)?"
    "([ \t]*(Z|[-+][0-9][0-9]?(:[0-9]{2})?))?"
    ")$";

static regex_t resolver;
static bool resolver_failed;

static void make_resolver(void)
{
    resolver_failed = regcomp(&resolver, resolved, REG_EXTENDED | REG_NOSUB) != 0;
}

/* Without the expression or a copy, for lack of memory, quotes are always right. */
static bool means_text(struct mill_view text)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    char *copy = mill_alloc(text.len + 1); /* regexec wants a NUL behind it */
    pthread_once(&once, make_resolver);
    if (copy == NULL)
        return false;
    if (text.len != 0)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    bool is_text = !resolver_failed && regexec(&resolver, copy, 0, NULL, 0) != 0;
    mill_free(copy);
    return is_text;
}

static bool emit(struct writer *w, yaml_event_t *event)
{
    return yaml_emitter_emit(&w->emitter, event) == 1;
}

/* A text of our own is written without quotes where it means a text there, too; what was read
 * is written as it was. */
static bool emit_scalar(struct writer *w, struct mill_view text, bool plain,
                        struct mill_view tag)
{
    yaml_event_t event;
    yaml_char_t *tag_text = (yaml_char_t *)(uintptr_t)tag.ptr; /* copied, not changed */
    bool implicit = tag.ptr == NULL;
    if (text.ptr == NULL)
        text = MILL_VIEW("");
    return yaml_scalar_event_initialize(&event, NULL, tag_text, (const yaml_char_t *)text.ptr,
                                        (int)text.len, implicit && (plain || means_text(text)),
                                        implicit, YAML_ANY_SCALAR_STYLE) == 1 &&
           emit(w, &event);
}

static int by_key(const void *a, const void *b)
{
    const struct mill_yaml_item *x = *(const struct mill_yaml_item *const *)a;
    const struct mill_yaml_item *y = *(const struct mill_yaml_item *const *)b;
    return mill_view_cmp(x->key, y->key);
}

static bool emit_value(struct writer *w, const struct mill_yaml *value);

static bool emit_items(struct writer *w, const struct mill_yaml *parent)
{
    const struct mill_yaml_item **items =
        mill_alloc(parent->count * sizeof(const struct mill_yaml_item *));
    if (items == NULL)
        return false;
    size_t count = 0;
    for (const struct mill_yaml_item *item = parent->first; item != NULL; item = item->next)
        items[count++] = item;
    if (parent->kind == MILL_YAML_MAP && count > 1)
        qsort(items, count, sizeof(const struct mill_yaml_item *), by_key);
    bool fits = true;
    for (size_t i = 0; fits && i < count; i++)
        fits = (parent->kind == MILL_YAML_LIST ||
                emit_scalar(w, items[i]->key, false, (struct mill_view){NULL, 0})) &&
               emit_value(w, items[i]->value);
    mill_free(items);
    return fits;
}

static bool emit_value(struct writer *w, const struct mill_yaml *value)
{
    yaml_event_t event;
    yaml_char_t *tag = (yaml_char_t *)(uintptr_t)value->tag.ptr;
    bool implicit = tag == NULL;
    switch (value->kind) {
    case MILL_YAML_LIST:
        return yaml_sequence_start_event_initialize(&event, NULL, tag, implicit,
                                                    YAML_BLOCK_SEQUENCE_STYLE) == 1 &&
               emit(w, &event) && emit_items(w, value) &&
               yaml_sequence_end_event_initialize(&event) == 1 && emit(w, &event);
    case MILL_YAML_MAP:
        return yaml_mapping_start_event_initialize(&event, NULL, tag, implicit,
                                                   YAML_BLOCK_MAPPING_STYLE) == 1 &&
               emit(w, &event) && emit_items(w, value) &&
               yaml_mapping_end_event_initialize(&event) == 1 && emit(w, &event);
    case MILL_YAML_SCALAR:
        break;
    }
    return emit_scalar(w, value->text, value->plain, value->tag);
}

static bool emit_document(struct writer *w, const struct mill_yaml *map)
{
    yaml_event_t event;
    return yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING) == 1 &&
           emit(w, &event) &&
           yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1) == 1 &&
           emit(w, &event) && emit_value(w, map) &&
           yaml_document_end_event_initialize(&event, 1) == 1 && emit(w, &event) &&
           yaml_stream_end_event_initialize(&event) == 1 && emit(w, &event);
}

enum mill_status mill_yaml_write(const struct mill_yaml *map, struct mill_buf *out,
                                 struct mill_error *err)
{
    struct writer w = {.out = out};
    if (!yaml_emitter_initialize(&w.emitter))
        return mill_no_memory(err);
    yaml_emitter_set_output(&w.emitter, put_bytes, &w);
    yaml_emitter_set_unicode(&w.emitter, 1);
    bool written = emit_document(&w, map);
    bool text_is_bad = w.emitter.error == YAML_EMITTER_ERROR;
    yaml_emitter_delete(&w.emitter);
    if (written)
        return MILL_OK;
    if (text_is_bad)
        return mill_fail(err, MILL_E_INVALID, "a text holds what a YAML file cannot");
    return mill_no_memory(err);
}
