/* logger.c - what a logged point costs the training loop. Prints one line of JSON.
 * Usage: logger URI THREADS POINTS
 *
 * Each thread logs POINTS points of eight metrics, as fast as it can with one thread: then each
 * call is timed; with several only the whole. URI "offline" spools only. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <millstream/millstream.h>

#include "hist.h"

static struct mill_logger *logger;
static long points;
static struct mill_hist hist;
static int timed;

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void check(enum mill_status status, const struct mill_error *err)
{
    if (status == MILL_OK)
        return;
    fprintf(stderr, "logger: %s\n", err->message);
    exit(1);
}

static void *log_points(void *unused)
{
    static const char *const names[] = {"loss", "accuracy",  "val/loss", "val/accuracy",
                                        "lr",   "grad_norm", "epoch",    "throughput"};
    struct mill_view keys[8];
    struct mill_error err;
    for (int i = 0; i < 8; i++)
        keys[i] = mill_text(names[i]);
    for (long i = 0; i < points; i++) {
        int64_t begin = timed ? now_ns() : 0;
        check(mill_logger_log_metric(logger, keys[i & 7], (double)i, MILL_ABSENT, i >> 3, &err),
              &err);
        if (timed)
            mill_hist_add(&hist, (uint64_t)(now_ns() - begin));
    }
    return unused;
}

int main(int argc, char **argv)
{
    pthread_t threads[64];
    struct mill_error err;
    struct mill_logger_counters counters = {.size = sizeof(counters)};
    struct mill_logger_options options = {.size = sizeof(options)};
    if (argc != 4)
        return 2;
    int count = atoi(argv[2]);
    points = atol(argv[3]);
    options.mode = strcmp(argv[1], "offline") == 0 ? MILL_MODE_OFFLINE : MILL_MODE_ONLINE;
    options.tracking_uri = mill_text(argv[1]);
    check(mill_logger_open(&options, &logger, &err), &err);
    timed = count == 1;
    int64_t begin = now_ns();
    for (int i = 0; i < count; i++)
        pthread_create(&threads[i], NULL, log_points, NULL);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    double seconds = (double)(now_ns() - begin) / 1e9;
    check(mill_logger_get_counters(logger, &counters, &err), &err);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"threads\": %d, \"points\": %lld, \"thinned\": %lld, \"seconds\": %.3f, "
           "\"points_per_s\": %.0f, \"p50_ns\": %llu, \"p99_ns\": %llu, \"p999_ns\": %llu, "
           "\"rss_mib\": %.1f}\n",
           count, (long long)counters.points_logged, (long long)counters.points_thinned,
           seconds, (double)counters.points_logged / seconds,
           (unsigned long long)mill_hist_quantile(&hist, 0.5),
           (unsigned long long)mill_hist_quantile(&hist, 0.99),
           (unsigned long long)mill_hist_quantile(&hist, 0.999),
           (double)usage.ru_maxrss / 1024);
    mill_logger_close(logger, MILL_RUN_FINISHED, 0, NULL);
    return 0;
}
