/* conformance.c - see conformance.h.
 *
 * A subject may be a server that others use as well, so each case works in an experiment of
 * its own, with names that nobody else has, and calls its runs by letters. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/view.h"
#include "conformance.h"

/* What each of a subject's own ways is called in the report. */
static const struct way {
    enum subject_way way;
    const char *text;
} ways[] = {
    {SUBJECT_CHOOSES_RUN_IDS, "it chooses the ids of runs"},
    {SUBJECT_HAS_OWN_CLOCK, "it notes times by its own clock"},
    {SUBJECT_UPDATES_SILENTLY, "updating a run does not give it back"},
    {SUBJECT_NO_JSON_TAGS, "it has no call that appends to a JSON list in a tag"},
    {SUBJECT_NO_STEP_RANGES, "its samples are of whole series"},
    {SUBJECT_NO_DEFAULT, "it has no Default experiment"},
    {SUBJECT_MISSES_EXPERIMENTS, "it finds no runs only in experiments that are there"},
    {SUBJECT_REFUSES_BY_STATE, "it calls renaming what is deleted a bad request"},
    {SUBJECT_KEEPS_INFINITY, "Infinity stays Infinity"},
};

static struct subject *subject;

struct fixture {
    char mark[32]; /* end of every name in this case */
    int64_t home;  /* an experiment of the case's own */
    int64_t began_ms;
    char run_ids[128][64]; /* by letter; empty: no such run */
    struct mill_arena arena;
    struct mill_error err; /* of the last failure */
};

/* The status of an expression is as expected, or the case ends with the message. */
#define IS(expression, expected)                                                               \
    do {                                                                                       \
        enum mill_status is_ = (expression);                                                   \
        if (is_ != (expected))                                                                 \
            fail_msg("%s instead of %s: %s", mill_status_get_info(is_)->name, #expected,       \
                     is_ != MILL_OK ? f->err.message : "");                                    \
    } while (0)

static bool is(enum subject_way way)
{
    return (subject->ways & (unsigned)way) != 0;
}

/* --- doing things ---------------------------------------------------------------------- */

/* Makes one change; a failure's message goes to f->err. */
static struct mill_outcome apply(struct fixture *f, struct mill_change *change)
{
    struct mill_outcome outcome = {.status = MILL_E_INTERNAL};
    if (change->now_ms == 0)
        change->now_ms = 1000;
    subject->ops->apply(subject, change, &outcome, 1);
    f->err = outcome.error;
    return outcome;
}

/* A name that no other case uses. */
static struct mill_view name(struct fixture *f, const char *what)
{
    return mill_arena_printf(&f->arena, "%s%s.%s",
                             subject->folder != NULL ? subject->folder : "", what, f->mark);
}

/* Formatted text that lives as long as the case. */
#define TEXT(...) ((const char *)mill_arena_printf(&f->arena, __VA_ARGS__).ptr)

static int64_t create_experiment(struct fixture *f, const char *what)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_EXPERIMENT,
        .as.create_experiment = {.name = name(f, what),
                                 .artifact_root = MILL_VIEW("mlflow-artifacts:/")},
    };
    struct mill_outcome outcome = apply(f, &change);
    IS(outcome.status, MILL_OK);
    return outcome.experiment_id;
}

static enum mill_status change_experiment(struct fixture *f, enum mill_change_kind kind,
                                          int64_t id)
{
    struct mill_change change = {.kind = kind, .as.experiment.experiment_id = id};
    return apply(f, &change).status;
}

static const struct mill_experiment *get_experiment(struct fixture *f, int64_t id)
{
    const struct mill_experiment *found = NULL;
    IS(subject->ops->get_experiment(subject, id, &found, &f->err), MILL_OK);
    return found;
}

/* The id of the run with that letter; of a run that was not made, the letter 32 times. */
static struct mill_view run_id(struct fixture *f, char letter)
{
    char *text = f->run_ids[(unsigned char)letter];
    if (text[0] != '\0')
        return mill_view_of(text);
    memset(text, letter, 32);
    struct mill_view id = mill_arena_copy(&f->arena, (struct mill_view){text, 32});
    text[0] = '\0';
    return id;
}

static char letter_of(struct fixture *f, struct mill_view id)
{
    for (int letter = 'a'; letter <= 'z'; letter++)
        if (mill_view_eq(id, mill_view_of(f->run_ids[letter])))
            return (char)letter;
    return '?';
}

static const struct mill_run *create_run(struct fixture *f, int64_t experiment_id, char letter,
                                         int64_t start_time)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_RUN,
        .as.create_run = {.run_id = run_id(f, letter),
                          .experiment_id = experiment_id,
                          .run_name = MILL_VIEW("a run"),
                          .user_id = MILL_VIEW("me"),
                          .start_time = start_time},
    };
    struct mill_outcome outcome = apply(f, &change);
    IS(outcome.status, MILL_OK);
    struct mill_view id = outcome.run->info.run_id;
    char *text = f->run_ids[(unsigned char)letter];
    assert_in_range(id.len, 1, sizeof(f->run_ids[0]) - 1);
    memcpy(text, id.ptr, id.len);
    text[id.len] = '\0';
    return outcome.run;
}

