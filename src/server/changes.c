/* changes.c - see changes.h. A fixed number of entries, one for each run or experiment that
 * changed, in a list by their last change: whoever changes again moves to its end, and the
 * first one gives its place to a new one. */
#include "server/changes.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/json_text.h"
#include "base/view.h"

enum kind {
    KIND_CREATED,
    KIND_METRICS,
    KIND_PARAMS,
    KIND_TAGS,
    KIND_INFO,
    KIND_DELETED,
    KIND_RESTORED,
    KIND_INPUTS,
    KIND_COUNT
};

static const char *const kind_names[KIND_COUNT] = {
    [KIND_CREATED] = "created",   [KIND_METRICS] = "metrics", [KIND_PARAMS] = "params",
    [KIND_TAGS] = "tags",         [KIND_INFO] = "info",       [KIND_DELETED] = "deleted",
    [KIND_RESTORED] = "restored", [KIND_INPUTS] = "inputs",
};

/* Chains of entries with the same hash; and the end of every list. */
#define CHAINS 8192
#define NONE   UINT32_MAX

struct entry {
    char *run_id; /* owned; NULL for an experiment */
    size_t run_id_len;
    int64_t experiment_id;
    int64_t last;                /* generation of the last change */
    int64_t changed[KIND_COUNT]; /* the same of each kind; 0: never */
    uint32_t newer, older;       /* in the list by `last` */
    uint32_t next;               /* in the chain */
};

struct mill_changes {
    pthread_mutex_t lock;
    _Atomic int64_t generation;
    int64_t forgotten; /* what changed up to here may be unknown */
    bool partial;
    struct entry *entries;
    uint32_t count;
    uint32_t newest, oldest;
    uint32_t chains[CHAINS];
};

/* --- entries ------------------------------------------------------------------------------ */

/* What an entry is about. */
struct subject {
    struct mill_view run_id; /* absent: the experiment itself */
    int64_t experiment_id;
};

static uint32_t chain_of(struct subject subject)
{
    uint64_t hash = subject.run_id.ptr != NULL
                        ? mill_view_hash(subject.run_id)
                        : (uint64_t)subject.experiment_id * 0x9e3779b97f4a7c15u >> 32;
    return (uint32_t)(hash % CHAINS);
}

static struct subject subject_of(const struct entry *e)
{
    return (struct subject){{e->run_id, e->run_id_len}, e->experiment_id};
}

static bool is_about(const struct entry *e, struct subject subject)
{
    if (subject.run_id.ptr == NULL)
        return e->run_id == NULL && e->experiment_id == subject.experiment_id;
    return e->run_id != NULL &&
           mill_view_eq((struct mill_view){e->run_id, e->run_id_len}, subject.run_id);
}

static uint32_t find(const struct mill_changes *c, struct subject subject)
{
    uint32_t i = c->chains[chain_of(subject)];
    while (i != NONE && !is_about(&c->entries[i], subject))
        i = c->entries[i].next;
    return i;
}

static void unlink_entry(struct mill_changes *c, uint32_t i)
{
    struct entry *e = &c->entries[i];
    *(e->newer != NONE ? &c->entries[e->newer].older : &c->newest) = e->older;
    *(e->older != NONE ? &c->entries[e->older].newer : &c->oldest) = e->newer;
}

static void link_newest(struct mill_changes *c, uint32_t i)
{
    c->entries[i].newer = NONE;
    c->entries[i].older = c->newest;
    *(c->newest != NONE ? &c->entries[c->newest].newer : &c->oldest) = i;
    c->newest = i;
}

/* Takes the oldest entry out of everything. */
static uint32_t forget_oldest(struct mill_changes *c)
{
    uint32_t i = c->oldest;
    uint32_t *link = &c->chains[chain_of(subject_of(&c->entries[i]))];
    while (*link != i)
        link = &c->entries[*link].next;
    *link = c->entries[i].next;
    unlink_entry(c, i);
    c->forgotten = c->entries[i].last;
    mill_free(c->entries[i].run_id);
    return i;
}

/* A new entry, in its chain but not in the list; NONE when out of memory. */
static uint32_t make(struct mill_changes *c, struct subject subject)
{
    char *copy = NULL;
    if (subject.run_id.ptr != NULL) {
        copy = mill_alloc(subject.run_id.len);
        if (copy == NULL)
            return NONE;
        memcpy(copy, subject.run_id.ptr, subject.run_id.len);
    }
    uint32_t i = c->count < MILL_CHANGES_KEPT ? c->count++ : forget_oldest(c);
    uint32_t *chain = &c->chains[chain_of(subject)];
    c->entries[i] = (struct entry){.run_id = copy,
                                   .run_id_len = subject.run_id.len,
                                   .experiment_id = subject.experiment_id,
                                   .next = *chain};
    *chain = i;
    return i;
}

