/* cmd_logged_models_change.c - `logged-models create`, `finalize` and `delete`, and what
 * belongs to a model: `log-params`, `set-tag`, `delete-tag`, `log-artifact`, `log-artifacts`.
 */
#include "cli/answer.h"
#include "cli/logged_models.h"
#include "cli/upload.h"

/* --- create, finalize, delete ---------------------------------------------------------- */

/* The experiment that is named, else that of the run, else the Default one. */
static enum mill_status find_place(struct mill_cli *cli, struct mill_new_logged_model *model,
                                   struct mill_error *err)
{
    const char *experiment = mill_arg(&cli->args, "experiment-id");
    const char *run = mill_arg(&cli->args, "run-id");
    struct mill_run_list *runs = NULL;
    enum mill_status st = MILL_OK;
    if (run != NULL)
        st = mill_cli_run_id(cli, run, &model->source_run_id, err);
    if (st == MILL_OK && run != NULL && experiment == NULL) {
        st = mill_client_get_run(cli->client, model->source_run_id, &runs, err);
        if (st == MILL_OK)
            model->experiment_id = runs->items[0]->info.experiment_id;
        mill_run_list_free(runs);
        return st;
    }
    if (st == MILL_OK)
        st = mill_cli_experiment_id(cli, experiment != NULL ? experiment : "0",
                                    &model->experiment_id, err);
    return st;
}

static enum mill_status create(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_new_logged_model model = {.size = sizeof(model),
                                          .name = mill_cli_text(cli, "name"),
                                          .model_type = mill_cli_text(cli, "model-type")};
    struct mill_logged_model_list *list = NULL;
    struct mill_tag *tags = NULL;
    enum mill_status st = mill_cli_pairs(cli, "tags", &tags, &model.tag_count, err);
    model.tags = tags;
    if (st == MILL_OK)
        st = mill_cli_params(cli, &model.params, &model.param_count, err);
    if (st == MILL_OK)
        st = mill_cli_open(cli, MILL_WRITE, err);
    if (st == MILL_OK)
        st = find_place(cli, &model, err);
    if (st == MILL_OK)
        st = mill_client_create_logged_model(cli->client, &model, &list, err);
    if (st != MILL_OK)
        return st;
    if (!mill_cli_said(cli, "%.*s", MILL_FMT(list->items[0]->model_id)))
        mill_answer_one_logged_model(&cli->out, list->items[0]);
    mill_logged_model_list_free(list);
    return MILL_OK;
}

static enum mill_status finalize(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view id = mill_cli_text(cli, "model-id");
    struct mill_view status = mill_cli_text(cli, "status");
    struct mill_logged_model_list *list = NULL;
    enum mill_status st = mill_client_finalize_logged_model(
        cli->client, id, mill_logged_model_status_from_name(status), err);
    if (st != MILL_OK || mill_cli_said(cli, "Model %s is %s.", id.ptr, status.ptr))
        return st;
    st = mill_client_get_logged_model(cli->client, id, &list, err);
    if (st == MILL_OK)
        mill_answer_one_logged_model(&cli->out, list->items[0]);
    mill_logged_model_list_free(list);
    return st;
}

static enum mill_status delete_it(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view id = mill_cli_text(cli, "model-id");
    enum mill_status st = mill_client_delete_logged_model(cli->client, id, err);
    if (st == MILL_OK)
        mill_cli_done(cli, "Model %s has been deleted.", id.ptr);
    return st;
}

