/* cmd_models.c - `models search` and `models get`: registered models, for people and as JSON.
 */
#include "cli/answer.h"
#include "cli/listing.h"
#include "cli/models.h"

/* --- search ---------------------------------------------------------------------------- */

static const struct mill_column columns[] = {
    {.title = {"NAME", 4}, .narrowest = 16},
    {.title = {"LATEST", 6}, .right = true},
    {.title = {"LAST UPDATE", 11}, .optional = true},
    {.title = {"ALIASES", 7}, .narrowest = 12, .optional = true},
    {.title = {"DESCRIPTION", 11}, .narrowest = 12, .optional = true},
};

/* The highest number of all stages; "-" without versions. */
static struct mill_view latest_of(struct mill_cli *cli, const struct mill_registered_model *m)
{
    int64_t latest = 0;
    for (size_t i = 0; i < m->latest_version_count; i++)
        if (m->latest_versions[i].version > latest)
            latest = m->latest_versions[i].version;
    return mill_cli_int(cli, latest != 0 ? latest : MILL_ABSENT);
}

static void set_cells(struct mill_cli *cli, struct mill_table *table, const void *list,
                      size_t i)
{
    const struct mill_registered_model *m = ((const struct mill_model_list *)list)->items[i];
    mill_table_set(table, 0, m->name);
    mill_table_set(table, 1, latest_of(cli, m));
    mill_table_set(table, 2, mill_cli_age(cli, m->last_updated_timestamp));
    mill_table_set(table, 3, mill_cli_aliases(cli, m->aliases, m->alias_count));
    mill_table_set(table, 4, m->description);
}

static void answer(struct mill_buf *out, const void *list, size_t i)
{
    mill_answer_model(out, NULL, ((const struct mill_model_list *)list)->items[i]);
}

static const struct mill_listing listing = {
    .key = "registered_models",
    .columns = columns,
    .column_count = MILL_COUNT(columns),
    .set_cells = set_cells,
    .answer = answer,
};

static enum mill_status search(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view order;
    struct mill_model_query query = mill_cli_model_query(cli, &order);
    struct mill_model_list *list = NULL;
    enum mill_status st = mill_client_search_models(cli->client, &query, &list, err);
    if (st != MILL_OK)
        return st;
    st = mill_listing_print(cli, &listing, list, list->count, list->next_page_token, err);
    mill_model_list_free(list);
    return st;
}

static const struct mill_opt search_opts[] = {
    MILL_OPT_FILTER("\"name LIKE 'digits%' AND tags.team = 'vision'\""),
    MILL_OPT_ORDER("'last_updated_timestamp DESC'; by name when not given"),
    MILL_OPT_MAX_RESULTS("1000", 1000),
    MILL_OPT_PAGE_TOKEN,
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_models_search = {
    .group = "models",
    .name = "search",
    .alias = "list",
    .summary = "List registered models",
    .details = "Prompts are left out unless the filter asks for them: "
               "\"tags.`mlflow.prompt.is_prompt` = 'true'\".",
    MILL_OPTS(search_opts),
    .access = MILL_READ,
    .run = search,
};

/* --- get ------------------------------------------------------------------------------- */

static void print_model(struct mill_cli *cli, const struct mill_registered_model *m)
{
    mill_cli_line(cli, "Name", m->name);
    mill_cli_line(cli, "Description", m->description);
    mill_cli_line(cli, "Created", mill_cli_time(cli, m->creation_timestamp));
    mill_cli_line(cli, "Last update", mill_cli_time(cli, m->last_updated_timestamp));
    for (size_t i = 0; i < m->latest_version_count; i++)
        mill_cli_line(cli, i == 0 ? "Latest versions" : "",
                      mill_arena_printf(&cli->arena, "%lld (%s)",
                                        (long long)m->latest_versions[i].version,
                                        mill_stage_name(m->latest_versions[i].current_stage)));
    if (m->alias_count > 0)
        mill_cli_line(cli, "Aliases", mill_cli_aliases(cli, m->aliases, m->alias_count));
    mill_cli_tag_lines(cli, m->tags, m->tag_count);
}

static enum mill_status get(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_model_list *list = NULL;
    enum mill_status st =
        mill_client_get_model(cli->client, mill_cli_text(cli, "name"), &list, err);
    if (st != MILL_OK)
        return st;
    if (mill_arg_flag(&cli->args, "json"))
        mill_answer_one_model(&cli->out, list->items[0]);
    else
        print_model(cli, list->items[0]);
    mill_model_list_free(list);
    return MILL_OK;
}

static const struct mill_opt get_opts[] = {MILL_OPT_MODEL, MILL_OPT_JSON,
                                           MILL_OPT_TRACKING_URI};

const struct mill_command mill_cmd_models_get = {
    .group = "models",
    .name = "get",
    .summary = "Show one registered model",
    MILL_OPTS(get_opts),
    .access = MILL_READ,
    .run = get,
};
