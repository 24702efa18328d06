/* tree_walk.c - see tree_walk.h. */
#include "store/tree_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "base/alloc.h"
#include "base/view.h"
#include "store/tree.h"

void mill_tree_walk_see(struct mill_tree_walk *w, const struct stat *info)
{
    if (w->seen != NULL)
        mill_tree_seen_add(w->seen, w->path + w->base, info->st_ino != 0 ? info : NULL);
}

/* What cannot be read is left out; only a lack of memory ends the reading. */
static enum mill_status leave_out(enum mill_status st, const struct mill_error *why,
                                  struct mill_error *err)
{
    if (st == MILL_OK)
        return MILL_OK;
    if (st == MILL_E_NOMEM)
        return mill_no_memory(err);
    if (st != MILL_E_NOT_FOUND) /* else it was removed meanwhile */
        mill_tree_warn(why);
    return MILL_OK;
}

static enum mill_status walk(struct mill_tree_walk *w, size_t len, struct mill_error *err);

/* Deals with one entry of the folder at path[0, len); puts it behind it for that time. */
static enum mill_status walk_entry(struct mill_tree_walk *w, size_t len, int fd,
                                   const char *name, unsigned char type, struct mill_error *err)
{
    struct mill_error why;
    struct stat info;
    size_t name_len = strlen(name);
    bool followed = type == DT_LNK;
    if (type == DT_LNK || type == DT_UNKNOWN) {
        if (fstatat(fd, name, &info, 0) != 0)
            return MILL_OK;
        type = S_ISDIR(info.st_mode) ? DT_DIR : S_ISREG(info.st_mode) ? DT_REG : DT_FIFO;
    }
    /* A linked folder may lead round in a circle; MLflow does not enter it either. */
    if ((type != DT_DIR && type != DT_REG) || (type == DT_DIR && followed))
        return MILL_OK;
    if (len + name_len + 2 > sizeof(w->path)) {
        mill_fail(&why, MILL_E_CORRUPT, "%s/%.60s...: this is too long for a key", w->path,
                  name);
        return leave_out(MILL_E_CORRUPT, &why, err);
    }
    w->path[len] = '/';
    memcpy(w->path + len + 1, name, name_len + 1);
    enum mill_status st;
    if (type == DT_DIR) {
        st = walk(w, len + 1 + name_len, err);
    } else if (!mill_utf8_valid(mill_view_of(name))) {
        struct mill_error text = {"its name is not UTF-8"};
        mill_tree_blame(w->dir, w->path, MILL_E_CORRUPT, &text, &why);
        st = leave_out(MILL_E_CORRUPT, &why, err);
    } else {
        st = leave_out(w->file(w, &why), &why, err);
    }
    w->path[len] = '\0';
    return st;
}

/* Reads all files in the folder at path[0, len) and below. */
static enum mill_status walk(struct mill_tree_walk *w, size_t len, struct mill_error *err)
{
    struct mill_tree_listing listing;
    struct mill_tree_dir dir;
    struct stat info = {0};
    struct mill_error why;
    const char *name;
    unsigned char type;
    enum mill_status st = mill_tree_open(w->dir, w->path, &dir, &why);
    if (st == MILL_OK && w->seen != NULL)
        (void)fstat(dir.fd, &info);
    mill_tree_walk_see(w, &info);
    if (st != MILL_OK)
        return leave_out(st, &why, err);
    mill_tree_list(&listing, dir.fd);
    while (st == MILL_OK && (name = mill_tree_next(&listing, &type)) != NULL)
        st = walk_entry(w, len, dir.fd, name, type, err);
    if (st == MILL_OK && errno != 0) {
        mill_tree_fail(w->dir, w->path, "cannot list the folder", errno, &why);
        st = leave_out(MILL_E_IO, &why, err);
    }
    mill_tree_close(&dir);
    return st;
}

enum mill_status mill_tree_walk_files(struct mill_tree_walk *w, const char *folder,
                                      struct mill_error *err)
{
    size_t len = strlen(folder);
    memcpy(w->path + w->base, folder, len + 1);
    w->key_at = w->base + len + 1;
    return walk(w, w->base + len, err);
}

enum mill_status mill_tree_walk_one(struct mill_tree_walk *w, const char *folder,
                                    struct mill_view key, struct mill_error *err)
{
    struct mill_error why;
    size_t len = strlen(folder);
    w->key_at = w->base + len + 1;
    if (w->key_at + key.len >= sizeof(w->path))
        return MILL_OK; /* longer than any that is there */
    memcpy(w->path + w->base, folder, len);
    w->path[w->key_at - 1] = '/';
    memcpy(w->path + w->key_at, key.ptr, key.len);
    w->path[w->key_at + key.len] = '\0';
    return leave_out(w->file(w, &why), &why, err);
}

enum mill_status mill_tree_walk_value(struct mill_tree_walk *w, struct mill_arena *arena,
                                      struct mill_buf *bytes, struct mill_list *list,
                                      struct mill_error *err)
{
    struct mill_error why = {"its text is not UTF-8"};
    struct stat info = {0};
    enum mill_status st = mill_tree_read(w->dir, w->path, MILL_TREE_MAX_VALUE, bytes,
                                         w->seen != NULL ? &info : NULL, err);
    mill_tree_walk_see(w, &info);
    if (st != MILL_OK)
        return st;
    if (!mill_utf8_valid(mill_buf_view(bytes)))
        return mill_tree_blame(w->dir, w->path, MILL_E_CORRUPT, &why, err);
    struct mill_tag tag = {mill_arena_copy(arena, mill_view_of(w->path + w->key_at)),
                           mill_arena_copy(arena, mill_buf_view(bytes))};
    struct mill_tag *place =
        tag.key.ptr != NULL && tag.value.ptr != NULL ? mill_list_add(list) : NULL;
    if (place == NULL)
        return mill_no_memory(err);
    *place = tag;
    return MILL_OK;
}
