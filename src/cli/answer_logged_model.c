/* answer_logged_model.c - JSON of logged models in the form of the protocol. */
#include "cli/answer.h"
#include "cli/put.h"

/* Of the protocol; people read shorter ones. */
static const char *const statuses[] = {
    [0] = "LOGGED_MODEL_STATUS_UNSPECIFIED",
    [MILL_LOGGED_MODEL_PENDING] = "LOGGED_MODEL_PENDING",
    [MILL_LOGGED_MODEL_READY] = "LOGGED_MODEL_READY",
    [MILL_LOGGED_MODEL_UPLOAD_FAILED] = "LOGGED_MODEL_UPLOAD_FAILED",
};

static void add_info(struct mill_buf *out, const struct mill_logged_model *m)
{
    size_t status = (size_t)m->status < MILL_COUNT(statuses) ? (size_t)m->status : 0;
    mill_put_open(out, "info", '{');
    mill_put_text(out, "model_id", m->model_id);
    mill_answer_experiment_id(out, m->experiment_id);
    mill_answer_text(out, "name", m->name);
    mill_answer_int(out, "creation_timestamp_ms", m->creation_time);
    mill_answer_int(out, "last_updated_timestamp_ms", m->last_update_time);
    mill_answer_text(out, "artifact_uri", m->artifact_uri);
    mill_put_text(out, "status", mill_view_of(statuses[status]));
    mill_answer_text(out, "model_type", m->model_type);
    mill_answer_text(out, "source_run_id", m->source_run_id);
    mill_answer_text(out, "status_message", m->status_message);
    mill_answer_tags(out, m->tags, m->tag_count);
    mill_put_close(out, '}');
}

static void add_metric(struct mill_buf *out, const struct mill_logged_model_metric *metric)
{
    mill_put_open(out, NULL, '{');
    mill_put_text(out, "key", metric->key);
    mill_put_double(out, "value", metric->value);
    mill_answer_int(out, "timestamp", metric->timestamp);
    mill_answer_int(out, "step", metric->step);
    mill_answer_text(out, "dataset_name", metric->dataset_name);
    mill_answer_text(out, "dataset_digest", metric->dataset_digest);
    mill_answer_text(out, "model_id", metric->model_id);
    mill_answer_text(out, "run_id", metric->run_id);
    mill_put_close(out, '}');
}

static void add_data(struct mill_buf *out, const struct mill_logged_model *m)
{
    mill_put_open(out, "data", '{');
    mill_answer_params(out, m->params, m->param_count);
    if (m->metric_count > 0) {
        mill_put_open(out, "metrics", '[');
        for (size_t i = 0; i < m->metric_count; i++)
            add_metric(out, &m->metrics[i]);
        mill_put_close(out, ']');
    }
    mill_put_close(out, '}');
}

void mill_answer_logged_model(struct mill_buf *out, const char *key,
                              const struct mill_logged_model *model)
{
    mill_put_open(out, key, '{');
    add_info(out, model);
    add_data(out, model);
    mill_put_close(out, '}');
}

void mill_answer_one_logged_model(struct mill_buf *out, const struct mill_logged_model *model)
{
    mill_put_open(out, NULL, '{');
    mill_answer_logged_model(out, "model", model);
    mill_put_end(out);
}
