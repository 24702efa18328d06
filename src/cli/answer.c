/* answer.c - JSON of experiments and runs in the form of the protocol. */
#include "cli/answer.h"

#include "cli/put.h"

void mill_answer_text(struct mill_buf *out, const char *key, struct mill_view text)
{
    if (text.ptr != NULL)
        mill_put_text(out, key, text);
}

void mill_answer_int(struct mill_buf *out, const char *key, int64_t value)
{
    if (value != MILL_ABSENT)
        mill_put_int(out, key, value);
}

/* Ids of experiments are texts in the protocol. */
void mill_answer_experiment_id(struct mill_buf *out, int64_t id)
{
    struct mill_buf text = {0};
    mill_buf_add_int(&text, id);
    mill_put_text(out, "experiment_id", mill_buf_view(&text));
    mill_buf_release(&text);
}

static void add_pair(struct mill_buf *out, struct mill_view key, struct mill_view value)
{
    mill_put_open(out, NULL, '{');
    mill_put_text(out, "key", key);
    mill_put_text(out, "value", value);
    mill_put_close(out, '}');
}

void mill_answer_tags(struct mill_buf *out, const struct mill_tag *tags, size_t count)
{
    if (count == 0)
        return;
    mill_put_open(out, "tags", '[');
    for (size_t i = 0; i < count; i++)
        add_pair(out, tags[i].key, tags[i].value);
    mill_put_close(out, ']');
}

void mill_answer_params(struct mill_buf *out, const struct mill_param *params, size_t count)
{
    if (count == 0)
        return;
    mill_put_open(out, "params", '[');
    for (size_t i = 0; i < count; i++)
        add_pair(out, params[i].key, params[i].value);
    mill_put_close(out, ']');
}

void mill_answer_experiment(struct mill_buf *out, const char *key,
                            const struct mill_experiment *e)
{
    mill_put_open(out, key, '{');
    mill_answer_experiment_id(out, e->experiment_id);
    mill_answer_text(out, "name", e->name);
    mill_answer_text(out, "artifact_location", e->artifact_location);
    mill_put_text(out, "lifecycle_stage",
                  mill_view_of(mill_lifecycle_name(e->lifecycle_stage)));
    mill_answer_int(out, "last_update_time", e->last_update_time);
    mill_answer_int(out, "creation_time", e->creation_time);
    mill_answer_tags(out, e->tags, e->tag_count);
    mill_put_close(out, '}');
}

void mill_answer_run_info(struct mill_buf *out, const char *key,
                          const struct mill_run_info *info)
{
    mill_put_open(out, key, '{');
    mill_put_text(out, "run_uuid", info->run_id); /* its name in old clients */
    mill_answer_experiment_id(out, info->experiment_id);
    mill_answer_text(out, "run_name", info->run_name);
    mill_answer_text(out, "user_id", info->user_id);
    mill_put_text(out, "status", mill_view_of(mill_run_status_name(info->status)));
    mill_answer_int(out, "start_time", info->start_time);
    mill_answer_int(out, "end_time", info->end_time);
    mill_answer_text(out, "artifact_uri", info->artifact_uri);
    mill_put_text(out, "lifecycle_stage",
                  mill_view_of(mill_lifecycle_name(info->lifecycle_stage)));
    mill_put_text(out, "run_id", info->run_id);
    mill_put_close(out, '}');
}

static void add_metrics(struct mill_buf *out, const struct mill_run *run)
{
    if (run->metric_count == 0)
        return;
    mill_put_open(out, "metrics", '[');
    for (size_t i = 0; i < run->metric_count; i++) {
        const struct mill_metric *metric = &run->metrics[i];
        mill_put_open(out, NULL, '{');
        mill_put_text(out, "key", metric->key);
        mill_put_double(out, "value", metric->value);
        mill_put_int(out, "timestamp", metric->timestamp);
        mill_put_int(out, "step", metric->step);
        if (metric->link != NULL) {
            mill_answer_text(out, "model_id", metric->link->model_id);
            mill_answer_text(out, "dataset_name", metric->link->dataset_name);
            mill_answer_text(out, "dataset_digest", metric->link->dataset_digest);
        }
        mill_put_close(out, '}');
    }
    mill_put_close(out, ']');
}

static void add_dataset_input(struct mill_buf *out, const struct mill_dataset_input *input)
{
    mill_put_open(out, NULL, '{');
    mill_answer_tags(out, input->tags, input->tag_count);
    mill_put_open(out, "dataset", '{');
    mill_answer_text(out, "name", input->dataset.name);
    mill_answer_text(out, "digest", input->dataset.digest);
    mill_answer_text(out, "source_type", input->dataset.source_type);
    mill_answer_text(out, "source", input->dataset.source);
    mill_answer_text(out, "schema", input->dataset.schema);
    mill_answer_text(out, "profile", input->dataset.profile);
    mill_put_close(out, '}');
    mill_put_close(out, '}');
}

static void add_inputs(struct mill_buf *out, const struct mill_run *run)
{
    mill_put_open(out, "inputs", '{');
    if (run->dataset_input_count > 0) {
        mill_put_open(out, "dataset_inputs", '[');
        for (size_t i = 0; i < run->dataset_input_count; i++)
            add_dataset_input(out, &run->dataset_inputs[i]);
        mill_put_close(out, ']');
    }
    if (run->model_input_count > 0) {
        mill_put_open(out, "model_inputs", '[');
        for (size_t i = 0; i < run->model_input_count; i++) {
            mill_put_open(out, NULL, '{');
            mill_put_text(out, "model_id", run->model_inputs[i].model_id);
            mill_put_close(out, '}');
        }
        mill_put_close(out, ']');
    }
    mill_put_close(out, '}');
}

static void add_outputs(struct mill_buf *out, const struct mill_run *run)
{
    mill_put_open(out, "outputs", '{');
    if (run->model_output_count > 0) {
        mill_put_open(out, "model_outputs", '[');
        for (size_t i = 0; i < run->model_output_count; i++) {
            mill_put_open(out, NULL, '{');
            mill_put_text(out, "model_id", run->model_outputs[i].model_id);
            mill_put_int(out, "step", run->model_outputs[i].step);
            mill_put_close(out, '}');
        }
        mill_put_close(out, ']');
    }
    mill_put_close(out, '}');
}

void mill_answer_run(struct mill_buf *out, const char *key, const struct mill_run *run)
{
    mill_put_open(out, key, '{');
    mill_answer_run_info(out, "info", &run->info);
    mill_put_open(out, "data", '{');
    add_metrics(out, run);
    mill_answer_params(out, run->params, run->param_count);
    mill_answer_tags(out, run->tags, run->tag_count);
    mill_put_close(out, '}');
    add_inputs(out, run);
    add_outputs(out, run);
    mill_put_close(out, '}');
}

void mill_answer_one_run(struct mill_buf *out, const struct mill_run *run)
{
    mill_put_open(out, NULL, '{');
    mill_answer_run(out, "run", run);
    mill_put_end(out);
}

void mill_answer_runs(struct mill_buf *out, const struct mill_run *const *runs, size_t count)
{
    if (count == 0)
        return;
    mill_put_open(out, "runs", '[');
    for (size_t i = 0; i < count; i++)
        mill_answer_run(out, NULL, runs[i]);
    mill_put_close(out, ']');
}
