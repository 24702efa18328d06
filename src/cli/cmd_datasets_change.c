/* cmd_datasets_change.c - `datasets create`, `set-tag`, `delete-tag` and `delete`. */
#include "cli/datasets.h"

/* --- create ---------------------------------------------------------------------------- */

static enum mill_status create(struct mill_cli *cli, struct mill_error *err)
{
    int64_t experiment_id = 0;
    struct mill_new_eval_dataset dataset = {.size = sizeof(dataset),
                                            .name = mill_cli_text(cli, "name"),
                                            .experiment_ids = &experiment_id};
    struct mill_tag *tags = NULL;
    struct mill_eval_dataset_list *list = NULL;
    enum mill_status st = mill_cli_pairs(cli, "tags", &tags, &dataset.tag_count, err);
    dataset.tags = tags;
    if (st == MILL_OK)
        st = mill_cli_open(cli, MILL_CREATE, err);
    if (st == MILL_OK)
        st = mill_cli_of_experiment(cli, &experiment_id, &dataset.experiment_count, err);
    if (st == MILL_OK)
        st = mill_client_create_eval_dataset(cli->client, &dataset, &list, err);
    if (st == MILL_OK && !mill_cli_said(cli, "%.*s", MILL_FMT(list->items[0]->dataset_id)))
        mill_answer_one_dataset(&cli->out, list->items[0]);
    mill_eval_dataset_list_free(list);
    return st;
}

static const struct mill_opt create_opts[] = {
    {.name = "name",
     .letter = 'n',
     .type = MILL_OPT_TEXT,
     .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE,
     .value = "NAME",
     .help = "What it is called; several may have the same name"},
    MILL_OPT_OF_EXPERIMENT("Link it to this experiment, by id or name"),
    MILL_OPT_TAGS,
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_datasets_create = {
    .group = "datasets",
    .name = "create",
    .summary = "Make an evaluation dataset without records and print its id",
    MILL_OPTS(create_opts),
    .run = create,
};

/* --- tags ------------------------------------------------------------------------------ */

static enum mill_status set_tag(struct mill_cli *cli, struct mill_error *err)
{
    return mill_client_set_eval_dataset_tag(cli->client, mill_cli_text(cli, "dataset-id"),
                                            mill_cli_text(cli, "key"),
                                            mill_cli_text(cli, "value"), err);
}

static enum mill_status delete_tag(struct mill_cli *cli, struct mill_error *err)
{
    return mill_client_delete_eval_dataset_tag(cli->client, mill_cli_text(cli, "dataset-id"),
                                               mill_cli_text(cli, "key"), err);
}

static const struct mill_opt set_tag_opts[] = {MILL_OPT_DATASET, MILL_OPT_TAG_KEY,
                                               MILL_OPT_TAG_VALUE, MILL_OPT_JSON,
                                               MILL_OPT_TRACKING_URI};

static const struct mill_opt delete_tag_opts[] = {MILL_OPT_DATASET, MILL_OPT_TAG_KEY,
                                                  MILL_OPT_JSON, MILL_OPT_TRACKING_URI};

const struct mill_command mill_cmd_datasets_set_tag = {
    .group = "datasets",
    .name = "set-tag",
    .summary = "Set a tag of an evaluation dataset",
    MILL_OPTS(set_tag_opts),
    .access = MILL_WRITE,
    .run = set_tag,
    .quiet = true,
};

const struct mill_command mill_cmd_datasets_delete_tag = {
    .group = "datasets",
    .name = "delete-tag",
    .summary = "Remove a tag of an evaluation dataset",
    MILL_OPTS(delete_tag_opts),
    .access = MILL_WRITE,
    .run = delete_tag,
    .quiet = true,
};

/* --- delete ---------------------------------------------------------------------------- */

/* One that is not there is a mistake of whoever typed its id. */
static enum mill_status delete_it(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view id = mill_cli_text(cli, "dataset-id");
    struct mill_eval_dataset_list *found = NULL;
    enum mill_status st = mill_client_get_eval_dataset(cli->client, id, &found, err);
    if (st == MILL_OK)
        st = mill_client_delete_eval_dataset(cli->client, id, err);
    if (st == MILL_OK)
        mill_cli_done(cli, "Dataset '%.*s' and its records have been deleted.",
                      MILL_FMT(found->items[0]->name));
    mill_eval_dataset_list_free(found);
    return st;
}

static const struct mill_opt delete_opts[] = {MILL_OPT_DATASET, MILL_OPT_JSON,
                                              MILL_OPT_TRACKING_URI};

const struct mill_command mill_cmd_datasets_delete = {
    .group = "datasets",
    .name = "delete",
    .summary = "Remove an evaluation dataset and its records; there is no bin",
    MILL_OPTS(delete_opts),
    .access = MILL_WRITE,
    .run = delete_it,
};
