/* train.c - trains a small neural network and tracks the training with Millstream.
 *
 * The network learns to tell two interleaved half circles apart. Its run gets params, tags,
 * three metrics each epoch and the weights as a file. MLFLOW_TRACKING_URI says where to: a
 * server, a directory, a database; without it, ./mlruns.
 *
 *     cc -std=c11 train.c $(pkg-config --cflags --libs millstream) -lm -o train
 *     ./train [EPOCHS [LEARNING_RATE]] */
#include <math.h>
#include <millstream/millstream.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define EXPERIMENT "half-circles"
#define HIDDEN     16
#define TRAIN_SIZE 600
#define TEST_SIZE  300
#define MODEL_FILE "model.txt"

/* --- data and network ------------------------------------------------------------------ */

struct sample {
    double x, y;
    int label; /* which half circle: 0 or 1 */
};

struct network {
    double input[HIDDEN][3]; /* weights of x, of y, bias */
    double output[HIDDEN + 1];
};

/* Numbers from 0 to 1, the same ones each time (SplitMix64). */
static double next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

static void make_samples(struct sample *samples, int count, uint64_t *random)
{
    for (int i = 0; i < count; i++) {
        int label = i % 2;
        double angle = 3.14159265358979 * next_random(random);
        double noise_x = 0.7 * (next_random(random) - 0.5);
        double noise_y = 0.7 * (next_random(random) - 0.5);
        samples[i].x = (label ? 1 - cos(angle) : cos(angle)) + noise_x;
        samples[i].y = (label ? 0.5 - sin(angle) : sin(angle)) + noise_y;
        samples[i].label = label;
    }
}

static void init_network(struct network *net, uint64_t *random)
{
    for (int h = 0; h < HIDDEN; h++) {
        for (int i = 0; i < 3; i++)
            net->input[h][i] = 2 * next_random(random) - 1;
        net->output[h] = next_random(random) - 0.5;
    }
    net->output[HIDDEN] = 0;
}

/* The chance that the sample is of class 1; hidden gets what the hidden units say. */
static double predict(const struct network *net, const struct sample *s, double hidden[HIDDEN])
{
    double sum = net->output[HIDDEN];
    for (int h = 0; h < HIDDEN; h++) {
        const double *w = net->input[h];
        hidden[h] = tanh(w[0] * s->x + w[1] * s->y + w[2]);
        sum += net->output[h] * hidden[h];
    }
    return 1 / (1 + exp(-sum));
}

/* One step of gradient descent on one sample. */
static void learn(struct network *net, const struct sample *s, double rate)
{
    double hidden[HIDDEN];
    double delta = rate * (predict(net, s, hidden) - s->label);
    for (int h = 0; h < HIDDEN; h++) {
        double back = delta * net->output[h] * (1 - hidden[h] * hidden[h]);
        net->output[h] -= delta * hidden[h];
        net->input[h][0] -= back * s->x;
        net->input[h][1] -= back * s->y;
        net->input[h][2] -= back;
    }
    net->output[HIDDEN] -= delta;
}

/* Mean cross entropy; *accuracy_out gets the share of right answers. */
static double evaluate(const struct network *net, const struct sample *samples, int count,
                       double *accuracy_out)
{
    double loss = 0, hidden[HIDDEN];
    int right = 0;
    for (int i = 0; i < count; i++) {
        double chance = predict(net, &samples[i], hidden);
        double of_label = samples[i].label ? chance : 1 - chance;
        loss -= log(of_label + 1e-12);
        right += of_label > 0.5;
    }
    *accuracy_out = (double)right / count;
    return loss / count;
}

static enum mill_status save_network(const struct network *net, struct mill_error *err)
{
    FILE *file = fopen(MODEL_FILE, "w");
    if (file == NULL)
        return mill_fail(err, MILL_E_IO, "cannot write " MODEL_FILE);
    for (int h = 0; h < HIDDEN; h++)
        fprintf(file, "hidden %d: %.17g %.17g %.17g -> %.17g\n", h, net->input[h][0],
                net->input[h][1], net->input[h][2], net->output[h]);
    fprintf(file, "bias %.17g\n", net->output[HIDDEN]);
    if (fclose(file) != 0)
        return mill_fail(err, MILL_E_IO, "cannot write " MODEL_FILE);
    return MILL_OK;
}

/* --- tracking -------------------------------------------------------------------------- */

struct settings {
    int epochs;
    double rate;
};

/* The experiment of that name, made when it is missing. To ask for it first and make it then
 * would fail when two programs begin at once. */
static enum mill_status find_experiment(struct mill_client *client, struct mill_view name,
                                        int64_t *id_out, struct mill_error *err)
{
    struct mill_experiment_list *list = NULL;
    enum mill_status st =
        mill_client_create_experiment(client, name, mill_text(NULL), NULL, 0, id_out, err);
    if (st != MILL_E_EXISTS)
        return st;
    st = mill_client_get_experiment_by_name(client, name, &list, err);
    if (st == MILL_OK)
        *id_out = list->items[0]->experiment_id;
    mill_experiment_list_free(list);
    return st;
}

static enum mill_status start_run(struct mill_client *client, const struct settings *settings,
                                  struct mill_run_list **run_out, struct mill_error *err)
{
    struct mill_tag tags[] = {
        {mill_text("language"), mill_text("C")},
        {mill_text("model"), mill_text("mlp")},
    };
    struct mill_new_run run = {.size = sizeof(run), .tags = tags, .tag_count = 2};
    char name[32];
    snprintf(name, sizeof(name), "rate-%g", settings->rate);
    run.run_name = mill_text(name);
    enum mill_status st =
        find_experiment(client, mill_text(EXPERIMENT), &run.experiment_id, err);
    return st == MILL_OK ? mill_client_create_run(client, &run, run_out, err) : st;
}

