/* exit.h - what is to be done when the process exits, before the libraries that it needs take
 * themselves down. Any thread. */
#ifndef MILL_BASE_EXIT_H
#define MILL_BASE_EXIT_H

#ifdef __cplusplus
extern "C" {
#endif

/* Has a function called at exit: one in a process, given again any number of times. It may be
 * called more than once. */
void mill_exit_call(void (*function)(void));

/* To be said when a library was loaded that does something at exit itself: exit calls what was
 * registered last first, and from now on that is our function again. */
void mill_exit_first(void);

#ifdef __cplusplus
}
#endif

#endif
