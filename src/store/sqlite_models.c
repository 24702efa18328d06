/* sqlite_models.c - see sqlite_models.h. */
#include "store/sqlite_models.h"

#include "base/alloc.h"
#include "base/list.h"

/* A column's text in arena; absent stays absent, *fits tells whether there was memory. */
static struct mill_view copy_text(sqlite3_stmt *stmt, int column, struct mill_arena *arena,
                                  bool *fits)
{
    struct mill_view text = mill_db_text(stmt, column);
    struct mill_view copy = mill_arena_copy(arena, text);
    *fits = *fits && (copy.ptr != NULL) == (text.ptr != NULL);
    return copy;
}

/* Moves the items of a list into arena. */
static void *give_items(struct mill_list *list, struct mill_arena *arena)
{
    void *items = mill_arena_alloc(arena, list->count * list->size);
    if (items != NULL && list->count != 0)
        memcpy(items, list->items, list->count * list->size);
    return items;
}

/* --- tags and aliases --- */

/* The tag in the first two columns. */
static bool read_tag(sqlite3_stmt *stmt, struct mill_list *list, struct mill_arena *arena)
{
    bool fits = true;
    struct mill_tag *tag = mill_list_add(list);
    if (tag == NULL)
        return false;
    tag->key = copy_text(stmt, 0, arena, &fits);
    tag->value = copy_text(stmt, 1, arena, &fits);
    return fits;
}

static enum mill_status read_tags(struct db *db, sqlite3_stmt *stmt, struct mill_arena *arena,
                                  const struct mill_tag **tags_out, size_t *count_out,
                                  struct mill_error *err)
{
    struct mill_list list = {.size = sizeof(struct mill_tag)};
    enum mill_status st = MILL_OK;
    bool fits = true;
    while (fits && mill_db_step(db, stmt, &st, err))
        fits = read_tag(stmt, &list, arena);
    if (!fits)
        mill_db_done(stmt);
    void *tags = give_items(&list, arena);
    if (st == MILL_OK && (!fits || tags == NULL))
        st = mill_no_memory(err);
    if (st == MILL_OK) {
        *tags_out = tags;
        *count_out = list.count;
    }
    mill_free(list.items);
    return st;
}

static enum mill_status read_aliases(struct db *db, int64_t id, struct mill_arena *arena,
                                     struct mill_registered_model *out, struct mill_error *err)
{
    struct mill_list list = {.size = sizeof(struct mill_model_alias)};
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_MODEL_ALIASES, "i", id);
    bool fits = true;
    while (fits && mill_db_step(db, stmt, &st, err)) {
        struct mill_model_alias *alias = mill_list_add(&list);
        fits = alias != NULL;
        if (fits) {
            alias->alias = copy_text(stmt, 0, arena, &fits);
            alias->version = sqlite3_column_int64(stmt, 1);
        }
    }
    if (!fits)
        mill_db_done(stmt);
    void *aliases = give_items(&list, arena);
    if (st == MILL_OK && (!fits || aliases == NULL))
        st = mill_no_memory(err);
    if (st == MILL_OK) {
        out->aliases = aliases;
        out->alias_count = list.count;
    }
    mill_free(list.items);
    return st;
}

/* --- models --- */

/* The model of the query's only row; id 0 when there is none. */
static enum mill_status read_model(struct db *db, sqlite3_stmt *stmt, struct mill_arena *arena,
                                   struct stored_model *out, struct mill_error *err)
{
    struct stored_model found = {0};
    enum mill_status st = MILL_OK;
    bool fits = true;
    if (!mill_db_step(db, stmt, &st, err)) {
        *out = found;
        return st;
    }
    found.id = sqlite3_column_int64(stmt, 0);
    found.value.name = copy_text(stmt, 1, arena, &fits);
    found.value.description = copy_text(stmt, 2, arena, &fits);
    found.value.creation_timestamp = sqlite3_column_int64(stmt, 3);
    found.value.last_updated_timestamp = sqlite3_column_int64(stmt, 4);
    found.last_version = sqlite3_column_int64(stmt, 5);
    mill_db_done(stmt);
    if (!fits)
        return mill_no_memory(err);
    st = read_tags(db, mill_db_query(db, SQL_MODEL_TAGS, "i", found.id), arena,
                   &found.value.tags, &found.value.tag_count, err);
    if (st == MILL_OK)
        st = read_aliases(db, found.id, arena, &found.value, err);
    if (st == MILL_OK)
        *out = found;
    return st;
}

