/* tls.c - OpenSSL over memory BIOs; the only file that knows OpenSSL's API. */
#include "server/tls.h"

#include <limits.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/alloc.h"

struct mill_tls {
    SSL *ssl;
    BIO *in;  /* owned by ssl */
    BIO *out; /* owned by ssl */
};

/* A context is OpenSSL's own; the names differ so that callers need no OpenSSL. */
static SSL_CTX *native(struct mill_tls_context *context)
{
    return (SSL_CTX *)(void *)context;
}

static enum mill_status file_failed(struct mill_error *err, const char *what,
                                    struct mill_view file)
{
    char reason[256];
    unsigned long code = ERR_peek_last_error();

    ERR_error_string_n(code, reason, sizeof(reason));
    ERR_clear_error();
    return mill_fail(err, MILL_E_INVALID, "cannot use %s '%.*s': %s", what, (int)file.len,
                     file.ptr, reason);
}

/* The only protocol over TLS here is HTTP/1.1; a client that offers others is told so. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                           const unsigned char *in, unsigned in_len, void *arg)
{
    static const unsigned char ours[] = "\x08http/1.1";
    unsigned char *chosen;

    (void)ssl;
    (void)arg;
    if (SSL_select_next_proto(&chosen, out_len, ours, sizeof(ours) - 1, in, in_len) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* A key with a passphrase would otherwise ask on the terminal. */
static int no_passphrase(char *buf, int size, int writing, void *arg)
{
    (void)writing;
    (void)arg;
    if (size > 0)
        buf[0] = '\0';
    return 0;
}

static enum mill_status load_files(SSL_CTX *ctx, struct mill_view cert_file,
                                   struct mill_view key_file, struct mill_error *err)
{
    char cert[PATH_MAX], key[PATH_MAX];

    if (cert_file.len >= sizeof(cert) || key_file.len >= sizeof(key))
        return mill_fail(err, MILL_E_INVALID, "--tls-cert or --tls-key is longer than a path");
    memcpy(cert, cert_file.ptr, cert_file.len);
    cert[cert_file.len] = '\0';
    memcpy(key, key_file.ptr, key_file.len);
    key[key_file.len] = '\0';
    if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
        return file_failed(err, "the certificate", cert_file);
    if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
        return file_failed(err, "the private key", key_file);
    if (SSL_CTX_check_private_key(ctx) != 1)
        return file_failed(err, "the private key (it belongs to another certificate)",
                           key_file);
    return MILL_OK;
}

enum mill_status mill_tls_context_new(struct mill_view cert_file, struct mill_view key_file,
                                      struct mill_tls_context **out, struct mill_error *err)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    enum mill_status st;

    if (ctx == NULL)
        return mill_fail(err, MILL_E_NOMEM, "starting TLS: out of memory");
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
    SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
    st = load_files(ctx, cert_file, key_file, err);
    if (st != MILL_OK) {
        SSL_CTX_free(ctx);
        return st;
    }
    *out = (struct mill_tls_context *)(void *)ctx;
    return MILL_OK;
}

void mill_tls_context_free(struct mill_tls_context *context)
{
    SSL_CTX_free(native(context));
}

struct mill_tls *mill_tls_new(struct mill_tls_context *context)
{
    struct mill_tls *tls = mill_alloc_zero(1, sizeof(*tls));

    if (tls == NULL)
        return NULL;
    tls->ssl = SSL_new(native(context));
    tls->in = BIO_new(BIO_s_mem());
    tls->out = BIO_new(BIO_s_mem());
    if (tls->ssl == NULL || tls->in == NULL || tls->out == NULL) {
        BIO_free(tls->in);
        BIO_free(tls->out);
        SSL_free(tls->ssl);
        mill_free(tls);
        return NULL;
    }
    SSL_set_bio(tls->ssl, tls->in, tls->out);
    SSL_set_accept_state(tls->ssl);
    return tls;
}

void mill_tls_free(struct mill_tls *tls)
{
    if (tls == NULL)
        return;
    SSL_free(tls->ssl);
    mill_free(tls);
}

bool mill_tls_feed(struct mill_tls *tls, struct mill_view ciphertext)
{
    size_t written;

    return BIO_write_ex(tls->in, ciphertext.ptr, ciphertext.len, &written) == 1 &&
           written == ciphertext.len;
}

enum mill_tls_result mill_tls_read(struct mill_tls *tls, char *buf, size_t len,
                                   size_t *read_out)
{
    int rc;

    ERR_clear_error();
    rc = SSL_read_ex(tls->ssl, buf, len, read_out);
    if (rc == 1)
        return MILL_TLS_DATA;
    switch (SSL_get_error(tls->ssl, rc)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return MILL_TLS_WAIT;
    case SSL_ERROR_ZERO_RETURN:
        return MILL_TLS_CLOSED;
    default:
        ERR_clear_error();
        return MILL_TLS_FAILED;
    }
}

bool mill_tls_write(struct mill_tls *tls, struct mill_view plain)
{
    size_t written;

    if (plain.len == 0)
        return true;
    ERR_clear_error();
    return SSL_write_ex(tls->ssl, plain.ptr, plain.len, &written) == 1 && written == plain.len;
}

struct mill_view mill_tls_output(struct mill_tls *tls)
{
    char *bytes = NULL;
    long len = BIO_get_mem_data(tls->out, &bytes);

    return (struct mill_view){bytes, len > 0 ? (size_t)len : 0};
}

void mill_tls_output_taken(struct mill_tls *tls)
{
    (void)BIO_reset(tls->out);
}

void mill_tls_goodbye(struct mill_tls *tls)
{
    ERR_clear_error();
    if (SSL_is_init_finished(tls->ssl))
        (void)SSL_shutdown(tls->ssl);
    ERR_clear_error();
}

bool mill_tls_ready(const struct mill_tls *tls)
{
    return SSL_is_init_finished(tls->ssl) != 0;
}
