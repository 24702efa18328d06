/* names.c - the tables of entities, attributes and operators. Names are case-sensitive. */
#include "query/names.h"

#include "base/view.h"

struct entity_name {
    const char *name;
    enum mill_query_entity entity;
};

static const struct entity_name run_entities[] = {
    {"metrics", MILL_Q_METRIC},
    {"metric", MILL_Q_METRIC},
    {"params", MILL_Q_PARAM},
    {"param", MILL_Q_PARAM},
    {"parameters", MILL_Q_PARAM},
    {"parameter", MILL_Q_PARAM},
    {"tags", MILL_Q_TAG},
    {"tag", MILL_Q_TAG},
    {"attributes", MILL_Q_ATTRIBUTE},
    {"attribute", MILL_Q_ATTRIBUTE},
    {"attr", MILL_Q_ATTRIBUTE},
    {"run", MILL_Q_ATTRIBUTE},
    {"datasets", MILL_Q_DATASET},
    {"dataset", MILL_Q_DATASET},
};

static const struct entity_name experiment_entities[] = {
    {"attribute", MILL_Q_ATTRIBUTE},
    {"tags", MILL_Q_TAG},
    {"tag", MILL_Q_TAG},
};

static const struct entity_name registry_entities[] = {
    {"attribute", MILL_Q_ATTRIBUTE},
    {"tags", MILL_Q_TAG},
    {"tag", MILL_Q_TAG},
};

static const struct entity_name logged_model_entities[] = {
    {"attributes", MILL_Q_ATTRIBUTE},
    {"metrics", MILL_Q_METRIC},
    {"params", MILL_Q_PARAM},
    {"tags", MILL_Q_TAG},
};

static const struct entity_name eval_dataset_entities[] = {
    {"tags", MILL_Q_TAG},
};

/* Metadata is to a trace what params are to a run. */
static const struct entity_name trace_entities[] = {
    {"tags", MILL_Q_TAG},
    {"tag", MILL_Q_TAG},
    {"request_metadata", MILL_Q_PARAM},
    {"metadata", MILL_Q_PARAM},
    {"attributes", MILL_Q_ATTRIBUTE},
    {"attribute", MILL_Q_ATTRIBUTE},
    {"trace", MILL_Q_ATTRIBUTE},
};

static const struct mill_attribute_name run_attributes[] = {
    {"run_id", MILL_QA_RUN_ID, MILL_VALUE_TEXT, true, true},
    {"run_name", MILL_QA_RUN_NAME, MILL_VALUE_TEXT, true, true},
    {"run name", MILL_QA_RUN_NAME, MILL_VALUE_TEXT, true, false},
    {"Run name", MILL_QA_RUN_NAME, MILL_VALUE_TEXT, true, false},
    {"Run Name", MILL_QA_RUN_NAME, MILL_VALUE_TEXT, true, false},
    {"status", MILL_QA_STATUS, MILL_VALUE_TEXT, true, true},
    {"user_id", MILL_QA_USER_ID, MILL_VALUE_TEXT, true, true},
    {"artifact_uri", MILL_QA_ARTIFACT_URI, MILL_VALUE_TEXT, true, true},
    {"start_time", MILL_QA_START_TIME, MILL_VALUE_INTEGER, true, true},
    {"created", MILL_QA_START_TIME, MILL_VALUE_INTEGER, true, true},
    {"Created", MILL_QA_START_TIME, MILL_VALUE_INTEGER, true, true},
    {"end_time", MILL_QA_END_TIME, MILL_VALUE_INTEGER, true, true},
};

static const struct mill_attribute_name dataset_attributes[] = {
    {"name", MILL_QA_DATASET_NAME, MILL_VALUE_TEXT, true, false},
    {"digest", MILL_QA_DATASET_DIGEST, MILL_VALUE_TEXT, true, false},
    {"context", MILL_QA_DATASET_CONTEXT, MILL_VALUE_TEXT, true, false},
};

