/* logging.c - what runs log: the calls of <millstream/runs.h> for metrics, params, tags, inputs
 * and outputs. */
#include "base/clock.h"
#include "base/view.h"
#include "client/client.h"
#include "model/limits.h"

/* Memory that is kept while the parts of a batch are checked. */
#define KEPT_BYTES 65536

/* --- batches --------------------------------------------------------------------------- */

/* As many of what is left as fit into one request. */
static size_t take(size_t left, size_t most)
{
    return left < most ? left : most;
}

/* How much of a batch has been taken. */
struct taken {
    size_t metrics;
    size_t params;
    size_t tags;
};

/* The next part of a batch that one request may carry, as a change. */
static struct mill_change next_part(const struct mill_batch *batch, struct mill_view run_id,
                                    struct taken *taken)
{
    size_t p = take(batch->param_count - taken->params, MILL_MAX_BATCH_PARAMS);
    size_t t = take(batch->tag_count - taken->tags, MILL_MAX_BATCH_TAGS);
    size_t m = take(batch->metric_count - taken->metrics, MILL_MAX_BATCH_TOTAL - p - t);
    struct mill_change change = {
        .kind = MILL_CHANGE_LOG,
        .as.log = {.source = MILL_LOG_FROM_BATCH,
                   .run_id = run_id,
                   .metrics = batch->metrics != NULL ? batch->metrics + taken->metrics : NULL,
                   .metric_count = m,
                   .params = batch->params != NULL ? batch->params + taken->params : NULL,
                   .param_count = p,
                   .tags = batch->tags != NULL ? batch->tags + taken->tags : NULL,
                   .tag_count = t,
                   .metrics_before = taken->metrics,
                   .params_before = taken->params,
                   .tags_before = taken->tags},
    };
    taken->metrics += m;
    taken->params += p;
    taken->tags += t;
    return change;
}

static bool is_all(const struct mill_batch *batch, const struct taken *taken)
{
    return taken->metrics == batch->metric_count && taken->params == batch->param_count &&
           taken->tags == batch->tag_count;
}

/* Whether every part can be sent, before the first one is: what the caller got wrong further
 * back then changes nothing. */
static enum mill_status check_parts(const struct mill_batch *batch, struct mill_view run_id,
                                    struct mill_error *err)
{
    struct taken taken = {0};
    struct mill_arena arena = {0};
    enum mill_status st = MILL_OK;
    while (st == MILL_OK && !is_all(batch, &taken)) {
        struct mill_change part = next_part(batch, run_id, &taken);
        st = mill_change_check(&part, &arena, err);
        mill_arena_reset(&arena, KEPT_BYTES);
    }
    mill_arena_release(&arena);
    return st;
}

enum mill_status mill_client_log_batch(struct mill_client *client, struct mill_view run_id,
                                       const struct mill_batch *given, struct mill_error *err)
{
    struct taken taken = {0}, first = {0};
    struct mill_batch batch = {.size = sizeof(batch)};
    enum mill_status st = mill_take_struct(
        &batch, sizeof(batch), MILL_FIRST(mill_batch, tag_count), given, "batch", err);
    if (st == MILL_OK && given == NULL)
        st = mill_fail(err, MILL_E_INVALID, "batch is NULL");
    if (st != MILL_OK)
        return st;
    next_part(&batch, run_id, &first);
    if (!is_all(&batch, &first))
        st = check_parts(&batch, run_id, err);
    if (st != MILL_OK)
        return st;
    do {
        struct mill_change part = next_part(&batch, run_id, &taken);
        st = mill_client_apply(client, &part, NULL, err);
    } while (st == MILL_OK && !is_all(&batch, &taken));
    return st;
}

/* --- single things --------------------------------------------------------------------- */

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

/* --- inputs and outputs ---------------------------------------------------------------- */

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
