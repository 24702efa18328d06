/* prompts.h - rows that the commands of prompts share. */
#ifndef MILL_CLI_PROMPTS_H
#define MILL_CLI_PROMPTS_H

#include "cli/models.h"

#define MILL_OPT_PROMPT                                                                        \
    {                                                                                          \
        .name = "name", .letter = 'n', .type = MILL_OPT_TEXT,                                  \
        .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE, .value = "PROMPT",                         \
        .help = "Name of the prompt"                                                           \
    }
#define MILL_OPT_PROMPT_VERSION                                                                \
    {                                                                                          \
        .name = "version", .type = MILL_OPT_TEXT, .flags = MILL_OPT_BARE, .value = "VERSION",  \
        .fallback = "latest", .help = "Number of the version, an alias, or 'latest'"           \
    }

/* The version that --name and --version name, as a list of one that the caller frees. */
enum mill_status mill_cli_prompt_version(struct mill_cli *cli,
                                         struct mill_prompt_version_list **list_out,
                                         struct mill_error *err);

#endif
