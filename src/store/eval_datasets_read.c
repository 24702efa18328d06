/* eval_datasets_read.c - reads evaluation datasets and their records, and searches them. */
#include "base/alloc.h"
#include "base/list.h"
#include "store/evaluation_tables.h"
#include "store/row_scan.h"

/* --- one dataset --- */

static bool take_dataset(sqlite3_stmt *stmt, struct mill_arena *arena,
                         struct mill_eval_dataset_row *out)
{
    *out = (struct mill_eval_dataset_row){.created_time = sqlite3_column_int64(stmt, 4),
                                          .last_update_time = sqlite3_column_int64(stmt, 5),
                                          .record_count = mill_take_int(stmt, 8)};
    return mill_take_text(stmt, 1, arena, &out->dataset_id) &&
           mill_take_text(stmt, 2, arena, &out->name) &&
           mill_take_text(stmt, 3, arena, &out->digest) &&
           mill_take_text(stmt, 6, arena, &out->created_by) &&
           mill_take_text(stmt, 7, arena, &out->last_updated_by);
}

static enum mill_status read_fields(struct db *db, int64_t id, struct mill_arena *arena,
                                    struct mill_eval_dataset_row *out, struct mill_error *err)
{
    struct mill_list list = {.size = sizeof(struct mill_eval_field)};
    enum mill_status st = MILL_OK;
    bool fits = true;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_EVAL_FIELDS, "i", id);
    while (fits && mill_db_step(db, stmt, &st, err)) {
        struct mill_eval_field *field = mill_list_add(&list);
        if (field != NULL)
            field->part = (enum mill_eval_part)sqlite3_column_int(stmt, 0);
        fits = field != NULL && mill_take_text(stmt, 1, arena, &field->key) &&
               mill_take_text(stmt, 2, arena, &field->type);
    }
    if (!fits)
        mill_db_done(stmt);
    struct mill_eval_field *copy = mill_arena_zero(arena, list.count, sizeof(*copy));
    if (st == MILL_OK && (!fits || copy == NULL))
        st = mill_no_memory(err);
    if (st == MILL_OK && list.count != 0)
        memcpy(copy, list.items, list.count * sizeof(*copy));
    out->fields = copy;
    out->field_count = list.count;
    mill_free(list.items);
    return st;
}

static enum mill_status read_links(struct db *db, int64_t id, struct mill_arena *arena,
                                   struct mill_eval_dataset_row *out, struct mill_error *err)
{
    struct mill_list list = {.size = sizeof(int64_t)};
    enum mill_status st = MILL_OK;
    bool fits = true;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_EVAL_LINKS, "i", id);
    while (fits && mill_db_step(db, stmt, &st, err)) {
        int64_t *experiment_id = mill_list_add(&list);
        fits = experiment_id != NULL;
        if (fits)
            *experiment_id = sqlite3_column_int64(stmt, 0);
    }
    if (!fits)
        mill_db_done(stmt);
    int64_t *copy = mill_arena_zero(arena, list.count, sizeof(*copy));
    if (st == MILL_OK && (!fits || copy == NULL))
        st = mill_no_memory(err);
    if (st == MILL_OK && list.count != 0)
        memcpy(copy, list.items, list.count * sizeof(*copy));
    out->experiment_ids = copy;
    out->experiment_count = list.count;
    mill_free(list.items);
    return st;
}

/* Everything about the dataset in the current row, which is then done with. */
static enum mill_status read_dataset(struct db *db, sqlite3_stmt *stmt,
                                     struct mill_arena *arena, void *out,
                                     struct mill_error *err)
{
    int64_t id = sqlite3_column_int64(stmt, 0);
    struct mill_eval_dataset_row dataset;
    bool fits = take_dataset(stmt, arena, &dataset);
    mill_db_done(stmt);
    enum mill_status st = fits ? MILL_OK : mill_no_memory(err);
    if (st == MILL_OK)
        st = mill_take_pairs(db, mill_db_query(db, SQL_EVAL_TAGS, "i", id), arena,
                             &dataset.tags, &dataset.tag_count, err);
    if (st == MILL_OK)
        st = read_fields(db, id, arena, &dataset, err);
    if (st == MILL_OK)
        st = read_links(db, id, arena, &dataset, err);
    if (st == MILL_OK)
        *(struct mill_eval_dataset_row *)out = dataset;
    return st;
}

