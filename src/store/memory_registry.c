/* memory_registry.c - see memory_registry.h. A change first makes all new rows, which may fail,
 * and then puts them into their places, which may not. */
#include "store/memory_registry.h"

#include "base/alloc.h"
#include "base/list.h"
#include "model/limits.h"
#include "model/registry.h"
#include "store/entity.h"

/* --- editing --- */

/* A model while it is changed: its value, whose lists may be replaced by lists in scratch, and
 * the new rows of its versions. */
struct editing {
    struct mill_registry_model *model;
    struct mill_arena scratch;
    struct mill_registered_model value;
    struct mill_list rows; /* of struct mill_version_row * */
    int64_t removed;       /* version that goes; 0: none */
};

static enum mill_status edit(const struct mill_memory_registry *r, struct mill_view name,
                             struct editing *out, struct mill_error *err)
{
    *out = (struct editing){.rows.size = sizeof(struct mill_version_row *)};
    out->model = mill_registry_find(&r->models, name);
    if (out->model == NULL)
        return mill_no_model(name, err);
    out->value = out->model->row->model;
    return MILL_OK;
}

/* A new row for a version. */
static enum mill_status edit_version(struct editing *e, const struct mill_model_version *value,
                                     struct mill_view location, struct mill_error *err)
{
    struct mill_version_row *row = mill_version_row_new(value, location);
    struct mill_version_row **place = row != NULL ? mill_list_add(&e->rows) : NULL;
    if (place == NULL) {
        mill_version_row_unref(row);
        return mill_no_memory(err);
    }
    *place = row;
    return MILL_OK;
}

static struct mill_version_row *edited_row(const struct editing *e, size_t i)
{
    return ((struct mill_version_row **)(void *)e->rows.items)[i];
}

static void discard(struct editing *e)
{
    for (size_t i = 0; i < e->rows.count; i++)
        mill_version_row_unref(edited_row(e, i));
    mill_free(e->rows.items);
    mill_arena_release(&e->scratch);
}

/* Ends an edit: with st MILL_OK what was edited is put into its place. Only the first row may
 * be of a new version, so that nothing was done yet when there is no memory for it. */
static enum mill_status edited(struct editing *e, enum mill_status st, struct mill_error *err)
{
    struct mill_model_row *row = st == MILL_OK ? mill_model_row_new(&e->value) : NULL;
    if (st == MILL_OK && row == NULL)
        st = mill_no_memory(err);
    if (st == MILL_OK && e->rows.count != 0 &&
        !mill_registry_put_version(e->model, mill_version_row_ref(edited_row(e, 0)))) {
        mill_model_row_unref(row);
        st = mill_no_memory(err);
    }
    if (st == MILL_OK) {
        for (size_t i = 1; i < e->rows.count; i++)
            mill_registry_put_version(e->model, mill_version_row_ref(edited_row(e, i)));
        if (e->removed != 0)
            mill_registry_remove_version(e->model, e->removed);
        mill_registry_put_row(e->model, row);
    }
    discard(e);
    return st;
}

static enum mill_status find_version(const struct editing *e, int64_t version,
                                     struct mill_version_row **out, struct mill_error *err)
{
    *out = mill_registry_version(e->model, version);
    return *out != NULL ? MILL_OK : mill_no_version(e->value.name, version, err);
}

/* --- outcomes --- */

static enum mill_status give_model(const struct mill_registry_model *model,
                                   const struct mill_registered_model *value,
                                   struct mill_outcome *outcome, struct mill_error *err)
{
    struct mill_registered_model *copy = mill_arena_zero(outcome->arena, 1, sizeof(*copy));
    if (copy == NULL || !mill_registry_give_model(model, value, outcome->arena, copy))
        return mill_no_memory(err);
    outcome->model = copy;
    return MILL_OK;
}

static enum mill_status give_version(const struct mill_version_row *row,
                                     struct mill_outcome *outcome, struct mill_error *err)
{
    struct mill_model_version *copy = mill_arena_zero(outcome->arena, 1, sizeof(*copy));
    if (copy == NULL || !mill_version_copy(outcome->arena, &row->version, copy))
        return mill_no_memory(err);
    outcome->model_version = copy;
    return MILL_OK;
}

/* --- models --- */

