/* test_row.c - packed rows: what goes in comes out, by itself and as a whole; what rows share.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "store/row_page.h"

static struct mill_row_shapes *shapes;
static struct mill_arena arena;

static int set_up(void **state)
{
    (void)state;
    shapes = mill_row_shapes_new();
    return shapes != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    mill_alloc_fail_after(0);
    mill_row_shapes_free(shapes);
    mill_arena_release(&arena);
    return 0;
}

/* As MILL_VIEW, where a constant is needed. */
#define TEXT(literal)                                                                          \
    {                                                                                          \
        (literal), sizeof(literal) - 1                                                         \
    }

static const struct mill_metric metrics[] = {
    {TEXT("loss"), 0.25, INT64_MAX, INT64_MIN, NULL},
    {TEXT("acc"), -0.0, INT64_MIN, INT64_MAX, NULL},
    {TEXT("nan"), (double)NAN, 7, 3, NULL},
};
static const struct mill_param params[] = {
    {TEXT("rate"), TEXT("0.1")},
    {TEXT("empty"), TEXT("")},
};
static const struct mill_tag tags[] = {
    {TEXT("mlflow.user"), TEXT("alice")},
    {TEXT("mlflow.runName"), TEXT("quick-fox-1")},
    {TEXT("note"), TEXT("a \"note\"")},
};

static struct mill_run some_run(void)
{
    return (struct mill_run){
        .info = {.run_id = MILL_VIEW("0123456789abcdef0123456789abcdef"),
                 .experiment_id = 5,
                 .run_name = MILL_VIEW("quick-fox-1"),
                 .user_id = MILL_VIEW("alice"),
                 .status = MILL_RUN_FAILED,
                 .start_time = 1750000000000,
                 .end_time = MILL_ABSENT,
                 .artifact_uri = MILL_VIEW(
                     "mlflow-artifacts:/5/0123456789abcdef0123456789abcdef/artifacts"),
                 .lifecycle_stage = MILL_DELETED},
        .metrics = metrics,
        .metric_count = MILL_COUNT(metrics),
        .params = params,
        .param_count = MILL_COUNT(params),
        .tags = tags,
        .tag_count = MILL_COUNT(tags),
    };
}

static void expect_text(struct mill_view got, struct mill_view wanted)
{
    assert_int_equal(got.ptr == NULL, wanted.ptr == NULL);
    assert_int_equal(got.len, wanted.len);
    if (wanted.len != 0)
        assert_memory_equal(got.ptr, wanted.ptr, wanted.len);
}

static void expect_info(const struct mill_run_info *got, const struct mill_run_info *wanted)
{
    expect_text(got->run_id, wanted->run_id);
    expect_text(got->run_name, wanted->run_name);
    expect_text(got->user_id, wanted->user_id);
    expect_text(got->artifact_uri, wanted->artifact_uri);
    assert_int_equal(got->experiment_id, wanted->experiment_id);
    assert_int_equal(got->status, wanted->status);
    assert_int_equal(got->start_time, wanted->start_time);
    assert_int_equal(got->end_time, wanted->end_time);
    assert_int_equal(got->lifecycle_stage, wanted->lifecycle_stage);
}

static void expect_metric(const struct mill_row *row, const struct mill_run *run,
                          const struct mill_metric *wanted)
{
    const struct mill_metric *got = mill_run_metric(run, wanted->key);
    double value;
    assert_non_null(got);
    assert_true(mill_row_metric(row, wanted->key, &value));
    assert_memory_equal(&value, &wanted->value, sizeof(value));
    assert_memory_equal(&got->value, &wanted->value, sizeof(value));
    assert_int_equal(got->step, wanted->step);
    assert_int_equal(got->timestamp, wanted->timestamp);
}

