/* models.c - names, numbers and answers for the commands of the model registry. */
#include "cli/models.h"

#include "cli/answer.h"

struct mill_model_query mill_cli_model_query(const struct mill_cli *cli,
                                             struct mill_view *order)
{
    *order = mill_cli_text(cli, "order-by");
    return (struct mill_model_query){
        .size = sizeof(struct mill_model_query),
        .filter = mill_cli_text(cli, "filter"),
        .order_by = order,
        .order_by_count = mill_view_empty(*order) ? 0 : 1,
        .max_results = mill_arg_int(&cli->args, "max-results"),
        .page_token = mill_cli_text(cli, "page-token"),
    };
}

enum mill_status mill_cli_version(struct mill_cli *cli, int64_t *version_out,
                                  struct mill_error *err)
{
    struct mill_view text = mill_cli_text(cli, "version");
    struct mill_version_list *list = NULL;
    if (mill_view_int(text, version_out))
        return MILL_OK;
    enum mill_status st = mill_client_get_version_by_alias(
        cli->client, mill_cli_text(cli, "name"), text, &list, err);
    if (st != MILL_OK)
        return st;
    *version_out = list->items[0]->version;
    mill_version_list_free(list);
    return MILL_OK;
}

struct mill_view mill_cli_aliases(struct mill_cli *cli, const struct mill_model_alias *aliases,
                                  size_t count)
{
    struct mill_buf text = {0};
    for (size_t i = 0; i < count; i++)
        mill_buf_printf(&text, "%s%.*s = %lld", i > 0 ? ", " : "", MILL_FMT(aliases[i].alias),
                        (long long)aliases[i].version);
    return mill_cli_keep(cli, &text);
}

struct mill_view mill_cli_alias_names(struct mill_cli *cli, const struct mill_view *names,
                                      size_t count)
{
    struct mill_buf text = {0};
    for (size_t i = 0; i < count; i++)
        mill_buf_printf(&text, "%s%.*s", i > 0 ? ", " : "", MILL_FMT(names[i]));
    return mill_cli_keep(cli, &text);
}

enum mill_status mill_cli_answer_model(struct mill_cli *cli, struct mill_view name,
                                       struct mill_error *err)
{
    struct mill_model_list *list = NULL;
    enum mill_status st = mill_client_get_model(cli->client, name, &list, err);
    if (st == MILL_OK)
        mill_answer_one_model(&cli->out, list->items[0]);
    mill_model_list_free(list);
    return st;
}

enum mill_status mill_cli_answer_version(struct mill_cli *cli, int64_t version,
                                         struct mill_error *err)
{
    struct mill_version_list *list = NULL;
    enum mill_status st =
        mill_client_get_version(cli->client, mill_cli_text(cli, "name"), version, &list, err);
    if (st == MILL_OK)
        mill_answer_one_version(&cli->out, list->items[0]);
    mill_version_list_free(list);
    return st;
}
