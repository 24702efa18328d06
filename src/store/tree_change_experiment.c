/* tree_change_experiment.c - writes to experiments of a tree: made, renamed, tagged, put into
 * the bin and taken out of it. Names are unique because whoever gives one holds the root's
 * lock. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/view.h"
#include "store/entity.h"
#include "store/tree.h"

enum {
    ID_TRIES = 20,  /* for an id that is free, of a billion billions */
    OPEN_TRIES = 10 /* for a folder that others move meanwhile */
};

/* An experiment that is to be changed: open, locked, and what its file says. */
struct edited {
    struct mill_tree_folder folder;
    struct mill_experiment value;
    struct mill_yaml *meta;
};

static bool is_where_it_was(const struct mill_tree_store *s,
                            const struct mill_tree_folder *folder)
{
    struct stat open_one, named_one;
    return fstat(folder->dir.fd, &open_one) == 0 &&
           fstatat(s->root.fd, folder->name, &named_one, 0) == 0 &&
           open_one.st_ino == named_one.st_ino && open_one.st_dev == named_one.st_dev;
}

/* Opens an experiment and takes its lock; it may have been moved while we waited. */
static enum mill_status open_locked(struct mill_tree_change *c, int64_t id,
                                    struct mill_tree_folder *out)
{
    for (int i = 0; i < OPEN_TRIES; i++) {
        enum mill_status st = mill_tree_open_experiment(c->store, id, out, c->err);
        if (st != MILL_OK)
            return st;
        st = mill_tree_lock(&out->dir, c->err);
        if (st == MILL_OK && is_where_it_was(c->store, out))
            return MILL_OK;
        mill_tree_close(&out->dir);
        if (st != MILL_OK)
            return st;
    }
    return mill_fail(c->err, MILL_E_BUSY, "experiment %lld is moved to and fro by others",
                     (long long)id);
}

static enum mill_status edit(struct mill_tree_change *c, int64_t id, struct edited *out)
{
    enum mill_status st = open_locked(c, id, &out->folder);
    if (st != MILL_OK)
        return st;
    st = mill_tree_read_experiment(c->store, &out->folder, &c->scratch, &out->value, &out->meta,
                                   NULL, c->err);
    if (st != MILL_OK)
        mill_tree_close(&out->folder.dir);
    return st;
}

static enum mill_status edit_active(struct mill_tree_change *c, int64_t id, struct edited *out)
{
    enum mill_status st = edit(c, id, out);
    if (st != MILL_OK || out->value.lifecycle_stage == MILL_ACTIVE)
        return st;
    mill_tree_close(&out->folder.dir);
    return mill_fail(c->err, MILL_E_INVALID, "experiment %lld is deleted; restore it first",
                     (long long)id);
}

static enum mill_status write_back(struct mill_tree_change *c, const struct edited *e)
{
    return mill_tree_write_meta(&e->folder.dir, MILL_TREE_META, e->meta, &c->store->sync,
                                c->err);
}

/* --- creating --------------------------------------------------------------------------- */

/* As MLflow does: 18 random digits, so that trees can be merged and ids are never used again.
 */
static enum mill_status choose_id(struct mill_tree_change *c, int64_t *out)
{
    for (int i = 0; i < ID_TRIES; i++) {
        struct mill_tree_folder taken;
        uint64_t random;
        mill_random_bytes(&random, sizeof(random));
        int64_t id =
            (int64_t)(UINT64_C(100000000000000000) + random % UINT64_C(900000000000000000));
        enum mill_status st = mill_tree_open_experiment(c->store, id, &taken, c->err);
        if (st == MILL_E_NOT_FOUND) {
            *out = id;
            return MILL_OK;
        }
        if (st != MILL_OK)
            return st;
        mill_tree_close(&taken.dir);
    }
    return mill_fail(c->err, MILL_E_INTERNAL, "found no free id for an experiment");
}

