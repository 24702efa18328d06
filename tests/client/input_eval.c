/* input_eval.c - see input.h: the functions of evaluation datasets, and their arguments. */
#include "input.h"
#include "input_arguments.h"

#define DATASET                                                                                \
    {                                                                                          \
        "dataset_id", TEXT | LIMITED, AT(dataset_id), 256                                      \
    }
#define DATASET_KEY                                                                            \
    {                                                                                          \
        "key", TEXT | LIMITED, AT(model_tag_key), 255                                          \
    }
#define DATASETS                                                                               \
    {                                                                                          \
        "list_out", POINTER, AT(eval_datasets_out), 0                                          \
    }
#define RECORDS                                                                                \
    {                                                                                          \
        "list_out", POINTER, AT(eval_records_out), 0                                           \
    }
#define LINKED                                                                                 \
    {"experiment_ids", POINTER, AT(linked), 0},                                                \
        {"experiment_ids", COUNT_MAX, AT(experiment_count), 1000},                             \
    {                                                                                          \
        "experiment_ids[0]", ID, AT(experiment_ids), 0                                         \
    }

static enum mill_status create(struct arguments *a)
{
    return mill_client_create_eval_dataset(a->client, a->new_dataset, a->eval_datasets_out,
                                           a->err);
}

static const struct argument create_arguments[] = {
    CLIENT,
    {"dataset", POINTER, AT(new_dataset), 0},
    {"dataset.size", STRUCT_SIZE, ROOM(new_dataset, size),
     sizeof(struct mill_new_eval_dataset)},
    {"name", TEXT | LIMITED, ROOM(new_dataset, name), 255},
    {"experiment_ids", POINTER, ROOM(new_dataset, experiment_ids), 0},
    {"experiment_ids", COUNT_MAX, ROOM(new_dataset, experiment_count), 1000},
    {"experiment_ids[0]", ID, AT(experiment_ids), 0},
    {"tags", POINTER, ROOM(new_dataset, tags), 0},
    {"tags", COUNT_MAX, ROOM(new_dataset, tag_count), 1000},
    {"tags[1].key", TEXT | LIMITED, ITEM(tag_items, 1, key), 250},
    {"tags[1].value", MAYBE_TEXT, ITEM(tag_items, 1, value), 0},
    DATASETS,
    END};

static enum mill_status get(struct arguments *a)
{
    return mill_client_get_eval_dataset(a->client, a->dataset_id, a->eval_datasets_out, a->err);
}

static const struct argument get_arguments[] = {CLIENT, DATASET, DATASETS, END};

static enum mill_status search(struct arguments *a)
{
    return mill_client_search_eval_datasets(a->client, a->dataset_query, a->eval_datasets_out,
                                            a->err);
}

static const struct argument search_arguments[] = {
    CLIENT,
    {"query.size", STRUCT_SIZE, ROOM(dataset_query, size),
     sizeof(struct mill_eval_dataset_query)},
    {"experiment_ids", POINTER, ROOM(dataset_query, experiment_ids), 0},
    {"experiment_ids", COUNT_MAX, ROOM(dataset_query, experiment_count), 1000},
    {"experiment_ids[0]", ID, AT(experiment_ids), 0},
    {"filter", MAYBE_TEXT, ROOM(dataset_query, filter), 0},
    {"order_by", POINTER, ROOM(dataset_query, order_by), 0},
    {"order_by[0]", TEXT, AT(order_items), 0},
    {"max_results", RESULTS, ROOM(dataset_query, max_results), 0},
    {"page_token", MAYBE_TEXT, ROOM(dataset_query, page_token), 0},
    DATASETS,
    END};

static enum mill_status delete_dataset(struct arguments *a)
{
    return mill_client_delete_eval_dataset(a->client, a->dataset_id, a->err);
}

static const struct argument delete_arguments[] = {CLIENT, DATASET, END};

static enum mill_status set_tag(struct arguments *a)
{
    return mill_client_set_eval_dataset_tag(a->client, a->dataset_id, a->model_tag_key,
                                            a->value, a->err);
}

static const struct argument set_tag_arguments[] = {
    CLIENT, DATASET, DATASET_KEY, {"value", MAYBE_TEXT, AT(value), 0}, END};

static enum mill_status delete_tag(struct arguments *a)
{
    return mill_client_delete_eval_dataset_tag(a->client, a->dataset_id, a->model_tag_key,
                                               a->err);
}

static const struct argument delete_tag_arguments[] = {CLIENT, DATASET, DATASET_KEY, END};

static enum mill_status link_dataset(struct arguments *a)
{
    return mill_client_link_eval_dataset(a->client, a->dataset_id, a->linked,
                                         a->experiment_count, a->err);
}

static const struct argument link_arguments[] = {CLIENT, DATASET, LINKED, END};

