/* test_types.c - names of statuses, lifecycles and view types; generated run names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/view.h"
#include "model/run_name.h"

#include <millstream/types.h>

static void statuses_have_names_both_ways(void **state)
{
    (void)state;
    static const char *const names[] = {"RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"};
    for (size_t i = 0; i < MILL_COUNT(names); i++) {
        enum mill_run_status status = mill_run_status_from_name(mill_view_of(names[i]));
        assert_int_equal((int)status, (int)i + 1);
        assert_string_equal(mill_run_status_name(status), names[i]);
    }
    assert_int_equal(mill_run_status_from_name(MILL_VIEW("running")), 0);
    assert_int_equal(mill_run_status_from_name(MILL_VIEW("")), 0);
    assert_int_equal(mill_run_status_from_name(MILL_VIEW("RUNNING ")), 0);
    assert_string_equal(mill_run_status_name((enum mill_run_status)0), "");
    assert_string_equal(mill_run_status_name((enum mill_run_status)6), "");
}

static void lifecycles_and_views_have_names(void **state)
{
    (void)state;
    assert_string_equal(mill_lifecycle_name(MILL_ACTIVE), "active");
    assert_string_equal(mill_lifecycle_name(MILL_DELETED), "deleted");
    assert_string_equal(mill_lifecycle_name((enum mill_lifecycle)0), "");
    assert_int_equal(mill_view_type_from_name(MILL_VIEW("ACTIVE_ONLY")), MILL_VIEW_ACTIVE_ONLY);
    assert_int_equal(mill_view_type_from_name(MILL_VIEW("DELETED_ONLY")),
                     MILL_VIEW_DELETED_ONLY);
    assert_int_equal(mill_view_type_from_name(MILL_VIEW("ALL")), MILL_VIEW_ALL);
    assert_int_equal(mill_view_type_from_name(MILL_VIEW("all")), 0);
}

static void logged_model_statuses_have_names_both_ways(void **state)
{
    (void)state;
    static const char *const names[] = {"PENDING", "READY", "FAILED"};
    for (size_t i = 0; i < MILL_COUNT(names); i++) {
        enum mill_logged_model_status status =
            mill_logged_model_status_from_name(mill_view_of(names[i]));
        assert_int_equal((int)status, (int)i + 1);
        assert_string_equal(mill_logged_model_status_name(status), names[i]);
    }
    assert_int_equal(mill_logged_model_status_from_name(MILL_VIEW("ready")), 0);
    assert_string_equal(mill_logged_model_status_name((enum mill_logged_model_status)4), "");
}

/* adjective-noun-N: two words of small letters and a number up to 1000, 20 characters. */
static void generated_names_have_their_form(void **state)
{
    (void)state;
    struct mill_arena arena = {0};
    struct mill_view first = {NULL, 0};
    bool differ = false;
    for (int i = 0; i < 5000; i++) {
        struct mill_view name = mill_run_name_generate(&arena), adjective, noun;
        assert_non_null(name.ptr);
        assert_true(name.len <= MILL_GENERATED_NAME_MAX);
        struct mill_view number =
            mill_view_cut(mill_view_cut(name, '-', &adjective), '-', &noun);
        int64_t n = -1;
        assert_true(mill_view_int(number, &n));
        assert_in_range(n, 0, 1000);
        assert_true(adjective.len >= 2 && noun.len >= 2);
        for (size_t k = 0; k < noun.len; k++)
            assert_in_range(noun.ptr[k], 'a', 'z');
        if (i == 0)
            first = name;
        else
            differ = differ || !mill_view_eq(first, name);
    }
    assert_true(differ);
    mill_arena_release(&arena);
}

static void generating_reports_lack_of_memory(void **state)
{
    (void)state;
    struct mill_arena arena = {0};
    mill_alloc_fail_after(1);
    struct mill_view name = mill_run_name_generate(&arena);
    mill_alloc_fail_after(0);
    assert_null(name.ptr);
    mill_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_have_names_both_ways),
        cmocka_unit_test(lifecycles_and_views_have_names),
        cmocka_unit_test(logged_model_statuses_have_names_both_ways),
        cmocka_unit_test(generated_names_have_their_form),
        cmocka_unit_test(generating_reports_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