static enum mill_status fill_folder(struct mill_tree_change *c, const struct mill_tree_dir *dir,
                                    const struct mill_experiment *e)
{
    struct mill_yaml *meta = mill_tree_meta_new_experiment(&c->scratch, e);
    if (meta == NULL)
        return mill_no_memory(c->err);
    enum mill_status st =
        mill_tree_write_meta(dir, MILL_TREE_META, meta, &c->store->sync, c->err);
    for (size_t i = 0; st == MILL_OK && i < e->tag_count; i++) {
        const char *path;
        st = mill_tree_key_path(c, "tags", e->tags[i].key, &path);
        if (st == MILL_OK)
            st = mill_tree_put(dir, path, e->tags[i].value, &c->store->sync, c->err);
    }
    return st;
}

/* Makes the folder aside and gives it its name when it is complete. */
static enum mill_status make_folder(struct mill_tree_change *c, const struct mill_experiment *e)
{
    struct mill_tree_store *s = c->store;
    struct mill_tree_dir dir;
    char aside[MILL_TREE_ASIDE_SIZE];
    struct mill_view name = mill_arena_printf(&c->scratch, "%lld", (long long)e->experiment_id);
    if (name.ptr == NULL)
        return mill_no_memory(c->err);
    enum mill_status st = mill_tree_begin(&s->root, aside, &dir, c->err);
    if (st != MILL_OK)
        return st;
    st = fill_folder(c, &dir, e);
    mill_tree_close(&dir);
    if (st == MILL_OK)
        st = mill_tree_sync_all(&s->sync, c->err);
    if (st == MILL_OK)
        st = mill_tree_move(&s->root, aside, &s->root, name.ptr, &s->sync, c->err);
    if (st != MILL_OK)
        mill_tree_discard(&s->root, aside);
    return st;
}

/* A location without a scheme is a path, which must not depend on the working directory. */
static struct mill_view absolute(struct mill_arena *arena, struct mill_view location)
{
    char *folder;
    bool has_scheme = location.len > 1 && memchr(location.ptr, ':', location.len) != NULL;
    if (mill_view_empty(location) || location.ptr[0] == '/' || has_scheme ||
        (folder = get_current_dir_name()) == NULL)
        return location;
    struct mill_view path = mill_arena_printf(arena, "%s/%.*s", folder, MILL_FMT(location));
    free(folder);
    return path;
}

static enum mill_status create(struct mill_tree_change *c, int64_t id)
{
    const struct mill_change *change = c->change;
    struct mill_view root = change->as.create_experiment.artifact_root;
    if (mill_view_empty(root))
        root = c->store->artifact_root;
    struct mill_experiment e = {
        .experiment_id = id,
        .name = change->as.create_experiment.name,
        .artifact_location = mill_experiment_location(
            &c->scratch, absolute(&c->scratch, change->as.create_experiment.artifact_location),
            root, id),
        .lifecycle_stage = MILL_ACTIVE,
        .creation_time = change->now_ms,
        .last_update_time = change->now_ms,
        .tags = change->as.create_experiment.tags,
        .tag_count = change->as.create_experiment.tag_count,
    };
    if (e.artifact_location.ptr == NULL)
        return mill_no_memory(c->err);
    enum mill_status st = make_folder(c, &e);
    if (st == MILL_OK)
        c->outcome->experiment_id = id;
    return st;
}

/* Fails when the name is another experiment's. */
static enum mill_status check_name(struct mill_tree_change *c, struct mill_view name,
                                   int64_t own_id, enum mill_status taken)
{
    int64_t id;
    enum mill_status st = mill_tree_find_name(c->store, name, &id, c->err);
    if (st == MILL_E_NOT_FOUND || (st == MILL_OK && id == own_id))
        return MILL_OK;
    if (st != MILL_OK)
        return st;
    return mill_fail(c->err, taken, "experiment name '%.*s' is taken",
                     MILL_FMT(mill_utf8_prefix(name, 200)));
}

enum mill_status mill_tree_create_experiment(struct mill_tree_change *c)
{
    struct mill_tree_dir root;
    int64_t id;
    enum mill_status st = mill_tree_open(&c->store->root, ".", &root, c->err);
    if (st != MILL_OK)
        return st;
    st = mill_tree_lock(&root, c->err);
    if (st == MILL_OK)
        st = check_name(c, c->change->as.create_experiment.name, MILL_ABSENT, MILL_E_EXISTS);
    if (st == MILL_OK)
        st = choose_id(c, &id);
    if (st == MILL_OK)
        st = create(c, id);
    mill_tree_close(&root);
    return st;
}

