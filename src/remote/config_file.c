/* config_file.c - see config_file.h. */
#include "remote/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/view.h"
#include "remote/ini.h"

/* --- reading ---------------------------------------------------------------------------- */

/* The path with "~/" replaced, NULL when memory is out. Without a home it stays as it is. */
static const char *expand(const char *path, struct mill_arena *arena)
{
    char buffer[4096];
    struct passwd entry, *found = NULL;
    const char *home = getenv("HOME");
    if (!mill_view_starts(mill_view_of(path), MILL_VIEW("~/")))
        return mill_arena_cstr(arena, mill_view_of(path));
    if ((home == NULL || home[0] == '\0') &&
        getpwuid_r(geteuid(), &entry, buffer, sizeof(buffer), &found) == 0 && found != NULL)
        home = entry.pw_dir;
    return home != NULL ? mill_arena_printf(arena, "%s%s", home, path + 1).ptr
                        : mill_arena_cstr(arena, mill_view_of(path));
}

static enum mill_status cannot_read(const char *path, struct mill_error *err)
{
    return mill_fail(err, errno == EACCES ? MILL_E_DENIED : MILL_E_IO, "cannot read %s: %s",
                     path, strerror(errno));
}

/* Reads size bytes, or as many as there are. */
static enum mill_status read_all(int fd, struct mill_config_file *file, size_t size,
                                 struct mill_arena *arena, struct mill_error *err)
{
    char *text = mill_arena_alloc(arena, size + 1);
    size_t len = 0;
    ssize_t got = 1;
    if (text == NULL)
        return mill_no_memory(err);
    while (len < size && got != 0) {
        got = read(fd, text + len, size - len);
        if (got < 0 && errno != EINTR)
            return cannot_read(file->path, err);
        len += got > 0 ? (size_t)got : 0;
    }
    file->text = (struct mill_view){text, len};
    return MILL_OK;
}

enum mill_status mill_config_file_read(const char *path, struct mill_arena *arena,
                                       struct mill_config_file *out, struct mill_error *err)
{
    struct mill_config_file file = {.path = expand(path, arena)};
    struct stat info;
    if (file.path == NULL)
        return mill_no_memory(err);
    /* A pipe in its place must not make the program wait. */
    int fd = open(file.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        *out = file;
        return MILL_OK;
    }
    if (fd < 0)
        return cannot_read(file.path, err);
    enum mill_status st;
    if (fstat(fd, &info) != 0)
        st = cannot_read(file.path, err);
    else if (!S_ISREG(info.st_mode) || info.st_size > (off_t)MILL_CONFIG_FILE_MAX)
        st = mill_fail(err, MILL_E_INVALID,
                       "%s must be a regular file of at most %zu bytes to be a configuration",
                       file.path, MILL_CONFIG_FILE_MAX);
    else
        st = read_all(fd, &file, (size_t)info.st_size, arena, err);
    close(fd);
    if (st == MILL_OK)
        *out = file;
    return st;
}

/* --- looking up ------------------------------------------------------------------------- */

static enum mill_status take(const struct mill_ini_item *item,
                             const struct mill_config_key *keys, size_t key_count,
                             struct mill_arena *arena, struct mill_error *err)
{
    for (size_t i = 0; i < key_count; i++) {
        if (!mill_view_eq_nocase(item->key, mill_view_of(keys[i].name)))
            continue;
        *keys[i].value_out = item->value.len > 0 ? mill_arena_cstr(arena, item->value) : NULL;
        if (item->value.len > 0 && *keys[i].value_out == NULL)
            return mill_no_memory(err);
    }
    return MILL_OK;
}

enum mill_status mill_config_file_section(const struct mill_config_file *file,
                                          struct mill_view section,
                                          const struct mill_config_key *keys, size_t key_count,
                                          struct mill_arena *arena, bool *found_out,
                                          struct mill_error *err)
{
    struct mill_ini ini = {.rest = file->text, .python = true};
    struct mill_ini_item item;
    struct mill_error reason;
    bool more = true, found = false;
    if (file->text.len > 0 && memchr(file->text.ptr, '\0', file->text.len) != NULL)
        return mill_fail(err, MILL_E_INVALID, "%s is no text: it holds a NUL byte", file->path);
    for (size_t i = 0; i < key_count; i++)
        *keys[i].value_out = NULL;
    while (more) {
        if (mill_ini_next(&ini, &item, &more, &reason) != MILL_OK)
            return mill_fail(err, MILL_E_INVALID, "%s, %.300s", file->path, reason.message);
        if (!more || item.section.ptr == NULL || !mill_view_eq(item.section, section))
            continue;
        found = true;
        enum mill_status st = take(&item, keys, key_count, arena, err);
        if (st != MILL_OK)
            return st;
    }
    *found_out = found;
    return MILL_OK;
}
