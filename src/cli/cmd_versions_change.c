/* cmd_versions_change.c - `models create-version`, `update-version`, `set-stage`,
 * `delete-version`, `set-version-tag` and `delete-version-tag`. */
#include "cli/models.h"

/* --- create-version -------------------------------------------------------------------- */

/* A source without a scheme, and not from the root, is a path among the files of the run. */
static enum mill_status find_source(struct mill_cli *cli, struct mill_new_version *version,
                                    struct mill_error *err)
{
    struct mill_run_list *list = NULL;
    if (version->run_id.ptr == NULL || version->source.ptr[0] == '/' ||
        strchr(version->source.ptr, ':') != NULL)
        return MILL_OK;
    enum mill_status st = mill_client_get_run(cli->client, version->run_id, &list, err);
    if (st != MILL_OK)
        return st;
    version->source =
        mill_arena_printf(&cli->arena, "%.*s/%s", MILL_FMT(list->items[0]->info.artifact_uri),
                          mill_arg(&cli->args, "source"));
    mill_run_list_free(list);
    return version->source.ptr != NULL ? MILL_OK
                                       : mill_fail(err, MILL_E_NOMEM, "out of memory");
}

static enum mill_status create(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_new_version version = {
        .size = sizeof(version),
        .name = mill_cli_text(cli, "name"),
        .source = mill_cli_text(cli, "source"),
        .model_id = mill_cli_text(cli, "model-id"),
        .run_link = mill_cli_text(cli, "run-link"),
        .description = mill_cli_text(cli, "description"),
    };
    struct mill_tag *tags = NULL;
    int64_t number = 0;
    const char *run = mill_arg(&cli->args, "run-id");
    enum mill_status st = mill_cli_pairs(cli, "tags", &tags, &version.tag_count, err);
    version.tags = tags;
    if (st == MILL_OK)
        st = mill_cli_open(cli, MILL_WRITE, err);
    if (st == MILL_OK && run != NULL)
        st = mill_cli_run_id(cli, run, &version.run_id, err);
    if (st == MILL_OK)
        st = find_source(cli, &version, err);
    if (st == MILL_OK)
        st = mill_client_create_version(cli->client, &version, &number, err);
    if (st == MILL_OK && !mill_cli_said(cli, "Created version %lld of model '%s'.",
                                        (long long)number, version.name.ptr))
        st = mill_cli_answer_version(cli, number, err);
    return st;
}

