/* entity_tables.c - the entities: their attributes, in the order of the constructors'
 * arguments, and where each is in the library's structs. */
#include <stddef.h>

#include "entity.h"

/* --- names of enums ---------------------------------------------------------------------- */

static const char *run_status_name(int value)
{
    return mill_run_status_name((enum mill_run_status)value);
}

static const char *lifecycle_name(int value)
{
    return mill_lifecycle_name((enum mill_lifecycle)value);
}

static const char *stage_name(int value)
{
    return mill_stage_name((enum mill_stage)value);
}

static const char *version_status_name(int value)
{
    return mill_version_status_name((enum mill_version_status)value);
}

static const char *logged_model_status_name(int value)
{
    return value == 0 ? "UNSPECIFIED"
                      : mill_logged_model_status_name((enum mill_logged_model_status)value);
}

/* --- rows -------------------------------------------------------------------------------- */

#define ROW(field_name, text, field_kind, type, member)                                        \
    .name = field_name, .doc = text, .kind = field_kind, .offset = offsetof(struct type, member)
#define ARRAY(field_name, text, field_kind, type, member, count)                               \
    ROW(field_name, text, field_kind, type, member),                                           \
        .count_offset = offsetof(struct type, count), .optional = true
#define GIVEN(field_name, text)                                                                \
    .name = field_name, .doc = text, .kind = PYMILL_GIVEN, .optional = true

static const struct pymill_field experiment[] = {
    {ROW("experiment_id", "Its id: str.", PYMILL_ID, mill_experiment, experiment_id)},
    {ROW("name", "Its name, which no other experiment has: str.", PYMILL_TEXT, mill_experiment,
         name)},
    {ROW("artifact_location", "URI below which its runs keep their files: str.", PYMILL_TEXT,
         mill_experiment, artifact_location)},
    {ROW("lifecycle_stage", "'active' or 'deleted'.", PYMILL_NAMED, mill_experiment,
         lifecycle_stage),
     .name_of = lifecycle_name},
    {ARRAY("tags", "Its tags: dict of str.", PYMILL_TAGS, mill_experiment, tags, tag_count)},
    {ROW("creation_time", "When it was made, in milliseconds since 1970, or None.",
         PYMILL_NUMBER, mill_experiment, creation_time),
     .optional = true},
    {ROW("last_update_time", "When it was last changed, in milliseconds since 1970, or None.",
         PYMILL_NUMBER, mill_experiment, last_update_time),
     .optional = true},
    {GIVEN("workspace", "The workspace that it is in: str."), .otherwise = "default"},
    {GIVEN("trace_location", "Where its traces are kept: always None.")},
    {GIVEN("effective_trace_archival_retention", "How long traces are kept: always None.")},
};

#define PAIR(type)                                                                             \
    {ROW("key", "Its key: str.", PYMILL_TEXT, type, key)},                                     \
    {                                                                                          \
        ROW("value", "Its value: str.", PYMILL_TEXT, type, value)                              \
    }

static const struct pymill_field tag[] = {PAIR(mill_tag)};
static const struct pymill_field param[] = {PAIR(mill_param)};

static const struct pymill_field run_info[] = {
    {ROW("run_id", "Its id: str.", PYMILL_TEXT, mill_run_info, run_id)},
    {ROW("experiment_id", "Id of the experiment that it is in: str.", PYMILL_ID, mill_run_info,
         experiment_id)},
    {ROW("user_id", "Who ran it: str.", PYMILL_TEXT, mill_run_info, user_id)},
    {ROW("status", "'RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED' or 'KILLED'.", PYMILL_NAMED,
         mill_run_info, status),
     .name_of = run_status_name},
    {ROW("start_time", "When it began, in milliseconds since 1970.", PYMILL_NUMBER,
         mill_run_info, start_time)},
    {ROW("end_time", "When it ended, in milliseconds since 1970, or None.", PYMILL_NUMBER,
         mill_run_info, end_time)},
    {ROW("lifecycle_stage", "'active' or 'deleted'.", PYMILL_NAMED, mill_run_info,
         lifecycle_stage),
     .name_of = lifecycle_name},
    {ROW("artifact_uri", "URI below which its files are: str.", PYMILL_TEXT, mill_run_info,
         artifact_uri),
     .optional = true},
    {ROW("run_name", "Its name: str.", PYMILL_TEXT, mill_run_info, run_name), .optional = true},
};

