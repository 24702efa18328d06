/* conformance_webhooks.c - what store.h promises about webhooks and the events that wait for
 * them, for every store that keeps them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/view.h"
#include "conformance.h"
#include "model/limits.h"
#include "store/store.h"

#define RUN_TEXT "0123456789abcdef0123456789abcdef"

static const char *store_scheme, *store_directory;

struct fixture {
    char uri[200];
    struct mill_store *store;
    struct mill_arena arena;
    int told; /* calls of the watcher */
};

static void count_call(void *context)
{
    ((struct fixture *)context)->told++;
}

static void open_store(struct fixture *f)
{
    struct mill_store_options options = {.synchronous = 2};
    struct mill_error err = {""};
    if (mill_store_open(mill_view_of(f->uri), &options, &f->store, &err) != MILL_OK)
        fail_msg("cannot open %s: %s", f->uri, err.message);
    assert_true(mill_store_watch_deliveries(f->store, count_call, f));
}

static int set_up(void **state)
{
    static int next;
    struct fixture *f = calloc(1, sizeof(*f));
    *state = f;
    snprintf(f->uri, sizeof(f->uri), "%s%s/hooks-%d.db", store_scheme, store_directory, next++);
    open_store(f);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    mill_store_close(f->store);
    mill_arena_release(&f->arena);
    free(f);
    return 0;
}

static struct mill_outcome apply(struct fixture *f, struct mill_change *change)
{
    struct mill_error err = {""};
    struct mill_pending pending = {.change = change, .outcome.arena = &f->arena};
    struct mill_pending *list[] = {&pending};
    pending.outcome.status = mill_change_check(change, &f->arena, &err);
    if (pending.outcome.status == MILL_OK)
        assert_int_equal(mill_store_apply(f->store, list, 1, &err), MILL_OK);
    return pending.outcome;
}

static struct mill_view id_of(int number)
{
    static char texts[16][37];
    snprintf(texts[number], sizeof(texts[0]), "00000000-0000-4000-8000-00000000000%x",
             (unsigned)number);
    return (struct mill_view){texts[number], 36};
}

static const struct mill_webhook *create(struct fixture *f, int number, uint32_t events,
                                         int64_t now_ms)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_WEBHOOK,
        .now_ms = now_ms,
        .as.webhook = {.webhook_id = id_of(number),
                       .name = MILL_VIEW("a.hook"),
                       .url = MILL_VIEW("https://h/x"),
                       .events = events,
                       .secret = MILL_VIEW("\0sealed")},
    };
    struct mill_outcome outcome = apply(f, &change);
    assert_int_equal(outcome.status, MILL_OK);
    return outcome.webhook;
}

static enum mill_status update(struct fixture *f, int number, struct mill_webhook given)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_UPDATE_WEBHOOK, .now_ms = 5000, .as.webhook = given};
    change.as.webhook.webhook_id = id_of(number);
    return apply(f, &change).status;
}

static enum mill_status delete_webhook(struct fixture *f, int number)
{
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_WEBHOOK,
                                 .as.webhook.webhook_id = id_of(number)};
    return apply(f, &change).status;
}

static struct mill_webhook get(struct fixture *f, int number)
{
    struct mill_webhook webhook;
    struct mill_error err;
    assert_int_equal(mill_store_get_webhook(f->store, id_of(number), &f->arena, &webhook, &err),
                     MILL_OK);
    return webhook;
}

static void begin_run(struct fixture *f)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_RUN,
        .now_ms = 1,
        .as.create_run = {.run_id = MILL_VIEW(RUN_TEXT), .run_name = MILL_VIEW("a \"run\"")},
    };
    assert_int_equal(apply(f, &change).status, MILL_OK);
}

static void end_run(struct fixture *f, enum mill_run_status status, int64_t now_ms)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_UPDATE_RUN,
        .now_ms = now_ms,
        .as.update_run = {MILL_VIEW(RUN_TEXT), status, now_ms, {NULL, 0}},
    };
    assert_int_equal(apply(f, &change).status, MILL_OK);
}