static enum mill_status unlink_dataset(struct arguments *a)
{
    return mill_client_unlink_eval_dataset(a->client, a->dataset_id, a->linked,
                                           a->experiment_count, a->err);
}

static enum mill_status experiments(struct arguments *a)
{
    return mill_client_eval_dataset_experiments(a->client, a->dataset_id, NULL, 0,
                                                a->length_out, a->err);
}

static const struct argument experiments_arguments[] = {
    CLIENT, DATASET, {"count_out", POINTER, AT(length_out), 0}, END};

static enum mill_status merge_records(struct arguments *a)
{
    return mill_client_merge_eval_records(a->client, a->dataset_id, a->records, a->id_out, NULL,
                                          a->err);
}

static const struct argument merge_records_arguments[] = {
    CLIENT, DATASET, {"records", TEXT, AT(records), 0}, END};

static enum mill_status list_records(struct arguments *a)
{
    return mill_client_list_eval_records(a->client, a->dataset_id, a->max_results,
                                         a->page_token, a->eval_records_out, a->err);
}

static const struct argument list_records_arguments[] = {
    CLIENT,
    DATASET,
    {"max_results", RESULTS, AT(max_results), 0},
    {"page_token", MAYBE_TEXT, AT(page_token), 0},
    RECORDS,
    END};

static enum mill_status delete_records(struct arguments *a)
{
    return mill_client_delete_eval_records(a->client, a->dataset_id, a->record_ids,
                                           a->record_id_count, NULL, a->err);
}

static const struct argument delete_records_arguments[] = {
    CLIENT,
    DATASET,
    {"record_ids", POINTER, AT(record_ids), 0},
    {"record_ids", COUNT_MAX, AT(record_id_count), 10000},
    {"record_ids", TEXT | LIMITED, AT(record_ids_items[1]), 256},
    END};

const struct call input_eval_calls[] = {
    {"mill_client_create_eval_dataset", create, create_arguments},
    {"mill_client_get_eval_dataset", get, get_arguments},
    {"mill_client_search_eval_datasets", search, search_arguments},
    {"mill_client_set_eval_dataset_tag", set_tag, set_tag_arguments},
    {"mill_client_delete_eval_dataset_tag", delete_tag, delete_tag_arguments},
    {"mill_client_link_eval_dataset", link_dataset, link_arguments},
    {"mill_client_eval_dataset_experiments", experiments, experiments_arguments},
    {"mill_client_unlink_eval_dataset", unlink_dataset, link_arguments},
    {"mill_client_merge_eval_records", merge_records, merge_records_arguments},
    {"mill_client_list_eval_records", list_records, list_records_arguments},
    {"mill_client_delete_eval_records", delete_records, delete_records_arguments},
    {"mill_client_delete_eval_dataset", delete_dataset, delete_arguments},
    {NULL, NULL, NULL},
};

/* --- good arguments -------------------------------------------------------------------- */

void input_good_eval(const struct input *in, struct arguments *a)
{
    a->dataset_id = mill_text(in->dataset_id_text[0] != '\0' ? in->dataset_id_text : "d-1");
    a->records = mill_text("[{\"inputs\": {\"a\": 1}}]");
    a->record_ids_items[0] = a->record_ids_items[1] = mill_text("dr-1");
    a->record_ids = a->record_ids_items;
    a->record_id_count = COUNT(a->record_ids_items);
    a->experiment_ids[0] = a->experiment_ids[1] = in->experiment_id;
    a->linked = a->experiment_ids;
    a->experiment_count = 1; /* the official server links each once */
    a->max_results = 10;
    a->new_dataset_room.it =
        (struct mill_new_eval_dataset){.size = sizeof(a->new_dataset_room.it),
                                       .name = mill_text("qa"),
                                       .experiment_ids = a->experiment_ids,
                                       .experiment_count = 1,
                                       .tags = a->tag_items,
                                       .tag_count = COUNT(a->tag_items)};
    a->new_dataset = &a->new_dataset_room.it;
    a->dataset_query_room.it =
        (struct mill_eval_dataset_query){.size = sizeof(a->dataset_query_room.it),
                                         .experiment_ids = a->experiment_ids,
                                         .experiment_count = COUNT(a->experiment_ids),
                                         .order_by = a->order_items,
                                         .order_by_count = COUNT(a->order_items)};
    a->dataset_query = &a->dataset_query_room.it;
    a->eval_datasets_out = &a->eval_datasets_found;
    a->eval_records_out = &a->eval_records_found;
}

bool input_has_eval(const struct arguments *a)
{
    return a->eval_datasets_found != NULL || a->eval_records_found != NULL;
}

void input_release_eval(struct arguments *a)
{
    mill_eval_dataset_list_free(a->eval_datasets_found);
    mill_eval_record_list_free(a->eval_records_found);
    a->eval_datasets_found = NULL;
    a->eval_records_found = NULL;
}
