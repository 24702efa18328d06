/* input_calls.c - see input.h: every public function, and what its arguments are. */
#include <stdio.h>
#include <string.h>

#include "input.h"
#include "input_arguments.h"

/* --- opening --------------------------------------------------------------------------- */

static enum mill_status open_client(struct arguments *a)
{
    return mill_client_open(a->uri, a->options, a->client_out, a->err);
}

static const struct argument open_arguments[] = {
    {"uri", LOCAL, AT(uri), 0},
    {"uri", MAYBE_TEXT, AT(uri), 0},
    {"options.size", STRUCT_SIZE, ROOM(options, size), sizeof(struct mill_client_options)},
    {"user_agent", MAYBE_TEXT, ROOM(options, user_agent), 0},
    {"artifacts_destination", MAYBE_TEXT | LOCAL, ROOM(options, artifacts_destination), 0},
    {"client_out", POINTER, AT(client_out), 0},
    END,
};

static enum mill_status set_tracking_uri(struct arguments *a)
{
    return mill_set_tracking_uri(a->uri, a->err);
}

static const struct argument set_tracking_uri_arguments[] = {
    {"uri", MAYBE_TEXT | LOCAL, AT(uri), 0},
    END,
};

/* --- experiments ----------------------------------------------------------------------- */

static enum mill_status create_experiment(struct arguments *a)
{
    return mill_client_create_experiment(a->client, a->name, a->artifact_location, a->tags,
                                         a->tag_count, a->id_out, a->err);
}

static const struct argument create_experiment_arguments[] = {
    CLIENT,
    {"name", TEXT | LIMITED, AT(name), 500},
    {"artifact_location", MAYBE_TEXT | LIMITED, AT(artifact_location), 2048},
    TAGS,
    {"id_out", POINTER, AT(id_out), 0},
    END,
};

static enum mill_status get_experiment(struct arguments *a)
{
    return mill_client_get_experiment(a->client, a->experiment_id, a->experiments_out, a->err);
}

static const struct argument get_experiment_arguments[] = {CLIENT, EXPERIMENT_ID, EXPERIMENTS,
                                                           END};

static enum mill_status get_experiment_by_name(struct arguments *a)
{
    return mill_client_get_experiment_by_name(a->client, a->name, a->experiments_out, a->err);
}

static const struct argument get_experiment_by_name_arguments[] = {
    CLIENT, {"name", TEXT | LIMITED, AT(name), 500}, EXPERIMENTS, END};

static enum mill_status search_experiments(struct arguments *a)
{
    return mill_client_search_experiments(a->client, a->experiment_query, a->experiments_out,
                                          a->err);
}

#define QUERY(query, type, items)                                                              \
    {"query.size", STRUCT_SIZE, ROOM(query, size), sizeof(struct type)},                       \
        {"view_type", ENUM, ROOM(query, view_type), 0},                                        \
        {"filter", MAYBE_TEXT, ROOM(query, filter), 0},                                        \
        {"order_by", POINTER, ROOM(query, order_by), 0},                                       \
        {"order_by", COUNT_MAX, ROOM(query, order_by_count), 64},                              \
        {"order_by[0]", TEXT, AT(items[0]), 0},                                                \
        {"max_results", RESULTS, ROOM(query, max_results), 0},                                 \
    {                                                                                          \
        "page_token", MAYBE_TEXT, ROOM(query, page_token), 0                                   \
    }

static const struct argument search_experiments_arguments[] = {
    CLIENT, QUERY(experiment_query, mill_experiment_query, order_items), EXPERIMENTS, END};

static enum mill_status list_experiments(struct arguments *a)
{
    return mill_client_list_experiments(a->client, a->view_type, a->experiments_out, a->err);
}

static const struct argument list_experiments_arguments[] = {CLIENT, VIEW_TYPE, EXPERIMENTS,
                                                             END};

static enum mill_status rename_experiment(struct arguments *a)
{
    return mill_client_rename_experiment(a->client, a->experiment_id, a->new_name, a->err);
}

static const struct argument rename_experiment_arguments[] = {
    CLIENT, EXPERIMENT_ID, {"new_name", TEXT | LIMITED, AT(new_name), 500}, END};

static enum mill_status delete_experiment(struct arguments *a)
{
    return mill_client_delete_experiment(a->client, a->experiment_id, a->err);
}

static enum mill_status restore_experiment(struct arguments *a)
{
    return mill_client_restore_experiment(a->client, a->experiment_id, a->err);
}

static const struct argument experiment_arguments[] = {CLIENT, EXPERIMENT_ID, END};

static enum mill_status set_experiment_tag(struct arguments *a)
{
    return mill_client_set_experiment_tag(a->client, a->experiment_id, a->key, a->value,
                                          a->err);
}

static const struct argument set_experiment_tag_arguments[] = {
    CLIENT, EXPERIMENT_ID, METRIC_KEY, {"value", MAYBE_TEXT | LIMITED, AT(value), 20000}, END};

static enum mill_status delete_experiment_tag(struct arguments *a)
{
    return mill_client_delete_experiment_tag(a->client, a->experiment_id, a->key, a->err);
}

static const struct argument delete_experiment_tag_arguments[] = {
    CLIENT, EXPERIMENT_ID, {"key", TEXT | LIMITED, AT(key), 250}, END};

/* --- runs ------------------------------------------------------------------------------ */

