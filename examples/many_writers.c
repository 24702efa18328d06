/* many_writers.c - several processes log into one run at the same time, as the ranks of an MPI
 * job do; then the first one looks whether every point is there.
 *
 * A client does not survive a fork: each process opens one of its own. A server and an mlruns
 * directory take all of them at once. A database takes one writer at a time, and the others are
 * told MILL_E_BUSY; here they come again.
 *
 *     cc -std=c11 many_writers.c $(pkg-config --cflags --libs millstream) -o many_writers
 *     ./many_writers [WRITERS [POINTS_EACH]] */
#define _POSIX_C_SOURCE 200809L

#include <millstream/millstream.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_WRITERS 256
#define MAX_POINTS  100000
#define BATCH       100
#define BUSY_TRIES  3000 /* a fiftieth of a second apart: a minute */

struct job {
    int writers;
    int points; /* of each writer */
    char run_id[64];
};

static void pause_ms(int ms)
{
    struct timespec time = {.tv_nsec = ms * 1000000L};
    nanosleep(&time, NULL);
}

/* Opens what MLFLOW_TRACKING_URI names; waits while another process writes the database. */
static enum mill_status open_client(struct mill_client **client_out, struct mill_error *err)
{
    struct mill_client_options options = {.size = sizeof(options), .create = true};
    enum mill_status st = mill_client_open(mill_text(NULL), &options, client_out, err);
    for (int i = 0; st == MILL_E_BUSY && i < BUSY_TRIES; i++) {
        pause_ms(20);
        st = mill_client_open(mill_text(NULL), &options, client_out, err);
    }
    return st;
}

/* The value that writer gives to its nth point, which has a step of its own in the whole job.
 */
static double value_of(int64_t step)
{
    return (double)step / 7;
}

/* --- a writer -------------------------------------------------------------------------- */

/* Logs points first to first + count - 1 of a writer: to a metric that all share, and to one
 * that is its own. */
static enum mill_status log_points(struct mill_client *client, const struct job *job, int rank,
                                   int first, int count, struct mill_error *err)
{
    char own_key[32];
    struct mill_metric metrics[2 * BATCH];
    int64_t now = (int64_t)time(NULL) * 1000;
    snprintf(own_key, sizeof(own_key), "rank_%d", rank);
    for (int i = 0; i < count; i++) {
        int64_t step = (int64_t)rank * job->points + first + i;
        metrics[2 * i] =
            (struct mill_metric){mill_text("all"), value_of(step), now, step, NULL};
        metrics[2 * i + 1] =
            (struct mill_metric){mill_text(own_key), value_of(step), now, step, NULL};
    }
    struct mill_batch batch = {
        .size = sizeof(batch), .metrics = metrics, .metric_count = 2 * (size_t)count};
    return mill_client_log_batch(client, mill_text(job->run_id), &batch, err);
}

/* What a child process does; its exit code. */
static int write_points(const struct job *job, int rank)
{
    struct mill_client *client = NULL;
    struct mill_error err = {""};
    enum mill_status st = open_client(&client, &err);
    for (int done = 0; done < job->points && st == MILL_OK; done += BATCH) {
        int left = job->points - done;
        st = log_points(client, job, rank, done, left < BATCH ? left : BATCH, &err);
    }
    if (st != MILL_OK)
        fprintf(stderr, "writer %d: %s\n", rank, err.message);
    mill_client_close(client);
    return mill_status_get_info(st)->exit_code;
}

/* --- the first process ----------------------------------------------------------------- */

static enum mill_status start_run(struct job *job, struct mill_error *err)
{
    struct mill_new_run run = {.size = sizeof(run), .run_name = mill_text("many-writers")};
    struct mill_client *client = NULL;
    struct mill_run_list *made = NULL;
    enum mill_status st = open_client(&client, err);
    if (st == MILL_OK) /* in experiment 0, which is always there */
        st = mill_client_create_run(client, &run, &made, err);
    if (st == MILL_OK) {
        struct mill_view id = made->items[0]->info.run_id;
        snprintf(job->run_id, sizeof(job->run_id), "%.*s", (int)id.len, id.ptr);
    }
    mill_run_list_free(made);
    mill_client_close(client); /* before any fork */
    return st;
}

