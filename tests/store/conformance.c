/* conformance.c - see conformance.h. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/view.h"
#include "conformance.h"

static const struct store_maker *maker;

/* A store and the arena of the test's results. */
struct fixture {
    struct mill_store *store;
    struct mill_arena arena;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->store = maker->make();
    *state = f;
    return f->store != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    mill_store_close(f->store);
    mill_arena_release(&f->arena);
    free(f);
    return 0;
}

static void reopen(struct fixture *f)
{
    f->store = maker->reopen(f->store);
    assert_non_null(f->store);
}

/* --- doing things --- */

/* Checks and applies one change; the outcome's run lives in the fixture's arena. */
static struct mill_outcome apply(struct fixture *f, struct mill_change *change)
{
    struct mill_error err = {""};
    if (change->now_ms == 0)
        change->now_ms = 1000;
    struct mill_pending pending = {.change = change, .outcome.arena = &f->arena};
    struct mill_pending *list[] = {&pending};
    enum mill_status st = mill_change_check(change, &f->arena, &err);
    if (st != MILL_OK) {
        pending.outcome.status = st;
        pending.outcome.error = err;
        return pending.outcome;
    }
    assert_int_equal(mill_store_apply(f->store, list, 1, &err), MILL_OK);
    return pending.outcome;
}

static int64_t create_experiment(struct fixture *f, const char *name)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_EXPERIMENT,
        .as.create_experiment = {.name = mill_view_of(name),
                                 .artifact_root = MILL_VIEW("mlflow-artifacts:/")},
    };
    struct mill_outcome outcome = apply(f, &change);
    assert_int_equal(outcome.status, MILL_OK);
    return outcome.experiment_id;
}

static enum mill_status change_experiment(struct fixture *f, enum mill_change_kind kind,
                                          int64_t id)
{
    struct mill_change change = {.kind = kind, .as.experiment.experiment_id = id};
    return apply(f, &change).status;
}

/* Run ids in the tests are a letter 32 times, so that their order is known. */
static struct mill_view run_id(char letter)
{
    static char texts[128][33];
    memset(texts[(unsigned char)letter], letter, 32);
    return (struct mill_view){texts[(unsigned char)letter], 32};
}

static const struct mill_run *create_run(struct fixture *f, int64_t experiment_id, char letter,
                                         int64_t start_time)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_RUN,
        .as.create_run = {.run_id = run_id(letter),
                          .experiment_id = experiment_id,
                          .run_name = MILL_VIEW("a run"),
                          .user_id = MILL_VIEW("me"),
                          .start_time = start_time},
    };
    struct mill_outcome outcome = apply(f, &change);
    assert_int_equal(outcome.status, MILL_OK);
    return outcome.run;
}

static enum mill_status log_metric(struct fixture *f, char run, const char *key, double value,
                                   int64_t timestamp, int64_t step)
{
    struct mill_metric metric = {mill_view_of(key), value, timestamp, step, NULL};
    struct mill_change change = {
        .kind = MILL_CHANGE_LOG,
        .as.log = {.run_id = run_id(run), .metrics = &metric, .metric_count = 1}};
    return apply(f, &change).status;
}

static enum mill_status log_param(struct fixture *f, char run, const char *key,
                                  const char *value)
{
    struct mill_param param = {mill_view_of(key), mill_view_of(value)};
    struct mill_change change = {
        .kind = MILL_CHANGE_LOG,
        .as.log = {.run_id = run_id(run), .params = &param, .param_count = 1}};
    return apply(f, &change).status;
}

static enum mill_status set_tag(struct fixture *f, char run, const char *key, const char *value)
{
    struct mill_tag tag = {mill_view_of(key), mill_view_of(value)};
    struct mill_change change = {
        .kind = MILL_CHANGE_LOG,
        .as.log = {.run_id = run_id(run), .tags = &tag, .tag_count = 1}};
    return apply(f, &change).status;
}

static struct mill_run_page get_run(struct fixture *f, char run)
{
    struct mill_run_page page = {0};
    struct mill_error err = {""};
    assert_int_equal(mill_store_get_run(f->store, run_id(run), &page, &err), MILL_OK);
    assert_int_equal(page.count, 1);
    return page;
}

