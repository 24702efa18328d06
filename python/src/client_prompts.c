/* client_prompts.c - methods about prompts. What is a prompt or a version of one in Python is
 * made of dicts by millstream/tracking/_prompts.py. */
#include <stddef.h>

#include "client.h"
#include "collect.h"

#define ROW(field_name, field_kind, type, member)                                              \
    {                                                                                          \
        .name = field_name, .kind = field_kind, .offset = offsetof(struct type, member)        \
    }
#define ARRAY(field_name, field_kind, type, member, number)                                    \
    {                                                                                          \
        .name = field_name, .kind = field_kind, .offset = offsetof(struct type, member),       \
        .count_offset = offsetof(struct type, number)                                          \
    }

static const struct pymill_field prompt_fields[] = {
    ROW("name", PYMILL_TEXT, mill_prompt, name),
    ROW("description", PYMILL_TEXT, mill_prompt, description),
    ROW("creation_timestamp", PYMILL_NUMBER, mill_prompt, creation_timestamp),
    ARRAY("tags", PYMILL_TAGS, mill_prompt, tags, tag_count),
};
static const struct pymill_table prompt_table = {prompt_fields, PYMILL_COUNT(prompt_fields)};

static const struct pymill_field version_fields[] = {
    ROW("name", PYMILL_TEXT, mill_prompt_version, name),
    ROW("version", PYMILL_NUMBER, mill_prompt_version, version),
    ROW("text", PYMILL_TEXT, mill_prompt_version, text),
    ROW("messages", PYMILL_TEXT, mill_prompt_version, messages),
    ROW("response_format", PYMILL_TEXT, mill_prompt_version, response_format),
    ROW("model_config", PYMILL_TEXT, mill_prompt_version, model_config),
    ROW("commit_message", PYMILL_TEXT, mill_prompt_version, commit_message),
    ROW("user_id", PYMILL_TEXT, mill_prompt_version, user_id),
    ROW("creation_timestamp", PYMILL_NUMBER, mill_prompt_version, creation_timestamp),
    ROW("last_updated_timestamp", PYMILL_NUMBER, mill_prompt_version, last_updated_timestamp),
    ARRAY("tags", PYMILL_TAGS, mill_prompt_version, tags, tag_count),
    ARRAY("aliases", PYMILL_TEXTS, mill_prompt_version, aliases, alias_count),
};
static const struct pymill_table version_table = {version_fields, PYMILL_COUNT(version_fields)};

/* --- finding ----------------------------------------------------------------------------- */

/* The only item of a list, which is freed; the call is finished. */
static PyObject *first(struct pymill_call *call, enum mill_status status,
                       struct mill_prompt_version_list **list)
{
    PyObject *result = NULL;
    if (pymill_returned(call, status))
        result = pymill_dict_from(call->self->state, &version_table, (*list)->items[0]);
    mill_prompt_version_list_free(*list);
    return pymill_finish(call, result);
}

PyDoc_STRVAR(_get_prompt_doc, "_get_prompt($self, name)\n--\n\nA prompt: dict.");

static PyObject *_get_prompt(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct mill_prompt_list *list = NULL;
    PyObject *result = NULL;
    if (!pymill_begin_registry(&call, self))
        return NULL;
    if (pymill_returned(&call,
                        mill_client_get_prompt(call.client, v[0].text, &list, &call.error)))
        result = pymill_dict_from(self->state, &prompt_table, list->items[0]);
    mill_prompt_list_free(list);
    return pymill_finish(&call, result);
}
PYMILL_METHOD(_get_prompt, PYMILL_NEEDS("name", PYMILL_VIEW))

PyDoc_STRVAR(_load_prompt_doc,
             "_load_prompt($self, uri)\n--\n\nThe version that a URI names: dict.");

