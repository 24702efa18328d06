/* client_models.c - methods about registered models. */
#include "client.h"
#include "collect.h"

/* --- finding ----------------------------------------------------------------------------- */

/* The model of that name, with the GIL not held; the call is finished. */
static PyObject *get_and_finish(struct pymill_call *call, struct mill_view name)
{
    struct mill_model_list *list = NULL;
    PyObject *result = NULL;
    if (pymill_returned(call, mill_client_get_model(call->client, name, &list, &call->error)))
        result = pymill_entity_from(call->self->state, PYMILL_REGISTERED_MODEL, list->items[0]);
    mill_model_list_free(list);
    return pymill_finish(call, result);
}

PyDoc_STRVAR(get_registered_model_doc,
             "get_registered_model($self, name)\n--\n\n"
             "One registered model: RegisteredModel.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
             "    client.get_registered_model('digits').latest_versions");

static PyObject *get_registered_model(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    return pymill_begin_registry(&call, self) ? get_and_finish(&call, v[0].text) : NULL;
}
PYMILL_METHOD(get_registered_model, PYMILL_NEEDS("name", PYMILL_VIEW))

PyObject *pymill_search_registry(struct pymill_client *self, const union pymill_value *v,
                                 int64_t usual, pymill_registry_search *search)
{
    struct pymill_call call;
    struct pymill_texts order;
    PyObject *result = NULL;
    if (pymill_take_texts(&order, v[2].object) && pymill_begin_registry(&call, self)) {
        struct mill_model_query query = {
            .size = sizeof(query),
            .filter = v[0].text,
            .order_by = order.items,
            .order_by_count = order.count,
            .max_results = v[1].number != MILL_ABSENT ? v[1].number : usual,
            .page_token = v[3].text,
        };
        result = pymill_finish(&call, search(&call, &query));
    }
    pymill_release_texts(&order);
    return result;
}

static PyObject *find_models(struct pymill_call *call, const struct mill_model_query *query)
{
    struct mill_model_list *list = NULL;
    PyObject *page = NULL;
    if (pymill_returned(call,
                        mill_client_search_models(call->client, query, &list, &call->error)))
        page = pymill_entity_page(call->self->state, PYMILL_REGISTERED_MODEL,
                                  (const void *const *)list->items, list->count,
                                  list->next_page_token);
    mill_model_list_free(list);
    return page;
}

PyDoc_STRVAR(
    search_registered_models_doc,
    "search_registered_models($self, filter_string=None, max_results=100, order_by=None, "
    "page_token=None)\n--\n\n"
    "One page of the registered models that match: PagedList of RegisteredModel, whose\n"
    "token gets the next page, None behind the last one.\n\n"
    "  filter_string  as \"name LIKE 'digits%'\"\n"
    "  max_results    of the page, 1 to 1000\n"
    "  order_by       list as ['last_updated_timestamp DESC']; None: by name\n"
    "  page_token     token of the page before this one\n\n"
    "Raises MlflowException: INVALID_PARAMETER_VALUE.\n\n"
    "    client.search_registered_models(\"name LIKE 'digits%'\")");

static PyObject *search_registered_models(struct pymill_client *self,
                                          const union pymill_value *v)
{
    return pymill_search_registry(self, v, 0, find_models);
}
PYMILL_METHOD(search_registered_models, PYMILL_TAKES("filter_string", PYMILL_VIEW),
              PYMILL_TAKES("max_results", PYMILL_WHOLE), PYMILL_TAKES("order_by", PYMILL_ANY),
              PYMILL_TAKES("page_token", PYMILL_VIEW))

/* --- changing ---------------------------------------------------------------------------- */

PyDoc_STRVAR(create_registered_model_doc,
             "create_registered_model($self, name, tags=None, description=None, "
             "deployment_job_id=None)\n--\n\n"
             "Makes a registered model without versions: RegisteredModel.\n\n"
             "  name               1 to 256 characters without / and :\n"
             "  tags               dict\n"
             "  deployment_job_id  must be None\n\n"
             "Raises MlflowException: RESOURCE_ALREADY_EXISTS, INVALID_PARAMETER_VALUE.\n\n"
             "    client.create_registered_model('digits', description='of the demo')");

/* A setting of workspaces that no store of ours has. */
static bool check_no_deployment(struct pymill_client *self, PyObject *given)
{
    if (given != NULL)
        pymill_raise_invalid(self->state, "deployment_job_id is not supported; got %R", given);
    return given == NULL;
}

static PyObject *create_registered_model(struct pymill_client *self,
                                         const union pymill_value *v)
{
    struct pymill_call call;
    struct pymill_tags tags = {0};
    PyObject *result = NULL;
    if (check_no_deployment(self, v[3].object) && pymill_take_tags(&tags, v[1].object) &&
        pymill_begin_registry(&call, self)) {
        enum mill_status st = mill_client_create_model(call.client, v[0].text, v[2].text,
                                                       tags.items, tags.count, &call.error);
        result = st == MILL_OK ? get_and_finish(&call, v[0].text) : pymill_done(&call, st);
    }
    pymill_release_tags(&tags);
    return result;
}
PYMILL_METHOD(create_registered_model, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_TAKES("tags", PYMILL_ANY), PYMILL_TAKES("description", PYMILL_VIEW),
              PYMILL_TAKES("deployment_job_id", PYMILL_ANY))

PyDoc_STRVAR(rename_registered_model_doc,
             "rename_registered_model($self, name, new_name)\n--\n\n"
             "Gives a model, and so its versions, a new name: RegisteredModel.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, RESOURCE_ALREADY_EXISTS,\n"
             "INVALID_PARAMETER_VALUE.\n\n"
             "    client.rename_registered_model('digits', 'numerals')");