static const struct mill_attribute_name experiment_attributes[] = {
    {"name", MILL_QA_NAME, MILL_VALUE_TEXT, true, true},
    {"experiment_id", MILL_QA_EXPERIMENT_ID, MILL_VALUE_ID, true, true},
    {"creation_time", MILL_QA_CREATION_TIME, MILL_VALUE_INTEGER, true, true},
    {"last_update_time", MILL_QA_LAST_UPDATE_TIME, MILL_VALUE_INTEGER, true, true},
};

static const struct mill_attribute_name model_attributes[] = {
    {"name", MILL_QA_NAME, MILL_VALUE_TEXT, true, true},
    {"timestamp", MILL_QA_LAST_UPDATE_TIME, MILL_VALUE_INTEGER, false, true},
    {"last_updated_timestamp", MILL_QA_LAST_UPDATE_TIME, MILL_VALUE_INTEGER, false, true},
};

static const struct mill_attribute_name version_attributes[] = {
    {"name", MILL_QA_NAME, MILL_VALUE_TEXT, true, true},
    {"version_number", MILL_QA_VERSION, MILL_VALUE_VERSION, true, true},
    {"run_id", MILL_QA_RUN_ID, MILL_VALUE_TEXT, true, false},
    {"source_path", MILL_QA_SOURCE, MILL_VALUE_TEXT, true, false},
    {"creation_timestamp", MILL_QA_CREATION_TIME, MILL_VALUE_INTEGER, false, true},
    {"last_updated_timestamp", MILL_QA_LAST_UPDATE_TIME, MILL_VALUE_INTEGER, false, true},
};

static const struct mill_attribute_name logged_model_attributes[] = {
    {"name", MILL_QA_NAME, MILL_VALUE_TEXT, true, true},
    {"model_id", MILL_QA_MODEL_ID, MILL_VALUE_TEXT, true, true},
    {"model_type", MILL_QA_MODEL_TYPE, MILL_VALUE_TEXT, true, true},
    {"status", MILL_QA_STATUS, MILL_VALUE_TEXT, true, true},
    {"status_message", MILL_QA_STATUS_MESSAGE, MILL_VALUE_TEXT, true, true},
    {"source_run_id", MILL_QA_SOURCE_RUN_ID, MILL_VALUE_TEXT, true, true},
    {"artifact_location", MILL_QA_ARTIFACT_URI, MILL_VALUE_TEXT, true, true},
    {"artifact_uri", MILL_QA_ARTIFACT_URI, MILL_VALUE_TEXT, true, true},
    {"experiment_id", MILL_QA_EXPERIMENT_ID, MILL_VALUE_ID, true, true},
    {"creation_time", MILL_QA_CREATION_TIME, MILL_VALUE_INTEGER, true, true},
    {"creation_timestamp", MILL_QA_CREATION_TIME, MILL_VALUE_INTEGER, true, true},
    {"creation_timestamp_ms", MILL_QA_CREATION_TIME, MILL_VALUE_INTEGER, true, true},
    {"last_updated_time", MILL_QA_LAST_UPDATE_TIME, MILL_VALUE_INTEGER, true, true},
    {"last_updated_timestamp", MILL_QA_LAST_UPDATE_TIME, MILL_VALUE_INTEGER, true, true},
    {"last_updated_timestamp_ms", MILL_QA_LAST_UPDATE_TIME, MILL_VALUE_INTEGER, true, true},
};

#define LOGGED_MODEL_ATTRIBUTES                                                                \
    "name, model_id, model_type, status, status_message, source_run_id, artifact_location, "   \
    "experiment_id, creation_timestamp, last_updated_timestamp"

static const struct mill_attribute_name eval_dataset_attributes[] = {
    {"name", MILL_QA_NAME, MILL_VALUE_TEXT, true, true},
    {"created_time", MILL_QA_CREATION_TIME, MILL_VALUE_INTEGER, true, true},
    {"last_update_time", MILL_QA_LAST_UPDATE_TIME, MILL_VALUE_INTEGER, true, true},
    {"created_by", MILL_QA_CREATED_BY, MILL_VALUE_TEXT, true, false},
    {"last_updated_by", MILL_QA_LAST_UPDATED_BY, MILL_VALUE_TEXT, true, false},
};

