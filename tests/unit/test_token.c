/* test_token.c - page tokens, good and made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/codec.h"
#include "base/view.h"
#include "wire/token.h"

static struct mill_arena arena;

static void comes_back(void **state)
{
    static const int64_t offsets[] = {1, 2, 1000, 1LL << 40, INT64_MAX};
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(offsets); i++) {
        int64_t back = 0;
        struct mill_view token = mill_token_encode(offsets[i], &arena);
        assert_int_equal(mill_token_decode(token, &arena, &back, NULL), MILL_OK);
        assert_int_equal(back, offsets[i]);
    }
}

/* Byte for byte what the original server makes, so that either takes the other's. */
static void is_the_protocols(void **state)
{
    (void)state;
    assert_true(mill_view_eq(mill_token_encode(5, &arena), MILL_VIEW("eyJvZmZzZXQiOiA1fQ==")));
}

static void absent_is_the_beginning(void **state)
{
    int64_t offset = 7;
    (void)state;
    assert_int_equal(mill_token_decode(MILL_VIEW(""), &arena, &offset, NULL), MILL_OK);
    assert_int_equal(offset, 0);
    assert_int_equal(mill_token_decode((struct mill_view){NULL, 0}, &arena, &offset, NULL),
                     MILL_OK);
}

static void refuses_others(void **state)
{
    static const char *const bad[] = {"{}",
                                      "{\"offset\": 0}",
                                      "{\"offset\": -1}",
                                      "{\"offset\":",
                                      "[1]",
                                      "{\"offset\": \"5\"}",
                                      "5",
                                      "{\"offset\": 1.5}",
                                      ""};
    int64_t offset = 7;
    struct mill_error err;
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(bad); i++) {
        struct mill_buf token = {0};
        mill_base64_encode(&token, mill_view_of(bad[i]));
        mill_buf_add_view(&token, token.len > 0 ? MILL_VIEW("") : MILL_VIEW("===="));
        assert_int_equal(mill_token_decode(mill_buf_view(&token), &arena, &offset, &err),
                         MILL_E_INVALID);
        mill_buf_release(&token);
    }
    assert_int_equal(mill_token_decode(MILL_VIEW("not base64!"), &arena, &offset, &err),
                     MILL_E_INVALID);
    assert_non_null(strstr(err.message, "not base64!"));
    char large[4096];
    memset(large, 'A', sizeof(large));
    assert_int_equal(
        mill_token_decode((struct mill_view){large, sizeof(large)}, &arena, &offset, &err),
        MILL_E_INVALID);
    assert_int_equal(offset, 7);
}

static void is_good_for_one_search(void **state)
{
    int64_t offset = -1;
    struct mill_error err = {""};
    struct mill_view token = mill_token_encode_for(20, 0xfedcba9876543210U, &arena);
    (void)state;
    assert_int_equal(mill_token_decode_for(token, 0xfedcba9876543210U, &arena, &offset, &err),
                     MILL_OK);
    assert_int_equal(offset, 20);
    assert_int_equal(mill_token_decode_for(token, 1, &arena, &offset, &err), MILL_E_INVALID);
    assert_non_null(strstr(err.message, "another search"));
    token = mill_token_encode(20, &arena);
    assert_int_equal(mill_token_decode_for(token, 1, &arena, &offset, &err), MILL_E_INVALID);
    assert_int_equal(mill_token_decode_for(MILL_VIEW("x"), 1, &arena, &offset, &err),
                     MILL_E_INVALID);
    assert_int_equal(
        mill_token_decode_for((struct mill_view){NULL, 0}, 1, &arena, &offset, &err), MILL_OK);
    assert_int_equal(offset, 0);
}

static int free_arena(void **state)
{
    (void)state;
    mill_arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(comes_back, free_arena),
        cmocka_unit_test_teardown(is_the_protocols, free_arena),
        cmocka_unit_test_teardown(absent_is_the_beginning, free_arena),
        cmocka_unit_test_teardown(refuses_others, free_arena),
        cmocka_unit_test_teardown(is_good_for_one_search, free_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
