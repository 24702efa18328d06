/* spool_files.c - see spool_files.h; finding and removing are in spool_find.c. */
#include "logger/spool_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/view.h"

/* A file that has grown to this is followed by another, so that what is delivered can go. */
#define FILE_BYTES ((int64_t)16 << 20)
/* Read at once; a longer record makes it more. */
#define PIECE_BYTES ((size_t)1 << 20)

enum mill_status mill_spool_failed(const char *path, const char *doing, struct mill_error *err)
{
    int error = errno;
    enum mill_status st = error == ENOENT || error == ENOTDIR ? MILL_E_NOT_FOUND
                          : error == EACCES || error == EPERM || error == EROFS ? MILL_E_DENIED
                          : error == ENOSPC || error == EDQUOT                  ? MILL_E_FULL
                                                                                : MILL_E_IO;
    return mill_fail(err, st, "cannot %s the spool %s: %s", doing, path, strerror(error));
}

enum mill_status mill_spool_make_directory(const char *path, struct mill_error *err)
{
    char text[PATH_MAX];
    size_t len = strlen(path);
    if (len >= sizeof(text)) {
        errno = ENAMETOOLONG;
        return mill_spool_failed(path, "make", err);
    }
    memcpy(text, path, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (i < len && text[i] != '/')
            continue;
        text[i] = '\0';
        if (mkdir(text, 0777) != 0 && errno != EEXIST)
            return mill_spool_failed(text, "make", err);
        if (i < len)
            text[i] = '/';
    }
    return MILL_OK;
}

/* The path of a writer's file; false when it would be too long. */
static bool file_path(const char *base, int64_t number, char out[PATH_MAX])
{
    int len = snprintf(out, PATH_MAX, "%s.%06lld.spool", base, (long long)number);
    return len > 0 && len < PATH_MAX;
}

