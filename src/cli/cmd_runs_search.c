/* cmd_runs_search.c - `runs search`, `runs list` and `experiments csv`: runs of an experiment
 * as a table, CSV or JSON. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/view.h"
#include "cli/runs.h"
#include "cli/table.h"

/* All that is asked for, page after page: the pages stay, the list of runs grows. */
struct found {
    int64_t experiment_id;
    struct mill_run_list **pages;
    size_t page_count;
    const struct mill_run **runs;
    size_t count;
    bool more; /* there are runs behind these */
};

static void free_found(struct found *found)
{
    for (size_t i = 0; i < found->page_count; i++)
        mill_run_list_free(found->pages[i]);
}

/* Runs in pages of this size: a page is one answer. */
#define PAGE 1000

static enum mill_status fetch(struct mill_cli *cli, struct mill_run_query *query, int64_t most,
                              struct found *found, struct mill_error *err)
{
    size_t max_pages = (size_t)((most + PAGE - 1) / PAGE);
    enum mill_status st = MILL_OK;
    found->pages = mill_arena_zero(&cli->arena, max_pages, sizeof(struct mill_run_list *));
    found->runs = mill_arena_zero(&cli->arena, (size_t)most, sizeof(struct mill_run *));
    if (found->pages == NULL || found->runs == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    do {
        struct mill_run_list *page = NULL;
        int64_t left = most - (int64_t)found->count;
        query->max_results = left < PAGE ? left : PAGE;
        st = mill_client_search_runs(cli->client, query, &page, err);
        if (st != MILL_OK)
            return st;
        found->pages[found->page_count++] = page;
        for (size_t i = 0; i < page->count && (int64_t)found->count < most; i++)
            found->runs[found->count++] = page->items[i];
        query->page_token = page->next_page_token;
        found->more = page->next_page_token.ptr != NULL;
    } while (found->more && (int64_t)found->count < most && found->page_count < max_pages);
    return MILL_OK;
}

/* Opens the client and gets the runs of the experiment that --experiment-id names. */
static enum mill_status find(struct mill_cli *cli, struct mill_run_query *query, int64_t most,
                             struct found *found, struct mill_error *err)
{
    struct mill_experiment_list *experiment = NULL;
    enum mill_status st = mill_cli_open(cli, MILL_READ, err);
    if (st == MILL_OK)
        st = mill_cli_experiment(cli, mill_arg(&cli->args, "experiment-id"), &experiment, err);
    if (st != MILL_OK)
        return st;
    found->experiment_id = experiment->items[0]->experiment_id;
    mill_experiment_list_free(experiment);
    query->size = sizeof(*query);
    query->experiment_ids = &found->experiment_id;
    query->experiment_count = 1;
    return fetch(cli, query, most, found, err);
}

/* --- search ---------------------------------------------------------------------------- */

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

static enum mill_status print(struct mill_cli *cli, const struct found *found,
                              const struct mill_best *best, struct mill_error *err)
{
    struct mill_keys keys;
    if (mill_arg_flag(&cli->args, "json")) {
        mill_buf_add_char(&cli->out, '[');
        for (size_t i = 0; i < found->count; i++) {
            mill_buf_add_view(&cli->out, mill_view_of(i > 0 ? ",\n" : "\n"));
            mill_runs_print_json(&cli->out, found->runs[i]);
        }
        mill_buf_add_view(&cli->out, MILL_VIEW("\n]\n"));
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
    if (st == MILL_OK && found->more)
        mill_buf_printf(&cli->out, "These are the first %zu: see --max-results.\n",
                        found->count);
    return st;
}

static enum mill_status search(struct mill_cli *cli, struct mill_error *err)
{
    struct found found = {0};
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
        .filter = mill_view_of(mill_arg(&cli->args, "filter")),
        .order_by = &order_view,
        .order_by_count = order_view.ptr != NULL ? 1 : 0,
    };
    if (st == MILL_OK)
        st = find(cli, &query, mill_arg_int(&cli->args, "max-results"), &found, err);
    if (st == MILL_OK)
        st = print(cli, &found, &best, err);
    free_found(&found);
    return st;
}

static const struct mill_opt search_opts[] = {
    {.name = "experiment-id",
     .letter = 'x',
     .type = MILL_OPT_TEXT,
     .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE,
     .value = "EXPERIMENT",
     .env = "MLFLOW_EXPERIMENT_ID",
     .help = "Id or name of the experiment"},
    {.name = "filter",
     .letter = 'f',
     .type = MILL_OPT_TEXT,
     .value = "FILTER",
     .help = "Which runs, e.g. \"metrics.loss < 0.1 AND params.optimizer = 'adam'\""},
    {.name = "order-by",
     .letter = 'o',
     .type = MILL_OPT_TEXT,
     .value = "FIELD",
     .help = "Order, e.g. 'metrics.loss ASC'; newest first when not given"},
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
    {.name = "max-results",
     .letter = 'n',
     .type = MILL_OPT_INT,
     .value = "N",
     .fallback = "100",
     .least = 1,
     .most = 1000000,
     .help = "How many runs at most"},
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
    .opts = search_opts,
    .opt_count = MILL_COUNT(search_opts),
    .run = search,
};

/* --- list ------------------------------------------------------------------------------ */

static enum mill_status list(struct mill_cli *cli, struct mill_error *err)
{
    struct found found = {0};
    struct mill_run_query query = {.view_type = mill_cli_view(cli)};
    struct mill_table table = {.arena = &cli->arena};
    size_t left_out;
    enum mill_status st =
        find(cli, &query, mill_arg_int(&cli->args, "max-results"), &found, err);
    mill_table_column(&table, (struct mill_column){.title = MILL_VIEW("DATE")});
    mill_table_column(&table,
                      (struct mill_column){.title = MILL_VIEW("NAME"), .narrowest = 14});
    mill_table_column(&table, (struct mill_column){.title = MILL_VIEW("ID")});
    for (size_t i = 0; i < found.count && st == MILL_OK; i++) {
        mill_table_row(&table);
        mill_table_set(&table, 0, mill_cli_time(cli, found.runs[i]->info.start_time));
        mill_table_set(&table, 1, found.runs[i]->info.run_name);
        mill_table_set(&table, 2, found.runs[i]->info.run_id);
    }
    if (st == MILL_OK)
        st = mill_table_print(&table, &cli->term, &cli->out, &left_out, err);
    free_found(&found);
    return st;
}

static const struct mill_opt list_opts[] = {
    {.name = "experiment-id",
     .letter = 'x',
     .type = MILL_OPT_TEXT,
     .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE,
     .value = "EXPERIMENT",
     .env = "MLFLOW_EXPERIMENT_ID",
     .help = "Id or name of the experiment"},
    MILL_OPT_VIEW,
    {.name = "max-results",
     .letter = 'n',
     .type = MILL_OPT_INT,
     .value = "N",
     .fallback = "1000",
     .least = 1,
     .most = 1000000,
     .help = "How many runs at most"},
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_runs_list = {
    .group = "runs",
    .name = "list",
    .summary = "List the runs of an experiment, newest first",
    .opts = list_opts,
    .opt_count = MILL_COUNT(list_opts),
    .run = list,
};

/* --- csv ------------------------------------------------------------------------------- */

/* Puts what is in cli->out into a file. */
static enum mill_status write_file(struct mill_cli *cli, const char *path,
                                   struct mill_error *err)
{
    struct mill_view left = mill_buf_view(&cli->out);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool failed = fd < 0;
    while (!failed && left.len > 0) {
        ssize_t done = write(fd, left.ptr, left.len);
        failed = done < 0 && errno != EINTR;
        left = mill_view_from(left, done > 0 ? (size_t)done : 0);
    }
    int error = errno;
    if (fd >= 0 && close(fd) != 0 && !failed) {
        failed = true;
        error = errno;
    }
    cli->out.len = 0;
    if (failed)
        return mill_fail(err, error == ENOSPC ? MILL_E_FULL : MILL_E_IO,
                         "cannot write --filename '%s': %s", path, strerror(error));
    mill_buf_printf(&cli->out, "Runs of experiment %s have been written to %s.\n",
                    mill_arg(&cli->args, "experiment-id"), path);
    return MILL_OK;
}

static enum mill_status csv(struct mill_cli *cli, struct mill_error *err)
{
    struct found found = {0};
    struct mill_run_query query = {.view_type = MILL_VIEW_ACTIVE_ONLY};
    struct mill_best nobody = {0};
    struct mill_keys keys;
    const char *path = mill_arg(&cli->args, "filename");
    enum mill_status st = find(cli, &query, 1000000, &found, err);
    if (st == MILL_OK)
        st = mill_keys_collect(found.runs, found.count, &nobody, NULL, NULL, &cli->arena, &keys,
                               err);
    if (st == MILL_OK) {
        mill_runs_print_csv(cli, found.runs, found.count, &keys);
        if (path != NULL)
            st = write_file(cli, path, err);
    }
    free_found(&found);
    return st;
}

static const struct mill_opt csv_opts[] = {
    MILL_OPT_EXPERIMENT_ID,
    {.name = "filename",
     .letter = 'o',
     .type = MILL_OPT_TEXT,
     .value = "FILE",
     .help = "Write to this file; to standard output when not given"},
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_experiments_csv = {
    .group = "experiments",
    .name = "csv",
    .summary = "Write the runs of an experiment as CSV",
    .opts = csv_opts,
    .opt_count = MILL_COUNT(csv_opts),
    .run = csv,
};
