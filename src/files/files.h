/* files.h - the artifact files of one run, wherever they lie: in a directory of this machine
 * or behind a server. Paths are relative to the run's artifact location and have passed
 * mill_artifact_path_check. One thread at a time. */
#ifndef MILL_FILES_FILES_H
#define MILL_FILES_FILES_H

#include <millstream/types.h>

#include "base/arena.h"

struct mill_files;
struct mill_peer;
struct mill_remote;
struct mill_s3;

/* The local end of a transfer: an open regular file, read or written from its beginning. */
struct mill_local_file {
    int fd;
    /* When it is sent, its length. When it is fetched, the length that was listed, MILL_ABSENT
     * when none was: another length that comes is a failure. */
    int64_t bytes;
    size_t parallel; /* parts that may be under way at once, at least 1 */
    /* Told about the bytes moved so far; false gives up with MILL_E_CANCELLED. */
    bool (*progress)(void *context, int64_t bytes);
    void *context;
};

struct mill_files_ops {
    /* The entries of a directory by name, with bare names, in arena. */
    enum mill_status (*list)(struct mill_files *files, struct mill_view path,
                             struct mill_arena *arena, const struct mill_file_info **out,
                             size_t *count_out, struct mill_error *err);
    enum mill_status (*put)(struct mill_files *files, struct mill_view path,
                            const struct mill_local_file *file, struct mill_error *err);
    enum mill_status (*get)(struct mill_files *files, struct mill_view path,
                            const struct mill_local_file *file, struct mill_error *err);
    void (*close)(struct mill_files *files);
};

struct mill_files {
    const struct mill_files_ops *ops;
    /* Files of at least this size are moved in parts by several threads, hence one file at a
     * time. 0: files are moved whole. */
    int64_t split_bytes;
};

/* Files in a directory: below is the run's place below destination, a path or file: URI. */
enum mill_status mill_files_open_local(struct mill_view destination, struct mill_view below,
                                       struct mill_files **out, struct mill_error *err);

/* Files behind the artifact proxy of a server. remote must outlive them; own (NULL: none), from
 * mill_alloc, is released and freed with them. */
enum mill_status mill_files_open_remote(struct mill_remote *remote, struct mill_peer *own,
                                        struct mill_view below, struct mill_files **out,
                                        struct mill_error *err);

/* Files in a bucket of an S3 service, which must outlive them. rest is what follows "s3:" in
 * their location. */
enum mill_status mill_files_open_s3(struct mill_s3 *s3, struct mill_view rest,
                                    struct mill_files **out, struct mill_error *err);

/* Files in the file system of a Databricks workspace, below a path without slashes at its ends;
 * remote and own as above. */
enum mill_status mill_files_open_dbfs(struct mill_remote *remote, struct mill_peer *own,
                                      struct mill_view path, struct mill_files **out,
                                      struct mill_error *err);

/* The same in one of its volumes: the path begins with "Volumes/". */
enum mill_status mill_files_open_volume(struct mill_remote *remote, struct mill_peer *own,
                                        struct mill_view path, struct mill_files **out,
                                        struct mill_error *err);

/* a + "/" + b, or the one that is not empty; ptr NULL when memory is out. */
struct mill_view mill_path_join(struct mill_view a, struct mill_view b,
                                struct mill_arena *arena);

/* Whether one of its segments is "." or "..". */
bool mill_path_has_dots(struct mill_view path);

/* Without those at its beginning and its end. */
struct mill_view mill_path_without_slashes(struct mill_view path);

#endif
