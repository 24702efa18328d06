/* files_s3.h - what the files of the S3 store share. */
#ifndef MILL_FILES_FILES_S3_H
#define MILL_FILES_FILES_S3_H

#include <pthread.h>

#include "files/files.h"
#include "files/s3.h"

struct mill_s3_files {
    struct mill_files base;
    struct mill_arena arena;
    struct mill_s3 *s3;
    struct mill_view bucket;
    struct mill_view below; /* what keys begin with, without a slash at its end; may be empty */
};

/* How far a file has come whose parts are moved by several threads. */
struct mill_s3_progress {
    const struct mill_local_file *file;
    pthread_mutex_t lock;
    int64_t total; /* bytes of all parts; under lock */
};

/* One part of it. A repeated attempt begins again at 0. */
struct mill_s3_part {
    struct mill_s3_progress *progress;
    int64_t moved;
};

void mill_s3_progress_init(struct mill_s3_progress *progress,
                           const struct mill_local_file *file);
void mill_s3_progress_release(struct mill_s3_progress *progress);

/* The progress function of a request for a part, which is its context. */
bool mill_s3_part_progress(void *part, int64_t bytes);

/* The key of a path; ptr NULL when memory is out. */
struct mill_view mill_s3_key(const struct mill_s3_files *files, struct mill_view path,
                             struct mill_arena *arena);

/* put and get of the store. */
enum mill_status mill_s3_put(struct mill_files *base, struct mill_view path,
                             const struct mill_local_file *file, struct mill_error *err);
enum mill_status mill_s3_get(struct mill_files *base, struct mill_view path,
                             const struct mill_local_file *file, struct mill_error *err);

#endif
