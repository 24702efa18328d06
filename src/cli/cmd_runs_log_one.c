/* cmd_runs_log_one.c - `runs log-metric`, `log-param`, `set-tag` and `delete-tag`: one value
 * each. They print nothing when all is well, as `runs log` does. */
#include "cli/cli.h"

/* --- log-metric ------------------------------------------------------------------------ */

static enum mill_status log_metric(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view run_id;
    double value = 0;
    enum mill_status st =
        mill_cli_read_number("VALUE", mill_arg(&cli->args, "value"), &value, err);
    if (st == MILL_OK)
        st = mill_cli_open(cli, MILL_WRITE, err);
    if (st == MILL_OK)
        st = mill_cli_run_id(cli, mill_arg(&cli->args, "run-id"), &run_id, err);
    if (st == MILL_OK)
        st = mill_client_log_metric(cli->client, run_id, mill_cli_text(cli, "key"), value,
                                    mill_cli_timestamp(cli), mill_arg_int(&cli->args, "step"),
                                    err);
    return st;
}

static const struct mill_opt log_metric_opts[] = {
    MILL_OPT_RUN_ID,
    MILL_OPT_KEY("Which metric"),
    MILL_OPT_VALUE("A number, NaN, Infinity or -Infinity"),
    MILL_OPT_STEP,
    MILL_OPT_TIMESTAMP,
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_runs_log_metric = {
    .group = "runs",
    .name = "log-metric",
    .summary = "Log a point of a metric",
    MILL_OPTS(log_metric_opts),
    .run = log_metric,
    .quiet = true,
};

/* --- log-param, set-tag, delete-tag ---------------------------------------------------- */

static enum mill_status log_param(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view run_id;
    enum mill_status st = mill_cli_run_id(cli, mill_arg(&cli->args, "run-id"), &run_id, err);
    return st == MILL_OK ? mill_client_log_param(cli->client, run_id, mill_cli_text(cli, "key"),
                                                 mill_cli_text(cli, "value"), err)
                         : st;
}

static enum mill_status set_tag(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view run_id;
    enum mill_status st = mill_cli_run_id(cli, mill_arg(&cli->args, "run-id"), &run_id, err);
    return st == MILL_OK ? mill_client_set_tag(cli->client, run_id, mill_cli_text(cli, "key"),
                                               mill_cli_text(cli, "value"), err)
                         : st;
}

static enum mill_status delete_tag(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view run_id;
    enum mill_status st = mill_cli_run_id(cli, mill_arg(&cli->args, "run-id"), &run_id, err);
    return st == MILL_OK
               ? mill_client_delete_tag(cli->client, run_id, mill_cli_text(cli, "key"), err)
               : st;
}

static const struct mill_opt log_param_opts[] = {
    MILL_OPT_RUN_ID,
    MILL_OPT_KEY("Which param"),
    MILL_OPT_VALUE("Its value, which cannot change later"),
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

static const struct mill_opt set_tag_opts[] = {
    MILL_OPT_RUN_ID,
    MILL_OPT_KEY("Which tag"),
    MILL_OPT_VALUE("Its value, instead of any other"),
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

static const struct mill_opt delete_tag_opts[] = {
    MILL_OPT_RUN_ID,
    MILL_OPT_KEY("Which tag"),
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_runs_log_param = {
    .group = "runs",
    .name = "log-param",
    .summary = "Log a param",
    MILL_OPTS(log_param_opts),
    .access = MILL_WRITE,
    .run = log_param,
    .quiet = true,
};

const struct mill_command mill_cmd_runs_set_tag = {
    .group = "runs",
    .name = "set-tag",
    .summary = "Set a tag",
    MILL_OPTS(set_tag_opts),
    .access = MILL_WRITE,
    .run = set_tag,
    .quiet = true,
};

const struct mill_command mill_cmd_runs_delete_tag = {
    .group = "runs",
    .name = "delete-tag",
    .summary = "Remove a tag",
    MILL_OPTS(delete_tag_opts),
    .access = MILL_WRITE,
    .run = delete_tag,
    .quiet = true,
};
