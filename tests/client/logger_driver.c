/* logger_driver.c - a training loop for tests of the logger: says what it has logged, so that
 * the test knows the truth whatever happens to it.
 *
 *   logger_driver URI POINTS [OPTION=VALUE...]
 *
 *   key=NAME run=ID experiment=NAME mode=online|offline|strict
 *   first=STEP       of the first point; the others follow
 *   pause_us=N       between two points
 *   flush_every=N    points, after which the spool is written (not waited for)
 *   memory=BYTES disk=BYTES flush_ms=N fsync=1 heartbeat=S close_ms=N
 *   status=N         the run ends with it; 0: it goes on
 *   fork=N           children that log as many points each, keys NAME-1 ...
 *   artifact=PATH every=N    a file that is logged with each Nth point
 *   until=PATH       behind half of the points it goes on only once there is that file
 *   backwards=1      each point is an hour older than the one before
 *   file_limit=BYTES no file grows beyond it, until half of the points are logged
 *   end=close|exit|abort|kill
 *
 * Prints "run ID", then "flushed N KEY" whenever N points are certainly in the spool, "logged N
 * KEY" for all, "params N KEY" for those that were taken, "child STATUS" for each that has
 * ended, "told TEXT" for each warning, the counters as "counter NAME VALUE", and "closed
 * STATUS". */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <millstream/millstream.h>

static char **options;

static const char *text_of(const char *name, const char *fallback)
{
    size_t len = strlen(name);
    for (char **o = options; *o != NULL; o++)
        if (strncmp(*o, name, len) == 0 && (*o)[len] == '=')
            return *o + len + 1;
    return fallback;
}

static long number_of(const char *name, long fallback)
{
    const char *text = text_of(name, NULL);
    return text != NULL ? atol(text) : fallback;
}

static void die(const char *doing, const struct mill_error *err)
{
    printf("failed %s: %s\n", doing, err->message);
    exit(3);
}

static void on_warning(void *context, const char *message)
{
    (void)context;
    printf("told %s\n", message);
}

static struct mill_logger *open_logger(const char *uri)
{
    static const char *const modes[] = {"", "online", "offline", "strict"};
    struct mill_logger *logger = NULL;
    struct mill_error err = {""};
    struct mill_logger_options o = {.size = sizeof(o),
                                    .tracking_uri = mill_text(uri),
                                    .run_id = mill_text(text_of("run", NULL)),
                                    .experiment_name = mill_text(text_of("experiment", NULL)),
                                    .flush_interval_ms = number_of("flush_ms", 0),
                                    .memory_limit_bytes = (size_t)number_of("memory", 0),
                                    .disk_limit_bytes = number_of("disk", 0),
                                    .heartbeat_interval_s = number_of("heartbeat", -1),
                                    .fsync = number_of("fsync", 0) ? MILL_FSYNC_FLUSH
                                                                   : MILL_FSYNC_NONE,
                                    .warning = on_warning};
    for (int i = 1; i < 4; i++)
        if (strcmp(text_of("mode", ""), modes[i]) == 0)
            o.mode = (enum mill_logger_mode)i;
    if (mill_logger_open(&o, &logger, &err) != MILL_OK)
        die("open", &err);
    return logger;
}

/* --- what is logged --------------------------------------------------------------------- */

