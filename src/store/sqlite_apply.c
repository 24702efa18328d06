/* sqlite_apply.c - applies changes to the SQLite store, a group in one transaction. Points of
 * the group are gathered and written as one tail row for each run at the end. */
#include "store/sqlite_apply.h"

#include <stdio.h>

#include "base/alloc.h"
#include "store/evaluation.h"

/* --- runs that the writer knows --- */

void mill_sqlite_forget(struct sqlite_store *store)
{
    store->known_count = 0;
    store->webhooks_known = false;
    mill_map_release(&store->known_by_hash);
}

static size_t known_find(const struct sqlite_store *store, struct mill_view run_id)
{
    uint64_t index;
    if (!mill_map_get(&store->known_by_hash, mill_view_hash(run_id), &index) ||
        !mill_view_eq(mill_view_of(store->known[index].run_id), run_id))
        return SIZE_MAX;
    return (size_t)index;
}

void mill_sqlite_known_add(struct sqlite_store *store, struct mill_view run_id,
                           const struct known_run *run)
{
    if (run_id.len >= sizeof(run->run_id))
        return;
    if (store->known_count == SQLITE_KNOWN_MAX)
        mill_sqlite_forget(store);
    if (!mill_map_set(&store->known_by_hash, mill_view_hash(run_id), store->known_count))
        return;
    struct known_run *place = &store->known[store->known_count++];
    *place = *run;
    memcpy(place->run_id, run_id.ptr, run_id.len);
    place->run_id[run_id.len] = '\0';
}

/* Finds a run for writing; *known_out is SIZE_MAX when it cannot be remembered. */
enum mill_status mill_applying_run(struct applying *a, struct mill_view run_id,
                                   struct known_run *out, size_t *known_out,
                                   struct mill_error *err)
{
    size_t index = known_find(a->store, run_id);
    if (index == SIZE_MAX) {
        struct known_run run = {.has_params = true};
        enum mill_status st = MILL_OK;
        sqlite3_stmt *stmt = mill_db_query(a->db, SQL_RUN_FIND, "t", run_id);
        if (!mill_db_step(a->db, stmt, &st, err))
            return st != MILL_OK ? st
                                 : mill_fail(err, MILL_E_NOT_FOUND, "there is no run '%.*s'",
                                             MILL_FMT(run_id));
        run.id = sqlite3_column_int64(stmt, 0);
        run.experiment_id = sqlite3_column_int64(stmt, 1);
        run.lifecycle = (enum mill_lifecycle)sqlite3_column_int(stmt, 2);
        mill_db_done(stmt);
        mill_sqlite_known_add(a->store, run_id, &run);
        index = known_find(a->store, run_id);
        *out = run;
    } else {
        *out = a->store->known[index];
    }
    *known_out = index;
    return MILL_OK;
}

enum mill_status mill_applying_active_run(struct applying *a, struct mill_view run_id,
                                          struct known_run *out, size_t *known_out,
                                          struct mill_error *err)
{
    enum mill_status st = mill_applying_run(a, run_id, out, known_out, err);
    if (st == MILL_OK && out->lifecycle != MILL_ACTIVE)
        return mill_fail(err, MILL_E_INVALID,
                         "run '%.*s' is deleted and cannot be changed; restore it first",
                         MILL_FMT(run_id));
    return st;
}

/* Notes that readers have to look at a run (or at all of an experiment, run MILL_ABSENT) anew
 * once the group is committed. */
enum mill_status mill_applying_touch(struct applying *a, int64_t experiment_id, int64_t run,
                                     struct mill_error *err)
{
    struct sqlite_store *s = a->store;
    if (s->touched_count == s->touched_cap) {
        size_t cap = s->touched_cap != 0 ? s->touched_cap * 2 : 64;
        struct touched *touched = mill_realloc(s->touched, cap * sizeof(*touched));
        if (touched == NULL)
            return mill_fail(err, MILL_E_NOMEM, "out of memory to note a changed run");
        s->touched = touched;
        s->touched_cap = cap;
    }
    s->touched[s->touched_count++] = (struct touched){experiment_id, run};
    if (run != MILL_ABSENT)
        a->outcome->experiment_id = experiment_id;
    return MILL_OK;
}

