/* logging.c - what runs log: the calls of <millstream/runs.h> for metrics, params, tags, inputs
 * and outputs. */
#include "base/clock.h"
#include "base/view.h"
#include "client/client.h"
#include "model/limits.h"

/* As many of what is left as fit into one request. */
static size_t take(size_t left, size_t most)
{
    return left < most ? left : most;
}

enum mill_status mill_client_log_batch(struct mill_client *client, struct mill_view run_id,
                                       const struct mill_batch *given, struct mill_error *err)
{
    size_t metrics = 0, params = 0, tags = 0;
    struct mill_batch b = {.size = sizeof(b)};
    enum mill_status st = mill_take_struct(&b, sizeof(b), given, "batch", err);
    if (st == MILL_OK && given == NULL)
        st = mill_fail(err, MILL_E_INVALID, "batch is NULL");
    if (st != MILL_OK)
        return st;
    do {
        size_t p = take(b.param_count - params, MILL_MAX_BATCH_PARAMS);
        size_t t = take(b.tag_count - tags, MILL_MAX_BATCH_TAGS);
        size_t m = take(b.metric_count - metrics, MILL_MAX_BATCH_TOTAL - p - t);
        struct mill_change change = {
            .kind = MILL_CHANGE_LOG,
            .as.log = {.source = MILL_LOG_FROM_BATCH, .run_id = run_id},
        };
        change.as.log.metrics = m > 0 ? b.metrics + metrics : NULL;
        change.as.log.metric_count = m;
        change.as.log.params = p > 0 ? b.params + params : NULL;
        change.as.log.param_count = p;
        change.as.log.tags = t > 0 ? b.tags + tags : NULL;
        change.as.log.tag_count = t;
        st = mill_client_apply(client, &change, NULL, err);
        metrics += m;
        params += p;
        tags += t;
    } while (st == MILL_OK &&
             (metrics < b.metric_count || params < b.param_count || tags < b.tag_count));
    return st;
}

enum mill_status mill_client_log_metric(struct mill_client *client, struct mill_view run_id,
                                        struct mill_view key, double value,
                                        int64_t timestamp_ms, int64_t step,
                                        struct mill_error *err)
{
    struct mill_metric metric = {
        .key = key,
        .value = value,
        .timestamp = timestamp_ms != MILL_ABSENT ? timestamp_ms : mill_now_ms(),
        .step = step != MILL_ABSENT ? step : 0,
    };
    struct mill_change change = {
        .kind = MILL_CHANGE_LOG,
        .as.log = {.source = MILL_LOG_FROM_METRIC,
                   .run_id = run_id,
                   .metrics = &metric,
                   .metric_count = 1},
    };
    return mill_client_apply(client, &change, NULL, err);
}

enum mill_status mill_client_log_param(struct mill_client *client, struct mill_view run_id,
                                       struct mill_view key, struct mill_view value,
                                       struct mill_error *err)
{
    struct mill_param param = {.key = key, .value = value};
    struct mill_change change = {
        .kind = MILL_CHANGE_LOG,
        .as.log = {.source = MILL_LOG_FROM_PARAM,
                   .run_id = run_id,
                   .params = &param,
                   .param_count = 1},
    };
    return mill_client_apply(client, &change, NULL, err);
}

enum mill_status mill_client_set_tag(struct mill_client *client, struct mill_view run_id,
                                     struct mill_view key, struct mill_view value,
                                     struct mill_error *err)
{
    struct mill_tag tag = {.key = key, .value = value};
    struct mill_change change = {
        .kind = MILL_CHANGE_LOG,
        .as.log = {.source = MILL_LOG_FROM_TAG, .run_id = run_id, .tags = &tag, .tag_count = 1},
    };
    return mill_client_apply(client, &change, NULL, err);
}

enum mill_status mill_client_delete_tag(struct mill_client *client, struct mill_view run_id,
                                        struct mill_view key, struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_TAG,
                                 .as.run_tag = {.run_id = run_id, .key = key}};
    return mill_client_apply(client, &change, NULL, err);
}

enum mill_status mill_client_log_inputs(struct mill_client *client, struct mill_view run_id,
                                        const struct mill_dataset_input *datasets,
                                        size_t dataset_count,
                                        const struct mill_model_input *models,
                                        size_t model_count, struct mill_error *err)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_LOG_INPUTS,
        .as.inputs = {.run_id = run_id,
                      .datasets = datasets,
                      .dataset_count = dataset_count,
                      .models = models,
                      .model_count = model_count},
    };
    return mill_client_apply(client, &change, NULL, err);
}

enum mill_status mill_client_log_outputs(struct mill_client *client, struct mill_view run_id,
                                         const struct mill_model_output *models,
                                         size_t model_count, struct mill_error *err)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_LOG_OUTPUTS,
        .as.outputs = {.run_id = run_id, .models = models, .model_count = model_count},
    };
    return mill_client_apply(client, &change, NULL, err);
}
