/* cmd_prompts.c - `prompts search`, `prompts get` and `prompts versions`: prompts, for people
 * and as JSON. */
#include "cli/answer.h"
#include "cli/listing.h"
#include "cli/prompts.h"
#include "cli/put.h"

/* --- search ---------------------------------------------------------------------------- */

static const struct mill_column columns[] = {
    {.title = {"NAME", 4}, .narrowest = 16},
    {.title = {"LATEST", 6}, .right = true},
    {.title = {"LAST UPDATE", 11}, .optional = true},
    {.title = {"ALIASES", 7}, .narrowest = 12, .optional = true},
    {.title = {"DESCRIPTION", 11}, .narrowest = 12, .optional = true},
};

static void set_cells(struct mill_cli *cli, struct mill_table *table, const void *list,
                      size_t i)
{
    const struct mill_prompt *p = ((const struct mill_prompt_list *)list)->items[i];
    mill_table_set(table, 0, p->name);
    mill_table_set(table, 1, mill_cli_int(cli, p->latest_version));
    mill_table_set(table, 2, mill_cli_age(cli, p->last_updated_timestamp));
    mill_table_set(table, 3, mill_cli_aliases(cli, p->aliases, p->alias_count));
    mill_table_set(table, 4, p->description);
}

static void answer(struct mill_buf *out, const void *list, size_t i)
{
    const struct mill_prompt *p = ((const struct mill_prompt_list *)list)->items[i];
    mill_put_open(out, NULL, '{');
    mill_put_text(out, "name", p->name);
    mill_answer_text(out, "description", p->description);
    mill_answer_int(out, "creation_timestamp", p->creation_timestamp);
    mill_answer_int(out, "last_updated_timestamp", p->last_updated_timestamp);
    mill_answer_int(out, "latest_version", p->latest_version);
    mill_answer_tags(out, p->tags, p->tag_count);
    mill_put_open(out, "aliases", '{');
    for (size_t k = 0; k < p->alias_count; k++) {
        struct mill_buf number = {0};
        mill_buf_add_int(&number, p->aliases[k].version);
        mill_put_pair(out, p->aliases[k].alias, mill_buf_view(&number));
        mill_buf_release(&number);
    }
    mill_put_close(out, '}');
    mill_put_close(out, '}');
}

static const struct mill_listing prompt_listing = {
    .key = "prompts",
    .columns = columns,
    .column_count = MILL_COUNT(columns),
    .set_cells = set_cells,
    .answer = answer,
};

static enum mill_status search(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view order;
    struct mill_model_query query = mill_cli_model_query(cli, &order);
    struct mill_prompt_list *list = NULL;
    enum mill_status st = mill_client_search_prompts(cli->client, &query, &list, err);
    if (st != MILL_OK)
        return st;
    st =
        mill_listing_print(cli, &prompt_listing, list, list->count, list->next_page_token, err);
    mill_prompt_list_free(list);
    return st;
}