static const struct pymill_field run_data[] = {
    {ARRAY("metrics", "Latest value of each metric: dict of float.", PYMILL_POINTS, mill_run,
           metrics, metric_count)},
    {ARRAY("params", "Its params: dict of str.", PYMILL_PARAMS, mill_run, params, param_count)},
    {ARRAY("tags", "Its tags: dict of str.", PYMILL_TAGS, mill_run, tags, tag_count)},
};

static const struct pymill_field dataset[] = {
    {ROW("name", "Its name: str.", PYMILL_TEXT, mill_dataset, name)},
    {ROW("digest", "What tells its versions apart: str.", PYMILL_TEXT, mill_dataset, digest)},
    {ROW("source_type", "What kind of source it has: str.", PYMILL_TEXT, mill_dataset,
         source_type)},
    {ROW("source", "Where it comes from: str.", PYMILL_TEXT, mill_dataset, source)},
    {ROW("schema", "Its schema, or None: str.", PYMILL_TEXT, mill_dataset, schema),
     .optional = true},
    {ROW("profile", "Summary of its content, or None: str.", PYMILL_TEXT, mill_dataset,
         profile),
     .optional = true},
};

static const struct pymill_field dataset_input[] = {
    {ROW("dataset", "What was read: Dataset.", PYMILL_PART, mill_dataset_input, dataset),
     .part = PYMILL_DATASET},
    {ARRAY("tags", "Tags of this use of it: list of InputTag.", PYMILL_MAPPED,
           mill_dataset_input, tags, tag_count),
     .part = PYMILL_INPUT_TAG},
};

static const struct pymill_field model_input[] = {
    {ROW("model_id", "Id of the logged model that was read: str.", PYMILL_TEXT,
         mill_model_input, model_id)},
};

static const struct pymill_field model_output[] = {
    {ROW("model_id", "Id of the logged model that was made: str.", PYMILL_TEXT,
         mill_model_output, model_id)},
    {ROW("step", "Step of the training at which it was made: int.", PYMILL_NUMBER,
         mill_model_output, step)},
};

static const struct pymill_field run_inputs[] = {
    {ARRAY("dataset_inputs", "Datasets that the run read: list of DatasetInput.", PYMILL_LIST,
           mill_run, dataset_inputs, dataset_input_count),
     .part = PYMILL_DATASET_INPUT},
    {ARRAY("model_inputs", "Logged models that the run read: list of LoggedModelInput.",
           PYMILL_LIST, mill_run, model_inputs, model_input_count),
     .part = PYMILL_LOGGED_MODEL_INPUT},
};

static const struct pymill_field run_outputs[] = {
    {ARRAY("model_outputs", "Logged models that the run made: list of LoggedModelOutput.",
           PYMILL_LIST, mill_run, model_outputs, model_output_count),
     .part = PYMILL_LOGGED_MODEL_OUTPUT},
};

/* A run's parts are views of one struct. */
static const struct pymill_field run[] = {
    {ROW("info", "What the run is: RunInfo.", PYMILL_PART, mill_run, info),
     .part = PYMILL_RUN_INFO, .argument = "run_info"},
    {.name = "data",
     .doc = "What was logged: RunData.",
     .kind = PYMILL_PART,
     .part = PYMILL_RUN_DATA,
     .argument = "run_data",
     .optional = true},
    {.name = "inputs",
     .doc = "What the run read: RunInputs.",
     .kind = PYMILL_PART,
     .part = PYMILL_RUN_INPUTS,
     .argument = "run_inputs",
     .optional = true},
    {.name = "outputs",
     .doc = "What the run made: RunOutputs.",
     .kind = PYMILL_PART,
     .part = PYMILL_RUN_OUTPUTS,
     .argument = "run_outputs",
     .optional = true},
};

