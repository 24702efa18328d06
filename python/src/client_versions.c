/* client_versions.c - methods about versions of registered models. */
#include "client.h"
#include "collect.h"

/* Of the URI of a version's files; a store takes far fewer. */
#define MAX_SOURCE_BYTES 16384

/* --- finding ----------------------------------------------------------------------------- */

/* The only item of a list, which is freed; the call is finished. */
static PyObject *first(struct pymill_call *call, enum mill_status status,
                       struct mill_version_list **list)
{
    PyObject *result = NULL;
    if (pymill_returned(call, status))
        result = pymill_entity_from(call->self->state, PYMILL_MODEL_VERSION, (*list)->items[0]);
    mill_version_list_free(*list);
    return pymill_finish(call, result);
}

/* A version as it is after a change that ended so. */
static PyObject *changed(struct pymill_call *call, enum mill_status status,
                         struct mill_view name, int64_t version)
{
    struct mill_version_list *list = NULL;
    if (status == MILL_OK)
        status = mill_client_get_version(call->client, name, version, &list, &call->error);
    return first(call, status, &list);
}

PyDoc_STRVAR(get_model_version_doc,
             "get_model_version($self, name, version)\n--\n\n"
             "One version (int or str) of a registered model: ModelVersion.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
             "    client.get_model_version('digits', 2).source");

static PyObject *get_model_version(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    return pymill_begin_registry(&call, self) ? changed(&call, MILL_OK, v[0].text, v[1].number)
                                              : NULL;
}
PYMILL_METHOD(get_model_version, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_NEEDS("version", PYMILL_VERSION_NUMBER))

PyDoc_STRVAR(
    get_model_version_by_alias_doc,
    "get_model_version_by_alias($self, name, alias)\n--\n\n"
    "The version that an alias points at: ModelVersion.\n\n"
    "Raises MlflowException: INVALID_PARAMETER_VALUE for an alias that the model does not\n"
    "have, RESOURCE_DOES_NOT_EXIST.\n\n"
    "    client.get_model_version_by_alias('digits', 'champion')");

static PyObject *get_model_version_by_alias(struct pymill_client *self,
                                            const union pymill_value *v)
{
    struct pymill_call call;
    struct mill_version_list *list = NULL;
    if (!pymill_begin_registry(&call, self))
        return NULL;
    enum mill_status st =
        mill_client_get_version_by_alias(call.client, v[0].text, v[1].text, &list, &call.error);
    return first(&call, st, &list);
}
PYMILL_METHOD(get_model_version_by_alias, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_NEEDS("alias", PYMILL_VIEW))

static PyObject *find_versions(struct pymill_call *call, const struct mill_model_query *query)
{
    struct mill_version_list *list = NULL;
    PyObject *page = NULL;
    if (pymill_returned(call,
                        mill_client_search_versions(call->client, query, &list, &call->error)))
        page = pymill_entity_page(call->self->state, PYMILL_MODEL_VERSION,
                                  (const void *const *)list->items, list->count,
                                  list->next_page_token);
    mill_version_list_free(list);
    return page;
}

PyDoc_STRVAR(
    search_model_versions_doc,
    "search_model_versions($self, filter_string=None, max_results=10000, order_by=None, "
    "page_token=None)\n--\n\n"
    "One page of the versions that match: PagedList of ModelVersion, whose token gets the\n"
    "next page, None behind the last one.\n\n"
    "  filter_string  as \"name = 'digits'\"\n"
    "  max_results    of the page, 1 to 200000\n"
    "  order_by       list as ['version_number DESC']; None: the last changed first\n"
    "  page_token     token of the page before this one\n\n"
    "Raises MlflowException: INVALID_PARAMETER_VALUE.\n\n"
    "    client.search_model_versions(\"name = 'digits'\")");

static PyObject *search_model_versions(struct pymill_client *self, const union pymill_value *v)
{
    return pymill_search_registry(self, v, 10000, find_versions);
}
PYMILL_METHOD(search_model_versions, PYMILL_TAKES("filter_string", PYMILL_VIEW),
              PYMILL_TAKES("max_results", PYMILL_WHOLE), PYMILL_TAKES("order_by", PYMILL_ANY),
              PYMILL_TAKES("page_token", PYMILL_VIEW))