enum mill_status mill_sqlite_find_model(struct db *db, struct mill_view name,
                                        struct mill_arena *arena, struct stored_model *out,
                                        struct mill_error *err)
{
    enum mill_status st =
        read_model(db, mill_db_query(db, SQL_MODEL_BY_NAME, "t", name), arena, out, err);
    return st == MILL_OK && out->id == 0 ? mill_no_model(name, err) : st;
}

enum mill_status mill_sqlite_find_model_id(struct db *db, int64_t id, struct mill_arena *arena,
                                           struct stored_model *out, struct mill_error *err)
{
    return read_model(db, mill_db_query(db, SQL_MODEL_BY_ID, "i", id), arena, out, err);
}

/* --- versions --- */

/* The aliases of a model that point to a version. */
static bool give_aliases(const struct mill_registered_model *model, struct mill_arena *arena,
                         struct mill_model_version *out)
{
    struct mill_view *aliases = mill_arena_zero(arena, model->alias_count, sizeof(*aliases));
    if (aliases == NULL)
        return false;
    size_t count = 0;
    for (size_t i = 0; i < model->alias_count; i++)
        if (model->aliases[i].version == out->version)
            aliases[count++] = model->aliases[i].alias;
    out->aliases = aliases;
    out->alias_count = count;
    return true;
}

/* The version of the current row, without its tags. */
static bool version_row(sqlite3_stmt *stmt, const struct stored_model *model,
                        struct mill_arena *arena, struct mill_model_version *out,
                        struct mill_view *location_out)
{
    bool fits = true;
    *out = (struct mill_model_version){
        .name = model->value.name,
        .version = sqlite3_column_int64(stmt, 0),
        .creation_timestamp = sqlite3_column_int64(stmt, 1),
        .last_updated_timestamp = sqlite3_column_int64(stmt, 2),
        .description = copy_text(stmt, 3, arena, &fits),
        .user_id = copy_text(stmt, 4, arena, &fits),
        .current_stage = (enum mill_stage)sqlite3_column_int(stmt, 5),
        .source = copy_text(stmt, 6, arena, &fits),
        .run_id = copy_text(stmt, 8, arena, &fits),
        .run_link = copy_text(stmt, 9, arena, &fits),
        .status = (enum mill_version_status)sqlite3_column_int(stmt, 10),
        .status_message = copy_text(stmt, 11, arena, &fits),
    };
    *location_out = copy_text(stmt, 7, arena, &fits);
    /* A damaged file must not lead us out of the arrays that are indexed by stage. */
    if (mill_stage_name(out->current_stage)[0] == '\0')
        out->current_stage = MILL_STAGE_NONE;
    return fits && give_aliases(&model->value, arena, out);
}

static enum mill_status version_tags(struct db *db, int64_t model, struct mill_arena *arena,
                                     struct mill_model_version *out, struct mill_error *err)
{
    return read_tags(db, mill_db_query(db, SQL_VERSION_TAGS, "ii", model, out->version), arena,
                     &out->tags, &out->tag_count, err);
}

enum mill_status mill_sqlite_find_version(struct db *db, const struct stored_model *model,
                                          int64_t version, struct mill_arena *arena,
                                          struct mill_model_version *out,
                                          struct mill_view *location_out,
                                          struct mill_error *err)
{
    struct mill_model_version found;
    struct mill_view location;
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_VERSION_GET, "ii", model->id, version);
    if (!mill_db_step(db, stmt, &st, err))
        return st != MILL_OK ? st : mill_no_version(model->value.name, version, err);
    bool fits = version_row(stmt, model, arena, &found, &location);
    mill_db_done(stmt);
    st = fits ? version_tags(db, model->id, arena, &found, err) : mill_no_memory(err);
    if (st != MILL_OK)
        return st;
    *out = found;
    if (location_out != NULL)
        *location_out = location;
    return MILL_OK;
}

