/* test_aws_process.c - keys that a program writes: its command line and its answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "files/aws_process.h"

static void commands_are_split_as_by_a_shell(void **state)
{
    static const struct {
        const char *command;
        const char *words[6];
    } rows[] = {
        {"a", {"a"}},
        {"  a\tb  c ", {"a", "b", "c"}},
        {"a 'b c' \"d e\"f", {"a", "b c", "d ef"}},
        {"a '' \"\"", {"a", "", ""}},
        {"a\\ b \\' c\\\\", {"a b", "'", "c\\"}},
        {"\"a\\\"b\\\\c\\d$e\" '\\x'", {"a\"b\\c\\d$e", "\\x"}},
        {"a|b;c&d $HOME *", {"a|b;c&d", "$HOME", "*"}},
        {"a b c d e", {"a", "b", "c", "d", "e"}},
    };
    struct mill_arena arena = {0};
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(rows); i++) {
        char **argv;
        assert_int_equal(
            mill_aws_process_words(mill_view_of(rows[i].command), &arena, &argv, NULL),
            MILL_OK);
        for (size_t k = 0; rows[i].words[k] != NULL || argv[k] != NULL; k++) {
            assert_non_null(argv[k]);
            assert_non_null(rows[i].words[k]);
            assert_string_equal(argv[k], rows[i].words[k]);
        }
    }
    mill_arena_release(&arena);
}

static void commands_that_are_none_are_refused(void **state)
{
    static const struct {
        const char *command, *message;
    } rows[] = {
        {"", "is empty"},
        {"  ", "is empty"},
        {"a 'b", "a ' without its partner"},
        {"a \"b'", "a \" without its partner"},
        {"a \\", "ends with a backslash"},
    };
    struct mill_arena arena = {0};
    struct mill_error err;
    char **argv;
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(rows); i++) {
        assert_int_equal(
            mill_aws_process_words(mill_view_of(rows[i].command), &arena, &argv, &err),
            MILL_E_INVALID);
        assert_non_null(strstr(err.message, rows[i].message));
    }
    mill_arena_release(&arena);
}

static void keys_are_read(void **state)
{
    struct mill_arena arena = {0};
    struct mill_aws_credentials keys;
    (void)state;
    assert_int_equal(
        mill_aws_process_keys(
            MILL_VIEW("echo '{\"Version\": 1, \"AccessKeyId\": \"ASIA\", \"SecretAccessKey\": "
                      "\"se/c\", \"SessionToken\": \"to+k\", \"Expiration\": "
                      "\"2015-08-30T12:36:00+00:00\"}'"),
            &arena, &keys, NULL),
        MILL_OK);
    assert_memory_equal(keys.access_key.ptr, "ASIA", 5);
    assert_memory_equal(keys.secret_key.ptr, "se/c", 5);
    assert_memory_equal(keys.session_token.ptr, "to+k", 5);
    assert_true(keys.expires_ms == 1440938160000);
    mill_arena_release(&arena);
}

static void wrong_answers_are_refused(void **state)
{
    static const struct {
        const char *command, *message;
        enum mill_status status;
    } rows[] = {
        {"true", "", MILL_E_INVALID},
        {"echo '{\"Version\": 1}'", "no usable AccessKeyId", MILL_E_INVALID},
        {"echo '{\"Version\": 2, \"AccessKeyId\": \"A\", \"SecretAccessKey\": \"S\"}'",
         "Version is 2", MILL_E_UNSUPPORTED},
        {"sh -c 'echo \" log in first\" >&2; exit 7'", "ended with status 7: log in first",
         MILL_E_DENIED},
        {"false", "ended with status 1", MILL_E_DENIED},
        {"/nowhere/keys", "cannot be run", MILL_E_NOT_FOUND},
        {"cat /dev/zero", "more than 65536 bytes", MILL_E_TOO_LARGE},
    };
    struct mill_arena arena = {0};
    struct mill_aws_credentials keys;
    struct mill_error err;
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(rows); i++) {
        assert_int_equal(
            mill_aws_process_keys(mill_view_of(rows[i].command), &arena, &keys, &err),
            rows[i].status);
        if (strstr(err.message, rows[i].message) == NULL)
            fail_msg("%s", err.message);
    }
    mill_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_split_as_by_a_shell),
        cmocka_unit_test(commands_that_are_none_are_refused),
        cmocka_unit_test(keys_are_read),
        cmocka_unit_test(wrong_answers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
