/* checking.c - expectations of mill_change_check. */
#include "checking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct mill_arena checking_arena;

int checking_tear_down(void **state)
{
    (void)state;
    mill_arena_release(&checking_arena);
    return 0;
}

void expect_ok(struct mill_change *change)
{
    struct mill_error err;
    if (mill_change_check(change, &checking_arena, &err) != MILL_OK)
        fail_msg("%s", err.message);
}

void expect_status(struct mill_change *change, enum mill_status status, const char *part)
{
    struct mill_change before = *change;
    struct mill_error err;
    assert_int_equal(mill_change_check(change, &checking_arena, &err), status);
    if (strstr(err.message, part) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", err.message, part);
    *change = before;
    assert_int_equal(mill_change_check(change, &checking_arena, NULL), status);
    *change = before;
}

void expect_invalid(struct mill_change *change, const char *part)
{
    expect_status(change, MILL_E_INVALID, part);
}

struct mill_view many(const char *text, size_t count)
{
    size_t len = strlen(text);
    char *all = mill_arena_alloc(&checking_arena, len * count + 1);
    assert_non_null(all);
    for (size_t i = 0; i < count; i++)
        memcpy(all + i * len, text, len);
    return (struct mill_view){all, len * count};
}