/* The letters of the runs that a search finds, as a text. */
static const char *search(struct fixture *f, int64_t experiment_id, const char *filter,
                          const char *order_by, enum mill_view_type view, int64_t offset,
                          int64_t limit)
{
    static char letters[200];
    struct mill_error err = {""};
    struct mill_plan plan = {0};
    struct mill_view order = mill_view_of(order_by);
    assert_int_equal(mill_query_parse(MILL_QUERY_RUNS, mill_view_of(filter), &order,
                                      order_by != NULL ? 1 : 0, &f->arena, &plan, &err),
                     MILL_OK);
    struct mill_run_search query = {.experiment_ids = &experiment_id,
                                    .experiment_count = 1,
                                    .view_type = view,
                                    .plan = &plan,
                                    .offset = offset,
                                    .limit = limit};
    struct mill_run_page page = {0};
    assert_int_equal(mill_store_search_runs(f->store, &query, &page, &err), MILL_OK);
    size_t n = 0;
    for (; n < page.count; n++)
        letters[n] = page.runs[n]->info.run_id.ptr[0];
    letters[n++] = page.more ? '+' : '\0';
    letters[n] = '\0';
    mill_run_page_release(&page);
    return letters;
}

static const char *find(struct fixture *f, int64_t experiment_id, const char *filter,
                        const char *order_by)
{
    return search(f, experiment_id, filter, order_by, MILL_VIEW_ACTIVE_ONLY, 0, 100);
}

static void assert_view(struct mill_view v, const char *text)
{
    assert_int_equal(v.len, strlen(text));
    assert_memory_equal(v.ptr, text, v.len);
}

/* --- experiments --- */

static void the_default_experiment_is_there(void **state)
{
    struct fixture *f = *state;
    struct mill_experiment e;
    assert_int_equal(mill_store_get_experiment(f->store, 0, &f->arena, &e, NULL), MILL_OK);
    assert_view(e.name, "Default");
    assert_int_equal(e.lifecycle_stage, MILL_ACTIVE);
}

static void an_experiment_is_created_and_found(void **state)
{
    struct fixture *f = *state;
    struct mill_experiment e;
    int64_t id = create_experiment(f, "digits");
    assert_int_equal(id, 1);
    assert_int_equal(
        mill_store_get_experiment_by_name(f->store, MILL_VIEW("digits"), &f->arena, &e, NULL),
        MILL_OK);
    assert_int_equal(e.experiment_id, 1);
    assert_view(e.artifact_location, "mlflow-artifacts:/1");
    assert_int_equal(e.creation_time, 1000);
    reopen(f);
    assert_int_equal(mill_store_get_experiment(f->store, id, &f->arena, &e, NULL), MILL_OK);
    assert_view(e.name, "digits");
}

static void a_name_is_taken_even_by_a_deleted_experiment(void **state)
{
    struct fixture *f = *state;
    int64_t id = create_experiment(f, "once");
    struct mill_change again = {.kind = MILL_CHANGE_CREATE_EXPERIMENT,
                                .as.create_experiment.name = MILL_VIEW("once")};
    assert_int_equal(apply(f, &again).status, MILL_E_EXISTS);
    assert_int_equal(change_experiment(f, MILL_CHANGE_DELETE_EXPERIMENT, id), MILL_OK);
    assert_int_equal(apply(f, &again).status, MILL_E_EXISTS);
}

static void deleting_an_experiment_takes_its_runs_along(void **state)
{
    struct fixture *f = *state;
    int64_t id = create_experiment(f, "bin");
    create_run(f, id, 'a', 1);
    assert_string_equal(find(f, id, "", NULL), "a");
    assert_int_equal(change_experiment(f, MILL_CHANGE_DELETE_EXPERIMENT, id), MILL_OK);
    assert_string_equal(find(f, id, "", NULL), "");
    assert_string_equal(search(f, id, "", NULL, MILL_VIEW_DELETED_ONLY, 0, 10), "a");
    assert_int_equal(log_metric(f, 'a', "m", 1, 1, 1), MILL_E_INVALID);
    assert_int_equal(change_experiment(f, MILL_CHANGE_DELETE_EXPERIMENT, id), MILL_E_NOT_FOUND);
    assert_int_equal(change_experiment(f, MILL_CHANGE_RESTORE_EXPERIMENT, id), MILL_OK);
    assert_string_equal(find(f, id, "", NULL), "a");
    assert_int_equal(change_experiment(f, MILL_CHANGE_RESTORE_EXPERIMENT, id),
                     MILL_E_NOT_FOUND);
}