static const struct mill_attribute_name trace_attributes[] = {
    {"request_id", MILL_QA_TRACE_ID, MILL_VALUE_TEXT, true, true},
    {"trace_id", MILL_QA_TRACE_ID, MILL_VALUE_TEXT, true, true},
    {"client_request_id", MILL_QA_CLIENT_REQUEST_ID, MILL_VALUE_TEXT, true, false},
    {"name", MILL_QA_NAME, MILL_VALUE_TEXT, true, true},
    {"run_id", MILL_QA_RUN_ID, MILL_VALUE_TEXT, true, true},
    {"status", MILL_QA_STATUS, MILL_VALUE_TEXT, true, true},
    {"timestamp", MILL_QA_START_TIME, MILL_VALUE_INTEGER, true, true},
    {"timestamp_ms", MILL_QA_START_TIME, MILL_VALUE_INTEGER, true, true},
    {"execution_time", MILL_QA_DURATION, MILL_VALUE_INTEGER, true, true},
    {"execution_time_ms", MILL_QA_DURATION, MILL_VALUE_INTEGER, true, true},
    {"end_time", MILL_QA_END_TIME, MILL_VALUE_INTEGER, true, true},
    {"end_time_ms", MILL_QA_END_TIME, MILL_VALUE_INTEGER, true, true},
    {"experiment_id", MILL_QA_EXPERIMENT_ID, MILL_VALUE_ID, true, true},
};

#define TRACE_ATTRIBUTES                                                                       \
    "trace_id, client_request_id, name, run_id, status, timestamp_ms, execution_time_ms, "     \
    "end_time_ms"

/* Everything about a subject in one row. */
static const struct {
    const char *noun;
    const struct entity_name *entities;
    size_t entity_count;
    const char *entity_list;
    const struct mill_attribute_name *attributes;
    size_t attribute_count;
    const char *filter_list, *order_list;
} subjects[] = {
    [MILL_QUERY_RUNS] =
        {"runs", run_entities, MILL_COUNT(run_entities),
         "metrics, params, tags, attributes and datasets", run_attributes,
         MILL_COUNT(run_attributes),
         "run_id, run_name, status, user_id, artifact_uri, start_time, end_time",
         "run_id, run_name, status, user_id, artifact_uri, start_time, "
         "end_time"},
    [MILL_QUERY_EXPERIMENTS] = {"experiments", experiment_entities,
                                MILL_COUNT(experiment_entities), "attribute and tags",
                                experiment_attributes, MILL_COUNT(experiment_attributes),
                                "name, experiment_id, creation_time, last_update_time",
                                "name, experiment_id, creation_time, last_update_time"},
    [MILL_QUERY_MODELS] = {"registered models", registry_entities,
                           MILL_COUNT(registry_entities), "attribute and tags",
                           model_attributes, MILL_COUNT(model_attributes), "name",
                           "name, last_updated_timestamp"},
    [MILL_QUERY_MODEL_VERSIONS] = {"model versions", registry_entities,
                                   MILL_COUNT(registry_entities), "attribute and tags",
                                   version_attributes, MILL_COUNT(version_attributes),
                                   "name, version_number, run_id, source_path, tags.KEY",
                                   "name, version_number, creation_timestamp, "
                                   "last_updated_timestamp"},
    [MILL_QUERY_LOGGED_MODELS] = {"logged models", logged_model_entities,
                                  MILL_COUNT(logged_model_entities),
                                  "attributes, metrics, params and tags",
                                  logged_model_attributes, MILL_COUNT(logged_model_attributes),
                                  LOGGED_MODEL_ATTRIBUTES,
                                  LOGGED_MODEL_ATTRIBUTES " or metrics.KEY"},
    [MILL_QUERY_EVAL_DATASETS] =
        {"evaluation datasets", eval_dataset_entities, MILL_COUNT(eval_dataset_entities),
         "tags", eval_dataset_attributes, MILL_COUNT(eval_dataset_attributes),
         "name, created_time, last_update_time, created_by, last_updated_by",
         "name, created_time, last_update_time"},
    [MILL_QUERY_TRACES] = {"traces", trace_entities, MILL_COUNT(trace_entities),
                           "attributes, tags and metadata", trace_attributes,
                           MILL_COUNT(trace_attributes), TRACE_ATTRIBUTES, TRACE_ATTRIBUTES},
};

