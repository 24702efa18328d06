/* names.h - what can be searched by, as tables: entities, attributes, operators (inside
 * query/). */
#ifndef MILL_QUERY_NAMES_H
#define MILL_QUERY_NAMES_H

#include "query/plan.h"
#include "query/token.h"

/* How values of a field are written and compared. */
enum mill_value_type {
    MILL_VALUE_TEXT,
    MILL_VALUE_NUMBER,
    MILL_VALUE_INTEGER, /* a time: kept exactly */
    MILL_VALUE_ID,      /* an integer that is written as a text */
    MILL_VALUE_VERSION  /* a whole number, in quotes or not */
};

/* One name of an attribute. */
struct mill_attribute_name {
    const char *name;
    enum mill_query_attribute attribute;
    enum mill_value_type type;
    bool filter, order;
};

/* The entity of that name; false when the subject has none. */
bool mill_entity_find(enum mill_query_subject subject, struct mill_view name,
                      enum mill_query_entity *out);

/* The attribute (of entity MILL_Q_ATTRIBUTE or MILL_Q_DATASET) of that name, or NULL. */
const struct mill_attribute_name *mill_attribute_find(enum mill_query_subject subject,
                                                      enum mill_query_entity entity,
                                                      struct mill_view name);

/* Names of the subject's entities, and of its attributes for filters or orderings, for
 * messages: "metrics, params, ...". */
const char *mill_entity_list(enum mill_query_subject subject);
const char *mill_attribute_list(enum mill_query_subject subject, enum mill_query_entity entity,
                                bool order);

/* What is searched, for messages: "runs". */
const char *mill_subject_noun(enum mill_query_subject subject);

/* Whether values of the type may be compared so. */
bool mill_operator_allowed(enum mill_value_type type, enum mill_query_op op);

/* The operators for a type, for messages. */
const char *mill_operator_list(enum mill_value_type type);

#endif