static enum mill_status create_model(struct mill_memory_registry *r,
                                     const struct mill_change *c, struct mill_outcome *outcome,
                                     struct mill_error *err)
{
    struct mill_view name = c->as.model.name;
    struct mill_registered_model value = {.name = name,
                                          .creation_timestamp = c->now_ms,
                                          .last_updated_timestamp = c->now_ms,
                                          .description = c->as.model.description,
                                          .tags = c->as.model.tags,
                                          .tag_count = c->as.model.tag_count};
    if (mill_registry_find(&r->models, name) != NULL)
        return mill_fail(err, MILL_E_EXISTS, "registered model '%.*s' is there already",
                         MILL_FMT(name));
    struct mill_model_row *row = mill_model_row_new(&value);
    struct mill_registry_model *model =
        row != NULL ? mill_registry_model_new(r->last_id + 1, row) : NULL;
    if (model == NULL || give_model(model, NULL, outcome, err) != MILL_OK ||
        !mill_registry_put(&r->models, model)) {
        mill_registry_model_free(model);
        return mill_no_memory(err);
    }
    r->last_id++;
    return MILL_OK;
}

/* All versions change with the model's name, so they make another model in place of this one.
 */
static enum mill_status renamed(const struct mill_registry_model *old,
                                const struct mill_change *c, struct mill_registry_model **out)
{
    struct mill_registered_model value = old->row->model;
    value.name = c->as.model.new_name;
    value.last_updated_timestamp = c->now_ms;
    struct mill_model_row *row = mill_model_row_new(&value);
    *out = row != NULL ? mill_registry_model_new(old->id, row) : NULL;
    if (*out == NULL)
        return MILL_E_NOMEM;
    (*out)->last_version = old->last_version;
    for (size_t i = 0; i < old->count; i++) {
        const struct mill_version_row *from = old->versions[i].row;
        struct mill_model_version version = from->version;
        version.name = c->as.model.new_name;
        version.last_updated_timestamp = c->now_ms;
        struct mill_version_row *to = mill_version_row_new(&version, from->storage_location);
        if (to == NULL || !mill_registry_put_version(*out, to))
            return MILL_E_NOMEM;
    }
    return MILL_OK;
}

static enum mill_status rename_model(struct mill_memory_registry *r,
                                     const struct mill_change *c, struct mill_outcome *outcome,
                                     struct mill_error *err)
{
    struct mill_registry_model *old = mill_registry_find(&r->models, c->as.model.name);
    const struct mill_registry_model *other =
        mill_registry_find(&r->models, c->as.model.new_name);
    struct mill_registry_model *model = NULL;
    if (old == NULL)
        return mill_no_model(c->as.model.name, err);
    if (other != NULL && other != old)
        return mill_fail(err, MILL_E_EXISTS, "registered model '%.*s' is there already",
                         MILL_FMT(c->as.model.new_name));
    if (renamed(old, c, &model) != MILL_OK ||
        give_model(model, NULL, outcome, err) != MILL_OK) {
        mill_registry_model_free(model);
        return mill_no_memory(err);
    }
    mill_registry_put(&r->models, model); /* in old's place: cannot fail */
    return MILL_OK;
}

static enum mill_status update_model(struct mill_memory_registry *r,
                                     const struct mill_change *c, struct mill_outcome *outcome,
                                     struct mill_error *err)
{
    struct editing e;
    enum mill_status st = edit(r, c->as.model.name, &e, err);
    if (st != MILL_OK)
        return st;
    e.value.description = c->as.model.description;
    e.value.last_updated_timestamp = c->now_ms;
    return edited(&e, give_model(e.model, &e.value, outcome, err), err);
}

static enum mill_status delete_model(struct mill_memory_registry *r,
                                     const struct mill_change *c, struct mill_outcome *outcome,
                                     struct mill_error *err)
{
    const struct mill_registry_model *model = mill_registry_find(&r->models, c->as.model.name);
    (void)outcome;
    if (model == NULL)
        return mill_no_model(c->as.model.name, err);
    mill_registry_remove(&r->models, model->id);
    return MILL_OK;
}

/* --- tags --- */

