/* sqlite_change_model.c - changes of the model registry, on the SQLite store. */
#include "base/alloc.h"
#include "base/view.h"
#include "model/limits.h"
#include "model/registry.h"
#include "store/sqlite_apply.h"
#include "store/sqlite_models.h"

static enum mill_status find(struct applying *a, struct mill_view name,
                             struct stored_model *out, struct mill_error *err)
{
    return mill_sqlite_find_model(a->db, name, a->outcome->arena, out, err);
}

/* A model and one of its versions, which must be there. */
static enum mill_status find_version(struct applying *a, struct mill_view name, int64_t version,
                                     struct stored_model *out, struct mill_error *err)
{
    enum mill_status st = find(a, name, out, err);
    if (st != MILL_OK)
        return st;
    sqlite3_stmt *stmt = mill_db_query(a->db, SQL_VERSION_GET, "ii", out->id, version);
    if (!mill_db_step(a->db, stmt, &st, err))
        return st != MILL_OK ? st : mill_no_version(name, version, err);
    mill_db_done(stmt);
    return MILL_OK;
}

/* --- outcomes --- */

static enum mill_status give_model(struct applying *a, int64_t id, struct mill_error *err)
{
    struct mill_arena *arena = a->outcome->arena;
    struct mill_registered_model *value = mill_arena_zero(arena, 1, sizeof(*value));
    struct stored_model model;
    if (value == NULL)
        return mill_no_memory(err);
    enum mill_status st = mill_sqlite_find_model_id(a->db, id, arena, &model, err);
    if (st == MILL_OK)
        st = mill_sqlite_find_latest(a->db, &model, arena, err);
    if (st != MILL_OK)
        return st;
    *value = model.value;
    a->outcome->model = value;
    return MILL_OK;
}

static enum mill_status give_version(struct applying *a, const struct stored_model *model,
                                     int64_t version, struct mill_error *err)
{
    struct mill_arena *arena = a->outcome->arena;
    struct mill_model_version *value = mill_arena_zero(arena, 1, sizeof(*value));
    if (value == NULL)
        return mill_no_memory(err);
    a->outcome->model_version = value;
    return mill_sqlite_find_version(a->db, model, version, arena, value, NULL, err);
}

/* --- models --- */

/* Whether no model has a name, but perhaps that one. */
static enum mill_status name_is_free(struct applying *a, struct mill_view name, int64_t but,
                                     struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt = mill_db_query(a->db, SQL_MODEL_BY_NAME, "t", name);
    if (!mill_db_step(a->db, stmt, &st, err))
        return st;
    int64_t id = sqlite3_column_int64(stmt, 0);
    mill_db_done(stmt);
    if (id == but)
        return MILL_OK;
    return mill_fail(err, MILL_E_EXISTS, "registered model '%.*s' is there already",
                     MILL_FMT(name));
}

enum mill_status mill_apply_create_model(struct applying *a, struct mill_error *err)
{
    const struct mill_change *c = a->change;
    enum mill_status st = name_is_free(a, c->as.model.name, 0, err);
    if (st == MILL_OK)
        st = mill_db_run(a->db, err, SQL_MODEL_INSERT, "tti", c->as.model.name,
                         c->as.model.description, c->now_ms);
    if (st != MILL_OK)
        return st;
    int64_t id = sqlite3_last_insert_rowid(a->db->handle);
    for (size_t i = 0; st == MILL_OK && i < c->as.model.tag_count; i++)
        st = mill_db_run(a->db, err, SQL_MODEL_TAG_SET, "itt", id, c->as.model.tags[i].key,
                         c->as.model.tags[i].value);
    if (st == MILL_OK)
        st = give_model(a, id, err);
    return st == MILL_OK ? mill_applying_touch_model(a, id, MILL_ABSENT, err) : st;
}

