/* cmd_models_change.c - `models create`, `rename`, `update` and `delete`, and what belongs to a
 * model: `set-tag`, `delete-tag`, `set-alias`, `delete-alias`. */
#include "cli/models.h"

/* --- models ---------------------------------------------------------------------------- */

static enum mill_status create(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view name = mill_cli_text(cli, "name");
    struct mill_tag *tags = NULL;
    size_t tag_count = 0;
    enum mill_status st = mill_cli_pairs(cli, "tags", &tags, &tag_count, err);
    if (st == MILL_OK)
        st = mill_cli_open(cli, MILL_WRITE, err);
    if (st == MILL_OK)
        st = mill_client_create_model(cli->client, name, mill_cli_text(cli, "description"),
                                      tags, tag_count, err);
    if (st == MILL_OK && !mill_cli_said(cli, "Created registered model '%s'.", name.ptr))
        st = mill_cli_answer_model(cli, name, err);
    return st;
}

static enum mill_status rename_it(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view name = mill_cli_text(cli, "name");
    struct mill_view new_name = mill_cli_text(cli, "new-name");
    enum mill_status st = mill_client_rename_model(cli->client, name, new_name, err);
    if (st == MILL_OK && !mill_cli_said(cli, "Registered model '%s' has been renamed to '%s'.",
                                        name.ptr, new_name.ptr))
        st = mill_cli_answer_model(cli, new_name, err);
    return st;
}

static enum mill_status update(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view name = mill_cli_text(cli, "name");
    enum mill_status st =
        mill_client_update_model(cli->client, name, mill_cli_text(cli, "description"), err);
    if (st == MILL_OK &&
        !mill_cli_said(cli, "Registered model '%s' has been updated.", name.ptr))
        st = mill_cli_answer_model(cli, name, err);
    return st;
}

static enum mill_status delete_it(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view name = mill_cli_text(cli, "name");
    enum mill_status st = mill_client_delete_model(cli->client, name, err);
    if (st == MILL_OK)
        mill_cli_done(cli, "Registered model '%s' and its versions have been deleted.",
                      name.ptr);
    return st;
}

static const struct mill_opt create_opts[] = {
    MILL_OPT_MODEL, MILL_OPT_DESCRIPTION(0), MILL_OPT_TAGS,
    MILL_OPT_JSON,  MILL_OPT_TRACKING_URI,
};

static const struct mill_opt rename_opts[] = {
    MILL_OPT_MODEL,
    MILL_OPT_NEW_NAME(0),
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

static const struct mill_opt update_opts[] = {
    MILL_OPT_MODEL,
    MILL_OPT_DESCRIPTION(MILL_OPT_REQUIRED | MILL_OPT_BARE),
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

static const struct mill_opt delete_opts[] = {MILL_OPT_MODEL, MILL_OPT_JSON,
                                              MILL_OPT_TRACKING_URI};

const struct mill_command mill_cmd_models_create = {
    .group = "models",
    .name = "create",
    .summary = "Make a registered model without versions",
    MILL_OPTS(create_opts),
    .run = create,
};

const struct mill_command mill_cmd_models_rename = {
    .group = "models",
    .name = "rename",
    .summary = "Give a registered model another name",
    MILL_OPTS(rename_opts),
    .access = MILL_WRITE,
    .run = rename_it,
};

const struct mill_command mill_cmd_models_update = {
    .group = "models",
    .name = "update",
    .summary = "Give a registered model another description",
    MILL_OPTS(update_opts),
    .access = MILL_WRITE,
    .run = update,
};

const struct mill_command mill_cmd_models_delete = {
    .group = "models",
    .name = "delete",
    .summary = "Remove a registered model and its versions; there is no bin",
    MILL_OPTS(delete_opts),
    .access = MILL_WRITE,
    .run = delete_it,
};

/* --- tags ------------------------------------------------------------------------------ */

static enum mill_status set_tag(struct mill_cli *cli, struct mill_error *err)
{
    return mill_client_set_model_tag(cli->client, mill_cli_text(cli, "name"),
                                     mill_cli_text(cli, "key"), mill_cli_text(cli, "value"),
                                     err);
}

static enum mill_status delete_tag(struct mill_cli *cli, struct mill_error *err)
{
    return mill_client_delete_model_tag(cli->client, mill_cli_text(cli, "name"),
                                        mill_cli_text(cli, "key"), err);
}

static const struct mill_opt set_tag_opts[] = {
    MILL_OPT_MODEL, MILL_OPT_TAG_KEY, MILL_OPT_TAG_VALUE, MILL_OPT_JSON, MILL_OPT_TRACKING_URI,
};

static const struct mill_opt delete_tag_opts[] = {MILL_OPT_MODEL, MILL_OPT_TAG_KEY,
                                                  MILL_OPT_JSON, MILL_OPT_TRACKING_URI};

const struct mill_command mill_cmd_models_set_tag = {
    .group = "models",
    .name = "set-tag",
    .summary = "Set a tag of a registered model",
    MILL_OPTS(set_tag_opts),
    .access = MILL_WRITE,
    .run = set_tag,
    .quiet = true,
};

const struct mill_command mill_cmd_models_delete_tag = {
    .group = "models",
    .name = "delete-tag",
    .summary = "Remove a tag of a registered model",
    MILL_OPTS(delete_tag_opts),
    .access = MILL_WRITE,
    .run = delete_tag,
    .quiet = true,
};

/* --- aliases --------------------------------------------------------------------------- */

static enum mill_status set_alias(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view alias = mill_cli_text(cli, "alias");
    int64_t version = 0;
    enum mill_status st = mill_cli_version(cli, &version, err);
    if (st == MILL_OK)
        st = mill_client_set_model_alias(cli->client, mill_cli_text(cli, "name"), alias,
                                         version, err);
    if (st == MILL_OK)
        mill_cli_done(cli, "'%s' is version %lld now.", alias.ptr, (long long)version);
    return st;
}

static enum mill_status delete_alias(struct mill_cli *cli, struct mill_error *err)
{
    return mill_client_delete_model_alias(cli->client, mill_cli_text(cli, "name"),
                                          mill_cli_text(cli, "alias"), err);
}

static const struct mill_opt set_alias_opts[] = {
    MILL_OPT_MODEL, MILL_OPT_ALIAS, MILL_OPT_VERSION, MILL_OPT_JSON, MILL_OPT_TRACKING_URI,
};

static const struct mill_opt delete_alias_opts[] = {MILL_OPT_MODEL, MILL_OPT_ALIAS,
                                                    MILL_OPT_JSON, MILL_OPT_TRACKING_URI};

const struct mill_command mill_cmd_models_set_alias = {
    .group = "models",
    .name = "set-alias",
    .summary = "Point an alias at a version, wherever it pointed before",
    MILL_OPTS(set_alias_opts),
    .access = MILL_WRITE,
    .run = set_alias,
};

const struct mill_command mill_cmd_models_delete_alias = {
    .group = "models",
    .name = "delete-alias",
    .summary = "Remove an alias",
    MILL_OPTS(delete_alias_opts),
    .access = MILL_WRITE,
    .run = delete_alias,
    .quiet = true,
};
