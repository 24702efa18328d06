/* prompt_register.c - makes versions of prompts, and prompts where there are none. */
#include "base/alloc.h"
#include "base/view.h"
#include "client/prompts.h"
#include "model/limits.h"
#include "model/registry.h"
#include "wire/json.h"

/* What stands for the files of a version, which prompts have not: servers take no other text.
 */
#define SOURCE MILL_VIEW("dummy-source")

/* --- checks ---------------------------------------------------------------------------- */

static enum mill_status parse(const char *name, struct mill_view text, struct mill_arena *arena,
                              struct mill_json *out, struct mill_error *err)
{
    enum mill_status st = mill_json_parse_copy(text, arena, out, NULL);
    if (st == MILL_E_NOMEM)
        return mill_no_memory(err);
    return st == MILL_OK ? MILL_OK : mill_fail(err, MILL_E_INVALID, "%s is not JSON", name);
}

/* The position of a member of an object; 0, which is none's, when it has no such. */
static size_t member(const struct mill_json *json, size_t object, struct mill_view name)
{
    size_t end = mill_json_end(json, object);
    for (size_t i = mill_json_first(object); i < end; i = mill_json_skip(json, i)) {
        bool found = mill_view_eq(mill_json_string(json, i++), name);
        if (found)
            return i;
    }
    return 0;
}

/* What a client that loads the chat needs of a message. */
static bool is_message(const struct mill_json *json, size_t at)
{
    if (mill_json_type(json, at) != MILL_JSON_OBJECT)
        return false;
    size_t role = member(json, at, MILL_VIEW("role"));
    size_t content = member(json, at, MILL_VIEW("content"));
    enum mill_json_type type = content != 0 ? mill_json_type(json, content) : MILL_JSON_NULL;
    return role != 0 && mill_json_type(json, role) == MILL_JSON_STRING &&
           (type == MILL_JSON_STRING || type == MILL_JSON_ARRAY || type == MILL_JSON_NULL);
}

static enum mill_status check_messages(struct mill_view messages, struct mill_arena *arena,
                                       struct mill_error *err)
{
    struct mill_json json;
    enum mill_status st = parse("messages", messages, arena, &json, err);
    if (st == MILL_OK && (mill_json_type(&json, json.root) != MILL_JSON_ARRAY ||
                          mill_json_count(&json, json.root) == 0))
        st = mill_fail(err, MILL_E_INVALID, "messages is no JSON list of messages");
    if (st != MILL_OK)
        return st;
    size_t index = 0, end = mill_json_end(&json, json.root);
    for (size_t i = mill_json_first(json.root); st == MILL_OK && i < end;
         i = mill_json_skip(&json, i), index++)
        if (!is_message(&json, i))
            st = mill_fail(err, MILL_E_INVALID,
                           "messages[%zu] is no object with a text as \"role\" and a text or a "
                           "list as \"content\"",
                           index);
    mill_json_done();
    return st;
}

static enum mill_status check_config(struct mill_view config, struct mill_arena *arena,
                                     struct mill_error *err)
{
    struct mill_json json;
    enum mill_status st = parse("model_config", config, arena, &json, err);
    if (st == MILL_OK && mill_json_type(&json, json.root) != MILL_JSON_OBJECT)
        st = mill_fail(err, MILL_E_INVALID, "model_config is no JSON object");
    mill_json_done();
    return st;
}

static enum mill_status check_format(struct mill_view format, struct mill_arena *arena,
                                     struct mill_error *err)
{
    struct mill_json json;
    enum mill_status st = parse("response_format", format, arena, &json, err);
    mill_json_done();
    return st;
}

/* What becomes a tag of the version. */
static enum mill_status check_texts(const struct mill_new_prompt *p, struct mill_error *err)
{
    const struct {
        const char *name;
        struct mill_view text;
    } rows[] = {{"text", p->text},
                {"messages", p->messages},
                {"response_format", p->response_format},
                {"model_config", p->model_config}};
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < MILL_COUNT(rows); i++)
        st = mill_check_optional(rows[i].name, rows[i].text, MILL_MAX_MODEL_TAG_VALUE, err);
    return st;
}

