/* test_yaml.c - meta.yaml files as values: read in every form, written as PyYAML does, and what
 * is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <millstream/types.h>

#include "base/view.h"
#include "store/yaml.h"

static struct mill_arena arena;

static int tear_down(void **state)
{
    (void)state;
    mill_arena_release(&arena);
    return 0;
}

static struct mill_yaml *must_read(const char *text)
{
    struct mill_yaml *map = NULL;
    struct mill_error err = {""};
    if (mill_yaml_read(mill_view_of(text), &arena, &map, &err) != MILL_OK)
        fail_msg("%s: %s", text, err.message);
    return map;
}

static void assert_text(const struct mill_yaml *map, const char *key, const char *text)
{
    struct mill_view found = mill_yaml_text(map, key);
    assert_non_null(found.ptr);
    assert_int_equal(found.len, strlen(text));
    assert_memory_equal(found.ptr, text, found.len);
}

static void assert_written(const struct mill_yaml *map, const char *text)
{
    struct mill_buf out = {0};
    assert_int_equal(mill_yaml_write(map, &out, NULL), MILL_OK);
    mill_buf_add_char(&out, '\0');
    assert_string_equal(out.ptr, text);
    mill_buf_release(&out);
}

static void values_of_all_forms_are_read(void **state)
{
    (void)state;
    int64_t number;
    struct mill_yaml *map = must_read("a: plain text\n"
                                      "b: 'it''s'\n"
                                      "c: \"tab\\there \\u00e9\"\n"
                                      "n: null\n"
                                      "t: ~\n"
                                      "e: ''\n"
                                      "x:\n"
                                      "i: 12\n"
                                      "q: '13'\n"
                                      "f: 1556000000000.0\n"
                                      "long: words that go on\n"
                                      "  behind a line's end\n"
                                      "list: [1, two]\n"
                                      "map: {k: v}\n");
    assert_text(map, "a", "plain text");
    assert_text(map, "b", "it's");
    assert_text(map, "c", "tab\there \xc3\xa9");
    assert_text(map, "long", "words that go on behind a line's end");
    assert_text(map, "e", "");
    assert_null(mill_yaml_text(map, "n").ptr);
    assert_null(mill_yaml_text(map, "t").ptr);
    assert_null(mill_yaml_text(map, "x").ptr);
    assert_null(mill_yaml_text(map, "list").ptr);
    assert_null(mill_yaml_text(map, "none").ptr);
    assert_int_equal(mill_yaml_find(map, "list")->count, 2);
    assert_text(mill_yaml_find(map, "map"), "k", "v");
    assert_int_equal(mill_yaml_int(map, "i", &number), MILL_OK);
    assert_int_equal(number, 12);
    assert_int_equal(mill_yaml_int(map, "q", &number), MILL_OK);
    assert_int_equal(number, 13);
    assert_int_equal(mill_yaml_int(map, "f", &number), MILL_OK);
    assert_true(number == INT64_C(1556000000000));
    assert_int_equal(mill_yaml_int(map, "n", &number), MILL_E_NOT_FOUND);
    assert_int_equal(mill_yaml_int(map, "none", &number), MILL_E_NOT_FOUND);
    assert_int_equal(mill_yaml_int(map, "a", &number), MILL_E_CORRUPT);
    assert_int_equal(mill_yaml_int(map, "list", &number), MILL_E_CORRUPT);
}

/* Each is refused with a message that begins as the second text. */
static void what_is_no_map_is_refused(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"", "the file is empty"},
        {"\n\n", "the file is empty"},
        {"# only a comment\n", "the file is empty"},
        {"just text\n", "line 1: this is not a map"},
        {"- a\n- b\n", "line 1: this is not a map"},
        {"a: b\nc\n", "line "},
        {"a: &x b\nc: *x\n", "line 2: aliases are not read"},
        {"? [a]\n: b\n", "line 1: a key is not a text"},
        {"a: 'open\n", "line "},
        {"a: b: c\n", "line 1:"},
        {"a: \x01\n", "line "},
        {"a: \xff\n", "line "},
    };
    for (size_t i = 0; i < MILL_COUNT(rows); i++) {
        struct mill_yaml *map = NULL;
        struct mill_error err = {""};
        assert_int_equal(mill_yaml_read(mill_view_of(rows[i][0]), &arena, &map, &err),
                         MILL_E_CORRUPT);
        if (strncmp(err.message, rows[i][1], strlen(rows[i][1])) != 0)
            fail_msg("%s: %s", rows[i][0], err.message);
        assert_null(map);
    }
}

