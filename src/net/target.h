/* target.h - addresses that clients give for requests of ours: where they may lead.
 *
 * The check of the text is for a good message. What counts is the check on each connection,
 * redirected ones included: the address that was checked is the one that is connected to, so
 * that a name which resolves differently the next time gains nothing. */
#ifndef MILL_NET_TARGET_H
#define MILL_NET_TARGET_H

#include <stdbool.h>

#include "net/curl.h"

struct mill_target_rules {
    struct mill_view schemes; /* comma list, such as "https" or "https, http" */
    bool allow_private;       /* loopback, private networks, the link ... */
};

/* Whether a URL may be requested: it can be read, its scheme is allowed, it has a host, and all
 * addresses of that host are public unless private ones are allowed. Resolves the name, so for
 * threads that may wait. name is what the messages call it: "url". MILL_E_INVALID,
 * MILL_E_UNSUPPORTED without libcurl, MILL_E_NOMEM. */
enum mill_status mill_target_check(const struct mill_target_rules *rules, const char *name,
                                   struct mill_view url, struct mill_error *err);

/* What opening a connection found; one for each request. */
struct mill_target_guard {
    const struct mill_target_rules *rules;
    bool refused; /* an address was not public, and nothing was connected there */
};

/* Makes a handle keep the rules: schemes, also of redirects, no proxy of the environment, and
 * the check of each address. guard lives as long as the request. False when out of memory. */
bool mill_target_guard(const struct mill_curl *curl, CURL *easy,
                       struct mill_target_guard *guard);

#endif
