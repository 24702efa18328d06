/* change_experiment.c - checks of a new experiment: name, artifact location, tags. */
#include "base/codec.h"
#include "base/view.h"
#include "model/check.h"
#include "model/limits.h"

/* How often a query may be percent-encoded before it is refused for that alone. */
#define MAX_DECODINGS 10

static bool has_parent(struct mill_view text)
{
    return memmem(text.ptr, text.len, "..", 2) != NULL;
}

/* Whether a query leads upwards, however often it is encoded. */
static enum mill_status query_is_safe(struct mill_view query, struct mill_arena *arena,
                                      bool *out, struct mill_error *err)
{
    for (int i = 0; i < MAX_DECODINGS; i++) {
        if (has_parent(query)) {
            *out = false;
            return MILL_OK;
        }
        struct mill_view decoded = mill_percent_decode(query, false, arena);
        if (decoded.ptr == NULL)
            return mill_check_nomem(err);
        if (mill_view_eq(decoded, query)) {
            *out = true;
            return MILL_OK;
        }
        query = decoded;
    }
    *out = false;
    return MILL_OK;
}

/* What is no place of its own. */
static enum mill_status check_scheme(struct mill_view location, struct mill_error *err)
{
    static const char *const references[] = {"runs", "models"};
    struct mill_view scheme = mill_scheme_of(location);
    for (size_t i = 0; i < MILL_COUNT(references); i++)
        if (mill_view_eq_nocase(scheme, mill_view_of(references[i])))
            return mill_place_fail(mill_place_of("artifact_location"), err,
                                   "must not have the scheme '%s', which is a reference; leave "
                                   "it out for the server's own storage",
                                   references[i]);
    return MILL_OK;
}

static enum mill_status check_location(struct mill_view location, struct mill_view own_root,
                                       struct mill_arena *arena, struct mill_error *err)
{
    struct mill_place place = mill_place_of("artifact_location");
    enum mill_status st = mill_check_text(place, location, MILL_MAX_ARTIFACT_LOCATION, err);
    if (st != MILL_OK)
        return st;
    if (location.len > 0 && memchr(location.ptr, '#', location.len) != NULL)
        return mill_place_fail(place, err, "must not have a fragment: remove the '#'");
    struct mill_view path;
    struct mill_view query = mill_view_cut(location, '?', &path);
    if (mill_scheme_of(path).ptr == NULL && path.len > 0 &&
        memchr(path.ptr, ';', path.len) != NULL)
        return mill_place_fail(place, err, "must not have parameters: remove the ';'");
    bool safe = true;
    if (query.ptr != NULL)
        st = query_is_safe(query, arena, &safe, err);
    if (st != MILL_OK)
        return st;
    if (!safe)
        return mill_place_fail(place, err, "must not have '..' in its query: '%.*s'",
                               MILL_FMT(mill_quoted(query)));
    st = check_scheme(path, err);
    return st == MILL_OK ? mill_check_host(place, location, own_root, err) : st;
}

static enum mill_status check_tags(struct mill_change *change, struct mill_arena *arena,
                                   struct mill_error *err)
{
    const struct mill_tag *tags = change->as.create_experiment.tags;
    size_t count = change->as.create_experiment.tag_count;
    struct mill_key_set keys;

    enum mill_status st = mill_check_count("tags", count, MILL_MAX_TAGS_AT_CREATION, err);
    if (st == MILL_OK)
        st = mill_check_given("tags", tags, count, err);
    if (st != MILL_OK)
        return st;
    struct mill_tag *copy = mill_arena_zero(arena, count + 1, sizeof(*copy));
    if (copy == NULL)
        return mill_check_nomem(err);
    st = mill_key_set_init(&keys, count, arena, err);
    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        struct mill_place place = {"tags", i, "key"};
        st = mill_check_key(place, tags[i].key, err);
        if (st == MILL_OK && mill_key_set_add(&keys, &tags[i].key) != NULL)
            st = mill_place_fail(place, err, "'%.*s' is there twice; name each tag once",
                                 MILL_FMT(tags[i].key));
        place.field = "value";
        if (st == MILL_OK)
            st = mill_check_text(place, tags[i].value, MILL_MAX_EXPERIMENT_TAG_VALUE, err);
        copy[i] = (struct mill_tag){tags[i].key, mill_text_or_empty(tags[i].value)};
    }
    if (st == MILL_OK)
        change->as.create_experiment.tags = copy;
    return st;
}

enum mill_status mill_check_create_experiment(struct mill_change *change,
                                              struct mill_arena *arena, struct mill_error *err)
{
    enum mill_status st =
        mill_check_required(mill_place_of("name"), change->as.create_experiment.name,
                            MILL_MAX_EXPERIMENT_NAME, err);
    if (st == MILL_OK)
        st = check_location(change->as.create_experiment.artifact_location,
                            change->as.create_experiment.artifact_root, arena, err);
    if (st == MILL_OK && change->as.create_experiment.tag_count > 0)
        st = check_tags(change, arena, err);
    return st;
}
