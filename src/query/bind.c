/* bind.c - looks names up, checks operators and reads values: the second pass. */
#include "query/bind.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/view.h"
#include "model/limits.h"
#include "query/names.h"

struct binder {
    const struct mill_source *source;
    struct mill_arena *arena;
    struct mill_error *err;
    enum mill_query_subject subject;
    const struct mill_comparison **comparisons;
    size_t count;
};

/* A field with how its values are written. */
struct typed_field {
    struct mill_query_field field;
    enum mill_value_type type;
};

/* --- fields ---------------------------------------------------------------------------- */

static enum mill_status find_attribute(const struct mill_source *source,
                                       enum mill_query_subject subject,
                                       const struct mill_token *name, bool order,
                                       struct typed_field *out, struct mill_error *err)
{
    enum mill_query_entity entity = out->field.entity;
    const struct mill_attribute_name *row = mill_attribute_find(subject, entity, name->text);
    if (row == NULL || !(order ? row->order : row->filter))
        return mill_source_fail(
            source, name->offset, err, "unknown %s %.*s; use one of %s%s",
            entity == MILL_Q_DATASET ? "field of a dataset" : "attribute",
            MILL_FMT(mill_token_shown(name)), mill_attribute_list(subject, entity, order),
            (subject == MILL_QUERY_RUNS || subject == MILL_QUERY_LOGGED_MODELS) &&
                    entity == MILL_Q_ATTRIBUTE
                ? ", or metrics.KEY, params.KEY, tags.KEY"
                : "");
    out->field.attribute = row->attribute;
    out->type = row->type;
    return MILL_OK;
}

static enum mill_status find_field(const struct mill_source *source,
                                   enum mill_query_subject subject,
                                   const struct mill_token *name, bool order,
                                   struct typed_field *out, struct mill_error *err)
{
    struct typed_field found = {.field = {.entity = MILL_Q_ATTRIBUTE}};
    if (name->entity.ptr != NULL &&
        !mill_entity_find(subject, name->entity, &found.field.entity))
        return mill_source_fail(source, name->offset, err,
                                "unknown kind of field in %.*s; the kinds are %s",
                                MILL_FMT(mill_token_shown(name)), mill_entity_list(subject));
    enum mill_status st = MILL_OK;
    switch (found.field.entity) {
    case MILL_Q_DATASET:
        if (order)
            return mill_source_fail(source, name->offset, err,
                                    "runs cannot be ordered by datasets, got %.*s",
                                    MILL_FMT(mill_token_shown(name)));
        st = find_attribute(source, subject, name, order, &found, err);
        break;
    case MILL_Q_ATTRIBUTE:
        st = find_attribute(source, subject, name, order, &found, err);
        break;
    case MILL_Q_TAG:
        if (order && subject != MILL_QUERY_RUNS && subject != MILL_QUERY_TRACES)
            return mill_source_fail(source, name->offset, err,
                                    "%s cannot be ordered by tags, got %.*s; use one of %s",
                                    mill_subject_noun(subject),
                                    MILL_FMT(mill_token_shown(name)),
                                    mill_attribute_list(subject, MILL_Q_ATTRIBUTE, order));
        found.field.key = name->text;
        break;
    case MILL_Q_METRIC:
        found.type = MILL_VALUE_NUMBER;
        found.field.key = name->text;
        break;
    case MILL_Q_PARAM:
        found.field.key = name->text;
        break;
    }
    found.field.numeric = found.type != MILL_VALUE_TEXT;
    if (st == MILL_OK)
        *out = found;
    return st;
}

/* --- values ---------------------------------------------------------------------------- */

/* An operand as a number: number is the nearest double, integer the floor. Beyond the integers
 * number is infinite, so that no integer equals it. */
struct number {
    double number;
    int64_t integer;
};

/* The C locale, whatever the program has chosen: it costs nothing to get in glibc. */
static enum mill_status read_double(struct binder *b, struct mill_view text, double *out)
{
    char *copy = mill_arena_cstr(b->arena, text);
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (copy == NULL || plain == (locale_t)0)
        return mill_no_memory(b->err);
    *out = strtod_l(copy, NULL, plain);
    freelocale(plain);
    return MILL_OK;
}

