/* tree_sets.c - what is remembered of the runs of each experiment in a tree. See tree_sets.h.
 */
#include "store/tree_sets.h"

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"

enum { SLOT_BYTES = 256 /* what a run costs besides its rows and names, about */ };

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

void mill_tree_set_empty(struct mill_tree_set *set)
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

static void forget_keys(struct mill_tree_set *set)
{
    for (size_t i = 0; i < set->key_count; i++)
        mill_free((void *)(uintptr_t)set->keys[i].key.ptr);
    set->key_count = 0;
    set->inputs = false;
}

static void free_set(struct mill_tree_set *set)
{
    mill_tree_set_empty(set);
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

static size_t bytes_of(const struct mill_tree_set *set)
{
    size_t bytes = set->rows.bytes;
    for (size_t i = 0; i < set->rows.count; i++)
        bytes += SLOT_BYTES + set->places[i].seen.names.cap +
                 set->places[i].full_seen.names.cap +
                 (set->places[i].full != NULL ? set->places[i].full->bytes : 0);
    return bytes;
}

void mill_tree_sets_evict(struct mill_tree_runs *runs)
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

struct mill_tree_set *mill_tree_set_of(struct mill_tree_runs *runs, int64_t experiment_id,
                                       bool make)
{
    for (size_t i = 0; i < runs->count; i++)
        if (runs->sets[i]->rows.experiment_id == experiment_id)
            return runs->sets[i];
    if (!make)
        return NULL;
    if (runs->count == runs->cap) {
        size_t cap = runs->cap != 0 ? runs->cap * 2 : 16;
        struct mill_tree_set **sets =
            mill_realloc(runs->sets, cap * sizeof(struct mill_tree_set *));
        if (sets == NULL)
            return NULL;
        runs->sets = sets;
        runs->cap = cap;
    }
    struct mill_tree_set *set = mill_alloc_zero(1, sizeof(*set));
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

static bool reserve(struct mill_tree_set *set)
{
    if (set->rows.count < set->cap)
        return true;
    size_t cap = set->cap != 0 ? set->cap * 2 : 64;
    struct mill_tree_run_place *places = mill_realloc(set->places, cap * sizeof(*places));
    if (places == NULL)
        return false;
    set->places = places;
    set->cap = cap;
    return true;
}

static bool add_run(struct mill_tree_set *set, struct mill_view name, size_t *index_out)
{
    char *copy = mill_alloc(name.len + 1);
    if (copy == NULL || !reserve(set) || !mill_rowset_add(&set->rows, 0, index_out)) {
        mill_free(copy);
        return false;
    }
    memcpy(copy, name.ptr, name.len);
    copy[name.len] = '\0';
    set->places[*index_out] = (struct mill_tree_run_place){.name = copy};
    if (mill_map_set(&set->by_name, mill_view_hash(name), *index_out))
        return true;
    set->rows.count--;
    mill_free(copy);
    return false;
}

/* Two names with one hash would hide each other; 64 bits make that a thing of theory. */
static bool note_run(struct mill_tree_set *set, const char *text)
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

static bool any_gone(const struct mill_tree_set *set)
{
    for (size_t i = 0; i < set->rows.count; i++)
        if (set->places[i].listed != set->listings)
            return true;
    return false;
}

static enum mill_status list_runs(struct mill_tree_set *set,
                                  const struct mill_tree_folder *folder, struct mill_error *err)
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

/* Runs go away so seldom that all is begun anew then. */
enum mill_status mill_tree_set_list(struct mill_tree_set *set,
                                    const struct mill_tree_folder *folder,
                                    struct mill_error *err)
{
    if (set->trashed != folder->trashed)
        mill_tree_set_empty(set);
    set->trashed = folder->trashed;
    if (mill_tree_seen_same(&set->listing, folder->dir.fd, ""))
        return MILL_OK;
    enum mill_status st = list_runs(set, folder, err);
    if (st == MILL_OK && any_gone(set)) {
        mill_tree_set_empty(set);
        if (lseek(folder->dir.fd, 0, SEEK_SET) != 0)
            return mill_tree_fail(&folder->dir, "", "cannot list the folder", errno, err);
        st = list_runs(set, folder, err);
    }
    return st;
}

/* --- which keys searches need ----------------------------------------------------------- */

static bool has_key(const struct mill_tree_set *set, const struct mill_query_field *field)
{
    for (size_t i = 0; i < set->key_count; i++)
        if (set->keys[i].entity == field->entity && mill_view_eq(set->keys[i].key, field->key))
            return true;
    return false;
}

/* Notes that first rows need what a field is about; *stale_out is set when they lack it. */
static bool need_field(struct mill_tree_set *set, const struct mill_query_field *field,
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

size_t mill_tree_fields_of(const struct mill_plan *plan)
{
    return plan->comparison_count + plan->order_count;
}

static const struct mill_query_field *field_of(const struct mill_plan *plan, size_t index)
{
    return index < plan->comparison_count ? &plan->comparisons[index]->field
                                          : &plan->order[index - plan->comparison_count].field;
}

bool mill_tree_set_need(struct mill_tree_set *set, const struct mill_plan *plan)
{
    bool stale = false, fits = true;
    if (set->key_count + mill_tree_fields_of(plan) > MILL_TREE_MAX_KEYS) {
        forget_keys(set);
        stale = true;
    }
    for (size_t i = 0; fits && i < mill_tree_fields_of(plan); i++)
        fits = need_field(set, field_of(plan, i), &stale);
    for (size_t i = 0; stale && i < set->rows.count; i++)
        set->places[i].seen.complete = false;
    return fits;
}
