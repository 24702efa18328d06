/* test_logger.c - the logger on a database in this process: what is logged arrives, also after
 * a crash, a fork, a full disk and a server that was away; and the spool's own calls. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <millstream/millstream.h>

#include "base/view.h"

#define URI "sqlite:///x.db"

struct place {
    char home[64];
    int back;
    struct mill_error err;
};

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof(*p));
    snprintf(p->home, sizeof(p->home), "/tmp/mill-logger-XXXXXX");
    p->back = open(".", O_RDONLY | O_DIRECTORY);
    assert_non_null(mkdtemp(p->home));
    assert_int_equal(chdir(p->home), 0);
    unsetenv("MILLSTREAM_MODE");
    setenv("MILLSTREAM_SPOOL", "spool", 1);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    char command[200];
    snprintf(command, sizeof(command), "chmod -R u+w '%s'; rm -rf '%s'", p->home, p->home);
    assert_int_equal(fchdir(p->back), 0);
    assert_int_equal(system(command), 0);
    close(p->back);
    free(p);
    return 0;
}

#define OK(call)                                                                               \
    do {                                                                                       \
        enum mill_status status_ = (call);                                                     \
        if (status_ != MILL_OK)                                                                \
            fail_msg("%s: %s", mill_status_get_info(status_)->name, p->err.message);           \
    } while (0)

static void assert_view(struct mill_view view, const char *expected)
{
    assert_int_equal(view.len, strlen(expected));
    assert_memory_equal(view.ptr, expected, view.len);
}

static struct mill_logger_options options_for(const char *uri, enum mill_logger_mode mode)
{
    return (struct mill_logger_options){.size = sizeof(struct mill_logger_options),
                                        .tracking_uri = mill_text(uri),
                                        .mode = mode,
                                        .heartbeat_interval_s = -1};
}

/* The run as the database has it; the caller frees the list and closes the client. */
static const struct mill_run *stored_run(struct place *p, const char *run_id,
                                         struct mill_client **client,
                                         struct mill_run_list **list)
{
    const struct mill_client_options read_only = {.size = sizeof(read_only), .read_only = true};
    OK(mill_client_open(mill_text(URI), &read_only, client, &p->err));
    OK(mill_client_get_run(*client, mill_text(run_id), list, &p->err));
    return (*list)->items[0];
}

static size_t stored_points(struct place *p, const char *run_id, const char *key)
{
    const struct mill_client_options read_only = {.size = sizeof(read_only), .read_only = true};
    struct mill_client *client;
    struct mill_point_list *points;
    OK(mill_client_open(mill_text(URI), &read_only, &client, &p->err));
    OK(mill_client_metric_history(client, mill_text(run_id), mill_text(key), &points, &p->err));
    size_t count = points->count;
    mill_point_list_free(points);
    mill_client_close(client);
    return count;
}

static void copy_id(const struct mill_logger *logger, char out[64])
{
    struct mill_view id = mill_logger_run_id(logger);
    snprintf(out, 64, "%.*s", (int)id.len, id.ptr);
}

