/* millstream/types.h - the things people track: experiments, runs, metrics, params, tags,
 * datasets and files.
 *
 * These are plain values that point into memory owned by whoever produced them (a result
 * page, an arena): valid until that owner is freed, never to be freed singly. A view whose
 * ptr is NULL and a number equal to MILL_ABSENT mean "not given". Times are milliseconds
 * since the Unix epoch. Field names are MLflow's (service.proto of its protocol). */
#ifndef MILLSTREAM_TYPES_H
#define MILLSTREAM_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include <millstream/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "Not given" for any int64_t field. Since 0.1. */
#define MILL_ABSENT INT64_MIN

/* State of a run; the numbers are the protocol's. 0 means "not given". Since 0.1. */
enum mill_run_status {
    MILL_RUN_RUNNING = 1,
    MILL_RUN_SCHEDULED = 2,
    MILL_RUN_FINISHED = 3,
    MILL_RUN_FAILED = 4,
    MILL_RUN_KILLED = 5
};

/* Whether a thing is in use or in the bin. Since 0.1. */
enum mill_lifecycle { MILL_ACTIVE = 1, MILL_DELETED = 2 };

/* Which lifecycles a search returns; the numbers are the protocol's. Since 0.1. */
enum mill_view_type {
    MILL_VIEW_ACTIVE_ONLY = 1,
    MILL_VIEW_DELETED_ONLY = 2,
    MILL_VIEW_ALL = 3
};

/* A key and its text, on an experiment, a run or a dataset input. Since 0.1. */
struct mill_tag {
    struct mill_view key;
    struct mill_view value;
};

/* An input of a run, written once. Since 0.1. */
struct mill_param {
    struct mill_view key;
    struct mill_view value;
};

/* What a metric point was measured on, when the client said so. Since 0.1. */
struct mill_metric_link {
    struct mill_view model_id;
    struct mill_view dataset_name;
    struct mill_view dataset_digest;
};

/* One point of a metric. link is NULL for nearly all. Since 0.1. */
struct mill_metric {
    struct mill_view key;
    double value;
    int64_t timestamp;
    int64_t step;
    const struct mill_metric_link *link;
};

/* One point of a metric's history, where the key is known. Since 0.1. */
struct mill_point {
    int64_t step;
    int64_t timestamp;
    double value;
};

/* Since 0.1. */
struct mill_experiment {
    int64_t experiment_id;
    struct mill_view name;
    struct mill_view artifact_location;
    enum mill_lifecycle lifecycle_stage;
    int64_t last_update_time;
    int64_t creation_time;
    const struct mill_tag *tags;
    size_t tag_count;
};

/* Since 0.1. */
struct mill_run_info {
    struct mill_view run_id;
    int64_t experiment_id;
    struct mill_view run_name;
    struct mill_view user_id;
    enum mill_run_status status;
    int64_t start_time;
    int64_t end_time; /* MILL_ABSENT while running */
    struct mill_view artifact_uri;
    enum mill_lifecycle lifecycle_stage;
};

/* Data that a run read. Since 0.1. */
struct mill_dataset {
    struct mill_view name;
    struct mill_view digest;
    struct mill_view source_type;
    struct mill_view source;
    struct mill_view schema;
    struct mill_view profile;
};

/* A dataset with the tags of this use of it (mlflow.data.context ...). Since 0.1. */
struct mill_dataset_input {
    const struct mill_tag *tags;
    size_t tag_count;
    struct mill_dataset dataset;
};

/* A logged model that a run read. Since 0.1. */
struct mill_model_input {
    struct mill_view model_id;
};

/* A logged model that a run made. Since 0.1. */
struct mill_model_output {
    struct mill_view model_id;
    int64_t step;
};

/* A run with everything but its metric history: metrics hold the latest point of each
 * key. Lists are ordered by key. Since 0.1. */
struct mill_run {
    struct mill_run_info info;
    const struct mill_metric *metrics;
    size_t metric_count;
    const struct mill_param *params;
    size_t param_count;
    const struct mill_tag *tags;
    size_t tag_count;
    const struct mill_dataset_input *dataset_inputs;
    size_t dataset_input_count;
    const struct mill_model_input *model_inputs;
    size_t model_input_count;
    const struct mill_model_output *model_outputs;
    size_t model_output_count;
};

/* State of a logged model; the numbers are the protocol's. 0 means "not given". Since 0.1. */
enum mill_logged_model_status {
    MILL_LOGGED_MODEL_PENDING = 1,
    MILL_LOGGED_MODEL_READY = 2,
    MILL_LOGGED_MODEL_UPLOAD_FAILED = 3
};

/* A point that a run measured on a logged model. Since 0.1. */
struct mill_logged_model_metric {
    struct mill_view key;
    double value;
    int64_t timestamp;
    int64_t step;
    struct mill_view dataset_name;   /* absent: none was named */
    struct mill_view dataset_digest; /* likewise */
    struct mill_view model_id;
    struct mill_view run_id;
};

