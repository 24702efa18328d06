/* tree_runs.c - searches over the runs of a tree, which take turns, and one run. */
#include <stdio.h>

#include "base/alloc.h"
#include "store/row_page.h"
#include "store/tree_sets.h"

/* --- searching -------------------------------------------------------------------------- */

static enum mill_status update_set(const struct mill_tree_store *s, struct mill_tree_set *set,
                                   const struct mill_plan *plan, struct mill_error *err)
{
    struct mill_tree_folder folder;
    enum mill_status st = mill_tree_open_experiment(s, set->rows.experiment_id, &folder, err);
    if (st == MILL_E_NOT_FOUND) {
        mill_tree_set_empty(set); /* no such experiment has no runs */
        return MILL_OK;
    }
    if (st != MILL_OK)
        return st;
    st = mill_tree_set_list(set, &folder, err);
    if (st == MILL_OK && mill_tree_fields_of(plan) > MILL_TREE_MAX_KEYS)
        st = mill_tree_update_rows_fully(s, set, &folder, err);
    else if (st == MILL_OK)
        st = mill_tree_set_need(set, plan) ? mill_tree_update_rows(s, set, &folder, err)
                                           : mill_no_memory(err);
    mill_tree_close(&folder.dir);
    return st;
}

/* Replaces those rows of a page that belong to one experiment by full ones. */
static enum mill_status fill_in(const struct mill_tree_store *s, struct mill_tree_set *set,
                                const struct mill_run_page *page, size_t *indices,
                                size_t *positions, struct mill_row **found,
                                struct mill_row **rows, struct mill_error *err)
{
    struct mill_tree_folder folder;
    size_t count = 0;
    for (size_t i = 0; i < page->count; i++) {
        uint64_t index;
        if (page->runs[i]->info.experiment_id != set->rows.experiment_id ||
            !mill_map_get(&set->by_name, mill_view_hash(page->runs[i]->info.run_id), &index))
            continue;
        indices[count] = (size_t)index;
        positions[count++] = i;
    }
    if (count == 0)
        return MILL_OK;
    enum mill_status st = mill_tree_open_experiment(s, set->rows.experiment_id, &folder, err);
    if (st != MILL_OK)
        return st == MILL_E_NOT_FOUND ? MILL_OK : st;
    st = mill_tree_full_rows(s, set, &folder, indices, count, found, err);
    for (size_t i = 0; st == MILL_OK && i < count; i++)
        rows[positions[i]] = found[i];
    mill_tree_close(&folder.dir);
    return st;
}

/* Makes a page of full rows of one of first rows, which it releases. A run that went away
 * meanwhile is not on it. */
static enum mill_status make_full(const struct mill_tree_store *s,
                                  struct mill_tree_set *const *sets, size_t set_count,
                                  bool lean, struct mill_run_page *page, struct mill_error *err)
{
    size_t count = page->count, kept = 0;
    struct mill_run_page full = {0};
    size_t *indices = mill_alloc(2 * count * sizeof(*indices));
    struct mill_row **rows = mill_alloc_zero(2 * count, sizeof(struct mill_row *));
    enum mill_status st = indices != NULL && rows != NULL ? MILL_OK : mill_no_memory(err);
    for (size_t i = 0; st == MILL_OK && i < set_count; i++)
        st = fill_in(s, sets[i], page, indices, indices + count, rows + count, rows, err);
    for (size_t i = 0; rows != NULL && i < count; i++)
        if (rows[i] != NULL)
            rows[kept++] = rows[i];
    if (st == MILL_OK)
        st = mill_row_page(rows, kept, (struct mill_page_form){.lean = lean}, &full, err);
    else
        for (size_t i = 0; i < kept; i++)
            mill_row_unref(rows[i]);
    full.more = page->more;
    full.total = page->total;
    mill_run_page_release(page);
    if (st == MILL_OK)
        *page = full;
    mill_free(indices);
    mill_free(rows);
    return st;
}

