/* tree_catalog.c - the experiments of a tree. One is read from its folder whenever it is asked
 * for by id; those that are looked for by name or by a search are kept in memory, each until
 * its files change. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "store/entity.h"
#include "store/tree.h"
#include "store/tree_walk.h"

/* An experiment's folder as it was when it was read. */
struct known {
    int64_t id;
    bool trashed;
    bool good;               /* value can be used */
    bool listed;             /* found by the listing that is going on */
    bool unread;             /* it may be good, but could not be read */
    struct mill_arena arena; /* what value points to */
    struct mill_experiment value;
    struct mill_tree_seen seen;
};

struct mill_tree_catalog {
    pthread_mutex_t lock;
    struct mill_tree_seen folders; /* the two that hold experiments, when they were listed */
    struct known **items;          /* by id */
    size_t count, cap;
};

enum mill_status mill_tree_catalog_new(struct mill_tree_catalog **out, struct mill_error *err)
{
    *out = mill_alloc_zero(1, sizeof(**out));
    if (*out == NULL)
        return mill_no_memory(err);
    pthread_mutex_init(&(*out)->lock, NULL);
    return MILL_OK;
}

static void free_known(struct known *k)
{
    mill_arena_release(&k->arena);
    mill_tree_seen_release(&k->seen);
    mill_free(k);
}

void mill_tree_catalog_free(struct mill_tree_catalog *catalog)
{
    if (catalog == NULL)
        return;
    for (size_t i = 0; i < catalog->count; i++)
        free_known(catalog->items[i]);
    mill_free(catalog->items);
    mill_tree_seen_release(&catalog->folders);
    pthread_mutex_destroy(&catalog->lock);
    mill_free(catalog);
}

/* --- one experiment --------------------------------------------------------------------- */

static enum mill_status open_folder(const struct mill_tree_store *s, int64_t id, bool trashed,
                                    struct mill_tree_folder *out, struct mill_error *err)
{
    snprintf(out->name, sizeof(out->name), "%s%lld", trashed ? MILL_TREE_TRASH "/" : "",
             (long long)id);
    out->experiment_id = id;
    out->trashed = trashed;
    return mill_tree_open(&s->root, out->name, &out->dir, err);
}

enum mill_status mill_tree_open_experiment(const struct mill_tree_store *s,
                                           int64_t experiment_id, struct mill_tree_folder *out,
                                           struct mill_error *err)
{
    enum mill_status st = open_folder(s, experiment_id, false, out, err);
    if (st == MILL_E_NOT_FOUND)
        st = open_folder(s, experiment_id, true, out, err);
    if (st == MILL_E_NOT_FOUND)
        return mill_fail(err, st, "there is no experiment %lld", (long long)experiment_id);
    return st;
}

/* The context of a walk through an experiment's tags. */
struct tag_walk {
    struct mill_arena *arena;
    struct mill_list tags;
    struct mill_buf bytes;
};

static enum mill_status read_tag(struct mill_tree_walk *w, struct mill_error *err)
{
    struct tag_walk *t = w->context;
    return mill_tree_walk_value(w, t->arena, &t->bytes, &t->tags, err);
}

static int by_key(const void *a, const void *b)
{
    return mill_view_cmp(((const struct mill_tag *)a)->key, ((const struct mill_tag *)b)->key);
}

static enum mill_status read_tags(const struct mill_tree_dir *dir, struct mill_tree_seen *seen,
                                  struct mill_arena *arena, struct mill_experiment *out,
                                  struct mill_error *err)
{
    struct tag_walk t = {.arena = arena, .tags.size = sizeof(struct mill_tag)};
    struct mill_tree_walk w = {.dir = dir, .seen = seen, .file = read_tag, .context = &t};
    enum mill_status st = mill_tree_walk_files(&w, "tags", err);
    if (st == MILL_OK) {
        struct mill_tag *tags = mill_arena_zero(arena, t.tags.count, sizeof(*tags));
        if (tags == NULL) {
            st = mill_no_memory(err);
        } else {
            if (t.tags.count != 0)
                memcpy(tags, t.tags.items, t.tags.count * sizeof(*tags));
            qsort(tags, t.tags.count, sizeof(*tags), by_key);
            out->tags = tags;
            out->tag_count = t.tags.count;
        }
    }
    mill_free(t.tags.items);
    mill_buf_release(&t.bytes);
    return st;
}

