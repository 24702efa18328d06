/* cmd_runs_describe.c - `runs describe`: one run in the form that `mlflow runs describe`
 * prints, where metrics, params and tags are objects. `runs get --json` has that of the
 * protocol. */
#include "base/view.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/put.h"

static void put_info(struct mill_buf *out, const struct mill_run_info *info)
{
    mill_put_open(out, "info", '{');
    mill_put_text(out, "run_id", info->run_id);
    mill_put_text(out, "run_name", info->run_name);
    mill_answer_experiment_id(out, info->experiment_id);
    mill_put_text(out, "user_id", info->user_id);
    mill_put_text(out, "status", mill_view_of(mill_run_status_name(info->status)));
    mill_put_int(out, "start_time", info->start_time);
    mill_put_int(out, "end_time", info->end_time);
    mill_put_text(out, "artifact_uri", info->artifact_uri);
    mill_put_text(out, "lifecycle_stage",
                  mill_view_of(mill_lifecycle_name(info->lifecycle_stage)));
    mill_put_close(out, '}');
}

static void put_pairs(struct mill_buf *out, const char *key, const struct mill_tag *pairs,
                      size_t count)
{
    mill_put_open(out, key, '{');
    for (size_t i = 0; i < count; i++)
        mill_put_pair(out, pairs[i].key, pairs[i].value);
    mill_put_close(out, '}');
}

static void put_inputs(struct mill_buf *out, const struct mill_run *run)
{
    mill_put_open(out, "inputs", '{');
    mill_put_open(out, "dataset_inputs", '[');
    for (size_t i = 0; i < run->dataset_input_count; i++) {
        const struct mill_dataset_input *input = &run->dataset_inputs[i];
        mill_put_open(out, NULL, '{');
        put_pairs(out, "tags", input->tags, input->tag_count);
        mill_put_open(out, "dataset", '{');
        mill_put_text(out, "name", input->dataset.name);
        mill_put_text(out, "digest", input->dataset.digest);
        mill_put_text(out, "source_type", input->dataset.source_type);
        mill_put_text(out, "source", input->dataset.source);
        mill_put_text(out, "schema", input->dataset.schema);
        mill_put_text(out, "profile", input->dataset.profile);
        mill_put_close(out, '}');
        mill_put_close(out, '}');
    }
    mill_put_close(out, ']');
    mill_put_close(out, '}');
}

static void put_run(struct mill_buf *out, const struct mill_run *run)
{
    mill_put_open(out, NULL, '{');
    put_info(out, &run->info);
    mill_put_open(out, "data", '{');
    mill_put_open(out, "metrics", '{');
    for (size_t i = 0; i < run->metric_count; i++)
        mill_put_double_pair(out, run->metrics[i].key, run->metrics[i].value);
    mill_put_close(out, '}');
    mill_put_open(out, "params", '{');
    for (size_t i = 0; i < run->param_count; i++)
        mill_put_pair(out, run->params[i].key, run->params[i].value);
    mill_put_close(out, '}');
    put_pairs(out, "tags", run->tags, run->tag_count);
    mill_put_close(out, '}');
    put_inputs(out, run);
    mill_put_end(out);
}

static enum mill_status describe(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_run_list *list = NULL;
    enum mill_status st = mill_cli_run(cli, mill_arg(&cli->args, "run-id"), &list, err);
    if (st == MILL_OK)
        put_run(&cli->out, list->items[0]);
    mill_run_list_free(list);
    return st;
}

static const struct mill_opt opts[] = {MILL_OPT_RUN_ID, MILL_OPT_TRACKING_URI};

const struct mill_command mill_cmd_runs_describe = {
    .group = "runs",
    .name = "describe",
    .summary = "Print one run as JSON, metrics, params and tags as objects",
    MILL_OPTS(opts),
    .access = MILL_READ,
    .run = describe,
};
