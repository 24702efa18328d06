/* sqlite_change_logged_model.c - changes of logged models, on the SQLite store. */
#include "store/logged_models.h"
#include "store/sqlite_apply.h"

static enum mill_status no_model(struct mill_view model_id, struct mill_error *err)
{
    return mill_fail(err, MILL_E_NOT_FOUND, "there is no logged model '%.*s'",
                     MILL_FMT(mill_utf8_prefix(model_id, 60)));
}

/* The row of a model, deleted ones included. */
static enum mill_status find(struct applying *a, struct mill_view model_id, int64_t *id_out,
                             struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt = mill_db_query(a->db, SQL_LOGGED_MODEL_FIND, "t", model_id);
    if (!mill_db_step(a->db, stmt, &st, err))
        return st != MILL_OK ? st : no_model(model_id, err);
    *id_out = sqlite3_column_int64(stmt, 0);
    mill_db_done(stmt);
    return MILL_OK;
}

static enum mill_status add_params(struct applying *a, int64_t id,
                                   const struct mill_param *params, size_t count,
                                   struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < count; i++)
        st = mill_db_run(a->db, err, SQL_LOGGED_MODEL_PARAM_INSERT, "itt", id, params[i].key,
                         params[i].value);
    return st;
}

static enum mill_status set_tags(struct applying *a, int64_t id, const struct mill_tag *tags,
                                 size_t count, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < count; i++)
        st = mill_db_run(a->db, err, SQL_LOGGED_MODEL_TAG_SET, "itt", id, tags[i].key,
                         tags[i].value);
    return st;
}

