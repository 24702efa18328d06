/* sqlite_webhooks.c - webhooks and what waits for them, read from the SQLite store. */
#include "store/sqlite.h"

/* Deliveries that one call gives out; the others are due at once again. */
#define MAX_DUE 256

static struct mill_view copy(struct mill_arena *arena, struct mill_view text, bool *oom)
{
    struct mill_view result = mill_arena_copy(arena, text);
    if (text.ptr != NULL && result.ptr == NULL)
        *oom = true;
    return result;
}

enum mill_status mill_sqlite_webhook(sqlite3_stmt *stmt, struct mill_arena *arena,
                                     struct mill_webhook *out, struct mill_error *err)
{
    bool oom = false;
    struct mill_webhook webhook = {
        .webhook_id = copy(arena, mill_db_text(stmt, 1), &oom),
        .name = copy(arena, mill_db_text(stmt, 2), &oom),
        .description = copy(arena, mill_db_text(stmt, 3), &oom),
        .url = copy(arena, mill_db_text(stmt, 4), &oom),
        .events = (uint32_t)sqlite3_column_int64(stmt, 5),
        .status = (enum mill_webhook_status)sqlite3_column_int(stmt, 6),
        .creation_time = sqlite3_column_int64(stmt, 7),
        .last_update_time = sqlite3_column_int64(stmt, 8),
        .secret = copy(arena, mill_db_blob(stmt, 9), &oom),
    };
    if (oom)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for a webhook");
    *out = webhook;
    return MILL_OK;
}

enum mill_status mill_sqlite_get_webhook(struct mill_store *store, struct mill_view webhook_id,
                                         struct mill_arena *arena, struct mill_webhook *out,
                                         struct mill_error *err)
{
    struct sqlite_store *s = (struct sqlite_store *)store;
    struct db *db;
    enum mill_status st = mill_sqlite_reader(s, &db, err);
    if (st != MILL_OK)
        return st;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_WEBHOOK_GET, "t", webhook_id);
    if (mill_db_step(db, stmt, &st, err)) {
        st = mill_sqlite_webhook(stmt, arena, out, err);
        mill_db_done(stmt);
    } else if (st == MILL_OK) {
        st = mill_fail(err, MILL_E_NOT_FOUND, "there is no webhook '%.*s'",
                       MILL_FMT(mill_utf8_prefix(webhook_id, 64)));
    }
    mill_sqlite_reader_done(s, db);
    return st;
}

enum mill_status mill_sqlite_list_webhooks(struct mill_store *store, uint32_t events,
                                           int64_t offset, int64_t limit,
                                           struct mill_arena *arena,
                                           struct mill_webhook_page *out,
                                           struct mill_error *err)
{
    struct sqlite_store *s = (struct sqlite_store *)store;
    struct mill_webhook *list = mill_arena_zero(arena, (size_t)limit, sizeof(*list));
    struct mill_webhook_page page = {.webhooks = list};
    struct db *db;
    if (list == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for webhooks");
    enum mill_status st = mill_sqlite_reader(s, &db, err);
    if (st != MILL_OK)
        return st;
    sqlite3_stmt *stmt =
        mill_db_query(db, SQL_WEBHOOK_LIST, "iii", (int64_t)events, limit + 1, offset);
    while (st == MILL_OK && mill_db_step(db, stmt, &st, err)) {
        page.more = page.count == (size_t)limit;
        if (!page.more)
            st = mill_sqlite_webhook(stmt, arena, &list[page.count++], err);
    }
    mill_db_done(stmt);
    mill_sqlite_reader_done(s, db);
    if (st == MILL_OK)
        *out = page;
    return st;
}

/* The delivery of the current row of SQL_DELIVERY_HEADS. */
static bool read_delivery(sqlite3_stmt *stmt, struct mill_arena *arena,
                          struct mill_webhook_delivery *out)
{
    bool oom = false;
    *out = (struct mill_webhook_delivery){
        .id = sqlite3_column_int64(stmt, 1),
        .delivery_id = copy(arena, mill_db_text(stmt, 2), &oom),
        .event = (enum mill_event)sqlite3_column_int(stmt, 3),
        .created_ms = sqlite3_column_int64(stmt, 4),
        .attempts = sqlite3_column_int64(stmt, 5),
        .data = copy(arena, mill_db_text(stmt, 6), &oom),
        .webhook_id = copy(arena, mill_db_text(stmt, 7), &oom),
        .url = copy(arena, mill_db_text(stmt, 8), &oom),
        .secret = copy(arena, mill_db_blob(stmt, 9), &oom),
    };
    return !oom;
}

enum mill_status mill_sqlite_due_deliveries(struct mill_store *store, int64_t now_ms,
                                            struct mill_arena *arena,
                                            struct mill_due_deliveries *out,
                                            struct mill_error *err)
{
    struct sqlite_store *s = (struct sqlite_store *)store;
    struct mill_webhook_delivery *list = mill_arena_zero(arena, MAX_DUE, sizeof(*list));
    struct mill_due_deliveries due = {.deliveries = list, .next_ms = MILL_ABSENT};
    struct db *db;
    if (list == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for deliveries");
    enum mill_status st = mill_sqlite_reader(s, &db, err);
    if (st != MILL_OK)
        return st;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_DELIVERY_HEADS, "");
    while (st == MILL_OK && mill_db_step(db, stmt, &st, err)) {
        int64_t next = sqlite3_column_int64(stmt, 0);
        if (next > now_ms || due.count == MAX_DUE) { /* by time: the first one that waits */
            due.next_ms = next;
            break;
        }
        if (!read_delivery(stmt, arena, &list[due.count++]))
            st = mill_fail(err, MILL_E_NOMEM, "out of memory for deliveries");
    }
    mill_db_done(stmt);
    mill_sqlite_reader_done(s, db);
    if (st == MILL_OK)
        *out = due;
    return st;
}

void mill_sqlite_watch_deliveries(struct mill_store *store, mill_deliveries_fn *fn,
                                  void *context)
{
    struct sqlite_store *s = (struct sqlite_store *)store;
    mill_turn_take(&s->write_lock);
    s->deliveries_fn = fn;
    s->deliveries_context = context;
    mill_turn_give(&s->write_lock);
}
