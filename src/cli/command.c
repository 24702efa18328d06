/* command.c - the table of all commands. */
#include "cli/command.h"

#include <stdio.h>

#include "base/view.h"

static const struct mill_command *const commands[] = {
    &mill_cmd_server,
    &mill_cmd_ui,
    &mill_cmd_experiments_create,
    &mill_cmd_experiments_search,
    &mill_cmd_experiments_get,
    &mill_cmd_experiments_rename,
    &mill_cmd_experiments_delete,
    &mill_cmd_experiments_restore,
    &mill_cmd_experiments_csv,
    &mill_cmd_runs_create,
    &mill_cmd_runs_list,
    &mill_cmd_runs_search,
    &mill_cmd_runs_get,
    &mill_cmd_runs_describe,
    &mill_cmd_runs_metrics,
    &mill_cmd_runs_compare,
    &mill_cmd_runs_log,
    &mill_cmd_runs_log_metric,
    &mill_cmd_runs_log_param,
    &mill_cmd_runs_set_tag,
    &mill_cmd_runs_delete_tag,
    &mill_cmd_runs_log_batch,
    &mill_cmd_runs_end,
    &mill_cmd_runs_delete,
    &mill_cmd_runs_restore,
    &mill_cmd_artifacts_list,
    &mill_cmd_artifacts_log,
    &mill_cmd_artifacts_log_artifacts,
    &mill_cmd_artifacts_download,
    &mill_cmd_models_search,
    &mill_cmd_models_get,
    &mill_cmd_models_create,
    &mill_cmd_models_rename,
    &mill_cmd_models_update,
    &mill_cmd_models_delete,
    &mill_cmd_models_set_tag,
    &mill_cmd_models_delete_tag,
    &mill_cmd_models_set_alias,
    &mill_cmd_models_delete_alias,
    &mill_cmd_models_versions,
    &mill_cmd_models_get_version,
    &mill_cmd_models_create_version,
    &mill_cmd_models_update_version,
    &mill_cmd_models_set_stage,
    &mill_cmd_models_set_version_tag,
    &mill_cmd_models_delete_version_tag,
    &mill_cmd_models_delete_version,
    &mill_cmd_logged_models_search,
    &mill_cmd_logged_models_get,
    &mill_cmd_logged_models_create,
    &mill_cmd_logged_models_finalize,
    &mill_cmd_logged_models_delete,
    &mill_cmd_logged_models_log_params,
    &mill_cmd_logged_models_set_tag,
    &mill_cmd_logged_models_delete_tag,
    &mill_cmd_logged_models_log_artifact,
    &mill_cmd_logged_models_log_artifacts,
    &mill_cmd_prompts_search,
    &mill_cmd_prompts_get,
    &mill_cmd_prompts_versions,
    &mill_cmd_prompts_register,
    &mill_cmd_prompts_render,
    &mill_cmd_prompts_set_alias,
    &mill_cmd_prompts_delete_alias,
    &mill_cmd_prompts_set_tag,
    &mill_cmd_prompts_delete_tag,
    &mill_cmd_prompts_delete,
    &mill_cmd_datasets_search,
    &mill_cmd_datasets_get,
    &mill_cmd_datasets_create,
    &mill_cmd_datasets_import,
    &mill_cmd_datasets_export,
    &mill_cmd_datasets_set_tag,
    &mill_cmd_datasets_delete_tag,
    &mill_cmd_datasets_delete,
    &mill_cmd_sync,
    &mill_cmd_spool_status,
    &mill_cmd_spool_verify,
    &mill_cmd_spool_export,
    &mill_cmd_completion,
    &mill_cmd_version,
    &mill_cmd_help,
};

const struct mill_command *const *mill_commands(size_t *count_out)
{
    *count_out = MILL_COUNT(commands);
    return commands;
}

static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

const struct mill_command *mill_command_find(const char *group, const char *name)
{
    for (size_t i = 0; i < MILL_COUNT(commands); i++) {
        const struct mill_command *c = commands[i];
        if (same(c->group, group) &&
            (same(c->name, name) || (c->alias != NULL && same(c->alias, name))))
            return c;
    }
    return NULL;
}

bool mill_command_is_group(const char *name)
{
    for (size_t i = 0; i < MILL_COUNT(commands); i++)
        if (commands[i]->group != NULL && same(commands[i]->group, name))
            return true;
    return false;
}

const char *mill_command_title(const struct mill_command *command, char buffer[static 64])
{
    bool grouped = command->group != NULL;
    snprintf(buffer, 64, "%s%s%s", grouped ? command->group : "", grouped ? " " : "",
             command->name);
    return buffer;
}