static bool write_at(int fd, struct mill_view bytes, int64_t offset)
{
    while (bytes.len > 0) {
        ssize_t done = pwrite(fd, bytes.ptr, bytes.len, (off_t)offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        bytes = mill_view_from(bytes, (size_t)done);
        offset += done;
    }
    return true;
}

/* --- writing --------------------------------------------------------------------------- */

static enum mill_status begin_file(struct mill_spool_writer *w, struct mill_error *err)
{
    char path[PATH_MAX];
    if (!file_path(w->base, w->end.number + 1, path)) {
        errno = ENAMETOOLONG;
        return mill_spool_failed(w->base, "write", err);
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0 || !write_at(fd, mill_buf_view(&w->head), 0)) {
        enum mill_status st = mill_spool_failed(path, "write", err);
        if (fd >= 0) {
            close(fd);
            unlink(path);
        }
        return st;
    }
    w->fd = fd;
    w->end = (struct mill_spool_place){w->end.number + 1, (int64_t)w->head.len};
    w->total_bytes += (int64_t)w->head.len;
    return MILL_OK;
}

/* A name that no other process has chosen, on this machine or another. */
static const char *choose_base(struct mill_spool_writer *w)
{
    char host[65] = "host", random[33];
    gethostname(host, sizeof(host) - 1);
    for (char *c = host; *c != '\0'; c++)
        if (*c == '/' || *c == '.')
            *c = '_';
    mill_random_hex32(random);
    return mill_arena_printf(&w->arena, "%s/%s-%d-%.8s", w->directory, host, (int)getpid(),
                             random)
        .ptr;
}

enum mill_status mill_spool_writer_open(struct mill_spool_writer *w, struct mill_view spool,
                                        const struct mill_spool_open *open,
                                        struct mill_error *err)
{
    *w = (struct mill_spool_writer){.fd = -1};
    w->directory =
        mill_arena_printf(&w->arena, "%.*s/%.*s", MILL_FMT(spool), MILL_FMT(open->run_id)).ptr;
    w->base = w->directory != NULL ? choose_base(w) : NULL;
    mill_buf_add_view(&w->head, MILL_VIEW(MILL_SPOOL_MAGIC));
    mill_spool_record_json(&w->head, MILL_SPOOL_OPEN, &mill_spool_open_message, open);
    enum mill_status st = w->base == NULL || w->head.failed
                              ? mill_fail(err, MILL_E_NOMEM, "out of memory")
                              : mill_spool_make_directory(w->directory, err);
    if (st == MILL_OK)
        st = begin_file(w, err);
    if (st != MILL_OK)
        mill_spool_writer_release(w);
    return st;
}

enum mill_status mill_spool_writer_flush(struct mill_spool_writer *w, bool sync,
                                         struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    if (w->pending.len == 0 && !w->pending.failed)
        return MILL_OK;
    if (w->pending.failed)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    if (w->fd >= 0 && w->end.offset >= FILE_BYTES) {
        close(w->fd);
        w->fd = -1;
    }
    if (w->fd < 0)
        st = begin_file(w, err);
    if (st == MILL_OK && !write_at(w->fd, mill_buf_view(&w->pending), w->end.offset))
        st = mill_spool_failed(w->base, "write", err);
    if (st != MILL_OK)
        return st;
    w->end.offset += (int64_t)w->pending.len;
    w->total_bytes += (int64_t)w->pending.len;
    w->pending.len = 0;
    if (sync && fdatasync(w->fd) != 0)
        return mill_spool_failed(w->base, "sync", err);
    return MILL_OK;
}

void mill_spool_writer_release(struct mill_spool_writer *w)
{
    if (w->fd > 0)
        close(w->fd);
    w->fd = -1;
    mill_buf_release(&w->head);
    mill_buf_release(&w->pending);
    mill_arena_release(&w->arena);
}

/* --- reading --------------------------------------------------------------------------- */

/* Opens the file of the place; *there_out false when there is none. */
static enum mill_status open_file(struct mill_spool_reader *r, bool *there_out,
                                  struct mill_error *err)
{
    char path[PATH_MAX];
    *there_out = r->fd >= 0;
    if (r->fd >= 0)
        return MILL_OK;
    if (!file_path(r->base, r->place.number, path))
        errno = ENAMETOOLONG;
    else
        r->fd = open(path, O_RDONLY | O_CLOEXEC);
    *there_out = r->fd >= 0;
    return r->fd >= 0 || errno == ENOENT ? MILL_OK : mill_spool_failed(path, "read", err);
}

static bool exists(const char *base, int64_t number)
{
    char path[PATH_MAX];
    return file_path(base, number, path) && access(path, F_OK) == 0;
}

/* Reads on behind the bytes that are there; *got_out false at the end of the file. */
static enum mill_status read_more(struct mill_spool_reader *r, bool *got_out,
                                  struct mill_error *err)
{
    ssize_t got;
    size_t room = r->bytes.len < PIECE_BYTES ? PIECE_BYTES : r->bytes.len;
    if (!mill_buf_reserve(&r->bytes, room))
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    do {
        got = pread(r->fd, r->bytes.ptr + r->bytes.len, room,
                    (off_t)(r->place.offset + (int64_t)r->bytes.len));
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return mill_spool_failed(r->base, "read", err);
    r->bytes.len += (size_t)got;
    *got_out = got > 0;
    return MILL_OK;
}

/* Whether a whole record begins the bytes; the head of a file is stepped over first. */
static enum mill_spool_found look(struct mill_spool_reader *r, struct mill_error *err,
                                  enum mill_status *st)
{
    struct mill_spool_record record;
    struct mill_view bytes = mill_buf_view(&r->bytes);
    if (r->place.offset == 0) {
        if (bytes.len < MILL_SPOOL_HEADER_BYTES)
            return MILL_SPOOL_NONE;
        if (!mill_view_starts(bytes, MILL_VIEW(MILL_SPOOL_MAGIC))) {
            *st = mill_fail(err, MILL_E_UNSUPPORTED,
                            "the spool %s is of another version than this program reads",
                            r->base);
            return MILL_SPOOL_NONE;
        }
        mill_spool_reader_advance(r, MILL_SPOOL_HEADER_BYTES);
        bytes = mill_buf_view(&r->bytes);
    }
    return mill_spool_record_next(&bytes, &record);
}

enum mill_status mill_spool_reader_fill(struct mill_spool_reader *r, struct mill_view *out,
                                        bool *damaged_out, struct mill_error *err)
{
    bool there, got = true, last_look = false;
    *out = (struct mill_view){"", 0};
    *damaged_out = false;
    for (;;) {
        enum mill_status st = open_file(r, &there, err);
        if (st != MILL_OK || !there)
            return st;
        enum mill_spool_found found = look(r, err, &st);
        while (st == MILL_OK && found == MILL_SPOOL_NONE && got) {
            st = read_more(r, &got, err);
            if (st == MILL_OK)
                found = look(r, err, &st);
        }
        if (st != MILL_OK)
            return st;
        *damaged_out = found == MILL_SPOOL_DAMAGED;
        if (found == MILL_SPOOL_RECORD)
            *out = mill_buf_view(&r->bytes);
        if (found != MILL_SPOOL_NONE || !exists(r->base, r->place.number + 1))
            return MILL_OK;
        /* Its writer has gone on to the next file, perhaps since we looked. */
        got = true;
        if (!last_look) {
            last_look = true;
            continue;
        }
        last_look = false;
        close(r->fd);
        r->fd = -1;
        r->bytes.len = 0;
        r->place = (struct mill_spool_place){r->place.number + 1, 0};
    }
}

void mill_spool_reader_advance(struct mill_spool_reader *r, size_t bytes)
{
    r->place.offset += (int64_t)bytes;
    r->passed_bytes += (int64_t)bytes;
    r->bytes.len -= bytes;
    memmove(r->bytes.ptr, r->bytes.ptr + bytes, r->bytes.len);
}

enum mill_status mill_spool_reader_acknowledge(struct mill_spool_reader *r, bool keep,
                                               struct mill_error *err)
{
    char path[PATH_MAX], text[64];
    if (snprintf(path, sizeof(path), "%s.ack", r->base) >= (int)sizeof(path)) {
        errno = ENAMETOOLONG;
        return mill_spool_failed(r->base, "write", err);
    }
    snprintf(text, sizeof(text), "%lld %lld\n", (long long)r->place.number,
             (long long)r->place.offset);
    enum mill_status st = mill_spool_write_small(path, mill_view_of(text), err);
    for (int64_t n = r->place.number - 1; st == MILL_OK && !keep && n > 0; n--)
        if (!file_path(r->base, n, path) || unlink(path) != 0)
            break; /* the ones before are gone as well */
    return st;
}

enum mill_status mill_spool_reader_open(struct mill_spool_reader *r, const char *base,
                                        struct mill_error *err)
{
    char path[PATH_MAX];
    struct mill_arena arena = {0};
    struct mill_view text = {NULL, 0}, number, offset;
    *r = (struct mill_spool_reader){.base = base, .place = {1, 0}, .fd = -1};
    enum mill_status st = MILL_OK;
    if (snprintf(path, sizeof(path), "%s.ack", base) < (int)sizeof(path))
        st = mill_spool_read_small(path, &arena, &text, err);
    if (text.ptr != NULL) {
        offset = mill_view_trim(mill_view_cut(text, ' ', &number));
        if (!mill_view_int(number, &r->place.number) ||
            !mill_view_int(offset, &r->place.offset) || r->place.number < 1 ||
            r->place.offset < 0)
            r->place = (struct mill_spool_place){1, 0}; /* delivering again does no harm */
    }
    /* Files before the place may be gone, and then others may be as well. */
    while (st == MILL_OK && r->place.number < 1000000 && !exists(base, r->place.number) &&
           exists(base, r->place.number + 1))
        r->place = (struct mill_spool_place){r->place.number + 1, 0};
    mill_arena_release(&arena);
    return st;
}

void mill_spool_reader_release(struct mill_spool_reader *r)
{
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
    mill_buf_release(&r->bytes);
}