static void an_experiment_is_renamed_once_its_name_is_free(void **state)
{
    struct fixture *f = *state;
    struct mill_experiment e;
    int64_t id = create_experiment(f, "old");
    create_experiment(f, "taken");
    struct mill_change change = {.kind = MILL_CHANGE_RENAME_EXPERIMENT,
                                 .now_ms = 2000,
                                 .as.rename = {id, MILL_VIEW("taken")}};
    assert_int_equal(apply(f, &change).status, MILL_E_BAD_REQUEST);
    change.as.rename.new_name = MILL_VIEW("new");
    assert_int_equal(apply(f, &change).status, MILL_OK);
    assert_int_equal(mill_store_get_experiment(f->store, id, &f->arena, &e, NULL), MILL_OK);
    assert_view(e.name, "new");
    assert_int_equal(e.last_update_time, 2000);
    change_experiment(f, MILL_CHANGE_DELETE_EXPERIMENT, id);
    assert_int_equal(apply(f, &change).status, MILL_E_INVALID);
    change.as.rename.experiment_id = 77;
    assert_int_equal(apply(f, &change).status, MILL_E_NOT_FOUND);
}

static void experiment_tags_are_set_replaced_and_deleted(void **state)
{
    struct fixture *f = *state;
    struct mill_experiment e;
    struct mill_change change = {.kind = MILL_CHANGE_SET_EXPERIMENT_TAG,
                                 .as.experiment_tag = {0, MILL_VIEW("k"), MILL_VIEW("1")}};
    assert_int_equal(apply(f, &change).status, MILL_OK);
    change.as.experiment_tag.value = MILL_VIEW("2");
    assert_int_equal(apply(f, &change).status, MILL_OK);
    assert_int_equal(mill_store_get_experiment(f->store, 0, &f->arena, &e, NULL), MILL_OK);
    assert_int_equal(e.tag_count, 1);
    assert_view(e.tags[0].value, "2");
    change.kind = MILL_CHANGE_DELETE_EXPERIMENT_TAG;
    assert_int_equal(apply(f, &change).status, MILL_OK);
    assert_int_equal(apply(f, &change).status, MILL_E_NOT_FOUND);
}

static size_t search_experiments(struct fixture *f, const char *filter, const char *order_by,
                                 int64_t offset, int64_t limit,
                                 struct mill_experiment_page *page)
{
    struct mill_error err = {""};
    struct mill_plan plan = {0};
    struct mill_view order = mill_view_of(order_by);
    assert_int_equal(mill_query_parse(MILL_QUERY_EXPERIMENTS, mill_view_of(filter), &order,
                                      order_by != NULL ? 1 : 0, &f->arena, &plan, &err),
                     MILL_OK);
    struct mill_experiment_search query = {MILL_VIEW_ACTIVE_ONLY, &plan, offset, limit};
    assert_int_equal(mill_store_search_experiments(f->store, &query, &f->arena, page, &err),
                     MILL_OK);
    return page->count;
}

static void experiments_are_searched_in_order(void **state)
{
    struct fixture *f = *state;
    struct mill_experiment_page page;
    create_experiment(f, "beta");
    create_experiment(f, "alpha");
    struct mill_change tag = {.kind = MILL_CHANGE_SET_EXPERIMENT_TAG,
                              .as.experiment_tag = {1, MILL_VIEW("team"), MILL_VIEW("x")}};
    assert_int_equal(apply(f, &tag).status, MILL_OK);
    assert_int_equal(search_experiments(f, "name LIKE '%a'", "name ASC", 0, 10, &page), 2);
    assert_view(page.experiments[0].name, "alpha");
    assert_int_equal(search_experiments(f, "tags.team = 'x'", NULL, 0, 10, &page), 1);
    assert_int_equal(page.experiments[0].experiment_id, 1);
    assert_int_equal(page.experiments[0].tag_count, 1);
    assert_int_equal(search_experiments(f, "", "name DESC", 1, 1, &page), 1);
    assert_view(page.experiments[0].name, "alpha");
    assert_true(page.more);
}

/* --- runs --- */

static void a_run_is_created_and_read(void **state)
{
    struct fixture *f = *state;
    const struct mill_run *made = create_run(f, 0, 'a', 5);
    assert_view(made->info.run_name, "a run");
    assert_int_equal(made->info.status, MILL_RUN_RUNNING);
    assert_true(mill_view_ends(made->info.artifact_uri, MILL_VIEW("/artifacts")));
    reopen(f);
    struct mill_run_page page = get_run(f, 'a');
    const struct mill_run *run = page.runs[0];
    assert_view(run->info.user_id, "me");
    assert_int_equal(run->info.start_time, 5);
    assert_int_equal(run->info.end_time, MILL_ABSENT);
    assert_int_equal(run->tag_count, 1);
    assert_view(run->tags[0].key, "mlflow.runName");
    mill_run_page_release(&page);
}

