/* runs_print.c - runs as a table and as CSV. */
#include <stdint.h>

#include "base/view.h"
#include "cli/put.h"
#include "cli/runs.h"
#include "cli/table.h"

/* Columns before those of the keys. */
enum {
    COLUMN_NAME,
    COLUMN_ID,
    COLUMN_STATUS,
    COLUMN_STARTED,
    COLUMN_DURATION,
    COLUMN_FIRST_KEY
};

static void add_columns(struct mill_table *table, const struct mill_keys *keys)
{
    static const struct mill_column fixed[COLUMN_FIRST_KEY] = {
        [COLUMN_NAME] = {.title = {"NAME", 4}, .narrowest = 14},
        [COLUMN_ID] = {.title = {"RUN ID", 6}},
        [COLUMN_STATUS] = {.title = {"STATUS", 6}},
        [COLUMN_STARTED] = {.title = {"STARTED", 7}, .optional = true},
        [COLUMN_DURATION] = {.title = {"TOOK", 4}, .right = true, .optional = true},
    };
    for (size_t i = 0; i < COLUMN_FIRST_KEY; i++)
        mill_table_column(table, fixed[i]);
    for (size_t i = 0; i < keys->count; i++)
        mill_table_column(table,
                          (struct mill_column){.title = keys->items[i].name,
                                               .right = keys->items[i].is_metric,
                                               .narrowest = keys->items[i].is_metric ? 0 : 8,
                                               .optional = !keys->items[i].chosen});
}

static struct mill_view status_text(const struct mill_run *run)
{
    if (run->info.lifecycle_stage == MILL_DELETED)
        return MILL_VIEW("deleted");
    if (mill_cli_silent(run) != MILL_ABSENT)
        return MILL_VIEW("silent");
    return mill_view_of(mill_run_status_name(run->info.status));
}

static void set_keys(struct mill_cli *cli, struct mill_table *table,
                     const struct mill_keys *keys, const struct mill_run *run)
{
    for (size_t i = 0; i < keys->count; i++) {
        const struct mill_key *key = &keys->items[i];
        struct mill_view text = MILL_VIEW("-");
        if (key->is_metric) {
            const struct mill_metric *metric = mill_cli_metric(run, key->name);
            if (metric != NULL)
                text = mill_cli_number(cli, metric->value);
        } else {
            struct mill_view value = mill_cli_param(run, key->name);
            if (value.ptr != NULL)
                text = value;
        }
        mill_table_set(table, COLUMN_FIRST_KEY + i, text);
    }
}

enum mill_status mill_runs_print_table(struct mill_cli *cli, const struct mill_run *const *runs,
                                       size_t count, const struct mill_keys *keys,
                                       const struct mill_best *best, struct mill_error *err)
{
    struct mill_table table = {.arena = &cli->arena};
    size_t winner = mill_best_find(best, runs, count), left_out = 0;
    add_columns(&table, keys);
    for (size_t i = 0; i < count; i++) {
        const struct mill_run_info *info = &runs[i]->info;
        mill_table_row(&table);
        mill_table_set(&table, COLUMN_NAME, info->run_name);
        mill_table_set(&table, COLUMN_ID, mill_cli_short_id(cli, info->run_id));
        mill_table_set(&table, COLUMN_STATUS, status_text(runs[i]));
        mill_table_set(&table, COLUMN_STARTED, mill_cli_age(cli, info->start_time));
        mill_table_set(&table, COLUMN_DURATION, mill_cli_duration(cli, mill_cli_took(runs[i])));
        set_keys(cli, &table, keys, runs[i]);
        if (i == winner)
            mill_table_mark(&table);
    }
    enum mill_status st = mill_table_print(&table, &cli->term, &cli->out, &left_out, err);
    if (st != MILL_OK)
        return st;
    mill_style_begin(&cli->out, &cli->term, MILL_STYLE_DIM);
    if (left_out > 0)
        mill_buf_printf(&cli->out,
                        "%zu more column%s: choose with --metrics and --params, or see all "
                        "with --csv or --json\n",
                        left_out, left_out == 1 ? "" : "s");
    mill_style_end(&cli->out, &cli->term, MILL_STYLE_DIM);
    return MILL_OK;
}

/* --- CSV ------------------------------------------------------------------------------- */

static void csv_text(struct mill_buf *out, struct mill_view text)
{
    bool quoted = false;
    for (size_t i = 0; i < text.len && !quoted; i++)
        quoted = strchr(",\"\r\n", text.ptr[i]) != NULL;
    if (!quoted) {
        mill_buf_add_view(out, text);
        return;
    }
    mill_buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            mill_buf_add_char(out, '"');
        mill_buf_add_char(out, text.ptr[i]);
    }
    mill_buf_add_char(out, '"');
}

static void csv_int(struct mill_buf *out, int64_t value)
{
    mill_buf_add_char(out, ',');
    if (value != MILL_ABSENT)
        mill_buf_add_int(out, value);
}

void mill_runs_print_csv(struct mill_cli *cli, const struct mill_run *const *runs, size_t count,
                         const struct mill_keys *keys)
{
    struct mill_buf *out = &cli->out;
    mill_buf_add_view(out, MILL_VIEW("run_id,name,status,start_time,end_time,artifact_uri"));
    for (size_t k = 0; k < keys->count; k++) {
        mill_buf_add_char(out, ',');
        csv_text(out, mill_arena_printf(&cli->arena, "%s.%.*s",
                                        keys->items[k].is_metric ? "metrics" : "params",
                                        MILL_FMT(keys->items[k].name)));
    }
    mill_buf_add_char(out, '\n');
    for (size_t r = 0; r < count; r++) {
        const struct mill_run_info *info = &runs[r]->info;
        csv_text(out, info->run_id);
        mill_buf_add_char(out, ',');
        csv_text(out, info->run_name);
        mill_buf_printf(out, ",%s", mill_run_status_name(info->status));
        csv_int(out, info->start_time);
        csv_int(out, info->end_time);
        mill_buf_add_char(out, ',');
        csv_text(out, info->artifact_uri);
        for (size_t k = 0; k < keys->count; k++) {
            mill_buf_add_char(out, ',');
            const struct mill_metric *metric = mill_cli_metric(runs[r], keys->items[k].name);
            if (!keys->items[k].is_metric)
                csv_text(out, mill_cli_param(runs[r], keys->items[k].name));
            else if (metric != NULL)
                mill_number_exact(out, metric->value);
        }
        mill_buf_add_char(out, '\n');
    }
}