enum mill_status mill_apply_rename_model(struct applying *a, struct mill_error *err)
{
    const struct mill_change *c = a->change;
    struct stored_model model;
    enum mill_status st = find(a, c->as.model.name, &model, err);
    if (st == MILL_OK)
        st = name_is_free(a, c->as.model.new_name, model.id, err);
    if (st == MILL_OK)
        st = mill_db_run(a->db, err, SQL_MODEL_RENAME, "tii", c->as.model.new_name, c->now_ms,
                         model.id);
    if (st == MILL_OK)
        st = mill_db_run(a->db, err, SQL_VERSION_TOUCH_ALL, "ii", c->now_ms, model.id);
    if (st == MILL_OK)
        st = give_model(a, model.id, err);
    return st == MILL_OK ? mill_applying_touch_model(a, model.id, MILL_ABSENT, err) : st;
}

enum mill_status mill_apply_update_model(struct applying *a, struct mill_error *err)
{
    const struct mill_change *c = a->change;
    struct stored_model model;
    enum mill_status st = find(a, c->as.model.name, &model, err);
    if (st == MILL_OK)
        st = mill_db_run(a->db, err, SQL_MODEL_DESCRIBE, "tii", c->as.model.description,
                         c->now_ms, model.id);
    if (st == MILL_OK)
        st = give_model(a, model.id, err);
    return st == MILL_OK ? mill_applying_touch_model(a, model.id, 0, err) : st;
}

enum mill_status mill_apply_delete_model(struct applying *a, struct mill_error *err)
{
    static const enum db_sql deletions[] = {
        SQL_MODEL_DELETE_VERSION_TAGS, SQL_MODEL_DELETE_VERSIONS, SQL_MODEL_DELETE_ALIASES,
        SQL_MODEL_DELETE_TAGS,         SQL_MODEL_DELETE,
    };
    struct stored_model model;
    enum mill_status st = find(a, a->change->as.model.name, &model, err);
    for (size_t i = 0; st == MILL_OK && i < MILL_COUNT(deletions); i++)
        st = mill_db_run(a->db, err, deletions[i], "i", model.id);
    return st == MILL_OK ? mill_applying_touch_model(a, model.id, MILL_ABSENT, err) : st;
}

/* --- tags --- */

/* Whether the model is a prompt when its tag was changed. */
static bool tagged_is_prompt(const struct mill_change *c, const struct stored_model *model)
{
    struct mill_tag tag = {c->as.model_tag.key, c->as.model_tag.value};

    if (mill_view_eq(tag.key, MILL_VIEW(MILL_PROMPT_TAG)))
        return c->kind == MILL_CHANGE_SET_MODEL_TAG && mill_is_prompt(&tag, 1);
    return mill_is_prompt(model->value.tags, model->value.tag_count);
}

enum mill_status mill_apply_tag_model(struct applying *a, struct mill_error *err)
{
    const struct mill_change *c = a->change;
    struct stored_model model;
    enum mill_status st = find(a, c->as.model_tag.name, &model, err);
    if (st == MILL_OK && c->kind == MILL_CHANGE_SET_MODEL_TAG)
        st = mill_db_run(a->db, err, SQL_MODEL_TAG_SET, "itt", model.id, c->as.model_tag.key,
                         c->as.model_tag.value);
    else if (st == MILL_OK)
        st = mill_db_run(a->db, err, SQL_MODEL_TAG_DELETE, "it", model.id, c->as.model_tag.key);
    a->outcome->is_prompt = st == MILL_OK && tagged_is_prompt(c, &model);
    return st == MILL_OK ? mill_applying_touch_model(a, model.id, 0, err) : st;
}

