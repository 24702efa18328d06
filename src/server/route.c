/* route.c - finds the row of the table in routes.c that a path names. */
#include "server/route.h"

#include <pthread.h>

/* Slots of the index by path; several times the number of rows. */
#define SLOTS 512

/* A path without parameters -> its rows, which differ by method and prefix. */
struct slot {
    struct mill_view path;
    int version;
    uint16_t rows[4]; /* index + 1; 0 is none */
};

static struct slot slots[SLOTS];
static pthread_once_t index_once = PTHREAD_ONCE_INIT;

/* A path as it came: below which prefix, and what is left. */
struct wanted {
    int version;
    unsigned under;
    struct mill_view path;
};

/* --- index ------------------------------------------------------------------------------ */

/* Same on every run, so that the order of look-ups is, too. */
static uint32_t hash(struct mill_view path, int version)
{
    uint32_t h = 2166136261U ^ (uint32_t)version;
    for (size_t i = 0; i < path.len; i++)
        h = (h ^ (unsigned char)path.ptr[i]) * 16777619U;
    return h ^ h >> 15;
}

static struct slot *slot_of(struct mill_view path, int version)
{
    uint32_t i = hash(path, version) % SLOTS;
    while (slots[i].path.ptr != NULL &&
           (slots[i].version != version || !mill_view_eq(slots[i].path, path)))
        i = (i + 1) % SLOTS;
    return &slots[i];
}

static bool has_parameters(const struct mill_route *route)
{
    return strchr(route->path, '{') != NULL;
}

static void build_index(void)
{
    size_t count;
    const struct mill_route *rows = mill_routes(&count);
    for (size_t i = 0; i < count; i++) {
        if (has_parameters(&rows[i]))
            continue;
        struct slot *slot = slot_of(mill_view_of(rows[i].path), rows[i].version);
        slot->path = mill_view_of(rows[i].path);
        slot->version = rows[i].version;
        for (size_t n = 0; n < MILL_COUNT(slot->rows); n++) {
            if (slot->rows[n] == 0) {
                slot->rows[n] = (uint16_t)(i + 1);
                break;
            }
        }
    }
}

/* --- paths ------------------------------------------------------------------------------ */

static struct wanted cut_prefix(struct mill_view path)
{
    static const struct {
        struct mill_view prefix;
        int version;
        unsigned under;
    } prefixes[] = {
        {{"/api/2.0/preview/", 17}, 2, MILL_UNDER_PREVIEW},
        {{"/api/2.0/", 9}, 2, MILL_UNDER_API},
        {{"/ajax-api/2.0/preview/", 22}, 2, MILL_UNDER_PREVIEW},
        {{"/ajax-api/2.0/", 14}, 2, MILL_UNDER_AJAX},
        {{"/api/3.0/", 9}, 3, MILL_UNDER_API},
        {{"/ajax-api/3.0/", 14}, 3, MILL_UNDER_AJAX},
        {{"/api/millstream/1.0/", 20}, 1, MILL_UNDER_OWN},
    };
    for (size_t i = 0; i < MILL_COUNT(prefixes); i++) {
        if (mill_view_starts(path, prefixes[i].prefix))
            return (struct wanted){prefixes[i].version, prefixes[i].under,
                                   mill_view_from(path, prefixes[i].prefix.len - 1)};
    }
    return (struct wanted){0, 0, path};
}

static bool is_under(const struct mill_route *route, const struct wanted *wanted)
{
    return route->version == wanted->version &&
           (wanted->version == 0 || (route->under & wanted->under) != 0);
}

/* Matches path against a pattern with {name} segments and perhaps a last {name*}. */
static bool match(const char *pattern, struct mill_view path,
                  struct mill_view params[MILL_MAX_PATH_PARAMS])
{
    size_t count = 0;
    size_t at = 0;
    for (const char *p = pattern; *p != '\0'; p++) {
        if (*p != '{') {
            if (at >= path.len || path.ptr[at++] != *p)
                return false;
            continue;
        }
        while (*p != '}')
            p++;
        bool rest = p[-1] == '*';
        size_t from = at;
        while (at < path.len && (rest || path.ptr[at] != '/'))
            at++;
        if (at == from || count == MILL_MAX_PATH_PARAMS)
            return false;
        params[count++] = (struct mill_view){path.ptr + from, at - from};
    }
    return at == path.len;
}

static const struct mill_route *find_literal(const struct mill_route *rows,
                                             const struct wanted *wanted,
                                             enum mill_method method, unsigned *methods)
{
    const struct slot *slot = slot_of(wanted->path, wanted->version);
    const struct mill_route *found = NULL;
    for (size_t n = 0; n < MILL_COUNT(slot->rows) && slot->rows[n] != 0; n++) {
        const struct mill_route *route = &rows[slot->rows[n] - 1];
        if (!is_under(route, wanted))
            continue;
        *methods |= (unsigned)route->method;
        if (route->method == method)
            found = route;
    }
    return found;
}

static const struct mill_route *find_pattern(const struct mill_route *rows, size_t count,
                                             const struct wanted *wanted,
                                             enum mill_method method,
                                             struct mill_view params[MILL_MAX_PATH_PARAMS],
                                             unsigned *methods)
{
    const struct mill_route *found = NULL;
    for (size_t i = 0; i < count; i++) {
        struct mill_view values[MILL_MAX_PATH_PARAMS] = {{0}};
        if (!has_parameters(&rows[i]) || !is_under(&rows[i], wanted) ||
            !match(rows[i].path, wanted->path, values))
            continue;
        *methods |= (unsigned)rows[i].method;
        if (rows[i].method == method) {
            found = &rows[i];
            memcpy(params, values, sizeof(values));
        }
    }
    return found;
}

const struct mill_route *mill_route_find(enum mill_method method, struct mill_view path,
                                         struct mill_view params[MILL_MAX_PATH_PARAMS],
                                         unsigned *methods_out)
{
    size_t count;
    const struct mill_route *rows = mill_routes(&count);
    struct wanted wanted = cut_prefix(path);
    unsigned methods = 0;
    if (method == MILL_HEAD)
        method = MILL_GET;
    pthread_once(&index_once, build_index);
    const struct mill_route *found = find_literal(rows, &wanted, method, &methods);
    if (methods == 0)
        found = find_pattern(rows, count, &wanted, method, params, &methods);
    if ((methods & MILL_GET) != 0)
        methods |= MILL_HEAD;
    *methods_out = methods;
    return found;
}