enum mill_status mill_tree_create_default(struct mill_tree_change *c)
{
    enum mill_status st = create(c, 0);
    return st == MILL_E_EXISTS ? MILL_OK : st;
}

/* --- changing --------------------------------------------------------------------------- */

static bool put_name(struct mill_tree_change *c, struct edited *e, struct mill_view name)
{
    return mill_yaml_put_text(&c->scratch, e->meta, MILL_VIEW("name"), name) &&
           mill_yaml_put_int(&c->scratch, e->meta, "last_update_time", c->change->now_ms);
}

enum mill_status mill_tree_rename_experiment(struct mill_tree_change *c)
{
    int64_t id = c->change->as.rename.experiment_id;
    struct mill_view name = c->change->as.rename.new_name;
    struct mill_tree_dir root;
    struct edited e;
    enum mill_status st = mill_tree_open(&c->store->root, ".", &root, c->err);
    if (st != MILL_OK)
        return st;
    st = mill_tree_lock(&root, c->err);
    if (st == MILL_OK)
        st = edit_active(c, id, &e);
    if (st == MILL_OK) {
        st = check_name(c, name, id, MILL_E_BAD_REQUEST);
        if (st == MILL_OK && !put_name(c, &e, name))
            st = mill_no_memory(c->err);
        if (st == MILL_OK)
            st = write_back(c, &e);
        mill_tree_close(&e.folder.dir);
    }
    mill_tree_close(&root);
    return st;
}

enum mill_status mill_tree_set_experiment_tag(struct mill_tree_change *c)
{
    const char *path;
    struct edited e;
    enum mill_status st =
        mill_tree_key_path(c, "tags", c->change->as.experiment_tag.key, &path);
    if (st == MILL_OK)
        st = edit_active(c, c->change->as.experiment_tag.experiment_id, &e);
    if (st != MILL_OK)
        return st;
    st = mill_tree_replace(&e.folder.dir, path, c->change->as.experiment_tag.value,
                           &c->store->sync, c->err);
    mill_tree_close(&e.folder.dir);
    return st;
}

enum mill_status mill_tree_delete_experiment_tag(struct mill_tree_change *c)
{
    int64_t id = c->change->as.experiment_tag.experiment_id;
    struct mill_view key = c->change->as.experiment_tag.key;
    const char *path;
    struct edited e;
    enum mill_status st = edit_active(c, id, &e);
    if (st != MILL_OK)
        return st;
    st = mill_tree_key_path(c, "tags", key, &path);
    if (st == MILL_OK)
        st = mill_tree_remove(&e.folder.dir, path, &c->store->sync, c->err);
    if (st == MILL_E_NOT_FOUND || st == MILL_E_INVALID)
        st = mill_fail(c->err, MILL_E_NOT_FOUND, "experiment %lld has no tag '%.*s'",
                       (long long)id, MILL_FMT(mill_utf8_prefix(key, 200)));
    mill_tree_close(&e.folder.dir);
    return st;
}

/* --- deleting and restoring ------------------------------------------------------------- */

/* Gives all runs of an experiment a lifecycle. One that is broken does not hinder. */
static enum mill_status set_lifecycle_of_runs(struct mill_tree_change *c,
                                              const struct mill_tree_folder *folder,
                                              enum mill_lifecycle to)
{
    struct mill_tree_listing listing;
    struct mill_tree_dir dir;
    const char *name;
    unsigned char type;
    enum mill_status st = mill_tree_open(&folder->dir, ".", &dir, c->err);
    if (st != MILL_OK)
        return st;
    mill_tree_list(&listing, dir.fd);
    while (st == MILL_OK && (name = mill_tree_next(&listing, &type)) != NULL) {
        if (!mill_tree_is_run_name(mill_view_of(name)) || !mill_tree_is_dir(dir.fd, name, type))
            continue;
        struct mill_tree_folder run = {.experiment_id = folder->experiment_id,
                                       .trashed = folder->trashed};
        st = mill_tree_open(&folder->dir, name, &run.dir, c->err);
        if (st == MILL_OK) {
            st = mill_tree_set_run_lifecycle(c, &run, mill_view_of(name), to, false);
            mill_tree_close(&run.dir);
        }
        if (st == MILL_E_CORRUPT || st == MILL_E_NOT_FOUND)
            st = MILL_OK;
    }
    mill_tree_close(&dir);
    return st;
}