static enum mill_status create_run(struct arguments *a)
{
    return mill_client_create_run(a->client, a->run, a->runs_out, a->err);
}

static const struct argument create_run_arguments[] = {
    CLIENT,
    {"run", POINTER, AT(run), 0},
    {"run.size", STRUCT_SIZE, ROOM(run, size), sizeof(struct mill_new_run)},
    {"experiment_id", ID, ROOM(run, experiment_id), 0},
    {"run_name", MAYBE_TEXT | LIMITED, ROOM(run, run_name), 8000},
    {"user_id", MAYBE_TEXT | LIMITED, ROOM(run, user_id), 256},
    {"start_time", TIME, ROOM(run, start_time), 0},
    {"tags", POINTER, ROOM(run, tags), 0},
    {"tags", COUNT_MAX, ROOM(run, tag_count), 1000},
    {"tags[1].key", TEXT | LIMITED, ITEM(tag_items, 1, key), 250},
    {"tags[1].value", MAYBE_TEXT, ITEM(tag_items, 1, value), 0},
    RUNS,
    END,
};

static enum mill_status get_run(struct arguments *a)
{
    return mill_client_get_run(a->client, a->run_id, a->runs_out, a->err);
}

static const struct argument get_run_arguments[] = {CLIENT, RUN, RUNS, END};

static enum mill_status search_runs(struct arguments *a)
{
    return mill_client_search_runs(a->client, a->run_query, a->runs_out, a->err);
}

static const struct argument search_runs_arguments[] = {
    CLIENT,
    {"query", POINTER, AT(run_query), 0},
    {"experiment_ids", POINTER, ROOM(run_query, experiment_ids), 0},
    {"experiment_ids", POINTS, ROOM(run_query, experiment_count), 10000},
    {"experiment_ids[1]", ID, AT(experiment_ids[1]), 0},
    QUERY(run_query, mill_run_query, run_order_items),
    RUNS,
    END,
};

static enum mill_status list_run_infos(struct arguments *a)
{
    return mill_client_list_run_infos(a->client, a->experiment_id, a->view_type, a->runs_out,
                                      a->err);
}

static const struct argument list_run_infos_arguments[] = {CLIENT, EXPERIMENT_ID, VIEW_TYPE,
                                                           RUNS, END};

static enum mill_status update_run(struct arguments *a)
{
    return mill_client_update_run(a->client, a->run_id, a->update, a->err);
}

static const struct argument update_run_arguments[] = {
    CLIENT,
    RUN,
    {"update", POINTER, AT(update), 0},
    {"update.size", STRUCT_SIZE, ROOM(update, size), sizeof(struct mill_run_update)},
    {"status", ENUM, ROOM(update, status), 0},
    {"end_time", TIME, ROOM(update, end_time), 0},
    {"run_name", MAYBE_TEXT | LIMITED, ROOM(update, run_name), 8000},
    END,
};

static enum mill_status set_terminated(struct arguments *a)
{
    return mill_client_set_terminated(a->client, a->run_id, a->status, a->end_time_ms, a->err);
}

static const struct argument set_terminated_arguments[] = {
    CLIENT, RUN, {"status", ENUM, AT(status), 0}, {"end_time", TIME, AT(end_time_ms), 0}, END};

static enum mill_status delete_run(struct arguments *a)
{
    return mill_client_delete_run(a->client, a->run_id, a->err);
}

static enum mill_status restore_run(struct arguments *a)
{
    return mill_client_restore_run(a->client, a->run_id, a->err);
}

static const struct argument run_arguments[] = {CLIENT, RUN, END};

/* --- logging --------------------------------------------------------------------------- */

static enum mill_status log_batch(struct arguments *a)
{
    return mill_client_log_batch(a->client, a->run_id, a->batch, a->err);
}

static const struct argument log_batch_arguments[] = {
    CLIENT,
    RUN,
    {"batch", POINTER, AT(batch), 0},
    {"batch.size", STRUCT_SIZE, ROOM(batch, size), sizeof(struct mill_batch)},
    {"metrics", POINTER, ROOM(batch, metrics), 0},
    {"metrics[1].key", KEY | LIMITED, ITEM(metric_items, 1, key), 250},
    {"metrics[1].timestamp", TIME | ID, ITEM(metric_items, 1, timestamp), 0},
    {"metrics[1].model_id", MAYBE_TEXT | LIMITED, AT(link.model_id), 256},
    {"metrics[1].dataset_name", MAYBE_TEXT | LIMITED, AT(link.dataset_name), 500},
    {"metrics[1].dataset_digest", MAYBE_TEXT | LIMITED, AT(link.dataset_digest), 36},
    {"params", POINTER, ROOM(batch, params), 0},
    {"params[1].key", KEY | LIMITED, ITEM(param_items, 1, key), 250},
    {"params[1].value", MAYBE_TEXT, ITEM(param_items, 1, value), 0},
    {"tags", POINTER, ROOM(batch, tags), 0},
    {"tags[1].key", KEY | LIMITED, ITEM(tag_items, 1, key), 250},
    {"tags[1].value", MAYBE_TEXT, ITEM(tag_items, 1, value), 0},
    END,
};

static enum mill_status log_metric(struct arguments *a)
{
    return mill_client_log_metric(a->client, a->run_id, a->key, 1.5, a->timestamp_ms, 2,
                                  a->err);
}

