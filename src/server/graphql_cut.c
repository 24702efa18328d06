/* graphql_cut.c - see graphql_cut.h. What is not there has its type's zero, as official servers
 * have it; 64-bit numbers are texts, since pages' numbers are doubles. */
#include "server/graphql_cut.h"

#include <stdlib.h>

#include "base/json_text.h"
#include "base/view.h"
#include "model/limits.h"
#include "query/plan.h"
#include "server/handlers.h"
#include "wire/encode.h"
#include "wire/messages.h"
#include "wire/scalar.h"

/* A model version that a run made, and its place in their order. */
struct made_version {
    const struct mill_model_version *version;
    size_t place;
};

/* A document that is cut. Its tape is in the arena: the walk parses others on the way. */
struct cutting {
    const struct mill_call *call;
    struct mill_json json;
    /* By run; read once, when the first run of the document is asked for its versions. */
    struct made_version *made; /* in the arena; NULL until then */
    size_t made_count;
    struct mill_held made_held;
    struct mill_buf *out;
    struct mill_error *err;
};

static enum mill_status nomem(const struct cutting *c)
{
    return mill_fail(c->err, MILL_E_NOMEM, "out of memory for a query");
}

static enum mill_status cut_object(struct cutting *c, const struct mill_message *message,
                                   const struct mill_message *parent, size_t at,
                                   const struct mill_gql_field *fields);

/* --- names of types ----------------------------------------------------------------------- */

/* Where the official name is not that of our message; parent NULL: wherever it stands. */
static const struct {
    const struct mill_message *message;
    const char *parent;
    const char *type;
} type_names[] = {
    {&mill_run_message, NULL, "MlflowRunExtension"},
    {&mill_metric_message, NULL, "MlflowMetricExtension"},
    {&mill_tag_message, "Experiment", "MlflowExperimentTag"},
    {&mill_tag_message, "RunData", "MlflowRunTag"},
    {&mill_tag_message, "DatasetInput", "MlflowInputTag"},
    {&mill_tag_message, "ModelVersion", "MlflowModelVersionTag"},
};

/* "Mlflow" and the message's name without its point. */
static void add_type_name(struct mill_buf *out, const struct mill_message *message,
                          const struct mill_message *parent)
{
    for (size_t i = 0; i < MILL_COUNT(type_names); i++) {
        if (type_names[i].message == message &&
            (type_names[i].parent == NULL ||
             (parent != NULL && strcmp(type_names[i].parent, parent->name) == 0))) {
            mill_buf_printf(out, "\"%s\"", type_names[i].type);
            return;
        }
    }
    mill_buf_add_view(out, MILL_VIEW("\"Mlflow"));
    for (const char *c = message->name; *c != '\0'; c++)
        if (*c != '.')
            mill_buf_add_char(out, *c);
    mill_buf_add_char(out, '"');
}

/* --- values ------------------------------------------------------------------------------- */

size_t mill_gql_member(const struct mill_json *json, size_t at, const char *name)
{
    if (at == MILL_GQL_NOWHERE || mill_json_type(json, at) != MILL_JSON_OBJECT)
        return MILL_GQL_NOWHERE;
    for (size_t i = mill_json_first(at), end = mill_json_end(json, at); i < end;
         i = mill_json_skip(json, i + 1))
        if (mill_view_eq(mill_json_string(json, i), mill_view_of(name)))
            return i + 1;
    return MILL_GQL_NOWHERE;
}

/* What official servers say of a value that is not there. */
static const char *zero_of(const struct mill_field *field)
{
    switch (field->type) {
    case MILL_F_INT64:
        return "\"0\"";
    case MILL_F_INT32:
        return "0";
    case MILL_F_DOUBLE:
        return "0.0";
    case MILL_F_BOOL:
        return "false";
    case MILL_F_STRING:
    case MILL_F_ID:
    case MILL_F_ENUM:
    case MILL_F_CONSTANT:
        return "\"\"";
    case MILL_F_MESSAGE:
    case MILL_F_MAP:
    case MILL_F_JSON:
        break;
    }
    return "null";
}

