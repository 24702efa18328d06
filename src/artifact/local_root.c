/* local_root.c - see local.h. */
#include "artifact/local.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "artifact/beneath.h"
#include "base/os.h"
#include "base/view.h"

static enum mill_status status_of(int code)
{
    switch (code) {
    case EXDEV:
    case EISDIR:
    case ENOTDIR:
    case EINVAL:
        return MILL_E_INVALID;
    case EMFILE:
    case ENFILE:
        return MILL_E_BUSY;
    case ENOTEMPTY: /* others go on putting files into what is to be removed */
        return MILL_E_CONFLICT;
    default:
        return mill_errno_status(code);
    }
}

enum mill_status mill_local_failed(int code, const char *doing, const char *path,
                                   struct mill_error *err)
{
    char text[128];
    const char *why;

    switch (code) {
    case ENOENT:
        return mill_fail(err, MILL_E_NOT_FOUND, "No such artifact: '%.300s'", path);
    case EXDEV:
    case ELOOP:
        why = "a symbolic link in it leads out of the artifact root";
        break;
    case EISDIR:
        why = "it is a directory, not a file";
        break;
    case ENOTDIR:
        why = "a part of it is a file, not a directory";
        break;
    default:
        why = strerror_r(code, text, sizeof(text));
        break;
    }
    return mill_fail(err, status_of(code), "cannot %s artifact '%.300s': %s", doing, path, why);
}

enum mill_status mill_local_no_memory(struct mill_error *err)
{
    return mill_fail(err, MILL_E_NOMEM, "out of memory while handling an artifact");
}

void mill_local_close(int fd)
{
    int saved = errno;

    if (fd >= 0)
        close(fd);
    errno = saved;
}

int mill_local_open_root(const struct mill_local_store *s)
{
    return open(s->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int mill_local_make_root(const struct mill_local_store *s)
{
    char path[PATH_MAX];
    size_t len = strlen(s->root);
    int root = mill_local_open_root(s);

    if (root >= 0 || errno != ENOENT)
        return root;
    memcpy(path, s->root, len + 1);
    for (char *at = path + 1; at <= path + len; at++) {
        char kept = *at;

        if (kept != '/' && kept != '\0')
            continue;
        *at = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            return -1;
        *at = kept;
    }
    return mill_local_open_root(s);
}

int mill_local_open_below(const struct mill_local_store *s, int root, const char *path,
                          int flags)
{
    return mill_beneath_open(root, s->root, path, flags);
}

int mill_local_open_parent(const struct mill_local_store *s, int root, const char *path,
                           bool create, char buffer[PATH_MAX], const char **leaf_out)
{
    size_t len = strlen(path);
    char *slash;
    int dir;

    memcpy(buffer, path, len + 1);
    slash = strrchr(buffer, '/');
    if (slash == NULL) {
        *leaf_out = buffer;
        return mill_local_open_below(s, root, "", O_PATH | O_DIRECTORY);
    }
    *slash = '\0';
    *leaf_out = slash + 1;
    dir = mill_local_open_below(s, root, buffer, O_PATH | O_DIRECTORY);
    if (dir >= 0 || errno != ENOENT || !create)
        return dir;
    dir = mill_local_open_below(s, root, "", O_PATH | O_DIRECTORY);
    for (char *at = buffer; dir >= 0; at++) {
        char kept = *at;
        const char *name;

        if (kept != '/' && kept != '\0')
            continue;
        *at = '\0';
        name = strrchr(buffer, '/') != NULL ? strrchr(buffer, '/') + 1 : buffer;
        if (mkdirat(dir, name, 0777) != 0 && errno != EEXIST) {
            mill_local_close(dir);
            return -1;
        }
        close(dir);
        dir = mill_local_open_below(s, root, buffer, O_PATH | O_DIRECTORY);
        *at = kept;
        if (kept == '\0')
            break;
    }
    return dir;
}
