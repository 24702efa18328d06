/* millstream/artifacts.h - the files of a run: stored, listed, fetched, wherever they lie; and
 * the files that a URI names, listed and fetched.
 *
 * What holds for all calls of a client (threads, ownership, errors) is said in client.h. */
#ifndef MILLSTREAM_ARTIFACTS_H
#define MILLSTREAM_ARTIFACTS_H

#include <millstream/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Files and directories of a run. Since 0.1. */
struct mill_file_list {
    size_t count;
    const struct mill_file_info *const *items;
    struct mill_view root_uri; /* artifact location of the run */
};

/* Frees the list and all it points to. NULL is allowed. Since 0.1. */
MILL_API void mill_file_list_free(struct mill_file_list *list);

/* How far a transfer has come. Since 0.1. */
struct mill_progress {
    struct mill_view path; /* a file under way, below the run's artifact location */
    int64_t bytes;         /* of all files so far */
    int64_t bytes_total;   /* of all files; MILL_ABSENT when not known */
    size_t files;          /* finished ones */
    size_t files_total;    /* 0 when not known */
};

/* Who wants to know how far a transfer has come. Since 0.1. */
struct mill_transfer_options {
    size_t size; /* sizeof(struct mill_transfer_options) */
    /* Called now and then, and once for each finished file; one call at a time, but from any
     * thread of the transfer. Returning false gives up: the call ends with MILL_E_CANCELLED.
     * NULL: nobody. */
    bool (*progress)(void *context, const struct mill_progress *progress);
    void *context;
    size_t parallel; /* files, or parts of a large one, under way at once, 1 to 64; 0: 4 */
};

/* What lies directly in a directory of a run, ordered by path; paths are relative to the
 * run's artifact location. path absent or empty: its root. A path that is a file or does not
 * exist gives an empty list. MILL_E_NOT_FOUND is about the run; MILL_E_INVALID for a path
 * that leads out of it; MILL_E_UNSUPPORTED for a location that this client cannot reach.
 * Since 0.1. */
MILL_API enum mill_status mill_client_list_artifacts(struct mill_client *client,
                                                     struct mill_view run_id,
                                                     struct mill_view path,
                                                     struct mill_file_list **list_out,
                                                     struct mill_error *err);

/* Stores a local file in a run, or a local directory under its own name.
 *
 *   local_path  goes to DIRECTORY/its name. Symbolic links are followed; what is neither file
 *               nor directory is refused.
 *   directory   below the run's artifact location; absent or empty: its root
 *   options     NULL: the defaults
 *
 * Files are streamed, whatever their size, several at once; one that exists is replaced, in
 * one step where the storage can. Fails with MILL_E_NOT_FOUND, MILL_E_INVALID,
 * MILL_E_UNSUPPORTED as above, MILL_E_IO, MILL_E_FULL; files sent before the failure stay, and
 * calling again sends everything anew. Since 0.1. */
MILL_API enum mill_status mill_client_log_artifact(struct mill_client *client,
                                                   struct mill_view run_id,
                                                   struct mill_view local_path,
                                                   struct mill_view directory,
                                                   const struct mill_transfer_options *options,
                                                   struct mill_error *err);

/* Stores everything below a local directory in a run, without the directory's own name; else
 * as mill_client_log_artifact. MILL_E_INVALID when local_dir is not a directory. Since 0.1. */
MILL_API enum mill_status mill_client_log_artifacts(struct mill_client *client,
                                                    struct mill_view run_id,
                                                    struct mill_view local_dir,
                                                    struct mill_view directory,
                                                    const struct mill_transfer_options *options,
                                                    struct mill_error *err);

/* Fetches a file, or a directory with everything below it, of a run.
 *
 *   path       absent or empty: all files of the run
 *   local_dir  is made when missing; the file or directory appears in it under its own name
 *              (for the root: its content). Existing files are replaced, each in one step: no
 *              file is ever seen half done under its name.
 *   options    NULL: the defaults
 *
 * Fails as the upload; MILL_E_NOT_FOUND also when there is nothing at path. Since 0.1. */
MILL_API enum mill_status mill_client_download_artifacts(
    struct mill_client *client, struct mill_view run_id, struct mill_view path,
    struct mill_view local_dir, const struct mill_transfer_options *options,
    struct mill_error *err);

/* --- by URI ---------------------------------------------------------------------------- */

/* What lies directly in the directory that a URI names, ordered by path.
 *
 *   runs:/RUN_ID/PATH             of a run; where the first part of PATH is the name of a
 * logged model of that run, its files, too models:/MODEL_ID/PATH         of a logged model
 *   models:/NAME/VERSION/PATH     of a version of a registered model; instead of its number,
 *                                 "latest" is the highest and a stage the highest in it
 *   models:/NAME@ALIAS/PATH       of the version that an alias points at
 *   s3://…, mlflow-artifacts:/…,  at an artifact location of any kind that this client reaches;
 *   dbfs:/…, file:…, a path       its last part is PATH, unless a slash ends it
 *
 * PATH may be missing: everything. Paths of the list are relative to what the URI names without
 * PATH. MILL_E_NOT_FOUND for a run, model or version that does not exist, MILL_E_INVALID for an
 * alias that the model does not have and for a URI of no such form; else as
 * mill_client_list_artifacts. Since 0.1. */
MILL_API enum mill_status mill_client_list_uri(struct mill_client *client, struct mill_view uri,
                                               struct mill_file_list **list_out,
                                               struct mill_error *err);

/* Fetches the file or directory that such a URI names, as mill_client_download_artifacts does:
 * it appears in local_dir under its own name, what has no PATH with all its content. Of a run
 * and its logged model of the same name both come, the model's files in place of the run's.
 * Where it is then is written into buffer, as much as fits, NUL-terminated, and its whole
 * length in bytes into *length_out; buffer may be NULL when size is 0, length_out may be NULL.
 * Since 0.1. */
MILL_API enum mill_status mill_client_download_uri(struct mill_client *client,
                                                   struct mill_view uri,
                                                   struct mill_view local_dir,
                                                   const struct mill_transfer_options *options,
                                                   char *buffer, size_t size,
                                                   size_t *length_out, struct mill_error *err);

#ifdef __cplusplus
}
#endif

#endif
