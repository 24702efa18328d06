/* command.h - what a command is: a const row, defined by its cmd_*.c file. */
#ifndef MILL_CLI_COMMAND_H
#define MILL_CLI_COMMAND_H

#include "cli/opt.h"

struct mill_cli;

/* How --tracking-uri is opened as cli->client. */
enum mill_access {
    MILL_NO_ACCESS,
    MILL_READ,
    MILL_WRITE,
    MILL_CREATE /* a missing database is made */
};

struct mill_command {
    const char *group;   /* "runs"; NULL for one that stands alone */
    const char *name;    /* "search" */
    const char *alias;   /* another name in the group, or NULL */
    const char *summary; /* one line without full stop */
    const char
        *details; /* what more there is to say, paragraphs between empty lines; or NULL */
    const struct mill_opt *opts;
    size_t opt_count;
    /* Before run; MILL_NO_ACCESS where run looks at its arguments first and opens it itself. */
    enum mill_access access;
    enum mill_status (*run)(struct mill_cli *cli, struct mill_error *err);
    bool quiet; /* prints nothing when all is well; with --json the empty object that the REST
                 * call answers */
    /* Instead of run: gets its arguments as they are, with what the user typed as argv[0], and
     * returns the exit code. Options are those of the server. */
    int (*run_raw)(int argc, char **argv);
};

/* All commands in the order of the help. */
const struct mill_command *const *mill_commands(size_t *count_out);

/* The command of that group and name, or NULL; group NULL for one that stands alone. */
const struct mill_command *mill_command_find(const char *group, const char *name);

/* Whether there is a group of that name. */
bool mill_command_is_group(const char *name);

/* "runs search" in buffer. */
const char *mill_command_title(const struct mill_command *command, char buffer[static 64]);

extern const struct mill_command mill_cmd_server;
extern const struct mill_command mill_cmd_ui;
extern const struct mill_command mill_cmd_experiments_create;
extern const struct mill_command mill_cmd_experiments_search;
extern const struct mill_command mill_cmd_experiments_get;
extern const struct mill_command mill_cmd_experiments_rename;
extern const struct mill_command mill_cmd_experiments_delete;
extern const struct mill_command mill_cmd_experiments_restore;
extern const struct mill_command mill_cmd_experiments_csv;
extern const struct mill_command mill_cmd_runs_create;
extern const struct mill_command mill_cmd_runs_list;
extern const struct mill_command mill_cmd_runs_search;
extern const struct mill_command mill_cmd_runs_get;
extern const struct mill_command mill_cmd_runs_describe;
extern const struct mill_command mill_cmd_runs_metrics;
extern const struct mill_command mill_cmd_runs_compare;
extern const struct mill_command mill_cmd_runs_log;
extern const struct mill_command mill_cmd_runs_log_metric;
extern const struct mill_command mill_cmd_runs_log_param;
extern const struct mill_command mill_cmd_runs_set_tag;
extern const struct mill_command mill_cmd_runs_delete_tag;
extern const struct mill_command mill_cmd_runs_log_batch;
extern const struct mill_command mill_cmd_runs_end;
extern const struct mill_command mill_cmd_runs_delete;
extern const struct mill_command mill_cmd_runs_restore;
extern const struct mill_command mill_cmd_artifacts_list;
extern const struct mill_command mill_cmd_artifacts_log;
extern const struct mill_command mill_cmd_artifacts_log_artifacts;
extern const struct mill_command mill_cmd_artifacts_download;
extern const struct mill_command mill_cmd_models_search;
extern const struct mill_command mill_cmd_models_get;
extern const struct mill_command mill_cmd_models_create;
extern const struct mill_command mill_cmd_models_rename;
extern const struct mill_command mill_cmd_models_update;
extern const struct mill_command mill_cmd_models_delete;
extern const struct mill_command mill_cmd_models_set_tag;
extern const struct mill_command mill_cmd_models_delete_tag;
extern const struct mill_command mill_cmd_models_set_alias;
extern const struct mill_command mill_cmd_models_delete_alias;
extern const struct mill_command mill_cmd_models_versions;
extern const struct mill_command mill_cmd_models_get_version;
extern const struct mill_command mill_cmd_models_create_version;
extern const struct mill_command mill_cmd_models_update_version;
extern const struct mill_command mill_cmd_models_set_stage;
extern const struct mill_command mill_cmd_models_set_version_tag;
extern const struct mill_command mill_cmd_models_delete_version_tag;
extern const struct mill_command mill_cmd_models_delete_version;
extern const struct mill_command mill_cmd_logged_models_search;
extern const struct mill_command mill_cmd_logged_models_get;
extern const struct mill_command mill_cmd_logged_models_create;
extern const struct mill_command mill_cmd_logged_models_finalize;
extern const struct mill_command mill_cmd_logged_models_delete;
extern const struct mill_command mill_cmd_logged_models_log_params;
extern const struct mill_command mill_cmd_logged_models_set_tag;
extern const struct mill_command mill_cmd_logged_models_delete_tag;
extern const struct mill_command mill_cmd_logged_models_log_artifact;
extern const struct mill_command mill_cmd_logged_models_log_artifacts;
extern const struct mill_command mill_cmd_prompts_search;
extern const struct mill_command mill_cmd_prompts_get;
extern const struct mill_command mill_cmd_prompts_versions;
extern const struct mill_command mill_cmd_prompts_register;
extern const struct mill_command mill_cmd_prompts_render;
extern const struct mill_command mill_cmd_prompts_set_alias;
extern const struct mill_command mill_cmd_prompts_delete_alias;
extern const struct mill_command mill_cmd_prompts_set_tag;
extern const struct mill_command mill_cmd_prompts_delete_tag;
extern const struct mill_command mill_cmd_prompts_delete;
extern const struct mill_command mill_cmd_datasets_search;
extern const struct mill_command mill_cmd_datasets_get;
extern const struct mill_command mill_cmd_datasets_create;
extern const struct mill_command mill_cmd_datasets_import;
extern const struct mill_command mill_cmd_datasets_export;
extern const struct mill_command mill_cmd_datasets_set_tag;
extern const struct mill_command mill_cmd_datasets_delete_tag;
extern const struct mill_command mill_cmd_datasets_delete;
extern const struct mill_command mill_cmd_sync;
extern const struct mill_command mill_cmd_spool_status;
extern const struct mill_command mill_cmd_spool_verify;
extern const struct mill_command mill_cmd_spool_export;
extern const struct mill_command mill_cmd_completion;
extern const struct mill_command mill_cmd_version;
extern const struct mill_command mill_cmd_help;

#endif