static struct mill_due_deliveries due(struct fixture *f, int64_t now_ms)
{
    struct mill_due_deliveries result;
    struct mill_error err;
    assert_int_equal(mill_store_due_deliveries(f->store, now_ms, &f->arena, &result, &err),
                     MILL_OK);
    return result;
}

static void settle(struct fixture *f, const struct mill_webhook_delivery *delivery,
                   int64_t attempts, int64_t next_ms)
{
    struct mill_settled item = {delivery->id, delivery->delivery_id, attempts, next_ms};
    struct mill_change change = {.kind = MILL_CHANGE_SETTLE_DELIVERIES,
                                 .as.settle = {&item, 1}};
    assert_int_equal(apply(f, &change).status, MILL_OK);
}

/* A store in memory cannot be opened again. */
static void reopen(struct fixture *f)
{
    if (mill_view_starts(mill_view_of(f->uri), MILL_VIEW("memory:")))
        return;
    mill_store_close(f->store);
    open_store(f);
}

static bool same(struct mill_view a, const char *b)
{
    return mill_view_eq(a, mill_view_of(b));
}

/* --- webhooks --- */

static void a_webhook_is_kept(void **state)
{
    struct fixture *f = *state;
    uint32_t events = MILL_EVENT_BIT(MILL_EVENT_MODEL_CREATED) | MILL_EVENTS_OF_RUNS;
    const struct mill_webhook *made = create(f, 1, events, 1000);
    assert_true(same(made->name, "a.hook"));
    assert_int_equal(made->status, MILL_WEBHOOK_ACTIVE);
    assert_int_equal(made->creation_time, 1000);
    assert_null(made->secret.ptr);
    reopen(f);
    struct mill_webhook webhook = get(f, 1);
    assert_true(mill_view_eq(webhook.webhook_id, id_of(1)));
    assert_true(same(webhook.url, "https://h/x"));
    assert_null(webhook.description.ptr);
    assert_int_equal(webhook.events, events);
    assert_int_equal(webhook.last_update_time, 1000);
    assert_true(mill_view_eq(webhook.secret, MILL_VIEW("\0sealed")));
    assert_int_equal(mill_store_get_webhook(f->store, id_of(2), &f->arena, &webhook, NULL),
                     MILL_E_NOT_FOUND);
}

static void an_update_changes_what_is_given(void **state)
{
    struct fixture *f = *state;
    struct mill_webhook nothing = {.events = 0};
    create(f, 1, 1, 1000);
    assert_int_equal(update(f, 1, nothing), MILL_OK);
    struct mill_webhook webhook = get(f, 1);
    assert_true(same(webhook.name, "a.hook"));
    assert_int_equal(webhook.events, 1);
    assert_int_equal(webhook.creation_time, 1000);
    assert_int_equal(webhook.last_update_time, 5000);
    assert_true(mill_view_eq(webhook.secret, MILL_VIEW("\0sealed")));

    struct mill_webhook all = {.name = MILL_VIEW("n"),
                               .description = MILL_VIEW("d"),
                               .url = MILL_VIEW("u"),
                               .events = 6,
                               .status = MILL_WEBHOOK_DISABLED,
                               .secret = MILL_VIEW("")};
    assert_int_equal(update(f, 1, all), MILL_OK);
    reopen(f);
    webhook = get(f, 1);
    assert_true(same(webhook.name, "n") && same(webhook.description, "d") &&
                same(webhook.url, "u"));
    assert_int_equal(webhook.events, 6);
    assert_int_equal(webhook.status, MILL_WEBHOOK_DISABLED);
    assert_int_equal(webhook.secret.len, 0);
    assert_int_equal(update(f, 2, all), MILL_E_NOT_FOUND);
}