static const struct pymill_field metric[] = {
    {ROW("key", "Its key: str.", PYMILL_TEXT, mill_metric, key)},
    {ROW("value", "What was measured: float.", PYMILL_REAL, mill_metric, value)},
    {ROW("timestamp", "When it was measured, in milliseconds since 1970: int.", PYMILL_NUMBER,
         mill_metric, timestamp)},
    {ROW("step", "Step of the training at which it was measured: int.", PYMILL_NUMBER,
         mill_metric, step),
     .optional = true, .otherwise = "0"},
    {GIVEN("model_id", "Id of the logged model that it was measured on, or None: str.")},
    {GIVEN("dataset_name", "Name of the dataset that it was measured on, or None: str.")},
    {GIVEN("dataset_digest", "Digest of the dataset that it was measured on, or None: str.")},
    {GIVEN("run_id", "Id of the run that logged it, or None: str.")},
};

static const struct pymill_field file_info[] = {
    {ROW("path", "Its path below the artifact root of the run: str.", PYMILL_TEXT,
         mill_file_info, path)},
    {ROW("is_dir", "Whether it is a directory: bool.", PYMILL_FLAG, mill_file_info, is_dir)},
    {ROW("file_size", "Its size in bytes, None for a directory: int.", PYMILL_NUMBER,
         mill_file_info, file_size)},
};

static const struct pymill_field model_alias[] = {
    {ROW("alias", "The alias: str.", PYMILL_TEXT, mill_model_alias, alias)},
    {ROW("version", "The version that it points at: str.", PYMILL_ID, mill_model_alias,
         version)},
};

static const struct pymill_field model_version[] = {
    {ROW("name", "Name of the model: str.", PYMILL_TEXT, mill_model_version, name)},
    {ROW("version", "Its number: str.", PYMILL_ID, mill_model_version, version)},
    {ROW("creation_timestamp", "When it was made, in milliseconds since 1970.", PYMILL_NUMBER,
         mill_model_version, creation_timestamp)},
    {ROW("last_updated_timestamp", "When it was last changed, in milliseconds since 1970.",
         PYMILL_NUMBER, mill_model_version, last_updated_timestamp),
     .optional = true},
    {ROW("description", "Its description, or None: str.", PYMILL_TEXT, mill_model_version,
         description),
     .optional = true},
    {ROW("user_id", "Who made it: str.", PYMILL_TEXT, mill_model_version, user_id),
     .optional = true},
    {ROW("current_stage", "'None', 'Staging', 'Production' or 'Archived'.", PYMILL_NAMED,
         mill_model_version, current_stage),
     .name_of = stage_name, .optional = true},
    {ROW("source", "Where its files came from: str.", PYMILL_TEXT, mill_model_version, source),
     .optional = true},
    {ROW("run_id", "Id of the run that made it: str.", PYMILL_TEXT, mill_model_version, run_id),
     .optional = true},
    {ROW("status", "'READY', 'PENDING_REGISTRATION' or 'FAILED_REGISTRATION'.", PYMILL_NAMED,
         mill_model_version, status),
     .name_of = version_status_name, .optional = true, .otherwise = "READY"},
    {ROW("status_message", "Why it is not ready, or None: str.", PYMILL_TEXT,
         mill_model_version, status_message),
     .optional = true},
    {ARRAY("tags", "Its tags: dict of str.", PYMILL_TAGS, mill_model_version, tags, tag_count)},
    {ROW("run_link", "Where the run can be seen, or None: str.", PYMILL_TEXT,
         mill_model_version, run_link),
     .optional = true},
    {ARRAY("aliases", "Aliases that point at it: list of str.", PYMILL_TEXTS,
           mill_model_version, aliases, alias_count)},
    {GIVEN("model_id", "Id of the logged model that it is, or None: str.")},
    {GIVEN("params", "Params of that logged model: always None.")},
    {GIVEN("metrics", "Metrics of that logged model: always None.")},
    {GIVEN("deployment_job_state", "State of its deployment: always None.")},
    {GIVEN("workspace", "The workspace that it is in: str."), .otherwise = "default"},
};

