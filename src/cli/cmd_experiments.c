/* cmd_experiments.c - `experiments create`, `experiments search`, `experiments get`. */
#include "base/view.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/listing.h"
#include "cli/put.h"

/* --- create ---------------------------------------------------------------------------- */

static enum mill_status create(struct mill_cli *cli, struct mill_error *err)
{
    const char *name = mill_arg(&cli->args, "experiment-name");
    struct mill_tag *tags = NULL;
    size_t tag_count = 0;
    int64_t id = 0;
    enum mill_status st = mill_cli_pairs(cli, "tags", &tags, &tag_count, err);
    if (st == MILL_OK)
        st = mill_cli_open(cli, MILL_CREATE, err);
    if (st == MILL_OK)
        st = mill_client_create_experiment(cli->client, mill_view_of(name),
                                           mill_cli_text(cli, "artifact-location"), tags,
                                           tag_count, &id, err);
    if (st != MILL_OK)
        return st;
    if (!mill_cli_said(cli, "Created experiment '%s' with id %lld", name, (long long)id))
        mill_buf_printf(&cli->out, "{\"experiment_id\":\"%lld\"}\n", (long long)id);
    return MILL_OK;
}

static const struct mill_opt create_opts[] = {
    {.name = "experiment-name",
     .letter = 'n',
     .type = MILL_OPT_TEXT,
     .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE,
     .value = "NAME",
     .help = "Name of the new experiment"},
    {.name = "artifact-location",
     .letter = 'l',
     .type = MILL_OPT_TEXT,
     .value = "URI",
     .help = "Where its runs keep files; the server chooses when not given"},
    MILL_OPT_TAGS,
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_experiments_create = {
    .group = "experiments",
    .name = "create",
    .summary = "Make an experiment",
    MILL_OPTS(create_opts),
    .run = create,
};

/* --- search ---------------------------------------------------------------------------- */

static const struct mill_column columns[] = {
    {.title = {"ID", 2}, .right = true},
    {.title = {"NAME", 4}, .narrowest = 16},
    {.title = {"STATE", 5}},
    {.title = {"LAST UPDATE", 11}, .optional = true},
    {.title = {"ARTIFACT LOCATION", 17}, .narrowest = 12, .optional = true},
};

static void set_cells(struct mill_cli *cli, struct mill_table *table, const void *list,
                      size_t i)
{
    const struct mill_experiment *e = ((const struct mill_experiment_list *)list)->items[i];
    mill_table_set(table, 0, mill_cli_int(cli, e->experiment_id));
    mill_table_set(table, 1, e->name);
    mill_table_set(table, 2, mill_view_of(mill_lifecycle_name(e->lifecycle_stage)));
    mill_table_set(table, 3, mill_cli_time(cli, e->last_update_time));
    mill_table_set(table, 4, e->artifact_location);
}

static void answer(struct mill_buf *out, const void *list, size_t i)
{
    mill_answer_experiment(out, NULL, ((const struct mill_experiment_list *)list)->items[i]);
}

static const struct mill_listing listing = {
    .key = "experiments",
    .columns = columns,
    .column_count = MILL_COUNT(columns),
    .set_cells = set_cells,
    .answer = answer,
};

static enum mill_status search(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_experiment_query query = {
        .size = sizeof(query),
        .view_type = mill_cli_view(cli),
        .filter = mill_cli_text(cli, "filter"),
        .max_results = mill_arg_int(&cli->args, "max-results"),
        .page_token = mill_cli_text(cli, "page-token"),
    };
    struct mill_view order = mill_cli_text(cli, "order-by");
    struct mill_experiment_list *list = NULL;
    if (!mill_view_empty(order)) {
        query.order_by = &order;
        query.order_by_count = 1;
    }
    enum mill_status st = mill_client_search_experiments(cli->client, &query, &list, err);
    if (st != MILL_OK)
        return st;
    st = mill_listing_print(cli, &listing, list, list->count, list->next_page_token, err);
    mill_experiment_list_free(list);
    return st;
}

static const struct mill_opt search_opts[] = {
    MILL_OPT_VIEW,
    MILL_OPT_FILTER("\"name LIKE 'digits%' AND tags.team = 'vision'\""),
    MILL_OPT_ORDER("'name ASC'; newest first when not given"),
    MILL_OPT_MAX_RESULTS("1000", 50000),
    MILL_OPT_PAGE_TOKEN,
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_experiments_search = {
    .group = "experiments",
    .name = "search",
    .alias = "list",
    .summary = "List experiments",
    MILL_OPTS(search_opts),
    .access = MILL_READ,
    .run = search,
};

/* --- get ------------------------------------------------------------------------------- */

static enum mill_status get(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_experiment_list *list = NULL;
    const char *name = mill_arg(&cli->args, "experiment-name");
    const char *id = mill_arg(&cli->args, "experiment-id");
    if ((name == NULL) == (id == NULL))
        return mill_fail(err, MILL_E_INVALID,
                         "'millstream experiments get' needs either EXPERIMENT or "
                         "--experiment-name NAME");
    enum mill_status st = mill_cli_open(cli, MILL_READ, err);
    if (st == MILL_OK && name != NULL)
        st = mill_client_get_experiment_by_name(cli->client, mill_view_of(name), &list, err);
    else if (st == MILL_OK)
        st = mill_cli_experiment(cli, id, &list, err);
    if (st != MILL_OK)
        return st;
    const struct mill_experiment *e = list->items[0];
    if (mill_arg_flag(&cli->args, "json")) {
        mill_put_open(&cli->out, NULL, '{');
        mill_answer_experiment(&cli->out, "experiment", e);
        mill_put_end(&cli->out);
    } else {
        mill_cli_line(cli, "Id", mill_cli_int(cli, e->experiment_id));
        mill_cli_line(cli, "Name", e->name);
        mill_cli_line(cli, "State", mill_view_of(mill_lifecycle_name(e->lifecycle_stage)));
        mill_cli_line(cli, "Artifact location", e->artifact_location);
        mill_cli_line(cli, "Created", mill_cli_time(cli, e->creation_time));
        mill_cli_line(cli, "Last update", mill_cli_time(cli, e->last_update_time));
        mill_cli_tag_lines(cli, e->tags, e->tag_count);
    }
    mill_experiment_list_free(list);
    return MILL_OK;
}

static const struct mill_opt get_opts[] = {
    {.name = "experiment-id",
     .letter = 'x',
     .type = MILL_OPT_TEXT,
     .flags = MILL_OPT_BARE,
     .value = "EXPERIMENT",
     .help = "Id or name of the experiment"},
    {.name = "experiment-name",
     .letter = 'n',
     .type = MILL_OPT_TEXT,
     .value = "NAME",
     .help = "Name of the experiment"},
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_experiments_get = {
    .group = "experiments",
    .name = "get",
    .summary = "Show one experiment",
    MILL_OPTS(get_opts),
    .run = get,
};
