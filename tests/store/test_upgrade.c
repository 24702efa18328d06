/* test_upgrade.c - a database of an earlier version: brought up to date after a copy was made,
 * left alone when it is only read or when the copy fails. schema_v1.sql is one as version 1
 * left it, with a run in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/view.h"
#include "store/schema.h"
#include "store/store.h"

#define RUN MILL_VIEW("72262ad1fa6d49b3a8d501a21446b49d")

static char directory[] = "/tmp/millstream-upgrade-XXXXXX";
static const char *old_sql; /* path of schema_v1.sql */

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = calloc(1, 65536);
    assert_true(fread(text, 1, 65535, file) > 0);
    fclose(file);
    return text;
}

static void path_of(char path[200], const char *name)
{
    snprintf(path, 200, "%s/%s", directory, name);
}

static void make_old(const char *name)
{
    char path[200];
    char *sql = read_text(old_sql);
    sqlite3 *db;
    path_of(path, name);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    free(sql);
}

/* The version that a file says it has, after SQLite found it sound. */
static int version_of(const char *name)
{
    char path[200];
    sqlite3 *db;
    sqlite3_stmt *stmt;
    path_of(path, name);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(stmt, 0), "ok");
    sqlite3_finalize(stmt);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int version = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return version;
}

static bool is_there(const char *name)
{
    char path[200];
    struct stat info;
    path_of(path, name);
    return stat(path, &info) == 0;
}

static enum mill_status open_store(const char *name, bool read_only, struct mill_store **out,
                                   struct mill_error *err)
{
    char uri[250];
    struct mill_store_options options = {
        .read_only = read_only, .must_exist = true, .synchronous = 2};
    snprintf(uri, sizeof(uri), "sqlite:///%s/%s", directory, name);
    return mill_store_open(mill_view_of(uri), &options, out, err);
}

static void has_the_run(struct mill_store *store)
{
    struct mill_run_page page = {0};
    assert_int_equal(mill_store_get_run(store, RUN, &page, NULL), MILL_OK);
    assert_int_equal(page.runs[0]->metric_count, 1);
    assert_true(page.runs[0]->metrics[0].step == 3);
    assert_int_equal(page.runs[0]->param_count, 1);
    mill_run_page_release(&page);
}

static void opening_upgrades_after_a_copy(void **state)
{
    (void)state;
    struct mill_store *store;
    make_old("old.db");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(open_store("old.db", false, &store, NULL), MILL_OK);
        has_the_run(store);
        mill_store_close(store);
        assert_int_equal(version_of("old.db"), MILL_SCHEMA_NEWEST);
    }
    assert_int_equal(version_of("old.db.backup-v1"), MILL_SCHEMA_RUNS);
    assert_false(is_there("old.db.backup-v1.part"));
    char newest[60];
    snprintf(newest, sizeof(newest), "old.db.backup-v%d", MILL_SCHEMA_NEWEST);
    assert_false(is_there(newest));
}

static void a_copy_can_be_taken_back(void **state)
{
    (void)state;
    char from[200], to[200];
    struct mill_store *store;
    path_of(from, "old.db.backup-v1");
    path_of(to, "back.db");
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(open_store("back.db", false, &store, NULL), MILL_OK);
    has_the_run(store);
    mill_store_close(store);
}

static void reading_leaves_it_as_it_is(void **state)
{
    (void)state;
    struct mill_store *store;
    make_old("read.db");
    assert_int_equal(open_store("read.db", true, &store, NULL), MILL_OK);
    has_the_run(store);
    mill_store_close(store);
    assert_int_equal(version_of("read.db"), MILL_SCHEMA_RUNS);
    assert_false(is_there("read.db.backup-v1"));
}

/* A directory of the copy's name is in the way. */
static void without_a_copy_nothing_changes(void **state)
{
    (void)state;
    char path[200];
    struct mill_store *store = NULL;
    struct mill_error err = {""};
    make_old("stuck.db");
    path_of(path, "stuck.db.backup-v1");
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(open_store("stuck.db", false, &store, &err), MILL_E_IO);
    assert_non_null(strstr(err.message, "stuck.db.backup-v1"));
    assert_int_equal(version_of("stuck.db"), MILL_SCHEMA_RUNS);
    assert_false(is_there("stuck.db.backup-v1.part"));
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(open_store("stuck.db", false, &store, &err), MILL_OK);
    has_the_run(store);
    mill_store_close(store);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_upgrades_after_a_copy),
        cmocka_unit_test(a_copy_can_be_taken_back),
        cmocka_unit_test(reading_leaves_it_as_it_is),
        cmocka_unit_test(without_a_copy_nothing_changes),
    };
    if (argc != 2 || mkdtemp(directory) == NULL)
        return 1;
    old_sql = argv[1];
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[100];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command) != 0 || failed != 0;
}
