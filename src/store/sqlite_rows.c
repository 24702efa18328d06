/* sqlite_rows.c - reads runs from the SQLite store.
 *
 * Runs are read in ranges of ids: one scan of each table for many neighbouring runs, merged
 * by id, because a page of a search mostly consists of neighbours. */
#include <math.h>

#include "base/alloc.h"
#include "base/list.h"
#include "store/sqlite.h"

struct mill_run_info mill_sqlite_run_info(sqlite3_stmt *stmt, struct mill_arena *arena)
{
    bool ended = sqlite3_column_type(stmt, 7) != SQLITE_NULL;
    return (struct mill_run_info){
        .run_id = mill_arena_copy(arena, mill_db_text(stmt, 1)),
        .experiment_id = sqlite3_column_int64(stmt, 2),
        .run_name = mill_arena_copy(arena, mill_db_text(stmt, 3)),
        .user_id = mill_arena_copy(arena, mill_db_text(stmt, 4)),
        .status = (enum mill_run_status)sqlite3_column_int(stmt, 5),
        .start_time = sqlite3_column_int64(stmt, 6),
        .end_time = ended ? sqlite3_column_int64(stmt, 7) : MILL_ABSENT,
        .lifecycle_stage = (enum mill_lifecycle)sqlite3_column_int(stmt, 8),
        .artifact_uri = mill_arena_copy(arena, mill_db_text(stmt, 9)),
    };
}

enum {
    RANGE_MAX = 128, /* runs read at once: what is needed meanwhile stays small */
    /* Fewer rows are of busy runs, read anew after each write: they get memory of their own. */
    SLAB_MIN = 256,
    ARENA_BYTES = 1 << 20 /* kept from one range to the next */
};

/* --- lists of a range of runs --- */

/* The runs being read: ids ascending, runs beside them; a run not found keeps an absent
 * run_id. inputs holds the ids of each run's inputs for the tags that follow. */
struct range {
    struct db *db;
    struct mill_arena arena;
    /* Of a row made before these, which is still there, as its keys must be; or an empty one.
     */
    const struct mill_row_shape *like;
    struct mill_view likely; /* the key that the next item may have; absent: no idea */
    const int64_t *ids;
    struct mill_run *runs;
    size_t count;
    size_t at; /* the run that rows are being gathered for */
};

/* Moves on to the run of an id; rows come in order of run. False when it is not wanted. */
static bool seek(struct range *r, int64_t id)
{
    while (r->at < r->count && r->ids[r->at] < id)
        r->at++;
    return r->at < r->count && r->ids[r->at] == id;
}

/* Reads one row into an item; false when out of memory. */
typedef bool read_item(struct range *r, sqlite3_stmt *stmt, void *item);

/* Hands a run's items, in the arena, to the run. */
typedef void give_items(struct mill_run *run, void *items, size_t count);

struct list {
    enum db_sql sql;
    size_t size; /* of an item */
    read_item *read;
    give_items *give;
    const struct mill_view *keys; /* likely ones of its items, in order */
    size_t key_count;
};

static bool give(struct range *r, struct mill_list *g, give_items *to)
{
    if (g->count == 0)
        return true;
    void *copy = mill_arena_alloc(&r->arena, g->count * g->size);
    if (copy == NULL)
        return false;
    memcpy(copy, g->items, g->count * g->size);
    to(&r->runs[r->at], copy, g->count);
    g->count = 0;
    return true;
}

/* Reads a table's rows of the range; column 0 is the run. */
static enum mill_status read_list(struct range *r, const struct list *list,
                                  struct mill_error *err)
{
    struct mill_list g = {.size = list->size};
    enum mill_status st = MILL_OK;
    r->at = 0;
    sqlite3_stmt *stmt = mill_db_query(r->db, list->sql, "ii", r->ids[0], r->ids[r->count - 1]);
    bool fits = true;
    while (fits && mill_db_step(r->db, stmt, &st, err)) {
        int64_t run = sqlite3_column_int64(stmt, 0);
        if (r->at == r->count || r->ids[r->at] != run) {
            fits = give(r, &g, list->give);
            if (!seek(r, run))
                continue;
        }
        r->likely =
            g.count < list->key_count ? list->keys[g.count] : (struct mill_view){NULL, 0};
        void *item = fits ? mill_list_add(&g) : NULL;
        fits = item != NULL && list->read(r, stmt, item);
    }
    if (!fits) {
        mill_db_done(stmt);
        st = mill_no_memory(err);
    } else if (st == MILL_OK && r->at < r->count && !give(r, &g, list->give)) {
        st = mill_no_memory(err);
    }
    mill_free(g.items);
    return st;
}

