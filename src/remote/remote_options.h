/* remote_options.h - how a client talks to its server: the tracking URI taken apart, and what
 * the environment says about credentials, TLS and patience. */
#ifndef MILL_REMOTE_REMOTE_OPTIONS_H
#define MILL_REMOTE_REMOTE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* Bytes in the name of a workspace. */
#define MILL_WORKSPACE_MAX 200

/* All text is NUL-terminated and lies in the arena given to read; NULL is "not given". */
struct mill_remote_options {
    const char *base;     /* scheme, host, port and path prefix; no slash at the end */
    const char *username; /* with password: basic authentication */
    const char *password;
    const char *token;     /* bearer token, used without username and password */
    const char *client_id; /* with client_secret, without the others: fetches tokens, oauth.h */
    const char *client_secret;
    const char *ca_path;     /* certificates to trust in place of the system's */
    const char *ca_variable; /* the variable that sets ca_path, for messages; never NULL */
    const char *cert_file;   /* certificate and key of the client, PEM */
    const char *workspace;   /* which one of the server's; in a header */
    const char *user_agent;
    bool ca_directory; /* ca_path is a directory of hashed certificates */
    bool insecure_tls;
    bool loopback;    /* the server is on this machine: no proxy lies between */
    bool redirects;   /* are followed */
    bool retry_after; /* the pause that a server asks for is kept */
    long timeout_s;   /* to connect, and for each pause in a transfer */
    int max_retries;
    int64_t backoff_ms; /* the nth repetition waits backoff_ms * 2^(n-1); the first does not */
    int64_t jitter_ms;  /* at most so much longer */
};

/* Takes an http(s) URI apart, reads the environment and, where neither has both username and
 * password, ~/.mlflow/credentials. MILL_E_INVALID names what is wrong, MILL_E_UNSUPPORTED a way
 * to authenticate that is not there. Messages never hold a password or token. */
enum mill_status mill_remote_options_read(struct mill_remote_options *options,
                                          struct mill_view uri, struct mill_view user_agent,
                                          struct mill_arena *arena, struct mill_error *err);

/* For readers of other URIs: fills in what is left when base and credentials are set, from the
 * environment, and copies texts of the environment to arena. */
enum mill_status mill_remote_options_complete(struct mill_remote_options *options,
                                              struct mill_view user_agent,
                                              struct mill_arena *arena, struct mill_error *err);

/* The same as read for a server that is not the tracking server: no credentials but those of
 * the URI, the system's certificates, and only patience from the environment. */
enum mill_status mill_remote_options_address(struct mill_remote_options *options,
                                             struct mill_view uri, struct mill_view user_agent,
                                             struct mill_arena *arena, struct mill_error *err);

/* Whether host[:port] is this machine. */
bool mill_is_loopback(struct mill_view authority);

#endif
