/* sqlite_logged_models.c - reads logged models from the SQLite store: one, or those that a plan
 * wants. A search looks at the models of its experiments one after the other and asks the
 * indexes for what the plan names, so that it needs little memory however many there are. */
#include "base/alloc.h"
#include "base/list.h"
#include "model/limits.h"
#include "store/logged_models.h"
#include "store/row_scan.h"
#include "store/sqlite.h"
#include "store/take.h"

/* The model in the current row without its lists; texts live as long as the row. */
static struct mill_logged_model model_row(sqlite3_stmt *stmt)
{
    return (struct mill_logged_model){
        .model_id = mill_db_text(stmt, 1),
        .experiment_id = sqlite3_column_int64(stmt, 2),
        .name = mill_db_text(stmt, 3),
        .artifact_uri = mill_db_text(stmt, 4),
        .creation_time = sqlite3_column_int64(stmt, 5),
        .last_update_time = sqlite3_column_int64(stmt, 6),
        .status = (enum mill_logged_model_status)sqlite3_column_int(stmt, 7),
        .lifecycle_stage = (enum mill_lifecycle)sqlite3_column_int(stmt, 8),
        .model_type = mill_db_text(stmt, 9),
        .source_run_id = mill_db_text(stmt, 10),
        .status_message = mill_db_text(stmt, 11),
    };
}

/* --- one model --- */

static bool take_metric(sqlite3_stmt *stmt, struct mill_arena *arena,
                        struct mill_logged_model_metric *out)
{
    out->value = mill_db_double(stmt, 1);
    out->timestamp = sqlite3_column_int64(stmt, 2);
    out->step = sqlite3_column_int64(stmt, 3);
    return mill_take_text(stmt, 0, arena, &out->key) &&
           mill_take_text(stmt, 4, arena, &out->dataset_name) &&
           mill_take_text(stmt, 5, arena, &out->dataset_digest) &&
           mill_take_text(stmt, 6, arena, &out->run_id);
}

static enum mill_status read_metrics(struct db *db, struct mill_arena *arena,
                                     struct mill_logged_model *model, struct mill_error *err)
{
    struct mill_list list = {.size = sizeof(struct mill_logged_model_metric)};
    enum mill_status st = MILL_OK;
    bool fits = true;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_LOGGED_MODEL_METRICS, "ti", model->model_id,
                                       (int64_t)MILL_MAX_LOGGED_MODEL_METRICS);
    while (fits && mill_db_step(db, stmt, &st, err)) {
        struct mill_logged_model_metric *metric = mill_list_add(&list);
        fits = metric != NULL && take_metric(stmt, arena, metric);
        if (fits)
            metric->model_id = model->model_id;
    }
    if (!fits)
        mill_db_done(stmt);
    if (st == MILL_OK && !fits)
        st = mill_no_memory(err);
    model->metrics = (const struct mill_logged_model_metric *)(const void *)list.items;
    model->metric_count = st == MILL_OK ? list.count : 0;
    if (st == MILL_OK && !mill_logged_model_sort_metrics(arena, model))
        st = mill_no_memory(err);
    mill_free(list.items);
    return st;
}

/* Everything about the model in the current row, which is then done with. */
static enum mill_status read_model(struct db *db, sqlite3_stmt *stmt, struct mill_arena *arena,
                                   void *out, struct mill_error *err)
{
    struct mill_logged_model row = model_row(stmt), model = {0};
    int64_t id = sqlite3_column_int64(stmt, 0);
    bool fits = mill_logged_model_copy(arena, &row, &model);
    mill_db_done(stmt);
    enum mill_status st = fits ? MILL_OK : mill_no_memory(err);
    const struct mill_tag *params = NULL;
    if (st == MILL_OK)
        st = mill_take_pairs(db, mill_db_query(db, SQL_LOGGED_MODEL_TAGS, "i", id), arena,
                             &model.tags, &model.tag_count, err);
    if (st == MILL_OK)
        st = mill_take_pairs(db, mill_db_query(db, SQL_LOGGED_MODEL_PARAMS, "i", id), arena,
                             &params, &model.param_count, err);
    model.params = (const struct mill_param *)params;
    if (st == MILL_OK)
        st = read_metrics(db, arena, &model, err);
    if (st == MILL_OK)
        *(struct mill_logged_model *)out = model;
    return st;
}

enum mill_status mill_sqlite_read_logged_model(struct db *db, struct mill_view model_id,
                                               bool deleted_too, struct mill_arena *arena,
                                               struct mill_logged_model *out,
                                               struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_LOGGED_MODEL_FIND, "t", model_id);
    bool there = mill_db_step(db, stmt, &st, err);
    if (there && !deleted_too && model_row(stmt).lifecycle_stage != MILL_ACTIVE) {
        mill_db_done(stmt);
        there = false;
    }
    if (there)
        return read_model(db, stmt, arena, out, err);
    return st != MILL_OK ? st
                         : mill_fail(err, MILL_E_NOT_FOUND, "there is no logged model '%.*s'",
                                     MILL_FMT(mill_utf8_prefix(model_id, 60)));
}

enum mill_status mill_sqlite_get_logged_model(struct mill_store *store,
                                              struct mill_view model_id, bool deleted_too,
                                              struct mill_arena *arena,
                                              struct mill_logged_model *out,
                                              struct mill_error *err)
{
    struct sqlite_store *s = (struct sqlite_store *)store;
    struct db *db;
    enum mill_status st = mill_sqlite_snapshot(s, &db, err);
    if (st != MILL_OK)
        return st;
    st = mill_sqlite_read_logged_model(db, model_id, deleted_too, arena, out, err);
    mill_sqlite_snapshot_done(s, db);
    return st;
}

