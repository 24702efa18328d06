/* curl.h - libcurl, found at run time.
 *
 * The library and the server are one program with the command line, and libcurl maps some
 * twenty-five further libraries (TLS, Kerberos, LDAP, HTTP/2 ...) into a process that links it.
 * A server seldom needs them, so they are loaded when a client first opens an http(s) URI, or a
 * server has its first webhook. */
#ifndef MILL_NET_CURL_H
#define MILL_NET_CURL_H

#include <curl/curl.h>

#include <millstream/error.h>

/* The functions that are used, under their own names. */
struct mill_curl {
    CURLcode (*global_init)(long flags);
    CURL *(*easy_init)(void);
    void (*easy_reset)(CURL *easy);
    CURLcode (*easy_setopt)(CURL *easy, CURLoption option, ...);
    CURLcode (*easy_perform)(CURL *easy);
    CURLcode (*easy_send)(CURL *easy, const void *bytes, size_t len, size_t *sent);
    CURLcode (*easy_recv)(CURL *easy, void *bytes, size_t size, size_t *received);
    CURLcode (*easy_getinfo)(CURL *easy, CURLINFO info, ...);
    const char *(*easy_strerror)(CURLcode code);
    void (*easy_cleanup)(CURL *easy);
    CURLU *(*url)(void);
    CURLUcode (*url_set)(CURLU *url, CURLUPart part, const char *text, unsigned flags);
    CURLUcode (*url_get)(const CURLU *url, CURLUPart part, char **text_out, unsigned flags);
    void (*url_cleanup)(CURLU *url);
    void (*free)(void *memory);
    struct curl_slist *(*slist_append)(struct curl_slist *list, const char *text);
    void (*slist_free_all)(struct curl_slist *list);
};

/* The loaded library, once for the process and never unloaded; NULL and MILL_E_UNSUPPORTED in
 * *status_out when it is not installed. Any thread. */
const struct mill_curl *mill_curl_load(enum mill_status *status_out, struct mill_error *err);

#endif
