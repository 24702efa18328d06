/* webhook_key.c - see webhook_key.h. Sealed is: 12 bytes nonce, the ciphertext, 16 bytes tag.
 */
#include "server/webhook_key.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/codec.h"
#include "base/view.h"

#define KEY_BYTES   32
#define NONCE_BYTES 12
#define TAG_BYTES   16
#define VARIABLE    "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY"
#define DATABASE    "sqlite:///"

struct mill_webhook_key {
    pthread_mutex_t lock; /* of loaded and key, until loaded is set */
    bool loaded;
    unsigned char key[KEY_BYTES];
    char path[PATH_MAX]; /* "": none */
};

/* --- where it comes from ------------------------------------------------------------------ */

/* Base64 of either alphabet. */
static bool read_key(struct mill_view text, unsigned char out[KEY_BYTES])
{
    struct mill_arena arena = {0};
    char *copy;
    struct mill_view bytes = {NULL, 0};
    bool good;

    text = mill_view_trim(text);
    copy = mill_arena_cstr(&arena, text);
    for (char *at = copy; at != NULL && *at != '\0'; at++)
        *at = *at == '-' ? '+' : *at == '_' ? '/' : *at;
    good = copy != NULL && text.len > 0 &&
           mill_base64_decode((struct mill_view){copy, text.len}, &arena, &bytes) &&
           bytes.len == KEY_BYTES;
    if (good)
        memcpy(out, bytes.ptr, KEY_BYTES);
    mill_arena_release(&arena);
    return good;
}

static enum mill_status choose_path(struct mill_webhook_key *key,
                                    const struct mill_server_config *config,
                                    struct mill_error *err)
{
    struct mill_view file = config->webhook_key_file;
    struct mill_view database = config->backend_store_uri;
    int n = 0;

    if (file.len > 0)
        n = snprintf(key->path, sizeof(key->path), "%.*s", MILL_FMT(file));
    else if (mill_view_starts(database, MILL_VIEW(DATABASE)))
        n = snprintf(key->path, sizeof(key->path), "%.*s.webhook-key",
                     MILL_FMT(mill_view_from(database, sizeof(DATABASE) - 1)));
    if (n >= (int)sizeof(key->path))
        return mill_fail(err, MILL_E_INVALID, "the path of the webhooks' key is too long");
    return MILL_OK;
}

enum mill_status mill_webhook_key_new(const struct mill_server_config *config,
                                      struct mill_webhook_key **out, struct mill_error *err)
{
    struct mill_webhook_key *key = mill_alloc_zero(1, sizeof(*key));
    const char *given = getenv(VARIABLE);
    enum mill_status st = MILL_OK;

    if (key == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for the webhooks' key");
    pthread_mutex_init(&key->lock, NULL);
    if (given != NULL) {
        key->loaded = read_key(mill_view_of(given), key->key);
        if (!key->loaded)
            st = mill_fail(err, MILL_E_INVALID, VARIABLE " is not base64 of %d bytes",
                           KEY_BYTES);
    } else {
        st = choose_path(key, config, err);
    }
    if (st != MILL_OK)
        mill_webhook_key_free(key);
    else
        *out = key;
    return st;
}

void mill_webhook_key_free(struct mill_webhook_key *key)
{
    if (key == NULL)
        return;
    pthread_mutex_destroy(&key->lock);
    OPENSSL_cleanse(key->key, sizeof(key->key));
    mill_free(key);
}

static enum mill_status file_failed(const struct mill_webhook_key *key, const char *doing,
                                    struct mill_error *err)
{
    return mill_fail(err, MILL_E_IO, "cannot %s the webhooks' key %.300s: %s", doing, key->path,
                     strerror(errno));
}

/* Writes a new key aside and gives it its name, unless somebody else was faster. */
static enum mill_status make_file(const struct mill_webhook_key *key, struct mill_error *err)
{
    unsigned char bytes[KEY_BYTES];
    struct mill_buf text = {0};
    char temp[PATH_MAX + 16];
    char suffix[33];
    enum mill_status st = MILL_OK;
    int fd;

    mill_random_bytes(bytes, sizeof(bytes));
    mill_base64_encode(&text, (struct mill_view){(const char *)bytes, sizeof(bytes)});
    mill_buf_add_char(&text, '\n');
    mill_random_hex32(suffix);
    snprintf(temp, sizeof(temp), "%s.%.8s", key->path, suffix);
    fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (text.failed)
        st = mill_fail(err, MILL_E_NOMEM, "out of memory for the webhooks' key");
    else if (fd < 0 || write(fd, text.ptr, text.len) != (ssize_t)text.len || fsync(fd) != 0 ||
             (link(temp, key->path) != 0 && errno != EEXIST))
        st = file_failed(key, "make", err);
    if (fd >= 0) {
        close(fd);
        unlink(temp);
    }
    OPENSSL_cleanse(bytes, sizeof(bytes));
    if (text.ptr != NULL)
        OPENSSL_cleanse(text.ptr, text.len);
    mill_buf_release(&text);
    return st;
}

static enum mill_status read_file(struct mill_webhook_key *key, int fd, struct mill_error *err)
{
    char text[128];
    struct stat info;
    ssize_t n = read(fd, text, sizeof(text));
    enum mill_status st = MILL_OK;