enum mill_status mill_read_eval_dataset(struct db *db, struct mill_view dataset_id,
                                        struct mill_arena *arena,
                                        struct mill_eval_dataset_row *out,
                                        struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_EVAL_DATASET_GET, "t", dataset_id);
    if (mill_db_step(db, stmt, &st, err))
        return read_dataset(db, stmt, arena, out, err);
    return st != MILL_OK
               ? st
               : mill_fail(err, MILL_E_NOT_FOUND, "there is no evaluation dataset '%.*s'",
                           MILL_FMT(mill_utf8_prefix(dataset_id, 60)));
}

struct get {
    struct mill_view dataset_id;
    struct mill_arena *arena;
    struct mill_eval_dataset_row *out;
};

static enum mill_status get_dataset(struct db *db, void *context, struct mill_error *err)
{
    const struct get *get = context;
    return mill_read_eval_dataset(db, get->dataset_id, get->arena, get->out, err);
}

enum mill_status mill_store_get_eval_dataset(struct mill_store *store,
                                             struct mill_view dataset_id,
                                             struct mill_arena *arena,
                                             struct mill_eval_dataset_row *out,
                                             struct mill_error *err)
{
    struct get get = {dataset_id, arena, out};
    return mill_store_read_evaluation(store, get_dataset, &get, err);
}

/* --- searches --- */

/* The dataset that a search is at. */
struct scan {
    struct mill_row_scan row;
    const struct mill_eval_dataset_search *search;
    struct mill_arena *arena;
    struct mill_eval_dataset_page *out;
    struct mill_eval_dataset_row dataset;
};

static struct mill_value field_value(void *context, const struct mill_query_field *field)
{
    struct scan *scan = context;
    if (field->entity == MILL_Q_TAG)
        return mill_row_scan_text(&scan->row, mill_db_query(scan->row.db, SQL_EVAL_TAG_GET,
                                                            "it", scan->row.id, field->key));
    if (field->attribute == MILL_QA_NAME)
        return mill_text_value(scan->dataset.name);
    if (field->attribute == MILL_QA_CREATION_TIME)
        return mill_integer_value(scan->dataset.created_time);
    if (field->attribute == MILL_QA_LAST_UPDATE_TIME)
        return mill_integer_value(scan->dataset.last_update_time);
    if (field->attribute == MILL_QA_CREATED_BY)
        return mill_text_value(scan->dataset.created_by);
    if (field->attribute == MILL_QA_LAST_UPDATED_BY)
        return mill_text_value(scan->dataset.last_updated_by);
    return mill_text_value(scan->dataset.dataset_id);
}

/* Whether the dataset is linked to one of the wanted experiments. */
static bool linked(struct scan *scan)
{
    bool found = scan->search->experiment_count == 0;
    for (size_t i = 0;
         !found && scan->row.status == MILL_OK && i < scan->search->experiment_count; i++) {
        int64_t there;
        scan->row.status =
            mill_take_number(scan->row.db,
                             mill_db_query(scan->row.db, SQL_EVAL_LINK_GET, "ii", scan->row.id,
                                           scan->search->experiment_ids[i]),
                             &there, scan->row.err);
        found = scan->row.status == MILL_OK && there != MILL_ABSENT;
    }
    return found;
}

static bool take(void *context, sqlite3_stmt *stmt)
{
    struct scan *scan = context;
    if (take_dataset(stmt, &scan->row.scratch, &scan->dataset))
        return linked(scan);
    scan->row.status = mill_no_memory(scan->row.err);
    return false;
}

static enum mill_status search_datasets(struct db *db, void *context, struct mill_error *err)
{
    static const struct mill_ordering ties[] = {
        {{.entity = MILL_Q_ATTRIBUTE, .attribute = MILL_QA_CREATION_TIME}, true},
        {{.entity = MILL_Q_ATTRIBUTE, .attribute = MILL_QA_NONE}, true}, /* the id */
    };
    struct scan *scan = context;
    bool ordered = scan->search->plan->order_count != 0;
    struct mill_selector selector = {.plan = scan->search->plan,
                                     .ties = ordered ? ties + 1 : ties,
                                     .tie_count = ordered ? 1 : 2,
                                     .value = field_value,
                                     .context = scan};
    const int64_t *ids = NULL;
    void *datasets = NULL;
    scan->row.db = db;
    scan->row.err = err;
    enum mill_status st = mill_row_scan(&scan->row, mill_db_query(db, SQL_EVAL_DATASET_ALL, ""),
                                        &selector, take, SIZE_MAX);
    if (st == MILL_OK)
        st = mill_select_page(&selector, scan->search->offset, scan->search->limit, &ids,
                              &scan->out->count, &scan->out->more, err);
    if (st == MILL_OK)
        st = mill_row_read_all(db, SQL_EVAL_DATASET_BY_ROW, ids, scan->out->count, read_dataset,
                               sizeof(struct mill_eval_dataset_row), scan->arena, &datasets,
                               err);
    scan->out->datasets = datasets;
    mill_select_release(&selector);
    return st;
}