static void a_run_needs_an_active_experiment_and_a_free_id(void **state)
{
    struct fixture *f = *state;
    int64_t id = create_experiment(f, "gone");
    create_run(f, id, 'a', 1);
    struct mill_change change = {.kind = MILL_CHANGE_CREATE_RUN,
                                 .as.create_run = {.run_id = run_id('a'),
                                                   .experiment_id = id,
                                                   .run_name = MILL_VIEW("n")}};
    assert_int_equal(apply(f, &change).status, MILL_E_EXISTS);
    change_experiment(f, MILL_CHANGE_DELETE_EXPERIMENT, id);
    change.as.create_run.run_id = run_id('b');
    assert_int_equal(apply(f, &change).status, MILL_E_INVALID);
    change.as.create_run.experiment_id = 99;
    assert_int_equal(apply(f, &change).status, MILL_E_NOT_FOUND);
}

static void a_run_is_updated(void **state)
{
    struct fixture *f = *state;
    create_run(f, 0, 'a', 1);
    struct mill_change change = {.kind = MILL_CHANGE_UPDATE_RUN,
                                 .as.update_run = {.run_id = run_id('a'),
                                                   .status = MILL_RUN_FINISHED,
                                                   .end_time = 9,
                                                   .run_name = MILL_VIEW("better")}};
    struct mill_outcome outcome = apply(f, &change);
    assert_int_equal(outcome.status, MILL_OK);
    assert_int_equal(outcome.run->info.status, MILL_RUN_FINISHED);
    assert_view(outcome.run->info.run_name, "better");
    change.as.update_run.status = 0;
    change.as.update_run.end_time = MILL_ABSENT;
    change.as.update_run.run_name = (struct mill_view){NULL, 0};
    assert_int_equal(apply(f, &change).status, MILL_OK);
    struct mill_run_page page = get_run(f, 'a');
    assert_int_equal(page.runs[0]->info.end_time, 9);
    assert_view(page.runs[0]->tags[0].value, "better");
    mill_run_page_release(&page);
}

static void a_deleted_run_is_read_only_until_restored(void **state)
{
    struct fixture *f = *state;
    create_run(f, 0, 'a', 1);
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_RUN, .as.run.run_id = run_id('a')};
    assert_int_equal(apply(f, &change).status, MILL_OK);
    assert_int_equal(apply(f, &change).status, MILL_OK);
    assert_int_equal(log_param(f, 'a', "p", "1"), MILL_E_INVALID);
    struct mill_run_page page = get_run(f, 'a');
    assert_int_equal(page.runs[0]->info.lifecycle_stage, MILL_DELETED);
    mill_run_page_release(&page);
    change.kind = MILL_CHANGE_RESTORE_RUN;
    assert_int_equal(apply(f, &change).status, MILL_OK);
    assert_int_equal(log_param(f, 'a', "p", "1"), MILL_OK);
    assert_int_equal(log_param(f, 'z', "p", "1"), MILL_E_NOT_FOUND);
}

static void params_are_written_once(void **state)
{
    struct fixture *f = *state;
    create_run(f, 0, 'a', 1);
    assert_int_equal(log_param(f, 'a', "lr", "0.1"), MILL_OK);
    assert_int_equal(log_param(f, 'a', "lr", "0.1"), MILL_OK);
    assert_int_equal(log_param(f, 'a', "lr", "0.2"), MILL_E_INVALID);
    reopen(f);
    assert_int_equal(log_param(f, 'a', "lr", "0.2"), MILL_E_INVALID);
    struct mill_run_page page = get_run(f, 'a');
    assert_int_equal(page.runs[0]->param_count, 1);
    assert_view(page.runs[0]->params[0].value, "0.1");
    mill_run_page_release(&page);
}

static void a_refused_batch_changes_nothing(void **state)
{
    struct fixture *f = *state;
    create_run(f, 0, 'a', 1);
    assert_int_equal(log_param(f, 'a', "p", "1"), MILL_OK);
    struct mill_param params[] = {{MILL_VIEW("new"), MILL_VIEW("1")},
                                  {MILL_VIEW("p"), MILL_VIEW("2")}};
    struct mill_metric metric = {MILL_VIEW("m"), 1, 1, 1, NULL};
    struct mill_tag tag = {MILL_VIEW("t"), MILL_VIEW("v")};
    struct mill_change change = {.kind = MILL_CHANGE_LOG,
                                 .as.log = {.run_id = run_id('a'),
                                            .metrics = &metric,
                                            .metric_count = 1,
                                            .params = params,
                                            .param_count = 2,
                                            .tags = &tag,
                                            .tag_count = 1}};
    assert_int_equal(apply(f, &change).status, MILL_E_INVALID);
    struct mill_run_page page = get_run(f, 'a');
    assert_int_equal(page.runs[0]->param_count, 1);
    assert_int_equal(page.runs[0]->metric_count, 0);
    assert_int_equal(page.runs[0]->tag_count, 1);
    mill_run_page_release(&page);
}