static enum mill_status read_number(struct binder *b, struct mill_view text, bool integer,
                                    struct number *out)
{
    struct number n = {0, 0};
    enum mill_status st = read_double(b, text, &n.number);
    if (st != MILL_OK)
        return st;
    if (integer && !mill_view_int(text, &n.integer)) {
        double floored = floor(n.number);
        if (floored >= 0x1p63) {
            n = (struct number){INFINITY, INT64_MAX};
        } else if (floored < -0x1p63) {
            n = (struct number){-INFINITY, INT64_MIN};
        } else {
            n.integer = (int64_t)floored;
        }
    }
    *out = n;
    return MILL_OK;
}

static enum mill_status wrong_value(struct binder *b, const struct mill_expr *expr,
                                    const struct mill_token *value, const char *expected)
{
    return mill_source_fail(b->source, value->offset, b->err, "expected %s for %.*s, got %.*s",
                            expected, MILL_FMT(mill_token_shown(&expr->name)),
                            MILL_FMT(mill_token_shown(value)));
}

static enum mill_status bind_number(struct binder *b, const struct mill_expr *expr,
                                    enum mill_value_type type, const struct mill_token *value,
                                    struct number *out)
{
    int64_t id;
    if (type == MILL_VALUE_ID || type == MILL_VALUE_VERSION) {
        if (!mill_view_int(value->text, &id))
            return wrong_value(b, expr, value,
                               type == MILL_VALUE_ID ? "an id such as '12'"
                                                     : "a whole number such as 12");
        *out = (struct number){(double)id, id};
        return MILL_OK;
    }
    if (value->kind != MILL_TOKEN_NUMBER)
        return wrong_value(b, expr, value, "a number without quotes");
    return read_number(b, value->text, type == MILL_VALUE_INTEGER, out);
}

static int compare_texts(const void *a, const void *b)
{
    return mill_view_cmp(*(const struct mill_view *)a, *(const struct mill_view *)b);
}

/* Lists are sorted, which mill_query_match_text relies on. */
static enum mill_status bind_texts(struct binder *b, const struct mill_expr *expr,
                                   struct mill_comparison *compare)
{
    struct mill_view *texts = mill_arena_zero(b->arena, expr->value_count, sizeof(*texts));
    if (texts == NULL)
        return mill_no_memory(b->err);
    for (size_t i = 0; i < expr->value_count; i++) {
        if (expr->values[i].kind != MILL_TOKEN_QUOTED)
            return wrong_value(b, expr, &expr->values[i], "a text in quotes");
        texts[i] = expr->values[i].text;
    }
    if (expr->op == MILL_OP_IN || expr->op == MILL_OP_NOT_IN)
        qsort(texts, expr->value_count, sizeof(*texts), compare_texts);
    compare->texts = texts;
    compare->text_count = expr->value_count;
    return MILL_OK;
}

/* --- nodes ----------------------------------------------------------------------------- */

static enum mill_status make_compare(struct binder *b, const struct mill_comparison *compare,
                                     const struct mill_query_node **out)
{
    struct mill_query_node *node = mill_arena_zero(b->arena, 1, sizeof(*node));
    struct mill_comparison *copy = mill_arena_zero(b->arena, 1, sizeof(*copy));
    if (node == NULL || copy == NULL)
        return mill_no_memory(b->err);
    if (b->count == MILL_MAX_COMPARISONS)
        return mill_source_fail(b->source, 0, b->err,
                                "there are more than %d comparisons, those of numbers in lists "
                                "counted singly",
                                MILL_MAX_COMPARISONS);
    *copy = *compare;
    node->kind = MILL_NODE_COMPARE;
    node->compare = copy;
    b->comparisons[b->count++] = copy;
    *out = node;
    return MILL_OK;
}

static enum mill_status make_pair(struct binder *b, enum mill_query_node_kind kind,
                                  const struct mill_query_node *left,
                                  const struct mill_query_node *right,
                                  const struct mill_query_node **out)
{
    struct mill_query_node *node = mill_arena_zero(b->arena, 1, sizeof(*node));
    if (node == NULL)
        return mill_no_memory(b->err);
    *node = (struct mill_query_node){.kind = kind, .left = left, .right = right};
    *out = node;
    return MILL_OK;
}

