/* parse.c - the grammar: one function for each rule, the rule above it.
 *
 * Errors go up through parser.status, so that rules return trees. Depth and the number of
 * comparisons are bounded, whatever the text. */
#include "query/parse.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/view.h"
#include "model/limits.h"

struct parser {
    const struct mill_source *source;
    struct mill_lexer lexer;
    struct mill_token token; /* the one to be looked at next */
    struct mill_arena *arena;
    struct mill_error *err;
    enum mill_status status;
    size_t depth;
    size_t comparisons;
    bool after_and; /* the last thing that parse_all took was an AND */
};

enum mill_status mill_source_fail(const struct mill_source *source, size_t offset,
                                  struct mill_error *err, const char *format, ...)
{
    char text[sizeof(err->message)];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct mill_view before = {source->text.ptr, offset};
    size_t character = mill_utf8_length(before) + 1;
    if (source->indexed)
        return mill_fail(err, MILL_E_INVALID, "%s[%zu], character %zu: %s", source->list,
                         source->index, character, text);
    return mill_fail(err, MILL_E_INVALID, "%s, character %zu: %s", source->list, character,
                     text);
}

static bool failed(const struct parser *p)
{
    return p->status != MILL_OK;
}

/* A bad token explains itself better than what was expected in its place. */
static void fail_expected(struct parser *p, const char *expected)
{
    if (failed(p))
        return;
    struct mill_view shown = mill_token_shown(&p->token);
    if (p->token.kind == MILL_TOKEN_BAD)
        p->status = mill_source_fail(p->source, p->token.offset, p->err, "%.*s %s",
                                     MILL_FMT(shown), p->token.problem);
    else
        p->status = mill_source_fail(p->source, p->token.offset, p->err,
                                     "expected %s, got %.*s", expected, MILL_FMT(shown));
}

static void advance(struct parser *p)
{
    p->token = mill_lexer_next(&p->lexer);
}

static bool at_word(const struct parser *p, const char *word)
{
    return mill_token_is_word(&p->token, word);
}

static bool take_word(struct parser *p, const char *word)
{
    if (!at_word(p, word))
        return false;
    advance(p);
    return true;
}

static void *allocate(struct parser *p, size_t count, size_t size)
{
    void *memory = mill_arena_zero(p->arena, count, size);
    if (memory == NULL && !failed(p))
        p->status =
            mill_fail(p->err, MILL_E_NOMEM, "out of memory while reading %s", p->source->list);
    return memory;
}

static const struct mill_expr *make_node(struct parser *p, enum mill_query_node_kind kind,
                                         const struct mill_expr *left,
                                         const struct mill_expr *right)
{
    struct mill_expr *node = allocate(p, 1, sizeof(*node));
    if (node == NULL)
        return NULL;
    node->kind = kind;
    node->left = left;
    node->right = right;
    return node;
}

/* Words of the grammar are no names, unless in quotes or behind an entity. */
static bool at_keyword(const struct parser *p)
{
    static const char *const keywords[] = {"AND", "OR", "NOT",  "LIKE",   "ILIKE",
                                           "IN",  "IS", "NULL", "BETWEEN"};
    for (size_t i = 0; i < MILL_COUNT(keywords); i++)
        if (at_word(p, keywords[i]))
            return true;
    return false;
}

static bool at_name(const struct parser *p)
{
    if (p->token.kind == MILL_TOKEN_QUOTED)
        return p->token.quote == '"';
    return p->token.kind == MILL_TOKEN_NAME && !at_keyword(p);
}

/* Tokens of an operand list, growing in the arena. */
struct values {
    struct mill_token *items;
    size_t count, cap;
};

static void add_value(struct parser *p, struct values *values)
{
    if (values->count == values->cap) {
        size_t cap = values->cap == 0 ? 2 : values->cap * 2;
        struct mill_token *items = allocate(p, cap, sizeof(*items));
        if (items == NULL)
            return;
        if (values->count > 0)
            memcpy(items, values->items, values->count * sizeof(*items));
        values->items = items;
        values->cap = cap;
    }
    values->items[values->count++] = p->token;
    advance(p);
}

/* value = text in quotes | number */
static void parse_value(struct parser *p, struct values *values)
{
    if (p->token.kind == MILL_TOKEN_QUOTED || p->token.kind == MILL_TOKEN_NUMBER) {
        add_value(p, values);
    } else if (p->token.kind == MILL_TOKEN_NAME) {
        struct mill_view shown = mill_token_shown(&p->token);
        p->status = mill_source_fail(p->source, p->token.offset, p->err,
                                     "expected a number or a text in quotes, got %.*s; put "
                                     "texts into single quotes",
                                     MILL_FMT(shown));
    } else {
        fail_expected(p, "a number or a text in quotes");
    }
}

