/* test_logger_threads.c - one logger, many threads that log, write params, flush, count and
 * fork while points are written and delivered: everything arrives once. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <millstream/millstream.h>

#include "base/parallel.h"
#include "logger/logger.h"
#include "logger/point_buffer.h"

enum { THREADS = 4, STEPS = 4000 };

static char home[] = "/tmp/mill-logger-threads-XXXXXX";
static char uri[128], spool[128];
static struct mill_logger *logger;

static struct mill_logger_options options_for(enum mill_logger_mode mode)
{
    return (struct mill_logger_options){.size = sizeof(struct mill_logger_options),
                                        .tracking_uri = mill_text(uri),
                                        .spool = mill_text(spool),
                                        .mode = mode,
                                        .flush_interval_ms = 1,
                                        .heartbeat_interval_s = 1};
}

static size_t count_points(const char *run_id, const char *key)
{
    struct mill_client *client;
    struct mill_point_list *points;
    assert_int_equal(mill_client_open(mill_text(uri), NULL, &client, NULL), MILL_OK);
    assert_int_equal(
        mill_client_metric_history(client, mill_text(run_id), mill_text(key), &points, NULL),
        MILL_OK);
    size_t count = points->count;
    mill_point_list_free(points);
    mill_client_close(client);
    return count;
}

static enum mill_status work(void *context, size_t index, struct mill_error *err)
{
    char own[16], param[32];
    struct mill_logger_counters counters = {.size = sizeof(counters)};
    enum mill_status st = MILL_OK;
    (void)context;
    snprintf(own, sizeof(own), "m%zu", index);
    for (int64_t step = 0; step < STEPS && st == MILL_OK; step++) {
        st = mill_logger_log_metric(logger, mill_text(own), (double)step, 1000 + step, step,
                                    err);
        if (st == MILL_OK)
            st = mill_logger_log_metric(logger, mill_text("shared"), (double)index, 1000 + step,
                                        step, err);
        if (st != MILL_OK || step % 500 != 0)
            continue;
        snprintf(param, sizeof(param), "p%zu/%d", index, (int)step);
        st = mill_logger_log_param(logger, mill_text(param), mill_text("v"), err);
        if (st == MILL_OK)
            st = mill_logger_flush(logger, 0, err);
        if (st == MILL_OK)
            st = mill_logger_get_counters(logger, &counters, err);
    }
    return st;
}

static void test_threads(void **state)
{
    (void)state;
    struct mill_error err = {""};
    struct mill_logger_options options = options_for(MILL_MODE_ONLINE);
    char run_id[64], key[16];
    assert_int_equal(mill_logger_open(&options, &logger, &err), MILL_OK);
    struct mill_view id = mill_logger_run_id(logger);
    snprintf(run_id, sizeof(run_id), "%.*s", (int)id.len, id.ptr);
    assert_int_equal(mill_parallel(THREADS, THREADS, work, NULL, &err), MILL_OK);
    assert_int_equal(mill_logger_close(logger, MILL_RUN_FINISHED, 60000, &err), MILL_OK);
    for (int i = 0; i < THREADS; i++) {
        snprintf(key, sizeof(key), "m%d", i);
        assert_int_equal(count_points(run_id, key), STEPS);
    }
    assert_int_equal(count_points(run_id, "shared"), THREADS * STEPS);
}

/* --- waiting for delivery ---------------------------------------------------------------- */

static int callers_that_wait(void)
{
    pthread_mutex_lock(&logger->lock);
    int waiting = logger->waiting;
    pthread_mutex_unlock(&logger->lock);
    return waiting;
}

static void *flush_patiently(void *status_out)
{
    *(enum mill_status *)status_out = mill_logger_flush(logger, 600000, NULL);
    return NULL;
}

