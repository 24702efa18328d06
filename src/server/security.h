/* security.h - which Host and Origin headers are accepted. Guards a server on a private
 * address against web pages that the user happens to have open. Pure text; any thread. */
#ifndef MILL_SERVER_SECURITY_H
#define MILL_SERVER_SECURITY_H

#include "base/arena.h"
#include "server/config.h"

struct mill_security {
    bool off;
    struct mill_view bind_host;
    const struct mill_view *hosts; /* --allowed-hosts; none: the default rule */
    size_t host_count;
    const struct mill_view *origins; /* --cors-allowed-origins */
    size_t origin_count;
    bool any_origin; /* the list is * */
};

/* Cuts the lists of the settings; they point into the settings' texts and arena. */
enum mill_status mill_security_init(struct mill_security *security,
                                    const struct mill_server_config *config,
                                    struct mill_arena *arena, struct mill_error *err);

/* Whether a request for that Host header may be served. Absent (HTTP/1.0): yes. */
bool mill_security_host(const struct mill_security *security, struct mill_view host);

/* Whether a page of that origin may call this server, which it reached as host. */
bool mill_security_origin(const struct mill_security *security, struct mill_view origin,
                          struct mill_view host);

/* Whether a text matches a pattern in which * is any run of bytes and ? any one byte,
 * letters compared without case. */
bool mill_glob(struct mill_view pattern, struct mill_view text);

#endif
