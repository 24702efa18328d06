/* test_threads.c - the stores and the writer under several threads at once: every write whose
 * outcome was given is seen by the next read, while SQLite merges and makes checkpoints. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/view.h"
#include "store/writer.h"

enum { THREADS = 4, ROUNDS = 150, OTHER_RUNS = 100 };

static char directory[] = "/tmp/millstream-threads-XXXXXX";
static struct mill_store *store;
static struct mill_writer *writer;
static atomic_int failures;

/* A write that somebody waits for. */
struct waiting {
    struct mill_write write;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool done;
};

static void done(struct mill_write *list, void *context)
{
    (void)context;
    while (list != NULL) {
        struct mill_write *next = list->next;
        struct waiting *w = list->context;
        pthread_mutex_lock(&w->lock);
        w->done = true;
        pthread_cond_signal(&w->wake);
        pthread_mutex_unlock(&w->lock);
        list = next;
    }
}

/* The outcome is in w->write.pending. */
static enum mill_status apply_waiting(struct waiting *w, struct mill_change *change,
                                      struct mill_arena *arena)
{
    w->write.context = w;
    change->now_ms = 1;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wake, NULL);
    if (mill_change_check(change, arena, NULL) != MILL_OK ||
        !mill_writer_submit(writer, &w->write, 1))
        return MILL_E_INTERNAL;
    pthread_mutex_lock(&w->lock);
    while (!w->done)
        pthread_cond_wait(&w->wake, &w->lock);
    pthread_mutex_unlock(&w->lock);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->wake);
    return w->write.pending.outcome.status;
}

static enum mill_status apply(struct mill_change *change, struct mill_arena *arena)
{
    struct waiting w = {.write = {.pending = {.change = change, .outcome.arena = arena}}};
    return apply_waiting(&w, change, arena);
}

static void expect(bool true_is_good, const char *what)
{
    if (!true_is_good) {
        atomic_fetch_add(&failures, 1);
        fprintf(stderr, "not so: %s\n", what);
    }
}

static size_t count_history(struct mill_view run_id, struct mill_view key)
{
    struct mill_history *h;
    struct mill_point points[64];
    size_t n, total = 0;
    if (mill_store_history_open(store, run_id, key, 0, &h, NULL) != MILL_OK)
        return 0;
    while (mill_history_next(h, points, 64, &n, NULL) == MILL_OK && n != 0)
        total += n;
    mill_history_close(h);
    return total;
}

/* The latest value of metric m of a run, through get_run. */
static double latest(struct mill_view run_id)
{
    struct mill_run_page page = {0};
    double value = -1;
    if (mill_store_get_run(store, run_id, &page, NULL) == MILL_OK &&
        page.runs[0]->metric_count == 1)
        value = page.runs[0]->metrics[0].value;
    mill_run_page_release(&page);
    return value;
}

/* Whether a search for m >= value finds the run. */
static bool found(struct mill_view run_id, double value)
{
    struct mill_arena arena = {0};
    struct mill_plan plan;
    struct mill_run_page page = {0};
    int64_t experiment = 0;
    char filter[60];
    bool there = false;
    snprintf(filter, sizeof(filter), "metrics.m >= %g", value);
    if (mill_query_parse(MILL_QUERY_RUNS, mill_view_of(filter), NULL, 0, &arena, &plan, NULL) !=
        MILL_OK)
        return false;
    struct mill_run_search search = {.experiment_ids = &experiment,
                                     .experiment_count = 1,
                                     .view_type = MILL_VIEW_ALL,
                                     .plan = &plan,
                                     .limit = 1000};
    if (mill_store_search_runs(store, &search, &page, NULL) == MILL_OK)
        for (size_t i = 0; i < page.count; i++)
            there = there || mill_view_eq(page.runs[i]->info.run_id, run_id);
    mill_run_page_release(&page);
    mill_arena_release(&arena);
    return there;
}