/* list = "(" ( list | value { "," value } [ "," ] ) ")" */
static void parse_list(struct parser *p, struct values *values)
{
    size_t open = 0;
    for (; p->token.kind == MILL_TOKEN_OPEN; open++)
        advance(p);
    if (open == 0) {
        fail_expected(p, "a list in parentheses, as in ('a', 'b')");
        return;
    }
    do {
        parse_value(p, values);
        if (failed(p) || p->token.kind != MILL_TOKEN_COMMA)
            break;
        advance(p);
    } while (p->token.kind != MILL_TOKEN_CLOSE);
    for (; !failed(p) && open > 0; open--) {
        if (p->token.kind == MILL_TOKEN_CLOSE)
            advance(p);
        else
            fail_expected(p, "',' or ')'");
    }
}

/* operation = "=" | "!=" | "<" | "<=" | ">" | ">=" */
static enum mill_query_op parse_operator(struct parser *p)
{
    static const struct {
        const char *text;
        enum mill_query_op op;
    } operators[] = {{"=", MILL_OP_EQ},  {"!=", MILL_OP_NE}, {"<", MILL_OP_LT},
                     {"<=", MILL_OP_LE}, {">", MILL_OP_GT},  {">=", MILL_OP_GE}};
    for (size_t i = 0; p->token.kind == MILL_TOKEN_OPERATOR && i < MILL_COUNT(operators); i++) {
        if (mill_view_eq(p->token.text, mill_view_of(operators[i].text))) {
            advance(p);
            return operators[i].op;
        }
    }
    fail_expected(p, "an operator: =, !=, <, <=, >, >=, LIKE, ILIKE, IN, NOT IN, BETWEEN, "
                     "IS NULL or IS NOT NULL");
    return MILL_OP_EQ;
}

/* nullness = "IS" [ "NOT" ] "NULL" */
static enum mill_query_op parse_nullness(struct parser *p)
{
    bool negated = take_word(p, "NOT");
    if (!take_word(p, "NULL"))
        fail_expected(p, negated ? "NULL behind IS NOT" : "NULL or NOT NULL behind IS");
    return negated ? MILL_OP_IS_NOT_NULL : MILL_OP_IS_NULL;
}

/* range = "BETWEEN" value "AND" value */
static void parse_range(struct parser *p, struct values *values)
{
    parse_value(p, values);
    if (!failed(p) && !take_word(p, "AND"))
        fail_expected(p, "AND and the upper end of BETWEEN");
    if (!failed(p))
        parse_value(p, values);
}

/* predicate = operation value | ( "LIKE" | "ILIKE" ) value | [ "NOT" ] "IN" list
 *           | range | nullness */
static void parse_predicate(struct parser *p, struct mill_expr *node)
{
    struct values values = {0};
    node->operator_token = p->token;
    if (take_word(p, "IS")) {
        node->op = parse_nullness(p);
    } else if (take_word(p, "BETWEEN")) {
        node->op = MILL_OP_BETWEEN;
        parse_range(p, &values);
    } else if (take_word(p, "IN")) {
        node->op = MILL_OP_IN;
        parse_list(p, &values);
    } else if (take_word(p, "NOT")) {
        node->op = MILL_OP_NOT_IN;
        if (take_word(p, "IN"))
            parse_list(p, &values);
        else
            fail_expected(p, "IN behind NOT (to negate another comparison put NOT before it)");
    } else {
        if (take_word(p, "LIKE"))
            node->op = MILL_OP_LIKE;
        else if (take_word(p, "ILIKE"))
            node->op = MILL_OP_ILIKE;
        else
            node->op = parse_operator(p);
        if (!failed(p))
            parse_value(p, &values);
    }
    node->values = values.items;
    node->value_count = values.count;
}

/* comparison = name predicate */
static const struct mill_expr *parse_comparison(struct parser *p)
{
    if (!at_name(p)) {
        fail_expected(p, "a comparison such as metrics.loss < 0.5 or params.opt = 'adam'");
        return NULL;
    }
    if (++p->comparisons > MILL_MAX_COMPARISONS) {
        p->status =
            mill_source_fail(p->source, p->token.offset, p->err,
                             "there are more than %d comparisons; use IN lists, or search in "
                             "several steps",
                             MILL_MAX_COMPARISONS);
        return NULL;
    }
    struct mill_expr *node = allocate(p, 1, sizeof(*node));
    if (node == NULL)
        return NULL;
    node->kind = MILL_NODE_COMPARE;
    node->name = p->token;
    advance(p);
    parse_predicate(p, node);
    return node;
}

static const struct mill_expr *parse_alternatives(struct parser *p);

