/* checking.h - what the tests of mill_change_check share: an arena, and expectations of checks.
 * One thread. */
#ifndef MILL_TESTS_CHECKING_H
#define MILL_TESTS_CHECKING_H

#include "base/alloc.h"
#include "model/change.h"

extern struct mill_arena checking_arena; /* lives as long as the test */

/* Checks and completes a change that is right. */
void expect_ok(struct mill_change *change);

/* The change is refused, with that part in the message; it is as it was before. */
void expect_status(struct mill_change *change, enum mill_status status, const char *part);
void expect_invalid(struct mill_change *change, const char *part);

/* count times the text, in the arena. */
struct mill_view many(const char *text, size_t count);

int checking_tear_down(void **state);

#define CHECKING_TEST(name) cmocka_unit_test_teardown(name, checking_tear_down)

#endif
