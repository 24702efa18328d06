/* eval_json.c - see eval_json.h. */
#include "wire/eval_json.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json_text.h"
#include "base/view.h"
#include "model/limits.h"
#include "wire/json.h"

/* The buffer's content in arena; the buffer is released. */
static enum mill_status keep(struct mill_buf *buf, struct mill_arena *arena,
                             struct mill_view *out, struct mill_error *err)
{
    *out =
        buf->failed ? (struct mill_view){NULL, 0} : mill_arena_copy(arena, mill_buf_view(buf));
    mill_buf_release(buf);
    return out->ptr != NULL ? MILL_OK : mill_no_memory(err);
}

/* --- reading ----------------------------------------------------------------------------- */

static enum mill_status parse(struct mill_view text, const char *field,
                              enum mill_json_type type, struct mill_arena *arena,
                              struct mill_json *out, struct mill_error *err)
{
    enum mill_status st = mill_json_parse_copy(text, arena, out, NULL);
    if (st == MILL_E_NOMEM)
        return mill_no_memory(err);
    if (st != MILL_OK || mill_json_type(out, out->root) != type)
        return mill_fail(err, MILL_E_INVALID, "%s: expected a JSON %s as text", field,
                         type == MILL_JSON_OBJECT ? "object" : "list");
    return MILL_OK;
}

static enum mill_status json_of(const struct mill_json *json, size_t at,
                                struct mill_arena *arena, struct mill_view *out,
                                struct mill_error *err)
{
    struct mill_buf buf = {0};
    mill_json_write(&buf, json, at);
    return keep(&buf, arena, out, err);
}

enum mill_status mill_eval_read_tags(struct mill_view text, struct mill_arena *arena,
                                     const struct mill_tag **out, size_t *count_out,
                                     struct mill_error *err)
{
    struct mill_json json;
    size_t n = 0;
    *out = NULL;
    *count_out = 0;
    if (text.len == 0)
        return MILL_OK;
    enum mill_status st = parse(text, "tags", MILL_JSON_OBJECT, arena, &json, err);
    if (st != MILL_OK)
        return st;
    struct mill_tag *tags =
        mill_arena_zero(arena, mill_json_count(&json, json.root), sizeof(*tags));
    size_t end = mill_json_end(&json, json.root);
    if (tags == NULL)
        return mill_no_memory(err);
    for (size_t i = mill_json_first(json.root); st == MILL_OK && i < end;
         i = mill_json_skip(&json, i)) {
        tags[n].key = mill_json_string(&json, i++);
        if (mill_json_type(&json, i) == MILL_JSON_NULL)
            continue;
        if (mill_json_type(&json, i) == MILL_JSON_STRING)
            tags[n].value = mill_json_string(&json, i);
        else
            st = json_of(&json, i, arena, &tags[n].value, err);
        n++;
    }
    mill_json_done();
    *out = tags;
    *count_out = n;
    return st;
}

/* All records while they are read. */
struct reading {
    struct mill_json json;
    struct mill_arena *arena;
    struct mill_eval_records *out;
    size_t field_cap;
    size_t index; /* of the record */
    struct mill_error *err;
};

static const char *type_name(enum mill_json_type type)
{
    switch (type) {
    case MILL_JSON_OBJECT:
        return "object";
    case MILL_JSON_ARRAY:
        return "array";
    case MILL_JSON_STRING:
        return "string";
    case MILL_JSON_INT:
    case MILL_JSON_UINT:
        return "integer";
    case MILL_JSON_DOUBLE:
        return "float";
    case MILL_JSON_TRUE:
    case MILL_JSON_FALSE:
        return "boolean";
    case MILL_JSON_NULL:
        break;
    }
    return "null";
}

/* The first record that has a field says what type it is. */
static enum mill_status note_field(struct reading *r, enum mill_eval_part part,
                                   struct mill_view key, size_t at)
{
    struct mill_eval_records *out = r->out;
    for (size_t i = 0; i < out->field_count; i++)
        if (out->fields[i].part == part && mill_view_eq(out->fields[i].key, key))
            return MILL_OK;
    if (out->field_count == MILL_MAX_EVAL_FIELDS)
        return mill_fail(r->err, MILL_E_INVALID,
                         "records: they have more than %d different fields",
                         MILL_MAX_EVAL_FIELDS);
    out->fields[out->field_count++] = (struct mill_eval_field){
        part, key, mill_view_of(type_name(mill_json_type(&r->json, at)))};
    return MILL_OK;
}

