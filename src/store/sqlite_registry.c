/* sqlite_registry.c - see sqlite_registry.h.
 *
 * Locks, in this order: load_lock (one reader of the database at a time), lock (shared by
 * searches, exclusive while rows are put in), pending_lock (a few instructions). No lock but
 * load_lock is held while the database is read. */
#include "store/sqlite_registry.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/list.h"
#include "store/registry.h"
#include "store/sqlite_models.h"

/* Touches that wait before all of it is read anew instead: nobody searches. */
#define PENDING_MAX 65536

struct sqlite_registry {
    pthread_mutex_t load_lock;
    pthread_rwlock_t lock;
    struct mill_registry models;
    atomic_uint_fast64_t loaded; /* touches that models has, plus 1; 0: nothing was read yet */

    pthread_mutex_t pending_lock;
    struct mill_list pending;     /* of struct touched_model */
    bool collecting;              /* something was read, or is being read */
    bool lost;                    /* there were too many */
    atomic_uint_fast64_t touches; /* so far */
};

struct sqlite_registry *mill_sqlite_registry_new(void)
{
    struct sqlite_registry *r = mill_alloc_zero(1, sizeof(*r));
    if (r == NULL)
        return NULL;
    r->pending.size = sizeof(struct touched_model);
    pthread_mutex_init(&r->load_lock, NULL);
    pthread_mutex_init(&r->pending_lock, NULL);
    pthread_rwlock_init(&r->lock, NULL);
    return r;
}

void mill_sqlite_registry_free(struct sqlite_registry *registry)
{
    if (registry == NULL)
        return;
    mill_registry_release(&registry->models);
    mill_free(registry->pending.items);
    pthread_mutex_destroy(&registry->load_lock);
    pthread_mutex_destroy(&registry->pending_lock);
    pthread_rwlock_destroy(&registry->lock);
    mill_free(registry);
}

void mill_sqlite_registry_touch(struct sqlite_registry *registry,
                                const struct touched_model *touched, size_t count)
{
    if (count == 0)
        return;
    pthread_mutex_lock(&registry->pending_lock);
    for (size_t i = 0; registry->collecting && !registry->lost && i < count; i++) {
        struct touched_model *place =
            registry->pending.count < PENDING_MAX ? mill_list_add(&registry->pending) : NULL;
        if (place != NULL)
            *place = touched[i];
        else
            registry->lost = true;
    }
    atomic_fetch_add(&registry->touches, 1);
    pthread_mutex_unlock(&registry->pending_lock);
}

/* --- loading: needs load_lock --- */

/* What has to be read, taken from pending. */
struct work {
    struct mill_list touched;
    bool all;
    uint64_t touches; /* all of them are done with this */
};

static struct work take_work(struct sqlite_registry *r)
{
    struct work work = {.all = atomic_load(&r->loaded) == 0};
    pthread_mutex_lock(&r->pending_lock);
    work.touched = r->pending;
    work.all = work.all || r->lost;
    work.touches = atomic_load(&r->touches);
    r->pending = (struct mill_list){.size = sizeof(struct touched_model)};
    r->collecting = true;
    r->lost = false;
    pthread_mutex_unlock(&r->pending_lock);
    return work;
}

/* What was taken, or cannot be known, is missing: all has to be read next time. */
static void give_work_back(struct sqlite_registry *r)
{
    pthread_mutex_lock(&r->pending_lock);
    r->lost = true;
    pthread_mutex_unlock(&r->pending_lock);
}

static enum mill_status list_ids(struct db *db, struct mill_list *ids, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    sqlite3_stmt *stmt = mill_db_query(db, SQL_MODEL_IDS, "");
    while (st == MILL_OK && mill_db_step(db, stmt, &st, err)) {
        int64_t *place = mill_list_add(ids);
        if (place != NULL)
            *place = sqlite3_column_int64(stmt, 0);
        else
            st = mill_no_memory(err);
    }
    if (st != MILL_OK)
        mill_db_done(stmt);
    return st;
}