/* Whether a version is in one of the stages; no stages are all of them. */
static bool in_stages(const struct mill_model_version *version,
                      const struct pymill_texts *stages)
{
    for (size_t i = 0; i < stages->count; i++)
        if (mill_stage_from_name(stages->items[i]) == version->current_stage)
            return true;
    return stages->count == 0;
}

/* The latest versions of a model that are in one of the stages. */
static PyObject *latest_in_stages(struct pymill_state *state,
                                  const struct mill_registered_model *model,
                                  const struct pymill_texts *stages)
{
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list != NULL && i < model->latest_version_count; i++) {
        if (!in_stages(&model->latest_versions[i], stages))
            continue;
        PyObject *version =
            pymill_entity_from(state, PYMILL_MODEL_VERSION, &model->latest_versions[i]);
        if (version == NULL || PyList_Append(list, version) < 0)
            Py_CLEAR(list);
        Py_XDECREF(version);
    }
    return list;
}

PyDoc_STRVAR(get_latest_versions_doc,
             "get_latest_versions($self, name, stages=None)\n--\n\n"
             "The highest version of each stage: list of ModelVersion.\n\n"
             "  stages  list as ['Production']; None: all of them\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
             "    client.get_latest_versions('digits', ['Production'])");

static PyObject *get_latest_versions(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct pymill_texts stages;
    struct mill_model_list *list = NULL;
    PyObject *result = NULL;
    if (pymill_take_texts(&stages, v[1].object) && pymill_begin_registry(&call, self)) {
        if (pymill_returned(&call,
                            mill_client_get_model(call.client, v[0].text, &list, &call.error)))
            result = latest_in_stages(self->state, list->items[0], &stages);
        mill_model_list_free(list);
        pymill_finish(&call, result);
    }
    pymill_release_texts(&stages);
    return result;
}
PYMILL_METHOD(get_latest_versions, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_TAKES("stages", PYMILL_ANY))

PyDoc_STRVAR(get_model_version_download_uri_doc,
             "get_model_version_download_uri($self, name, version)\n--\n\n"
             "Where a version's files are: str.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
             "    client.get_model_version_download_uri('digits', 2)");

static PyObject *get_model_version_download_uri(struct pymill_client *self,
                                                const union pymill_value *v)
{
    struct pymill_call call;
    char text[MAX_SOURCE_BYTES + 1];
    size_t len = 0;
    PyObject *result = NULL;
    if (!pymill_begin_registry(&call, self))
        return NULL;
    enum mill_status st = mill_client_version_uri(call.client, v[0].text, v[1].number, text,
                                                  sizeof(text), &len, &call.error);
    if (st == MILL_OK && len >= sizeof(text))
        st = mill_fail(&call.error, MILL_E_TOO_LARGE, "the URI has %zu bytes", len);
    if (pymill_returned(&call, st))
        result = PyUnicode_DecodeUTF8(text, (Py_ssize_t)len, "replace");
    return pymill_finish(&call, result);
}
PYMILL_METHOD(get_model_version_download_uri, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_NEEDS("version", PYMILL_VERSION_NUMBER))

/* --- changing ---------------------------------------------------------------------------- */

PyDoc_STRVAR(
    create_model_version_doc,
    "create_model_version($self, name, source, run_id=None, tags=None, run_link=None, "
    "description=None, await_creation_for=300, model_id=None)\n--\n\n"
    "Makes the next version of a registered model: ModelVersion.\n\n"
    "  source              URI of its files; a path has to belong to the run\n"
    "  run_id              the run that made it\n"
    "  tags                dict\n"
    "  run_link            where the run can be seen\n"
    "  await_creation_for  no version has to be waited for\n"
    "  model_id            the logged model that it is\n\n"
    "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.\n\n"
    "    client.create_model_version('digits', run.info.artifact_uri + '/model', run_id)");

