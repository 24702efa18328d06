/* local_parts.c - files that come in parts, in the local artifact store.
 *
 * Each upload has a directory PARTS/<id> in the root, out of reach for clients' paths:
 *     target      how long it may lie there, how many parts, the path it is for
 *     p<number>   a part with its SHA-256 behind it, complete since it has this name
 *     t<random>   a part on its way
 *     whole       the file, while it is put together
 * All of it survives the process. Whoever puts an upload together or removes it holds the lock
 * on its directory. */
#include "artifact/local.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/view.h"
#include "model/limits.h"

#define PARTS          MILL_UPLOAD_PREFIX "parts"
#define TARGET         "target"
#define WHOLE          "whole"
#define SUM_BYTES      32
#define COPY_BYTES     262144
#define COPY_AT_ONCE   (64 << 20)
#define SWEEP_EVERY_MS 600000
#define UNKNOWN_AGE_MS                                                                         \
    86400000 /* of one whose maker was killed before it had written target                     \
              */
#define MAX_TARGET_TEXT (MILL_MAX_ARTIFACT_PATH_BYTES + 64)

/* An upload that is under way. */
struct parts {
    int root;
    int dir; /* PARTS/<id> */
    int64_t max_age_ms;
    int64_t count;
    struct mill_view path; /* in text */
    char text[MAX_TARGET_TEXT];
};

/* --- the directories ---------------------------------------------------------------------- */

static enum mill_status no_upload(struct mill_view id, struct mill_error *err)
{
    return mill_fail(err, MILL_E_NOT_FOUND,
                     "there is no upload '%.*s'; it is complete, aborted or expired",
                     MILL_FMT(id));
}

static void close_parts(struct parts *p)
{
    mill_local_close(p->dir);
    mill_local_close(p->root);
}

/* Reads target. False for one that was not written to its end: nobody knows its id yet. */
static bool read_target(struct parts *p)
{
    struct mill_view rest, head;
    int fd = openat(p->dir, TARGET, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, p->text, sizeof(p->text)) : -1;

    mill_local_close(fd);
    if (n <= 0 || p->text[n - 1] != '\n')
        return false;
    p->text[n - 1] = '\0';
    rest = mill_view_cut(mill_view_of(p->text), ' ', &head);
    if (!mill_view_int(head, &p->max_age_ms))
        return false;
    p->path = mill_view_cut(rest, ' ', &head);
    return mill_view_int(head, &p->count) && p->path.ptr != NULL;
}