static enum mill_status load_all(struct sqlite_registry *r, struct db *db,
                                 struct mill_error *err)
{
    struct mill_list ids = {.size = sizeof(int64_t)};
    struct mill_registry fresh = {0};
    enum mill_status st = list_ids(db, &ids, err);
    for (size_t i = 0; st == MILL_OK && i < ids.count; i++) {
        struct mill_registry_model *model = NULL;
        int64_t id = ((const int64_t *)(const void *)ids.items)[i];
        st = mill_sqlite_load_model(db, id, &model, err);
        if (st == MILL_OK && model != NULL && !mill_registry_put(&fresh, model)) {
            mill_registry_model_free(model);
            st = mill_no_memory(err);
        }
    }
    mill_free(ids.items);
    if (st == MILL_OK) {
        struct mill_registry old;
        pthread_rwlock_wrlock(&r->lock);
        old = r->models;
        r->models = fresh;
        pthread_rwlock_unlock(&r->lock);
        fresh = old;
    }
    mill_registry_release(&fresh);
    return st;
}

/* What was read of a model that was touched. */
struct fresh {
    struct touched_model touched;
    struct mill_registry_model *model; /* all of it; NULL when it is gone */
    struct mill_model_row *row;        /* else the model and one version, */
    struct mill_version_row *version;  /* NULL when that is gone */
};

static void discard(struct fresh *fresh)
{
    mill_registry_model_free(fresh->model);
    mill_model_row_unref(fresh->row);
    mill_version_row_unref(fresh->version);
}

static enum mill_status read_version(struct db *db, const struct stored_model *model,
                                     struct mill_arena *arena, struct fresh *out,
                                     struct mill_error *err)
{
    struct mill_model_version version;
    struct mill_view location;
    enum mill_status st = MILL_E_NOT_FOUND;
    if (out->touched.version != 0)
        st = mill_sqlite_find_version(db, model, out->touched.version, arena, &version,
                                      &location, err);
    if (st == MILL_OK) {
        out->version = mill_version_row_new(&version, location);
        st = out->version != NULL ? MILL_OK : mill_no_memory(err);
    }
    return st == MILL_E_NOT_FOUND ? MILL_OK : st;
}

/* Reads what was touched. A model that is new here, or gone, is read as a whole, and so is one
 * that has another name by now, of which nothing was noted yet: its versions have it as well.
 */
static enum mill_status read_touched(const struct sqlite_registry *r, struct db *db,
                                     struct fresh *out, struct mill_error *err)
{
    int64_t id = out->touched.model;
    struct mill_arena arena = {0};
    struct stored_model stored = {0};
    enum mill_status st = MILL_OK;
    const struct mill_registry_model *known = mill_registry_find_id(&r->models, id);
    if (out->touched.version != MILL_ABSENT && known != NULL)
        st = mill_sqlite_find_model_id(db, id, &arena, &stored, err);
    bool whole = stored.id == 0 || !mill_view_eq(stored.value.name, known->row->model.name);
    if (st == MILL_OK && whole) {
        out->touched.version = MILL_ABSENT;
        st = mill_sqlite_load_model(db, id, &out->model, err);
    } else if (st == MILL_OK) {
        out->row = mill_model_row_new(&stored.value);
        st = out->row != NULL ? read_version(db, &stored, &arena, out, err)
                              : mill_no_memory(err);
    }
    mill_arena_release(&arena);
    return st;
}

/* Puts into place what was read, which is then no longer the caller's; needs lock. */
static bool install(struct sqlite_registry *r, struct fresh *fresh)
{
    struct mill_registry_model *model;
    bool fits = true;
    if (fresh->model != NULL) {
        fits = mill_registry_put(&r->models, fresh->model);
        fresh->model = fits ? NULL : fresh->model;
    } else if (fresh->touched.version == MILL_ABSENT) {
        mill_registry_remove(&r->models, fresh->touched.model);
    } else {
        model = mill_registry_find_id(&r->models, fresh->touched.model);
        mill_registry_put_row(model, fresh->row);
        fresh->row = NULL;
        if (fresh->version != NULL)
            fits = mill_registry_put_version(model, fresh->version);
        else
            mill_registry_remove_version(model, fresh->touched.version);
        fresh->version = NULL;
    }
    return fits;
}

