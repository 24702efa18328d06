/* millstream/artifacts.h - the files of a run: stored, listed, fetched, wherever they lie.
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

#ifdef __cplusplus
}
#endif

#endif
