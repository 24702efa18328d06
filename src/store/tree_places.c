/* tree_places.c - in which experiment a run lies. A run's id does not say it, so the folders
 * of all experiments have to be asked; where it was found, and what its meta.yaml said, is
 * remembered as long as that file stays as it is. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/alloc.h"
#include "model/key.h"
#include "store/tree.h"

enum { PLACES = 256, ID_SIZE = 65 };

struct slot {
    char run_id[ID_SIZE];
    struct mill_tree_place place;
    bool read; /* what meta.yaml says is known, not only where the run is */
    struct mill_tree_seen seen;
};

struct mill_tree_places {
    pthread_mutex_t lock;
    struct slot slots[PLACES]; /* by the hash of the run's id */
};

enum mill_status mill_tree_places_new(struct mill_tree_places **out, struct mill_error *err)
{
    *out = mill_alloc_zero(1, sizeof(**out));
    if (*out == NULL)
        return mill_no_memory(err);
    pthread_mutex_init(&(*out)->lock, NULL);
    return MILL_OK;
}

void mill_tree_places_free(struct mill_tree_places *places)
{
    if (places == NULL)
        return;
    for (size_t i = 0; i < PLACES; i++)
        mill_tree_seen_release(&places->slots[i].seen);
    pthread_mutex_destroy(&places->lock);
    mill_free(places);
}

/* The slot of a run, emptied if it is another one's; NULL for an id too long to be kept. */
static struct slot *slot_of(struct mill_tree_places *places, struct mill_view run_id, bool take)
{
    struct slot *slot = &places->slots[mill_view_hash(run_id) % PLACES];
    if (run_id.len >= ID_SIZE)
        return NULL;
    if (mill_view_eq(mill_view_of(slot->run_id), run_id))
        return slot;
    if (!take)
        return NULL;
    memcpy(slot->run_id, run_id.ptr, run_id.len);
    slot->run_id[run_id.len] = '\0';
    slot->read = false;
    slot->seen.complete = false;
    return slot;
}

static bool recall(struct mill_tree_places *places, struct mill_view run_id,
                   struct mill_tree_place *out)
{
    pthread_mutex_lock(&places->lock);
    const struct slot *slot = slot_of(places, run_id, false);
    if (slot != NULL)
        *out = slot->place;
    pthread_mutex_unlock(&places->lock);
    return slot != NULL;
}

static void remember(struct mill_tree_places *places, struct mill_view run_id,
                     const struct mill_tree_folder *folder)
{
    pthread_mutex_lock(&places->lock);
    struct slot *slot = slot_of(places, run_id, true);
    if (slot != NULL && (slot->place.experiment_id != folder->experiment_id ||
                         slot->place.trashed != folder->trashed)) {
        slot->place.experiment_id = folder->experiment_id;
        slot->place.trashed = folder->trashed;
        slot->seen.complete = false;
    }
    pthread_mutex_unlock(&places->lock);
}

/* --- finding ---------------------------------------------------------------------------- */

