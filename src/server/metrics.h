/* metrics.h - figures about the server in Prometheus' text form. Loop thread. */
#ifndef MILL_SERVER_METRICS_H
#define MILL_SERVER_METRICS_H

#include "base/buf.h"

struct mill_exchange;
struct mill_http;
struct mill_metrics;

/* NULL when out of memory. */
struct mill_metrics *mill_metrics_new(void);
void mill_metrics_free(struct mill_metrics *metrics);

/* Counts an exchange that ends, with its duration. */
void mill_metrics_request(struct mill_metrics *metrics, const struct mill_exchange *ex);

/* Counts a request that was refused before it had a route. */
void mill_metrics_refusal(struct mill_metrics *metrics, int http_status);

/* Appends all figures. */
void mill_metrics_write(const struct mill_http *http, struct mill_buf *out);

#endif
