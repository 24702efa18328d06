/* transfer.h - what uploads and downloads of a run's files share. */
#ifndef MILL_CLIENT_TRANSFER_H
#define MILL_CLIENT_TRANSFER_H

#include "client/client.h"

/* Directories below each other that a transfer follows; ends loops of symbolic links. */
#define MILL_TRANSFER_DEPTH 64

/* One call of upload or download. Zeroed but for options and progress at first. */
struct mill_transfer {
    struct mill_files *files;
    struct mill_arena arena;
    const struct mill_transfer_options *options; /* may be NULL */
    struct mill_progress progress;
    int64_t done_bytes; /* of finished files */
};

/* Opens the files of a run; root_out (may be NULL) gets their location, in arena. */
enum mill_status mill_transfer_open(struct mill_client *client, struct mill_view run_id,
                                    struct mill_arena *arena, struct mill_view *root_out,
                                    struct mill_files **out, struct mill_error *err);

/* Closes the files and frees what the transfer holds. */
void mill_transfer_close(struct mill_transfer *t);

/* The progress function of a mill_local_file whose context is the transfer. */
bool mill_transfer_bytes(void *context, int64_t bytes);

/* Counts a finished file and tells about it. */
enum mill_status mill_transfer_finished(struct mill_transfer *t, int64_t bytes,
                                        struct mill_error *err);

/* Fails with what errno says about a local path. */
enum mill_status mill_transfer_failed(struct mill_view path, const char *doing,
                                      struct mill_error *err);

#endif
