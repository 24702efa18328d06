/* subject_store.c - a store of this process as a subject of the conformance suite. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/view.h"
#include "store/store.h"
#include "subject.h"

/* Pages that one test may hold on to. */
#define MAX_PAGES 200

struct store_subject {
    struct subject base;
    const char *scheme;
    const char *directory;
    char uri[200];
    struct mill_store *store;
    struct mill_arena arena; /* of everything but runs */
    struct mill_run_page pages[MAX_PAGES];
    size_t page_count;
};

static struct store_subject *of(struct subject *subject)
{
    return (struct store_subject *)subject;
}

/* --- opening and closing --------------------------------------------------------------- */

static void open_store(struct store_subject *s)
{
    struct mill_error err = {""};
    struct mill_store_options options = {.artifact_root = MILL_VIEW("mlflow-artifacts:/"),
                                         .synchronous = 2};
    if (mill_store_open(mill_view_of(s->uri), &options, &s->store, &err) != MILL_OK)
        fail_msg("cannot open %s: %s", s->uri, err.message);
}

static void store_open(struct subject *subject)
{
    static int next; /* of all subjects: some share a directory */
    struct store_subject *s = of(subject);
    snprintf(s->uri, sizeof(s->uri), "%s%s/%d", s->scheme, s->directory, next++);
    open_store(s);
}

/* Gives back what reads handed out. */
static void forget(struct store_subject *s)
{
    for (size_t i = 0; i < s->page_count; i++)
        mill_run_page_release(&s->pages[i]);
    s->page_count = 0;
    mill_arena_release(&s->arena);
}

static void store_close(struct subject *subject)
{
    struct store_subject *s = of(subject);
    forget(s);
    mill_store_close(s->store);
    s->store = NULL;
}

static void store_reopen(struct subject *subject)
{
    struct store_subject *s = of(subject);
    forget(s);
    if (mill_view_starts(mill_view_of(s->uri), MILL_VIEW("memory:")))
        return;
    mill_store_close(s->store);
    open_store(s);
}

/* --- writing --------------------------------------------------------------------------- */

/* All that pass the check go to the store together. */
static void store_apply(struct subject *subject, struct mill_change *changes,
                        struct mill_outcome *outcomes, size_t count)
{
    struct store_subject *s = of(subject);
    struct mill_pending pending[SUBJECT_CHANGES], *list[SUBJECT_CHANGES];
    struct mill_error err = {""};
    size_t good = 0;
    assert_true(count <= SUBJECT_CHANGES);
    for (size_t i = 0; i < count; i++) {
        outcomes[i].status = mill_change_check(&changes[i], &s->arena, &outcomes[i].error);
        pending[i] = (struct mill_pending){&changes[i], {.arena = &s->arena}};
        if (outcomes[i].status == MILL_OK)
            list[good++] = &pending[i];
    }
    if (good > 0 && mill_store_apply(s->store, list, good, &err) != MILL_OK)
        fail_msg("apply: %s", err.message);
    for (size_t i = 0; i < count; i++)
        if (outcomes[i].status == MILL_OK)
            outcomes[i] = pending[i].outcome;
}

/* --- reading --------------------------------------------------------------------------- */

static struct mill_experiment *new_experiment(struct store_subject *s)
{
    struct mill_experiment *found = mill_arena_zero(&s->arena, 1, sizeof(*found));
    assert_non_null(found);
    return found;
}

static enum mill_status store_get_experiment(struct subject *subject, int64_t experiment_id,
                                             const struct mill_experiment **out,
                                             struct mill_error *err)
{
    struct store_subject *s = of(subject);
    struct mill_experiment *found = new_experiment(s);
    *out = found;
    return mill_store_get_experiment(s->store, experiment_id, &s->arena, found, err);
}

static enum mill_status store_get_experiment_by_name(struct subject *subject,
                                                     struct mill_view name,
                                                     const struct mill_experiment **out,
                                                     struct mill_error *err)
{
    struct store_subject *s = of(subject);
    struct mill_experiment *found = new_experiment(s);
    *out = found;
    return mill_store_get_experiment_by_name(s->store, name, &s->arena, found, err);
}

static enum mill_status parse(struct store_subject *s, enum mill_query_subject about,
                              const struct subject_search *search, struct mill_plan *plan_out,
                              struct mill_error *err)
{
    struct mill_view order = mill_view_of(search->order_by);
    return mill_query_parse(about, mill_view_of(search->filter), &order,
                            search->order_by != NULL ? 1 : 0, &s->arena, plan_out, err);
}

