/* trust.h - which certificate authorities a connection trusts when nobody named any.
 *
 * libcurl knows one file, that of the system it was built for. A libcurl that travels with us
 * (a Python wheel carries one) finds itself on systems that keep theirs elsewhere. */
#ifndef MILL_NET_TRUST_H
#define MILL_NET_TRUST_H

#include <stddef.h>

#include "net/curl.h"

/* Makes a handle trust the authorities in $SSL_CERT_FILE, else in the file of this system; with
 * neither libcurl's own stays. Whoever names a file for one server sets it afterwards. */
void mill_trust_set(const struct mill_curl *curl, CURL *easy);

/* What mill_trust_set goes by: named if it is neither NULL nor empty, readable or not, so that
 * a wrong one is noticed; else the first of the files that can be read; else NULL. */
const char *mill_trust_choose(const char *named, const char *const *files, size_t count);

#endif