enum mill_status mill_apply_tag_version(struct applying *a, struct mill_error *err)
{
    const struct mill_change *c = a->change;
    int64_t version = c->as.model_tag.version;
    struct stored_model model;
    enum mill_status st = find_version(a, c->as.model_tag.name, version, &model, err);
    if (st == MILL_OK && c->kind == MILL_CHANGE_SET_VERSION_TAG)
        st = mill_db_run(a->db, err, SQL_VERSION_TAG_SET, "iitt", model.id, version,
                         c->as.model_tag.key, c->as.model_tag.value);
    else if (st == MILL_OK)
        st = mill_db_run(a->db, err, SQL_VERSION_TAG_DELETE, "iit", model.id, version,
                         c->as.model_tag.key);
    a->outcome->is_prompt =
        st == MILL_OK && mill_is_prompt(model.value.tags, model.value.tag_count);
    return st == MILL_OK ? mill_applying_touch_model(a, model.id, version, err) : st;
}

/* --- aliases --- */

/* The version that an alias points to, 0 without the alias. */
static int64_t version_of_alias(const struct stored_model *model, struct mill_view alias)
{
    for (size_t i = 0; i < model->value.alias_count; i++)
        if (mill_view_eq(model->value.aliases[i].alias, alias))
            return model->value.aliases[i].version;
    return 0;
}

/* Where it was and where it is now, the versions say which aliases they have. */
static enum mill_status touch_alias(struct applying *a, int64_t model, int64_t before,
                                    int64_t now, struct mill_error *err)
{
    enum mill_status st = mill_applying_touch_model(a, model, before, err);
    return st == MILL_OK && now != before ? mill_applying_touch_model(a, model, now, err) : st;
}

enum mill_status mill_apply_set_model_alias(struct applying *a, struct mill_error *err)
{
    const struct mill_change *c = a->change;
    struct mill_view alias = c->as.model_alias.alias;
    int64_t version = c->as.model_alias.version;
    struct stored_model model;
    enum mill_status st = find_version(a, c->as.model_alias.name, version, &model, err);
    if (st != MILL_OK)
        return st;
    int64_t before = version_of_alias(&model, alias);
    if (before == 0 && model.value.alias_count >= MILL_MAX_MODEL_ALIASES)
        return mill_fail(err, MILL_E_INVALID,
                         "model '%.*s' has %d aliases already; no more are allowed",
                         MILL_FMT(model.value.name), MILL_MAX_MODEL_ALIASES);
    a->outcome->is_prompt = mill_is_prompt(model.value.tags, model.value.tag_count);
    st = mill_db_run(a->db, err, SQL_MODEL_ALIAS_SET, "iti", model.id, alias, version);
    return st == MILL_OK ? touch_alias(a, model.id, before, version, err) : st;
}

enum mill_status mill_apply_delete_model_alias(struct applying *a, struct mill_error *err)
{
    const struct mill_change *c = a->change;
    struct stored_model model;
    enum mill_status st = find(a, c->as.model_alias.name, &model, err);
    if (st != MILL_OK)
        return st;
    int64_t before = version_of_alias(&model, c->as.model_alias.alias);
    a->outcome->is_prompt = mill_is_prompt(model.value.tags, model.value.tag_count);
    st = mill_db_run(a->db, err, SQL_MODEL_ALIAS_DELETE, "it", model.id,
                     c->as.model_alias.alias);
    return st == MILL_OK ? touch_alias(a, model.id, before, before, err) : st;
}

/* --- versions --- */

enum mill_status mill_apply_create_model_version(struct applying *a, struct mill_error *err)
{
    const struct mill_change *c = a->change;
    struct stored_model model;
    enum mill_status st = find(a, c->as.model_version.name, &model, err);
    if (st != MILL_OK)
        return st;
    int64_t version = model.last_version + 1;
    st = mill_db_run(a->db, err, SQL_MODEL_NEXT_VERSION, "ii", c->now_ms, model.id);
    if (st == MILL_OK)
        st = mill_db_run(a->db, err, SQL_VERSION_INSERT, "iiititttti", model.id, version,
                         c->now_ms, c->as.model_version.description, (int64_t)MILL_STAGE_NONE,
                         c->as.model_version.source, c->as.model_version.storage_location,
                         c->as.model_version.run_id, c->as.model_version.run_link,
                         (int64_t)MILL_VERSION_READY);
    for (size_t i = 0; st == MILL_OK && i < c->as.model_version.tag_count; i++)
        st = mill_db_run(a->db, err, SQL_VERSION_TAG_SET, "iitt", model.id, version,
                         c->as.model_version.tags[i].key, c->as.model_version.tags[i].value);
    if (st == MILL_OK && c->as.model_version.model_id.len > 0)
        st = mill_applying_note_version(a, c->as.model_version.model_id, model.value.name,
                                        version, err);
    if (st == MILL_OK)
        st = give_version(a, &model, version, err);
    return st == MILL_OK ? mill_applying_touch_model(a, model.id, version, err) : st;
}

