/* cmd_runs_metrics.c - `runs metrics`: the history of a metric as a table, chart, CSV or JSON.
 */
#include "base/view.h"
#include "cli/chart.h"
#include "cli/put.h"
#include "cli/runs.h"
#include "cli/table.h"

/* One run's history. */
struct line {
    struct mill_run_list *run;
    struct mill_point_list *points;
};

#define MAX_LINES MILL_CHART_MAX_SERIES

/* Points of a chart; more would fall onto each other. */
#define CHART_POINTS 500

static struct mill_view run_id_of(const struct line *line)
{
    return line->run->items[0]->info.run_id;
}

/* --- forms of output ------------------------------------------------------------------- */

/* The form of the call for the histories of several runs. */
static void print_json(struct mill_cli *cli, const struct line *lines, size_t count)
{
    struct mill_buf *out = &cli->out;
    mill_put_open(out, NULL, '{');
    mill_put_open(out, "metrics", '[');
    for (size_t n = 0; n < count; n++)
        for (size_t i = 0; i < lines[n].points->count; i++) {
            const struct mill_point *point = &lines[n].points->items[i];
            mill_put_open(out, NULL, '{');
            mill_put_text(out, "key", mill_cli_text(cli, "key"));
            mill_put_double(out, "value", point->value);
            mill_put_int(out, "timestamp", point->timestamp);
            mill_put_int(out, "step", point->step);
            mill_put_text(out, "run_id", run_id_of(&lines[n]));
            mill_put_close(out, '}');
        }
    mill_put_close(out, ']');
    mill_put_end(out);
}

/* Long histories are written as they are printed, so that memory holds only the points. */
static enum mill_status print_csv(struct mill_cli *cli, const struct line *lines, size_t count,
                                  struct mill_error *err)
{
    mill_buf_add_view(&cli->out, MILL_VIEW("run_id,step,timestamp,value\n"));
    for (size_t n = 0; n < count; n++)
        for (size_t i = 0; i < lines[n].points->count; i++) {
            const struct mill_point *point = &lines[n].points->items[i];
            mill_buf_printf(&cli->out, "%.*s,%lld,%lld,", MILL_FMT(run_id_of(&lines[n])),
                            (long long)point->step, (long long)point->timestamp);
            mill_number_exact(&cli->out, point->value);
            mill_buf_add_char(&cli->out, '\n');
            if (cli->out.len > 1 << 16) {
                enum mill_status st = mill_cli_flush(cli, err);
                if (st != MILL_OK)
                    return st;
            }
        }
    return MILL_OK;
}

static enum mill_status print_chart(struct mill_cli *cli, const struct line *lines,
                                    size_t count, struct mill_error *err)
{
    struct mill_series series[MAX_LINES];
    const struct mill_run *runs[MAX_LINES];
    struct mill_best best = {0};
    const char *best_text = mill_arg(&cli->args, "best");
    for (size_t n = 0; n < count; n++) {
        runs[n] = lines[n].run->items[0];
        series[n] = (struct mill_series){.label = runs[n]->info.run_name,
                                         .points = lines[n].points->items,
                                         .count = lines[n].points->count};
        if (series[n].label.len == 0)
            series[n].label = run_id_of(&lines[n]);
    }
    if (best_text != NULL) {
        enum mill_status st = mill_best_parse(best_text, &best, err);
        if (st != MILL_OK)
            return st;
    }
    size_t winner = mill_best_find(&best, runs, count);
    if (winner != SIZE_MAX)
        series[winner].best = true;
    return mill_chart_print(mill_cli_text(cli, "key"), series, count, &cli->term, &cli->out,
                            err);
}