static void log_points(struct place *p, struct mill_logger *logger, const char *key, int count)
{
    for (int i = 0; i < count; i++)
        OK(mill_logger_log_metric(logger, mill_text(key), i, 1000 + i, i, &p->err));
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* Everything that can be logged arrives, and nothing of the spool is left. */
static void test_online(void **state)
{
    struct place *p = *state;
    struct mill_logger *logger;
    struct mill_client *client;
    struct mill_run_list *list;
    const struct mill_tag tag = {mill_text("team"), mill_text("vision")};
    const struct mill_dataset_input input = {NULL,
                                             0,
                                             {.name = mill_text("digits"),
                                              .digest = mill_text("d1"),
                                              .source_type = mill_text("local"),
                                              .source = mill_text("{}")}};
    struct mill_logger_options options = options_for(URI, MILL_MODE_ONLINE);
    struct mill_logger_counters counters = {.size = sizeof(counters)};
    char id[64];
    options.experiment_name = mill_text("mine");
    options.run_name = mill_text("first");
    options.tags = &tag;
    options.tag_count = 1;
    OK(mill_logger_open(&options, &logger, &p->err));
    copy_id(logger, id);
    log_points(p, logger, "loss", 12345);
    OK(mill_logger_log_param(logger, mill_text("rate"), mill_text("0.1"), &p->err));
    OK(mill_logger_set_tag(logger, mill_text("k"), mill_text("v"), &p->err));
    OK(mill_logger_set_tag(logger, mill_text("k"), mill_text("w"), &p->err));
    OK(mill_logger_log_inputs(logger, &input, 1, NULL, 0, &p->err));
    write_file("model.bin", "weights");
    mkdir("d", 0777);
    write_file("d/a", "one");
    OK(mill_logger_log_artifact(logger, mill_text("model.bin"), mill_text("models"), &p->err));
    OK(mill_logger_log_artifact(logger, mill_text("d"), mill_text(NULL), &p->err));
    write_file("model.bin", "changed since");
    OK(mill_logger_flush(logger, 30000, &p->err));
    OK(mill_logger_get_counters(logger, &counters, &p->err));
    assert_int_equal(counters.points_logged, 12345);
    assert_int_equal(counters.points_delivered, 12345);
    assert_int_equal(counters.points_thinned, 0);
    assert_int_equal(counters.changes_logged, 6);
    assert_int_equal(counters.changes_delivered, 6);
    assert_int_equal(counters.spool_bytes, 0);
    OK(mill_logger_close(logger, MILL_RUN_FINISHED, 30000, &p->err));
    const struct mill_run *run = stored_run(p, id, &client, &list);
    assert_view(run->info.run_name, "first");
    assert_int_equal(run->info.status, MILL_RUN_FINISHED);
    assert_true(run->info.end_time >= run->info.start_time);
    assert_int_equal(run->param_count, 1);
    assert_int_equal(run->dataset_input_count, 1);
    assert_int_equal(run->metric_count, 1);
    assert_true(run->metrics[0].value == 12344);
    struct mill_file_list *files;
    OK(mill_client_download_artifacts(client, mill_text(id), mill_text(NULL), mill_text("got"),
                                      NULL, &p->err));
    OK(mill_client_list_artifacts(client, mill_text(id), mill_text("models"), &files, &p->err));
    assert_int_equal(files->count, 1);
    assert_int_equal(files->items[0]->file_size, 7);
    mill_file_list_free(files);
    assert_int_equal(access("got/d/a", F_OK), 0);
    mill_run_list_free(list);
    mill_client_close(client);
    assert_int_equal(stored_points(p, id, "loss"), 12345);
    char path[128];
    snprintf(path, sizeof(path), "spool/%s", id);
    assert_int_equal(access(path, F_OK), -1);
}

/* Nothing is sent until sync, which may come any number of times. */
static void test_offline_and_sync(void **state)
{
    struct place *p = *state;
    struct mill_logger *logger;
    struct mill_spool_list *spools;
    struct mill_logger_options options = options_for(URI, MILL_MODE_OFFLINE);
    char id[64];
    OK(mill_logger_open(&options, &logger, &p->err));
    copy_id(logger, id);
    log_points(p, logger, "loss", 5000);
    OK(mill_logger_log_param(logger, mill_text("rate"), mill_text("0.1"), &p->err));
    OK(mill_logger_close(logger, MILL_RUN_FAILED, 1000, &p->err));
    assert_int_equal(access("x.db", F_OK), -1);
    OK(mill_spool_status(mill_text(NULL), &spools, &p->err));
    assert_int_equal(spools->count, 1);
    assert_view(spools->items[0]->run_id, id);
    char uri[128]; /* where the process was when it was opened */
    snprintf(uri, sizeof(uri), "sqlite:///%s/x.db", p->home);
    assert_view(spools->items[0]->tracking_uri, uri);
    assert_int_equal(spools->items[0]->pending_points, 5000);
    assert_int_equal(spools->items[0]->pending_changes, 1);
    assert_int_equal(spools->items[0]->torn_bytes, 0);
    assert_true(spools->items[0]->ended);
    mill_spool_list_free(spools);
    struct mill_sync_options keep = {.size = sizeof(keep), .keep = true};
    OK(mill_spool_sync(mill_text("spool"), &keep, &p->err));
    assert_int_equal(system("rm spool/*/*.ack"), 0); /* as if it had never been */
    OK(mill_spool_sync(mill_text("spool"), NULL, &p->err));
    OK(mill_spool_sync(mill_text("spool"), NULL, &p->err));
    assert_int_equal(stored_points(p, id, "loss"), 5000);
    OK(mill_spool_status(mill_text(NULL), &spools, &p->err));
    assert_int_equal(spools->count, 0);
    mill_spool_list_free(spools);
    struct mill_client *client;
    struct mill_run_list *list;
    assert_int_equal(stored_run(p, id, &client, &list)->info.status, MILL_RUN_FAILED);
    mill_run_list_free(list);
    mill_client_close(client);
}

/* A process that is killed loses at most what came since the last flush. */
static void test_killed(void **state)
{
    struct place *p = *state;
    struct mill_logger_options options = options_for(URI, MILL_MODE_OFFLINE);
    char id[64] = "";
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        struct mill_logger *logger;
        if (mill_logger_open(&options, &logger, NULL) != MILL_OK)
            _exit(1);
        for (int i = 0; i < 3000; i++)
            mill_logger_log_metric(logger, mill_text("m"), i, 1000 + i, i, NULL);
        mill_logger_flush(logger, 0, NULL);
        struct mill_view run_id = mill_logger_run_id(logger);
        if (write(pipes[1], run_id.ptr, run_id.len) != (ssize_t)run_id.len)
            _exit(1);
        for (int i = 0;; i++) /* killed in the middle of it */
            mill_logger_log_metric(logger, mill_text("n"), i, i, i, NULL);
    }
    assert_int_equal(read(pipes[0], id, sizeof(id) - 1), 32);
    /* Until something of the rest is written: the spool has grown. */
    char command[256];
    snprintf(command, sizeof(command),
             "until [ $(cat spool/%s/*.spool | wc -c) -gt 200000 ]; do sleep 0.05; done", id);
    assert_int_equal(system(command), 0);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(pipes[0]);
    close(pipes[1]);
    /* The end may be torn in any place. */
    snprintf(command, sizeof(command), "printf torn >> \"$(ls spool/%s/*.spool | tail -1)\"",
             id);
    assert_int_equal(system(command), 0);
    struct mill_spool_list *spools;
    OK(mill_spool_status(mill_text("spool"), &spools, &p->err));
    assert_int_equal(spools->count, 1);
    assert_true(spools->items[0]->torn_bytes >= 4);
    assert_false(spools->items[0]->ended);
    mill_spool_list_free(spools);
    OK(mill_spool_sync(mill_text("spool"), NULL, &p->err));
    assert_int_equal(stored_points(p, id, "m"), 3000);
    assert_true(stored_points(p, id, "n") > 0);
}