static enum mill_status log_metric(struct fixture *f, char run, const char *key, double value,
                                   int64_t timestamp, int64_t step)
{
    struct mill_metric metric = {mill_view_of(key), value, timestamp, step, NULL};
    struct mill_change change = {.kind = MILL_CHANGE_LOG,
                                 .as.log = {.source = MILL_LOG_FROM_METRIC,
                                            .run_id = run_id(f, run),
                                            .metrics = &metric,
                                            .metric_count = 1}};
    return apply(f, &change).status;
}

static enum mill_status log_param(struct fixture *f, char run, const char *key,
                                  const char *value)
{
    struct mill_param param = {mill_view_of(key), mill_view_of(value)};
    struct mill_change change = {.kind = MILL_CHANGE_LOG,
                                 .as.log = {.source = MILL_LOG_FROM_PARAM,
                                            .run_id = run_id(f, run),
                                            .params = &param,
                                            .param_count = 1}};
    return apply(f, &change).status;
}

static enum mill_status set_tag(struct fixture *f, char run, const char *key, const char *value)
{
    struct mill_tag tag = {mill_view_of(key), mill_view_of(value)};
    struct mill_change change = {.kind = MILL_CHANGE_LOG,
                                 .as.log = {.source = MILL_LOG_FROM_TAG,
                                            .run_id = run_id(f, run),
                                            .tags = &tag,
                                            .tag_count = 1}};
    return apply(f, &change).status;
}

static enum mill_status change_run(struct fixture *f, enum mill_change_kind kind, char run)
{
    struct mill_change change = {.kind = kind, .as.run.run_id = run_id(f, run)};
    return apply(f, &change).status;
}

static const struct mill_run *get_run(struct fixture *f, char run)
{
    const struct mill_run *found = NULL;
    IS(subject->ops->get_run(subject, run_id(f, run), &found, &f->err), MILL_OK);
    return found;
}

/* The letters of the runs that a search finds, as a text; a '+' when there are more. */
static const char *search(struct fixture *f, int64_t experiment_id, const char *filter,
                          const char *order_by, enum mill_view_type view, int64_t skip,
                          int64_t limit)
{
    static char letters[SUBJECT_PAGE + 2];
    struct subject_search query = {filter, order_by, view, skip, limit};
    struct subject_runs runs = {.count = 0};
    IS(subject->ops->search_runs(subject, experiment_id, &query, &runs, &f->err), MILL_OK);
    size_t n = 0;
    for (; n < runs.count; n++)
        letters[n] = letter_of(f, runs.items[n]->info.run_id);
    letters[n++] = runs.more ? '+' : '\0';
    letters[n] = '\0';
    return letters;
}

static const char *find(struct fixture *f, const char *filter, const char *order_by)
{
    return search(f, f->home, filter, order_by, MILL_VIEW_ACTIVE_ONLY, 0, SUBJECT_PAGE);
}

static struct subject_experiments search_experiments(struct fixture *f, const char *filter,
                                                     const char *order_by, int64_t skip,
                                                     int64_t limit)
{
    struct subject_search query = {filter, order_by, MILL_VIEW_ACTIVE_ONLY, skip, limit};
    struct subject_experiments found = {.count = 0};
    IS(subject->ops->search_experiments(subject, &query, &found, &f->err), MILL_OK);
    return found;
}

/* --- looking at things ----------------------------------------------------------------- */

static void assert_view(struct mill_view v, const char *text)
{
    if (v.ptr == NULL || !mill_view_eq(v, mill_view_of(text)))
        fail_msg("'%.*s' instead of '%s'", MILL_FMT(v), text);
}

/* The value of a tag; absent when there is none. */
static struct mill_view tag_of(const struct mill_tag *tags, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (mill_view_eq(tags[i].key, mill_view_of(key)))
            return tags[i].value;
    return (struct mill_view){NULL, 0};
}

static struct mill_view run_tag(const struct mill_run *run, const char *key)
{
    return tag_of(run->tags, run->tag_count, key);
}

static struct mill_view experiment_tag(const struct mill_experiment *experiment,
                                       const char *key)
{
    return tag_of(experiment->tags, experiment->tag_count, key);
}

/* A time that the subject noted itself: that of the change, or of its own clock. */
static void assert_noted(const struct fixture *f, int64_t noted_ms, int64_t change_ms)
{
    if (!is(SUBJECT_HAS_OWN_CLOCK))
        assert_int_equal(noted_ms, change_ms);
    else if (noted_ms < f->began_ms || noted_ms > mill_now_ms())
        fail_msg("noted %lld, outside of the case", (long long)noted_ms);
}

/* --- each case ------------------------------------------------------------------------- */

static int set_up(void **state)
{
    static int cases;
    struct fixture *f = calloc(1, sizeof(*f));
    *state = f;
    f->began_ms = mill_now_ms();
    snprintf(f->mark, sizeof(f->mark), "%d-%d-%lld", cases++, (int)getpid(),
             (long long)f->began_ms);
    subject->ops->open(subject);
    f->home = create_experiment(f, "home");
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    subject->ops->close(subject);
    mill_arena_release(&f->arena);
    free(f);
    return 0;
}

/* --- experiments ----------------------------------------------------------------------- */

static void the_default_experiment_is_there(void **state)
{
    struct fixture *f = *state;
    const struct mill_experiment *e = NULL;
    enum mill_status st = subject->ops->get_experiment(subject, 0, &e, &f->err);
    if (is(SUBJECT_NO_DEFAULT)) {
        IS(st, MILL_E_NOT_FOUND);
        return;
    }
    IS(st, MILL_OK);
    assert_view(e->name, "Default");
    assert_int_equal(e->lifecycle_stage, MILL_ACTIVE);
}

