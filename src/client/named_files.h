/* named_files.h - URIs that name files by who has them: a run, a logged model, a version of a
 * registered model. Pure text. Any thread. */
#ifndef MILL_CLIENT_NAMED_FILES_H
#define MILL_CLIENT_NAMED_FILES_H

#include <millstream/types.h>

enum mill_named_kind {
    MILL_NAMED_RUN,          /* owner is its id */
    MILL_NAMED_LOGGED_MODEL, /* owner is its id */
    MILL_NAMED_VERSION,      /* owner is the registered model, version its number */
    MILL_NAMED_ALIAS,        /* owner likewise; alias, or "latest" */
    MILL_NAMED_STAGE,        /* owner likewise; the newest version in stage */
    MILL_NAMED_PLACE         /* owner is an artifact location, of any kind */
};

struct mill_named_files {
    enum mill_named_kind kind;
    struct mill_view owner;
    int64_t version;
    struct mill_view alias;
    enum mill_stage stage;
    struct mill_view path; /* below the owner's root; empty: the root itself */
};

/* Reads "runs:/RUN_ID/PATH", "models:/MODEL_ID/PATH", "models:/NAME/VERSION/PATH" and its like;
 * anything else is a place, whose last part becomes the path unless a slash ends it. Views of
 * *out point into uri. MILL_E_INVALID for one of these schemes with something else behind it.
 */
enum mill_status mill_named_files_parse(struct mill_view uri, struct mill_named_files *out,
                                        struct mill_error *err);

#endif
