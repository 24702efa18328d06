/* sqlite_change_webhook.c - changes of webhooks, on the SQLite store, and the events of all
 * changes: stored in the transaction of the change itself, so that none is lost and none is
 * told of what did not happen. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "model/event.h"
#include "model/limits.h"
#include "store/sqlite_apply.h"

/* --- webhooks ----------------------------------------------------------------------------- */

/* Reads a webhook into the outcome; *id_out is its row. */
static enum mill_status read_webhook(struct applying *a, struct mill_view webhook_id,
                                     int64_t *id_out, struct mill_error *err)
{
    struct mill_arena *arena = a->outcome->arena;
    struct mill_webhook *webhook = mill_arena_zero(arena, 1, sizeof(*webhook));
    enum mill_status st = MILL_OK;
    if (webhook == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for a webhook");
    sqlite3_stmt *stmt = mill_db_query(a->db, SQL_WEBHOOK_GET, "t", webhook_id);
    if (!mill_db_step(a->db, stmt, &st, err))
        return st != MILL_OK ? st
                             : mill_fail(err, MILL_E_NOT_FOUND, "there is no webhook '%.*s'",
                                         MILL_FMT(mill_utf8_prefix(webhook_id, 64)));
    *id_out = sqlite3_column_int64(stmt, 0);
    st = mill_sqlite_webhook(stmt, arena, webhook, err);
    mill_db_done(stmt);
    webhook->secret = (struct mill_view){NULL, 0};
    a->outcome->webhook = webhook;
    return st;
}

static enum mill_status check_count(struct applying *a, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt = mill_db_query(a->db, SQL_WEBHOOK_COUNT, "");
    if (!mill_db_step(a->db, stmt, &st, err))
        return st;
    int64_t count = sqlite3_column_int64(stmt, 0);
    mill_db_done(stmt);
    if (count >= MILL_MAX_WEBHOOKS)
        return mill_fail(err, MILL_E_BAD_REQUEST,
                         "there are %d webhooks, as many as there may be; delete one first",
                         MILL_MAX_WEBHOOKS);
    return MILL_OK;
}

enum mill_status mill_apply_create_webhook(struct applying *a, struct mill_error *err)
{
    const struct mill_webhook *w = &a->change->as.webhook;
    int64_t id;
    enum mill_status st = check_count(a, err);
    if (st == MILL_OK)
        st = mill_db_run(a->db, err, SQL_WEBHOOK_INSERT, "ttttiiib", w->webhook_id, w->name,
                         w->description, w->url, (int64_t)w->events, (int64_t)w->status,
                         a->change->now_ms, w->secret);
    a->store->webhooks_known = false;
    return st == MILL_OK ? read_webhook(a, w->webhook_id, &id, err) : st;
}

enum mill_status mill_apply_update_webhook(struct applying *a, struct mill_error *err)
{
    const struct mill_webhook *w = &a->change->as.webhook;
    int64_t id = 0;
    enum mill_status st = read_webhook(a, w->webhook_id, &id, err);
    if (st != MILL_OK)
        return st;
    st = mill_db_run(a->db, err, SQL_WEBHOOK_UPDATE, "itttiiib", id, w->name, w->description,
                     w->url, (int64_t)w->events, (int64_t)w->status, a->change->now_ms,
                     w->secret);
    if (st == MILL_OK && w->status == MILL_WEBHOOK_DISABLED)
        st = mill_db_run(a->db, err, SQL_DELIVERY_DELETE_ALL, "i", id);
    a->store->webhooks_known = false;
    return st == MILL_OK ? read_webhook(a, w->webhook_id, &id, err) : st;
}

enum mill_status mill_apply_delete_webhook(struct applying *a, struct mill_error *err)
{
    int64_t id = 0;
    enum mill_status st = read_webhook(a, a->change->as.webhook.webhook_id, &id, err);
    if (st == MILL_OK)
        st = mill_db_run(a->db, err, SQL_DELIVERY_DELETE_ALL, "i", id);
    if (st == MILL_OK)
        st = mill_db_run(a->db, err, SQL_WEBHOOK_DELETE, "i", id);
    a->store->webhooks_known = false;
    return st;
}

/* --- events ------------------------------------------------------------------------------- */

static enum mill_status know_webhooks(struct sqlite_store *s, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    if (s->webhooks_known)
        return MILL_OK;
    if (s->webhooks == NULL)
        s->webhooks = mill_alloc(MILL_MAX_WEBHOOKS * sizeof(*s->webhooks));
    if (s->webhooks == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory to know the webhooks");
    s->webhook_count = 0;
    s->wanted_events = 0;
    sqlite3_stmt *stmt = mill_db_query(s->writer, SQL_WEBHOOK_ACTIVE, "");
    while (mill_db_step(s->writer, stmt, &st, err)) {
        struct known_webhook webhook = {sqlite3_column_int64(stmt, 0),
                                        (uint32_t)sqlite3_column_int64(stmt, 1),
                                        sqlite3_column_int64(stmt, 2)};
        s->wanted_events |= webhook.events;
        if (s->webhook_count < MILL_MAX_WEBHOOKS)
            s->webhooks[s->webhook_count++] = webhook;
    }
    s->webhooks_known = st == MILL_OK;
    return st;
}

bool mill_applying_wanted(struct applying *a, uint32_t events)
{
    return know_webhooks(a->store, NULL) != MILL_OK || (a->store->wanted_events & events) != 0;
}

static enum mill_status store_delivery(struct applying *a, struct known_webhook *webhook,
                                       enum mill_event event, struct mill_view data,
                                       struct mill_error *err)
{
    char hex[33], uuid[37];
    if (webhook->waiting >= MILL_MAX_WAITING_DELIVERIES) {
        mill_log(MILL_LOG_WARN, "a %s.%s event is lost to a webhook for which %d wait already",
                 mill_event_info(event)->entity, mill_event_info(event)->action,
                 MILL_MAX_WAITING_DELIVERIES);
        return MILL_OK;
    }
    mill_random_hex32(hex);
    mill_uuid_of(hex, uuid);
    webhook->waiting++;
    a->store->deliveries_added = true;
    return mill_db_run(a->db, err, SQL_DELIVERY_INSERT, "itiit", webhook->id,
                       mill_view_of(uuid), (int64_t)event, a->change->now_ms, data);
}

enum mill_status mill_applying_event(struct applying *a, struct mill_error *err)
{
    struct sqlite_store *s = a->store;
    enum mill_event event;
    struct mill_buf data = {0};
    if (!mill_event_of(a->change, a->outcome, &event))
        return MILL_OK;
    enum mill_status st = know_webhooks(s, err);
    if (st != MILL_OK || (s->wanted_events & MILL_EVENT_BIT(event)) == 0)
        return st;
    mill_event_write(&data, a->change, a->outcome);
    if (data.failed)
        st = mill_fail(err, MILL_E_NOMEM, "out of memory for an event");
    for (size_t i = 0; st == MILL_OK && i < s->webhook_count; i++)
        if ((s->webhooks[i].events & MILL_EVENT_BIT(event)) != 0)
            st = store_delivery(a, &s->webhooks[i], event, mill_buf_view(&data), err);
    mill_buf_release(&data);
    return st;
}

/* --- what became of them ------------------------------------------------------------------ */

static void count_down(struct sqlite_store *s, int64_t webhook)
{
    for (size_t i = 0; s->webhooks_known && i < s->webhook_count; i++)
        if (s->webhooks[i].id == webhook)
            s->webhooks[i].waiting--;
}

static enum mill_status end_delivery(struct applying *a, const struct mill_settled *settled,
                                     struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt =
        mill_db_query(a->db, SQL_DELIVERY_DELETE, "it", settled->id, settled->delivery_id);
    while (mill_db_step(a->db, stmt, &st, err))
        count_down(a->store, sqlite3_column_int64(stmt, 0));
    return st;
}

enum mill_status mill_apply_settle_deliveries(struct applying *a, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < a->change->as.settle.count; i++) {
        const struct mill_settled *settled = &a->change->as.settle.items[i];
        if (settled->next_ms == MILL_ABSENT)
            st = end_delivery(a, settled, err);
        else
            st = mill_db_run(a->db, err, SQL_DELIVERY_RETRY, "iiit", settled->attempts,
                             settled->next_ms, settled->id, settled->delivery_id);
    }
    return st;
}