static void an_experiment_is_created_and_found(void **state)
{
    struct fixture *f = *state;
    const struct mill_experiment *e = NULL;
    int64_t id = create_experiment(f, "digits");
    assert_int_not_equal(id, f->home);
    IS(subject->ops->get_experiment_by_name(subject, name(f, "digits"), &e, &f->err), MILL_OK);
    assert_int_equal(e->experiment_id, id);
    assert_int_equal(e->lifecycle_stage, MILL_ACTIVE);
    assert_true(mill_view_ends(e->artifact_location,
                               mill_arena_printf(&f->arena, "/%lld", (long long)id)));
    assert_noted(f, e->creation_time, 1000);
    subject->ops->reopen(subject);
    e = get_experiment(f, id);
    assert_view(e->name, name(f, "digits").ptr);
    IS(subject->ops->get_experiment_by_name(subject, name(f, "none"), &e, &f->err),
       MILL_E_NOT_FOUND);
    IS(subject->ops->get_experiment(subject, 99999999, &e, &f->err), MILL_E_NOT_FOUND);
}

static void a_name_is_taken_even_by_a_deleted_experiment(void **state)
{
    struct fixture *f = *state;
    int64_t id = create_experiment(f, "once");
    struct mill_change again = {.kind = MILL_CHANGE_CREATE_EXPERIMENT,
                                .as.create_experiment.name = name(f, "once")};
    IS(apply(f, &again).status, MILL_E_EXISTS);
    IS(change_experiment(f, MILL_CHANGE_DELETE_EXPERIMENT, id), MILL_OK);
    IS(apply(f, &again).status, MILL_E_EXISTS);
}

static void deleting_an_experiment_takes_its_runs_along(void **state)
{
    struct fixture *f = *state;
    create_run(f, f->home, 'a', 1);
    assert_string_equal(find(f, "", NULL), "a");
    IS(change_experiment(f, MILL_CHANGE_DELETE_EXPERIMENT, f->home), MILL_OK);
    assert_string_equal(find(f, "", NULL), "");
    assert_string_equal(search(f, f->home, "", NULL, MILL_VIEW_DELETED_ONLY, 0, 10), "a");
    IS(log_metric(f, 'a', "m", 1, 1, 1), MILL_E_INVALID);
    IS(change_experiment(f, MILL_CHANGE_DELETE_EXPERIMENT, f->home), MILL_E_NOT_FOUND);
    IS(change_experiment(f, MILL_CHANGE_RESTORE_EXPERIMENT, f->home), MILL_OK);
    assert_string_equal(find(f, "", NULL), "a");
    IS(change_experiment(f, MILL_CHANGE_RESTORE_EXPERIMENT, f->home), MILL_E_NOT_FOUND);
}

static void an_experiment_is_renamed_once_its_name_is_free(void **state)
{
    struct fixture *f = *state;
    create_experiment(f, "taken");
    struct mill_change change = {.kind = MILL_CHANGE_RENAME_EXPERIMENT,
                                 .now_ms = 2000,
                                 .as.rename = {f->home, name(f, "taken")}};
    IS(apply(f, &change).status, MILL_E_BAD_REQUEST);
    change.as.rename.new_name = name(f, "new");
    IS(apply(f, &change).status, MILL_OK);
    const struct mill_experiment *e = get_experiment(f, f->home);
    assert_view(e->name, name(f, "new").ptr);
    assert_noted(f, e->last_update_time, 2000);
    change_experiment(f, MILL_CHANGE_DELETE_EXPERIMENT, f->home);
    IS(apply(f, &change).status,
       is(SUBJECT_REFUSES_BY_STATE) ? MILL_E_BAD_REQUEST : MILL_E_INVALID);
    change.as.rename.experiment_id = 99999999;
    IS(apply(f, &change).status, MILL_E_NOT_FOUND);
}

static void experiment_tags_are_set_replaced_and_deleted(void **state)
{
    struct fixture *f = *state;
    size_t before = get_experiment(f, f->home)->tag_count;
    struct mill_change change = {
        .kind = MILL_CHANGE_SET_EXPERIMENT_TAG,
        .as.experiment_tag = {f->home, MILL_VIEW("k"), MILL_VIEW("1")}};
    IS(apply(f, &change).status, MILL_OK);
    change.as.experiment_tag.value = MILL_VIEW("2");
    IS(apply(f, &change).status, MILL_OK);
    const struct mill_experiment *e = get_experiment(f, f->home);
    assert_int_equal(e->tag_count, before + 1);
    assert_view(experiment_tag(e, "k"), "2");
    change.kind = MILL_CHANGE_DELETE_EXPERIMENT_TAG;
    IS(apply(f, &change).status, MILL_OK);
    assert_int_equal(get_experiment(f, f->home)->tag_count, before);
    IS(apply(f, &change).status, MILL_E_NOT_FOUND);
}