/* The row has just what the run has, its lists in order. */
static void expect_row(const struct mill_row *row, const struct mill_run *wanted)
{
    struct mill_run run;
    struct mill_run_info info;
    struct mill_buf scratch = {0};
    assert_non_null(row);
    assert_true(mill_row_unpack(row, &arena, &run));
    expect_info(&run.info, &wanted->info);
    mill_row_info(row, &scratch, &info);
    expect_info(&info, &wanted->info);
    mill_buf_release(&scratch);
    expect_text(mill_row_run_id(row), wanted->info.run_id);
    expect_text(mill_row_name(row), wanted->info.run_name);
    assert_int_equal(run.metric_count, wanted->metric_count);
    assert_int_equal(run.param_count, wanted->param_count);
    assert_int_equal(run.tag_count, wanted->tag_count);
    for (size_t i = 0; i < wanted->metric_count; i++)
        expect_metric(row, &run, &wanted->metrics[i]);
    for (size_t i = 0; i < wanted->param_count; i++) {
        expect_text(mill_row_param(row, wanted->params[i].key), wanted->params[i].value);
        expect_text(mill_run_param(&run, wanted->params[i].key)->value,
                    wanted->params[i].value);
    }
    for (size_t i = 0; i < wanted->tag_count; i++) {
        expect_text(mill_row_tag(row, wanted->tags[i].key), wanted->tags[i].value);
        expect_text(mill_run_tag(&run, wanted->tags[i].key)->value, wanted->tags[i].value);
    }
}

static void a_row_has_what_its_run_had(void **state)
{
    (void)state;
    double value;
    struct mill_run run = some_run();
    struct mill_row *row = mill_row_new(shapes, &run);
    expect_row(row, &run);
    assert_false(mill_row_metric(row, MILL_VIEW("los"), &value));
    assert_null(mill_row_param(row, MILL_VIEW("loss")).ptr);
    assert_null(mill_row_tag(row, MILL_VIEW("")).ptr);
    assert_null(mill_row_links(row));
    mill_row_unref(row);
}

static void texts_may_be_empty_or_absent(void **state)
{
    (void)state;
    struct mill_run run = some_run();
    struct mill_tag odd[] = {{MILL_VIEW("a"), MILL_VIEW("")}, {MILL_VIEW("b"), {NULL, 0}}};
    run.metric_count = run.param_count = 0;
    run.tags = odd;
    run.tag_count = 2;
    run.info.run_name = (struct mill_view){NULL, 0};
    run.info.user_id = (struct mill_view){NULL, 0};
    run.info.end_time = 0;
    struct mill_row *row = mill_row_new(shapes, &run);
    expect_row(row, &run);
    mill_row_unref(row);
    run.info.run_name = run.info.user_id = MILL_VIEW("");
    row = mill_row_new(shapes, &run);
    expect_row(row, &run);
    mill_row_unref(row);
}

static void an_uri_may_be_any(void **state)
{
    static const char *const uris[] = {"s3://bucket/elsewhere",
                                       "0123456789abcdef0123456789abcdef/artifacts",
                                       "/artifacts",
                                       "",
                                       "/a/0123456789abcdef0123456789abcdef/artifacts/",
                                       "/a/other/artifacts"};
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(uris); i++) {
        struct mill_run run = some_run();
        run.info.artifact_uri = mill_view_of(uris[i]);
        struct mill_row *row = mill_row_new(shapes, &run);
        expect_row(row, &run);
        mill_row_unref(row);
    }
}

static void datasets_and_models_are_kept(void **state)
{
    (void)state;
    const struct mill_tag context = {MILL_VIEW("mlflow.data.context"), MILL_VIEW("train")};
    const struct mill_dataset_input input = {
        .tags = &context,
        .tag_count = 1,
        .dataset = {.name = MILL_VIEW("digits"), .digest = MILL_VIEW("d1")}};
    const struct mill_model_input model = {MILL_VIEW("m-1")};
    const struct mill_model_output output = {MILL_VIEW("m-2"), 9};
    struct mill_run run = some_run(), got;
    run.dataset_inputs = &input;
    run.model_inputs = &model;
    run.model_outputs = &output;
    run.dataset_input_count = run.model_input_count = run.model_output_count = 1;
    struct mill_row *row = mill_row_new(shapes, &run);
    expect_row(row, &run);
    assert_true(mill_row_unpack(row, &arena, &got));
    assert_int_equal(got.dataset_input_count, 1);
    expect_text(got.dataset_inputs[0].dataset.name, input.dataset.name);
    expect_text(got.dataset_inputs[0].dataset.schema, input.dataset.schema);
    expect_text(got.dataset_inputs[0].tags[0].value, context.value);
    expect_text(got.model_inputs[0].model_id, model.model_id);
    expect_text(got.model_outputs[0].model_id, output.model_id);
    assert_int_equal(got.model_outputs[0].step, 9);
    mill_row_unref(row);
}