static void a_refused_change_does_not_hinder_its_group(void **state)
{
    struct fixture *f = *state;
    struct mill_error err = {""};
    create_run(f, 0, 'a', 1);
    struct mill_tag tags[] = {{MILL_VIEW("x"), MILL_VIEW("1")},
                              {MILL_VIEW("y"), MILL_VIEW("2")}};
    struct mill_change changes[3];
    struct mill_pending pending[3], *list[3];
    char runs[] = {'a', 'z', 'a'};
    for (size_t i = 0; i < 3; i++) {
        changes[i] = (struct mill_change){
            .kind = MILL_CHANGE_LOG,
            .now_ms = 1,
            .as.log = {.run_id = run_id(runs[i]), .tags = &tags[i / 2], .tag_count = 1}};
        assert_int_equal(mill_change_check(&changes[i], &f->arena, &err), MILL_OK);
        pending[i] = (struct mill_pending){&changes[i], {.arena = &f->arena}};
        list[i] = &pending[i];
    }
    assert_int_equal(mill_store_apply(f->store, list, 3, &err), MILL_OK);
    assert_int_equal(pending[0].outcome.status, MILL_OK);
    assert_int_equal(pending[1].outcome.status, MILL_E_NOT_FOUND);
    assert_int_equal(pending[2].outcome.status, MILL_OK);
    struct mill_run_page page = get_run(f, 'a');
    assert_int_equal(page.runs[0]->tag_count, 3);
    mill_run_page_release(&page);
}

static void tags_are_replaced_and_deleted(void **state)
{
    struct fixture *f = *state;
    create_run(f, 0, 'a', 1);
    assert_int_equal(set_tag(f, 'a', "k", "1"), MILL_OK);
    assert_int_equal(set_tag(f, 'a', "k", "2"), MILL_OK);
    assert_int_equal(set_tag(f, 'a', "mlflow.runName", "renamed"), MILL_OK);
    struct mill_run_page page = get_run(f, 'a');
    assert_view(page.runs[0]->info.run_name, "renamed");
    assert_view(page.runs[0]->tags[0].value, "2");
    mill_run_page_release(&page);
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_TAG,
                                 .as.run_tag = {run_id('a'), MILL_VIEW("k")}};
    assert_int_equal(apply(f, &change).status, MILL_OK);
    assert_int_equal(apply(f, &change).status, MILL_E_NOT_FOUND);
}

static void a_json_tag_grows(void **state)
{
    struct fixture *f = *state;
    create_run(f, 0, 'a', 1);
    struct mill_change change = {
        .kind = MILL_CHANGE_APPEND_TAG_JSON,
        .as.append = {run_id('a'), MILL_VIEW("history"), MILL_VIEW("{\"n\": 1}")}};
    assert_int_equal(apply(f, &change).status, MILL_OK);
    assert_int_equal(apply(f, &change).status, MILL_OK);
    struct mill_run_page page = get_run(f, 'a');
    assert_view(page.runs[0]->tags[0].value, "[{\"n\": 1}, {\"n\": 1}]");
    mill_run_page_release(&page);
}