static const struct argument log_metric_arguments[] = {
    CLIENT, RUN, METRIC_KEY, {"timestamp", TIME, AT(timestamp_ms), 0}, END};

static enum mill_status log_param(struct arguments *a)
{
    return mill_client_log_param(a->client, a->run_id, a->key, a->value, a->err);
}

static enum mill_status set_tag(struct arguments *a)
{
    return mill_client_set_tag(a->client, a->run_id, a->tag_key, a->value, a->err);
}

static const struct argument log_param_arguments[] = {
    CLIENT, RUN, METRIC_KEY, {"value", MAYBE_TEXT, AT(value), 0}, END};
static const struct argument set_tag_arguments[] = {CLIENT,
                                                    RUN,
                                                    {"key", KEY | LIMITED, AT(tag_key), 250},
                                                    {"value", MAYBE_TEXT, AT(value), 0},
                                                    END};

static enum mill_status delete_tag(struct arguments *a)
{
    return mill_client_delete_tag(a->client, a->run_id, a->tag_key, a->err);
}

static const struct argument delete_tag_arguments[] = {
    CLIENT, RUN, {"key", TEXT | LIMITED, AT(tag_key), 250}, END};

static enum mill_status log_inputs(struct arguments *a)
{
    return mill_client_log_inputs(a->client, a->run_id, a->datasets, a->dataset_count,
                                  a->models, a->model_count, a->err);
}

#define DATASET(field)                                                                         \
    (AT(dataset_items) + offsetof(struct mill_dataset_input, dataset) +                        \
     offsetof(struct mill_dataset, field))

static const struct argument log_inputs_arguments[] = {
    CLIENT,
    RUN,
    {"datasets", POINTER, AT(datasets), 0},
    {"datasets", COUNT_MAX, AT(dataset_count), 1000},
    {"name", MAYBE_TEXT | LIMITED, DATASET(name), 500},
    {"digest", MAYBE_TEXT | LIMITED, DATASET(digest), 36},
    {"source_type", MAYBE_TEXT, DATASET(source_type), 0},
    {"source", MAYBE_TEXT, DATASET(source), 0},
    {"schema", MAYBE_TEXT, DATASET(schema), 0},
    {"profile", MAYBE_TEXT, DATASET(profile), 0},
    {"tags", POINTER, ITEM(dataset_items, 0, tags), 0},
    {"key", MAYBE_TEXT | LIMITED, ITEM(dataset_tag_items, 0, key), 255},
    {"value", MAYBE_TEXT | LIMITED, ITEM(dataset_tag_items, 0, value), 500},
    {"models", POINTER, AT(models), 0},
    {"models", COUNT_MAX, AT(model_count), 1000},
    {"model_id", TEXT | LIMITED, ITEM(model_items, 0, model_id), 256},
    END,
};

static enum mill_status log_outputs(struct arguments *a)
{
    return mill_client_log_outputs(a->client, a->run_id, a->outputs, a->output_count, a->err);
}

static const struct argument log_outputs_arguments[] = {
    CLIENT,
    RUN,
    {"models", POINTER, AT(outputs), 0},
    {"models", COUNT_MAX, AT(output_count), 1000},
    {"model_id", TEXT | LIMITED, ITEM(output_items, 0, model_id), 256},
    END,
};

/* --- metric history -------------------------------------------------------------------- */

static enum mill_status metric_history(struct arguments *a)
{
    return mill_client_metric_history(a->client, a->run_id, a->key, a->points_out, a->err);
}

static const struct argument metric_history_arguments[] = {
    CLIENT, RUN, {"key", TEXT | LIMITED, AT(key), 250}, POINT_LIST, END};

static enum mill_status metric_sample(struct arguments *a)
{
    return mill_client_metric_sample(a->client, a->run_id, a->key, a->max_points, a->points_out,
                                     a->err);
}

static const struct argument metric_sample_arguments[] = {
    CLIENT,
    RUN,
    {"key", TEXT | LIMITED, AT(key), 250},
    {"max_points", POINTS, AT(max_points), 2500},
    POINT_LIST,
    END};

/* --- artifacts ------------------------------------------------------------------------- */

static enum mill_status list_artifacts(struct arguments *a)
{
    return mill_client_list_artifacts(a->client, a->run_id, a->path, a->files_out, a->err);
}

static const struct argument list_artifacts_arguments[] = {
    CLIENT,
    RUN,
    {"path", MAYBE_TEXT | LOCAL | LIMITED, AT(path), 3072},
    {"list_out", POINTER, AT(files_out), 0},
    END};

static enum mill_status log_artifact(struct arguments *a)
{
    return mill_client_log_artifact(a->client, a->run_id, a->local_path, a->directory,
                                    a->transfer, a->err);
}

static const struct argument log_artifact_arguments[] = {
    CLIENT,
    RUN,
    {"local_path", TEXT | LOCAL | LIMITED, AT(local_path), 4095},
    {"directory", MAYBE_TEXT | LOCAL | LIMITED, AT(directory), 3072},
    TRANSFER,
    END};

static enum mill_status log_artifacts(struct arguments *a)
{
    return mill_client_log_artifacts(a->client, a->run_id, a->local_dir, a->directory,
                                     a->transfer, a->err);
}

static const struct argument log_artifacts_arguments[] = {
    CLIENT,
    RUN,
    {"local_dir", TEXT | LOCAL | LIMITED, AT(local_dir), 4095},
    {"directory", MAYBE_TEXT | LOCAL | LIMITED, AT(directory), 3072},
    TRANSFER,
    END};