static const struct pymill_field registered_model[] = {
    {ROW("name", "Its name, which no other model has: str.", PYMILL_TEXT, mill_registered_model,
         name)},
    {ROW("creation_timestamp", "When it was made, in milliseconds since 1970.", PYMILL_NUMBER,
         mill_registered_model, creation_timestamp),
     .optional = true},
    {ROW("last_updated_timestamp", "When it was last changed, in milliseconds since 1970.",
         PYMILL_NUMBER, mill_registered_model, last_updated_timestamp),
     .optional = true},
    {ROW("description", "Its description, or None: str.", PYMILL_TEXT, mill_registered_model,
         description),
     .optional = true},
    {ARRAY("latest_versions", "The highest version of each stage: list of ModelVersion.",
           PYMILL_LIST, mill_registered_model, latest_versions, latest_version_count),
     .part = PYMILL_MODEL_VERSION},
    {ARRAY("tags", "Its tags: dict of str.", PYMILL_TAGS, mill_registered_model, tags,
           tag_count)},
    {ARRAY("aliases", "The version that each alias points at: dict of str.", PYMILL_ALIASES,
           mill_registered_model, aliases, alias_count)},
    {GIVEN("deployment_job_id", "Its deployment: always None.")},
    {GIVEN("deployment_job_state", "State of its deployment: always None.")},
    {GIVEN("workspace", "The workspace that it is in: str."), .otherwise = "default"},
};

/* The class of the package adds what follows from these. */
static const struct pymill_field logged_model[] = {
    {ROW("experiment_id", "Id of the experiment that it is in: str.", PYMILL_ID,
         mill_logged_model, experiment_id)},
    {ROW("model_id", "Its id: str.", PYMILL_TEXT, mill_logged_model, model_id)},
    {ROW("name", "Its name: str.", PYMILL_TEXT, mill_logged_model, name)},
    {ROW("artifact_location", "URI below which its files are: str.", PYMILL_TEXT,
         mill_logged_model, artifact_uri)},
    {ROW("creation_timestamp", "When it was made, in milliseconds since 1970.", PYMILL_NUMBER,
         mill_logged_model, creation_time)},
    {ROW("last_updated_timestamp", "When it was last changed, in milliseconds since 1970.",
         PYMILL_NUMBER, mill_logged_model, last_update_time)},
    {ROW("model_type", "What kind of model it is, or None: str.", PYMILL_TEXT,
         mill_logged_model, model_type),
     .optional = true},
    {ROW("source_run_id", "Id of the run that made it, or None: str.", PYMILL_TEXT,
         mill_logged_model, source_run_id),
     .optional = true},
    {ROW("status", "Whether its files are there: LoggedModelStatus.", PYMILL_NAMED,
         mill_logged_model, status),
     .name_of = logged_model_status_name, .optional = true, .otherwise = "READY"},
    {ROW("status_message", "More about its state, or None: str.", PYMILL_TEXT,
         mill_logged_model, status_message),
     .optional = true},
    {ARRAY("tags", "Its tags: dict of str.", PYMILL_TAGS, mill_logged_model, tags, tag_count)},
    {ARRAY("params", "Its params: dict of str.", PYMILL_PARAMS, mill_logged_model, params,
           param_count)},
    {ARRAY("metrics", "What was measured on it: list of Metric.", PYMILL_MEASURED,
           mill_logged_model, metrics, metric_count)},
};

/* --- constructors ------------------------------------------------------------------------ */

/* Of its class a constructor only knows the type, which may be a subclass: there is one for
 * each table. */