static void add_scalar(struct cutting *c, const struct mill_field *field, size_t at)
{
    if (at == MILL_GQL_NOWHERE) {
        mill_buf_add_view(c->out, mill_view_of(zero_of(field)));
    } else if (field->type == MILL_F_INT64) {
        mill_buf_add_char(c->out, '"');
        mill_json_write(c->out, &c->json, at);
        mill_buf_add_char(c->out, '"');
    } else if (field->type == MILL_F_DOUBLE &&
               mill_json_type(&c->json, at) == MILL_JSON_STRING) {
        mill_buf_add_view(c->out, MILL_VIEW("null")); /* NaN, infinities: no JSON numbers */
    } else {
        mill_json_write(c->out, &c->json, at);
    }
}

static enum mill_status cut_list(struct cutting *c, const struct mill_field *field,
                                 const struct mill_message *parent, size_t at,
                                 const struct mill_gql_field *below)
{
    enum mill_status st = MILL_OK;

    mill_buf_add_char(c->out, '[');
    if (at != MILL_GQL_NOWHERE) {
        for (size_t i = mill_json_first(at), end = mill_json_end(&c->json, at);
             st == MILL_OK && i < end; i = mill_json_skip(&c->json, i)) {
            if (i != mill_json_first(at))
                mill_buf_add_char(c->out, ',');
            if (field->type == MILL_F_MESSAGE)
                st = cut_object(c, field->message, parent, i, below);
            else
                mill_json_write(c->out, &c->json, i);
        }
    }
    mill_buf_add_char(c->out, ']');
    return st;
}

static enum mill_status cut_value(struct cutting *c, const struct mill_field *field,
                                  const struct mill_message *parent, size_t at,
                                  const struct mill_gql_field *asked)
{
    bool object = field->type == MILL_F_MESSAGE;

    if (object != (asked->below != NULL))
        return mill_fail(c->err, MILL_E_INVALID, "query: field '%.*s' %s fields below it",
                         MILL_FMT(mill_utf8_prefix(asked->name, 60)),
                         object ? "needs" : "has no");
    if ((field->flags & MILL_FIELD_REPEATED) != 0)
        return cut_list(c, field, parent, at, asked->below);
    if (object)
        return cut_object(c, field->message, parent, at, asked->below);
    add_scalar(c, field, at);
    return MILL_OK;
}

/* --- fields that no message has ------------------------------------------------------------
 */

static enum mill_status add_encoded(const struct mill_call *call,
                                    const struct mill_message *message, const void *value,
                                    const struct mill_gql_field *below, struct mill_buf *out,
                                    struct mill_error *err);

static enum mill_status add_null(struct cutting *c, size_t at,
                                 const struct mill_gql_field *asked)
{
    (void)at, (void)asked;
    mill_buf_add_view(c->out, MILL_VIEW("null"));
    return MILL_OK;
}

static enum mill_status add_empty_text(struct cutting *c, size_t at,
                                       const struct mill_gql_field *asked)
{
    (void)at, (void)asked;
    mill_buf_add_view(c->out, MILL_VIEW("\"\""));
    return MILL_OK;
}

