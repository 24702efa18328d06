/* conformance_traces.c - what evaluation.h promises of traces and assessments, on any store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/view.h"
#include "store/evaluation.h"
#include "store_case.h"

static void assert_text(struct mill_view actual, const char *expected)
{
    if (!mill_view_eq(actual, mill_view_of(expected)))
        fail_msg("'%.*s' should be '%s'", MILL_FMT(actual), expected);
}

/* "none" for a tag that is not there. */
static struct mill_view find(const struct mill_tag *tags, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (mill_view_eq(tags[i].key, mill_view_of(key)))
            return tags[i].value;
    return MILL_VIEW("none");
}

/* --- traces --- */

/* A trace whose id is a word that begins with the letter that searches find it by. */
static struct mill_outcome start(struct store_case *c, const char *id, int64_t experiment,
                                 int64_t time)
{
    static const struct mill_tag tags[] = {{{"team", 4}, {"red", 3}}};
    static const struct mill_tag metadata[] = {{{"user", 4}, {"me", 2}}};
    struct mill_change change = {.kind = MILL_CHANGE_START_TRACE,
                                 .as.trace = {.trace_id = mill_view_of(id),
                                              .experiment_id = experiment,
                                              .request_time = time,
                                              .duration_ms = time == 1 ? MILL_ABSENT : 10,
                                              .state = MILL_VIEW("OK"),
                                              .request_preview = MILL_VIEW("why?"),
                                              .tags = tags,
                                              .tag_count = 1,
                                              .metadata = metadata,
                                              .metadata_count = 1}};
    return store_case_apply(c, &change);
}

static enum mill_status try_get(struct store_case *c, const char *id, struct mill_trace *out)
{
    return mill_store_get_trace(c->store, mill_view_of(id), &c->arena, out, NULL);
}

static struct mill_trace get(struct store_case *c, const char *id)
{
    struct mill_trace trace = {0};
    assert_int_equal(try_get(c, id, &trace), MILL_OK);
    return trace;
}

static void test_start(void **state)
{
    struct store_case *c = *state;
    int64_t experiment = store_case_experiment(c, "traced");
    struct mill_trace trace;
    assert_int_equal(start(c, "a", 77, 1000).status, MILL_E_NOT_FOUND);
    assert_int_equal(try_get(c, "a", &trace), MILL_E_NOT_FOUND);
    assert_int_equal(start(c, "a", experiment, 1000).status, MILL_OK);
    store_case_reopen(c);
    trace = get(c, "a");
    assert_int_equal(trace.request_time, 1000);
    assert_int_equal(trace.duration_ms, 10);
    assert_text(trace.state, "OK");
    assert_text(trace.request_preview, "why?");
    assert_text(find(trace.tags, trace.tag_count, "team"), "red");
    assert_text(find(trace.tags, trace.tag_count, "mlflow.artifactLocation"),
                "mlflow-artifacts:/1/traces/a/artifacts");
    assert_text(find(trace.metadata, trace.metadata_count, "user"), "me");
}

/* Started once more, it has the new times and keeps its tags. */
static void test_start_again(void **state)
{
    struct store_case *c = *state;
    assert_int_equal(start(c, "a", 0, 1).status, MILL_OK);
    assert_int_equal(get(c, "a").duration_ms, MILL_ABSENT);
    struct mill_change tag = {.kind = MILL_CHANGE_TAG_TRACE,
                              .as.trace_tag = {.trace_id = MILL_VIEW("a"),
                                               .key = MILL_VIEW("more"),
                                               .value = MILL_VIEW("1")}};
    assert_int_equal(store_case_apply(c, &tag).status, MILL_OK);
    assert_int_equal(start(c, "a", 0, 2000).status, MILL_OK);
    struct mill_trace trace = get(c, "a");
    assert_int_equal(trace.request_time, 2000);
    assert_text(find(trace.tags, trace.tag_count, "more"), "1");
}

static enum mill_status untag(struct store_case *c, const char *id, const char *key)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_UNTAG_TRACE,
        .as.trace_tag = {.trace_id = mill_view_of(id), .key = mill_view_of(key)}};
    return store_case_apply(c, &change).status;
}

static void test_tags(void **state)
{
    struct store_case *c = *state;
    start(c, "a", 0, 1000);
    assert_int_equal(untag(c, "a", "team"), MILL_OK);
    assert_int_equal(untag(c, "a", "team"), MILL_E_NOT_FOUND);
    assert_int_equal(untag(c, "b", "team"), MILL_E_NOT_FOUND);
    struct mill_trace trace = get(c, "a");
    assert_text(find(trace.tags, trace.tag_count, "team"), "none");
}

/* --- deleting --- */

static struct mill_outcome delete_traces(struct store_case *c, const struct mill_view *ids,
                                         size_t count, int64_t up_to, int64_t most)
{
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_TRACES,
                                 .as.traces = {.trace_ids = ids,
                                               .trace_count = count,
                                               .experiment_id = 0,
                                               .max_timestamp = up_to,
                                               .max_traces = most}};
    return store_case_apply(c, &change);
}

