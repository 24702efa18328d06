/* models.h - what the commands of the model registry share. */
#ifndef MILL_CLI_MODELS_H
#define MILL_CLI_MODELS_H

#include "cli/cli.h"

/* Rows that many of them have. */
#define MILL_OPT_MODEL                                                                         \
    {                                                                                          \
        .name = "name", .letter = 'n', .type = MILL_OPT_TEXT,                                  \
        .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE, .value = "MODEL",                          \
        .help = "Name of the registered model"                                                 \
    }
#define MILL_OPT_VERSION                                                                       \
    {                                                                                          \
        .name = "version", .type = MILL_OPT_TEXT, .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE,  \
        .value = "VERSION", .help = "Number of the version, an alias, or 'latest'"             \
    }
#define MILL_OPT_ALIAS                                                                         \
    {                                                                                          \
        .name = "alias", .letter = 'a', .type = MILL_OPT_TEXT,                                 \
        .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE, .value = "ALIAS",                          \
        .help = "Letters, digits, '-' and '_', e.g. champion"                                  \
    }
#define MILL_OPT_DESCRIPTION(given)                                                            \
    {                                                                                          \
        .name = "description", .letter = 'd', .type = MILL_OPT_TEXT, .flags = (given),         \
        .value = "TEXT", .help = "What it is"                                                  \
    }

/* What the rows of a search ask for, with the one ordering in *order, which the query borrows.
 */
struct mill_model_query mill_cli_model_query(const struct mill_cli *cli,
                                             struct mill_view *order);

/* The number of the version that --version names, of the model that --name names. */
enum mill_status mill_cli_version(struct mill_cli *cli, int64_t *version_out,
                                  struct mill_error *err);

/* "champion = 3, challenger = 4", and of one version "champion, challenger". In the cli's
 * arena.
 */
struct mill_view mill_cli_aliases(struct mill_cli *cli, const struct mill_model_alias *aliases,
                                  size_t count);
struct mill_view mill_cli_alias_names(struct mill_cli *cli, const struct mill_view *names,
                                      size_t count);

/* Prints how a model, or a version of the one that --name names, is now: what the REST call
 * answers that made or changed it. */
enum mill_status mill_cli_answer_model(struct mill_cli *cli, struct mill_view name,
                                       struct mill_error *err);
enum mill_status mill_cli_answer_version(struct mill_cli *cli, int64_t version,
                                         struct mill_error *err);

#endif
