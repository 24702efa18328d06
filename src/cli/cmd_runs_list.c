/* cmd_runs_list.c - `runs list` and `experiments csv`: all runs of an experiment. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/view.h"
#include "cli/found.h"
#include "cli/runs.h"
#include "cli/table.h"

/* --- list ------------------------------------------------------------------------------ */

static bool any_is_silent(const struct mill_found *found)
{
    for (size_t i = 0; i < found->count; i++)
        if (mill_cli_silent(found->runs[i]) != MILL_ABSENT)
            return true;
    return false;
}

/* Date, name and id as the official command prints them, and what it does not know: whose
 * logger has gone silent. */
static enum mill_status print_table(struct mill_cli *cli, const struct mill_found *found,
                                    struct mill_error *err)
{
    struct mill_table table = {.arena = &cli->arena};
    bool silent = any_is_silent(found);
    size_t left_out;
    mill_table_column(&table, (struct mill_column){.title = MILL_VIEW("DATE")});
    mill_table_column(&table,
                      (struct mill_column){.title = MILL_VIEW("NAME"), .narrowest = 14});
    mill_table_column(&table, (struct mill_column){.title = MILL_VIEW("ID")});
    if (silent)
        mill_table_column(&table, (struct mill_column){.title = MILL_VIEW("STATE")});
    for (size_t i = 0; i < found->count; i++) {
        mill_table_row(&table);
        mill_table_set(&table, 0, mill_cli_time(cli, found->runs[i]->info.start_time));
        mill_table_set(&table, 1, found->runs[i]->info.run_name);
        mill_table_set(&table, 2, found->runs[i]->info.run_id);
        if (silent)
            mill_table_set(&table, 3,
                           mill_cli_silent(found->runs[i]) != MILL_ABSENT ? MILL_VIEW("silent")
                                                                          : MILL_VIEW("-"));
    }
    return mill_table_print(&table, &cli->term, &cli->out, &left_out, err);
}

static enum mill_status list(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_found found = {0};
    struct mill_run_query query = {
        .view_type = mill_cli_view(cli),
        .page_token = mill_cli_text(cli, "page-token"),
    };
    enum mill_status st =
        mill_found_fetch(cli, &query, mill_arg_int(&cli->args, "max-results"), &found, err);
    if (st == MILL_OK && mill_arg_flag(&cli->args, "json"))
        mill_found_print_json(&cli->out, &found);
    else if (st == MILL_OK)
        st = print_table(cli, &found, err);
    mill_found_release(&found);
    return st;
}

static const struct mill_opt list_opts[] = {
    MILL_OPT_EXPERIMENT_OF_RUNS, MILL_OPT_VIEW, MILL_OPT_MAX_RUNS("1000"),
    MILL_OPT_PAGE_TOKEN,         MILL_OPT_JSON, MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_runs_list = {
    .group = "runs",
    .name = "list",
    .summary = "List the runs of an experiment, newest first",
    MILL_OPTS(list_opts),
    .access = MILL_READ,
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
    struct mill_found found = {0};
    struct mill_run_query query = {.view_type = MILL_VIEW_ACTIVE_ONLY};
    struct mill_best nobody = {0};
    struct mill_keys keys;
    const char *path = mill_arg(&cli->args, "filename");
    enum mill_status st = mill_found_fetch(cli, &query, 1000000, &found, err);
    if (st == MILL_OK)
        st = mill_keys_collect(found.runs, found.count, &nobody, NULL, NULL, &cli->arena, &keys,
                               err);
    if (st == MILL_OK) {
        mill_runs_print_csv(cli, found.runs, found.count, &keys);
        if (path != NULL)
            st = write_file(cli, path, err);
    }
    mill_found_release(&found);
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
    MILL_OPTS(csv_opts),
    .access = MILL_READ,
    .run = csv,
};