#define CONSTRUCTOR(function, id)                                                              \
    static PyObject *function(PyTypeObject *type, PyObject *args, PyObject *kwargs)            \
    {                                                                                          \
        return pymill_entity_construct(&pymill_entity_types[id], type, args, kwargs);          \
    }

CONSTRUCTOR(new_experiment, PYMILL_EXPERIMENT)
CONSTRUCTOR(new_experiment_tag, PYMILL_EXPERIMENT_TAG)
CONSTRUCTOR(new_run, PYMILL_RUN)
CONSTRUCTOR(new_run_info, PYMILL_RUN_INFO)
CONSTRUCTOR(new_run_data, PYMILL_RUN_DATA)
CONSTRUCTOR(new_run_inputs, PYMILL_RUN_INPUTS)
CONSTRUCTOR(new_run_outputs, PYMILL_RUN_OUTPUTS)
CONSTRUCTOR(new_run_tag, PYMILL_RUN_TAG)
CONSTRUCTOR(new_metric, PYMILL_METRIC)
CONSTRUCTOR(new_param, PYMILL_PARAM)
CONSTRUCTOR(new_file_info, PYMILL_FILE_INFO)
CONSTRUCTOR(new_dataset, PYMILL_DATASET)
CONSTRUCTOR(new_dataset_input, PYMILL_DATASET_INPUT)
CONSTRUCTOR(new_input_tag, PYMILL_INPUT_TAG)
CONSTRUCTOR(new_model_input, PYMILL_LOGGED_MODEL_INPUT)
CONSTRUCTOR(new_model_output, PYMILL_LOGGED_MODEL_OUTPUT)
CONSTRUCTOR(new_registered_model, PYMILL_REGISTERED_MODEL)
CONSTRUCTOR(new_registered_model_tag, PYMILL_REGISTERED_MODEL_TAG)
CONSTRUCTOR(new_registered_model_alias, PYMILL_REGISTERED_MODEL_ALIAS)
CONSTRUCTOR(new_model_version, PYMILL_MODEL_VERSION)
CONSTRUCTOR(new_model_version_tag, PYMILL_MODEL_VERSION_TAG)
CONSTRUCTOR(new_logged_model, PYMILL_LOGGED_MODEL)
CONSTRUCTOR(new_logged_model_tag, PYMILL_LOGGED_MODEL_TAG)
CONSTRUCTOR(new_logged_model_parameter, PYMILL_LOGGED_MODEL_PARAMETER)

/* --- types ------------------------------------------------------------------------------- */

#define TYPE(type_name, text, rows, type, make, equal)                                         \
    .name = "millstream.entities." type_name, .doc = text, .fields = rows,                     \
    .field_count = PYMILL_COUNT(rows), .struct_size = sizeof(struct type),                     \
    .constructor = make, .equality = equal