static void rows_alike_share_their_shape(void **state)
{
    (void)state;
    struct mill_run run = some_run();
    struct mill_row *one = mill_row_new(shapes, &run);
    run.info.run_id = MILL_VIEW("f123456789abcdef0123456789abcdef");
    run.info.artifact_uri =
        MILL_VIEW("mlflow-artifacts:/5/f123456789abcdef0123456789abcdef/artifacts");
    run.info.run_name = MILL_VIEW("other");
    struct mill_row *two = mill_row_new(shapes, &run);
    run.info.user_id = MILL_VIEW("bob");
    struct mill_row *three = mill_row_new(shapes, &run);
    assert_ptr_equal(one->shape, two->shape);
    assert_ptr_not_equal(one->shape, three->shape);
    assert_true(one->bytes > two->bytes + one->shape->bytes / 2); /* who came first pays */
    expect_row(three, &run);
    mill_row_unref(one);
    run.info.user_id = MILL_VIEW("alice");
    expect_row(two, &run);
    mill_row_unref(two);
    mill_row_unref(three);
}

/* More shapes than are remembered, more rows than a slab holds; some rows outlive the others,
 * and all of them their maker. */
static void many_rows_share_memory(void **state)
{
    enum { ROWS = 3000, SHAPES = 200 };
    (void)state;
    struct mill_row *rows[ROWS];
    struct mill_view users[SHAPES];
    char long_value[10000];
    struct mill_row_maker maker = {.shapes = shapes, .many = true};
    struct mill_run run = some_run();
    struct mill_param param = {MILL_VIEW("long"), {long_value, 0}};
    memset(long_value, 'x', sizeof(long_value));
    run.params = &param;
    run.param_count = 1;
    for (size_t i = 0; i < SHAPES; i++)
        users[i] = mill_arena_printf(&arena, "user %zu", i);
    for (size_t i = 0; i < ROWS; i++) {
        run.info.user_id = users[i % SHAPES];
        run.info.start_time = (int64_t)i;
        param.value.len = i % sizeof(long_value);
        rows[i] = mill_row_make(&maker, &run);
        assert_non_null(rows[i]);
    }
    mill_row_maker_release(&maker);
    for (size_t i = 1; i < ROWS; i += 2)
        mill_row_unref(rows[i]);
    for (size_t i = 0; i < ROWS; i += 2) {
        run.info.user_id = users[i % SHAPES];
        run.info.start_time = (int64_t)i;
        param.value.len = i % sizeof(long_value);
        expect_row(rows[i], &run);
        mill_row_unref(rows[i]);
    }
}

static void a_page_may_be_read_one_by_one(void **state)
{
    (void)state;
    struct mill_run run = some_run();
    for (int lean = 0; lean <= 1; lean++) {
        struct mill_row *row = mill_row_new(shapes, &run);
        struct mill_run_page page = {0};
        struct mill_run_scratch scratch = {0};
        struct mill_page_form form = {.lean = lean == 1};
        assert_int_equal(mill_row_page(&row, 1, form, &page, NULL), MILL_OK);
        assert_int_equal(page.runs == NULL, lean == 1);
        expect_info(&mill_run_page_read(&page, 0, &scratch)->info, &run.info);
        assert_int_equal(mill_run_page_unpack(&page, NULL), MILL_OK);
        assert_int_equal(page.runs[0]->tag_count, run.tag_count);
        mill_run_page_release(&page);
        mill_run_scratch_release(&scratch);
    }
}

/* Whatever finds no memory, nothing is lost and nothing is left behind. */
static void without_memory_there_is_no_row(void **state)
{
    (void)state;
    const struct mill_model_output output = {MILL_VIEW("m-2"), 9};
    struct mill_run run = some_run();
    struct mill_row *row = NULL;
    run.model_outputs = &output;
    run.model_output_count = 1;
    for (long n = 1; row == NULL; n++) {
        mill_alloc_fail_after(n);
        row = mill_row_new(shapes, &run);
        mill_alloc_fail_after(0);
        assert_true(n < 20);
    }
    expect_row(row, &run);
    mill_row_unref(row);
}

#define ROW_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW_TEST(a_row_has_what_its_run_had),
        ROW_TEST(texts_may_be_empty_or_absent),
        ROW_TEST(an_uri_may_be_any),
        ROW_TEST(datasets_and_models_are_kept),
        ROW_TEST(rows_alike_share_their_shape),
        ROW_TEST(many_rows_share_memory),
        ROW_TEST(a_page_may_be_read_one_by_one),
        ROW_TEST(without_memory_there_is_no_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