static void experiments_are_searched_in_order(void **state)
{
    struct fixture *f = *state;
    int64_t beta = create_experiment(f, "beta");
    const char *team = TEXT("team.%s", f->mark);
    create_experiment(f, "alpha");
    struct mill_change tag = {.kind = MILL_CHANGE_SET_EXPERIMENT_TAG,
                              .as.experiment_tag = {beta, mill_view_of(team), MILL_VIEW("x")}};
    IS(apply(f, &tag).status, MILL_OK);
    const char *all = TEXT("name LIKE '%%.%s'", f->mark);
    struct subject_experiments found =
        search_experiments(f, TEXT("name LIKE '%%a.%s'", f->mark), "name ASC", 0, 10);
    assert_int_equal(found.count, 2);
    assert_view(found.items[0]->name, name(f, "alpha").ptr);
    found = search_experiments(f, TEXT("tags.`%s` = 'x'", team), NULL, 0, 10);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.items[0]->experiment_id, beta);
    assert_view(experiment_tag(found.items[0], team), "x");
    found = search_experiments(f, all, "name DESC", 1, 1);
    assert_int_equal(found.count, 1);
    assert_view(found.items[0]->name, name(f, "beta").ptr);
    assert_true(found.more);
    found = search_experiments(f, all, "name DESC", 2, 1);
    assert_view(found.items[0]->name, name(f, "alpha").ptr);
    assert_false(found.more);
}

/* --- runs ------------------------------------------------------------------------------ */

static void a_run_is_created_and_read(void **state)
{
    struct fixture *f = *state;
    const struct mill_run *made = create_run(f, f->home, 'a', 5);
    assert_view(made->info.run_name, "a run");
    assert_int_equal(made->info.status, MILL_RUN_RUNNING);
    assert_true(mill_view_ends(made->info.artifact_uri, MILL_VIEW("/artifacts")));
    subject->ops->reopen(subject);
    const struct mill_run *run = get_run(f, 'a');
    assert_int_equal(run->info.experiment_id, f->home);
    assert_view(run->info.user_id, "me");
    assert_int_equal(run->info.start_time, 5);
    assert_int_equal(run->info.end_time, MILL_ABSENT);
    assert_int_equal(run->tag_count, 1);
    assert_view(run_tag(run, "mlflow.runName"), "a run");
    IS(subject->ops->get_run(subject, run_id(f, 'z'), &run, &f->err), MILL_E_NOT_FOUND);
}

static void a_run_needs_an_active_experiment_and_a_free_id(void **state)
{
    struct fixture *f = *state;
    create_run(f, f->home, 'a', 1);
    struct mill_change change = {.kind = MILL_CHANGE_CREATE_RUN,
                                 .as.create_run = {.run_id = run_id(f, 'a'),
                                                   .experiment_id = f->home,
                                                   .run_name = MILL_VIEW("n")}};
    /* Who chooses the ids never takes one twice. */
    IS(apply(f, &change).status, is(SUBJECT_CHOOSES_RUN_IDS) ? MILL_OK : MILL_E_EXISTS);
    change_experiment(f, MILL_CHANGE_DELETE_EXPERIMENT, f->home);
    change.as.create_run.run_id = run_id(f, 'b');
    IS(apply(f, &change).status, MILL_E_INVALID);
    change.as.create_run.experiment_id = 99999999;
    IS(apply(f, &change).status, MILL_E_NOT_FOUND);
}

static void a_run_is_updated(void **state)
{
    struct fixture *f = *state;
    create_run(f, f->home, 'a', 1);
    struct mill_change change = {.kind = MILL_CHANGE_UPDATE_RUN,
                                 .as.update_run = {.run_id = run_id(f, 'a'),
                                                   .status = MILL_RUN_FINISHED,
                                                   .end_time = 9,
                                                   .run_name = MILL_VIEW("better")}};
    struct mill_outcome outcome = apply(f, &change);
    IS(outcome.status, MILL_OK);
    const struct mill_run *run = is(SUBJECT_UPDATES_SILENTLY) ? get_run(f, 'a') : outcome.run;
    assert_int_equal(run->info.status, MILL_RUN_FINISHED);
    assert_view(run->info.run_name, "better");
    change.as.update_run.status = 0;
    change.as.update_run.end_time = MILL_ABSENT;
    change.as.update_run.run_name = (struct mill_view){NULL, 0};
    IS(apply(f, &change).status, MILL_OK);
    run = get_run(f, 'a');
    assert_int_equal(run->info.status, MILL_RUN_FINISHED);
    assert_int_equal(run->info.end_time, 9);
    assert_view(run_tag(run, "mlflow.runName"), "better");
    change.as.update_run.run_id = run_id(f, 'z');
    IS(apply(f, &change).status, MILL_E_NOT_FOUND);
}

static void a_deleted_run_is_read_only_until_restored(void **state)
{
    struct fixture *f = *state;
    create_run(f, f->home, 'a', 1);
    IS(change_run(f, MILL_CHANGE_DELETE_RUN, 'a'), MILL_OK);
    IS(change_run(f, MILL_CHANGE_DELETE_RUN, 'a'), MILL_OK);
    IS(log_param(f, 'a', "p", "1"), MILL_E_INVALID);
    assert_int_equal(get_run(f, 'a')->info.lifecycle_stage, MILL_DELETED);
    assert_string_equal(find(f, "", NULL), "");
    assert_string_equal(search(f, f->home, "", NULL, MILL_VIEW_DELETED_ONLY, 0, 10), "a");
    IS(change_run(f, MILL_CHANGE_RESTORE_RUN, 'a'), MILL_OK);
    IS(log_param(f, 'a', "p", "1"), MILL_OK);
    IS(log_param(f, 'z', "p", "1"), MILL_E_NOT_FOUND);
    IS(change_run(f, MILL_CHANGE_DELETE_RUN, 'z'), MILL_E_NOT_FOUND);
}