    if (n < 0 || fstat(fd, &info) != 0)
        st = file_failed(key, "read", err);
    else if ((info.st_mode & 077) != 0)
        st = mill_fail(err, MILL_E_DENIED,
                       "others may read the webhooks' key %.300s: chmod 600 it", key->path);
    else if (!read_key((struct mill_view){text, (size_t)n}, key->key))
        st =
            mill_fail(err, MILL_E_CORRUPT, "the webhooks' key %.300s is not base64 of %d bytes",
                      key->path, KEY_BYTES);
    OPENSSL_cleanse(text, sizeof(text));
    return st;
}

static enum mill_status load_locked(struct mill_webhook_key *key, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    int fd;

    if (key->loaded)
        return MILL_OK;
    if (key->path[0] == '\0') {
        mill_random_bytes(key->key, sizeof(key->key));
        key->loaded = true;
        return MILL_OK;
    }
    fd = open(key->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        st = make_file(key, err);
        if (st != MILL_OK)
            return st;
        fd = open(key->path, O_RDONLY | O_CLOEXEC);
    }
    if (fd < 0)
        return file_failed(key, "open", err);
    st = read_file(key, fd, err);
    close(fd);
    key->loaded = st == MILL_OK;
    return st;
}

static enum mill_status load(struct mill_webhook_key *key, struct mill_error *err)
{
    enum mill_status st;

    pthread_mutex_lock(&key->lock);
    st = load_locked(key, err);
    pthread_mutex_unlock(&key->lock);
    return st;
}

/* --- what it does ------------------------------------------------------------------------- */

/* Encrypts or decrypts len bytes from in to out; the tag is made or compared. */
static bool run_cipher(const struct mill_webhook_key *key, bool encrypt,
                       const unsigned char *nonce, struct mill_view webhook_id,
                       struct mill_view in, unsigned char *out, unsigned char *tag)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0;
    bool good =
        ctx != NULL &&
        EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->key, nonce, encrypt) == 1 &&
        EVP_CipherUpdate(ctx, NULL, &n, (const unsigned char *)webhook_id.ptr,
                         (int)webhook_id.len) == 1 &&
        EVP_CipherUpdate(ctx, out, &n, (const unsigned char *)in.ptr, (int)in.len) == 1 &&
        (encrypt || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) == 1) &&
        EVP_CipherFinal_ex(ctx, out + n, &n) == 1 &&
        (!encrypt || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, tag) == 1);

    EVP_CIPHER_CTX_free(ctx);
    return good;
}

enum mill_status mill_webhook_seal(struct mill_webhook_key *key, struct mill_view webhook_id,
                                   struct mill_view secret, struct mill_arena *arena,
                                   struct mill_view *out, struct mill_error *err)
{
    unsigned char *sealed = mill_arena_alloc(arena, NONCE_BYTES + secret.len + TAG_BYTES);
    enum mill_status st = load(key, err);

    if (st != MILL_OK)
        return st;
    if (sealed == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for a secret");
    mill_random_bytes(sealed, NONCE_BYTES);
    if (!run_cipher(key, true, sealed, webhook_id, secret, sealed + NONCE_BYTES,
                    sealed + NONCE_BYTES + secret.len))
        return mill_fail(err, MILL_E_NOMEM, "a secret cannot be encrypted");
    *out = (struct mill_view){(const char *)sealed, NONCE_BYTES + secret.len + TAG_BYTES};
    return MILL_OK;
}

enum mill_status mill_webhook_open(struct mill_webhook_key *key, struct mill_view webhook_id,
                                   struct mill_view sealed, struct mill_arena *arena,
                                   struct mill_view *out, struct mill_error *err)
{
    unsigned char tag[TAG_BYTES];
    unsigned char *secret = mill_arena_alloc(arena, sealed.len + 1);
    enum mill_status st = load(key, err);
    struct mill_view text;

    if (st != MILL_OK)
        return st;
    if (secret == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for a secret");
    if (sealed.len < NONCE_BYTES + TAG_BYTES)
        return mill_fail(err, MILL_E_CORRUPT, "the secret of a webhook is damaged");
    text = (struct mill_view){sealed.ptr + NONCE_BYTES, sealed.len - NONCE_BYTES - TAG_BYTES};
    memcpy(tag, text.ptr + text.len, TAG_BYTES);
    if (!run_cipher(key, false, (const unsigned char *)sealed.ptr, webhook_id, text, secret,
                    tag))
        return mill_fail(err, MILL_E_CORRUPT,
                         "the secret of webhook %.*s was encrypted with another key; set it "
                         "anew, or bring that key back",
                         MILL_FMT(webhook_id));
    *out = (struct mill_view){(const char *)secret, text.len};
    return MILL_OK;
}
