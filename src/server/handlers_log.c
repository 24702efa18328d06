/* handlers_log.c - what runs log: metrics, params, tags, batches, inputs, outputs, models. */
#include "base/alloc.h"
#include "base/view.h"
#include "server/handlers.h"
#include "wire/json.h"
#include "wire/messages.h"

/* Where clients before 3.0 note the models of a run. */
#define MODEL_HISTORY_TAG "mlflow.log-model.history"

/* Names the run. */
#define RUN_NAME_TAG "mlflow.runName"

static bool has_link(const struct mill_log_metric_request *request)
{
    return request->model_id.ptr != NULL || request->dataset_name.ptr != NULL ||
           request->dataset_digest.ptr != NULL;
}

enum mill_status mill_change_log_metric(struct mill_call *call, struct mill_change *change,
                                        struct mill_error *err)
{
    const struct mill_log_metric_request *request = call->request;
    struct mill_metric *metric = mill_arena_alloc(call->arena, sizeof(*metric));
    struct mill_metric_link *link = NULL;
    if (has_link(request))
        link = mill_arena_alloc(call->arena, sizeof(*link));
    if (metric == NULL || (has_link(request) && link == NULL))
        return mill_no_memory(err);
    if (link != NULL)
        *link = (struct mill_metric_link){request->model_id, request->dataset_name,
                                          request->dataset_digest};
    *metric = (struct mill_metric){.key = request->key,
                                   .value = request->value,
                                   .timestamp = request->timestamp,
                                   .step = request->step,
                                   .link = link};
    change->kind = MILL_CHANGE_LOG;
    change->as.log.source = MILL_LOG_FROM_METRIC;
    change->as.log.metrics = metric;
    change->as.log.metric_count = 1;
    return mill_call_run_id(request->run_id, request->run_uuid, &change->as.log.run_id, err);
}

enum mill_status mill_change_log_param(struct mill_call *call, struct mill_change *change,
                                       struct mill_error *err)
{
    const struct mill_log_param_request *request = call->request;
    struct mill_param *param = mill_arena_alloc(call->arena, sizeof(*param));
    if (param == NULL)
        return mill_no_memory(err);
    *param = (struct mill_param){request->key, request->value};
    change->kind = MILL_CHANGE_LOG;
    change->as.log.source = MILL_LOG_FROM_PARAM;
    change->as.log.params = param;
    change->as.log.param_count = 1;
    return mill_call_run_id(request->run_id, request->run_uuid, &change->as.log.run_id, err);
}

/* Gives the tags to the change, but for names that are empty: a run keeps the one it has. */
static enum mill_status take_tags(struct mill_call *call, const struct mill_tag *tags,
                                  size_t count, struct mill_change *change,
                                  struct mill_error *err)
{
    struct mill_tag *kept = mill_arena_alloc(call->arena, (count + 1) * sizeof(*kept));
    size_t left = 0;
    if (kept == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        if (tags[i].value.len > 0 || !mill_view_eq(tags[i].key, MILL_VIEW(RUN_NAME_TAG)))
            kept[left++] = tags[i];
    }
    change->as.log.tags = kept;
    change->as.log.tag_count = left;
    return MILL_OK;
}

enum mill_status mill_change_set_tag(struct mill_call *call, struct mill_change *change,
                                     struct mill_error *err)
{
    const struct mill_set_tag_request *request = call->request;
    const struct mill_tag tag = {request->key, request->value};
    enum mill_status st = take_tags(call, &tag, 1, change, err);
    if (st != MILL_OK)
        return st;
    change->kind = MILL_CHANGE_LOG;
    change->as.log.source = MILL_LOG_FROM_TAG;
    return mill_call_run_id(request->run_id, request->run_uuid, &change->as.log.run_id, err);
}

enum mill_status mill_change_delete_tag(struct mill_call *call, struct mill_change *change,
                                        struct mill_error *err)
{
    const struct mill_delete_tag_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_DELETE_TAG;
    change->as.run_tag.run_id = request->run_id;
    change->as.run_tag.key = request->key;
    return MILL_OK;
}