static void params_are_written_once(void **state)
{
    struct fixture *f = *state;
    create_run(f, f->home, 'a', 1);
    IS(log_param(f, 'a', "lr", "0.1"), MILL_OK);
    IS(log_param(f, 'a', "lr", "0.1"), MILL_OK);
    IS(log_param(f, 'a', "lr", "0.2"), MILL_E_INVALID);
    subject->ops->reopen(subject);
    IS(log_param(f, 'a', "lr", "0.2"), MILL_E_INVALID);
    const struct mill_run *run = get_run(f, 'a');
    assert_int_equal(run->param_count, 1);
    assert_view(run->params[0].value, "0.1");
}

static void a_refused_batch_changes_nothing(void **state)
{
    struct fixture *f = *state;
    create_run(f, f->home, 'a', 1);
    IS(log_param(f, 'a', "p", "1"), MILL_OK);
    struct mill_param params[] = {{MILL_VIEW("new"), MILL_VIEW("1")},
                                  {MILL_VIEW("p"), MILL_VIEW("2")}};
    struct mill_metric metric = {MILL_VIEW("m"), 1, 1, 1, NULL};
    struct mill_tag tag = {MILL_VIEW("t"), MILL_VIEW("v")};
    struct mill_change change = {.kind = MILL_CHANGE_LOG,
                                 .as.log = {.run_id = run_id(f, 'a'),
                                            .metrics = &metric,
                                            .metric_count = 1,
                                            .params = params,
                                            .param_count = 2,
                                            .tags = &tag,
                                            .tag_count = 1}};
    IS(apply(f, &change).status, MILL_E_INVALID);
    const struct mill_run *run = get_run(f, 'a');
    assert_int_equal(run->param_count, 1);
    assert_view(run->params[0].value, "1");
    assert_int_equal(run->metric_count, 0);
    assert_int_equal(run->tag_count, 1);
}

static void a_refused_change_does_not_hinder_its_group(void **state)
{
    struct fixture *f = *state;
    create_run(f, f->home, 'a', 1);
    struct mill_tag tags[] = {{MILL_VIEW("x"), MILL_VIEW("1")},
                              {MILL_VIEW("y"), MILL_VIEW("2")}};
    struct mill_change changes[3];
    struct mill_outcome outcomes[3];
    char runs[] = {'a', 'z', 'a'};
    for (size_t i = 0; i < 3; i++)
        changes[i] = (struct mill_change){
            .kind = MILL_CHANGE_LOG,
            .now_ms = 1,
            .as.log = {.run_id = run_id(f, runs[i]), .tags = &tags[i / 2], .tag_count = 1}};
    subject->ops->apply(subject, changes, outcomes, 3);
    assert_int_equal(outcomes[0].status, MILL_OK);
    assert_int_equal(outcomes[1].status, MILL_E_NOT_FOUND);
    assert_int_equal(outcomes[2].status, MILL_OK);
    assert_int_equal(get_run(f, 'a')->tag_count, 3);
}

static void tags_are_replaced_and_deleted(void **state)
{
    struct fixture *f = *state;
    create_run(f, f->home, 'a', 1);
    IS(set_tag(f, 'a', "k", "1"), MILL_OK);
    IS(set_tag(f, 'a', "k", "2"), MILL_OK);
    IS(set_tag(f, 'a', "mlflow.runName", "renamed"), MILL_OK);
    const struct mill_run *run = get_run(f, 'a');
    assert_view(run->info.run_name, "renamed");
    assert_view(run_tag(run, "k"), "2");
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_TAG,
                                 .as.run_tag = {run_id(f, 'a'), MILL_VIEW("k")}};
    IS(apply(f, &change).status, MILL_OK);
    IS(apply(f, &change).status, MILL_E_NOT_FOUND);
}

static void a_json_tag_grows(void **state)
{
    struct fixture *f = *state;
    create_run(f, f->home, 'a', 1);
    struct mill_change change = {
        .kind = MILL_CHANGE_APPEND_TAG_JSON,
        .as.append = {run_id(f, 'a'), MILL_VIEW("history"), MILL_VIEW("{\"n\": 1}")}};
    if (is(SUBJECT_NO_JSON_TAGS)) {
        IS(apply(f, &change).status, MILL_E_UNSUPPORTED);
        return;
    }
    IS(apply(f, &change).status, MILL_OK);
    IS(apply(f, &change).status, MILL_OK);
    assert_view(run_tag(get_run(f, 'a'), "history"), "[{\"n\": 1}, {\"n\": 1}]");
}

/* Lists of a run are ordered by key; texts come back byte by byte. */
static void any_text_comes_back(void **state)
{
    static const char *const texts[] = {"plain",
                                        "two words",
                                        "\xc3\xa4\xe2\x82\xac\xf0\x9f\x8c\xbe",
                                        "line\nbreak\ttab",
                                        "'quotes' \"and\" \\slashes/",
                                        "# : - {yaml: [json]}",
                                        "  spaces at the ends ",
                                        "null"};
    struct fixture *f = *state;
    create_run(f, f->home, 'a', 1);
    for (size_t i = 0; i < MILL_COUNT(texts); i++) {
        IS(log_param(f, 'a', TEXT("p%zu/sub dir", i), texts[i]), MILL_OK);
        IS(set_tag(f, 'a', TEXT("t.%zu-x", i), texts[i]), MILL_OK);
    }
    IS(set_tag(f, 'a', "empty", ""), MILL_OK);
    subject->ops->reopen(subject);
    const struct mill_run *run = get_run(f, 'a');
    assert_int_equal(run->param_count, MILL_COUNT(texts));
    for (size_t i = 0; i < MILL_COUNT(texts); i++) {
        assert_view(run->params[i].key, TEXT("p%zu/sub dir", i));
        assert_view(run->params[i].value, texts[i]);
        assert_view(run_tag(run, TEXT("t.%zu-x", i)), texts[i]);
    }
    assert_int_equal(run_tag(run, "empty").len, 0);
}