/* A child goes on in the same run, with a spool of its own. */
static void test_fork(void **state)
{
    struct place *p = *state;
    struct mill_logger *logger;
    struct mill_logger_options options = options_for(URI, MILL_MODE_OFFLINE);
    char id[64];
    int status = 1;
    OK(mill_logger_open(&options, &logger, &p->err));
    copy_id(logger, id);
    log_points(p, logger, "parent", 100);
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 50; i++)
            mill_logger_log_metric(logger, mill_text("child"), i, i, i, NULL);
        _exit(mill_logger_close(logger, (enum mill_run_status)0, 0, NULL) == MILL_OK ? 0 : 1);
    }
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    log_points(p, logger, "after", 10);
    OK(mill_logger_close(logger, MILL_RUN_FINISHED, 0, &p->err));
    OK(mill_spool_sync(mill_text("spool"), NULL, &p->err));
    assert_int_equal(stored_points(p, id, "parent"), 100);
    assert_int_equal(stored_points(p, id, "child"), 50);
    assert_int_equal(stored_points(p, id, "after"), 10);
}

/* Entries of a directory that are not hidden. */
static int count_entries(const char *path)
{
    int count = 0;
    DIR *directory = opendir(path);
    assert_non_null(directory);
    for (struct dirent *e = readdir(directory); e != NULL; e = readdir(directory))
        count += e->d_name[0] != '.';
    closedir(directory);
    return count;
}

