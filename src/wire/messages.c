/* messages.c - the tables of all messages: entities here, requests and responses from
 * messages.def. */
#include "wire/messages.h"

#include "model/limits.h"
#include "model/webhook.h"

/* --- enums ------------------------------------------------------------------------------ */

const struct mill_enum_name mill_run_status_names[] = {
    {MILL_RUN_RUNNING, "RUNNING"},   {MILL_RUN_SCHEDULED, "SCHEDULED"},
    {MILL_RUN_FINISHED, "FINISHED"}, {MILL_RUN_FAILED, "FAILED"},
    {MILL_RUN_KILLED, "KILLED"},     {0, NULL},
};

const struct mill_enum_name mill_view_type_names[] = {
    {MILL_VIEW_ACTIVE_ONLY, "ACTIVE_ONLY"},
    {MILL_VIEW_DELETED_ONLY, "DELETED_ONLY"},
    {MILL_VIEW_ALL, "ALL"},
    {0, NULL},
};

const struct mill_enum_name mill_lifecycle_names[] = {
    {MILL_ACTIVE, "active"},
    {MILL_DELETED, "deleted"},
    {0, NULL},
};

const struct mill_enum_name mill_stage_names[] = {
    {MILL_STAGE_NONE, "None"},
    {MILL_STAGE_STAGING, "Staging"},
    {MILL_STAGE_PRODUCTION, "Production"},
    {MILL_STAGE_ARCHIVED, "Archived"},
    {0, NULL},
};

const struct mill_enum_name mill_version_status_names[] = {
    {MILL_VERSION_PENDING, "PENDING_REGISTRATION"},
    {MILL_VERSION_FAILED, "FAILED_REGISTRATION"},
    {MILL_VERSION_READY, "READY"},
    {0, NULL},
};

const struct mill_enum_name mill_webhook_status_names[] = {
    {MILL_WEBHOOK_ACTIVE, "ACTIVE"},
    {MILL_WEBHOOK_DISABLED, "DISABLED"},
    {0, NULL},
};

const struct mill_enum_name mill_webhook_entity_names[] = {
    {1, "REGISTERED_MODEL"},
    {2, "MODEL_VERSION"},
    {3, "MODEL_VERSION_TAG"},
    {4, "MODEL_VERSION_ALIAS"},
    {5, "PROMPT"},
    {6, "PROMPT_VERSION"},
    {7, "PROMPT_TAG"},
    {8, "PROMPT_VERSION_TAG"},
    {9, "PROMPT_ALIAS"},
    {10, "BUDGET_POLICY"},
    {0, NULL},
};

const struct mill_enum_name mill_webhook_action_names[] = {
    {1, "CREATED"}, {2, "UPDATED"}, {3, "DELETED"}, {4, "SET"}, {5, "EXCEEDED"}, {0, NULL},
};

const struct mill_enum_name mill_logged_model_status_names[] = {
    {MILL_LOGGED_MODEL_PENDING, "LOGGED_MODEL_PENDING"},
    {MILL_LOGGED_MODEL_READY, "LOGGED_MODEL_READY"},
    {MILL_LOGGED_MODEL_UPLOAD_FAILED, "LOGGED_MODEL_UPLOAD_FAILED"},
    {0, NULL},
};

/* An enum's names and how a message about a wrong one lists them. */
#define RUN_STATUSES                                                                           \
    .names = mill_run_status_names,                                                            \
    .text = "one of \"RUNNING\", \"SCHEDULED\", \"FINISHED\", \"FAILED\", \"KILLED\""
#define VIEW_TYPES                                                                             \
    .names = mill_view_type_names, .text = "one of \"ACTIVE_ONLY\", \"DELETED_ONLY\", \"ALL\""
#define LOGGED_MODEL_STATUSES                                                                  \
    .names = mill_logged_model_status_names,                                                   \
    .text = "one of \"LOGGED_MODEL_PENDING\", \"LOGGED_MODEL_READY\", "                        \
            "\"LOGGED_MODEL_UPLOAD_FAILED\""
#define LIFECYCLES .names = mill_lifecycle_names, .text = "one of \"active\", \"deleted\""
#define STAGES                                                                                 \
    .names = mill_stage_names,                                                                 \
    .text = "one of \"None\", \"Staging\", \"Production\", \"Archived\""
