/* test_full_disk.c - SQLite's store when the disk is full: a write is refused, what was
 * acknowledged stays, in memory as on the disk, and the store works on once there is room. A
 * limit on the size of files stands for the disk. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/view.h"
#include "store/evaluation.h"
#include "store/store.h"

#define RUN         "0123456789abcdef0123456789abcdef"
#define VALUE_BYTES 4000
#define DISK_BYTES  1500000
#define MAX_WRITES  2000

static char directory[] = "/tmp/millstream-full-XXXXXX";
static struct mill_store *store;
static char filling[VALUE_BYTES];

static enum mill_status apply(struct mill_change change)
{
    struct mill_arena arena = {0};
    struct mill_pending pending = {.change = &change, .outcome.arena = &arena};
    struct mill_pending *list[] = {&pending};
    change.now_ms = 1;
    enum mill_status st = mill_change_check(&change, &arena, NULL);
    if (st == MILL_OK) {
        mill_store_apply(store, list, 1, NULL);
        st = pending.outcome.status;
    }
    mill_arena_release(&arena);
    return st;
}

static struct mill_view filled(void)
{
    return (struct mill_view){filling, sizeof(filling)};
}

/* --- what is written: the number-th thing of its kind, and how many are there ---------------
 */

static enum mill_status write_run_tag(int number)
{
    char key[20];
    snprintf(key, sizeof(key), "key%d", number);
    struct mill_tag tag = {mill_view_of(key), filled()};
    return apply((struct mill_change){
        .kind = MILL_CHANGE_LOG,
        .as.log = {.run_id = MILL_VIEW(RUN), .tags = &tag, .tag_count = 1}});
}

static size_t count_run_tags(void)
{
    struct mill_run_page page = {0};
    assert_int_equal(mill_store_get_run(store, MILL_VIEW(RUN), &page, NULL), MILL_OK);
    size_t count = page.runs[0]->tag_count;
    mill_run_page_release(&page);
    return count - 1; /* its name */
}

static enum mill_status write_version(int number)
{
    struct mill_tag tag = {MILL_VIEW("k"), filled()};
    (void)number;
    return apply((struct mill_change){.kind = MILL_CHANGE_CREATE_MODEL_VERSION,
                                      .as.model_version = {.name = MILL_VIEW("model"),
                                                           .source = MILL_VIEW("s3://b/m"),
                                                           .tags = &tag,
                                                           .tag_count = 1}});
}

/* The search answers from memory, the highest version comes from the database. */
static size_t count_versions(void)
{
    struct mill_arena arena = {0};
    struct mill_version_page page = {0};
    struct mill_model_version newest = {0};
    struct mill_plan all = {.subject = MILL_QUERY_MODEL_VERSIONS};
    struct mill_model_search search = {.plan = &all, .limit = MAX_WRITES};
    struct mill_version_ref latest = {MILL_VIEW("model"), 0, MILL_VIEW("latest")};
    assert_int_equal(mill_store_search_model_versions(store, &search, &page, NULL), MILL_OK);
    size_t count = page.count;
    mill_held_release(&page.held);
    if (count > 0) {
        assert_int_equal(
            mill_store_get_model_version(store, &latest, &arena, &newest, NULL, NULL), MILL_OK);
        assert_int_equal(newest.version, count);
    }
    mill_arena_release(&arena);
    return count;
}

static enum mill_status write_logged_model(int number)
{
    char id[40];
    snprintf(id, sizeof(id), "m-%032d", number);
    struct mill_param param = {MILL_VIEW("p"), filled()};
    return apply((struct mill_change){.kind = MILL_CHANGE_CREATE_LOGGED_MODEL,
                                      .as.create_logged_model = {.model_id = mill_view_of(id),
                                                                 .name = MILL_VIEW("net"),
                                                                 .params = &param,
                                                                 .param_count = 1}});
}