enum mill_status mill_sqlite_find_latest(struct db *db, struct stored_model *model,
                                         struct mill_arena *arena, struct mill_error *err)
{
    struct mill_model_version *latest =
        mill_arena_zero(arena, MILL_STAGE_ARCHIVED, sizeof(*latest));
    struct mill_view location;
    enum mill_status st = MILL_OK;
    size_t count = 0;
    bool fits = latest != NULL;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_VERSIONS_LATEST, "i", model->id);
    while (fits && mill_db_step(db, stmt, &st, err)) {
        fits = count < MILL_STAGE_ARCHIVED &&
               version_row(stmt, model, arena, &latest[count], &location);
        count++;
    }
    if (!fits) {
        mill_db_done(stmt);
        return mill_no_memory(err);
    }
    for (size_t i = 0; st == MILL_OK && i < count; i++)
        st = version_tags(db, model->id, arena, &latest[i], err);
    if (st == MILL_OK) {
        model->value.latest_versions = latest;
        model->value.latest_version_count = count;
    }
    return st;
}

/* --- a model as a whole --- */

/* The tags of all versions of a model, read beside the versions. */
struct tag_cursor {
    struct db *db;
    sqlite3_stmt *stmt;
    bool has_row;
    struct mill_list tags; /* of the version that is being read */
};

static enum mill_status next_tag(struct tag_cursor *c, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    c->has_row = mill_db_step(c->db, c->stmt, &st, err);
    return st;
}

/* Gathers the tags of a version; those of versions before it were read already. */
static enum mill_status tags_of(struct tag_cursor *c, int64_t version, struct mill_arena *arena,
                                struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    c->tags.count = 0;
    while (st == MILL_OK && c->has_row && sqlite3_column_int64(c->stmt, 2) <= version) {
        if (sqlite3_column_int64(c->stmt, 2) == version && !read_tag(c->stmt, &c->tags, arena))
            return mill_no_memory(err);
        st = next_tag(c, err);
    }
    return st;
}

static enum mill_status load_version(sqlite3_stmt *stmt, const struct stored_model *model,
                                     struct tag_cursor *tags, struct mill_arena *arena,
                                     struct mill_registry_model *into, struct mill_error *err)
{
    struct mill_model_version version;
    struct mill_view location;
    if (!version_row(stmt, model, arena, &version, &location))
        return mill_no_memory(err);
    enum mill_status st = tags_of(tags, version.version, arena, err);
    if (st != MILL_OK)
        return st;
    version.tags = (const struct mill_tag *)(const void *)tags->tags.items;
    version.tag_count = tags->tags.count;
    struct mill_version_row *row = mill_version_row_new(&version, location);
    return row != NULL && mill_registry_put_version(into, row) ? MILL_OK : mill_no_memory(err);
}

static enum mill_status load_versions(struct db *db, const struct stored_model *model,
                                      struct mill_registry_model *into, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct tag_cursor tags = {.db = db, .tags.size = sizeof(struct mill_tag)};
    tags.stmt = mill_db_query(db, SQL_VERSION_TAGS_OF_MODEL, "i", model->id);
    enum mill_status st = next_tag(&tags, err);
    sqlite3_stmt *stmt = mill_db_query(db, SQL_VERSIONS_OF_MODEL, "i", model->id);
    while (st == MILL_OK && mill_db_step(db, stmt, &st, err)) {
        mill_arena_reset(&arena, 65536);
        st = load_version(stmt, model, &tags, &arena, into, err);
    }
    mill_db_done(stmt);
    mill_db_done(tags.stmt);
    mill_free(tags.tags.items);
    mill_arena_release(&arena);
    return st;
}

enum mill_status mill_sqlite_load_model(struct db *db, int64_t id,
                                        struct mill_registry_model **out,
                                        struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_registry_model *loaded = NULL;
    struct stored_model model;
    enum mill_status st = mill_sqlite_find_model_id(db, id, &arena, &model, err);
    if (st == MILL_OK && model.id != 0) {
        struct mill_model_row *row = mill_model_row_new(&model.value);
        loaded = row != NULL ? mill_registry_model_new(id, row) : NULL;
        st = loaded != NULL ? load_versions(db, &model, loaded, err) : mill_no_memory(err);
    }
    mill_arena_release(&arena);
    if (st != MILL_OK) {
        mill_registry_model_free(loaded);
        return st;
    }
    *out = loaded;
    return MILL_OK;
}