static PyObject *_load_prompt(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct mill_prompt_version_list *list = NULL;
    if (!pymill_begin_registry(&call, self))
        return NULL;
    enum mill_status st = mill_client_load_prompt(call.client, v[0].text, &list, &call.error);
    return first(&call, st, &list);
}
PYMILL_METHOD(_load_prompt, PYMILL_NEEDS("uri", PYMILL_VIEW))

static PyObject *find_prompts(struct pymill_call *call, const struct mill_model_query *query)
{
    struct mill_prompt_list *list = NULL;
    PyObject *page = NULL;
    if (pymill_returned(call,
                        mill_client_search_prompts(call->client, query, &list, &call->error)))
        page =
            pymill_dict_page(call->self->state, &prompt_table, (const void *const *)list->items,
                             list->count, list->next_page_token);
    mill_prompt_list_free(list);
    return page;
}

PyDoc_STRVAR(_search_prompts_doc,
             "_search_prompts($self, filter_string, max_results, order_by, page_token)\n--\n\n"
             "A page of prompts: list of dict, and the token of the next one.");

static PyObject *_search_prompts(struct pymill_client *self, const union pymill_value *v)
{
    return pymill_search_registry(self, v, 0, find_prompts);
}
PYMILL_METHOD(_search_prompts, PYMILL_TAKES("filter_string", PYMILL_VIEW),
              PYMILL_TAKES("max_results", PYMILL_WHOLE), PYMILL_TAKES("order_by", PYMILL_ANY),
              PYMILL_TAKES("page_token", PYMILL_VIEW))

PyDoc_STRVAR(_search_prompt_versions_doc,
             "_search_prompt_versions($self, name, max_results, page_token)\n--\n\n"
             "A page of versions: list of dict, and the token of the next one.");

static PyObject *_search_prompt_versions(struct pymill_client *self,
                                         const union pymill_value *v)
{
    struct pymill_call call;
    struct mill_prompt_version_list *list = NULL;
    PyObject *result = NULL;
    struct mill_model_query query = {
        .size = sizeof(query), .max_results = v[1].number, .page_token = v[2].text};
    if (!pymill_begin_registry(&call, self))
        return NULL;
    if (pymill_returned(&call, mill_client_search_prompt_versions(call.client, v[0].text,
                                                                  &query, &list, &call.error)))
        result = pymill_dict_page(self->state, &version_table, (const void *const *)list->items,
                                  list->count, list->next_page_token);
    mill_prompt_version_list_free(list);
    return pymill_finish(&call, result);
}
PYMILL_METHOD(_search_prompt_versions, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_TAKES("max_results", PYMILL_WHOLE),
              PYMILL_TAKES("page_token", PYMILL_VIEW))

/* --- making ------------------------------------------------------------------------------ */

PyDoc_STRVAR(_register_prompt_doc,
             "_register_prompt($self, name, text, messages, commit_message, tags, "
             "response_format, model_config)\n--\n\n"
             "The new version of a prompt, whose JSON is text: dict.");

static PyObject *_register_prompt(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct pymill_tags tags;
    struct mill_prompt_version_list *list = NULL;
    int64_t version = 0;
    PyObject *result = NULL;
    if (pymill_take_tags(&tags, v[4].object) && pymill_begin_registry(&call, self)) {
        struct mill_new_prompt prompt = {.size = sizeof(prompt),
                                         .name = v[0].text,
                                         .text = v[1].text,
                                         .messages = v[2].text,
                                         .commit_message = v[3].text,
                                         .tags = tags.items,
                                         .tag_count = tags.count,
                                         .response_format = v[5].text,
                                         .model_config = v[6].text};
        enum mill_status st =
            mill_client_register_prompt(call.client, &prompt, &version, &call.error);
        if (st == MILL_OK)
            st = mill_client_get_prompt_version(call.client, v[0].text, version, &list,
                                                &call.error);
        result = first(&call, st, &list);
    }
    pymill_release_tags(&tags);
    return result;
}
PYMILL_METHOD(_register_prompt, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_TAKES("text", PYMILL_VIEW), PYMILL_TAKES("messages", PYMILL_VIEW),
              PYMILL_TAKES("commit_message", PYMILL_VIEW), PYMILL_TAKES("tags", PYMILL_ANY),
              PYMILL_TAKES("response_format", PYMILL_VIEW),
              PYMILL_TAKES("model_config", PYMILL_VIEW))