/* --- noting ------------------------------------------------------------------------------- */

/* The kinds of changes that mean one thing, as a set; 0: nobody is told. */
static unsigned kinds_of_kind(enum mill_change_kind kind)
{
    static const unsigned kinds[] = {
        [MILL_CHANGE_CREATE_EXPERIMENT] = 1U << KIND_CREATED,
        [MILL_CHANGE_RENAME_EXPERIMENT] = 1U << KIND_INFO,
        [MILL_CHANGE_DELETE_EXPERIMENT] = 1U << KIND_DELETED,
        [MILL_CHANGE_RESTORE_EXPERIMENT] = 1U << KIND_RESTORED,
        [MILL_CHANGE_SET_EXPERIMENT_TAG] = 1U << KIND_TAGS,
        [MILL_CHANGE_DELETE_EXPERIMENT_TAG] = 1U << KIND_TAGS,
        [MILL_CHANGE_CREATE_RUN] = 1U << KIND_CREATED,
        [MILL_CHANGE_UPDATE_RUN] = 1U << KIND_INFO,
        [MILL_CHANGE_DELETE_RUN] = 1U << KIND_DELETED,
        [MILL_CHANGE_RESTORE_RUN] = 1U << KIND_RESTORED,
        [MILL_CHANGE_DELETE_TAG] = 1U << KIND_TAGS,
        [MILL_CHANGE_LOG_INPUTS] = 1U << KIND_INPUTS,
        [MILL_CHANGE_LOG_OUTPUTS] = 1U << KIND_INPUTS,
        [MILL_CHANGE_APPEND_TAG_JSON] = 1U << KIND_TAGS,
    };
    return (size_t)kind < MILL_COUNT(kinds) ? kinds[kind] : 0;
}

static unsigned kinds_of(const struct mill_change *change)
{
    unsigned kinds = kinds_of_kind(change->kind);
    if (change->kind != MILL_CHANGE_LOG)
        return kinds;
    if (change->as.log.metric_count > 0)
        kinds |= 1U << KIND_METRICS;
    if (change->as.log.param_count > 0)
        kinds |= 1U << KIND_PARAMS;
    for (size_t i = 0; i < change->as.log.tag_count; i++) {
        kinds |= 1U << KIND_TAGS;
        if (mill_view_eq(change->as.log.tags[i].key, MILL_VIEW("mlflow.runName")))
            kinds |= 1U << KIND_INFO;
    }
    return kinds;
}

static int64_t experiment_of(const struct mill_change *change,
                             const struct mill_outcome *outcome)
{
    switch ((int)change->kind) {
    case MILL_CHANGE_RENAME_EXPERIMENT:
        return change->as.rename.experiment_id;
    case MILL_CHANGE_DELETE_EXPERIMENT:
    case MILL_CHANGE_RESTORE_EXPERIMENT:
        return change->as.experiment.experiment_id;
    case MILL_CHANGE_SET_EXPERIMENT_TAG:
    case MILL_CHANGE_DELETE_EXPERIMENT_TAG:
        return change->as.experiment_tag.experiment_id;
    default:
        return outcome->experiment_id;
    }
}

static void note(struct mill_changes *c, struct subject subject, unsigned kinds)
{
    int64_t generation = atomic_load(&c->generation) + 1;
    uint32_t i = find(c, subject);
    if (i != NONE)
        unlink_entry(c, i);
    else
        i = make(c, subject);
    if (i != NONE) {
        struct entry *e = &c->entries[i];
        for (unsigned k = 0; k < KIND_COUNT; k++)
            if ((kinds & 1U << k) != 0)
                e->changed[k] = generation;
        e->last = generation;
        link_newest(c, i);
    } else {
        c->forgotten = generation;
    }
    atomic_store(&c->generation, generation);
}

void mill_changes_note(struct mill_changes *c, const struct mill_change *change,
                       const struct mill_outcome *outcome)
{
    unsigned kinds = kinds_of(change);
    if (c == NULL || kinds == 0)
        return;
    const struct subject subject = {mill_change_run_id(change), experiment_of(change, outcome)};
    pthread_mutex_lock(&c->lock);
    note(c, subject, kinds);
    pthread_mutex_unlock(&c->lock);
}

/* --- asking ------------------------------------------------------------------------------- */

static int cmp_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static int cmp_views(const void *a, const void *b)
{
    return mill_view_cmp(*(const struct mill_view *)a, *(const struct mill_view *)b);
}

static bool counts(const struct mill_changes_filter *f, const struct entry *e)
{
    struct mill_view run_id = {e->run_id, e->run_id_len};
    if (f->experiment_count == 0 && f->run_count == 0)
        return true;
    if (f->experiment_count > 0 &&
        bsearch(&e->experiment_id, f->experiment_ids, f->experiment_count, sizeof(int64_t),
                cmp_ids) != NULL)
        return true;
    return e->run_id != NULL && f->run_count > 0 &&
           bsearch(&run_id, f->run_ids, f->run_count, sizeof(run_id), cmp_views) != NULL;
}

