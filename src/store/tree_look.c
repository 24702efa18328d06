/* tree_look.c - brings rows of runs in a tree up to date, by several threads. See tree_sets.h.
 */
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/os.h"
#include "store/tree_sets.h"

enum {
    MAX_THREADS = 4, /* that read at once */
    MANY_RUNS = 64   /* fewer are read by the caller alone */
};

/* A run after it was looked at. */
struct looked {
    enum { SAME, READ, BROKEN, NO_MEMORY } result;
    struct mill_row *row; /* READ; a reference */
};

/* Runs of one experiment that are to be looked at, by several threads. */
struct job {
    const struct mill_tree_store *store;
    const struct mill_tree_folder *folder;
    struct mill_tree_set *set;
    const struct mill_tree_wanted *wanted; /* NULL: full rows */
    const size_t *indices;                 /* NULL: all runs */
    size_t count;
    struct looked *looked; /* as many */
    atomic_size_t next;
};

static size_t index_of(const struct job *job, size_t n)
{
    return job->indices != NULL ? job->indices[n] : n;
}

static void look_at(const struct job *job, size_t n, struct mill_tree_reader *reader)
{
    const struct mill_tree_folder *folder = job->folder;
    struct mill_tree_run_place *place = &job->set->places[index_of(job, n)];
    struct looked *looked = &job->looked[n];
    struct mill_tree_seen *seen = job->wanted != NULL ? &place->seen : &place->full_seen;
    struct mill_error why;
    char prefix[NAME_MAX + 2];
    snprintf(prefix, sizeof(prefix), "%.255s/", place->name);
    if (mill_tree_seen_same(seen, folder->dir.fd, prefix)) {
        looked->result = SAME;
        return;
    }
    struct mill_tree_run_at at = {.experiment_id = folder->experiment_id,
                                  .run_id = mill_view_of(place->name),
                                  .dir = &folder->dir,
                                  .prefix = prefix,
                                  .experiment_dir = &folder->dir,
                                  .experiment_prefix = ""};
    /* Who asks once is served faster without asking for the state of each file. */
    if (job->wanted == NULL && !place->asked)
        seen = NULL;
    place->asked = place->asked || job->wanted == NULL;
    enum mill_status st =
        mill_tree_read_run(job->store, reader, &at, job->wanted, seen, &looked->row, &why);
    looked->result = st == MILL_OK ? READ : st == MILL_E_NOMEM ? NO_MEMORY : BROKEN;
    if (st == MILL_E_NOMEM && seen != NULL)
        seen->complete = false;
    else if (st != MILL_OK && st != MILL_E_NOMEM)
        mill_tree_warn(&why);
}

static void *look_at_some(void *context)
{
    struct job *job = context;
    struct mill_tree_reader reader;
    size_t n;
    mill_tree_reader_init(&reader);
    while ((n = atomic_fetch_add(&job->next, 1)) < job->count)
        look_at(job, n, &reader);
    mill_tree_reader_release(&reader);
    return NULL;
}

static size_t helpers_for(size_t count)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (count < MANY_RUNS || processors < 2)
        return 0;
    return processors > MAX_THREADS ? MAX_THREADS - 1 : (size_t)processors - 1;
}

/* Looks at all runs of a job, with helpers where there are many. */
static void look_at_all(struct job *job)
{
    pthread_t threads[MAX_THREADS - 1];
    size_t started = mill_start_threads(threads, helpers_for(job->count), look_at_some, job);
    look_at_some(job);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

enum mill_status mill_tree_full_rows(const struct mill_tree_store *s, struct mill_tree_set *set,
                                     const struct mill_tree_folder *folder,
                                     const size_t *indices, size_t count, struct mill_row **out,
                                     struct mill_error *err)
{
    struct job job = {.store = s, .folder = folder, .set = set, .indices = indices};
    enum mill_status st = MILL_OK;
    job.count = count;
    job.looked = mill_alloc_zero(count, sizeof(*job.looked));
    if (job.looked == NULL)
        return mill_no_memory(err);
    look_at_all(&job);
    for (size_t i = 0; i < count; i++) {
        struct mill_tree_run_place *place = &set->places[index_of(&job, i)];
        const struct looked *looked = &job.looked[i];
        out[i] = looked->result == SAME ? mill_row_ref(place->full) : looked->row;
        if (looked->result == NO_MEMORY)
            st = mill_no_memory(err);
        if (looked->result == SAME)
            continue;
        mill_row_unref(place->full);
        place->full = NULL;
        if (looked->row != NULL && place->full_seen.complete)
            place->full = mill_row_ref(looked->row);
        else
            place->full_seen.complete = false;
    }
    for (size_t i = 0; st != MILL_OK && i < count; i++)
        mill_row_unref(out[i]);
    mill_free(job.looked);
    return st;
}

static void put_row(struct mill_tree_set *set, size_t index, struct mill_row *row)
{
    if (row != NULL)
        mill_rowset_put(&set->rows, index, row);
    else
        mill_rowset_clear(&set->rows, index);
}

enum mill_status mill_tree_update_rows(const struct mill_tree_store *s,
                                       struct mill_tree_set *set,
                                       const struct mill_tree_folder *folder,
                                       struct mill_error *err)
{
    struct mill_tree_wanted wanted = {set->keys, set->key_count, set->inputs};
    struct job job = {.store = s, .folder = folder, .set = set, .wanted = &wanted};
    enum mill_status st = MILL_OK;
    job.count = set->rows.count;
    job.looked = mill_alloc_zero(job.count, sizeof(*job.looked));
    if (job.looked == NULL)
        return mill_no_memory(err);
    look_at_all(&job);
    for (size_t i = 0; i < job.count; i++) {
        if (job.looked[i].result == READ || job.looked[i].result == BROKEN)
            put_row(set, i, job.looked[i].row);
        else if (job.looked[i].result == NO_MEMORY)
            st = mill_no_memory(err);
    }
    mill_free(job.looked);
    return st;
}

enum mill_status mill_tree_update_rows_fully(const struct mill_tree_store *s,
                                             struct mill_tree_set *set,
                                             const struct mill_tree_folder *folder,
                                             struct mill_error *err)
{
    struct mill_row **rows = mill_alloc_zero(set->rows.count, sizeof(struct mill_row *));
    if (rows == NULL)
        return mill_no_memory(err);
    enum mill_status st = mill_tree_full_rows(s, set, folder, NULL, set->rows.count, rows, err);
    for (size_t i = 0; st == MILL_OK && i < set->rows.count; i++) {
        put_row(set, i, rows[i]);
        set->places[i].seen.complete = false;
    }
    mill_free(rows);
    return st;
}
