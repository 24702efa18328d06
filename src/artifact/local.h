/* local.h - what the parts of the local artifact store share: its struct, its root, its
 * failures. For artifact_local.c and local_*.c alone. */
#ifndef MILL_ARTIFACT_LOCAL_H
#define MILL_ARTIFACT_LOCAL_H

#include <limits.h>

#include "artifact/artifact.h"

#define MILL_LOCAL_RETRIES 8 /* against changes by others between two steps */

struct mill_local_store {
    struct mill_artifact_store base;
    char *given; /* absolute, as configured */
    char *root;  /* the same without links */
    char *cwd;   /* at opening; relative paths of runs are below it */
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

/* local_list.c, local_upload.c */

enum mill_status mill_local_list(struct mill_artifact_store *store, struct mill_view path,
                                 struct mill_arena *arena, struct mill_file_info **files_out,
                                 size_t *count_out, struct mill_error *err);
enum mill_status mill_local_upload(struct mill_artifact_store *store, struct mill_view path,
                                   struct mill_artifact_upload **out, struct mill_error *err);

/* Removes the uploads of processes that are gone: those that nobody has locked. */
void mill_local_remove_stale(const struct mill_local_store *s);

#endif
