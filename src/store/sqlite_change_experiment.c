/* sqlite_change_experiment.c - changes of experiments, on the SQLite store. */
#include "store/entity.h"
#include "store/sqlite_apply.h"

enum mill_status mill_applying_experiment(struct applying *a, int64_t experiment_id,
                                          enum mill_lifecycle *lifecycle_out,
                                          struct mill_view *location_out,
                                          struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt = mill_db_query(a->db, SQL_EXPERIMENT_BY_ID, "i", experiment_id);
    if (!mill_db_step(a->db, stmt, &st, err))
        return st != MILL_OK ? st
                             : mill_fail(err, MILL_E_NOT_FOUND, "there is no experiment %lld",
                                         (long long)experiment_id);
    *lifecycle_out = (enum mill_lifecycle)sqlite3_column_int(stmt, 3);
    if (location_out != NULL)
        *location_out = mill_arena_copy(a->outcome->arena, mill_db_text(stmt, 2));
    mill_db_done(stmt);
    return MILL_OK;
}

enum mill_status mill_applying_active_experiment(struct applying *a, int64_t experiment_id,
                                                 const char *what,
                                                 struct mill_view *location_out,
                                                 struct mill_error *err)
{
    enum mill_lifecycle lifecycle;
    enum mill_status st =
        mill_applying_experiment(a, experiment_id, &lifecycle, location_out, err);
    if (st == MILL_OK && lifecycle != MILL_ACTIVE)
        st = mill_fail(err, MILL_E_INVALID,
                       "experiment %lld is deleted and takes no %s; restore it first",
                       (long long)experiment_id, what);
    return st;
}

enum mill_status mill_apply_create_experiment(struct applying *a, struct mill_error *err)
{
    struct mill_arena *arena = a->outcome->arena;
    struct mill_view name = a->change->as.create_experiment.name;
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt = mill_db_query(a->db, SQL_EXPERIMENT_BY_NAME, "t", name);
    if (mill_db_step(a->db, stmt, &st, err)) {
        bool deleted = sqlite3_column_int(stmt, 3) == MILL_DELETED;
        mill_db_done(stmt);
        return mill_fail(err, MILL_E_EXISTS, "experiment name '%.*s' is taken%s",
                         MILL_FMT(name),
                         deleted ? " by a deleted experiment; restore or rename that one" : "");
    }
    if (st != MILL_OK)
        return st;
    stmt = mill_db_query(a->db, SQL_EXPERIMENT_NEXT_ID, "");
    if (!mill_db_step(a->db, stmt, &st, err))
        return st;
    int64_t id = sqlite3_column_int64(stmt, 0);
    mill_db_done(stmt);