static PyObject *create_model_version(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct pymill_tags tags;
    int64_t number = 0;
    PyObject *result = NULL;
    if (pymill_take_tags(&tags, v[3].object) && pymill_begin_registry(&call, self)) {
        struct mill_new_version version = {
            .size = sizeof(version),
            .name = v[0].text,
            .source = v[1].text,
            .run_id = v[2].text,
            .model_id = v[7].text,
            .run_link = v[4].text,
            .description = v[5].text,
            .tags = tags.items,
            .tag_count = tags.count,
        };
        enum mill_status st =
            mill_client_create_version(call.client, &version, &number, &call.error);
        result = changed(&call, st, v[0].text, number);
    }
    pymill_release_tags(&tags);
    return result;
}
PYMILL_METHOD(create_model_version, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_NEEDS("source", PYMILL_VIEW), PYMILL_TAKES("run_id", PYMILL_VIEW),
              PYMILL_TAKES("tags", PYMILL_ANY), PYMILL_TAKES("run_link", PYMILL_VIEW),
              PYMILL_TAKES("description", PYMILL_VIEW),
              PYMILL_TAKES("await_creation_for", PYMILL_ANY),
              PYMILL_TAKES("model_id", PYMILL_VIEW))

PyDoc_STRVAR(update_model_version_doc,
             "update_model_version($self, name, version, description=None)\n--\n\n"
             "Gives a version a new description, None for none: ModelVersion.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
             "    client.update_model_version('digits', 2, 'with more layers')");

static PyObject *update_model_version(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_registry(&call, self))
        return NULL;
    enum mill_status st =
        mill_client_update_version(call.client, v[0].text, v[1].number, v[2].text, &call.error);
    return changed(&call, st, v[0].text, v[1].number);
}
PYMILL_METHOD(update_model_version, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_NEEDS("version", PYMILL_VERSION_NUMBER),
              PYMILL_TAKES("description", PYMILL_VIEW))

PyDoc_STRVAR(transition_model_version_stage_doc,
             "transition_model_version_stage($self, name, version, stage, "
             "archive_existing_versions=False)\n--\n\n"
             "Puts a version into a stage: ModelVersion.\n\n"
             "  stage  'None', 'Staging', 'Production' or 'Archived', in any case\n"
             "  archive_existing_versions\n"
             "         those that are in Staging or Production become archived\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.\n\n"
             "    client.transition_model_version_stage('digits', 2, 'Production')");

static PyObject *transition_model_version_stage(struct pymill_client *self,
                                                const union pymill_value *v)
{
    struct pymill_call call;
    enum mill_stage stage = mill_stage_from_name(v[2].text);
    if (stage == 0)
        return pymill_raise_invalid(self->state,
                                    "Invalid Model Version stage: it must be one of None, "
                                    "Staging, Production, Archived.");
    if (!pymill_begin_registry(&call, self))
        return NULL;
    enum mill_status st = mill_client_set_version_stage(call.client, v[0].text, v[1].number,
                                                        stage, v[3].flag, &call.error);
    return changed(&call, st, v[0].text, v[1].number);
}
PYMILL_METHOD(transition_model_version_stage, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_NEEDS("version", PYMILL_VERSION_NUMBER),
              PYMILL_NEEDS("stage", PYMILL_SHOWN),
              PYMILL_TAKES("archive_existing_versions", PYMILL_SWITCH))

PyDoc_STRVAR(delete_model_version_doc,
             "delete_model_version($self, name, version)\n--\n\n"
             "Removes a version and the aliases that point at it. There is no bin.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
             "    client.delete_model_version('digits', 2)");

static PyObject *delete_model_version(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_registry(&call, self))
        return NULL;
    return pymill_done(
        &call, mill_client_delete_version(call.client, v[0].text, v[1].number, &call.error));
}
PYMILL_METHOD(delete_model_version, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_NEEDS("version", PYMILL_VERSION_NUMBER))

/* --- tags -------------------------------------------------------------------------------- */

/* The version that a tag is of: by its number, or the latest one of a stage. False with an
 * exception set. */