static enum mill_status download_artifacts(struct arguments *a)
{
    return mill_client_download_artifacts(a->client, a->run_id, a->path, a->local_dir,
                                          a->transfer, a->err);
}

static const struct argument download_artifacts_arguments[] = {
    CLIENT,
    RUN,
    {"path", MAYBE_TEXT | LOCAL | LIMITED, AT(path), 3072},
    {"local_dir", MAYBE_TEXT | LOCAL | LIMITED, AT(local_dir), 4095},
    TRANSFER,
    END};

static enum mill_status list_uri(struct arguments *a)
{
    return mill_client_list_uri(a->client, a->files_uri, a->files_out, a->err);
}

#define FILES_URI                                                                              \
    {                                                                                          \
        "uri", TEXT | LOCAL | LIMITED, AT(files_uri), 3072                                     \
    }

static const struct argument list_uri_arguments[] = {
    CLIENT, FILES_URI, {"list_out", POINTER, AT(files_out), 0}, END};

static enum mill_status download_uri(struct arguments *a)
{
    char buffer[4];
    return mill_client_download_uri(a->client, a->files_uri, a->local_dir, a->transfer, buffer,
                                    sizeof(buffer), NULL, a->err);
}

static const struct argument download_uri_arguments[] = {
    CLIENT,
    FILES_URI,
    {"local_dir", MAYBE_TEXT | LOCAL | LIMITED, AT(local_dir), 4095},
    TRANSFER,
    END};

/* --- the logger ------------------------------------------------------------------------ */

#define LOGGER                                                                                 \
    {                                                                                          \
        "logger", POINTER, AT(logger), 0                                                       \
    }

static enum mill_status open_logger(struct arguments *a)
{
    return mill_logger_open(a->logging, a->logger_out, a->err);
}

static const struct argument open_logger_arguments[] = {
    {"options.size", STRUCT_SIZE, ROOM(logging, size), sizeof(struct mill_logger_options)},
    {"options.mode", ENUM, ROOM(logging, mode), 0},
    {"options.fsync", ENUM, ROOM(logging, fsync), 0},
    {"spool", LOCAL, ROOM(logging, spool), 0},
    {"experiment_name", MAYBE_TEXT | LIMITED, ROOM(logging, experiment_name), 500},
    {"run_name", MAYBE_TEXT | LIMITED, ROOM(logging, run_name), 8000},
    {"user_id", MAYBE_TEXT | LIMITED, ROOM(logging, user_id), 256},
    {"tags", POINTER, ROOM(logging, tags), 0},
    {"tags[1].key", TEXT | LIMITED, ITEM(tag_items, 1, key), 250},
    {"tags[1].value", MAYBE_TEXT, ITEM(tag_items, 1, value), 0},
    {"logger_out", POINTER, AT(logger_out), 0},
    END,
};

static enum mill_status logger_log_metric(struct arguments *a)
{
    return mill_logger_log_metric(a->logger, a->key, 1.5, a->timestamp_ms, 2, a->err);
}

static const struct argument logger_log_metric_arguments[] = {
    LOGGER, METRIC_KEY, {"timestamp", TIME, AT(timestamp_ms), 0}, END};

static enum mill_status logger_log_metrics(struct arguments *a)
{
    return mill_logger_log_metrics(a->logger, a->metric_items, COUNT(a->metric_items), a->err);
}

static const struct argument logger_log_metrics_arguments[] = {
    LOGGER,
    {"metrics[1].key", KEY | LIMITED, ITEM(metric_items, 1, key), 250},
    {"metrics[1].timestamp", TIME | ID, ITEM(metric_items, 1, timestamp), 0},
    END,
};

static enum mill_status logger_log_param(struct arguments *a)
{
    return mill_logger_log_param(a->logger, a->key, a->value, a->err);
}

static const struct argument logger_log_param_arguments[] = {
    LOGGER, METRIC_KEY, {"value", MAYBE_TEXT, AT(value), 0}, END};

static enum mill_status logger_set_tag(struct arguments *a)
{
    return mill_logger_set_tag(a->logger, a->tag_key, a->value, a->err);
}

static const struct argument logger_set_tag_arguments[] = {
    LOGGER,
    {"key", KEY | LIMITED, AT(tag_key), 250},
    {"value", MAYBE_TEXT, AT(value), 0},
    END,
};

static enum mill_status logger_log_batch(struct arguments *a)
{
    return mill_logger_log_batch(a->logger, a->batch, a->err);
}

static const struct argument logger_log_batch_arguments[] = {
    LOGGER,
    {"batch", POINTER, AT(batch), 0},
    {"batch.size", STRUCT_SIZE, ROOM(batch, size), sizeof(struct mill_batch)},
    {"metrics", POINTER, ROOM(batch, metrics), 0},
    {"metrics[1].key", KEY | LIMITED, ITEM(metric_items, 1, key), 250},
    {"params", POINTER, ROOM(batch, params), 0},
    {"params[1].key", KEY | LIMITED, ITEM(param_items, 1, key), 250},
    {"params[1].value", MAYBE_TEXT, ITEM(param_items, 1, value), 0},
    {"tags", POINTER, ROOM(batch, tags), 0},
    {"tags[1].key", KEY | LIMITED, ITEM(tag_items, 1, key), 250},
    {"tags[1].value", MAYBE_TEXT, ITEM(tag_items, 1, value), 0},
    END,
};