/* --- searches --- */

/* The model that a search is at. */
struct scan {
    struct mill_row_scan row;
    const struct mill_logged_model_search *search;
    bool needs_metric;
    struct mill_logged_model model;
};

static struct mill_value pair_value(struct scan *scan, enum db_sql sql, struct mill_view key)
{
    return mill_row_scan_text(&scan->row,
                              mill_db_query(scan->row.db, sql, "it", scan->row.id, key));
}

/* Looks at the points of a metric, newest first, until accept says that this one is it. */
static bool any_metric(struct scan *scan, struct mill_view key,
                       bool (*accept)(const struct scan *scan, const void *what,
                                      const struct mill_logged_model_metric *metric),
                       const void *what, double *value_out)
{
    bool found = false;
    sqlite3_stmt *stmt =
        mill_db_query(scan->row.db, SQL_LOGGED_MODEL_METRIC, "tt", scan->model.model_id, key);
    while (!found && scan->row.status == MILL_OK &&
           mill_db_step(scan->row.db, stmt, &scan->row.status, scan->row.err)) {
        struct mill_logged_model_metric metric = {.value = mill_db_double(stmt, 0),
                                                  .dataset_name = mill_db_text(stmt, 1),
                                                  .dataset_digest = mill_db_text(stmt, 2)};
        found = accept(scan, what, &metric);
        *value_out = metric.value;
    }
    if (found)
        mill_db_done(stmt);
    return found;
}

static bool on_dataset(const struct scan *scan, const void *what,
                       const struct mill_logged_model_metric *metric)
{
    const struct mill_query_field *field = what;
    (void)scan;
    return mill_logged_model_measured(field, metric);
}

static bool satisfies(const struct scan *scan, const void *what,
                      const struct mill_logged_model_metric *metric)
{
    return mill_logged_model_metric_matches(scan->search, what, metric);
}

static struct mill_value field_value(void *context, const struct mill_query_field *field)
{
    struct scan *scan = context;
    double number = 0;
    switch (field->entity) {
    case MILL_Q_TAG:
        return pair_value(scan, SQL_LOGGED_MODEL_TAG_GET, field->key);
    case MILL_Q_PARAM:
        return pair_value(scan, SQL_LOGGED_MODEL_PARAM_GET, field->key);
    case MILL_Q_METRIC: {
        bool found = any_metric(scan, field->key, on_dataset, field, &number);
        return mill_number_value(found, number);
    }
    case MILL_Q_ATTRIBUTE:
    case MILL_Q_DATASET:
        break;
    }
    return mill_logged_model_attribute(&scan->model, field->attribute);
}

static bool compare(void *context, const struct mill_comparison *c)
{
    struct scan *scan = context;
    double number;
    if (c->field.entity != MILL_Q_METRIC)
        return mill_value_matches(c, field_value(scan, &c->field));
    bool any = any_metric(scan, c->field.key, satisfies, c, &number);
    return c->op == MILL_OP_IS_NULL ? !any : any;
}

/* Whether the model was measured on one of the wanted datasets at all. */
static bool measured(struct scan *scan)
{
    bool found = false;
    sqlite3_stmt *stmt =
        mill_db_query(scan->row.db, SQL_LOGGED_MODEL_DATASETS, "t", scan->model.model_id);
    while (!found && mill_db_step(scan->row.db, stmt, &scan->row.status, scan->row.err))
        found = mill_logged_model_dataset(scan->search, mill_db_text(stmt, 0),
                                          mill_db_text(stmt, 1));
    if (found)
        mill_db_done(stmt);
    return found;
}

static bool take(void *context, sqlite3_stmt *stmt)
{
    struct scan *scan = context;
    scan->model = model_row(stmt);
    return !scan->needs_metric || measured(scan);
}

enum mill_status mill_sqlite_search_logged_models(struct mill_store *store,
                                                  const struct mill_logged_model_search *search,
                                                  struct mill_arena *arena,
                                                  struct mill_logged_model_page *out,
                                                  struct mill_error *err)
{
    struct sqlite_store *s = (struct sqlite_store *)store;
    struct scan scan = {.row.err = err,
                        .search = search,
                        .needs_metric = mill_logged_model_needs_metric(search)};
    struct mill_selector selector = {.plan = search->plan,
                                     .ties = mill_logged_model_ties,
                                     .tie_count = MILL_COUNT(mill_logged_model_ties),
                                     .value = field_value,
                                     .matches = compare,
                                     .context = &scan};
    size_t enough = mill_row_scan_enough(search->plan, search->experiment_count, search->offset,
                                         search->limit);
    struct mill_logged_model_page page = {0};
    const int64_t *ids = NULL;
    void *models = NULL;
    enum mill_status st = mill_sqlite_snapshot(s, &scan.row.db, err);
    if (st != MILL_OK)
        return st;
    for (size_t i = 0; st == MILL_OK && i < search->experiment_count; i++)
        st = mill_row_scan(
            &scan.row,
            mill_db_query(scan.row.db, SQL_LOGGED_MODEL_SCAN, "i", search->experiment_ids[i]),
            &selector, take, enough);
    if (st == MILL_OK)
        st = mill_select_page(&selector, search->offset, search->limit, &ids, &page.count,
                              &page.more, err);
    if (st == MILL_OK)
        st =
            mill_row_read_all(scan.row.db, SQL_LOGGED_MODEL_BY_ROW, ids, page.count, read_model,
                              sizeof(struct mill_logged_model), arena, &models, err);
    page.models = models;
    mill_sqlite_snapshot_done(s, scan.row.db);
    mill_select_release(&selector);
    mill_arena_release(&scan.row.scratch);
    if (st == MILL_OK)
        *out = page;
    return st;
}
