/* trust.c - see trust.h. */
#include "net/trust.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/view.h"

static const char *const system_files[] = {
    "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Arch, Gentoo */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* Fedora, RHEL 7 and later */
    "/etc/pki/tls/certs/ca-bundle.crt",                  /* older ones of that family */
    "/etc/ssl/ca-bundle.pem",                            /* SUSE */
    "/etc/ssl/cert.pem",                                 /* Alpine and others */
};

const char *mill_trust_choose(const char *named, const char *const *files, size_t count)
{
    if (named != NULL && named[0] != '\0')
        return named;
    for (size_t i = 0; i < count; i++)
        if (access(files[i], R_OK) == 0)
            return files[i];
    return NULL;
}

void mill_trust_set(const struct mill_curl *curl, CURL *easy)
{
    const char *file =
        mill_trust_choose(getenv("SSL_CERT_FILE"), system_files, MILL_COUNT(system_files));
    if (file != NULL)
        curl->easy_setopt(easy, CURLOPT_CAINFO, file);
}
