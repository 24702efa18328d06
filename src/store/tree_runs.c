/* tree_runs.c - searches over the runs of a tree.
 *
 * A run is a dozen small files, and a search over many needs few of them: meta.yaml of all, the
 * metrics, params and tags that its filter and order name, and everything of those that are on
 * its page. So each run has two rows: one with what searches have asked for so far, and a full
 * one, read when it is handed out. Both stay in memory; before they are used the state of the
 * files that they were made of is compared with what it was. Searches take turns. */
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/os.h"
#include "store/row_page.h"
#include "store/tree.h"

enum {
    SLOT_BYTES = 256, /* what a run costs besides its rows and names, about */
    MAX_THREADS = 4,  /* that read at once */
    MANY_RUNS = 64,   /* fewer are read by the caller alone */
    MAX_KEYS = 32     /* that first rows have; a client chooses them */
};

/* A run's folder; the rowset has a slot of the same index, with the first row. */
struct place {
    char *name;
    uint64_t listed; /* by which listing it was found last */
    struct mill_tree_seen seen;
    struct mill_row *full; /* NULL: not kept */
    struct mill_tree_seen full_seen;
    bool asked; /* handed out before: worth to be kept */
};

struct runs_of {
    struct mill_rowset rows;
    struct place *places;
    size_t cap;
    struct mill_map by_name;       /* hash of a name -> index */
    struct mill_tree_seen listing; /* the experiment's folder when it was listed */
    uint64_t listings;             /* how often */
    bool trashed;
    uint64_t used; /* time of the last search */
    struct mill_tree_key
        keys[MAX_KEYS]; /* what the first rows have besides their info; owned */
    size_t key_count;
    bool inputs; /* they have datasets and models, too */
};

struct mill_tree_runs {
    pthread_mutex_t lock;
    struct runs_of **sets;
    size_t count, cap;
    size_t limit_bytes;
    uint64_t clock;
};

enum mill_status mill_tree_runs_new(size_t limit_bytes, struct mill_tree_runs **out,
                                    struct mill_error *err)
{
    *out = mill_alloc_zero(1, sizeof(**out));
    if (*out == NULL)
        return mill_no_memory(err);
    pthread_mutex_init(&(*out)->lock, NULL);
    (*out)->limit_bytes = limit_bytes != 0 ? limit_bytes : (size_t)32 << 20;
    return MILL_OK;
}

/* Forgets all runs, but not which experiment it is. */
static void empty_set(struct runs_of *set)
{
    for (size_t i = 0; i < set->rows.count; i++) {
        mill_free(set->places[i].name);
        mill_tree_seen_release(&set->places[i].seen);
        mill_tree_seen_release(&set->places[i].full_seen);
        mill_row_unref(set->places[i].full);
    }
    mill_rowset_release(&set->rows);
    mill_map_release(&set->by_name);
    set->listing.complete = false;
}

static void forget_keys(struct runs_of *set)
{
    for (size_t i = 0; i < set->key_count; i++)
        mill_free((void *)(uintptr_t)set->keys[i].key.ptr);
    set->key_count = 0;
    set->inputs = false;
}

static void free_set(struct runs_of *set)
{
    empty_set(set);
    forget_keys(set);
    mill_tree_seen_release(&set->listing);
    mill_free(set->places);
    mill_free(set);
}

void mill_tree_runs_free(struct mill_tree_runs *runs)
{
    if (runs == NULL)
        return;
    for (size_t i = 0; i < runs->count; i++)
        free_set(runs->sets[i]);
    mill_free(runs->sets);
    pthread_mutex_destroy(&runs->lock);
    mill_free(runs);
}

static size_t bytes_of(const struct runs_of *set)
{
    size_t bytes = set->rows.bytes;
    for (size_t i = 0; i < set->rows.count; i++)
        bytes += SLOT_BYTES + set->places[i].seen.names.cap +
                 set->places[i].full_seen.names.cap +
                 (set->places[i].full != NULL ? set->places[i].full->bytes : 0);
    return bytes;
}