/* One that lets go of the logger without having logged leaves no spool of its own behind. */
static void test_fork_without_use(void **state)
{
    struct place *p = *state;
    struct mill_logger *logger;
    struct mill_logger_options options = options_for(URI, MILL_MODE_ONLINE);
    char id[64], directory[100];
    int status = 1;
    OK(mill_logger_open(&options, &logger, &p->err));
    copy_id(logger, id);
    log_points(p, logger, "parent", 100);
    OK(mill_logger_flush(logger, 60000, &p->err)); /* its threads have nothing to do now */
    snprintf(directory, sizeof(directory), "spool/%s", id);
    int before = count_entries(directory);
    pid_t child = fork();
    if (child == 0)
        _exit(mill_logger_close(logger, (enum mill_run_status)0, 0, NULL) == MILL_OK ? 0 : 1);
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(count_entries(directory), before);
    OK(mill_logger_close(logger, MILL_RUN_FINISHED, 60000, &p->err));
    assert_int_equal(count_entries("spool"), 0);
    assert_int_equal(stored_points(p, id, "parent"), 100);
}

struct told {
    int calls;
    char last[700];
};

static void on_warning(void *context, const char *message)
{
    struct told *told = context;
    told->calls++;
    snprintf(told->last, sizeof(told->last), "%s", message);
}

/* A server that is not there: calls succeed, the program is told once, sync delivers later. */
static void test_dead_server(void **state)
{
    struct place *p = *state;
    struct mill_logger *logger;
    struct told told = {0};
    struct mill_logger_counters counters = {.size = sizeof(counters)};
    struct mill_logger_options options =
        options_for("http://127.0.0.1:1/nothing", MILL_MODE_ONLINE);
    char id[64];
    options.warning = on_warning;
    options.context = &told;
    OK(mill_logger_open(&options, &logger, &p->err));
    copy_id(logger, id);
    log_points(p, logger, "loss", 1000);
    do { /* until the first attempt has failed */
        assert_int_equal(mill_logger_flush(logger, 300, &p->err), MILL_E_TIMEOUT);
        OK(mill_logger_get_counters(logger, &counters, &p->err));
    } while (counters.delivery_failures == 0);
    OK(mill_logger_log_param(logger, mill_text("a"), mill_text("b"), &p->err));
    assert_int_equal(mill_logger_close(logger, MILL_RUN_FINISHED, 200, &p->err),
                     MILL_E_TIMEOUT);
    assert_int_equal(told.calls, 1);
    struct mill_sync_options there = {.size = sizeof(there), .tracking_uri = mill_text(URI)};
    OK(mill_spool_sync(mill_text("spool"), &there, &p->err));
    assert_int_equal(stored_points(p, id, "loss"), 1000);
}

