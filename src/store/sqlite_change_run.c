/* sqlite_change_run.c - changes of runs, on the SQLite store: their life, what is logged to
 * them, their inputs and outputs. */
#include "base/alloc.h"
#include "model/check.h"
#include "model/limits.h"
#include "store/entity.h"
#include "store/sqlite_apply.h"

static enum mill_status set_tags(struct applying *a, int64_t run, const struct mill_tag *tags,
                                 size_t count, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < count; i++)
        st = mill_db_run(a->db, err, SQL_TAG_SET, "itt", run, tags[i].key, tags[i].value);
    return st;
}

enum mill_status mill_apply_create_run(struct applying *a, struct mill_error *err)
{
    struct mill_arena *arena = a->outcome->arena;
    int64_t experiment_id = a->change->as.create_run.experiment_id;
    struct mill_view location;
    enum mill_status st =
        mill_applying_active_experiment(a, experiment_id, "runs", &location, err);
    if (st != MILL_OK)
        return st;

    struct mill_view run_id = a->change->as.create_run.run_id;
    struct mill_run *run = mill_arena_zero(arena, 1, sizeof(*run));
    struct mill_view uri = mill_run_artifact_uri(arena, location, run_id);
    if (run == NULL || uri.ptr == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for a run");
    run->info = (struct mill_run_info){
        .run_id = run_id,
        .experiment_id = experiment_id,
        .run_name = a->change->as.create_run.run_name,
        .user_id = a->change->as.create_run.user_id,
        .status = MILL_RUN_RUNNING,
        .start_time = a->change->as.create_run.start_time,
        .end_time = MILL_ABSENT,
        .artifact_uri = uri,
        .lifecycle_stage = MILL_ACTIVE,
    };
    if (run->info.user_id.ptr == NULL)
        run->info.user_id = MILL_VIEW("");
    run->tags = a->change->as.create_run.tags;
    run->tag_count = a->change->as.create_run.tag_count;

    /* The unique index refuses a taken id before anything else is written. */
    st = mill_db_run(a->db, err, SQL_RUN_INSERT, "tittit", run_id, experiment_id,
                     run->info.run_name, run->info.user_id, run->info.start_time, uri);
    if (st == MILL_E_EXISTS)
        return mill_fail(err, MILL_E_EXISTS, "run id '%.*s' is taken", MILL_FMT(run_id));
    if (st != MILL_OK)
        return st;
    int64_t id = sqlite3_last_insert_rowid(a->db->handle);
    st = set_tags(a, id, run->tags, run->tag_count, err);
    if (st != MILL_OK)
        return st;
    mill_sqlite_known_add(a->store, run_id,
                          &(struct known_run){.id = id,
                                              .experiment_id = experiment_id,
                                              .lifecycle = MILL_ACTIVE});
    a->outcome->run = run;
    return mill_applying_touch(a, experiment_id, id, err);
}

/* The public fields of a run, copied into the outcome's arena. */
static enum mill_status read_run_info(struct applying *a, int64_t id, struct mill_error *err)
{
    struct mill_arena *arena = a->outcome->arena;
    struct mill_run *run = mill_arena_zero(arena, 1, sizeof(*run));
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt = mill_db_query(a->db, SQL_RUN_RANGE, "ii", id, id);
    if (run == NULL || !mill_db_step(a->db, stmt, &st, err))
        return st != MILL_OK ? st : mill_fail(err, MILL_E_NOMEM, "out of memory for a run");
    run->info = mill_sqlite_run_info(stmt, arena);
    mill_db_done(stmt);
    a->outcome->run = run;
    return MILL_OK;
}

static enum mill_status rename_run(struct applying *a, int64_t id, struct mill_view name,
                                   struct mill_error *err)
{
    return mill_db_run(a->db, err, SQL_RUN_NAME, "ti", name, id);
}

/* Subscribers are told of a new status, not of the same again. */
static enum mill_status read_previous_status(struct applying *a, int64_t id,
                                             struct mill_error *err)
{
    enum mill_status st = read_run_info(a, id, err);
    if (st == MILL_OK)
        a->outcome->previous_status = a->outcome->run->info.status;
    return st;
}

enum mill_status mill_apply_update_run(struct applying *a, struct mill_error *err)
{
    struct known_run run;
    size_t known;
    struct mill_view name = a->change->as.update_run.run_name;
    enum mill_status st =
        mill_applying_active_run(a, a->change->as.update_run.run_id, &run, &known, err);
    if (st != MILL_OK)
        return st;
    int64_t end_time = a->change->as.update_run.end_time;
    int64_t status = a->change->as.update_run.status;
    if (status != 0 && mill_applying_wanted(a, MILL_EVENTS_OF_RUNS))
        st = read_previous_status(a, run.id, err);
    if (st != MILL_OK)
        return st;
    if (end_time == MILL_ABSENT)
        st = mill_db_run(a->db, err, SQL_RUN_UPDATE, "iit", run.id, status,
                         (struct mill_view){NULL, 0});
    else
        st = mill_db_run(a->db, err, SQL_RUN_UPDATE, "iii", run.id, status, end_time);
    if (st == MILL_OK && !mill_view_empty(name)) {
        struct mill_tag tag = {MILL_VIEW("mlflow.runName"), name};
        st = rename_run(a, run.id, name, err);
        if (st == MILL_OK)
            st = set_tags(a, run.id, &tag, 1, err);
    }
    if (st == MILL_OK)
        st = read_run_info(a, run.id, err);
    return st == MILL_OK ? mill_applying_touch(a, run.experiment_id, run.id, err) : st;
}

static enum mill_status set_run_lifecycle(struct applying *a, enum mill_lifecycle to,
                                          struct mill_error *err)
{
    struct known_run run;
    size_t known;
    enum mill_status st = mill_applying_run(a, a->change->as.run.run_id, &run, &known, err);
    if (st != MILL_OK)
        return st;
    if (known != SIZE_MAX)
        a->store->known[known].lifecycle = to;
    st = mill_db_run(a->db, err, SQL_RUN_LIFECYCLE, "iii", (int64_t)to, a->change->now_ms,
                     run.id);
    return st == MILL_OK ? mill_applying_touch(a, run.experiment_id, run.id, err) : st;
}

enum mill_status mill_apply_delete_run(struct applying *a, struct mill_error *err)
{
    return set_run_lifecycle(a, MILL_DELETED, err);
}

enum mill_status mill_apply_restore_run(struct applying *a, struct mill_error *err)
{
    return set_run_lifecycle(a, MILL_ACTIVE, err);
}

/* --- logging --- */

/* A param is written once; the same value again is fine. */
static enum mill_status check_params(struct applying *a, const struct known_run *run,
                                     struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; run->has_params && i < a->change->as.log.param_count; i++) {
        const struct mill_param *param = &a->change->as.log.params[i];
        sqlite3_stmt *stmt = mill_db_query(a->db, SQL_PARAM_GET, "it", run->id, param->key);
        if (!mill_db_step(a->db, stmt, &st, err)) {
            if (st != MILL_OK)
                return st;
            continue;
        }
        struct mill_view old = mill_db_text(stmt, 0);
        if (!mill_view_eq(old, param->value))
            st = mill_fail(err, MILL_E_INVALID,
                           "param '%.*s' of run '%.*s' has the value '%.*s' and cannot become "
                           "'%.*s': params are written once",
                           MILL_FMT(param->key), MILL_FMT(a->change->as.log.run_id),
                           MILL_FMT(mill_utf8_prefix(old, 60)),
                           MILL_FMT(mill_utf8_prefix(param->value, 60)));
        mill_db_done(stmt);
        if (st != MILL_OK)
            return st;
    }
    return MILL_OK;
}