/* The key in column 1. Most runs have the keys of another run in its order. */
static struct mill_view read_key(struct range *r, sqlite3_stmt *stmt)
{
    struct mill_view key = mill_db_text(stmt, 1);
    return r->likely.ptr != NULL && mill_view_eq(r->likely, key)
               ? r->likely
               : mill_arena_copy(&r->arena, key);
}

/* A param has the shape of a tag. */
static bool read_tag(struct range *r, sqlite3_stmt *stmt, void *item)
{
    struct mill_tag *tag = item;
    tag->key = read_key(r, stmt);
    tag->value = mill_arena_copy(&r->arena, mill_db_text(stmt, 2));
    return tag->key.ptr != NULL && tag->value.ptr != NULL;
}

static void give_tags(struct mill_run *run, void *items, size_t count)
{
    run->tags = items;
    run->tag_count = count;
}

static void give_params(struct mill_run *run, void *items, size_t count)
{
    run->params = items;
    run->param_count = count;
}

static bool read_latest(struct range *r, sqlite3_stmt *stmt, void *item)
{
    struct mill_metric *metric = item;
    *metric = (struct mill_metric){
        .key = read_key(r, stmt),
        .step = sqlite3_column_int64(stmt, 2),
        .timestamp = sqlite3_column_int64(stmt, 3),
        .value = mill_db_double(stmt, 4),
    };
    return metric->key.ptr != NULL;
}

static void give_metrics(struct mill_run *run, void *items, size_t count)
{
    run->metrics = items;
    run->metric_count = count;
}

static bool read_model_input(struct range *r, sqlite3_stmt *stmt, void *item)
{
    struct mill_model_input *input = item;
    input->model_id = mill_arena_copy(&r->arena, mill_db_text(stmt, 1));
    return input->model_id.ptr != NULL;
}

static void give_model_inputs(struct mill_run *run, void *items, size_t count)
{
    run->model_inputs = items;
    run->model_input_count = count;
}

static bool read_model_output(struct range *r, sqlite3_stmt *stmt, void *item)
{
    struct mill_model_output *output = item;
    output->model_id = mill_arena_copy(&r->arena, mill_db_text(stmt, 1));
    output->step = sqlite3_column_int64(stmt, 2);
    return output->model_id.ptr != NULL;
}

static void give_model_outputs(struct mill_run *run, void *items, size_t count)
{
    run->model_outputs = items;
    run->model_output_count = count;
}

/* A dataset input while its tags are still to come: the input's id hides in tag_count. */
static bool read_input(struct range *r, sqlite3_stmt *stmt, void *item)
{
    struct mill_dataset_input *input = item;
    struct mill_arena *arena = &r->arena;
    *input = (struct mill_dataset_input){
        .tag_count = (size_t)sqlite3_column_int64(stmt, 1),
        .dataset =
            {
                .name = mill_arena_copy(arena, mill_db_text(stmt, 2)),
                .digest = mill_arena_copy(arena, mill_db_text(stmt, 3)),
                .source_type = mill_arena_copy(arena, mill_db_text(stmt, 4)),
                .source = mill_arena_copy(arena, mill_db_text(stmt, 5)),
                .schema = mill_arena_copy(arena, mill_db_text(stmt, 6)),
                .profile = mill_arena_copy(arena, mill_db_text(stmt, 7)),
            },
    };
    return input->dataset.source.ptr != NULL;
}

static void give_inputs(struct mill_run *run, void *items, size_t count)
{
    run->dataset_inputs = items;
    run->dataset_input_count = count;
}

/* A tag of an input, with the input's id. */
struct input_tag {
    int64_t input;
    struct mill_tag tag;
};

static bool read_input_tag(struct range *r, sqlite3_stmt *stmt, void *item)
{
    struct input_tag *t = item;
    t->input = sqlite3_column_int64(stmt, 1);
    t->tag.key = mill_arena_copy(&r->arena, mill_db_text(stmt, 2));
    t->tag.value = mill_arena_copy(&r->arena, mill_db_text(stmt, 3));
    return t->tag.key.ptr != NULL && t->tag.value.ptr != NULL;
}

/* Both lists are in order of input id. Tags are moved to the front of their own array, as
 * plain tags, input by input. */