static void test_delete(void **state)
{
    struct store_case *c = *state;
    int64_t other = store_case_experiment(c, "other");
    struct mill_trace trace;
    start(c, "a", 0, 1000);
    start(c, "b", 0, 2000);
    start(c, "c", 0, 3000);
    start(c, "d", other, 500);
    const struct mill_view ids[] = {MILL_VIEW("b"), MILL_VIEW("d"), MILL_VIEW("none")};
    assert_int_equal(delete_traces(c, ids, 3, MILL_ABSENT, MILL_ABSENT).deleted, 1);
    assert_int_equal(try_get(c, "b", &trace), MILL_E_NOT_FOUND);
    assert_int_equal(try_get(c, "d", &trace), MILL_OK);
    assert_int_equal(delete_traces(c, NULL, 0, 5000, 1).deleted, 1);
    assert_int_equal(try_get(c, "a", &trace), MILL_E_NOT_FOUND);
    assert_int_equal(delete_traces(c, NULL, 0, 2999, MILL_ABSENT).deleted, 0);
    assert_int_equal(delete_traces(c, NULL, 0, 3000, MILL_ABSENT).deleted, 1);
}

/* --- searching --- */

/* The first letters of the ids found, with + when there are more. */
static const char *search(struct store_case *c, const char *filter, const char *order,
                          int64_t offset, int64_t limit)
{
    static char letters[32];
    static const int64_t experiments[] = {0};
    struct mill_view orders[] = {mill_view_of(order)};
    struct mill_error err = {""};
    struct mill_plan plan = {0};
    struct mill_trace_page page = {0};
    enum mill_status st = mill_query_parse(MILL_QUERY_TRACES, mill_view_of(filter), orders,
                                           order != NULL ? 1 : 0, &c->arena, &plan, &err);
    struct mill_trace_search query = {.experiment_ids = experiments,
                                      .experiment_count = 1,
                                      .plan = &plan,
                                      .offset = offset,
                                      .limit = limit};
    if (st == MILL_OK)
        st = mill_store_search_traces(c->store, &query, &c->arena, &page, &err);
    if (st != MILL_OK)
        fail_msg("%s", err.message);
    size_t at = 0;
    for (size_t i = 0; i < page.count; i++)
        letters[at++] = page.traces[i].trace_id.ptr[0];
    if (page.more)
        letters[at++] = '+';
    letters[at] = '\0';
    return letters;
}

static void test_search(void **state)
{
    struct store_case *c = *state;
    int64_t other = store_case_experiment(c, "other");
    start(c, "a", 0, 1000);
    start(c, "c", 0, 3000);
    start(c, "b", 0, 2000);
    start(c, "x", other, 4000);
    untag(c, "b", "team");
    assert_string_equal(search(c, "", NULL, 0, 10), "cba");
    assert_string_equal(search(c, "", NULL, 0, 2), "cb+");
    assert_string_equal(search(c, "", NULL, 2, 2), "a");
    assert_string_equal(search(c, "", "timestamp_ms ASC", 0, 10), "abc");
    assert_string_equal(search(c, "tags.team = 'red'", NULL, 0, 10), "ca");
    assert_string_equal(search(c, "timestamp_ms > 1500", NULL, 0, 10), "cb");
    assert_string_equal(search(c, "metadata.user = 'me'", NULL, 0, 10), "cba");
    assert_string_equal(search(c, "status = 'ERROR'", NULL, 0, 10), "");
}

/* A trace is found by the run that it is linked to. */
static void test_links(void **state)
{
    struct store_case *c = *state;
    struct mill_view run_id = store_case_run(c, 0, 'e');
    const struct mill_view ids[] = {MILL_VIEW("a"), MILL_VIEW("none")};
    struct mill_change change = {
        .kind = MILL_CHANGE_LINK_TRACES,
        .as.traces = {.trace_ids = ids, .trace_count = 2, .run_id = run_id}};
    start(c, "a", 0, 1000);
    start(c, "b", 0, 2000);
    assert_int_equal(store_case_apply(c, &change).status, MILL_OK);
    assert_int_equal(store_case_apply(c, &change).status, MILL_OK);
    store_case_reopen(c);
    assert_string_equal(search(c, "run_id = 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee'", NULL, 0, 10),
                        "a");
}

static void test_several(void **state)
{
    struct store_case *c = *state;
    const struct mill_view ids[] = {MILL_VIEW("b"), MILL_VIEW("none"), MILL_VIEW("a")};
    struct mill_trace_page page = {0};
    start(c, "a", 0, 1000);
    start(c, "b", 0, 2000);
    assert_int_equal(mill_store_get_traces(c->store, ids, 3, &c->arena, &page, NULL), MILL_OK);
    assert_int_equal(page.count, 2);
    assert_text(page.traces[0].trace_id, "b");
    assert_text(page.traces[1].trace_id, "a");
}