static enum mill_status check_new(const struct mill_new_prompt *p, struct mill_arena *arena,
                                  struct mill_error *err)
{
    enum mill_status st = mill_prompt_name_check(p->name, err);
    if (st == MILL_OK)
        st = check_texts(p, err);
    if (st == MILL_OK)
        st = mill_check_optional("commit_message", p->commit_message,
                                 MILL_MAX_MODEL_DESCRIPTION, err);
    if (st == MILL_OK)
        st = mill_check_tags(p->tags, p->tag_count, err);
    if (st == MILL_OK && (p->text.ptr != NULL) == (p->messages.ptr != NULL))
        st = mill_fail(err, MILL_E_INVALID, "either text or messages must be given");
    if (st == MILL_OK && p->messages.ptr != NULL)
        st = check_messages(p->messages, arena, err);
    if (st == MILL_OK && p->response_format.ptr != NULL)
        st = check_format(p->response_format, arena, err);
    if (st == MILL_OK && p->model_config.ptr != NULL)
        st = check_config(p->model_config, arena, err);
    return st;
}

/* --- making ---------------------------------------------------------------------------- */

/* The tags of a new prompt, the last of which makes a prompt of it. */
static enum mill_status make_prompt(struct mill_client *client, const struct mill_new_prompt *p,
                                    struct mill_arena *arena, struct mill_error *err)
{
    struct mill_tag *tags = mill_arena_zero(arena, p->tag_count + 1, sizeof(*tags));
    if (tags == NULL)
        return mill_no_memory(err);
    if (p->tag_count != 0)
        memcpy(tags, p->tags, p->tag_count * sizeof(*tags));
    tags[p->tag_count] = (struct mill_tag){MILL_VIEW(MILL_PROMPT_TAG), MILL_VIEW("true")};
    return mill_client_create_model(client, p->name, p->commit_message, tags, p->tag_count + 1,
                                    err);
}

/* Gives the tags to a prompt that is there. */
static enum mill_status tag_prompt(struct mill_client *client, const struct mill_new_prompt *p,
                                   struct mill_error *err)
{
    struct mill_prompt_list *list = NULL;
    enum mill_status st = mill_client_get_prompt(client, p->name, &list, err);
    mill_prompt_list_free(list);
    for (size_t i = 0; st == MILL_OK && i < p->tag_count; i++)
        st = mill_client_set_model_tag(client, p->name, p->tags[i].key, p->tags[i].value, err);
    return st;
}

/* Somebody else may make it at the same time. */
static enum mill_status find_or_make(struct mill_client *client,
                                     const struct mill_new_prompt *p, struct mill_arena *arena,
                                     bool *made_out, struct mill_error *err)
{
    struct mill_error missing = {""};
    enum mill_status st = tag_prompt(client, p, &missing);
    if (st != MILL_E_NOT_FOUND)
        return st == MILL_OK ? st : mill_fail(err, st, "%s", missing.message);
    st = make_prompt(client, p, arena, &missing);
    *made_out = st == MILL_OK;
    if (st == MILL_E_EXISTS)
        return tag_prompt(client, p, err);
    return st == MILL_OK ? st : mill_fail(err, st, "%s", missing.message);
}

/* A prompt that is new does not stay without a version. */
static enum mill_status make(struct mill_client *client, const struct mill_new_prompt *p,
                             struct mill_arena *arena, int64_t *version_out,
                             struct mill_error *err)
{
    bool made = false;
    struct mill_new_version version = {.size = sizeof(version),
                                       .name = p->name,
                                       .source = SOURCE,
                                       .description = p->commit_message};
    enum mill_status st =
        mill_prompt_version_tags(p, arena, &version.tags, &version.tag_count, err);
    if (st == MILL_OK)
        st = find_or_make(client, p, arena, &made, err);
    if (st != MILL_OK)
        return st;
    st = mill_client_create_version(client, &version, version_out, err);
    if (st != MILL_OK && made)
        mill_client_delete_model(client, p->name, NULL);
    return st;
}

enum mill_status mill_client_register_prompt(struct mill_client *client,
                                             const struct mill_new_prompt *prompt,
                                             int64_t *version_out, struct mill_error *err)
{
    struct mill_new_prompt p = {.size = sizeof(p)};
    struct mill_arena arena = {0};
    enum mill_status st = mill_check_call(client, version_out, "version_out", err);
    if (st == MILL_OK && prompt == NULL)
        st = mill_fail(err, MILL_E_INVALID, "prompt is NULL");
    if (st == MILL_OK)
        st = mill_take_struct(&p, sizeof(p), MILL_FIRST(mill_new_prompt, tag_count), prompt,
                              "prompt", err);
    if (st == MILL_OK)
        st = check_new(&p, &arena, err);
    if (st == MILL_OK)
        st = make(client, &p, &arena, version_out, err);
    mill_arena_release(&arena);
    return st;
}
