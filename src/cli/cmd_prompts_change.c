/* cmd_prompts_change.c - what belongs to a prompt: `prompts set-alias`, `delete-alias`,
 * `set-tag`, `delete-tag`; and `prompts delete`. */
#include "cli/prompts.h"

/* A version by its number alone. */
#define OPT_NUMBER(given, text)                                                                \
    {                                                                                          \
        .name = "version", .type = MILL_OPT_INT, .flags = (given), .value = "VERSION",         \
        .least = 1, .most = INT64_MAX, .help = text                                            \
    }
#define OPT_OF_VERSION OPT_NUMBER(0, "Number of a version; the prompt itself when not given")

/* --- aliases --------------------------------------------------------------------------- */

static enum mill_status set_alias(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view name = mill_cli_text(cli, "name"), alias = mill_cli_text(cli, "alias");
    int64_t version = mill_arg_int(&cli->args, "version");
    enum mill_status st = mill_client_set_prompt_alias(cli->client, name, alias, version, err);
    if (st == MILL_OK)
        mill_cli_done(cli, "'%s' of prompt '%s' is version %lld now.", alias.ptr, name.ptr,
                      (long long)version);
    return st;
}

static enum mill_status delete_alias(struct mill_cli *cli, struct mill_error *err)
{
    return mill_client_delete_prompt_alias(cli->client, mill_cli_text(cli, "name"),
                                           mill_cli_text(cli, "alias"), err);
}

static const struct mill_opt set_alias_opts[] = {
    MILL_OPT_PROMPT,
    MILL_OPT_ALIAS,
    OPT_NUMBER(MILL_OPT_REQUIRED | MILL_OPT_BARE, "Number of the version"),
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

static const struct mill_opt delete_alias_opts[] = {MILL_OPT_PROMPT, MILL_OPT_ALIAS,
                                                    MILL_OPT_JSON, MILL_OPT_TRACKING_URI};

const struct mill_command mill_cmd_prompts_set_alias = {
    .group = "prompts",
    .name = "set-alias",
    .summary = "Point an alias at a version of a prompt",
    MILL_OPTS(set_alias_opts),
    .access = MILL_WRITE,
    .run = set_alias,
};

const struct mill_command mill_cmd_prompts_delete_alias = {
    .group = "prompts",
    .name = "delete-alias",
    .summary = "Remove an alias of a prompt",
    MILL_OPTS(delete_alias_opts),
    .access = MILL_WRITE,
    .run = delete_alias,
    .quiet = true,
};

/* --- tags ------------------------------------------------------------------------------ */

static enum mill_status set_tag(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view name = mill_cli_text(cli, "name"), key = mill_cli_text(cli, "key");
    struct mill_view value = mill_cli_text(cli, "value");
    bool of_version = mill_arg(&cli->args, "version") != NULL;
    return of_version ? mill_client_set_prompt_version_tag(cli->client, name,
                                                           mill_arg_int(&cli->args, "version"),
                                                           key, value, err)
                      : mill_client_set_prompt_tag(cli->client, name, key, value, err);
}

static enum mill_status delete_tag(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view name = mill_cli_text(cli, "name"), key = mill_cli_text(cli, "key");
    bool of_version = mill_arg(&cli->args, "version") != NULL;
    return of_version ? mill_client_delete_prompt_version_tag(
                            cli->client, name, mill_arg_int(&cli->args, "version"), key, err)
                      : mill_client_delete_prompt_tag(cli->client, name, key, err);
}

static const struct mill_opt set_tag_opts[] = {MILL_OPT_PROMPT,    MILL_OPT_TAG_KEY,
                                               MILL_OPT_TAG_VALUE, OPT_OF_VERSION,
                                               MILL_OPT_JSON,      MILL_OPT_TRACKING_URI};

static const struct mill_opt delete_tag_opts[] = {
    MILL_OPT_PROMPT, MILL_OPT_TAG_KEY, OPT_OF_VERSION, MILL_OPT_JSON, MILL_OPT_TRACKING_URI};

const struct mill_command mill_cmd_prompts_set_tag = {
    .group = "prompts",
    .name = "set-tag",
    .summary = "Set a tag of a prompt, or of a version of it",
    MILL_OPTS(set_tag_opts),
    .access = MILL_WRITE,
    .run = set_tag,
    .quiet = true,
};

const struct mill_command mill_cmd_prompts_delete_tag = {
    .group = "prompts",
    .name = "delete-tag",
    .summary = "Remove a tag of a prompt, or of a version of it",
    MILL_OPTS(delete_tag_opts),
    .access = MILL_WRITE,
    .run = delete_tag,
    .quiet = true,
};

/* --- delete ---------------------------------------------------------------------------- */

static enum mill_status delete_it(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view name = mill_cli_text(cli, "name");
    int64_t version = mill_arg_int(&cli->args, "version");
    bool whole = mill_arg(&cli->args, "version") == NULL;
    enum mill_status st =
        whole ? mill_client_delete_prompt(cli->client, name, err)
              : mill_client_delete_prompt_version(cli->client, name, version, err);
    if (st == MILL_OK && whole)
        mill_cli_done(cli, "Prompt '%s' and its versions have been deleted.", name.ptr);
    else if (st == MILL_OK)
        mill_cli_done(cli, "Version %lld of prompt '%s' has been deleted.", (long long)version,
                      name.ptr);
    return st;
}

static const struct mill_opt delete_opts[] = {
    MILL_OPT_PROMPT,
    OPT_NUMBER(0, "Only the version of that number; the whole prompt when not given"),
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_prompts_delete = {
    .group = "prompts",
    .name = "delete",
    .summary = "Remove a prompt and its versions, or one version; there is no bin",
    MILL_OPTS(delete_opts),
    .access = MILL_WRITE,
    .run = delete_it,
};
