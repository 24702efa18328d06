/* memory_webhooks.c - see memory_webhooks.h. */
#include "store/memory_webhooks.h"

#include <assert.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/view.h"
#include "model/event.h"
#include "model/limits.h"

/* The text of an event, which all its deliveries share. */
struct told {
    size_t users;
    struct mill_buf text;
};

/* An event that waits for one webhook. */
struct waiting {
    struct waiting *next;
    struct told *told;
    struct mill_webhook_delivery delivery; /* its data is that of told */
    int64_t next_ms;
    char delivery_id[37];
};

struct memory_webhook {
    struct mill_arena arena; /* of value */
    struct mill_webhook value;
    struct waiting *first, **end;
    int64_t waiting;
};

static void free_told(struct told *told)
{
    if (told == NULL)
        return;
    mill_buf_release(&told->text);
    mill_free(told);
}

static void free_waiting(struct waiting *item)
{
    if (item->told != NULL && --item->told->users == 0)
        free_told(item->told);
    mill_free(item);
}

static void drop_waiting(struct memory_webhook *w)
{
    while (w->first != NULL) {
        struct waiting *next = w->first->next;
        free_waiting(w->first);
        w->first = next;
    }
    w->end = &w->first;
    w->waiting = 0;
}

static void free_webhook(struct memory_webhook *w)
{
    drop_waiting(w);
    mill_arena_release(&w->arena);
    mill_free(w);
}

void mill_memory_webhooks_release(struct memory_webhooks *all)
{
    for (size_t i = 0; i < all->count; i++)
        free_webhook(all->list[i]);
    mill_free(all->list);
    *all = (struct memory_webhooks){0};
}

/* False when out of memory. */
static bool copy_webhook(struct mill_arena *arena, const struct mill_webhook *from,
                         struct mill_webhook *out)
{
    struct mill_view *texts[] = {&out->webhook_id, &out->name, &out->description, &out->url,
                                 &out->secret};
    *out = *from;
    for (size_t i = 0; i < MILL_COUNT(texts); i++) {
        struct mill_view text = *texts[i];
        *texts[i] = mill_arena_copy(arena, text);
        if (text.ptr != NULL && texts[i]->ptr == NULL)
            return false;
    }
    return true;
}

/* Gives a webhook a new value; what it points to may be the old one's. */
static enum mill_status set_value(struct memory_webhook *w, const struct mill_webhook *value,
                                  struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_webhook copy;
    if (!copy_webhook(&arena, value, &copy)) {
        mill_arena_release(&arena);
        return mill_no_memory(err);
    }
    mill_arena_release(&w->arena);
    w->arena = arena;
    w->value = copy;
    return MILL_OK;
}

static enum mill_status find(const struct memory_webhooks *all, struct mill_view webhook_id,
                             size_t *at_out, struct mill_error *err)
{
    for (size_t i = 0; i < all->count; i++) {
        if (mill_view_eq(all->list[i]->value.webhook_id, webhook_id)) {
            *at_out = i;
            return MILL_OK;
        }
    }
    return mill_fail(err, MILL_E_NOT_FOUND, "there is no webhook '%.*s'",
                     MILL_FMT(mill_utf8_prefix(webhook_id, 64)));
}

static enum mill_status give(const struct memory_webhook *w, struct mill_outcome *outcome,
                             struct mill_error *err)
{
    struct mill_webhook *copy = mill_arena_zero(outcome->arena, 1, sizeof(*copy));
    struct mill_webhook shown = w->value;
    shown.secret = (struct mill_view){NULL, 0};
    if (copy == NULL || !copy_webhook(outcome->arena, &shown, copy))
        return mill_no_memory(err);
    outcome->webhook = copy;
    return MILL_OK;
}

static enum mill_status create(struct memory_webhooks *all, const struct mill_change *change,
                               struct mill_outcome *outcome, struct mill_error *err)
{
    struct mill_webhook value = change->as.webhook;
    if (all->count >= MILL_MAX_WEBHOOKS)
        return mill_fail(err, MILL_E_BAD_REQUEST,
                         "there are %d webhooks, as many as there may be; delete one first",
                         MILL_MAX_WEBHOOKS);
    struct memory_webhook **list =
        mill_realloc(all->list, (all->count + 1) * sizeof(struct memory_webhook *));
    struct memory_webhook *w = mill_alloc_zero(1, sizeof(*w));
    if (list != NULL)
        all->list = list;
    value.creation_time = change->now_ms;
    value.last_update_time = change->now_ms;
    enum mill_status st =
        list != NULL && w != NULL ? set_value(w, &value, err) : mill_no_memory(err);
    if (st == MILL_OK)
        st = give(w, outcome, err);
    if (st != MILL_OK) {
        if (w != NULL)
            free_webhook(w);
        return st;
    }
    w->end = &w->first;
    all->list[all->count++] = w;
    return MILL_OK;
}

