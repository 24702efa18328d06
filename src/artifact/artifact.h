/* artifact.h - what every artifact store can do (internal interface).
 *
 * Callers use the mill_artifact_*() functions; only artifact_*.c files fill in the ops. All
 * calls may block on storage and may be made from any thread at the same time. Paths come
 * from mill_artifact_path_check (path.h), which every text of a client passes first; a store
 * opens nothing outside its root, whatever symbolic links are there. err may be NULL. */
#ifndef MILL_ARTIFACT_ARTIFACT_H
#define MILL_ARTIFACT_ARTIFACT_H

#include <millstream/types.h>

#include "artifact/path.h"
#include "base/arena.h"

struct mill_artifact_store;
struct mill_artifact_upload;

/* Room for an entity tag with its quotes and a NUL. */
#define MILL_ETAG_SIZE 72

/* A file opened for reading. fd is an ordinary local file; the owner closes it. */
struct mill_artifact_file {
    int fd;
    int64_t size;
    int64_t mtime_ms;
    char etag[MILL_ETAG_SIZE]; /* with its quotes; changes when the file is replaced */
};

/* What a store keeps of uploads in parts that are not complete. */
struct mill_parts_limits {
    int64_t max_open;   /* uploads at once */
    int64_t max_age_ms; /* without a new part: then it was abandoned, and is removed */
};

/* A part that was stored, as its sender names it. */
struct mill_artifact_part {
    int64_t number; /* from 1 */
    struct mill_view etag;
};

struct mill_artifact_ops {
    const char *scheme;
    enum mill_status (*list)(struct mill_artifact_store *store, struct mill_view path,
                             struct mill_arena *arena, struct mill_file_info **files_out,
                             size_t *count_out, struct mill_error *err);
    enum mill_status (*open)(struct mill_artifact_store *store, struct mill_view path,
                             struct mill_artifact_file *out, struct mill_error *err);
    enum mill_status (*upload)(struct mill_artifact_store *store, struct mill_view path,
                               struct mill_artifact_upload **out, struct mill_error *err);
    enum mill_status (*remove)(struct mill_artifact_store *store, struct mill_view path,
                               struct mill_error *err);
    /* Optional, all four or none. */
    enum mill_status (*begin_parts)(struct mill_artifact_store *store, struct mill_view path,
                                    int64_t count, const struct mill_parts_limits *limits,
                                    char id_out[33], struct mill_error *err);
    enum mill_status (*upload_part)(struct mill_artifact_store *store, struct mill_view id,
                                    int64_t number, char etag_out[MILL_ETAG_SIZE],
                                    struct mill_artifact_upload **out, struct mill_error *err);
    enum mill_status (*complete_parts)(struct mill_artifact_store *store, struct mill_view path,
                                       struct mill_view id,
                                       const struct mill_artifact_part *parts, size_t count,
                                       int64_t max_bytes, struct mill_error *err);
    enum mill_status (*abort_parts)(struct mill_artifact_store *store, struct mill_view path,
                                    struct mill_view id, struct mill_error *err);
    /* Optional: only stores of local files can hold a local path. */
    bool (*holds)(struct mill_artifact_store *store, struct mill_view path,
                  struct mill_view *below_out);
    /* Optional likewise. */
    struct mill_view (*directory)(const struct mill_artifact_store *store);
    void (*close)(struct mill_artifact_store *store);
};

/* Common part; a backend embeds it as the first member of its own struct. */
struct mill_artifact_store {
    const struct mill_artifact_ops *ops;
};

/* A file being written; a backend embeds it first. */
struct mill_artifact_upload {
    enum mill_status (*write)(struct mill_artifact_upload *upload, struct mill_view bytes,
                              struct mill_error *err);
    enum mill_status (*commit)(struct mill_artifact_upload *upload, struct mill_error *err);
    void (*abort)(struct mill_artifact_upload *upload);
};

/* Opens the store at a destination: a directory, as a path or file: URI. It is created with
 * the first upload, not here; what uploads of dead processes left in it is removed. Fails
 * with MILL_E_UNSUPPORTED for another kind of storage, MILL_E_INVALID for a malformed one or
 * a path that is not a directory, MILL_E_IO, MILL_E_NOMEM. */
enum mill_status mill_artifact_open_store(struct mill_view destination,
                                          struct mill_artifact_store **out,
                                          struct mill_error *err);

/* Frees the store. NULL is allowed. No call may be in progress and no upload open. */
void mill_artifact_close_store(struct mill_artifact_store *store);

/* The absolute path of a store's directory, as it was named; absent for a store that is not
 * one of local files. */
struct mill_view mill_artifact_directory(const struct mill_artifact_store *store);

/* The entries of a directory, by name in byte order, with bare names. A file, a missing path
 * and an empty directory have none. Left out: unfinished uploads, what is neither file nor
 * directory, links that lead out of the root, names that are not UTF-8. Everything is in
 * arena. MILL_E_TOO_LARGE beyond MILL_MAX_ARTIFACT_LIST entries; MILL_E_INVALID when path
 * leads out of the root. */
