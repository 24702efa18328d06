/* change.h - every write as a value: checked once, then queued, grouped, applied, sent or
 * replayed.
 *
 * Text and lists are borrowed: they live in the request's body or arena and must stay valid
 * until the change has an outcome. Which member of `as` counts is said by kind. */
#ifndef MILL_MODEL_CHANGE_H
#define MILL_MODEL_CHANGE_H

#include <millstream/types.h>

#include "base/arena.h"
#include "model/evaluation.h"
#include "model/trace.h"
#include "model/webhook.h"

enum mill_change_kind {
    MILL_CHANGE_CREATE_EXPERIMENT = 1, /* as.create_experiment -> outcome.experiment_id */
    MILL_CHANGE_RENAME_EXPERIMENT,     /* as.rename */
    MILL_CHANGE_DELETE_EXPERIMENT,     /* as.experiment; takes its runs along */
    MILL_CHANGE_RESTORE_EXPERIMENT,    /* as.experiment; brings all its runs back */
    MILL_CHANGE_SET_EXPERIMENT_TAG,    /* as.experiment_tag */
    MILL_CHANGE_DELETE_EXPERIMENT_TAG, /* as.experiment_tag, value unused */
    MILL_CHANGE_CREATE_RUN,            /* as.create_run -> outcome.run */
    MILL_CHANGE_UPDATE_RUN,            /* as.update_run -> outcome.run (info only) */
    MILL_CHANGE_DELETE_RUN,            /* as.run */
    MILL_CHANGE_RESTORE_RUN,           /* as.run */
    MILL_CHANGE_LOG,                   /* as.log: metrics, params and tags of one run */
    MILL_CHANGE_DELETE_TAG,            /* as.run_tag */
    MILL_CHANGE_LOG_INPUTS,            /* as.inputs */
    MILL_CHANGE_LOG_OUTPUTS,           /* as.outputs */
    MILL_CHANGE_APPEND_TAG_JSON,       /* as.append: runs/log-model of 1.x and 2.x clients */

    /* the model registry */
    MILL_CHANGE_CREATE_MODEL,         /* as.model -> outcome.model */
    MILL_CHANGE_RENAME_MODEL,         /* as.model -> outcome.model */
    MILL_CHANGE_UPDATE_MODEL,         /* as.model: description -> outcome.model */
    MILL_CHANGE_DELETE_MODEL,         /* as.model; takes its versions along */
    MILL_CHANGE_SET_MODEL_TAG,        /* as.model_tag */
    MILL_CHANGE_DELETE_MODEL_TAG,     /* as.model_tag; well without the tag */
    MILL_CHANGE_SET_MODEL_ALIAS,      /* as.model_alias; moves one that is there */
    MILL_CHANGE_DELETE_MODEL_ALIAS,   /* as.model_alias; well without the alias */
    MILL_CHANGE_CREATE_MODEL_VERSION, /* as.model_version -> outcome.model_version */
    MILL_CHANGE_UPDATE_MODEL_VERSION, /* as.model_version: description -> the same */
    MILL_CHANGE_STAGE_MODEL_VERSION,  /* as.model_version: stage -> the same */
    MILL_CHANGE_DELETE_MODEL_VERSION, /* as.model_version; its number is not given again */
    MILL_CHANGE_SET_VERSION_TAG,      /* as.model_tag */
    MILL_CHANGE_DELETE_VERSION_TAG,   /* as.model_tag; well without the tag */

    /* webhooks */
    MILL_CHANGE_CREATE_WEBHOOK,    /* as.webhook -> outcome.webhook */
    MILL_CHANGE_UPDATE_WEBHOOK,    /* as.webhook: what is given -> outcome.webhook */
    MILL_CHANGE_DELETE_WEBHOOK,    /* as.webhook: its id; what waits for it goes along */
    MILL_CHANGE_SETTLE_DELIVERIES, /* as.settle; what is gone meanwhile is passed over */

    /* logged models; outcome.logged_model has no metrics after a creation */
    MILL_CHANGE_CREATE_LOGGED_MODEL,   /* as.create_logged_model -> outcome.logged_model */
    MILL_CHANGE_FINALIZE_LOGGED_MODEL, /* as.finalize_logged_model -> outcome.logged_model */
    MILL_CHANGE_DELETE_LOGGED_MODEL,   /* as.logged_model; it can still be changed */
    MILL_CHANGE_TAG_LOGGED_MODEL,      /* as.logged_model_tags */
    MILL_CHANGE_UNTAG_LOGGED_MODEL,    /* as.logged_model_tag */
    MILL_CHANGE_LOG_MODEL_PARAMS,      /* as.logged_model_params */