static enum mill_status update(struct memory_webhooks *all, const struct mill_change *change,
                               struct mill_outcome *outcome, struct mill_error *err)
{
    const struct mill_webhook *given = &change->as.webhook;
    size_t at;
    enum mill_status st = find(all, given->webhook_id, &at, err);
    if (st != MILL_OK)
        return st;
    struct memory_webhook *w = all->list[at];
    struct mill_webhook value = w->value;
    if (given->name.ptr != NULL)
        value.name = given->name;
    if (given->description.ptr != NULL)
        value.description = given->description;
    if (given->url.ptr != NULL)
        value.url = given->url;
    if (given->secret.ptr != NULL)
        value.secret = given->secret;
    if (given->events != 0)
        value.events = given->events;
    if (given->status != 0)
        value.status = given->status;
    value.last_update_time = change->now_ms;
    st = set_value(w, &value, err);
    if (st == MILL_OK && value.status == MILL_WEBHOOK_DISABLED)
        drop_waiting(w);
    return st == MILL_OK ? give(w, outcome, err) : st;
}

static enum mill_status remove_webhook(struct memory_webhooks *all,
                                       const struct mill_change *change, struct mill_error *err)
{
    size_t at;
    enum mill_status st = find(all, change->as.webhook.webhook_id, &at, err);
    if (st != MILL_OK)
        return st;
    free_webhook(all->list[at]);
    memmove(&all->list[at], &all->list[at + 1],
            (all->count - at - 1) * sizeof(struct memory_webhook *));
    all->count--;
    return MILL_OK;
}

/* Deliveries of a webhook end in order: the first one is nearly always meant. */
static bool settle_at(struct memory_webhook *w, const struct mill_settled *settled)
{
    for (struct waiting **at = &w->first; *at != NULL; at = &(*at)->next) {
        struct waiting *item = *at;
        if (item->delivery.id != settled->id)
            continue;
        item->delivery.attempts = settled->attempts;
        item->next_ms = settled->next_ms;
        if (settled->next_ms == MILL_ABSENT) {
            *at = item->next;
            if (w->end == &item->next)
                w->end = at;
            w->waiting--;
            free_waiting(item);
        }
        return true;
    }
    return false;
}

static void settle(struct memory_webhooks *all, const struct mill_change *change)
{
    for (size_t i = 0; i < change->as.settle.count; i++)
        for (size_t j = 0; j < all->count; j++)
            if (settle_at(all->list[j], &change->as.settle.items[i]))
                break;
}

enum mill_status mill_memory_change_webhook(struct memory_webhooks *all,
                                            const struct mill_change *change,
                                            struct mill_outcome *outcome,
                                            struct mill_error *err)
{
    if (change->kind == MILL_CHANGE_CREATE_WEBHOOK)
        return create(all, change, outcome, err);
    if (change->kind == MILL_CHANGE_UPDATE_WEBHOOK)
        return update(all, change, outcome, err);
    if (change->kind == MILL_CHANGE_DELETE_WEBHOOK)
        return remove_webhook(all, change, err);
    settle(all, change);
    return MILL_OK;
}

/* --- events ------------------------------------------------------------------------------- */

/* What nobody wanted in the end. */
static void drop_reserved(struct memory_webhooks *all)
{
    while (all->spare != NULL) {
        struct waiting *next = all->spare->next;
        free_waiting(all->spare);
        all->spare = next;
    }
    if (all->reserved != NULL && all->reserved->users == 0)
        free_told(all->reserved);
    all->reserved = NULL;
}

enum mill_status mill_memory_reserve_event(struct memory_webhooks *all,
                                           const struct mill_change *change,
                                           const struct mill_run_info *run,
                                           struct mill_error *err)
{
    size_t room = all->count > 0 ? mill_event_room(change, run) : 0;
    if (room == 0)
        return MILL_OK;
    all->reserved = mill_alloc_zero(1, sizeof(*all->reserved));
    bool fits = all->reserved != NULL && mill_buf_reserve(&all->reserved->text, room);
    for (size_t i = 0; fits && i < all->count; i++) {
        if (all->list[i]->value.status != MILL_WEBHOOK_ACTIVE)
            continue;
        struct waiting *item = mill_alloc_zero(1, sizeof(*item));
        fits = item != NULL;
        if (fits) {
            item->next = all->spare;
            all->spare = item;
        }
    }
    if (!fits) {
        drop_reserved(all);
        return mill_no_memory(err);
    }
    return MILL_OK;
}

/* Room was for the worst; what waits should not keep it. */
static void trim(struct mill_buf *text)
{
    char *smaller = mill_realloc(text->ptr, text->len);
    if (smaller != NULL) {
        text->ptr = smaller;
        text->cap = text->len;
    }
}

