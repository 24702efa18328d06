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
#include "base/os.h"
#include "base/view.h"

/* A file that has grown to this is followed by another, so that what is delivered can go. */
#define FILE_BYTES ((int64_t)16 << 20)
/* Read at once; a longer record makes it more. */
#define PIECE_BYTES ((size_t)1 << 20)

enum mill_status mill_spool_failed(const char *path, const char *doing, struct mill_error *err)
{
    int number = errno;
    return mill_fail(err, mill_errno_status(number), "cannot %s the spool %s: %s", doing, path,
                     strerror(number));
}

enum mill_status mill_spool_make_directory(const char *path, struct mill_error *err)
{
    errno = mill_make_directories(path);
    return errno == 0 ? MILL_OK : mill_spool_failed(path, "make", err);
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

/* Makes the names of files in a directory outlast a power cut. */
static bool sync_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

static enum mill_status begin_file(struct mill_spool_writer *w, bool sync,
                                   struct mill_error *err)
{
    char path[PATH_MAX];
    if (!file_path(w->base, w->end.number + 1, path)) {
        errno = ENAMETOOLONG;
        return mill_spool_failed(w->base, "write", err);
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0 || !write_at(fd, mill_buf_view(&w->head), 0) ||
        (sync && !sync_directory(w->directory))) {
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

/* Whoever has delivered the last other spool of the run removes the directory, perhaps between
 * our making it and our first file. */
static enum mill_status make_first_file(struct mill_spool_writer *w, bool sync,
                                        struct mill_error *err)
{
    struct mill_error reason = {""};
    enum mill_status st = MILL_E_NOT_FOUND;
    for (int i = 0; i < 10 && st == MILL_E_NOT_FOUND; i++) {
        st = mill_spool_make_directory(w->directory, &reason);
        if (st != MILL_OK)
            break;
        st = begin_file(w, sync, &reason);
    }
    return st == MILL_OK ? MILL_OK : mill_fail(err, st, "%s", reason.message);
}

enum mill_status mill_spool_writer_open(struct mill_spool_writer *w, struct mill_view spool,
                                        const struct mill_spool_open *open, bool sync,
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
                              : make_first_file(w, sync, err);
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
        st = begin_file(w, sync, err);
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

static bool exists(const char *base, int64_t number)
{
    char path[PATH_MAX];
    return file_path(base, number, path) && access(path, F_OK) == 0;
}

/* The number of the file behind that one; 0 when there is none yet. They are made in order, so
 * there is a gap only where another delivery has removed what it was done with. */
static int64_t file_behind(const char *base, int64_t number)
{
    if (exists(base, number + 1))
        return number + 1;
    return exists(base, number) ? 0 : mill_spool_first_file(base, number + 1);
}

static void go_to_file(struct mill_spool_reader *r, int64_t number)
{
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
    r->bytes.len = 0;
    r->place = (struct mill_spool_place){number, 0};
}

/* Opens the file of the place, or the next one that there is; *there_out false when there is
 * none. */
static enum mill_status open_file(struct mill_spool_reader *r, bool *there_out,
                                  struct mill_error *err)
{
    char path[PATH_MAX];
    int64_t next = 0;
    do {
        if (next != 0)
            go_to_file(r, next);
        *there_out = r->fd >= 0;
        if (r->fd >= 0)
            return MILL_OK;
        if (!file_path(r->base, r->place.number, path))
            errno = ENAMETOOLONG;
        else
            r->fd = open(path, O_RDONLY | O_CLOEXEC);
        *there_out = r->fd >= 0;
        if (r->fd < 0 && errno != ENOENT)
            return mill_spool_failed(path, "read", err);
        next = r->fd < 0 ? mill_spool_first_file(r->base, r->place.number) : 0;
    } while (next != 0);
    return MILL_OK;
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

static bool is_zero(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

/* Whether what looks damaged is a write that was cut off: nothing but zeros to the end of the
 * file. A power cut leaves such ends, and whoever reads on one machine what another one writes
 * may see one for a moment. */
static enum mill_status check_torn(struct mill_spool_reader *r, bool *torn_out,
                                   struct mill_error *err)
{
    bool got = true;
    enum mill_status st = MILL_OK;
    while (st == MILL_OK && got && r->bytes.len <= MILL_SPOOL_MAX_PAYLOAD)
        st = read_more(r, &got, err);
    if (st != MILL_OK)
        return st;
    size_t record = mill_spool_record_length(mill_buf_view(&r->bytes));
    size_t end = r->bytes.len < record ? r->bytes.len : record;
    *torn_out =
        !got && r->bytes.ptr[end - 1] == 0 && is_zero(r->bytes.ptr + end, r->bytes.len - end);
    return MILL_OK;
}

/* Looks at the file of the place, reading as much of it as is needed. */
static enum mill_status look_and_read(struct mill_spool_reader *r,
                                      enum mill_spool_found *found_out, struct mill_error *err)
{
    bool got = true, torn = false;
    enum mill_status st = MILL_OK;
    *found_out = look(r, err, &st);
    while (st == MILL_OK && *found_out == MILL_SPOOL_NONE && got) {
        st = read_more(r, &got, err);
        if (st == MILL_OK)
            *found_out = look(r, err, &st);
    }
    if (st == MILL_OK && *found_out == MILL_SPOOL_DAMAGED) {
        st = check_torn(r, &torn, err);
        if (st == MILL_OK && torn) { /* read anew at the next look: more may be there then */
            r->bytes.len = 0;
            *found_out = MILL_SPOOL_NONE;
        }
    }
    return st;
}

enum mill_status mill_spool_reader_fill(struct mill_spool_reader *r, struct mill_view *out,
                                        bool *damaged_out, struct mill_error *err)
{
    bool there;
    int64_t next = 0;
    *out = (struct mill_view){"", 0};
    *damaged_out = false;
    for (;;) {
        enum mill_spool_found found = MILL_SPOOL_NONE;
        enum mill_status st = open_file(r, &there, err);
        if (st == MILL_OK && there)
            st = look_and_read(r, &found, err);
        if (st != MILL_OK || !there)
            return st;
        *damaged_out = found == MILL_SPOOL_DAMAGED;
        if (found == MILL_SPOOL_RECORD)
            *out = mill_buf_view(&r->bytes);
        if (found != MILL_SPOOL_NONE)
            return MILL_OK;
        /* Once a next file is seen, this one is looked at again: its writer may have added to
         * it before it went on. */
        int64_t behind = file_behind(r->base, r->place.number);
        if (behind == 0)
            return MILL_OK;
        if (next != 0)
            go_to_file(r, behind);
        next = next != 0 ? 0 : behind;
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
    struct mill_error reason = {""};
    enum mill_status st = mill_spool_write_small(path, mill_view_of(text), &reason);
    if (st != MILL_E_NOT_FOUND && st != MILL_OK)
        return mill_fail(err, st, "%s", reason.message);
    if (!exists(r->base, r->place.number)) { /* another delivery has removed it all */
        unlink(path);
        return MILL_OK;
    }
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
    if (st == MILL_OK && !exists(base, r->place.number)) {
        int64_t first = mill_spool_first_file(base, r->place.number);
        if (first > 0)
            r->place = (struct mill_spool_place){first, 0};
    }
    mill_arena_release(&arena);
    return st;
}

bool mill_spool_reader_is_removed(const struct mill_spool_reader *r)
{
    struct stat info;
    if (r->fd >= 0 && fstat(r->fd, &info) == 0 && info.st_nlink > 0)
        return false;
    return mill_spool_first_file(r->base, 1) == 0;
}

void mill_spool_reader_release(struct mill_spool_reader *r)
{
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
    mill_buf_release(&r->bytes);
}