enum mill_status mill_applying_touch_model(struct applying *a, int64_t model, int64_t version,
                                           struct mill_error *err)
{
    struct touched_model *place = mill_list_add(&a->store->touched_models);
    if (place == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory to note a changed model");
    *place = (struct touched_model){model, version};
    return MILL_OK;
}

/* --- groups --- */

static applier *const appliers[] = {
    [MILL_CHANGE_CREATE_EXPERIMENT] = mill_apply_create_experiment,
    [MILL_CHANGE_RENAME_EXPERIMENT] = mill_apply_rename_experiment,
    [MILL_CHANGE_DELETE_EXPERIMENT] = mill_apply_delete_experiment,
    [MILL_CHANGE_RESTORE_EXPERIMENT] = mill_apply_restore_experiment,
    [MILL_CHANGE_SET_EXPERIMENT_TAG] = mill_apply_set_experiment_tag,
    [MILL_CHANGE_DELETE_EXPERIMENT_TAG] = mill_apply_delete_experiment_tag,
    [MILL_CHANGE_CREATE_RUN] = mill_apply_create_run,
    [MILL_CHANGE_UPDATE_RUN] = mill_apply_update_run,
    [MILL_CHANGE_DELETE_RUN] = mill_apply_delete_run,
    [MILL_CHANGE_RESTORE_RUN] = mill_apply_restore_run,
    [MILL_CHANGE_LOG] = mill_apply_log_data,
    [MILL_CHANGE_DELETE_TAG] = mill_apply_delete_tag,
    [MILL_CHANGE_LOG_INPUTS] = mill_apply_log_inputs,
    [MILL_CHANGE_LOG_OUTPUTS] = mill_apply_log_outputs,
    [MILL_CHANGE_APPEND_TAG_JSON] = mill_apply_append_tag_json,
    [MILL_CHANGE_CREATE_MODEL] = mill_apply_create_model,
    [MILL_CHANGE_RENAME_MODEL] = mill_apply_rename_model,
    [MILL_CHANGE_UPDATE_MODEL] = mill_apply_update_model,
    [MILL_CHANGE_DELETE_MODEL] = mill_apply_delete_model,
    [MILL_CHANGE_SET_MODEL_TAG] = mill_apply_tag_model,
    [MILL_CHANGE_DELETE_MODEL_TAG] = mill_apply_tag_model,
    [MILL_CHANGE_SET_MODEL_ALIAS] = mill_apply_set_model_alias,
    [MILL_CHANGE_DELETE_MODEL_ALIAS] = mill_apply_delete_model_alias,
    [MILL_CHANGE_CREATE_MODEL_VERSION] = mill_apply_create_model_version,
    [MILL_CHANGE_UPDATE_MODEL_VERSION] = mill_apply_update_model_version,
    [MILL_CHANGE_STAGE_MODEL_VERSION] = mill_apply_stage_model_version,
    [MILL_CHANGE_DELETE_MODEL_VERSION] = mill_apply_delete_model_version,
    [MILL_CHANGE_SET_VERSION_TAG] = mill_apply_tag_version,
    [MILL_CHANGE_DELETE_VERSION_TAG] = mill_apply_tag_version,
    [MILL_CHANGE_CREATE_WEBHOOK] = mill_apply_create_webhook,
    [MILL_CHANGE_UPDATE_WEBHOOK] = mill_apply_update_webhook,
    [MILL_CHANGE_DELETE_WEBHOOK] = mill_apply_delete_webhook,
    [MILL_CHANGE_SETTLE_DELIVERIES] = mill_apply_settle_deliveries,
    [MILL_CHANGE_CREATE_LOGGED_MODEL] = mill_apply_create_logged_model,
    [MILL_CHANGE_FINALIZE_LOGGED_MODEL] = mill_apply_finalize_logged_model,
    [MILL_CHANGE_DELETE_LOGGED_MODEL] = mill_apply_delete_logged_model,
    [MILL_CHANGE_TAG_LOGGED_MODEL] = mill_apply_tag_logged_model,
    [MILL_CHANGE_UNTAG_LOGGED_MODEL] = mill_apply_untag_logged_model,
    [MILL_CHANGE_LOG_MODEL_PARAMS] = mill_apply_log_model_params,
};

/* Looks for the experiments that the change needs, then has it applied. */
static enum mill_status apply_evaluation(struct applying *a, struct mill_error *err)
{
    size_t count;
    bool active;
    struct mill_view location = {NULL, 0};
    const int64_t *ids = mill_evaluation_experiments(a->change, &count, &active);
    for (size_t i = 0; i < count; i++) {
        enum mill_lifecycle lifecycle;
        enum mill_status st =
            mill_applying_experiment(a, ids[i], &lifecycle, i == 0 ? &location : NULL, err);
        if (st != MILL_OK)
            return st;
        if (active && lifecycle != MILL_ACTIVE)
            return mill_fail(err, MILL_E_INVALID,
                             "experiment %lld is deleted; restore it first", (long long)ids[i]);
    }
    return mill_evaluation_apply(a->db, a->change, location, a->outcome, err);
}

static enum mill_status apply_change(struct applying *a, struct mill_error *err)
{
    if (mill_is_evaluation(a->change->kind))
        return apply_evaluation(a, err);
    return appliers[a->change->kind](a, err);
}

/* Whether a status is about the change; the others mean that storage let us down. */
static bool is_refusal(enum mill_status st)
{
    return st == MILL_E_INVALID || st == MILL_E_BAD_REQUEST || st == MILL_E_EXISTS ||
           st == MILL_E_NOT_FOUND;
}

static enum mill_status write_tails(struct sqlite_store *s, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < s->tail_count; i++)
        st = mill_db_run(s->writer, err, SQL_TAIL_INSERT, "ib", s->tails[i].run,
                         mill_buf_view(&s->tails[i].tail.bytes));
    return st;
}