/* Drops the sets that were not used for the longest time until the rest fits. */
static void evict(struct mill_tree_runs *runs)
{
    size_t bytes = 0;
    for (size_t i = 0; i < runs->count; i++)
        bytes += bytes_of(runs->sets[i]);
    while (bytes > runs->limit_bytes && runs->count != 0) {
        size_t oldest = 0;
        for (size_t i = 1; i < runs->count; i++)
            if (runs->sets[i]->used < runs->sets[oldest]->used)
                oldest = i;
        bytes -= bytes_of(runs->sets[oldest]);
        free_set(runs->sets[oldest]);
        runs->sets[oldest] = runs->sets[--runs->count];
    }
}

/* The set of an experiment; a new one, when there is none, if make says so. */
static struct runs_of *set_of(struct mill_tree_runs *runs, int64_t experiment_id, bool make)
{
    for (size_t i = 0; i < runs->count; i++)
        if (runs->sets[i]->rows.experiment_id == experiment_id)
            return runs->sets[i];
    if (!make)
        return NULL;
    if (runs->count == runs->cap) {
        size_t cap = runs->cap != 0 ? runs->cap * 2 : 16;
        struct runs_of **sets = mill_realloc(runs->sets, cap * sizeof(struct runs_of *));
        if (sets == NULL)
            return NULL;
        runs->sets = sets;
        runs->cap = cap;
    }
    struct runs_of *set = mill_alloc_zero(1, sizeof(*set));
    if (set != NULL) {
        set->rows.experiment_id = experiment_id;
        runs->sets[runs->count++] = set;
    }
    return set;
}

/* --- which runs there are --------------------------------------------------------------- */

bool mill_tree_is_run_name(struct mill_view name)
{
    static const char *const others[] = {"tags", "datasets", "traces", "models"};
    for (size_t i = 0; i < MILL_COUNT(others); i++)
        if (mill_view_eq(name, mill_view_of(others[i])))
            return false;
    return name.len != 0 && name.ptr[0] != '.';
}

static bool reserve(struct runs_of *set)
{
    if (set->rows.count < set->cap)
        return true;
    size_t cap = set->cap != 0 ? set->cap * 2 : 64;
    struct place *places = mill_realloc(set->places, cap * sizeof(*places));
    if (places == NULL)
        return false;
    set->places = places;
    set->cap = cap;
    return true;
}

static bool add_run(struct runs_of *set, struct mill_view name, size_t *index_out)
{
    char *copy = mill_alloc(name.len + 1);
    if (copy == NULL || !reserve(set) || !mill_rowset_add(&set->rows, 0, index_out)) {
        mill_free(copy);
        return false;
    }
    memcpy(copy, name.ptr, name.len);
    copy[name.len] = '\0';
    set->places[*index_out] = (struct place){.name = copy};
    if (mill_map_set(&set->by_name, mill_view_hash(name), *index_out))
        return true;
    set->rows.count--;
    mill_free(copy);
    return false;
}

/* Two names with one hash would hide each other; 64 bits make that a thing of theory. */
static bool note_run(struct runs_of *set, const char *text)
{
    struct mill_view name = mill_view_of(text);
    uint64_t found;
    size_t index;
    if (mill_map_get(&set->by_name, mill_view_hash(name), &found))
        index = (size_t)found;
    else if (!add_run(set, name, &index))
        return false;
    set->places[index].listed = set->listings;
    return true;
}

static bool any_gone(const struct runs_of *set)
{
    for (size_t i = 0; i < set->rows.count; i++)
        if (set->places[i].listed != set->listings)
            return true;
    return false;
}

static enum mill_status list_runs(struct runs_of *set, const struct mill_tree_folder *folder,
                                  struct mill_error *err)
{
    struct mill_tree_listing listing;
    struct stat info = {0};
    const char *name;
    unsigned char type;
    (void)fstat(folder->dir.fd, &info);
    mill_tree_seen_begin(&set->listing);
    mill_tree_seen_add(&set->listing, ".", &info);
    set->listings++;
    mill_tree_list(&listing, folder->dir.fd);
    while ((name = mill_tree_next(&listing, &type)) != NULL)
        if (mill_tree_is_run_name(mill_view_of(name)) &&
            mill_tree_is_dir(folder->dir.fd, name, type) && !note_run(set, name))
            return mill_no_memory(err);
    if (errno != 0)
        return mill_tree_fail(&folder->dir, "", "cannot list the folder", errno, err);
    mill_tree_seen_end(&set->listing);
    return MILL_OK;
}