static enum mill_status tag_model(struct mill_memory_registry *r, const struct mill_change *c,
                                  struct mill_outcome *outcome, struct mill_error *err)
{
    struct editing e;
    struct mill_tag tag = {.key = c->as.model_tag.key};
    enum mill_status st = edit(r, c->as.model_tag.name, &e, err);
    if (st != MILL_OK)
        return st;
    if (c->kind == MILL_CHANGE_SET_MODEL_TAG)
        tag.value = c->as.model_tag.value;
    e.value.tags = mill_tags_with(&e.scratch, e.value.tags, &e.value.tag_count, tag);
    if (e.value.tags == NULL)
        return edited(&e, mill_no_memory(err), err);
    outcome->is_prompt = mill_is_prompt(e.value.tags, e.value.tag_count);
    return edited(&e, MILL_OK, err);
}

static enum mill_status tag_version(struct mill_memory_registry *r, const struct mill_change *c,
                                    struct mill_outcome *outcome, struct mill_error *err)
{
    struct editing e;
    struct mill_version_row *old;
    struct mill_tag tag = {.key = c->as.model_tag.key};
    enum mill_status st = edit(r, c->as.model_tag.name, &e, err);
    if (st == MILL_OK)
        st = find_version(&e, c->as.model_tag.version, &old, err);
    if (st != MILL_OK)
        return st;
    outcome->is_prompt = mill_is_prompt(e.value.tags, e.value.tag_count);
    if (c->kind == MILL_CHANGE_SET_VERSION_TAG)
        tag.value = c->as.model_tag.value;
    struct mill_model_version version = old->version;
    version.tags = mill_tags_with(&e.scratch, version.tags, &version.tag_count, tag);
    st = version.tags != NULL ? edit_version(&e, &version, old->storage_location, err)
                              : mill_no_memory(err);
    return edited(&e, st, err);
}

/* --- aliases --- */

/* The model's aliases without one, and that one pointing to version unless it is 0. */
static enum mill_status edit_alias(struct editing *e, struct mill_view alias, int64_t version,
                                   struct mill_error *err)
{
    struct mill_model_alias *aliases =
        mill_arena_zero(&e->scratch, e->value.alias_count + 1, sizeof(*aliases));
    size_t count = 0;
    if (aliases == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < e->value.alias_count; i++)
        if (!mill_view_eq(e->value.aliases[i].alias, alias))
            aliases[count++] = e->value.aliases[i];
    if (version != 0 && count == MILL_MAX_MODEL_ALIASES)
        return mill_fail(err, MILL_E_INVALID,
                         "model '%.*s' has %d aliases already; no more "
                         "are allowed",
                         MILL_FMT(e->value.name), MILL_MAX_MODEL_ALIASES);
    if (version != 0)
        aliases[count++] = (struct mill_model_alias){alias, version};
    e->value.aliases = aliases;
    e->value.alias_count = count;
    return MILL_OK;
}

/* A new row for a version whose aliases have changed. */
static enum mill_status edit_aliases_of(struct editing *e, int64_t number,
                                        struct mill_error *err)
{
    const struct mill_version_row *old = mill_registry_version(e->model, number);
    struct mill_view *aliases =
        mill_arena_zero(&e->scratch, e->value.alias_count, sizeof(*aliases));
    if (aliases == NULL)
        return mill_no_memory(err);
    struct mill_model_version version = old->version;
    version.alias_count = 0;
    for (size_t i = 0; i < e->value.alias_count; i++)
        if (e->value.aliases[i].version == number)
            aliases[version.alias_count++] = e->value.aliases[i].alias;
    version.aliases = aliases;
    return edit_version(e, &version, old->storage_location, err);
}

static int64_t version_of_alias(const struct mill_registered_model *model,
                                struct mill_view alias)
{
    for (size_t i = 0; i < model->alias_count; i++)
        if (mill_view_eq(model->aliases[i].alias, alias))
            return model->aliases[i].version;
    return 0;
}

static enum mill_status change_alias(struct mill_memory_registry *r,
                                     const struct mill_change *c, struct mill_outcome *outcome,
                                     struct mill_error *err)
{
    struct editing e;
    struct mill_version_row *target;
    bool set = c->kind == MILL_CHANGE_SET_MODEL_ALIAS;
    int64_t version = set ? c->as.model_alias.version : 0;
    enum mill_status st = edit(r, c->as.model_alias.name, &e, err);
    if (st == MILL_OK && set)
        st = find_version(&e, version, &target, err);
    if (st != MILL_OK)
        return st;
    outcome->is_prompt = mill_is_prompt(e.value.tags, e.value.tag_count);
    int64_t before = version_of_alias(&e.value, c->as.model_alias.alias);
    st = edit_alias(&e, c->as.model_alias.alias, version, err);
    if (st == MILL_OK && before != 0 && before != version)
        st = edit_aliases_of(&e, before, err);
    if (st == MILL_OK && version != 0)
        st = edit_aliases_of(&e, version, err);
    return edited(&e, st, err);
}