static size_t count_logged_models(void)
{
    static const int64_t experiment = 0;
    struct mill_arena arena = {0};
    struct mill_logged_model_page page = {0};
    struct mill_plan named;
    assert_int_equal(mill_query_parse(MILL_QUERY_LOGGED_MODELS, MILL_VIEW("name = 'net'"), NULL,
                                      0, &arena, &named, NULL),
                     MILL_OK);
    struct mill_logged_model_search search = {.experiment_ids = &experiment,
                                              .experiment_count = 1,
                                              .plan = &named,
                                              .limit = MAX_WRITES};
    assert_int_equal(mill_store_search_logged_models(store, &search, &arena, &page, NULL),
                     MILL_OK);
    size_t count = page.count;
    mill_arena_release(&arena);
    return count;
}

static enum mill_status write_trace(int number)
{
    char id[20];
    snprintf(id, sizeof(id), "tr-%d", number);
    struct mill_tag tag = {MILL_VIEW("k"), filled()};
    return apply((struct mill_change){.kind = MILL_CHANGE_START_TRACE,
                                      .as.trace = {.trace_id = mill_view_of(id),
                                                   .state = MILL_VIEW("OK"),
                                                   .tags = &tag,
                                                   .tag_count = 1}});
}

static size_t count_traces(void)
{
    static const int64_t experiment = 0;
    struct mill_arena arena = {0};
    struct mill_trace_page page = {0};
    struct mill_plan all = {.subject = MILL_QUERY_TRACES};
    struct mill_trace_search search = {&experiment, 1, &all, 0, MAX_WRITES};
    assert_int_equal(mill_store_search_traces(store, &search, &arena, &page, NULL), MILL_OK);
    size_t count = page.count;
    mill_arena_release(&arena);
    return count;
}

static enum mill_status write_eval_record(int number)
{
    char inputs[40];
    snprintf(inputs, sizeof(inputs), "{\"question\":%d}", number);
    struct mill_eval_record_row record = {
        .inputs = mill_view_of(inputs), .canonical = mill_view_of(inputs), .outputs = filled()};
    return apply((struct mill_change){.kind = MILL_CHANGE_ADD_EVAL_RECORDS,
                                      .as.eval_records = {.dataset_id = MILL_VIEW("d-1"),
                                                          .records = &record,
                                                          .record_count = 1}});
}

static size_t count_eval_records(void)
{
    struct mill_arena arena = {0};
    struct mill_eval_record_page page = {0};
    assert_int_equal(mill_store_list_eval_records(store, MILL_VIEW("d-1"), 0, MAX_WRITES,
                                                  &arena, &page, NULL),
                     MILL_OK);
    size_t count = page.count;
    mill_arena_release(&arena);
    return count;
}

/* Each change has an event with as much text as is in the tag. */
static enum mill_status write_event(int number)
{
    (void)number;
    return apply((struct mill_change){
        .kind = MILL_CHANGE_SET_VERSION_TAG,
        .as.model_tag = {MILL_VIEW("tagged"), 1, MILL_VIEW("k"), filled()}});
}

/* Takes them out of the outbox. */
static size_t count_events(void)
{
    for (size_t count = 0;; count++) {
        struct mill_arena arena = {0};
        struct mill_due_deliveries due = {0};
        assert_int_equal(mill_store_due_deliveries(store, 100, &arena, &due, NULL), MILL_OK);
        if (due.count > 0) {
            const struct mill_webhook_delivery *first = &due.deliveries[0];
            struct mill_settled settled = {first->id, first->delivery_id, 1, MILL_ABSENT};
            assert_int_equal(apply((struct mill_change){.kind = MILL_CHANGE_SETTLE_DELIVERIES,
                                                        .as.settle = {&settled, 1}}),
                             MILL_OK);
        }
        mill_arena_release(&arena);
        if (due.count == 0)
            return count;
    }
}

/* --- the test ----------------------------------------------------------------------------- */

static const struct kind {
    const char *name;
    enum mill_status (*write)(int number);
    size_t (*count)(void);
    bool counts_once; /* what was counted is gone */
} kinds[] = {
    {"tags of a run", write_run_tag, count_run_tags, false},
    {"versions", write_version, count_versions, false},
    {"logged models", write_logged_model, count_logged_models, false},
    {"traces", write_trace, count_traces, false},
    {"records", write_eval_record, count_eval_records, false},
    {"events", write_event, count_events, true},
};

