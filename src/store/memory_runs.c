/* memory_runs.c - changes of runs in the memory store; what is logged to them is in
 * memory_log.c and memory_links.c. */
#include "base/alloc.h"
#include "store/entity.h"
#include "store/memory.h"

bool mill_memory_run(const struct memory_store *m, struct mill_view run_id,
                     struct memory_experiment **experiment_out, size_t *slot_out)
{
    uint64_t where;
    if (!mill_map_get(&m->runs, mill_view_hash(run_id), &where))
        return false;
    *experiment_out = m->experiments[where >> 32];
    *slot_out = (size_t)(where & UINT32_MAX);
    const struct mill_row *row = (*experiment_out)->runs.slots[*slot_out].row;
    return row != NULL && mill_view_eq(mill_row_run_id(row), run_id);
}

enum mill_status mill_memory_edit(struct memory_store *m, struct mill_view run_id,
                                  bool must_be_active, struct memory_editing *out,
                                  struct mill_error *err)
{
    *out = (struct memory_editing){.store = m};
    if (!mill_memory_run(m, run_id, &out->experiment, &out->slot))
        return mill_fail(err, MILL_E_NOT_FOUND, "there is no run '%.*s'", MILL_FMT(run_id));
    const struct mill_row *row = out->experiment->runs.slots[out->slot].row;
    if (must_be_active && row->lifecycle != MILL_ACTIVE)
        return mill_fail(err, MILL_E_INVALID, "run '%.*s' is deleted; restore it first",
                         MILL_FMT(run_id));
    if (!mill_row_unpack(row, &out->scratch, &out->run)) {
        mill_arena_release(&out->scratch);
        return mill_no_memory(err);
    }
    return MILL_OK;
}

enum mill_status mill_memory_edited(struct memory_editing *e, enum mill_status st,
                                    struct mill_error *err)
{
    if (st == MILL_OK) {
        struct mill_row *row = mill_row_new(e->store->shapes, &e->run);
        if (row != NULL)
            mill_rowset_put(&e->experiment->runs, e->slot, row);
        else
            st = mill_no_memory(err);
    }
    mill_arena_release(&e->scratch);
    return st;
}

enum mill_status mill_memory_edit_tag(struct memory_editing *e, struct mill_tag tag,
                                      struct mill_error *err)
{
    e->run.tags = mill_tags_with(&e->scratch, e->run.tags, &e->run.tag_count, tag);
    if (e->run.tags == NULL)
        return mill_no_memory(err);
    if (tag.value.ptr != NULL && mill_view_eq(tag.key, MILL_VIEW("mlflow.runName")))
        e->run.info.run_name = tag.value;
    return MILL_OK;
}

static bool reserve_extra(struct memory_experiment *e)
{
    if (e->runs.count < e->extra_cap)
        return true;
    size_t cap = e->extra_cap != 0 ? e->extra_cap * 2 : 16;
    struct memory_extra *extras = mill_realloc(e->extras, cap * sizeof(*extras));
    if (extras == NULL)
        return false;
    e->extras = extras;
    e->extra_cap = cap;
    return true;
}

/* Everything that may fail comes before the row is put where searches see it. */
static enum mill_status add_run(struct memory_store *m, struct memory_experiment *e,
                                const struct mill_run *run, struct mill_error *err)
{
    size_t slot;
    struct mill_row *row = mill_row_new(m->shapes, run);
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
    e->extras[slot] = (struct memory_extra){0};
    mill_rowset_put(&e->runs, slot, row);
    return MILL_OK;
}

enum mill_status mill_memory_create_run(struct memory_store *m, const struct mill_change *c,
                                        struct mill_outcome *outcome, struct mill_error *err)
{
    struct memory_experiment *e, *other;
    size_t slot;
    enum mill_status st =
        mill_memory_active_experiment(m, c->as.create_run.experiment_id, &e, err);
    if (st != MILL_OK)
        return st;
    struct mill_view run_id = c->as.create_run.run_id;
    if (mill_memory_run(m, run_id, &other, &slot))
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

enum mill_status mill_memory_update_run(struct memory_store *m, const struct mill_change *c,
                                        struct mill_outcome *outcome, struct mill_error *err)
{
    struct memory_editing e;
    enum mill_status st = mill_memory_edit(m, c->as.update_run.run_id, true, &e, err);
    if (st != MILL_OK)
        return st;
    outcome->previous_status = e.run.info.status;
    if (c->as.update_run.status != 0)
        e.run.info.status = c->as.update_run.status;
    if (c->as.update_run.end_time != MILL_ABSENT)
        e.run.info.end_time = c->as.update_run.end_time;
    if (!mill_view_empty(c->as.update_run.run_name))
        st = mill_memory_edit_tag(
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
    return mill_memory_edited(&e, st, err);
}

enum mill_status mill_memory_set_run_lifecycle(struct memory_store *m, struct mill_view run_id,
                                               enum mill_lifecycle to, struct mill_error *err)
{
    struct memory_editing e;
    enum mill_status st = mill_memory_edit(m, run_id, false, &e, err);
    if (st != MILL_OK)
        return st;
    e.run.info.lifecycle_stage = to;
    return mill_memory_edited(&e, st, err);
}
