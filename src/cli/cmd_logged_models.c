/* cmd_logged_models.c - `logged-models search` and `logged-models get`: what runs have trained,
 * for people and as JSON. */
#include "cli/answer.h"
#include "cli/listing.h"
#include "cli/logged_models.h"

/* --- search ---------------------------------------------------------------------------- */

static const struct mill_column columns[] = {
    {.title = {"NAME", 4}, .narrowest = 16},
    {.title = {"MODEL ID", 8}},
    {.title = {"STATUS", 6}},
    {.title = {"CREATED", 7}, .optional = true},
    {.title = {"TYPE", 4}, .optional = true},
    {.title = {"RUN", 3}, .optional = true},
    {.title = {"METRICS", 7}, .narrowest = 16, .optional = true},
};

/* "accuracy = 0.97 (digits), loss = 0.1": the newest value of each metric on each dataset. */
static struct mill_view metrics_of(struct mill_cli *cli, const struct mill_logged_model *m)
{
    struct mill_buf text = {0};
    for (size_t i = 0; i < m->metric_count; i++) {
        const struct mill_logged_model_metric *metric = &m->metrics[i];
        bool on_dataset = metric->dataset_name.len > 0;
        mill_buf_printf(&text, "%s%.*s = %.*s%s%.*s%s", i > 0 ? ", " : "",
                        MILL_FMT(metric->key), MILL_FMT(mill_cli_number(cli, metric->value)),
                        on_dataset ? " (" : "", MILL_FMT(metric->dataset_name),
                        on_dataset ? ")" : "");
    }
    return mill_cli_keep(cli, &text);
}

static void set_cells(struct mill_cli *cli, struct mill_table *table, const void *list,
                      size_t i)
{
    const struct mill_logged_model *m = ((const struct mill_logged_model_list *)list)->items[i];
    mill_table_set(table, 0, m->name);
    mill_table_set(table, 1, m->model_id);
    mill_table_set(table, 2, mill_view_of(mill_logged_model_status_name(m->status)));
    mill_table_set(table, 3, mill_cli_age(cli, m->creation_time));
    mill_table_set(table, 4, m->model_type);
    mill_table_set(table, 5, mill_cli_short_id(cli, m->source_run_id));
    mill_table_set(table, 6, metrics_of(cli, m));
}

static void answer(struct mill_buf *out, const void *list, size_t i)
{
    mill_answer_logged_model(out, NULL,
                             ((const struct mill_logged_model_list *)list)->items[i]);
}

static const struct mill_listing listing = {
    .key = "models",
    .columns = columns,
    .column_count = MILL_COUNT(columns),
    .set_cells = set_cells,
    .answer = answer,
};

/* Reads "FIELD", "FIELD ASC" or "FIELD DESC". */
static struct mill_model_order read_order(struct mill_view text,
                                          const struct mill_dataset_filter *dataset)
{
    static const struct {
        struct mill_view word;
        bool descending;
    } directions[] = {{{" asc", 4}, false}, {{" desc", 5}, true}};
    struct mill_model_order order = {.field_name = mill_view_trim(text)};
    for (size_t i = 0; i < MILL_COUNT(directions); i++) {
        struct mill_view field = order.field_name, word = directions[i].word;
        if (field.len <= word.len ||
            !mill_view_eq_nocase(mill_view_from(field, field.len - word.len), word))
            continue;
        order.field_name = mill_view_trim((struct mill_view){field.ptr, field.len - word.len});
        order.descending = directions[i].descending;
        break;
    }
    if (mill_view_starts(order.field_name, MILL_VIEW("metrics."))) {
        order.dataset_name = dataset->name;
        order.dataset_digest = dataset->digest;
    }
    return order;
}

static enum mill_status search(struct mill_cli *cli, struct mill_error *err)
{
    int64_t experiment_id = 0;
    struct mill_logged_model_list *list = NULL;
    struct mill_dataset_filter dataset = {mill_cli_text(cli, "dataset-name"),
                                          mill_cli_text(cli, "dataset-digest")};
    struct mill_model_order order = read_order(mill_cli_text(cli, "order-by"), &dataset);
    if (dataset.digest.ptr != NULL && dataset.name.ptr == NULL)
        return mill_fail(err, MILL_E_INVALID, "--dataset-digest needs --dataset-name");
    enum mill_status st = mill_cli_open(cli, MILL_READ, err);
    if (st == MILL_OK)
        st = mill_cli_experiment_id(cli, mill_arg(&cli->args, "experiment-id"), &experiment_id,
                                    err);
    if (st != MILL_OK)
        return st;
    struct mill_logged_model_query query = {
        .size = sizeof(query),
        .experiment_ids = &experiment_id,
        .experiment_count = 1,
        .filter = mill_cli_text(cli, "filter"),
        .datasets = &dataset,
        .dataset_count = dataset.name.ptr != NULL ? 1 : 0,
        .order_by = &order,
        .order_by_count = order.field_name.len > 0 ? 1 : 0,
        .max_results = mill_arg_int(&cli->args, "max-results"),
        .page_token = mill_cli_text(cli, "page-token"),
    };
    st = mill_client_search_logged_models(cli->client, &query, &list, err);
    if (st == MILL_OK)
        st = mill_listing_print(cli, &listing, list, list->count, list->next_page_token, err);
    mill_logged_model_list_free(list);
    return st;
}