    /* evaluation */
    MILL_CHANGE_CREATE_EVAL_DATASET, /* as.eval_dataset -> outcome.eval_dataset */
    MILL_CHANGE_DELETE_EVAL_DATASET, /* as.eval_dataset; well without it */
    MILL_CHANGE_TAG_EVAL_DATASET,    /* as.eval_dataset: tags */
    MILL_CHANGE_UNTAG_EVAL_DATASET,  /* as.eval_dataset: the key of tags[0]; well without it */
    MILL_CHANGE_LINK_EVAL_DATASET,   /* as.eval_dataset: experiments -> outcome.eval_dataset */
    MILL_CHANGE_UNLINK_EVAL_DATASET, /* the same; well where there is no link */
    MILL_CHANGE_ADD_EVAL_RECORDS,    /* as.eval_records -> outcome.inserted, outcome.updated */
    MILL_CHANGE_DELETE_EVAL_RECORDS, /* as.eval_records: ids -> outcome.deleted */
    MILL_CHANGE_REGISTER_SCORER,     /* as.scorer -> outcome.scorer */
    MILL_CHANGE_DELETE_SCORER,       /* as.scorer: one version, or all (MILL_ABSENT) */

    /* traces */
    MILL_CHANGE_START_TRACE,       /* as.trace; one that is there is changed -> outcome.trace */
    MILL_CHANGE_TAG_TRACE,         /* as.trace_tag */
    MILL_CHANGE_UNTAG_TRACE,       /* as.trace_tag, value unused */
    MILL_CHANGE_DELETE_TRACES,     /* as.traces: by id or by time -> outcome.deleted */
    MILL_CHANGE_LINK_TRACES,       /* as.traces: to a run; unknown ones are passed over */
    MILL_CHANGE_ADD_ASSESSMENT,    /* as.assessment -> outcome.assessment */
    MILL_CHANGE_UPDATE_ASSESSMENT, /* as.assessment: what is given -> outcome.assessment */
    MILL_CHANGE_DELETE_ASSESSMENT  /* as.assessment: its ids; well without it */
};

/* Which call a MILL_CHANGE_LOG came from: only words of messages differ. */
enum mill_log_source {
    MILL_LOG_FROM_BATCH,
    MILL_LOG_FROM_METRIC,
    MILL_LOG_FROM_PARAM,
    MILL_LOG_FROM_TAG
};

struct mill_change {
    enum mill_change_kind kind;
    int64_t now_ms; /* when the change was asked for; the store's clock is never read */
    union {
        struct {
            struct mill_view name;
            struct mill_view artifact_location; /* empty: artifact_root + "/" + id */
            struct mill_view artifact_root;     /* where the default location begins */
            const struct mill_tag *tags;
            size_t tag_count;
        } create_experiment;
        struct {
            int64_t experiment_id;
            struct mill_view new_name;
        } rename;
        struct {
            int64_t experiment_id;
        } experiment;
        struct {
            int64_t experiment_id;
            struct mill_view key;
            struct mill_view value;
        } experiment_tag;
        struct {
            struct mill_view run_id; /* chosen by the caller, 32 hex digits */
            int64_t experiment_id;
            struct mill_view run_name; /* never empty after mill_change_check */
            struct mill_view user_id;
            int64_t start_time;
            const struct mill_tag *tags; /* has mlflow.runName after mill_change_check */
            size_t tag_count;
        } create_run;
        struct {
            struct mill_view run_id;
            enum mill_run_status status; /* 0: unchanged */
            int64_t end_time;            /* MILL_ABSENT: unchanged */
            struct mill_view run_name;   /* absent or empty: unchanged */
        } update_run;
        struct {
            struct mill_view run_id;
        } run;
        struct {
            enum mill_log_source source;
            struct mill_view run_id;
            const struct mill_metric *metrics;
            size_t metric_count;
            const struct mill_param *params;
            size_t param_count;
            const struct mill_tag *tags;
            size_t tag_count;
            /* How many came before these in the same call: messages count from there. */
            size_t metrics_before;
            size_t params_before;
            size_t tags_before;
        } log;
        struct {
            struct mill_view run_id;
            struct mill_view key;
        } run_tag;
        struct {
            struct mill_view run_id;
            const struct mill_dataset_input *datasets;
            size_t dataset_count;
            const struct mill_model_input *models;
            size_t model_count;
        } inputs;
        struct {
            struct mill_view run_id;
            const struct mill_model_output *models;
            size_t model_count;
        } outputs;
        struct {
            struct mill_view run_id;
            struct mill_view key;
            struct mill_view json; /* appended to the JSON list in that tag */
        } append;

        /* the model registry */
        struct {
            struct mill_view name;
            struct mill_view new_name;    /* RENAME */
            struct mill_view description; /* CREATE, UPDATE; absent or empty: none */
            const struct mill_tag *tags;  /* CREATE; of one key the last counts */
            size_t tag_count;
        } model;
        struct {
            struct mill_view name;
            int64_t version; /* of a version's tag */
            struct mill_view key;
            struct mill_view value; /* SET */
        } model_tag;
        struct {
            struct mill_view name;
            struct mill_view alias;
            int64_t version; /* SET */
        } model_alias;
        struct {
            struct mill_view name;
            int64_t version;              /* all but CREATE */
            struct mill_view description; /* CREATE, UPDATE; absent: none */
            enum mill_stage stage;        /* STAGE */
            bool archive_existing;        /* STAGE: the others that are in it */
            /* CREATE; see store/model_source.h for what may be a source */
            struct mill_view source;
            struct mill_view storage_location; /* where its files are */
            struct mill_view artifact_root;    /* the server's own, allowed whatever it is */
            struct mill_view run_id;           /* absent: as that of the source */
            struct mill_view model_id;         /* of a logged model; absent: none */
            struct mill_view run_link;
            const struct mill_tag *tags; /* of one key the last counts */
            size_t tag_count;
        } model_version;