static int open_at(const struct mill_tree_store *s, int64_t experiment_id, bool trashed,
                   struct mill_view run_id, struct mill_tree_folder *out)
{
    out->experiment_id = experiment_id;
    out->trashed = trashed;
    snprintf(out->name, sizeof(out->name), "%s%lld/%.*s", trashed ? MILL_TREE_TRASH "/" : "",
             (long long)experiment_id, MILL_FMT(run_id));
    out->dir = (struct mill_tree_dir){
        .fd = openat(s->root.fd, out->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
        .parent = &s->root,
        .name = out->name,
    };
    return out->dir.fd;
}

/* Looks for the run in the experiments of one folder. */
static enum mill_status look_in(const struct mill_tree_store *s, bool trashed,
                                struct mill_view run_id, struct mill_tree_folder *out,
                                struct mill_error *err)
{
    struct mill_tree_listing listing;
    struct mill_tree_dir dir;
    const char *name;
    unsigned char type;
    int64_t id;
    int failed = 0;
    enum mill_status st = mill_tree_open(&s->root, trashed ? MILL_TREE_TRASH : ".", &dir, err);
    if (st != MILL_OK)
        return st;
    st = MILL_E_NOT_FOUND;
    mill_tree_list(&listing, dir.fd);
    while (st == MILL_E_NOT_FOUND && (name = mill_tree_next(&listing, &type)) != NULL) {
        if (!mill_tree_is_experiment_id(name, &id))
            continue;
        if (open_at(s, id, trashed, run_id, out) >= 0)
            st = MILL_OK;
        else if (errno != ENOENT && errno != ENOTDIR)
            failed = errno;
    }
    mill_tree_close(&dir);
    return st != MILL_OK && failed != 0
               ? mill_tree_fail(&s->root, out->name, "cannot open the folder", failed, err)
               : st;
}

enum mill_status mill_tree_open_run(struct mill_tree_store *s, struct mill_view run_id,
                                    struct mill_tree_folder *out, struct mill_error *err)
{
    struct mill_tree_place place;
    enum mill_status st = MILL_E_NOT_FOUND;
    if (mill_run_id_valid(run_id) && mill_tree_is_run_name(run_id)) {
        if (recall(s->places, run_id, &place) &&
            open_at(s, place.experiment_id, place.trashed, run_id, out) >= 0)
            return MILL_OK;
        st = look_in(s, false, run_id, out, err);
        if (st == MILL_E_NOT_FOUND)
            st = look_in(s, true, run_id, out, err);
    }
    if (st == MILL_OK)
        remember(s->places, run_id, out);
    if (st == MILL_E_NOT_FOUND)
        return mill_fail(err, st, "there is no run '%.*s'",
                         MILL_FMT(mill_utf8_prefix(run_id, 64)));
    return st;
}

/* --- what is known of a run ------------------------------------------------------------- */

static bool recall_read(struct mill_tree_places *places, struct mill_view run_id,
                        const struct mill_tree_folder *folder, struct mill_tree_place *out)
{
    pthread_mutex_lock(&places->lock);
    const struct slot *slot = slot_of(places, run_id, false);
    bool known = slot != NULL && slot->read &&
                 slot->place.experiment_id == folder->experiment_id &&
                 slot->place.trashed == folder->trashed &&
                 mill_tree_seen_same(&slot->seen, folder->dir.fd, "");
    if (known)
        *out = slot->place;
    pthread_mutex_unlock(&places->lock);
    return known;
}

static enum mill_status read_place(struct mill_tree_store *s, struct mill_view run_id,
                                   const struct mill_tree_folder *folder,
                                   struct mill_tree_place *out, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_yaml *meta;
    struct mill_run_info info;
    struct mill_error why;
    struct stat state = {0};
    struct mill_tree_seen seen = {0};
    mill_tree_seen_begin(&seen);
    enum mill_status st = mill_tree_read_meta(&folder->dir, MILL_TREE_META, MILL_TREE_MAX_META,
                                              &arena, &meta, &state, err);
    mill_tree_seen_add(&seen, MILL_TREE_META, &state);
    mill_tree_seen_end(&seen);
    if (st == MILL_E_NOT_FOUND)
        st = MILL_E_CORRUPT; /* the folder is there */
    if (st == MILL_OK &&
        (st = mill_tree_meta_run(meta, folder->experiment_id, run_id, &info, &why)) != MILL_OK)
        mill_tree_blame(&folder->dir, MILL_TREE_META, st, &why, err);
    if (st == MILL_OK) {
        *out = (struct mill_tree_place){folder->experiment_id, folder->trashed,
                                        mill_tree_meta_is_old(meta), info.lifecycle_stage};
        pthread_mutex_lock(&s->places->lock);
        struct slot *slot = slot_of(s->places, run_id, true);
        if (slot != NULL) {
            struct mill_tree_seen old = slot->seen;
            slot->place = *out;
            slot->read = true;
            slot->seen = seen;
            seen = old;
        }
        pthread_mutex_unlock(&s->places->lock);
    }
    mill_tree_seen_release(&seen);
    mill_arena_release(&arena);
    return st;
}

enum mill_status mill_tree_open_active_run(struct mill_tree_store *s, struct mill_view run_id,
                                           struct mill_tree_folder *out,
                                           struct mill_tree_place *place,
                                           struct mill_error *err)
{
    enum mill_status st = mill_tree_open_run(s, run_id, out, err);
    if (st != MILL_OK)
        return st;
    if (!recall_read(s->places, run_id, out, place))
        st = read_place(s, run_id, out, place, err);
    if (st == MILL_OK && out->trashed)
        st = mill_fail(err, MILL_E_INVALID,
                       "run '%.*s' belongs to a deleted experiment; restore that first",
                       MILL_FMT(run_id));
    else if (st == MILL_OK && place->lifecycle != MILL_ACTIVE)
        st = mill_fail(err, MILL_E_INVALID, "run '%.*s' is deleted; restore it first",
                       MILL_FMT(run_id));
    if (st != MILL_OK)
        mill_tree_close(&out->dir);
    return st;
}