static void a_deleted_webhook_is_gone(void **state)
{
    struct fixture *f = *state;
    struct mill_webhook webhook;
    create(f, 1, 1, 1000);
    create(f, 2, 1, 1000);
    assert_int_equal(delete_webhook(f, 1), MILL_OK);
    assert_int_equal(delete_webhook(f, 1), MILL_E_NOT_FOUND);
    reopen(f);
    assert_int_equal(mill_store_get_webhook(f->store, id_of(1), &f->arena, &webhook, NULL),
                     MILL_E_NOT_FOUND);
    get(f, 2);
}

static void webhooks_are_listed_newest_first(void **state)
{
    struct fixture *f = *state;
    struct mill_webhook_page page;
    for (int i = 0; i < 5; i++)
        create(f, i, 1, 1000 + i);
    assert_int_equal(
        mill_store_list_webhooks(f->store, UINT32_MAX, 0, 2, &f->arena, &page, NULL), MILL_OK);
    assert_int_equal(page.count, 2);
    assert_true(page.more);
    assert_true(mill_view_eq(page.webhooks[0].webhook_id, id_of(4)));
    assert_true(mill_view_eq(page.webhooks[1].webhook_id, id_of(3)));
    assert_int_equal(
        mill_store_list_webhooks(f->store, UINT32_MAX, 4, 2, &f->arena, &page, NULL), MILL_OK);
    assert_int_equal(page.count, 1);
    assert_false(page.more);
    assert_true(mill_view_eq(page.webhooks[0].webhook_id, id_of(0)));
    assert_int_equal(
        mill_store_list_webhooks(f->store, UINT32_MAX, 9, 2, &f->arena, &page, NULL), MILL_OK);
    assert_int_equal(page.count, 0);
    create(f, 5, MILL_EVENTS_OF_RUNS, 2000);
    assert_int_equal(
        mill_store_list_webhooks(f->store, ~MILL_EVENTS_OF_RUNS, 1, 4, &f->arena, &page, NULL),
        MILL_OK);
    assert_int_equal(page.count, 4);
    assert_false(page.more);
    assert_true(mill_view_eq(page.webhooks[0].webhook_id, id_of(3)));
    assert_int_equal(
        mill_store_list_webhooks(f->store, UINT32_MAX, 0, 0, &f->arena, &page, NULL),
        MILL_E_INVALID);
}

static void what_is_wrong_is_refused(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"",   "-a", "a-", "a b", "ä",
                                        "a/", ".",  "_",  "a\n", "a.a."};
    struct mill_webhook webhook = {
        .webhook_id = id_of(1), .name = MILL_VIEW("a"), .url = MILL_VIEW("u"), .events = 1};
    struct mill_change change = {.kind = MILL_CHANGE_CREATE_WEBHOOK, .as.webhook = webhook};
    char long_name[65];
    memset(long_name, 'a', sizeof(long_name));
    for (size_t i = 0; i < MILL_COUNT(names); i++) {
        change.as.webhook.name = mill_view_of(names[i]);
        if (apply(f, &change).status != MILL_E_INVALID)
            fail_msg("'%s' is a name", names[i]);
    }
    change.as.webhook.name = (struct mill_view){long_name, 64};
    assert_int_equal(apply(f, &change).status, MILL_E_INVALID);
    change.as.webhook.name.len = 63;
    assert_int_equal(apply(f, &change).status, MILL_OK);
    change.as.webhook = webhook;
    change.as.webhook.events = 0;
    assert_int_equal(apply(f, &change).status, MILL_E_INVALID);
    change.as.webhook = webhook;
    change.as.webhook.url.ptr = NULL;
    assert_int_equal(apply(f, &change).status, MILL_E_INVALID);
    change.as.webhook = webhook;
    change.as.webhook.status = 3;
    assert_int_equal(apply(f, &change).status, MILL_E_INVALID);
}