/* All at once, so that no search sees half of it. */
static enum mill_status install_all(struct sqlite_registry *r, struct fresh *fresh,
                                    size_t count, struct mill_error *err)
{
    bool fits = true;
    pthread_rwlock_wrlock(&r->lock);
    for (size_t i = 0; fits && i < count; i++)
        fits = install(r, &fresh[i]);
    if (!fits) {
        mill_registry_release(&r->models);
        atomic_store(&r->loaded, 0);
    }
    pthread_rwlock_unlock(&r->lock);
    return fits ? MILL_OK : mill_no_memory(err);
}

/* Models together, and of each what says everything first. */
static int by_model(const void *left, const void *right)
{
    const struct touched_model *a = left, *b = right;
    if (a->model != b->model)
        return a->model < b->model ? -1 : 1;
    return a->version < b->version ? -1 : a->version > b->version;
}

_Static_assert(MILL_ABSENT < 0, "all versions of a model come before single ones");

/* Sorts what was touched and drops what is said by something before it; the new count. */
static size_t distinct(struct mill_list *list)
{
    struct touched_model *touched = (struct touched_model *)(void *)list->items;
    size_t kept = 0;
    if (list->count > 1)
        qsort(touched, list->count, sizeof(*touched), by_model);
    for (size_t i = 0; i < list->count; i++) {
        const struct touched_model *last = kept > 0 ? &touched[kept - 1] : NULL;
        if (last == NULL || last->model != touched[i].model ||
            (last->version != MILL_ABSENT && last->version != touched[i].version))
            touched[kept++] = touched[i];
    }
    return kept;
}

static enum mill_status load_touched(struct sqlite_registry *r, struct db *db,
                                     struct mill_list *list, struct mill_error *err)
{
    size_t count = distinct(list), read = 0;
    const struct touched_model *touched = (const struct touched_model *)(void *)list->items;
    struct fresh *fresh = mill_alloc_zero(count, sizeof(*fresh));
    enum mill_status st = fresh != NULL ? MILL_OK : mill_no_memory(err);
    for (; st == MILL_OK && read < count; read++) {
        fresh[read].touched = touched[read];
        st = read_touched(r, db, &fresh[read], err);
    }
    if (st == MILL_OK)
        st = install_all(r, fresh, count, err);
    for (size_t i = 0; i < read; i++)
        discard(&fresh[i]);
    mill_free(fresh);
    return st;
}

static enum mill_status load(struct sqlite_store *s, struct mill_error *err)
{
    struct sqlite_registry *r = s->registry;
    struct work work = take_work(r);
    struct db *db;
    enum mill_status st = mill_sqlite_snapshot(s, &db, err);
    if (st == MILL_OK) {
        st = work.all ? load_all(r, db, err) : load_touched(r, db, &work.touched, err);
        mill_sqlite_snapshot_done(s, db);
    }
    mill_free(work.touched.items);
    if (st == MILL_OK)
        atomic_store(&r->loaded, work.touches + 1);
    else
        give_work_back(r);
    return st;
}

/* --- reads --- */

static enum mill_status has_registry(const struct sqlite_store *s, struct mill_error *err)
{
    if (s->schema_version >= MILL_SCHEMA_REGISTRY)
        return MILL_OK;
    return mill_fail(err, MILL_E_UNSUPPORTED,
                     "%s was written by an earlier version and has no model registry; open it "
                     "once for writing",
                     s->path);
}