static void depth_and_size_have_limits(void **state)
{
    (void)state;
    struct mill_buf text = {0};
    struct mill_yaml *map = NULL;
    mill_buf_add(&text, "a: ", 3);
    for (int i = 0; i < 40; i++)
        mill_buf_add_char(&text, '[');
    assert_int_equal(mill_yaml_read(mill_buf_view(&text), &arena, &map, NULL), MILL_E_CORRUPT);
    text.len = 0;
    for (int i = 0; i < 10001; i++)
        mill_buf_printf(&text, "k%d: 1\n", i);
    assert_int_equal(mill_yaml_read(mill_buf_view(&text), &arena, &map, NULL), MILL_E_CORRUPT);
    mill_buf_release(&text);
    assert_null(map);
}

static void of_a_repeated_key_the_last_value_counts(void **state)
{
    (void)state;
    struct mill_yaml *map = must_read("a: 1\nb: 2\na: 3\n");
    assert_text(map, "a", "3");
    assert_int_equal(map->count, 2);
}

/* What PyYAML makes of these texts as values of a map. */
static void texts_are_quoted_as_pyyaml_does(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"plain", "plain"},
        {"two words", "two words"},
        {"", "''"},
        {"yes", "'yes'"},
        {"Off", "'Off'"},
        {"null", "'null'"},
        {"~", "'~'"},
        {"123", "'123'"},
        {"-1", "'-1'"},
        {"1.5", "'1.5'"},
        {"1e3", "1e3"}, /* a text in YAML 1.1: no point */
        {"1.0e+3", "'1.0e+3'"},
        {".5", "'.5'"},
        {"1_000", "'1_000'"},
        {"0x1F", "'0x1F'"},
        {"0b1", "'0b1'"},
        {"0o7", "0o7"},
        {"09", "09"},
        {"190:20:30", "'190:20:30'"},
        {".inf", "'.inf'"},
        {".nan", "'.nan'"},
        {"2001-01-01", "'2001-01-01'"},
        {"2001-1-1 1:00:00", "'2001-1-1 1:00:00'"},
        {"2001-1-1", "2001-1-1"},
        {"=", "'='"},
        {"<<", "'<<'"},
        {"it's", "it's"},
        {"'quoted'", "'''quoted'''"},
        {"a: b", "'a: b'"},
        {"a:b", "a:b"},
        {"a #b", "'a #b'"},
        {"#b", "'#b'"},
        {"- a", "'- a'"},
        {"-a", "-a"},
        {"[a]", "'[a]'"},
        {"{}", "'{}'"},
        {"*a", "'*a'"},
        {"%a", "'%a'"},
        {" blank", "' blank'"},
        {"blank ", "'blank '"},
        {"tab\there", "\"tab\\there\""},
        {"one\ntwo", "'one\n\n  two'"},
        {"\xc3\xa9", "\xc3\xa9"},
        {"\xf0\x9f\x98\x80", "\"\\U0001F600\""},
        {"\x7f", "\"\\x7F\""},
    };
    for (size_t i = 0; i < MILL_COUNT(rows); i++) {
        struct mill_yaml *map = mill_yaml_new(&arena, MILL_YAML_MAP);
        char wanted[100];
        assert_true(mill_yaml_put_text(&arena, map, MILL_VIEW("k"), mill_view_of(rows[i][0])));
        snprintf(wanted, sizeof(wanted), "k: %s\n", rows[i][1]);
        assert_written(map, wanted);
        assert_text(must_read(wanted), "k", rows[i][0]);
    }
}