static bool find_version(struct pymill_client *self, const union pymill_value *name,
                         PyObject *number, PyObject *stage, int64_t *version_out)
{
    PyObject *versions, *text;
    if ((number == NULL) == (stage == NULL)) {
        pymill_raise_invalid(self->state, "either version or stage must be given");
        return false;
    }
    if (number != NULL)
        return pymill_version_number(self->state, number, version_out);
    PyObject *given = pymill_str(name->text);
    versions = given != NULL ? PyObject_CallMethod((PyObject *)self, "get_latest_versions",
                                                   "O[O]", given, stage)
                             : NULL;
    Py_XDECREF(given);
    if (versions == NULL)
        return false;
    text = PyList_Size(versions) > 0
               ? PyObject_GetAttrString(PyList_GetItem(versions, 0), "version")
               : NULL;
    bool ok = text != NULL && pymill_version_number(self->state, text, version_out);
    if (text == NULL && !PyErr_Occurred())
        pymill_raise_invalid(self->state, "no version of the model is in stage %S", stage);
    Py_XDECREF(text);
    Py_DECREF(versions);
    return ok;
}

PyDoc_STRVAR(
    set_model_version_tag_doc,
    "set_model_version_tag($self, name, version=None, key=None, value=None, stage=None)\n"
    "--\n\n"
    "Sets a tag of a version, or of the latest one of a stage, replacing its value.\n\n"
    "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.\n\n"
    "    client.set_model_version_tag('digits', 2, 'team', 'vision')");

static PyObject *set_model_version_tag(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    int64_t version;
    if (!find_version(self, &v[0], v[1].object, v[4].object, &version) ||
        !pymill_begin_registry(&call, self))
        return NULL;
    return pymill_done(&call, mill_client_set_version_tag(call.client, v[0].text, version,
                                                          v[2].text, v[3].text, &call.error));
}
PYMILL_METHOD(set_model_version_tag, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_TAKES("version", PYMILL_ANY), PYMILL_TAKES("key", PYMILL_VIEW),
              PYMILL_TAKES("value", PYMILL_SHOWN), PYMILL_TAKES("stage", PYMILL_ANY))

PyDoc_STRVAR(
    delete_model_version_tag_doc,
    "delete_model_version_tag($self, name, version=None, key=None, stage=None)\n--\n\n"
    "Removes a tag of a version, or of the latest one of a stage; does nothing if there\n"
    "is none.\n\n"
    "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
    "    client.delete_model_version_tag('digits', 2, 'team')");

static PyObject *delete_model_version_tag(struct pymill_client *self,
                                          const union pymill_value *v)
{
    struct pymill_call call;
    int64_t version;
    if (!find_version(self, &v[0], v[1].object, v[3].object, &version) ||
        !pymill_begin_registry(&call, self))
        return NULL;
    return pymill_done(&call, mill_client_delete_version_tag(call.client, v[0].text, version,
                                                             v[2].text, &call.error));
}
PYMILL_METHOD(delete_model_version_tag, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_TAKES("version", PYMILL_ANY), PYMILL_TAKES("key", PYMILL_VIEW),
              PYMILL_TAKES("stage", PYMILL_ANY))

PyMethodDef pymill_version_methods[] = {
    PYMILL_METHOD_ROW(get_model_version, get_model_version_doc),
    PYMILL_METHOD_ROW(get_model_version_by_alias, get_model_version_by_alias_doc),
    PYMILL_METHOD_ROW(search_model_versions, search_model_versions_doc),
    PYMILL_METHOD_ROW(get_latest_versions, get_latest_versions_doc),
    PYMILL_METHOD_ROW(get_model_version_download_uri, get_model_version_download_uri_doc),
    PYMILL_METHOD_ROW(create_model_version, create_model_version_doc),
    PYMILL_METHOD_ROW(update_model_version, update_model_version_doc),
    PYMILL_METHOD_ROW(transition_model_version_stage, transition_model_version_stage_doc),
    PYMILL_METHOD_ROW(delete_model_version, delete_model_version_doc),
    PYMILL_METHOD_ROW(set_model_version_tag, set_model_version_tag_doc),
    PYMILL_METHOD_ROW(delete_model_version_tag, delete_model_version_tag_doc),
    {NULL, NULL, 0, NULL},
};
