/* tree.c - what reading an mlruns tree costs: one listing by a client that was opened for it,
 * with the time and the processor time of it. Prints one line of JSON. Usage: tree TREE LISTING
 *
 * LISTING: infos (all runs, info alone), page (the newest 1000, whole), found (the best 100 by
 * a metric, of those below a value), all (all runs, whole). */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include <millstream/millstream.h>

static double cpu_us(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return ((double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec) * 1e6 +
           (double)used.ru_utime.tv_usec + (double)used.ru_stime.tv_usec;
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
    fprintf(stderr, "tree: %s\n", err->message);
    exit(1);
}

static struct mill_run_list *list(struct mill_client *client, const char *listing)
{
    int64_t experiment = 0;
    struct mill_view order = mill_text("metrics.loss ASC");
    struct mill_run_list *runs = NULL;
    struct mill_error err;
    struct mill_run_query query = {.size = sizeof(query),
                                   .experiment_ids = &experiment,
                                   .experiment_count = 1,
                                   .max_results = listing[0] == 'a' ? 50000 : 1000};
    if (listing[0] == 'f') {
        query.filter = mill_text("metrics.loss < 0.5");
        query.order_by = &order;
        query.order_by_count = 1;
        query.max_results = 100;
    }
    if (listing[0] == 'i')
        check(mill_client_list_run_infos(client, experiment, 0, &runs, &err), &err);
    else
        check(mill_client_search_runs(client, &query, &runs, &err), &err);
    return runs;
}

int main(int argc, char **argv)
{
    struct mill_client *client;
    struct mill_error err;
    if (argc != 3)
        return 2;
    double began = wall_us(), before = cpu_us();
    check(mill_client_open(mill_text(argv[1]), NULL, &client, &err), &err);
    struct mill_run_list *runs = list(client, argv[2]);
    printf("{\"runs\": %zu, \"cpu_us\": %.0f, \"wall_us\": %.0f}\n", runs->count,
           cpu_us() - before, wall_us() - began);
    mill_run_list_free(runs);
    mill_client_close(client);
    return 0;
}
