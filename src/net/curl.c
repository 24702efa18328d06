/* curl.c - loads libcurl and its functions on first use. */
#include "net/curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "base/exit.h"
#include "base/view.h"

static struct mill_curl loaded;
static struct mill_error load_error;
static enum mill_status load_status;
static pthread_once_t load_once = PTHREAD_ONCE_INIT;

/* Where each function goes. */
static const struct symbol {
    const char *name;
    size_t offset;
} symbols[] = {
    {"curl_global_init", offsetof(struct mill_curl, global_init)},
    {"curl_easy_init", offsetof(struct mill_curl, easy_init)},
    {"curl_easy_reset", offsetof(struct mill_curl, easy_reset)},
    {"curl_easy_setopt", offsetof(struct mill_curl, easy_setopt)},
    {"curl_easy_perform", offsetof(struct mill_curl, easy_perform)},
    {"curl_easy_send", offsetof(struct mill_curl, easy_send)},
    {"curl_easy_recv", offsetof(struct mill_curl, easy_recv)},
    {"curl_easy_getinfo", offsetof(struct mill_curl, easy_getinfo)},
    {"curl_easy_strerror", offsetof(struct mill_curl, easy_strerror)},
    {"curl_easy_cleanup", offsetof(struct mill_curl, easy_cleanup)},
    {"curl_url", offsetof(struct mill_curl, url)},
    {"curl_url_set", offsetof(struct mill_curl, url_set)},
    {"curl_url_get", offsetof(struct mill_curl, url_get)},
    {"curl_url_cleanup", offsetof(struct mill_curl, url_cleanup)},
    {"curl_free", offsetof(struct mill_curl, free)},
    {"curl_slist_append", offsetof(struct mill_curl, slist_append)},
    {"curl_slist_free_all", offsetof(struct mill_curl, slist_free_all)},
};

static void load(void)
{
    /* The first lies beside us in a Python wheel, under a name that no other module of the
     * process takes for the system's. */
    static const char *const names[] = {"libcurl-millstream.so.4", "libcurl.so.4",
                                        "libcurl-gnutls.so.4"};
    void *library = NULL;
    for (size_t i = 0; i < MILL_COUNT(names) && library == NULL; i++)
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        load_status = mill_fail(&load_error, MILL_E_UNSUPPORTED,
                                "talking to a server needs libcurl, which could not be loaded: "
                                "install the package libcurl4 (%s)",
                                dlerror());
        return;
    }
    for (size_t i = 0; i < MILL_COUNT(symbols); i++) {
        void *function = dlsym(library, symbols[i].name);
        if (function == NULL) {
            load_status = mill_fail(&load_error, MILL_E_UNSUPPORTED,
                                    "the installed libcurl lacks %s", symbols[i].name);
            return;
        }
        /* ISO C has no cast from void * to a function pointer; POSIX says the bytes agree. */
        memcpy((char *)&loaded + symbols[i].offset, &function, sizeof(function));
    }
    if (loaded.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        load_status = mill_fail(&load_error, MILL_E_UNSUPPORTED, "libcurl could not be set up");
    mill_exit_first(); /* OpenSSL, which came with it, goes at exit */
}

const struct mill_curl *mill_curl_load(enum mill_status *status_out, struct mill_error *err)
{
    pthread_once(&load_once, load);
    if (load_status != MILL_OK) {
        *status_out = mill_fail(err, load_status, "%s", load_error.message);
        return NULL;
    }
    return &loaded;
}
