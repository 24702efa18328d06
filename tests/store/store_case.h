/* store_case.h - a fresh store for one test, and what tests of the things beside runs do with
 * it. One thread. */
#ifndef MILL_TESTS_STORE_CASE_H
#define MILL_TESTS_STORE_CASE_H

#include "store/store.h"

struct store_case {
    struct mill_store *store;
    struct mill_arena arena; /* of everything that is read */
    char uri[200];
};

/* Where the stores of the tests that follow are: a scheme and a directory that exists. */
void store_case_use(const char *scheme, const char *directory);

/* For cmocka: *state is a struct store_case with a store that no other test writes to. */
int store_case_set_up(void **state);
int store_case_tear_down(void **state);

/* Closes the store and opens it again; one in memory stays open. */
void store_case_reopen(struct store_case *c);

/* Checks the change and applies it; now_ms is 1000 unless given. */
struct mill_outcome store_case_apply(struct store_case *c, struct mill_change *change);

/* These must succeed. The run id is the letter 32 times. */
int64_t store_case_experiment(struct store_case *c, const char *name);
struct mill_view store_case_run(struct store_case *c, int64_t experiment_id, char letter);

/* The suites, one for each kind of thing; the result is the number of failures. */
int conformance_charts(void);
int conformance_logged_models(void);
int conformance_evaluation(void);
int conformance_traces(void);

#endif
