/* millstream/logged_models.h - logged models: what a run has trained, with params, tags and
 * files of its own, and what was measured on it.
 *
 * What holds for all calls of a client (threads, ownership, errors) is said in client.h.
 * Servers have them since version 3 of the protocol's own client (older ones answer with
 * MILL_E_NO_ENDPOINT), and databases; an mlruns tree keeps none: there each call is
 * MILL_E_UNSUPPORTED.
 *
 * A model begins as MILL_LOGGED_MODEL_PENDING, gets its files, and is then finalized. Metrics
 * come to it from runs: the link of a struct mill_metric that mill_client_log_batch sends names
 * a model and, if that is known, a dataset. mill_client_log_outputs says which run made it,
 * mill_client_log_inputs which ones read it.
 *
 *   model_id  "m-" and 32 hexadecimal digits, as the place where it lies chose it
 *
 * An unknown model is MILL_E_NOT_FOUND at every call, a deleted one where it is read. */
#ifndef MILLSTREAM_LOGGED_MODELS_H
#define MILLSTREAM_LOGGED_MODELS_H

#include <millstream/artifacts.h>
#include <millstream/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Logged models, and how to get those behind them. Since 0.1. */
struct mill_logged_model_list {
    size_t count;
    const struct mill_logged_model *const *items;
    struct mill_view next_page_token; /* absent: these were the last ones */
};

/* Frees the list and all it points to. NULL is allowed. Since 0.1. */
MILL_API void mill_logged_model_list_free(struct mill_logged_model_list *list);

/* What a new model is like. Since 0.1. */
struct mill_new_logged_model {
    size_t size; /* sizeof(struct mill_new_logged_model) */
    int64_t experiment_id;
    struct mill_view name;           /* without / : . % " '; absent: made up */
    struct mill_view model_type;     /* what kind it is, in words of yours; absent: not said */
    struct mill_view source_run_id;  /* the run that makes it; absent: none */
    const struct mill_param *params; /* each key once */
    size_t param_count;
    const struct mill_tag *tags; /* each key once, at most 1000 */
    size_t tag_count;
};

/* What models are ordered by. Since 0.1. */
struct mill_model_order {
    struct mill_view field_name; /* an attribute such as "creation_time", or "metrics.KEY" */
    bool descending;
    struct mill_view dataset_name;   /* of a metric: measured on this dataset; absent: on any */
    struct mill_view dataset_digest; /* of that dataset; absent: whatever its digest */
};

/* What to look for. Since 0.1. */
struct mill_logged_model_query {
    size_t size;                   /* sizeof(struct mill_logged_model_query) */
    const int64_t *experiment_ids; /* 1 or more */
    size_t experiment_count;
    struct mill_view filter; /* e.g. "metrics.accuracy > 0.9 AND params.depth = '5'" */
    /* Metrics count that were measured on one of these, at most 100; none: all metrics. */
    const struct mill_dataset_filter *datasets;
    size_t dataset_count;
    const struct mill_model_order *order_by; /* most important first; none: newest first */
    size_t order_by_count;
    int64_t max_results;         /* of this page, 1 to 50000; 0: 100 */
    struct mill_view page_token; /* next_page_token of the page before this one */
};

/* --- models ---------------------------------------------------------------------------- */

/* Makes a model in state PENDING and gives it back as a list of one. Fails with
 * MILL_E_NOT_FOUND or MILL_E_INVALID when the experiment is missing or deleted, MILL_E_INVALID
 * for a name that cannot be, MILL_E_BAD_REQUEST for a key that comes twice. More than 100
 * params go in several requests; when one of those fails, the model is there already. A request
 * whose answer was lost is not repeated, since that could make two models. Since 0.1. */
MILL_API enum mill_status mill_client_create_logged_model(
    struct mill_client *client, const struct mill_new_logged_model *model,
    struct mill_logged_model_list **list_out, struct mill_error *err);

/* One model with its params, tags and metrics, as a list of one. Since 0.1. */
MILL_API enum mill_status mill_client_get_logged_model(struct mill_client *client,
                                                       struct mill_view model_id,
                                                       struct mill_logged_model_list **list_out,
                                                       struct mill_error *err);

/* One page of the models that match; query must name at least one experiment. An experiment
 * that does not exist has none. Fails with MILL_E_INVALID for a filter, dataset, ordering or
 * token that cannot be used. Since 0.1. */
MILL_API enum mill_status mill_client_search_logged_models(
    struct mill_client *client, const struct mill_logged_model_query *query,
    struct mill_logged_model_list **list_out, struct mill_error *err);

/* Says what became of a model: MILL_LOGGED_MODEL_READY when its files are there, or
 * MILL_LOGGED_MODEL_UPLOAD_FAILED. Since 0.1. */
MILL_API enum mill_status mill_client_finalize_logged_model(
    struct mill_client *client, struct mill_view model_id, enum mill_logged_model_status status,
    struct mill_error *err);

/* Puts a model into the bin, from which no call brings it back. Its files stay. Since 0.1. */
MILL_API enum mill_status mill_client_delete_logged_model(struct mill_client *client,
                                                          struct mill_view model_id,
                                                          struct mill_error *err);

/* Adds params to a model. More than 100 go in several requests; all are checked before the
 * first one is sent. MILL_E_INVALID for a key or value that cannot be, MILL_E_BAD_REQUEST where
 * the model has that param already or a key comes twice. Since 0.1. */
MILL_API enum mill_status mill_client_log_logged_model_params(struct mill_client *client,
                                                              struct mill_view model_id,
                                                              const struct mill_param *params,
                                                              size_t param_count,
                                                              struct mill_error *err);

/* Sets tags of a model, at most 1000, replacing their values; of one key the last counts.
 * Since 0.1. */
MILL_API enum mill_status mill_client_set_logged_model_tags(struct mill_client *client,
                                                            struct mill_view model_id,
                                                            const struct mill_tag *tags,
                                                            size_t tag_count,
                                                            struct mill_error *err);

/* Removes a tag of a model; MILL_E_NOT_FOUND also when there is none. Since 0.1. */
MILL_API enum mill_status mill_client_delete_logged_model_tag(struct mill_client *client,
                                                              struct mill_view model_id,
                                                              struct mill_view key,
                                                              struct mill_error *err);

/* --- files of models ------------------------------------------------------------------- */

/* The calls of artifacts.h on the files of a model, which lie below its artifact_uri; what is
 * said there of a run holds of the model. Since 0.1. */
MILL_API enum mill_status mill_client_list_logged_model_artifacts(
    struct mill_client *client, struct mill_view model_id, struct mill_view path,
    struct mill_file_list **list_out, struct mill_error *err);
MILL_API enum mill_status mill_client_log_logged_model_artifact(
    struct mill_client *client, struct mill_view model_id, struct mill_view local_path,
    struct mill_view directory, const struct mill_transfer_options *options,
    struct mill_error *err);
MILL_API enum mill_status mill_client_log_logged_model_artifacts(
    struct mill_client *client, struct mill_view model_id, struct mill_view local_dir,
    struct mill_view directory, const struct mill_transfer_options *options,
    struct mill_error *err);
MILL_API enum mill_status mill_client_download_logged_model_artifacts(
    struct mill_client *client, struct mill_view model_id, struct mill_view path,
    struct mill_view local_dir, const struct mill_transfer_options *options,
    struct mill_error *err);

#ifdef __cplusplus
}
#endif

#endif
