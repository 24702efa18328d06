/* cmd_runs_create.c - `runs create`. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/view.h"
#include "cli/answer.h"
#include "cli/cli.h"

/* The experiment that the options name; the Default one when they name none. */
static enum mill_status find_experiment(struct mill_cli *cli, int64_t *id_out,
                                        struct mill_error *err)
{
    const char *id = mill_arg(&cli->args, "experiment-id");
    const char *name = mill_arg(&cli->args, "experiment-name");
    struct mill_experiment_list *list = NULL;
    if (name == NULL)
        return mill_cli_experiment_id(cli, id != NULL ? id : "0", id_out, err);
    enum mill_status st =
        mill_client_get_experiment_by_name(cli->client, mill_view_of(name), &list, err);
    if (st == MILL_OK)
        *id_out = list->items[0]->experiment_id;
    mill_experiment_list_free(list);
    return st;
}

static void add_tag(struct mill_tag *tags, size_t *count, const char *key, const char *value)
{
    if (value != NULL)
        tags[(*count)++] =
            (struct mill_tag){.key = mill_view_of(key), .value = mill_view_of(value)};
}

/* Ends a new run in the state that was asked for, unless that is RUNNING. */
static enum mill_status end_run(struct mill_cli *cli, struct mill_view run_id,
                                enum mill_run_status status, struct mill_error *err)
{
    struct mill_run_update update = {
        .size = sizeof(update), .status = status, .end_time = mill_now_ms()};
    if (status == MILL_RUN_RUNNING)
        return MILL_OK;
    return mill_client_update_run(cli->client, run_id, &update, err);
}

static const char *user_name(void)
{
    const char *name = getenv("LOGNAME");
    return name != NULL && name[0] != '\0' ? name : getenv("USER");
}

static enum mill_status create(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_new_run run = {
        .size = sizeof(run),
        .run_name = mill_cli_text(cli, "run-name"),
        .user_id = mill_view_of(user_name()),
    };
    enum mill_run_status status = mill_run_status_from_name(mill_cli_text(cli, "status"));
    struct mill_run_list *made = NULL, *list = NULL;
    struct mill_tag *tags = NULL;
    enum mill_status st = mill_cli_pairs(cli, "tags", &tags, &run.tag_count, err);
    if (st != MILL_OK)
        return st;
    add_tag(tags, &run.tag_count, "mlflow.note.content", mill_arg(&cli->args, "description"));
    add_tag(tags, &run.tag_count, "mlflow.user", user_name());
    add_tag(tags, &run.tag_count, "mlflow.parentRunId", mill_arg(&cli->args, "parent-run-id"));
    run.tags = tags;
    st = mill_cli_open(cli, MILL_CREATE, err);
    if (st == MILL_OK)
        st = find_experiment(cli, &run.experiment_id, err);
    if (st == MILL_OK)
        st = mill_client_create_run(cli->client, &run, &made, err);
    if (st == MILL_OK)
        st = end_run(cli, made->items[0]->info.run_id, status, err);
    if (st == MILL_OK && !mill_cli_said(cli, "%.*s", MILL_FMT(made->items[0]->info.run_id))) {
        st = mill_client_get_run(cli->client, made->items[0]->info.run_id, &list, err);
        if (st == MILL_OK)
            mill_answer_one_run(&cli->out, list->items[0]);
    }
    mill_run_list_free(list);
    mill_run_list_free(made);
    return st;
}

static const struct mill_opt create_opts[] = {
    MILL_OPT_EXPERIMENT_OR("the Default one when not given"),
    {.name = "experiment-name",
     .letter = 'e',
     .type = MILL_OPT_TEXT,
     .value = "NAME",
     .env = "MLFLOW_EXPERIMENT_NAME",
     .help = "Name of the experiment, instead of its id"},
    {.name = "run-name",
     .alias = "name",
     .letter = 'n',
     .type = MILL_OPT_TEXT,
     .value = "NAME",
     .help = "Name of the run; made up when not given"},
    {.name = "description",
     .letter = 'd',
     .type = MILL_OPT_TEXT,
     .value = "TEXT",
     .help = "What it is about"},
    MILL_OPT_TAGS,
    {.name = "status",
     .letter = 's',
     .type = MILL_OPT_CHOICE,
     .value = "STATUS",
     .fallback = "FINISHED",
     .choices = "FINISHED|FAILED|KILLED|RUNNING",
     .help = "State in which it is left; RUNNING to log to it"},
    {.name = "parent-run-id",
     .type = MILL_OPT_TEXT,
     .value = "RUN",
     .help = "Id of the run that this one is part of"},
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_runs_create = {
    .group = "runs",
    .name = "create",
    .summary = "Make a run and print its id",
    MILL_OPTS(create_opts),
    .run = create,
};