static enum mill_status log_settings(struct mill_client *client, struct mill_view run_id,
                                     const struct settings *settings, struct mill_error *err)
{
    char epochs[16], rate[32], hidden[16];
    snprintf(epochs, sizeof(epochs), "%d", settings->epochs);
    snprintf(rate, sizeof(rate), "%g", settings->rate);
    snprintf(hidden, sizeof(hidden), "%d", HIDDEN);
    struct mill_param params[] = {
        {mill_text("epochs"), mill_text(epochs)},
        {mill_text("learning_rate"), mill_text(rate)},
        {mill_text("hidden"), mill_text(hidden)},
    };
    struct mill_batch batch = {.size = sizeof(batch), .params = params, .param_count = 3};
    return mill_client_log_batch(client, run_id, &batch, err);
}

static int64_t now_ms(void)
{
    struct timespec now;
    timespec_get(&now, TIME_UTC);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The metrics of one epoch, in one request. */
static enum mill_status log_epoch(struct mill_client *client, struct mill_view run_id,
                                  int epoch, double train_loss, double test_loss,
                                  double test_accuracy, struct mill_error *err)
{
    int64_t now = now_ms();
    struct mill_metric metrics[] = {
        {mill_text("train_loss"), train_loss, now, epoch, NULL},
        {mill_text("test_loss"), test_loss, now, epoch, NULL},
        {mill_text("test_accuracy"), test_accuracy, now, epoch, NULL},
    };
    struct mill_batch batch = {.size = sizeof(batch), .metrics = metrics, .metric_count = 3};
    return mill_client_log_batch(client, run_id, &batch, err);
}

/* Trains, logging as it goes. A loss that is no number any more is a failure, too. */
static enum mill_status train(struct mill_client *client, struct mill_view run_id,
                              const struct settings *settings, struct mill_error *err)
{
    static struct sample samples[TRAIN_SIZE], tests[TEST_SIZE];
    struct network net;
    uint64_t random = 7;
    make_samples(samples, TRAIN_SIZE, &random);
    make_samples(tests, TEST_SIZE, &random);
    init_network(&net, &random);
    enum mill_status st = log_settings(client, run_id, settings, err);
    for (int epoch = 1; epoch <= settings->epochs && st == MILL_OK; epoch++) {
        double train_accuracy, test_accuracy;
        for (int i = 0; i < TRAIN_SIZE; i++)
            learn(&net, &samples[i], settings->rate);
        double train_loss = evaluate(&net, samples, TRAIN_SIZE, &train_accuracy);
        double test_loss = evaluate(&net, tests, TEST_SIZE, &test_accuracy);
        st = log_epoch(client, run_id, epoch, train_loss, test_loss, test_accuracy, err);
        if (st == MILL_OK && !isfinite(train_loss))
            st = mill_fail(err, MILL_E_INVALID, "the loss became %g in epoch %d; train slower",
                           train_loss, epoch);
        if (epoch == settings->epochs)
            printf("epoch %d: loss %.4f, test accuracy %.4f\n", epoch, train_loss,
                   test_accuracy);
    }
    if (st == MILL_OK)
        st = save_network(&net, err);
    if (st == MILL_OK)
        st = mill_client_log_artifact(client, run_id, mill_text(MODEL_FILE), mill_text("model"),
                                      NULL, err);
    return st;
}

/* A whole tracked training: the run ends as FINISHED or FAILED, whatever happens. */
static enum mill_status track(struct mill_client *client, const struct settings *settings,
                              struct mill_error *err)
{
    struct mill_run_list *run = NULL;
    enum mill_status st = start_run(client, settings, &run, err);
    if (st != MILL_OK)
        return st;
    struct mill_view run_id = run->items[0]->info.run_id;
    st = train(client, run_id, settings, err);
    if (st == MILL_OK)
        st = mill_client_set_terminated(client, run_id, MILL_RUN_FINISHED, MILL_ABSENT, err);
    else /* the first error is the one to report */
        mill_client_set_terminated(client, run_id, MILL_RUN_FAILED, MILL_ABSENT, NULL);
    if (st == MILL_OK)
        printf("run %.*s\n", (int)run_id.len, run_id.ptr);
    mill_run_list_free(run);
    return st;
}

static int read_arguments(int argc, char **argv, struct settings *settings)
{
    char *end = "";
    settings->epochs = argc > 1 ? (int)strtol(argv[1], &end, 10) : 30;
    if (*end != '\0' || settings->epochs < 1 || settings->epochs > 100000)
        return -1;
    settings->rate = argc > 2 ? strtod(argv[2], &end) : 0.05;
    return *end != '\0' || !(settings->rate > 0) || argc > 3 ? -1 : 0;
}

int main(int argc, char **argv)
{
    /* A missing database is made. */
    struct mill_client_options options = {.size = sizeof(options), .create = true};
    struct mill_client *client = NULL;
    struct mill_error err = {""};
    struct settings settings;
    if (read_arguments(argc, argv, &settings) != 0) {
        fprintf(stderr, "usage: %s [EPOCHS [LEARNING_RATE]]\n", argv[0]);
        return 2;
    }
    enum mill_status st = mill_client_open(mill_text(NULL), &options, &client, &err);
    if (st == MILL_OK)
        st = track(client, &settings, &err);
    if (st != MILL_OK)
        fprintf(stderr, "%s: %s\n", argv[0], err.message);
    mill_client_close(client);
    return mill_status_get_info(st)->exit_code;
}
