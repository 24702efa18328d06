/* sqlite_experiments.c - reads experiments from the SQLite store: one, or all of them as a list
 * that searches share until an experiment changes. */
#include "base/alloc.h"
#include "base/list.h"
#include "store/experiments.h"
#include "store/sqlite.h"

static struct mill_experiment experiment_row(sqlite3_stmt *stmt, struct mill_arena *arena)
{
    return (struct mill_experiment){
        .experiment_id = sqlite3_column_int64(stmt, 0),
        .name = mill_arena_copy(arena, mill_db_text(stmt, 1)),
        .artifact_location = mill_arena_copy(arena, mill_db_text(stmt, 2)),
        .lifecycle_stage = (enum mill_lifecycle)sqlite3_column_int(stmt, 3),
        .creation_time = sqlite3_column_int64(stmt, 4),
        .last_update_time = sqlite3_column_int64(stmt, 5),
    };
}

/* Appends the tag in two columns to a list in the arena. */
static bool add_tag(sqlite3_stmt *stmt, int column, struct mill_list *g,
                    struct mill_arena *arena)
{
    struct mill_tag *tag = mill_list_add(g);
    if (tag == NULL)
        return false;
    tag->key = mill_arena_copy(arena, mill_db_text(stmt, column));
    tag->value = mill_arena_copy(arena, mill_db_text(stmt, column + 1));
    return tag->key.ptr != NULL && tag->value.ptr != NULL;
}

static bool give_experiment(struct mill_list *g, struct mill_arena *arena,
                            struct mill_experiment *out)
{
    struct mill_tag *tags = mill_arena_alloc(arena, g->count * sizeof(*tags));
    if (tags == NULL)
        return false;
    if (g->count != 0)
        memcpy(tags, g->items, g->count * sizeof(*tags));
    out->tags = tags;
    out->tag_count = g->count;
    g->count = 0;
    return true;
}

static enum mill_status read_experiment_tags(struct db *db, struct mill_arena *arena,
                                             struct mill_experiment *out,
                                             struct mill_error *err)
{
    struct mill_list g = {.size = sizeof(struct mill_tag)};
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_EXPERIMENT_TAGS, "i", out->experiment_id);
    bool fits = true;
    while (fits && mill_db_step(db, stmt, &st, err))
        fits = add_tag(stmt, 0, &g, arena);
    if (!fits)
        mill_db_done(stmt);
    if (st == MILL_OK && (!fits || !give_experiment(&g, arena, out)))
        st = mill_no_memory(err);
    mill_free(g.items);
    return st;
}

/* The experiment that the query gives; on none *st is MILL_OK and the result false. */
static bool one_experiment(struct db *db, sqlite3_stmt *stmt, struct mill_arena *arena,
                           struct mill_experiment *out, enum mill_status *st,
                           struct mill_error *err)
{
    if (!mill_db_step(db, stmt, st, err))
        return false;
    struct mill_experiment found = experiment_row(stmt, arena);
    mill_db_done(stmt);
    if (found.name.ptr == NULL || found.artifact_location.ptr == NULL)
        *st = mill_no_memory(err);
    else
        *st = read_experiment_tags(db, arena, &found, err);
    if (*st == MILL_OK)
        *out = found;
    return true;
}

enum mill_status mill_sqlite_get_experiment(struct mill_store *store, int64_t experiment_id,
                                            struct mill_arena *arena,
                                            struct mill_experiment *out, struct mill_error *err)
{
    struct sqlite_store *s = (struct sqlite_store *)store;
    struct db *db;
    enum mill_status st = mill_sqlite_snapshot(s, &db, err);
    if (st != MILL_OK)
        return st;
    if (!one_experiment(db, mill_db_query(db, SQL_EXPERIMENT_BY_ID, "i", experiment_id), arena,
                        out, &st, err) &&
        st == MILL_OK)
        st = mill_fail(err, MILL_E_NOT_FOUND, "there is no experiment %lld",
                       (long long)experiment_id);
    mill_sqlite_snapshot_done(s, db);
    return st;
}

enum mill_status mill_sqlite_get_experiment_by_name(struct mill_store *store,
                                                    struct mill_view name,
                                                    struct mill_arena *arena,
                                                    struct mill_experiment *out,
                                                    struct mill_error *err)
{
    struct sqlite_store *s = (struct sqlite_store *)store;
    struct db *db;
    enum mill_status st = mill_sqlite_snapshot(s, &db, err);
    if (st != MILL_OK)
        return st;
    if (!one_experiment(db, mill_db_query(db, SQL_EXPERIMENT_BY_NAME, "t", name), arena, out,
                        &st, err) &&
        st == MILL_OK)
        st = mill_fail(err, MILL_E_NOT_FOUND, "there is no experiment named '%.*s'",
                       MILL_FMT(name));
    mill_sqlite_snapshot_done(s, db);
    return st;
}

