/* program.h - runs another program and takes what it writes. Any thread. */
#ifndef MILL_BASE_PROGRAM_H
#define MILL_BASE_PROGRAM_H

#include <millstream/error.h>

#include "base/buf.h"

struct mill_program {
    char *const *argv; /* its name, looked for along PATH, and its arguments; NULL at the end */
    int timeout_s;     /* then it is killed */
    size_t max_bytes;  /* of its output; with more it is killed */
};

/* Runs a program to its end, without a shell and without input. What it writes goes to output,
 * the first kilobytes of its complaints to complaints; both are the caller's to release, also
 * after an error. *exit_out is its exit status, or 128 and the signal that ended it; 0 in a
 * process whose SIGCHLD handling keeps that from everybody.
 *
 * MILL_E_NOT_FOUND, MILL_E_DENIED or MILL_E_IO when it cannot be started or listened to,
 * MILL_E_TIMEOUT, MILL_E_TOO_LARGE, MILL_E_CANCELLED, MILL_E_NOMEM. */
enum mill_status mill_program_run(const struct mill_program *program, struct mill_buf *output,
                                  struct mill_buf *complaints, int *exit_out,
                                  struct mill_error *err);

#endif
