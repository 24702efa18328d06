/* handlers_search.c - pages of runs and experiments that match a filter. */
#include "base/alloc.h"
#include "base/view.h"
#include "model/limits.h"
#include "server/handlers.h"
#include "wire/encode.h"
#include "wire/messages.h"
#include "wire/token.h"

static enum mill_status check_limit(int64_t limit, struct mill_error *err)
{
    if (limit == MILL_ABSENT)
        return mill_fail(err, MILL_E_INVALID, "max_results: missing; send 1 to %d",
                         MILL_MAX_SEARCH_RESULTS);
    if (limit < 1 || limit > MILL_MAX_SEARCH_RESULTS)
        return mill_fail(err, MILL_E_INVALID, "max_results: must be 1 to %d, got %lld",
                         MILL_MAX_SEARCH_RESULTS, (long long)limit);
    return MILL_OK;
}

enum mill_status mill_call_next_token(struct mill_call *call, bool more, int64_t offset,
                                      size_t count, struct mill_view *out,
                                      struct mill_error *err)
{
    if (!more || count == 0)
        return MILL_OK;
    *out = mill_token_encode(offset + (int64_t)count, call->arena);
    return out->ptr != NULL ? MILL_OK : mill_no_memory(err);
}

static enum mill_status search_experiments(struct mill_call *call, struct mill_plan *plan,
                                           struct mill_experiment_search *search,
                                           struct mill_experiment_page *page,
                                           struct mill_error *err)
{
    const struct mill_search_experiments_request *request = call->request;
    enum mill_status st = check_limit(request->max_results, err);
    if (st == MILL_OK)
        st = mill_token_decode(request->page_token, call->arena, &search->offset, err);
    if (st == MILL_OK)
        st = mill_query_parse(MILL_QUERY_EXPERIMENTS, request->filter, request->order_by,
                              request->order_by_count, call->arena, plan, err);
    if (st != MILL_OK)
        return st;
    search->view_type = (enum mill_view_type)request->view_type;
    search->limit = request->max_results;
    search->plan = plan;
    return mill_store_search_experiments(call->store, search, call->arena, page, err);
}

enum mill_status mill_read_search_experiments(struct mill_call *call, struct mill_error *err)
{
    struct mill_search_experiments_response *response = call->response;
    struct mill_experiment_search search = {0};
    struct mill_experiment_page page = {0};
    struct mill_plan plan;
    enum mill_status st = search_experiments(call, &plan, &search, &page, err);
    if (st != MILL_OK)
        return st;
    response->experiments = page.experiments;
    response->experiments_count = page.count;
    return mill_call_next_token(call, page.more, search.offset, page.count,
                                &response->next_page_token, err);
}

/* Clients before 2.0 know no pages: they get what fits on the largest one. */
enum mill_status mill_read_list_experiments(struct mill_call *call, struct mill_error *err)
{
    const struct mill_list_experiments_request *request = call->request;
    struct mill_list_experiments_response *response = call->response;
    struct mill_experiment_page page = {0};
    struct mill_plan plan;
    enum mill_status st = mill_query_parse(MILL_QUERY_EXPERIMENTS, (struct mill_view){0}, NULL,
                                           0, call->arena, &plan, err);
    if (st != MILL_OK)
        return st;
    const struct mill_experiment_search search = {.view_type =
                                                      (enum mill_view_type)request->view_type,
                                                  .plan = &plan,
                                                  .limit = MILL_MAX_SEARCH_RESULTS};
    st = mill_store_search_experiments(call->store, &search, call->arena, &page, err);
    if (st != MILL_OK)
        return st;
    response->experiments = page.experiments;
    response->experiments_count = page.count;
    return MILL_OK;
}

