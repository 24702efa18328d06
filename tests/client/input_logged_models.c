/* input_logged_models.c - see input.h: the functions of logged models. */
#include <string.h>

#include "input.h"
#include "input_arguments.h"

#define LOGGED_MODEL                                                                           \
    {                                                                                          \
        "model_id", TEXT | LIMITED, AT(logged_model), 256                                      \
    }
#define LOGGED_MODELS                                                                          \
    {                                                                                          \
        "list_out", POINTER, AT(logged_models_out), 0                                          \
    }
#define DIRECTORY                                                                              \
    {                                                                                          \
        "directory", MAYBE_TEXT | LOCAL | LIMITED, AT(directory), 3072                         \
    }
#define PATH                                                                                   \
    {                                                                                          \
        "path", MAYBE_TEXT | LOCAL | LIMITED, AT(path), 3072                                   \
    }

/* --- models ---------------------------------------------------------------------------- */

static enum mill_status create(struct arguments *a)
{
    return mill_client_create_logged_model(a->client, a->new_logged_model, a->logged_models_out,
                                           a->err);
}

static const struct argument create_arguments[] = {
    CLIENT,
    {"model", POINTER, AT(new_logged_model), 0},
    {"model.size", STRUCT_SIZE, ROOM(new_logged_model, size),
     sizeof(struct mill_new_logged_model)},
    {"experiment_id", ID, ROOM(new_logged_model, experiment_id), 0},
    {"name", MAYBE_TEXT | LIMITED, ROOM(new_logged_model, name), 500},
    {"model_type", MAYBE_TEXT | LIMITED, ROOM(new_logged_model, model_type), 500},
    {"source_run_id", MAYBE_TEXT | LIMITED, ROOM(new_logged_model, source_run_id), 256},
    {"params", POINTER, ROOM(new_logged_model, params), 0},
    {"params[1].key", TEXT | LIMITED, ITEM(model_param_items, 1, key), 255},
    {"params[1].value", MAYBE_TEXT, ITEM(model_param_items, 1, value), 0},
    {"tags", POINTER, ROOM(new_logged_model, tags), 0},
    {"tags", COUNT_MAX, ROOM(new_logged_model, tag_count), 1000},
    {"tags[1].key", TEXT | LIMITED, ITEM(tag_items, 1, key), 255},
    {"tags[1].value", MAYBE_TEXT, ITEM(tag_items, 1, value), 0},
    LOGGED_MODELS,
    END};

static enum mill_status get(struct arguments *a)
{
    return mill_client_get_logged_model(a->client, a->logged_model, a->logged_models_out,
                                        a->err);
}

static const struct argument get_arguments[] = {CLIENT, LOGGED_MODEL, LOGGED_MODELS, END};

static enum mill_status search(struct arguments *a)
{
    return mill_client_search_logged_models(a->client, a->logged_model_query,
                                            a->logged_models_out, a->err);
}

static const struct argument search_arguments[] = {
    CLIENT,
    {"query", POINTER, AT(logged_model_query), 0},
    {"query.size", STRUCT_SIZE, ROOM(logged_model_query, size),
     sizeof(struct mill_logged_model_query)},
    {"experiment_ids", POINTER, ROOM(logged_model_query, experiment_ids), 0},
    {"experiment_ids", POINTS, ROOM(logged_model_query, experiment_count), 10000},
    {"experiment_ids[1]", ID, AT(experiment_ids[1]), 0},
    {"filter", MAYBE_TEXT, ROOM(logged_model_query, filter), 0},
    {"datasets", POINTER, ROOM(logged_model_query, datasets), 0},
    {"datasets", COUNT_MAX, ROOM(logged_model_query, dataset_count), 100},
    {"datasets[0].name", TEXT, ITEM(dataset_filters, 0, name), 0},
    {"datasets[0].digest", MAYBE_TEXT, ITEM(dataset_filters, 0, digest), 0},
    {"order_by", POINTER, ROOM(logged_model_query, order_by), 0},
    {"order_by", COUNT_MAX, ROOM(logged_model_query, order_by_count), 64},
    {"order_by[0].field_name", TEXT, ITEM(model_orders, 0, field_name), 0},
    {"order_by[0].dataset_name", MAYBE_TEXT, ITEM(model_orders, 0, dataset_name), 0},
    {"order_by[0].dataset_digest", MAYBE_TEXT, ITEM(model_orders, 0, dataset_digest), 0},
    {"max_results", RESULTS, ROOM(logged_model_query, max_results), 0},
    {"page_token", MAYBE_TEXT, ROOM(logged_model_query, page_token), 0},
    LOGGED_MODELS,
    END};

