/* handlers_webhooks.c - webhooks: made, read, changed, removed and tried. Events of runs, which
 * official clients do not know and would stumble over, are in a field of their own. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/view.h"
#include "model/limits.h"
#include "server/handlers.h"
#include "server/webhooks.h"
#include "wire/decode.h"
#include "wire/messages.h"
#include "wire/token.h"

/* Ends of runs by their names, and where they are in the enum. */
static const struct {
    const char *name;
    enum mill_event event;
} run_events[] = {
    {"FINISHED", MILL_EVENT_RUN_FINISHED},
    {"FAILED", MILL_EVENT_RUN_FAILED},
    {"KILLED", MILL_EVENT_RUN_KILLED},
};

static enum mill_status need_webhooks(const struct mill_call *call, struct mill_error *err)
{
    return call->webhooks != NULL ? MILL_OK
                                  : mill_fail(err, MILL_E_UNSUPPORTED,
                                              "this kind of store keeps no webhooks; use "
                                              "sqlite:///FILE");
}

/* --- in ----------------------------------------------------------------------------------- */

static enum mill_status read_event(const struct mill_webhook_event *event, enum mill_event *out,
                                   struct mill_error *err)
{
    if (mill_event_find(event->entity, event->action, out))
        return MILL_OK;
    return mill_fail(err, MILL_E_INVALID,
                     "events: there is no such action for this entity (numbers %d and %d)",
                     event->entity, event->action);
}

static enum mill_status read_run_event(struct mill_view name, enum mill_event *out,
                                       struct mill_error *err)
{
    for (size_t i = 0; i < MILL_COUNT(run_events); i++) {
        if (mill_view_eq_nocase(name, mill_view_of(run_events[i].name))) {
            *out = run_events[i].event;
            return MILL_OK;
        }
    }
    return mill_fail(err, MILL_E_INVALID,
                     "run_events: '%.*s' is unknown; use FINISHED, FAILED or KILLED",
                     MILL_FMT(mill_utf8_prefix(name, 40)));
}

/* Both lists as one set. */
static enum mill_status read_events(const struct mill_webhook_event *events, size_t count,
                                    const struct mill_view *names, size_t name_count,
                                    uint32_t *out, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    enum mill_event event;

    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        st = read_event(&events[i], &event, err);
        if (st == MILL_OK)
            *out |= MILL_EVENT_BIT(event);
    }
    for (size_t i = 0; st == MILL_OK && i < name_count; i++) {
        st = read_run_event(names[i], &event, err);
        if (st == MILL_OK)
            *out |= MILL_EVENT_BIT(event);
    }
    return st;
}

/* Seals a secret; an absent one stays absent, an empty one empty. */
static enum mill_status seal(struct mill_call *call, struct mill_view secret,
                             struct mill_webhook *webhook, struct mill_error *err)
{
    webhook->secret = secret;
    if (secret.len > MILL_MAX_WEBHOOK_SECRET_BYTES)
        return mill_fail(err, MILL_E_INVALID, "secret has %zu bytes; at most %d are allowed",
                         secret.len, MILL_MAX_WEBHOOK_SECRET_BYTES);
    if (secret.len == 0)
        return MILL_OK;
    return mill_webhook_seal(mill_webhooks_key(call->webhooks), webhook->webhook_id, secret,
                             call->arena, &webhook->secret, err);
}

/* Checks first what needs no network. */
static enum mill_status finish(struct mill_call *call, struct mill_change *change,
                               struct mill_view secret, struct mill_error *err)
{
    struct mill_webhook *webhook = &change->as.webhook;
    enum mill_status st = mill_change_check(change, call->arena, err);

    if (st == MILL_OK && webhook->url.ptr != NULL)
        st = mill_target_check(mill_webhooks_rules(call->webhooks), "url", webhook->url, err);
    return st == MILL_OK ? seal(call, secret, webhook, err) : st;
}

enum mill_status mill_change_create_webhook(struct mill_call *call, struct mill_change *change,
                                            struct mill_error *err)
{
    const struct mill_create_webhook_request *request = call->request;
    struct mill_webhook *webhook = &change->as.webhook;
    char hex[33], uuid[37];
    enum mill_status st = need_webhooks(call, err);