static enum mill_status note_fields(struct reading *r, enum mill_eval_part part, size_t at)
{
    enum mill_status st = MILL_OK;
    size_t end = mill_json_end(&r->json, at);
    for (size_t i = mill_json_first(at); st == MILL_OK && i < end;
         i = mill_json_skip(&r->json, i)) {
        struct mill_view key = mill_json_string(&r->json, i++);
        st = note_field(r, part, key, i);
    }
    return st;
}

/* The members of an object with their values as JSON. */
static enum mill_status read_pairs(struct reading *r, size_t at, const struct mill_tag **out,
                                   size_t *count_out)
{
    struct mill_tag *pairs =
        mill_arena_zero(r->arena, mill_json_count(&r->json, at), sizeof(*pairs));
    enum mill_status st = pairs != NULL ? MILL_OK : mill_no_memory(r->err);
    size_t end = mill_json_end(&r->json, at), n = 0;
    for (size_t i = mill_json_first(at); st == MILL_OK && i < end;
         i = mill_json_skip(&r->json, i)) {
        pairs[n].key = mill_json_string(&r->json, i++);
        st = json_of(&r->json, i, r->arena, &pairs[n++].value, r->err);
    }
    *out = pairs;
    *count_out = n;
    return st;
}

static enum mill_status read_inputs(struct reading *r, size_t at,
                                    struct mill_eval_record_row *record)
{
    struct mill_buf sorted = {0};
    enum mill_status st = json_of(&r->json, at, r->arena, &record->inputs, r->err);
    if (st != MILL_OK)
        return st;
    if (!mill_json_write_sorted(&sorted, &r->json, at))
        sorted.failed = true;
    st = keep(&sorted, r->arena, &record->canonical, r->err);
    return st == MILL_OK ? note_fields(r, MILL_EVAL_INPUTS, at) : st;
}

static enum mill_status read_outputs(struct reading *r, size_t at,
                                     struct mill_eval_record_row *record)
{
    enum mill_json_type type = mill_json_type(&r->json, at);
    enum mill_status st = json_of(&r->json, at, r->arena, &record->outputs, r->err);
    if (st != MILL_OK || type == MILL_JSON_NULL)
        return st;
    if (type == MILL_JSON_OBJECT)
        return note_fields(r, MILL_EVAL_OUTPUTS, at);
    return note_field(r, MILL_EVAL_WHOLE_OUTPUTS, MILL_VIEW(""), at);
}

/* The text of a member of an object, absent when it is no text. */
static struct mill_view text_member(const struct mill_json *json, size_t at, const char *name)
{
    size_t end = mill_json_end(json, at);
    for (size_t i = mill_json_first(at); i < end; i = mill_json_skip(json, i)) {
        struct mill_view key = mill_json_string(json, i++);
        if (mill_view_eq(key, mill_view_of(name)) &&
            mill_json_type(json, i) == MILL_JSON_STRING)
            return mill_json_string(json, i);
    }
    return (struct mill_view){NULL, 0};
}

static enum mill_status read_source(struct reading *r, size_t at,
                                    struct mill_eval_record_row *record)
{
    record->source_type = text_member(&r->json, at, "source_type");
    bool trace = mill_view_eq(record->source_type, MILL_VIEW("TRACE"));
    size_t end = mill_json_end(&r->json, at);
    for (size_t i = mill_json_first(at); i < end; i = mill_json_skip(&r->json, i)) {
        struct mill_view key = mill_json_string(&r->json, i++);
        if (mill_view_eq(key, MILL_VIEW("source_data")) &&
            mill_json_type(&r->json, i) == MILL_JSON_OBJECT)
            record->source_id = text_member(&r->json, i, trace ? "trace_id" : "source_id");
    }
    return json_of(&r->json, at, r->arena, &record->source, r->err);
}

static enum mill_status read_tags(struct reading *r, size_t at,
                                  struct mill_eval_record_row *record)
{
    record->user = text_member(&r->json, at, MILL_EVAL_USER_TAG);
    return read_pairs(r, at, &record->tags, &record->tag_count);
}

static enum mill_status read_expectations(struct reading *r, size_t at,
                                          struct mill_eval_record_row *record)
{
    enum mill_status st = read_pairs(r, at, &record->expectations, &record->expectation_count);
    record->has_expectations = true;
    return st == MILL_OK ? note_fields(r, MILL_EVAL_EXPECTATIONS, at) : st;
}

/* Members of a record; all but outputs are objects, or null like absent. */
static const struct {
    const char *name;
    enum mill_status (*read)(struct reading *r, size_t at, struct mill_eval_record_row *record);
} members[] = {{"inputs", read_inputs},
               {"outputs", read_outputs},
               {"expectations", read_expectations},
               {"tags", read_tags},
               {"source", read_source}};

