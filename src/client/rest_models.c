/* rest_models.c - changes of the model registry of a tracking server: each is one request. */
#include "base/view.h"
#include "client/backend_rest.h"
#include "remote/rest.h"
#include "wire/messages.h"

#define MODELS   "/api/2.0/mlflow/registered-models/"
#define VERSIONS "/api/2.0/mlflow/model-versions/"

/* The request of any of these changes. */
union request {
    struct mill_create_model_request create_model;
    struct mill_rename_model_request rename_model;
    struct mill_update_model_request update_model;
    struct mill_model_name_request model_name;
    struct mill_set_model_tag_request set_model_tag;
    struct mill_delete_model_tag_request delete_model_tag;
    struct mill_set_model_alias_request set_model_alias;
    struct mill_model_alias_request model_alias;
    struct mill_create_model_version_request create_version;
    struct mill_update_model_version_request update_version;
    struct mill_stage_model_version_request stage_version;
    struct mill_model_version_request version;
    struct mill_set_version_tag_request set_version_tag;
    struct mill_delete_version_tag_request delete_version_tag;
};

static void fill_model(const struct mill_change *c, union request *r)
{
    if (c->kind == MILL_CHANGE_CREATE_MODEL)
        r->create_model =
            (struct mill_create_model_request){.name = c->as.model.name,
                                               .tags = c->as.model.tags,
                                               .tags_count = c->as.model.tag_count,
                                               .description = c->as.model.description};
    else if (c->kind == MILL_CHANGE_RENAME_MODEL)
        r->rename_model =
            (struct mill_rename_model_request){c->as.model.name, c->as.model.new_name};
    else if (c->kind == MILL_CHANGE_UPDATE_MODEL)
        r->update_model =
            (struct mill_update_model_request){c->as.model.name, c->as.model.description};
    else
        r->model_name = (struct mill_model_name_request){c->as.model.name};
}

static void fill_model_tag(const struct mill_change *c, union request *r)
{
    if (c->kind == MILL_CHANGE_SET_MODEL_TAG)
        r->set_model_tag = (struct mill_set_model_tag_request){
            c->as.model_tag.name, c->as.model_tag.key, c->as.model_tag.value};
    else
        r->delete_model_tag =
            (struct mill_delete_model_tag_request){c->as.model_tag.name, c->as.model_tag.key};
}

static void fill_version_tag(const struct mill_change *c, union request *r)
{
    if (c->kind == MILL_CHANGE_SET_VERSION_TAG)
        r->set_version_tag =
            (struct mill_set_version_tag_request){c->as.model_tag.name, c->as.model_tag.version,
                                                  c->as.model_tag.key, c->as.model_tag.value};
    else
        r->delete_version_tag = (struct mill_delete_version_tag_request){
            c->as.model_tag.name, c->as.model_tag.version, c->as.model_tag.key};
}

static void fill_alias(const struct mill_change *c, union request *r)
{
    if (c->kind == MILL_CHANGE_SET_MODEL_ALIAS)
        r->set_model_alias = (struct mill_set_model_alias_request){
            c->as.model_alias.name, c->as.model_alias.alias, c->as.model_alias.version};
    else
        r->model_alias =
            (struct mill_model_alias_request){c->as.model_alias.name, c->as.model_alias.alias};
}

static void fill_version(const struct mill_change *c, union request *r)
{
    if (c->kind == MILL_CHANGE_UPDATE_MODEL_VERSION)
        r->update_version = (struct mill_update_model_version_request){
            c->as.model_version.name, c->as.model_version.version,
            c->as.model_version.description};
    else if (c->kind == MILL_CHANGE_STAGE_MODEL_VERSION)
        r->stage_version = (struct mill_stage_model_version_request){
            c->as.model_version.name, c->as.model_version.version,
            mill_view_of(mill_stage_name(c->as.model_version.stage)),
            c->as.model_version.archive_existing};
    else
        r->version = (struct mill_model_version_request){c->as.model_version.name,
                                                         c->as.model_version.version};
}

static void fill_new_version(const struct mill_change *c, union request *r)
{
    r->create_version = (struct mill_create_model_version_request){
        .name = c->as.model_version.name,
        .source = c->as.model_version.source,
        .run_id = c->as.model_version.run_id,
        .tags = c->as.model_version.tags,
        .tags_count = c->as.model_version.tag_count,
        .run_link = c->as.model_version.run_link,
        .description = c->as.model_version.description,
        .model_id = c->as.model_version.model_id,
    };
}

/* One row for each kind of change. Where the answer is of interest, it is the model or the
 * version as it is then. What is repeatable is as good twice as once: not a creation (the name
 * would be taken, by ourselves, or a second version made), nor what a second time finds gone.
 */