static const struct mill_dataset_input *dataset_of(const struct mill_run *run, const char *text)
{
    for (size_t i = 0; i < run->dataset_input_count; i++)
        if (mill_view_eq(run->dataset_inputs[i].dataset.name, mill_view_of(text)))
            return &run->dataset_inputs[i];
    fail_msg("the run has no dataset '%s'", text);
    return NULL;
}

static void inputs_and_outputs_are_kept_once(void **state)
{
    struct fixture *f = *state;
    create_run(f, f->home, 'a', 1);
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
                                 .as.inputs = {run_id(f, 'a'), inputs, 2, &model, 1}};
    IS(apply(f, &change).status, MILL_OK);
    IS(apply(f, &change).status, MILL_OK);
    struct mill_model_output output = {MILL_VIEW("m-2"), 3};
    struct mill_change outputs = {.kind = MILL_CHANGE_LOG_OUTPUTS,
                                  .as.outputs = {run_id(f, 'a'), &output, 1}};
    IS(apply(f, &outputs).status, MILL_OK);
    const struct mill_run *run = get_run(f, 'a');
    assert_int_equal(run->dataset_input_count, 2);
    const struct mill_dataset_input *d1 = dataset_of(run, "d1"), *d2 = dataset_of(run, "d2");
    assert_int_equal(d1->tag_count, 1);
    assert_view(d1->tags[0].value, "train");
    assert_null(d1->dataset.schema.ptr);
    assert_int_equal(d2->tag_count, 0);
    assert_view(d2->dataset.schema, "s");
    assert_int_equal(run->model_input_count, 1);
    assert_int_equal(run->model_output_count, 1);
    assert_int_equal(run->model_outputs[0].step, 3);
    assert_string_equal(find(f, "dataset.name = 'd2'", NULL), "a");
    assert_string_equal(find(f, "dataset.context = 'train'", NULL), "a");
    assert_string_equal(find(f, "dataset.digest = 'z'", NULL), "");
}

/* --- metrics --------------------------------------------------------------------------- */

static double latest(struct fixture *f, char run, int64_t *step_out)
{
    const struct mill_run *found = get_run(f, run);
    assert_int_equal(found->metric_count, 1);
    *step_out = found->metrics[0].step;
    return found->metrics[0].value;
}

static void the_latest_point_has_the_largest_step_time_and_value(void **state)
{
    struct fixture *f = *state;
    int64_t step;
    create_run(f, f->home, 'a', 1);
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
    subject->ops->reopen(subject);
    assert_true(isnan(latest(f, 'a', &step)));
}

/* The whole history as "step:value" texts. */
static const char *history(struct fixture *f, char run, const char *key, int64_t skip,
                           size_t page_size)
{
    static char text[4000];
    struct mill_point items[128];
    struct subject_points points = {items, MILL_COUNT(items), 0};
    IS(subject->ops->history(subject, run_id(f, run), mill_view_of(key), skip, page_size,
                             &points, &f->err),
       MILL_OK);
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < points.count; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%lld:%g", i > 0 ? " " : "",
                                (long long)items[i].step, items[i].value);
    return text;
}

static void a_history_is_in_order_of_time_step_and_value(void **state)
{
    struct fixture *f = *state;
    struct subject_points none = {NULL, 0, 0};
    create_run(f, f->home, 'a', 1);
    log_metric(f, 'a', "m", 3, 20, 1);
    log_metric(f, 'a', "m", 1, 10, 5);
    log_metric(f, 'a', "m", 2, 10, -4);
    log_metric(f, 'a', "m", 1, 10, 5); /* an exact repeat counts once */
    log_metric(f, 'a', "other", 7, 1, 1);
    assert_string_equal(history(f, 'a', "m", 0, 64), "-4:2 5:1 1:3");
    assert_string_equal(history(f, 'a', "m", 1, 1), "5:1 1:3");
    assert_string_equal(history(f, 'a', "m", 3, 64), "");
    assert_string_equal(history(f, 'a', "none", 0, 64), "");
    subject->ops->reopen(subject);
    assert_string_equal(history(f, 'a', "m", 0, 2), "-4:2 5:1 1:3");
    IS(subject->ops->history(subject, run_id(f, 'z'), MILL_VIEW("m"), 0, 64, &none, &f->err),
       MILL_E_NOT_FOUND);
}

/* Infinity is kept as the largest number, as in MLflow's databases; not in its trees of files.
 */
