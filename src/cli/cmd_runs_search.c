/* cmd_runs_search.c - `runs search`: runs of an experiment as a table, CSV or JSON. */
#include "base/view.h"
#include "cli/found.h"
#include "cli/runs.h"

/* The first metric of --order-by tells which run is best when --best does not. */
static void best_of_order(const char *order, struct mill_best *best)
{
    static const char *const prefixes[] = {"metrics.", "metric."};
    struct mill_view text = mill_view_trim(mill_view_of(order)), name;
    for (size_t i = 0; i < MILL_COUNT(prefixes); i++) {
        struct mill_view prefix = mill_view_of(prefixes[i]);
        if (!mill_view_starts(text, prefix))
            continue;
        bool falling = text.len > 5 && mill_view_eq_nocase(mill_view_from(text, text.len - 5),
                                                           MILL_VIEW(" desc"));
        name = mill_view_from(text, prefix.len);
        if (name.len > 1 && (name.ptr[0] == '`' || name.ptr[0] == '"'))
            mill_view_cut(mill_view_from(name, 1), name.ptr[0], &name);
        else
            mill_view_cut(name, ' ', &name);
        best->metric = name;
        best->smallest = !falling;
        return;
    }
}

static enum mill_status print(struct mill_cli *cli, const struct mill_found *found,
                              const struct mill_best *best, struct mill_error *err)
{
    struct mill_keys keys;
    if (mill_arg_flag(&cli->args, "json")) {
        mill_found_print_json(&cli->out, found);
        return MILL_OK;
    }
    enum mill_status st =
        mill_keys_collect(found->runs, found->count, best, mill_arg(&cli->args, "metrics"),
                          mill_arg(&cli->args, "params"), &cli->arena, &keys, err);
    if (st != MILL_OK)
        return st;
    if (mill_arg_flag(&cli->args, "csv")) {
        mill_runs_print_csv(cli, found->runs, found->count, &keys);
        return MILL_OK;
    }
    st = mill_runs_print_table(cli, found->runs, found->count, &keys, best, err);
    if (st == MILL_OK && found->count == 0)
        mill_buf_add_view(&cli->out, MILL_VIEW("No runs match.\n"));
    if (st == MILL_OK && found->next_page_token.ptr != NULL)
        mill_buf_printf(&cli->out, "These are the first %zu: see --max-results.\n",
                        found->count);
    return st;
}

static enum mill_status search(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_found found = {0};
    struct mill_best best = {0};
    const char *order = mill_arg(&cli->args, "order-by");
    const char *best_text = mill_arg(&cli->args, "best");
    struct mill_view order_view = mill_view_of(order);
    enum mill_status st = MILL_OK;
    if (best_text != NULL)
        st = mill_best_parse(best_text, &best, err);
    else if (order != NULL)
        best_of_order(order, &best);
    if (st == MILL_OK && best_text != NULL && order == NULL) {
        order_view = mill_arena_printf(&cli->arena, "metrics.`%.*s` %s", MILL_FMT(best.metric),
                                       best.smallest ? "ASC" : "DESC");
        if (order_view.ptr == NULL)
            st = mill_fail(err, MILL_E_NOMEM, "out of memory");
    }
    struct mill_run_query query = {
        .view_type = mill_cli_view(cli),
        .filter = mill_cli_text(cli, "filter"),
        .order_by = &order_view,
        .order_by_count = order_view.ptr != NULL ? 1 : 0,
        .page_token = mill_cli_text(cli, "page-token"),
    };
    if (st == MILL_OK)
        st = mill_cli_open(cli, MILL_READ, err);
    if (st == MILL_OK)
        st =
            mill_found_fetch(cli, &query, mill_arg_int(&cli->args, "max-results"), &found, err);
    if (st == MILL_OK)
        st = print(cli, &found, &best, err);
    mill_found_release(&found);
    return st;
}

static const struct mill_opt search_opts[] = {
    MILL_OPT_EXPERIMENT_OF_RUNS,
    {.name = "filter",
     .letter = 'f',
     .type = MILL_OPT_TEXT,
     .value = "FILTER",
     .help = "Which runs, e.g. \"metrics.loss < 0.1 AND params.optimizer = 'adam'\""},
    MILL_OPT_ORDER("'metrics.loss ASC'; newest first when not given"),
    {.name = "best",
     .letter = 'b',
     .type = MILL_OPT_TEXT,
     .value = "METRIC",
     .help = "Mark the best run, and put it first unless --order-by is given: max:METRIC, "
             "min:METRIC, or METRIC, where a name with loss or error means min"},
    {.name = "metrics",
     .letter = 'm',
     .type = MILL_OPT_TEXT,
     .value = "KEYS",
     .help = "Metrics to show, separated by commas"},
    {.name = "params",
     .letter = 'p',
     .type = MILL_OPT_TEXT,
     .value = "KEYS",
     .help = "Params to show, separated by commas"},
    MILL_OPT_MAX_RUNS("100"),
    MILL_OPT_PAGE_TOKEN,
    MILL_OPT_VIEW,
    {.name = "csv", .type = MILL_OPT_FLAG, .help = "Print CSV, with full ids and all digits"},
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_runs_search = {
    .group = "runs",
    .name = "search",
    .summary = "Compare the runs of an experiment in a table",
    .details = "Without --metrics and --params the columns are all metrics and params, those "
               "first whose values differ between the runs; a terminal shows as many as fit.",
    MILL_OPTS(search_opts),
    .run = search,
};
