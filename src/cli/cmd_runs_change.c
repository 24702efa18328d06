/* cmd_runs_change.c - `runs end`, `runs delete` and `runs restore`. */
#include "base/view.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/put.h"

/* --- end ------------------------------------------------------------------------------- */

/* What the REST call answers to the change of a run: the run as it is now. */
static enum mill_status print_info(struct mill_cli *cli, struct mill_view run_id,
                                   struct mill_error *err)
{
    struct mill_run_list *list = NULL;
    enum mill_status st = mill_client_get_run(cli->client, run_id, &list, err);
    if (st != MILL_OK)
        return st;
    mill_put_open(&cli->out, NULL, '{');
    mill_answer_run_info(&cli->out, "run_info", &list->items[0]->info);
    mill_put_end(&cli->out);
    mill_run_list_free(list);
    return MILL_OK;
}

static enum mill_status end(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view run_id;
    enum mill_run_status status = mill_run_status_from_name(mill_cli_text(cli, "status"));
    bool timed = mill_arg(&cli->args, "end-time") != NULL;
    enum mill_status st = mill_cli_run_id(cli, mill_arg(&cli->args, "run-id"), &run_id, err);
    if (st == MILL_OK)
        st = mill_client_set_terminated(
            cli->client, run_id, status,
            timed ? mill_arg_int(&cli->args, "end-time") : MILL_ABSENT, err);
    if (st == MILL_OK && !mill_cli_said(cli, "Run with ID %.*s has ended: %s.",
                                        MILL_FMT(run_id), mill_run_status_name(status)))
        st = print_info(cli, run_id, err);
    return st;
}

static const struct mill_opt end_opts[] = {
    MILL_OPT_RUN_ID,
    {.name = "status",
     .letter = 's',
     .type = MILL_OPT_CHOICE,
     .value = "STATUS",
     .fallback = "FINISHED",
     .choices = "FINISHED|FAILED|KILLED",
     .help = "How it ended"},
    {.name = "end-time",
     .type = MILL_OPT_INT,
     .value = "MS",
     .least = 0,
     .most = INT64_MAX,
     .help = "When it ended, milliseconds since 1970; now when not given"},
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_runs_end = {
    .group = "runs",
    .name = "end",
    .summary = "Say that a run has ended, and how",
    MILL_OPTS(end_opts),
    .access = MILL_WRITE,
    .run = end,
};

/* --- delete, restore ------------------------------------------------------------------- */

typedef enum mill_status change_run(struct mill_client *client, struct mill_view run_id,
                                    struct mill_error *err);

static enum mill_status change(struct mill_cli *cli, change_run *call, const char *done,
                               struct mill_error *err)
{
    struct mill_view run_id;
    enum mill_status st = mill_cli_run_id(cli, mill_arg(&cli->args, "run-id"), &run_id, err);
    if (st == MILL_OK)
        st = call(cli->client, run_id, err);
    if (st == MILL_OK)
        mill_cli_done(cli, "Run with ID %.*s has been %s.", MILL_FMT(run_id), done);
    return st;
}

static enum mill_status delete_it(struct mill_cli *cli, struct mill_error *err)
{
    return change(cli, mill_client_delete_run, "deleted", err);
}

static enum mill_status restore(struct mill_cli *cli, struct mill_error *err)
{
    return change(cli, mill_client_restore_run, "restored", err);
}

static const struct mill_opt one_run_opts[] = {MILL_OPT_RUN_ID, MILL_OPT_JSON,
                                               MILL_OPT_TRACKING_URI};

const struct mill_command mill_cmd_runs_delete = {
    .group = "runs",
    .name = "delete",
    .summary = "Put a run into the bin",
    MILL_OPTS(one_run_opts),
    .access = MILL_WRITE,
    .run = delete_it,
};

const struct mill_command mill_cmd_runs_restore = {
    .group = "runs",
    .name = "restore",
    .summary = "Take a run out of the bin",
    MILL_OPTS(one_run_opts),
    .access = MILL_WRITE,
    .run = restore,
};
