/* cmd_runs_log_batch.c - `runs log-batch`: what standard input says, line by line, also while a
 * training is still writing it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/view.h"
#include "cli/cli.h"
#include "cli/entry.h"
#include "cli/lines.h"

/* A batch goes when it has so many entries, or when its first one is so old. */
#define BATCH    1000
#define FLUSH_MS 500

struct counts {
    size_t metrics, params, tags;
};

struct stream {
    struct mill_cli *cli;
    struct mill_view run_id;
    struct mill_lines lines;
    struct mill_arena arena; /* of the batch under way */
    struct mill_metric metrics[BATCH];
    struct mill_param params[BATCH];
    struct mill_tag tags[BATCH];
    struct counts waiting, logged;
    int64_t first_line, last_line; /* of the batch under way */
    int64_t since_ns;              /* when its first entry came */
};

static size_t total(const struct counts *counts)
{
    return counts->metrics + counts->params + counts->tags;
}

/* "2 metrics, 1 param, 0 tags". */
static const char *counts_text(const struct counts *c, char text[static 96])
{
    snprintf(text, 96, "%zu metric%s, %zu param%s, %zu tag%s", c->metrics,
             c->metrics == 1 ? "" : "s", c->params, c->params == 1 ? "" : "s", c->tags,
             c->tags == 1 ? "" : "s");
    return text;
}

/* Says behind a message what has been logged nevertheless. */
static enum mill_status add_counts(const struct stream *s, enum mill_status st,
                                   struct mill_error *err)
{
    struct mill_error cause = *err;
    char counts[96];
    return mill_fail(err, st, "%.380s; logged before: %s", cause.message,
                     counts_text(&s->logged, counts));
}

static enum mill_status send_batch(struct stream *s, struct mill_error *err)
{
    struct mill_batch batch = {.size = sizeof(batch),
                               .metrics = s->metrics,
                               .metric_count = s->waiting.metrics,
                               .params = s->params,
                               .param_count = s->waiting.params,
                               .tags = s->tags,
                               .tag_count = s->waiting.tags};
    struct mill_error cause;
    if (total(&s->waiting) == 0)
        return MILL_OK;
    enum mill_status st = mill_client_log_batch(s->cli->client, s->run_id, &batch, &cause);
    if (st != MILL_OK) {
        mill_fail(err, st, "lines %lld to %lld: %.340s", (long long)s->first_line,
                  (long long)s->last_line, cause.message);
        return add_counts(s, st, err);
    }
    s->logged.metrics += s->waiting.metrics;
    s->logged.params += s->waiting.params;
    s->logged.tags += s->waiting.tags;
    s->waiting = (struct counts){0};
    mill_arena_reset(&s->arena, 1 << 20);
    return MILL_OK;
}

/* Ends it all with the failure in err, once what came whole before it has been logged. */
static enum mill_status give_up(struct stream *s, enum mill_status st, struct mill_error *err)
{
    struct mill_error cause = *err;
    enum mill_status sent = send_batch(s, err);
    if (sent != MILL_OK)
        return sent;
    *err = cause;
    return add_counts(s, st, err);
}

static void add_entry(struct stream *s, const struct mill_entry *entry)
{
    if (total(&s->waiting) == 0) {
        s->first_line = s->lines.number;
        s->since_ns = mill_monotonic_ns();
    }
    s->last_line = s->lines.number;
    switch (entry->kind) {
    case MILL_ENTRY_METRIC:
        s->metrics[s->waiting.metrics++] = (struct mill_metric){
            .key = entry->key,
            .value = entry->number,
            .timestamp = entry->timestamp != MILL_ABSENT ? entry->timestamp : mill_now_ms(),
            .step = entry->step != MILL_ABSENT ? entry->step : 0};
        break;
    case MILL_ENTRY_PARAM:
        s->params[s->waiting.params++] =
            (struct mill_param){.key = entry->key, .value = entry->text};
        break;
    case MILL_ENTRY_TAG:
        s->tags[s->waiting.tags++] = (struct mill_tag){.key = entry->key, .value = entry->text};
        break;
    }
}

