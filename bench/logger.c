/* logger.c - what logging by way of a spool costs the training loop. Prints one line of JSON.
 *
 *   logger calls URI THREADS POINTS
 *       each thread logs POINTS points of eight metrics as fast as it can; with one thread each
 *       call is timed
 *   logger week POINTS
 *       a week of 1,000 points a second in fast motion: POINTS of its 604,800,000 are logged,
 *       offline; the peak of memory
 *   logger loop URI STEPS
 *       a training loop of STEPS steps of about a millisecond of arithmetic, each of which logs
 *       eight metrics; URI "off" logs nothing
 *
 * URI "offline" spools only. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <millstream/millstream.h>

#include "hist.h"

enum { KEYS = 8, MOST_THREADS = 64 };

static struct mill_logger *logger;
static struct mill_view keys[KEYS];
static long points;
static struct mill_hist hist;
static int timed;

static int64_t clock_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t now_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

static void check(enum mill_status status, const struct mill_error *err)
{
    if (status == MILL_OK)
        return;
    fprintf(stderr, "logger: %s\n", err->message);
    exit(1);
}

static void log_point(long i)
{
    struct mill_error err;
    check(
        mill_logger_log_metric(logger, keys[i % KEYS], (double)i, MILL_ABSENT, i / KEYS, &err),
        &err);
}

static void open_logger(const char *uri)
{
    struct mill_error err;
    struct mill_logger_options options = {.size = sizeof(options),
                                          .tracking_uri = mill_text(uri)};
    options.mode = strcmp(uri, "offline") == 0 ? MILL_MODE_OFFLINE : MILL_MODE_ONLINE;
    check(mill_logger_open(&options, &logger, &err), &err);
}

static struct mill_logger_counters counters(void)
{
    struct mill_error err;
    struct mill_logger_counters c = {.size = sizeof(c)};
    check(mill_logger_get_counters(logger, &c, &err), &err);
    return c;
}

static double peak_mib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

/* --- calls ------------------------------------------------------------------------------ */

static void *log_points(void *unused)
{
    for (long i = 0; i < points; i++) {
        int64_t begin = timed ? now_ns() : 0;
        log_point(i);
        if (timed)
            mill_hist_add(&hist, (uint64_t)(now_ns() - begin));
    }
    return unused;
}

static int measure_calls(const char *uri, int count, long each)
{
    pthread_t threads[MOST_THREADS];
    points = each;
    timed = count == 1;
    if (count < 1 || count > MOST_THREADS)
        return 2;
    open_logger(uri);
    int64_t begin = now_ns();
    for (int i = 0; i < count; i++)
        pthread_create(&threads[i], NULL, log_points, NULL);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    double seconds = (double)(now_ns() - begin) / 1e9;
    struct mill_logger_counters c = counters();
    printf("{\"threads\": %d, \"points\": %lld, \"thinned\": %lld, \"seconds\": %.3f, "
           "\"points_per_s\": %.0f, \"p50_ns\": %llu, \"p99_ns\": %llu, \"p999_ns\": %llu, "
           "\"rss_mib\": %.1f}\n",
           count, (long long)c.points_logged, (long long)c.points_thinned, seconds,
           (double)c.points_logged / seconds,
           (unsigned long long)mill_hist_quantile(&hist, 0.5),
           (unsigned long long)mill_hist_quantile(&hist, 0.99),
           (unsigned long long)mill_hist_quantile(&hist, 0.999), peak_mib());
    mill_logger_close(logger, MILL_RUN_FINISHED, 0, NULL);
    return 0;
}

/* --- a week ----------------------------------------------------------------------------- */

static int measure_week(long count)
{
    struct timespec pause = {.tv_nsec = 1000000};
    open_logger("offline");
    for (long i = 0; i < count; i++) {
        log_point(i);
        if (i % 2000 == 0) /* two million a second */
            nanosleep(&pause, NULL);
    }
    mill_logger_flush(logger, 0, NULL);
    struct mill_logger_counters c = counters();
    printf("{\"points\": %lld, \"thinned\": %lld, \"spool_mib\": %.1f, \"rss_mib\": %.1f}\n",
           (long long)c.points_logged, (long long)c.points_thinned,
           (double)c.spool_bytes / (1 << 20), peak_mib());
    mill_logger_close(logger, MILL_RUN_FINISHED, 0, NULL);
    return 0;
}

/* --- a loop ----------------------------------------------------------------------------- */

/* Each turn needs the one before it, and the compiler must not see that they come to nothing.
 */
static double work(double x)
{
    volatile double rate = 0.999999;
    for (int i = 0; i < 200000; i++)
        x = x * rate + 1e-6;
    return x;
}

static int measure_loop(const char *uri, long steps)
{
    double x = 1;
    int off = strcmp(uri, "off") == 0;
    if (!off)
        open_logger(uri);
    int64_t begin = now_ns(), cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    for (long step = 0; step < steps; step++) {
        x = work(x);
        for (long key = 0; !off && key < KEYS; key++)
            log_point(step * KEYS + key);
    }
    double seconds = (double)(now_ns() - begin) / 1e9;
    double cpu_s = (double)(clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu) / 1e9;
    printf("{\"steps\": %ld, \"seconds\": %.4f, \"cpu_s\": %.4f, \"result\": %g}\n", steps,
           seconds, cpu_s, x);
    mill_logger_close(logger, MILL_RUN_FINISHED, 0, NULL);
    return 0;
}

int main(int argc, char **argv)
{
    static const char *const names[KEYS] = {"loss", "accuracy",  "val/loss", "val/accuracy",
                                            "lr",   "grad_norm", "epoch",    "throughput"};
    for (int i = 0; i < KEYS; i++)
        keys[i] = mill_text(names[i]);
    if (argc == 5 && strcmp(argv[1], "calls") == 0)
        return measure_calls(argv[2], atoi(argv[3]), atol(argv[4]));
    if (argc == 3 && strcmp(argv[1], "week") == 0)
        return measure_week(atol(argv[2]));
    if (argc == 4 && strcmp(argv[1], "loop") == 0)
        return measure_loop(argv[2], atol(argv[3]));
    return 2;
}