/* --- changing ---------------------------------------------------------------------------- */

PyDoc_STRVAR(set_prompt_alias_doc,
             "set_prompt_alias($self, name, alias, version)\n--\n\n"
             "Points an alias at a version of a prompt, wherever it pointed before.\n\n"
             "  alias    1 to 255 letters, digits, '_' and '-'\n"
             "  version  int or str\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.\n\n"
             "    client.set_prompt_alias('greeting', 'production', 2)");

static PyObject *set_prompt_alias(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_registry(&call, self))
        return NULL;
    return pymill_done(&call, mill_client_set_prompt_alias(call.client, v[0].text, v[1].text,
                                                           v[2].number, &call.error));
}
PYMILL_METHOD(set_prompt_alias, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_NEEDS("alias", PYMILL_VIEW),
              PYMILL_NEEDS("version", PYMILL_VERSION_NUMBER))

PyDoc_STRVAR(delete_prompt_alias_doc,
             "delete_prompt_alias($self, name, alias)\n--\n\n"
             "Removes an alias of a prompt; does nothing if there is none.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.\n\n"
             "    client.delete_prompt_alias('greeting', 'production')");

static PyObject *delete_prompt_alias(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_registry(&call, self))
        return NULL;
    return pymill_done(
        &call, mill_client_delete_prompt_alias(call.client, v[0].text, v[1].text, &call.error));
}
PYMILL_METHOD(delete_prompt_alias, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_NEEDS("alias", PYMILL_VIEW))

PyDoc_STRVAR(set_prompt_tag_doc,
             "set_prompt_tag($self, name, key, value)\n--\n\n"
             "Sets a tag of a prompt, replacing its value.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.\n\n"
             "    client.set_prompt_tag('greeting', 'team', 'words')");

static PyObject *set_prompt_tag(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_registry(&call, self))
        return NULL;
    return pymill_done(&call, mill_client_set_prompt_tag(call.client, v[0].text, v[1].text,
                                                         v[2].text, &call.error));
}
PYMILL_METHOD(set_prompt_tag, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_NEEDS("key", PYMILL_VIEW), PYMILL_NEEDS("value", PYMILL_SHOWN))

PyDoc_STRVAR(delete_prompt_tag_doc,
             "delete_prompt_tag($self, name, key)\n--\n\n"
             "Removes a tag of a prompt; does nothing if there is none.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
             "    client.delete_prompt_tag('greeting', 'team')");

static PyObject *delete_prompt_tag(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_registry(&call, self))
        return NULL;
    return pymill_done(
        &call, mill_client_delete_prompt_tag(call.client, v[0].text, v[1].text, &call.error));
}
PYMILL_METHOD(delete_prompt_tag, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_NEEDS("key", PYMILL_VIEW))

PyDoc_STRVAR(set_prompt_version_tag_doc,
             "set_prompt_version_tag($self, name, version, key, value)\n--\n\n"
             "Sets a tag of a version (int or str), replacing its value.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.\n\n"
             "    client.set_prompt_version_tag('greeting', 2, 'checked', 'yes')");

static PyObject *set_prompt_version_tag(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_registry(&call, self))
        return NULL;
    return pymill_done(&call,
                       mill_client_set_prompt_version_tag(call.client, v[0].text, v[1].number,
                                                          v[2].text, v[3].text, &call.error));
}
PYMILL_METHOD(set_prompt_version_tag, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_NEEDS("version", PYMILL_VERSION_NUMBER), PYMILL_NEEDS("key", PYMILL_VIEW),
              PYMILL_NEEDS("value", PYMILL_SHOWN))