static const struct mill_opt create_opts[] = {
    MILL_OPT_MODEL,
    {.name = "source",
     .letter = 's',
     .type = MILL_OPT_TEXT,
     .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE,
     .value = "SOURCE",
     .help = "Where its files are: a URI, or with --run-id a path among the files of the run"},
    {.name = "run-id",
     .letter = 'r',
     .type = MILL_OPT_TEXT,
     .value = "RUN",
     .help = "Id of the run that made it, or its first letters"},
    {.name = "model-id",
     .type = MILL_OPT_TEXT,
     .value = "ID",
     .help = "The logged model that it is"},
    {.name = "run-link",
     .type = MILL_OPT_TEXT,
     .value = "URL",
     .help = "Where the run can be seen"},
    MILL_OPT_DESCRIPTION(0),
    MILL_OPT_TAGS,
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_models_create_version = {
    .group = "models",
    .name = "create-version",
    .summary = "Make the next version of a registered model",
    MILL_OPTS(create_opts),
    .run = create,
};

/* --- update-version, set-stage, delete-version ----------------------------------------- */

static enum mill_status update(struct mill_cli *cli, struct mill_error *err)
{
    int64_t version = 0;
    enum mill_status st = mill_cli_version(cli, &version, err);
    if (st == MILL_OK)
        st = mill_client_update_version(cli->client, mill_cli_text(cli, "name"), version,
                                        mill_cli_text(cli, "description"), err);
    if (st == MILL_OK &&
        !mill_cli_said(cli, "Version %lld has been updated.", (long long)version))
        st = mill_cli_answer_version(cli, version, err);
    return st;
}

static enum mill_status set_stage(struct mill_cli *cli, struct mill_error *err)
{
    int64_t version = 0;
    enum mill_stage stage = mill_stage_from_name(mill_cli_text(cli, "stage"));
    enum mill_status st = mill_cli_version(cli, &version, err);
    if (st == MILL_OK)
        st = mill_client_set_version_stage(
            cli->client, mill_cli_text(cli, "name"), version, stage,
            mill_arg_flag(&cli->args, "archive-existing-versions"), err);
    if (st == MILL_OK && !mill_cli_said(cli, "Version %lld is in stage %s now.",
                                        (long long)version, mill_stage_name(stage)))
        st = mill_cli_answer_version(cli, version, err);
    return st;
}

static enum mill_status delete_it(struct mill_cli *cli, struct mill_error *err)
{
    int64_t version = 0;
    enum mill_status st = mill_cli_version(cli, &version, err);
    if (st == MILL_OK)
        st = mill_client_delete_version(cli->client, mill_cli_text(cli, "name"), version, err);
    if (st == MILL_OK)
        mill_cli_done(cli, "Version %lld has been deleted.", (long long)version);
    return st;
}

static const struct mill_opt update_opts[] = {
    MILL_OPT_MODEL,
    MILL_OPT_VERSION,
    MILL_OPT_DESCRIPTION(MILL_OPT_REQUIRED | MILL_OPT_BARE),
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

static const struct mill_opt set_stage_opts[] = {
    MILL_OPT_MODEL,
    MILL_OPT_VERSION,
    {.name = "stage",
     .letter = 's',
     .type = MILL_OPT_CHOICE,
     .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE,
     .value = "STAGE",
     .choices = "None|Staging|Production|Archived",
     .help = "The stage it gets"},
    {.name = "archive-existing-versions",
     .type = MILL_OPT_FLAG,
     .help = "Archive the other versions in that stage"},
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

static const struct mill_opt delete_opts[] = {MILL_OPT_MODEL, MILL_OPT_VERSION, MILL_OPT_JSON,
                                              MILL_OPT_TRACKING_URI};

const struct mill_command mill_cmd_models_update_version = {
    .group = "models",
    .name = "update-version",
    .summary = "Give a version another description",
    MILL_OPTS(update_opts),
    .access = MILL_WRITE,
    .run = update,
};

const struct mill_command mill_cmd_models_set_stage = {
    .group = "models",
    .name = "set-stage",
    .summary = "Put a version into a stage",
    MILL_OPTS(set_stage_opts),
    .access = MILL_WRITE,
    .run = set_stage,
};

const struct mill_command mill_cmd_models_delete_version = {
    .group = "models",
    .name = "delete-version",
    .summary = "Remove a version and its aliases; there is no bin",
    MILL_OPTS(delete_opts),
    .access = MILL_WRITE,
    .run = delete_it,
};

/* --- tags ------------------------------------------------------------------------------ */

static enum mill_status set_tag(struct mill_cli *cli, struct mill_error *err)
{
    int64_t version = 0;
    enum mill_status st = mill_cli_version(cli, &version, err);
    if (st == MILL_OK)
        st = mill_client_set_version_tag(cli->client, mill_cli_text(cli, "name"), version,
                                         mill_cli_text(cli, "key"), mill_cli_text(cli, "value"),
                                         err);
    return st;
}

static enum mill_status delete_tag(struct mill_cli *cli, struct mill_error *err)
{
    int64_t version = 0;
    enum mill_status st = mill_cli_version(cli, &version, err);
    if (st == MILL_OK)
        st = mill_client_delete_version_tag(cli->client, mill_cli_text(cli, "name"), version,
                                            mill_cli_text(cli, "key"), err);
    return st;
}

static const struct mill_opt set_tag_opts[] = {
    MILL_OPT_MODEL,     MILL_OPT_VERSION, MILL_OPT_TAG_KEY,
    MILL_OPT_TAG_VALUE, MILL_OPT_JSON,    MILL_OPT_TRACKING_URI,
};

static const struct mill_opt delete_tag_opts[] = {
    MILL_OPT_MODEL, MILL_OPT_VERSION, MILL_OPT_TAG_KEY, MILL_OPT_JSON, MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_models_set_version_tag = {
    .group = "models",
    .name = "set-version-tag",
    .summary = "Set a tag of a version",
    MILL_OPTS(set_tag_opts),
    .access = MILL_WRITE,
    .run = set_tag,
    .quiet = true,
};

const struct mill_command mill_cmd_models_delete_version_tag = {
    .group = "models",
    .name = "delete-version-tag",
    .summary = "Remove a tag of a version",
    MILL_OPTS(delete_tag_opts),
    .access = MILL_WRITE,
    .run = delete_tag,
    .quiet = true,
};