#define VERSION_STATUSES                                                                       \
    .names = mill_version_status_names,                                                        \
    .text = "one of \"PENDING_REGISTRATION\", \"FAILED_REGISTRATION\", \"READY\""
#define WEBHOOK_STATUSES                                                                       \
    .names = mill_webhook_status_names, .text = "one of \"ACTIVE\", \"DISABLED\""
#define WEBHOOK_ENTITIES                                                                       \
    .names = mill_webhook_entity_names, .text = "an entity such as \"REGISTERED_MODEL\""
#define WEBHOOK_ACTIONS                                                                        \
    .names = mill_webhook_action_names,                                                        \
    .text = "one of \"CREATED\", \"UPDATED\", \"DELETED\", \"SET\", \"EXCEEDED\""

/* --- rows ------------------------------------------------------------------------------- */

#define REQUIRED   MILL_FIELD_REQUIRED
#define ALWAYS     MILL_FIELD_ALWAYS
#define INLINE     MILL_FIELD_INLINE
#define NO_DEFAULT MILL_ABSENT

/* What every row says: its name and where it lies in STRUCT, that of the table. */
#define ROW(field_name, member, field_type, field_flags, field_doc)                            \
    .name = field_name, .name_len = sizeof(field_name) - 1,                                    \
    .prefix = "\"" field_name "\":", .type = field_type, .flags = (field_flags),               \
    .offset = offsetof(STRUCT, member), .doc = field_doc

#define TEXT(name, member, flags, doc)                                                         \
    {                                                                                          \
        ROW(name, member, MILL_F_STRING, flags, doc)                                           \
    }
#define NUMBER(name, member, type, flags, number, doc)                                         \
    {                                                                                          \
        ROW(name, member, type, flags, doc), .default_number = (number)                        \
    }
#define LIST(name, member, counter, flags, table, doc)                                         \
    {                                                                                          \
        ROW(name, member, MILL_F_MESSAGE, (flags) | MILL_FIELD_REPEATED, doc),                 \
            .count_offset = offsetof(STRUCT, counter), .message = &mill_##table##_message      \
    }
/* A sub-struct, or more fields of the same struct, as an object of their own. */
#define PART(name, member, flags, table, doc)                                                  \
    {                                                                                          \
        ROW(name, member, MILL_F_MESSAGE, flags, doc), .message = &mill_##table##_message      \
    }
#define NAMED(name, member, flags, values, doc)                                                \
    {                                                                                          \
        ROW(name, member, MILL_F_ENUM, flags, doc), values                                     \
    }

#define TABLE(ident, wire_name, wire_doc)                                                      \
    const struct mill_message mill_##ident##_message = {.name = wire_name,                     \
                                                        .size = sizeof(STRUCT),                \
                                                        .fields = ident##_fields,              \
                                                        .field_count =                         \
                                                            MILL_COUNT(ident##_fields),        \
                                                        .doc = wire_doc}

/* --- entities --------------------------------------------------------------------------- */

#define STRUCT struct mill_tag
static const struct mill_field tag_fields[] = {
    TEXT("key", key, 0, "Its name."),
    TEXT("value", value, ALWAYS, "Its text."),
};
TABLE(tag, "Tag", "A key and its text.");
#undef STRUCT

#define STRUCT struct mill_param
static const struct mill_field param_fields[] = {
    TEXT("key", key, 0, "Its name."),
    TEXT("value", value, ALWAYS, "Its text."),
};
TABLE(param, "Param", "An input of a run, written once.");
#undef STRUCT

#define STRUCT struct mill_metric_link
static const struct mill_field metric_link_fields[] = {
    TEXT("dataset_name", dataset_name, 0, "The dataset that it was measured on."),
    TEXT("dataset_digest", dataset_digest, 0, "The dataset's digest."),
    TEXT("model_id", model_id, 0, "The logged model that was measured."),
};
static TABLE(metric_link, "MetricLink", "What a point was measured on.");
#undef STRUCT

