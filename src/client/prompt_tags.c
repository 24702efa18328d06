/* prompt_tags.c - prompts as the registry keeps them: models and versions with tags that say
 * so. See prompts.h. */
#include "base/alloc.h"
#include "base/view.h"
#include "client/prompts.h"
#include "model/check.h"
#include "model/limits.h"
#include "model/registry.h"

#define TYPE_TEXT MILL_VIEW("text")
#define TYPE_CHAT MILL_VIEW("chat")

enum mill_status mill_prompt_name_check(struct mill_view name, struct mill_error *err)
{
    enum mill_status st = mill_check_needed("name", name, MILL_MAX_MODEL_NAME, err);
    for (size_t i = 0; st == MILL_OK && i < name.len; i++)
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.",
                   name.ptr[i]) == NULL ||
            name.ptr[i] == '\0')
            st = mill_fail(err, MILL_E_INVALID,
                           "name '%.*s' is none of a prompt: letters, digits, '_', '-' and "
                           "'.' are allowed",
                           MILL_FMT(mill_utf8_prefix(name, 60)));
    return st;
}

enum mill_status mill_prompt_model_check(const struct mill_registered_model *model,
                                         struct mill_error *err)
{
    if (mill_is_prompt(model->tags, model->tag_count))
        return MILL_OK;
    return mill_fail(err, MILL_E_INVALID, "'%.*s' is a registered model, not a prompt",
                     MILL_FMT(mill_utf8_prefix(model->name, 60)));
}

/* --- writing --------------------------------------------------------------------------- */

enum mill_status mill_prompt_version_tags(const struct mill_new_prompt *prompt,
                                          struct mill_arena *arena, const struct mill_tag **out,
                                          size_t *count_out, struct mill_error *err)
{
    bool chat = prompt->messages.ptr != NULL;
    const struct mill_tag marks[] = {
        {MILL_VIEW(MILL_PROMPT_TAG), MILL_VIEW("true")},
        {MILL_VIEW(MILL_PROMPT_TYPE_TAG), chat ? TYPE_CHAT : TYPE_TEXT},
        {MILL_VIEW(MILL_PROMPT_TEXT_TAG), chat ? prompt->messages : prompt->text},
        {MILL_VIEW(MILL_PROMPT_RESPONSE_TAG), prompt->response_format},
        {MILL_VIEW(MILL_PROMPT_CONFIG_TAG), prompt->model_config},
    };
    size_t count = prompt->tag_count;
    struct mill_tag *tags = mill_arena_zero(arena, count + MILL_COUNT(marks), sizeof(*tags));
    if (tags == NULL)
        return mill_no_memory(err);
    if (count != 0)
        memcpy(tags, prompt->tags, count * sizeof(*tags));
    for (size_t i = 0; i < MILL_COUNT(marks); i++)
        if (marks[i].value.ptr != NULL)
            tags[count++] = marks[i];
    *out = tags;
    *count_out = count;
    return MILL_OK;
}

/* --- reading --------------------------------------------------------------------------- */

/* Tags that are something else of a version. */
struct marks {
    struct mill_view prompt, type, text, response_format, model_config;
};

static const struct {
    const char *key;
    size_t offset;
} mark_rows[] = {
    {MILL_PROMPT_TAG, offsetof(struct marks, prompt)},
    {MILL_PROMPT_TYPE_TAG, offsetof(struct marks, type)},
    {MILL_PROMPT_TEXT_TAG, offsetof(struct marks, text)},
    {MILL_PROMPT_RESPONSE_TAG, offsetof(struct marks, response_format)},
    {MILL_PROMPT_CONFIG_TAG, offsetof(struct marks, model_config)},
};

/* Where the value of a mark goes; NULL for an ordinary tag. */
static struct mill_view *place_of_mark(struct marks *marks, struct mill_view key)
{
    for (size_t i = 0; i < MILL_COUNT(mark_rows); i++)
        if (mill_view_eq(key, mill_view_of(mark_rows[i].key)))
            return (struct mill_view *)(void *)((char *)marks + mark_rows[i].offset);
    return NULL;
}