enum mill_status mill_apply_update_model_version(struct applying *a, struct mill_error *err)
{
    const struct mill_change *c = a->change;
    int64_t version = c->as.model_version.version;
    struct stored_model model;
    enum mill_status st = find_version(a, c->as.model_version.name, version, &model, err);
    if (st == MILL_OK)
        st = mill_db_run(a->db, err, SQL_VERSION_DESCRIBE, "tiii",
                         c->as.model_version.description, c->now_ms, model.id, version);
    if (st == MILL_OK)
        st = give_version(a, &model, version, err);
    return st == MILL_OK ? mill_applying_touch_model(a, model.id, version, err) : st;
}

static enum mill_status archive_others(struct applying *a, int64_t model,
                                       struct mill_error *err)
{
    const struct mill_change *c = a->change;
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt = mill_db_query(
        a->db, SQL_VERSION_ARCHIVE_OTHERS, "iiiii", (int64_t)MILL_STAGE_ARCHIVED, c->now_ms,
        model, (int64_t)c->as.model_version.stage, c->as.model_version.version);
    while (st == MILL_OK && mill_db_step(a->db, stmt, &st, err))
        st = mill_applying_touch_model(a, model, sqlite3_column_int64(stmt, 0), err);
    if (st != MILL_OK)
        mill_db_done(stmt);
    return st;
}

enum mill_status mill_apply_stage_model_version(struct applying *a, struct mill_error *err)
{
    const struct mill_change *c = a->change;
    int64_t version = c->as.model_version.version;
    struct stored_model model;
    enum mill_status st = find_version(a, c->as.model_version.name, version, &model, err);
    if (st == MILL_OK && c->as.model_version.archive_existing)
        st = archive_others(a, model.id, err);
    if (st == MILL_OK)
        st = mill_db_run(a->db, err, SQL_VERSION_STAGE, "iiii",
                         (int64_t)c->as.model_version.stage, c->now_ms, model.id, version);
    if (st == MILL_OK)
        st = mill_db_run(a->db, err, SQL_MODEL_TOUCH, "ii", c->now_ms, model.id);
    if (st == MILL_OK)
        st = give_version(a, &model, version, err);
    return st == MILL_OK ? mill_applying_touch_model(a, model.id, version, err) : st;
}

enum mill_status mill_apply_delete_model_version(struct applying *a, struct mill_error *err)
{
    static const enum db_sql deletions[] = {
        SQL_VERSION_DELETE_TAGS,
        SQL_VERSION_DELETE_ALIASES,
        SQL_VERSION_DELETE,
    };
    const struct mill_change *c = a->change;
    int64_t version = c->as.model_version.version;
    struct stored_model model;
    enum mill_status st = find_version(a, c->as.model_version.name, version, &model, err);
    for (size_t i = 0; st == MILL_OK && i < MILL_COUNT(deletions); i++)
        st = mill_db_run(a->db, err, deletions[i], "ii", model.id, version);
    if (st == MILL_OK)
        st = mill_db_run(a->db, err, SQL_MODEL_TOUCH, "ii", c->now_ms, model.id);
    return st == MILL_OK ? mill_applying_touch_model(a, model.id, version, err) : st;
}
