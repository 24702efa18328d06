/* syscalls.h - system calls that fail when told to, in the program that this is linked into and
 * in the libraries that it loads. */
#ifndef MILL_TESTS_SYSCALLS_H
#define MILL_TESTS_SYSCALLS_H

#include <stdbool.h>

/* From the nth of the calls that can fail in that way on (1: the next), the first one fails, or
 * all of them until it is switched off. */
enum fault { FAULT_EIO, FAULT_EINTR, FAULT_SHORT, FAULT_ENOSPC };

/* EIO and EINTR: one call fails. SHORT: one write, send or recv handles a single byte.
 * ENOSPC: every call that needs space from then on fails. Any thread's calls count. */
void faults_on(enum fault fault, long nth);

/* Switches faults off; whether there was one. */
bool faults_off(void);

#endif
