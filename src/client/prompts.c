/* prompts.c - reads and changes prompts: each is a call about the model that a prompt is kept
 * as, once it is sure that it is one. Making them is in prompt_register.c, searches are in
 * prompt_search.c. */
#include "client/prompts.h"
#include "base/alloc.h"
#include "base/view.h"
#include "model/check.h"
#include "model/limits.h"
#include "model/registry.h"

/* --- reading --------------------------------------------------------------------------- */

enum mill_status mill_client_get_prompt(struct mill_client *client, struct mill_view name,
                                        struct mill_prompt_list **list_out,
                                        struct mill_error *err)
{
    struct mill_prompt_result *result = NULL;
    enum mill_status st = mill_begin_prompts(client, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    st = mill_client_get_model(client, name, &result->models, err);
    if (st == MILL_OK)
        st = mill_prompt_model_check(result->models->items[0], err);
    if (st == MILL_OK)
        st = mill_prompts_of_models(result, err);
    return mill_give_prompts(st, result, list_out);
}

static enum mill_status get_version(struct mill_client *client,
                                    const struct mill_version_ref *ref,
                                    struct mill_prompt_version_list **list_out,
                                    struct mill_error *err)
{
    struct mill_prompt_version_result *result = NULL;
    enum mill_status st = mill_begin_prompt_versions(client, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    st = ref->alias.ptr != NULL
             ? mill_client_get_version_by_alias(client, ref->name, ref->alias,
                                                &result->versions, err)
             : mill_client_get_version(client, ref->name, ref->version, &result->versions, err);
    if (st == MILL_OK)
        st = mill_prompts_of_versions(result, err);
    return mill_give_prompt_versions(st, result, list_out);
}

enum mill_status mill_client_get_prompt_version(struct mill_client *client,
                                                struct mill_view name, int64_t version,
                                                struct mill_prompt_version_list **list_out,
                                                struct mill_error *err)
{
    struct mill_version_ref ref = {.name = name, .version = version};
    return get_version(client, &ref, list_out, err);
}

enum mill_status mill_client_get_prompt_version_by_alias(
    struct mill_client *client, struct mill_view name, struct mill_view alias,
    struct mill_prompt_version_list **list_out, struct mill_error *err)
{
    struct mill_version_ref ref = {.name = name, .alias = alias};
    enum mill_status st = mill_alias_check(alias, err);
    return st == MILL_OK ? get_version(client, &ref, list_out, err) : st;
}

/* "NAME/VERSION" or "NAME@ALIAS", behind "prompts:/". */
static bool read_path(struct mill_view path, struct mill_version_ref *out)
{
    bool by_alias = memchr(path.ptr, '@', path.len) != NULL;
    struct mill_view rest = mill_view_cut(path, by_alias ? '@' : '/', &out->name);
    if (by_alias) {
        out->alias = rest;
        return rest.len != 0;
    }
    return mill_view_int(rest, &out->version) && out->version >= 1;
}

enum mill_status mill_client_load_prompt(struct mill_client *client, struct mill_view uri,
                                         struct mill_prompt_version_list **list_out,
                                         struct mill_error *err)
{
    struct mill_view scheme = MILL_VIEW("prompts:/");
    struct mill_version_ref ref = {.name = uri, .alias = MILL_VIEW("latest")};
    enum mill_status st = mill_check_needed("uri", uri, MILL_MAX_MODEL_SOURCE, err);
    if (st != MILL_OK)
        return st;
    if (mill_view_starts(uri, scheme)) {
        ref.alias = (struct mill_view){NULL, 0};
        if (!read_path(mill_view_from(uri, scheme.len), &ref))
            return mill_fail(
                err, MILL_E_INVALID,
                "uri '%.*s' is none of a prompt: expected prompts:/NAME/VERSION or "
                "prompts:/NAME@ALIAS",
                MILL_FMT(mill_utf8_prefix(uri, 200)));
    }
    return get_version(client, &ref, list_out, err);
}

/* --- changing -------------------------------------------------------------------------- */

/* The call's own arguments were looked at: what it is about has to be a prompt. */
static enum mill_status need_prompt(struct mill_client *client, struct mill_view name,
                                    struct mill_error *err)
{
    struct mill_prompt_list *list = NULL;
    enum mill_status st = mill_client_get_prompt(client, name, &list, err);
    mill_prompt_list_free(list);
    return st;
}

static enum mill_status need_version(struct mill_client *client, struct mill_view name,
                                     int64_t version, struct mill_error *err)
{
    struct mill_prompt_version_list *list = NULL;
    enum mill_status st = mill_client_get_prompt_version(client, name, version, &list, err);
    mill_prompt_version_list_free(list);
    return st;
}

static enum mill_status check_tag(struct mill_view key, struct mill_view value,
                                  struct mill_error *err)
{
    enum mill_status st = mill_check_key(mill_place_of("key"), key, err);
    return st == MILL_OK ? mill_check_optional("value", value, MILL_MAX_MODEL_TAG_VALUE, err)
                         : st;
}

enum mill_status mill_client_delete_prompt(struct mill_client *client, struct mill_view name,
                                           struct mill_error *err)
{
    enum mill_status st = need_prompt(client, name, err);
    return st == MILL_OK ? mill_client_delete_model(client, name, err) : st;
}

enum mill_status mill_client_delete_prompt_version(struct mill_client *client,
                                                   struct mill_view name, int64_t version,
                                                   struct mill_error *err)
{
    enum mill_status st = need_version(client, name, version, err);
    return st == MILL_OK ? mill_client_delete_version(client, name, version, err) : st;
}

enum mill_status mill_client_set_prompt_tag(struct mill_client *client, struct mill_view name,
                                            struct mill_view key, struct mill_view value,
                                            struct mill_error *err)
{
    enum mill_status st = check_tag(key, value, err);
    if (st == MILL_OK)
        st = need_prompt(client, name, err);
    return st == MILL_OK ? mill_client_set_model_tag(client, name, key, value, err) : st;
}

enum mill_status mill_client_delete_prompt_tag(struct mill_client *client,
                                               struct mill_view name, struct mill_view key,
                                               struct mill_error *err)
{
    enum mill_status st = check_tag(key, key, err);
    if (st == MILL_OK)
        st = need_prompt(client, name, err);
    return st == MILL_OK ? mill_client_delete_model_tag(client, name, key, err) : st;
}

enum mill_status mill_client_set_prompt_version_tag(struct mill_client *client,
                                                    struct mill_view name, int64_t version,
                                                    struct mill_view key,
                                                    struct mill_view value,
                                                    struct mill_error *err)
{
    enum mill_status st = check_tag(key, value, err);
    if (st == MILL_OK)
        st = need_version(client, name, version, err);
    return st == MILL_OK ? mill_client_set_version_tag(client, name, version, key, value, err)
                         : st;
}

enum mill_status mill_client_delete_prompt_version_tag(struct mill_client *client,
                                                       struct mill_view name, int64_t version,
                                                       struct mill_view key,
                                                       struct mill_error *err)
{
    enum mill_status st = check_tag(key, key, err);
    if (st == MILL_OK)
        st = need_version(client, name, version, err);
    return st == MILL_OK ? mill_client_delete_version_tag(client, name, version, key, err) : st;
}

enum mill_status mill_client_set_prompt_alias(struct mill_client *client, struct mill_view name,
                                              struct mill_view alias, int64_t version,
                                              struct mill_error *err)
{
    enum mill_status st = mill_alias_check(alias, err);
    if (st == MILL_OK)
        st = need_version(client, name, version, err);
    return st == MILL_OK ? mill_client_set_model_alias(client, name, alias, version, err) : st;
}

enum mill_status mill_client_delete_prompt_alias(struct mill_client *client,
                                                 struct mill_view name, struct mill_view alias,
                                                 struct mill_error *err)
{
    enum mill_status st = mill_alias_check(alias, err);
    if (st == MILL_OK)
        st = need_prompt(client, name, err);
    return st == MILL_OK ? mill_client_delete_model_alias(client, name, alias, err) : st;
}

/* --- experiments ----------------------------------------------------------------------- */

static struct mill_view experiments_of(const struct mill_prompt *prompt)
{
    for (size_t i = 0; i < prompt->tag_count; i++)
        if (mill_view_eq(prompt->tags[i].key, MILL_VIEW(MILL_PROMPT_EXPERIMENTS_TAG)))
            return prompt->tags[i].value;
    return MILL_VIEW("");
}

/* ",1,2," with another id; ptr NULL when it has that one, or memory is out (*failed). */
static struct mill_view with_experiment(struct mill_view ids, int64_t experiment_id,
                                        struct mill_arena *arena, bool *failed)
{
    struct mill_view rest = ids, id;
    int64_t known;
    while (!mill_view_empty(rest)) {
        rest = mill_view_cut(rest, ',', &id);
        if (mill_view_int(mill_view_trim(id), &known) && known == experiment_id)
            return (struct mill_view){NULL, 0};
    }
    if (mill_view_starts(ids, MILL_VIEW(",")))
        ids = mill_view_from(ids, 1);
    if (mill_view_ends(ids, MILL_VIEW(",")))
        ids.len--;
    struct mill_view more =
        mill_arena_printf(arena, ",%.*s%s%lld,", MILL_FMT(ids), ids.len != 0 ? "," : "",
                          (long long)experiment_id);
    *failed = more.ptr == NULL;
    return more;
}

enum mill_status mill_client_link_prompt_to_experiment(struct mill_client *client,
                                                       struct mill_view name,
                                                       int64_t experiment_id,
                                                       struct mill_error *err)
{
    struct mill_prompt_list *list = NULL;
    struct mill_arena arena = {0};
    bool failed = false;
    enum mill_status st = mill_check_experiment(experiment_id, err);
    if (st == MILL_OK)
        st = mill_client_get_prompt(client, name, &list, err);
    if (st != MILL_OK)
        return st;
    struct mill_view ids =
        with_experiment(experiments_of(list->items[0]), experiment_id, &arena, &failed);
    if (failed)
        st = mill_no_memory(err);
    else if (ids.ptr != NULL)
        st = mill_client_set_model_tag(client, name, MILL_VIEW(MILL_PROMPT_EXPERIMENTS_TAG),
                                       ids, err);
    mill_arena_release(&arena);
    mill_prompt_list_free(list);
    return st;
}