/* Brings the list of folders up to date. Runs go away so seldom that all is begun anew then. */
static enum mill_status update_list(struct runs_of *set, const struct mill_tree_folder *folder,
                                    struct mill_error *err)
{
    if (set->trashed != folder->trashed)
        empty_set(set);
    set->trashed = folder->trashed;
    if (mill_tree_seen_same(&set->listing, folder->dir.fd, ""))
        return MILL_OK;
    enum mill_status st = list_runs(set, folder, err);
    if (st == MILL_OK && any_gone(set)) {
        empty_set(set);
        if (lseek(folder->dir.fd, 0, SEEK_SET) != 0)
            return mill_tree_fail(&folder->dir, "", "cannot list the folder", errno, err);
        st = list_runs(set, folder, err);
    }
    return st;
}

/* --- which keys searches need ----------------------------------------------------------- */

static bool has_key(const struct runs_of *set, const struct mill_query_field *field)
{
    for (size_t i = 0; i < set->key_count; i++)
        if (set->keys[i].entity == field->entity && mill_view_eq(set->keys[i].key, field->key))
            return true;
    return false;
}

/* Notes that first rows need what a field is about; *stale_out is set when they lack it. */
static bool need_field(struct runs_of *set, const struct mill_query_field *field,
                       bool *stale_out)
{
    if (field->entity == MILL_Q_DATASET) {
        *stale_out = *stale_out || !set->inputs;
        set->inputs = true;
        return true;
    }
    /* What cannot be the name of a file is no key of any run. */
    if (field->entity == MILL_Q_ATTRIBUTE || mill_tree_name_problem(field->key) != NULL ||
        has_key(set, field))
        return true;
    char *copy = mill_alloc(field->key.len);
    if (copy == NULL)
        return false;
    memcpy(copy, field->key.ptr, field->key.len);
    set->keys[set->key_count++] = (struct mill_tree_key){field->entity, {copy, field->key.len}};
    *stale_out = true;
    return true;
}

static size_t fields_of(const struct mill_plan *plan)
{
    return plan->comparison_count + plan->order_count;
}

static const struct mill_query_field *field_of(const struct mill_plan *plan, size_t index)
{
    return index < plan->comparison_count ? &plan->comparisons[index]->field
                                          : &plan->order[index - plan->comparison_count].field;
}

static bool need_plan(struct runs_of *set, const struct mill_plan *plan)
{
    bool stale = false, fits = true;
    if (set->key_count + fields_of(plan) > MAX_KEYS) {
        forget_keys(set);
        stale = true;
    }
    for (size_t i = 0; fits && i < fields_of(plan); i++)
        fits = need_field(set, field_of(plan, i), &stale);
    for (size_t i = 0; stale && i < set->rows.count; i++)
        set->places[i].seen.complete = false;
    return fits;
}

/* --- looking at runs -------------------------------------------------------------------- */

/* A run after it was looked at. */
struct looked {
    enum { SAME, READ, BROKEN, NO_MEMORY } result;
    struct mill_row *row; /* READ; a reference */
};