static void open_store(const struct kind *kind)
{
    char uri[200];
    struct mill_error err = {""};
    struct mill_store_options options = {.synchronous = 2};
    snprintf(uri, sizeof(uri), "sqlite:///%s/%s.db", directory, kind->name);
    if (mill_store_open(mill_view_of(uri), &options, &store, &err) != MILL_OK)
        fail_msg("cannot open %s: %s", uri, err.message);
}

/* What the writes belong to. */
static void prepare(void)
{
    const struct mill_change changes[] = {
        {.kind = MILL_CHANGE_CREATE_RUN, .as.create_run = {.run_id = MILL_VIEW(RUN)}},
        {.kind = MILL_CHANGE_CREATE_MODEL, .as.model = {.name = MILL_VIEW("model")}},
        {.kind = MILL_CHANGE_CREATE_EVAL_DATASET,
         .as.eval_dataset = {.dataset_id = MILL_VIEW("d-1"), .name = MILL_VIEW("d")}},
    };
    for (size_t i = 0; i < MILL_COUNT(changes); i++)
        assert_int_equal(apply(changes[i]), MILL_OK);
}

/* A webhook for changes of tags, and the version whose tag changes. */
static void prepare_events(void)
{
    const struct mill_change changes[] = {
        {.kind = MILL_CHANGE_CREATE_MODEL, .as.model = {.name = MILL_VIEW("tagged")}},
        {.kind = MILL_CHANGE_CREATE_MODEL_VERSION,
         .as.model_version = {.name = MILL_VIEW("tagged"), .source = MILL_VIEW("s3://b/m")}},
        {.kind = MILL_CHANGE_CREATE_WEBHOOK,
         .as.webhook = {.webhook_id = MILL_VIEW("w"),
                        .name = MILL_VIEW("w"),
                        .url = MILL_VIEW("u"),
                        .events = MILL_EVENT_BIT(MILL_EVENT_VERSION_TAG_SET)}},
    };
    for (size_t i = 0; i < MILL_COUNT(changes); i++)
        assert_int_equal(apply(changes[i]), MILL_OK);
}

/* Writes until the disk is full; how many writes went well. */
static int fill_disk(const struct kind *kind)
{
    struct rlimit limit;
    int good = 0;
    enum mill_status st = MILL_OK;
    if (!kind->counts_once) /* from now on memory has to keep up */
        assert_int_equal(kind->count(), 0);
    getrlimit(RLIMIT_FSIZE, &limit);
    const struct rlimit small = {DISK_BYTES, limit.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    while (st == MILL_OK && good < MAX_WRITES) {
        st = kind->write(good);
        good += st == MILL_OK;
    }
    if (st != MILL_E_FULL && st != MILL_E_IO)
        fail_msg("%s: %s", kind->name, mill_status_get_info(st)->name);
    assert_true(good > 10);
    if (!kind->counts_once)
        assert_int_equal(kind->count(), good);
    setrlimit(RLIMIT_FSIZE, &limit);
    return good;
}

static void a_full_disk_refuses_and_recovers(void **state)
{
    const struct kind *kind = *state;
    open_store(kind);
    prepare();
    if (kind->write == write_event)
        prepare_events();
    int good = fill_disk(kind);
    assert_int_equal(kind->write(good), MILL_OK);
    mill_store_close(store);
    open_store(kind);
    assert_int_equal(kind->count(), good + 1);
    mill_store_close(store);
}

int main(void)
{
    struct CMUnitTest tests[MILL_COUNT(kinds)];
    memset(filling, 'x', sizeof(filling));
    signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; i < MILL_COUNT(kinds); i++)
        tests[i] = (struct CMUnitTest){.name = kinds[i].name,
                                       .test_func = a_full_disk_refuses_and_recovers,
                                       .initial_state = (void *)(uintptr_t)&kinds[i]};
    if (mkdtemp(directory) == NULL)
        return 1;
    int failed = _cmocka_run_group_tests("full disk", tests, MILL_COUNT(tests), NULL, NULL);
    char command[100];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command) != 0 || failed != 0;
}
