/* datasets.h - what the commands of evaluation datasets share. */
#ifndef MILL_CLI_DATASETS_H
#define MILL_CLI_DATASETS_H

#include "cli/cli.h"

#define MILL_OPT_DATASET                                                                       \
    {                                                                                          \
        .name = "dataset-id", .letter = 'd', .type = MILL_OPT_TEXT,                            \
        .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE, .value = "DATASET",                        \
        .help = "Id of the dataset, d-…"                                                     \
    }
#define MILL_OPT_OF_EXPERIMENT(text)                                                           \
    {                                                                                          \
        .name = "experiment-id", .letter = 'x', .type = MILL_OPT_TEXT, .value = "EXPERIMENT",  \
        .help = text                                                                           \
    }

/* A dataset as the REST call answers it, and the line end. */
void mill_answer_one_dataset(struct mill_buf *out, const struct mill_eval_dataset *dataset);

/* The id of the experiment that --experiment-id names, once the client is open; *count_out is 0
 * when it is not given. */
enum mill_status mill_cli_of_experiment(struct mill_cli *cli, int64_t *id_out,
                                        size_t *count_out, struct mill_error *err);

#endif
