/* input_prompts.c - see input.h: the functions of the prompt registry, and their arguments. */
#include "input.h"
#include "input_arguments.h"

#define PROMPT                                                                                 \
    {                                                                                          \
        "name", TEXT | LIMITED, AT(prompt), 256                                                \
    }
#define PROMPT_VERSION                                                                         \
    {                                                                                          \
        "version", VERSION, AT(prompt_version), 0                                              \
    }
#define PROMPTS                                                                                \
    {                                                                                          \
        "list_out", POINTER, AT(prompts_out), 0                                                \
    }
#define PROMPT_VERSIONS                                                                        \
    {                                                                                          \
        "list_out", POINTER, AT(prompt_versions_out), 0                                        \
    }

static enum mill_status register_prompt(struct arguments *a)
{
    return mill_client_register_prompt(a->client, a->new_prompt, a->id_out, a->err);
}

static const struct argument register_prompt_arguments[] = {
    CLIENT,
    {"prompt", POINTER, AT(new_prompt), 0},
    {"prompt.size", STRUCT_SIZE, ROOM(new_prompt, size), sizeof(struct mill_new_prompt)},
    {"name", TEXT | LIMITED, ROOM(new_prompt, name), 256},
    {"text", MAYBE_TEXT, ROOM(new_prompt, text), 0},
    {"messages", MAYBE_TEXT, ROOM(new_prompt, messages), 0},
    {"response_format", MAYBE_TEXT, ROOM(new_prompt, response_format), 0},
    {"model_config", MAYBE_TEXT, ROOM(new_prompt, model_config), 0},
    {"commit_message", MAYBE_TEXT, ROOM(new_prompt, commit_message), 0},
    {"tags", POINTER, ROOM(new_prompt, tags), 0},
    {"tags", COUNT_MAX, ROOM(new_prompt, tag_count), 1000},
    {"tags[1].key", TEXT | LIMITED, ITEM(tag_items, 1, key), 250},
    {"tags[1].value", MAYBE_TEXT, ITEM(tag_items, 1, value), 0},
    {"version_out", POINTER, AT(id_out), 0},
    END};

static enum mill_status get_prompt(struct arguments *a)
{
    return mill_client_get_prompt(a->client, a->prompt, a->prompts_out, a->err);
}

static const struct argument get_prompt_arguments[] = {CLIENT, PROMPT, PROMPTS, END};

static enum mill_status get_version(struct arguments *a)
{
    return mill_client_get_prompt_version(a->client, a->prompt, a->prompt_version,
                                          a->prompt_versions_out, a->err);
}

static const struct argument get_version_arguments[] = {CLIENT, PROMPT, PROMPT_VERSION,
                                                        PROMPT_VERSIONS, END};

static enum mill_status get_version_by_alias(struct arguments *a)
{
    return mill_client_get_prompt_version_by_alias(a->client, a->prompt, a->alias,
                                                   a->prompt_versions_out, a->err);
}

static const struct argument get_version_by_alias_arguments[] = {CLIENT, PROMPT, ALIAS,
                                                                 PROMPT_VERSIONS, END};

static enum mill_status load_prompt(struct arguments *a)
{
    return mill_client_load_prompt(a->client, a->prompt_uri, a->prompt_versions_out, a->err);
}

static const struct argument load_prompt_arguments[] = {
    CLIENT, {"uri", TEXT | LIMITED, AT(prompt_uri), 4096}, PROMPT_VERSIONS, END};

static enum mill_status search_prompts(struct arguments *a)
{
    return mill_client_search_prompts(a->client, a->model_query, a->prompts_out, a->err);
}

static const struct argument search_prompts_arguments[] = {CLIENT, MODEL_QUERY, PROMPTS, END};

static enum mill_status search_versions(struct arguments *a)
{
    return mill_client_search_prompt_versions(a->client, a->prompt, a->model_query,
                                              a->prompt_versions_out, a->err);
}

static const struct argument search_versions_arguments[] = {CLIENT, PROMPT, MODEL_QUERY,
                                                            PROMPT_VERSIONS, END};

static enum mill_status delete_prompt(struct arguments *a)
{
    return mill_client_delete_prompt(a->client, a->prompt, a->err);
}

static const struct argument prompt_arguments[] = {CLIENT, PROMPT, END};

static enum mill_status delete_version(struct arguments *a)
{
    return mill_client_delete_prompt_version(a->client, a->prompt, a->prompt_version, a->err);
}

static const struct argument version_arguments[] = {CLIENT, PROMPT, PROMPT_VERSION, END};

static enum mill_status set_tag(struct arguments *a)
{
    return mill_client_set_prompt_tag(a->client, a->prompt, a->model_tag_key, a->value, a->err);
}

static const struct argument set_tag_arguments[] = {
    CLIENT, PROMPT, MODEL_KEY, {"value", MAYBE_TEXT, AT(value), 0}, END};

