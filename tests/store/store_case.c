/* store_case.c - see store_case.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/view.h"
#include "store_case.h"

static const char *scheme, *directory;

void store_case_use(const char *of_scheme, const char *in_directory)
{
    scheme = of_scheme;
    directory = in_directory;
}

static void open_store(struct store_case *c)
{
    struct mill_error err = {""};
    struct mill_store_options options = {.artifact_root = MILL_VIEW("mlflow-artifacts:/"),
                                         .synchronous = 2};
    if (mill_store_open(mill_view_of(c->uri), &options, &c->store, &err) != MILL_OK)
        fail_msg("cannot open %s: %s", c->uri, err.message);
}

int store_case_set_up(void **state)
{
    static int next;
    struct store_case *c = calloc(1, sizeof(*c));
    *state = c;
    snprintf(c->uri, sizeof(c->uri), "%s%s/case-%d", scheme, directory, next++);
    open_store(c);
    return 0;
}

int store_case_tear_down(void **state)
{
    struct store_case *c = *state;
    mill_store_close(c->store);
    mill_arena_release(&c->arena);
    free(c);
    return 0;
}

void store_case_reopen(struct store_case *c)
{
    if (mill_view_starts(mill_view_of(c->uri), MILL_VIEW("memory:")))
        return;
    mill_store_close(c->store);
    c->store = NULL;
    open_store(c);
}

struct mill_outcome store_case_apply(struct store_case *c, struct mill_change *change)
{
    struct mill_pending pending = {.change = change, .outcome.arena = &c->arena};
    struct mill_pending *list[] = {&pending};
    struct mill_error err = {""};
    if (change->now_ms == 0)
        change->now_ms = 1000;
    pending.outcome.status = mill_change_check(change, &c->arena, &pending.outcome.error);
    if (pending.outcome.status == MILL_OK &&
        mill_store_apply(c->store, list, 1, &err) != MILL_OK)
        fail_msg("apply: %s", err.message);
    return pending.outcome;
}

int64_t store_case_experiment(struct store_case *c, const char *name)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_EXPERIMENT,
        .as.create_experiment = {.name = mill_view_of(name),
                                 .artifact_root = MILL_VIEW("mlflow-artifacts:/")}};
    struct mill_outcome outcome = store_case_apply(c, &change);
    assert_int_equal(outcome.status, MILL_OK);
    return outcome.experiment_id;
}

struct mill_view store_case_run(struct store_case *c, int64_t experiment_id, char letter)
{
    char id[32];
    memset(id, letter, sizeof(id));
    struct mill_view run_id = mill_arena_copy(&c->arena, (struct mill_view){id, sizeof(id)});
    struct mill_change change = {.kind = MILL_CHANGE_CREATE_RUN,
                                 .as.create_run = {.run_id = run_id,
                                                   .experiment_id = experiment_id,
                                                   .run_name = MILL_VIEW("a run")}};
    assert_int_equal(store_case_apply(c, &change).status, MILL_OK);
    return run_id;
}