/* Parts tags into marks and the others, which are copied into arena. */
static bool part_tags(const struct mill_tag *tags, size_t count, struct mill_arena *arena,
                      struct marks *marks, const struct mill_tag **out, size_t *count_out)
{
    struct mill_tag *others = mill_arena_zero(arena, count, sizeof(*others));
    if (others == NULL)
        return false;
    *out = others;
    *count_out = 0;
    for (size_t i = 0; i < count; i++) {
        struct mill_view *place = place_of_mark(marks, tags[i].key);
        if (place != NULL)
            *place = mill_text_or_empty(tags[i].value);
        else
            others[(*count_out)++] = tags[i];
    }
    return true;
}

static enum mill_status take_version(const struct mill_model_version *from,
                                     struct mill_arena *arena, struct mill_prompt_version *out,
                                     struct mill_error *err)
{
    struct marks marks = {{NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}};
    *out = (struct mill_prompt_version){
        .name = from->name,
        .version = from->version,
        .commit_message = from->description,
        .user_id = from->user_id,
        .creation_timestamp = from->creation_timestamp,
        .last_updated_timestamp = from->last_updated_timestamp,
        .aliases = from->aliases,
        .alias_count = from->alias_count,
    };
    if (!part_tags(from->tags, from->tag_count, arena, &marks, &out->tags, &out->tag_count))
        return mill_no_memory(err);
    if (marks.prompt.ptr == NULL || marks.text.ptr == NULL)
        return mill_fail(
            err, MILL_E_INVALID,
            "version %lld of '%.*s' is that of a registered model, not of a prompt",
            (long long)from->version, MILL_FMT(mill_utf8_prefix(from->name, 60)));
    *(mill_view_eq(marks.type, TYPE_CHAT) ? &out->messages : &out->text) = marks.text;
    out->response_format = marks.response_format;
    out->model_config = marks.model_config;
    return MILL_OK;
}

enum mill_status mill_prompts_of_versions(struct mill_prompt_version_result *result,
                                          struct mill_error *err)
{
    const struct mill_version_list *from = result->versions;
    struct mill_prompt_version *versions =
        mill_arena_zero(&result->arena, from->count, sizeof(*versions));
    enum mill_status st = versions != NULL ? MILL_OK : mill_no_memory(err);
    for (size_t i = 0; st == MILL_OK && i < from->count; i++)
        st = take_version(from->items[i], &result->arena, &versions[i], err);
    result->list.next_page_token = from->next_page_token;
    return st == MILL_OK ? mill_list_prompt_versions(result, versions, from->count, err) : st;
}

/* The highest number of all stages. */
static int64_t latest_of(const struct mill_registered_model *model)
{
    int64_t latest = MILL_ABSENT;
    for (size_t i = 0; i < model->latest_version_count; i++)
        if (model->latest_versions[i].version > latest)
            latest = model->latest_versions[i].version;
    return latest;
}

static bool take_prompt(const struct mill_registered_model *from, struct mill_arena *arena,
                        struct mill_prompt *out)
{
    struct marks marks;
    *out = (struct mill_prompt){
        .name = from->name,
        .description = from->description,
        .creation_timestamp = from->creation_timestamp,
        .last_updated_timestamp = from->last_updated_timestamp,
        .latest_version = latest_of(from),
        .aliases = from->aliases,
        .alias_count = from->alias_count,
    };
    return part_tags(from->tags, from->tag_count, arena, &marks, &out->tags, &out->tag_count);
}

enum mill_status mill_prompts_of_models(struct mill_prompt_result *result,
                                        struct mill_error *err)
{
    const struct mill_model_list *from = result->models;
    struct mill_prompt *prompts =
        mill_arena_zero(&result->arena, from->count, sizeof(*prompts));
    bool fits = prompts != NULL;
    for (size_t i = 0; fits && i < from->count; i++)
        fits = take_prompt(from->items[i], &result->arena, &prompts[i]);
    result->list.next_page_token = from->next_page_token;
    return fits ? mill_list_prompts(result, prompts, from->count, err) : mill_no_memory(err);
}
