/* target.c - see target.h. */
#include "net/target.h"

#include <netdb.h>
#include <stdio.h>
#include <unistd.h>

#include "base/view.h"
#include "net/address.h"

#define MAX_URL_BYTES 2048

static bool scheme_allowed(const struct mill_target_rules *rules, struct mill_view scheme)
{
    struct mill_view rest = rules->schemes;

    while (rest.ptr != NULL) {
        struct mill_view item;

        rest = mill_view_cut(rest, ',', &item);
        if (mill_view_eq_nocase(mill_view_trim(item), scheme))
            return true;
    }
    return false;
}

/* Whether the name has addresses, and all of them are public. */
static enum mill_status check_host(const char *name, const char *host, struct mill_error *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    enum mill_status st = MILL_OK;
    int rc = getaddrinfo(host, NULL, &hints, &found);

    if (rc != 0)
        return mill_fail(err, MILL_E_INVALID, "%s: the host %.200s cannot be resolved: %s",
                         name, host, gai_strerror(rc));
    for (const struct addrinfo *a = found; st == MILL_OK && a != NULL; a = a->ai_next)
        if (!mill_address_is_public(a->ai_addr))
            st = mill_fail(err, MILL_E_INVALID,
                           "%s: the host %.200s has an address that is not public", name, host);
    freeaddrinfo(found);
    return st;
}

/* getaddrinfo wants an IPv6 address without its brackets. */
static void strip_brackets(char *host)
{
    size_t len = strlen(host);

    if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
        memmove(host, host + 1, len - 2);
        host[len - 2] = '\0';
    }
}

static enum mill_status check_parts(const struct mill_target_rules *rules, const char *name,
                                    const char *scheme, char *host, struct mill_error *err)
{
    if (!scheme_allowed(rules, mill_view_of(scheme)))
        return mill_fail(err, MILL_E_INVALID,
                         "%s: the scheme %.40s is not allowed; allowed: %.*s", name, scheme,
                         MILL_FMT(rules->schemes));
    if (host == NULL || host[0] == '\0')
        return mill_fail(err, MILL_E_INVALID, "%s has no host", name);
    strip_brackets(host);
    return rules->allow_private ? MILL_OK : check_host(name, host, err);
}

enum mill_status mill_target_check(const struct mill_target_rules *rules, const char *name,
                                   struct mill_view url, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    const struct mill_curl *curl = mill_curl_load(&st, err);
    char text[MAX_URL_BYTES + 1];
    char *scheme = NULL;
    char *host = NULL;
    CURLU *parsed;

    if (curl == NULL)
        return st;
    if (url.len == 0 || url.len > MAX_URL_BYTES || memchr(url.ptr, '\0', url.len) != NULL)
        return mill_fail(err, MILL_E_INVALID, "%s must be a URL of 1 to %d bytes", name,
                         MAX_URL_BYTES);
    snprintf(text, sizeof(text), "%.*s", MILL_FMT(url));
    parsed = curl->url();
    if (parsed == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for a URL");
    if (curl->url_set(parsed, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
        curl->url_get(parsed, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK) {
        st = mill_fail(err, MILL_E_INVALID, "%s is not a URL such as https://host/path", name);
    } else {
        (void)curl->url_get(parsed, CURLUPART_HOST, &host, 0);
        st = check_parts(rules, name, scheme, host, err);
    }
    curl->free(scheme);
    curl->free(host);
    curl->url_cleanup(parsed);
    return st;
}

/* Called with the very address that is about to be connected to. */
static curl_socket_t open_socket(void *context, curlsocktype purpose,
                                 struct curl_sockaddr *address)
{
    struct mill_target_guard *guard = context;

    (void)purpose;
    if (!guard->rules->allow_private && !mill_address_is_public(&address->addr)) {
        guard->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Old names of libcurl's options, for one that does not know the new ones. */
static bool limit_protocols(const struct mill_curl *curl, CURL *easy, bool http, bool https)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    const char *list = http && https ? "http,https" : http ? "http" : "https";

    return curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, list) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, list) == CURLE_OK;
#else
    long list = (http ? CURLPROTO_HTTP : 0) | (https || !http ? CURLPROTO_HTTPS : 0);

    return curl->easy_setopt(easy, CURLOPT_PROTOCOLS, list) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS, list) == CURLE_OK;
#endif
}

bool mill_target_guard(const struct mill_curl *curl, CURL *easy,
                       struct mill_target_guard *guard)
{
    bool http = scheme_allowed(guard->rules, MILL_VIEW("http"));
    bool https = scheme_allowed(guard->rules, MILL_VIEW("https"));

    guard->refused = false;
    return limit_protocols(curl, easy, http, https) &&
           curl->easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_OPENSOCKETDATA, guard) == CURLE_OK;
}
