/* cmd_runs_compare.c - `runs compare`: a few runs side by side, what differs first. */
#include "base/view.h"
#include "cli/runs.h"
#include "cli/table.h"

#define MAX_RUNS 20

static struct mill_view text_of(struct mill_cli *cli, const struct mill_run *run,
                                const struct mill_key *key)
{
    if (key->is_metric) {
        const struct mill_metric *metric = mill_cli_metric(run, key->name);
        return metric != NULL ? mill_cli_number(cli, metric->value) : MILL_VIEW("-");
    }
    struct mill_view value = mill_cli_param(run, key->name);
    return value.ptr != NULL ? value : MILL_VIEW("-");
}

/* A row of something that is no metric or param. */
static void add_row(struct mill_table *table, const char *title)
{
    mill_table_row(table);
    mill_table_set(table, 0, mill_view_of(title));
}

static enum mill_status print(struct mill_cli *cli, const struct mill_run *const *runs,
                              size_t count, struct mill_error *err)
{
    struct mill_table table = {.arena = &cli->arena};
    struct mill_best nobody = {0};
    struct mill_keys keys;
    size_t left_out = 0;
    bool all = mill_arg_flag(&cli->args, "all");
    enum mill_status st =
        mill_keys_collect(runs, count, &nobody, NULL, NULL, &cli->arena, &keys, err);
    if (st != MILL_OK)
        return st;
    mill_table_column(&table, (struct mill_column){.title = MILL_VIEW("RUN"), .narrowest = 16});
    for (size_t r = 0; r < count; r++)
        mill_table_column(&table, (struct mill_column){.title = runs[r]->info.run_name,
                                                       .right = true,
                                                       .narrowest = 10,
                                                       .optional = r > 0});
    add_row(&table, "id");
    for (size_t r = 0; r < count; r++)
        mill_table_set(&table, r + 1, mill_cli_short_id(cli, runs[r]->info.run_id));
    add_row(&table, "took");
    for (size_t r = 0; r < count; r++)
        mill_table_set(&table, r + 1, mill_cli_duration(cli, mill_cli_took(runs[r])));
    size_t same = 0;
    for (size_t k = 0; k < keys.count; k++) {
        if (!keys.items[k].differs && !all) {
            same++;
            continue;
        }
        mill_table_row(&table);
        mill_table_set(&table, 0, keys.items[k].name);
        for (size_t r = 0; r < count; r++)
            mill_table_set(&table, r + 1, text_of(cli, runs[r], &keys.items[k]));
    }
    st = mill_table_print(&table, &cli->term, &cli->out, &left_out, err);
    if (st == MILL_OK && left_out > 0)
        mill_buf_printf(&cli->out, "%zu run%s found no room.\n", left_out,
                        left_out == 1 ? "" : "s");
    if (st == MILL_OK && same > 0)
        mill_buf_printf(&cli->out, "%zu more %s the same in all of them: see --all.\n", same,
                        same == 1 ? "is" : "are");
    return st;
}

static enum mill_status compare(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_run_list *lists[MAX_RUNS] = {NULL};
    const struct mill_run *runs[MAX_RUNS];
    const char *const *texts;
    size_t count = mill_arg_list(&cli->args, "run-id", &texts);
    if (count < 2 || count > MAX_RUNS)
        return mill_fail(err, MILL_E_INVALID, "give 2 to %d runs to compare, got %zu", MAX_RUNS,
                         count);
    enum mill_status st = mill_cli_open(cli, MILL_READ, err);
    for (size_t i = 0; i < count && st == MILL_OK; i++) {
        st = mill_cli_run(cli, texts[i], &lists[i], err);
        if (st == MILL_OK)
            runs[i] = lists[i]->items[0];
    }
    if (st == MILL_OK)
        st = print(cli, runs, count, err);
    for (size_t i = 0; i < count; i++)
        mill_run_list_free(lists[i]);
    return st;
}

static const struct mill_opt opts[] = {
    MILL_OPT_RUN_IDS("two or more"),
    {.name = "all", .letter = 'a', .type = MILL_OPT_FLAG, .help = "Also show what is the same"},
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_runs_compare = {
    .group = "runs",
    .name = "compare",
    .summary = "Put a few runs side by side, what differs first",
    MILL_OPTS(opts),
    .run = compare,
};