/* Reads what is missing of the first so many touches. */
static enum mill_status catch_up(struct sqlite_store *s, uint64_t wanted,
                                 struct mill_error *err)
{
    struct sqlite_registry *r = s->registry;
    enum mill_status st = MILL_OK;
    pthread_mutex_lock(&r->load_lock);
    if (s->read_only)
        give_work_back(r); /* another process may have written */
    if (s->read_only || atomic_load(&r->loaded) <= wanted)
        st = load(s, err);
    pthread_mutex_unlock(&r->load_lock);
    return st;
}

/* Takes the registry with everything that was committed before this call, for reading. */
static enum mill_status lock_current(struct sqlite_store *s, struct mill_error *err)
{
    struct sqlite_registry *r = s->registry;
    uint64_t wanted = atomic_load(&r->touches);
    enum mill_status st = has_registry(s, err);
    if (st == MILL_OK && s->read_only)
        st = catch_up(s, wanted, err);
    while (st == MILL_OK) {
        pthread_rwlock_rdlock(&r->lock);
        if (atomic_load(&r->loaded) > wanted)
            return MILL_OK;
        pthread_rwlock_unlock(&r->lock);
        st = catch_up(s, wanted, err);
    }
    return st;
}

enum mill_status mill_sqlite_search_models(struct mill_store *store,
                                           const struct mill_model_search *search,
                                           struct mill_arena *arena,
                                           struct mill_model_page *out, struct mill_error *err)
{
    struct sqlite_store *s = (struct sqlite_store *)store;
    enum mill_status st = lock_current(s, err);
    if (st != MILL_OK)
        return st;
    st = mill_registry_search_models(&s->registry->models, search, arena, out, err);
    pthread_rwlock_unlock(&s->registry->lock);
    return st;
}

enum mill_status mill_sqlite_search_model_versions(struct mill_store *store,
                                                   const struct mill_model_search *search,
                                                   struct mill_version_page *out,
                                                   struct mill_error *err)
{
    struct sqlite_store *s = (struct sqlite_store *)store;
    enum mill_status st = lock_current(s, err);
    if (st != MILL_OK)
        return st;
    st = mill_registry_search_versions(&s->registry->models, search, out, err);
    pthread_rwlock_unlock(&s->registry->lock);
    return st;
}

enum mill_status mill_sqlite_get_model(struct mill_store *store, struct mill_view name,
                                       struct mill_arena *arena,
                                       struct mill_registered_model *out,
                                       struct mill_error *err)
{
    struct sqlite_store *s = (struct sqlite_store *)store;
    struct stored_model model;
    struct db *db;
    enum mill_status st = has_registry(s, err);
    if (st == MILL_OK)
        st = mill_sqlite_snapshot(s, &db, err);
    if (st != MILL_OK)
        return st;
    st = mill_sqlite_find_model(db, name, arena, &model, err);
    if (st == MILL_OK)
        st = mill_sqlite_find_latest(db, &model, arena, err);
    mill_sqlite_snapshot_done(s, db);
    if (st == MILL_OK)
        *out = model.value;
    return st;
}

enum mill_status mill_sqlite_get_model_version(
    struct mill_store *store, const struct mill_version_ref *ref, struct mill_arena *arena,
    struct mill_model_version *out, struct mill_view *location_out, struct mill_error *err)
{
    struct sqlite_store *s = (struct sqlite_store *)store;
    struct stored_model model;
    struct db *db;
    int64_t version;
    enum mill_status st = has_registry(s, err);
    if (st == MILL_OK)
        st = mill_sqlite_snapshot(s, &db, err);
    if (st != MILL_OK)
        return st;
    st = mill_sqlite_find_model(db, ref->name, arena, &model, err);
    if (st == MILL_OK && ref->alias.ptr != NULL)
        st = mill_sqlite_find_latest(db, &model, arena, err);
    if (st == MILL_OK)
        st = mill_registry_resolve(&model.value, ref, &version, err);
    if (st == MILL_OK)
        st = mill_sqlite_find_version(db, &model, version, arena, out, location_out, err);
    mill_sqlite_snapshot_done(s, db);
    return st;
}
