/* cmd_runs_get.c - `runs get`: one run. */
#include "base/view.h"
#include "cli/answer.h"
#include "cli/runs.h"

static void print_line(struct mill_cli *cli, struct mill_view title, size_t width,
                       struct mill_view value)
{
    size_t used = mill_text_fit(&cli->out, &cli->term, title, width);
    mill_buf_printf(&cli->out, "%*s  ", (int)(width - used), "");
    mill_text_fit(&cli->out, &cli->term, value,
                  cli->term.width == SIZE_MAX ? SIZE_MAX : cli->term.width - width - 2);
    mill_buf_add_char(&cli->out, '\n');
}

static void print_heading(struct mill_cli *cli, const char *text)
{
    mill_buf_add_char(&cli->out, '\n');
    mill_style_begin(&cli->out, &cli->term, MILL_STYLE_BOLD);
    mill_buf_add_view(&cli->out, mill_view_of(text));
    mill_style_end(&cli->out, &cli->term, MILL_STYLE_BOLD);
    mill_buf_add_char(&cli->out, '\n');
}

/* Width of the first column: that of the longest key, within reason. */
static size_t key_width(const struct mill_run *run)
{
    size_t width = 13;
    for (size_t i = 0; i < run->metric_count; i++)
        width = run->metrics[i].key.len > width ? run->metrics[i].key.len : width;
    for (size_t i = 0; i < run->param_count; i++)
        width = run->params[i].key.len > width ? run->params[i].key.len : width;
    for (size_t i = 0; i < run->tag_count; i++)
        width = run->tags[i].key.len > width ? run->tags[i].key.len : width;
    return width < 32 ? width : 32;
}

/* The status, and what else there is to know about it. */
static struct mill_view status_text(struct mill_cli *cli, const struct mill_run *run)
{
    const char *name = mill_run_status_name(run->info.status);
    int64_t silent_ms = mill_cli_silent(run);
    if (run->info.lifecycle_stage == MILL_DELETED)
        return mill_arena_printf(&cli->arena, "%s, deleted", name);
    if (silent_ms != MILL_ABSENT)
        return mill_arena_printf(&cli->arena, "%s, but silent for %.*s", name,
                                 MILL_FMT(mill_cli_duration(cli, silent_ms)));
    return mill_view_of(name);
}

static void print_run(struct mill_cli *cli, const struct mill_run *run)
{
    const struct mill_run_info *info = &run->info;
    size_t width = key_width(run);
    print_line(cli, MILL_VIEW("Run"), width, info->run_id);
    print_line(cli, MILL_VIEW("Name"), width, info->run_name);
    print_line(cli, MILL_VIEW("Experiment"), width, mill_cli_int(cli, info->experiment_id));
    print_line(cli, MILL_VIEW("Status"), width, status_text(cli, run));
    print_line(cli, MILL_VIEW("Started"), width, mill_cli_time(cli, info->start_time));
    print_line(cli, MILL_VIEW("Took"), width, mill_cli_duration(cli, mill_cli_took(run)));
    if (info->user_id.len > 0)
        print_line(cli, MILL_VIEW("User"), width, info->user_id);
    print_line(cli, MILL_VIEW("Artifacts"), width, info->artifact_uri);
    if (run->metric_count > 0)
        print_heading(cli, "Metrics");
    for (size_t i = 0; i < run->metric_count; i++)
        print_line(cli, run->metrics[i].key, width,
                   mill_arena_printf(&cli->arena, "%-12.6g  step %lld", run->metrics[i].value,
                                     (long long)run->metrics[i].step));
    if (run->param_count > 0)
        print_heading(cli, "Params");
    for (size_t i = 0; i < run->param_count; i++)
        print_line(cli, run->params[i].key, width, run->params[i].value);
    if (run->tag_count > 0)
        print_heading(cli, "Tags");
    for (size_t i = 0; i < run->tag_count; i++)
        print_line(cli, run->tags[i].key, width, run->tags[i].value);
}

static enum mill_status get(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_run_list *list = NULL;
    enum mill_status st = mill_cli_run(cli, mill_arg(&cli->args, "run-id"), &list, err);
    if (st == MILL_OK && mill_arg_flag(&cli->args, "json"))
        mill_answer_one_run(&cli->out, list->items[0]);
    else if (st == MILL_OK)
        print_run(cli, list->items[0]);
    mill_run_list_free(list);
    return st;
}

static const struct mill_opt get_opts[] = {
    MILL_OPT_RUN_ID,
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_runs_get = {
    .group = "runs",
    .name = "get",
    .alias = "show",
    .summary = "Show one run",
    MILL_OPTS(get_opts),
    .access = MILL_READ,
    .run = get,
};
