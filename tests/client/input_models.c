/* input_models.c - see input.h: the functions of the model registry, and their arguments. */
#include "input.h"
#include "input_arguments.h"

#define MODEL                                                                                  \
    {                                                                                          \
        "name", TEXT | LIMITED, AT(model), 256                                                 \
    }
#define MODEL_VERSION                                                                          \
    {                                                                                          \
        "version", VERSION, AT(version), 0                                                     \
    }
#define DESCRIPTION                                                                            \
    {                                                                                          \
        "description", MAYBE_TEXT, AT(description), 0                                          \
    }
#define MODELS                                                                                 \
    {                                                                                          \
        "list_out", POINTER, AT(models_out), 0                                                 \
    }
#define VERSIONS                                                                               \
    {                                                                                          \
        "list_out", POINTER, AT(versions_out), 0                                               \
    }

static enum mill_status create_model(struct arguments *a)
{
    return mill_client_create_model(a->client, a->model_to_make, a->description, a->tags,
                                    a->tag_count, a->err);
}

static const struct argument create_model_arguments[] = {
    CLIENT, {"name", TEXT | LIMITED, AT(model_to_make), 256}, DESCRIPTION, TAGS, END};

static enum mill_status get_model(struct arguments *a)
{
    return mill_client_get_model(a->client, a->model, a->models_out, a->err);
}

static const struct argument get_model_arguments[] = {CLIENT, MODEL, MODELS, END};

static enum mill_status search_models(struct arguments *a)
{
    return mill_client_search_models(a->client, a->model_query, a->models_out, a->err);
}

static const struct argument search_models_arguments[] = {CLIENT, MODEL_QUERY, MODELS, END};

static enum mill_status rename_model(struct arguments *a)
{
    return mill_client_rename_model(a->client, a->model, a->model_to_take, a->err);
}

static const struct argument rename_model_arguments[] = {
    CLIENT, MODEL, {"new_name", TEXT | LIMITED, AT(model_to_take), 256}, END};

static enum mill_status update_model(struct arguments *a)
{
    return mill_client_update_model(a->client, a->model, a->description, a->err);
}

static const struct argument update_model_arguments[] = {CLIENT, MODEL, DESCRIPTION, END};

static enum mill_status delete_model(struct arguments *a)
{
    return mill_client_delete_model(a->client, a->model, a->err);
}

static const struct argument model_arguments[] = {CLIENT, MODEL, END};

static enum mill_status set_model_tag(struct arguments *a)
{
    return mill_client_set_model_tag(a->client, a->model, a->model_tag_key, a->value, a->err);
}

static const struct argument set_model_tag_arguments[] = {
    CLIENT, MODEL, MODEL_KEY, {"value", MAYBE_TEXT, AT(value), 0}, END};

static enum mill_status delete_model_tag(struct arguments *a)
{
    return mill_client_delete_model_tag(a->client, a->model, a->model_tag_key, a->err);
}

static const struct argument delete_model_tag_arguments[] = {CLIENT, MODEL, MODEL_KEY, END};

static enum mill_status set_model_alias(struct arguments *a)
{
    return mill_client_set_model_alias(a->client, a->model, a->alias, a->version, a->err);
}

static const struct argument set_model_alias_arguments[] = {CLIENT, MODEL, ALIAS, MODEL_VERSION,
                                                            END};

static enum mill_status delete_model_alias(struct arguments *a)
{
    return mill_client_delete_model_alias(a->client, a->model, a->alias, a->err);
}

static const struct argument delete_model_alias_arguments[] = {CLIENT, MODEL, ALIAS, END};

static enum mill_status create_version(struct arguments *a)
{
    return mill_client_create_version(a->client, a->new_version, a->id_out, a->err);
}

static const struct argument create_version_arguments[] = {
    CLIENT,
    {"version", POINTER, AT(new_version), 0},
    {"version.size", STRUCT_SIZE, ROOM(new_version, size), sizeof(struct mill_new_version)},
    {"name", TEXT | LIMITED, ROOM(new_version, name), 256},
    {"source", TEXT | LIMITED, ROOM(new_version, source), 4096},
    {"run_id", MAYBE_TEXT | LIMITED, ROOM(new_version, run_id), 256},
    {"run_link", MAYBE_TEXT | LIMITED, ROOM(new_version, run_link), 4096},
    {"description", MAYBE_TEXT, ROOM(new_version, description), 0},
    {"tags", POINTER, ROOM(new_version, tags), 0},
    {"tags", COUNT_MAX, ROOM(new_version, tag_count), 1000},
    {"version_out", POINTER, AT(id_out), 0},
    END};

static enum mill_status get_version(struct arguments *a)
{
    return mill_client_get_version(a->client, a->model, a->version, a->versions_out, a->err);
}

static const struct argument get_version_arguments[] = {CLIENT, MODEL, MODEL_VERSION, VERSIONS,
                                                        END};

static enum mill_status get_version_by_alias(struct arguments *a)
{
    return mill_client_get_version_by_alias(a->client, a->model, a->alias, a->versions_out,
                                            a->err);
}

static const struct argument get_version_by_alias_arguments[] = {CLIENT, MODEL, ALIAS, VERSIONS,
                                                                 END};

static enum mill_status search_versions(struct arguments *a)
{
    return mill_client_search_versions(a->client, a->model_query, a->versions_out, a->err);
}