static void add_waiting(struct memory_webhooks *all, struct memory_webhook *w,
                        enum mill_event event, int64_t now_ms)
{
    char hex[33];
    if (w->waiting >= MILL_MAX_WAITING_DELIVERIES) {
        mill_log(MILL_LOG_WARN, "a %s.%s event is lost to a webhook for which %d wait already",
                 mill_event_info(event)->entity, mill_event_info(event)->action,
                 MILL_MAX_WAITING_DELIVERIES);
        return;
    }
    struct waiting *item = all->spare;
    all->spare = item->next;
    item->next = NULL;
    item->told = all->reserved;
    item->told->users++;
    mill_random_hex32(hex);
    mill_uuid_of(hex, item->delivery_id);
    item->delivery = (struct mill_webhook_delivery){
        .id = ++all->last_delivery,
        .event = event,
        .created_ms = now_ms,
        .data = mill_buf_view(&item->told->text),
        .delivery_id = mill_view_of(item->delivery_id),
    };
    item->next_ms = now_ms;
    *w->end = item;
    w->end = &item->next;
    w->waiting++;
    all->added = true;
}

void mill_memory_event(struct memory_webhooks *all, const struct mill_change *change,
                       const struct mill_outcome *outcome)
{
    enum mill_event event;
    if (all->reserved != NULL && outcome->status == MILL_OK &&
        mill_event_of(change, outcome, &event)) {
        mill_event_write(&all->reserved->text, change, outcome);
        assert(!all->reserved->text.failed); /* mill_event_room is never too little */
        trim(&all->reserved->text);
        for (size_t i = 0; i < all->count; i++) {
            struct memory_webhook *w = all->list[i];
            if (w->value.status == MILL_WEBHOOK_ACTIVE &&
                (w->value.events & MILL_EVENT_BIT(event)) != 0)
                add_waiting(all, w, event, change->now_ms);
        }
    }
    drop_reserved(all);
}

/* --- reads -------------------------------------------------------------------------------- */

enum mill_status mill_memory_get_webhook(const struct memory_webhooks *all,
                                         struct mill_view webhook_id, struct mill_arena *arena,
                                         struct mill_webhook *out, struct mill_error *err)
{
    size_t at;
    struct mill_webhook copy;
    enum mill_status st = find(all, webhook_id, &at, err);
    if (st != MILL_OK)
        return st;
    if (!copy_webhook(arena, &all->list[at]->value, &copy))
        return mill_no_memory(err);
    *out = copy;
    return MILL_OK;
}

enum mill_status mill_memory_list_webhooks(const struct memory_webhooks *all, uint32_t events,
                                           int64_t offset, int64_t limit,
                                           struct mill_arena *arena,
                                           struct mill_webhook_page *out,
                                           struct mill_error *err)
{
    struct mill_webhook *list = mill_arena_zero(arena, all->count + 1, sizeof(*list));
    struct mill_webhook_page page = {.webhooks = list};
    int64_t seen = 0;
    if (list == NULL)
        return mill_no_memory(err);
    for (size_t i = all->count; i-- > 0 && !page.more;) {
        const struct mill_webhook *webhook = &all->list[i]->value;
        if ((webhook->events & events) == 0 || seen++ < offset)
            continue;
        page.more = page.count == (size_t)limit;
        if (!page.more && !copy_webhook(arena, webhook, &list[page.count++]))
            return mill_no_memory(err);
    }
    *out = page;
    return MILL_OK;
}

/* Copies the first event of a webhook, with where it goes. */
static bool copy_delivery(struct mill_arena *arena, const struct memory_webhook *w,
                          struct mill_webhook_delivery *out)
{
    struct mill_view *texts[] = {&out->delivery_id, &out->data, &out->webhook_id, &out->url,
                                 &out->secret};
    *out = w->first->delivery;
    out->webhook_id = w->value.webhook_id;
    out->url = w->value.url;
    out->secret = w->value.secret;
    for (size_t i = 0; i < MILL_COUNT(texts); i++) {
        struct mill_view text = *texts[i];
        *texts[i] = mill_arena_copy(arena, text);
        if (text.ptr != NULL && texts[i]->ptr == NULL)
            return false;
    }
    return true;
}

enum mill_status mill_memory_due_deliveries(const struct memory_webhooks *all, int64_t now_ms,
                                            struct mill_arena *arena,
                                            struct mill_due_deliveries *out,
                                            struct mill_error *err)
{
    struct mill_webhook_delivery *list = mill_arena_zero(arena, all->count + 1, sizeof(*list));
    struct mill_due_deliveries due = {.deliveries = list, .next_ms = MILL_ABSENT};
    if (list == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < all->count; i++) {
        const struct memory_webhook *w = all->list[i];
        if (w->first == NULL)
            continue;
        if (w->first->next_ms > now_ms) {
            if (due.next_ms == MILL_ABSENT || w->first->next_ms < due.next_ms)
                due.next_ms = w->first->next_ms;
        } else if (!copy_delivery(arena, w, &list[due.count++])) {
            return mill_no_memory(err);
        }
    }
    *out = due;
    return MILL_OK;
}