/* A list of numbers becomes single comparisons: x IN (1, 2) is x = 1 OR x = 2. */
static enum mill_status bind_number_list(struct binder *b, const struct mill_expr *expr,
                                         const struct typed_field *field,
                                         const struct mill_query_node **out)
{
    bool negated = expr->op == MILL_OP_NOT_IN;
    const struct mill_query_node *tree = NULL;
    for (size_t i = 0; i < expr->value_count; i++) {
        struct number n;
        const struct mill_query_node *node = NULL;
        enum mill_status st = bind_number(b, expr, field->type, &expr->values[i], &n);
        if (st == MILL_OK)
            st = make_compare(b,
                              &(struct mill_comparison){.field = field->field,
                                                        .op = negated ? MILL_OP_NE : MILL_OP_EQ,
                                                        .number = n.number,
                                                        .integer = n.integer},
                              &node);
        if (st == MILL_OK && tree != NULL)
            st = make_pair(b, negated ? MILL_NODE_AND : MILL_NODE_OR, tree, node, &node);
        if (st != MILL_OK)
            return st;
        tree = node;
    }
    *out = tree;
    return MILL_OK;
}

static enum mill_status bind_numbers(struct binder *b, const struct mill_expr *expr,
                                     const struct typed_field *field,
                                     struct mill_comparison *compare)
{
    struct number n[2] = {{0, 0}, {0, 0}};
    for (size_t i = 0; i < expr->value_count && i < MILL_COUNT(n); i++) {
        enum mill_status st = bind_number(b, expr, field->type, &expr->values[i], &n[i]);
        if (st != MILL_OK)
            return st;
    }
    compare->number = n[0].number;
    compare->integer = n[0].integer;
    compare->number2 = n[1].number;
    compare->integer2 = n[1].integer;
    return MILL_OK;
}

static enum mill_status bind_compare(struct binder *b, const struct mill_expr *expr,
                                     const struct mill_query_node **out)
{
    struct typed_field field = {.type = MILL_VALUE_TEXT};
    enum mill_status st = find_field(b->source, b->subject, &expr->name, false, &field, b->err);
    if (st != MILL_OK)
        return st;
    if (!mill_operator_allowed(field.type, expr->op))
        return mill_source_fail(b->source, expr->operator_token.offset, b->err,
                                "%.*s cannot be compared with %.*s; use %s",
                                MILL_FMT(mill_token_shown(&expr->name)),
                                MILL_FMT(mill_token_shown(&expr->operator_token)),
                                mill_operator_list(field.type));
    if (field.field.numeric && (expr->op == MILL_OP_IN || expr->op == MILL_OP_NOT_IN))
        return bind_number_list(b, expr, &field, out);
    struct mill_comparison compare = {.field = field.field, .op = expr->op};
    if (field.field.numeric)
        st = bind_numbers(b, expr, &field, &compare);
    else if (expr->value_count > 0)
        st = bind_texts(b, expr, &compare);
    return st == MILL_OK ? make_compare(b, &compare, out) : st;
}

static enum mill_status bind(struct binder *b, const struct mill_expr *expr,
                             const struct mill_query_node **out)
{
    const struct mill_query_node *left = NULL, *right = NULL;
    if (expr->kind == MILL_NODE_COMPARE)
        return bind_compare(b, expr, out);
    enum mill_status st = bind(b, expr->left, &left);
    if (st == MILL_OK && expr->right != NULL)
        st = bind(b, expr->right, &right);
    return st == MILL_OK ? make_pair(b, expr->kind, left, right, out) : st;
}

enum mill_status mill_bind_filter(const struct mill_source *source,
                                  const struct mill_expr *expr, struct mill_arena *arena,
                                  struct mill_plan *plan, struct mill_error *err)
{
    struct binder b = {.source = source, .arena = arena, .err = err, .subject = plan->subject};
    if (expr == NULL)
        return MILL_OK;
    b.comparisons = mill_arena_zero(arena, MILL_MAX_COMPARISONS, sizeof(*b.comparisons));
    if (b.comparisons == NULL)
        return mill_no_memory(err);
    const struct mill_query_node *filter = NULL;
    enum mill_status st = bind(&b, expr, &filter);
    if (st != MILL_OK)
        return st;
    plan->filter = filter;
    plan->comparisons = b.comparisons;
    plan->comparison_count = b.count;
    return MILL_OK;
}

enum mill_status mill_bind_order(const struct mill_source *source,
                                 enum mill_query_subject subject, const struct mill_token *name,
                                 struct mill_query_field *out, struct mill_error *err)
{
    struct typed_field field = {.type = MILL_VALUE_TEXT};
    enum mill_status st = find_field(source, subject, name, true, &field, err);
    if (st == MILL_OK)
        *out = field.field;
    return st;
}
