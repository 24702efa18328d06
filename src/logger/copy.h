/* copy.h - artifacts into the spool. */
#ifndef MILL_LOGGER_COPY_H
#define MILL_LOGGER_COPY_H

#include "base/arena.h"

/* Copies a file or a directory to BASE.files/NUMBER/its name. *path_out: that, relative to the
 * run's directory, in arena. sync: the files are on the disk then. Nothing is left of
 * a copy that fails. */
enum mill_status mill_spool_copy(const char *base, int64_t number, struct mill_view given,
                                 bool sync, struct mill_arena *arena,
                                 struct mill_view *path_out, struct mill_error *err);

#endif
