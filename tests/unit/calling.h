/* calling.h - calls handlers as functions: request text in, answer text out, on a store in
 * memory and without HTTP. One thread; a test is made with CALLING_TEST. */
#ifndef MILL_TESTS_CALLING_H
#define MILL_TESTS_CALLING_H

#include "base/alloc.h"
#include "server/route.h"
#include "wire/decode.h"
#include "wire/encode.h"

extern struct mill_buf calling_answer;  /* of the last request, NUL-terminated */
extern struct mill_error calling_error; /* of the last request that failed */
extern struct mill_arena calling_arena; /* lives as long as the test */
extern long calling_fail_nth;           /* allocation of a request that fails; 0: none */

/* Asks the route of that name with a JSON body; the answer is in calling_answer. */
enum mill_status ask(const char *name, const char *body);

/* The same with what stands in the path: the first part, and the second unless NULL. */
enum mill_status ask_at(const char *name, const char *first, const char *second,
                        const char *body);

/* Ends the test unless the answer is the expected one, or the refusal of that status. */
void check(const char *name, const char *body, const char *expected);
void check_refused(const char *name, const char *body, enum mill_status status);

/* What stands behind the text in the answer, up to the next quote. */
void value_of(const char *text, char *out, size_t size);

/* How often the text is in the answer. */
size_t count_of(const char *text);

int calling_set_up(void **state);
int calling_tear_down(void **state);

#define CALLING_TEST(name)                                                                     \
    cmocka_unit_test_setup_teardown(name, calling_set_up, calling_tear_down)

#endif
