/* store_memory.c - a store that lives and dies with its process: the shortest example of a
 * backend, what tests run against, and the yardstick for the others. Here are the calls of a
 * store; memory.h says where the changes are. */
#include "base/alloc.h"
#include "base/clock.h"
#include "store/backends.h"
#include "store/evaluation.h"
#include "store/experiments.h"
#include "store/memory.h"
#include "store/row_page.h"
#include "store/schema.h"

/* --- logged models --- */

static enum mill_status create_logged_model(struct memory_store *m, const struct mill_change *c,
                                            struct mill_outcome *outcome,
                                            struct mill_error *err)
{
    struct memory_experiment *e;
    enum mill_status st =
        mill_memory_active_experiment(m, c->as.create_logged_model.experiment_id, &e, err);
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
        const struct memory_experiment *e = mill_memory_experiment(m, ids[i]);
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
        return mill_memory_create_experiment(m, c, outcome, err);
    case MILL_CHANGE_RENAME_EXPERIMENT:
        return mill_memory_rename_experiment(m, c, err);
    case MILL_CHANGE_DELETE_EXPERIMENT:
        return mill_memory_set_experiment_lifecycle(m, c, MILL_DELETED, err);
    case MILL_CHANGE_RESTORE_EXPERIMENT:
        return mill_memory_set_experiment_lifecycle(m, c, MILL_ACTIVE, err);
    case MILL_CHANGE_SET_EXPERIMENT_TAG:
        return mill_memory_tag_experiment(m, c, true, err);
    case MILL_CHANGE_DELETE_EXPERIMENT_TAG:
        return mill_memory_tag_experiment(m, c, false, err);
    case MILL_CHANGE_CREATE_RUN:
        return mill_memory_create_run(m, c, outcome, err);
    case MILL_CHANGE_UPDATE_RUN:
        return mill_memory_update_run(m, c, outcome, err);
    case MILL_CHANGE_DELETE_RUN:
        return mill_memory_set_run_lifecycle(m, c->as.run.run_id, MILL_DELETED, err);
    case MILL_CHANGE_RESTORE_RUN:
        return mill_memory_set_run_lifecycle(m, c->as.run.run_id, MILL_ACTIVE, err);
    case MILL_CHANGE_LOG:
        return mill_memory_log(m, c, err);
    case MILL_CHANGE_DELETE_TAG:
        return mill_memory_delete_tag(m, c, err);
    case MILL_CHANGE_LOG_INPUTS:
        return mill_memory_log_inputs(m, c, err);
    case MILL_CHANGE_LOG_OUTPUTS:
        return mill_memory_log_outputs(m, c, err);
    case MILL_CHANGE_APPEND_TAG_JSON:
        return mill_memory_append_tag_json(m, c, err);
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

/* Gives the run that a change updates, as it is before; NULL for other changes and unknown
 * runs.
 */
static const struct mill_run_info *updated_run(const struct memory_store *m,
                                               const struct mill_change *c,
                                               struct mill_run_info *out)
{
    struct memory_experiment *e;
    size_t slot;
    if (c->kind != MILL_CHANGE_UPDATE_RUN ||
        !mill_memory_run(m, c->as.update_run.run_id, &e, &slot))
        return NULL;
    mill_row_info(e->runs.slots[slot].row, NULL, out);
    return out;
}

static void tell_experiment(const struct memory_store *m, const struct mill_change *c,
                            struct mill_outcome *outcome)
{
    struct memory_experiment *e;
    size_t slot;
    struct mill_view run_id = mill_change_run_id(c);
    if (run_id.ptr != NULL && mill_memory_run(m, run_id, &e, &slot))
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
        struct mill_run_info before;
        outcome->status = mill_memory_reserve_event(
            &m->webhooks, change, updated_run(m, change, &before), &outcome->error);
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

static enum mill_status give_experiment(const struct memory_experiment *e,
                                        struct mill_arena *arena, struct mill_experiment *out,
                                        struct mill_error *err)
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
    const struct memory_experiment *e = mill_memory_experiment(m, experiment_id);
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
    const struct memory_experiment *e = mill_memory_experiment_by_name(m, name);
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
    struct memory_experiment *e;
    size_t slot;
    struct mill_row *row = NULL;
    pthread_rwlock_rdlock(&m->lock);
    if (mill_memory_run(m, run_id, &e, &slot))
        row = mill_row_ref(e->runs.slots[slot].row);
    pthread_rwlock_unlock(&m->lock);
    if (row == NULL)
        return mill_fail(err, MILL_E_NOT_FOUND, "there is no run '%.*s'", MILL_FMT(run_id));
    return mill_row_page(&row, 1, (struct mill_page_form){0}, out, err);
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
        struct memory_experiment *e = mill_memory_experiment(m, search->experiment_ids[i]);
        if (e != NULL)
            sets[count++] = &e->runs;
    }
    enum mill_status st = mill_rowset_search(sets, count, search, out, err);
    pthread_rwlock_unlock(&m->lock);
    mill_free(sets);
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
static void close_store(struct mill_store *store)
{
    struct memory_store *m = (struct memory_store *)store;
    for (size_t i = 0; i < m->count; i++)
        mill_memory_free_experiment(m->experiments[i]);
    mill_free(m->experiments);
    mill_map_release(&m->runs);
    mill_row_shapes_free(m->shapes);
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
    .history_open = mill_memory_history_open,
    .sample = mill_memory_sample,
    .summary = mill_memory_summary,
    .buckets = mill_memory_buckets,
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
    m->shapes = mill_row_shapes_new();
    enum mill_status st = m->shapes != NULL
                              ? mill_memory_create_experiment(m, &change, &outcome, err)
                              : mill_no_memory(err);
    if (st != MILL_OK) {
        close_store(&m->base);
        return st;
    }
    *out = &m->base;
    return MILL_OK;
}
