/* remote_options.h - how a client talks to its server: the tracking URI taken apart, and what
 * the environment says about credentials, TLS and patience. */
#ifndef MILL_CLIENT_REMOTE_OPTIONS_H
#define MILL_CLIENT_REMOTE_OPTIONS_H

#include <stdbool.h>

#include "base/arena.h"

/* All text is NUL-terminated and lies in the arena given to read; NULL is "not given". */
struct mill_remote_options {
    const char *base;     /* scheme, host, port and path prefix; no slash at the end */
    const char *username; /* with password: basic authentication */
    const char *password;
    const char *token;     /* bearer token, used without username and password */
    const char *ca_file;   /* certificates to trust in place of the system's */
    const char *cert_file; /* certificate and key of the client, PEM */
    const char *user_agent;
    bool insecure_tls;
    bool loopback;  /* the server is on this machine: no proxy lies between */
    long timeout_s; /* to connect, and for each pause in a transfer */
    int max_retries;
    int backoff_s; /* the nth repetition waits backoff_s * 2^(n-1); the first does not wait */
};

/* Takes the URI apart and reads the environment. MILL_E_INVALID names what is wrong. */
enum mill_status mill_remote_options_read(struct mill_remote_options *options,
                                          struct mill_view uri, struct mill_view user_agent,
                                          struct mill_arena *arena, struct mill_error *err);

#endif