#define STRUCT struct mill_metric
static const struct mill_field metric_fields[] = {
    TEXT("key", key, REQUIRED, "Its name."),
    NUMBER("value", value, MILL_F_DOUBLE, REQUIRED, 0,
           "A number; also \"NaN\", \"Infinity\", \"-Infinity\"."),
    NUMBER("timestamp", timestamp, MILL_F_INT64, REQUIRED, NO_DEFAULT,
           "Milliseconds since 1970."),
    NUMBER("step", step, MILL_F_INT64, 0, 0, "Where in training; may be negative."),
    PART("", link, MILL_FIELD_POINTER | MILL_FIELD_INLINE, metric_link, ""),
};
TABLE(metric, "Metric", "One point of a metric.");
#undef STRUCT

#define STRUCT struct mill_experiment
static const struct mill_field experiment_fields[] = {
    NUMBER("experiment_id", experiment_id, MILL_F_ID, 0, NO_DEFAULT, "Its id."),
    TEXT("name", name, 0, "Its name."),
    TEXT("artifact_location", artifact_location, 0, "Where files of its runs are kept."),
    NAMED("lifecycle_stage", lifecycle_stage, 0, LIFECYCLES, "Whether it is in the bin."),
    NUMBER("last_update_time", last_update_time, MILL_F_INT64, 0, NO_DEFAULT,
           "Milliseconds since 1970."),
    NUMBER("creation_time", creation_time, MILL_F_INT64, 0, NO_DEFAULT,
           "Milliseconds since 1970."),
    LIST("tags", tags, tag_count, 0, tag, "Its tags."),
    {ROW("workspace", name, MILL_F_CONSTANT, 0, "Where it belongs; there is only one."),
     .text = "default"},
};
TABLE(experiment, "Experiment", "A group of runs.");
#undef STRUCT

#define STRUCT struct mill_run_info
static const struct mill_field run_info_fields[] = {
    TEXT("run_uuid", run_id, 0, "Old name of run_id."),
    NUMBER("experiment_id", experiment_id, MILL_F_ID, 0, NO_DEFAULT, "Its experiment."),
    TEXT("run_name", run_name, 0, "Its name."),
    TEXT("user_id", user_id, ALWAYS, "Who made it."),
    NAMED("status", status, 0, RUN_STATUSES, "Its state."),
    NUMBER("start_time", start_time, MILL_F_INT64, 0, NO_DEFAULT, "Milliseconds since 1970."),
    NUMBER("end_time", end_time, MILL_F_INT64, 0, NO_DEFAULT,
           "Milliseconds since 1970; absent while it is running."),
    TEXT("artifact_uri", artifact_uri, 0, "Where its files are."),
    NAMED("lifecycle_stage", lifecycle_stage, 0, LIFECYCLES, "Whether it is in the bin."),
    TEXT("run_id", run_id, 0, "Its id, 32 hex digits."),
};
TABLE(run_info, "RunInfo", "A run without its data.");
#undef STRUCT

#define STRUCT struct mill_dataset
static const struct mill_field dataset_fields[] = {
    TEXT("name", name, REQUIRED, "Its name."),
    TEXT("digest", digest, REQUIRED, "A short hash of its content."),
    TEXT("source_type", source_type, 0, "What kind of place it came from."),
    TEXT("source", source, 0, "Where it came from, JSON as text."),
    TEXT("schema", schema, 0, "Its columns, JSON as text."),
    TEXT("profile", profile, 0, "Figures about it, JSON as text."),
};
static TABLE(dataset, "Dataset", "Data that runs read.");
#undef STRUCT

#define STRUCT struct mill_dataset_input
static const struct mill_field dataset_input_fields[] = {
    LIST("tags", tags, tag_count, 0, tag, "About this use of it."),
    PART("dataset", dataset, REQUIRED, dataset, "The dataset."),
};
TABLE(dataset_input, "DatasetInput", "A dataset that a run read.");
#undef STRUCT

#define STRUCT struct mill_model_input
static const struct mill_field model_input_fields[] = {
    TEXT("model_id", model_id, REQUIRED, "The logged model's id."),
};
TABLE(model_input, "ModelInput", "A logged model that a run read.");
#undef STRUCT

#define STRUCT struct mill_model_output
static const struct mill_field model_output_fields[] = {
    TEXT("model_id", model_id, REQUIRED, "The logged model's id."),
    NUMBER("step", step, MILL_F_INT64, 0, 0, "When in training it was made."),
};
TABLE(model_output, "ModelOutput", "A logged model that a run made.");
#undef STRUCT

