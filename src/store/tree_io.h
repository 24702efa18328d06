/* tree_io.h - the files of an mlruns tree: read whole, replaced whole, created once, appended
 * to, listed and locked, so that other processes may do the same at any time.
 *
 * Names are relative to an open folder and may lead into its sub-folders. A failure's message
 * begins with the whole path. Any thread, but for what a mill_tree_sync is given to. */
#ifndef MILL_STORE_TREE_IO_H
#define MILL_STORE_TREE_IO_H

#include <assert.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/buf.h"

/* An open folder. Parents live longer than what is in them. */
struct mill_tree_dir {
    int fd;
    const struct mill_tree_dir *parent; /* NULL: name is a whole path */
    const char *name;                   /* relative to parent; for messages */
};

/* What has to be on disk before an outcome is given: descriptors that are still to be synced.
 * One thread at a time. */
struct mill_tree_sync {
    int level; /* 0 everything; 1 only what replaces a file; 2 nothing */
    int fds[64];
    size_t count;
    int error; /* errno of the first failure */
};

/* Syncs and closes all that was noted. MILL_E_IO or MILL_E_FULL when any of it failed. */
enum mill_status mill_tree_sync_all(struct mill_tree_sync *sync, struct mill_error *err);

/* Writes the whole path of a name in a folder (name "" is the folder), cut at size. */
void mill_tree_path(const struct mill_tree_dir *dir, const char *name, char *out, size_t size);

/* The status of an errno; never MILL_OK. */
enum mill_status mill_tree_status(int number);

/* Puts the path in front of a message. */
static inline enum mill_status mill_tree_blame(const struct mill_tree_dir *dir,
                                               const char *name, enum mill_status st,
                                               const struct mill_error *why,
                                               struct mill_error *err)
{
    char path[300];
    mill_tree_path(dir, name, path, sizeof(path));
    return mill_fail(err, st, "%s: %.200s", path, why->message);
}

/* A failure of the operating system; number is an errno. "PATH: doing: reason". */
static inline enum mill_status mill_tree_fail(const struct mill_tree_dir *dir, const char *name,
                                              const char *doing, int number,
                                              struct mill_error *err)
{
    char reason[80];
    struct mill_error why;
    enum mill_status st = mill_tree_status(number);
    assert(st != MILL_OK);
    (void)mill_fail(&why, st, "%s: %s", doing, strerror_r(number, reason, sizeof(reason)));
    return mill_tree_blame(dir, name, st, &why, err);
}

/* "PATH: another key is in the way": MILL_E_INVALID. A key "a" is a file, a key "a/b" needs a
 * folder of that name; one of them can be. */
static inline enum mill_status mill_tree_in_the_way(const struct mill_tree_dir *dir,
                                                    const char *name, struct mill_error *err)
{
    struct mill_error why = {"another key is in the way: a name is a file or a folder"};
    return mill_tree_blame(dir, name, MILL_E_INVALID, &why, err);
}

/* Opens a folder; out->name is borrowed. MILL_E_NOT_FOUND when there is none. */
enum mill_status mill_tree_open(const struct mill_tree_dir *parent, const char *name,
                                struct mill_tree_dir *out, struct mill_error *err);

/* Closes it; a folder that is not open (fd < 0) is allowed. */
void mill_tree_close(struct mill_tree_dir *dir);

/* Waits for the folder's lock, which mill_tree_close gives back; dir must have been opened by
 * whoever locks. Only those that lock exclude each other: reading never waits. File systems
 * without locks are accepted. MILL_E_BUSY after half a minute. */
enum mill_status mill_tree_lock(const struct mill_tree_dir *dir, struct mill_error *err);

/* Opens a file for reading and gives its state; the caller closes *fd_out. MILL_E_NOT_FOUND;
 * MILL_E_CORRUPT for what is no file. */
enum mill_status mill_tree_open_file(const struct mill_tree_dir *dir, const char *name,
                                     int *fd_out, struct stat *info, struct mill_error *err);

