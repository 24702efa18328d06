/* store_memory.c - a store that lives and dies with its process: the shortest example of a
 * backend, what tests run against, and the yardstick for the others. */
#include <pthread.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/map.h"
#include "model/limits.h"
#include "store/backends.h"
#include "store/entity.h"
#include "store/evaluation.h"
#include "store/experiments.h"
#include "store/memory_logged_models.h"
#include "store/memory_registry.h"
#include "store/memory_webhooks.h"
#include "store/points.h"
#include "store/rowset.h"
#include "store/schema.h"
#include "store/series.h"

/* The points of one key of one run. */
struct series {
    struct mill_view key; /* owned */
    struct mill_points points;
};

/* What a run has besides its row; index is the row's slot. */
struct extra {
    struct series *series;
    size_t count;
};

struct experiment {
    struct mill_arena arena; /* what value points to */
    struct mill_experiment value;
    struct mill_rowset runs;
    struct extra *extras;
    size_t extra_cap;
};

struct memory_store {
    struct mill_store base;
    pthread_rwlock_t lock;
    struct experiment **experiments; /* index is the id */
    size_t count;
    struct mill_map runs; /* hash of run id -> experiment << 32 | slot */
    struct mill_memory_registry registry;
    struct memory_webhooks webhooks;
    struct memory_logged_models logged_models;
    struct db *evaluation; /* in memory, too; NULL until it is needed */
};

/* A run while it is changed: a copy of its row's value whose lists may be replaced by lists in
 * the scratch arena. */
struct editing {
    struct memory_store *store;
    struct mill_arena scratch;
    struct experiment *experiment;
    size_t slot;
    struct mill_run run;
};

/* --- experiments --- */

static struct experiment *find_experiment(const struct memory_store *m, int64_t id)
{
    return id >= 0 && (uint64_t)id < m->count ? m->experiments[id] : NULL;
}

static struct experiment *find_experiment_by_name(const struct memory_store *m,
                                                  struct mill_view name)
{
    for (size_t i = 0; i < m->count; i++)
        if (mill_view_eq(m->experiments[i]->value.name, name))
            return m->experiments[i];
    return NULL;
}