#define STRUCT struct mill_file_info
static const struct mill_field file_info_fields[] = {
    TEXT("path", path, 0, "Relative to the root that was asked about."),
    NUMBER("is_dir", is_dir, MILL_F_BOOL, 0, 0, "Whether it is a directory."),
    NUMBER("file_size", file_size, MILL_F_INT64, 0, NO_DEFAULT,
           "Bytes; absent for a directory."),
};
TABLE(file_info, "FileInfo", "A file or directory.");
#undef STRUCT

/* A run is one struct that is written as several objects. */
#define STRUCT struct mill_run
static const struct mill_field run_data_fields[] = {
    LIST("metrics", metrics, metric_count, 0, metric, "The latest point of each metric."),
    LIST("params", params, param_count, 0, param, "Its params."),
    LIST("tags", tags, tag_count, 0, tag, "Its tags."),
};
static TABLE(run_data, "RunData", "What a run logged.");

static const struct mill_field run_inputs_fields[] = {
    LIST("dataset_inputs", dataset_inputs, dataset_input_count, 0, dataset_input, "Datasets."),
    LIST("model_inputs", model_inputs, model_input_count, 0, model_input, "Logged models."),
};
static TABLE(run_inputs, "RunInputs", "What a run read.");

static const struct mill_field run_outputs_fields[] = {
    LIST("model_outputs", model_outputs, model_output_count, 0, model_output, "Logged models."),
};
static TABLE(run_outputs, "RunOutputs", "What a run made.");

static const struct mill_field created_run_fields[] = {
    PART("info", info, ALWAYS, run_info, "The run without its data."),
    PART("data", info, ALWAYS, run_data, "What it logged."),
    PART("inputs", info, ALWAYS, run_inputs, "What it read."),
};
TABLE(created_run, "CreatedRun", "A run that was just made.");

static const struct mill_field run_fields[] = {
    PART("info", info, ALWAYS, run_info, "The run without its data."),
    PART("data", info, ALWAYS, run_data, "What it logged."),
    PART("inputs", info, ALWAYS, run_inputs, "What it read."),
    PART("outputs", info, ALWAYS, run_outputs, "What it made."),
};
TABLE(run, "Run", "A run with everything but the history of its metrics.");
#undef STRUCT

#define STRUCT struct mill_logged_model_metric
static const struct mill_field logged_model_metric_fields[] = {
    TEXT("key", key, 0, "Its name."),
    NUMBER("value", value, MILL_F_DOUBLE, 0, 0, "The value."),
    NUMBER("timestamp", timestamp, MILL_F_INT64, 0, NO_DEFAULT, "Milliseconds since 1970."),
    NUMBER("step", step, MILL_F_INT64, 0, NO_DEFAULT, "Where in training."),
    TEXT("dataset_name", dataset_name, 0, "The dataset that it was measured on."),
    TEXT("dataset_digest", dataset_digest, 0, "The dataset's digest."),
    TEXT("model_id", model_id, 0, "The model that was measured."),
    TEXT("run_id", run_id, 0, "The run that measured it."),
};
static TABLE(logged_model_metric, "LoggedModelMetric", "A point measured on a logged model.");
#undef STRUCT

/* A logged model is one struct that is written as two objects. */
#define STRUCT struct mill_logged_model
static const struct mill_field logged_model_info_fields[] = {
    TEXT("model_id", model_id, 0, "Its id, \"m-\" and 32 hex digits."),
    NUMBER("experiment_id", experiment_id, MILL_F_ID, 0, NO_DEFAULT, "Its experiment."),
    TEXT("name", name, 0, "Its name."),
    NUMBER("creation_timestamp_ms", creation_time, MILL_F_INT64, 0, NO_DEFAULT,
           "Milliseconds since 1970."),
    NUMBER("last_updated_timestamp_ms", last_update_time, MILL_F_INT64, 0, NO_DEFAULT,
           "Milliseconds since 1970."),
    TEXT("artifact_uri", artifact_uri, 0, "Where its files are."),
    NAMED("status", status, 0, LOGGED_MODEL_STATUSES, "Whether its files are there."),
    TEXT("model_type", model_type, ALWAYS, "What kind of model it is."),
    TEXT("source_run_id", source_run_id, ALWAYS, "The run that made it."),
    TEXT("status_message", status_message, 0, "More about its state."),
    LIST("tags", tags, tag_count, 0, tag, "Its tags."),
};
static TABLE(logged_model_info, "LoggedModelInfo", "A logged model without its data.");