static enum mill_status finalize(struct arguments *a)
{
    return mill_client_finalize_logged_model(a->client, a->logged_model, a->logged_model_status,
                                             a->err);
}

static const struct argument finalize_arguments[] = {
    CLIENT, LOGGED_MODEL, {"status", ENUM, AT(logged_model_status), 0}, END};

static enum mill_status delete_model(struct arguments *a)
{
    return mill_client_delete_logged_model(a->client, a->logged_model, a->err);
}

static const struct argument model_arguments[] = {CLIENT, LOGGED_MODEL, END};

static enum mill_status log_params(struct arguments *a)
{
    return mill_client_log_logged_model_params(a->client, a->logged_model, a->model_params,
                                               a->model_param_count, a->err);
}

static const struct argument log_params_arguments[] = {
    CLIENT,
    LOGGED_MODEL,
    {"params", POINTER, AT(model_params), 0},
    {"params[1].key", TEXT | LIMITED, ITEM(model_param_items, 1, key), 255},
    {"params[1].value", MAYBE_TEXT, ITEM(model_param_items, 1, value), 0},
    END};

static enum mill_status set_tags(struct arguments *a)
{
    return mill_client_set_logged_model_tags(a->client, a->logged_model, a->tags, a->tag_count,
                                             a->err);
}

static const struct argument set_tags_arguments[] = {
    CLIENT,
    LOGGED_MODEL,
    {"tags", POINTER, AT(tags), 0},
    {"tags", COUNT_MAX, AT(tag_count), 1000},
    {"tags[1].key", TEXT | LIMITED, ITEM(tag_items, 1, key), 255},
    {"tags[1].value", MAYBE_TEXT, ITEM(tag_items, 1, value), 0},
    END};

static enum mill_status delete_tag(struct arguments *a)
{
    return mill_client_delete_logged_model_tag(a->client, a->logged_model, a->model_tag_key,
                                               a->err);
}

static const struct argument delete_tag_arguments[] = {
    CLIENT, LOGGED_MODEL, {"key", TEXT | LIMITED, AT(model_tag_key), 255}, END};

/* --- files ----------------------------------------------------------------------------- */

static enum mill_status list_artifacts(struct arguments *a)
{
    return mill_client_list_logged_model_artifacts(a->client, a->logged_model, a->path,
                                                   a->files_out, a->err);
}

static const struct argument list_artifacts_arguments[] = {
    CLIENT, LOGGED_MODEL, PATH, {"list_out", POINTER, AT(files_out), 0}, END};

static enum mill_status log_artifact(struct arguments *a)
{
    return mill_client_log_logged_model_artifact(a->client, a->logged_model, a->local_path,
                                                 a->directory, a->transfer, a->err);
}

static const struct argument log_artifact_arguments[] = {
    CLIENT,    LOGGED_MODEL, {"local_path", TEXT | LOCAL | LIMITED, AT(local_path), 4095},
    DIRECTORY, TRANSFER,     END};

static enum mill_status log_artifacts(struct arguments *a)
{
    return mill_client_log_logged_model_artifacts(a->client, a->logged_model, a->local_dir,
                                                  a->directory, a->transfer, a->err);
}

