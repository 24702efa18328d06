/* log.h - the process's own log on stderr: one line a message, with time and level. Only a face
 * (the server) switches it on; library code reports by status, and what is not a failure as a
 * warning, which a program may receive (millstream/log.h). */
#ifndef MILL_BASE_LOG_H
#define MILL_BASE_LOG_H

#include <stdbool.h>

#include <millstream/error.h>

enum mill_log_level { MILL_LOG_ERROR, MILL_LOG_WARN, MILL_LOG_INFO, MILL_LOG_DEBUG };

/* Has the log written from now on: up to that level, as plain text or one JSON object a line.
 * Before this nothing is. Call before threads start. */
void mill_log_setup(enum mill_log_level level, bool json);

/* Writes one line, and gives it to the handler of warnings if it is one or worse. Any thread;
 * never fails. */
void mill_log(enum mill_log_level level, const char *format, ...) MILL_PRINTF(2, 3);

#endif
