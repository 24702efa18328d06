/* tree_meta.c - see tree_meta.h. */
#include "store/tree_meta.h"

#include "base/view.h"

static enum mill_status wrong(struct mill_error *err, const char *key)
{
    return mill_fail(err, MILL_E_CORRUPT, "'%s' is not what it should be", key);
}

/* Reads an integer that may be missing; *out keeps its value then. */
static enum mill_status read_int(const struct mill_yaml *meta, const char *key, int64_t *out,
                                 struct mill_error *err)
{
    enum mill_status st = mill_yaml_int(meta, key, out);
    return st == MILL_E_CORRUPT ? wrong(err, key) : MILL_OK;
}

static enum mill_status read_lifecycle(const struct mill_yaml *meta, enum mill_lifecycle *out,
                                       struct mill_error *err)
{
    struct mill_view text = mill_yaml_text(meta, "lifecycle_stage");
    *out = mill_view_eq(text, MILL_VIEW("deleted")) ? MILL_DELETED : MILL_ACTIVE;
    if (text.ptr == NULL || *out == MILL_DELETED || mill_view_eq(text, MILL_VIEW("active")))
        return MILL_OK;
    return wrong(err, "lifecycle_stage");
}

/* An id that is there must be the folder's. */
static enum mill_status check_experiment_id(const struct mill_yaml *meta, int64_t wanted,
                                            struct mill_error *err)
{
    int64_t id = wanted;
    enum mill_status st = read_int(meta, "experiment_id", &id, err);
    if (st != MILL_OK || id == wanted)
        return st;
    return mill_fail(err, MILL_E_CORRUPT, "it says experiment_id %lld in the folder of %lld",
                     (long long)id, (long long)wanted);
}

static bool put_texts(struct mill_arena *arena, struct mill_yaml *map, const char *const *keys,
                      const struct mill_view *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!mill_yaml_put_text(arena, map, mill_view_of(keys[i]), texts[i]))
            return false;
    return true;
}

/* --- experiments ------------------------------------------------------------------------ */

enum mill_status mill_tree_meta_experiment(const struct mill_yaml *meta, int64_t experiment_id,
                                           struct mill_experiment *out, struct mill_error *err)
{
    struct mill_experiment e = {
        .experiment_id = experiment_id,
        .name = mill_yaml_text(meta, "name"),
        .artifact_location = mill_yaml_text(meta, "artifact_location"),
        .creation_time = MILL_ABSENT,
        .last_update_time = MILL_ABSENT,
    };
    enum mill_status st = check_experiment_id(meta, experiment_id, err);
    if (st == MILL_OK)
        st = read_lifecycle(meta, &e.lifecycle_stage, err);
    if (st == MILL_OK)
        st = read_int(meta, "creation_time", &e.creation_time, err);
    if (st == MILL_OK)
        st = read_int(meta, "last_update_time", &e.last_update_time, err);
    if (st == MILL_OK && mill_view_empty(e.name))
        st = mill_fail(err, MILL_E_CORRUPT, "it has no 'name'");
    if (st == MILL_OK)
        *out = e;
    return st;
}

struct mill_yaml *mill_tree_meta_new_experiment(struct mill_arena *arena,
                                                const struct mill_experiment *e)
{
    static const char *const keys[] = {"artifact_location", "experiment_id", "lifecycle_stage",
                                       "name"};
    struct mill_yaml *meta = mill_yaml_new(arena, MILL_YAML_MAP);
    struct mill_view id = mill_arena_printf(arena, "%lld", (long long)e->experiment_id);
    const struct mill_view texts[] = {e->artifact_location, id,
                                      mill_view_of(mill_lifecycle_name(e->lifecycle_stage)),
                                      e->name};
    if (meta == NULL || id.ptr == NULL ||
        !put_texts(arena, meta, keys, texts, MILL_COUNT(keys)) ||
        !mill_yaml_put_int(arena, meta, "creation_time", e->creation_time) ||
        !mill_yaml_put_int(arena, meta, "last_update_time", e->last_update_time))
        return NULL;
    return meta;
}

/* --- runs ------------------------------------------------------------------------------- */

static struct mill_view first_text(const struct mill_yaml *meta, const char *key,
                                   const char *older)
{
    struct mill_view text = mill_yaml_text(meta, key);
    return mill_view_empty(text) ? mill_yaml_text(meta, older) : text;
}

/* The protocol's number; a name is taken, too. */
static enum mill_status read_status(const struct mill_yaml *meta, enum mill_run_status *out,
                                    struct mill_error *err)
{
    int64_t number = MILL_RUN_RUNNING;
    if (mill_yaml_int(meta, "status", &number) == MILL_E_CORRUPT)
        number = mill_run_status_from_name(mill_yaml_text(meta, "status"));
    if (number < MILL_RUN_RUNNING || number > MILL_RUN_KILLED)
        return wrong(err, "status");
    *out = (enum mill_run_status)number;
    return MILL_OK;
}

