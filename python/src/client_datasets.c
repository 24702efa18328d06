/* client_datasets.c - methods about evaluation datasets. What is a dataset or a record in
 * Python is made of dicts by millstream/tracking/_datasets.py. */
#include <stddef.h>

#include "client.h"
#include "collect.h"

#define TEXT(field_name, type, member)                                                         \
    {                                                                                          \
        .name = field_name, .kind = PYMILL_TEXT, .offset = offsetof(struct type, member)       \
    }
#define NUMBER(field_name, type, member)                                                       \
    {                                                                                          \
        .name = field_name, .kind = PYMILL_NUMBER, .offset = offsetof(struct type, member)     \
    }

static const struct pymill_field dataset_fields[] = {
    TEXT("dataset_id", mill_eval_dataset, dataset_id),
    TEXT("name", mill_eval_dataset, name),
    TEXT("digest", mill_eval_dataset, digest),
    NUMBER("created_time", mill_eval_dataset, created_time),
    NUMBER("last_update_time", mill_eval_dataset, last_update_time),
    {.name = "tags",
     .kind = PYMILL_TAGS,
     .offset = offsetof(struct mill_eval_dataset, tags),
     .count_offset = offsetof(struct mill_eval_dataset, tag_count)},
    TEXT("schema", mill_eval_dataset, schema),
    TEXT("profile", mill_eval_dataset, profile),
    TEXT("created_by", mill_eval_dataset, created_by),
    TEXT("last_updated_by", mill_eval_dataset, last_updated_by),
};
static const struct pymill_table dataset_table = {dataset_fields, PYMILL_COUNT(dataset_fields)};

static const struct pymill_field record_fields[] = {
    TEXT("dataset_record_id", mill_eval_record, record_id),
    TEXT("inputs", mill_eval_record, inputs),
    TEXT("outputs", mill_eval_record, outputs),
    TEXT("expectations", mill_eval_record, expectations),
    TEXT("tags", mill_eval_record, tags),
    TEXT("source", mill_eval_record, source),
    TEXT("source_id", mill_eval_record, source_id),
    TEXT("source_type", mill_eval_record, source_type),
    TEXT("created_by", mill_eval_record, created_by),
    TEXT("last_updated_by", mill_eval_record, last_updated_by),
    NUMBER("created_time", mill_eval_record, created_time),
    NUMBER("last_update_time", mill_eval_record, last_update_time),
};
static const struct pymill_table record_table = {record_fields, PYMILL_COUNT(record_fields)};

/* --- datasets ---------------------------------------------------------------------------- */

/* The only item of a list, which is freed; the call is finished. */
static PyObject *first(struct pymill_call *call, enum mill_status status,
                       struct mill_eval_dataset_list **list)
{
    PyObject *result = NULL;
    if (pymill_returned(call, status))
        result = pymill_dict_from(call->self->state, &dataset_table, (*list)->items[0]);
    mill_eval_dataset_list_free(*list);
    return pymill_finish(call, result);
}

PyDoc_STRVAR(_create_dataset_doc, "_create_dataset($self, name, experiment_ids, tags)\n--\n\n"
                                  "A new dataset: dict.");

static PyObject *_create_dataset(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct pymill_numbers experiments = {0};
    struct pymill_tags tags = {0};
    struct mill_eval_dataset_list *list = NULL;
    PyObject *result = NULL;
    if (pymill_take_experiments(&experiments, self->state, v[1].object) &&
        pymill_take_tags(&tags, v[2].object) && pymill_begin(&call, self)) {
        struct mill_new_eval_dataset dataset = {.size = sizeof(dataset),
                                                .name = v[0].text,
                                                .experiment_ids = experiments.items,
                                                .experiment_count = experiments.count,
                                                .tags = tags.items,
                                                .tag_count = tags.count};
        enum mill_status st =
            mill_client_create_eval_dataset(call.client, &dataset, &list, &call.error);
        result = first(&call, st, &list);
    }
    pymill_release_numbers(&experiments);
    pymill_release_tags(&tags);
    return result;
}
PYMILL_METHOD(_create_dataset, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_TAKES("experiment_ids", PYMILL_ANY), PYMILL_TAKES("tags", PYMILL_ANY))