static enum mill_status delete_tag(struct arguments *a)
{
    return mill_client_delete_prompt_tag(a->client, a->prompt, a->model_tag_key, a->err);
}

static const struct argument delete_tag_arguments[] = {CLIENT, PROMPT, MODEL_KEY, END};

static enum mill_status set_version_tag(struct arguments *a)
{
    return mill_client_set_prompt_version_tag(a->client, a->prompt, a->prompt_version,
                                              a->model_tag_key, a->value, a->err);
}

static const struct argument set_version_tag_arguments[] = {
    CLIENT, PROMPT, PROMPT_VERSION, MODEL_KEY, {"value", MAYBE_TEXT, AT(value), 0}, END};

static enum mill_status delete_version_tag(struct arguments *a)
{
    return mill_client_delete_prompt_version_tag(a->client, a->prompt, a->prompt_version,
                                                 a->model_tag_key, a->err);
}

static const struct argument delete_version_tag_arguments[] = {CLIENT, PROMPT, PROMPT_VERSION,
                                                               MODEL_KEY, END};

static enum mill_status set_alias(struct arguments *a)
{
    return mill_client_set_prompt_alias(a->client, a->prompt, a->alias, a->prompt_version,
                                        a->err);
}

static const struct argument set_alias_arguments[] = {CLIENT, PROMPT, ALIAS, PROMPT_VERSION,
                                                      END};

static enum mill_status delete_alias(struct arguments *a)
{
    return mill_client_delete_prompt_alias(a->client, a->prompt, a->alias, a->err);
}

static const struct argument delete_alias_arguments[] = {CLIENT, PROMPT, ALIAS, END};

static enum mill_status link_to_experiment(struct arguments *a)
{
    return mill_client_link_prompt_to_experiment(a->client, a->prompt, a->experiment_id,
                                                 a->err);
}

static const struct argument link_to_experiment_arguments[] = {CLIENT, PROMPT, EXPERIMENT_ID,
                                                               END};

const struct call input_prompt_calls[] = {
    {"mill_client_get_prompt", get_prompt, get_prompt_arguments},
    {"mill_client_register_prompt", register_prompt, register_prompt_arguments},
    {"mill_client_get_prompt_version", get_version, get_version_arguments},
    {"mill_client_set_prompt_alias", set_alias, set_alias_arguments},
    {"mill_client_get_prompt_version_by_alias", get_version_by_alias,
     get_version_by_alias_arguments},
    {"mill_client_load_prompt", load_prompt, load_prompt_arguments},
    {"mill_client_search_prompts", search_prompts, search_prompts_arguments},
    {"mill_client_search_prompt_versions", search_versions, search_versions_arguments},
    {"mill_client_set_prompt_tag", set_tag, set_tag_arguments},
    {"mill_client_delete_prompt_tag", delete_tag, delete_tag_arguments},
    {"mill_client_set_prompt_version_tag", set_version_tag, set_version_tag_arguments},
    {"mill_client_delete_prompt_version_tag", delete_version_tag, delete_version_tag_arguments},
    {"mill_client_delete_prompt_alias", delete_alias, delete_alias_arguments},
    {"mill_client_link_prompt_to_experiment", link_to_experiment, link_to_experiment_arguments},
    {"mill_client_delete_prompt_version", delete_version, version_arguments},
    {"mill_client_delete_prompt", delete_prompt, prompt_arguments},
    {NULL, NULL, NULL},
};

/* --- good arguments -------------------------------------------------------------------- */

void input_good_prompt(const struct input *in, struct arguments *a)
{
    a->prompt = mill_text(INPUT_PROMPT);
    a->prompt_uri = mill_text("prompts:/" INPUT_PROMPT "@" INPUT_ALIAS);
    a->prompt_version = in->prompt_version != 0 ? in->prompt_version : 1;
    a->new_prompt_room.it = (struct mill_new_prompt){.size = sizeof(a->new_prompt_room.it),
                                                     .name = mill_text(INPUT_PROMPT),
                                                     .text = mill_text("Hello {{name}}"),
                                                     .response_format = mill_text("{}"),
                                                     .model_config = mill_text("{}"),
                                                     .tags = a->tag_items,
                                                     .tag_count = COUNT(a->tag_items)};
    a->new_prompt = &a->new_prompt_room.it;
    a->to_render_room.it = (struct mill_prompt_version){.text = mill_text("Hello {{name}}")};
    a->to_render = &a->to_render_room.it;
    a->prompts_out = &a->prompts_found;
    a->prompt_versions_out = &a->prompt_versions_found;
}

bool input_has_prompt(const struct arguments *a)
{
    return a->prompts_found != NULL || a->prompt_versions_found != NULL;
}

void input_release_prompts(struct arguments *a)
{
    mill_prompt_list_free(a->prompts_found);
    mill_prompt_version_list_free(a->prompt_versions_found);
    a->prompts_found = NULL;
    a->prompt_versions_found = NULL;
}