enum mill_status mill_tree_meta_run(const struct mill_yaml *meta, int64_t experiment_id,
                                    struct mill_view run_id, struct mill_run_info *out,
                                    struct mill_error *err)
{
    struct mill_view id = first_text(meta, "run_id", "run_uuid");
    struct mill_run_info info = {
        .run_id = run_id,
        .experiment_id = experiment_id,
        .run_name = first_text(meta, "run_name", "name"),
        .user_id = mill_yaml_text(meta, "user_id"),
        .artifact_uri = mill_yaml_text(meta, "artifact_uri"),
        .end_time = MILL_ABSENT,
    };
    if (info.user_id.ptr == NULL)
        info.user_id = MILL_VIEW("");
    if (mill_view_empty(info.run_name))
        info.run_name = (struct mill_view){NULL, 0};
    enum mill_status st = check_experiment_id(meta, experiment_id, err);
    if (st == MILL_OK && !mill_view_empty(id) && !mill_view_eq(id, run_id))
        st = mill_fail(err, MILL_E_CORRUPT, "it says run_id '%.*s' in the folder of '%.*s'",
                       MILL_FMT(mill_utf8_prefix(id, 64)),
                       MILL_FMT(mill_utf8_prefix(run_id, 64)));
    if (st == MILL_OK)
        st = read_status(meta, &info.status, err);
    if (st == MILL_OK)
        st = read_lifecycle(meta, &info.lifecycle_stage, err);
    if (st == MILL_OK)
        st = read_int(meta, "start_time", &info.start_time, err);
    if (st == MILL_OK)
        st = read_int(meta, "end_time", &info.end_time, err);
    if (st == MILL_OK)
        *out = info;
    return st;
}

bool mill_tree_meta_is_old(const struct mill_yaml *meta)
{
    return mill_yaml_find(meta, "run_id") == NULL;
}

bool mill_tree_meta_run_tags(const struct mill_yaml *meta, mill_tree_meta_put_tag *put,
                             void *context)
{
    const struct mill_yaml *tags = mill_yaml_find(meta, "tags");
    if (tags == NULL || tags->kind == MILL_YAML_SCALAR)
        return true;
    for (const struct mill_yaml_item *item = tags->first; item != NULL; item = item->next) {
        struct mill_view key = item->key, value = item->value->text;
        if (item->value->kind == MILL_YAML_MAP) {
            key = mill_yaml_text(item->value, "key");
            value = mill_yaml_text(item->value, "value");
        }
        if (!mill_view_empty(key) && value.ptr != NULL && !put(context, key, value))
            return false;
    }
    return true;
}

bool mill_tree_meta_update_run(struct mill_arena *arena, struct mill_yaml *meta,
                               const struct mill_run_info *info)
{
    return mill_yaml_put_int(arena, meta, "status", info->status) &&
           mill_yaml_put_int(arena, meta, "end_time", info->end_time) &&
           mill_yaml_put_text(arena, meta, MILL_VIEW("run_name"), info->run_name);
}

bool mill_tree_meta_set_lifecycle(struct mill_arena *arena, struct mill_yaml *meta,
                                  enum mill_lifecycle lifecycle, int64_t deleted_ms)
{
    if (deleted_ms == MILL_ABSENT)
        mill_yaml_remove(meta, "deleted_time");
    else if (!mill_yaml_put_int(arena, meta, "deleted_time", deleted_ms))
        return false;
    return mill_yaml_put_text(arena, meta, MILL_VIEW("lifecycle_stage"),
                              mill_view_of(mill_lifecycle_name(lifecycle)));
}

/* run_uuid and the empty texts are for readers before 3.0 and 1.0, which insist on them. */
struct mill_yaml *mill_tree_meta_new_run(struct mill_arena *arena,
                                         const struct mill_run_info *info)
{
    static const char *const keys[] = {
        "artifact_uri", "entry_point_name", "experiment_id", "lifecycle_stage", "name",
        "run_id",       "run_uuid",         "source_name",   "source_version",  "user_id",
    };
    struct mill_yaml *meta = mill_yaml_new(arena, MILL_YAML_MAP);
    struct mill_view id = mill_arena_printf(arena, "%lld", (long long)info->experiment_id);
    struct mill_view none = MILL_VIEW("");
    const struct mill_view texts[] = {
        info->artifact_uri,
        none,
        id,
        mill_view_of(mill_lifecycle_name(info->lifecycle_stage)),
        none,
        info->run_id,
        info->run_id,
        none,
        none,
        info->user_id,
    };
    if (meta == NULL || id.ptr == NULL ||
        !put_texts(arena, meta, keys, texts, MILL_COUNT(keys)) ||
        !mill_yaml_put_int(arena, meta, "start_time", info->start_time) ||
        !mill_yaml_put_int(arena, meta, "source_type", 4) || /* LOCAL */
        !mill_yaml_put(arena, meta, MILL_VIEW("tags"), mill_yaml_new(arena, MILL_YAML_LIST)) ||
        !mill_tree_meta_update_run(arena, meta, info))
        return NULL;
    return meta;
}

