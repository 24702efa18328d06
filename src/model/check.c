/* check.c - checks of texts, keys and ids, with messages that name the place. */
#include "model/check.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/view.h"
#include "model/key.h"
#include "model/limits.h"

/* What a message quotes of a text that may be long. */
#define QUOTED_CHARACTERS 60

struct mill_view mill_quoted(struct mill_view text)
{
    return mill_utf8_valid(text) ? mill_utf8_prefix(text, QUOTED_CHARACTERS) : MILL_VIEW("?");
}

enum mill_status mill_place_fail(struct mill_place place, struct mill_error *err,
                                 const char *format, ...)
{
    char text[sizeof(err->message)];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (place.list == NULL)
        return mill_fail(err, MILL_E_INVALID, "%s %s", place.field, text);
    return mill_fail(err, MILL_E_INVALID, "%s[%zu].%s %s", place.list, place.index, place.field,
                     text);
}

enum mill_status mill_check_nomem(struct mill_error *err)
{
    return mill_fail(err, MILL_E_NOMEM, "out of memory while checking a request");
}

enum mill_status mill_check_count(const char *list, size_t count, size_t max,
                                  struct mill_error *err)
{
    if (count <= max)
        return MILL_OK;
    return mill_fail(err, MILL_E_INVALID, "%s has %zu items; at most %zu are allowed", list,
                     count, max);
}

enum mill_status mill_check_given(const char *list, const void *items, size_t count,
                                  struct mill_error *err)
{
    if (items != NULL || count == 0)
        return MILL_OK;
    return mill_fail(err, MILL_E_INVALID, "%s is NULL but is said to have %zu items", list,
                     count);
}

/* A view that says how long its text is has one. */
static enum mill_status check_view(struct mill_place place, struct mill_view text,
                                   struct mill_error *err)
{
    if (text.ptr != NULL || text.len == 0)
        return MILL_OK;
    return mill_place_fail(place, err, "is NULL but is said to have %zu bytes", text.len);
}

enum mill_status mill_check_key(struct mill_place place, struct mill_view key,
                                struct mill_error *err)
{
    enum mill_status st = check_view(place, key, err);
    if (st != MILL_OK)
        return st;
    const char *problem = mill_key_problem(key);
    if (problem == NULL)
        return MILL_OK;
    if (key.len == 0)
        return mill_place_fail(place, err, "%s", problem);
    return mill_place_fail(place, err, "'%.*s' %s", MILL_FMT(mill_quoted(key)), problem);
}

enum mill_status mill_check_text(struct mill_place place, struct mill_view text, size_t max,
                                 struct mill_error *err)
{
    enum mill_status st = check_view(place, text, err);
    if (st != MILL_OK)
        return st;
    if (!mill_utf8_valid(text))
        return mill_place_fail(place, err, "is not valid UTF-8");
    if (text.len <= max)
        return MILL_OK;
    size_t length = mill_utf8_length(text);
    if (length <= max)
        return MILL_OK;
    return mill_place_fail(place, err, "has %zu characters; at most %zu are allowed: '%.*s...'",
                           length, max, MILL_FMT(mill_quoted(text)));
}

enum mill_status mill_check_required(struct mill_place place, struct mill_view text, size_t max,
                                     struct mill_error *err)
{
    if (text.len == 0)
        return mill_place_fail(place, err, "is missing or empty; it must be given");
    return mill_check_text(place, text, max, err);
}

enum mill_status mill_check_run_id(struct mill_view run_id, struct mill_error *err)
{
    if (run_id.len == 0)
        return mill_place_fail(mill_place_of("run_id"), err,
                               "is missing or empty; name the run");
    return check_view(mill_place_of("run_id"), run_id, err);
}

enum mill_status mill_check_run_id_form(struct mill_view run_id, struct mill_error *err)
{
    enum mill_status st = mill_check_run_id(run_id, err);
    if (st != MILL_OK || mill_run_id_valid(run_id))
        return st;
    return mill_place_fail(mill_place_of("run_id"), err,
                           "'%.*s' cannot be one: run ids are letters, digits, '_' and '-', "
                           "begin with a letter or digit and have at most %d characters",
                           MILL_FMT(mill_quoted(run_id)), MILL_MAX_RUN_ID);
}

struct mill_view mill_scheme_of(struct mill_view location)
{
    for (size_t i = 0; i < location.len; i++) {
        char c = location.ptr[i];
        if (c == ':')
            return (struct mill_view){i > 0 ? location.ptr : NULL, i};
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              (i > 0 && ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'))))
            break;
    }
    return (struct mill_view){NULL, 0};
}

/* Not fooled by a host whose name only begins like that of the root. */
static bool is_below(struct mill_view location, struct mill_view root)
{
    return root.len > 0 && mill_view_starts(location, root) &&
           (location.len == root.len || location.ptr[root.len] == '/' ||
            root.ptr[root.len - 1] == '/');
}

enum mill_status mill_check_host(struct mill_place place, struct mill_view location,
                                 struct mill_view own_root, struct mill_error *err)
{
    static const char *const refused[] = {
        "http", "https", "ftp", "ftps", "sftp", "hdfs", "viewfs", "abfs", "abfss", "r2", "b2",
    };
    if (is_below(location, own_root))
        return MILL_OK;
    struct mill_view scheme = mill_scheme_of(location);
    for (size_t i = 0; i < MILL_COUNT(refused); i++)
        if (mill_view_eq_nocase(scheme, mill_view_of(refused[i])))
            return mill_place_fail(place, err,
                                   "must not have the scheme '%s'; name the server's own "
                                   "storage, a bucket or a directory",
                                   refused[i]);
    return MILL_OK;
}

enum mill_status mill_check_experiment_id(int64_t experiment_id, struct mill_error *err)
{
    if (experiment_id == MILL_ABSENT)
        return mill_place_fail(mill_place_of("experiment_id"), err,
                               "is missing; name the experiment");
    return MILL_OK;
}

enum mill_status mill_key_set_init(struct mill_key_set *set, size_t count,
                                   struct mill_arena *arena, struct mill_error *err)
{
    size_t size = 16;
    while (size < count * 2)
        size *= 2;
    set->slots = mill_arena_zero(arena, size, sizeof(*set->slots));
    set->mask = size - 1;
    return set->slots != NULL ? MILL_OK : mill_check_nomem(err);
}

const struct mill_view *mill_key_set_add(struct mill_key_set *set, const struct mill_view *key)
{
    size_t at = (size_t)mill_view_hash(*key) & set->mask;
    while (set->slots[at] != NULL) {
        if (mill_view_eq(*set->slots[at], *key))
            return set->slots[at];
        at = (at + 1) & set->mask;
    }
    set->slots[at] = key;
    return NULL;
}
