/* lines.c - cuts what a file or pipe gives into lines. */
#include "cli/lines.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/view.h"

#define READ_SIZE (1 << 16)

/* Hands out the bytes up to end; the next line begins at next. */
static struct mill_view take(struct mill_lines *lines, size_t end, size_t next)
{
    struct mill_view line = {lines->buf.ptr + lines->start, end - lines->start};
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    lines->start = lines->scanned = next;
    lines->number++;
    return line;
}

static bool take_whole_line(struct mill_lines *lines, struct mill_view *line_out)
{
    const struct mill_buf *buf = &lines->buf;
    const char *end = buf->len > lines->scanned
                          ? memchr(buf->ptr + lines->scanned, '\n', buf->len - lines->scanned)
                          : NULL;
    lines->scanned = buf->len;
    if (end == NULL)
        return false;
    size_t at = (size_t)(end - buf->ptr);
    *line_out = take(lines, at, at + 1);
    return true;
}

/* Reads once. *idle_out says that nothing came in time. */
static enum mill_status read_more(struct mill_lines *lines, int timeout_ms, bool *idle_out,
                                  struct mill_error *err)
{
    struct pollfd wanted = {.fd = lines->fd, .events = POLLIN};
    struct mill_buf *buf = &lines->buf;
    int ready = poll(&wanted, 1, timeout_ms);
    *idle_out = ready == 0;
    if (ready == 0 || (ready < 0 && errno == EINTR))
        return MILL_OK;
    if (lines->start > 0) {
        memmove(buf->ptr, buf->ptr + lines->start, buf->len - lines->start);
        buf->len -= lines->start;
        lines->scanned -= lines->start;
        lines->start = 0;
    }
    if (!mill_buf_reserve(buf, READ_SIZE))
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    ssize_t got = read(lines->fd, buf->ptr + buf->len, READ_SIZE);
    if (got < 0 && errno != EINTR)
        return mill_fail(err, MILL_E_IO, "cannot read standard input: %s", strerror(errno));
    lines->ended = got == 0;
    buf->len += got > 0 ? (size_t)got : 0;
    return MILL_OK;
}

enum mill_status mill_lines_next(struct mill_lines *lines, int timeout_ms,
                                 enum mill_lines_event *event_out, struct mill_view *line_out,
                                 struct mill_error *err)
{
    bool idle = false;
    *event_out = MILL_LINES_LINE;
    while (!take_whole_line(lines, line_out)) {
        size_t left = lines->buf.len - lines->start;
        if (left > MILL_LINE_MAX)
            return mill_fail(err, MILL_E_TOO_LARGE, "line %lld has more than %d bytes",
                             (long long)lines->number + 1, MILL_LINE_MAX);
        if (lines->ended && left > 0) { /* the last line needs no end */
            *line_out = take(lines, lines->buf.len, lines->buf.len);
            return MILL_OK;
        }
        if (lines->ended || idle) {
            *event_out = lines->ended ? MILL_LINES_END : MILL_LINES_IDLE;
            return MILL_OK;
        }
        enum mill_status st = read_more(lines, timeout_ms, &idle, err);
        if (st != MILL_OK)
            return st;
    }
    return MILL_OK;
}