static void *one_client(void *context)
{
    char id[33];
    memset(id, *(char *)context, 32);
    struct mill_view run_id = {id, 32};
    struct mill_arena arena = {0};
    struct mill_change create = {.kind = MILL_CHANGE_CREATE_RUN,
                                 .as.create_run = {.run_id = run_id, .start_time = 1}};
    expect(apply(&create, &arena) == MILL_OK, "run created");
    for (int i = 1; i <= ROUNDS; i++) {
        struct mill_metric metric = {MILL_VIEW("m"), i, i, i, NULL};
        struct mill_change log = {
            .kind = MILL_CHANGE_LOG,
            .as.log = {.run_id = run_id, .metrics = &metric, .metric_count = 1}};
        expect(apply(&log, &arena) == MILL_OK, "metric logged");
        expect(latest(run_id) >= i, "the latest value is the one just written");
        if (i % 5 == 0)
            expect(found(run_id, i), "search finds what was just written");
        if (i % 10 == 0)
            expect(count_history(run_id, MILL_VIEW("m")) == (size_t)i, "history is complete");
        mill_arena_reset(&arena, 4096);
    }
    mill_arena_release(&arena);
    return NULL;
}

/* Opens a store, with a writer, for one test. */
static void open_store(const char *scheme, const char *file)
{
    char uri[200];
    struct mill_error err = {""};
    struct mill_store_options options = {.synchronous = 2};
    snprintf(uri, sizeof(uri), "%s%s/%s", scheme, directory, file);
    if (mill_store_open(mill_view_of(uri), &options, &store, &err) != MILL_OK ||
        mill_writer_start(store, 0, done, NULL, &writer, &err) != MILL_OK)
        fail_msg("%s", err.message);
}

static void close_store(void)
{
    mill_writer_stop(writer);
    mill_store_close(store);
}

