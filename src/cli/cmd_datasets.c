/* cmd_datasets.c - `datasets search` and `datasets get`: evaluation datasets, for people and as
 * JSON. */
#include "cli/answer.h"
#include "cli/datasets.h"
#include "cli/listing.h"
#include "cli/put.h"

static void put_dataset(struct mill_buf *out, const char *key,
                        const struct mill_eval_dataset *d)
{
    mill_put_open(out, key, '{');
    mill_put_text(out, "dataset_id", d->dataset_id);
    mill_put_text(out, "name", d->name);
    mill_put_open(out, "tags", '{');
    for (size_t i = 0; i < d->tag_count; i++)
        mill_put_pair(out, d->tags[i].key, d->tags[i].value);
    mill_put_close(out, '}');
    mill_put_json(out, "schema", d->schema);
    mill_put_json(out, "profile", d->profile);
    mill_answer_text(out, "digest", d->digest);
    mill_answer_int(out, "created_time", d->created_time);
    mill_answer_int(out, "last_update_time", d->last_update_time);
    mill_answer_text(out, "created_by", d->created_by);
    mill_answer_text(out, "last_updated_by", d->last_updated_by);
    mill_put_close(out, '}');
}

void mill_answer_one_dataset(struct mill_buf *out, const struct mill_eval_dataset *dataset)
{
    mill_put_open(out, NULL, '{');
    put_dataset(out, "dataset", dataset);
    mill_put_end(out);
}

enum mill_status mill_cli_of_experiment(struct mill_cli *cli, int64_t *id_out,
                                        size_t *count_out, struct mill_error *err)
{
    const char *text = mill_arg(&cli->args, "experiment-id");
    *count_out = text != NULL ? 1 : 0;
    return text != NULL ? mill_cli_experiment_id(cli, text, id_out, err) : MILL_OK;
}

/* --- search ---------------------------------------------------------------------------- */

static const struct mill_column columns[] = {
    {.title = {"NAME", 4}, .narrowest = 16},
    {.title = {"DATASET ID", 10}},
    {.title = {"LAST UPDATE", 11}, .optional = true},
    {.title = {"BY", 2}, .optional = true},
    {.title = {"PROFILE", 7}, .narrowest = 12, .optional = true},
};

static void set_cells(struct mill_cli *cli, struct mill_table *table, const void *list,
                      size_t i)
{
    const struct mill_eval_dataset *d = ((const struct mill_eval_dataset_list *)list)->items[i];
    mill_table_set(table, 0, d->name);
    mill_table_set(table, 1, d->dataset_id);
    mill_table_set(table, 2, mill_cli_age(cli, d->last_update_time));
    mill_table_set(table, 3, d->last_updated_by);
    mill_table_set(table, 4, d->profile);
}

static void answer(struct mill_buf *out, const void *list, size_t i)
{
    put_dataset(out, NULL, ((const struct mill_eval_dataset_list *)list)->items[i]);
}

static const struct mill_listing listing = {
    .key = "datasets",
    .columns = columns,
    .column_count = MILL_COUNT(columns),
    .set_cells = set_cells,
    .answer = answer,
};

static enum mill_status search(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view order = mill_cli_text(cli, "order-by");
    int64_t experiment_id = 0;
    struct mill_eval_dataset_query query = {
        .size = sizeof(query),
        .experiment_ids = &experiment_id,
        .filter = mill_cli_text(cli, "filter"),
        .order_by = &order,
        .order_by_count = mill_view_empty(order) ? 0 : 1,
        .max_results = mill_arg_int(&cli->args, "max-results"),
        .page_token = mill_cli_text(cli, "page-token"),
    };
    struct mill_eval_dataset_list *list = NULL;
    enum mill_status st =
        mill_cli_of_experiment(cli, &experiment_id, &query.experiment_count, err);
    if (st == MILL_OK)
        st = mill_client_search_eval_datasets(cli->client, &query, &list, err);
    if (st != MILL_OK)
        return st;
    st = mill_listing_print(cli, &listing, list, list->count, list->next_page_token, err);
    mill_eval_dataset_list_free(list);
    return st;
}

static const struct mill_opt search_opts[] = {
    MILL_OPT_OF_EXPERIMENT("Only those linked to this experiment, by id or name"),
    MILL_OPT_FILTER("\"name LIKE 'qa%' AND tags.team = 'red'\""),
    MILL_OPT_ORDER("'name ASC'; the newest first when not given"),
    MILL_OPT_MAX_RESULTS("1000", 50000),
    MILL_OPT_PAGE_TOKEN,
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_datasets_search = {
    .group = "datasets",
    .name = "search",
    .alias = "list",
    .summary = "List evaluation datasets",
    MILL_OPTS(search_opts),
    .access = MILL_READ,
    .run = search,
};

/* --- get ------------------------------------------------------------------------------- */

static void print_dataset(struct mill_cli *cli, const struct mill_eval_dataset *d)
{
    mill_cli_line(cli, "Name", d->name);
    mill_cli_line(cli, "Dataset id", d->dataset_id);
    mill_cli_line(cli, "Created", mill_cli_time(cli, d->created_time));
    mill_cli_line(cli, "Created by", d->created_by);
    mill_cli_line(cli, "Last update", mill_cli_time(cli, d->last_update_time));
    mill_cli_line(cli, "Digest", d->digest);
    if (d->schema.ptr != NULL)
        mill_cli_line(cli, "Schema", d->schema);
    if (d->profile.ptr != NULL)
        mill_cli_line(cli, "Profile", d->profile);
    mill_cli_tag_lines(cli, d->tags, d->tag_count);
}

static enum mill_status get(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_eval_dataset_list *list = NULL;
    enum mill_status st =
        mill_client_get_eval_dataset(cli->client, mill_cli_text(cli, "dataset-id"), &list, err);
    if (st != MILL_OK)
        return st;
    if (mill_arg_flag(&cli->args, "json"))
        mill_answer_one_dataset(&cli->out, list->items[0]);
    else
        print_dataset(cli, list->items[0]);
    mill_eval_dataset_list_free(list);
    return MILL_OK;
}

static const struct mill_opt get_opts[] = {MILL_OPT_DATASET, MILL_OPT_JSON,
                                           MILL_OPT_TRACKING_URI};

const struct mill_command mill_cmd_datasets_get = {
    .group = "datasets",
    .name = "get",
    .summary = "Show one evaluation dataset without its records",
    MILL_OPTS(get_opts),
    .access = MILL_READ,
    .run = get,
};