static enum mill_status read_member(struct reading *r, struct mill_view name, size_t at,
                                    struct mill_eval_record_row *record)
{
    enum mill_json_type type = mill_json_type(&r->json, at);
    for (size_t i = 0; i < MILL_COUNT(members); i++) {
        if (!mill_view_eq(name, mill_view_of(members[i].name)))
            continue;
        if (members[i].read != read_outputs && type == MILL_JSON_NULL)
            return MILL_OK;
        if (members[i].read != read_outputs && type != MILL_JSON_OBJECT)
            return mill_fail(r->err, MILL_E_INVALID, "records[%zu].%s: expected an object",
                             r->index, members[i].name);
        return members[i].read(r, at, record);
    }
    return MILL_OK;
}

static enum mill_status read_record(struct reading *r, size_t at,
                                    struct mill_eval_record_row *record)
{
    enum mill_status st = MILL_OK;
    *record =
        (struct mill_eval_record_row){.inputs = MILL_VIEW("{}"), .canonical = MILL_VIEW("{}")};
    if (mill_json_type(&r->json, at) != MILL_JSON_OBJECT)
        return mill_fail(r->err, MILL_E_INVALID, "records[%zu]: expected an object", r->index);
    size_t end = mill_json_end(&r->json, at);
    for (size_t i = mill_json_first(at); st == MILL_OK && i < end;
         i = mill_json_skip(&r->json, i)) {
        struct mill_view name = mill_json_string(&r->json, i++);
        st = read_member(r, name, i, record);
    }
    return st;
}

enum mill_status mill_eval_read_records(struct mill_view text, struct mill_arena *arena,
                                        struct mill_eval_records *out, struct mill_error *err)
{
    struct reading r = {.arena = arena, .out = out, .err = err};
    *out = (struct mill_eval_records){0};
    enum mill_status st = parse(text, "records", MILL_JSON_ARRAY, arena, &r.json, err);
    if (st != MILL_OK)
        return st;
    size_t count = mill_json_count(&r.json, r.json.root);
    if (count > MILL_MAX_EVAL_RECORDS)
        return mill_fail(err, MILL_E_INVALID,
                         "records has %zu items; at most %d are allowed in one call: send "
                         "several",
                         count, MILL_MAX_EVAL_RECORDS);
    out->items = mill_arena_zero(arena, count, sizeof(*out->items));
    out->fields = mill_arena_zero(arena, MILL_MAX_EVAL_FIELDS, sizeof(*out->fields));
    if (out->items == NULL || out->fields == NULL)
        return mill_no_memory(err);
    size_t end = mill_json_end(&r.json, r.json.root);
    for (size_t i = mill_json_first(r.json.root); st == MILL_OK && i < end;
         i = mill_json_skip(&r.json, i), r.index++)
        st = read_record(&r, i, &out->items[out->count++]);
    mill_json_done();
    return st;
}

/* --- reading what was written ------------------------------------------------------------ */

/* Members of a record on a page, and where they go: a text, JSON as its text, or a number. */
static const struct {
    const char *name;
    enum { PAGE_TEXT, PAGE_JSON, PAGE_TIME } kind;
    size_t offset;
} page_members[] = {
    {"dataset_record_id", PAGE_TEXT, offsetof(struct mill_eval_record, record_id)},
    {"inputs", PAGE_JSON, offsetof(struct mill_eval_record, inputs)},
    {"outputs", PAGE_JSON, offsetof(struct mill_eval_record, outputs)},
    {"expectations", PAGE_JSON, offsetof(struct mill_eval_record, expectations)},
    {"tags", PAGE_JSON, offsetof(struct mill_eval_record, tags)},
    {"source", PAGE_JSON, offsetof(struct mill_eval_record, source)},
    {"source_id", PAGE_TEXT, offsetof(struct mill_eval_record, source_id)},
    {"source_type", PAGE_TEXT, offsetof(struct mill_eval_record, source_type)},
    {"created_by", PAGE_TEXT, offsetof(struct mill_eval_record, created_by)},
    {"last_updated_by", PAGE_TEXT, offsetof(struct mill_eval_record, last_updated_by)},
    {"created_time", PAGE_TIME, offsetof(struct mill_eval_record, created_time)},
    {"last_update_time", PAGE_TIME, offsetof(struct mill_eval_record, last_update_time)},
};

