/* runs.h - runs side by side: which keys they have, where they differ, which one is best; as
 * a table, as CSV. */
#ifndef MILL_CLI_RUNS_H
#define MILL_CLI_RUNS_H

#include "cli/cli.h"

/* One metric or param of several runs. */
struct mill_key {
    struct mill_view name;
    bool is_metric;
    bool differs; /* the runs do not all have the same value */
    bool chosen;  /* asked for by name: always shown */
};

struct mill_keys {
    struct mill_key *items;
    size_t count;
};

/* Which run is best: by a metric, the smallest or largest. */
struct mill_best {
    struct mill_view metric; /* absent: nobody asked */
    bool smallest;
};

/* Reads "max:accuracy", "min:loss", or a bare name, which means the smallest for names with
 * loss, error and the like in them and the largest otherwise. */
enum mill_status mill_best_parse(const char *text, struct mill_best *out,
                                 struct mill_error *err);

/* Index of the best run, or SIZE_MAX when none has the metric. */
size_t mill_best_find(const struct mill_best *best, const struct mill_run *const *runs,
                      size_t count);

/* The keys of all runs, in the order in which they are shown: those asked for with metrics
 * and params (comma lists, each may be NULL), or else all of them, the metric of best first,
 * then metrics and params that differ, then the others. In arena. */
enum mill_status mill_keys_collect(const struct mill_run *const *runs, size_t count,
                                   const struct mill_best *best, const char *metrics,
                                   const char *params, struct mill_arena *arena,
                                   struct mill_keys *out, struct mill_error *err);

/* The value of a key: NULL and absent when the run has none. */
const struct mill_metric *mill_cli_metric(const struct mill_run *run, struct mill_view key);
struct mill_view mill_cli_param(const struct mill_run *run, struct mill_view key);

/* Milliseconds from start to end, or until now while it is running. */
int64_t mill_cli_took(const struct mill_run *run);

/* For a RUNNING run whose logger has missed three signs of life: milliseconds since the last
 * one. MILL_ABSENT for any other run. */
int64_t mill_cli_silent(const struct mill_run *run);

/* Appends a table of runs, the best one marked. */
enum mill_status mill_runs_print_table(struct mill_cli *cli, const struct mill_run *const *runs,
                                       size_t count, const struct mill_keys *keys,
                                       const struct mill_best *best, struct mill_error *err);

/* Appends CSV with a line of titles (RFC 4180). */
void mill_runs_print_csv(struct mill_cli *cli, const struct mill_run *const *runs, size_t count,
                         const struct mill_keys *keys);

#endif