/* Where it lies decides as much as what it says: a killed process leaves these different. */
static enum mill_status complete(const struct mill_tree_store *s,
                                 const struct mill_tree_folder *folder,
                                 struct mill_arena *arena, struct mill_experiment *e,
                                 struct mill_error *err)
{
    if (folder->trashed)
        e->lifecycle_stage = MILL_DELETED;
    e->artifact_location = mill_experiment_location(arena, e->artifact_location,
                                                    s->artifact_root, e->experiment_id);
    return e->artifact_location.ptr != NULL ? MILL_OK : mill_no_memory(err);
}

enum mill_status mill_tree_read_experiment(const struct mill_tree_store *s,
                                           const struct mill_tree_folder *folder,
                                           struct mill_arena *arena,
                                           struct mill_experiment *out,
                                           struct mill_yaml **meta_out,
                                           struct mill_tree_seen *seen, struct mill_error *err)
{
    struct mill_tree_walk w = {.dir = &folder->dir, .seen = seen, .path = MILL_TREE_META};
    struct mill_experiment e;
    struct mill_yaml *meta;
    struct mill_error why;
    struct stat info = {0};
    if (seen != NULL)
        mill_tree_seen_begin(seen);
    enum mill_status st = mill_tree_read_meta(&folder->dir, MILL_TREE_META, MILL_TREE_MAX_META,
                                              arena, &meta, &info, err);
    mill_tree_walk_see(&w, &info);
    if (st == MILL_E_NOT_FOUND)
        st = MILL_E_CORRUPT; /* the folder is there */
    if (st == MILL_OK) {
        st = mill_tree_meta_experiment(meta, folder->experiment_id, &e, &why);
        if (st != MILL_OK)
            mill_tree_blame(&folder->dir, MILL_TREE_META, st, &why, err);
    }
    if (st == MILL_OK)
        st = complete(s, folder, arena, &e, err);
    if (st == MILL_OK)
        st = read_tags(&folder->dir, seen, arena, &e, err);
    if (seen != NULL)
        mill_tree_seen_end(seen);
    if (st != MILL_OK)
        return st;
    *out = e;
    if (meta_out != NULL)
        *meta_out = meta;
    return MILL_OK;
}

/* --- all of them: needs the lock -------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
    const struct known *x = *(const struct known *const *)a;
    const struct known *y = *(const struct known *const *)b;
    return x->id < y->id ? -1 : x->id > y->id;
}

static struct known *find_known(const struct mill_tree_catalog *catalog, int64_t id)
{
    struct known key = {.id = id}, *wanted = &key;
    if (catalog->count == 0)
        return NULL;
    struct known **found =
        bsearch(&wanted, catalog->items, catalog->count, sizeof(struct known *), by_id);
    return found != NULL ? *found : NULL;
}

/* Adds one at the end, where find_known does not look for it before the next sort. */
static struct known *add_known(struct mill_tree_catalog *catalog, size_t *end, int64_t id)
{
    if (*end == catalog->cap) {
        size_t cap = catalog->cap != 0 ? catalog->cap * 2 : 16;
        struct known **items = mill_realloc(catalog->items, cap * sizeof(struct known *));
        if (items == NULL)
            return NULL;
        catalog->items = items;
        catalog->cap = cap;
    }
    struct known *k = mill_alloc_zero(1, sizeof(*k));
    if (k != NULL) {
        k->id = id;
        catalog->items[(*end)++] = k;
    }
    return k;
}

