/* tree_seen.h - remembers what files and folders looked like when they were read, so that one
 * can tell whether they were changed since without reading them again. */
#ifndef MILL_STORE_TREE_SEEN_H
#define MILL_STORE_TREE_SEEN_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/buf.h"

/* Zeroed has seen nothing and is never the same. One thread at a time. */
struct mill_tree_seen {
    struct mill_buf names; /* each with its NUL, relative to one folder */
    uint64_t hash;         /* over the states of all of them */
    int64_t began_ns;
    int64_t newest_ns; /* time of the last change to any of them */
    bool complete;
};

/* Forgets everything; what is noted from now on is read after now. */
void mill_tree_seen_begin(struct mill_tree_seen *seen);

/* Notes a file or folder that is about to be read; info NULL: there is none. */
void mill_tree_seen_add(struct mill_tree_seen *seen, const char *name, const struct stat *info);

/* All has been noted. Without memory for it nothing has been seen. */
void mill_tree_seen_end(struct mill_tree_seen *seen);

/* Whether everything that was seen is as it was, its names put behind prefix, relative to the
 * open folder. Says no, to be safe, where a
 * change happened so shortly before the reading that one after it could look the same. */
bool mill_tree_seen_same(const struct mill_tree_seen *seen, int folder, const char *prefix);

void mill_tree_seen_release(struct mill_tree_seen *seen);

#endif
