/* scorers.c - scorers of experiments and their versions. */
#include "base/alloc.h"
#include "base/list.h"
#include "model/limits.h"
#include "store/evaluation_tables.h"

static enum mill_status not_there(struct mill_view name, int64_t experiment_id, int64_t version,
                                  struct mill_error *err)
{
    name = mill_utf8_prefix(name, 60);
    if (version == MILL_ABSENT)
        return mill_fail(err, MILL_E_NOT_FOUND, "experiment %lld has no scorer '%.*s'",
                         (long long)experiment_id, MILL_FMT(name));
    return mill_fail(err, MILL_E_NOT_FOUND,
                     "scorer '%.*s' of experiment %lld has no version %lld", MILL_FMT(name),
                     (long long)experiment_id, (long long)version);
}

static bool take_scorer(sqlite3_stmt *stmt, struct mill_arena *arena, struct mill_scorer *out)
{
    *out = (struct mill_scorer){.experiment_id = sqlite3_column_int64(stmt, 1),
                                .version = sqlite3_column_int64(stmt, 3),
                                .creation_time = sqlite3_column_int64(stmt, 5)};
    return mill_take_text(stmt, 0, arena, &out->scorer_id) &&
           mill_take_text(stmt, 2, arena, &out->name) &&
           mill_take_text(stmt, 4, arena, &out->serialized);
}

static enum mill_status read_scorer(struct db *db, int64_t experiment_id, struct mill_view name,
                                    int64_t version, struct mill_arena *arena,
                                    struct mill_scorer *out, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt =
        version == MILL_ABSENT
            ? mill_db_query(db, SQL_SCORER_NEWEST, "it", experiment_id, name)
            : mill_db_query(db, SQL_SCORER_VERSION, "iti", experiment_id, name, version);
    if (!mill_db_step(db, stmt, &st, err))
        return st != MILL_OK ? st : not_there(name, experiment_id, version, err);
    struct mill_scorer scorer;
    bool fits = take_scorer(stmt, arena, &scorer);
    mill_db_done(stmt);
    if (!fits)
        return mill_no_memory(err);
    *out = scorer;
    return MILL_OK;
}

/* --- changes --- */

/* The scorer's row, made when it is not there. */
static enum mill_status scorer_row(struct evaluating *e, int64_t *id_out,
                                   struct mill_error *err)
{
    enum mill_status st = mill_take_number(e->db,
                                           mill_db_query(e->db, SQL_SCORER_FIND, "it",
                                                         e->change->as.scorer.experiment_id,
                                                         e->change->as.scorer.name),
                                           id_out, err);
    if (st != MILL_OK || *id_out != MILL_ABSENT)
        return st;
    st = mill_db_run(e->db, err, SQL_SCORER_INSERT, "itt", e->change->as.scorer.experiment_id,
                     e->change->as.scorer.name, e->change->as.scorer.scorer_id);
    *id_out = sqlite3_last_insert_rowid(e->db->handle);
    return st;
}

enum mill_status mill_register_scorer(struct evaluating *e, struct mill_error *err)
{
    struct mill_scorer *scorer = mill_arena_zero(e->outcome->arena, 1, sizeof(*scorer));
    int64_t id;
    if (scorer == NULL)
        return mill_no_memory(err);
    enum mill_status st = scorer_row(e, &id, err);
    if (st == MILL_OK)
        st = mill_db_run(e->db, err, SQL_SCORER_ADD, "iti", id, e->change->as.scorer.serialized,
                         e->change->now_ms);
    e->outcome->scorer = scorer;
    return st == MILL_OK ? read_scorer(e->db, e->change->as.scorer.experiment_id,
                                       e->change->as.scorer.name, MILL_ABSENT,
                                       e->outcome->arena, scorer, err)
                         : st;
}

