/* base_url.h - the address under which a client reached this server, for answers that hold
 * addresses of ours. Any thread. */
#ifndef MILL_SERVER_BASE_URL_H
#define MILL_SERVER_BASE_URL_H

#include "server/http.h"

/* "https://host:port/prefix" without a slash at its end, in arena: from the Host header and
 * what stood before the route's path. A proxy in front that changes scheme, host or path says
 * so in X-Forwarded-Proto, -Host and -Prefix; only who sent the request is told what they
 * claim. MILL_E_INVALID without a usable host, MILL_E_NOMEM. */
enum mill_status mill_request_base_url(const struct mill_request *req, struct mill_arena *arena,
                                       struct mill_view *out, struct mill_error *err);

#endif