/* A value of another kind than its member has is left out, as null is. */
static enum mill_status take_value(const struct mill_json *json, size_t at, size_t row,
                                   struct mill_arena *arena, struct mill_eval_record *out,
                                   struct mill_error *err)
{
    void *place = (char *)out + page_members[row].offset;
    enum mill_json_type type = mill_json_type(json, at);
    if (page_members[row].kind == PAGE_TIME && type == MILL_JSON_INT)
        *(int64_t *)place = mill_json_int(json, at);
    if (page_members[row].kind == PAGE_TEXT && type == MILL_JSON_STRING)
        *(struct mill_view *)place = mill_json_string(json, at);
    if (page_members[row].kind == PAGE_JSON && type != MILL_JSON_NULL)
        return json_of(json, at, arena, place, err);
    return MILL_OK;
}

static enum mill_status take_record(const struct mill_json *json, size_t at,
                                    struct mill_arena *arena, struct mill_eval_record *out,
                                    struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    *out =
        (struct mill_eval_record){.created_time = MILL_ABSENT, .last_update_time = MILL_ABSENT};
    if (mill_json_type(json, at) != MILL_JSON_OBJECT)
        return mill_fail(err, MILL_E_INVALID, "records: one is no object");
    size_t end = mill_json_end(json, at);
    for (size_t i = mill_json_first(at); st == MILL_OK && i < end;
         i = mill_json_skip(json, i)) {
        struct mill_view name = mill_json_string(json, i++);
        for (size_t row = 0; st == MILL_OK && row < MILL_COUNT(page_members); row++)
            if (mill_view_eq(name, mill_view_of(page_members[row].name)))
                st = take_value(json, i, row, arena, out, err);
    }
    return st;
}

enum mill_status mill_eval_read_page(struct mill_view text, struct mill_arena *arena,
                                     const struct mill_eval_record **out, size_t *count_out,
                                     struct mill_error *err)
{
    struct mill_json json;
    size_t n = 0;
    enum mill_status st = parse(text, "records", MILL_JSON_ARRAY, arena, &json, err);
    if (st != MILL_OK)
        return st;
    size_t count = mill_json_count(&json, json.root), end = mill_json_end(&json, json.root);
    struct mill_eval_record *records = mill_arena_zero(arena, count, sizeof(*records));
    if (records == NULL)
        return mill_no_memory(err);
    for (size_t i = mill_json_first(json.root); st == MILL_OK && i < end;
         i = mill_json_skip(&json, i))
        st = take_record(&json, i, arena, &records[n++], err);
    mill_json_done();
    *out = records;
    *count_out = n;
    return st;
}

/* --- writing ----------------------------------------------------------------------------- */

static void add_name(struct mill_buf *buf, struct mill_view name)
{
    mill_buf_add_json_string(buf, name);
    mill_buf_add_view(buf, MILL_VIEW(": "));
}

/* An object of the pairs; values are texts, or JSON already. */
static void add_pairs(struct mill_buf *buf, const struct mill_tag *pairs, size_t count,
                      bool are_json)
{
    mill_buf_add_char(buf, '{');
    for (size_t i = 0; i < count; i++) {
        if (i != 0)
            mill_buf_add_view(buf, MILL_VIEW(", "));
        add_name(buf, pairs[i].key);
        if (are_json)
            mill_buf_add_view(buf, pairs[i].value);
        else
            mill_buf_add_json_string(buf, pairs[i].value);
    }
    mill_buf_add_char(buf, '}');
}

/* The fields of one part: an object of types, or one type for outputs that are no object. */
static void add_part(struct mill_buf *buf, const struct mill_eval_dataset_row *dataset,
                     enum mill_eval_part part)
{
    bool any = false;
    const struct mill_eval_field *whole = NULL;
    size_t mark = buf->len;
    mill_buf_add_char(buf, '{');
    for (size_t i = 0; i < dataset->field_count; i++) {
        const struct mill_eval_field *field = &dataset->fields[i];
        if (field->part == MILL_EVAL_WHOLE_OUTPUTS && part == MILL_EVAL_OUTPUTS)
            whole = field;
        if (field->part != part)
            continue;
        if (any)
            mill_buf_add_view(buf, MILL_VIEW(", "));
        any = true;
        add_name(buf, field->key);
        mill_buf_add_json_string(buf, field->type);
    }
    mill_buf_add_char(buf, '}');
    if (!any && whole != NULL && !buf->failed) {
        buf->len = mark;
        mill_buf_add_json_string(buf, whole->type);
    }
}