static void add_entry(struct mill_buf *out, const struct entry *e, int64_t since)
{
    bool first = true;
    mill_buf_add_char(out, '{');
    if (e->run_id != NULL) {
        mill_buf_add_view(out, MILL_VIEW("\"run_id\":"));
        mill_buf_add_json_string(out, (struct mill_view){e->run_id, e->run_id_len});
        mill_buf_add_char(out, ',');
    }
    mill_buf_printf(out, "\"experiment_id\":\"%lld\",\"kinds\":[", (long long)e->experiment_id);
    for (unsigned k = 0; k < KIND_COUNT; k++) {
        if (e->changed[k] <= since)
            continue;
        mill_buf_printf(out, "%s\"%s\"", first ? "" : ",", kind_names[k]);
        first = false;
    }
    mill_buf_add_view(out, MILL_VIEW("]}"));
}

/* The entries of one sort behind a generation, newest first; how many, or more than are told.
 */
static size_t add_entries(const struct mill_changes *c, int64_t since, bool runs,
                          const struct mill_changes_filter *filter, struct mill_buf *out)
{
    size_t count = 0;
    for (uint32_t i = c->newest; i != NONE && c->entries[i].last > since;
         i = c->entries[i].older) {
        const struct entry *e = &c->entries[i];
        if ((e->run_id != NULL) != runs || !counts(filter, e))
            continue;
        if (++count > MILL_CHANGES_TOLD)
            break;
        if (count > 1)
            mill_buf_add_char(out, ',');
        add_entry(out, e, since);
    }
    return count;
}

/* Both lists; false when there is too much to tell. */
static bool add_lists(const struct mill_changes *c, int64_t since,
                      const struct mill_changes_filter *filter, struct mill_buf *out,
                      bool *any_out)
{
    mill_buf_add_view(out, MILL_VIEW(",\"runs\":["));
    size_t runs = add_entries(c, since, true, filter, out);
    mill_buf_add_view(out, MILL_VIEW("],\"experiments\":["));
    size_t experiments = add_entries(c, since, false, filter, out);
    mill_buf_add_char(out, ']');
    *any_out = runs + experiments > 0;
    return runs <= MILL_CHANGES_TOLD && experiments <= MILL_CHANGES_TOLD;
}

int64_t mill_changes_write(struct mill_changes *c, int64_t since,
                           const struct mill_changes_filter *filter, struct mill_buf *out,
                           bool *any_out)
{
    bool any = false;
    pthread_mutex_lock(&c->lock);
    int64_t generation = atomic_load(&c->generation);
    bool known = since == MILL_ABSENT || (since >= c->forgotten && since <= generation);
    mill_buf_printf(out, "{\"generation\":%lld", (long long)generation);
    size_t lists_at = out->len;
    if (known)
        known = add_lists(c, since == MILL_ABSENT ? generation : since, filter, out, &any);
    pthread_mutex_unlock(&c->lock);
    if (!known) {
        any = true;
        out->len = out->failed ? out->len : lists_at;
        mill_buf_add_view(out, MILL_VIEW(",\"runs\":[],\"experiments\":[],\"reset\":true"));
    }
    if (c->partial)
        mill_buf_add_view(out, MILL_VIEW(",\"partial\":true"));
    mill_buf_add_char(out, '}');
    if (any_out != NULL)
        *any_out = any;
    return generation;
}

/* --- life --------------------------------------------------------------------------------- */

struct mill_changes *mill_changes_new(int64_t now_ms, bool partial)
{
    struct mill_changes *c = mill_alloc_zero(1, sizeof(*c));
    if (c == NULL)
        return NULL;
    c->entries = mill_alloc_zero(MILL_CHANGES_KEPT, sizeof(*c->entries));
    if (c->entries == NULL) {
        mill_free(c);
        return NULL;
    }
    pthread_mutex_init(&c->lock, NULL);
    /* A thousand changes each millisecond would have to be made before the next start comes
     * too early; and the number stays exact as a double. */
    atomic_store(&c->generation, now_ms * 1000);
    c->forgotten = now_ms * 1000;
    c->partial = partial;
    c->newest = c->oldest = NONE;
    memset(c->chains, 0xff, sizeof(c->chains));
    return c;
}

void mill_changes_free(struct mill_changes *c)
{
    if (c == NULL)
        return;
    for (uint32_t i = 0; i < c->count; i++)
        mill_free(c->entries[i].run_id);
    mill_free(c->entries);
    pthread_mutex_destroy(&c->lock);
    mill_free(c);
}

int64_t mill_changes_generation(const struct mill_changes *c)
{
    return c != NULL ? atomic_load(&c->generation) : 0;
}