static enum mill_status search_runs(struct mill_call *call, struct mill_plan *plan,
                                    struct mill_run_search *search, struct mill_error *err)
{
    const struct mill_search_runs_request *request = call->request;
    enum mill_status st = check_limit(request->max_results, err);
    if (st == MILL_OK)
        st = mill_token_decode(request->page_token, call->arena, &search->offset, err);
    if (st == MILL_OK)
        st = mill_query_parse(MILL_QUERY_RUNS, request->filter, request->order_by,
                              request->order_by_count, call->arena, plan, err);
    if (st != MILL_OK || request->experiment_ids_count == 0)
        return st;
    search->experiment_ids = request->experiment_ids;
    search->experiment_count = request->experiment_ids_count;
    search->view_type = (enum mill_view_type)request->run_view_type;
    search->limit = request->max_results;
    search->plan = plan;
    search->lean = true;
    return mill_store_search_runs(call->store, search, &call->page, err);
}

/* --- pages of many items ----------------------------------------------------------------- */

/* A piece of an answer is sent when it is this large. */
#define PIECE_BYTES (60 * 1024)

struct items_source {
    struct mill_body_source base;
    const char *name;
    const struct mill_message *message;
    const void *const *items; /* NULL: the runs of page */
    size_t count;
    size_t at; /* the next item */
    struct mill_view token;
    struct mill_run_page page;
    struct mill_run_scratch scratch; /* for the run at hand */
    struct mill_held held;
};

static const void *item_at(struct items_source *s, size_t index)
{
    return s->items != NULL ? s->items[index]
                            : mill_run_page_read(&s->page, index, &s->scratch);
}

static enum mill_status next_items(struct mill_body_source *source, struct mill_buf *out,
                                   bool *end_out, struct mill_error *err)
{
    struct items_source *s = (struct items_source *)source;
    while (s->at < s->count && out->len < PIECE_BYTES) {
        const void *item = item_at(s, s->at);
        if (item == NULL)
            return mill_no_memory(err);
        if (s->at == 0)
            mill_buf_printf(out, "{\"%s\":[", s->name);
        else
            mill_buf_add_char(out, ',');
        mill_encode(out, s->message, item);
        s->at++;
    }
    if (s->at < s->count)
        return MILL_OK;
    mill_buf_add_char(out, ']');
    if (s->token.ptr != NULL) {
        mill_buf_add_view(out, MILL_VIEW(",\"next_page_token\":"));
        mill_buf_add_json_string(out, s->token);
    }
    mill_buf_add_char(out, '}');
    *end_out = true;
    return MILL_OK;
}

static void close_items(struct mill_body_source *source)
{
    struct items_source *s = (struct items_source *)source;
    mill_run_scratch_release(&s->scratch);
    mill_run_page_release(&s->page);
    mill_held_release(&s->held);
}

enum mill_status mill_call_stream(struct mill_call *call, const char *name,
                                  const struct mill_message *message, const void *const *items,
                                  size_t count, struct mill_view token, struct mill_error *err)
{
    struct items_source *source = mill_arena_zero(call->arena, 1, sizeof(*source));
    if (source == NULL)
        return mill_no_memory(err);
    *source = (struct items_source){
        .base = {.next = next_items, .close = close_items, .length = MILL_ABSENT},
        .name = name,
        .message = message,
        .items = items,
        .count = count,
        .token = token,
        .page = call->page,
        .held = call->held};
    call->page = (struct mill_run_page){0};
    call->held = (struct mill_held){0};
    call->source = &source->base;
    return MILL_OK;
}

enum mill_status mill_read_search_runs(struct mill_call *call, struct mill_error *err)
{
    struct mill_search_runs_response *response = call->response;
    struct mill_run_search search = {0};
    struct mill_plan plan;
    enum mill_status st = search_runs(call, &plan, &search, err);
    if (st == MILL_OK)
        st = mill_call_next_token(call, call->page.more, search.offset, call->page.count,
                                  &response->next_page_token, err);
    if (st != MILL_OK)
        return st;
    if (call->page.count > MILL_ITEMS_AS_A_WHOLE)
        return mill_call_stream(call, "runs", &mill_run_message, NULL, call->page.count,
                                response->next_page_token, err);
    st = mill_run_page_unpack(&call->page, err);
    if (st != MILL_OK)
        return st;
    response->runs = call->page.runs;
    response->runs_count = call->page.count;
    return MILL_OK;
}