/* group = "(" alternatives ")" */
static const struct mill_expr *parse_group(struct parser *p)
{
    advance(p);
    const struct mill_expr *inner = parse_alternatives(p);
    if (!failed(p) && inner == NULL)
        fail_expected(p, "a comparison in the parentheses");
    if (!failed(p) && p->token.kind != MILL_TOKEN_CLOSE)
        fail_expected(p, "AND, OR or ')'");
    if (!failed(p))
        advance(p);
    return inner;
}

/* term = "NOT" term | group | comparison */
static const struct mill_expr *parse_term(struct parser *p)
{
    if (p->token.kind != MILL_TOKEN_OPEN && !at_word(p, "NOT"))
        return parse_comparison(p);
    const struct mill_expr *term = NULL;
    if (++p->depth > MILL_MAX_FILTER_DEPTH)
        p->status = mill_source_fail(p->source, p->token.offset, p->err,
                                     "parentheses and NOT are nested deeper than %d levels",
                                     MILL_MAX_FILTER_DEPTH);
    else if (take_word(p, "NOT")) {
        const struct mill_expr *child = parse_term(p);
        if (!failed(p))
            term = make_node(p, MILL_NODE_NOT, child, NULL);
    } else {
        term = parse_group(p);
    }
    p->depth--;
    return term;
}

/* all = { "AND" } [ term { [ "AND" { "AND" } ] term } { "AND" } ]
 *
 * As MLflow reads it, AND may be missing between two comparisons, be doubled, and stand at
 * either end. NULL without failure: there is no term. */
static const struct mill_expr *parse_all(struct parser *p)
{
    const struct mill_expr *all = NULL;
    bool joined = true;
    while (!failed(p)) {
        if (take_word(p, "AND")) {
            joined = true;
            continue;
        }
        bool starts =
            at_name(p) || (joined && (p->token.kind == MILL_TOKEN_OPEN || at_word(p, "NOT")));
        if (!starts)
            break;
        const struct mill_expr *term = parse_term(p);
        if (failed(p))
            break;
        all = all == NULL ? term : make_node(p, MILL_NODE_AND, all, term);
        joined = false;
    }
    p->after_and = joined;
    return all;
}

/* alternatives = all { "OR" all } */
static const struct mill_expr *parse_alternatives(struct parser *p)
{
    const struct mill_expr *any = parse_all(p);
    while (!failed(p) && at_word(p, "OR")) {
        if (any == NULL || p->after_and)
            fail_expected(p, "a comparison before OR");
        else
            advance(p);
        if (at_word(p, "AND"))
            fail_expected(p, "a comparison behind OR");
        const struct mill_expr *all = failed(p) ? NULL : parse_all(p);
        if (!failed(p) && all == NULL)
            fail_expected(p, "a comparison behind OR");
        if (!failed(p))
            any = make_node(p, MILL_NODE_OR, any, all);
    }
    return any;
}

static struct parser start(const struct mill_source *source, struct mill_arena *arena,
                           struct mill_error *err)
{
    struct parser p = {
        .source = source, .lexer = {.text = source->text}, .arena = arena, .err = err};
    advance(&p);
    return p;
}

/* filter = alternatives end */
enum mill_status mill_parse_filter(const struct mill_source *source, struct mill_arena *arena,
                                   const struct mill_expr **out, struct mill_error *err)
{
    struct parser p = start(source, arena, err);
    if (p.token.kind == MILL_TOKEN_END && source->text.len > 0)
        return mill_source_fail(source, 0, err,
                                "the text is blank; leave it empty to search without a filter");
    const struct mill_expr *filter = parse_alternatives(&p);
    if (!failed(&p) && p.token.kind != MILL_TOKEN_END)
        fail_expected(&p, filter == NULL ? "a comparison such as metrics.loss < 0.5"
                                         : "AND, OR or the end");
    if (!failed(&p))
        *out = filter;
    return p.status;
}

/* order = name [ "ASC" | "DESC" ] end */
enum mill_status mill_parse_order(const struct mill_source *source, struct mill_token *name_out,
                                  bool *descending_out, struct mill_error *err)
{
    struct parser p = start(source, NULL, err);
    struct mill_token name = p.token;
    if (!at_name(&p))
        fail_expected(&p, "a field to order by, such as metrics.loss DESC");
    advance(&p);
    bool descending = take_word(&p, "DESC");
    if (!descending)
        take_word(&p, "ASC");
    if (!failed(&p) && p.token.kind != MILL_TOKEN_END)
        fail_expected(&p, "ASC, DESC or the end (one field in each item)");
    if (!failed(&p)) {
        *name_out = name;
        *descending_out = descending;
    }
    return p.status;
}