PyDoc_STRVAR(_get_dataset_doc, "_get_dataset($self, dataset_id)\n--\n\nA dataset: dict.");

static PyObject *_get_dataset(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct mill_eval_dataset_list *list = NULL;
    if (!pymill_begin(&call, self))
        return NULL;
    enum mill_status st =
        mill_client_get_eval_dataset(call.client, v[0].text, &list, &call.error);
    return first(&call, st, &list);
}
PYMILL_METHOD(_get_dataset, PYMILL_NEEDS("dataset_id", PYMILL_VIEW))

PyDoc_STRVAR(_search_datasets_doc,
             "_search_datasets($self, experiment_ids, filter_string, max_results, order_by, "
             "page_token)\n--\n\n"
             "A page of datasets: list of dict, and the token of the next one.");

static PyObject *_search_datasets(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct pymill_numbers experiments = {0};
    struct pymill_texts order = {0};
    struct mill_eval_dataset_list *list = NULL;
    PyObject *result = NULL;
    if (pymill_take_experiments(&experiments, self->state, v[0].object) &&
        pymill_take_texts(&order, v[3].object) && pymill_begin(&call, self)) {
        struct mill_eval_dataset_query query = {.size = sizeof(query),
                                                .experiment_ids = experiments.items,
                                                .experiment_count = experiments.count,
                                                .filter = v[1].text,
                                                .order_by = order.items,
                                                .order_by_count = order.count,
                                                .max_results = v[2].number,
                                                .page_token = v[4].text};
        if (pymill_returned(&call, mill_client_search_eval_datasets(call.client, &query, &list,
                                                                    &call.error)))
            result =
                pymill_dict_page(self->state, &dataset_table, (const void *const *)list->items,
                                 list->count, list->next_page_token);
        mill_eval_dataset_list_free(list);
        pymill_finish(&call, result);
    }
    pymill_release_numbers(&experiments);
    pymill_release_texts(&order);
    return result;
}
PYMILL_METHOD(_search_datasets, PYMILL_TAKES("experiment_ids", PYMILL_ANY),
              PYMILL_TAKES("filter_string", PYMILL_VIEW),
              PYMILL_TAKES("max_results", PYMILL_WHOLE), PYMILL_TAKES("order_by", PYMILL_ANY),
              PYMILL_TAKES("page_token", PYMILL_VIEW))

PyDoc_STRVAR(
    delete_dataset_doc,
    "delete_dataset($self, dataset_id)\n--\n\n"
    "Removes an evaluation dataset with its records; does nothing if there is none.\n\n"
    "    client.delete_dataset(dataset.dataset_id)");

static PyObject *delete_dataset(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin(&call, self))
        return NULL;
    return pymill_done(&call,
                       mill_client_delete_eval_dataset(call.client, v[0].text, &call.error));
}
PYMILL_METHOD(delete_dataset, PYMILL_NEEDS("dataset_id", PYMILL_VIEW))

PyDoc_STRVAR(_set_dataset_tag_doc, "_set_dataset_tag($self, dataset_id, key, value)\n--\n\n"
                                   "Sets a tag of a dataset.");

static PyObject *_set_dataset_tag(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin(&call, self))
        return NULL;
    return pymill_done(&call, mill_client_set_eval_dataset_tag(
                                  call.client, v[0].text, v[1].text, v[2].text, &call.error));
}
PYMILL_METHOD(_set_dataset_tag, PYMILL_NEEDS("dataset_id", PYMILL_VIEW),
              PYMILL_NEEDS("key", PYMILL_VIEW), PYMILL_NEEDS("value", PYMILL_SHOWN))

PyDoc_STRVAR(delete_dataset_tag_doc,
             "delete_dataset_tag($self, dataset_id, key)\n--\n\n"
             "Removes a tag of an evaluation dataset; does nothing if there is none.\n\n"
             "    client.delete_dataset_tag(dataset.dataset_id, 'team')");

