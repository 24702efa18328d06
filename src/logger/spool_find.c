/* spool_find.c - the spools below a directory: found, told apart, removed; and their small
 * files. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/view.h"
#include "logger/spool_files.h"

#define SMALL_BYTES 65536
/* SPOOL/RUN/FILE, or a directory above several spools. */
#define MAX_DEPTH          3
#define MAX_DEPTH_OF_FILES 70

/* --- finding --------------------------------------------------------------------------- */

struct found {
    struct mill_arena *arena;
    struct mill_buf bases; /* of const char * */
};

/* Whether a name is that of a writer's file, BASE.NUMBER.spool; its parts. */
static bool is_spool_file(struct mill_view name, struct mill_view *base_out,
                          int64_t *number_out)
{
    const struct mill_view suffix = MILL_VIEW(".spool");
    if (!mill_view_ends(name, suffix))
        return false;
    name.len -= suffix.len;
    const char *dot = memrchr(name.ptr, '.', name.len);
    if (dot == NULL)
        return false;
    *base_out = (struct mill_view){name.ptr, (size_t)(dot - name.ptr)};
    return mill_view_int(mill_view_from(name, base_out->len + 1), number_out) &&
           *number_out > 0;
}

/* By bytes, whatever the locale: files of one writer follow each other. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* The entries of a directory are scandir's own allocation, as is their list. */
static void free_entries(struct dirent **entries, int count)
{
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
}

/* Files of one writer follow each other in order of names: it is noted once. */
static bool note(struct found *f, const char *directory, struct mill_view base)
{
    size_t count = f->bases.len / sizeof(const char *);
    const char *text = mill_arena_printf(f->arena, "%s/%.*s", directory, MILL_FMT(base)).ptr;
    if (text == NULL)
        return false;
    if (count > 0 && strcmp(((const char **)(void *)f->bases.ptr)[count - 1], text) == 0)
        return true;
    mill_buf_add(&f->bases, &text, sizeof(text));
    return !f->bases.failed;
}

static enum mill_status search(struct found *f, const char *directory, int depth,
                               struct mill_error *err)
{
    struct dirent **entries = NULL;
    struct stat info;
    struct mill_view base;
    int64_t number;
    enum mill_status st = MILL_OK;
    int count = scandir(directory, &entries, NULL, by_bytes);
    if (count < 0)
        return errno == ENOENT ? MILL_OK : mill_spool_failed(directory, "read", err);
    for (int i = 0; st == MILL_OK && i < count; i++) {
        struct mill_view name = mill_view_of(entries[i]->d_name);
        if (is_spool_file(name, &base, &number)) {
            if (!note(f, directory, base))
                st = mill_fail(err, MILL_E_NOMEM, "out of memory");
        } else if (name.ptr[0] != '.' && depth > 0) {
            const char *below = mill_arena_printf(f->arena, "%s/%s", directory, name.ptr).ptr;
            if (below == NULL)
                st = mill_fail(err, MILL_E_NOMEM, "out of memory");
            else if (!mill_view_ends(name, MILL_VIEW(".files")) && stat(below, &info) == 0 &&
                     S_ISDIR(info.st_mode))
                st = search(f, below, depth - 1, err);
        }
    }
    free_entries(entries, count);
    return st;
}

enum mill_status mill_spool_find(const char *directory, struct mill_arena *arena,
                                 const char ***bases_out, size_t *count_out,
                                 struct mill_error *err)
{
    struct found f = {.arena = arena};
    enum mill_status st = search(&f, directory, MAX_DEPTH, err);
    size_t count = f.bases.len / sizeof(const char *);
    const char **bases = mill_arena_zero(arena, count + 1, sizeof(*bases));
    if (st == MILL_OK && bases == NULL)
        st = mill_fail(err, MILL_E_NOMEM, "out of memory");
    if (st == MILL_OK && count > 0)
        memcpy(bases, f.bases.ptr, f.bases.len);
    mill_buf_release(&f.bases);
    *bases_out = bases;
    *count_out = count;
    return st;
}

enum mill_status mill_spool_read_open(const char *base, struct mill_arena *arena,
                                      struct mill_spool_open *out, struct mill_error *err)
{
    struct mill_spool_reader reader = {.base = base, .place = {1, 0}, .fd = -1};
    struct mill_spool_record record;
    struct mill_view bytes;
    bool damaged;
    struct mill_error ignored;
    (void)mill_spool_reader_open(&reader, base, &ignored); /* reading fails again */
    reader.place.offset = 0; /* the head of whichever file comes first */
    enum mill_status st = mill_spool_reader_fill(&reader, &bytes, &damaged, err);
    if (st == MILL_OK && damaged)
        st = mill_fail(err, MILL_E_CORRUPT, "the spool %s is damaged at its beginning", base);
    if (st == MILL_OK && bytes.len == 0)
        st = mill_fail(err, MILL_E_NOT_FOUND, "the spool %s has no records", base);
    if (st == MILL_OK && (mill_spool_record_next(&bytes, &record) != MILL_SPOOL_RECORD ||
                          record.kind != MILL_SPOOL_OPEN))
        st = mill_fail(err, MILL_E_CORRUPT, "the spool %s does not say which run it is of",
                       base);
    if (st == MILL_OK)
        st = mill_spool_record_read(&record, &mill_spool_open_message, arena, out, err);
    mill_spool_reader_release(&reader);
    return st;
}