static void inputs_and_outputs_are_kept_once(void **state)
{
    struct fixture *f = *state;
    create_run(f, 0, 'a', 1);
    struct mill_tag context = {MILL_VIEW("mlflow.data.context"), MILL_VIEW("train")};
    struct mill_dataset_input inputs[] = {{&context,
                                           1,
                                           {.name = MILL_VIEW("d1"),
                                            .digest = MILL_VIEW("x"),
                                            .source_type = MILL_VIEW("local"),
                                            .source = MILL_VIEW("{}")}},
                                          {NULL,
                                           0,
                                           {.name = MILL_VIEW("d2"),
                                            .digest = MILL_VIEW("y"),
                                            .source_type = MILL_VIEW("local"),
                                            .source = MILL_VIEW("{}"),
                                            .schema = MILL_VIEW("s")}}};
    struct mill_model_input model = {MILL_VIEW("m-1")};
    struct mill_change change = {.kind = MILL_CHANGE_LOG_INPUTS,
                                 .as.inputs = {run_id('a'), inputs, 2, &model, 1}};
    assert_int_equal(apply(f, &change).status, MILL_OK);
    assert_int_equal(apply(f, &change).status, MILL_OK);
    struct mill_model_output output = {MILL_VIEW("m-2"), 3};
    struct mill_change outputs = {.kind = MILL_CHANGE_LOG_OUTPUTS,
                                  .as.outputs = {run_id('a'), &output, 1}};
    assert_int_equal(apply(f, &outputs).status, MILL_OK);
    struct mill_run_page page = get_run(f, 'a');
    const struct mill_run *run = page.runs[0];
    assert_int_equal(run->dataset_input_count, 2);
    assert_view(run->dataset_inputs[0].dataset.name, "d1");
    assert_int_equal(run->dataset_inputs[0].tag_count, 1);
    assert_view(run->dataset_inputs[0].tags[0].value, "train");
    assert_null(run->dataset_inputs[0].dataset.schema.ptr);
    assert_int_equal(run->dataset_inputs[1].tag_count, 0);
    assert_view(run->dataset_inputs[1].dataset.schema, "s");
    assert_int_equal(run->model_input_count, 1);
    assert_int_equal(run->model_output_count, 1);
    assert_int_equal(run->model_outputs[0].step, 3);
    mill_run_page_release(&page);
    assert_string_equal(find(f, 0, "dataset.name = 'd2'", NULL), "a");
    assert_string_equal(find(f, 0, "dataset.context = 'train'", NULL), "a");
    assert_string_equal(find(f, 0, "dataset.digest = 'z'", NULL), "");
}

/* --- metrics --- */

static double latest(struct fixture *f, char run, int64_t *step_out)
{
    struct mill_run_page page = get_run(f, run);
    assert_int_equal(page.runs[0]->metric_count, 1);
    double value = page.runs[0]->metrics[0].value;
    *step_out = page.runs[0]->metrics[0].step;
    mill_run_page_release(&page);
    return value;
}

static void the_latest_point_has_the_largest_step_time_and_value(void **state)
{
    struct fixture *f = *state;
    int64_t step;
    create_run(f, 0, 'a', 1);
    log_metric(f, 'a', "m", 1.5, 10, 2);
    assert_true(latest(f, 'a', &step) == 1.5);
    log_metric(f, 'a', "m", 9, 99, 1);
    assert_true(latest(f, 'a', &step) == 1.5);
    assert_int_equal(step, 2);
    log_metric(f, 'a', "m", 2.5, 10, 2);
    assert_true(latest(f, 'a', &step) == 2.5);
    log_metric(f, 'a', "m", (double)NAN, 11, 2);
    assert_true(isnan(latest(f, 'a', &step)));
    log_metric(f, 'a', "m", -3, 11, 2); /* NaN counts as 0 */
    assert_true(isnan(latest(f, 'a', &step)));
    reopen(f);
    assert_true(isnan(latest(f, 'a', &step)));
}

/* The whole history as "step:value" texts. */
static const char *history(struct fixture *f, char run, const char *key, int64_t skip,
                           size_t capacity)
{
    static char text[4000];
    struct mill_point points[64];
    struct mill_history *h;
    struct mill_error err = {""};
    size_t n, len = 0;
    text[0] = '\0';
    assert_int_equal(
        mill_store_history_open(f->store, run_id(run), mill_view_of(key), skip, &h, &err),
        MILL_OK);
    for (;;) {
        assert_int_equal(mill_history_next(h, points, capacity, &n, &err), MILL_OK);
        if (n == 0)
            break;
        for (size_t i = 0; i < n; i++)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%lld:%g",
                                    len != 0 ? " " : "", (long long)points[i].step,
                                    points[i].value);
    }
    mill_history_close(h);
    return text;
}