static void give_input_tags(struct mill_run *run, void *items, size_t count)
{
    struct input_tag *from = items;
    struct mill_tag *to = items;
    /* The inputs were allocated by give() and are still ours to write. */
    struct mill_dataset_input *inputs =
        (struct mill_dataset_input *)(uintptr_t)run->dataset_inputs;
    size_t at = 0;
    for (size_t i = 0; i < run->dataset_input_count; i++) {
        int64_t id = (int64_t)inputs[i].tag_count;
        inputs[i].tags = to;
        inputs[i].tag_count = 0;
        for (; at < count && from[at].input == id; at++) {
            struct mill_tag tag = from[at].tag;
            *to++ = tag;
            inputs[i].tag_count++;
        }
    }
}

/* Inputs without any tag never meet give_input_tags: take the ids out of them. */
static void clear_untagged(struct range *r)
{
    for (size_t i = 0; i < r->count; i++) {
        struct mill_dataset_input *inputs =
            (struct mill_dataset_input *)(uintptr_t)r->runs[i].dataset_inputs;
        for (size_t j = 0; j < r->runs[i].dataset_input_count; j++)
            if (inputs[j].tags == NULL)
                inputs[j].tag_count = 0;
    }
}

/* --- latest points: the table, with the tails on top --- */

/* Most points go where the one before went, or to the next place; and most runs have the keys
 * of the run before them, in its order. Keys are looked up by hash only where neither is so. */
struct fold {
    struct range *range;
    struct mill_list metrics;          /* of the current run; the first ones are from latest */
    const struct mill_metric *earlier; /* of the run before it */
    size_t earlier_count;
    bool alike;            /* so far, the keys are those of the run before */
    struct mill_map index; /* hash of key -> place in metrics, of the first `indexed` */
    size_t indexed;
    size_t last;          /* where the previous point went */
    const char *last_key; /* its key in the tail: all points of a group have the same one */
};

static struct mill_metric *fold_at(const struct fold *f, size_t at)
{
    return (struct mill_metric *)(void *)f->metrics.items + at;
}

static bool is_at(const struct fold *f, size_t at, struct mill_view key)
{
    return at < f->metrics.count && mill_view_eq(fold_at(f, at)->key, key);
}

/* Where a key is, or the end when it is nowhere; false when out of memory. */
static bool find_by_hash(struct fold *f, struct mill_view key, size_t *at)
{
    uint64_t found;
    for (; f->indexed < f->metrics.count; f->indexed++)
        if (!mill_map_set(&f->index, mill_view_hash(fold_at(f, f->indexed)->key), f->indexed))
            return false;
    bool known =
        mill_map_get(&f->index, mill_view_hash(key), &found) && is_at(f, (size_t)found, key);
    *at = known ? (size_t)found : f->metrics.count;
    return true;
}

static struct mill_metric *fold_add(struct fold *f, struct mill_view key)
{
    struct mill_metric *metric = mill_list_add(&f->metrics);
    if (metric == NULL)
        return NULL;
    f->last = f->metrics.count - 1;
    *metric = (struct mill_metric){.key = key, .step = MILL_ABSENT};
    return metric;
}

/* The nth key of the run before, or in another range; absent when it had fewer. */
static struct mill_view likely_key(const struct fold *f, size_t nth)
{
    const struct mill_row_shape *like = f->range->like;
    if (f->earlier_count != 0)
        return nth < f->earlier_count ? f->earlier[nth].key : (struct mill_view){NULL, 0};
    return nth < like->metric_count ? like->metrics[nth] : (struct mill_view){NULL, 0};
}

static struct mill_metric *fold_place(struct fold *f, struct mill_view key)
{
    size_t count = f->metrics.count;
    struct mill_view likely = f->alike ? likely_key(f, count) : (struct mill_view){NULL, 0};
    /* What was new there is new here. */
    if (likely.ptr != NULL && mill_view_eq(likely, key))
        return fold_add(f, likely);
    if (is_at(f, f->last, key))
        return fold_at(f, f->last);
    f->last = f->last + 1 < count ? f->last + 1 : 0;
    if (is_at(f, f->last, key))
        return fold_at(f, f->last);
    if (!find_by_hash(f, key, &f->last))
        return NULL;
    if (f->last < count)
        return fold_at(f, f->last);
    f->alike = false;
    struct mill_view copy = mill_arena_copy(&f->range->arena, key);
    return copy.ptr != NULL ? fold_add(f, copy) : NULL;
}

static enum mill_status fold_point(void *context, struct mill_view key, struct mill_point point,
                                   struct mill_error *err)
{
    struct fold *f = context;
    struct mill_metric *metric =
        key.ptr == f->last_key ? fold_at(f, f->last) : fold_place(f, key);
    if (metric == NULL)
        return mill_no_memory(err);
    f->last_key = key.ptr;
    struct mill_point old = {metric->step, metric->timestamp, metric->value};
    if (metric->step == MILL_ABSENT || mill_point_cmp(&old, &point) < 0) {
        metric->step = point.step;
        metric->timestamp = point.timestamp;
        metric->value = point.value;
    }
    return MILL_OK;
}

