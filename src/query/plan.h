/* plan.h - a checked filter and ordering as data. Made by mill_query_parse, evaluated by
 * the stores; knows neither SQL nor storage.
 *
 * Grammar (docs/search.md): comparisons joined by AND as MLflow reads them, plus OR, NOT,
 * parentheses, BETWEEN, IN, NOT IN and IS [NOT] NULL on everything as extensions. */
#ifndef MILL_QUERY_PLAN_H
#define MILL_QUERY_PLAN_H

#include <millstream/types.h>

#include "base/arena.h"

/* What is searched: decides which entities, attributes and operators are allowed. */
enum mill_query_subject {
    MILL_QUERY_RUNS,
    MILL_QUERY_EXPERIMENTS,
    MILL_QUERY_MODELS,         /* registered ones */
    MILL_QUERY_MODEL_VERSIONS, /* of registered models */
    MILL_QUERY_LOGGED_MODELS,
    MILL_QUERY_EVAL_DATASETS,
    MILL_QUERY_TRACES
};

enum mill_query_entity {
    MILL_Q_ATTRIBUTE,
    MILL_Q_METRIC,
    MILL_Q_PARAM,
    MILL_Q_TAG,
    MILL_Q_DATASET
};

/* Attributes of all subjects; a subject's table says which it has and under what names. */
enum mill_query_attribute {
    MILL_QA_NONE,
    MILL_QA_RUN_ID,
    MILL_QA_RUN_NAME,
    MILL_QA_STATUS,
    MILL_QA_USER_ID,
    MILL_QA_ARTIFACT_URI,
    MILL_QA_START_TIME,
    MILL_QA_END_TIME,
    MILL_QA_EXPERIMENT_ID,
    MILL_QA_NAME,
    MILL_QA_CREATION_TIME,
    MILL_QA_LAST_UPDATE_TIME,
    MILL_QA_DATASET_NAME,
    MILL_QA_DATASET_DIGEST,
    MILL_QA_DATASET_CONTEXT,
    MILL_QA_VERSION,
    MILL_QA_SOURCE,
    MILL_QA_MODEL_ID,
    MILL_QA_MODEL_TYPE,
    MILL_QA_SOURCE_RUN_ID,
    MILL_QA_STATUS_MESSAGE,
    MILL_QA_CREATED_BY,
    MILL_QA_LAST_UPDATED_BY,
    MILL_QA_TRACE_ID,
    MILL_QA_CLIENT_REQUEST_ID,
    MILL_QA_DURATION
};

enum mill_query_op {
    MILL_OP_EQ,
    MILL_OP_NE,
    MILL_OP_LT,
    MILL_OP_LE,
    MILL_OP_GT,
    MILL_OP_GE,
    MILL_OP_LIKE,
    MILL_OP_ILIKE,
    MILL_OP_IN,
    MILL_OP_NOT_IN,
    MILL_OP_BETWEEN, /* numbers[0] <= x <= numbers[1], or texts */
    MILL_OP_IS_NULL,
    MILL_OP_IS_NOT_NULL
};

/* What a comparison or an ordering looks at. */
struct mill_query_field {
    enum mill_query_entity entity;
    enum mill_query_attribute attribute; /* of MILL_Q_ATTRIBUTE and MILL_Q_DATASET */
    struct mill_view key;                /* of metric, param and tag */
    bool numeric;                        /* values compare as doubles, else as text */
    /* Of a metric of logged models: only what was measured on this dataset; absent: on any. */
    struct mill_view dataset_name, dataset_digest;
};

struct mill_comparison {
    struct mill_query_field field;
    enum mill_query_op op;
    double number;                 /* numeric: operand, first of BETWEEN */
    double number2;                /* second of BETWEEN */
    int64_t integer, integer2;     /* floor of the same, exact, for time and id attributes */
    const struct mill_view *texts; /* text operands: 1, 2 for BETWEEN, n sorted for IN */
    size_t text_count;
};

enum mill_query_node_kind { MILL_NODE_COMPARE, MILL_NODE_AND, MILL_NODE_OR, MILL_NODE_NOT };

/* Node of the filter tree. A comparison on something the row lacks is false for every
 * operator but IS NULL; NOT is plain negation of its child. */
struct mill_query_node {
    enum mill_query_node_kind kind;
    const struct mill_comparison *compare; /* MILL_NODE_COMPARE */
    const struct mill_query_node *left;    /* AND, OR, NOT */
    const struct mill_query_node *right;   /* AND, OR */
};

struct mill_ordering {
    struct mill_query_field field;
    bool descending;
};

struct mill_plan {
    enum mill_query_subject subject;
    const struct mill_query_node *filter;             /* NULL: everything */
    const struct mill_comparison *const *comparisons; /* all of the tree, for binding */
    size_t comparison_count;
    const struct mill_ordering *order; /* what the user asked for, tie-breaks not included */
    size_t order_count;
};

/* Parses and checks filter (absent or empty: no filter) and the order_by items into *out,
 * allocated in arena; views in it may point into the given text.
 *
 * Fails with MILL_E_INVALID; the message says what was expected, what came and where, with
 * the offending part quoted and its position. Depth and size are bounded. Any thread. */
enum mill_status mill_query_parse(enum mill_query_subject subject, struct mill_view filter,
                                  const struct mill_view *order_by, size_t order_by_count,
                                  struct mill_arena *arena, struct mill_plan *out,
                                  struct mill_error *err);

/* Looks up fields that are written as in order_by items, without a direction: fields[i] is that
 * of texts[i]. list names them in messages. Fails as mill_query_parse. */
enum mill_status mill_query_fields(enum mill_query_subject subject, const char *list,
                                   const struct mill_view *texts, size_t count,
                                   struct mill_query_field *fields, struct mill_error *err);

/* One item of the order_by of logged models: an attribute or metrics.KEY. */
struct mill_order_item {
    struct mill_view field_name;
    bool ascending;
    struct mill_view dataset_name, dataset_digest; /* of a metric; absent or empty: any */
};

/* Checks an ordering of logged models and puts it into plan, whose subject is
 * MILL_QUERY_LOGGED_MODELS; allocated in arena, views point into the items. Fails with
 * MILL_E_INVALID for an unknown field, MILL_E_NOMEM. Any thread. */
enum mill_status mill_query_order_logged_models(const struct mill_order_item *items,
                                                size_t count, struct mill_arena *arena,
                                                struct mill_plan *plan, struct mill_error *err);

/* SQL LIKE: % and _ as wildcards (one _ is one code point), no escape character;
 * fold_case folds ASCII letters (ILIKE). Runs in O(text * pattern) at worst. */
bool mill_query_like(struct mill_view text, struct mill_view pattern, bool fold_case);

/* Whether one text value satisfies a text comparison, and one number a numeric one (op is
 * not IS NULL / IS NOT NULL, which are about presence). A NaN differs from every number. */
bool mill_query_match_text(const struct mill_comparison *c, struct mill_view value);
bool mill_query_match_number(const struct mill_comparison *c, double value);
bool mill_query_match_integer(const struct mill_comparison *c, int64_t value);

#endif