enum mill_status mill_artifact_list(struct mill_artifact_store *store, struct mill_view path,
                                    struct mill_arena *arena, struct mill_file_info **files_out,
                                    size_t *count_out, struct mill_error *err);

/* Opens a file for reading. MILL_E_NOT_FOUND when it is missing, MILL_E_INVALID when it is a
 * directory or leads out of the root. */
enum mill_status mill_artifact_open(struct mill_artifact_store *store, struct mill_view path,
                                    struct mill_artifact_file *out, struct mill_error *err);

/* Starts a file aside; it appears under its name, replacing what was there, when it is
 * committed, and not at all otherwise. Concurrent uploads to one path are independent: the
 * last commit wins. The upload ends with commit or abort. MILL_E_INVALID when the path is a
 * directory or leads out of the root, MILL_E_FULL, MILL_E_DENIED, MILL_E_IO. */
enum mill_status mill_artifact_upload(struct mill_artifact_store *store, struct mill_view path,
                                      struct mill_artifact_upload **out,
                                      struct mill_error *err);

/* Appends bytes. After a failure only abort is allowed. One thread at a time. */
enum mill_status mill_artifact_upload_write(struct mill_artifact_upload *upload,
                                            struct mill_view bytes, struct mill_error *err);

/* Puts the file under its name, with the directories above it, and frees the upload, whether
 * it succeeds or fails. The data is synced to disk before the name is changed: after a power
 * cut the name has the old or the whole new content. The change of the name itself is left to
 * the file system's own schedule (seconds); a killed server loses nothing. */
enum mill_status mill_artifact_upload_commit(struct mill_artifact_upload *upload,
                                             struct mill_error *err);

/* Removes what was written and frees the upload. NULL is allowed. */
void mill_artifact_upload_abort(struct mill_artifact_upload *upload);

/* --- a file in parts: begun once, its parts stored in any order and by any thread, then put
 * together. It appears under its name when it is complete, not earlier. MILL_E_UNSUPPORTED in a
 * store that cannot do it. --- */

/* Begins a file of count parts (1 to MILL_MAX_PARTS). id_out gets 32 hex digits that nobody can
 * guess: who knows them may store parts. Survives a killed server. MILL_E_INVALID for a count
 * out of range or a path that cannot be a file; MILL_E_BUSY when limits->max_open are under
 * way. */
enum mill_status mill_artifact_begin_parts(struct mill_artifact_store *store,
                                           struct mill_view path, int64_t count,
                                           const struct mill_parts_limits *limits,
                                           char id_out[33], struct mill_error *err);

/* Starts part number; the same calls as for mill_artifact_upload write and end it. A part that
 * is stored again replaces itself. Its commit fills etag_out, which must live until then, with
 * the checksum of what was written. MILL_E_NOT_FOUND for an id that is not under way,
 * MILL_E_INVALID for a number beyond the count. */
enum mill_status mill_artifact_upload_part(struct mill_artifact_store *store,
                                           struct mill_view id, int64_t number,
                                           char etag_out[MILL_ETAG_SIZE],
                                           struct mill_artifact_upload **out,
                                           struct mill_error *err);

/* Puts the file together of all its parts, which are named in order with the ETags that their
 * storing gave. One that was completed a little while ago is complete: who asks again had no
 * answer. MILL_E_NOT_FOUND for an id that is not under way for that path, MILL_E_INVALID when
 * parts are missing or others than named, MILL_E_TOO_LARGE beyond max_bytes (0: no limit),
 * MILL_E_BUSY while another call does it. After a failure it can be tried again. */
enum mill_status mill_artifact_complete_parts(struct mill_artifact_store *store,
                                              struct mill_view path, struct mill_view id,
                                              const struct mill_artifact_part *parts,
                                              size_t count, int64_t max_bytes,
                                              struct mill_error *err);

/* Removes what was stored. One that is not under way (any more) is success. */
enum mill_status mill_artifact_abort_parts(struct mill_artifact_store *store,
                                           struct mill_view path, struct mill_view id,
                                           struct mill_error *err);

/* Removes a file or a whole tree; a missing one is success. Links are removed, not what they
 * lead to. The root itself is MILL_E_INVALID. */
enum mill_status mill_artifact_remove(struct mill_artifact_store *store, struct mill_view path,
                                      struct mill_error *err);

/* Finds the store for the artifacts of a run whose root is uri: proxied for a proxied one,
 * for a local path the first of the stores (either may be NULL) whose root holds it. *path_out
 * is the run's root below the store's; it is in arena. MILL_E_UNSUPPORTED when this server
 * has no access to that place, MILL_E_INVALID for a malformed uri. */
enum mill_status mill_artifact_locate(struct mill_artifact_store *proxied,
                                      struct mill_artifact_store *local, struct mill_view uri,
                                      struct mill_arena *arena,
                                      struct mill_artifact_store **store_out,
                                      struct mill_view *path_out, struct mill_error *err);

#endif