/* Gives the run at hand its metrics. */
static bool fold_end(struct fold *f)
{
    const struct mill_run *run = &f->range->runs[f->range->at];
    if (f->metrics.count == 0)
        return true;
    if (!give(f->range, &f->metrics, give_metrics))
        return false;
    f->earlier = run->metrics;
    f->earlier_count = run->metric_count;
    return true;
}

/* Begins a run: what latest had for it goes in first. */
static enum mill_status fold_begin(struct fold *f, struct mill_error *err)
{
    const struct mill_run *run = &f->range->runs[f->range->at];
    f->alike = true;
    if (f->indexed != 0)
        mill_map_release(&f->index);
    f->indexed = 0;
    f->last = 0;
    for (size_t i = 0; i < run->metric_count; i++) {
        struct mill_metric *metric = fold_place(f, run->metrics[i].key);
        if (metric == NULL)
            return mill_no_memory(err);
        *metric = run->metrics[i];
    }
    return MILL_OK;
}

static enum mill_status fold_tails(struct range *r, struct mill_error *err)
{
    struct fold f = {.range = r, .metrics = {.size = sizeof(struct mill_metric)}};
    enum mill_status st = MILL_OK, folded = MILL_OK;
    int64_t current = MILL_ABSENT;
    r->at = 0;
    sqlite3_stmt *stmt =
        mill_db_query(r->db, SQL_TAIL_RANGE, "ii", r->ids[0], r->ids[r->count - 1]);
    while (folded == MILL_OK && mill_db_step(r->db, stmt, &st, err)) {
        int64_t run = sqlite3_column_int64(stmt, 0);
        if (run != current) {
            if (!fold_end(&f)) {
                folded = mill_no_memory(err);
                break;
            }
            if (!seek(r, run))
                continue;
            current = run;
            folded = fold_begin(&f, err);
        }
        if (folded == MILL_OK)
            folded = mill_tail_each(mill_db_blob(stmt, 1), fold_point, &f, err);
        f.last_key = NULL;
    }
    if (folded != MILL_OK) {
        mill_db_done(stmt);
        st = folded;
    } else if (st == MILL_OK && !fold_end(&f)) {
        st = mill_no_memory(err);
    }
    mill_free(f.metrics.items);
    mill_map_release(&f.index);
    return st;
}

static enum mill_status read_infos(struct range *r, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    r->at = 0;
    sqlite3_stmt *stmt =
        mill_db_query(r->db, SQL_RUN_RANGE, "ii", r->ids[0], r->ids[r->count - 1]);
    while (mill_db_step(r->db, stmt, &st, err))
        if (seek(r, sqlite3_column_int64(stmt, 0)))
            r->runs[r->at].info = mill_sqlite_run_info(stmt, &r->arena);
    return st;
}

static enum mill_status read_range(struct range *r, struct mill_error *err)
{
    const struct mill_row_shape *like = r->like;
    const struct list lists[] = {
        {SQL_LATEST_RANGE, sizeof(struct mill_metric), read_latest, give_metrics, like->metrics,
         like->metric_count},
        {SQL_PARAM_RANGE, sizeof(struct mill_param), read_tag, give_params, like->params,
         like->param_count},
        {SQL_TAG_RANGE, sizeof(struct mill_tag), read_tag, give_tags, like->tags,
         like->tag_count},
        {SQL_INPUT_RANGE, sizeof(struct mill_dataset_input), read_input, give_inputs, NULL, 0},
        {SQL_INPUT_TAG_RANGE, sizeof(struct input_tag), read_input_tag, give_input_tags, NULL,
         0},
        {SQL_MODEL_INPUT_RANGE, sizeof(struct mill_model_input), read_model_input,
         give_model_inputs, NULL, 0},
        {SQL_MODEL_OUTPUT_RANGE, sizeof(struct mill_model_output), read_model_output,
         give_model_outputs, NULL, 0},
    };
    enum mill_status st = read_infos(r, err);
    for (size_t i = 0; st == MILL_OK && i < MILL_COUNT(lists); i++)
        st = read_list(r, &lists[i], err);
    if (st == MILL_OK)
        st = fold_tails(r, err);
    clear_untagged(r);
    return st;
}