/* --- versions --- */

static enum mill_status create_version(struct mill_memory_registry *r,
                                       const struct mill_change *c,
                                       struct mill_outcome *outcome, struct mill_error *err)
{
    struct editing e;
    enum mill_status st = edit(r, c->as.model_version.name, &e, err);
    if (st != MILL_OK)
        return st;
    int64_t number = e.model->last_version + 1;
    struct mill_model_version value = {.name = e.value.name,
                                       .version = number,
                                       .creation_timestamp = c->now_ms,
                                       .last_updated_timestamp = c->now_ms,
                                       .current_stage = MILL_STAGE_NONE,
                                       .description = c->as.model_version.description,
                                       .source = c->as.model_version.source,
                                       .run_id = c->as.model_version.run_id,
                                       .status = MILL_VERSION_READY,
                                       .tags = c->as.model_version.tags,
                                       .tag_count = c->as.model_version.tag_count,
                                       .run_link = c->as.model_version.run_link};
    e.value.last_updated_timestamp = c->now_ms;
    st = edit_version(&e, &value, c->as.model_version.storage_location, err);
    if (st == MILL_OK)
        st = give_version(edited_row(&e, 0), outcome, err);
    st = edited(&e, st, err);
    if (st == MILL_OK)
        e.model->last_version = number;
    return st;
}

/* Begins an edit of the model whose version a change names, and finds that version. */
static enum mill_status edit_version_of(struct mill_memory_registry *r,
                                        const struct mill_change *c, struct editing *e,
                                        struct mill_version_row **version_out,
                                        struct mill_error *err)
{
    enum mill_status st = edit(r, c->as.model_version.name, e, err);
    return st == MILL_OK ? find_version(e, c->as.model_version.version, version_out, err) : st;
}

static enum mill_status update_version(struct mill_memory_registry *r,
                                       const struct mill_change *c,
                                       struct mill_outcome *outcome, struct mill_error *err)
{
    struct editing e;
    struct mill_version_row *old;
    enum mill_status st = edit_version_of(r, c, &e, &old, err);
    if (st != MILL_OK)
        return st;
    struct mill_model_version version = old->version;
    version.description = c->as.model_version.description;
    version.last_updated_timestamp = c->now_ms;
    st = edit_version(&e, &version, old->storage_location, err);
    if (st == MILL_OK)
        st = give_version(edited_row(&e, 0), outcome, err);
    return edited(&e, st, err);
}

static enum mill_status archive_others(struct editing *e, const struct mill_change *c,
                                       struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < e->model->count; i++) {
        const struct mill_version_row *old = e->model->versions[i].row;
        struct mill_model_version version = old->version;
        if (version.current_stage != c->as.model_version.stage ||
            version.version == c->as.model_version.version)
            continue;
        version.current_stage = MILL_STAGE_ARCHIVED;
        version.last_updated_timestamp = c->now_ms;
        st = edit_version(e, &version, old->storage_location, err);
    }
    return st;
}

static enum mill_status stage_version(struct mill_memory_registry *r,
                                      const struct mill_change *c, struct mill_outcome *outcome,
                                      struct mill_error *err)
{
    struct editing e;
    struct mill_version_row *old;
    enum mill_status st = edit_version_of(r, c, &e, &old, err);
    if (st != MILL_OK)
        return st;
    struct mill_model_version version = old->version;
    version.current_stage = c->as.model_version.stage;
    version.last_updated_timestamp = c->now_ms;
    e.value.last_updated_timestamp = c->now_ms;
    st = edit_version(&e, &version, old->storage_location, err);
    if (st == MILL_OK && c->as.model_version.archive_existing)
        st = archive_others(&e, c, err);
    if (st == MILL_OK)
        st = give_version(edited_row(&e, 0), outcome, err);
    return edited(&e, st, err);
}