/* Reads a file in place of what out holds, and its state, if info is not NULL (a small file
 * then costs one call more). MILL_E_NOT_FOUND; MILL_E_TOO_LARGE above max bytes; MILL_E_CORRUPT
 * for what is no file. */
enum mill_status mill_tree_read(const struct mill_tree_dir *dir, const char *name, size_t max,
                                struct mill_buf *out, struct stat *info,
                                struct mill_error *err);

/* The same for files that others write in two steps, first emptying them: waits a moment for
 * the content of a file that was emptied just now. */
enum mill_status mill_tree_read_settled(const struct mill_tree_dir *dir, const char *name,
                                        size_t max, struct mill_buf *out, struct stat *info,
                                        struct mill_error *err);

/* Puts a file in place of the one of that name, if any: readers see the old content or the
 * new. The caller holds the folder's lock. */
enum mill_status mill_tree_replace(const struct mill_tree_dir *dir, const char *name,
                                   struct mill_view content, struct mill_tree_sync *sync,
                                   struct mill_error *err);

/* Makes a file that must not be there: MILL_E_EXISTS. It appears with its content. The caller
 * holds the folder's lock. */
enum mill_status mill_tree_create(const struct mill_tree_dir *dir, const char *name,
                                  struct mill_view content, struct mill_tree_sync *sync,
                                  struct mill_error *err);

/* Makes a file in a folder that nobody else knows of yet. */
enum mill_status mill_tree_put(const struct mill_tree_dir *dir, const char *name,
                               struct mill_view content, struct mill_tree_sync *sync,
                               struct mill_error *err);

/* Lines to be appended. brief is taken in place of full by files whose lines have two fields
 * and, if brief_when_new says so, by files that are empty. */
struct mill_tree_lines {
    struct mill_view full;
    struct mill_view brief; /* absent: never */
    bool brief_when_new;
};

/* Appends whole lines with one write, after ending a line that somebody left unfinished. */
enum mill_status mill_tree_append(const struct mill_tree_dir *dir, const char *name,
                                  const struct mill_tree_lines *lines,
                                  struct mill_tree_sync *sync, struct mill_error *err);

/* Begins a new folder in dir under a name of its own, which is written to name, and opens it.
 * When it is complete, mill_tree_move gives it its name; until then mill_tree_discard ends it.
 */
#define MILL_TREE_ASIDE_SIZE 64
enum mill_status mill_tree_begin(const struct mill_tree_dir *dir,
                                 char name[MILL_TREE_ASIDE_SIZE], struct mill_tree_dir *out,
                                 struct mill_error *err);

/* Makes a folder and those above it; existing ones are fine. */
enum mill_status mill_tree_make(const struct mill_tree_dir *dir, const char *name,
                                struct mill_error *err);

/* Moves a folder to a name that must be free: MILL_E_EXISTS. */
enum mill_status mill_tree_move(const struct mill_tree_dir *from_dir, const char *from,
                                const struct mill_tree_dir *to_dir, const char *to,
                                struct mill_tree_sync *sync, struct mill_error *err);

/* Removes a file. MILL_E_NOT_FOUND. */
enum mill_status mill_tree_remove(const struct mill_tree_dir *dir, const char *name,
                                  struct mill_tree_sync *sync, struct mill_error *err);

/* Removes a folder of our own making with what is in it, as far as that goes. */
void mill_tree_discard(const struct mill_tree_dir *dir, const char *name);

/* The names in a folder, in no order, without "." and "..". */
struct mill_tree_listing {
    int fd;
    ssize_t len, at;
    _Alignas(8) char bytes[4096];
};

/* Begins to list the folder of that descriptor, which stays the caller's. */
void mill_tree_list(struct mill_tree_listing *listing, int fd);

/* The next name and its d_type; valid until the call after this one. NULL at the end, and on a
 * failure, which sets errno; errno is 0 at the end. */
const char *mill_tree_next(struct mill_tree_listing *listing, unsigned char *type_out);

/* Whether an entry of that type is a folder, or a link to one. */
bool mill_tree_is_dir(int fd, const char *name, unsigned char type);

#endif