    if (st != MILL_OK)
        return st;
    change->kind = MILL_CHANGE_CREATE_WEBHOOK;
    mill_random_hex32(hex);
    mill_uuid_of(hex, uuid);
    webhook->webhook_id = mill_arena_copy(call->arena, mill_view_of(uuid));
    webhook->name = request->name;
    webhook->description = request->description;
    webhook->url = request->url;
    webhook->status = (enum mill_webhook_status)request->status;
    if (webhook->webhook_id.ptr == NULL)
        return mill_no_memory(err);
    st = read_events(request->events, request->events_count, request->run_events,
                     request->run_events_count, &webhook->events, err);
    return st == MILL_OK ? finish(call, change, request->secret, err) : st;
}

/* Each of the two lists that is given replaces its kind of events; the other kind stays. */
static enum mill_status changed_events(struct mill_call *call, struct mill_webhook *webhook,
                                       struct mill_error *err)
{
    const struct mill_update_webhook_request *request = call->request;
    struct mill_webhook old;
    enum mill_status st;

    if (request->events_count == 0 && request->run_events_count == 0)
        return MILL_OK;
    st = mill_store_get_webhook(call->store, webhook->webhook_id, call->arena, &old, err);
    if (st != MILL_OK)
        return st;
    if (request->events_count == 0)
        webhook->events |= old.events & ~MILL_EVENTS_OF_RUNS;
    if (request->run_events_count == 0)
        webhook->events |= old.events & MILL_EVENTS_OF_RUNS;
    return read_events(request->events, request->events_count, request->run_events,
                       request->run_events_count, &webhook->events, err);
}

static struct mill_view given(struct mill_view text)
{
    return text.len > 0 ? text : (struct mill_view){NULL, 0};
}

enum mill_status mill_change_update_webhook(struct mill_call *call, struct mill_change *change,
                                            struct mill_error *err)
{
    const struct mill_update_webhook_request *request = call->request;
    struct mill_webhook *webhook = &change->as.webhook;
    enum mill_status st = need_webhooks(call, err);

    if (st != MILL_OK)
        return st;
    change->kind = MILL_CHANGE_UPDATE_WEBHOOK;
    webhook->webhook_id = call->path_params[0];
    webhook->name = given(request->name);
    webhook->description = request->description;
    webhook->url = given(request->url);
    webhook->status = (enum mill_webhook_status)request->status;
    st = changed_events(call, webhook, err);
    return st == MILL_OK ? finish(call, change, request->secret, err) : st;
}

enum mill_status mill_change_delete_webhook(struct mill_call *call, struct mill_change *change,
                                            struct mill_error *err)
{
    (void)err;
    change->kind = MILL_CHANGE_DELETE_WEBHOOK;
    change->as.webhook.webhook_id = call->path_params[0];
    return MILL_OK;
}

/* --- out ---------------------------------------------------------------------------------- */

static enum mill_status show_events(struct mill_arena *arena, uint32_t events,
                                    struct mill_webhook_info *out, struct mill_error *err)
{
    struct mill_webhook_event *list = mill_arena_zero(arena, MILL_EVENT_COUNT, sizeof(*list));
    struct mill_view *names = mill_arena_zero(arena, MILL_COUNT(run_events), sizeof(*names));

    if (list == NULL || names == NULL)
        return mill_no_memory(err);
    out->events = list;
    out->run_events = names;
    for (int i = 0; i < MILL_EVENT_COUNT; i++) {
        const struct mill_event_info *info = mill_event_info((enum mill_event)i);

        if ((events & ~MILL_EVENTS_OF_RUNS & MILL_EVENT_BIT(i)) != 0)
            list[out->events_count++] =
                (struct mill_webhook_event){info->entity_number, info->action_number};
    }
    for (size_t i = 0; i < MILL_COUNT(run_events); i++)
        if ((events & MILL_EVENT_BIT(run_events[i].event)) != 0)
            names[out->run_events_count++] = mill_view_of(run_events[i].name);
    return MILL_OK;
}

static enum mill_status show(struct mill_arena *arena, const struct mill_webhook *webhook,
                             struct mill_webhook_info *out, struct mill_error *err)
{
    *out = (struct mill_webhook_info){
        .webhook_id = webhook->webhook_id,
        .name = webhook->name,
        .description = given(webhook->description),
        .url = webhook->url,
        .status = (int)webhook->status,
        .creation_timestamp = webhook->creation_time,
        .last_updated_timestamp = webhook->last_update_time,
    };
    return show_events(arena, webhook->events, out, err);
}

void mill_reply_webhook(struct mill_call *call, const struct mill_outcome *outcome)
{
    struct mill_webhook_response *response = call->response;
    struct mill_webhook_info *info = mill_arena_zero(call->arena, 1, sizeof(*info));

    /* Without memory the answer is {}; what was asked for is done. */
    if (info != NULL && show(call->arena, outcome->webhook, info, NULL) == MILL_OK)
        response->webhook = info;
}