/* One that gives up does not make the logger slow again for another one that still waits. */
static void test_two_wait(void **state)
{
    (void)state;
    struct mill_error err = {""};
    struct mill_logger_options options = options_for(MILL_MODE_ONLINE);
    char place[128], far[160];
    enum mill_status status = MILL_E_INTERNAL;
    pthread_t patient;
    snprintf(place, sizeof(place), "%s/later", home);
    snprintf(far, sizeof(far), "sqlite:///%s/x.db", place);
    FILE *in_the_way = fopen(place, "w");
    assert_non_null(in_the_way);
    fclose(in_the_way);
    options.tracking_uri = mill_text(far);
    assert_int_equal(mill_logger_open(&options, &logger, &err), MILL_OK);
    assert_int_equal(mill_logger_log_metric(logger, mill_text("m"), 1, 1, 1, &err), MILL_OK);
    assert_int_equal(pthread_create(&patient, NULL, flush_patiently, &status), 0);
    while (callers_that_wait() == 0)
        sched_yield();
    assert_int_equal(mill_logger_flush(logger, 1, &err), MILL_E_TIMEOUT);
    assert_int_equal(callers_that_wait(), 1);
    assert_int_equal(unlink(place), 0);
    assert_int_equal(mkdir(place, 0777), 0);
    pthread_join(patient, NULL);
    assert_int_equal(status, MILL_OK);
    assert_int_equal(mill_logger_close(logger, MILL_RUN_FINISHED, 60000, &err), MILL_OK);
}

/* --- the end of the process -------------------------------------------------------------- */

static void *close_now(void *argument)
{
    atomic_store((atomic_bool *)argument, true);
    mill_logger_close(logger, MILL_RUN_FINISHED, 0, NULL);
    return NULL;
}

/* A process that opens a logger, and exits while a thread closes it. */
static void exit_beside_close(void)
{
    struct mill_logger_options options = options_for(MILL_MODE_ONLINE);
    atomic_bool begun = false;
    pthread_t closing;
    if (mill_logger_open(&options, &logger, NULL) != MILL_OK ||
        pthread_create(&closing, NULL, close_now, &begun) != 0)
        _exit(1);
    pthread_detach(closing);
    while (!atomic_load(&begun))
        sched_yield();
    exit(0);
}

/* Both end the logger's threads, each of which can be waited for once only. */
static void test_exit_beside_close(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        int status = 1;
        fflush(stdout);
        pid_t child = fork();
        if (child == 0)
            exit_beside_close();
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
}

/* --- the buffer alone -------------------------------------------------------------------- */

static struct mill_point_buffer buffer;
static atomic_bool adding;

static enum mill_status add(void *context, size_t index, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    bool full;
    (void)context;
    for (int64_t i = 0; i < 20000 && st == MILL_OK; i++) {
        char key[16];
        struct mill_point point = {i, i, (double)i};
        snprintf(key, sizeof(key), "k%d", (int)(i % 100 + (int)index));
        st = mill_point_buffer_add(&buffer, mill_text(key), &point, &full, err);
    }
    return st;
}

static void *take_until_done(void *out)
{
    while (atomic_load(&adding)) {
        int64_t added, thinned;
        mill_point_buffer_begin(&buffer);
        while (mill_point_buffer_take(&buffer, out, false))
            ;
        mill_point_buffer_count(&buffer, &added, &thinned);
    }
    return NULL;
}

static int64_t count_packed(struct mill_view bytes)
{
    struct mill_spool_record record;
    int64_t count = 0;
    while (mill_spool_record_next(&bytes, &record) == MILL_SPOOL_RECORD)
        count += mill_spool_points_count(record.payload);
    assert_int_equal(bytes.len, 0);
    return count;
}

static void test_buffer(void **state)
{
    (void)state;
    struct mill_buf out = {0};
    struct mill_error err = {""};
    pthread_t taker;
    int64_t added, thinned;
    assert_true(mill_point_buffer_init(&buffer, (size_t)1 << 20));
    atomic_store(&adding, true);
    assert_int_equal(pthread_create(&taker, NULL, take_until_done, &out), 0);
    assert_int_equal(mill_parallel(THREADS, THREADS, add, NULL, &err), MILL_OK);
    atomic_store(&adding, false);
    pthread_join(taker, NULL);
    mill_point_buffer_begin(&buffer);
    while (mill_point_buffer_take(&buffer, &out, false))
        ;
    mill_point_buffer_count(&buffer, &added, &thinned);
    assert_int_equal(added, THREADS * 20000);
    assert_int_equal(count_packed(mill_buf_view(&out)) + thinned, added);
    mill_buf_release(&out);
    mill_point_buffer_release(&buffer);
}

static int setup(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(home));
    snprintf(uri, sizeof(uri), "sqlite:///%s/x.db", home);
    snprintf(spool, sizeof(spool), "%s/spool", home);
    return 0;
}

static int teardown(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof(command), "rm -rf '%s'", home);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads), cmocka_unit_test(test_two_wait),
        cmocka_unit_test(test_exit_beside_close), cmocka_unit_test(test_buffer)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