static enum mill_status add_params(struct applying *a, const struct known_run *run,
                                   size_t known, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < a->change->as.log.param_count; i++) {
        const struct mill_param *param = &a->change->as.log.params[i];
        st =
            mill_db_run(a->db, err, SQL_PARAM_INSERT, "itt", run->id, param->key, param->value);
    }
    if (a->change->as.log.param_count != 0 && known != SIZE_MAX)
        a->store->known[known].has_params = true;
    return st;
}

/* The group's tail of a run. */
static struct group_tail *group_tail(struct sqlite_store *s, int64_t run, size_t known)
{
    for (size_t i = s->tail_count; i-- > 0;)
        if (s->tails[i].run == run)
            return &s->tails[i];
    if (s->tail_count == s->tail_cap) {
        size_t cap = s->tail_cap != 0 ? s->tail_cap * 2 : 16;
        struct group_tail *tails = mill_realloc(s->tails, cap * sizeof(*tails));
        if (tails == NULL)
            return NULL;
        memset(tails + s->tail_cap, 0, (cap - s->tail_cap) * sizeof(*tails));
        s->tails = tails;
        s->tail_cap = cap;
    }
    struct group_tail *tail = &s->tails[s->tail_count++];
    tail->run = run;
    tail->known = known;
    tail->points = 0;
    tail->tail.bytes.len = 0; /* the memory stays for the next group */
    tail->tail.last_time = 0;
    return tail;
}

