/* log.h - the process's own log on stderr: one line a message, with time and level.
 * Only faces (server, command line) choose the level; library code reports by status. */
#ifndef MILL_BASE_LOG_H
#define MILL_BASE_LOG_H

#include <stdbool.h>

#include <millstream/error.h>

enum mill_log_level { MILL_LOG_ERROR, MILL_LOG_WARN, MILL_LOG_INFO, MILL_LOG_DEBUG };

/* Sets the most detailed level that is written (default MILL_LOG_WARN) and the form:
 * plain text or one JSON object a line. Call before threads start. */
void mill_log_setup(enum mill_log_level level, bool json);

/* Writes one line. Any thread; never fails. */
void mill_log(enum mill_log_level level, const char *format, ...) MILL_PRINTF(2, 3);

#endif