static enum mill_status store_search_experiments(struct subject *subject,
                                                 const struct subject_search *search,
                                                 struct subject_experiments *out,
                                                 struct mill_error *err)
{
    struct store_subject *s = of(subject);
    struct mill_plan plan = {0};
    struct mill_experiment_page page = {0};
    enum mill_status st = parse(s, MILL_QUERY_EXPERIMENTS, search, &plan, err);
    struct mill_experiment_search query = {search->view_type, &plan, search->skip,
                                           search->limit};
    if (st == MILL_OK)
        st = mill_store_search_experiments(s->store, &query, &s->arena, &page, err);
    out->count = page.count;
    out->more = page.more;
    for (size_t i = 0; i < page.count; i++)
        out->items[i] = &page.experiments[i];
    return st;
}

static enum mill_status store_get_run(struct subject *subject, struct mill_view run_id,
                                      const struct mill_run **out, struct mill_error *err)
{
    struct store_subject *s = of(subject);
    struct mill_run_page *page = &s->pages[s->page_count];
    assert_true(s->page_count < MAX_PAGES);
    enum mill_status st = mill_store_get_run(s->store, run_id, page, err);
    if (st != MILL_OK)
        return st;
    s->page_count++;
    assert_int_equal(page->count, 1);
    *out = page->runs[0];
    return MILL_OK;
}

static enum mill_status store_search_runs(struct subject *subject, int64_t experiment_id,
                                          const struct subject_search *search,
                                          struct subject_runs *out, struct mill_error *err)
{
    struct store_subject *s = of(subject);
    struct mill_plan plan = {0};
    struct mill_run_page *page = &s->pages[s->page_count];
    assert_true(s->page_count < MAX_PAGES);
    enum mill_status st = parse(s, MILL_QUERY_RUNS, search, &plan, err);
    struct mill_run_search query = {.experiment_ids = &experiment_id,
                                    .experiment_count = 1,
                                    .view_type = search->view_type,
                                    .plan = &plan,
                                    .offset = search->skip,
                                    .limit = search->limit};
    if (st == MILL_OK)
        st = mill_store_search_runs(s->store, &query, page, err);
    if (st != MILL_OK)
        return st;
    s->page_count++;
    out->count = page->count;
    out->more = page->more;
    for (size_t i = 0; i < page->count; i++)
        out->items[i] = page->runs[i];
    return MILL_OK;
}

static enum mill_status store_history(struct subject *subject, struct mill_view run_id,
                                      struct mill_view key, int64_t skip, size_t page_size,
                                      struct subject_points *out, struct mill_error *err)
{
    struct mill_history *history = NULL;
    size_t got = 1;
    enum mill_status st =
        mill_store_history_open(of(subject)->store, run_id, key, skip, &history, err);
    if (st != MILL_OK)
        return st;
    for (out->count = 0; st == MILL_OK && got > 0; out->count += got) {
        assert_true(out->count + page_size <= out->capacity);
        st = mill_history_next(history, out->items + out->count, page_size, &got, err);
    }
    mill_history_close(history);
    return st;
}

static enum mill_status store_sample(struct subject *subject, struct mill_view run_id,
                                     struct mill_view key, int64_t start_step, int64_t end_step,
                                     size_t max_points, struct subject_points *out,
                                     struct mill_error *err)
{
    struct store_subject *s = of(subject);
    struct mill_point *points = NULL;
    size_t count = 0;
    enum mill_status st = mill_store_sample(s->store, run_id, key, start_step, end_step,
                                            max_points, &s->arena, &points, &count, err);
    assert_true(count <= out->capacity);
    out->count = count;
    for (size_t i = 0; i < count; i++)
        out->items[i] = points[i];
    return st;
}

static const struct subject_ops store_ops = {
    .open = store_open,
    .reopen = store_reopen,
    .close = store_close,
    .apply = store_apply,
    .get_experiment = store_get_experiment,
    .get_experiment_by_name = store_get_experiment_by_name,
    .search_experiments = store_search_experiments,
    .get_run = store_get_run,
    .search_runs = store_search_runs,
    .history = store_history,
    .sample = store_sample,
};

struct subject *subject_store_new(const char *name, const char *scheme, const char *directory)
{
    struct store_subject *s = calloc(1, sizeof(*s));
    s->base =
        (struct subject){.ops = &store_ops,
                         .name = name,
                         .ways = strcmp(scheme, "file:") == 0 ? SUBJECT_KEEPS_INFINITY : 0};
    s->scheme = scheme;
    s->directory = directory;
    return &s->base;
}

void subject_store_free(struct subject *subject)
{
    free(subject);
}
