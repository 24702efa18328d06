/* durable.c - a training loop that no tracking server can slow down or stop: what it logs goes
 * to a spool on the local disk, and from there to where MLFLOW_TRACKING_URI says, now or later.
 *
 *     cc -std=c11 durable.c $(pkg-config --cflags --libs millstream) -o durable
 *     ./durable [STEPS [RUN_ID]]
 *
 * With a run id, that run is continued. When the server could not be reached, `millstream sync`
 * delivers the rest. */
#include <millstream/millstream.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_STEPS 100000000L

static void on_warning(void *context, const char *message)
{
    (void)context;
    fprintf(stderr, "durable: %s\n", message);
}

/* Only what is wrong with the arguments or the local disk is found here: nobody is asked. */
static enum mill_status open_logger(const char *run_id, struct mill_logger **logger_out,
                                    struct mill_error *err)
{
    struct mill_logger_options options = {.size = sizeof(options)};
    options.experiment_name = mill_text("durable");
    options.run_name = mill_text("a slow descent");
    options.run_id = mill_text(run_id);
    options.warning = on_warning;
    return mill_logger_open(&options, logger_out, err);
}

/* A loss that falls. Each call is over within a microsecond, so the loop does not look at how
 * the server is. */
static enum mill_status train(struct mill_logger *logger, long steps, struct mill_error *err)
{
    double loss = 1;
    enum mill_status st =
        mill_logger_log_param(logger, mill_text("rate"), mill_text("0.001"), err);
    for (long step = 1; st == MILL_OK && step <= steps; step++) {
        loss -= 0.001 * loss;
        st = mill_logger_log_metric(logger, mill_text("loss"), loss, MILL_ABSENT, step, err);
    }
    return st;
}

static void print_counters(struct mill_logger *logger)
{
    struct mill_logger_counters c = {.size = sizeof(c)};
    if (mill_logger_get_counters(logger, &c, NULL) == MILL_OK)
        printf("%lld points logged, %lld of them thinned\n", (long long)c.points_logged,
               (long long)c.points_thinned);
}

/* Waits two seconds for the server. What is left then stays in the spool, and is no failure. */
static enum mill_status finish(struct mill_logger *logger, enum mill_run_status status,
                               struct mill_error *err)
{
    enum mill_status st = mill_logger_close(logger, status, 2000, err);
    if (st != MILL_E_TIMEOUT)
        return st;
    printf("not delivered yet: run `millstream sync` when the server is back\n");
    return MILL_OK;
}

int main(int argc, char **argv)
{
    struct mill_logger *logger = NULL;
    struct mill_error err = {""};
    long steps = argc > 1 ? atol(argv[1]) : 1000;
    if (argc > 3 || steps < 1 || steps > MAX_STEPS) {
        fprintf(stderr, "usage: durable [STEPS [RUN_ID]]\n");
        return 2;
    }
    enum mill_status st = open_logger(argc > 2 ? argv[2] : NULL, &logger, &err);
    if (st == MILL_OK) {
        struct mill_view id = mill_logger_run_id(logger);
        printf("run %.*s\n", (int)id.len, id.ptr);
        st = train(logger, steps, &err);
        print_counters(logger);
        if (st == MILL_OK)
            st = finish(logger, MILL_RUN_FINISHED, &err);
        else
            finish(logger, MILL_RUN_FAILED, NULL);
    }
    if (st != MILL_OK)
        fprintf(stderr, "durable: %s\n", err.message);
    return st == MILL_OK ? 0 : mill_status_get_info(st)->exit_code;
}