    struct mill_view location =
        mill_experiment_location(arena, a->change->as.create_experiment.artifact_location,
                                 a->change->as.create_experiment.artifact_root, id);
    if (location.ptr == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for an experiment");
    st = mill_db_run(a->db, err, SQL_EXPERIMENT_INSERT, "itti", id, name, location,
                     a->change->now_ms);
    for (size_t i = 0; st == MILL_OK && i < a->change->as.create_experiment.tag_count; i++) {
        const struct mill_tag *tag = &a->change->as.create_experiment.tags[i];
        st = mill_db_run(a->db, err, SQL_EXPERIMENT_TAG_SET, "itt", id, tag->key, tag->value);
    }
    a->outcome->experiment_id = id;
    a->store->experiments_changed = true;
    return st;
}

static enum mill_status active_experiment(struct applying *a, int64_t experiment_id,
                                          struct mill_error *err)
{
    enum mill_lifecycle lifecycle;
    enum mill_status st = mill_applying_experiment(a, experiment_id, &lifecycle, NULL, err);
    if (st == MILL_OK && lifecycle != MILL_ACTIVE)
        return mill_fail(err, MILL_E_INVALID,
                         "experiment %lld is deleted and cannot be changed; restore it first",
                         (long long)experiment_id);
    return st;
}

enum mill_status mill_apply_rename_experiment(struct applying *a, struct mill_error *err)
{
    int64_t id = a->change->as.rename.experiment_id;
    struct mill_view name = a->change->as.rename.new_name;
    enum mill_status st = active_experiment(a, id, err);
    if (st != MILL_OK)
        return st;
    sqlite3_stmt *stmt = mill_db_query(a->db, SQL_EXPERIMENT_BY_NAME, "t", name);
    if (mill_db_step(a->db, stmt, &st, err)) {
        bool own = sqlite3_column_int64(stmt, 0) == id;
        mill_db_done(stmt);
        if (!own)
            return mill_fail(err, MILL_E_BAD_REQUEST, "experiment name '%.*s' is taken",
                             MILL_FMT(name));
    }
    if (st != MILL_OK)
        return st;
    a->store->experiments_changed = true;
    return mill_db_run(a->db, err, SQL_EXPERIMENT_RENAME, "tii", name, a->change->now_ms, id);
}

/* Deletes an active experiment or restores a deleted one, all its runs along. */
static enum mill_status set_experiment_lifecycle(struct applying *a, enum mill_lifecycle to,
                                                 struct mill_error *err)
{
    int64_t id = a->change->as.experiment.experiment_id;
    enum mill_lifecycle now;
    enum mill_status st = mill_applying_experiment(a, id, &now, NULL, err);
    if (st != MILL_OK)
        return st;
    if (now == to)
        return mill_fail(err, MILL_E_NOT_FOUND, "there is no %s experiment %lld",
                         to == MILL_DELETED ? "active" : "deleted", (long long)id);
    st = mill_db_run(a->db, err, SQL_EXPERIMENT_LIFECYCLE, "iii", (int64_t)to,
                     a->change->now_ms, id);
    if (st == MILL_OK)
        st = mill_db_run(a->db, err, SQL_EXPERIMENT_RUNS_LIFECYCLE, "iii", (int64_t)to,
                         a->change->now_ms, id);
    if (st == MILL_OK)
        st = mill_applying_touch(a, id, MILL_ABSENT, err);
    a->store->experiments_changed = true;
    mill_sqlite_forget(a->store); /* it knows lifecycles */
    return st;
}

enum mill_status mill_apply_delete_experiment(struct applying *a, struct mill_error *err)
{
    return set_experiment_lifecycle(a, MILL_DELETED, err);
}

enum mill_status mill_apply_restore_experiment(struct applying *a, struct mill_error *err)
{
    return set_experiment_lifecycle(a, MILL_ACTIVE, err);
}

enum mill_status mill_apply_set_experiment_tag(struct applying *a, struct mill_error *err)
{
    int64_t id = a->change->as.experiment_tag.experiment_id;
    enum mill_status st = active_experiment(a, id, err);
    if (st != MILL_OK)
        return st;
    a->store->experiments_changed = true;
    return mill_db_run(a->db, err, SQL_EXPERIMENT_TAG_SET, "itt", id,
                       a->change->as.experiment_tag.key, a->change->as.experiment_tag.value);
}

enum mill_status mill_apply_delete_experiment_tag(struct applying *a, struct mill_error *err)
{
    int64_t id = a->change->as.experiment_tag.experiment_id;
    struct mill_view key = a->change->as.experiment_tag.key;
    enum mill_status st = active_experiment(a, id, err);
    if (st == MILL_OK)
        st = mill_db_run(a->db, err, SQL_EXPERIMENT_TAG_DELETE, "it", id, key);
    if (st == MILL_OK && sqlite3_changes(a->db->handle) == 0)
        return mill_fail(err, MILL_E_NOT_FOUND, "experiment %lld has no tag '%.*s'",
                         (long long)id, MILL_FMT(key));
    a->store->experiments_changed = true;
    return st;
}