static void warn_foreign(const struct mill_tree_dir *dir, const char *name)
{
    struct mill_error text = {"this folder is no experiment"}, why;
    mill_tree_blame(dir, name, MILL_E_CORRUPT, &text, &why);
    mill_tree_warn(&why);
}

/* Takes note of an experiment's folder. Of two with one id the first one counts, which is the
 * active one. */
static bool note_folder(struct mill_tree_catalog *catalog, size_t *end, int64_t id,
                        bool trashed)
{
    struct known *k = find_known(catalog, id);
    if (k == NULL)
        k = add_known(catalog, end, id);
    if (k == NULL)
        return false;
    if (k->listed)
        return true;
    k->listed = true;
    if (k->trashed != trashed)
        k->seen.complete = false;
    k->trashed = trashed;
    return true;
}

static enum mill_status list_folder(struct mill_tree_catalog *catalog,
                                    const struct mill_tree_dir *dir, bool trashed,
                                    struct mill_error *err)
{
    struct mill_tree_listing listing;
    const char *name;
    unsigned char type;
    size_t end = catalog->count;
    bool fits = true;
    mill_tree_list(&listing, dir->fd);
    while (fits && (name = mill_tree_next(&listing, &type)) != NULL) {
        int64_t id;
        /* Hidden folders belong to other programs, "models" to the model registry. */
        if (name[0] == '.' || (!trashed && strcmp(name, "models") == 0) ||
            !mill_tree_is_dir(dir->fd, name, type))
            continue;
        if (mill_tree_is_experiment_id(name, &id))
            fits = note_folder(catalog, &end, id, trashed);
        else
            warn_foreign(dir, name);
    }
    int failed = fits ? errno : 0;
    catalog->count = end;
    if (end > 1)
        qsort(catalog->items, end, sizeof(struct known *), by_id);
    if (!fits)
        return mill_no_memory(err);
    return failed == 0 ? MILL_OK
                       : mill_tree_fail(dir, "", "cannot list the folder", failed, err);
}

/* Lists one of the two folders that hold experiments; a missing .trash is an empty one. */
static enum mill_status list_experiments(const struct mill_tree_store *s, bool trashed,
                                         struct mill_error *err)
{
    struct mill_tree_catalog *catalog = s->catalog;
    const char *name = trashed ? MILL_TREE_TRASH : ".";
    struct mill_tree_dir dir;
    struct stat info = {0};
    enum mill_status st = mill_tree_open(&s->root, name, &dir, err);
    if (st == MILL_OK)
        (void)fstat(dir.fd, &info);
    mill_tree_seen_add(&catalog->folders, name, info.st_ino != 0 ? &info : NULL);
    if (st == MILL_E_NOT_FOUND && trashed)
        return MILL_OK;
    if (st == MILL_OK) {
        st = list_folder(catalog, &dir, trashed, err);
        mill_tree_close(&dir);
    }
    return st;
}

static void forget_unlisted(struct mill_tree_catalog *catalog)
{
    size_t kept = 0;
    for (size_t i = 0; i < catalog->count; i++) {
        if (catalog->items[i]->listed)
            catalog->items[kept++] = catalog->items[i];
        else
            free_known(catalog->items[i]);
    }
    catalog->count = kept;
}

/* Reads an experiment anew if its files changed. One that is broken stays as a place that is
 * left out until they change again, so that it is warned of once. */