enum mill_status mill_delete_scorer(struct evaluating *e, struct mill_error *err)
{
    int64_t version = e->change->as.scorer.version;
    int64_t id;
    enum mill_status st = mill_take_number(e->db,
                                           mill_db_query(e->db, SQL_SCORER_FIND, "it",
                                                         e->change->as.scorer.experiment_id,
                                                         e->change->as.scorer.name),
                                           &id, err);
    if (st == MILL_OK && id == MILL_ABSENT)
        return not_there(e->change->as.scorer.name, e->change->as.scorer.experiment_id,
                         MILL_ABSENT, err);
    if (st == MILL_OK && version != MILL_ABSENT)
        st = mill_db_run(e->db, err, SQL_SCORER_DELETE_VERSION, "ii", id, version);
    else if (st == MILL_OK)
        st = mill_db_run(e->db, err, SQL_SCORER_DELETE_VERSIONS, "i", id);
    if (st == MILL_OK && sqlite3_changes(e->db->handle) == 0)
        return not_there(e->change->as.scorer.name, e->change->as.scorer.experiment_id, version,
                         err);
    if (st == MILL_OK && version == MILL_ABSENT)
        st = mill_db_run(e->db, err, SQL_SCORER_DELETE, "i", id);
    return st;
}

/* --- reading --- */

struct get {
    int64_t experiment_id;
    struct mill_view name;
    int64_t version;
    struct mill_arena *arena;
    struct mill_scorer *out;
};

static enum mill_status get_scorer(struct db *db, void *context, struct mill_error *err)
{
    const struct get *get = context;
    return read_scorer(db, get->experiment_id, get->name, get->version, get->arena, get->out,
                       err);
}

enum mill_status mill_store_get_scorer(struct mill_store *store, int64_t experiment_id,
                                       struct mill_view name, int64_t version,
                                       struct mill_arena *arena, struct mill_scorer *out,
                                       struct mill_error *err)
{
    struct get get = {experiment_id, name, version, arena, out};
    return mill_store_read_evaluation(store, get_scorer, &get, err);
}

struct listing {
    int64_t experiment_id;
    struct mill_view name;
    struct mill_arena *arena;
    struct mill_scorer_list *out;
};

static enum mill_status list_scorers(struct db *db, void *context, struct mill_error *err)
{
    struct listing *listing = context;
    struct mill_list list = {.size = sizeof(struct mill_scorer)};
    enum mill_status st = MILL_OK;
    bool fits = true;
    sqlite3_stmt *stmt =
        listing->name.ptr == NULL
            ? mill_db_query(db, SQL_SCORERS, "ii", listing->experiment_id,
                            (int64_t)MILL_MAX_SCORERS)
            : mill_db_query(db, SQL_SCORER_VERSIONS, "iti", listing->experiment_id,
                            listing->name, (int64_t)MILL_MAX_SCORERS);
    while (fits && mill_db_step(db, stmt, &st, err)) {
        struct mill_scorer *scorer = mill_list_add(&list);
        fits = scorer != NULL && take_scorer(stmt, listing->arena, scorer);
    }
    if (!fits)
        mill_db_done(stmt);
    struct mill_scorer *copy = mill_arena_zero(listing->arena, list.count, sizeof(*copy));
    if (st == MILL_OK && (!fits || copy == NULL))
        st = mill_no_memory(err);
    if (st == MILL_OK && list.count != 0)
        memcpy(copy, list.items, list.count * sizeof(*copy));
    listing->out->scorers = copy;
    listing->out->count = list.count;
    mill_free(list.items);
    return st;
}

enum mill_status mill_store_list_scorers(struct mill_store *store, int64_t experiment_id,
                                         struct mill_view name, struct mill_arena *arena,
                                         struct mill_scorer_list *out, struct mill_error *err)
{
    struct mill_scorer_list found = {0};
    struct listing listing = {experiment_id, name, arena, &found};
    enum mill_status st = mill_store_read_evaluation(store, list_scorers, &listing, err);
    if (st == MILL_OK)
        *out = found;
    return st;
}
