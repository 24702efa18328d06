/* name_match.c - see name_match.h. */
#include "server/name_match.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/alloc.h"

/* For one name: steps of the search, and KiB of memory behind it. A plain expression needs a
 * few hundred steps; what grows exponentially is over within a millisecond. */
#define MAX_STEPS    20000
#define MAX_HEAP_KIB 64

struct mill_name_match {
    const char *field;
    pcre2_general_context *memory;
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *limits;
    bool gave_up;
};

static void *allocate(size_t size, void *context)
{
    (void)context;
    return mill_alloc(size);
}

static void release(void *memory, void *context)
{
    (void)context;
    mill_free(memory);
}

static enum mill_status compile(struct mill_name_match *match, struct mill_view regex,
                                struct mill_error *err)
{
    PCRE2_UCHAR why[120];
    PCRE2_SIZE offset;
    int code = PCRE2_ERROR_NOMEMORY;
    pcre2_compile_context *how = pcre2_compile_context_create(match->memory);
    if (how != NULL)
        match->code = pcre2_compile((PCRE2_SPTR)regex.ptr, regex.len,
                                    PCRE2_UTF | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C, &code,
                                    &offset, how);
    pcre2_compile_context_free(how);
    if (match->code != NULL)
        return MILL_OK;
    if (code == PCRE2_ERROR_NOMEMORY || code == PCRE2_ERROR_HEAP_FAILED)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for a regular expression");
    pcre2_get_error_message(code, why, sizeof(why));
    return mill_fail(err, MILL_E_INVALID, "%s: not a regular expression: %s, at byte %zu",
                     match->field, (const char *)why, (size_t)offset);
}

enum mill_status mill_name_match_new(const char *field, struct mill_view regex,
                                     struct mill_name_match **out, struct mill_error *err)
{
    if (regex.len > MILL_MAX_NAME_REGEX)
        return mill_fail(err, MILL_E_INVALID, "%s: has %zu bytes; at most %d are allowed",
                         field, regex.len, MILL_MAX_NAME_REGEX);
    struct mill_name_match *match = mill_alloc_zero(1, sizeof(*match));
    if (match == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for a regular expression");
    match->field = field;
    match->memory = pcre2_general_context_create(allocate, release, NULL);
    match->limits = match->memory != NULL ? pcre2_match_context_create(match->memory) : NULL;
    enum mill_status st = match->limits != NULL ? compile(match, regex, err) : MILL_E_NOMEM;
    if (st == MILL_OK)
        match->data = pcre2_match_data_create_from_pattern(match->code, match->memory);
    if (match->limits == NULL || (st == MILL_OK && match->data == NULL))
        st = mill_fail(err, MILL_E_NOMEM, "out of memory for a regular expression");
    if (st != MILL_OK) {
        mill_name_match_free(match);
        return st;
    }
    pcre2_set_match_limit(match->limits, MAX_STEPS);
    pcre2_set_heap_limit(match->limits, MAX_HEAP_KIB);
    *out = match;
    return MILL_OK;
}

void mill_name_match_free(struct mill_name_match *match)
{
    if (match == NULL)
        return;
    pcre2_match_data_free(match->data);
    pcre2_code_free(match->code);
    pcre2_match_context_free(match->limits);
    pcre2_general_context_free(match->memory);
    mill_free(match);
}

bool mill_name_match_is(struct mill_name_match *match, struct mill_view name)
{
    if (match->gave_up)
        return false;
    int rc = pcre2_match(match->code, (PCRE2_SPTR)(name.ptr != NULL ? name.ptr : ""), name.len,
                         0, PCRE2_NO_UTF_CHECK, match->data, match->limits);
    match->gave_up = rc < 0 && rc != PCRE2_ERROR_NOMATCH;
    return rc >= 0;
}

enum mill_status mill_name_match_check(const struct mill_name_match *match,
                                       struct mill_error *err)
{
    if (match->gave_up)
        return mill_fail(err, MILL_E_INVALID,
                         "%s: takes too long to be matched; make it simpler", match->field);
    return MILL_OK;
}