static void a_map_is_written_in_order_of_its_keys(void **state)
{
    (void)state;
    struct mill_yaml *map = mill_yaml_new(&arena, MILL_YAML_MAP);
    struct mill_yaml *tags = mill_yaml_new(&arena, MILL_YAML_MAP);
    assert_true(
        mill_yaml_put_text(&arena, tags, MILL_VIEW("mlflow.data.context"), MILL_VIEW("train")));
    assert_true(mill_yaml_put_int(&arena, map, "start_time", INT64_C(1700000000000)));
    assert_true(mill_yaml_put_int(&arena, map, "end_time", MILL_ABSENT));
    assert_true(mill_yaml_put_text(&arena, map, MILL_VIEW("user"), (struct mill_view){0}));
    assert_true(
        mill_yaml_put(&arena, map, MILL_VIEW("list"), mill_yaml_new(&arena, MILL_YAML_LIST)));
    assert_true(
        mill_yaml_put(&arena, map, MILL_VIEW("none"), mill_yaml_new(&arena, MILL_YAML_MAP)));
    assert_true(mill_yaml_put(&arena, map, MILL_VIEW("tags"), tags));
    assert_true(mill_yaml_put_int(&arena, map, "gone", 1));
    mill_yaml_remove(map, "gone");
    mill_yaml_remove(map, "never");
    assert_written(map, "end_time: null\n"
                        "list: []\n"
                        "none: {}\n"
                        "start_time: 1700000000000\n"
                        "tags:\n"
                        "  mlflow.data.context: train\n"
                        "user: null\n");
}

static void what_is_not_understood_stays(void **state)
{
    (void)state;
    struct mill_yaml *map = must_read("z: {b: [1, '2', {c: ~}], a: yes}\n"
                                      "when: 2001-01-01\n"
                                      "status: 1\n"
                                      "bin: !!binary aGk=\n");
    assert_true(mill_yaml_put_int(&arena, map, "status", 3));
    assert_written(map, "bin: !!binary aGk=\n"
                        "status: 3\n"
                        "when: 2001-01-01\n"
                        "z:\n"
                        "  a: yes\n"
                        "  b:\n"
                        "  - 1\n"
                        "  - '2'\n"
                        "  - c: ~\n");
}

/* The short cut takes nothing that libyaml would read differently. */
static void simple_files_are_read_the_same_either_way(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "a: b\nc: 'd'\ne: []\nf: {}\ng: null\nh: 12\n",
        "path: file:///tmp/a-b_c/0\n",
        "a: b:c\nd: x y  z\n",
        "a: b \n",
        "a: - b\n",
        "a: b#c\n",
        "a: b #c\n",
        "a: 'b' #c\n",
        "a:  b\n",
        "a: b\n  c\n",
        "a: b\n\nc: d\n",
        "a: b",
        "a: 'it''s'\n",
        "a: ''\n",
        "a: '\n",
        "---\na: b\n...\n",
        "a: \"b\"\n",
        "a: b\r\n",
    };
    for (size_t i = 0; i < MILL_COUNT(texts); i++) {
        struct mill_yaml *quick = NULL, *full = NULL;
        enum mill_status a = mill_yaml_read(mill_view_of(texts[i]), &arena, &quick, NULL);
        enum mill_status b = mill_yaml_read_any(mill_view_of(texts[i]), &arena, &full, NULL);
        assert_int_equal(a, b);
        if (a != MILL_OK)
            continue;
        struct mill_buf x = {0}, y = {0};
        assert_int_equal(mill_yaml_write(quick, &x, NULL), MILL_OK);
        assert_int_equal(mill_yaml_write(full, &y, NULL), MILL_OK);
        assert_int_equal(x.len, y.len);
        assert_memory_equal(x.ptr, y.ptr, x.len);
        mill_buf_release(&x);
        mill_buf_release(&y);
    }
}

int main(void)
{
#define T(function) cmocka_unit_test_teardown(function, tear_down)
    const struct CMUnitTest tests[] = {
        T(values_of_all_forms_are_read),    T(what_is_no_map_is_refused),
        T(depth_and_size_have_limits),      T(of_a_repeated_key_the_last_value_counts),
        T(texts_are_quoted_as_pyyaml_does), T(a_map_is_written_in_order_of_its_keys),
        T(what_is_not_understood_stays),    T(simple_files_are_read_the_same_either_way),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