static PyObject *delete_dataset_tag(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin(&call, self))
        return NULL;
    return pymill_done(&call, mill_client_delete_eval_dataset_tag(call.client, v[0].text,
                                                                  v[1].text, &call.error));
}
PYMILL_METHOD(delete_dataset_tag, PYMILL_NEEDS("dataset_id", PYMILL_VIEW),
              PYMILL_NEEDS("key", PYMILL_VIEW))

/* --- experiments ------------------------------------------------------------------------- */

typedef enum mill_status link_call(struct mill_client *client, struct mill_view dataset_id,
                                   const int64_t *experiment_ids, size_t experiment_count,
                                   struct mill_error *err);

/* Links or unlinks a dataset, and gives what it is then. */
static PyObject *change_links(struct pymill_client *self, const union pymill_value *v,
                              link_call *change)
{
    struct pymill_call call;
    struct pymill_numbers experiments = {0};
    struct mill_eval_dataset_list *list = NULL;
    PyObject *result = NULL;
    if (pymill_take_experiments(&experiments, self->state, v[1].object) &&
        pymill_begin(&call, self)) {
        enum mill_status st =
            change(call.client, v[0].text, experiments.items, experiments.count, &call.error);
        if (st == MILL_OK)
            st = mill_client_get_eval_dataset(call.client, v[0].text, &list, &call.error);
        result = first(&call, st, &list);
    }
    pymill_release_numbers(&experiments);
    return result;
}

PyDoc_STRVAR(_link_dataset_doc, "_link_dataset($self, dataset_id, experiment_ids)\n--\n\n"
                                "Links a dataset to experiments: dict.");

static PyObject *_link_dataset(struct pymill_client *self, const union pymill_value *v)
{
    return change_links(self, v, mill_client_link_eval_dataset);
}
PYMILL_METHOD(_link_dataset, PYMILL_NEEDS("dataset_id", PYMILL_VIEW),
              PYMILL_NEEDS("experiment_ids", PYMILL_ANY))

PyDoc_STRVAR(_unlink_dataset_doc, "_unlink_dataset($self, dataset_id, experiment_ids)\n--\n\n"
                                  "Unlinks a dataset from experiments: dict.");

static PyObject *_unlink_dataset(struct pymill_client *self, const union pymill_value *v)
{
    return change_links(self, v, mill_client_unlink_eval_dataset);
}
PYMILL_METHOD(_unlink_dataset, PYMILL_NEEDS("dataset_id", PYMILL_VIEW),
              PYMILL_NEEDS("experiment_ids", PYMILL_ANY))

/* Ids that a dataset is linked to at most; what is behind them is left out. */
#define MAX_LINKS 10000

PyDoc_STRVAR(_dataset_experiments_doc,
             "_dataset_experiments($self, dataset_id)\n--\n\n"
             "Ids of the experiments that a dataset is linked to: list of str.");

static PyObject *_dataset_experiments(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    size_t count = 0;
    PyObject *result = NULL;
    int64_t *ids = pymill_new_items(MAX_LINKS, sizeof(*ids));
    if (ids != NULL && pymill_begin(&call, self)) {
        if (pymill_returned(&call, mill_client_eval_dataset_experiments(call.client, v[0].text,
                                                                        ids, MAX_LINKS, &count,
                                                                        &call.error)))
            result = PyList_New(0);
        for (size_t i = 0; result != NULL && i < count && i < MAX_LINKS; i++) {
            PyObject *id = PyUnicode_FromFormat("%lld", (long long)ids[i]);
            if (id == NULL || PyList_Append(result, id) < 0)
                Py_CLEAR(result);
            Py_XDECREF(id);
        }
        result = pymill_finish(&call, result);
    }
    PyMem_Free(ids);
    return result;
}
PYMILL_METHOD(_dataset_experiments, PYMILL_NEEDS("dataset_id", PYMILL_VIEW))