/* What the server refuses is kept aside, and the rest is delivered. */
static void test_refused(void **state)
{
    struct place *p = *state;
    struct mill_logger *logger;
    struct told told = {0};
    struct mill_spool_list *spools;
    struct mill_client *client;
    struct mill_run_list *list;
    struct mill_logger_options options = options_for(URI, MILL_MODE_OFFLINE);
    char id[64];
    const struct mill_param params[] = {{mill_text("b"), mill_text("1")},
                                        {mill_text("a"), mill_text("2")},
                                        {mill_text("c"), mill_text("3")}};
    struct mill_batch batch = {.size = sizeof(batch), .params = params, .param_count = 3};
    OK(mill_logger_open(&options, &logger, &p->err));
    copy_id(logger, id);
    OK(mill_logger_log_param(logger, mill_text("a"), mill_text("1"), &p->err));
    OK(mill_logger_log_batch(logger, &batch, &p->err));
    log_points(p, logger, "m", 10);
    assert_int_equal(mill_logger_log_metric(logger, mill_text("bad,key"), 1, 1, 1, &p->err),
                     MILL_E_INVALID);
    assert_int_equal(mill_logger_log_param(logger, mill_text(""), mill_text("1"), &p->err),
                     MILL_E_INVALID);
    OK(mill_logger_close(logger, MILL_RUN_FINISHED, 0, &p->err));
    struct mill_sync_options sync = {
        .size = sizeof(sync), .keep = true, .warning = on_warning, .context = &told};
    OK(mill_spool_sync(mill_text("spool"), &sync, &p->err));
    assert_int_equal(told.calls, 1);
    const struct mill_run *run = stored_run(p, id, &client, &list);
    assert_int_equal(run->param_count, 3);
    assert_view(run->params[0].value, "1");
    mill_run_list_free(list);
    mill_client_close(client);
    assert_int_equal(stored_points(p, id, "m"), 10);
    OK(mill_spool_status(mill_text("spool"), &spools, &p->err));
    assert_int_equal(spools->items[0]->refused, 1);
    assert_int_equal(spools->items[0]->pending_points, 0);
    mill_spool_list_free(spools);
}

/* At the limit in memory the last point of a key is kept, and what was given up is counted. */
static void test_memory_limit(void **state)
{
    struct place *p = *state;
    struct mill_logger *logger;
    struct mill_logger_counters counters = {.size = sizeof(counters)};
    struct mill_logger_options options = options_for(URI, MILL_MODE_OFFLINE);
    char id[64];
    options.flush_interval_ms = 3600000;
    options.memory_limit_bytes = (size_t)1 << 20;
    OK(mill_logger_open(&options, &logger, &p->err));
    copy_id(logger, id);
    /* The writing thread is woken when much waits, so it is held off by having nowhere to
     * write. */
    assert_int_equal(system("chmod a-w spool/*"), 0);
    log_points(p, logger, "m", 200000);
    OK(mill_logger_get_counters(logger, &counters, &p->err));
    assert_int_equal(counters.points_logged, 200000);
    OK(mill_logger_close(logger, MILL_RUN_FINISHED, 0, &p->err));
    OK(mill_spool_sync(mill_text("spool"), NULL, &p->err));
    size_t stored = stored_points(p, id, "m");
    assert_int_equal((int64_t)stored + counters.points_thinned, 200000);
    struct mill_client *client;
    struct mill_run_list *list;
    assert_true(stored_run(p, id, &client, &list)->metrics[0].value == 199999);
    mill_run_list_free(list);
    mill_client_close(client);
}

/* A spool that cannot be made is said at once, with its name. */
static void test_no_spool(void **state)
{
    struct place *p = *state;
    struct mill_logger *logger = NULL;
    struct mill_logger_options options = options_for(URI, MILL_MODE_ONLINE);
    write_file("file", "");
    options.spool = mill_text("file/below");
    assert_true(mill_logger_open(&options, &logger, &p->err) != MILL_OK);
    assert_non_null(strstr(p->err.message, "file"));
    options.spool = mill_text("/proc/nowhere");
    assert_true(mill_logger_open(&options, &logger, &p->err) != MILL_OK);
    assert_null(logger);
    options = options_for(URI, (enum mill_logger_mode)9);
    assert_int_equal(mill_logger_open(&options, &logger, &p->err), MILL_E_INVALID);
    setenv("MILLSTREAM_MODE", "sometimes", 1);
    options = options_for(URI, (enum mill_logger_mode)0);
    assert_int_equal(mill_logger_open(&options, &logger, &p->err), MILL_E_INVALID);
}