static void run_clients(void)
{
    char letters[THREADS];
    pthread_t threads[THREADS];
    /* So many that a tree is read by several threads. */
    for (int i = 0; i < OTHER_RUNS; i++) {
        struct mill_arena arena = {0};
        char id[33];
        snprintf(id, sizeof(id), "%032d", i);
        struct mill_change create = {
            .kind = MILL_CHANGE_CREATE_RUN,
            .as.create_run = {.run_id = mill_view_of(id), .start_time = 1}};
        assert_int_equal(apply(&create, &arena), MILL_OK);
        mill_arena_release(&arena);
    }
    for (int i = 0; i < THREADS; i++) {
        letters[i] = (char)('a' + i);
        assert_int_equal(pthread_create(&threads[i], NULL, one_client, &letters[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(failures, 0);
}

static void every_client_of_sqlite_reads_its_own_writes(void **state)
{
    (void)state;
    open_store("sqlite:///", "t.db");
    run_clients();
    close_store();
}

static void every_client_of_a_tree_reads_its_own_writes(void **state)
{
    (void)state;
    open_store("file:", "mlruns");
    run_clients();
    close_store();
}

/* Creates a number of runs, which repeat their name in a tag, in one commit. */
static void create_many(int first, int count)
{
    struct mill_arena arena = {0};
    struct mill_change *changes = calloc((size_t)count, sizeof(*changes));
    struct mill_pending *all = calloc((size_t)count, sizeof(*all));
    struct mill_pending **pending = calloc((size_t)count, sizeof(struct mill_pending *));
    for (int i = 0; i < count; i++) {
        changes[i] = (struct mill_change){
            .kind = MILL_CHANGE_CREATE_RUN,
            .now_ms = 1,
            .as.create_run = {.run_id = mill_arena_printf(&arena, "%032x", first + i),
                              .run_name = mill_arena_printf(&arena, "run %d", first + i),
                              .start_time = 1 + first + i}};
        assert_int_equal(mill_change_check(&changes[i], &arena, NULL), MILL_OK);
        all[i] = (struct mill_pending){.change = &changes[i], .outcome.arena = &arena};
        pending[i] = &all[i];
    }
    assert_int_equal(mill_store_apply(store, pending, (size_t)count, NULL), MILL_OK);
    free(changes);
    free(all);
    free(pending);
    mill_arena_release(&arena);
}

/* More runs than one thread loads at once: none is left out, and each has what is its own. */
static void many_runs_are_loaded_by_several_threads(void **state)
{
    enum { MANY = 6000, COMMIT = 1000 };
    struct mill_arena arena = {0};
    struct mill_plan plan;
    struct mill_run_page page = {0};
    int64_t experiment = 0;
    (void)state;
    open_store("sqlite:///", "many.db");
    for (int i = 0; i < MANY; i += COMMIT)
        create_many(i, COMMIT);
    close_store();
    open_store("sqlite:///", "many.db");
    assert_int_equal(
        mill_query_parse(MILL_QUERY_RUNS, MILL_VIEW(""), NULL, 0, &arena, &plan, NULL),
        MILL_OK);
    struct mill_run_search search = {.experiment_ids = &experiment,
                                     .experiment_count = 1,
                                     .view_type = MILL_VIEW_ALL,
                                     .plan = &plan,
                                     .limit = MANY + 1};
    assert_int_equal(mill_store_search_runs(store, &search, &page, NULL), MILL_OK);
    assert_int_equal(page.count, MANY);
    for (int i = 0; i < MANY; i++) { /* the newest comes first */
        const struct mill_run *run = page.runs[MANY - 1 - i];
        char id[33], name[20];
        snprintf(id, sizeof(id), "%032x", (unsigned)i);
        snprintf(name, sizeof(name), "run %d", i);
        assert_true(mill_view_eq(run->info.run_id, mill_view_of(id)));
        assert_true(mill_view_eq(run->info.run_name, mill_view_of(name)));
        assert_int_equal(run->tag_count, 1);
        assert_true(mill_view_eq(run->tags[0].value, run->info.run_name));
    }
    mill_run_page_release(&page);
    mill_arena_release(&arena);
    close_store();
}

/* Changes every run of its own from the newest on, a few steps ahead of those who load them. */
static void *one_changer(void *context)
{
    const int *mine = context;
    struct mill_arena arena = {0};
    for (int i = mine[0]; i >= 0; i -= THREADS * mine[1]) {
        struct mill_view run_id = mill_arena_printf(&arena, "%032x", (unsigned)i);
        double before = latest(run_id);
        struct mill_metric metric = {MILL_VIEW("m"), before + 1, 1, (int64_t)before + 2, NULL};
        struct mill_change log = {
            .kind = MILL_CHANGE_LOG,
            .as.log = {.run_id = run_id, .metrics = &metric, .metric_count = 1}};
        expect(apply(&log, &arena) == MILL_OK, "metric logged");
        expect(latest(run_id) == before + 1, "what was loaded ahead is not old");
    }
    mill_arena_release(&arena);
    return NULL;
}

/* The newest runs are loaded while they change, while others search, and while the store is
 * closed.
 */
static void loading_ahead_is_noticed_by_nobody(void **state)
{
    enum { MANY = 3000, ROUNDS_OF_IT = 6 };
    pthread_t threads[THREADS];
    int starts[THREADS][2];
    (void)state;
    open_store("sqlite:///", "warm.db");
    for (int i = 0; i < MANY; i += 1000)
        create_many(i, 1000);
    close_store();
    for (int round = 0; round < ROUNDS_OF_IT; round++) {
        open_store("sqlite:///", "warm.db");
        mill_store_warm(store);
        for (int i = 0; round != 0 && i < THREADS; i++) {
            starts[i][0] = MANY - 1 - i;
            starts[i][1] = 2 * round;
            assert_int_equal(pthread_create(&threads[i], NULL, one_changer, starts[i]), 0);
        }
        if (round % 2 == 1)
            expect(!found(MILL_VIEW("none"), 1e9), "a search beside it ends");
        for (int i = 0; round != 0 && i < THREADS; i++)
            pthread_join(threads[i], NULL);
        close_store();
    }
    assert_int_equal(failures, 0);
}

/* --- the model registry --- */

static size_t count_versions(const char *filter)
{
    struct mill_arena arena = {0};
    struct mill_plan plan;
    struct mill_version_page page = {0};
    struct mill_model_search search = {&plan, 0, 1000};
    size_t count = SIZE_MAX;
    if (mill_query_parse(MILL_QUERY_MODEL_VERSIONS, mill_view_of(filter), NULL, 0, &arena,
                         &plan, NULL) == MILL_OK &&
        mill_store_search_model_versions(store, &search, &page, NULL) == MILL_OK)
        count = page.count;
    mill_held_release(&page.held);
    mill_arena_release(&arena);
    return count;
}

static enum mill_status rename_model(const char *from, const char *to)
{
    struct mill_arena arena = {0};
    struct mill_change change = {
        .kind = MILL_CHANGE_RENAME_MODEL,
        .as.model = {.name = mill_view_of(from), .new_name = mill_view_of(to)}};
    enum mill_status st = apply(&change, &arena);
    mill_arena_release(&arena);
    return st;
}

static enum mill_status add_version(const char *name, const char *run_id, int64_t *version_out)
{
    struct mill_arena arena = {0};
    struct mill_change change = {.kind = MILL_CHANGE_CREATE_MODEL_VERSION,
                                 .as.model_version = {.name = mill_view_of(name),
                                                      .source = MILL_VIEW("s3://bucket/m"),
                                                      .run_id = mill_view_of(run_id)}};
    struct waiting w = {.write = {.pending = {.change = &change, .outcome.arena = &arena}}};
    enum mill_status st = apply_waiting(&w, &change, &arena);
    if (st == MILL_OK)
        *version_out = w.write.pending.outcome.model_version->version;
    mill_arena_release(&arena);
    return st;
}

/* Makes versions of a model that all share and of one that only this thread renames. */
static void *one_registrar(void *context)
{
    char letter = *(char *)context, names[2][20], run_id[20], filter[60];
    int64_t version, last = 0;
    snprintf(names[0], sizeof(names[0]), "own-%c-0", letter);
    snprintf(names[1], sizeof(names[1]), "own-%c-1", letter);
    snprintf(run_id, sizeof(run_id), "run-%c", letter);
    snprintf(filter, sizeof(filter), "name = 'shared' AND run_id = '%s'", run_id);
    struct mill_arena arena = {0};
    struct mill_change create = {.kind = MILL_CHANGE_CREATE_MODEL,
                                 .as.model.name = mill_view_of(names[0])};
    expect(apply(&create, &arena) == MILL_OK, "model created");
    for (int i = 1; i <= ROUNDS; i++) {
        expect(add_version("shared", run_id, &version) == MILL_OK, "shared version made");
        expect(version > last, "numbers grow");
        last = version;
        expect(count_versions(filter) == (size_t)i, "search finds the version just made");
        if (i % 10 != 0)
            continue;
        const char *now = names[(i / 10) % 2], *before = names[(i / 10 + 1) % 2];
        char own[60];
        expect(rename_model(before, now) == MILL_OK, "model renamed");
        expect(add_version(now, run_id, &version) == MILL_OK, "own version made");
        expect(version == i / 10, "own numbers have no gaps");
        snprintf(own, sizeof(own), "name LIKE 'own-%c-%%'", letter);
        expect(count_versions(own) == (size_t)version, "each version has one name");
    }
    mill_arena_release(&arena);
    return NULL;
}

static void versions_are_numbered_without_gaps(void **state)
{
    (void)state;
    char letters[THREADS];
    pthread_t threads[THREADS];
    struct mill_arena arena = {0};
    struct mill_change create = {.kind = MILL_CHANGE_CREATE_MODEL,
                                 .as.model.name = MILL_VIEW("shared")};
    open_store("sqlite:///", "models.db");
    assert_int_equal(apply(&create, &arena), MILL_OK);
    for (int i = 0; i < THREADS; i++) {
        letters[i] = (char)('a' + i);
        assert_int_equal(pthread_create(&threads[i], NULL, one_registrar, &letters[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(failures, 0);
    struct mill_registered_model model;
    assert_int_equal(mill_store_get_model(store, MILL_VIEW("shared"), &arena, &model, NULL),
                     MILL_OK);
    assert_int_equal(model.latest_versions[0].version, THREADS * ROUNDS);
    assert_int_equal(count_versions("name = 'shared'"), THREADS * ROUNDS);
    mill_arena_release(&arena);
    close_store();
}

int main(void)
{
    char command[100];
    if (mkdtemp(directory) == NULL)
        return 1;
    setenv("MILLSTREAM_TEST_MERGE_POINTS", "7", 1);
    setenv("MILLSTREAM_TEST_CHECKPOINT_PAGES", "20", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_client_of_sqlite_reads_its_own_writes),
        cmocka_unit_test(every_client_of_a_tree_reads_its_own_writes),
        cmocka_unit_test(many_runs_are_loaded_by_several_threads),
        cmocka_unit_test(loading_ahead_is_noticed_by_nobody),
        cmocka_unit_test(versions_are_numbered_without_gaps),
    };
    int failed = cmocka_run_group_tests_name("store threads", tests, NULL, NULL);
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command) != 0 || failed != 0;
}