static enum mill_status logger_log_inputs(struct arguments *a)
{
    return mill_logger_log_inputs(a->logger, a->datasets, a->dataset_count, a->models,
                                  a->model_count, a->err);
}

static const struct argument logger_log_inputs_arguments[] = {
    LOGGER,
    {"datasets", POINTER, AT(datasets), 0},
    {"datasets", COUNT_MAX, AT(dataset_count), 1000},
    {"name", MAYBE_TEXT | LIMITED, DATASET(name), 500},
    {"tags", POINTER, ITEM(dataset_items, 0, tags), 0},
    {"models", POINTER, AT(models), 0},
    {"model_id", TEXT | LIMITED, ITEM(model_items, 0, model_id), 256},
    END,
};

static enum mill_status logger_log_artifact(struct arguments *a)
{
    return mill_logger_log_artifact(a->logger, a->local_path, a->directory, a->err);
}

static const struct argument logger_log_artifact_arguments[] = {
    LOGGER,
    {"local_path", TEXT | LOCAL | LIMITED, AT(local_path), 4095},
    {"directory", MAYBE_TEXT | LOCAL | LIMITED, AT(directory), 3072},
    END,
};

static enum mill_status logger_flush(struct arguments *a)
{
    return mill_logger_flush(a->logger, 0, a->err);
}

static const struct argument logger_flush_arguments[] = {LOGGER, END};

static enum mill_status logger_get_counters(struct arguments *a)
{
    return mill_logger_get_counters(a->logger, a->counters, a->err);
}

static const struct argument logger_get_counters_arguments[] = {
    LOGGER, {"counters", POINTER, AT(counters), 0}, END};

/* --- spools ---------------------------------------------------------------------------- */

static enum mill_status spool_status(struct arguments *a)
{
    return mill_spool_status(a->spool, a->spools_out, a->err);
}

static const struct argument spool_status_arguments[] = {
    {"dir", LOCAL, AT(spool), 0}, {"list_out", POINTER, AT(spools_out), 0}, END};

static enum mill_status spool_export(struct arguments *a)
{
    return mill_spool_export(a->spool, a->line, NULL, a->err);
}

static const struct argument spool_export_arguments[] = {
    {"dir", LOCAL, AT(spool), 0}, {"line", POINTER, AT(line), 0}, END};

static enum mill_status spool_sync(struct arguments *a)
{
    return mill_spool_sync(a->spool, a->sync, a->err);
}

static const struct argument spool_sync_arguments[] = {
    {"dir", LOCAL, AT(spool), 0},
    {"options.size", STRUCT_SIZE, ROOM(sync, size), sizeof(struct mill_sync_options)},
    END,
};

/* In an order in which good arguments work: what is deleted or restored is there or in the bin.
 */
static enum mill_status render_prompt(struct arguments *a)
{
    return mill_prompt_render(a->to_render, a->tags, a->tag_count, true, NULL, 0, a->length_out,
                              a->err);
}

static const struct argument render_prompt_arguments[] = {
    {"version", POINTER, AT(to_render), 0},
    {"version.text", MAYBE_TEXT, ROOM(to_render, text), 0},
    {"version.messages", MAYBE_TEXT, ROOM(to_render, messages), 0},
    {"values", POINTER, AT(tags), 0},
    {"values", COUNT_MAX, AT(tag_count), 1000},
    {"values", MAYBE_TEXT, ITEM(tag_items, 1, key), 0},
    {"values", MAYBE_TEXT, ITEM(tag_items, 1, value), 0},
    {"length_out", POINTER, AT(length_out), 0},
    END};

