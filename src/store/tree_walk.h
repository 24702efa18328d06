/* tree_walk.h - reads the files below one folder of a tree, whatever else lies about there:
 * what cannot be read is left out with a warning. One thread at a time may use a walk. */
#ifndef MILL_STORE_TREE_WALK_H
#define MILL_STORE_TREE_WALK_H

#include "base/list.h"
#include "store/tree_io.h"
#include "store/tree_seen.h"

struct mill_tree_walk;

/* Reads the file at walk->path. Its failure is a warning, but for MILL_E_NOMEM. */
typedef enum mill_status mill_tree_walk_file(struct mill_tree_walk *walk,
                                             struct mill_error *err);

struct mill_tree_walk {
    const struct mill_tree_dir *dir;
    struct mill_tree_seen *seen; /* NULL: nothing is noted */
    mill_tree_walk_file *file;
    void *context;   /* the file function's own */
    size_t base;     /* length of a prefix in path that all names are below */
    size_t key_at;   /* where in path the key begins: behind the folder */
    char path[1200]; /* relative to dir: prefix, folder, and a key of 250 characters */
};

/* Calls the file function for every file in the folder and below; a missing folder is an empty
 * one. Folders that are links are not entered: they may lead round in a circle, and MLflow
 * does not enter them either. Fails with MILL_E_NOMEM only. */
enum mill_status mill_tree_walk_files(struct mill_tree_walk *walk, const char *folder,
                                      struct mill_error *err);

/* Calls the file function for one file of a folder, which may be missing. */
enum mill_status mill_tree_walk_one(struct mill_tree_walk *walk, const char *folder,
                                    struct mill_view key, struct mill_error *err);

/* Notes the state of the file at walk->path, by its name behind the prefix; one without an
 * inode was not there. */
void mill_tree_walk_see(struct mill_tree_walk *walk, const struct stat *info);

/* The text of a file: a tag or a param, key and value in arena, at the end of a list of struct
 * mill_tag. bytes is used on the way. */
enum mill_status mill_tree_walk_value(struct mill_tree_walk *walk, struct mill_arena *arena,
                                      struct mill_buf *bytes, struct mill_list *list,
                                      struct mill_error *err);

#endif