static const struct mill_opt search_opts[] = {
    MILL_OPT_FILTER("\"name LIKE 'greet%' AND experiment_id = '1'\""),
    MILL_OPT_ORDER("'last_updated_timestamp DESC'; by name when not given"),
    MILL_OPT_MAX_RESULTS("1000", 1000),
    MILL_OPT_PAGE_TOKEN,
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_prompts_search = {
    .group = "prompts",
    .name = "search",
    .alias = "list",
    .summary = "List prompts",
    MILL_OPTS(search_opts),
    .access = MILL_READ,
    .run = search,
};

/* --- versions -------------------------------------------------------------------------- */

static const struct mill_column version_columns[] = {
    {.title = {"VERSION", 7}, .right = true},
    {.title = {"ALIASES", 7}, .narrowest = 12, .optional = true},
    {.title = {"CREATED", 7}, .optional = true},
    {.title = {"MESSAGE", 7}, .narrowest = 12},
    {.title = {"TEXT", 4}, .narrowest = 16},
};

/* The first line of what a version says. */
static struct mill_view beginning(const struct mill_prompt_version *v)
{
    struct mill_view line;
    mill_view_cut(v->text.ptr != NULL ? v->text : v->messages, '\n', &line);
    return line;
}

static void set_version_cells(struct mill_cli *cli, struct mill_table *table, const void *list,
                              size_t i)
{
    const struct mill_prompt_version *v =
        ((const struct mill_prompt_version_list *)list)->items[i];
    mill_table_set(table, 0, mill_cli_int(cli, v->version));
    mill_table_set(table, 1, mill_cli_alias_names(cli, v->aliases, v->alias_count));
    mill_table_set(table, 2, mill_cli_age(cli, v->creation_timestamp));
    mill_table_set(table, 3, v->commit_message);
    mill_table_set(table, 4, beginning(v));
}

static void put_version(struct mill_buf *out, const char *key,
                        const struct mill_prompt_version *v)
{
    mill_put_open(out, key, '{');
    mill_put_text(out, "name", v->name);
    mill_answer_int(out, "version", v->version);
    if (v->text.ptr != NULL)
        mill_put_text(out, "template", v->text);
    mill_put_json(out, "template", v->messages);
    mill_answer_text(out, "commit_message", v->commit_message);
    mill_put_json(out, "response_format", v->response_format);
    mill_put_json(out, "model_config", v->model_config);
    mill_answer_int(out, "creation_timestamp", v->creation_timestamp);
    mill_answer_int(out, "last_updated_timestamp", v->last_updated_timestamp);
    mill_answer_tags(out, v->tags, v->tag_count);
    mill_put_open(out, "aliases", '[');
    for (size_t i = 0; i < v->alias_count; i++)
        mill_put_text(out, NULL, v->aliases[i]);
    mill_put_close(out, ']');
    mill_put_close(out, '}');
}

static void answer_version(struct mill_buf *out, const void *list, size_t i)
{
    put_version(out, NULL, ((const struct mill_prompt_version_list *)list)->items[i]);
}

static const struct mill_listing version_listing = {
    .key = "prompt_versions",
    .columns = version_columns,
    .column_count = MILL_COUNT(version_columns),
    .set_cells = set_version_cells,
    .answer = answer_version,
};

static enum mill_status versions(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_model_query query = {.size = sizeof(query),
                                     .max_results = mill_arg_int(&cli->args, "max-results"),
                                     .page_token = mill_cli_text(cli, "page-token")};
    struct mill_prompt_version_list *list = NULL;
    enum mill_status st = mill_client_search_prompt_versions(
        cli->client, mill_cli_text(cli, "name"), &query, &list, err);
    if (st != MILL_OK)
        return st;
    st = mill_listing_print(cli, &version_listing, list, list->count, list->next_page_token,
                            err);
    mill_prompt_version_list_free(list);
    return st;
}

static const struct mill_opt versions_opts[] = {
    MILL_OPT_PROMPT, MILL_OPT_MAX_RESULTS("1000", 1000), MILL_OPT_PAGE_TOKEN, MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI};

const struct mill_command mill_cmd_prompts_versions = {
    .group = "prompts",
    .name = "versions",
    .summary = "List the versions of a prompt, the newest first",
    MILL_OPTS(versions_opts),
    .access = MILL_READ,
    .run = versions,
};

/* --- get ------------------------------------------------------------------------------- */

enum mill_status mill_cli_prompt_version(struct mill_cli *cli,
                                         struct mill_prompt_version_list **list_out,
                                         struct mill_error *err)
{
    struct mill_view name = mill_cli_text(cli, "name"), text = mill_cli_text(cli, "version");
    int64_t version;
    if (mill_view_int(text, &version))
        return mill_client_get_prompt_version(cli->client, name, version, list_out, err);
    return mill_client_get_prompt_version_by_alias(cli->client, name, text, list_out, err);
}

static void print_version(struct mill_cli *cli, const struct mill_prompt_version *v)
{
    mill_cli_line(cli, "Name", v->name);
    mill_cli_line(cli, "Version", mill_cli_int(cli, v->version));
    if (v->alias_count > 0)
        mill_cli_line(cli, "Aliases", mill_cli_alias_names(cli, v->aliases, v->alias_count));
    mill_cli_line(cli, "Message", v->commit_message);
    mill_cli_line(cli, "Created", mill_cli_time(cli, v->creation_timestamp));
    if (v->response_format.ptr != NULL)
        mill_cli_line(cli, "Response format", v->response_format);
    if (v->model_config.ptr != NULL)
        mill_cli_line(cli, "Model config", v->model_config);
    mill_cli_tag_lines(cli, v->tags, v->tag_count);
    mill_buf_add_char(&cli->out, '\n');
    mill_buf_add_view(&cli->out, v->text.ptr != NULL ? v->text : v->messages);
    mill_buf_add_char(&cli->out, '\n');
}

static enum mill_status get(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_prompt_version_list *list = NULL;
    enum mill_status st = mill_cli_prompt_version(cli, &list, err);
    if (st != MILL_OK)
        return st;
    if (mill_arg_flag(&cli->args, "json")) {
        mill_put_open(&cli->out, NULL, '{');
        put_version(&cli->out, "prompt_version", list->items[0]);
        mill_put_end(&cli->out);
    } else {
        print_version(cli, list->items[0]);
    }
    mill_prompt_version_list_free(list);
    return MILL_OK;
}

static const struct mill_opt get_opts[] = {MILL_OPT_PROMPT, MILL_OPT_PROMPT_VERSION,
                                           MILL_OPT_JSON, MILL_OPT_TRACKING_URI};

const struct mill_command mill_cmd_prompts_get = {
    .group = "prompts",
    .name = "get",
    .summary = "Show a version of a prompt",
    MILL_OPTS(get_opts),
    .access = MILL_READ,
    .run = get,
};