static enum mill_status apply_in_transaction(struct sqlite_store *s,
                                             struct mill_pending **pending, size_t count,
                                             struct mill_error *err)
{
    enum mill_status st = mill_db_run(s->writer, err, SQL_BEGIN_WRITE, "");
    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        struct mill_outcome *outcome = &pending[i]->outcome;
        struct applying a = {s, s->writer, pending[i]->change, outcome};
        outcome->status = apply_change(&a, &outcome->error);
        if (outcome->status == MILL_OK)
            outcome->status = mill_applying_event(&a, &outcome->error);
        if (outcome->status != MILL_OK && !is_refusal(outcome->status)) {
            st = outcome->status;
            if (err != NULL)
                *err = outcome->error;
        }
    }
    if (st == MILL_OK)
        st = write_tails(s, err);
    if (st == MILL_OK)
        st = mill_db_run(s->writer, err, SQL_COMMIT, "");
    return st;
}

/* After a commit: asks for merges where tails have piled up. */
static void count_tails(struct sqlite_store *s)
{
    for (size_t i = 0; i < s->tail_count; i++) {
        const struct group_tail *tail = &s->tails[i];
        if (tail->known >= s->known_count || s->known[tail->known].id != tail->run)
            continue; /* forgotten in the meantime */
        struct known_run *run = &s->known[tail->known];
        run->tails++;
        run->points += tail->points;
        if (run->points >= s->merge_points || run->tails >= s->merge_tails) {
            run->tails = 0;
            run->points = 0;
            mill_upkeep_merge(s->upkeep, run->id);
        }
    }
    if (s->tail_count != 0)
        mill_upkeep_committed(s->upkeep);
}

static void after_commit(struct sqlite_store *s)
{
    if (s->experiments_changed)
        atomic_fetch_add(&s->experiments_version, 1);
    for (size_t i = 0; i < s->touched_count; i++)
        mill_cache_touch(s->cache, s->touched[i].experiment_id, s->touched[i].run);
    mill_sqlite_registry_touch(
        s->registry, (const struct touched_model *)(const void *)s->touched_models.items,
        s->touched_models.count);
    count_tails(s);
    if (s->deliveries_added && s->deliveries_fn != NULL)
        s->deliveries_fn(s->deliveries_context);
}

/* Does what an earlier failure could not do for lack of memory. */
static enum mill_status make_good(struct sqlite_store *s, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    char restore[40];
    if (sqlite3_get_autocommit(s->writer->handle) == 0)
        st = mill_db_run(s->writer, err, SQL_ROLLBACK, "");
    if (st == MILL_OK && s->synchronous_due != 0) {
        snprintf(restore, sizeof(restore), "PRAGMA synchronous = %d", s->synchronous_due);
        st = mill_db_exec(s->writer, restore, err);
        s->synchronous_due = st == MILL_OK ? 0 : s->synchronous_due;
    }
    return st;
}

static enum mill_status apply_group(struct sqlite_store *s, struct mill_pending **pending,
                                    size_t count, struct mill_error *err)
{
    s->tail_count = 0;
    s->touched_count = 0;
    s->touched_models.count = 0;
    s->experiments_changed = false;
    s->deliveries_added = false;
    enum mill_status st = make_good(s, err);
    if (st == MILL_OK)
        st = apply_in_transaction(s, pending, count, err);
    if (st == MILL_OK) {
        after_commit(s);
        return MILL_OK;
    }
    if (sqlite3_get_autocommit(s->writer->handle) == 0)
        mill_db_run(s->writer, NULL, SQL_ROLLBACK, "");
    mill_sqlite_forget(s);
    for (size_t i = 0; i < count; i++) {
        pending[i]->outcome.status = st;
        pending[i]->outcome.run = NULL;
        pending[i]->outcome.model = NULL;
        pending[i]->outcome.model_version = NULL;
        pending[i]->outcome.webhook = NULL;
        pending[i]->outcome.logged_model = NULL;
        pending[i]->outcome.eval_dataset = NULL;
        pending[i]->outcome.scorer = NULL;
        pending[i]->outcome.trace = NULL;
        pending[i]->outcome.assessment = NULL;
        pending[i]->outcome.inserted = 0;
        pending[i]->outcome.updated = 0;
        pending[i]->outcome.deleted = 0;
        if (err != NULL)
            pending[i]->outcome.error = *err;
    }
    return st;
}

enum mill_status mill_sqlite_apply(struct mill_store *store, struct mill_pending **pending,
                                   size_t count, struct mill_error *err)
{
    struct sqlite_store *s = (struct sqlite_store *)store;
    struct mill_error local;
    if (err == NULL)
        err = &local;
    if (s->read_only)
        return mill_fail(err, MILL_E_DENIED, "%s was opened for reading only", s->path);

    mill_turn_take(&s->write_lock);
    enum mill_status st = apply_group(s, pending, count, err);
    /* One change that storage cannot take must not fail its neighbours: each on its own. */
    if (st != MILL_OK && count > 1) {
        st = MILL_OK;
        for (size_t i = 0; i < count; i++) {
            enum mill_status one = apply_group(s, &pending[i], 1, err);
            st = st == MILL_OK ? one : st;
        }
    }
    mill_turn_give(&s->write_lock);
    return st;
}