static enum mill_status search(struct mill_tree_store *s, const struct mill_run_search *search,
                               struct mill_tree_set **sets, struct mill_rowset **rows,
                               struct mill_run_page *out, struct mill_error *err)
{
    struct mill_run_page page = {0};
    struct mill_run_search first = *search;
    first.lean = search->lean && search->info_only;
    for (size_t i = 0; i < search->experiment_count; i++) {
        sets[i] = mill_tree_set_of(s->runs, search->experiment_ids[i], true);
        enum mill_status st =
            sets[i] != NULL ? update_set(s, sets[i], search->plan, err) : mill_no_memory(err);
        if (st != MILL_OK)
            return st;
        sets[i]->used = s->runs->clock;
        rows[i] = &sets[i]->rows;
        mill_rowset_prepare(rows[i], search->plan);
    }
    enum mill_status st =
        mill_rowset_search(rows, search->experiment_count, &first, &page, err);
    if (st == MILL_OK && !search->info_only)
        st = make_full(s, sets, search->experiment_count, search->lean, &page, err);
    if (st == MILL_OK)
        *out = page;
    return st;
}

enum mill_status mill_tree_search_runs(struct mill_tree_store *s,
                                       const struct mill_run_search *wanted,
                                       struct mill_run_page *out, struct mill_error *err)
{
    size_t count = wanted->experiment_count;
    struct mill_tree_set **sets = mill_alloc(count * sizeof(struct mill_tree_set *));
    struct mill_rowset **rows = mill_alloc(count * sizeof(struct mill_rowset *));
    enum mill_status st = MILL_E_NOMEM;
    if (sets != NULL && rows != NULL) {
        pthread_mutex_lock(&s->runs->lock);
        s->runs->clock++;
        st = search(s, wanted, sets, rows, out, err);
        mill_tree_sets_evict(s->runs);
        pthread_mutex_unlock(&s->runs->lock);
    } else {
        st = mill_no_memory(err);
    }
    mill_free(sets);
    mill_free(rows);
    return st;
}

/* --- one run ---------------------------------------------------------------------------- */

/* The full row of a run of an experiment that was searched, if nobody is searching now. */
static struct mill_row *recall(struct mill_tree_store *s, const struct mill_tree_folder *folder,
                               struct mill_view run_id)
{
    struct mill_row *row = NULL;
    struct mill_tree_folder experiment;
    uint64_t found;
    if (pthread_mutex_trylock(&s->runs->lock) != 0)
        return NULL;
    struct mill_tree_set *set = mill_tree_set_of(s->runs, folder->experiment_id, false);
    if (set != NULL && set->trashed == folder->trashed &&
        mill_map_get(&set->by_name, mill_view_hash(run_id), &found) &&
        mill_tree_open_experiment(s, folder->experiment_id, &experiment, NULL) == MILL_OK) {
        size_t index = (size_t)found;
        if (mill_tree_full_rows(s, set, &experiment, &index, 1, &row, NULL) != MILL_OK)
            row = NULL;
        mill_tree_close(&experiment.dir);
    }
    pthread_mutex_unlock(&s->runs->lock);
    return row;
}

static enum mill_status read_run(const struct mill_tree_store *s,
                                 const struct mill_tree_folder *folder, struct mill_view run_id,
                                 struct mill_row **out, struct mill_error *err)
{
    struct mill_tree_reader reader;
    char experiment[MILL_TREE_NAME_SIZE];
    snprintf(experiment, sizeof(experiment), "%s%lld/",
             folder->trashed ? MILL_TREE_TRASH "/" : "", (long long)folder->experiment_id);
    struct mill_tree_run_at at = {.experiment_id = folder->experiment_id,
                                  .run_id = run_id,
                                  .dir = &folder->dir,
                                  .prefix = "",
                                  .experiment_dir = &s->root,
                                  .experiment_prefix = experiment};
    mill_tree_reader_init(&reader);
    enum mill_status st = mill_tree_read_run(s, &reader, &at, NULL, NULL, out, err);
    mill_tree_reader_release(&reader);
    return st;
}

enum mill_status mill_tree_get_run(struct mill_tree_store *s, struct mill_view run_id,
                                   struct mill_run_page *out, struct mill_error *err)
{
    struct mill_tree_folder folder;
    enum mill_status st = mill_tree_open_run(s, run_id, &folder, err);
    if (st != MILL_OK)
        return st;
    struct mill_row *row = recall(s, &folder, run_id);
    if (row == NULL)
        st = read_run(s, &folder, run_id, &row, err);
    mill_tree_close(&folder.dir);
    return st == MILL_OK ? mill_row_page(&row, 1, (struct mill_page_form){0}, out, err) : st;
}
