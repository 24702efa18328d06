/* memory_experiments.c - changes of experiments in the memory store. */
#include "base/alloc.h"
#include "store/entity.h"
#include "store/experiments.h"
#include "store/memory.h"

struct memory_experiment *mill_memory_experiment(const struct memory_store *m, int64_t id)
{
    return id >= 0 && (uint64_t)id < m->count ? m->experiments[id] : NULL;
}

struct memory_experiment *mill_memory_experiment_by_name(const struct memory_store *m,
                                                         struct mill_view name)
{
    for (size_t i = 0; i < m->count; i++)
        if (mill_view_eq(m->experiments[i]->value.name, name))
            return m->experiments[i];
    return NULL;
}

/* Gives an experiment a new value; what the value points to may be the old one's. */
static enum mill_status set_experiment(struct memory_experiment *e,
                                       const struct mill_experiment *value,
                                       struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_experiment copy;
    if (!mill_experiment_copy(&arena, value, &copy)) {
        mill_arena_release(&arena);
        return mill_no_memory(err);
    }
    mill_arena_release(&e->arena);
    e->arena = arena;
    e->value = copy;
    return MILL_OK;
}

enum mill_status mill_memory_create_experiment(struct memory_store *m,
                                               const struct mill_change *c,
                                               struct mill_outcome *outcome,
                                               struct mill_error *err)
{
    struct mill_view name = c->as.create_experiment.name;
    if (mill_memory_experiment_by_name(m, name) != NULL)
        return mill_fail(err, MILL_E_EXISTS, "experiment name '%.*s' is taken", MILL_FMT(name));
    struct mill_arena scratch = {0};
    int64_t id = (int64_t)m->count;
    struct mill_experiment value = {
        .experiment_id = id,
        .name = name,
        .artifact_location =
            mill_experiment_location(&scratch, c->as.create_experiment.artifact_location,
                                     c->as.create_experiment.artifact_root, id),
        .lifecycle_stage = MILL_ACTIVE,
        .creation_time = c->now_ms,
        .last_update_time = c->now_ms,
        .tags = c->as.create_experiment.tags,
        .tag_count = c->as.create_experiment.tag_count,
    };
    struct memory_experiment **list =
        mill_realloc(m->experiments, (m->count + 1) * sizeof(struct memory_experiment *));
    struct memory_experiment *e = mill_alloc_zero(1, sizeof(*e));
    if (list != NULL)
        m->experiments = list;
    enum mill_status st = list != NULL && e != NULL && value.artifact_location.ptr != NULL
                              ? set_experiment(e, &value, err)
                              : mill_no_memory(err);
    mill_arena_release(&scratch);
    if (st != MILL_OK) {
        mill_free(e);
        return st;
    }
    e->runs.experiment_id = id;
    m->experiments[m->count++] = e;
    outcome->experiment_id = id;
    return MILL_OK;
}

enum mill_status mill_memory_active_experiment(const struct memory_store *m, int64_t id,
                                               struct memory_experiment **out,
                                               struct mill_error *err)
{
    struct memory_experiment *e = mill_memory_experiment(m, id);
    if (e == NULL)
        return mill_fail(err, MILL_E_NOT_FOUND, "there is no experiment %lld", (long long)id);
    if (e->value.lifecycle_stage != MILL_ACTIVE)
        return mill_fail(err, MILL_E_INVALID, "experiment %lld is deleted; restore it first",
                         (long long)id);
    *out = e;
    return MILL_OK;
}

enum mill_status mill_memory_rename_experiment(struct memory_store *m,
                                               const struct mill_change *c,
                                               struct mill_error *err)
{
    struct memory_experiment *e,
        *other = mill_memory_experiment_by_name(m, c->as.rename.new_name);
    enum mill_status st = mill_memory_active_experiment(m, c->as.rename.experiment_id, &e, err);
    if (st != MILL_OK)
        return st;
    if (other != NULL && other != e)
        return mill_fail(err, MILL_E_BAD_REQUEST, "experiment name '%.*s' is taken",
                         MILL_FMT(c->as.rename.new_name));
    struct mill_experiment value = e->value;
    value.name = c->as.rename.new_name;
    value.last_update_time = c->now_ms;
    return set_experiment(e, &value, err);
}

enum mill_status mill_memory_tag_experiment(struct memory_store *m, const struct mill_change *c,
                                            bool set, struct mill_error *err)
{
    struct memory_experiment *e;
    struct mill_tag tag = {c->as.experiment_tag.key, {NULL, 0}};
    enum mill_status st =
        mill_memory_active_experiment(m, c->as.experiment_tag.experiment_id, &e, err);
    if (st != MILL_OK)
        return st;
    if (set)
        tag.value = c->as.experiment_tag.value;
    struct mill_arena scratch = {0};
    struct mill_experiment value = e->value;
    value.tags = mill_tags_with(&scratch, e->value.tags, &value.tag_count, tag);
    if (value.tags == NULL)
        st = mill_no_memory(err);
    else if (!set && value.tag_count == e->value.tag_count)
        st = mill_fail(err, MILL_E_NOT_FOUND, "experiment %lld has no tag '%.*s'",
                       (long long)value.experiment_id, MILL_FMT(tag.key));
    else
        st = set_experiment(e, &value, err);
    mill_arena_release(&scratch);
    return st;
}
enum mill_status mill_memory_set_experiment_lifecycle(struct memory_store *m,
                                                      const struct mill_change *c,
                                                      enum mill_lifecycle to,
                                                      struct mill_error *err)
{
    int64_t id = c->as.experiment.experiment_id;
    struct memory_experiment *e = mill_memory_experiment(m, id);
    if (e == NULL || e->value.lifecycle_stage == to)
        return mill_fail(err, MILL_E_NOT_FOUND, "there is no %s experiment %lld",
                         to == MILL_DELETED ? "active" : "deleted", (long long)id);
    struct mill_experiment value = e->value;
    value.lifecycle_stage = to;
    value.last_update_time = c->now_ms;
    enum mill_status st = set_experiment(e, &value, err);
    for (size_t i = 0; st == MILL_OK && i < e->runs.count; i++)
        st = mill_memory_set_run_lifecycle(m, mill_row_run_id(e->runs.slots[i].row), to, err);
    return st;
}

void mill_memory_free_experiment(struct memory_experiment *e)
{
    for (size_t i = 0; i < e->runs.count; i++) {
        for (size_t j = 0; j < e->extras[i].count; j++) {
            mill_free((void *)(uintptr_t)e->extras[i].series[j].key.ptr);
            mill_points_release(&e->extras[i].series[j].points);
        }
        mill_free(e->extras[i].series);
    }
    mill_free(e->extras);
    mill_rowset_release(&e->runs);
    mill_arena_release(&e->arena);
    mill_free(e);
}