static enum mill_status give_model(struct applying *a, struct mill_view model_id,
                                   struct mill_error *err)
{
    struct mill_logged_model *model = mill_arena_zero(a->outcome->arena, 1, sizeof(*model));
    if (model == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for a logged model");
    a->outcome->logged_model = model;
    return mill_sqlite_read_logged_model(a->db, model_id, true, a->outcome->arena, model, err);
}

enum mill_status mill_apply_create_logged_model(struct applying *a, struct mill_error *err)
{
    struct mill_view model_id = a->change->as.create_logged_model.model_id;
    int64_t experiment_id = a->change->as.create_logged_model.experiment_id;
    struct mill_view location;
    enum mill_status st =
        mill_applying_active_experiment(a, experiment_id, "models", &location, err);
    if (st != MILL_OK)
        return st;
    struct mill_view uri = mill_logged_model_uri(a->outcome->arena, location, model_id);
    if (uri.ptr == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for a logged model");
    st = mill_db_run(a->db, err, SQL_LOGGED_MODEL_INSERT, "tittiitt", model_id, experiment_id,
                     a->change->as.create_logged_model.name, uri, a->change->now_ms,
                     (int64_t)MILL_LOGGED_MODEL_PENDING,
                     a->change->as.create_logged_model.model_type,
                     a->change->as.create_logged_model.source_run_id);
    if (st == MILL_E_EXISTS)
        return mill_fail(err, MILL_E_EXISTS, "model id '%.*s' is taken", MILL_FMT(model_id));
    int64_t id = sqlite3_last_insert_rowid(a->db->handle);
    if (st == MILL_OK)
        st = add_params(a, id, a->change->as.create_logged_model.params,
                        a->change->as.create_logged_model.param_count, err);
    if (st == MILL_OK)
        st = set_tags(a, id, a->change->as.create_logged_model.tags,
                      a->change->as.create_logged_model.tag_count, err);
    return st == MILL_OK ? give_model(a, model_id, err) : st;
}

enum mill_status mill_apply_finalize_logged_model(struct applying *a, struct mill_error *err)
{
    struct mill_view model_id = a->change->as.finalize_logged_model.model_id;
    int64_t id;
    enum mill_status st = find(a, model_id, &id, err);
    if (st == MILL_OK)
        st = mill_db_run(a->db, err, SQL_LOGGED_MODEL_STATUS, "iii",
                         (int64_t)a->change->as.finalize_logged_model.status, a->change->now_ms,
                         id);
    return st == MILL_OK ? give_model(a, model_id, err) : st;
}

enum mill_status mill_apply_delete_logged_model(struct applying *a, struct mill_error *err)
{
    int64_t id;
    enum mill_status st = find(a, a->change->as.logged_model.model_id, &id, err);
    if (st == MILL_OK)
        st = mill_db_run(a->db, err, SQL_LOGGED_MODEL_DELETE, "ii", a->change->now_ms, id);
    return st;
}

enum mill_status mill_apply_tag_logged_model(struct applying *a, struct mill_error *err)
{
    int64_t id;
    enum mill_status st = find(a, a->change->as.logged_model_tags.model_id, &id, err);
    if (st == MILL_OK)
        st = set_tags(a, id, a->change->as.logged_model_tags.tags,
                      a->change->as.logged_model_tags.tag_count, err);
    return st;
}

enum mill_status mill_apply_untag_logged_model(struct applying *a, struct mill_error *err)
{
    struct mill_view model_id = a->change->as.logged_model_tag.model_id;
    struct mill_view key = a->change->as.logged_model_tag.key;
    int64_t id;
    enum mill_status st = find(a, model_id, &id, err);
    if (st == MILL_OK)
        st = mill_db_run(a->db, err, SQL_LOGGED_MODEL_TAG_DELETE, "it", id, key);
    if (st == MILL_OK && sqlite3_changes(a->db->handle) == 0)
        return mill_fail(err, MILL_E_NOT_FOUND, "logged model '%.*s' has no tag '%.*s'",
                         MILL_FMT(model_id), MILL_FMT(mill_utf8_prefix(key, 60)));
    return st;
}

enum mill_status mill_applying_note_version(struct applying *a, struct mill_view model_id,
                                            struct mill_view name, int64_t version,
                                            struct mill_error *err)
{
    struct mill_tag tag = {.key = MILL_VIEW(MILL_MODEL_VERSIONS_TAG)};
    int64_t id;
    enum mill_status st = find(a, model_id, &id, err);
    if (st != MILL_OK)
        return st == MILL_E_NOT_FOUND ? MILL_OK : st;
    sqlite3_stmt *stmt = mill_db_query(a->db, SQL_LOGGED_MODEL_TAG_GET, "it", id, tag.key);
    bool there = mill_db_step(a->db, stmt, &st, err);
    if (st != MILL_OK)
        return st;
    tag.value = mill_logged_model_versions(
        a->outcome->arena, there ? mill_db_text(stmt, 0) : (struct mill_view){NULL, 0}, name,
        version);
    if (there)
        mill_db_done(stmt);
    if (tag.value.ptr == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for a logged model");
    return set_tags(a, id, &tag, 1, err);
}

/* A param is written once, whatever its value. */
enum mill_status mill_apply_log_model_params(struct applying *a, struct mill_error *err)
{
    const struct mill_param *params = a->change->as.logged_model_params.params;
    size_t count = a->change->as.logged_model_params.param_count;
    int64_t id;
    enum mill_status st = find(a, a->change->as.logged_model_params.model_id, &id, err);
    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        sqlite3_stmt *stmt =
            mill_db_query(a->db, SQL_LOGGED_MODEL_PARAM_GET, "it", id, params[i].key);
        if (!mill_db_step(a->db, stmt, &st, err))
            continue;
        mill_db_done(stmt);
        st = mill_fail(err, MILL_E_BAD_REQUEST,
                       "param '%.*s' of logged model '%.*s' is there; params are written once",
                       MILL_FMT(mill_utf8_prefix(params[i].key, 60)),
                       MILL_FMT(a->change->as.logged_model_params.model_id));
    }
    return st == MILL_OK ? add_params(a, id, params, count, err) : st;
}

enum mill_status mill_applying_linked_models(struct applying *a,
                                             const struct mill_metric *metrics, size_t count,
                                             struct mill_error *err)
{
    struct mill_view last = {NULL, 0};
    for (size_t i = 0; i < count; i++) {
        struct mill_view model_id = {NULL, 0};
        int64_t id;
        if (metrics[i].link != NULL)
            model_id = metrics[i].link->model_id;
        if (model_id.len == 0 || mill_view_eq(model_id, last))
            continue;
        enum mill_status st = find(a, model_id, &id, err);
        if (st == MILL_E_NOT_FOUND)
            return mill_fail(
                err, MILL_E_BAD_REQUEST,
                "metric '%.*s' names the logged model '%.*s', which does not exist",
                MILL_FMT(metrics[i].key), MILL_FMT(mill_utf8_prefix(model_id, 60)));
        if (st != MILL_OK)
            return st;
        last = model_id;
    }
    return MILL_OK;
}
