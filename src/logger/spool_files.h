/* spool_files.h - the files of a spool: where they lie, one process's writing end, the reading
 * end of whoever delivers them.
 *
 *   SPOOL/RUN/HOST-PID-NUMBER.000001.spool   records, append-only, one writer; then 000002 ...
 *   SPOOL/RUN/HOST-PID-NUMBER.ack            how far they are delivered
 *   SPOOL/RUN/HOST-PID-NUMBER.refused        what the server does not take, a JSON line each
 *   SPOOL/RUN/HOST-PID-NUMBER.files/         copies of artifacts
 *   SPOOL/RUN/HOST-PID-NUMBER.making         locked while the run is made
 *   SPOOL/RUN/remote                         the run's id on a server that chooses ids itself
 *
 * No shared memory, and no locks that anything depends on but that two deliveries at the same
 * moment make only one run on a server that chooses ids: network file systems do. A file has
 * one writer, and delivering twice does no harm. */
#ifndef MILL_LOGGER_SPOOL_FILES_H
#define MILL_LOGGER_SPOOL_FILES_H

#include "logger/spool_format.h"

/* A place in a writer's files. */
struct mill_spool_place {
    int64_t number; /* of the file, from 1 */
    int64_t offset; /* in it */
};

static inline bool mill_spool_before(struct mill_spool_place a, struct mill_spool_place b)
{
    return a.number != b.number ? a.number < b.number : a.offset < b.offset;
}

/* Fails with what errno says about a file of the spool. */
enum mill_status mill_spool_failed(const char *path, const char *doing, struct mill_error *err);

/* Makes a directory and those above it. */
enum mill_status mill_spool_make_directory(const char *path, struct mill_error *err);

/* --- writing --------------------------------------------------------------------------- */

/* One process's end. One thread at a time. */
struct mill_spool_writer {
    struct mill_arena arena;
    const char *directory; /* of the run: SPOOL/RUN */
    const char *base;      /* directory/HOST-PID-NUMBER */
    int fd;                /* -1: the next file is not made yet */
    struct mill_spool_place end;
    int64_t total_bytes;     /* written into all files */
    struct mill_buf head;    /* what each file begins with */
    struct mill_buf pending; /* records that are in no file yet; append to it */
};

/* Makes the run's directory and the first file, with its head; with sync, on the disk. */
enum mill_status mill_spool_writer_open(struct mill_spool_writer *w, struct mill_view spool,
                                        const struct mill_spool_open *open, bool sync,
                                        struct mill_error *err);

/* Puts the pending records into a file; with sync, onto the disk. On failure they stay
 * pending, and the next call tries again. */
enum mill_status mill_spool_writer_flush(struct mill_spool_writer *w, bool sync,
                                         struct mill_error *err);

/* Frees everything; what is pending is lost. A zeroed writer is allowed. */
void mill_spool_writer_release(struct mill_spool_writer *w);

/* --- reading --------------------------------------------------------------------------- */

/* The end that delivers: bytes from the place on, a piece at a time. One thread at a time. */
struct mill_spool_reader {
    const char *base;              /* borrowed */
    struct mill_spool_place place; /* of the first byte that is not delivered */
    int64_t passed_bytes;          /* so far */
    int fd;                        /* -1: none open */
    struct mill_buf bytes;         /* from place on */
};

/* Begins where the .ack file says, else with the first file there is. */
enum mill_status mill_spool_reader_open(struct mill_spool_reader *r, const char *base,
                                        struct mill_error *err);

/* Records from the place on, at least one whole one if there is one; empty when there is none.
 * The torn end of a file is skipped once there is a next one. *damaged_out: what comes next is
 * not what was written. */
enum mill_status mill_spool_reader_fill(struct mill_spool_reader *r, struct mill_view *out,
                                        bool *damaged_out, struct mill_error *err);

/* Moves the place behind that many bytes of what fill gave. */
void mill_spool_reader_advance(struct mill_spool_reader *r, size_t bytes);

/* Remembers the place in the .ack file, and deletes the files before it unless keep. Where
 * another delivery has come further and removed the files, there is nothing to remember. */
enum mill_status mill_spool_reader_acknowledge(struct mill_spool_reader *r, bool keep,
                                               struct mill_error *err);

/* Whether another delivery has delivered everything, the end included, and removed it. */
bool mill_spool_reader_is_removed(const struct mill_spool_reader *r);

void mill_spool_reader_release(struct mill_spool_reader *r);

/* --- finding --------------------------------------------------------------------------- */

/* The writers below a directory, which is a spool, a run's directory or above them: their base
 * paths in order, in arena. A missing directory has none. */
enum mill_status mill_spool_find(const char *directory, struct mill_arena *arena,
                                 const char ***bases_out, size_t *count_out,
                                 struct mill_error *err);

/* The lowest number of the writer's files, from that one on; 0 when there is none. */
int64_t mill_spool_first_file(const char *base, int64_t from);

/* The head of a writer's files: which run it is. MILL_E_NOT_FOUND when there is no file,
 * MILL_E_UNSUPPORTED for a newer version, MILL_E_CORRUPT. */
enum mill_status mill_spool_read_open(const char *base, struct mill_arena *arena,
                                      struct mill_spool_open *out, struct mill_error *err);

/* Removes a directory of artifacts with all that is in it. */
void mill_spool_remove_tree(const char *path);

/* Removes everything of a writer but its .refused file, and the run's directory when nothing
 * else is in it. */
void mill_spool_remove(const char *base);

/* Reads a small file whole, NUL-terminated, in arena; absent when it does not exist. */
enum mill_status mill_spool_read_small(const char *path, struct mill_arena *arena,
                                       struct mill_view *out, struct mill_error *err);

/* Replaces a small file in one step. */
enum mill_status mill_spool_write_small(const char *path, struct mill_view text,
                                        struct mill_error *err);

#endif
