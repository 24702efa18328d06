/* os.h - what POSIX leaves to every caller: errors as statuses, directories with those above
 * them, threads that leave the program's signals alone. Any thread. */
#ifndef MILL_BASE_OS_H
#define MILL_BASE_OS_H

#include <pthread.h>
#include <stddef.h>

#include "base/view.h"

/* What an errno of a call on a file means; MILL_E_IO for all that says no more. */
enum mill_status mill_errno_status(int number);

/* Fails with what errno says: "cannot DOING 'PATH': why". */
enum mill_status mill_file_failed(struct mill_view path, const char *doing,
                                  struct mill_error *err);

/* Makes a directory and those above it that are missing. 0 or an errno; well when it is there.
 * ENAMETOOLONG from PATH_MAX bytes on. */
int mill_make_directories(const char *path);

/* Starts up to count threads of run(context); how many came to be. They get no signals: those
 * are for the threads that a program has made itself. */
size_t mill_start_threads(pthread_t *ids, size_t count, void *(*run)(void *), void *context);

#endif
