/* cmd_experiments_change.c - `experiments rename`, `delete` and `restore`. */
#include "base/view.h"
#include "cli/cli.h"

/* The id of the experiment that is to be changed. */
static enum mill_status find(struct mill_cli *cli, int64_t *id_out, struct mill_error *err)
{
    return mill_cli_experiment_id(cli, mill_arg(&cli->args, "experiment-id"), id_out, err);
}

static enum mill_status rename_it(struct mill_cli *cli, struct mill_error *err)
{
    int64_t id = 0;
    const char *new_name = mill_arg(&cli->args, "new-name");
    enum mill_status st = find(cli, &id, err);
    if (st == MILL_OK)
        st = mill_client_rename_experiment(cli->client, id, mill_view_of(new_name), err);
    if (st == MILL_OK)
        mill_cli_done(cli, "Experiment with id %lld has been renamed to '%s'.", (long long)id,
                      new_name);
    return st;
}

static enum mill_status delete_it(struct mill_cli *cli, struct mill_error *err)
{
    int64_t id = 0;
    enum mill_status st = find(cli, &id, err);
    if (st == MILL_OK)
        st = mill_client_delete_experiment(cli->client, id, err);
    if (st == MILL_OK)
        mill_cli_done(cli, "Experiment with ID %lld has been deleted.", (long long)id);
    return st;
}

static enum mill_status restore(struct mill_cli *cli, struct mill_error *err)
{
    int64_t id = 0;
    enum mill_status st = find(cli, &id, err);
    if (st == MILL_OK)
        st = mill_client_restore_experiment(cli->client, id, err);
    if (st == MILL_OK)
        mill_cli_done(cli, "Experiment with id %lld has been restored.", (long long)id);
    return st;
}

static const struct mill_opt rename_opts[] = {
    MILL_OPT_EXPERIMENT_ID,
    MILL_OPT_NEW_NAME('n'),
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

static const struct mill_opt change_opts[] = {MILL_OPT_EXPERIMENT_ID, MILL_OPT_JSON,
                                              MILL_OPT_TRACKING_URI};

const struct mill_command mill_cmd_experiments_rename = {
    .group = "experiments",
    .name = "rename",
    .summary = "Give an experiment another name",
    MILL_OPTS(rename_opts),
    .access = MILL_WRITE,
    .run = rename_it,
};

const struct mill_command mill_cmd_experiments_delete = {
    .group = "experiments",
    .name = "delete",
    .summary = "Put an experiment and its runs into the bin",
    MILL_OPTS(change_opts),
    .access = MILL_WRITE,
    .run = delete_it,
};

const struct mill_command mill_cmd_experiments_restore = {
    .group = "experiments",
    .name = "restore",
    .summary = "Take an experiment and its runs out of the bin",
    MILL_OPTS(change_opts),
    .access = MILL_WRITE,
    .run = restore,
};