static const struct mill_field logged_model_data_fields[] = {
    LIST("params", params, param_count, 0, param, "Its params."),
    LIST("metrics", metrics, metric_count, 0, logged_model_metric, "What was measured on it."),
};
static TABLE(logged_model_data, "LoggedModelData", "What a logged model was made with.");

static const struct mill_field logged_model_fields[] = {
    PART("info", model_id, ALWAYS, logged_model_info, "The model without its data."),
    PART("data", model_id, ALWAYS, logged_model_data, "What it was made with."),
};
TABLE(logged_model, "LoggedModel", "A model that a run stored.");
#undef STRUCT

/* The parts above begin where the whole begins. */
_Static_assert(offsetof(struct mill_logged_model, model_id) == 0, "model_id is not the first");

_Static_assert(offsetof(struct mill_run, info) == 0, "info is not the beginning of a run");

#define STRUCT struct mill_model_alias
static const struct mill_field model_alias_fields[] = {
    TEXT("alias", alias, 0, "The alias."),
    NUMBER("version", version, MILL_F_ID, 0, NO_DEFAULT, "The version that it means."),
};
static TABLE(model_alias, "RegisteredModelAlias", "A name for a version.");
#undef STRUCT

#define STRUCT struct mill_model_version
static const struct mill_field model_version_fields[] = {
    TEXT("name", name, 0, "Name of its registered model."),
    NUMBER("version", version, MILL_F_ID, 0, NO_DEFAULT, "Its number."),
    NUMBER("creation_timestamp", creation_timestamp, MILL_F_INT64, 0, NO_DEFAULT,
           "Milliseconds since 1970."),
    NUMBER("last_updated_timestamp", last_updated_timestamp, MILL_F_INT64, 0, NO_DEFAULT,
           "Milliseconds since 1970."),
    TEXT("user_id", user_id, 0, "Who made it."),
    NAMED("current_stage", current_stage, 0, STAGES, "Its stage."),
    TEXT("description", description, 0, "What it is."),
    TEXT("source", source, 0, "Where its files came from."),
    TEXT("run_id", run_id, 0, "The run that made it."),
    NAMED("status", status, 0, VERSION_STATUSES, "Whether it can be used."),
    TEXT("status_message", status_message, 0, "Why not."),
    LIST("tags", tags, tag_count, 0, tag, "Its tags."),
    TEXT("run_link", run_link, 0, "Where the run can be seen."),
    {ROW("aliases", aliases, MILL_F_STRING, MILL_FIELD_REPEATED, "Its names."),
     .count_offset = offsetof(STRUCT, alias_count)},
};
TABLE(model_version, "ModelVersion", "A version of a registered model.");
#undef STRUCT

#define STRUCT struct mill_registered_model
static const struct mill_field registered_model_fields[] = {
    TEXT("name", name, 0, "Its name."),
    NUMBER("creation_timestamp", creation_timestamp, MILL_F_INT64, 0, NO_DEFAULT,
           "Milliseconds since 1970."),
    NUMBER("last_updated_timestamp", last_updated_timestamp, MILL_F_INT64, 0, NO_DEFAULT,
           "Milliseconds since 1970."),
    TEXT("description", description, 0, "What it is."),
    LIST("latest_versions", latest_versions, latest_version_count, 0, model_version,
         "The highest version of each stage."),
    LIST("tags", tags, tag_count, 0, tag, "Its tags."),
    LIST("aliases", aliases, alias_count, 0, model_alias, "Names for its versions."),
};
TABLE(registered_model, "RegisteredModel", "A model with numbered versions.");
#undef STRUCT

/* --- requests and responses ------------------------------------------------------------- */

