/* cmd_versions.c - `models versions` and `models get-version`: versions of registered models,
 * for people and as JSON. */
#include "cli/answer.h"
#include "cli/listing.h"
#include "cli/models.h"

/* --- versions -------------------------------------------------------------------------- */

static const struct mill_column columns[] = {
    {.title = {"MODEL", 5}, .narrowest = 16},
    {.title = {"VERSION", 7}, .right = true},
    {.title = {"STAGE", 5}},
    {.title = {"ALIASES", 7}, .narrowest = 12, .optional = true},
    {.title = {"LAST UPDATE", 11}, .optional = true},
    {.title = {"RUN", 3}, .optional = true},
    {.title = {"SOURCE", 6}, .narrowest = 16, .optional = true},
};

static void set_cells(struct mill_cli *cli, struct mill_table *table, const void *list,
                      size_t i)
{
    const struct mill_model_version *v = ((const struct mill_version_list *)list)->items[i];
    mill_table_set(table, 0, v->name);
    mill_table_set(table, 1, mill_cli_int(cli, v->version));
    mill_table_set(table, 2, mill_view_of(mill_stage_name(v->current_stage)));
    mill_table_set(table, 3, mill_cli_alias_names(cli, v->aliases, v->alias_count));
    mill_table_set(table, 4, mill_cli_age(cli, v->last_updated_timestamp));
    mill_table_set(table, 5, mill_cli_short_id(cli, v->run_id));
    mill_table_set(table, 6, v->source);
}

static void answer(struct mill_buf *out, const void *list, size_t i)
{
    mill_answer_version(out, NULL, ((const struct mill_version_list *)list)->items[i]);
}

static const struct mill_listing listing = {
    .key = "model_versions",
    .columns = columns,
    .column_count = MILL_COUNT(columns),
    .set_cells = set_cells,
    .answer = answer,
};

/* The filter that is given, and the model that is named: names with a quote in them stand in
 * double quotes, which no name can have as well. */
static enum mill_status add_name(struct mill_cli *cli, struct mill_model_query *query,
                                 struct mill_error *err)
{
    struct mill_view name = mill_cli_text(cli, "name");
    if (name.ptr == NULL)
        return MILL_OK;
    char quote = strchr(name.ptr, '\'') != NULL ? '"' : '\'';
    if (strchr(name.ptr, quote) != NULL)
        return mill_fail(err, MILL_E_INVALID,
                         "a name with both kinds of quotes cannot be looked for");
    query->filter = mill_arena_printf(&cli->arena, "name = %c%s%c%s%.*s", quote, name.ptr,
                                      quote, mill_view_empty(query->filter) ? "" : " AND ",
                                      MILL_FMT(query->filter));
    return query->filter.ptr != NULL ? MILL_OK : mill_fail(err, MILL_E_NOMEM, "out of memory");
}

static enum mill_status search(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view order;
    struct mill_model_query query = mill_cli_model_query(cli, &order);
    struct mill_version_list *list = NULL;
    enum mill_status st = add_name(cli, &query, err);
    if (st == MILL_OK)
        st = mill_cli_open(cli, MILL_READ, err);
    if (st == MILL_OK)
        st = mill_client_search_versions(cli->client, &query, &list, err);
    if (st != MILL_OK)
        return st;
    st = mill_listing_print(cli, &listing, list, list->count, list->next_page_token, err);
    mill_version_list_free(list);
    return st;
}

static const struct mill_opt search_opts[] = {
    {.name = "name",
     .letter = 'n',
     .type = MILL_OPT_TEXT,
     .flags = MILL_OPT_BARE,
     .value = "MODEL",
     .help = "Name of the registered model; versions of all models when not given"},
    MILL_OPT_FILTER("\"run_id = '…' AND tags.checked = 'yes'\""),
    MILL_OPT_ORDER("'version_number DESC'; the last changed first when not given"),
    MILL_OPT_MAX_RESULTS("1000", 200000),
    MILL_OPT_PAGE_TOKEN,
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_models_versions = {
    .group = "models",
    .name = "versions",
    .alias = "search-versions",
    .summary = "List the versions of a registered model, or of all",
    MILL_OPTS(search_opts),
    .run = search,
};

/* --- get-version ----------------------------------------------------------------------- */

static void print_version(struct mill_cli *cli, const struct mill_model_version *v)
{
    mill_cli_line(cli, "Model", v->name);
    mill_cli_line(cli, "Version", mill_cli_int(cli, v->version));
    mill_cli_line(cli, "Stage", mill_view_of(mill_stage_name(v->current_stage)));
    mill_cli_line(cli, "Description", v->description);
    mill_cli_line(cli, "Source", v->source);
    if (v->run_id.len > 0)
        mill_cli_line(cli, "Run", v->run_id);
    if (v->run_link.len > 0)
        mill_cli_line(cli, "Run link", v->run_link);
    mill_cli_line(cli, "Created", mill_cli_time(cli, v->creation_timestamp));
    mill_cli_line(cli, "Last update", mill_cli_time(cli, v->last_updated_timestamp));
    if (v->alias_count > 0)
        mill_cli_line(cli, "Aliases", mill_cli_alias_names(cli, v->aliases, v->alias_count));
    mill_cli_tag_lines(cli, v->tags, v->tag_count);
}

static enum mill_status get(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_version_list *list = NULL;
    int64_t version = 0;
    enum mill_status st = mill_cli_version(cli, &version, err);
    if (st == MILL_OK)
        st = mill_client_get_version(cli->client, mill_cli_text(cli, "name"), version, &list,
                                     err);
    if (st != MILL_OK)
        return st;
    if (mill_arg_flag(&cli->args, "json"))
        mill_answer_one_version(&cli->out, list->items[0]);
    else
        print_version(cli, list->items[0]);
    mill_version_list_free(list);
    return MILL_OK;
}

static const struct mill_opt get_opts[] = {MILL_OPT_MODEL, MILL_OPT_VERSION, MILL_OPT_JSON,
                                           MILL_OPT_TRACKING_URI};

const struct mill_command mill_cmd_models_get_version = {
    .group = "models",
    .name = "get-version",
    .summary = "Show one version of a registered model",
    MILL_OPTS(get_opts),
    .access = MILL_READ,
    .run = get,
};
