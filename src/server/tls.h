/* tls.h - TLS over memory: ciphertext in and out, plain bytes in and out. Knows no sockets.
 * Nothing of it is touched unless the server has a certificate. One thread at a time. */
#ifndef MILL_SERVER_TLS_H
#define MILL_SERVER_TLS_H

#include <stdbool.h>

#include <millstream/error.h>

struct mill_tls_context;
struct mill_tls;

/* Reads certificate chain and key. MILL_E_INVALID names the file and says why. */
enum mill_status mill_tls_context_new(struct mill_view cert_file, struct mill_view key_file,
                                      struct mill_tls_context **out, struct mill_error *err);
void mill_tls_context_free(struct mill_tls_context *context);

/* One connection; NULL when out of memory. */
struct mill_tls *mill_tls_new(struct mill_tls_context *context);
void mill_tls_free(struct mill_tls *tls);

/* Ciphertext from the client. False when out of memory. */
bool mill_tls_feed(struct mill_tls *tls, struct mill_view ciphertext);

enum mill_tls_result {
    MILL_TLS_DATA,
    MILL_TLS_WAIT,   /* more ciphertext is needed */
    MILL_TLS_CLOSED, /* the client said goodbye */
    MILL_TLS_FAILED
};

/* Plain bytes from the client; goes on with the handshake as needed. */
enum mill_tls_result mill_tls_read(struct mill_tls *tls, char *buf, size_t len,
                                   size_t *read_out);

/* Encrypts all of plain. False: the connection is broken. */
bool mill_tls_write(struct mill_tls *tls, struct mill_view plain);

/* Ciphertext for the client; valid until the next call on tls. taken() forgets it. */
struct mill_view mill_tls_output(struct mill_tls *tls);
void mill_tls_output_taken(struct mill_tls *tls);

/* Says goodbye; the rest is in output. */
void mill_tls_goodbye(struct mill_tls *tls);

/* Whether the handshake is over. */
bool mill_tls_ready(const struct mill_tls *tls);

#endif