static void there_may_be_so_many(void **state)
{
    struct fixture *f = *state;
    char text[37];
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_WEBHOOK,
        .as.webhook = {.name = MILL_VIEW("a"), .url = MILL_VIEW("u"), .events = 1}};
    for (int i = 0; i < MILL_MAX_WEBHOOKS; i++) {
        snprintf(text, sizeof(text), "%d", i);
        change.as.webhook.webhook_id = mill_view_of(text);
        assert_int_equal(apply(f, &change).status, MILL_OK);
    }
    change.as.webhook.webhook_id = MILL_VIEW("one more");
    assert_int_equal(apply(f, &change).status, MILL_E_BAD_REQUEST);
}

/* --- events --- */

static void events_wait_for_those_who_want_them(void **state)
{
    struct fixture *f = *state;
    create(f, 1, MILL_EVENT_BIT(MILL_EVENT_RUN_FINISHED), 1000);
    create(f, 2, MILL_EVENT_BIT(MILL_EVENT_RUN_FAILED), 1000);
    create(f, 3, MILL_EVENTS_OF_RUNS, 1000);
    create(f, 4, MILL_EVENTS_OF_RUNS, 1000);
    assert_int_equal(update(f, 4, (struct mill_webhook){.status = MILL_WEBHOOK_DISABLED}),
                     MILL_OK);
    begin_run(f);
    assert_int_equal(f->told, 0);
    end_run(f, MILL_RUN_FINISHED, 2000);
    assert_int_equal(f->told, 1);
    end_run(f, MILL_RUN_FINISHED, 3000); /* nothing new */
    assert_int_equal(f->told, 1);
    reopen(f);

    assert_int_equal(due(f, 1999).count, 0);
    assert_int_equal(due(f, 1999).next_ms, 2000);
    struct mill_due_deliveries now = due(f, 2000);
    assert_int_equal(now.count, 2);
    assert_int_equal(now.next_ms, MILL_ABSENT);
    for (size_t i = 0; i < now.count; i++) {
        const struct mill_webhook_delivery *d = &now.deliveries[i];
        assert_true(mill_view_eq(d->webhook_id, id_of(1)) ||
                    mill_view_eq(d->webhook_id, id_of(3)));
        assert_int_equal(d->event, MILL_EVENT_RUN_FINISHED);
        assert_int_equal(d->created_ms, 2000);
        assert_int_equal(d->attempts, 0);
        assert_int_equal(d->delivery_id.len, 36);
        assert_true(same(d->url, "https://h/x"));
        assert_true(mill_view_eq(d->secret, MILL_VIEW("\0sealed")));
        assert_string_equal(d->data.ptr,
                            "{\"run_id\": \"" RUN_TEXT "\", \"run_name\": \"a \\\"run\\\"\", "
                            "\"experiment_id\": \"0\", \"status\": \"FINISHED\", "
                            "\"start_time\": 0, \"end_time\": 2000, \"user_id\": \"\"}");
    }
    assert_false(mill_view_eq(now.deliveries[0].delivery_id, now.deliveries[1].delivery_id));
}

static void a_webhook_gets_its_events_in_order(void **state)
{
    struct fixture *f = *state;
    create(f, 1, MILL_EVENTS_OF_RUNS, 1000);
    begin_run(f);
    end_run(f, MILL_RUN_FINISHED, 2000);
    end_run(f, MILL_RUN_RUNNING, 2001);
    end_run(f, MILL_RUN_FAILED, 2002);
    end_run(f, MILL_RUN_KILLED, 2003);
    struct mill_due_deliveries now = due(f, 3000);
    assert_int_equal(now.count, 1);
    assert_int_equal(now.deliveries[0].event, MILL_EVENT_RUN_FINISHED);

    /* While the first is tried again, the others wait. */
    settle(f, &now.deliveries[0], 1, 9000);
    reopen(f);
    assert_int_equal(due(f, 8999).count, 0);
    assert_int_equal(due(f, 8999).next_ms, 9000);
    struct mill_due_deliveries again = due(f, 9000);
    assert_int_equal(again.deliveries[0].attempts, 1);
    assert_true(mill_view_eq(again.deliveries[0].delivery_id, now.deliveries[0].delivery_id));

    settle(f, &again.deliveries[0], 2, MILL_ABSENT);
    settle(f, &again.deliveries[0], 3, MILL_ABSENT); /* gone: passed over */
    now = due(f, 9000);
    assert_int_equal(now.deliveries[0].event, MILL_EVENT_RUN_FAILED);
    settle(f, &now.deliveries[0], 1, MILL_ABSENT);
    now = due(f, 9000);
    assert_int_equal(now.deliveries[0].event, MILL_EVENT_RUN_KILLED);
    settle(f, &now.deliveries[0], 1, MILL_ABSENT);
    assert_int_equal(due(f, 9000).count, 0);
    assert_int_equal(due(f, 9000).next_ms, MILL_ABSENT);
}