static const struct mill_opt search_opts[] = {
    MILL_OPT_EXPERIMENT_OF_RUNS,
    MILL_OPT_FILTER("\"metrics.accuracy > 0.9 AND params.depth = '5'\""),
    MILL_OPT_ORDER("'metrics.accuracy DESC'; newest first when not given"),
    {.name = "dataset-name",
     .type = MILL_OPT_TEXT,
     .value = "NAME",
     .help = "Only metrics count that were measured on this dataset"},
    {.name = "dataset-digest",
     .type = MILL_OPT_TEXT,
     .value = "DIGEST",
     .help = "The digest that the dataset must have"},
    MILL_OPT_MAX_RESULTS("100", 50000),
    MILL_OPT_PAGE_TOKEN,
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_logged_models_search = {
    .group = "logged-models",
    .name = "search",
    .alias = "list",
    .summary = "List the logged models of an experiment",
    MILL_OPTS(search_opts),
    .run = search,
};

/* --- get ------------------------------------------------------------------------------- */

static void print_pairs(struct mill_cli *cli, const char *title,
                        const struct mill_param *params, size_t count)
{
    for (size_t i = 0; i < count; i++)
        mill_cli_line(cli, i == 0 ? title : "",
                      mill_arena_printf(&cli->arena, "%.*s = %.*s", MILL_FMT(params[i].key),
                                        MILL_FMT(params[i].value)));
}

static void print_metrics(struct mill_cli *cli, const struct mill_logged_model *m)
{
    for (size_t i = 0; i < m->metric_count; i++) {
        const struct mill_logged_model_metric *metric = &m->metrics[i];
        bool on_dataset = metric->dataset_name.len > 0;
        mill_cli_line(cli, i == 0 ? "Metrics" : "",
                      mill_arena_printf(
                          &cli->arena, "%.*s = %.*s at step %lld%s%.*s", MILL_FMT(metric->key),
                          MILL_FMT(mill_cli_number(cli, metric->value)),
                          (long long)(metric->step != MILL_ABSENT ? metric->step : 0),
                          on_dataset ? " on " : "", MILL_FMT(metric->dataset_name)));
    }
}

static void print_model(struct mill_cli *cli, const struct mill_logged_model *m)
{
    mill_cli_line(cli, "Name", m->name);
    mill_cli_line(cli, "Model ID", m->model_id);
    mill_cli_line(cli, "Status", mill_view_of(mill_logged_model_status_name(m->status)));
    if (m->model_type.len > 0)
        mill_cli_line(cli, "Type", m->model_type);
    mill_cli_line(cli, "Experiment", mill_cli_int(cli, m->experiment_id));
    if (m->source_run_id.len > 0)
        mill_cli_line(cli, "Run", m->source_run_id);
    mill_cli_line(cli, "Created", mill_cli_time(cli, m->creation_time));
    mill_cli_line(cli, "Last update", mill_cli_time(cli, m->last_update_time));
    mill_cli_line(cli, "Artifacts", m->artifact_uri);
    print_pairs(cli, "Params", m->params, m->param_count);
    print_metrics(cli, m);
    mill_cli_tag_lines(cli, m->tags, m->tag_count);
}

static enum mill_status get(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_logged_model_list *list = NULL;
    enum mill_status st =
        mill_client_get_logged_model(cli->client, mill_cli_text(cli, "model-id"), &list, err);
    if (st != MILL_OK)
        return st;
    if (mill_arg_flag(&cli->args, "json"))
        mill_answer_one_logged_model(&cli->out, list->items[0]);
    else
        print_model(cli, list->items[0]);
    mill_logged_model_list_free(list);
    return MILL_OK;
}

static const struct mill_opt get_opts[] = {MILL_OPT_LOGGED_MODEL, MILL_OPT_JSON,
                                           MILL_OPT_TRACKING_URI};

const struct mill_command mill_cmd_logged_models_get = {
    .group = "logged-models",
    .name = "get",
    .summary = "Show one logged model",
    MILL_OPTS(get_opts),
    .access = MILL_READ,
    .run = get,
};
