/* local_list.c - listings of the local artifact store. */
#include "artifact/local.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/view.h"
#include "model/limits.h"

/* False for what is not listed. */
static bool describe(const struct mill_local_store *s, int root, int dir,
                     struct mill_view parent, const char *name, struct stat *info)
{
    char path[PATH_MAX];
    int fd;
    bool known;

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
        strncmp(name, MILL_UPLOAD_PREFIX, sizeof(MILL_UPLOAD_PREFIX) - 1) == 0 ||
        !mill_utf8_valid(mill_view_of(name)) ||
        fstatat(dir, name, info, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    if (S_ISLNK(info->st_mode)) {
        int n = snprintf(path, sizeof(path), "%.*s%s%s", MILL_FMT(parent),
                         parent.len > 0 ? "/" : "", name);

        if (n < 0 || (size_t)n >= sizeof(path))
            return false;
        fd = mill_local_open_below(s, root, path, O_PATH);
        known = fd >= 0 && fstat(fd, info) == 0;
        mill_local_close(fd);
        if (!known)
            return false;
    }
    return S_ISREG(info->st_mode) || S_ISDIR(info->st_mode);
}

struct listing {
    struct mill_file_info *files;
    size_t count;
    size_t cap;
};

static enum mill_status add_file(struct listing *l, struct mill_arena *arena, const char *name,
                                 const struct stat *info, struct mill_error *err)
{
    if (l->count == MILL_MAX_ARTIFACT_LIST)
        return mill_fail(err, MILL_E_TOO_LARGE,
                         "the directory has more than %d entries; list directories below it",
                         MILL_MAX_ARTIFACT_LIST);
    if (l->count == l->cap) {
        size_t cap = l->cap > 0 ? 2 * l->cap : 32;
        struct mill_file_info *grown = mill_arena_zero(arena, cap, sizeof(*grown));

        if (grown == NULL)
            return mill_local_no_memory(err);
        if (l->count > 0)
            memcpy(grown, l->files, l->count * sizeof(*grown));
        l->files = grown;
        l->cap = cap;
    }

    struct mill_file_info *file = &l->files[l->count];
    file->path = mill_arena_copy(arena, mill_view_of(name));
    if (file->path.ptr == NULL)
        return mill_local_no_memory(err);
    file->is_dir = S_ISDIR(info->st_mode);
    file->file_size = file->is_dir ? MILL_ABSENT : (int64_t)info->st_size;
    l->count++;
    return MILL_OK;
}

static int by_name(const void *a, const void *b)
{
    const struct mill_file_info *left = a;
    const struct mill_file_info *right = b;

    return mill_view_cmp(left->path, right->path);
}

enum mill_status mill_local_list(struct mill_artifact_store *store, struct mill_view path,
                                 struct mill_arena *arena, struct mill_file_info **files_out,
                                 size_t *count_out, struct mill_error *err)
{
    const struct mill_local_store *s = (const struct mill_local_store *)store;
    struct listing l = {0};
    enum mill_status st = MILL_OK;
    const struct dirent *entry;
    struct stat info;
    DIR *stream = NULL;
    int root = mill_local_open_root(s);
    int dir = root >= 0 ? mill_local_open_below(s, root, path.ptr, O_RDONLY | O_DIRECTORY) : -1;

    if (dir >= 0)
        stream = fdopendir(dir);
    if (stream == NULL) {
        if (errno != ENOENT && errno != ENOTDIR)
            st = mill_local_failed(errno, "list", path.ptr, err);
        mill_local_close(dir);
        goto out;
    }
    while (st == MILL_OK && (entry = readdir(stream)) != NULL) {
        if (describe(s, root, dir, path, entry->d_name, &info))
            st = add_file(&l, arena, entry->d_name, &info, err);
    }
    if (l.count > 1)
        qsort(l.files, l.count, sizeof(*l.files), by_name);

out:
    if (stream != NULL)
        closedir(stream);
    mill_local_close(root);
    if (st == MILL_OK) {
        *files_out = l.files;
        *count_out = l.count;
    }
    return st;
}