static void a_history_is_in_order_of_time_step_and_value(void **state)
{
    struct fixture *f = *state;
    create_run(f, 0, 'a', 1);
    log_metric(f, 'a', "m", 3, 20, 1);
    log_metric(f, 'a', "m", 1, 10, 5);
    log_metric(f, 'a', "m", 2, 10, -4);
    log_metric(f, 'a', "m", 1, 10, 5); /* an exact repeat counts once */
    log_metric(f, 'a', "other", 7, 1, 1);
    assert_string_equal(history(f, 'a', "m", 0, 64), "-4:2 5:1 1:3");
    assert_string_equal(history(f, 'a', "m", 1, 1), "5:1 1:3");
    assert_string_equal(history(f, 'a', "m", 3, 64), "");
    assert_string_equal(history(f, 'a', "none", 0, 64), "");
    reopen(f);
    assert_string_equal(history(f, 'a', "m", 0, 2), "-4:2 5:1 1:3");
    struct mill_history *h;
    assert_int_equal(
        mill_store_history_open(f->store, run_id('z'), MILL_VIEW("m"), 0, &h, NULL),
        MILL_E_NOT_FOUND);
}

static void a_long_history_is_complete(void **state)
{
    enum { POINTS = 3000 };
    struct fixture *f = *state;
    create_run(f, 0, 'a', 1);
    struct mill_metric metrics[100];
    for (int64_t i = 0; i < POINTS; i += 100) {
        /* Each second batch lies before the first one's steps: late points. */
        for (int64_t j = 0; j < 100; j++)
            metrics[j] = (struct mill_metric){MILL_VIEW("m"), (double)(i + j), 1000 + i + j,
                                              (i / 100) % 2 == 0 ? i + j : i + j - 150, NULL};
        struct mill_change change = {
            .kind = MILL_CHANGE_LOG,
            .as.log = {.run_id = run_id('a'), .metrics = metrics, .metric_count = 100}};
        assert_int_equal(apply(f, &change).status, MILL_OK);
    }
    for (int pass = 0; pass < 2; pass++) {
        struct mill_history *h;
        struct mill_point points[77];
        size_t n, seen = 0;
        assert_int_equal(
            mill_store_history_open(f->store, run_id('a'), MILL_VIEW("m"), 0, &h, NULL),
            MILL_OK);
        while (mill_history_next(h, points, 77, &n, NULL) == MILL_OK && n != 0)
            for (size_t i = 0; i < n; i++, seen++)
                assert_true(points[i].value == (double)seen);
        assert_int_equal(seen, POINTS);
        mill_history_close(h);
        reopen(f);
    }
}

static void a_sample_has_the_first_of_each_bucket_and_the_last(void **state)
{
    struct fixture *f = *state;
    struct mill_point *points;
    size_t n;
    create_run(f, 0, 'a', 1);
    for (int64_t i = 0; i < 10; i++)
        log_metric(f, 'a', "m", (double)i, 100 + i, i - 2);
    assert_int_equal(mill_store_sample(f->store, run_id('a'), MILL_VIEW("m"), INT64_MIN,
                                       INT64_MAX, 3, &f->arena, &points, &n, NULL),
                     MILL_OK);
    /* ten points in three buckets: 4, 3, 3; the last point takes the third place */
    assert_int_equal(n, 3);
    assert_int_equal(points[0].step, -2);
    assert_int_equal(points[1].step, 2);
    assert_int_equal(points[2].step, 7);
    assert_int_equal(mill_store_sample(f->store, run_id('a'), MILL_VIEW("m"), 0, 4, 100,
                                       &f->arena, &points, &n, NULL),
                     MILL_OK);
    assert_int_equal(n, 5);
    assert_int_equal(mill_store_sample(f->store, run_id('a'), MILL_VIEW("no"), 0, 4, 100,
                                       &f->arena, &points, &n, NULL),
                     MILL_OK);
    assert_int_equal(n, 0);
}

/* --- search --- */

static void seed(struct fixture *f)
{
    create_run(f, 0, 'a', 10);
    create_run(f, 0, 'b', 30);
    create_run(f, 0, 'c', 20);
    create_run(f, 0, 'd', 20);
    create_run(f, 0, 'e', 5);
    log_metric(f, 'a', "acc", 0.9, 1, 1);
    log_metric(f, 'b', "acc", 0.5, 1, 1);
    log_metric(f, 'c', "acc", (double)NAN, 1, 1);
    log_metric(f, 'd', "acc", 0.7, 1, 1);
    log_param(f, 'a', "opt", "adam");
    log_param(f, 'b', "opt", "SGD");
    log_param(f, 'd', "opt", "adamw");
    set_tag(f, 'b', "team", "x");
}

static void runs_come_newest_first(void **state)
{
    struct fixture *f = *state;
    seed(f);
    assert_string_equal(find(f, 0, "", NULL), "bcdae");
    assert_string_equal(search(f, 0, "", NULL, MILL_VIEW_ALL, 1, 2), "cd+");
    assert_string_equal(search(f, 0, "", NULL, MILL_VIEW_ALL, 3, 2), "ae");
    assert_string_equal(search(f, 0, "", NULL, MILL_VIEW_ALL, 9, 2), "");
    assert_string_equal(find(f, 42, "", NULL), "");
}