static void pause_us(long us)
{
    struct timespec pause = {us / 1000000, us % 1000000 * 1000};
    if (us > 0)
        nanosleep(&pause, NULL);
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

/* A point of this step; its value is the step. A param comes with each hundredth. */
static void log_step(struct mill_logger *logger, const char *key, long step, long *params)
{
    struct mill_error err = {""};
    char name[64], value[32];
    int64_t now = (int64_t)time(NULL) * 1000;
    int64_t timestamp = number_of("backwards", 0) ? now - step * 3600000 : MILL_ABSENT;
    if (mill_logger_log_metric(logger, mill_text(key), (double)step, timestamp, step, &err) !=
        MILL_OK)
        die("log", &err);
    if (step % 100 != 0)
        return;
    snprintf(name, sizeof(name), "%s/%ld", key, step);
    snprintf(value, sizeof(value), "%ld", step);
    if (mill_logger_log_param(logger, mill_text(name), mill_text(value), &err) == MILL_OK)
        ++*params;
}

static void log_artifact(struct mill_logger *logger, long step)
{
    struct mill_error err = {""};
    char directory[32];
    snprintf(directory, sizeof(directory), "at/%ld", step);
    if (mill_logger_log_artifact(logger, mill_text(text_of("artifact", "")),
                                 mill_text(directory), &err) != MILL_OK)
        die("log an artifact", &err);
}

/* The test says when, by making the file. */
static void wait_until_there(const char *path)
{
    while (path != NULL && access(path, F_OK) != 0)
        pause_us(1000);
}

static void train(struct mill_logger *logger, const char *key, long points)
{
    struct mill_error err = {""};
    long first = number_of("first", 0), pause = number_of("pause_us", 0), params = 0;
    long flush_every = number_of("flush_every", 0), every = number_of("every", 0);
    long limit = number_of("file_limit", 0);
    if (limit > 0)
        limit_files((rlim_t)limit);
    for (long i = 1; i <= points; i++) {
        log_step(logger, key, first + i - 1, &params);
        if (every > 0 && i % every == 0)
            log_artifact(logger, first + i - 1);
        if (limit > 0 && i == points / 2)
            limit_files(RLIM_INFINITY);
        if (i == points / 2)
            wait_until_there(text_of("until", NULL));
        if (flush_every > 0 && i % flush_every == 0 &&
            mill_logger_flush(logger, 0, &err) == MILL_OK)
            printf("flushed %ld %s\n", i, key);
        pause_us(pause);
    }
    printf("logged %ld %s\nparams %ld %s\n", points, key, params, key);
}

static long close_ms(void)
{
    return number_of("close_ms", 240000);
}

/* --- how it ends ------------------------------------------------------------------------ */

static void print_counters(struct mill_logger *logger)
{
    struct mill_logger_counters c = {.size = sizeof(c)};
    mill_logger_get_counters(logger, &c, NULL);
    printf("counter points_logged %lld\ncounter points_thinned %lld\n"
           "counter points_delivered %lld\ncounter refused %lld\ncounter spool_bytes %lld\n"
           "counter delivery_failures %lld\n",
           (long long)c.points_logged, (long long)c.points_thinned,
           (long long)c.points_delivered, (long long)c.refused, (long long)c.spool_bytes,
           (long long)c.delivery_failures);
}

static int finish(struct mill_logger *logger)
{
    struct mill_error err = {""};
    const char *end = text_of("end", "close");
    if (strcmp(end, "kill") == 0)
        raise(SIGKILL);
    if (strcmp(end, "abort") == 0)
        abort();
    if (strcmp(end, "exit") == 0)
        exit(0);
    mill_logger_flush(logger, 0, NULL);
    print_counters(logger);
    enum mill_status st = mill_logger_close(
        logger, (enum mill_run_status)number_of("status", MILL_RUN_FINISHED), close_ms(), &err);
    printf("closed %s %s\n", mill_status_get_info(st)->name, err.message);
    return 0;
}

/* A child goes on with the logger of its parent, under a key of its own. */
static void be_child(struct mill_logger *logger, const char *key, int number, long points)
{
    char own[64];
    snprintf(own, sizeof(own), "%s-%d", key, number);
    train(logger, own, points);
    mill_logger_close(logger, (enum mill_run_status)0, close_ms(), NULL);
    fflush(stdout);
    _exit(0); /* what the parent's threads had is lost here, which is no leak */
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    options = argv + 3;
    signal(SIGXFSZ, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct mill_logger *logger = open_logger(argv[1]);
    struct mill_view id = mill_logger_run_id(logger);
    const char *key = text_of("key", "m");
    long points = atol(argv[2]), children = number_of("fork", 0);
    printf("run %.*s\n", (int)id.len, id.ptr);
    fflush(stdout);
    /* A sanitizer's allocator, unlike the C library's, does not survive a fork while another
     * thread allocates: the logger's own have nothing to do once all is delivered. */
    if (children > 0)
        mill_logger_flush(logger, close_ms(), NULL);
    for (int i = 1; i <= children; i++)
        if (fork() == 0)
            be_child(logger, key, i, points);
    train(logger, key, points);
    for (int status; wait(&status) > 0;)
        printf("child %d\n", status);
    return finish(logger);
}