/* Strict mode tells at each call. */
static void test_strict(void **state)
{
    struct place *p = *state;
    struct mill_logger *logger;
    struct mill_logger_options options = options_for(URI, MILL_MODE_STRICT);
    char id[64];
    options.experiment_name = mill_text("mine");
    OK(mill_logger_open(&options, &logger, &p->err));
    copy_id(logger, id);
    OK(mill_logger_log_metric(logger, mill_text("m"), 1, 1, 1, &p->err));
    OK(mill_logger_log_param(logger, mill_text("a"), mill_text("1"), &p->err));
    assert_int_equal(mill_logger_log_param(logger, mill_text("a"), mill_text("2"), &p->err),
                     MILL_E_INVALID);
    OK(mill_logger_close(logger, MILL_RUN_FINISHED, 0, &p->err));
    assert_int_equal(stored_points(p, id, "m"), 1);
    assert_int_equal(access("spool", F_OK), -1);
    options.run_id = mill_text(id); /* continued, it runs again */
    OK(mill_logger_open(&options, &logger, &p->err));
    OK(mill_logger_close(logger, (enum mill_run_status)0, 0, &p->err));
    struct mill_client *client;
    struct mill_run_list *list;
    assert_int_equal(stored_run(p, id, &client, &list)->info.status, MILL_RUN_RUNNING);
    mill_run_list_free(list);
    mill_client_close(client);
}

static bool count_line(void *context, struct mill_view json)
{
    int *lines = context;
    assert_true(json.len > 2 && json.ptr[0] == '{' && json.ptr[json.len - 1] == '}');
    (*lines)++;
    return true;
}

/* A logger that adds to a run that has ended leaves its state alone, in every mode. */
static void test_keep_status(void **state)
{
    static const enum mill_logger_mode modes[] = {MILL_MODE_ONLINE, MILL_MODE_STRICT};
    struct place *p = *state;
    for (size_t i = 0; i < MILL_COUNT(modes); i++) {
        struct mill_logger_options options = options_for(URI, modes[i]);
        struct mill_logger *logger;
        struct mill_client *client;
        struct mill_run_list *list;
        char id[64];
        OK(mill_logger_open(&options, &logger, &p->err));
        copy_id(logger, id);
        OK(mill_logger_close_at(logger, MILL_RUN_FAILED, 4102444800000, 10000, &p->err));
        options.run_id = mill_text(id);
        options.keep_status = true;
        OK(mill_logger_open(&options, &logger, &p->err));
        log_points(p, logger, "late", 3);
        OK(mill_logger_close(logger, (enum mill_run_status)0, 10000, &p->err));
        const struct mill_run *run = stored_run(p, id, &client, &list);
        assert_int_equal(run->info.status, MILL_RUN_FAILED);
        assert_int_equal(run->info.end_time, 4102444800000);
        mill_run_list_free(list);
        mill_client_close(client);
        assert_int_equal(stored_points(p, id, "late"), 3);
    }
}

static void test_export(void **state)
{
    struct place *p = *state;
    struct mill_logger *logger;
    struct mill_logger_options options = options_for(URI, MILL_MODE_OFFLINE);
    int lines = 0;
    OK(mill_logger_open(&options, &logger, &p->err));
    log_points(p, logger, "m", 3);
    OK(mill_logger_set_tag(logger, mill_text("k"), mill_text("v"), &p->err));
    OK(mill_logger_close(logger, MILL_RUN_FINISHED, 0, &p->err));
    OK(mill_spool_export(mill_text("spool"), count_line, &lines, &p->err));
    assert_int_equal(lines, 4); /* the run, its points, the tag, the end */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_online, setup, teardown),
        cmocka_unit_test_setup_teardown(test_offline_and_sync, setup, teardown),
        cmocka_unit_test_setup_teardown(test_killed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fork, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fork_without_use, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dead_server, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_memory_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_spool, setup, teardown),
        cmocka_unit_test_setup_teardown(test_strict, setup, teardown),
        cmocka_unit_test_setup_teardown(test_keep_status, setup, teardown),
        cmocka_unit_test_setup_teardown(test_export, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