/* --- assessments --- */

static struct mill_outcome assess(struct store_case *c, enum mill_change_kind kind,
                                  const char *id, const char *feedback, const char *overrides)
{
    struct mill_change change = {.kind = kind,
                                 .now_ms = 5000,
                                 .as.assessment = {.trace_id = MILL_VIEW("a"),
                                                   .assessment_id = mill_view_of(id),
                                                   .name = MILL_VIEW("good"),
                                                   .feedback = mill_view_of(feedback),
                                                   .overrides = mill_view_of(overrides),
                                                   .create_time = 4000,
                                                   .last_update_time = 4000,
                                                   .valid = true}};
    return store_case_apply(c, &change);
}

static struct mill_assessment read_assessment(struct store_case *c, const char *id)
{
    struct mill_assessment found = {0};
    assert_int_equal(mill_store_get_assessment(c->store, MILL_VIEW("a"), mill_view_of(id),
                                               &c->arena, &found, NULL),
                     MILL_OK);
    return found;
}

static void test_assessments(void **state)
{
    struct store_case *c = *state;
    const enum mill_change_kind add = MILL_CHANGE_ADD_ASSESSMENT;
    assert_int_equal(assess(c, add, "a-1", "{}", NULL).status, MILL_E_NOT_FOUND);
    start(c, "a", 0, 1000);
    assert_int_equal(assess(c, add, "a-1", "{\"value\":1}", NULL).status, MILL_OK);
    assert_int_equal(assess(c, add, "a-1", "{\"value\":1}", NULL).status, MILL_E_EXISTS);
    store_case_reopen(c);
    struct mill_assessment found = read_assessment(c, "a-1");
    assert_text(found.feedback, "{\"value\":1}");
    assert_int_equal(found.create_time, 4000);
    assert_true(found.valid);
    const enum mill_change_kind update = MILL_CHANGE_UPDATE_ASSESSMENT;
    assert_int_equal(assess(c, update, "a-1", "{\"value\":2}", NULL).status, MILL_OK);
    assert_int_equal(assess(c, update, "a-2", "{}", NULL).status, MILL_E_NOT_FOUND);
    found = read_assessment(c, "a-1");
    assert_text(found.feedback, "{\"value\":2}");
    assert_int_equal(found.last_update_time, 5000);
    assert_int_equal(get(c, "a").assessment_count, 1);
}

/* One that replaces another makes it invalid, for as long as it is there. */
static void test_overrides(void **state)
{
    struct store_case *c = *state;
    const enum mill_change_kind add = MILL_CHANGE_ADD_ASSESSMENT;
    const enum mill_change_kind delete = MILL_CHANGE_DELETE_ASSESSMENT;
    start(c, "a", 0, 1000);
    assess(c, add, "a-1", "{\"value\":1}", NULL);
    assert_int_equal(assess(c, add, "a-2", "{}", "a-0").status, MILL_E_NOT_FOUND);
    assert_int_equal(assess(c, add, "a-2", "{}", "a-1").status, MILL_OK);
    assert_false(read_assessment(c, "a-1").valid);
    assert_int_equal(assess(c, delete, "a-2", NULL, NULL).status, MILL_OK);
    assert_int_equal(assess(c, delete, "a-2", NULL, NULL).status, MILL_OK);
    assert_true(read_assessment(c, "a-1").valid);
}

/* A trace that brings an assessment whose id is taken is refused whole. */
static void test_taken_assessment(void **state)
{
    struct store_case *c = *state;
    struct mill_trace trace;
    start(c, "a", 0, 1000);
    assess(c, MILL_CHANGE_ADD_ASSESSMENT, "a-1", "{}", NULL);
    const struct mill_assessment taken = {.assessment_id = MILL_VIEW("a-1"),
                                          .name = MILL_VIEW("good"),
                                          .feedback = MILL_VIEW("{}")};
    struct mill_change change = {.kind = MILL_CHANGE_START_TRACE,
                                 .as.trace = {.trace_id = MILL_VIEW("b"),
                                              .experiment_id = 0,
                                              .state = MILL_VIEW("OK"),
                                              .assessments = &taken,
                                              .assessment_count = 1}};
    assert_int_equal(store_case_apply(c, &change).status, MILL_E_EXISTS);
    assert_int_equal(try_get(c, "b", &trace), MILL_E_NOT_FOUND);
}

int conformance_traces(void)
{
#define CASE(name)                                                                             \
    cmocka_unit_test_setup_teardown(name, store_case_set_up, store_case_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_start),     CASE(test_start_again),
        CASE(test_tags),      CASE(test_delete),
        CASE(test_search),    CASE(test_links),
        CASE(test_several),   CASE(test_assessments),
        CASE(test_overrides), CASE(test_taken_assessment),
    };
#undef CASE
    return cmocka_run_group_tests_name("traces", tests, NULL, NULL);
}