static int cmp_made(const void *a, const void *b)
{
    const struct made_version *x = a, *y = b;
    int order = mill_view_cmp(x->version->run_id, y->version->run_id);

    return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

/* The newest MILL_MAX_VERSION_SEARCH versions; a search for each run would read them all each
 * time. */
static enum mill_status know_made_versions(struct cutting *c)
{
    struct mill_arena *arena = c->call->arena;
    struct mill_version_page page = {0};
    struct mill_plan plan;
    struct mill_model_search search = {.plan = &plan, .limit = MILL_MAX_VERSION_SEARCH};
    enum mill_status st;

    if (c->made != NULL)
        return MILL_OK;
    st = mill_query_parse(MILL_QUERY_MODEL_VERSIONS, (struct mill_view){NULL, 0}, NULL, 0,
                          arena, &plan, c->err);
    if (st == MILL_OK)
        st = mill_store_search_model_versions(c->call->store, &search, &page, c->err);
    if (st != MILL_OK)
        return st;
    c->made_held = page.held;
    c->made = mill_arena_zero(arena, page.count + 1, sizeof(*c->made));
    if (c->made == NULL)
        return nomem(c);
    for (size_t i = 0; i < page.count; i++)
        if (page.versions[i]->run_id.len != 0)
            c->made[c->made_count++] = (struct made_version){page.versions[i], i};
    qsort(c->made, c->made_count, sizeof(*c->made), cmp_made);
    return MILL_OK;
}

/* The first in c->made that is not of an earlier run. */
static size_t first_made(const struct cutting *c, struct mill_view run_id)
{
    size_t low = 0, high = c->made_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (mill_view_cmp(c->made[middle].version->run_id, run_id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The model versions that a run made. */
static enum mill_status add_model_versions(struct cutting *c, size_t at,
                                           const struct mill_gql_field *asked)
{
    size_t id = mill_gql_member(&c->json, mill_gql_member(&c->json, at, "info"), "run_id");
    struct mill_view run_id =
        id != MILL_GQL_NOWHERE ? mill_json_string(&c->json, id) : (struct mill_view){NULL, 0};
    enum mill_status st = know_made_versions(c);

    if (asked->below == NULL)
        return mill_fail(c->err, MILL_E_INVALID,
                         "query: field 'modelVersions' needs fields below it");
    mill_buf_add_char(c->out, '[');
    for (size_t first = first_made(c, run_id), i = first;
         st == MILL_OK && i < c->made_count && mill_view_eq(c->made[i].version->run_id, run_id);
         i++) {
        if (i != first)
            mill_buf_add_char(c->out, ',');
        st = add_encoded(c->call, &mill_model_version_message, c->made[i].version, asked->below,
                         c->out, c->err);
    }
    mill_buf_add_char(c->out, ']');
    return st;
}

/* The experiment of a run. */
static enum mill_status add_experiment(struct cutting *c, size_t at,
                                       const struct mill_gql_field *asked)
{
    size_t id =
        mill_gql_member(&c->json, mill_gql_member(&c->json, at, "info"), "experiment_id");
    struct mill_experiment experiment;
    int64_t number;
    enum mill_status st;

    if (id == MILL_GQL_NOWHERE || !mill_view_int(mill_json_string(&c->json, id), &number))
        return add_null(c, at, asked);
    if (asked->below == NULL)
        return mill_fail(c->err, MILL_E_INVALID,
                         "query: field 'experiment' needs fields below it");
    st = mill_store_get_experiment(c->call->store, number, c->call->arena, &experiment, c->err);
    return st == MILL_OK ? add_encoded(c->call, &mill_experiment_message, &experiment,
                                       asked->below, c->out, c->err)
                         : st;
}

/* message NULL: of every answer at the top. */
static const struct {
    const struct mill_message *message;
    const char *name;
    enum mill_status (*add)(struct cutting *c, size_t at, const struct mill_gql_field *asked);
} extras[] = {
    {NULL, "apiError", add_null}, /* failures are in errors */
    {&mill_experiment_message, "effectiveTraceArchivalRetention", add_empty_text},
    {&mill_run_message, "experiment", add_experiment},
    {&mill_run_message, "modelVersions", add_model_versions},
};

/* --- objects ------------------------------------------------------------------------------ */

/* A field by its name here or in JSON; those of inlined messages count as their own. */
static const struct mill_field *find_field(const struct mill_message *message,
                                           struct mill_view name)
{
    bool camel;
    size_t i = mill_field_find(message, name, 0, &camel);

    if (i < message->field_count)
        return &message->fields[i];
    for (i = 0; i < message->field_count; i++) {
        const struct mill_field *field = &message->fields[i];

        if ((field->flags & MILL_FIELD_INLINE) != 0) {
            size_t j = mill_field_find(field->message, name, 0, &camel);

            if (j < field->message->field_count)
                return &field->message->fields[j];
        }
    }
    return NULL;
}

static enum mill_status cut_field(struct cutting *c, const struct mill_message *message,
                                  const struct mill_message *parent, size_t at,
                                  const struct mill_gql_field *asked)
{
    const struct mill_field *field;

    if (mill_view_eq(asked->name, MILL_VIEW("__typename"))) {
        add_type_name(c->out, message, parent);
        return MILL_OK;
    }
    for (size_t i = 0; i < MILL_COUNT(extras); i++)
        if (mill_view_eq(asked->name, mill_view_of(extras[i].name)) &&
            (extras[i].message == message || (extras[i].message == NULL && parent == NULL)))
            return extras[i].add(c, at, asked);
    field = find_field(message, asked->name);
    if (field == NULL)
        return mill_fail(c->err, MILL_E_INVALID, "query: %s has no field '%.*s'", message->name,
                         MILL_FMT(mill_utf8_prefix(asked->name, 60)));
    return cut_value(c, field, message, mill_gql_member(&c->json, at, field->name), asked);
}

void mill_gql_add_key(struct mill_buf *out, const struct mill_gql_field *field, bool first)
{
    if (!first)
        mill_buf_add_char(out, ',');
    mill_buf_add_json_string(out, field->key);
    mill_buf_add_char(out, ':');
}

static enum mill_status cut_object(struct cutting *c, const struct mill_message *message,
                                   const struct mill_message *parent, size_t at,
                                   const struct mill_gql_field *fields)
{
    enum mill_status st = MILL_OK;

    mill_buf_add_char(c->out, '{');
    for (const struct mill_gql_field *f = fields; st == MILL_OK && f != NULL; f = f->next) {
        mill_gql_add_key(c->out, f, f == fields);
        st = cut_field(c, message, parent, at, f);
    }
    mill_buf_add_char(c->out, '}');
    return st;
}

/* Parses JSON text for a walk that parses others meanwhile. */
static enum mill_status keep_tape(struct cutting *c, struct mill_view text)
{
    struct mill_arena *arena = c->call->arena;
    struct mill_view padded = mill_json_pad(text, arena);
    enum mill_status st;
    uint64_t *tape;
    size_t len;

    if (padded.ptr == NULL)
        return nomem(c);
    st = mill_json_parse(padded, arena, &c->json, c->err);
    if (st != MILL_OK)
        return st;
    len = mill_json_skip(&c->json, c->json.root);
    tape = mill_arena_zero(arena, len, sizeof(*tape));
    if (tape == NULL)
        return nomem(c);
    memcpy(tape, c->json.tape, len * sizeof(*tape));
    c->json.tape = tape;
    return MILL_OK;
}

enum mill_status mill_gql_cut(const struct mill_call *call, struct mill_view text,
                              const struct mill_message *message,
                              const struct mill_message *parent,
                              const struct mill_gql_field *fields, struct mill_buf *out,
                              struct mill_error *err)
{
    struct cutting c = {.call = call, .out = out, .err = err};
    enum mill_status st = keep_tape(&c, text);

    if (st == MILL_OK)
        st = cut_object(&c, message, parent, c.json.root, fields);
    mill_held_release(&c.made_held);
    return st;
}

/* The fields of an entity, as part of a run. */
static enum mill_status add_encoded(const struct mill_call *call,
                                    const struct mill_message *message, const void *value,
                                    const struct mill_gql_field *below, struct mill_buf *out,
                                    struct mill_error *err)
{
    struct mill_buf text = {0};
    enum mill_status st;

    mill_encode(&text, message, value);
    st = text.failed ? mill_fail(err, MILL_E_NOMEM, "out of memory for a query")
                     : mill_gql_cut(call, mill_buf_view(&text), message, &mill_run_message,
                                    below, out, err);
    mill_buf_release(&text);
    return st;
}