const struct pymill_entity_type pymill_entity_types[] = {
    [PYMILL_EXPERIMENT] = {TYPE("Experiment", "An experiment: what runs are kept in.",
                                experiment, mill_experiment, new_experiment, PYMILL_SAME),
                           .html = "of_experiment"},
    [PYMILL_EXPERIMENT_TAG] = {TYPE("ExperimentTag", "A tag of an experiment.", tag, mill_tag,
                                    new_experiment_tag, PYMILL_BY_VALUE)},
    [PYMILL_RUN] = {TYPE("Run", "A run: what it is, and what it has logged.", run, mill_run,
                         new_run, PYMILL_SAME),
                    .html = "of_run"},
    [PYMILL_RUN_INFO] = {TYPE("RunInfo", "What a run is: its id, state and times.", run_info,
                              mill_run_info, new_run_info, PYMILL_BY_VALUE),
                         .alias = "run_uuid"},
    [PYMILL_RUN_DATA] = {TYPE("RunData", "What a run has logged.", run_data, mill_run,
                              new_run_data, PYMILL_SAME)},
    [PYMILL_RUN_INPUTS] = {TYPE("RunInputs", "What a run has read.", run_inputs, mill_run,
                                new_run_inputs, PYMILL_BY_VALUE)},
    [PYMILL_RUN_OUTPUTS] = {TYPE("RunOutputs", "What a run has made.", run_outputs, mill_run,
                                 new_run_outputs, PYMILL_BY_VALUE)},
    [PYMILL_RUN_TAG] = {TYPE("RunTag", "A tag of a run.", tag, mill_tag, new_run_tag,
                             PYMILL_BY_VALUE)},
    [PYMILL_METRIC] = {TYPE("Metric", "A point of a metric.", metric, mill_metric, new_metric,
                            PYMILL_HASHED)},
    [PYMILL_PARAM] = {TYPE("Param", "An input of a run, written once.", param, mill_param,
                           new_param, PYMILL_BY_KEY)},
    [PYMILL_FILE_INFO] = {TYPE("FileInfo", "A file or directory of a run.", file_info,
                               mill_file_info, new_file_info, PYMILL_BY_VALUE)},
    [PYMILL_DATASET] = {TYPE("Dataset", "Data that a run read.", dataset, mill_dataset,
                             new_dataset, PYMILL_BY_VALUE)},
    [PYMILL_DATASET_INPUT] = {TYPE("DatasetInput", "A dataset with the tags of this use of it.",
                                   dataset_input, mill_dataset_input, new_dataset_input,
                                   PYMILL_BY_VALUE)},
    [PYMILL_INPUT_TAG] = {TYPE("InputTag", "A tag of the use of a dataset.", tag, mill_tag,
                               new_input_tag, PYMILL_BY_VALUE)},
    [PYMILL_LOGGED_MODEL_INPUT] = {TYPE("LoggedModelInput", "A logged model that a run read.",
                                        model_input, mill_model_input, new_model_input,
                                        PYMILL_BY_VALUE)},
    [PYMILL_LOGGED_MODEL_OUTPUT] = {TYPE("LoggedModelOutput", "A logged model that a run made.",
                                         model_output, mill_model_output, new_model_output,
                                         PYMILL_BY_VALUE)},
    [PYMILL_REGISTERED_MODEL] = {TYPE("RegisteredModel", "A model of the registry.",
                                      registered_model, mill_registered_model,
                                      new_registered_model, PYMILL_BY_VALUE)},
    [PYMILL_REGISTERED_MODEL_TAG] = {TYPE("RegisteredModelTag", "A tag of a registered model.",
                                          tag, mill_tag, new_registered_model_tag,
                                          PYMILL_BY_VALUE)},
    [PYMILL_REGISTERED_MODEL_ALIAS] = {TYPE(
        "RegisteredModelAlias", "A name for one version of a registered model.", model_alias,
        mill_model_alias, new_registered_model_alias, PYMILL_BY_VALUE)},
    [PYMILL_MODEL_VERSION] = {TYPE("ModelVersion", "A version of a registered model.",
                                   model_version, mill_model_version, new_model_version,
                                   PYMILL_BY_VALUE)},
    [PYMILL_MODEL_VERSION_TAG] = {TYPE("ModelVersionTag", "A tag of a model version.", tag,
                                       mill_tag, new_model_version_tag, PYMILL_BY_VALUE)},
    [PYMILL_LOGGED_MODEL] = {TYPE("LoggedModel", "What a run has trained.", logged_model,
                                  mill_logged_model, new_logged_model, PYMILL_SAME)},
    [PYMILL_LOGGED_MODEL_TAG] = {TYPE("LoggedModelTag", "A tag of a logged model.", tag,
                                      mill_tag, new_logged_model_tag, PYMILL_BY_VALUE)},
    [PYMILL_LOGGED_MODEL_PARAMETER] = {TYPE(
        "LoggedModelParameter", "An input of a logged model, written once.", param, mill_param,
        new_logged_model_parameter, PYMILL_BY_VALUE)},
};