static enum mill_status print_table(struct mill_cli *cli, const struct line *lines,
                                    size_t count, struct mill_error *err)
{
    struct mill_table table = {.arena = &cli->arena};
    size_t left_out, first = count > 1 ? 1 : 0;
    if (first > 0)
        mill_table_column(&table, (struct mill_column){.title = MILL_VIEW("RUN")});
    mill_table_column(&table, (struct mill_column){.title = MILL_VIEW("STEP"), .right = true});
    mill_table_column(&table, (struct mill_column){.title = MILL_VIEW("VALUE"), .right = true});
    mill_table_column(&table, (struct mill_column){.title = MILL_VIEW("TIME")});
    for (size_t n = 0; n < count; n++)
        for (size_t i = 0; i < lines[n].points->count; i++) {
            const struct mill_point *point = &lines[n].points->items[i];
            mill_table_row(&table);
            if (first > 0)
                mill_table_set(&table, 0, mill_cli_short_id(cli, run_id_of(&lines[n])));
            mill_table_set(&table, first, mill_cli_int(cli, point->step));
            mill_table_set(&table, first + 1, mill_cli_number(cli, point->value));
            mill_table_set(&table, first + 2, mill_cli_time(cli, point->timestamp));
        }
    return mill_table_print(&table, &cli->term, &cli->out, &left_out, err);
}

/* --- the command ----------------------------------------------------------------------- */

static enum mill_status fetch(struct mill_cli *cli, const char *text, struct line *line,
                              struct mill_error *err)
{
    struct mill_view key = mill_cli_text(cli, "key");
    size_t most = (size_t)mill_arg_int(&cli->args, "max-points");
    if (mill_arg_flag(&cli->args, "chart") && most == 0)
        most = CHART_POINTS;
    enum mill_status st = mill_cli_run(cli, text, &line->run, err);
    if (st != MILL_OK)
        return st;
    struct mill_view run_id = run_id_of(line);
    if (mill_cli_metric(line->run->items[0], key) == NULL)
        return mill_fail(err, MILL_E_NOT_FOUND,
                         "run %.*s has no metric '%.*s'; 'millstream runs "
                         "get' shows those it has",
                         MILL_FMT(run_id), MILL_FMT(key));
    return most > 0
               ? mill_client_metric_sample(cli->client, run_id, key, most, &line->points, err)
               : mill_client_metric_history(cli->client, run_id, key, &line->points, err);
}

static enum mill_status print(struct mill_cli *cli, const struct line *lines, size_t count,
                              struct mill_error *err)
{
    if (mill_arg_flag(&cli->args, "json")) {
        print_json(cli, lines, count);
        return MILL_OK;
    }
    if (mill_arg_flag(&cli->args, "csv"))
        return print_csv(cli, lines, count, err);
    if (mill_arg_flag(&cli->args, "chart"))
        return print_chart(cli, lines, count, err);
    return print_table(cli, lines, count, err);
}

static enum mill_status metrics(struct mill_cli *cli, struct mill_error *err)
{
    struct line lines[MAX_LINES] = {{NULL, NULL}};
    const char *const *texts;
    size_t count = mill_arg_list(&cli->args, "run-id", &texts);
    if (count > MAX_LINES)
        return mill_fail(err, MILL_E_INVALID, "at most %d runs at once, got %zu", MAX_LINES,
                         count);
    enum mill_status st = mill_cli_open(cli, MILL_READ, err);
    for (size_t n = 0; n < count && st == MILL_OK; n++)
        st = fetch(cli, texts[n], &lines[n], err);
    if (st == MILL_OK)
        st = print(cli, lines, count, err);
    for (size_t n = 0; n < count; n++) {
        mill_run_list_free(lines[n].run);
        mill_point_list_free(lines[n].points);
    }
    return st;
}

static const struct mill_opt opts[] = {
    MILL_OPT_RUN_IDS("may be repeated"),
    {.name = "key",
     .letter = 'k',
     .type = MILL_OPT_TEXT,
     .flags = MILL_OPT_REQUIRED,
     .value = "METRIC",
     .help = "Which metric"},
    {.name = "chart",
     .letter = 'c',
     .type = MILL_OPT_FLAG,
     .help = "Draw a chart, all runs in one"},
    {.name = "best",
     .letter = 'b',
     .type = MILL_OPT_TEXT,
     .value = "METRIC",
     .help = "Mark the best run in the chart: max:METRIC or min:METRIC"},
    {.name = "max-points",
     .type = MILL_OPT_INT,
     .value = "N",
     .least = 1,
     .most = 2500,
     .help = "Only so many points of each run, spread evenly; all when not given (chart: 500)"},
    {.name = "csv", .type = MILL_OPT_FLAG, .help = "Print CSV"},
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_runs_metrics = {
    .group = "runs",
    .name = "metrics",
    .summary = "Show how a metric went, as a table or a chart",
    MILL_OPTS(opts),
    .run = metrics,
};