static const struct mill_opt create_opts[] = {
    MILL_OPT_EXPERIMENT_OR("that of the run, or the Default one, when not given"),
    {.name = "name",
     .letter = 'n',
     .type = MILL_OPT_TEXT,
     .value = "NAME",
     .help = "Name of the model; made up when not given"},
    {.name = "run-id",
     .letter = 'r',
     .type = MILL_OPT_TEXT,
     .value = "RUN",
     .help = "The run that made it: its id, or its first letters"},
    {.name = "model-type",
     .alias = "type",
     .type = MILL_OPT_TEXT,
     .value = "TYPE",
     .help = "What kind of model it is, in words of yours"},
    MILL_OPT_PARAMS(0),
    MILL_OPT_TAGS,
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

static const struct mill_opt finalize_opts[] = {
    MILL_OPT_LOGGED_MODEL,
    {.name = "status",
     .letter = 's',
     .type = MILL_OPT_CHOICE,
     .flags = MILL_OPT_BARE,
     .value = "STATUS",
     .fallback = "READY",
     .choices = "READY|FAILED",
     .help = "Whether its files are all there"},
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

static const struct mill_opt delete_opts[] = {MILL_OPT_LOGGED_MODEL, MILL_OPT_JSON,
                                              MILL_OPT_TRACKING_URI};

const struct mill_command mill_cmd_logged_models_create = {
    .group = "logged-models",
    .name = "create",
    .summary = "Make a logged model and print its id",
    .details = "It is PENDING until `logged-models finalize` says what became of it.",
    MILL_OPTS(create_opts),
    .run = create,
};

const struct mill_command mill_cmd_logged_models_finalize = {
    .group = "logged-models",
    .name = "finalize",
    .summary = "Say that the files of a logged model are there, or will not come",
    MILL_OPTS(finalize_opts),
    .access = MILL_WRITE,
    .run = finalize,
};

const struct mill_command mill_cmd_logged_models_delete = {
    .group = "logged-models",
    .name = "delete",
    .summary = "Put a logged model into the bin; its files stay",
    MILL_OPTS(delete_opts),
    .access = MILL_WRITE,
    .run = delete_it,
};

/* --- params and tags ------------------------------------------------------------------- */

static enum mill_status log_params(struct mill_cli *cli, struct mill_error *err)
{
    const struct mill_param *params = NULL;
    size_t count = 0;
    enum mill_status st = mill_cli_params(cli, &params, &count, err);
    if (st == MILL_OK)
        st = mill_cli_open(cli, MILL_WRITE, err);
    if (st == MILL_OK)
        st = mill_client_log_logged_model_params(cli->client, mill_cli_text(cli, "model-id"),
                                                 params, count, err);
    return st;
}

static enum mill_status set_tag(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_tag tag = {mill_cli_text(cli, "key"), mill_cli_text(cli, "value")};
    return mill_client_set_logged_model_tags(cli->client, mill_cli_text(cli, "model-id"), &tag,
                                             1, err);
}

static enum mill_status delete_tag(struct mill_cli *cli, struct mill_error *err)
{
    return mill_client_delete_logged_model_tag(cli->client, mill_cli_text(cli, "model-id"),
                                               mill_cli_text(cli, "key"), err);
}

static const struct mill_opt log_params_opts[] = {
    MILL_OPT_LOGGED_MODEL,
    MILL_OPT_PARAMS(MILL_OPT_REQUIRED),
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

static const struct mill_opt set_tag_opts[] = {
    MILL_OPT_LOGGED_MODEL, MILL_OPT_TAG_KEY,      MILL_OPT_TAG_VALUE,
    MILL_OPT_JSON,         MILL_OPT_TRACKING_URI,
};

static const struct mill_opt delete_tag_opts[] = {MILL_OPT_LOGGED_MODEL, MILL_OPT_TAG_KEY,
                                                  MILL_OPT_JSON, MILL_OPT_TRACKING_URI};

const struct mill_command mill_cmd_logged_models_log_params = {
    .group = "logged-models",
    .name = "log-params",
    .summary = "Add params to a logged model",
    MILL_OPTS(log_params_opts),
    .run = log_params,
    .quiet = true,
};

const struct mill_command mill_cmd_logged_models_set_tag = {
    .group = "logged-models",
    .name = "set-tag",
    .summary = "Set a tag of a logged model",
    MILL_OPTS(set_tag_opts),
    .access = MILL_WRITE,
    .run = set_tag,
    .quiet = true,
};

const struct mill_command mill_cmd_logged_models_delete_tag = {
    .group = "logged-models",
    .name = "delete-tag",
    .summary = "Remove a tag of a logged model",
    MILL_OPTS(delete_tag_opts),
    .access = MILL_WRITE,
    .run = delete_tag,
    .quiet = true,
};

/* --- files ----------------------------------------------------------------------------- */

static enum mill_status log_artifact(struct mill_cli *cli, struct mill_error *err)
{
    return mill_cli_upload(cli, "model", mill_cli_text(cli, "model-id"), "local-file",
                           mill_client_log_logged_model_artifact, err);
}

static enum mill_status log_artifacts(struct mill_cli *cli, struct mill_error *err)
{
    return mill_cli_upload(cli, "model", mill_cli_text(cli, "model-id"), "local-dir",
                           mill_client_log_logged_model_artifacts, err);
}

static const struct mill_opt log_artifact_opts[] = {
    MILL_OPT_LOGGED_MODEL,
    MILL_OPT_LOCAL_FILE,
    MILL_OPT_TO("Directory below the model's artifacts to store it in"),
    MILL_OPT_PARALLEL,
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

static const struct mill_opt log_artifacts_opts[] = {
    MILL_OPT_LOGGED_MODEL,
    MILL_OPT_LOCAL_DIR,
    MILL_OPT_TO("Directory below the model's artifacts to store it in"),
    MILL_OPT_PARALLEL,
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_logged_models_log_artifact = {
    .group = "logged-models",
    .name = "log-artifact",
    .summary = "Store a file or directory in a logged model",
    MILL_OPTS(log_artifact_opts),
    .access = MILL_WRITE,
    .run = log_artifact,
};

const struct mill_command mill_cmd_logged_models_log_artifacts = {
    .group = "logged-models",
    .name = "log-artifacts",
    .summary = "Store what is in a directory in a logged model",
    MILL_OPTS(log_artifacts_opts),
    .access = MILL_WRITE,
    .run = log_artifacts,
};
