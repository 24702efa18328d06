/* cmd_runs_log.c - `runs log`: metrics, params and tags from a shell script. */
#include "base/clock.h"
#include "base/view.h"
#include "cli/cli.h"

/* Reads KEY=NUMBER, also NaN and Infinity. */
static enum mill_status read_metric(const char *text, struct mill_metric *out,
                                    struct mill_error *err)
{
    struct mill_tag pair;
    enum mill_status st = mill_cli_pair("metrics", text, &pair, err);
    if (st != MILL_OK)
        return st;
    out->key = pair.key;
    /* The text of an argument ends with a NUL. */
    return mill_cli_read_number("what is behind '=' of --metrics", pair.value.ptr, &out->value,
                                err);
}

static enum mill_status read_metrics(struct mill_cli *cli, struct mill_batch *batch,
                                     struct mill_error *err)
{
    const char *const *texts;
    size_t count = mill_arg_list(&cli->args, "metrics", &texts);
    struct mill_metric *metrics = mill_arena_zero(&cli->arena, count + 1, sizeof(*metrics));
    if (metrics == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    for (size_t i = 0; i < count; i++) {
        enum mill_status st = read_metric(texts[i], &metrics[i], err);
        if (st != MILL_OK)
            return st;
        metrics[i].step = mill_arg_int(&cli->args, "step");
        metrics[i].timestamp = mill_cli_timestamp(cli);
    }
    batch->metrics = metrics;
    batch->metric_count = count;
    return MILL_OK;
}

/* Sets the state; one that ends the run also gets the time. */
static enum mill_status set_status(struct mill_cli *cli, struct mill_view run_id,
                                   const char *status, struct mill_error *err)
{
    struct mill_run_update update = {.size = sizeof(update),
                                     .status = mill_run_status_from_name(mill_view_of(status))};
    if (update.status != MILL_RUN_RUNNING && update.status != MILL_RUN_SCHEDULED)
        update.end_time = mill_now_ms();
    return mill_client_update_run(cli->client, run_id, &update, err);
}

static enum mill_status log_it(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_batch batch = {.size = sizeof(batch)};
    struct mill_tag *tags = NULL;
    struct mill_view run_id;
    const char *status = mill_arg(&cli->args, "status");
    enum mill_status st = read_metrics(cli, &batch, err);
    if (st == MILL_OK)
        st = mill_cli_params(cli, &batch.params, &batch.param_count, err);
    if (st == MILL_OK)
        st = mill_cli_pairs(cli, "tags", &tags, &batch.tag_count, err);
    batch.tags = tags;
    size_t count = batch.metric_count + batch.param_count + batch.tag_count;
    if (st == MILL_OK && count == 0 && status == NULL)
        st = mill_fail(err, MILL_E_INVALID,
                       "'millstream runs log' has nothing to log: give --metrics, --params, "
                       "--tags or --status");
    if (st == MILL_OK)
        st = mill_cli_open(cli, MILL_WRITE, err);
    if (st == MILL_OK)
        st = mill_cli_run_id(cli, mill_arg(&cli->args, "run-id"), &run_id, err);
    if (st == MILL_OK && count > 0)
        st = mill_client_log_batch(cli->client, run_id, &batch, err);
    if (st == MILL_OK && status != NULL)
        st = set_status(cli, run_id, status, err);
    return st;
}

static const struct mill_opt opts[] = {
    MILL_OPT_RUN_ID,
    {.name = "metrics",
     .alias = "metric",
     .letter = 'm',
     .type = MILL_OPT_LIST,
     .value = "KEY=NUMBER",
     .help = "A point of a metric; may be repeated"},
    MILL_OPT_PARAMS(0),
    MILL_OPT_TAGS,
    MILL_OPT_STEP,
    MILL_OPT_TIMESTAMP,
    {.name = "status",
     .type = MILL_OPT_CHOICE,
     .value = "STATUS",
     .choices = "RUNNING|SCHEDULED|FINISHED|FAILED|KILLED",
     .help = "New state of the run"},
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_runs_log = {
    .group = "runs",
    .name = "log",
    .summary = "Log several metrics, params and tags at once, or set the state",
    .details = "Prints nothing when all is well.",
    MILL_OPTS(opts),
    .run = log_it,
    .quiet = true,
};
