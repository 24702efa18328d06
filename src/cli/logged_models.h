/* logged_models.h - rows that the commands of logged models share. */
#ifndef MILL_CLI_LOGGED_MODELS_H
#define MILL_CLI_LOGGED_MODELS_H

#include "cli/cli.h"

#define MILL_OPT_LOGGED_MODEL                                                                  \
    {                                                                                          \
        .name = "model-id", .letter = 'm', .type = MILL_OPT_TEXT,                              \
        .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE, .value = "MODEL_ID",                       \
        .help = "Id of the logged model, m-…"                                                \
    }

#endif