static void the_ends_of_numbers_come_back(void **state)
{
    struct fixture *f = *state;
    struct mill_point items[16];
    struct subject_points points = {items, MILL_COUNT(items), 0};
    create_run(f, f->home, 'a', 1);
    static const double values[] = {DBL_MAX, -DBL_MAX, DBL_TRUE_MIN, 0.1, -0.0, 1e22, 4.35};
    for (size_t i = 0; i < MILL_COUNT(values); i++)
        IS(log_metric(f, 'a', "m", values[i], (int64_t)i, 0), MILL_OK);
    IS(log_metric(f, 'a', "m", (double)INFINITY, 50, INT64_MAX), MILL_OK);
    IS(log_metric(f, 'a', "m", -(double)INFINITY, 9007199254740993, -INT64_MAX), MILL_OK);
    IS(subject->ops->history(subject, run_id(f, 'a'), MILL_VIEW("m"), 0, 4, &points, &f->err),
       MILL_OK);
    assert_int_equal(points.count, MILL_COUNT(values) + 2);
    for (size_t i = 0; i < MILL_COUNT(values); i++)
        assert_true(items[i].value == values[i]);
    double most = is(SUBJECT_KEEPS_INFINITY) ? (double)INFINITY : DBL_MAX;
    assert_true(items[MILL_COUNT(values)].value == most);
    assert_int_equal(items[MILL_COUNT(values)].step, INT64_MAX);
    assert_true(items[MILL_COUNT(values) + 1].value == -most);
    assert_int_equal(items[MILL_COUNT(values) + 1].step, -INT64_MAX);
    assert_int_equal(items[MILL_COUNT(values) + 1].timestamp, 9007199254740993);
}

static void a_long_history_is_complete(void **state)
{
    enum { POINTS = 3000, PAGE = 77 };
    struct fixture *f = *state;
    static struct mill_point items[POINTS + PAGE];
    create_run(f, f->home, 'a', 1);
    struct mill_metric metrics[100];
    for (int64_t i = 0; i < POINTS; i += 100) {
        /* Each second batch lies before the first one's steps: late points. */
        for (int64_t j = 0; j < 100; j++)
            metrics[j] = (struct mill_metric){MILL_VIEW("m"), (double)(i + j), 1000 + i + j,
                                              (i / 100) % 2 == 0 ? i + j : i + j - 150, NULL};
        struct mill_change change = {
            .kind = MILL_CHANGE_LOG,
            .as.log = {.run_id = run_id(f, 'a'), .metrics = metrics, .metric_count = 100}};
        IS(apply(f, &change).status, MILL_OK);
    }
    for (int pass = 0; pass < 2; pass++) {
        struct subject_points points = {items, MILL_COUNT(items), 0};
        IS(subject->ops->history(subject, run_id(f, 'a'), MILL_VIEW("m"), 0, PAGE, &points,
                                 &f->err),
           MILL_OK);
        assert_int_equal(points.count, POINTS);
        for (size_t i = 0; i < POINTS; i++)
            assert_true(items[i].value == (double)i);
        subject->ops->reopen(subject);
    }
}

static size_t sample(struct fixture *f, const char *key, int64_t start_step, int64_t end_step,
                     size_t max_points, struct mill_point *items, size_t capacity)
{
    struct subject_points points = {items, capacity, 0};
    IS(subject->ops->sample(subject, run_id(f, 'a'), mill_view_of(key), start_step, end_step,
                            max_points, &points, &f->err),
       MILL_OK);
    return points.count;
}

static void a_sample_has_the_first_of_each_bucket_and_the_last(void **state)
{
    struct fixture *f = *state;
    struct mill_point points[16];
    create_run(f, f->home, 'a', 1);
    for (int64_t i = 0; i < 10; i++)
        log_metric(f, 'a', "m", (double)i, 100 + i, i - 2);
    /* ten points in three buckets: 4, 3, 3; the last point takes the third place */
    assert_int_equal(sample(f, "m", INT64_MIN, INT64_MAX, 3, points, 16), 3);
    assert_int_equal(points[0].step, -2);
    assert_int_equal(points[1].step, 2);
    assert_int_equal(points[2].step, 7);
    assert_int_equal(sample(f, "m", 0, 4, 100, points, 16),
                     is(SUBJECT_NO_STEP_RANGES) ? 10 : 5);
    assert_int_equal(sample(f, "no", 0, 4, 100, points, 16), 0);
    struct subject_points none = {points, 16, 0};
    IS(subject->ops->sample(subject, run_id(f, 'z'), MILL_VIEW("m"), 0, 4, 100, &none, &f->err),
       MILL_E_NOT_FOUND);
}

/* --- search ---------------------------------------------------------------------------- */

static void seed(struct fixture *f)
{
    create_run(f, f->home, 'a', 10);
    create_run(f, f->home, 'b', 30);
    create_run(f, f->home, 'c', 21);
    create_run(f, f->home, 'd', 20);
    create_run(f, f->home, 'e', 5);
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
    assert_string_equal(find(f, "", NULL), "bcdae");
    assert_string_equal(search(f, f->home, "", NULL, MILL_VIEW_ALL, 1, 2), "cd+");
    assert_string_equal(search(f, f->home, "", NULL, MILL_VIEW_ALL, 3, 2), "ae");
    assert_string_equal(search(f, f->home, "", NULL, MILL_VIEW_ALL, 9, 2), "");
    struct subject_search all = {"", NULL, MILL_VIEW_ALL, 0, 10};
    struct subject_runs runs = {.count = 0};
    IS(subject->ops->search_runs(subject, 99999999, &all, &runs, &f->err),
       is(SUBJECT_MISSES_EXPERIMENTS) ? MILL_E_NOT_FOUND : MILL_OK);
    assert_int_equal(runs.count, 0);
}