const char *mill_subject_noun(enum mill_query_subject subject)
{
    return subjects[subject].noun;
}

bool mill_entity_find(enum mill_query_subject subject, struct mill_view name,
                      enum mill_query_entity *out)
{
    for (size_t i = 0; i < subjects[subject].entity_count; i++) {
        const struct entity_name *row = &subjects[subject].entities[i];
        if (mill_view_eq(mill_view_of(row->name), name)) {
            *out = row->entity;
            return true;
        }
    }
    return false;
}

const struct mill_attribute_name *mill_attribute_find(enum mill_query_subject subject,
                                                      enum mill_query_entity entity,
                                                      struct mill_view name)
{
    const struct mill_attribute_name *rows = subjects[subject].attributes;
    size_t count = subjects[subject].attribute_count;
    if (entity == MILL_Q_DATASET) {
        rows = dataset_attributes;
        count = MILL_COUNT(dataset_attributes);
    }
    for (size_t i = 0; i < count; i++)
        if (mill_view_eq(mill_view_of(rows[i].name), name))
            return &rows[i];
    return NULL;
}

const char *mill_entity_list(enum mill_query_subject subject)
{
    return subjects[subject].entity_list;
}

const char *mill_attribute_list(enum mill_query_subject subject, enum mill_query_entity entity,
                                bool order)
{
    if (entity == MILL_Q_DATASET)
        return "name, digest, context";
    return order ? subjects[subject].order_list : subjects[subject].filter_list;
}

#define BIT(op) (1u << (op))
#define EVERYWHERE                                                                             \
    (BIT(MILL_OP_EQ) | BIT(MILL_OP_NE) | BIT(MILL_OP_IN) | BIT(MILL_OP_NOT_IN) |               \
     BIT(MILL_OP_BETWEEN) | BIT(MILL_OP_IS_NULL) | BIT(MILL_OP_IS_NOT_NULL))
#define ORDERED     (BIT(MILL_OP_LT) | BIT(MILL_OP_LE) | BIT(MILL_OP_GT) | BIT(MILL_OP_GE))
#define SHARED_LIST "IN, NOT IN, BETWEEN, IS NULL and IS NOT NULL"

static const struct {
    unsigned allowed;
    const char *list;
} operators[] = {
    [MILL_VALUE_TEXT] = {EVERYWHERE | BIT(MILL_OP_LIKE) | BIT(MILL_OP_ILIKE),
                         "=, !=, LIKE, ILIKE, " SHARED_LIST},
    [MILL_VALUE_NUMBER] = {EVERYWHERE | ORDERED, "=, !=, <, <=, >, >=, " SHARED_LIST},
    [MILL_VALUE_INTEGER] = {EVERYWHERE | ORDERED, "=, !=, <, <=, >, >=, " SHARED_LIST},
    [MILL_VALUE_ID] = {EVERYWHERE, "=, !=, " SHARED_LIST},
    [MILL_VALUE_VERSION] = {EVERYWHERE | ORDERED, "=, !=, <, <=, >, >=, " SHARED_LIST},
};

bool mill_operator_allowed(enum mill_value_type type, enum mill_query_op op)
{
    return (operators[type].allowed & BIT(op)) != 0;
}

const char *mill_operator_list(enum mill_value_type type)
{
    return operators[type].list;
}