static enum mill_status add_line(struct stream *s, struct mill_view line,
                                 struct mill_error *err)
{
    struct mill_entry entry;
    struct mill_error cause;
    if (mill_view_empty(mill_view_trim(line)))
        return MILL_OK;
    enum mill_status st = mill_entry_read(line, &s->arena, &entry, &cause);
    if (st != MILL_OK) {
        mill_fail(err, st, "line %lld: %.340s", (long long)s->lines.number, cause.message);
        return give_up(s, st, err);
    }
    add_entry(s, &entry);
    return total(&s->waiting) == BATCH ? send_batch(s, err) : MILL_OK;
}

/* How long to wait for the next line. */
static int patience_ms(const struct stream *s)
{
    if (total(&s->waiting) == 0)
        return -1;
    int64_t age_ms = (mill_monotonic_ns() - s->since_ns) / 1000000;
    return age_ms < FLUSH_MS ? (int)(FLUSH_MS - age_ms) : 0;
}

static enum mill_status copy(struct stream *s, struct mill_error *err)
{
    enum mill_lines_event event = MILL_LINES_IDLE;
    enum mill_status st = MILL_OK;
    while (st == MILL_OK && event != MILL_LINES_END) {
        struct mill_view line;
        st = mill_lines_next(&s->lines, patience_ms(s), &event, &line, err);
        if (st != MILL_OK)
            return give_up(s, st, err);
        st = event == MILL_LINES_LINE ? add_line(s, line, err) : send_batch(s, err);
    }
    return st;
}

static void pass_over(int number)
{
    (void)number;
}

static enum mill_status log_batch(struct mill_cli *cli, struct mill_error *err)
{
    struct stream *s = mill_arena_zero(&cli->arena, 1, sizeof(*s));
    char counts[96];
    if (s == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    s->cli = cli;
    s->lines.fd = STDIN_FILENO;
    if (!isatty(STDIN_FILENO)) {
        /* Ctrl-C also reaches whoever writes to us, and its last words are worth having: only
         * a second one ends this program. */
        struct sigaction action = {.sa_handler = pass_over, .sa_flags = (int)SA_RESETHAND};
        sigaction(SIGINT, &action, NULL);
    }
    enum mill_status st = mill_cli_open(cli, MILL_WRITE, err);
    if (st == MILL_OK)
        st = mill_cli_run_id(cli, mill_arg(&cli->args, "run-id"), &s->run_id, err);
    if (st == MILL_OK)
        st = copy(s, err);
    if (st == MILL_OK)
        mill_cli_done(cli, "Logged %s to run %.*s", counts_text(&s->logged, counts),
                      MILL_FMT(s->run_id));
    mill_buf_release(&s->lines.buf);
    mill_arena_release(&s->arena);
    return st;
}

static const struct mill_opt opts[] = {MILL_OPT_RUN_ID, MILL_OPT_JSON, MILL_OPT_TRACKING_URI};

const struct mill_command mill_cmd_runs_log_batch = {
    .group = "runs",
    .name = "log-batch",
    .summary = "Log what standard input says, one JSON object a line",
    .details =
        "{\"key\": \"loss\", \"value\": 0.5, \"step\": 7, \"timestamp\": 1700000000000} is a "
        "point "
        "of a metric (without step: 0, without timestamp: now), {\"param\": \"rate\", "
        "\"value\": \"0.1\"} a param, {\"tag\": \"host\", \"value\": \"gpu1\"} a tag. NaN and "
        "infinities are \"NaN\", \"Infinity\" and \"-Infinity\". They are sent a thousand at a "
        "time, or after half a second, so that a program that is still running can write into "
        "a pipe. A bad line ends it, once those before it are logged.",
    MILL_OPTS(opts),
    .run = log_batch,
};