static enum mill_status refresh_one(const struct mill_tree_store *s, struct known *k,
                                    struct mill_error *err)
{
    struct mill_tree_folder folder;
    struct mill_error why;
    enum mill_status st = open_folder(s, k->id, k->trashed, &folder, &why);
    if (st == MILL_OK) {
        if (mill_tree_seen_same(&k->seen, folder.dir.fd, "")) {
            mill_tree_close(&folder.dir);
            return MILL_OK;
        }
        mill_arena_release(&k->arena);
        st = mill_tree_read_experiment(s, &folder, &k->arena, &k->value, NULL, &k->seen, &why);
        mill_tree_close(&folder.dir);
    }
    k->good = st == MILL_OK;
    k->unread = st != MILL_OK && st != MILL_E_NOT_FOUND && st != MILL_E_CORRUPT;
    if (k->unread)
        k->seen.complete = false; /* it is tried again each time */
    if (st == MILL_E_NOMEM)
        return mill_no_memory(err);
    if (st != MILL_OK && st != MILL_E_NOT_FOUND) /* else it was moved meanwhile */
        mill_tree_warn(&why);
    return MILL_OK;
}

static enum mill_status refresh(struct mill_tree_store *s, struct mill_error *err)
{
    struct mill_tree_catalog *catalog = s->catalog;
    enum mill_status st = MILL_OK;
    if (!mill_tree_seen_same(&catalog->folders, s->root.fd, "")) {
        mill_tree_seen_begin(&catalog->folders);
        for (size_t i = 0; i < catalog->count; i++)
            catalog->items[i]->listed = false;
        st = list_experiments(s, false, err);
        if (st == MILL_OK)
            st = list_experiments(s, true, err);
        if (st != MILL_OK)
            return st;
        mill_tree_seen_end(&catalog->folders);
        forget_unlisted(catalog);
    }
    for (size_t i = 0; st == MILL_OK && i < catalog->count; i++)
        st = refresh_one(s, catalog->items[i], err);
    return st;
}

/* --- questions about all of them -------------------------------------------------------- */

enum mill_status mill_tree_find_name(struct mill_tree_store *s, struct mill_view name,
                                     int64_t *id_out, struct mill_error *err)
{
    struct mill_tree_catalog *catalog = s->catalog;
    pthread_mutex_lock(&catalog->lock);
    enum mill_status st = refresh(s, err);
    bool found = false;
    const struct known *unread = NULL;
    for (size_t i = 0; st == MILL_OK && !found && i < catalog->count; i++) {
        const struct known *k = catalog->items[i];
        found = k->good && mill_view_eq(k->value.name, name);
        if (found)
            *id_out = k->id;
        else if (k->unread)
            unread = k;
    }
    /* Else somebody would take a name that has an owner. */
    if (st == MILL_OK && !found && unread != NULL)
        st = mill_fail(err, MILL_E_IO,
                       "experiment %lld cannot be read and may have the name '%.*s'",
                       (long long)unread->id, MILL_FMT(mill_utf8_prefix(name, 200)));
    pthread_mutex_unlock(&catalog->lock);
    if (st == MILL_OK && !found)
        st = mill_fail(err, MILL_E_NOT_FOUND, "there is no experiment named '%.*s'",
                       MILL_FMT(mill_utf8_prefix(name, 200)));
    return st;
}

enum mill_status mill_tree_search_experiments(struct mill_tree_store *s,
                                              const struct mill_experiment_search *search,
                                              struct mill_arena *arena,
                                              struct mill_experiment_page *out,
                                              struct mill_error *err)
{
    struct mill_tree_catalog *catalog = s->catalog;
    struct experiment_list list = {0};
    pthread_mutex_lock(&catalog->lock);
    enum mill_status st = refresh(s, err);
    if (st == MILL_OK) {
        list.items = mill_alloc(catalog->count * sizeof(*list.items));
        if (list.items == NULL)
            st = mill_no_memory(err);
    }
    for (size_t i = 0; st == MILL_OK && i < catalog->count; i++)
        if (catalog->items[i]->good)
            list.items[list.count++] = catalog->items[i]->value;
    if (st == MILL_OK)
        st = mill_experiment_list_search(&list, search, arena, out, err);
    pthread_mutex_unlock(&catalog->lock);
    mill_free(list.items);
    return st;
}