enum mill_status mill_change_log_batch(struct mill_call *call, struct mill_change *change,
                                       struct mill_error *err)
{
    const struct mill_log_batch_request *request = call->request;
    change->kind = MILL_CHANGE_LOG;
    change->as.log.source = MILL_LOG_FROM_BATCH;
    change->as.log.run_id = request->run_id;
    change->as.log.metrics = request->metrics;
    change->as.log.metric_count = request->metrics_count;
    change->as.log.params = request->params;
    change->as.log.param_count = request->params_count;
    return take_tags(call, request->tags, request->tags_count, change, err);
}

enum mill_status mill_change_log_inputs(struct mill_call *call, struct mill_change *change,
                                        struct mill_error *err)
{
    const struct mill_log_inputs_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_LOG_INPUTS;
    change->as.inputs.run_id = request->run_id;
    change->as.inputs.datasets = request->datasets;
    change->as.inputs.dataset_count = request->datasets_count;
    change->as.inputs.models = request->models;
    change->as.inputs.model_count = request->models_count;
    return MILL_OK;
}

enum mill_status mill_change_log_outputs(struct mill_call *call, struct mill_change *change,
                                         struct mill_error *err)
{
    const struct mill_log_outputs_request *request = call->request;
    (void)err;
    change->kind = MILL_CHANGE_LOG_OUTPUTS;
    change->as.outputs.run_id = request->run_id;
    change->as.outputs.models = request->models;
    change->as.outputs.model_count = request->models_count;
    return MILL_OK;
}

/* The parts of a model's description that its history keeps, in this order. */
static const struct mill_view kept_parts[] = {
    {"run_id", 6}, {"artifact_path", 13}, {"utc_time_created", 16}, {"flavors", 7}};

static enum mill_status pick_parts(const struct mill_json *json, struct mill_buf *out,
                                   struct mill_error *err)
{
    bool any = false;
    if (mill_json_type(json, json->root) != MILL_JSON_OBJECT)
        return mill_fail(err, MILL_E_INVALID, "model_json: expected a JSON object as text");
    mill_buf_add_char(out, '{');
    for (size_t k = 0; k < MILL_COUNT(kept_parts); k++) {
        size_t found = 0;
        size_t end = mill_json_end(json, json->root);
        for (size_t i = mill_json_first(json->root); i < end; i = mill_json_skip(json, i)) {
            struct mill_view name = mill_json_string(json, i++);
            if (mill_view_eq(name, kept_parts[k]))
                found = i;
        }
        if (found == 0)
            return mill_fail(err, MILL_E_INVALID, "model_json: lacks %s", kept_parts[k].ptr);
        mill_buf_printf(out, "%s\"%s\":", any ? "," : "", kept_parts[k].ptr);
        mill_json_write(out, json, found);
        any = true;
    }
    mill_buf_add_char(out, '}');
    return MILL_OK;
}

enum mill_status mill_change_log_model(struct mill_call *call, struct mill_change *change,
                                       struct mill_error *err)
{
    const struct mill_log_model_request *request = call->request;
    struct mill_view text = mill_json_pad(request->model_json, call->arena);
    struct mill_buf kept = {0};
    struct mill_json json;
    enum mill_status st = MILL_OK;
    if (text.ptr == NULL)
        return mill_no_memory(err);
    if (mill_json_parse(text, call->arena, &json, NULL) != MILL_OK)
        return mill_fail(err, MILL_E_INVALID, "model_json: is not JSON");
    st = pick_parts(&json, &kept, err);
    mill_json_done();
    change->kind = MILL_CHANGE_APPEND_TAG_JSON;
    change->as.append.run_id = request->run_id;
    change->as.append.key = MILL_VIEW(MODEL_HISTORY_TAG);
    if (st == MILL_OK && !kept.failed)
        change->as.append.json = mill_arena_copy(call->arena, mill_buf_view(&kept));
    if (st == MILL_OK && change->as.append.json.ptr == NULL)
        st = mill_no_memory(err);
    mill_buf_release(&kept);
    return st;
}
