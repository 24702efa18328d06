/* test_ui_page.c - index.html and its policy: ways back to the root, who may frame it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/view.h"
#include "server/gzip.h"
#include "server/ui_page.h"

static const char *placed(const char *page, const char *path)
{
    static struct mill_buf out;
    mill_buf_release(&out);
    if (!mill_ui_page_place(mill_view_of(page), mill_view_of(path), &out)) {
        assert_int_equal(out.len, 0);
        return NULL;
    }
    mill_buf_add_char(&out, '\0');
    return out.ptr;
}

static void pages_find_the_way_back(void **state)
{
    const char *page = "<head><base href=\"./\" /><x>";
    (void)state;
    assert_string_equal(placed(page, "/"), "<head><base href=\"./\" /><x>");
    assert_string_equal(placed(page, "/runs"), "<head><base href=\"./\" /><x>");
    assert_string_equal(placed(page, "/runs/"), "<head><base href=\"../\" /><x>");
    assert_string_equal(placed(page, "/runs/a%2Fb/c"), "<head><base href=\"../../\" /><x>");
    assert_null(placed("<head><base href=\"/\">", "/"));
    assert_null(placed("<base href=\"./", "/"));
    assert_null(placed("", "/"));
    placed("", "/"); /* frees what was placed last */
}

static void check_policy(const char *frames, const char *origins, bool embed, const char *end)
{
    const struct mill_server_config config = {.x_frame_options = mill_view_of(frames),
                                              .embed_origins = mill_view_of(origins)};
    struct mill_buf out = {0};
    mill_ui_page_policy(&config, embed, &out);
    struct mill_view policy = mill_buf_view(&out);
    assert_true(mill_view_starts(policy, MILL_VIEW("default-src 'none'; script-src 'self'; ")));
    if (!mill_view_ends(policy, mill_view_of(end)))
        fail_msg("%.*s does not end with %s", MILL_FMT(policy), end);
    mill_buf_release(&out);
}

static void policies_say_who_may_frame(void **state)
{
    const char *origins = "https://a.example, https://b.example:8443";
    (void)state;
    check_policy("SAMEORIGIN", "", false, "; frame-ancestors 'self'");
    check_policy("SAMEORIGIN", "", true, "; frame-ancestors 'self'");
    check_policy("SAMEORIGIN", origins, false, "; frame-ancestors 'self'");
    check_policy("SAMEORIGIN", origins, true,
                 "; frame-ancestors 'self' https://a.example https://b.example:8443");
    check_policy("DENY", "", true, "; frame-ancestors 'none'");
    check_policy("DENY", origins, true,
                 "; frame-ancestors https://a.example https://b.example:8443");
    check_policy("NONE", "", false, "; form-action 'none'");
}

static void origins_are_checked(void **state)
{
    static const struct {
        const char *list;
        enum mill_status status;
    } cases[] = {
        {"", MILL_OK},
        {"*", MILL_OK},
        {" https://a , http://[::1]:80,https://*.b.example", MILL_OK},
        {"a.example", MILL_E_INVALID},
        {"https://a;script-src", MILL_E_INVALID},
        {"https://a 'unsafe-inline'", MILL_E_INVALID},
        {"https://a\r\nX: y", MILL_E_INVALID},
    };
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        const struct mill_server_config config = {.embed_origins = mill_view_of(cases[i].list)};
        assert_int_equal(mill_ui_page_check(&config, NULL), cases[i].status);
    }
}

static void gzip_goes_there_and_back(void **state)
{
    struct mill_buf text = {0}, packed = {0}, again = {0};
    (void)state;
    for (int i = 0; i < 50000; i++)
        mill_buf_printf(&text, "%d,", i * 7919);
    assert_true(mill_gzip(mill_buf_view(&text), &packed));
    assert_true(mill_gunzip(mill_buf_view(&packed), &again));
    assert_true(mill_view_eq(mill_buf_view(&text), mill_buf_view(&again)));
    mill_buf_clear(&again);
    assert_false(mill_gunzip((struct mill_view){packed.ptr, packed.len / 2}, &again));
    assert_false(mill_gunzip(MILL_VIEW("no gzip"), &again));
    mill_buf_release(&text);
    mill_buf_release(&packed);
    mill_buf_release(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_find_the_way_back),
        cmocka_unit_test(policies_say_who_may_frame),
        cmocka_unit_test(origins_are_checked),
        cmocka_unit_test(gzip_goes_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