PyDoc_STRVAR(delete_prompt_version_tag_doc,
             "delete_prompt_version_tag($self, name, version, key)\n--\n\n"
             "Removes a tag of a version (int or str); does nothing if there is none.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
             "    client.delete_prompt_version_tag('greeting', 2, 'checked')");

static PyObject *delete_prompt_version_tag(struct pymill_client *self,
                                           const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_registry(&call, self))
        return NULL;
    return pymill_done(&call, mill_client_delete_prompt_version_tag(
                                  call.client, v[0].text, v[1].number, v[2].text, &call.error));
}
PYMILL_METHOD(delete_prompt_version_tag, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_NEEDS("version", PYMILL_VERSION_NUMBER), PYMILL_NEEDS("key", PYMILL_VIEW))

PyDoc_STRVAR(delete_prompt_doc,
             "delete_prompt($self, name)\n--\n\n"
             "Removes a prompt with all its versions. There is no bin.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE for a\n"
             "registered model.\n\n"
             "    client.delete_prompt('greeting')");

static PyObject *delete_prompt(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_registry(&call, self))
        return NULL;
    return pymill_done(&call, mill_client_delete_prompt(call.client, v[0].text, &call.error));
}
PYMILL_METHOD(delete_prompt, PYMILL_NEEDS("name", PYMILL_VIEW))

PyDoc_STRVAR(delete_prompt_version_doc,
             "delete_prompt_version($self, name, version)\n--\n\n"
             "Removes a version (int or str) and the aliases that point at it.\n\n"
             "Raises MlflowException: RESOURCE_DOES_NOT_EXIST.\n\n"
             "    client.delete_prompt_version('greeting', 2)");

static PyObject *delete_prompt_version(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_registry(&call, self))
        return NULL;
    return pymill_done(&call, mill_client_delete_prompt_version(call.client, v[0].text,
                                                                v[1].number, &call.error));
}
PYMILL_METHOD(delete_prompt_version, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_NEEDS("version", PYMILL_VERSION_NUMBER))

PyDoc_STRVAR(_link_prompt_doc, "_link_prompt($self, name, experiment_id)\n--\n\n"
                               "Links a prompt to an experiment.");

static PyObject *_link_prompt(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_registry(&call, self))
        return NULL;
    return pymill_done(&call, mill_client_link_prompt_to_experiment(call.client, v[0].text,
                                                                    v[1].number, &call.error));
}
PYMILL_METHOD(_link_prompt, PYMILL_NEEDS("name", PYMILL_VIEW),
              PYMILL_NEEDS("experiment_id", PYMILL_EXPERIMENT_NUMBER))

PyMethodDef pymill_prompt_methods[] = {
    PYMILL_METHOD_ROW(_get_prompt, _get_prompt_doc),
    PYMILL_METHOD_ROW(_load_prompt, _load_prompt_doc),
    PYMILL_METHOD_ROW(_search_prompts, _search_prompts_doc),
    PYMILL_METHOD_ROW(_search_prompt_versions, _search_prompt_versions_doc),
    PYMILL_METHOD_ROW(_register_prompt, _register_prompt_doc),
    PYMILL_METHOD_ROW(set_prompt_alias, set_prompt_alias_doc),
    PYMILL_METHOD_ROW(delete_prompt_alias, delete_prompt_alias_doc),
    PYMILL_METHOD_ROW(set_prompt_tag, set_prompt_tag_doc),
    PYMILL_METHOD_ROW(delete_prompt_tag, delete_prompt_tag_doc),
    PYMILL_METHOD_ROW(set_prompt_version_tag, set_prompt_version_tag_doc),
    PYMILL_METHOD_ROW(delete_prompt_version_tag, delete_prompt_version_tag_doc),
    PYMILL_METHOD_ROW(delete_prompt, delete_prompt_doc),
    PYMILL_METHOD_ROW(delete_prompt_version, delete_prompt_version_doc),
    PYMILL_METHOD_ROW(_link_prompt, _link_prompt_doc),
    {NULL, NULL, 0, NULL},
};
