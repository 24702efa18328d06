/* prompt_search.c - finds prompts and their versions: the searches of the registry, asked for
 * prompts. */
#include "base/alloc.h"
#include "base/view.h"
#include "client/prompts.h"
#include "model/limits.h"
#include "model/registry.h"
#include "query/token.h"

#define IS_PROMPT "tags.`" MILL_PROMPT_TAG "` = 'true'"

/* --- filters --------------------------------------------------------------------------- */

static bool is_digits(struct mill_view text)
{
    int64_t number;
    return mill_view_int(text, &number) && number >= 0;
}

/* What stands for "experiment_id = '1'", behind its first token. */
static enum mill_status add_experiment(struct mill_buf *out, struct mill_lexer *lexer,
                                       struct mill_error *err)
{
    struct mill_token op = mill_lexer_next(lexer), value = mill_lexer_next(lexer);
    if (!mill_view_eq(op.raw, MILL_VIEW("=")) || value.kind != MILL_TOKEN_QUOTED ||
        !is_digits(value.text))
        return mill_fail(err, MILL_E_INVALID,
                         "filter: expected experiment_id = '1' or another id, got "
                         "experiment_id %.*s %.*s",
                         MILL_FMT(mill_token_shown(&op)), MILL_FMT(mill_token_shown(&value)));
    mill_buf_printf(out, "tags." MILL_PROMPT_EXPERIMENTS_TAG " LIKE '%%,%.*s,%%'",
                    MILL_FMT(value.text));
    return MILL_OK;
}

static bool is_end(const struct mill_token *token)
{
    return token->kind == MILL_TOKEN_END || token->kind == MILL_TOKEN_BAD;
}

/* What cannot be read is left for the search to complain about. */
static enum mill_status rewrite(struct mill_buf *out, struct mill_view filter,
                                struct mill_error *err)
{
    struct mill_lexer lexer = {.text = filter};
    enum mill_status st = MILL_OK;
    size_t copied = 0;
    for (struct mill_token token = mill_lexer_next(&lexer); st == MILL_OK && !is_end(&token);
         token = mill_lexer_next(&lexer)) {
        if (!mill_token_is_word(&token, "experiment_id"))
            continue;
        mill_buf_add(out, filter.ptr + copied, token.offset - copied);
        st = add_experiment(out, &lexer, err);
        copied = lexer.at;
    }
    mill_buf_add_view(out, mill_view_from(filter, copied));
    return st;
}

/* A filter of models that finds prompts only: "experiment_id = '1'" is asked of the tag that
 * says so. */
static enum mill_status filter_prompts(struct mill_view filter, struct mill_arena *arena,
                                       struct mill_view *out, struct mill_error *err)
{
    struct mill_buf text = {0};
    enum mill_status st = MILL_OK;
    mill_buf_add_view(&text, MILL_VIEW(IS_PROMPT));
    if (!mill_view_empty(mill_view_trim(filter))) {
        mill_buf_add_view(&text, MILL_VIEW(" AND "));
        st = rewrite(&text, filter, err);
    }
    if (st == MILL_OK)
        *out = mill_arena_copy(arena, mill_buf_view(&text));
    if (st == MILL_OK && (text.failed || out->ptr == NULL))
        st = mill_no_memory(err);
    mill_buf_release(&text);
    return st;
}

/* The same for the versions of one prompt. */
static enum mill_status filter_versions(struct mill_view name, struct mill_view filter,
                                        struct mill_arena *arena, struct mill_view *out,
                                        struct mill_error *err)
{
    bool any = !mill_view_empty(mill_view_trim(filter));
    *out = mill_arena_printf(arena, "name = '%.*s' AND " IS_PROMPT "%s%.*s", MILL_FMT(name),
                             any ? " AND " : "", MILL_FMT(filter));
    return out->ptr != NULL ? MILL_OK : mill_no_memory(err);
}

/* --- searches -------------------------------------------------------------------------- */

static enum mill_status take_query(struct mill_model_query *q,
                                   const struct mill_model_query *query, struct mill_error *err)
{
    enum mill_status st = mill_take_struct(
        q, sizeof(*q), MILL_FIRST(mill_model_query, page_token), query, "query", err);
    return st == MILL_OK ? mill_check_optional("filter", q->filter, MILL_MAX_FILTER_BYTES, err)
                         : st;
}

enum mill_status mill_client_search_prompts(struct mill_client *client,
                                            const struct mill_model_query *query,
                                            struct mill_prompt_list **list_out,
                                            struct mill_error *err)
{
    struct mill_model_query q = {.size = sizeof(q)};
    struct mill_prompt_result *result = NULL;
    enum mill_status st = take_query(&q, query, err);
    if (st == MILL_OK)
        st = mill_begin_prompts(client, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    st = filter_prompts(q.filter, &result->arena, &q.filter, err);
    if (st == MILL_OK)
        st = mill_client_search_models(client, &q, &result->models, err);
    if (st == MILL_OK)
        st = mill_prompts_of_models(result, err);
    return mill_give_prompts(st, result, list_out);
}

/* Where nothing was found, the prompt may be unknown. */
static enum mill_status check_known(struct mill_client *client, struct mill_view name,
                                    const struct mill_version_list *found,
                                    struct mill_error *err)
{
    struct mill_prompt_list *prompt = NULL;
    enum mill_status st =
        found->count == 0 ? mill_client_get_prompt(client, name, &prompt, err) : MILL_OK;
    mill_prompt_list_free(prompt);
    return st;
}

enum mill_status mill_client_search_prompt_versions(struct mill_client *client,
                                                    struct mill_view name,
                                                    const struct mill_model_query *query,
                                                    struct mill_prompt_version_list **list_out,
                                                    struct mill_error *err)
{
    const struct mill_view newest_first = MILL_VIEW("version_number DESC");
    struct mill_model_query q = {.size = sizeof(q)};
    struct mill_prompt_version_result *result = NULL;
    enum mill_status st = mill_prompt_name_check(name, err);
    if (st == MILL_OK)
        st = take_query(&q, query, err);
    if (st == MILL_OK)
        st = mill_begin_prompt_versions(client, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    if (q.order_by_count == 0) {
        q.order_by = &newest_first;
        q.order_by_count = 1;
    }
    st = filter_versions(name, q.filter, &result->arena, &q.filter, err);
    if (st == MILL_OK)
        st = mill_client_search_versions(client, &q, &result->versions, err);
    if (st == MILL_OK)
        st = check_known(client, name, result->versions, err);
    if (st == MILL_OK)
        st = mill_prompts_of_versions(result, err);
    return mill_give_prompt_versions(st, result, list_out);
}