/* Runs of one experiment that are to be looked at, by several threads. */
struct job {
    const struct mill_tree_store *store;
    const struct mill_tree_folder *folder;
    struct runs_of *set;
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
    struct place *place = &job->set->places[index_of(job, n)];
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

/* Gives the full rows of some runs, a reference each, NULL for one that is gone or broken. On
 * failure there are none. */
static enum mill_status full_rows(const struct mill_tree_store *s, struct runs_of *set,
                                  const struct mill_tree_folder *folder, const size_t *indices,
                                  size_t count, struct mill_row **out, struct mill_error *err)
{
    struct job job = {.store = s, .folder = folder, .set = set, .indices = indices};
    enum mill_status st = MILL_OK;
    job.count = count;
    job.looked = mill_alloc_zero(count, sizeof(*job.looked));
    if (job.looked == NULL)
        return mill_no_memory(err);
    look_at_all(&job);
    for (size_t i = 0; i < count; i++) {
        struct place *place = &set->places[index_of(&job, i)];
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

static void put_row(struct runs_of *set, size_t index, struct mill_row *row)
{
    if (row != NULL)
        mill_rowset_put(&set->rows, index, row);
    else
        mill_rowset_clear(&set->rows, index);
}

/* Brings the first rows of all runs up to date. */
static enum mill_status update_rows(const struct mill_tree_store *s, struct runs_of *set,
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

/* For a plan that names more keys than first rows have: full rows take their place. */
static enum mill_status update_rows_fully(const struct mill_tree_store *s, struct runs_of *set,
                                          const struct mill_tree_folder *folder,
                                          struct mill_error *err)
{
    struct mill_row **rows = mill_alloc_zero(set->rows.count, sizeof(struct mill_row *));
    if (rows == NULL)
        return mill_no_memory(err);
    enum mill_status st = full_rows(s, set, folder, NULL, set->rows.count, rows, err);
    for (size_t i = 0; st == MILL_OK && i < set->rows.count; i++) {
        put_row(set, i, rows[i]);
        set->places[i].seen.complete = false;
    }
    mill_free(rows);
    return st;
}

/* --- searching -------------------------------------------------------------------------- */

static enum mill_status update_set(const struct mill_tree_store *s, struct runs_of *set,
                                   const struct mill_plan *plan, struct mill_error *err)
{
    struct mill_tree_folder folder;
    enum mill_status st = mill_tree_open_experiment(s, set->rows.experiment_id, &folder, err);
    if (st == MILL_E_NOT_FOUND) {
        empty_set(set); /* no such experiment has no runs */
        return MILL_OK;
    }
    if (st != MILL_OK)
        return st;
    st = update_list(set, &folder, err);
    if (st == MILL_OK && fields_of(plan) > MAX_KEYS)
        st = update_rows_fully(s, set, &folder, err);
    else if (st == MILL_OK)
        st = need_plan(set, plan) ? update_rows(s, set, &folder, err) : mill_no_memory(err);
    mill_tree_close(&folder.dir);
    return st;
}

/* Replaces those rows of a page that belong to one experiment by full ones. */
static enum mill_status fill_in(const struct mill_tree_store *s, struct runs_of *set,
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
    st = full_rows(s, set, &folder, indices, count, found, err);
    for (size_t i = 0; st == MILL_OK && i < count; i++)
        rows[positions[i]] = found[i];
    mill_tree_close(&folder.dir);
    return st;
}

/* Makes a page of full rows of one of first rows, which it releases. A run that went away
 * meanwhile is not on it. */
static enum mill_status make_full(const struct mill_tree_store *s, struct runs_of *const *sets,
                                  size_t set_count, bool lean, struct mill_run_page *page,
                                  struct mill_error *err)
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
                               struct runs_of **sets, struct mill_rowset **rows,
                               struct mill_run_page *out, struct mill_error *err)
{
    struct mill_run_page page = {0};
    struct mill_run_search first = *search;
    first.lean = search->lean && search->info_only;
    for (size_t i = 0; i < search->experiment_count; i++) {
        sets[i] = set_of(s->runs, search->experiment_ids[i], true);
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
    struct runs_of **sets = mill_alloc(count * sizeof(struct runs_of *));
    struct mill_rowset **rows = mill_alloc(count * sizeof(struct mill_rowset *));
    enum mill_status st = MILL_E_NOMEM;
    if (sets != NULL && rows != NULL) {
        pthread_mutex_lock(&s->runs->lock);
        s->runs->clock++;
        st = search(s, wanted, sets, rows, out, err);
        evict(s->runs);
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
    struct runs_of *set = set_of(s->runs, folder->experiment_id, false);
    if (set != NULL && set->trashed == folder->trashed &&
        mill_map_get(&set->by_name, mill_view_hash(run_id), &found) &&
        mill_tree_open_experiment(s, folder->experiment_id, &experiment, NULL) == MILL_OK) {
        size_t index = (size_t)found;
        if (full_rows(s, set, &experiment, &index, 1, &row, NULL) != MILL_OK)
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