static const struct argument log_artifacts_arguments[] = {
    CLIENT,    LOGGED_MODEL, {"local_dir", TEXT | LOCAL | LIMITED, AT(local_dir), 4095},
    DIRECTORY, TRANSFER,     END};

static enum mill_status download_artifacts(struct arguments *a)
{
    return mill_client_download_logged_model_artifacts(a->client, a->logged_model, a->path,
                                                       a->local_dir, a->transfer, a->err);
}

static const struct argument download_artifacts_arguments[] = {
    CLIENT,   LOGGED_MODEL,
    PATH,     {"local_dir", MAYBE_TEXT | LOCAL | LIMITED, AT(local_dir), 4095},
    TRANSFER, END};

const struct call input_logged_model_calls[] = {
    {"mill_client_create_logged_model", create, create_arguments},
    {"mill_client_get_logged_model", get, get_arguments},
    {"mill_client_search_logged_models", search, search_arguments},
    {"mill_client_log_logged_model_params", log_params, log_params_arguments},
    {"mill_client_set_logged_model_tags", set_tags, set_tags_arguments},
    {"mill_client_delete_logged_model_tag", delete_tag, delete_tag_arguments},
    {"mill_client_log_logged_model_artifact", log_artifact, log_artifact_arguments},
    {"mill_client_log_logged_model_artifacts", log_artifacts, log_artifacts_arguments},
    {"mill_client_list_logged_model_artifacts", list_artifacts, list_artifacts_arguments},
    {"mill_client_download_logged_model_artifacts", download_artifacts,
     download_artifacts_arguments},
    {"mill_client_finalize_logged_model", finalize, finalize_arguments},
    {"mill_client_delete_logged_model", delete_model, model_arguments},
    {NULL, NULL, NULL},
};

/* --- good arguments -------------------------------------------------------------------- */

void input_good_logged_model(const struct input *in, struct arguments *a)
{
    a->logged_model = in->logged_model.ptr != NULL ? in->logged_model : mill_text("m-1");
    a->logged_model_status = MILL_LOGGED_MODEL_READY;
    a->files_uri = mill_text(in->run_files_text);
    a->dataset_filters[0] = (struct mill_dataset_filter){mill_text("d"), mill_text("x")};
    a->model_orders[0] = (struct mill_model_order){.field_name = mill_text("metrics.m"),
                                                   .dataset_name = mill_text("d"),
                                                   .dataset_digest = mill_text("x")};
    a->model_param_items[0] = (struct mill_param){mill_text("p"), mill_text("1")};
    a->model_param_items[1] = (struct mill_param){mill_text("q"), mill_text("2")};
    a->model_params = a->model_param_items;
    a->model_param_count = COUNT(a->model_param_items);
    a->new_logged_model_room.it =
        (struct mill_new_logged_model){.size = sizeof(a->new_logged_model_room.it),
                                       .experiment_id = in->experiment_id,
                                       .params = a->model_param_items,
                                       .param_count = COUNT(a->model_param_items),
                                       .tags = a->tag_items,
                                       .tag_count = COUNT(a->tag_items)};
    a->new_logged_model = &a->new_logged_model_room.it;
    a->logged_model_query_room.it =
        (struct mill_logged_model_query){.size = sizeof(a->logged_model_query_room.it),
                                         .experiment_ids = a->experiment_ids,
                                         .experiment_count = COUNT(a->experiment_ids),
                                         .datasets = a->dataset_filters,
                                         .dataset_count = COUNT(a->dataset_filters),
                                         .order_by = a->model_orders,
                                         .order_by_count = COUNT(a->model_orders)};
    a->logged_model_query = &a->logged_model_query_room.it;
    a->logged_models_out = &a->logged_models_found;
}

bool input_has_logged_model(const struct arguments *a)
{
    return a->logged_models_found != NULL;
}

void input_release_logged_models(struct arguments *a)
{
    mill_logged_model_list_free(a->logged_models_found);
    a->logged_models_found = NULL;
}