const struct call input_calls[] = {
    {"mill_client_open", open_client, open_arguments},
    {"mill_set_tracking_uri", set_tracking_uri, set_tracking_uri_arguments},
    {"mill_client_create_experiment", create_experiment, create_experiment_arguments},
    {"mill_client_get_experiment", get_experiment, get_experiment_arguments},
    {"mill_client_get_experiment_by_name", get_experiment_by_name,
     get_experiment_by_name_arguments},
    {"mill_client_search_experiments", search_experiments, search_experiments_arguments},
    {"mill_client_list_experiments", list_experiments, list_experiments_arguments},
    {"mill_client_rename_experiment", rename_experiment, rename_experiment_arguments},
    {"mill_client_set_experiment_tag", set_experiment_tag, set_experiment_tag_arguments},
    {"mill_client_delete_experiment_tag", delete_experiment_tag,
     delete_experiment_tag_arguments},
    {"mill_client_create_run", create_run, create_run_arguments},
    {"mill_client_get_run", get_run, get_run_arguments},
    {"mill_client_search_runs", search_runs, search_runs_arguments},
    {"mill_client_list_run_infos", list_run_infos, list_run_infos_arguments},
    {"mill_client_log_batch", log_batch, log_batch_arguments},
    {"mill_client_log_metric", log_metric, log_metric_arguments},
    {"mill_client_log_param", log_param, log_param_arguments},
    {"mill_client_set_tag", set_tag, set_tag_arguments},
    {"mill_client_delete_tag", delete_tag, delete_tag_arguments},
    {"mill_client_log_inputs", log_inputs, log_inputs_arguments},
    {"mill_client_log_outputs", log_outputs, log_outputs_arguments},
    {"mill_client_metric_history", metric_history, metric_history_arguments},
    {"mill_client_metric_sample", metric_sample, metric_sample_arguments},
    {"mill_client_log_artifact", log_artifact, log_artifact_arguments},
    {"mill_client_log_artifacts", log_artifacts, log_artifacts_arguments},
    {"mill_client_list_artifacts", list_artifacts, list_artifacts_arguments},
    {"mill_client_download_artifacts", download_artifacts, download_artifacts_arguments},
    {"mill_client_list_uri", list_uri, list_uri_arguments},
    {"mill_client_download_uri", download_uri, download_uri_arguments},
    {"mill_client_update_run", update_run, update_run_arguments},
    {"mill_client_set_terminated", set_terminated, set_terminated_arguments},
    {"mill_client_delete_run", delete_run, run_arguments},
    {"mill_client_restore_run", restore_run, run_arguments},
    {"mill_client_delete_experiment", delete_experiment, experiment_arguments},
    {"mill_client_restore_experiment", restore_experiment, experiment_arguments},
    {"mill_logger_open", open_logger, open_logger_arguments},
    {"mill_logger_log_metric", logger_log_metric, logger_log_metric_arguments},
    {"mill_logger_log_metrics", logger_log_metrics, logger_log_metrics_arguments},
    {"mill_logger_log_param", logger_log_param, logger_log_param_arguments},
    {"mill_logger_set_tag", logger_set_tag, logger_set_tag_arguments},
    {"mill_logger_log_batch", logger_log_batch, logger_log_batch_arguments},
    {"mill_logger_log_inputs", logger_log_inputs, logger_log_inputs_arguments},
    {"mill_logger_log_artifact", logger_log_artifact, logger_log_artifact_arguments},
    {"mill_logger_flush", logger_flush, logger_flush_arguments},
    {"mill_logger_get_counters", logger_get_counters, logger_get_counters_arguments},
    {"mill_spool_status", spool_status, spool_status_arguments},
    {"mill_spool_export", spool_export, spool_export_arguments},
    {"mill_spool_sync", spool_sync, spool_sync_arguments},
    {"mill_prompt_render", render_prompt, render_prompt_arguments},
    {NULL, NULL, NULL},
};

/* --- functions that cannot fail -------------------------------------------------------- */

static bool frees_nothing(void)
{
    mill_client_close(NULL);
    mill_experiment_list_free(NULL);
    mill_run_list_free(NULL);
    mill_point_list_free(NULL);
    mill_file_list_free(NULL);
    mill_spool_list_free(NULL);
    mill_client_cancel(NULL);
    mill_ask_while_waiting(NULL, NULL);
    mill_model_list_free(NULL);
    mill_version_list_free(NULL);
    mill_logged_model_list_free(NULL);
    mill_prompt_list_free(NULL);
    mill_prompt_version_list_free(NULL);
    mill_eval_dataset_list_free(NULL);
    mill_eval_record_list_free(NULL);
    return mill_logger_close(NULL, MILL_RUN_FINISHED, 0, NULL) == MILL_OK &&
           mill_logger_close_at(NULL, MILL_RUN_FINISHED, 0, 0, NULL) == MILL_OK;
}

static bool run_id_of_nothing(void)
{
    return mill_logger_run_id(NULL).ptr == NULL;
}

static bool spool_without_room(void)
{
    char one = 'x';
    size_t length = mill_spool_default(NULL, 0);
    return mill_spool_default(&one, 1) == length && one == '\0';
}

static bool uri_of_nothing(void)
{
    return mill_client_uri(NULL).ptr == NULL;
}

static bool warnings_to_nobody(void)
{
    mill_on_warning(NULL, NULL);
    return true;
}

static bool tracking_uri_without_room(void)
{
    char one = 'x';
    size_t length = mill_tracking_uri(NULL, 0);
    return mill_tracking_uri(&one, 1) == length && one == '\0';
}