/* Starts the writers and waits for them; how many failed. */
static int run_writers(const struct job *job)
{
    int failed = 0, started = 0, status;
    for (; started < job->writers; started++) {
        pid_t child = fork();
        if (child == 0)
            _exit(write_points(job, started));
        if (child < 0)
            break;
    }
    for (int i = 0; i < started; i++)
        if (wait(&status) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
            failed++;
    return failed + job->writers - started;
}

/* Whether a metric holds exactly the steps first to first + count - 1, each with its value. */
static enum mill_status check_metric(struct mill_client *client, const struct job *job,
                                     const char *key, int64_t first, int64_t count,
                                     struct mill_error *err)
{
    struct mill_point_list *list = NULL;
    unsigned char *seen = calloc((size_t)count, 1);
    if (seen == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    enum mill_status st =
        mill_client_metric_history(client, mill_text(job->run_id), mill_text(key), &list, err);
    if (st == MILL_OK && list->count != (size_t)count)
        st = mill_fail(err, MILL_E_CORRUPT, "metric %s has %zu points instead of %lld", key,
                       list->count, (long long)count);
    for (size_t i = 0; st == MILL_OK && i < list->count; i++) {
        const struct mill_point *p = &list->items[i];
        int64_t at = p->step - first;
        if (at < 0 || at >= count || seen[at]++ != 0 || p->value != value_of(p->step))
            st = mill_fail(err, MILL_E_CORRUPT, "metric %s has a wrong point at step %lld", key,
                           (long long)p->step);
    }
    mill_point_list_free(list);
    free(seen);
    return st;
}

static enum mill_status check_run(const struct job *job, struct mill_error *err)
{
    struct mill_client *client = NULL;
    enum mill_status st = open_client(&client, err);
    if (st == MILL_OK)
        st = check_metric(client, job, "all", 0, (int64_t)job->writers * job->points, err);
    for (int rank = 0; rank < job->writers && st == MILL_OK; rank++) {
        char key[32];
        snprintf(key, sizeof(key), "rank_%d", rank);
        st = check_metric(client, job, key, (int64_t)rank * job->points, job->points, err);
    }
    if (st == MILL_OK)
        st = mill_client_set_terminated(client, mill_text(job->run_id), MILL_RUN_FINISHED,
                                        MILL_ABSENT, err);
    mill_client_close(client);
    return st;
}

/* A whole number from 1 to most, or -1. */
static int read_count(const char *text, int most)
{
    char *end;
    long count = strtol(text, &end, 10);
    return *end == '\0' && end != text && count >= 1 && count <= most ? (int)count : -1;
}

int main(int argc, char **argv)
{
    struct mill_error err = {""};
    struct job job = {.writers = argc > 1 ? read_count(argv[1], MAX_WRITERS) : 8,
                      .points = argc > 2 ? read_count(argv[2], MAX_POINTS) : 1000};
    if (job.writers < 0 || job.points < 0 || argc > 3) {
        fprintf(stderr, "usage: %s [WRITERS [POINTS_EACH]]\n", argv[0]);
        return 2;
    }
    enum mill_status st = start_run(&job, &err);
    int failed = st == MILL_OK ? run_writers(&job) : 0;
    if (st == MILL_OK && failed > 0)
        st = mill_fail(&err, MILL_E_INTERNAL, "%d of %d writers failed", failed, job.writers);
    if (st == MILL_OK)
        st = check_run(&job, &err);
    if (st == MILL_OK)
        printf("%d processes logged %lld points into run %s: all are there\n", job.writers,
               2LL * job.writers * job.points, job.run_id);
    else
        fprintf(stderr, "%s: %s\n", argv[0], err.message);
    return mill_status_get_info(st)->exit_code;
}