/* --- records ----------------------------------------------------------------------------- */

PyDoc_STRVAR(_merge_records_doc, "_merge_records($self, dataset_id, records)\n--\n\n"
                                 "Adds records, a JSON list: how many are new, and changed.");

static PyObject *_merge_records(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    int64_t inserted = 0, updated = 0;
    PyObject *result = NULL;
    if (!pymill_begin(&call, self))
        return NULL;
    if (pymill_returned(&call,
                        mill_client_merge_eval_records(call.client, v[0].text, v[1].text,
                                                       &inserted, &updated, &call.error)))
        result = Py_BuildValue("(LL)", (long long)inserted, (long long)updated);
    return pymill_finish(&call, result);
}
PYMILL_METHOD(_merge_records, PYMILL_NEEDS("dataset_id", PYMILL_VIEW),
              PYMILL_NEEDS("records", PYMILL_VIEW))

PyDoc_STRVAR(_dataset_records_doc,
             "_dataset_records($self, dataset_id, max_results, page_token)\n--\n\n"
             "A page of records, whose JSON is text: list of dict, and the token of the next "
             "one.");

static PyObject *_dataset_records(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct mill_eval_record_list *list = NULL;
    PyObject *result = NULL;
    if (!pymill_begin(&call, self))
        return NULL;
    if (pymill_returned(&call,
                        mill_client_list_eval_records(call.client, v[0].text, v[1].number,
                                                      v[2].text, &list, &call.error)))
        result = pymill_dict_page(self->state, &record_table, (const void *const *)list->items,
                                  list->count, list->next_page_token);
    mill_eval_record_list_free(list);
    return pymill_finish(&call, result);
}
PYMILL_METHOD(_dataset_records, PYMILL_NEEDS("dataset_id", PYMILL_VIEW),
              PYMILL_TAKES("max_results", PYMILL_WHOLE),
              PYMILL_TAKES("page_token", PYMILL_VIEW))

PyDoc_STRVAR(_delete_records_doc, "_delete_records($self, dataset_id, record_ids)\n--\n\n"
                                  "Removes records: how many there were.");

static PyObject *_delete_records(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct pymill_texts ids;
    int64_t deleted = 0;
    PyObject *result = NULL;
    if (pymill_take_texts(&ids, v[1].object) && pymill_begin(&call, self)) {
        if (pymill_returned(&call,
                            mill_client_delete_eval_records(call.client, v[0].text, ids.items,
                                                            ids.count, &deleted, &call.error)))
            result = PyLong_FromLongLong((long long)deleted);
        result = pymill_finish(&call, result);
    }
    pymill_release_texts(&ids);
    return result;
}
PYMILL_METHOD(_delete_records, PYMILL_NEEDS("dataset_id", PYMILL_VIEW),
              PYMILL_NEEDS("record_ids", PYMILL_ANY))

PyMethodDef pymill_dataset_methods[] = {
    PYMILL_METHOD_ROW(_create_dataset, _create_dataset_doc),
    PYMILL_METHOD_ROW(_get_dataset, _get_dataset_doc),
    PYMILL_METHOD_ROW(_search_datasets, _search_datasets_doc),
    PYMILL_METHOD_ROW(delete_dataset, delete_dataset_doc),
    PYMILL_METHOD_ROW(_set_dataset_tag, _set_dataset_tag_doc),
    PYMILL_METHOD_ROW(delete_dataset_tag, delete_dataset_tag_doc),
    PYMILL_METHOD_ROW(_link_dataset, _link_dataset_doc),
    PYMILL_METHOD_ROW(_unlink_dataset, _unlink_dataset_doc),
    PYMILL_METHOD_ROW(_dataset_experiments, _dataset_experiments_doc),
    PYMILL_METHOD_ROW(_merge_records, _merge_records_doc),
    PYMILL_METHOD_ROW(_dataset_records, _dataset_records_doc),
    PYMILL_METHOD_ROW(_delete_records, _delete_records_doc),
    {NULL, NULL, 0, NULL},
};