static void add_schema(struct mill_buf *buf, const struct mill_eval_dataset_row *dataset)
{
    mill_buf_add_view(buf, MILL_VIEW("{\"inputs\": "));
    add_part(buf, dataset, MILL_EVAL_INPUTS);
    mill_buf_add_view(buf, MILL_VIEW(", \"outputs\": "));
    add_part(buf, dataset, MILL_EVAL_OUTPUTS);
    mill_buf_add_view(buf, MILL_VIEW(", \"expectations\": "));
    add_part(buf, dataset, MILL_EVAL_EXPECTATIONS);
    mill_buf_add_view(buf, MILL_VIEW(", \"version\": \"1.0\"}"));
}

enum mill_status mill_eval_tags_json(const struct mill_tag *tags, size_t count,
                                     struct mill_arena *arena, struct mill_view *out,
                                     struct mill_error *err)
{
    struct mill_buf buf = {0};
    add_pairs(&buf, tags, count, false);
    return keep(&buf, arena, out, err);
}

enum mill_status mill_eval_dataset_json(const struct mill_eval_dataset_row *dataset,
                                        struct mill_arena *arena, struct mill_view *tags_out,
                                        struct mill_view *schema_out,
                                        struct mill_view *profile_out, struct mill_error *err)
{
    struct mill_buf schema = {0};
    enum mill_status st =
        mill_eval_tags_json(dataset->tags, dataset->tag_count, arena, tags_out, err);
    if (st != MILL_OK || dataset->record_count == MILL_ABSENT)
        return st;
    add_schema(&schema, dataset);
    st = keep(&schema, arena, schema_out, err);
    if (st == MILL_OK && dataset->record_count > 0) {
        *profile_out = mill_arena_printf(arena, "{\"num_records\": %lld}",
                                         (long long)dataset->record_count);
        st = profile_out->ptr != NULL ? MILL_OK : mill_no_memory(err);
    }
    return st;
}

/* A member that is left out when it is absent. */
static void add_text(struct mill_buf *buf, const char *name, struct mill_view text)
{
    if (text.ptr == NULL)
        return;
    mill_buf_printf(buf, ", \"%s\": ", name);
    mill_buf_add_json_string(buf, text);
}

static void add_json(struct mill_buf *buf, const char *name, struct mill_view json)
{
    if (json.ptr == NULL || mill_view_eq(json, MILL_VIEW("null")))
        return;
    mill_buf_printf(buf, ", \"%s\": ", name);
    mill_buf_add_view(buf, json);
}

/* Who and when, which the store knows. */
static void add_history(struct mill_buf *buf, const struct mill_eval_record_row *record)
{
    add_text(buf, "source_id", record->source_id);
    add_text(buf, "source_type", record->source_type);
    add_text(buf, "created_by", record->user);
    add_text(buf, "last_updated_by", record->last_updated_by);
    mill_buf_printf(buf, ", \"created_time\": %lld, \"last_update_time\": %lld",
                    (long long)record->created_time, (long long)record->last_update_time);
}

static void add_record(struct mill_buf *buf, const struct mill_eval_record_row *record,
                       struct mill_view dataset_id)
{
    mill_buf_add_char(buf, '{');
    if (dataset_id.ptr != NULL) {
        mill_buf_add_view(buf, MILL_VIEW("\"dataset_record_id\": "));
        mill_buf_add_json_string(buf, record->record_id);
        add_text(buf, "dataset_id", dataset_id);
        mill_buf_add_view(buf, MILL_VIEW(", "));
    }
    mill_buf_add_view(buf, MILL_VIEW("\"inputs\": "));
    mill_buf_add_view(buf, record->inputs);
    add_json(buf, "outputs", record->outputs);
    if (record->has_expectations) {
        mill_buf_add_view(buf, MILL_VIEW(", \"expectations\": "));
        add_pairs(buf, record->expectations, record->expectation_count, true);
    }
    mill_buf_add_view(buf, MILL_VIEW(", \"tags\": "));
    add_pairs(buf, record->tags, record->tag_count, true);
    add_json(buf, "source", record->source);
    if (dataset_id.ptr != NULL)
        add_history(buf, record);
    mill_buf_add_char(buf, '}');
}

enum mill_status mill_eval_records_json(const struct mill_eval_record_row *records,
                                        size_t count, struct mill_view dataset_id,
                                        struct mill_arena *arena, struct mill_view *out,
                                        struct mill_error *err)
{
    struct mill_buf buf = {0};
    mill_buf_add_char(&buf, '[');
    for (size_t i = 0; i < count; i++) {
        if (i != 0)
            mill_buf_add_view(&buf, MILL_VIEW(", "));
        add_record(&buf, &records[i], dataset_id);
    }
    mill_buf_add_char(&buf, ']');
    return keep(&buf, arena, out, err);
}
