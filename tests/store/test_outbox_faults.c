/* test_outbox_faults.c - events when memory runs out at any allocation of a change: what was
 * applied is told of, what failed is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/view.h"
#include "store/store.h"

#define RUN "0123456789abcdef0123456789abcdef"

static char directory[] = "/tmp/millstream-outbox-XXXXXX";
static struct mill_store *store;

static enum mill_status apply(struct mill_change *change)
{
    struct mill_arena arena = {0};
    struct mill_pending pending = {.change = change, .outcome.arena = &arena};
    struct mill_pending *list[] = {&pending};
    change->now_ms = 1;
    enum mill_status st = mill_change_check(change, &arena, NULL);
    if (st == MILL_OK) {
        mill_store_apply(store, list, 1, NULL);
        st = pending.outcome.status;
    }
    mill_arena_release(&arena);
    return st;
}

static void must(struct mill_change change)
{
    assert_int_equal(apply(&change), MILL_OK);
}

/* Takes all events that wait out of the outbox; how many there were. */
static size_t take_events(void)
{
    size_t taken = 0;
    for (;;) {
        struct mill_arena arena = {0};
        struct mill_due_deliveries due = {0};
        assert_int_equal(mill_store_due_deliveries(store, 100, &arena, &due, NULL), MILL_OK);
        if (due.count > 0) {
            const struct mill_webhook_delivery *first = &due.deliveries[0];
            struct mill_settled settled = {first->id, first->delivery_id, 1, MILL_ABSENT};
            assert_memory_equal(first->data.ptr, "{\"", 2);
            assert_int_equal(first->data.ptr[first->data.len - 1], '}');
            must((struct mill_change){.kind = MILL_CHANGE_SETTLE_DELIVERIES,
                                      .as.settle = {&settled, 1}});
            taken++;
        }
        mill_arena_release(&arena);
        if (due.count == 0)
            return taken;
    }
}

static void begin(const char *scheme)
{
    char uri[200];
    struct mill_error err = {""};
    struct mill_store_options options = {.synchronous = 2};
    snprintf(uri, sizeof(uri), "%s%s/outbox.db", scheme, directory);
    if (mill_store_open(mill_view_of(uri), &options, &store, &err) != MILL_OK)
        fail_msg("cannot open %s: %s", uri, err.message);
    must((struct mill_change){
        .kind = MILL_CHANGE_CREATE_RUN,
        .as.create_run = {.run_id = MILL_VIEW(RUN), .run_name = MILL_VIEW("\x01\x02")}});
    for (char id = 'a'; id <= 'c'; id++)
        must((struct mill_change){.kind = MILL_CHANGE_CREATE_WEBHOOK,
                                  .as.webhook = {.webhook_id = {&id, 1},
                                                 .name = MILL_VIEW("hook"),
                                                 .url = MILL_VIEW("u"),
                                                 .events = (1u << MILL_EVENT_COUNT) - 1}});
}

/* What has events, each with texts that grow in JSON; and what makes room for the next time. */
static void told_in_full(const char *scheme)
{
    char text[1000];
    memset(text, 1, sizeof(text));
    const struct mill_view name = MILL_VIEW("model"), value = {text, sizeof(text)};
    struct mill_tag tags[] = {{MILL_VIEW("mlflow.prompt.is_prompt"), MILL_VIEW("true")},
                              {MILL_VIEW("mlflow.prompt.text"), value},
                              {MILL_VIEW("k"), value}};
    struct mill_change changes[] = {
        {.kind = MILL_CHANGE_UPDATE_RUN,
         .as.update_run = {MILL_VIEW(RUN), MILL_RUN_FAILED, 5, value}},
        {.kind = MILL_CHANGE_CREATE_MODEL,
         .as.model = {.name = name, .description = value, .tags = tags, .tag_count = 3}},
        {.kind = MILL_CHANGE_CREATE_MODEL_VERSION,
         .as.model_version = {.name = name,
                              .source = MILL_VIEW("s3://bucket/m"),
                              .description = value,
                              .tags = tags,
                              .tag_count = 3}},
        {.kind = MILL_CHANGE_SET_VERSION_TAG,
         .as.model_tag = {name, 1, MILL_VIEW("key"), value}},
        {.kind = MILL_CHANGE_SET_MODEL_TAG, .as.model_tag = {name, 0, MILL_VIEW("key"), value}},
        {.kind = MILL_CHANGE_SET_MODEL_ALIAS,
         .as.model_alias = {name, MILL_VIEW("champion"), 1}},
        {.kind = MILL_CHANGE_DELETE_MODEL_ALIAS,
         .as.model_alias = {.name = name, .alias = MILL_VIEW("champion")}},
        {.kind = MILL_CHANGE_DELETE_VERSION_TAG,
         .as.model_tag = {.name = name, .version = 1, .key = MILL_VIEW("key")}},
    };
    begin(scheme);
    for (size_t i = 0; i < MILL_COUNT(changes); i++) {
        enum mill_status st = MILL_E_NOMEM;
        for (long nth = 1; st != MILL_OK; nth++) {
            struct mill_change change = changes[i]; /* applying completes it */
            assert_true(nth < 500);
            mill_alloc_fail_after(nth);
            st = apply(&change);
            mill_alloc_fail_after(0);
            assert_true(st == MILL_OK || st == MILL_E_NOMEM);
            assert_int_equal(take_events(), st == MILL_OK ? 3 : 0);
        }
    }
    mill_store_close(store);
}

static void memory_tells_of_what_was_done(void **state)
{
    (void)state;
    told_in_full("memory:");
}

static void sqlite_tells_of_what_was_done(void **state)
{
    (void)state;
    told_in_full("sqlite:///");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_tells_of_what_was_done),
        cmocka_unit_test(sqlite_tells_of_what_was_done),
    };
    if (mkdtemp(directory) == NULL)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[100];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command) != 0 || failed != 0;
}
