/* local.h - what the parts of the local artifact store share: its struct, its root, its
 * failures. For artifact_local.c and local_*.c alone. */
#ifndef MILL_ARTIFACT_LOCAL_H
#define MILL_ARTIFACT_LOCAL_H

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

#include "artifact/artifact.h"

#define MILL_LOCAL_RETRIES   8  /* against changes by others between two steps */
#define MILL_LOCAL_COMPLETED 64 /* uploads in parts that may be completed once more */

struct mill_local_store {
    struct mill_artifact_store base;
    char *given; /* absolute, as configured */
    char *root;  /* the same without links */
    char *cwd;   /* at opening; relative paths of runs are below it */

    /* local_parts.c */
    atomic_int_fast64_t swept_ms; /* when abandoned uploads were last looked for */
    pthread_mutex_t completed_lock;
    char completed[MILL_LOCAL_COMPLETED][33]; /* ids of the last uploads in parts, a ring */
    unsigned completed_at;
};

/* local_root.c */

/* The only place that turns errno into ours. path is relative: the server's own directories
 * are nobody's business. */
enum mill_status mill_local_failed(int code, const char *doing, const char *path,
                                   struct mill_error *err);
enum mill_status mill_local_no_memory(struct mill_error *err);

/* As close(2), for any fd or -1; errno stays. */
void mill_local_close(int fd);

/* The root, opened for openat(2); the second creates it first. As open(2). */
int mill_local_open_root(const struct mill_local_store *s);
int mill_local_make_root(const struct mill_local_store *s);

/* As mill_beneath_open. */
int mill_local_open_below(const struct mill_local_store *s, int root, const char *path,
                          int flags);

/* Opens the directory of path's last name, which *leaf_out gets; buffer holds the result.
 * With create, missing directories are made. */
int mill_local_open_parent(const struct mill_local_store *s, int root, const char *path,
                           bool create, char buffer[PATH_MAX], const char **leaf_out);

/* artifact_local.c */

/* Removes a file or a whole tree without following links; a missing one is success. -1 and
 * errno on failure. */
int mill_local_remove_tree(int dir, const char *name);

/* local_upload.c */

/* Gives the file name in the directory from its place at path, with the directories above it.
 * 0, or errno: ENOENT when somebody deletes that tree at the same time. */
int mill_local_put_in_place(const struct mill_local_store *s, int root, int from,
                            const char *name, const char *path);

/* What that errno means for the client. */
enum mill_status mill_local_not_stored(int code, const char *path, struct mill_error *err);

/* Whether a file may be put at path; refuses early what would be refused after the whole
 * body. 0, or errno. */
int mill_local_check_target(const struct mill_local_store *s, int root, const char *path);

/* local_parts.c: the entries of the same names in mill_artifact_ops. */

enum mill_status mill_local_begin_parts(struct mill_artifact_store *store,
                                        struct mill_view path, int64_t count,
                                        const struct mill_parts_limits *limits, char id_out[33],
                                        struct mill_error *err);
enum mill_status mill_local_upload_part(struct mill_artifact_store *store, struct mill_view id,
                                        int64_t number, char etag_out[MILL_ETAG_SIZE],
                                        struct mill_artifact_upload **out,
                                        struct mill_error *err);
enum mill_status mill_local_complete_parts(struct mill_artifact_store *store,
                                           struct mill_view path, struct mill_view id,
                                           const struct mill_artifact_part *parts, size_t count,
                                           int64_t max_bytes, struct mill_error *err);
enum mill_status mill_local_abort_parts(struct mill_artifact_store *store,
                                        struct mill_view path, struct mill_view id,
                                        struct mill_error *err);

/* Removes uploads in parts that were abandoned, at most once in ten minutes. */
void mill_local_sweep_parts(struct mill_local_store *s);

/* local_list.c, local_upload.c */

enum mill_status mill_local_list(struct mill_artifact_store *store, struct mill_view path,
                                 struct mill_arena *arena, struct mill_file_info **files_out,
                                 size_t *count_out, struct mill_error *err);
enum mill_status mill_local_upload(struct mill_artifact_store *store, struct mill_view path,
                                   struct mill_artifact_upload **out, struct mill_error *err);

/* Removes the uploads of processes that are gone: those that nobody has locked. */
void mill_local_remove_stale(const struct mill_local_store *s);

#endif
