/* registry.c - see registry.h. The searches are in registry_search.c. */
#include "store/registry.h"

#include "base/alloc.h"
#include "model/registry.h"

/* --- versions of a model --- */

/* The place of a version, or where it belongs. */
static size_t version_place(const struct mill_registry_model *model, int64_t version)
{
    size_t low = 0, high = model->count;
    if (high != 0 && model->versions[high - 1].version < version)
        return high; /* new versions come at the end */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (model->versions[middle].version < version)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool has_version(const struct mill_registry_model *model, size_t place, int64_t version)
{
    return place < model->count && model->versions[place].version == version;
}

/* Exactly "true", as in searches of the official server. */
static bool makes_prompt(const struct mill_model_version *version)
{
    const struct mill_tag *tag =
        mill_sorted_tag(version->tags, version->tag_count, MILL_VIEW(MILL_PROMPT_TAG));
    return tag != NULL && mill_view_eq(tag->value, MILL_VIEW("true"));
}

/* A version is no longer in its stage: if it was the latest there, another one is now. */
static void leave_stage(struct mill_registry_model *model, const struct mill_model_version *v)
{
    enum mill_stage stage = v->current_stage;
    if (model->latest[stage] != v->version)
        return;
    model->latest[stage] = 0;
    for (size_t i = version_place(model, v->version); i-- > 0;) {
        if (model->versions[i].row->version.current_stage == stage) {
            model->latest[stage] = model->versions[i].version;
            return;
        }
    }
}

static void forget_version(struct mill_registry_model *model, size_t place)
{
    struct mill_version_row *row = model->versions[place].row;
    leave_stage(model, &row->version);
    model->prompt_versions -= makes_prompt(&row->version);
    mill_version_row_unref(row);
}

static bool make_place(struct mill_registry_model *model, size_t place)
{
    if (model->count == model->cap) {
        size_t cap = model->cap != 0 ? model->cap * 2 : 4;
        struct mill_version_slot *slots = mill_realloc(model->versions, cap * sizeof(*slots));
        if (slots == NULL)
            return false;
        model->versions = slots;
        model->cap = cap;
    }
    memmove(&model->versions[place + 1], &model->versions[place],
            (model->count - place) * sizeof(*model->versions));
    model->count++;
    return true;
}

bool mill_registry_put_version(struct mill_registry_model *model, struct mill_version_row *row)
{
    const struct mill_model_version *v = &row->version;
    size_t place = version_place(model, v->version);
    if (has_version(model, place, v->version)) {
        forget_version(model, place);
    } else if (!make_place(model, place)) {
        mill_version_row_unref(row);
        return false;
    }
    model->versions[place] =
        (struct mill_version_slot){v->version, v->last_updated_timestamp, row};
    model->prompt_versions += makes_prompt(v);
    if (model->latest[v->current_stage] < v->version)
        model->latest[v->current_stage] = v->version;
    return true;
}

void mill_registry_remove_version(struct mill_registry_model *model, int64_t version)
{
    size_t place = version_place(model, version);
    if (!has_version(model, place, version))
        return;
    forget_version(model, place);
    model->count--;
    memmove(&model->versions[place], &model->versions[place + 1],
            (model->count - place) * sizeof(*model->versions));
}

struct mill_version_row *mill_registry_version(const struct mill_registry_model *model,
                                               int64_t version)
{
    size_t place = version_place(model, version);
    return has_version(model, place, version) ? model->versions[place].row : NULL;
}

/* --- models --- */

struct mill_registry_model *mill_registry_model_new(int64_t id, struct mill_model_row *row)
{
    struct mill_registry_model *model = mill_alloc_zero(1, sizeof(*model));
    if (model == NULL) {
        mill_model_row_unref(row);
        return NULL;
    }
    model->id = id;
    model->row = row;
    return model;
}

void mill_registry_model_free(struct mill_registry_model *model)
{
    if (model == NULL)
        return;
    for (size_t i = 0; i < model->count; i++)
        mill_version_row_unref(model->versions[i].row);
    mill_free(model->versions);
    mill_model_row_unref(model->row);
    mill_free(model);
}

void mill_registry_release(struct mill_registry *registry)
{
    for (size_t i = 0; i < registry->count; i++)
        mill_registry_model_free(registry->by_id[i]);
    mill_free(registry->by_id);
    mill_free(registry->by_name);
    *registry = (struct mill_registry){0};
}

static size_t name_place(const struct mill_registry *registry, struct mill_view name)
{
    size_t low = 0, high = registry->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (mill_view_cmp(registry->by_name[middle]->row->model.name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t id_place(const struct mill_registry *registry, int64_t id)
{
    size_t low = 0, high = registry->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (registry->by_id[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct mill_registry_model *mill_registry_find(const struct mill_registry *registry,
                                               struct mill_view name)
{
    size_t place = name_place(registry, name);
    if (place == registry->count ||
        !mill_view_eq(registry->by_name[place]->row->model.name, name))
        return NULL;
    return registry->by_name[place];
}

struct mill_registry_model *mill_registry_find_id(const struct mill_registry *registry,
                                                  int64_t id)
{
    size_t place = id_place(registry, id);
    return place < registry->count && registry->by_id[place]->id == id ? registry->by_id[place]
                                                                       : NULL;
}

static bool grow(struct mill_registry *registry)
{
    if (registry->count < registry->cap)
        return true;
    size_t cap = registry->cap != 0 ? registry->cap * 2 : 16;
    size_t bytes = cap * sizeof(struct mill_registry_model *);
    struct mill_registry_model **list = mill_realloc(registry->by_name, bytes);
    if (list == NULL)
        return false;
    registry->by_name = list;
    list = mill_realloc(registry->by_id, bytes);
    if (list == NULL)
        return false;
    registry->by_id = list;
    registry->cap = cap;
    return true;
}

static void insert(struct mill_registry_model **list, size_t count, size_t place,
                   struct mill_registry_model *model)
{
    memmove(&list[place + 1], &list[place], (count - place) * sizeof(*list));
    list[place] = model;
}

static void take_out(struct mill_registry_model **list, size_t count, size_t place)
{
    memmove(&list[place], &list[place + 1], (count - place - 1) * sizeof(*list));
}

void mill_registry_remove(struct mill_registry *registry, int64_t id)
{
    struct mill_registry_model *model = mill_registry_find_id(registry, id);
    if (model == NULL)
        return;
    /* While several models are replaced, two may have one name for a moment. */
    size_t place = name_place(registry, model->row->model.name);
    while (registry->by_name[place] != model)
        place++;
    take_out(registry->by_name, registry->count, place);
    take_out(registry->by_id, registry->count, id_place(registry, id));
    registry->count--;
    mill_registry_model_free(model);
}

bool mill_registry_put(struct mill_registry *registry, struct mill_registry_model *model)
{
    mill_registry_remove(registry, model->id); /* leaves room for this one */
    if (!grow(registry))
        return false;
    insert(registry->by_name, registry->count, name_place(registry, model->row->model.name),
           model);
    insert(registry->by_id, registry->count, id_place(registry, model->id), model);
    registry->count++;
    return true;
}

void mill_registry_put_row(struct mill_registry_model *model, struct mill_model_row *row)
{
    mill_model_row_unref(model->row);
    model->row = row;
}

bool mill_registry_give_model(const struct mill_registry_model *model,
                              const struct mill_registered_model *value,
                              struct mill_arena *arena, struct mill_registered_model *out)
{
    struct mill_model_version latest[MILL_STAGE_ARCHIVED];
    struct mill_registered_model whole = value != NULL ? *value : model->row->model;
    whole.latest_versions = latest;
    whole.latest_version_count = 0;
    for (int stage = MILL_STAGE_NONE; stage <= MILL_STAGE_ARCHIVED; stage++) {
        const struct mill_version_row *row = mill_registry_version(model, model->latest[stage]);
        if (row != NULL) /* there is no version 0 */
            latest[whole.latest_version_count++] = row->version;
    }
    return mill_model_copy(arena, &whole, out);
}

/* --- what is not there ---
 * Clients that work on prompts put that word in place of "registered model". */

enum mill_status mill_no_model(struct mill_view name, struct mill_error *err)
{
    return mill_fail(err, MILL_E_NOT_FOUND, "there is no registered model '%.*s'",
                     MILL_FMT(name));
}

enum mill_status mill_no_version(struct mill_view name, int64_t version, struct mill_error *err)
{
    return mill_fail(err, MILL_E_NOT_FOUND, "registered model '%.*s' has no version %lld",
                     MILL_FMT(name), (long long)version);
}

static enum mill_status find_latest(const struct mill_registered_model *model,
                                    int64_t *version_out, struct mill_error *err)
{
    int64_t latest = 0;
    for (size_t i = 0; i < model->latest_version_count; i++)
        if (model->latest_versions[i].version > latest)
            latest = model->latest_versions[i].version;
    if (latest == 0)
        return mill_fail(err, MILL_E_NOT_FOUND, "registered model '%.*s' has no version yet",
                         MILL_FMT(model->name));
    *version_out = latest;
    return MILL_OK;
}

enum mill_status mill_registry_resolve(const struct mill_registered_model *model,
                                       const struct mill_version_ref *ref, int64_t *version_out,
                                       struct mill_error *err)
{
    if (ref->alias.ptr == NULL) {
        *version_out = ref->version;
        return MILL_OK;
    }
    if (mill_view_eq_nocase(ref->alias, MILL_VIEW("latest")))
        return find_latest(model, version_out, err);
    for (size_t i = 0; i < model->alias_count; i++) {
        if (mill_view_eq(model->aliases[i].alias, ref->alias)) {
            *version_out = model->aliases[i].version;
            return MILL_OK;
        }
    }
    return mill_fail(err, MILL_E_INVALID, "registered model '%.*s' has no alias '%.*s'",
                     MILL_FMT(model->name), MILL_FMT(ref->alias));
}