static enum mill_status delete_version(struct mill_memory_registry *r,
                                       const struct mill_change *c,
                                       struct mill_outcome *outcome, struct mill_error *err)
{
    struct editing e;
    struct mill_version_row *old;
    enum mill_status st = edit_version_of(r, c, &e, &old, err);
    (void)outcome;
    if (st != MILL_OK)
        return st;
    struct mill_model_alias *aliases =
        mill_arena_zero(&e.scratch, e.value.alias_count, sizeof(*aliases));
    if (aliases == NULL)
        return edited(&e, mill_no_memory(err), err);
    size_t kept = 0;
    for (size_t i = 0; i < e.value.alias_count; i++)
        if (e.value.aliases[i].version != old->version.version)
            aliases[kept++] = e.value.aliases[i];
    e.value.aliases = aliases;
    e.value.alias_count = kept;
    e.value.last_updated_timestamp = c->now_ms;
    e.removed = old->version.version;
    return edited(&e, MILL_OK, err);
}

/* --- all of them --- */

typedef enum mill_status changer(struct mill_memory_registry *registry,
                                 const struct mill_change *change, struct mill_outcome *outcome,
                                 struct mill_error *err);

static changer *const changers[] = {
    [MILL_CHANGE_CREATE_MODEL] = create_model,
    [MILL_CHANGE_RENAME_MODEL] = rename_model,
    [MILL_CHANGE_UPDATE_MODEL] = update_model,
    [MILL_CHANGE_DELETE_MODEL] = delete_model,
    [MILL_CHANGE_SET_MODEL_TAG] = tag_model,
    [MILL_CHANGE_DELETE_MODEL_TAG] = tag_model,
    [MILL_CHANGE_SET_MODEL_ALIAS] = change_alias,
    [MILL_CHANGE_DELETE_MODEL_ALIAS] = change_alias,
    [MILL_CHANGE_CREATE_MODEL_VERSION] = create_version,
    [MILL_CHANGE_UPDATE_MODEL_VERSION] = update_version,
    [MILL_CHANGE_STAGE_MODEL_VERSION] = stage_version,
    [MILL_CHANGE_DELETE_MODEL_VERSION] = delete_version,
    [MILL_CHANGE_SET_VERSION_TAG] = tag_version,
    [MILL_CHANGE_DELETE_VERSION_TAG] = tag_version,
};

enum mill_status mill_memory_registry_apply(struct mill_memory_registry *registry,
                                            const struct mill_change *change,
                                            struct mill_outcome *outcome,
                                            struct mill_error *err)
{
    size_t kind = (size_t)change->kind;
    if (kind >= MILL_COUNT(changers) || changers[kind] == NULL)
        return mill_fail(err, MILL_E_INTERNAL, "unknown kind of change %zu", kind);
    return changers[kind](registry, change, outcome, err);
}

int64_t mill_memory_registry_next(const struct mill_memory_registry *registry,
                                  struct mill_view name)
{
    const struct mill_registry_model *model = mill_registry_find(&registry->models, name);
    return model != NULL ? model->last_version + 1 : 1;
}

enum mill_status mill_memory_registry_get(const struct mill_memory_registry *registry,
                                          struct mill_view name, struct mill_arena *arena,
                                          struct mill_registered_model *out,
                                          struct mill_error *err)
{
    const struct mill_registry_model *model = mill_registry_find(&registry->models, name);
    if (model == NULL)
        return mill_no_model(name, err);
    return mill_registry_give_model(model, NULL, arena, out) ? MILL_OK : mill_no_memory(err);
}

enum mill_status mill_memory_registry_get_version(const struct mill_memory_registry *registry,
                                                  const struct mill_version_ref *ref,
                                                  struct mill_arena *arena,
                                                  struct mill_model_version *out,
                                                  struct mill_view *location_out,
                                                  struct mill_error *err)
{
    struct mill_registered_model whole;
    int64_t number;
    enum mill_status st = mill_memory_registry_get(registry, ref->name, arena, &whole, err);
    if (st == MILL_OK)
        st = mill_registry_resolve(&whole, ref, &number, err);
    if (st != MILL_OK)
        return st;
    const struct mill_registry_model *model = mill_registry_find(&registry->models, ref->name);
    const struct mill_version_row *row = mill_registry_version(model, number);
    if (row == NULL)
        return mill_no_version(ref->name, number, err);
    struct mill_view location = mill_arena_copy(arena, row->storage_location);
    if (location.ptr == NULL || !mill_version_copy(arena, &row->version, out))
        return mill_no_memory(err);
    if (location_out != NULL)
        *location_out = location;
    return MILL_OK;
}