/* Makes the rows of a range that was read; on failure there are none. */
static enum mill_status make_rows(const struct range *r, struct mill_row_maker *maker,
                                  struct mill_row **rows, struct mill_error *err)
{
    for (size_t i = 0; i < r->count; i++) {
        rows[i] = NULL;
        if (r->runs[i].info.run_id.ptr == NULL)
            continue;
        rows[i] = mill_row_make(maker, &r->runs[i]);
        if (rows[i] == NULL) {
            while (i-- > 0)
                mill_row_unref(rows[i]);
            return mill_no_memory(err);
        }
    }
    return MILL_OK;
}

/* Rows of ids that lie close together. */
static enum mill_status load_range(struct range *r, struct mill_row_maker *maker,
                                   struct mill_row **rows, struct mill_error *err)
{
    static const struct mill_row_shape empty = {0};
    mill_arena_reset(&r->arena, ARENA_BYTES);
    r->like = maker->last != NULL ? maker->last : &empty;
    r->runs = mill_arena_zero(&r->arena, r->count, sizeof(*r->runs));
    enum mill_status st = r->runs != NULL ? read_range(r, err) : mill_no_memory(err);
    return st == MILL_OK ? make_rows(r, maker, rows, err) : st;
}

/* How many of the ids from the first are worth one scan: gaps may be a few runs wide. */
static size_t dense_prefix(const int64_t *ids, size_t count)
{
    size_t n = 1;
    while (n < count && n < RANGE_MAX && ids[n] - ids[n - 1] <= 4)
        n++;
    return n;
}

static enum mill_status load_rows(void *context, const int64_t *ids, size_t count,
                                  struct mill_row **rows, struct mill_error *err)
{
    struct sqlite_store *s = context;
    struct db *db;
    enum mill_status st = mill_sqlite_snapshot(s, &db, err);
    if (st != MILL_OK)
        return st;
    struct mill_row_maker maker = {.shapes = s->shapes, .many = count >= SLAB_MIN};
    struct range r = {.db = db};
    size_t done = 0;
    while (st == MILL_OK && done < count) {
        r.ids = ids + done;
        r.count = dense_prefix(r.ids, count - done);
        st = load_range(&r, &maker, rows + done, err);
        if (st == MILL_OK)
            done += r.count;
    }
    mill_arena_release(&r.arena);
    mill_row_maker_release(&maker);
    if (st != MILL_OK)
        while (done-- > 0)
            mill_row_unref(rows[done]);
    mill_sqlite_snapshot_done(s, db);
    return st;
}

static enum mill_status find_row(void *context, struct mill_view run_id, int64_t *id_out,
                                 struct mill_row **out, struct mill_error *err)
{
    struct sqlite_store *s = context;
    struct db *db;
    enum mill_status st = mill_sqlite_snapshot(s, &db, err);
    if (st != MILL_OK)
        return st;
    struct mill_row_maker maker = {.shapes = s->shapes};
    struct range r = {.db = db, .ids = id_out, .count = 1};
    sqlite3_stmt *stmt = mill_db_query(db, SQL_RUN_FIND, "t", run_id);
    if (mill_db_step(db, stmt, &st, err)) {
        *id_out = sqlite3_column_int64(stmt, 0);
        mill_db_done(stmt);
        st = load_range(&r, &maker, out, err);
    } else if (st == MILL_OK) {
        st = mill_fail(err, MILL_E_NOT_FOUND, "there is no run '%.*s'", MILL_FMT(run_id));
    }
    mill_arena_release(&r.arena);
    mill_row_maker_release(&maker);
    mill_sqlite_snapshot_done(s, db);
    return st;
}

static enum mill_status list_runs(void *context, int64_t experiment_id, int64_t **ids_out,
                                  size_t *count_out, struct mill_error *err)
{
    struct sqlite_store *s = context;
    struct mill_list g = {.size = sizeof(int64_t)};
    struct db *db;
    enum mill_status st = mill_sqlite_snapshot(s, &db, err);
    if (st != MILL_OK)
        return st;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_RUN_IDS, "i", experiment_id);
    while (mill_db_step(db, stmt, &st, err)) {
        int64_t *id = mill_list_add(&g);
        if (id == NULL) {
            mill_db_done(stmt);
            st = mill_no_memory(err);
            break;
        }
        *id = sqlite3_column_int64(stmt, 0);
    }
    mill_sqlite_snapshot_done(s, db);
    if (st != MILL_OK) {
        mill_free(g.items);
        return st;
    }
    *ids_out = (int64_t *)(void *)g.items;
    *count_out = g.count;
    return MILL_OK;
}

const struct mill_cache_source mill_sqlite_source = {
    .list = list_runs,
    .load = load_rows,
    .find = find_row,
};