static void what_waits_goes_with_its_webhook(void **state)
{
    struct fixture *f = *state;
    create(f, 1, MILL_EVENTS_OF_RUNS, 1000);
    create(f, 2, MILL_EVENTS_OF_RUNS, 1000);
    begin_run(f);
    end_run(f, MILL_RUN_FINISHED, 2000);
    assert_int_equal(due(f, 2000).count, 2);
    assert_int_equal(delete_webhook(f, 1), MILL_OK);
    assert_int_equal(due(f, 2000).count, 1);
    assert_int_equal(update(f, 2, (struct mill_webhook){.status = MILL_WEBHOOK_DISABLED}),
                     MILL_OK);
    assert_int_equal(update(f, 2, (struct mill_webhook){.status = MILL_WEBHOOK_ACTIVE}),
                     MILL_OK);
    assert_int_equal(due(f, 2000).count, 0);
}

static void a_refused_change_is_no_event(void **state)
{
    struct fixture *f = *state;
    struct mill_change gone = {.kind = MILL_CHANGE_DELETE_RUN,
                               .as.run.run_id = MILL_VIEW(RUN_TEXT)};
    struct mill_change end = {
        .kind = MILL_CHANGE_UPDATE_RUN,
        .as.update_run = {MILL_VIEW(RUN_TEXT), MILL_RUN_FAILED, MILL_ABSENT, {NULL, 0}}};
    create(f, 1, MILL_EVENTS_OF_RUNS, 1000);
    begin_run(f);
    assert_int_equal(apply(f, &gone).status, MILL_OK);
    assert_int_equal(apply(f, &end).status, MILL_E_INVALID);
    assert_int_equal(due(f, 9000).count, 0);
    assert_int_equal(f->told, 0);
}

/* Too many for one webhook are lost; when one was delivered there is room again. */
static void so_many_events_may_wait(void **state)
{
    struct fixture *f = *state;
    enum mill_run_status ends[] = {MILL_RUN_FAILED, MILL_RUN_KILLED};
    create(f, 1, MILL_EVENTS_OF_RUNS, 1000);
    begin_run(f);
    for (int i = 0; i < MILL_MAX_WAITING_DELIVERIES; i++)
        end_run(f, ends[i % 2], 2000 + i);
    int told = f->told;
    end_run(f, MILL_RUN_FINISHED, 1000000);
    assert_int_equal(f->told, told);
    struct mill_due_deliveries now = due(f, 1000000);
    settle(f, &now.deliveries[0], 1, MILL_ABSENT);
    end_run(f, MILL_RUN_FAILED, 1000001);
    assert_int_equal(f->told, told + 1);
}

int conformance_webhooks_run(const char *name, const char *scheme, const char *directory)
{
#define T(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(a_webhook_is_kept),
        T(an_update_changes_what_is_given),
        T(a_deleted_webhook_is_gone),
        T(webhooks_are_listed_newest_first),
        T(what_is_wrong_is_refused),
        T(there_may_be_so_many),
        T(events_wait_for_those_who_want_them),
        T(a_webhook_gets_its_events_in_order),
        T(what_waits_goes_with_its_webhook),
        T(a_refused_change_is_no_event),
        T(so_many_events_may_wait),
    };
#undef T
    store_scheme = scheme;
    store_directory = directory;
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