enum mill_status mill_store_search_eval_datasets(struct mill_store *store,
                                                 const struct mill_eval_dataset_search *search,
                                                 struct mill_arena *arena,
                                                 struct mill_eval_dataset_page *out,
                                                 struct mill_error *err)
{
    struct mill_eval_dataset_page page = {0};
    struct scan scan = {.search = search, .arena = arena, .out = &page};
    enum mill_status st = mill_store_read_evaluation(store, search_datasets, &scan, err);
    mill_arena_release(&scan.row.scratch);
    if (st == MILL_OK)
        *out = page;
    return st;
}

/* --- records --- */

struct listing {
    struct mill_view dataset_id;
    int64_t offset, limit;
    struct mill_arena *arena;
    struct mill_eval_record_page *out;
};

static bool take_record(sqlite3_stmt *stmt, struct mill_arena *arena,
                        struct mill_eval_record_row *out)
{
    *out = (struct mill_eval_record_row){.has_expectations = sqlite3_column_int(stmt, 4) != 0,
                                         .created_time = sqlite3_column_int64(stmt, 8),
                                         .last_update_time = sqlite3_column_int64(stmt, 9)};
    return mill_take_text(stmt, 1, arena, &out->record_id) &&
           mill_take_text(stmt, 2, arena, &out->inputs) &&
           mill_take_text(stmt, 3, arena, &out->outputs) &&
           mill_take_text(stmt, 5, arena, &out->source) &&
           mill_take_text(stmt, 6, arena, &out->source_id) &&
           mill_take_text(stmt, 7, arena, &out->source_type) &&
           mill_take_text(stmt, 10, arena, &out->user) &&
           mill_take_text(stmt, 11, arena, &out->last_updated_by);
}

static enum mill_status add_items(struct db *db, int64_t id, struct mill_arena *arena,
                                  struct mill_eval_record_row *record, struct mill_error *err)
{
    enum mill_status st =
        mill_take_pairs(db, mill_db_query(db, SQL_EVAL_ITEMS, "ii", id, (int64_t)0), arena,
                        &record->expectations, &record->expectation_count, err);
    if (st == MILL_OK)
        st = mill_take_pairs(db, mill_db_query(db, SQL_EVAL_ITEMS, "ii", id, (int64_t)1), arena,
                             &record->tags, &record->tag_count, err);
    return st;
}

static enum mill_status list_records(struct db *db, void *context, struct mill_error *err)
{
    struct listing *listing = context;
    struct mill_eval_record_row *records =
        mill_arena_zero(listing->arena, (size_t)listing->limit, sizeof(*records));
    enum mill_status st = records != NULL ? MILL_OK : mill_no_memory(err);
    size_t count = 0;
    if (st != MILL_OK)
        return st;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_EVAL_RECORDS, "tii", listing->dataset_id,
                                       listing->limit + 1, listing->offset);
    while (mill_db_step(db, stmt, &st, err)) {
        if (count == (size_t)listing->limit) {
            listing->out->more = true;
            mill_db_done(stmt);
            break;
        }
        if (take_record(stmt, listing->arena, &records[count]))
            st = add_items(db, sqlite3_column_int64(stmt, 0), listing->arena, &records[count],
                           err);
        else
            st = mill_no_memory(err);
        if (st != MILL_OK) {
            mill_db_done(stmt);
            break;
        }
        count++;
    }
    listing->out->records = records;
    listing->out->count = count;
    return st;
}

enum mill_status mill_store_list_eval_records(struct mill_store *store,
                                              struct mill_view dataset_id, int64_t offset,
                                              int64_t limit, struct mill_arena *arena,
                                              struct mill_eval_record_page *out,
                                              struct mill_error *err)
{
    struct mill_eval_record_page page = {0};
    struct listing listing = {dataset_id, offset, limit, arena, &page};
    enum mill_status st = mill_store_read_evaluation(store, list_records, &listing, err);
    if (st == MILL_OK)
        *out = page;
    return st;
}
