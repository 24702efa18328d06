/* client.c - what logging costs the program that logs: calls of the library over a server, with
 * the processor time of this process. Prints one line of JSON. Usage: client URI POINTS CALLS
 *
 * POINTS 1 is mill_client_log_metric, more is mill_client_log_batch with so many points. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include <millstream/millstream.h>

/* Calls before the measured ones: connections are made meanwhile. */
#define WARM_UP 20

static double timeval_us(struct timeval t)
{
    return (double)t.tv_sec * 1e6 + (double)t.tv_usec;
}

static double wall_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void check(enum mill_status status, const struct mill_error *err)
{
    if (status == MILL_OK)
        return;
    fprintf(stderr, "client: %s\n", err->message);
    exit(1);
}

static void log_once(struct mill_client *client, struct mill_view run,
                     struct mill_metric *points, size_t count, long call)
{
    struct mill_error err;
    for (size_t i = 0; i < count; i++)
        points[i] = (struct mill_metric){.key = mill_text("loss"),
                                         .value = 1 / (1 + (double)call + (double)i / 7),
                                         .timestamp = 1750000000000 + call,
                                         .step = call * (long)count + (long)i};
    if (count == 1) {
        check(mill_client_log_metric(client, run, points[0].key, points[0].value,
                                     points[0].timestamp, points[0].step, &err),
              &err);
    } else {
        struct mill_batch batch = {
            .size = sizeof(batch), .metrics = points, .metric_count = count};
        check(mill_client_log_batch(client, run, &batch, &err), &err);
    }
}

int main(int argc, char **argv)
{
    struct mill_client *client;
    struct mill_error err;
    struct mill_run_list *runs;
    struct mill_new_run fresh = {.size = sizeof(fresh)};
    struct rusage before, after;
    if (argc != 4)
        return 2;
    size_t count = (size_t)atol(argv[2]);
    long calls = atol(argv[3]);
    struct mill_metric *points = calloc(count, sizeof(*points));
    if (points == NULL || count == 0 || calls <= 0)
        return 2;
    check(mill_client_open(mill_text(argv[1]), NULL, &client, &err), &err);
    check(mill_client_create_run(client, &fresh, &runs, &err), &err);
    struct mill_view run = runs->items[0]->info.run_id;
    for (long call = 0; call < WARM_UP; call++)
        log_once(client, run, points, count, call);
    double began = wall_us();
    getrusage(RUSAGE_SELF, &before);
    for (long call = 0; call < calls; call++)
        log_once(client, run, points, count, WARM_UP + call);
    getrusage(RUSAGE_SELF, &after);
    double wall = wall_us() - began;
    double user = timeval_us(after.ru_utime) - timeval_us(before.ru_utime);
    double kernel = timeval_us(after.ru_stime) - timeval_us(before.ru_stime);
    printf("{\"cpu_us\": %.2f, \"user_us\": %.2f, \"wall_us\": %.2f, \"peak_kib\": %ld}\n",
           (user + kernel) / (double)calls, user / (double)calls, wall / (double)calls,
           after.ru_maxrss);
    mill_run_list_free(runs);
    mill_client_close(client);
    free(points);
    return 0;
}