/* --- removing -------------------------------------------------------------------------- */

static void remove_tree(const char *path, int depth)
{
    char below[PATH_MAX];
    DIR *directory = depth > 0 ? opendir(path) : NULL;
    if (directory != NULL) {
        for (struct dirent *e = readdir(directory); e != NULL; e = readdir(directory)) {
            if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
                continue;
            if (snprintf(below, sizeof(below), "%s/%s", path, e->d_name) < (int)sizeof(below) &&
                unlink(below) != 0)
                remove_tree(below, depth - 1);
        }
        closedir(directory);
    }
    rmdir(path);
}

void mill_spool_remove_tree(const char *path)
{
    remove_tree(path, MAX_DEPTH_OF_FILES);
}

/* The directory and the name that a writer's base path is made of. */
static bool split(const char *base, char directory[PATH_MAX], struct mill_view *name_out)
{
    const char *slash = strrchr(base, '/');
    if (slash == NULL || strlen(base) >= PATH_MAX)
        return false;
    memcpy(directory, base, (size_t)(slash - base));
    directory[slash - base] = '\0';
    *name_out = mill_view_of(slash + 1);
    return true;
}

int64_t mill_spool_first_file(const char *base, int64_t from)
{
    char directory[PATH_MAX];
    struct dirent **entries = NULL;
    struct mill_view own, name;
    int64_t number, first = 0;
    if (!split(base, directory, &own))
        return 0;
    int count = scandir(directory, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++)
        if (is_spool_file(mill_view_of(entries[i]->d_name), &name, &number) &&
            mill_view_eq(name, own) && number >= from && (first == 0 || number < first))
            first = number;
    free_entries(entries, count);
    return first;
}

/* Removes what belongs to a writer, but for what a server refused: that is for people to look
 * at. Answers how much else there is in the directory, but for the note on the run's id. */
static int remove_own(const char *directory, struct mill_view own)
{
    char path[PATH_MAX];
    struct dirent **entries = NULL;
    int others = 0;
    int count = scandir(directory, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        struct mill_view name = mill_view_of(entries[i]->d_name);
        bool is_own = mill_view_starts(name, own) && name.len > own.len &&
                      name.ptr[own.len] == '.' && !mill_view_ends(name, MILL_VIEW(".refused"));
        if (!is_own)
            others += !mill_view_eq(name, MILL_VIEW(".")) &&
                      !mill_view_eq(name, MILL_VIEW("..")) &&
                      !mill_view_eq(name, MILL_VIEW("remote"));
        else if (snprintf(path, sizeof(path), "%s/%s", directory, name.ptr) <
                     (int)sizeof(path) &&
                 unlink(path) != 0)
            mill_spool_remove_tree(path);
    }
    free_entries(entries, count);
    return count < 0 ? 1 : others;
}

void mill_spool_remove(const char *base)
{
    char directory[PATH_MAX], remote[PATH_MAX];
    struct mill_view own;
    if (!split(base, directory, &own) || remove_own(directory, own) > 0)
        return;
    if (snprintf(remote, sizeof(remote), "%s/remote", directory) < (int)sizeof(remote))
        unlink(remote);
    rmdir(directory);
}

/* --- small files ----------------------------------------------------------------------- */

enum mill_status mill_spool_read_small(const char *path, struct mill_arena *arena,
                                       struct mill_view *out, struct mill_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    *out = (struct mill_view){NULL, 0};
    if (fd < 0)
        return errno == ENOENT ? MILL_OK : mill_spool_failed(path, "read", err);
    char *text = mill_arena_alloc(arena, SMALL_BYTES + 1);
    ssize_t got = text != NULL ? read(fd, text, SMALL_BYTES) : -1;
    enum mill_status st = text == NULL ? mill_fail(err, MILL_E_NOMEM, "out of memory")
                          : got < 0    ? mill_spool_failed(path, "read", err)
                                       : MILL_OK;
    close(fd);
    if (st != MILL_OK)
        return st;
    text[got] = '\0';
    *out = (struct mill_view){text, (size_t)got};
    return MILL_OK;
}

enum mill_status mill_spool_write_small(const char *path, struct mill_view text,
                                        struct mill_error *err)
{
    char aside[PATH_MAX], random[33];
    mill_random_hex32(random);
    if (snprintf(aside, sizeof(aside), "%s.%.8s", path, random) >= (int)sizeof(aside)) {
        errno = ENAMETOOLONG;
        return mill_spool_failed(path, "write", err);
    }
    int fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    bool good = fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len;
    if (fd >= 0 && close(fd) != 0)
        good = false;
    if (good && rename(aside, path) == 0)
        return MILL_OK;
    enum mill_status st = mill_spool_failed(path, "write", err);
    unlink(aside);
    return st;
}