/* A model that a run stored: its own artifact root, params and tags, and what was measured on
 * it. Lists are ordered by key. Since 0.1. */
struct mill_logged_model {
    struct mill_view model_id;
    int64_t experiment_id;
    struct mill_view name;
    int64_t creation_time;
    int64_t last_update_time;
    struct mill_view artifact_uri;
    enum mill_logged_model_status status;
    enum mill_lifecycle lifecycle_stage;
    struct mill_view model_type;     /* empty: not said */
    struct mill_view source_run_id;  /* empty: no run made it */
    struct mill_view status_message; /* absent: none */
    const struct mill_tag *tags;
    size_t tag_count;
    const struct mill_param *params;
    size_t param_count;
    const struct mill_logged_model_metric *metrics;
    size_t metric_count;
};

/* Which metrics of logged models count: those on a dataset of that name and digest (absent or
 * empty: any). Since 0.1. */
struct mill_dataset_filter {
    struct mill_view name;
    struct mill_view digest;
};

/* A file or directory below an artifact root. file_size is MILL_ABSENT for a directory.
 * Since 0.1. */
struct mill_file_info {
    struct mill_view path;
    bool is_dir;
    int64_t file_size;
};

/* --- the model registry --- */

/* State of a model version; the numbers are the protocol's. Since 0.1. */
enum mill_version_status {
    MILL_VERSION_PENDING = 1,
    MILL_VERSION_FAILED = 2,
    MILL_VERSION_READY = 3
};

/* Stage of a model version. 0 means "not given". Since 0.1. */
enum mill_stage {
    MILL_STAGE_NONE = 1,
    MILL_STAGE_STAGING = 2,
    MILL_STAGE_PRODUCTION = 3,
    MILL_STAGE_ARCHIVED = 4
};

/* A name for one of a model's versions. Since 0.1. */
struct mill_model_alias {
    struct mill_view alias;
    int64_t version;
};

/* A version of a registered model. Its number is given once. Lists are ordered. Since 0.1. */
struct mill_model_version {
    struct mill_view name; /* of the model */
    int64_t version;       /* 1, 2, 3 ... */
    int64_t creation_timestamp;
    int64_t last_updated_timestamp;
    struct mill_view user_id;
    enum mill_stage current_stage;
    struct mill_view description;
    struct mill_view source; /* where its files came from, as it was given */
    struct mill_view run_id; /* the run that made it; empty when none was named */
    enum mill_version_status status;
    struct mill_view status_message;
    const struct mill_tag *tags;
    size_t tag_count;
    struct mill_view run_link;
    const struct mill_view *aliases; /* those that point to it */
    size_t alias_count;
};

/* A model of the registry. latest_versions has the highest version of each stage, in the order
 * of stages; the other lists are ordered by key. Since 0.1. */
struct mill_registered_model {
    struct mill_view name;
    int64_t creation_timestamp;
    int64_t last_updated_timestamp;
    struct mill_view description; /* absent: none */
    const struct mill_model_version *latest_versions;
    size_t latest_version_count;
    const struct mill_tag *tags;
    size_t tag_count;
    const struct mill_model_alias *aliases;
    size_t alias_count;
};

/* "RUNNING", "FINISHED" ...; "" for an unknown value. Any thread. Since 0.1. */
MILL_API const char *mill_run_status_name(enum mill_run_status status);

/* The status of that name (upper case, as in the protocol), or 0. Since 0.1. */
MILL_API enum mill_run_status mill_run_status_from_name(struct mill_view name);

/* "active" or "deleted"; "" for an unknown value. Since 0.1. */
MILL_API const char *mill_lifecycle_name(enum mill_lifecycle lifecycle);

/* "None", "Staging", "Production", "Archived"; "" for an unknown value. Any thread. Since 0.1.
 */
MILL_API const char *mill_stage_name(enum mill_stage stage);

/* The stage of that name in any case, or 0. Since 0.1. */
MILL_API enum mill_stage mill_stage_from_name(struct mill_view name);

/* "PENDING_REGISTRATION", "FAILED_REGISTRATION", "READY"; "" for an unknown value. Since 0.1.
 */
MILL_API const char *mill_version_status_name(enum mill_version_status status);

/* "PENDING", "READY", "FAILED"; "" for an unknown value. Any thread. Since 0.1. */
MILL_API const char *mill_logged_model_status_name(enum mill_logged_model_status status);

/* The status of that name (upper case), or 0. Since 0.1. */
MILL_API enum mill_logged_model_status mill_logged_model_status_from_name(
    struct mill_view name);

/* The view type of that name ("ACTIVE_ONLY", "DELETED_ONLY", "ALL"), or 0. Since 0.1. */
MILL_API enum mill_view_type mill_view_type_from_name(struct mill_view name);

#ifdef __cplusplus
}
#endif

#endif