static enum mill_status read_all_tags(struct db *db, struct experiment_list *list,
                                      struct mill_error *err)
{
    struct mill_list g = {.size = sizeof(struct mill_tag)};
    enum mill_status st = MILL_OK;
    size_t at = 0; /* experiment that tags are gathered for */
    bool fits = true;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_EXPERIMENT_TAGS_ALL, "");
    while (fits && mill_db_step(db, stmt, &st, err)) {
        int64_t id = sqlite3_column_int64(stmt, 0);
        while (fits && at < list->count && list->items[at].experiment_id < id)
            fits = give_experiment(&g, &list->arena, &list->items[at++]);
        fits = fits && add_tag(stmt, 1, &g, &list->arena);
    }
    if (!fits)
        mill_db_done(stmt);
    if (fits && g.count != 0)
        fits = give_experiment(&g, &list->arena, &list->items[at]);
    mill_free(g.items);
    return st == MILL_OK && !fits ? mill_no_memory(err) : st;
}

static enum mill_status read_experiments(struct db *db, struct experiment_list *list,
                                         struct mill_error *err)
{
    struct mill_list g = {.size = sizeof(struct mill_experiment)};
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_EXPERIMENT_ALL, "");
    while (mill_db_step(db, stmt, &st, err)) {
        struct mill_experiment *item = mill_list_add(&g);
        if (item != NULL)
            *item = experiment_row(stmt, &list->arena);
        if (item == NULL || item->name.ptr == NULL || item->artifact_location.ptr == NULL) {
            mill_db_done(stmt);
            mill_free(g.items);
            return mill_no_memory(err);
        }
    }
    list->items = (struct mill_experiment *)(void *)g.items;
    list->count = g.count;
    return st == MILL_OK ? read_all_tags(db, list, err) : st;
}

/* The list of all experiments as of now, read anew only when one has changed. */
static enum mill_status current_experiments(struct sqlite_store *s,
                                            struct experiment_list **out,
                                            struct mill_error *err)
{
    uint64_t version = atomic_load(&s->experiments_version);
    enum mill_status st = MILL_OK;
    pthread_mutex_lock(&s->experiments_lock);
    if (s->experiments == NULL || s->experiments->version < version || s->read_only) {
        struct db *db;
        struct experiment_list *list = mill_experiment_list_new(version);
        st = list != NULL ? mill_sqlite_snapshot(s, &db, err) : mill_no_memory(err);
        if (st == MILL_OK) {
            st = read_experiments(db, list, err);
            mill_sqlite_snapshot_done(s, db);
        }
        if (st == MILL_OK) {
            mill_experiment_list_unref(s->experiments);
            s->experiments = list;
        } else {
            mill_experiment_list_unref(list);
        }
    }
    if (st == MILL_OK)
        *out = mill_experiment_list_ref(s->experiments);
    pthread_mutex_unlock(&s->experiments_lock);
    return st;
}

enum mill_status mill_sqlite_search_experiments(struct mill_store *store,
                                                const struct mill_experiment_search *search,
                                                struct mill_arena *arena,
                                                struct mill_experiment_page *out,
                                                struct mill_error *err)
{
    struct experiment_list *list;
    enum mill_status st = current_experiments((struct sqlite_store *)store, &list, err);
    if (st != MILL_OK)
        return st;
    st = mill_experiment_list_search(list, search, arena, out, err);
    mill_experiment_list_unref(list);
    return st;
}

void mill_sqlite_experiments_free(struct sqlite_store *store)
{
    mill_experiment_list_unref(store->experiments);
}

static enum mill_status read_counts(struct db *db, struct mill_list *list,
                                    struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_RUN_COUNTS, "");
    while (mill_db_step(db, stmt, &st, err)) {
        struct mill_run_count *count = mill_list_add(list);
        if (count == NULL) {
            mill_db_done(stmt);
            return mill_no_memory(err);
        }
        *count = (struct mill_run_count){
            sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1),
            sqlite3_column_int64(stmt, 2), sqlite3_column_int64(stmt, 3)};
    }
    return st;
}

enum mill_status mill_sqlite_count_runs(struct mill_store *store, struct mill_arena *arena,
                                        const struct mill_run_count **out, size_t *count_out,
                                        struct mill_error *err)
{
    struct sqlite_store *s = (struct sqlite_store *)store;
    struct mill_list list = {.size = sizeof(struct mill_run_count)};
    struct db *db;
    enum mill_status st = mill_sqlite_reader(s, &db, err);
    if (st != MILL_OK)
        return st;
    st = read_counts(db, &list, err);
    mill_sqlite_reader_done(s, db);
    struct mill_run_count *counts = mill_arena_zero(arena, list.count, sizeof(*counts));
    if (st == MILL_OK && counts == NULL)
        st = mill_no_memory(err);
    if (st == MILL_OK && list.count > 0)
        memcpy(counts, list.items, list.count * sizeof(*counts));
    mill_free(list.items);
    if (st != MILL_OK)
        return st;
    *out = counts;
    *count_out = list.count;
    return MILL_OK;
}