/* Clients also send empty texts for what they leave out. */
static struct mill_view given(struct mill_view text)
{
    return text.len != 0 ? text : (struct mill_view){NULL, 0};
}

static enum mill_status add_metrics(struct applying *a, const struct known_run *run,
                                    size_t known, struct mill_error *err)
{
    const struct mill_metric *metrics = a->change->as.log.metrics;
    size_t count = a->change->as.log.metric_count;
    enum mill_status st = MILL_OK;
    if (count == 0)
        return MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        const struct mill_metric_link *link = metrics[i].link;
        if (link != NULL)
            st = mill_db_run(a->db, err, SQL_METRIC_LINK_INSERT, "itiidttt", run->id,
                             metrics[i].key, metrics[i].step, metrics[i].timestamp,
                             mill_metric_kept(metrics[i].value), given(link->model_id),
                             given(link->dataset_name), given(link->dataset_digest));
    }
    if (st != MILL_OK)
        return st;
    struct group_tail *tail = group_tail(a->store, run->id, known);
    if (tail != NULL) {
        mill_tail_add(&tail->tail, metrics, count);
        tail->points += (uint32_t)count;
    }
    if (tail == NULL || tail->tail.bytes.failed)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for %zu metric points", count);
    return MILL_OK;
}

enum mill_status mill_apply_log_data(struct applying *a, struct mill_error *err)
{
    struct known_run run;
    size_t known;
    enum mill_status st =
        mill_applying_active_run(a, a->change->as.log.run_id, &run, &known, err);
    if (st == MILL_OK)
        st = check_params(a, &run, err);
    if (st == MILL_OK)
        st = mill_applying_linked_models(a, a->change->as.log.metrics,
                                         a->change->as.log.metric_count, err);
    if (st == MILL_OK)
        st = add_params(a, &run, known, err);
    if (st == MILL_OK)
        st = set_tags(a, run.id, a->change->as.log.tags, a->change->as.log.tag_count, err);
    for (size_t i = 0; st == MILL_OK && i < a->change->as.log.tag_count; i++)
        if (mill_view_eq(a->change->as.log.tags[i].key, MILL_VIEW("mlflow.runName")))
            st = rename_run(a, run.id, a->change->as.log.tags[i].value, err);
    if (st == MILL_OK)
        st = add_metrics(a, &run, known, err);
    return st == MILL_OK ? mill_applying_touch(a, run.experiment_id, run.id, err) : st;
}

enum mill_status mill_apply_delete_tag(struct applying *a, struct mill_error *err)
{
    struct known_run run;
    size_t known;
    struct mill_view key = a->change->as.run_tag.key;
    enum mill_status st =
        mill_applying_active_run(a, a->change->as.run_tag.run_id, &run, &known, err);
    if (st == MILL_OK)
        st = mill_db_run(a->db, err, SQL_TAG_DELETE, "it", run.id, key);
    if (st == MILL_OK && sqlite3_changes(a->db->handle) == 0)
        return mill_fail(err, MILL_E_NOT_FOUND, "run '%.*s' has no tag '%.*s'",
                         MILL_FMT(a->change->as.run_tag.run_id), MILL_FMT(key));
    return st == MILL_OK ? mill_applying_touch(a, run.experiment_id, run.id, err) : st;
}