static PyObject *rename_registered_model(struct pymill_client *self,
                                         const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_registry(&call, self))
        return NULL;
    enum mill_status st =
        mill_client_rename_model(call.client, v[0].text, v[1].text, &call.error);
    return st == MILL_OK ? get_and_finish(&call, v[1].text) : pymill_done(&call, st);
}
PYMILL_METHOD(rename_registered_model, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_NEEDS("new_name", PYMILL_VIEW))

PyDoc_STRVAR(update_registered_model_doc,
             "update_registered_model($self, name, description=None, deployment_job_id=None)\n"
             "--\n\n"
             "Gives a model a new description, None or '' for none: RegisteredModel.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.\n\n"
             "    client.update_registered_model('digits', 'of the demo')");

static PyObject *update_registered_model(struct pymill_client *self,
                                         const union pymill_value *v)
{
    struct pymill_call call;
    if (!check_no_deployment(self, v[2].object) || !pymill_begin_registry(&call, self))
        return NULL;
    enum mill_status st =
        mill_client_update_model(call.client, v[0].text, v[1].text, &call.error);
    return st == MILL_OK ? get_and_finish(&call, v[0].text) : pymill_done(&call, st);
}
PYMILL_METHOD(update_registered_model, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_TAKES("description", PYMILL_VIEW),
              PYMILL_TAKES("deployment_job_id", PYMILL_ANY))

PyDoc_STRVAR(delete_registered_model_doc,
             "delete_registered_model($self, name)\n--\n\n"
             "Removes a model with all its versions. There is no bin.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
             "    client.delete_registered_model('digits')");

static PyObject *delete_registered_model(struct pymill_client *self,
                                         const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_registry(&call, self))
        return NULL;
    return pymill_done(&call, mill_client_delete_model(call.client, v[0].text, &call.error));
}
PYMILL_METHOD(delete_registered_model, PYMILL_NEEDS("name", PYMILL_VIEW))

/* --- tags and aliases -------------------------------------------------------------------- */

PyDoc_STRVAR(set_registered_model_tag_doc,
             "set_registered_model_tag($self, name, key, value)\n--\n\n"
             "Sets a tag of a model, replacing its value.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.\n\n"
             "    client.set_registered_model_tag('digits', 'team', 'vision')");

static PyObject *set_registered_model_tag(struct pymill_client *self,
                                          const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_registry(&call, self))
        return NULL;
    return pymill_done(&call, mill_client_set_model_tag(call.client, v[0].text, v[1].text,
                                                        v[2].text, &call.error));
}
PYMILL_METHOD(set_registered_model_tag, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_NEEDS("key", PYMILL_VIEW), PYMILL_NEEDS("value", PYMILL_SHOWN))

PyDoc_STRVAR(delete_registered_model_tag_doc,
             "delete_registered_model_tag($self, name, key)\n--\n\n"
             "Removes a tag of a model; does nothing if there is none.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
             "    client.delete_registered_model_tag('digits', 'team')");

static PyObject *delete_registered_model_tag(struct pymill_client *self,
                                             const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_registry(&call, self))
        return NULL;
    return pymill_done(
        &call, mill_client_delete_model_tag(call.client, v[0].text, v[1].text, &call.error));
}
PYMILL_METHOD(delete_registered_model_tag, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_NEEDS("key", PYMILL_VIEW))

PyDoc_STRVAR(set_registered_model_alias_doc,
             "set_registered_model_alias($self, name, alias, version)\n--\n\n"
             "Points an alias at a version (int or str), wherever it pointed before.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.\n\n"
             "    client.set_registered_model_alias('digits', 'champion', 2)");

static PyObject *set_registered_model_alias(struct pymill_client *self,
                                            const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_registry(&call, self))
        return NULL;
    return pymill_done(&call, mill_client_set_model_alias(call.client, v[0].text, v[1].text,
                                                          v[2].number, &call.error));
}
PYMILL_METHOD(set_registered_model_alias, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_NEEDS("alias", PYMILL_VIEW),
              PYMILL_NEEDS("version", PYMILL_VERSION_NUMBER))

PyDoc_STRVAR(delete_registered_model_alias_doc,
             "delete_registered_model_alias($self, name, alias)\n--\n\n"
             "Removes an alias; does nothing if there is none.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
             "    client.delete_registered_model_alias('digits', 'champion')");

static PyObject *delete_registered_model_alias(struct pymill_client *self,
                                               const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_registry(&call, self))
        return NULL;
    return pymill_done(
        &call, mill_client_delete_model_alias(call.client, v[0].text, v[1].text, &call.error));
}
PYMILL_METHOD(delete_registered_model_alias, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_NEEDS("alias", PYMILL_VIEW))

PyMethodDef pymill_model_methods[] = {
    PYMILL_METHOD_ROW(get_registered_model, get_registered_model_doc),
    PYMILL_METHOD_ROW(search_registered_models, search_registered_models_doc),
    PYMILL_METHOD_ROW(create_registered_model, create_registered_model_doc),
    PYMILL_METHOD_ROW(rename_registered_model, rename_registered_model_doc),
    PYMILL_METHOD_ROW(update_registered_model, update_registered_model_doc),
    PYMILL_METHOD_ROW(delete_registered_model, delete_registered_model_doc),
    PYMILL_METHOD_ROW(set_registered_model_tag, set_registered_model_tag_doc),
    PYMILL_METHOD_ROW(delete_registered_model_tag, delete_registered_model_tag_doc),
    PYMILL_METHOD_ROW(set_registered_model_alias, set_registered_model_alias_doc),
    PYMILL_METHOD_ROW(delete_registered_model_alias, delete_registered_model_alias_doc),
    {NULL, NULL, 0, NULL},
};