static const struct {
    enum mill_change_kind kind;
    const char *method, *path;
    const struct mill_message *request;
    void (*fill)(const struct mill_change *change, union request *request);
    enum { ANSWER_NONE, ANSWER_MODEL, ANSWER_VERSION } answer;
    bool repeatable;
} rows[] = {
    {MILL_CHANGE_CREATE_MODEL, "POST", MODELS "create", &mill_create_model_request_message,
     fill_model, ANSWER_MODEL, false},
    {MILL_CHANGE_RENAME_MODEL, "POST", MODELS "rename", &mill_rename_model_request_message,
     fill_model, ANSWER_MODEL, false},
    {MILL_CHANGE_UPDATE_MODEL, "PATCH", MODELS "update", &mill_update_model_request_message,
     fill_model, ANSWER_MODEL, true},
    {MILL_CHANGE_DELETE_MODEL, "DELETE", MODELS "delete", &mill_model_name_request_message,
     fill_model, ANSWER_NONE, false},
    {MILL_CHANGE_SET_MODEL_TAG, "POST", MODELS "set-tag", &mill_set_model_tag_request_message,
     fill_model_tag, ANSWER_NONE, true},
    {MILL_CHANGE_DELETE_MODEL_TAG, "DELETE", MODELS "delete-tag",
     &mill_delete_model_tag_request_message, fill_model_tag, ANSWER_NONE, true},
    {MILL_CHANGE_SET_MODEL_ALIAS, "POST", MODELS "alias", &mill_set_model_alias_request_message,
     fill_alias, ANSWER_NONE, true},
    {MILL_CHANGE_DELETE_MODEL_ALIAS, "DELETE", MODELS "alias",
     &mill_model_alias_request_message, fill_alias, ANSWER_NONE, true},
    {MILL_CHANGE_CREATE_MODEL_VERSION, "POST", VERSIONS "create",
     &mill_create_model_version_request_message, fill_new_version, ANSWER_VERSION, false},
    {MILL_CHANGE_UPDATE_MODEL_VERSION, "PATCH", VERSIONS "update",
     &mill_update_model_version_request_message, fill_version, ANSWER_VERSION, true},
    {MILL_CHANGE_STAGE_MODEL_VERSION, "POST", VERSIONS "transition-stage",
     &mill_stage_model_version_request_message, fill_version, ANSWER_VERSION, true},
    {MILL_CHANGE_DELETE_MODEL_VERSION, "DELETE", VERSIONS "delete",
     &mill_model_version_request_message, fill_version, ANSWER_NONE, false},
    {MILL_CHANGE_SET_VERSION_TAG, "POST", VERSIONS "set-tag",
     &mill_set_version_tag_request_message, fill_version_tag, ANSWER_NONE, true},
    {MILL_CHANGE_DELETE_VERSION_TAG, "DELETE", VERSIONS "delete-tag",
     &mill_delete_version_tag_request_message, fill_version_tag, ANSWER_NONE, true},
};

enum mill_status mill_rest_apply_registry(struct mill_remote *remote,
                                          const struct mill_change *change,
                                          struct mill_outcome *outcome, struct mill_error *err)
{
    union request request;
    struct mill_model_response model = {NULL};
    struct mill_model_version_response version = {NULL};
    size_t i = 0;
    while (i < MILL_COUNT(rows) && rows[i].kind != change->kind)
        i++;
    if (i == MILL_COUNT(rows))
        return mill_fail(err, MILL_E_INTERNAL, "change of unknown kind %d", (int)change->kind);
    rows[i].fill(change, &request);
    struct mill_rest_call call = {.method = rows[i].method,
                                  .path = rows[i].path,
                                  .request = rows[i].request,
                                  .value = &request,
                                  .arena = outcome->arena,
                                  .repeatable = rows[i].repeatable};
    if (rows[i].answer == ANSWER_MODEL) {
        call.response = &mill_model_response_message;
        call.answer = &model;
    } else if (rows[i].answer == ANSWER_VERSION) {
        call.response = &mill_model_version_response_message;
        call.answer = &version;
    }
    enum mill_status st = mill_rest_call(remote, &call, err);
    if (st != MILL_OK)
        return st;
    if ((rows[i].answer == ANSWER_MODEL && model.registered_model == NULL) ||
        (rows[i].answer == ANSWER_VERSION && version.model_version == NULL))
        return mill_fail(err, MILL_E_INTERNAL, "the server's answer has no model in it");
    outcome->model = model.registered_model;
    outcome->model_version = version.model_version;
    return MILL_OK;
}