enum mill_status mill_apply_append_tag_json(struct applying *a, struct mill_error *err)
{
    struct known_run run;
    size_t known;
    struct mill_tag tag = {a->change->as.append.key, {NULL, 0}};
    enum mill_status st =
        mill_applying_active_run(a, a->change->as.append.run_id, &run, &known, err);
    if (st != MILL_OK)
        return st;
    sqlite3_stmt *stmt = mill_db_query(a->db, SQL_TAG_GET, "it", run.id, tag.key);
    bool there = mill_db_step(a->db, stmt, &st, err);
    if (st != MILL_OK)
        return st;
    tag.value = mill_json_list_append(
        a->outcome->arena, there ? mill_db_text(stmt, 0) : (struct mill_view){NULL, 0},
        a->change->as.append.json);
    if (there)
        mill_db_done(stmt);
    if (tag.value.ptr == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for a tag");
    if (mill_utf8_length(tag.value) > MILL_MAX_RUN_TAG_VALUE)
        return mill_fail(err, MILL_E_INVALID,
                         "tag '%.*s' would be longer than %d characters with this entry",
                         MILL_FMT(tag.key), MILL_MAX_RUN_TAG_VALUE);
    st = set_tags(a, run.id, &tag, 1, err);
    return st == MILL_OK ? mill_applying_touch(a, run.experiment_id, run.id, err) : st;
}

/* --- inputs and outputs --- */

static enum mill_status dataset_id(struct applying *a, int64_t experiment_id,
                                   const struct mill_dataset *d, int64_t *out,
                                   struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt =
        mill_db_query(a->db, SQL_DATASET_FIND, "itt", experiment_id, d->name, d->digest);
    if (mill_db_step(a->db, stmt, &st, err)) {
        *out = sqlite3_column_int64(stmt, 0);
        mill_db_done(stmt);
        return MILL_OK;
    }
    if (st != MILL_OK)
        return st;
    st = mill_db_run(a->db, err, SQL_DATASET_INSERT, "itttttt", experiment_id, d->name,
                     d->digest, d->source_type, d->source, d->schema, d->profile);
    *out = sqlite3_last_insert_rowid(a->db->handle);
    return st;
}

static enum mill_status add_input(struct applying *a, const struct known_run *run,
                                  const struct mill_dataset_input *input,
                                  struct mill_error *err)
{
    int64_t dataset;
    enum mill_status st = dataset_id(a, run->experiment_id, &input->dataset, &dataset, err);
    if (st != MILL_OK)
        return st;
    sqlite3_stmt *stmt = mill_db_query(a->db, SQL_INPUT_FIND, "ii", run->id, dataset);
    if (mill_db_step(a->db, stmt, &st, err)) {
        mill_db_done(stmt);
        return MILL_OK; /* the first use of a dataset by a run keeps its tags */
    }
    if (st == MILL_OK)
        st = mill_db_run(a->db, err, SQL_INPUT_INSERT, "ii", run->id, dataset);
    int64_t id = sqlite3_last_insert_rowid(a->db->handle);
    for (size_t i = 0; st == MILL_OK && i < input->tag_count; i++)
        st = mill_db_run(a->db, err, SQL_INPUT_TAG_SET, "itt", id, input->tags[i].key,
                         input->tags[i].value);
    return st;
}

enum mill_status mill_apply_log_inputs(struct applying *a, struct mill_error *err)
{
    struct known_run run;
    size_t known;
    enum mill_status st =
        mill_applying_active_run(a, a->change->as.inputs.run_id, &run, &known, err);
    for (size_t i = 0; st == MILL_OK && i < a->change->as.inputs.dataset_count; i++)
        st = add_input(a, &run, &a->change->as.inputs.datasets[i], err);
    for (size_t i = 0; st == MILL_OK && i < a->change->as.inputs.model_count; i++)
        st = mill_db_run(a->db, err, SQL_MODEL_INPUT_SET, "it", run.id,
                         a->change->as.inputs.models[i].model_id);
    return st == MILL_OK ? mill_applying_touch(a, run.experiment_id, run.id, err) : st;
}

enum mill_status mill_apply_log_outputs(struct applying *a, struct mill_error *err)
{
    struct known_run run;
    size_t known;
    enum mill_status st =
        mill_applying_active_run(a, a->change->as.outputs.run_id, &run, &known, err);
    for (size_t i = 0; st == MILL_OK && i < a->change->as.outputs.model_count; i++) {
        const struct mill_model_output *model = &a->change->as.outputs.models[i];
        st = mill_db_run(a->db, err, SQL_MODEL_OUTPUT_SET, "iti", run.id, model->model_id,
                         model->step != MILL_ABSENT ? model->step : (int64_t)0);
    }
    return st == MILL_OK ? mill_applying_touch(a, run.experiment_id, run.id, err) : st;
}
