/* test_client_threads.c - one client, many threads: what each of them does is there afterwards,
 * and readers see whole runs. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include <millstream/millstream.h>

#include "base/parallel.h"
#include "base/wanted.h"

enum { THREADS = 4, STEPS = 200 };

static char home[] = "/tmp/mill-threads-XXXXXX";
static struct mill_client *client;
static char run_id[64];

/* One thread's work: points of a key of its own, and looks at the run in between. */
static enum mill_status work(void *context, size_t index, struct mill_error *err)
{
    char key[16];
    enum mill_status st = MILL_OK;
    (void)context;
    snprintf(key, sizeof(key), "m%zu", index);
    for (int64_t step = 0; step < STEPS && st == MILL_OK; step++) {
        struct mill_run_list *list = NULL;
        st = mill_client_log_metric(client, mill_text(run_id), mill_text(key), (double)step,
                                    1000 + step, step, err);
        if (st == MILL_OK && step % 20 == 0)
            st = mill_client_get_run(client, mill_text(run_id), &list, err);
        mill_run_list_free(list);
    }
    return st;
}

static void test_threads(void **state)
{
    struct mill_error err = {""};
    struct mill_run_list *list = NULL;
    struct mill_new_run run = {.size = sizeof(run)};
    (void)state;
    assert_int_equal(mill_client_create_run(client, &run, &list, &err), MILL_OK);
    snprintf(run_id, sizeof(run_id), "%.*s", (int)list->items[0]->info.run_id.len,
             list->items[0]->info.run_id.ptr);
    mill_run_list_free(list);
    if (mill_parallel(THREADS, THREADS, work, NULL, &err) != MILL_OK)
        fail_msg("%s", err.message);
    assert_int_equal(mill_client_get_run(client, mill_text(run_id), &list, &err), MILL_OK);
    assert_int_equal(list->items[0]->metric_count, THREADS);
    mill_run_list_free(list);
    for (int i = 0; i < THREADS; i++) {
        char key[16];
        struct mill_point_list *points = NULL;
        snprintf(key, sizeof(key), "m%d", i);
        assert_int_equal(mill_client_metric_history(client, mill_text(run_id), mill_text(key),
                                                    &points, &err),
                         MILL_OK);
        assert_int_equal(points->count, STEPS);
        mill_point_list_free(points);
    }
}

static enum mill_status fail_at_five(void *context, size_t index, struct mill_error *err)
{
    size_t *done = context;
    __atomic_fetch_add(done, 1, __ATOMIC_RELAXED);
    if (index > 5)
        usleep(1000); /* or the others could be through before this thread has its turn again */
    return index == 5 ? mill_fail(err, MILL_E_FULL, "no more room") : MILL_OK;
}

/* The first failure ends the work and is what the caller is told. */
static void test_parallel_failure(void **state)
{
    struct mill_error err = {""};
    size_t done = 0;
    (void)state;
    assert_int_equal(mill_parallel(100000, THREADS, fail_at_five, &done, &err), MILL_E_FULL);
    assert_string_equal(err.message, "no more room");
    assert_true(done >= 6 && done < 100000);
    assert_int_equal(mill_parallel(0, THREADS, fail_at_five, &done, &err), MILL_OK);
}

/* Waits until the call is not wanted any more. */
static enum mill_status wait_for_ever(void *context, size_t index, struct mill_error *err)
{
    (void)context;
    (void)index;
    while (mill_still_wanted())
        usleep(1000);
    return mill_fail(err, MILL_E_CANCELLED, "not wanted");
}

static bool not_for_long(void *context)
{
    int *left = context;
    return --*left > 0;
}

/* Who has called is asked, on the own thread and for the others; later calls are not. */
static void test_parallel_unwanted(void **state)
{
    struct mill_error err = {""};
    int left = 20;
    (void)state;
    mill_ask_while_waiting(not_for_long, &left);
    assert_int_equal(mill_parallel(THREADS, THREADS, wait_for_ever, NULL, &err),
                     MILL_E_CANCELLED);
    mill_ask_while_waiting(NULL, NULL);
    assert_true(mill_still_wanted());
}

int main(void)
{
    static const struct mill_client_options make = {.size = sizeof(make), .create = true};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_parallel_failure),
        cmocka_unit_test(test_parallel_unwanted),
    };
    char uri[64], command[64];
    if (mkdtemp(home) == NULL)
        return 1;
    snprintf(uri, sizeof(uri), "sqlite:///%s/x.db", home);
    if (mill_client_open(mill_text(uri), &make, &client, NULL) != MILL_OK)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    mill_client_close(client);
    snprintf(command, sizeof(command), "rm -rf %s", home);
    return system(command) != 0 || failed != 0;
}