/* Opens PARTS/<name>, without a lock. 0, or errno; p is to be closed in any case. */
static int open_parts(const struct mill_local_store *s, const char *name, struct parts *p)
{
    char path[sizeof(PARTS) + 64];

    p->dir = -1;
    p->max_age_ms = UNKNOWN_AGE_MS;
    p->root = mill_local_open_root(s);
    if (p->root < 0)
        return errno;
    snprintf(path, sizeof(path), PARTS "/%.60s", name);
    p->dir = mill_local_open_below(s, p->root, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (p->dir < 0)
        return errno == ENOTDIR || errno == ELOOP ? ENOENT : errno;
    return read_target(p) ? 0 : ENOENT;
}

/* Waits for nobody: false when another call has the lock. It ends with the descriptor. */
static bool lock(const struct parts *p)
{
    return flock(p->dir, LOCK_EX | LOCK_NB) == 0 || errno == ENOLCK || errno == EOPNOTSUPP;
}

static enum mill_status busy(struct mill_view id, struct mill_error *err)
{
    return mill_fail(err, MILL_E_BUSY, "upload '%.*s' is being completed; try again",
                     MILL_FMT(id));
}

static int remove_parts(int root, const char *id)
{
    char path[sizeof(PARTS) + 64];

    snprintf(path, sizeof(path), PARTS "/%.60s", id);
    return mill_local_remove_tree(root, path);
}

/* --- abandoned uploads -------------------------------------------------------------------- */

static bool expired(const struct parts *p)
{
    struct stat info;

    if (fstat(p->dir, &info) != 0)
        return false;
    return mill_now_ms() - (int64_t)info.st_mtim.tv_sec * 1000 > p->max_age_ms;
}

/* Counts the uploads under way; those that were abandoned are removed. */
static int64_t sweep(const struct mill_local_store *s)
{
    int root = mill_local_open_root(s);
    int fd =
        root >= 0 ? openat(root, PARTS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;
    int64_t count = 0;

    mill_local_close(root);
    if (stream == NULL) {
        mill_local_close(fd);
        return 0;
    }
    while ((entry = readdir(stream)) != NULL) {
        struct parts p = {0};

        if (entry->d_name[0] == '.')
            continue;
        count++;
        (void)open_parts(s, entry->d_name, &p);
        if (p.dir >= 0 && expired(&p) && lock(&p) && remove_parts(p.root, entry->d_name) == 0)
            count--;
        close_parts(&p);
    }
    closedir(stream);
    return count;
}

void mill_local_sweep_parts(struct mill_local_store *s)
{
    int64_t now = mill_now_ms();
    int64_t last = atomic_load(&s->swept_ms);

    if (now - last >= SWEEP_EVERY_MS &&
        atomic_compare_exchange_strong(&s->swept_ms, &last, now))
        (void)sweep(s);
}

/* --- begin and abort ---------------------------------------------------------------------- */

/* 0, or errno. The name target appears last, with all of its text. */
static int write_target(int dir, const char *text, size_t len)
{
    int fd = openat(dir, TARGET, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    ssize_t n = fd >= 0 ? write(fd, text, len) : -1;
    int code = n == (ssize_t)len ? 0 : n < 0 ? errno : ENOSPC;

    mill_local_close(fd);
    return code;
}

/* 0, or errno. */
static int make_parts(int root, const char *id, const char *text, size_t len)
{
    char path[sizeof(PARTS) + 64];
    int code;
    int dir;

    if (mkdirat(root, PARTS, 0777) != 0 && errno != EEXIST)
        return errno;
    snprintf(path, sizeof(path), PARTS "/%s", id);
    if (mkdirat(root, path, 0777) != 0)
        return errno;
    dir = openat(root, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    code = dir >= 0 ? write_target(dir, text, len) : errno;
    mill_local_close(dir);
    if (code != 0)
        (void)mill_local_remove_tree(root, path);
    return code;
}

enum mill_status mill_local_begin_parts(struct mill_artifact_store *store,
                                        struct mill_view path, int64_t count,
                                        const struct mill_parts_limits *limits, char id_out[33],
                                        struct mill_error *err)
{
    struct mill_local_store *s = (struct mill_local_store *)store;
    char text[MAX_TARGET_TEXT];
    int len = snprintf(text, sizeof(text), "%lld %lld %.*s\n", (long long)limits->max_age_ms,
                       (long long)count, MILL_FMT(path));
    int root;
    int code;

    if (sweep(s) >= limits->max_open)
        return mill_fail(err, MILL_E_BUSY,
                         "%lld uploads in parts are under way, as many as there may be; try "
                         "again later, or send the file as a whole",
                         (long long)limits->max_open);
    root = mill_local_make_root(s);
    code = root >= 0 ? mill_local_check_target(s, root, path.ptr) : errno;
    if (code == 0) {
        mill_random_hex32(id_out);
        code = make_parts(root, id_out, text, (size_t)len);
    }
    mill_local_close(root);
    return code == 0 ? MILL_OK : mill_local_failed(code, "store", path.ptr, err);
}

enum mill_status mill_local_abort_parts(struct mill_artifact_store *store,
                                        struct mill_view path, struct mill_view id,
                                        struct mill_error *err)
{
    const struct mill_local_store *s = (const struct mill_local_store *)store;
    enum mill_status st = MILL_OK;
    char name[33];
    struct parts p = {0};
    int code;

    snprintf(name, sizeof(name), "%.*s", MILL_FMT(id));
    code = open_parts(s, name, &p);
    if (code == 0 && mill_view_eq(p.path, path)) {
        if (!lock(&p))
            st = busy(id, err);
        else if (remove_parts(p.root, name) != 0)
            st = mill_local_failed(errno, "abort the upload of", path.ptr, err);
    } else if (code != 0 && code != ENOENT) {
        st = mill_local_failed(code, "abort the upload of", path.ptr, err);
    }
    close_parts(&p);
    return st;
}

/* --- parts -------------------------------------------------------------------------------- */

struct part_upload {
    struct mill_artifact_upload base;
    int dir;
    int fd;
    EVP_MD_CTX *sum;
    char *etag_out;
    char id[33];
    char name[16];
    char temp[40];
};

static void free_part(struct part_upload *u, bool remove_file)
{
    if (remove_file && u->fd >= 0)
        unlinkat(u->dir, u->temp, 0);
    mill_local_close(u->fd);
    mill_local_close(u->dir);
    EVP_MD_CTX_free(u->sum);
    mill_free(u);
}

static void part_abort(struct mill_artifact_upload *upload)
{
    free_part((struct part_upload *)upload, true);
}

/* 0, or errno. */
static int write_all(int fd, struct mill_view bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        bytes = mill_view_from(bytes, (size_t)n);
    }
    return 0;
}

static enum mill_status part_write(struct mill_artifact_upload *upload, struct mill_view bytes,
                                   struct mill_error *err)
{
    struct part_upload *u = (struct part_upload *)upload;
    int code = write_all(u->fd, bytes);

    if (code != 0)
        return mill_local_failed(code, "store", u->name, err);
    if (EVP_DigestUpdate(u->sum, bytes.ptr, bytes.len) != 1)
        return mill_local_no_memory(err);
    return MILL_OK;
}

static void etag_of(const unsigned char sum[SUM_BYTES], char out[MILL_ETAG_SIZE])
{
    char *at = out;

    *at++ = '"';
    for (size_t i = 0; i < SUM_BYTES; i++)
        at += snprintf(at, 3, "%02x", sum[i]);
    *at++ = '"';
    *at = '\0';
}

static enum mill_status part_commit(struct mill_artifact_upload *upload, struct mill_error *err)
{
    struct part_upload *u = (struct part_upload *)upload;
    unsigned char sum[EVP_MAX_MD_SIZE];
    enum mill_status st = MILL_OK;
    int code = 0;

    if (EVP_DigestFinal_ex(u->sum, sum, NULL) != 1) {
        st = mill_local_no_memory(err);
    } else {
        code = write_all(u->fd, (struct mill_view){(const char *)sum, SUM_BYTES});
        if (code == 0 &&
            (fdatasync(u->fd) != 0 || renameat(u->dir, u->temp, u->dir, u->name) != 0))
            code = errno;
        if (code == ENOENT)
            st = no_upload(mill_view_of(u->id), err);
        else if (code != 0)
            st = mill_local_failed(code, "store", u->name, err);
    }
    if (st == MILL_OK)
        etag_of(sum, u->etag_out);
    free_part(u, st != MILL_OK);
    return st;
}

static void part_name(int64_t number, char out[16])
{
    snprintf(out, 16, "p%05d", (int)number);
}

/* 0, or errno. */
static int create_part(struct part_upload *u)
{
    char random[33];

    mill_random_hex32(random);
    snprintf(u->temp, sizeof(u->temp), "t%s", random);
    u->fd = openat(u->dir, u->temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (u->fd < 0)
        return errno;
    u->sum = EVP_MD_CTX_new();
    return u->sum != NULL && EVP_DigestInit_ex(u->sum, EVP_sha256(), NULL) == 1 ? 0 : ENOMEM;
}

enum mill_status mill_local_upload_part(struct mill_artifact_store *store, struct mill_view id,
                                        int64_t number, char etag_out[MILL_ETAG_SIZE],
                                        struct mill_artifact_upload **out,
                                        struct mill_error *err)
{
    const struct mill_local_store *s = (const struct mill_local_store *)store;
    struct part_upload *u = mill_alloc_zero(1, sizeof(*u));
    enum mill_status st = MILL_OK;
    struct parts p = {0};
    int code;

    if (u == NULL)
        return mill_local_no_memory(err);
    u->base = (struct mill_artifact_upload){part_write, part_commit, part_abort};
    u->fd = -1;
    u->etag_out = etag_out;
    snprintf(u->id, sizeof(u->id), "%.*s", MILL_FMT(id));
    code = open_parts(s, u->id, &p);
    u->dir = p.dir;
    mill_local_close(p.root);
    if (code == 0 && (number < 1 || number > p.count)) {
        st = mill_fail(err, MILL_E_INVALID,
                       "part number must be 1 to %lld for this upload, got %lld",
                       (long long)p.count, (long long)number);
    } else {
        part_name(number, u->name);
        code = code == 0 ? create_part(u) : code;
        if (code != 0)
            st = code == ENOENT ? no_upload(id, err)
                                : mill_local_failed(code, "store", u->name, err);
    }
    if (st != MILL_OK)
        free_part(u, true);
    else
        *out = &u->base;
    return st;
}

/* --- complete ----------------------------------------------------------------------------- */

static void remember_completed(struct mill_local_store *s, const char *id)
{
    pthread_mutex_lock(&s->completed_lock);
    memcpy(s->completed[s->completed_at++ % MILL_LOCAL_COMPLETED], id, 32);
    pthread_mutex_unlock(&s->completed_lock);
}

static bool was_completed(struct mill_local_store *s, struct mill_view id)
{
    bool found = false;

    pthread_mutex_lock(&s->completed_lock);
    for (size_t i = 0; !found && i < MILL_LOCAL_COMPLETED; i++)
        found = mill_view_eq(mill_view_of(s->completed[i]), id);
    pthread_mutex_unlock(&s->completed_lock);
    return found;
}

static enum mill_status check_numbers(const struct parts *p,
                                      const struct mill_artifact_part *parts, size_t count,
                                      struct mill_error *err)
{
    if ((int64_t)count != p->count)
        return mill_fail(err, MILL_E_INVALID, "the upload has %lld parts, but %zu are named",
                         (long long)p->count, count);
    for (size_t i = 0; i < count; i++)
        if (parts[i].number != (int64_t)i + 1)
            return mill_fail(err, MILL_E_INVALID,
                             "parts must be in order: number %zu is expected, got %lld", i + 1,
                             (long long)parts[i].number);
    return MILL_OK;
}

/* Opens a part for reading and compares its checksum with what the client was told. */
static enum mill_status open_part(const struct parts *p, const struct mill_artifact_part *part,
                                  int *fd_out, int64_t *size_out, struct mill_error *err)
{
    unsigned char sum[SUM_BYTES];
    char etag[MILL_ETAG_SIZE];
    char name[16];
    struct stat info;
    int fd;

    part_name(part->number, name);
    fd = openat(p->dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? mill_fail(err, MILL_E_INVALID, "part %lld was not stored",
                                           (long long)part->number)
                               : mill_local_failed(errno, "read", name, err);
    if (fstat(fd, &info) != 0 || info.st_size < SUM_BYTES ||
        pread(fd, sum, SUM_BYTES, info.st_size - SUM_BYTES) != SUM_BYTES) {
        close(fd);
        return mill_fail(err, MILL_E_IO, "part %lld cannot be read", (long long)part->number);
    }
    etag_of(sum, etag);
    if (!mill_view_eq(part->etag, mill_view_of(etag))) {
        close(fd);
        return mill_fail(err, MILL_E_INVALID,
                         "part %lld has the ETag %s, not %.*s: another content was stored",
                         (long long)part->number, etag,
                         MILL_FMT(mill_utf8_prefix(part->etag, 100)));
    }
    *fd_out = fd;
    *size_out = (int64_t)info.st_size - SUM_BYTES;
    return MILL_OK;
}

/* For file systems between which copy_file_range(2) does not work. 0, or errno. */
static int copy_by_hand(int from, int to, int64_t left)
{
    char *buffer = mill_alloc(COPY_BYTES);
    int code = buffer != NULL ? 0 : ENOMEM;

    while (code == 0 && left > 0) {
        ssize_t n = read(from, buffer, left < COPY_BYTES ? (size_t)left : COPY_BYTES);

        if (n > 0)
            code = write_all(to, (struct mill_view){buffer, (size_t)n});
        else if (n == 0 || errno != EINTR)
            code = n == 0 ? EIO : errno;
        left -= n > 0 ? n : 0;
    }
    mill_free(buffer);
    return code;
}

/* Appends bytes [0, left) of from to to, in the kernel where it can. 0, or errno. */
static int copy(int from, int to, int64_t left)
{
    while (left > 0) {
        size_t want = left < COPY_AT_ONCE ? (size_t)left : (size_t)COPY_AT_ONCE;
        ssize_t n = copy_file_range(from, NULL, to, NULL, want, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EXDEV || errno == ENOSYS || errno == EINVAL || errno == EPERM ||
                      errno == EOPNOTSUPP))
            return copy_by_hand(from, to, left);
        if (n <= 0)
            return n == 0 ? EIO : errno;
        left -= n;
    }
    return 0;
}

static enum mill_status too_large(int64_t max_bytes, struct mill_error *err)
{
    return mill_fail(err, MILL_E_TOO_LARGE, "all parts together have more than %lld bytes",
                     (long long)max_bytes);
}

/* Makes the file of its parts. What a killed process left half-way is overwritten. */
static enum mill_status join_parts(const struct parts *p,
                                   const struct mill_artifact_part *parts, size_t count,
                                   int64_t max_bytes, struct mill_error *err)
{
    int whole =
        openat(p->dir, WHOLE, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    enum mill_status st =
        whole >= 0 ? MILL_OK : mill_local_failed(errno, "store", p->path.ptr, err);
    int64_t total = 0;

    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        int64_t size = 0;
        int code;
        int fd = -1;

        st = open_part(p, &parts[i], &fd, &size, err);
        if (st != MILL_OK)
            break;
        total += size;
        if (max_bytes > 0 && total > max_bytes)
            st = too_large(max_bytes, err);
        else if ((code = copy(fd, whole, size)) != 0)
            st = mill_local_failed(code, "store", p->path.ptr, err);
        else /* a hint, so that the sync at the end has less to do */
            (void)sync_file_range(whole, total - size, size, SYNC_FILE_RANGE_WRITE);
        close(fd);
    }
    if (st == MILL_OK && fdatasync(whole) != 0)
        st = mill_local_failed(errno, "store", p->path.ptr, err);
    mill_local_close(whole);
    return st;
}

static enum mill_status complete(struct mill_local_store *s, const struct parts *p,
                                 const char *id, const struct mill_artifact_part *parts,
                                 size_t count, int64_t max_bytes, struct mill_error *err)
{
    enum mill_status st = check_numbers(p, parts, count, err);
    int code = st == MILL_OK ? mill_local_check_target(s, p->root, p->path.ptr) : 0;

    if (st == MILL_OK && code == 0)
        st = join_parts(p, parts, count, max_bytes, err);
    if (st == MILL_OK && code == 0)
        code = mill_local_put_in_place(s, p->root, p->dir, WHOLE, p->path.ptr);
    if (st == MILL_OK && code != 0)
        st = mill_local_not_stored(code, p->path.ptr, err);
    if (st == MILL_OK) {
        remember_completed(s, id);
        /* What cannot be removed now is removed when it has expired. */
        (void)remove_parts(p->root, id);
    }
    return st;
}

enum mill_status mill_local_complete_parts(struct mill_artifact_store *store,
                                           struct mill_view path, struct mill_view id,
                                           const struct mill_artifact_part *parts, size_t count,
                                           int64_t max_bytes, struct mill_error *err)
{
    struct mill_local_store *s = (struct mill_local_store *)store;
    char name[33];
    struct parts p = {0};
    enum mill_status st;
    int code;

    snprintf(name, sizeof(name), "%.*s", MILL_FMT(id));
    code = open_parts(s, name, &p);
    if (code == ENOENT)
        st = was_completed(s, id) ? MILL_OK : no_upload(id, err);
    else if (code != 0)
        st = mill_local_failed(code, "store", path.ptr, err);
    else if (!mill_view_eq(p.path, path))
        st = no_upload(id, err);
    else if (!lock(&p))
        st = busy(id, err);
    else
        st = complete(s, &p, name, parts, count, max_bytes, err);
    close_parts(&p);
    return st;
}
