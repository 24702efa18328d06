/* transfer.h - what uploads and downloads of files share: first a list of the files is made,
 * then they are moved, several at once. */
#ifndef MILL_CLIENT_TRANSFER_H
#define MILL_CLIENT_TRANSFER_H

#include <pthread.h>

#include "client/client.h"

/* Directories below each other that a transfer follows; ends loops of symbolic links. */
#define MILL_TRANSFER_DEPTH 64

/* Whose files a call is about. */
struct mill_file_owner {
    enum { MILL_FILES_OF_RUN, MILL_FILES_OF_MODEL, MILL_FILES_AT } kind;
    struct mill_view id; /* of a run, of a logged model; an artifact location */
};

/* One file to be moved. */
struct mill_transfer_item {
    struct mill_view local; /* NUL-terminated path */
    struct mill_view path;  /* below its owner's artifact location */
    int64_t bytes;          /* MILL_ABSENT when not known */
};

struct mill_transfer;

/* Moves one file. file has everything but its descriptor and, for an upload, its length, which
 * the function fills in. */
typedef enum mill_status mill_move(struct mill_transfer *t,
                                   const struct mill_transfer_item *item,
                                   struct mill_local_file *file, struct mill_error *err);

/* One call of upload or download. */
struct mill_transfer {
    const struct mill_file_owner *owner;
    struct mill_files *files;
    struct mill_arena arena;
    struct mill_transfer_options options;
    struct mill_buf items; /* of struct mill_transfer_item */
    mill_move *move;
    size_t first_large; /* items from here on are moved one by one, each in parts */

    pthread_mutex_t lock; /* of what follows, and around calls of options.progress */
    struct mill_progress progress;
    bool stopped; /* no further bytes are wanted */
};

/* Takes over the options (NULL: the defaults). What is opened is closed, whatever this gives.
 */
enum mill_status mill_transfer_open(struct mill_transfer *t,
                                    const struct mill_file_owner *owner,
                                    const struct mill_transfer_options *options,
                                    struct mill_error *err);

/* Closes the files and frees what the transfer holds. */
void mill_transfer_close(struct mill_transfer *t);

/* Checks the form of an owner's id, before anything is done. */
enum mill_status mill_check_owner(const struct mill_file_owner *owner, struct mill_error *err);

/* "run", "logged model" or "location", for messages. */
const char *mill_owner_noun(const struct mill_file_owner *owner);

/* Opens the files of an owner; root_out (may be NULL) gets their location, in arena. */
enum mill_status mill_open_files(struct mill_client *client,
                                 const struct mill_file_owner *owner, struct mill_arena *arena,
                                 struct mill_view *root_out, struct mill_files **out,
                                 struct mill_error *err);

/* The calls of <millstream/artifacts.h> for any owner. */
enum mill_status mill_list_files_of(struct mill_client *client,
                                    const struct mill_file_owner *owner, struct mill_view path,
                                    struct mill_file_list **list_out, struct mill_error *err);
enum mill_status mill_upload_to(struct mill_client *client, const struct mill_file_owner *owner,
                                struct mill_view local_path, struct mill_view directory,
                                const struct mill_transfer_options *options,
                                struct mill_error *err);
enum mill_status mill_upload_content_to(struct mill_client *client,
                                        const struct mill_file_owner *owner,
                                        struct mill_view local_dir, struct mill_view directory,
                                        const struct mill_transfer_options *options,
                                        struct mill_error *err);
enum mill_status mill_download_from(struct mill_client *client,
                                    const struct mill_file_owner *owner, struct mill_view path,
                                    struct mill_view local_dir,
                                    const struct mill_transfer_options *options,
                                    struct mill_error *err);

/* Puts a file on the list; its texts are in the transfer's arena. */
enum mill_status mill_transfer_add(struct mill_transfer *t, struct mill_view local,
                                   struct mill_view path, int64_t bytes,
                                   struct mill_error *err);

/* Moves all files of the list. */
enum mill_status mill_transfer_run(struct mill_transfer *t, mill_move *move,
                                   struct mill_error *err);

#endif