static enum mill_status write_lifecycle(struct mill_tree_change *c, struct edited *e,
                                        enum mill_lifecycle to)
{
    if (!mill_yaml_put_text(&c->scratch, e->meta, MILL_VIEW("lifecycle_stage"),
                            mill_view_of(mill_lifecycle_name(to))) ||
        !mill_yaml_put_int(&c->scratch, e->meta, "last_update_time", c->change->now_ms))
        return mill_no_memory(c->err);
    return write_back(c, e);
}

/* Moves the folder between the root and the bin. */
static enum mill_status move(struct mill_tree_change *c, struct edited *e, bool to_trash)
{
    struct mill_tree_store *s = c->store;
    if (e->folder.trashed == to_trash)
        return MILL_OK;
    struct mill_view to =
        mill_arena_printf(&c->scratch, "%s%lld", to_trash ? MILL_TREE_TRASH "/" : "",
                          (long long)e->value.experiment_id);
    if (to.ptr == NULL)
        return mill_no_memory(c->err);
    enum mill_status st = mill_tree_make(&s->root, MILL_TREE_TRASH, c->err);
    if (st == MILL_OK)
        st = mill_tree_move(&s->root, e->folder.name, &s->root, to.ptr, &s->sync, c->err);
    if (st == MILL_OK) {
        memcpy(e->folder.name, to.ptr, to.len + 1);
        e->folder.trashed = to_trash;
    }
    return st;
}

static enum mill_status edit_for_lifecycle(struct mill_tree_change *c, enum mill_lifecycle to,
                                           struct edited *e)
{
    int64_t id = c->change->as.experiment.experiment_id;
    enum mill_status st = edit(c, id, e);
    if (st == MILL_OK && e->value.lifecycle_stage == to) {
        mill_tree_close(&e->folder.dir);
        st = MILL_E_NOT_FOUND;
    }
    if (st == MILL_E_NOT_FOUND)
        return mill_fail(c->err, st, "there is no %s experiment %lld",
                         to == MILL_DELETED ? "active" : "deleted", (long long)id);
    return st;
}

/* The move makes it deleted; a process that is killed after it leaves details behind. */
enum mill_status mill_tree_delete_experiment(struct mill_tree_change *c)
{
    struct edited e;
    if (c->change->as.experiment.experiment_id == 0)
        return mill_fail(c->err, MILL_E_INVALID,
                         "experiment 0 is the default one of a tree and cannot be deleted");
    enum mill_status st = edit_for_lifecycle(c, MILL_DELETED, &e);
    if (st != MILL_OK)
        return st;
    st = move(c, &e, true);
    if (st == MILL_OK)
        st = write_lifecycle(c, &e, MILL_DELETED);
    if (st == MILL_OK)
        st = set_lifecycle_of_runs(c, &e.folder, MILL_DELETED);
    mill_tree_close(&e.folder.dir);
    return st;
}

/* Here the move comes last, for the same reason. */
enum mill_status mill_tree_restore_experiment(struct mill_tree_change *c)
{
    struct edited e;
    enum mill_status st = edit_for_lifecycle(c, MILL_ACTIVE, &e);
    if (st != MILL_OK)
        return st;
    st = set_lifecycle_of_runs(c, &e.folder, MILL_ACTIVE);
    if (st == MILL_OK)
        st = write_lifecycle(c, &e, MILL_ACTIVE);
    if (st == MILL_OK)
        st = move(c, &e, false);
    mill_tree_close(&e.folder.dir);
    return st;
}