static const struct argument search_versions_arguments[] = {CLIENT, MODEL_QUERY, VERSIONS, END};

static enum mill_status version_uri(struct arguments *a)
{
    char buffer[4];
    return mill_client_version_uri(a->client, a->model, a->version, buffer, sizeof(buffer),
                                   a->length_out, a->err);
}

static const struct argument version_uri_arguments[] = {
    CLIENT, MODEL, MODEL_VERSION, {"length_out", POINTER, AT(length_out), 0}, END};

static enum mill_status update_version(struct arguments *a)
{
    return mill_client_update_version(a->client, a->model, a->version, a->description, a->err);
}

static const struct argument update_version_arguments[] = {CLIENT, MODEL, MODEL_VERSION,
                                                           DESCRIPTION, END};

static enum mill_status set_version_stage(struct arguments *a)
{
    return mill_client_set_version_stage(a->client, a->model, a->version, a->stage, true,
                                         a->err);
}

static const struct argument set_version_stage_arguments[] = {
    CLIENT, MODEL, MODEL_VERSION, {"stage", ENUM, AT(stage), 0}, END};

static enum mill_status delete_version(struct arguments *a)
{
    return mill_client_delete_version(a->client, a->model, a->version, a->err);
}

static const struct argument version_arguments[] = {CLIENT, MODEL, MODEL_VERSION, END};

static enum mill_status set_version_tag(struct arguments *a)
{
    return mill_client_set_version_tag(a->client, a->model, a->version, a->model_tag_key,
                                       a->value, a->err);
}

static const struct argument set_version_tag_arguments[] = {
    CLIENT, MODEL, MODEL_VERSION, MODEL_KEY, {"value", MAYBE_TEXT, AT(value), 0}, END};

static enum mill_status delete_version_tag(struct arguments *a)
{
    return mill_client_delete_version_tag(a->client, a->model, a->version, a->model_tag_key,
                                          a->err);
}

static const struct argument delete_version_tag_arguments[] = {CLIENT, MODEL, MODEL_VERSION,
                                                               MODEL_KEY, END};

const struct call input_model_calls[] = {
    {"mill_client_create_model", create_model, create_model_arguments},
    {"mill_client_get_model", get_model, get_model_arguments},
    {"mill_client_search_models", search_models, search_models_arguments},
    {"mill_client_update_model", update_model, update_model_arguments},
    {"mill_client_set_model_tag", set_model_tag, set_model_tag_arguments},
    {"mill_client_delete_model_tag", delete_model_tag, delete_model_tag_arguments},
    {"mill_client_create_version", create_version, create_version_arguments},
    {"mill_client_get_version", get_version, get_version_arguments},
    {"mill_client_set_model_alias", set_model_alias, set_model_alias_arguments},
    {"mill_client_get_version_by_alias", get_version_by_alias, get_version_by_alias_arguments},
    {"mill_client_search_versions", search_versions, search_versions_arguments},
    {"mill_client_version_uri", version_uri, version_uri_arguments},
    {"mill_client_update_version", update_version, update_version_arguments},
    {"mill_client_set_version_stage", set_version_stage, set_version_stage_arguments},
    {"mill_client_set_version_tag", set_version_tag, set_version_tag_arguments},
    {"mill_client_delete_version_tag", delete_version_tag, delete_version_tag_arguments},
    {"mill_client_delete_model_alias", delete_model_alias, delete_model_alias_arguments},
    {"mill_client_delete_version", delete_version, version_arguments},
    {"mill_client_rename_model", rename_model, rename_model_arguments},
    {"mill_client_delete_model", delete_model, model_arguments},
    {NULL, NULL, NULL},
};

/* --- good arguments -------------------------------------------------------------------- */

void input_good_model(const struct input *in, struct arguments *a)
{
    a->model = mill_text(INPUT_MODEL);
    a->model_to_make = mill_text("never made");
    a->model_to_take = mill_text("never taken");
    a->version = in->version != 0 ? in->version : 1;
    a->alias = mill_text(INPUT_ALIAS);
    a->model_tag_key = mill_text("m");
    a->description = mill_text("what it is");
    a->stage = MILL_STAGE_STAGING;
    a->model_query_room.it = (struct mill_model_query){.size = sizeof(a->model_query_room.it),
                                                       .order_by = a->order_items,
                                                       .order_by_count = COUNT(a->order_items)};
    a->model_query = &a->model_query_room.it;
    a->new_version_room.it = (struct mill_new_version){.size = sizeof(a->new_version_room.it),
                                                       .name = mill_text(INPUT_MODEL),
                                                       .source = mill_text("s3://bucket/model"),
                                                       .tags = a->tag_items,
                                                       .tag_count = COUNT(a->tag_items)};
    a->new_version = &a->new_version_room.it;
    a->length_out = &a->length;
    a->models_out = &a->models_found;
    a->versions_out = &a->versions_found;
}

bool input_has_model(const struct arguments *a)
{
    return a->models_found != NULL || a->versions_found != NULL || a->length != 0;
}

void input_release_models(struct arguments *a)
{
    mill_model_list_free(a->models_found);
    mill_version_list_free(a->versions_found);
    a->models_found = NULL;
    a->versions_found = NULL;
    a->length = 0;
}
