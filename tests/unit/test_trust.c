/* test_trust.c - which file of certificate authorities counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/view.h"
#include "net/trust.h"

static char there[] = "/tmp/millstream-trust-XXXXXX";
static const char *const files[] = {"/nonexistent/a.pem", there, "/nonexistent/b.pem"};

static int make_file(void **state)
{
    (void)state;
    return close(mkstemp(there));
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(there);
}

static void test_the_first_that_is_there(void **state)
{
    (void)state;
    assert_string_equal(mill_trust_choose(NULL, files, MILL_COUNT(files)), there);
    assert_null(mill_trust_choose(NULL, files, 1));
    assert_null(mill_trust_choose(NULL, files, 0));
}

static void test_a_named_one_goes_first(void **state)
{
    (void)state;
    assert_string_equal(mill_trust_choose("/nonexistent/mine.pem", files, MILL_COUNT(files)),
                        "/nonexistent/mine.pem");
    assert_string_equal(mill_trust_choose("", files, MILL_COUNT(files)), there);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_that_is_there),
        cmocka_unit_test(test_a_named_one_goes_first),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
