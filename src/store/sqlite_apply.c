/* sqlite_apply.c - applies changes to the SQLite store: one transaction for a group, one
 * function for each kind of change.
 *
 * Each function first checks everything that may be refused, then writes; so a refused change
 * has written nothing and the others of its group are not hindered. Points of the group are
 * gathered and written as one tail row for each run at the end. */
#include "base/alloc.h"
#include "model/limits.h"
#include "store/entity.h"
#include "store/sqlite.h"

/* One change on its way through its function. */
struct applying {
    struct sqlite_store *store;
    struct db *db;
    const struct mill_change *change;
    struct mill_outcome *outcome;
};

/* --- runs that the writer knows --- */

void sqlite_forget(struct sqlite_store *store)
{
    store->known_count = 0;
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

static void known_add(struct sqlite_store *store, struct mill_view run_id,
                      const struct known_run *run)
{
    if (run_id.len >= sizeof(run->run_id))
        return;
    if (store->known_count == SQLITE_KNOWN_MAX)
        sqlite_forget(store);
    if (!mill_map_set(&store->known_by_hash, mill_view_hash(run_id), store->known_count))
        return;
    struct known_run *place = &store->known[store->known_count++];
    *place = *run;
    memcpy(place->run_id, run_id.ptr, run_id.len);
    place->run_id[run_id.len] = '\0';
}

/* Finds a run for writing; *known_out is SIZE_MAX when it cannot be remembered. */
static enum mill_status find_run(struct applying *a, struct mill_view run_id,
                                 struct known_run *out, size_t *known_out,
                                 struct mill_error *err)
{
    size_t index = known_find(a->store, run_id);
    if (index == SIZE_MAX) {
        struct known_run run = {.has_params = true};
        enum mill_status st = MILL_OK;
        sqlite3_stmt *stmt = db_query(a->db, SQL_RUN_FIND, "t", run_id);
        if (!db_step(a->db, stmt, &st, err))
            return st != MILL_OK ? st
                                 : mill_fail(err, MILL_E_NOT_FOUND, "there is no run '%.*s'",
                                             MILL_FMT(run_id));
        run.id = sqlite3_column_int64(stmt, 0);
        run.experiment_id = sqlite3_column_int64(stmt, 1);
        run.lifecycle = (enum mill_lifecycle)sqlite3_column_int(stmt, 2);
        db_done(stmt);
        known_add(a->store, run_id, &run);
        index = known_find(a->store, run_id);
        *out = run;
    } else {
        *out = a->store->known[index];
    }
    *known_out = index;
    return MILL_OK;
}

static enum mill_status find_active_run(struct applying *a, struct mill_view run_id,
                                        struct known_run *out, size_t *known_out,
                                        struct mill_error *err)
{
    enum mill_status st = find_run(a, run_id, out, known_out, err);
    if (st == MILL_OK && out->lifecycle != MILL_ACTIVE)
        return mill_fail(err, MILL_E_INVALID,
                         "run '%.*s' is deleted and cannot be changed; restore it first",
                         MILL_FMT(run_id));
    return st;
}

/* Notes that readers have to look at a run (or at all of an experiment, run MILL_ABSENT) anew
 * once the group is committed. */
static enum mill_status touch(struct applying *a, int64_t experiment_id, int64_t run,
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
    return MILL_OK;
}

/* --- experiments --- */

static enum mill_status read_experiment(struct applying *a, int64_t experiment_id,
                                        enum mill_lifecycle *lifecycle_out,
                                        struct mill_view *location_out, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt = db_query(a->db, SQL_EXPERIMENT_BY_ID, "i", experiment_id);
    if (!db_step(a->db, stmt, &st, err))
        return st != MILL_OK ? st
                             : mill_fail(err, MILL_E_NOT_FOUND, "there is no experiment %lld",
                                         (long long)experiment_id);
    *lifecycle_out = (enum mill_lifecycle)sqlite3_column_int(stmt, 3);
    if (location_out != NULL)
        *location_out = mill_arena_copy(a->outcome->arena, db_text(stmt, 2));
    db_done(stmt);
    return MILL_OK;
}

static enum mill_status create_experiment(struct applying *a, struct mill_error *err)
{
    struct mill_arena *arena = a->outcome->arena;
    struct mill_view name = a->change->as.create_experiment.name;
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt = db_query(a->db, SQL_EXPERIMENT_BY_NAME, "t", name);
    if (db_step(a->db, stmt, &st, err)) {
        bool deleted = sqlite3_column_int(stmt, 3) == MILL_DELETED;
        db_done(stmt);
        return mill_fail(err, MILL_E_EXISTS, "experiment name '%.*s' is taken%s",
                         MILL_FMT(name),
                         deleted ? " by a deleted experiment; restore or rename that one" : "");
    }
    if (st != MILL_OK)
        return st;
    stmt = db_query(a->db, SQL_EXPERIMENT_NEXT_ID, "");
    if (!db_step(a->db, stmt, &st, err))
        return st;
    int64_t id = sqlite3_column_int64(stmt, 0);
    db_done(stmt);

    struct mill_view location = mill_experiment_location(
        arena, a->change->as.create_experiment.artifact_location,
        a->change->as.create_experiment.artifact_root, id);
    if (location.ptr == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for an experiment");
    st = db_run(a->db, err, SQL_EXPERIMENT_INSERT, "itti", id, name, location,
                a->change->now_ms);
    for (size_t i = 0; st == MILL_OK && i < a->change->as.create_experiment.tag_count; i++) {
        const struct mill_tag *tag = &a->change->as.create_experiment.tags[i];
        st = db_run(a->db, err, SQL_EXPERIMENT_TAG_SET, "itt", id, tag->key, tag->value);
    }
    a->outcome->experiment_id = id;
    a->store->experiments_changed = true;
    return st;
}

static enum mill_status active_experiment(struct applying *a, int64_t experiment_id,
                                          struct mill_error *err)
{
    enum mill_lifecycle lifecycle;
    enum mill_status st = read_experiment(a, experiment_id, &lifecycle, NULL, err);
    if (st == MILL_OK && lifecycle != MILL_ACTIVE)
        return mill_fail(err, MILL_E_INVALID,
                         "experiment %lld is deleted and cannot be changed; restore it first",
                         (long long)experiment_id);
    return st;
}

static enum mill_status rename_experiment(struct applying *a, struct mill_error *err)
{
    int64_t id = a->change->as.rename.experiment_id;
    struct mill_view name = a->change->as.rename.new_name;
    enum mill_status st = active_experiment(a, id, err);
    if (st != MILL_OK)
        return st;
    sqlite3_stmt *stmt = db_query(a->db, SQL_EXPERIMENT_BY_NAME, "t", name);
    if (db_step(a->db, stmt, &st, err)) {
        bool own = sqlite3_column_int64(stmt, 0) == id;
        db_done(stmt);
        if (!own)
            return mill_fail(err, MILL_E_BAD_REQUEST, "experiment name '%.*s' is taken",
                             MILL_FMT(name));
    }
    if (st != MILL_OK)
        return st;
    a->store->experiments_changed = true;
    return db_run(a->db, err, SQL_EXPERIMENT_RENAME, "tii", name, a->change->now_ms, id);
}

/* Deletes an active experiment or restores a deleted one, all its runs along. */
static enum mill_status set_experiment_lifecycle(struct applying *a, enum mill_lifecycle to,
                                                 struct mill_error *err)
{
    int64_t id = a->change->as.experiment.experiment_id;
    enum mill_lifecycle now;
    enum mill_status st = read_experiment(a, id, &now, NULL, err);
    if (st != MILL_OK)
        return st;
    if (now == to)
        return mill_fail(err, MILL_E_NOT_FOUND, "there is no %s experiment %lld",
                         to == MILL_DELETED ? "active" : "deleted", (long long)id);
    st = db_run(a->db, err, SQL_EXPERIMENT_LIFECYCLE, "iii", (int64_t)to, a->change->now_ms, id);
    if (st == MILL_OK)
        st = db_run(a->db, err, SQL_EXPERIMENT_RUNS_LIFECYCLE, "iii", (int64_t)to,
                    a->change->now_ms, id);
    if (st == MILL_OK)
        st = touch(a, id, MILL_ABSENT, err);
    a->store->experiments_changed = true;
    sqlite_forget(a->store); /* it knows lifecycles */
    return st;
}

static enum mill_status delete_experiment(struct applying *a, struct mill_error *err)
{
    return set_experiment_lifecycle(a, MILL_DELETED, err);
}

static enum mill_status restore_experiment(struct applying *a, struct mill_error *err)
{
    return set_experiment_lifecycle(a, MILL_ACTIVE, err);
}

static enum mill_status set_experiment_tag(struct applying *a, struct mill_error *err)
{
    int64_t id = a->change->as.experiment_tag.experiment_id;
    enum mill_status st = active_experiment(a, id, err);
    if (st != MILL_OK)
        return st;
    a->store->experiments_changed = true;
    return db_run(a->db, err, SQL_EXPERIMENT_TAG_SET, "itt", id,
                  a->change->as.experiment_tag.key, a->change->as.experiment_tag.value);
}

static enum mill_status delete_experiment_tag(struct applying *a, struct mill_error *err)
{
    int64_t id = a->change->as.experiment_tag.experiment_id;
    struct mill_view key = a->change->as.experiment_tag.key;
    enum mill_status st = active_experiment(a, id, err);
    if (st == MILL_OK)
        st = db_run(a->db, err, SQL_EXPERIMENT_TAG_DELETE, "it", id, key);
    if (st == MILL_OK && sqlite3_changes(a->db->handle) == 0)
        return mill_fail(err, MILL_E_NOT_FOUND, "experiment %lld has no tag '%.*s'",
                         (long long)id, MILL_FMT(key));
    a->store->experiments_changed = true;
    return st;
}

/* --- runs --- */

static enum mill_status set_tags(struct applying *a, int64_t run, const struct mill_tag *tags,
                                 size_t count, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < count; i++)
        st = db_run(a->db, err, SQL_TAG_SET, "itt", run, tags[i].key, tags[i].value);
    return st;
}

static enum mill_status create_run(struct applying *a, struct mill_error *err)
{
    struct mill_arena *arena = a->outcome->arena;
    int64_t experiment_id = a->change->as.create_run.experiment_id;
    enum mill_lifecycle lifecycle;
    struct mill_view location;
    enum mill_status st = read_experiment(a, experiment_id, &lifecycle, &location, err);
    if (st != MILL_OK)
        return st;
    if (lifecycle != MILL_ACTIVE)
        return mill_fail(err, MILL_E_INVALID,
                         "experiment %lld is deleted and takes no runs; restore it first",
                         (long long)experiment_id);

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
    st = db_run(a->db, err, SQL_RUN_INSERT, "tittit", run_id, experiment_id,
                run->info.run_name, run->info.user_id, run->info.start_time, uri);
    if (st == MILL_E_EXISTS)
        return mill_fail(err, MILL_E_EXISTS, "run id '%.*s' is taken", MILL_FMT(run_id));
    if (st != MILL_OK)
        return st;
    int64_t id = sqlite3_last_insert_rowid(a->db->handle);
    st = set_tags(a, id, run->tags, run->tag_count, err);
    if (st != MILL_OK)
        return st;
    known_add(a->store, run_id,
              &(struct known_run){
                  .id = id, .experiment_id = experiment_id, .lifecycle = MILL_ACTIVE});
    a->outcome->run = run;
    return touch(a, experiment_id, id, err);
}

/* The public fields of a run, copied into the outcome's arena. */
static enum mill_status read_run_info(struct applying *a, int64_t id, struct mill_error *err)
{
    struct mill_arena *arena = a->outcome->arena;
    struct mill_run *run = mill_arena_zero(arena, 1, sizeof(*run));
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt = db_query(a->db, SQL_RUN_RANGE, "ii", id, id);
    if (run == NULL || !db_step(a->db, stmt, &st, err))
        return st != MILL_OK ? st : mill_fail(err, MILL_E_NOMEM, "out of memory for a run");
    run->info = sqlite_run_info(stmt, arena);
    db_done(stmt);
    a->outcome->run = run;
    return MILL_OK;
}

static enum mill_status rename_run(struct applying *a, int64_t id, struct mill_view name,
                                   struct mill_error *err)
{
    return db_run(a->db, err, SQL_RUN_NAME, "ti", name, id);
}

static enum mill_status update_run(struct applying *a, struct mill_error *err)
{
    struct known_run run;
    size_t known;
    struct mill_view name = a->change->as.update_run.run_name;
    enum mill_status st =
        find_active_run(a, a->change->as.update_run.run_id, &run, &known, err);
    if (st != MILL_OK)
        return st;
    int64_t end_time = a->change->as.update_run.end_time;
    int64_t status = a->change->as.update_run.status;
    if (end_time == MILL_ABSENT)
        st = db_run(a->db, err, SQL_RUN_UPDATE, "iit", run.id, status,
                    (struct mill_view){NULL, 0});
    else
        st = db_run(a->db, err, SQL_RUN_UPDATE, "iii", run.id, status, end_time);
    if (st == MILL_OK && !mill_view_empty(name)) {
        struct mill_tag tag = {MILL_VIEW("mlflow.runName"), name};
        st = rename_run(a, run.id, name, err);
        if (st == MILL_OK)
            st = set_tags(a, run.id, &tag, 1, err);
    }
    if (st == MILL_OK)
        st = read_run_info(a, run.id, err);
    return st == MILL_OK ? touch(a, run.experiment_id, run.id, err) : st;
}

static enum mill_status set_run_lifecycle(struct applying *a, enum mill_lifecycle to,
                                          struct mill_error *err)
{
    struct known_run run;
    size_t known;
    enum mill_status st = find_run(a, a->change->as.run.run_id, &run, &known, err);
    if (st != MILL_OK)
        return st;
    if (known != SIZE_MAX)
        a->store->known[known].lifecycle = to;
    st = db_run(a->db, err, SQL_RUN_LIFECYCLE, "iii", (int64_t)to, a->change->now_ms, run.id);
    return st == MILL_OK ? touch(a, run.experiment_id, run.id, err) : st;
}

static enum mill_status delete_run(struct applying *a, struct mill_error *err)
{
    return set_run_lifecycle(a, MILL_DELETED, err);
}

static enum mill_status restore_run(struct applying *a, struct mill_error *err)
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
        sqlite3_stmt *stmt = db_query(a->db, SQL_PARAM_GET, "it", run->id, param->key);
        if (!db_step(a->db, stmt, &st, err)) {
            if (st != MILL_OK)
                return st;
            continue;
        }
        struct mill_view old = db_text(stmt, 0);
        if (!mill_view_eq(old, param->value))
            st = mill_fail(err, MILL_E_INVALID,
                           "param '%.*s' of run '%.*s' has the value '%.*s' and cannot become "
                           "'%.*s': params are written once",
                           MILL_FMT(param->key), MILL_FMT(a->change->as.log.run_id),
                           MILL_FMT(mill_utf8_prefix(old, 60)),
                           MILL_FMT(mill_utf8_prefix(param->value, 60)));
        db_done(stmt);
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
        st = db_run(a->db, err, SQL_PARAM_INSERT, "itt", run->id, param->key, param->value);
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
            st = db_run(a->db, err, SQL_METRIC_LINK_INSERT, "itiidttt", run->id,
                        metrics[i].key, metrics[i].step, metrics[i].timestamp,
                        metrics[i].value, link->model_id, link->dataset_name,
                        link->dataset_digest);
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

static enum mill_status log_data(struct applying *a, struct mill_error *err)
{
    struct known_run run;
    size_t known;
    enum mill_status st = find_active_run(a, a->change->as.log.run_id, &run, &known, err);
    if (st == MILL_OK)
        st = check_params(a, &run, err);
    if (st == MILL_OK)
        st = add_params(a, &run, known, err);
    if (st == MILL_OK)
        st = set_tags(a, run.id, a->change->as.log.tags, a->change->as.log.tag_count, err);
    for (size_t i = 0; st == MILL_OK && i < a->change->as.log.tag_count; i++)
        if (mill_view_eq(a->change->as.log.tags[i].key, MILL_VIEW("mlflow.runName")))
            st = rename_run(a, run.id, a->change->as.log.tags[i].value, err);
    if (st == MILL_OK)
        st = add_metrics(a, &run, known, err);
    return st == MILL_OK ? touch(a, run.experiment_id, run.id, err) : st;
}

static enum mill_status delete_tag(struct applying *a, struct mill_error *err)
{
    struct known_run run;
    size_t known;
    struct mill_view key = a->change->as.run_tag.key;
    enum mill_status st = find_active_run(a, a->change->as.run_tag.run_id, &run, &known, err);
    if (st == MILL_OK)
        st = db_run(a->db, err, SQL_TAG_DELETE, "it", run.id, key);
    if (st == MILL_OK && sqlite3_changes(a->db->handle) == 0)
        return mill_fail(err, MILL_E_NOT_FOUND, "run '%.*s' has no tag '%.*s'",
                         MILL_FMT(a->change->as.run_tag.run_id), MILL_FMT(key));
    return st == MILL_OK ? touch(a, run.experiment_id, run.id, err) : st;
}

static enum mill_status append_tag_json(struct applying *a, struct mill_error *err)
{
    struct known_run run;
    size_t known;
    struct mill_tag tag = {a->change->as.append.key, {NULL, 0}};
    enum mill_status st = find_active_run(a, a->change->as.append.run_id, &run, &known, err);
    if (st != MILL_OK)
        return st;
    sqlite3_stmt *stmt = db_query(a->db, SQL_TAG_GET, "it", run.id, tag.key);
    bool there = db_step(a->db, stmt, &st, err);
    if (st != MILL_OK)
        return st;
    tag.value = mill_json_list_append(a->outcome->arena,
                                      there ? db_text(stmt, 0) : (struct mill_view){NULL, 0},
                                      a->change->as.append.json);
    if (there)
        db_done(stmt);
    if (tag.value.ptr == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for a tag");
    if (mill_utf8_length(tag.value) > MILL_MAX_RUN_TAG_VALUE)
        return mill_fail(err, MILL_E_INVALID,
                         "tag '%.*s' would be longer than %d characters with this entry",
                         MILL_FMT(tag.key), MILL_MAX_RUN_TAG_VALUE);
    st = set_tags(a, run.id, &tag, 1, err);
    return st == MILL_OK ? touch(a, run.experiment_id, run.id, err) : st;
}

/* --- inputs and outputs --- */

static enum mill_status dataset_id(struct applying *a, int64_t experiment_id,
                                   const struct mill_dataset *d, int64_t *out,
                                   struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt =
        db_query(a->db, SQL_DATASET_FIND, "itt", experiment_id, d->name, d->digest);
    if (db_step(a->db, stmt, &st, err)) {
        *out = sqlite3_column_int64(stmt, 0);
        db_done(stmt);
        return MILL_OK;
    }
    if (st != MILL_OK)
        return st;
    st = db_run(a->db, err, SQL_DATASET_INSERT, "itttttt", experiment_id, d->name, d->digest,
                d->source_type, d->source, d->schema, d->profile);
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
    sqlite3_stmt *stmt = db_query(a->db, SQL_INPUT_FIND, "ii", run->id, dataset);
    if (db_step(a->db, stmt, &st, err)) {
        db_done(stmt);
        return MILL_OK; /* the first use of a dataset by a run keeps its tags */
    }
    if (st == MILL_OK)
        st = db_run(a->db, err, SQL_INPUT_INSERT, "ii", run->id, dataset);
    int64_t id = sqlite3_last_insert_rowid(a->db->handle);
    for (size_t i = 0; st == MILL_OK && i < input->tag_count; i++)
        st = db_run(a->db, err, SQL_INPUT_TAG_SET, "itt", id, input->tags[i].key,
                    input->tags[i].value);
    return st;
}

static enum mill_status log_inputs(struct applying *a, struct mill_error *err)
{
    struct known_run run;
    size_t known;
    enum mill_status st = find_active_run(a, a->change->as.inputs.run_id, &run, &known, err);
    for (size_t i = 0; st == MILL_OK && i < a->change->as.inputs.dataset_count; i++)
        st = add_input(a, &run, &a->change->as.inputs.datasets[i], err);
    for (size_t i = 0; st == MILL_OK && i < a->change->as.inputs.model_count; i++)
        st = db_run(a->db, err, SQL_MODEL_INPUT_SET, "it", run.id,
                    a->change->as.inputs.models[i].model_id);
    return st == MILL_OK ? touch(a, run.experiment_id, run.id, err) : st;
}

static enum mill_status log_outputs(struct applying *a, struct mill_error *err)
{
    struct known_run run;
    size_t known;
    enum mill_status st = find_active_run(a, a->change->as.outputs.run_id, &run, &known, err);
    for (size_t i = 0; st == MILL_OK && i < a->change->as.outputs.model_count; i++) {
        const struct mill_model_output *model = &a->change->as.outputs.models[i];
        st = db_run(a->db, err, SQL_MODEL_OUTPUT_SET, "iti", run.id, model->model_id,
                    model->step != MILL_ABSENT ? model->step : (int64_t)0);
    }
    return st == MILL_OK ? touch(a, run.experiment_id, run.id, err) : st;
}

/* --- groups --- */

typedef enum mill_status applier(struct applying *a, struct mill_error *err);

static applier *const appliers[] = {
    [MILL_CHANGE_CREATE_EXPERIMENT] = create_experiment,
    [MILL_CHANGE_RENAME_EXPERIMENT] = rename_experiment,
    [MILL_CHANGE_DELETE_EXPERIMENT] = delete_experiment,
    [MILL_CHANGE_RESTORE_EXPERIMENT] = restore_experiment,
    [MILL_CHANGE_SET_EXPERIMENT_TAG] = set_experiment_tag,
    [MILL_CHANGE_DELETE_EXPERIMENT_TAG] = delete_experiment_tag,
    [MILL_CHANGE_CREATE_RUN] = create_run,
    [MILL_CHANGE_UPDATE_RUN] = update_run,
    [MILL_CHANGE_DELETE_RUN] = delete_run,
    [MILL_CHANGE_RESTORE_RUN] = restore_run,
    [MILL_CHANGE_LOG] = log_data,
    [MILL_CHANGE_DELETE_TAG] = delete_tag,
    [MILL_CHANGE_LOG_INPUTS] = log_inputs,
    [MILL_CHANGE_LOG_OUTPUTS] = log_outputs,
    [MILL_CHANGE_APPEND_TAG_JSON] = append_tag_json,
};

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
        st = db_run(s->writer, err, SQL_TAIL_INSERT, "ib", s->tails[i].run,
                    mill_buf_view(&s->tails[i].tail.bytes));
    return st;
}

static enum mill_status apply_in_transaction(struct sqlite_store *s,
                                             struct mill_pending **pending, size_t count,
                                             struct mill_error *err)
{
    enum mill_status st = db_run(s->writer, err, SQL_BEGIN_WRITE, "");
    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        struct mill_outcome *outcome = &pending[i]->outcome;
        struct applying a = {s, s->writer, pending[i]->change, outcome};
        outcome->status = appliers[pending[i]->change->kind](&a, &outcome->error);
        if (outcome->status != MILL_OK && !is_refusal(outcome->status)) {
            st = outcome->status;
            if (err != NULL)
                *err = outcome->error;
        }
    }
    if (st == MILL_OK)
        st = write_tails(s, err);
    if (st == MILL_OK)
        st = db_run(s->writer, err, SQL_COMMIT, "");
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
            upkeep_merge(s->upkeep, run->id);
        }
    }
    if (s->tail_count != 0)
        upkeep_committed(s->upkeep);
}