/* --- datasets and links ----------------------------------------------------------------- */

enum mill_status mill_tree_meta_dataset(const struct mill_yaml *meta, struct mill_dataset *out,
                                        struct mill_error *err)
{
    *out = (struct mill_dataset){
        .name = mill_yaml_text(meta, "name"),
        .digest = mill_yaml_text(meta, "digest"),
        .source_type = mill_yaml_text(meta, "source_type"),
        .source = mill_yaml_text(meta, "source"),
        .schema = mill_yaml_text(meta, "schema"),
        .profile = mill_yaml_text(meta, "profile"),
    };
    return mill_view_empty(out->name) ? wrong(err, "name") : MILL_OK;
}

struct mill_yaml *mill_tree_meta_new_dataset(struct mill_arena *arena,
                                             const struct mill_dataset *d)
{
    static const char *const keys[] = {"name",   "digest", "source_type",
                                       "source", "schema", "profile"};
    const struct mill_view texts[] = {d->name,   d->digest, d->source_type,
                                      d->source, d->schema, d->profile};
    struct mill_yaml *meta = mill_yaml_new(arena, MILL_YAML_MAP);
    return meta != NULL && put_texts(arena, meta, keys, texts, MILL_COUNT(keys)) ? meta : NULL;
}

/* How each kind of link is called in its file. */
static const struct {
    enum mill_tree_link_kind kind;
    struct mill_view source, destination;
} link_types[] = {
    {MILL_TREE_LINK_DATASET, {"DATASET", 7}, {"RUN", 3}},
    {MILL_TREE_LINK_MODEL, {"MODEL", 5}, {"RUN", 3}},
    {MILL_TREE_LINK_OUTPUT, {"RUN_OUTPUT", 10}, {"MODEL_OUTPUT", 12}},
};

static enum mill_status read_link_tags(const struct mill_yaml *meta, struct mill_arena *arena,
                                       struct mill_tree_link *out, struct mill_error *err)
{
    const struct mill_yaml *tags = mill_yaml_find(meta, "tags");
    if (tags == NULL || tags->kind != MILL_YAML_MAP || tags->count == 0)
        return MILL_OK;
    struct mill_tag *list = mill_arena_zero(arena, tags->count, sizeof(*list));
    if (list == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for the tags of an input");
    for (const struct mill_yaml_item *item = tags->first; item != NULL; item = item->next)
        if (item->value->kind == MILL_YAML_SCALAR)
            list[out->tag_count++] = (struct mill_tag){item->key, item->value->text};
    out->tags = list;
    return MILL_OK;
}

enum mill_status mill_tree_meta_link(const struct mill_yaml *meta, struct mill_arena *arena,
                                     struct mill_tree_link *out, struct mill_error *err)
{
    struct mill_view source = mill_yaml_text(meta, "source_type");
    struct mill_tree_link link = {.id = first_text(meta, "source_id", "destination_id")};
    enum mill_status st = read_int(meta, "step", &link.step, err);
    for (size_t i = 0; i < MILL_COUNT(link_types); i++)
        if (mill_view_eq(source, link_types[i].source))
            link.kind = link_types[i].kind;
    if (st == MILL_OK && mill_view_empty(link.id))
        st = wrong(err, "source_id");
    if (st == MILL_OK)
        st = read_link_tags(meta, arena, &link, err);
    if (st == MILL_OK)
        *out = link;
    return st;
}

struct mill_yaml *mill_tree_meta_new_link(struct mill_arena *arena,
                                          const struct mill_tree_link *link)
{
    static const char *const keys[] = {"source_type", "source_id", "destination_type",
                                       "destination_id"};
    struct mill_yaml *meta = mill_yaml_new(arena, MILL_YAML_MAP);
    struct mill_yaml *tags = mill_yaml_new(arena, MILL_YAML_MAP);
    if (meta == NULL || tags == NULL)
        return NULL;
    size_t type = 0;
    while (link_types[type].kind != link->kind)
        type++;
    /* The destination's id is the source's in every release that writes these files. */
    const struct mill_view texts[] = {link_types[type].source, link->id,
                                      link_types[type].destination, link->id};
    for (size_t i = 0; i < link->tag_count; i++)
        if (!mill_yaml_put_text(arena, tags, link->tags[i].key, link->tags[i].value))
            return NULL;
    if (!put_texts(arena, meta, keys, texts, MILL_COUNT(keys)) ||
        !mill_yaml_put(arena, meta, MILL_VIEW("tags"), tags) ||
        (link->kind == MILL_TREE_LINK_OUTPUT &&
         !mill_yaml_put_int(arena, meta, "step", link->step)))
        return NULL;
    return meta;
}
