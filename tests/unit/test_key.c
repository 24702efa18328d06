/* test_key.c - the grammar of keys and run ids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/view.h"
#include "model/key.h"

struct key_case {
    const char *key;
    const char *problem; /* part of it; NULL: a good key */
};

static const struct key_case key_cases[] = {
    {"loss", NULL},
    {"a/b/c", NULL},
    {"a.b", NULL},
    {".hidden", NULL},
    {"a/.b", NULL},
    {"a/..b", NULL},
    {"a/b..", NULL},
    {"a-b_c", NULL},
    {"a b", NULL},
    {" a", NULL},
    {"a ", NULL},
    {" ", NULL},
    {"a:b", NULL},
    {":", NULL},
    {"123", NULL},
    {"\xc5\xbc\xc3\xb3\xc5\x82w", NULL}, /* Latin letters beyond ASCII */
    {"\xe6\x8c\x87\xe6\xa0\x87", NULL},  /* CJK */
    {"\xd9\xa3", NULL},                  /* Arabic digit */
    {"\xc2\xbd", NULL},                  /* one half is a number */
    {"\xf0\x90\x90\x80", NULL},          /* a letter beyond the 16-bit plane */
    {"", "missing or empty"},
    {".", "relative path"},
    {"..", "relative path"},
    {"...", "relative path"},
    {"..a", "relative path"},
    {"../a", "relative path"},
    {"a/..", "relative path"},
    {"a/../b", "relative path"},
    {"a/./b", "relative path"},
    {"./a", "relative path"},
    {"a//b", "relative path"},
    {"/a", "relative path"},
    {"/", "relative path"},
    {"a/", "relative path"},
    {"a,b", "character"},
    {"a=b", "character"},
    {"a@b", "character"},
    {"a'b", "character"},
    {"a\"b", "character"},
    {"a%b", "character"},
    {"a#b", "character"},
    {"a?b", "character"},
    {"a*b", "character"},
    {"a\\b", "character"},
    {"a\nb", "character"},
    {"a\tb", "character"},
    {"a+b", "character"},
    {"a[0]", "character"},
    {"f(x)", "character"},
    {"e\xcc\x81", "character"},        /* combining accent */
    {"a\xe2\x80\x8b", "character"},    /* zero width space */
    {"a\xc2\xa0", "character"},        /* no-break space */
    {"\xf0\x9f\x99\x82", "character"}, /* emoji */
    {"\xff", "UTF-8"},
    {"a\xc3", "UTF-8"},
    {"\xed\xa0\x80", "UTF-8"},
};

static void keys_follow_the_grammar(void **state)
{
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(key_cases); i++) {
        const char *problem = mill_key_problem(mill_view_of(key_cases[i].key));
        if (key_cases[i].problem == NULL && problem != NULL)
            fail_msg("'%s' is refused: %s", key_cases[i].key, problem);
        if (key_cases[i].problem != NULL &&
            (problem == NULL || strstr(problem, key_cases[i].problem) == NULL))
            fail_msg("'%s': %s", key_cases[i].key, problem != NULL ? problem : "is accepted");
    }
}

static void nul_is_no_character_of_a_key(void **state)
{
    (void)state;
    assert_non_null(mill_key_problem((struct mill_view){"a\0b", 3}));
}

/* Lengths count characters, not bytes. */
static void keys_have_at_most_250_characters(void **state)
{
    (void)state;
    char text[2 * 251];
    memset(text, 'k', sizeof(text));
    assert_null(mill_key_problem((struct mill_view){text, 250}));
    assert_non_null(strstr(mill_key_problem((struct mill_view){text, 251}), "250"));
    for (size_t i = 0; i < sizeof(text); i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    assert_null(mill_key_problem((struct mill_view){text, 500}));
    assert_non_null(strstr(mill_key_problem((struct mill_view){text, 502}), "250"));
}

/* Every single ASCII character, also beside a slash, which takes another way. */
static void each_ascii_character_is_allowed_or_not(void **state)
{
    (void)state;
    for (int c = 1; c < 0x80; c++) {
        char key[] = {'a', (char)c, 'b'}, path[] = {'a', '/', 'a', (char)c, 'b'};
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool good = letter || (c >= '0' && c <= '9') || strchr("_-.:/ ", c) != NULL;
        assert_int_equal(mill_key_problem((struct mill_view){key, 3}) == NULL, good);
        assert_int_equal(mill_key_problem((struct mill_view){path, 5}) == NULL, good);
    }
}

static void run_ids_have_a_form(void **state)
{
    (void)state;
    static const char *const good[] = {"a", "0123456789abcdef0123456789abcdef", "A-b_9",
                                       "a\xc5\xbc"};
    static const char *const refused[] = {"",    "-a",  "_a",           "a/b",  "a b",
                                          "a.b", "a\n", "\xc5\xbc\x61", "a\xff"};
    char text[257];
    for (size_t i = 0; i < MILL_COUNT(good); i++)
        assert_true(mill_run_id_valid(mill_view_of(good[i])));
    for (size_t i = 0; i < MILL_COUNT(refused); i++)
        assert_false(mill_run_id_valid(mill_view_of(refused[i])));
    memset(text, 'a', sizeof(text));
    assert_true(mill_run_id_valid((struct mill_view){text, 256}));
    assert_false(mill_run_id_valid((struct mill_view){text, 257}));
}

static void word_characters_are_letters_and_numbers(void **state)
{
    (void)state;
    static const uint32_t words[] = {'a',    'Z',    '0',     '_',     0xaa,   0xb2,
                                     0x2160, 0x4e00, 0x10400, 0x2fa1d, 0x3134a};
    static const uint32_t others[] = {'-',   ' ',    0x7f,   0x80,    0xd7,     0x301,
                                      0x903, 0x2028, 0xd800, 0x1f600, 0x10ffff, 0xffffffff};
    for (size_t i = 0; i < MILL_COUNT(words); i++)
        assert_true(mill_is_word(words[i]));
    for (size_t i = 0; i < MILL_COUNT(others); i++)
        assert_false(mill_is_word(others[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_follow_the_grammar),
        cmocka_unit_test(nul_is_no_character_of_a_key),
        cmocka_unit_test(keys_have_at_most_250_characters),
        cmocka_unit_test(each_ascii_character_is_allowed_or_not),
        cmocka_unit_test(run_ids_have_a_form),
        cmocka_unit_test(word_characters_are_letters_and_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
