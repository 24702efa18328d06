/* tree_points.c - goes through the lines of a metric file, which may be large, piece by piece.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "store/metric_line.h"
#include "store/tree.h"

enum {
    FIRST_BYTES = 4096, /* most files have fewer: they are read with one call */
    CHUNK_BYTES = 1 << 16
};

static enum mill_status too_large(const struct mill_tree_dir *dir, const char *name,
                                  struct mill_error *err)
{
    struct mill_error why;
    (void)mill_fail(&why, MILL_E_TOO_LARGE, "it has more than %lld bytes",
                    (long long)MILL_TREE_MAX_POINTS);
    return mill_tree_blame(dir, name, MILL_E_TOO_LARGE, &why, err);
}

struct points_reader {
    mill_tree_visit_point *each;
    void *context;
    size_t line; /* number of the line before the next one */
    size_t bad;  /* number of the first bad line */
};

/* Takes complete lines off the front of text; returns what is left, absent on a failure of
 * the visitor. at_end: what has no end is a line, too. */
static struct mill_view take_lines(struct points_reader *p, struct mill_view text, bool at_end)
{
    while (text.len != 0) {
        const char *end = memchr(text.ptr, '\n', text.len);
        struct mill_view line = {text.ptr, end != NULL ? (size_t)(end - text.ptr) : text.len};
        struct mill_point point;
        size_t fields;
        if (end == NULL && !at_end)
            break;
        p->line++;
        if (line.len > MILL_METRIC_LINE_MAX || !mill_metric_line_read(line, &point, &fields)) {
            if (p->bad == 0 && mill_view_trim(line).len != 0)
                p->bad = p->line;
        } else if (!p->each(p->context, &point)) {
            return (struct mill_view){NULL, 0};
        }
        text = mill_view_from(text, line.len + (end != NULL));
    }
    return text;
}

/* Reads to the end, or to what is the end when the file is found to be there. */
static enum mill_status read_points(struct points_reader *p, const struct mill_tree_dir *dir,
                                    const char *name, int fd, struct mill_buf *bytes,
                                    struct mill_error *err)
{
    int64_t done = 0;
    size_t want = FIRST_BYTES;
    bytes->len = 0;
    for (;;) {
        if (!mill_buf_reserve(bytes, want))
            return mill_no_memory(err);
        ssize_t n = read(fd, bytes->ptr + bytes->len, want);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return mill_tree_fail(dir, name, "cannot read", errno, err);
        done += n;
        bytes->len += (size_t)n;
        bool at_end = (size_t)n < want; /* of a file; what comes later is for the next reader */
        struct mill_view rest = take_lines(p, mill_buf_view(bytes), at_end);
        if (rest.ptr == NULL)
            return mill_no_memory(err);
        if (at_end)
            return MILL_OK;
        if (done > MILL_TREE_MAX_POINTS)
            return too_large(dir, name, err);
        if (rest.len > MILL_METRIC_LINE_MAX) {
            p->bad = p->bad == 0 ? p->line + 1 : p->bad;
            rest.len = 0;
        }
        memmove(bytes->ptr, rest.ptr, rest.len);
        bytes->len = rest.len;
        want = CHUNK_BYTES;
    }
}

static enum mill_status open_points(const struct mill_tree_dir *dir, const char *name,
                                    struct stat *info, int *fd_out, struct mill_error *err)
{
    if (info != NULL)
        return mill_tree_open_file(dir, name, fd_out, info, err);
    *fd_out = openat(dir->fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    return *fd_out >= 0 ? MILL_OK : mill_tree_fail(dir, name, "cannot read", errno, err);
}

enum mill_status mill_tree_each_point(const struct mill_tree_dir *dir, const char *name,
                                      struct mill_buf *bytes, struct stat *info,
                                      mill_tree_visit_point *each, void *context,
                                      size_t *bad_out, struct mill_error *err)
{
    struct points_reader p = {.each = each, .context = context};
    struct mill_error why;
    int fd;
    enum mill_status st = open_points(dir, name, info, &fd, err);
    if (st != MILL_OK)
        return st;
    if (info != NULL && info->st_size > MILL_TREE_MAX_POINTS)
        st = too_large(dir, name, err);
    else
        st = read_points(&p, dir, name, fd, bytes, err);
    close(fd);
    if (st == MILL_OK && bad_out != NULL)
        *bad_out = p.bad;
    if (st != MILL_OK || bad_out != NULL || p.bad == 0)
        return st;
    mill_fail(&why, MILL_E_CORRUPT, "line %zu is no point of a metric", p.bad);
    return mill_tree_blame(dir, name, MILL_E_CORRUPT, &why, err);
}