static void runs_of_one_moment_are_ordered_by_id(void **state)
{
    struct fixture *f = *state;
    for (char letter = 'a'; letter <= 'h'; letter++)
        create_run(f, f->home, letter, 7);
    char found[16];
    snprintf(found, sizeof(found), "%s", find(f, "", NULL));
    assert_int_equal(strlen(found), 8);
    for (size_t i = 1; i < 8; i++)
        assert_true(mill_view_cmp(run_id(f, found[i - 1]), run_id(f, found[i])) < 0);
    snprintf(found, sizeof(found), "%s", find(f, "", "run_id DESC"));
    assert_int_equal(strlen(found), 8);
    for (size_t i = 1; i < 8; i++)
        assert_true(mill_view_cmp(run_id(f, found[i - 1]), run_id(f, found[i])) > 0);
}

static void runs_are_filtered(void **state)
{
    struct fixture *f = *state;
    seed(f);
    assert_string_equal(find(f, "metrics.acc > 0.6", NULL), "da");
    assert_string_equal(find(f, "metrics.acc > 0.6 and params.opt = 'adam'", NULL), "a");
    assert_string_equal(find(f, "params.opt LIKE 'adam%'", NULL), "da");
    assert_string_equal(find(f, "params.opt ILIKE 'sgd'", NULL), "b");
    assert_string_equal(find(f, "params.opt != 'adam'", NULL), "bd");
    assert_string_equal(find(f, "tags.team = 'x'", NULL), "b");
    assert_string_equal(find(f, "params.opt IS NULL", NULL), "ce");
    /* a NaN compares with none */
    assert_string_equal(find(f, "metrics.acc < 9", NULL), "bda");
    assert_string_equal(find(f, "metrics.acc != 0.5", NULL), "cda");
    assert_string_equal(find(f, "attributes.start_time >= 20", NULL), "bcd");
    assert_string_equal(find(f, "attributes.status = 'RUNNING'", NULL), "bcdae");
    assert_string_equal(find(f, "metrics.none < 1", NULL), "");
}

static void runs_are_ordered(void **state)
{
    struct fixture *f = *state;
    seed(f);
    assert_string_equal(find(f, "", "metrics.acc ASC"), "bdace");
    assert_string_equal(find(f, "", "metrics.acc DESC"), "adbce");
    assert_string_equal(find(f, "", "params.opt"), "badce");
    assert_string_equal(find(f, "", "start_time ASC"), "eadcb");
}

static void a_search_that_cannot_be_read_is_refused(void **state)
{
    static const char *const filters[] = {"metrics.acc >", "nonsense ~ 1", "params.p > 'x'",
                                          "metrics.m = 'text'"};
    struct fixture *f = *state;
    struct subject_runs runs;
    for (size_t i = 0; i < MILL_COUNT(filters); i++) {
        struct subject_search query = {filters[i], NULL, MILL_VIEW_ALL, 0, 10};
        IS(subject->ops->search_runs(subject, f->home, &query, &runs, &f->err), MILL_E_INVALID);
        assert_int_not_equal(strlen(f->err.message), 0);
    }
    struct subject_search query = {"", "nonsense.x ASC", MILL_VIEW_ALL, 0, 10};
    IS(subject->ops->search_runs(subject, f->home, &query, &runs, &f->err), MILL_E_INVALID);
}

static void a_search_sees_what_was_just_written(void **state)
{
    struct fixture *f = *state;
    seed(f);
    assert_string_equal(find(f, "metrics.acc > 0.8", "metrics.acc"), "a");
    log_metric(f, 'e', "acc", 0.95, 1, 1);
    assert_string_equal(find(f, "metrics.acc > 0.8", "metrics.acc"), "ae");
    create_run(f, f->home, 'f', 1);
    assert_string_equal(find(f, "", NULL), "bcdaef");
    log_metric(f, 'f', "acc", 0.85, 1, 1);
    assert_string_equal(find(f, "metrics.acc > 0.8", "metrics.acc"), "fae");
    IS(change_run(f, MILL_CHANGE_DELETE_RUN, 'a'), MILL_OK);
    assert_string_equal(find(f, "metrics.acc > 0.8", "metrics.acc"), "fe");
    subject->ops->reopen(subject);
    assert_string_equal(find(f, "metrics.acc > 0.8", "metrics.acc"), "fe");
}

/* --- the suite ------------------------------------------------------------------------- */

#define T(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
static const struct CMUnitTest cases[] = {
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
    T(any_text_comes_back),
    T(inputs_and_outputs_are_kept_once),
    T(the_latest_point_has_the_largest_step_time_and_value),
    T(a_history_is_in_order_of_time_step_and_value),
    T(the_ends_of_numbers_come_back),
    T(a_long_history_is_complete),
    T(a_sample_has_the_first_of_each_bucket_and_the_last),
    T(runs_come_newest_first),
    T(runs_of_one_moment_are_ordered_by_id),
    T(runs_are_filtered),
    T(runs_are_ordered),
    T(a_search_that_cannot_be_read_is_refused),
    T(a_search_sees_what_was_just_written),
};
#undef T

int conformance_run(struct subject *which)
{
    subject = which;
    for (size_t i = 0; i < MILL_COUNT(ways); i++)
        if (is(ways[i].way))
            print_message("%s: %s\n", subject->name, ways[i].text);
    return cmocka_run_group_tests_name(subject->name, cases, NULL, NULL);
}

void conformance_list(void)
{
    for (size_t i = 0; i < MILL_COUNT(cases); i++)
        puts(cases[i].name);
}
