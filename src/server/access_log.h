/* access_log.h - one line for each request, as text or JSON, to a file. Loop thread. */
#ifndef MILL_SERVER_ACCESS_LOG_H
#define MILL_SERVER_ACCESS_LOG_H

#include "server/config.h"

struct mill_access_log;
struct mill_exchange;

/* Opens the log of the settings; *out is NULL when they name none. */
enum mill_status mill_access_log_open(const struct mill_server_config *config,
                                      struct mill_access_log **out, struct mill_error *err);

/* Adds the line of an exchange that ends. NULL is allowed. */
void mill_access_log_request(struct mill_access_log *log, struct mill_exchange *ex);

/* Writes out what is held back. NULL is allowed. */
void mill_access_log_flush(struct mill_access_log *log);
void mill_access_log_close(struct mill_access_log *log);

#endif