#define STRING(field, flags, doc) {ROW(#field, field, MILL_F_STRING, flags, doc)},
#define JSON(field, flags, doc)   {ROW(#field, field, MILL_F_JSON, flags, doc)},
#define DOUBLE(field, flags, doc) {ROW(#field, field, MILL_F_DOUBLE, flags, doc)},
#define INT64(field, flags, number, doc)                                                       \
    NUMBER(#field, field, MILL_F_INT64, flags, number, doc),
#define INT32(field, flags, number, doc)                                                       \
    NUMBER(#field, field, MILL_F_INT32, flags, number, doc),
#define ID(field, flags, number, doc)   NUMBER(#field, field, MILL_F_ID, flags, number, doc),
#define BOOL(field, flags, number, doc) NUMBER(#field, field, MILL_F_BOOL, flags, number, doc),
#define ENUM(field, flags, number, values, doc)                                                \
    {ROW(#field, field, MILL_F_ENUM, flags, doc), .default_number = (number), values},
#define MAP(field, flags, doc)                                                                 \
    {ROW(#field, field, MILL_F_MAP, flags, doc),                                               \
     .count_offset = offsetof(STRUCT, field##_count)},
#define SCALARS(field, kind, flags, max, doc)                                                  \
    {ROW(#field, field, kind, (flags) | MILL_FIELD_REPEATED, doc),                             \
     .count_offset = offsetof(STRUCT, field##_count), .max_items = (max)},
#define STRINGS(field, flags, max, doc) SCALARS(field, MILL_F_STRING, flags, max, doc)
#define IDS(field, flags, max, doc)     SCALARS(field, MILL_F_ID, flags, max, doc)
#define ONE(field, flags, ident, doc)   ONE_AS(field, flags, ident, ident, doc)
#define ONE_AS(field, flags, ident, table, doc)                                                \
    PART(#field, field, (flags) | MILL_FIELD_POINTER, table, doc),
#define MANY(field, flags, max, ident, doc)                                                    \
    {ROW(#field, field, MILL_F_MESSAGE, (flags) | MILL_FIELD_REPEATED, doc),                   \
     .count_offset = offsetof(STRUCT, field##_count), .message = &mill_##ident##_message,      \
     .max_items = (max)},
#define REFS(field, flags, ident, doc)                                                         \
    {ROW(#field, field, MILL_F_MESSAGE, (flags) | MILL_FIELD_REPEATED | MILL_FIELD_POINTER,    \
         doc),                                                                                 \
     .count_offset = offsetof(STRUCT, field##_count), .message = &mill_##ident##_message},
#define MESSAGE(wire_name, wire_doc)                                                           \
    static const char MILL_JOIN(, OF, _name)[] = wire_name;                                    \
    static const char MILL_JOIN(, OF, _doc)[] = wire_doc;                                      \
    static const struct mill_field MILL_JOIN(, OF, _fields)[] = {
#define END                                                                                    \
    }                                                                                          \
    ;                                                                                          \
    const struct mill_message MILL_JOIN(mill_, OF, _message) = {                               \
        .name = MILL_JOIN(, OF, _name),                                                        \
        .size = sizeof(STRUCT),                                                                \
        .fields = MILL_JOIN(, OF, _fields),                                                    \
        .field_count = MILL_COUNT(MILL_JOIN(, OF, _fields)),                                   \
        .doc = MILL_JOIN(, OF, _doc)};
#define STRUCT struct MILL_JOIN(mill_, OF, )

#include "wire/messages.def"

/* --- all of them ------------------------------------------------------------------------ */

#define MESSAGE(wire_name, doc) &MILL_JOIN(mill_, OF, _message),
#define STRING(field, flags, doc)
#define INT64(field, flags, number, doc)
#define INT32(field, flags, number, doc)
#define ID(field, flags, number, doc)
#define DOUBLE(field, flags, doc)
#define BOOL(field, flags, number, doc)
#define ENUM(field, flags, number, values, doc)
#define JSON(field, flags, doc)
#define MAP(field, flags, doc)
#define STRINGS(field, flags, max, doc)
#define IDS(field, flags, max, doc)
#define ONE(field, flags, ident, doc)
#define ONE_AS(field, flags, ident, table, doc)
#define MANY(field, flags, max, ident, doc)
#define REFS(field, flags, ident, doc)
#define END

const struct mill_message *const *mill_messages(size_t *count_out)
{
    static const struct mill_message *const all[] = {
        &mill_experiment_message,    &mill_tag_message,
        &mill_param_message,         &mill_metric_message,
        &mill_run_info_message,      &mill_run_message,
        &mill_created_run_message,   &mill_dataset_input_message,
        &mill_model_input_message,   &mill_model_output_message,
        &mill_file_info_message,     &mill_registered_model_message,
        &mill_model_version_message, &mill_logged_model_message,
#include "wire/messages.def"
    };
    *count_out = MILL_COUNT(all);
    return all;
}