/* Gives an experiment a new value; what the value points to may be the old one's. */
static enum mill_status set_experiment(struct experiment *e,
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

static enum mill_status create_experiment(struct memory_store *m, const struct mill_change *c,
                                          struct mill_outcome *outcome, struct mill_error *err)
{
    struct mill_view name = c->as.create_experiment.name;
    if (find_experiment_by_name(m, name) != NULL)
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
    struct experiment **list =
        mill_realloc(m->experiments, (m->count + 1) * sizeof(struct experiment *));
    struct experiment *e = mill_alloc_zero(1, sizeof(*e));
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

static enum mill_status active_experiment(const struct memory_store *m, int64_t id,
                                          struct experiment **out, struct mill_error *err)
{
    struct experiment *e = find_experiment(m, id);
    if (e == NULL)
        return mill_fail(err, MILL_E_NOT_FOUND, "there is no experiment %lld", (long long)id);
    if (e->value.lifecycle_stage != MILL_ACTIVE)
        return mill_fail(err, MILL_E_INVALID, "experiment %lld is deleted; restore it first",
                         (long long)id);
    *out = e;
    return MILL_OK;
}

static enum mill_status rename_experiment(struct memory_store *m, const struct mill_change *c,
                                          struct mill_error *err)
{
    struct experiment *e, *other = find_experiment_by_name(m, c->as.rename.new_name);
    enum mill_status st = active_experiment(m, c->as.rename.experiment_id, &e, err);
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

static enum mill_status tag_experiment(struct memory_store *m, const struct mill_change *c,
                                       bool set, struct mill_error *err)
{
    struct experiment *e;
    struct mill_tag tag = {c->as.experiment_tag.key, {NULL, 0}};
    enum mill_status st = active_experiment(m, c->as.experiment_tag.experiment_id, &e, err);
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

/* --- runs --- */

static bool find_run(const struct memory_store *m, struct mill_view run_id,
                     struct experiment **experiment_out, size_t *slot_out)
{
    uint64_t where;
    if (!mill_map_get(&m->runs, mill_view_hash(run_id), &where))
        return false;
    *experiment_out = m->experiments[where >> 32];
    *slot_out = (size_t)(where & UINT32_MAX);
    const struct mill_row *row = (*experiment_out)->runs.slots[*slot_out].row;
    return row != NULL && mill_view_eq(row->run.info.run_id, run_id);
}

static enum mill_status edit(struct memory_store *m, struct mill_view run_id,
                             bool must_be_active, struct editing *out, struct mill_error *err)
{
    *out = (struct editing){.store = m};
    if (!find_run(m, run_id, &out->experiment, &out->slot))
        return mill_fail(err, MILL_E_NOT_FOUND, "there is no run '%.*s'", MILL_FMT(run_id));
    out->run = out->experiment->runs.slots[out->slot].row->run;
    if (must_be_active && out->run.info.lifecycle_stage != MILL_ACTIVE)
        return mill_fail(err, MILL_E_INVALID, "run '%.*s' is deleted; restore it first",
                         MILL_FMT(run_id));
    return MILL_OK;
}

/* Ends an edit: with st MILL_OK the edited value becomes the run's row. */
static enum mill_status edited(struct editing *e, enum mill_status st, struct mill_error *err)
{
    if (st == MILL_OK) {
        struct mill_row *row =
            mill_row_new(NULL, e->experiment->runs.slots[e->slot].id, &e->run);
        if (row != NULL)
            mill_rowset_put(&e->experiment->runs, e->slot, row);
        else
            st = mill_no_memory(err);
    }
    mill_arena_release(&e->scratch);
    return st;
}

static enum mill_status edit_tag(struct editing *e, struct mill_tag tag, struct mill_error *err)
{
    e->run.tags = mill_tags_with(&e->scratch, e->run.tags, &e->run.tag_count, tag);
    if (e->run.tags == NULL)
        return mill_no_memory(err);
    if (tag.value.ptr != NULL && mill_view_eq(tag.key, MILL_VIEW("mlflow.runName")))
        e->run.info.run_name = tag.value;
    return MILL_OK;
}

static bool reserve_extra(struct experiment *e)
{
    if (e->runs.count < e->extra_cap)
        return true;
    size_t cap = e->extra_cap != 0 ? e->extra_cap * 2 : 16;
    struct extra *extras = mill_realloc(e->extras, cap * sizeof(*extras));
    if (extras == NULL)
        return false;
    e->extras = extras;
    e->extra_cap = cap;
    return true;
}

/* Everything that may fail comes before the row is put where searches see it. */
static enum mill_status add_run(struct memory_store *m, struct experiment *e,
                                const struct mill_run *run, struct mill_error *err)
{
    size_t slot;
    struct mill_row *row = mill_row_new(NULL, (int64_t)e->runs.count, run);
    if (row == NULL || !reserve_extra(e) ||
        !mill_rowset_add(&e->runs, (int64_t)e->runs.count, &slot)) {
        mill_row_unref(row);
        return mill_no_memory(err);
    }
    uint64_t where = (uint64_t)e->value.experiment_id << 32 | slot;
    if (!mill_map_set(&m->runs, mill_view_hash(run->info.run_id), where)) {
        e->runs.count--;
        mill_row_unref(row);
        return mill_no_memory(err);
    }
    e->extras[slot] = (struct extra){0};
    mill_rowset_put(&e->runs, slot, row);
    return MILL_OK;
}

static enum mill_status create_run(struct memory_store *m, const struct mill_change *c,
                                   struct mill_outcome *outcome, struct mill_error *err)
{
    struct experiment *e, *other;
    size_t slot;
    enum mill_status st = active_experiment(m, c->as.create_run.experiment_id, &e, err);
    if (st != MILL_OK)
        return st;
    struct mill_view run_id = c->as.create_run.run_id;
    if (find_run(m, run_id, &other, &slot))
        return mill_fail(err, MILL_E_EXISTS, "run id '%.*s' is taken", MILL_FMT(run_id));
    struct mill_run *run = mill_arena_zero(outcome->arena, 1, sizeof(*run));
    if (run == NULL)
        return mill_no_memory(err);
    run->info = (struct mill_run_info){
        .run_id = run_id,
        .experiment_id = e->value.experiment_id,
        .run_name = c->as.create_run.run_name,
        .user_id = c->as.create_run.user_id,
        .status = MILL_RUN_RUNNING,
        .start_time = c->as.create_run.start_time,
        .end_time = MILL_ABSENT,
        .artifact_uri =
            mill_run_artifact_uri(outcome->arena, e->value.artifact_location, run_id),
        .lifecycle_stage = MILL_ACTIVE,
    };
    if (run->info.user_id.ptr == NULL)
        run->info.user_id = MILL_VIEW("");
    run->tags = c->as.create_run.tags;
    run->tag_count = c->as.create_run.tag_count;
    outcome->run = run;
    return run->info.artifact_uri.ptr != NULL ? add_run(m, e, run, err) : mill_no_memory(err);
}

static enum mill_status update_run(struct memory_store *m, const struct mill_change *c,
                                   struct mill_outcome *outcome, struct mill_error *err)
{
    struct editing e;
    enum mill_status st = edit(m, c->as.update_run.run_id, true, &e, err);
    if (st != MILL_OK)
        return st;
    outcome->previous_status = e.run.info.status;
    if (c->as.update_run.status != 0)
        e.run.info.status = c->as.update_run.status;
    if (c->as.update_run.end_time != MILL_ABSENT)
        e.run.info.end_time = c->as.update_run.end_time;
    if (!mill_view_empty(c->as.update_run.run_name))
        st = edit_tag(
            &e, (struct mill_tag){MILL_VIEW("mlflow.runName"), c->as.update_run.run_name}, err);
    struct mill_run *run = mill_arena_zero(outcome->arena, 1, sizeof(*run));
    if (run == NULL)
        st = mill_no_memory(err);
    if (st == MILL_OK) {
        run->info = e.run.info;
        run->info.run_id = mill_arena_copy(outcome->arena, e.run.info.run_id);
        run->info.run_name = mill_arena_copy(outcome->arena, e.run.info.run_name);
        run->info.user_id = mill_arena_copy(outcome->arena, e.run.info.user_id);
        run->info.artifact_uri = mill_arena_copy(outcome->arena, e.run.info.artifact_uri);
        outcome->run = run;
    }
    return edited(&e, st, err);
}

static enum mill_status set_run_lifecycle(struct memory_store *m, struct mill_view run_id,
                                          enum mill_lifecycle to, struct mill_error *err)
{
    struct editing e;
    enum mill_status st = edit(m, run_id, false, &e, err);
    if (st != MILL_OK)
        return st;
    e.run.info.lifecycle_stage = to;
    return edited(&e, st, err);
}

static enum mill_status set_experiment_lifecycle(struct memory_store *m,
                                                 const struct mill_change *c,
                                                 enum mill_lifecycle to, struct mill_error *err)
{
    int64_t id = c->as.experiment.experiment_id;
    struct experiment *e = find_experiment(m, id);
    if (e == NULL || e->value.lifecycle_stage == to)
        return mill_fail(err, MILL_E_NOT_FOUND, "there is no %s experiment %lld",
                         to == MILL_DELETED ? "active" : "deleted", (long long)id);
    struct mill_experiment value = e->value;
    value.lifecycle_stage = to;
    value.last_update_time = c->now_ms;
    enum mill_status st = set_experiment(e, &value, err);
    for (size_t i = 0; st == MILL_OK && i < e->runs.count; i++)
        st = set_run_lifecycle(m, e->runs.slots[i].row->run.info.run_id, to, err);
    return st;
}

/* --- logging --- */

static enum mill_status check_params(const struct editing *e, const struct mill_change *c,
                                     struct mill_error *err)
{
    for (size_t i = 0; i < c->as.log.param_count; i++) {
        const struct mill_param *param = &c->as.log.params[i];
        const struct mill_param *old = mill_run_param(&e->run, param->key);
        if (old != NULL && !mill_view_eq(old->value, param->value))
            return mill_fail(err, MILL_E_INVALID,
                             "param '%.*s' has the value '%.*s' and cannot become '%.*s': "
                             "params are written once",
                             MILL_FMT(param->key), MILL_FMT(mill_utf8_prefix(old->value, 60)),
                             MILL_FMT(mill_utf8_prefix(param->value, 60)));
    }
    return MILL_OK;
}

static struct series *find_series(struct extra *x, struct mill_view key)
{
    for (size_t i = 0; i < x->count; i++)
        if (mill_view_eq(x->series[i].key, key))
            return &x->series[i];
    return NULL;
}

static struct series *make_series(struct extra *x, struct mill_view key)
{
    struct series *found = find_series(x, key);
    if (found != NULL)
        return found;
    struct series *list = mill_realloc(x->series, (x->count + 1) * sizeof(*list));
    char *text = mill_alloc(key.len);
    if (list != NULL)
        x->series = list;
    if (list == NULL || text == NULL) {
        mill_free(text);
        return NULL;
    }
    if (key.len != 0)
        memcpy(text, key.ptr, key.len);
    list[x->count] = (struct series){.key = {text, key.len}};
    return &list[x->count++];
}

/* The latest point of every series, as the run's metrics. */
static enum mill_status edit_metrics(struct editing *e, struct mill_error *err)
{
    const struct extra *x = &e->experiment->extras[e->slot];
    struct mill_metric *metrics = mill_arena_zero(&e->scratch, x->count, sizeof(*metrics));
    if (metrics == NULL)
        return mill_no_memory(err);
    size_t count = 0;
    for (size_t i = 0; i < x->count; i++) {
        const struct mill_points *points = &x->series[i].points;
        if (points->count == 0)
            continue; /* its first point found no memory */
        const struct mill_point *last = &points->items[points->count - 1];
        metrics[count++] = (struct mill_metric){.key = x->series[i].key,
                                                .value = last->value,
                                                .timestamp = last->timestamp,
                                                .step = last->step};
    }
    e->run.metrics = metrics;
    e->run.metric_count = count;
    return MILL_OK;
}

static enum mill_status add_points(struct editing *e, const struct mill_change *c,
                                   struct mill_error *err)
{
    struct extra *x = &e->experiment->extras[e->slot];
    for (size_t i = 0; i < c->as.log.metric_count; i++) {
        const struct mill_metric *metric = &c->as.log.metrics[i];
        struct series *series = make_series(x, metric->key);
        struct mill_point point = {metric->step, metric->timestamp, metric->value};
        if (series == NULL || !mill_points_add(&series->points, point))
            return mill_no_memory(err);
        mill_points_sort(&series->points, mill_point_cmp);
    }
    return c->as.log.metric_count != 0 ? edit_metrics(e, err) : MILL_OK;
}

static enum mill_status log_data(struct memory_store *m, const struct mill_change *c,
                                 struct mill_error *err)
{
    struct editing e;
    enum mill_status st = edit(m, c->as.log.run_id, true, &e, err);
    if (st == MILL_OK)
        st = check_params(&e, c, err);
    if (st == MILL_OK)
        st = mill_memory_check_links(&m->logged_models, c->as.log.metrics,
                                     c->as.log.metric_count, err);
    for (size_t i = 0; st == MILL_OK && i < c->as.log.param_count; i++) {
        /* A param has the shape of a tag. */
        struct mill_tag tag = {c->as.log.params[i].key, c->as.log.params[i].value};
        e.run.params = (const struct mill_param *)mill_tags_with(
            &e.scratch, (const struct mill_tag *)e.run.params, &e.run.param_count, tag);
        if (e.run.params == NULL)
            st = mill_no_memory(err);
    }
    for (size_t i = 0; st == MILL_OK && i < c->as.log.tag_count; i++)
        st = edit_tag(&e, c->as.log.tags[i], err);
    if (st == MILL_OK)
        st = mill_memory_add_links(&m->logged_models, e.run.info.run_id, c->as.log.metrics,
                                   c->as.log.metric_count, err);
    if (st == MILL_OK)
        st = add_points(&e, c, err);
    return edited(&e, st, err);
}

static enum mill_status delete_tag(struct memory_store *m, const struct mill_change *c,
                                   struct mill_error *err)
{
    struct editing e;
    struct mill_view key = c->as.run_tag.key;
    enum mill_status st = edit(m, c->as.run_tag.run_id, true, &e, err);
    if (st == MILL_OK && mill_run_tag(&e.run, key) == NULL)
        st = mill_fail(err, MILL_E_NOT_FOUND, "run '%.*s' has no tag '%.*s'",
                       MILL_FMT(c->as.run_tag.run_id), MILL_FMT(key));
    if (st == MILL_OK)
        st = edit_tag(&e, (struct mill_tag){key, {NULL, 0}}, err);
    return edited(&e, st, err);
}

static enum mill_status append_tag_json(struct memory_store *m, const struct mill_change *c,
                                        struct mill_error *err)
{
    struct editing e;
    enum mill_status st = edit(m, c->as.append.run_id, true, &e, err);
    if (st == MILL_OK) {
        const struct mill_tag *old = mill_run_tag(&e.run, c->as.append.key);
        struct mill_tag tag = {
            c->as.append.key,
            mill_json_list_append(&e.scratch,
                                  old != NULL ? old->value : (struct mill_view){NULL, 0},
                                  c->as.append.json)};
        if (tag.value.ptr == NULL)
            st = mill_no_memory(err);
        else if (mill_utf8_length(tag.value) > MILL_MAX_RUN_TAG_VALUE)
            st = mill_fail(err, MILL_E_INVALID, "tag '%.*s' would be longer than %d characters",
                           MILL_FMT(tag.key), MILL_MAX_RUN_TAG_VALUE);
        else
            st = edit_tag(&e, tag, err);
    }
    return edited(&e, st, err);
}

/* --- inputs and outputs --- */

/* A copy of a list with room for more, in the scratch arena. */
static void *longer(struct editing *e, const void *items, size_t count, size_t more,
                    size_t size)
{
    char *copy = mill_arena_zero(&e->scratch, count + more, size);
    if (copy != NULL && count != 0)
        memcpy(copy, items, count * size);
    return copy;
}

static enum mill_status log_inputs(struct memory_store *m, const struct mill_change *c,
                                   struct mill_error *err)
{
    struct editing e;
    enum mill_status st = edit(m, c->as.inputs.run_id, true, &e, err);
    if (st != MILL_OK)
        return edited(&e, st, err);
    struct mill_dataset_input *inputs =
        longer(&e, e.run.dataset_inputs, e.run.dataset_input_count, c->as.inputs.dataset_count,
               sizeof(*inputs));
    struct mill_model_input *models = longer(&e, e.run.model_inputs, e.run.model_input_count,
                                             c->as.inputs.model_count, sizeof(*models));
    if (inputs == NULL || models == NULL)
        return edited(&e, mill_no_memory(err), err);
    for (size_t i = 0; i < c->as.inputs.dataset_count; i++) {
        const struct mill_dataset_input *input = &c->as.inputs.datasets[i];
        size_t j = 0;
        while (j < e.run.dataset_input_count &&
               !(mill_view_eq(inputs[j].dataset.name, input->dataset.name) &&
                 mill_view_eq(inputs[j].dataset.digest, input->dataset.digest)))
            j++;
        if (j == e.run.dataset_input_count)
            inputs[e.run.dataset_input_count++] = *input;
    }
    for (size_t i = 0; i < c->as.inputs.model_count; i++) {
        size_t j = 0;
        while (j < e.run.model_input_count &&
               !mill_view_eq(models[j].model_id, c->as.inputs.models[i].model_id))
            j++;
        if (j == e.run.model_input_count)
            models[e.run.model_input_count++] = c->as.inputs.models[i];
    }
    e.run.dataset_inputs = inputs;
    e.run.model_inputs = models;
    return edited(&e, MILL_OK, err);
}

static enum mill_status log_outputs(struct memory_store *m, const struct mill_change *c,
                                    struct mill_error *err)
{
    struct editing e;
    enum mill_status st = edit(m, c->as.outputs.run_id, true, &e, err);
    if (st != MILL_OK)
        return edited(&e, st, err);
    struct mill_model_output *models = longer(&e, e.run.model_outputs, e.run.model_output_count,
                                              c->as.outputs.model_count, sizeof(*models));
    if (models == NULL)
        return edited(&e, mill_no_memory(err), err);
    for (size_t i = 0; i < c->as.outputs.model_count; i++) {
        struct mill_model_output model = c->as.outputs.models[i];
        if (model.step == MILL_ABSENT)
            model.step = 0;
        size_t j = 0;
        while (j < e.run.model_output_count &&
               !mill_view_eq(models[j].model_id, model.model_id))
            j++;
        models[j] = model;
        if (j == e.run.model_output_count)
            e.run.model_output_count++;
    }
    e.run.model_outputs = models;
    return edited(&e, MILL_OK, err);
}

/* --- logged models --- */

static enum mill_status create_logged_model(struct memory_store *m, const struct mill_change *c,
                                            struct mill_outcome *outcome,
                                            struct mill_error *err)
{
    struct experiment *e;
    enum mill_status st =
        active_experiment(m, c->as.create_logged_model.experiment_id, &e, err);
    if (st != MILL_OK)
        return st;
    return mill_memory_create_logged_model(&m->logged_models, c, e->value.artifact_location,
                                           outcome, err);
}

/* A logged model says which versions come from it: both or nothing. */
static enum mill_status create_model_version(struct memory_store *m,
                                             const struct mill_change *c,
                                             struct mill_outcome *outcome,
                                             struct mill_error *err)
{
    struct mill_view name = c->as.model_version.name;
    struct memory_logged_model_edit note;
    enum mill_status st =
        mill_memory_note_version(&m->logged_models, c->as.model_version.model_id, name,
                                 mill_memory_registry_next(&m->registry, name), &note, err);
    if (st != MILL_OK)
        return st;
    st = mill_memory_registry_apply(&m->registry, c, outcome, err);
    if (st == MILL_OK)
        mill_memory_keep_note(&note);
    else
        mill_memory_drop_note(&note);
    return st;
}

/* --- what evaluations keep: in tables, by the code that the SQLite store uses --- */

static enum mill_status open_evaluation(struct memory_store *m, struct mill_error *err)
{
    struct db *db = NULL;
    if (m->evaluation != NULL)
        return MILL_OK;
    enum mill_status st = mill_db_open(
        ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY, &db, err);
    if (st == MILL_OK)
        st = mill_schema_apply(db, MILL_SCHEMA_EMPTY, err);
    if (st == MILL_OK)
        m->evaluation = db;
    else
        mill_db_close(db);
    return st;
}

static enum mill_status apply_evaluation(struct memory_store *m, const struct mill_change *c,
                                         struct mill_outcome *outcome, struct mill_error *err)
{
    size_t count;
    bool active;
    struct mill_view location = {NULL, 0};
    const int64_t *ids = mill_evaluation_experiments(c, &count, &active);
    for (size_t i = 0; i < count; i++) {
        const struct experiment *e = find_experiment(m, ids[i]);
        if (e == NULL)
            return mill_fail(err, MILL_E_NOT_FOUND, "there is no experiment %lld",
                             (long long)ids[i]);
        if (active && e->value.lifecycle_stage != MILL_ACTIVE)
            return mill_fail(err, MILL_E_INVALID,
                             "experiment %lld is deleted; restore it first", (long long)ids[i]);
        if (i == 0)
            location = e->value.artifact_location;
    }
    enum mill_status st = open_evaluation(m, err);
    return st == MILL_OK ? mill_evaluation_apply(m->evaluation, c, location, outcome, err) : st;
}

/* --- the calls of a store --- */

static enum mill_status apply_one(struct memory_store *m, const struct mill_change *c,
                                  struct mill_outcome *outcome, struct mill_error *err)
{
    switch (c->kind) {
    case MILL_CHANGE_CREATE_EXPERIMENT:
        return create_experiment(m, c, outcome, err);
    case MILL_CHANGE_RENAME_EXPERIMENT:
        return rename_experiment(m, c, err);
    case MILL_CHANGE_DELETE_EXPERIMENT:
        return set_experiment_lifecycle(m, c, MILL_DELETED, err);
    case MILL_CHANGE_RESTORE_EXPERIMENT:
        return set_experiment_lifecycle(m, c, MILL_ACTIVE, err);
    case MILL_CHANGE_SET_EXPERIMENT_TAG:
        return tag_experiment(m, c, true, err);
    case MILL_CHANGE_DELETE_EXPERIMENT_TAG:
        return tag_experiment(m, c, false, err);
    case MILL_CHANGE_CREATE_RUN:
        return create_run(m, c, outcome, err);
    case MILL_CHANGE_UPDATE_RUN:
        return update_run(m, c, outcome, err);
    case MILL_CHANGE_DELETE_RUN:
        return set_run_lifecycle(m, c->as.run.run_id, MILL_DELETED, err);
    case MILL_CHANGE_RESTORE_RUN:
        return set_run_lifecycle(m, c->as.run.run_id, MILL_ACTIVE, err);
    case MILL_CHANGE_LOG:
        return log_data(m, c, err);
    case MILL_CHANGE_DELETE_TAG:
        return delete_tag(m, c, err);
    case MILL_CHANGE_LOG_INPUTS:
        return log_inputs(m, c, err);
    case MILL_CHANGE_LOG_OUTPUTS:
        return log_outputs(m, c, err);
    case MILL_CHANGE_APPEND_TAG_JSON:
        return append_tag_json(m, c, err);
    case MILL_CHANGE_CREATE_MODEL:
    case MILL_CHANGE_RENAME_MODEL:
    case MILL_CHANGE_UPDATE_MODEL:
    case MILL_CHANGE_DELETE_MODEL:
    case MILL_CHANGE_SET_MODEL_TAG:
    case MILL_CHANGE_DELETE_MODEL_TAG:
    case MILL_CHANGE_SET_MODEL_ALIAS:
    case MILL_CHANGE_DELETE_MODEL_ALIAS:
    case MILL_CHANGE_UPDATE_MODEL_VERSION:
    case MILL_CHANGE_STAGE_MODEL_VERSION:
    case MILL_CHANGE_DELETE_MODEL_VERSION:
    case MILL_CHANGE_SET_VERSION_TAG:
    case MILL_CHANGE_DELETE_VERSION_TAG:
        return mill_memory_registry_apply(&m->registry, c, outcome, err);
    case MILL_CHANGE_CREATE_MODEL_VERSION:
        return create_model_version(m, c, outcome, err);
    case MILL_CHANGE_CREATE_WEBHOOK:
    case MILL_CHANGE_UPDATE_WEBHOOK:
    case MILL_CHANGE_DELETE_WEBHOOK:
    case MILL_CHANGE_SETTLE_DELIVERIES:
        return mill_memory_change_webhook(&m->webhooks, c, outcome, err);
    case MILL_CHANGE_CREATE_LOGGED_MODEL:
        return create_logged_model(m, c, outcome, err);
    case MILL_CHANGE_FINALIZE_LOGGED_MODEL:
    case MILL_CHANGE_DELETE_LOGGED_MODEL:
    case MILL_CHANGE_TAG_LOGGED_MODEL:
    case MILL_CHANGE_UNTAG_LOGGED_MODEL:
    case MILL_CHANGE_LOG_MODEL_PARAMS:
        return mill_memory_change_logged_model(&m->logged_models, c, outcome, err);
    case MILL_CHANGE_CREATE_EVAL_DATASET:
    case MILL_CHANGE_DELETE_EVAL_DATASET:
    case MILL_CHANGE_TAG_EVAL_DATASET:
    case MILL_CHANGE_UNTAG_EVAL_DATASET:
    case MILL_CHANGE_LINK_EVAL_DATASET:
    case MILL_CHANGE_UNLINK_EVAL_DATASET:
    case MILL_CHANGE_ADD_EVAL_RECORDS:
    case MILL_CHANGE_DELETE_EVAL_RECORDS:
    case MILL_CHANGE_REGISTER_SCORER:
    case MILL_CHANGE_DELETE_SCORER:
    case MILL_CHANGE_START_TRACE:
    case MILL_CHANGE_TAG_TRACE:
    case MILL_CHANGE_UNTAG_TRACE:
    case MILL_CHANGE_DELETE_TRACES:
    case MILL_CHANGE_LINK_TRACES:
    case MILL_CHANGE_ADD_ASSESSMENT:
    case MILL_CHANGE_UPDATE_ASSESSMENT:
    case MILL_CHANGE_DELETE_ASSESSMENT:
        return apply_evaluation(m, c, outcome, err);
    }
    return mill_fail(err, MILL_E_INTERNAL, "unknown kind of change %d", (int)c->kind);
}

/* The run that a change updates, as it is before; NULL for other changes and unknown runs. */
static const struct mill_run_info *updated_run(const struct memory_store *m,
                                               const struct mill_change *c)
{
    struct experiment *e;
    size_t slot;
    if (c->kind != MILL_CHANGE_UPDATE_RUN || !find_run(m, c->as.update_run.run_id, &e, &slot))
        return NULL;
    return &e->runs.slots[slot].row->run.info;
}

static void tell_experiment(const struct memory_store *m, const struct mill_change *c,
                            struct mill_outcome *outcome)
{
    struct experiment *e;
    size_t slot;
    struct mill_view run_id = mill_change_run_id(c);
    if (run_id.ptr != NULL && find_run(m, run_id, &e, &slot))
        outcome->experiment_id = e->value.experiment_id;
}

static enum mill_status apply(struct mill_store *store, struct mill_pending **pending,
                              size_t count, struct mill_error *err)
{
    struct memory_store *m = (struct memory_store *)store;
    (void)err; /* memory can fail a change, never the group */
    pthread_rwlock_wrlock(&m->lock);
    m->webhooks.added = false;
    for (size_t i = 0; i < count; i++) {
        const struct mill_change *change = pending[i]->change;
        struct mill_outcome *outcome = &pending[i]->outcome;
        outcome->status = mill_memory_reserve_event(&m->webhooks, change,
                                                    updated_run(m, change), &outcome->error);
        if (outcome->status != MILL_OK)
            continue;
        outcome->status = apply_one(m, change, outcome, &outcome->error);
        if (outcome->status == MILL_OK)
            tell_experiment(m, change, outcome);
        mill_memory_event(&m->webhooks, change, outcome);
    }
    mill_deliveries_fn *tell = m->webhooks.added ? m->webhooks.fn : NULL;
    void *context = m->webhooks.context;
    pthread_rwlock_unlock(&m->lock);
    if (tell != NULL)
        tell(context);
    return MILL_OK;
}

static enum mill_status give_experiment(const struct experiment *e, struct mill_arena *arena,
                                        struct mill_experiment *out, struct mill_error *err)
{
    struct mill_experiment copy;
    if (!mill_experiment_copy(arena, &e->value, &copy))
        return mill_no_memory(err);
    *out = copy;
    return MILL_OK;
}

static enum mill_status get_experiment(struct mill_store *store, int64_t experiment_id,
                                       struct mill_arena *arena, struct mill_experiment *out,
                                       struct mill_error *err)
{
    struct memory_store *m = (struct memory_store *)store;
    pthread_rwlock_rdlock(&m->lock);
    const struct experiment *e = find_experiment(m, experiment_id);
    enum mill_status st = e != NULL
                              ? give_experiment(e, arena, out, err)
                              : mill_fail(err, MILL_E_NOT_FOUND, "there is no experiment %lld",
                                          (long long)experiment_id);
    pthread_rwlock_unlock(&m->lock);
    return st;
}

static enum mill_status get_experiment_by_name(struct mill_store *store, struct mill_view name,
                                               struct mill_arena *arena,
                                               struct mill_experiment *out,
                                               struct mill_error *err)
{
    struct memory_store *m = (struct memory_store *)store;
    pthread_rwlock_rdlock(&m->lock);
    const struct experiment *e = find_experiment_by_name(m, name);
    enum mill_status st =
        e != NULL ? give_experiment(e, arena, out, err)
                  : mill_fail(err, MILL_E_NOT_FOUND, "there is no experiment named '%.*s'",
                              MILL_FMT(name));
    pthread_rwlock_unlock(&m->lock);
    return st;
}

static enum mill_status search_experiments(struct mill_store *store,
                                           const struct mill_experiment_search *search,
                                           struct mill_arena *arena,
                                           struct mill_experiment_page *out,
                                           struct mill_error *err)
{
    struct memory_store *m = (struct memory_store *)store;
    struct experiment_list *list = mill_experiment_list_new(0);
    if (list == NULL)
        return mill_no_memory(err);
    enum mill_status st = mill_no_memory(err);
    pthread_rwlock_rdlock(&m->lock);
    list->items = mill_alloc(m->count * sizeof(*list->items));
    if (list->items != NULL) {
        for (size_t i = 0; i < m->count; i++)
            list->items[i] = m->experiments[i]->value;
        list->count = m->count;
        st = mill_experiment_list_search(list, search, arena, out, err);
    }
    pthread_rwlock_unlock(&m->lock);
    mill_experiment_list_unref(list);
    return st;
}

static enum mill_status get_run(struct mill_store *store, struct mill_view run_id,
                                struct mill_run_page *out, struct mill_error *err)
{
    struct memory_store *m = (struct memory_store *)store;
    struct experiment *e;
    size_t slot;
    struct mill_row *row = NULL;
    pthread_rwlock_rdlock(&m->lock);
    if (find_run(m, run_id, &e, &slot))
        row = mill_row_ref(e->runs.slots[slot].row);
    pthread_rwlock_unlock(&m->lock);
    if (row == NULL)
        return mill_fail(err, MILL_E_NOT_FOUND, "there is no run '%.*s'", MILL_FMT(run_id));
    return mill_row_page(&row, 1, out, err);
}

static enum mill_status search_runs(struct mill_store *store,
                                    const struct mill_run_search *search,
                                    struct mill_run_page *out, struct mill_error *err)
{
    struct memory_store *m = (struct memory_store *)store;
    struct mill_rowset **sets =
        mill_alloc(search->experiment_count * sizeof(struct mill_rowset *));
    if (sets == NULL)
        return mill_no_memory(err);
    size_t count = 0;
    pthread_rwlock_rdlock(&m->lock);
    for (size_t i = 0; i < search->experiment_count; i++) {
        struct experiment *e = find_experiment(m, search->experiment_ids[i]);
        if (e != NULL)
            sets[count++] = &e->runs;
    }
    enum mill_status st = mill_rowset_search(sets, count, search, out, err);
    pthread_rwlock_unlock(&m->lock);
    mill_free(sets);
    return st;
}

/* A copy of a series, empty when the run lacks the key. */
static enum mill_status copy_points(struct memory_store *m, struct mill_view run_id,
                                    struct mill_view key, struct mill_points *out,
                                    struct mill_error *err)
{
    struct experiment *e;
    size_t slot;
    enum mill_status st = MILL_OK;
    pthread_rwlock_rdlock(&m->lock);
    if (!find_run(m, run_id, &e, &slot)) {
        st = mill_fail(err, MILL_E_NOT_FOUND, "there is no run '%.*s'", MILL_FMT(run_id));
    } else {
        const struct series *series = find_series(&e->extras[slot], key);
        for (size_t i = 0; series != NULL && st == MILL_OK && i < series->points.count; i++)
            if (!mill_points_add(out, series->points.items[i]))
                st = mill_no_memory(err);
    }
    pthread_rwlock_unlock(&m->lock);
    return st;
}

static enum mill_status history_open(struct mill_store *store, struct mill_view run_id,
                                     struct mill_view key, int64_t skip,
                                     struct mill_history **out, struct mill_error *err)
{
    struct mill_points points = {0};
    enum mill_status st = copy_points((struct memory_store *)store, run_id, key, &points, err);
    if (st == MILL_OK)
        return mill_series_history(&points, skip, out, err);
    mill_points_release(&points);
    return st;
}

static enum mill_status sample(struct mill_store *store, struct mill_view run_id,
                               struct mill_view key, int64_t start_step, int64_t end_step,
                               size_t max_points, struct mill_arena *arena,
                               struct mill_point **points_out, size_t *count_out,
                               struct mill_error *err)
{
    struct mill_points all = {0};
    enum mill_status st = copy_points((struct memory_store *)store, run_id, key, &all, err);
    if (st == MILL_OK)
        st = mill_series_sample(&all, start_step, end_step, max_points, arena, points_out,
                                count_out, err);
    mill_points_release(&all);
    return st;
}

static enum mill_status summary(struct mill_store *store, struct mill_view run_id,
                                struct mill_view key, struct mill_series_summary *out,
                                struct mill_error *err)
{
    struct mill_points all = {0};
    enum mill_status st = copy_points((struct memory_store *)store, run_id, key, &all, err);
    if (st == MILL_OK)
        mill_series_summarize(&all, out);
    mill_points_release(&all);
    return st;
}

static enum mill_status buckets(struct mill_store *store, struct mill_view run_id,
                                struct mill_view key, const struct mill_bucket_axis *axis,
                                struct mill_bucket *out, int64_t *points_out,
                                struct mill_error *err)
{
    struct mill_points all = {0};
    enum mill_status st = copy_points((struct memory_store *)store, run_id, key, &all, err);
    if (st == MILL_OK)
        mill_series_buckets(&all, axis, out, points_out);
    mill_points_release(&all);
    return st;
}

static enum mill_status get_model(struct mill_store *store, struct mill_view name,
                                  struct mill_arena *arena, struct mill_registered_model *out,
                                  struct mill_error *err)
{
    struct memory_store *m = (struct memory_store *)store;
    pthread_rwlock_rdlock(&m->lock);
    enum mill_status st = mill_memory_registry_get(&m->registry, name, arena, out, err);
    pthread_rwlock_unlock(&m->lock);
    return st;
}

static enum mill_status get_model_version(
    struct mill_store *store, const struct mill_version_ref *ref, struct mill_arena *arena,
    struct mill_model_version *out, struct mill_view *location_out, struct mill_error *err)
{
    struct memory_store *m = (struct memory_store *)store;
    pthread_rwlock_rdlock(&m->lock);
    enum mill_status st =
        mill_memory_registry_get_version(&m->registry, ref, arena, out, location_out, err);
    pthread_rwlock_unlock(&m->lock);
    return st;
}

static enum mill_status search_models(struct mill_store *store,
                                      const struct mill_model_search *search,
                                      struct mill_arena *arena, struct mill_model_page *out,
                                      struct mill_error *err)
{
    struct memory_store *m = (struct memory_store *)store;
    pthread_rwlock_rdlock(&m->lock);
    enum mill_status st =
        mill_registry_search_models(&m->registry.models, search, arena, out, err);
    pthread_rwlock_unlock(&m->lock);
    return st;
}

static enum mill_status search_model_versions(struct mill_store *store,
                                              const struct mill_model_search *search,
                                              struct mill_version_page *out,
                                              struct mill_error *err)
{
    struct memory_store *m = (struct memory_store *)store;
    pthread_rwlock_rdlock(&m->lock);
    enum mill_status st = mill_registry_search_versions(&m->registry.models, search, out, err);
    pthread_rwlock_unlock(&m->lock);
    return st;
}

static enum mill_status get_webhook(struct mill_store *store, struct mill_view webhook_id,
                                    struct mill_arena *arena, struct mill_webhook *out,
                                    struct mill_error *err)
{
    struct memory_store *m = (struct memory_store *)store;
    pthread_rwlock_rdlock(&m->lock);
    enum mill_status st = mill_memory_get_webhook(&m->webhooks, webhook_id, arena, out, err);
    pthread_rwlock_unlock(&m->lock);
    return st;
}

static enum mill_status list_webhooks(struct mill_store *store, uint32_t events, int64_t offset,
                                      int64_t limit, struct mill_arena *arena,
                                      struct mill_webhook_page *out, struct mill_error *err)
{
    struct memory_store *m = (struct memory_store *)store;
    pthread_rwlock_rdlock(&m->lock);
    enum mill_status st =
        mill_memory_list_webhooks(&m->webhooks, events, offset, limit, arena, out, err);
    pthread_rwlock_unlock(&m->lock);
    return st;
}

static enum mill_status due_deliveries(struct mill_store *store, int64_t now_ms,
                                       struct mill_arena *arena,
                                       struct mill_due_deliveries *out, struct mill_error *err)
{
    struct memory_store *m = (struct memory_store *)store;
    pthread_rwlock_rdlock(&m->lock);
    enum mill_status st = mill_memory_due_deliveries(&m->webhooks, now_ms, arena, out, err);
    pthread_rwlock_unlock(&m->lock);
    return st;
}

static void watch_deliveries(struct mill_store *store, mill_deliveries_fn *fn, void *context)
{
    struct memory_store *m = (struct memory_store *)store;
    pthread_rwlock_wrlock(&m->lock);
    m->webhooks.fn = fn;
    m->webhooks.context = context;
    pthread_rwlock_unlock(&m->lock);
}

static enum mill_status get_logged_model(struct mill_store *store, struct mill_view model_id,
                                         bool deleted_too, struct mill_arena *arena,
                                         struct mill_logged_model *out, struct mill_error *err)
{
    struct memory_store *m = (struct memory_store *)store;
    pthread_rwlock_rdlock(&m->lock);
    enum mill_status st =
        mill_memory_get_logged_model(&m->logged_models, model_id, deleted_too, arena, out, err);
    pthread_rwlock_unlock(&m->lock);
    return st;
}

static enum mill_status search_logged_models(struct mill_store *store,
                                             const struct mill_logged_model_search *search,
                                             struct mill_arena *arena,
                                             struct mill_logged_model_page *out,
                                             struct mill_error *err)
{
    struct memory_store *m = (struct memory_store *)store;
    pthread_rwlock_rdlock(&m->lock);
    enum mill_status st =
        mill_memory_search_logged_models(&m->logged_models, search, arena, out, err);
    pthread_rwlock_unlock(&m->lock);
    return st;
}

/* One connection, which one thread at a time may use. */
static enum mill_status read_evaluation(struct mill_store *store, mill_evaluation_reader *read,
                                        void *context, struct mill_error *err)
{
    struct memory_store *m = (struct memory_store *)store;
    pthread_rwlock_wrlock(&m->lock);
    enum mill_status st = open_evaluation(m, err);
    if (st == MILL_OK)
        st = read(m->evaluation, context, err);
    pthread_rwlock_unlock(&m->lock);
    return st;
}

static void free_experiment(struct experiment *e)
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

static void close_store(struct mill_store *store)
{
    struct memory_store *m = (struct memory_store *)store;
    for (size_t i = 0; i < m->count; i++)
        free_experiment(m->experiments[i]);
    mill_free(m->experiments);
    mill_map_release(&m->runs);
    mill_memory_webhooks_release(&m->webhooks);
    mill_registry_release(&m->registry.models);
    mill_memory_logged_models_release(&m->logged_models);
    mill_db_close(m->evaluation);
    pthread_rwlock_destroy(&m->lock);
    mill_free(m);
}

static const struct mill_store_ops ops = {
    .scheme = "memory",
    .apply = apply,
    .get_experiment = get_experiment,
    .get_experiment_by_name = get_experiment_by_name,
    .search_experiments = search_experiments,
    .get_run = get_run,
    .search_runs = search_runs,
    .history_open = history_open,
    .sample = sample,
    .summary = summary,
    .buckets = buckets,
    .close = close_store,
    .get_webhook = get_webhook,
    .list_webhooks = list_webhooks,
    .due_deliveries = due_deliveries,
    .watch_deliveries = watch_deliveries,
    .get_model = get_model,
    .get_model_version = get_model_version,
    .search_models = search_models,
    .search_model_versions = search_model_versions,
    .get_logged_model = get_logged_model,
    .search_logged_models = search_logged_models,
    .read_evaluation = read_evaluation,
};

enum mill_status mill_store_memory_open(struct mill_view name,
                                        const struct mill_store_options *options,
                                        struct mill_store **out, struct mill_error *err)
{
    struct memory_store *m = mill_alloc_zero(1, sizeof(*m));
    struct mill_outcome outcome = {0};
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_EXPERIMENT,
        .now_ms = mill_now_ms(),
        .as.create_experiment = {.name = MILL_VIEW("Default"),
                                 .artifact_root = options->artifact_root},
    };
    (void)name; /* every opening is a new, empty store */
    if (m == NULL)
        return mill_no_memory(err);
    m->base.ops = &ops;
    pthread_rwlock_init(&m->lock, NULL);
    enum mill_status st = create_experiment(m, &change, &outcome, err);
    if (st != MILL_OK) {
        close_store(&m->base);
        return st;
    }
    *out = &m->base;
    return MILL_OK;
}