        /* webhooks; an update changes texts that are not absent, events and status that are
         * not 0 */
        struct mill_webhook webhook;
        struct {
            const struct mill_settled *items;
            size_t count;
        } settle;
        /* logged models */
        struct {
            struct mill_view model_id; /* chosen by the caller: "m-" and 32 hex digits */
            int64_t experiment_id;
            struct mill_view name; /* never empty after mill_change_check */
            struct mill_view model_type;
            struct mill_view source_run_id;
            const struct mill_param *params;
            size_t param_count;
            const struct mill_tag *tags;
            size_t tag_count;
        } create_logged_model;
        struct {
            struct mill_view model_id;
            enum mill_logged_model_status status;
        } finalize_logged_model;
        struct {
            struct mill_view model_id;
        } logged_model;
        struct {
            struct mill_view model_id;
            const struct mill_tag *tags;
            size_t tag_count;
        } logged_model_tags;
        struct {
            struct mill_view model_id;
            struct mill_view key;
        } logged_model_tag;
        struct {
            struct mill_view model_id;
            const struct mill_param *params;
            size_t param_count;
        } logged_model_params;

        /* evaluation */
        struct {
            struct mill_view dataset_id; /* CREATE: chosen by the caller */
            struct mill_view name;       /* CREATE */
            struct mill_view user;       /* CREATE; absent: not said */
            const struct mill_tag *tags; /* CREATE, TAG: of one key the last counts */
            size_t tag_count;
            const int64_t *experiment_ids; /* CREATE, LINK, UNLINK */
            size_t experiment_count;
        } eval_dataset;
        struct {
            struct mill_view dataset_id;
            const struct mill_eval_record_row *records; /* ADD */
            size_t record_count;
            const struct mill_eval_field *fields; /* ADD: that the records have */
            size_t field_count;
            struct mill_view user;              /* ADD: who wrote the last; absent: not said */
            const struct mill_view *record_ids; /* DELETE */
            size_t record_id_count;
        } eval_records;
        struct {
            int64_t experiment_id;
            struct mill_view name;
            struct mill_view scorer_id;  /* REGISTER: of a scorer that is new */
            struct mill_view serialized; /* REGISTER */
            int64_t version;             /* DELETE */
        } scorer;

        /* traces */
        struct mill_trace trace;
        struct {
            struct mill_view trace_id;
            struct mill_view key;
            struct mill_view value;
        } trace_tag;
        struct {
            const struct mill_view *trace_ids;
            size_t trace_count;
            int64_t experiment_id;   /* DELETE */
            int64_t max_timestamp;   /* DELETE without ids: up to that time */
            int64_t max_traces;      /* DELETE by time: oldest first; MILL_ABSENT: all */
            struct mill_view run_id; /* LINK */
        } traces;
        struct mill_assessment assessment;
    } as;
};

/* What became of a change. The applier fills it in; run points into arena. */
struct mill_outcome {
    enum mill_status status;
    struct mill_error error;    /* set when status is not MILL_OK */
    int64_t experiment_id;      /* created, or that of the run that was changed */
    const struct mill_run *run; /* of a created or updated run */
    struct mill_arena *arena;   /* where results are allocated; given by the caller */
    const struct mill_registered_model *model;
    const struct mill_model_version *model_version;
    enum mill_run_status previous_status; /* of an updated run; 0: as it is now, or unknown */
    const struct mill_webhook *webhook;   /* created or updated; without its secret */
    bool is_prompt; /* of the model whose tag or alias, or whose version's tag, was changed */
    const struct mill_logged_model *logged_model; /* created or finalized */
    const struct mill_eval_dataset_row *eval_dataset;
    const struct mill_scorer *scorer;
    const struct mill_trace *trace;
    const struct mill_assessment *assessment;
    int64_t inserted, updated, deleted; /* how many */
};

/* A change on its way: the pair that a store's apply takes many of. */
struct mill_pending {
    const struct mill_change *change;
    struct mill_outcome outcome;
};

/* Checks everything that can be checked without the store: presence, key grammar, lengths,
 * counts, numbers, duplicates (compat: keys 250, param 6000, run tag 8000, experiment tag
 * 20000, batch 1000/100/100 ...), and completes the change: cuts over-long values where the
 * protocol does so, gives a run its name and mlflow.runName tag, drops exact repeats. What
 * it must rewrite is allocated in arena. Fails with MILL_E_INVALID and names the field. */
enum mill_status mill_change_check(struct mill_change *change, struct mill_arena *arena,
                                   struct mill_error *err);

/* The run that a change is about, absent where it is about something else. */
struct mill_view mill_change_run_id(const struct mill_change *change);

#endif
