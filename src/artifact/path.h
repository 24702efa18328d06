/* path.h - artifact paths and URIs as clients write them: checks, normal form, kind.
 * Pure text; nothing here looks at a file system. Any thread. */
#ifndef MILL_ARTIFACT_PATH_H
#define MILL_ARTIFACT_PATH_H

#include <stdbool.h>

#include "base/arena.h"

/* The beginning of the names of unfinished uploads. Clients cannot name such a file. */
#define MILL_UPLOAD_PREFIX ".millstream-upload-"

enum mill_artifact_path_use {
    MILL_PATH_ANY,   /* the root itself is meant by an empty path; "a/" is "a" */
    MILL_PATH_ENTRY, /* something below the root; "a/" is "a" */
    MILL_PATH_FILE   /* a file below the root; "a/" is refused */
};

/* Brings a path that a client sent into the form in which it is opened: percent-decoded
 * until it no longer changes, control characters as %XX, no empty and "." segments, no slash
 * at either end, valid UTF-8. Absent counts as empty. *out is NUL-terminated, in arena.
 *
 * Fails with MILL_E_INVALID for '#', a ".." segment (between slashes or backslashes), an
 * absolute path (POSIX, a Windows drive, UNC, file:), more than 10 levels of encoding, a
 * name of ours for unfinished uploads, and anything longer than model/limits.h allows. */
enum mill_status mill_artifact_path_check(struct mill_view path,
                                          enum mill_artifact_path_use use,
                                          struct mill_arena *arena, struct mill_view *out,
                                          struct mill_error *err);

enum mill_artifact_uri_kind {
    MILL_URI_PROXIED, /* behind a tracking server: path is relative to its artifact root */
    MILL_URI_LOCAL,   /* a file path, absolute or relative to the working directory */
    MILL_URI_REMOTE   /* some other storage; path is absent */
};

struct mill_artifact_uri {
    enum mill_artifact_uri_kind kind;
    struct mill_view path; /* normal form as above; a local one may begin with a slash */
};

/* Whether text begins with "SCHEME:" (of two letters or more: one is a Windows drive). */
bool mill_artifact_has_scheme(struct mill_view text);

/* Reads "mlflow-artifacts:/P", "mlflow-artifacts://HOST/P", "http(s)://HOST/.../
 * mlflow-artifacts/artifacts/P", "file:...", a plain path, or "SCHEME:...". A path that
 * would be refused by mill_artifact_path_check makes it MILL_E_INVALID. */
enum mill_status mill_artifact_uri_parse(struct mill_view uri, struct mill_arena *arena,
                                         struct mill_artifact_uri *out, struct mill_error *err);

#endif
