/* transfer.h - what uploads and downloads of a run's files share: first a list of the files is
 * made, then they are moved, several at once. */
#ifndef MILL_CLIENT_TRANSFER_H
#define MILL_CLIENT_TRANSFER_H

#include <pthread.h>

#include "client/client.h"

/* Directories below each other that a transfer follows; ends loops of symbolic links. */
#define MILL_TRANSFER_DEPTH 64

/* One file to be moved. */
struct mill_transfer_item {
    struct mill_view local; /* NUL-terminated path */
    struct mill_view path;  /* below the run's artifact location */
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
                                    const struct mill_transfer_options *options,
                                    struct mill_error *err);

/* Closes the files and frees what the transfer holds. */
void mill_transfer_close(struct mill_transfer *t);

/* Opens the files of a run; root_out (may be NULL) gets their location, in arena. */
enum mill_status mill_transfer_files(struct mill_client *client, struct mill_view run_id,
                                     struct mill_arena *arena, struct mill_view *root_out,
                                     struct mill_files **out, struct mill_error *err);

/* Puts a file on the list; its texts are in the transfer's arena. */
enum mill_status mill_transfer_add(struct mill_transfer *t, struct mill_view local,
                                   struct mill_view path, int64_t bytes,
                                   struct mill_error *err);

/* Moves all files of the list. */
enum mill_status mill_transfer_run(struct mill_transfer *t, mill_move *move,
                                   struct mill_error *err);

#endif