enum mill_status mill_read_webhook(struct mill_call *call, struct mill_error *err)
{
    struct mill_webhook_response *response = call->response;
    struct mill_webhook_info *info = mill_arena_zero(call->arena, 1, sizeof(*info));
    struct mill_webhook webhook;
    enum mill_status st =
        mill_store_get_webhook(call->store, call->path_params[0], call->arena, &webhook, err);

    if (st == MILL_OK && info == NULL)
        st = mill_no_memory(err);
    if (st == MILL_OK)
        st = show(call->arena, &webhook, info, err);
    response->webhook = info;
    return st;
}

enum mill_status mill_read_webhooks(struct mill_call *call, struct mill_error *err)
{
    const struct mill_list_webhooks_request *request = call->request;
    struct mill_list_webhooks_response *response = call->response;
    uint32_t events = request->include_run_events ? UINT32_MAX : ~MILL_EVENTS_OF_RUNS;
    int64_t limit = request->max_results != 0 ? request->max_results : 100;
    struct mill_webhook_page page = {0};
    struct mill_webhook_info *list;
    int64_t offset = 0;
    enum mill_status st = mill_token_decode(request->page_token, call->arena, &offset, err);

    if (st == MILL_OK)
        st = mill_store_list_webhooks(call->store, events, offset, limit, call->arena, &page,
                                      err);
    if (st != MILL_OK)
        return st;
    list = mill_arena_zero(call->arena, page.count + 1, sizeof(*list));
    if (list == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; st == MILL_OK && i < page.count; i++)
        st = show(call->arena, &page.webhooks[i], &list[i], err);
    if (st == MILL_OK && page.more) {
        response->next_page_token =
            mill_token_encode(offset + (int64_t)page.count, call->arena);
        if (response->next_page_token.ptr == NULL)
            st = mill_no_memory(err);
    }
    response->webhooks = list;
    response->webhooks_count = page.count;
    return st;
}

/* --- test --------------------------------------------------------------------------------- */

/* The event that was asked for, or the first that the webhook wants. */
static enum mill_status choose_event(const struct mill_test_webhook_request *request,
                                     uint32_t wanted, enum mill_event *out,
                                     struct mill_error *err)
{
    int first = 0;

    if (request->event != NULL)
        return read_event(request->event, out, err);
    if (request->run_event.len > 0)
        return read_run_event(request->run_event, out, err);
    while (first < MILL_EVENT_COUNT - 1 && (wanted & MILL_EVENT_BIT(first)) == 0)
        first++;
    *out = (enum mill_event)first;
    return MILL_OK;
}

/* Other people's bytes in our JSON: as far as they are text. */
static struct mill_view readable(struct mill_view body)
{
    size_t good = body.len;

    while (good > 0 && body.len - good < 4 &&
           !mill_utf8_valid((struct mill_view){body.ptr, good}))
        good--; /* a character that was cut */
    body.len = good;
    return mill_utf8_valid(body) ? body : MILL_VIEW("(not text)");
}

enum mill_status mill_read_test_webhook(struct mill_call *call, struct mill_error *err)
{
    struct mill_test_webhook_response *response = call->response;
    struct mill_webhook_test_result *result = mill_arena_zero(call->arena, 1, sizeof(*result));
    struct mill_webhook_answer answer = {0};
    struct mill_webhook webhook;
    enum mill_event event;
    enum mill_status st = need_webhooks(call, err);

    if (st == MILL_OK)
        st = mill_store_get_webhook(call->store, call->path_params[0], call->arena, &webhook,
                                    err);
    if (st == MILL_OK)
        st = choose_event(call->request, webhook.events, &event, err);
    if (st == MILL_OK && result == NULL)
        st = mill_no_memory(err);
    if (st == MILL_OK)
        st = mill_webhooks_test(call->webhooks, &webhook, event, &answer, err);
    if (st != MILL_OK)
        return st;
    mill_message_init(&mill_webhook_test_result_message, result);
    result->success = answer.result == MILL_WEBHOOK_TAKEN;
    if (answer.http_status != 0) {
        result->response_status = answer.http_status;
        result->response_body =
            mill_arena_copy(call->arena, readable(mill_buf_view(&answer.body)));
    } else {
        result->error_message = mill_arena_copy(call->arena, mill_view_of(answer.why.message));
    }
    mill_buf_release(&answer.body);
    response->result = result;
    return MILL_OK;
}