static void after_commit(struct sqlite_store *s)
{
    if (s->experiments_changed)
        atomic_fetch_add(&s->experiments_version, 1);
    for (size_t i = 0; i < s->touched_count; i++)
        mill_cache_touch(s->cache, s->touched[i].experiment_id, s->touched[i].run);
    count_tails(s);
}

static enum mill_status apply_group(struct sqlite_store *s, struct mill_pending **pending,
                                    size_t count, struct mill_error *err)
{
    s->tail_count = 0;
    s->touched_count = 0;
    s->experiments_changed = false;
    enum mill_status st = apply_in_transaction(s, pending, count, err);
    if (st == MILL_OK) {
        after_commit(s);
        return MILL_OK;
    }
    if (sqlite3_get_autocommit(s->writer->handle) == 0)
        db_run(s->writer, NULL, SQL_ROLLBACK, "");
    sqlite_forget(s);
    for (size_t i = 0; i < count; i++) {
        pending[i]->outcome.status = st;
        pending[i]->outcome.run = NULL;
        if (err != NULL)
            pending[i]->outcome.error = *err;
    }
    return st;
}

enum mill_status sqlite_apply(struct mill_store *store, struct mill_pending **pending,
                              size_t count, struct mill_error *err)
{
    struct sqlite_store *s = (struct sqlite_store *)store;
    struct mill_error local;
    if (err == NULL)
        err = &local;
    if (s->read_only)
        return mill_fail(err, MILL_E_DENIED, "%s was opened for reading only", s->path);

    turn_take(&s->write_lock);
    enum mill_status st = apply_group(s, pending, count, err);
    /* One change that storage cannot take must not fail its neighbours: each on its own. */
    if (st != MILL_OK && count > 1) {
        st = MILL_OK;
        for (size_t i = 0; i < count; i++) {
            enum mill_status one = apply_group(s, &pending[i], 1, err);
            st = st == MILL_OK ? one : st;
        }
    }
    turn_give(&s->write_lock);
    return st;
}
