/* tree_runs.c - searches over the runs of a tree. The runs of an experiment that was searched
 * stay in memory; each search looks at the state of all their files and reads anew what is not
 * as it was. Searches take turns. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "store/tree.h"

enum {
    SLOT_BYTES = 64, /* what a run costs besides its row and names, about */
    MAX_THREADS = 4, /* that read at once */
    MANY_RUNS = 256  /* fewer are read by the caller alone */
};

/* A run's folder; the rowset has a slot of the same index. */
struct place {
    char *name;
    struct mill_tree_seen seen;
    uint64_t listed; /* by which listing it was found last */
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
        return mill_tree_no_memory(err);
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
    }
    mill_rowset_release(&set->rows);
    mill_map_release(&set->by_name);
    set->listing.complete = false;
}

static void free_set(struct runs_of *set)
{
    empty_set(set);
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
        bytes += SLOT_BYTES + set->places[i].seen.names.cap;
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

static struct runs_of *set_of(struct mill_tree_runs *runs, int64_t experiment_id)
{
    for (size_t i = 0; i < runs->count; i++)
        if (runs->sets[i]->rows.experiment_id == experiment_id)
            return runs->sets[i];
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
            return mill_tree_no_memory(err);
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
    if (mill_tree_seen_same(&set->listing, folder->dir.fd))
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

/* --- what they hold --------------------------------------------------------------------- */

/* A run after it was looked at. */
struct looked {
    enum { SAME, READ, BROKEN, NO_MEMORY } result;
    struct mill_row *row; /* READ */
};

struct job {
    const struct mill_tree_store *store;
    const struct mill_tree_folder *folder;
    struct runs_of *set;
    struct looked *looked; /* by index */
    atomic_size_t next;
};

static void look_at(const struct job *job, size_t index, struct mill_tree_reader *reader)
{
    const struct mill_tree_folder *folder = job->folder;
    struct place *place = &job->set->places[index];
    struct looked *looked = &job->looked[index];
    struct mill_tree_folder run = {.experiment_id = folder->experiment_id,
                                   .trashed = folder->trashed};
    struct mill_error why;
    snprintf(run.name, sizeof(run.name), "%.40s/%.255s", folder->name, place->name);
    run.dir = (struct mill_tree_dir){
        .fd = openat(folder->dir.fd, place->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
        .parent = folder->dir.parent,
        .name = run.name,
    };
    enum mill_status st = MILL_OK;
    if (run.dir.fd < 0) {
        st =
            mill_tree_fail(folder->dir.parent, run.name, "cannot open the folder", errno, &why);
    } else if (mill_tree_seen_same(&place->seen, run.dir.fd)) {
        looked->result = SAME;
    } else {
        looked->result = READ;
        st = mill_tree_read_run(job->store, reader, &run, mill_view_of(place->name),
                                &place->seen, &looked->row, &why);
    }
    mill_tree_close(&run.dir);
    if (st == MILL_OK)
        return;
    looked->result = st == MILL_E_NOMEM ? NO_MEMORY : BROKEN;
    if (st == MILL_E_NOMEM)
        place->seen.complete = false;
    else if (st != MILL_E_NOT_FOUND) /* else it was removed meanwhile */
        mill_tree_warn(&why);
}

static void *look_at_some(void *context)
{
    struct job *job = context;
    struct mill_tree_reader reader;
    size_t index;
    mill_tree_reader_init(&reader);
    while ((index = atomic_fetch_add(&job->next, 1)) < job->set->rows.count)
        look_at(job, index, &reader);
    mill_tree_reader_release(&reader);
    return NULL;
}

/* Looks at all runs, with helpers where there are many: even with one processor they wait for
 * the disk in turn. */
static void look_at_all(struct job *job)
{
    pthread_t threads[MAX_THREADS - 1];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    long helpers = job->set->rows.count < MANY_RUNS ? 0
                   : processors > MAX_THREADS       ? MAX_THREADS - 1
                                                    : processors - 1;
    long started = 0;
    sigset_t all, before;
    sigfillset(&all); /* signals are for the program's own threads */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (started < helpers && pthread_create(&threads[started], NULL, look_at_some, job) == 0)
        started++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    look_at_some(job);
    for (long i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

static enum mill_status update_rows(const struct mill_tree_store *s, struct runs_of *set,
                                    const struct mill_tree_folder *folder,
                                    struct mill_error *err)
{
    struct job job = {.store = s, .folder = folder, .set = set};
    enum mill_status st = MILL_OK;
    job.looked = mill_alloc_zero(set->rows.count, sizeof(*job.looked));
    if (job.looked == NULL)
        return mill_tree_no_memory(err);
    look_at_all(&job);
    for (size_t i = 0; i < set->rows.count; i++) {
        if (job.looked[i].result == READ)
            mill_rowset_put(&set->rows, i, job.looked[i].row);
        else if (job.looked[i].result == BROKEN)
            mill_rowset_clear(&set->rows, i);
        else if (job.looked[i].result == NO_MEMORY)
            st = mill_tree_no_memory(err);
    }
    mill_free(job.looked);
    return st;
}

/* --- searching -------------------------------------------------------------------------- */

static enum mill_status update_set(const struct mill_tree_store *s, struct runs_of *set,
                                   struct mill_error *err)
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
    if (st == MILL_OK)
        st = update_rows(s, set, &folder, err);
    mill_tree_close(&folder.dir);
    return st;
}

enum mill_status mill_tree_search_runs(struct mill_tree_store *s,
                                       const struct mill_run_search *search,
                                       struct mill_run_page *out, struct mill_error *err)
{
    struct mill_tree_runs *runs = s->runs;
    struct mill_rowset **sets =
        mill_alloc(search->experiment_count * sizeof(struct mill_rowset *));
    if (sets == NULL)
        return mill_tree_no_memory(err);
    enum mill_status st = MILL_OK;
    pthread_mutex_lock(&runs->lock);
    runs->clock++;
    for (size_t i = 0; st == MILL_OK && i < search->experiment_count; i++) {
        struct runs_of *set = set_of(runs, search->experiment_ids[i]);
        st = set != NULL ? update_set(s, set, err) : mill_tree_no_memory(err);
        if (st != MILL_OK)
            break;
        set->used = runs->clock;
        mill_rowset_prepare(&set->rows, search->plan);
        sets[i] = &set->rows;
    }
    if (st == MILL_OK)
        st = mill_rowset_search(sets, search->experiment_count, search, out, err);
    evict(runs);
    pthread_mutex_unlock(&runs->lock);
    mill_free(sets);
    return st;
}