static bool fail_without_error(void)
{
    struct mill_error err;
    char text[1000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    return mill_fail(NULL, MILL_E_IO, "%s", text) == MILL_E_IO &&
           mill_fail(&err, MILL_E_IO, "%s", text) == MILL_E_IO &&
           strlen(err.message) == sizeof(err.message) - 1;
}

static bool no_warning_handler(void)
{
    mill_on_warning(NULL, NULL);
    return true; /* it is still there */
}

static bool info_of_unknown_status(void)
{
    return mill_status_get_info((enum mill_status) - 1)->status == MILL_E_INTERNAL &&
           mill_status_get_info(MILL_STATUS_COUNT)->status == MILL_E_INTERNAL;
}

static bool name_of_unknown_status(void)
{
    return mill_run_status_name((enum mill_run_status) - 1)[0] == '\0' &&
           mill_run_status_name((enum mill_run_status)6)[0] == '\0';
}

static bool name_of_unknown_lifecycle(void)
{
    return mill_lifecycle_name((enum mill_lifecycle) - 1)[0] == '\0' &&
           mill_lifecycle_name((enum mill_lifecycle)3)[0] == '\0';
}

/* Names that are none of a status, a view type or a stage. */
static const struct mill_view no_names[] = {{NULL, 0},   {NULL, 3},       {NULL, 8},
                                            {"", 0},     {"finished", 8}, {"FINISHED\0", 9},
                                            {"\xff", 1}, {"ALL ", 4},     {"Stagings", 8}};

static bool status_of_no_name(void)
{
    for (size_t i = 0; i < COUNT(no_names); i++)
        if (mill_run_status_from_name(no_names[i]) != 0)
            return false;
    return true;
}

static bool name_of_unknown_stage(void)
{
    return mill_stage_name((enum mill_stage) - 1)[0] == '\0' &&
           mill_stage_name((enum mill_stage)5)[0] == '\0';
}

static bool stage_of_no_name(void)
{
    for (size_t i = 0; i < COUNT(no_names); i++)
        if (mill_stage_from_name(no_names[i]) != 0)
            return false;
    return true;
}

static bool name_of_unknown_version_status(void)
{
    return mill_version_status_name((enum mill_version_status) - 1)[0] == '\0' &&
           mill_version_status_name((enum mill_version_status)4)[0] == '\0';
}

static bool name_of_unknown_logged_model_status(void)
{
    return mill_logged_model_status_name((enum mill_logged_model_status) - 1)[0] == '\0' &&
           mill_logged_model_status_name((enum mill_logged_model_status)4)[0] == '\0';
}

static bool logged_model_status_of_no_name(void)
{
    for (size_t i = 0; i < COUNT(no_names); i++)
        if (mill_logged_model_status_from_name(no_names[i]) != 0)
            return false;
    return true;
}

static bool view_type_of_no_name(void)
{
    for (size_t i = 0; i < COUNT(no_names); i++)
        if (mill_view_type_from_name(no_names[i]) != 0)
            return false;
    return true;
}

const struct plain input_plain[] = {
    {"mill_client_close", frees_nothing},
    {"mill_experiment_list_free", frees_nothing},
    {"mill_run_list_free", frees_nothing},
    {"mill_point_list_free", frees_nothing},
    {"mill_file_list_free", frees_nothing},
    {"mill_spool_list_free", frees_nothing},
    {"mill_client_cancel", frees_nothing},
    {"mill_ask_while_waiting", frees_nothing},
    {"mill_model_list_free", frees_nothing},
    {"mill_version_list_free", frees_nothing},
    {"mill_logged_model_list_free", frees_nothing},
    {"mill_prompt_list_free", frees_nothing},
    {"mill_prompt_version_list_free", frees_nothing},
    {"mill_eval_dataset_list_free", frees_nothing},
    {"mill_eval_record_list_free", frees_nothing},
    {"mill_logger_close", frees_nothing},
    {"mill_logger_close_at", frees_nothing},
    {"mill_logger_run_id", run_id_of_nothing},
    {"mill_spool_default", spool_without_room},
    {"mill_client_uri", uri_of_nothing},
    {"mill_tracking_uri", tracking_uri_without_room},
    {"mill_on_warning", warnings_to_nobody},
    {"mill_fail", fail_without_error},
    {"mill_on_warning", no_warning_handler},
    {"mill_status_get_info", info_of_unknown_status},
    {"mill_run_status_name", name_of_unknown_status},
    {"mill_lifecycle_name", name_of_unknown_lifecycle},
    {"mill_run_status_from_name", status_of_no_name},
    {"mill_view_type_from_name", view_type_of_no_name},
    {"mill_stage_name", name_of_unknown_stage},
    {"mill_stage_from_name", stage_of_no_name},
    {"mill_version_status_name", name_of_unknown_version_status},
    {"mill_logged_model_status_name", name_of_unknown_logged_model_status},
    {"mill_logged_model_status_from_name", logged_model_status_of_no_name},
    {NULL, NULL},
};

const struct call *const input_registry_calls[] = {input_model_calls, input_logged_model_calls,
                                                   input_prompt_calls, input_eval_calls, NULL};

/* --- good arguments -------------------------------------------------------------------- */

static void good_lists(struct arguments *a)
{
    a->tag_items[0] = (struct mill_tag){mill_text("first"), mill_text("1")};
    a->tag_items[1] = (struct mill_tag){mill_text("second"), mill_text("2")};
    a->tags = a->tag_items;
    a->tag_count = COUNT(a->tag_items);
    a->link = (struct mill_metric_link){mill_text(NULL), mill_text("d"), mill_text("x")};
    a->metric_items[0] = (struct mill_metric){mill_text("m"), 1, 1, 1, NULL};
    a->metric_items[1] = (struct mill_metric){mill_text("n"), 2, 2, 2, &a->link};
    a->param_items[0] = (struct mill_param){mill_text("p"), mill_text("1")};
    a->param_items[1] = (struct mill_param){mill_text("q"), mill_text("2")};
    a->dataset_tag_items[0] =
        (struct mill_tag){mill_text("mlflow.data.context"), mill_text("train")};
    a->dataset_items[0] =
        (struct mill_dataset_input){.tags = a->dataset_tag_items,
                                    .tag_count = COUNT(a->dataset_tag_items),
                                    .dataset = {.name = mill_text("d"),
                                                .digest = mill_text("x"),
                                                .source_type = mill_text("local"),
                                                .source = mill_text("{}")}};
    a->datasets = a->dataset_items;
    a->dataset_count = COUNT(a->dataset_items);
    a->model_items[0] = (struct mill_model_input){mill_text("m-1")};
    a->models = a->model_items;
    a->model_count = COUNT(a->model_items);
    a->output_items[0] = (struct mill_model_output){mill_text("m-2"), 1};
    a->outputs = a->output_items;
    a->output_count = COUNT(a->output_items);
}

static void good_structs(const struct input *in, struct arguments *a)
{
    a->options_room.it =
        (struct mill_client_options){.size = sizeof(a->options_room.it), .read_only = true};
    a->options = &a->options_room.it;
    a->run_room.it = (struct mill_new_run){.size = sizeof(a->run_room.it),
                                           .experiment_id = in->experiment_id,
                                           .tags = a->tag_items,
                                           .tag_count = COUNT(a->tag_items)};
    a->run = &a->run_room.it;
    a->update_room.it = (struct mill_run_update){.size = sizeof(a->update_room.it)};
    a->update = &a->update_room.it;
    a->batch_room.it = (struct mill_batch){.size = sizeof(a->batch_room.it),
                                           .metrics = a->metric_items,
                                           .metric_count = COUNT(a->metric_items),
                                           .params = a->param_items,
                                           .param_count = COUNT(a->param_items),
                                           .tags = a->tag_items,
                                           .tag_count = COUNT(a->tag_items)};
    a->batch = &a->batch_room.it;
    a->experiment_ids[0] = in->experiment_id;
    a->experiment_ids[1] = in->experiment_id;
    a->order_items[0] = mill_text("name");
    a->run_order_items[0] = mill_text("run_name");
    a->run_query_room.it = (struct mill_run_query){.size = sizeof(a->run_query_room.it),
                                                   .experiment_ids = a->experiment_ids,
                                                   .experiment_count = COUNT(a->experiment_ids),
                                                   .order_by = a->run_order_items,
                                                   .order_by_count = COUNT(a->run_order_items)};
    a->run_query = &a->run_query_room.it;
    a->experiment_query_room.it =
        (struct mill_experiment_query){.size = sizeof(a->experiment_query_room.it),
                                       .order_by = a->order_items,
                                       .order_by_count = COUNT(a->order_items)};
    a->experiment_query = &a->experiment_query_room.it;
    a->transfer_room.it = (struct mill_transfer_options){.size = sizeof(a->transfer_room.it)};
    a->transfer = &a->transfer_room.it;
    a->logging_room.it = (struct mill_logger_options){.size = sizeof(a->logging_room.it),
                                                      .tracking_uri = in->uri,
                                                      .mode = MILL_MODE_OFFLINE,
                                                      .spool = mill_text("input-spool"),
                                                      .tags = a->tag_items,
                                                      .tag_count = COUNT(a->tag_items)};
    a->logging = &a->logging_room.it;
    a->sync_room.it = (struct mill_sync_options){.size = sizeof(a->sync_room.it)};
    a->sync = &a->sync_room.it;
    a->counters_room = (struct mill_logger_counters){.size = sizeof(a->counters_room)};
    a->counters = &a->counters_room;
}

static bool take_line(void *context, struct mill_view json)
{
    (void)context;
    return json.len > 0;
}

void input_good(const struct input *in, struct arguments *a)
{
    bool workspace = strcmp(in->kind, "databricks") == 0;
    memset(a, 0, sizeof(*a));
    good_lists(a);
    good_structs(in, a);
    input_good_model(in, a);
    input_good_logged_model(in, a);
    input_good_prompt(in, a);
    input_good_eval(in, a);
    a->client = in->client;
    a->logger = in->logger;
    a->spool = mill_text("input-spool/none");
    a->line = take_line;
    a->logger_out = &a->logger_made;
    a->spools_out = &a->spools;
    a->uri = in->uri;
    a->name = mill_text(workspace ? "/Shared/never made" : "never made");
    a->new_name = mill_text(workspace ? "/Shared/never taken" : "never taken");
    a->run_id = in->run_id;
    a->key = mill_text("m");
    a->tag_key = mill_text("t");
    a->value = mill_text("v");
    a->local_path = mill_text("input-file");
    a->local_dir = mill_text("input-directory");
    a->experiment_id = in->experiment_id;
    a->timestamp_ms = 1;
    a->end_time_ms = 5;
    a->max_points = 10;
    a->client_out = &a->opened;
    a->id_out = &a->id;
    a->experiments_out = &a->experiments;
    a->runs_out = &a->runs;
    a->points_out = &a->points;
    a->files_out = &a->files;
}

bool input_has_output(const struct arguments *a)
{
    return a->opened != NULL || a->id != 0 || a->experiments != NULL || a->runs != NULL ||
           a->points != NULL || a->files != NULL || a->logger_made != NULL ||
           a->spools != NULL || input_has_model(a) || input_has_logged_model(a) ||
           input_has_prompt(a) || input_has_eval(a);
}

void input_release(struct arguments *a)
{
    mill_client_close(a->opened);
    mill_experiment_list_free(a->experiments);
    mill_run_list_free(a->runs);
    mill_point_list_free(a->points);
    mill_file_list_free(a->files);
    mill_logger_close(a->logger_made, (enum mill_run_status)0, 0, NULL);
    mill_spool_list_free(a->spools);
    a->logger_made = NULL;
    a->spools = NULL;
    a->opened = NULL;
    a->experiments = NULL;
    a->runs = NULL;
    a->points = NULL;
    a->files = NULL;
    a->id = 0;
    input_release_models(a);
    input_release_logged_models(a);
    input_release_prompts(a);
    input_release_eval(a);
}