static void runs_are_filtered(void **state)
{
    struct fixture *f = *state;
    seed(f);
    assert_string_equal(find(f, 0, "metrics.acc > 0.6", NULL), "da");
    assert_string_equal(find(f, 0, "metrics.acc > 0.6 and params.opt = 'adam'", NULL), "a");
    assert_string_equal(find(f, 0, "params.opt LIKE 'adam%'", NULL), "da");
    assert_string_equal(find(f, 0, "params.opt ILIKE 'sgd'", NULL), "b");
    assert_string_equal(find(f, 0, "params.opt != 'adam'", NULL), "bd");
    assert_string_equal(find(f, 0, "tags.team = 'x'", NULL), "b");
    assert_string_equal(find(f, 0, "params.opt IS NULL", NULL), "ce");
    assert_string_equal(find(f, 0, "metrics.acc < 9", NULL),
                        "bda"); /* a NaN compares with none */
    assert_string_equal(find(f, 0, "metrics.acc != 0.5", NULL), "cda");
    assert_string_equal(find(f, 0, "attributes.start_time >= 20", NULL), "bcd");
    assert_string_equal(find(f, 0, "attributes.status = 'RUNNING'", NULL), "bcdae");
    assert_string_equal(find(f, 0, "metrics.none < 1", NULL), "");
}

static void runs_are_ordered(void **state)
{
    struct fixture *f = *state;
    seed(f);
    assert_string_equal(find(f, 0, "", "metrics.acc ASC"), "bdace");
    assert_string_equal(find(f, 0, "", "metrics.acc DESC"), "adbce");
    assert_string_equal(find(f, 0, "", "params.opt"), "badce");
    assert_string_equal(find(f, 0, "", "start_time ASC"), "eacdb");
    assert_string_equal(find(f, 0, "", "run_id DESC"), "edcba");
}

static void a_search_sees_what_was_just_written(void **state)
{
    struct fixture *f = *state;
    seed(f);
    assert_string_equal(find(f, 0, "metrics.acc > 0.8", "metrics.acc"), "a");
    log_metric(f, 'e', "acc", 0.95, 1, 1);
    assert_string_equal(find(f, 0, "metrics.acc > 0.8", "metrics.acc"), "ae");
    create_run(f, 0, 'f', 1);
    assert_string_equal(find(f, 0, "", NULL), "bcdaef");
    log_metric(f, 'f', "acc", 0.85, 1, 1);
    assert_string_equal(find(f, 0, "metrics.acc > 0.8", "metrics.acc"), "fae");
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_RUN, .as.run.run_id = run_id('a')};
    apply(f, &change);
    assert_string_equal(find(f, 0, "metrics.acc > 0.8", "metrics.acc"), "fe");
    reopen(f);
    assert_string_equal(find(f, 0, "metrics.acc > 0.8", "metrics.acc"), "fe");
}

int conformance_run(const struct store_maker *which)
{
#define T(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(the_default_experiment_is_there),
        T(an_experiment_is_created_and_found),
        T(a_name_is_taken_even_by_a_deleted_experiment),
        T(deleting_an_experiment_takes_its_runs_along),
        T(an_experiment_is_renamed_once_its_name_is_free),
        T(experiment_tags_are_set_replaced_and_deleted),
        T(experiments_are_searched_in_order),
        T(a_run_is_created_and_read),
        T(a_run_needs_an_active_experiment_and_a_free_id),
        T(a_run_is_updated),
        T(a_deleted_run_is_read_only_until_restored),
        T(params_are_written_once),
        T(a_refused_batch_changes_nothing),
        T(a_refused_change_does_not_hinder_its_group),
        T(tags_are_replaced_and_deleted),
        T(a_json_tag_grows),
        T(inputs_and_outputs_are_kept_once),
        T(the_latest_point_has_the_largest_step_time_and_value),
        T(a_history_is_in_order_of_time_step_and_value),
        T(a_long_history_is_complete),
        T(a_sample_has_the_first_of_each_bucket_and_the_last),
        T(runs_come_newest_first),
        T(runs_are_filtered),
        T(runs_are_ordered),
        T(a_search_sees_what_was_just_written),
    };
#undef T
    maker = which;
    return cmocka_run_group_tests_name(which->name, tests, NULL, NULL);
}
