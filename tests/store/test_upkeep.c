/* test_upkeep.c - what the SQLite store does in the background: tails become segments when
 * they pile up or when it is quiet, late points find their place, the log is copied back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/view.h"
#include "store/store.h"

static char directory[] = "/tmp/millstream-upkeep-XXXXXX";
static const char run_text[] = "0123456789abcdef0123456789abcdef";
static char path[150];

static struct mill_store *open_store(const char *name)
{
    char uri[200];
    struct mill_store *store = NULL;
    struct mill_error err = {""};
    struct mill_store_options options = {.synchronous = 2};
    snprintf(path, sizeof(path), "%s/%s.db", directory, name);
    snprintf(uri, sizeof(uri), "sqlite:///%s", path);
    if (mill_store_open(mill_view_of(uri), &options, &store, &err) != MILL_OK)
        fail_msg("%s", err.message);
    return store;
}

static void apply(struct mill_store *store, struct mill_change *change)
{
    struct mill_arena arena = {0};
    struct mill_pending pending = {.change = change, .outcome.arena = &arena};
    struct mill_pending *list[] = {&pending};
    change->now_ms = 1;
    assert_int_equal(mill_change_check(change, &arena, NULL), MILL_OK);
    assert_int_equal(mill_store_apply(store, list, 1, NULL), MILL_OK);
    assert_int_equal(pending.outcome.status, MILL_OK);
    mill_arena_release(&arena);
}

static void create_run(struct mill_store *store)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_RUN,
        .as.create_run = {.run_id = MILL_VIEW(run_text), .start_time = 1}};
    apply(store, &change);
}

static void log_points(struct mill_store *store, int64_t first_step, size_t count)
{
    static struct mill_metric metrics[1000];
    for (size_t i = 0; i < count; i++)
        metrics[i] =
            (struct mill_metric){MILL_VIEW("m"), (double)first_step + (double)i,
                                 first_step + (int64_t)i + 5000, first_step + (int64_t)i, NULL};
    struct mill_change change = {
        .kind = MILL_CHANGE_LOG,
        .as.log = {.run_id = MILL_VIEW(run_text), .metrics = metrics, .metric_count = count}};
    apply(store, &change);
}

/* A number from the database, read beside the store. */
static int64_t ask(const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *stmt;
    int64_t value = -1;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return value;
}

/* Waits, minutes if need be, until a query gives a number. */
static void wait_until(const char *sql, int64_t value)
{
    for (int i = 0; i < 3000 && ask(sql) != value; i++)
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    assert_int_equal(ask(sql), value);
}

static void assert_history(struct mill_store *store, int64_t first_step, size_t count)
{
    struct mill_history *h;
    struct mill_point points[500];
    size_t n, seen = 0;
    assert_int_equal(
        mill_store_history_open(store, MILL_VIEW(run_text), MILL_VIEW("m"), 0, &h, NULL),
        MILL_OK);
    while (mill_history_next(h, points, 500, &n, NULL) == MILL_OK && n != 0)
        for (size_t i = 0; i < n; i++)
            assert_int_equal(points[i].step, first_step + (int64_t)seen++);
    assert_int_equal(seen, count);
    mill_history_close(h);
}

static void many_tails_become_few_segments(void **state)
{
    (void)state;
    struct mill_store *store = open_store("many");
    create_run(store);
    for (int64_t i = 0; i < 40; i++)
        log_points(store, i * 1000, 1000);
    wait_until("SELECT count(*) < 6 FROM tails", 1);
    assert_true(ask("SELECT count(*) FROM segments") <= 20);
    assert_int_equal(ask("SELECT sum(count) % 1000 FROM segments"), 0);
    assert_history(store, 0, 40000);
    assert_int_equal(ask("SELECT value = step FROM latest"), 1);
    mill_store_close(store);
}

static void a_quiet_store_merges_what_is_left(void **state)
{
    (void)state;
    struct mill_store *store = open_store("quiet");
    create_run(store);
    log_points(store, 0, 300);
    wait_until("SELECT count(*) FROM tails", 0);
    assert_int_equal(ask("SELECT count FROM segments"), 300);
    assert_history(store, 0, 300);
    log_points(store, 300, 300);
    wait_until("SELECT count(*) FROM tails", 0);
    assert_int_equal(ask("SELECT sum(count) FROM segments"), 600);
    assert_history(store, 0, 600);
    mill_store_close(store);
}

static void repeated_points_are_stored_once(void **state)
{
    (void)state;
    struct mill_store *store = open_store("repeated");
    create_run(store);
    for (int i = 0; i < 30; i++)
        log_points(store, 0, 1000);
    wait_until("SELECT count(*) < 6 FROM tails", 1);
    assert_history(store, 0, 1000);
    wait_until("SELECT count(*) FROM tails", 0);
    assert_int_equal(ask("SELECT sum(count) FROM segments"), 1000);
    mill_store_close(store);
}

static int64_t size_of(const char *suffix)
{
    char name[200];
    struct stat info;
    snprintf(name, sizeof(name), "%s%s", path, suffix);
    return stat(name, &info) == 0 ? (int64_t)info.st_size : -1;
}

static void the_log_is_copied_back_and_used_again(void **state)
{
    (void)state;
    struct mill_store *store = open_store("log");
    create_run(store);
    int64_t batches = 0;
    bool used_again = false;
    for (; batches < 1000; batches++)
        log_points(store, batches * 1000, 1000);
    for (int i = 0; i < 3000 && size_of("") < 8 << 20; i++)
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    assert_true(size_of("") >= 8 << 20); /* while the store is open */
    for (int round = 0; round < 1000 && !used_again; round++) {
        int64_t log_size = size_of("-wal");
        for (int64_t end = batches + 20; batches < end; batches++)
            log_points(store, batches * 1000, 1000);
        used_again = size_of("-wal") == log_size; /* written from its beginning */
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    assert_true(used_again);
    assert_history(store, 0, (size_t)batches * 1000);
    mill_store_close(store);
    assert_int_equal(size_of("-wal"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_tails_become_few_segments),
        cmocka_unit_test(a_quiet_store_merges_what_is_left),
        cmocka_unit_test(repeated_points_are_stored_once),
        cmocka_unit_test(the_log_is_copied_back_and_used_again),
    };
    if (mkdtemp(directory) == NULL)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[100];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command) != 0 || failed != 0;
}
