/* beneath.c - see beneath.h. */
#include "artifact/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_LINKS   40 /* as the kernel's own limit */
#define MAX_RETRIES 16

/* A path being resolved: done has no links, rest is still to be looked at. */
struct walk {
    char done[PATH_MAX];
    char rest[2 * PATH_MAX];
    size_t done_len;
};

static int fail(int code)
{
    errno = code;
    return -1;
}

static bool append(char *to, size_t *len, size_t size, const char *text, size_t text_len)
{
    if (text_len >= size - *len)
        return false;
    memcpy(to + *len, text, text_len);
    *len += text_len;
    to[*len] = '\0';
    return true;
}

/* Forgets the last name in done; false at the root. */
static bool go_up(struct walk *w)
{
    if (w->done_len == 0)
        return false;
    while (w->done_len > 0 && w->done[w->done_len - 1] != '/')
        w->done_len--;
    if (w->done_len > 0)
        w->done_len--;
    w->done[w->done_len] = '\0';
    return true;
}

/* Puts the target of a link in front of what is left; errno says why it cannot. */
static bool follow(struct walk *w, const char *root_path, char *target, size_t target_len)
{
    size_t root_len = strlen(root_path);
    size_t rest_len = strlen(w->rest);

    if (target[0] == '/') {
        bool below = strncmp(target, root_path, root_len) == 0 &&
                     (target[root_len] == '/' || target[root_len] == '\0');

        if (!below)
            return fail(EXDEV) == 0;
        memmove(target, target + root_len, target_len - root_len + 1);
        target_len -= root_len;
        w->done[0] = '\0';
        w->done_len = 0;
    }
    if (target_len + 1 + rest_len >= sizeof(w->rest))
        return fail(ENAMETOOLONG) == 0;
    memmove(w->rest + target_len + 1, w->rest, rest_len + 1);
    memcpy(w->rest, target, target_len);
    w->rest[target_len] = '/';
    return true;
}

/* Cuts the first name off rest and returns its length; 0 when nothing is left. */
static size_t next_name(struct walk *w, char name[NAME_MAX + 2])
{
    size_t skip = strspn(w->rest, "/");
    size_t len = strcspn(w->rest + skip, "/");
    size_t kept = len <= NAME_MAX ? len : NAME_MAX + 1;

    memcpy(name, w->rest + skip, kept);
    name[kept] = '\0';
    memmove(w->rest, w->rest + skip + len, strlen(w->rest + skip + len) + 1);
    return kept;
}

/* Replaces all links in path by what they lead to. Racing changes can make the result wrong
 * but not dangerous: whoever opens it follows no more links. */
static int resolve(int root, const char *root_path, const char *path, bool last_too,
                   struct walk *w)
{
    char name[NAME_MAX + 2];
    char target[PATH_MAX];
    size_t rest_len = 0;
    size_t name_len;
    int links = 0;

    w->done[0] = '\0';
    w->done_len = 0;
    if (!append(w->rest, &rest_len, sizeof(w->rest), path, strlen(path)))
        return fail(ENAMETOOLONG);
    while ((name_len = next_name(w, name)) > 0) {
        size_t before = w->done_len;

        if (strcmp(name, ".") == 0)
            continue;
        if (strcmp(name, "..") == 0) {
            if (!go_up(w))
                return fail(EXDEV);
            continue;
        }
        if (name_len > NAME_MAX ||
            (before > 0 && !append(w->done, &w->done_len, sizeof(w->done), "/", 1)) ||
            !append(w->done, &w->done_len, sizeof(w->done), name, name_len))
            return fail(ENAMETOOLONG);
        if (!last_too && w->rest[strspn(w->rest, "/")] == '\0')
            break;

        ssize_t n = readlinkat(root, w->done, target, sizeof(target) - 1);
        if (n < 0) {
            if (errno != EINVAL) /* EINVAL: not a link */
                return -1;
            continue;
        }
        target[n] = '\0';
        w->done_len = before;
        w->done[before] = '\0';
        if (++links > MAX_LINKS)
            return fail(ELOOP);
        if (!follow(w, root_path, target, (size_t)n))
            return -1;
    }
    return 0;
}

/* Opens a path without links, one name at a time, so that a link put there meanwhile is
 * noticed (ELOOP or ENOTDIR) instead of followed. */
static int open_plain(int root, char *path, int flags)
{
    int dir = root;
    int fd = -1;

    if (path[0] == '\0')
        return openat(root, ".", flags | O_CLOEXEC);
    for (char *name = path; name != NULL;) {
        char *slash = strchr(name, '/');
        int wanted = slash != NULL ? O_PATH | O_DIRECTORY : flags;

        if (slash != NULL)
            *slash = '\0';
        fd = openat(dir, name, wanted | O_NOFOLLOW | O_CLOEXEC);
        if (slash != NULL)
            *slash = '/';

        int saved = errno;
        if (dir != root)
            close(dir);
        errno = saved;
        if (fd < 0)
            return -1;
        dir = fd;
        name = slash != NULL ? slash + 1 : NULL;
    }
    return fd;
}

/* O_PATH | O_NOFOLLOW opens a link itself, which is only wanted when the caller said so. */
static bool opened_a_link(int fd, int flags)
{
    struct stat info;

    return (flags & O_PATH) != 0 && (flags & O_NOFOLLOW) == 0 && fstat(fd, &info) == 0 &&
           S_ISLNK(info.st_mode);
}

int mill_beneath_walk(int root, const char *root_path, const char *path, int flags)
{
    for (int i = 0; i < MAX_RETRIES; i++) {
        struct walk w;
        int fd;

        if (resolve(root, root_path, path, (flags & O_NOFOLLOW) == 0, &w) != 0)
            return -1;
        fd = open_plain(root, w.done, flags);
        if (fd >= 0 && !opened_a_link(fd, flags))
            return fd;
        if (fd >= 0)
            close(fd);
        else if (errno != ELOOP || (flags & O_NOFOLLOW) != 0)
            return -1;
    }
    return fail(ELOOP);
}

int mill_beneath_open(int root, const char *root_path, const char *path, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };

    for (int i = 0; i < MAX_RETRIES; i++) {
        long fd = syscall(SYS_openat2, root, path[0] != '\0' ? path : ".", &how, sizeof(how));

        if (fd >= 0)
            return (int)fd;
        /* EAGAIN: something was renamed on the way. EXDEV may be an absolute link that stays
         * below; a sandbox answers EPERM for a call that it does not know. */
        if (errno == EXDEV || errno == ENOSYS || errno == EPERM)
            return mill_beneath_walk(root, root_path, path, flags);
        if (errno != EAGAIN)
            return -1;
    }
    return mill_beneath_walk(root, root_path, path, flags);
}
