/* access_log.c - lines about requests, collected and written in larger pieces. */
#include "server/access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "server/conn.h"

/* Held back at most; a busy server writes this much at a time. */
#define HELD_BYTES 32768

struct mill_access_log {
    int fd;
    bool json;
    bool failed; /* was reported */
    struct mill_buf held;
};

enum mill_status mill_access_log_open(const struct mill_server_config *config,
                                      struct mill_access_log **out, struct mill_error *err)
{
    char path[4096];
    struct mill_access_log *log;
    int fd = STDOUT_FILENO;

    *out = NULL;
    if (config->access_log.len == 0)
        return MILL_OK;
    if (config->access_log.len >= sizeof(path))
        return mill_fail(err, MILL_E_INVALID, "--access-log is longer than a path");
    memcpy(path, config->access_log.ptr, config->access_log.len);
    path[config->access_log.len] = '\0';
    if (!mill_view_eq(config->access_log, MILL_VIEW("-"))) {
        fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (fd < 0)
            return mill_fail(err, MILL_E_IO, "cannot open the access log %s: %s", path,
                             strerror(errno));
    }
    log = mill_alloc_zero(1, sizeof(*log));
    if (log == NULL) {
        if (fd != STDOUT_FILENO)
            close(fd);
        return mill_fail(err, MILL_E_NOMEM, "opening the access log: out of memory");
    }
    log->fd = fd;
    log->json = config->access_log_format == MILL_FORMAT_JSON;
    *out = log;
    return MILL_OK;
}

/* Text of a client: quotes, backslashes, control and non-ASCII bytes as escapes, which holds
 * for both forms. */
static void add_escaped(struct mill_buf *out, struct mill_view text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '"' || c == '\\') {
            mill_buf_add_char(out, '\\');
            mill_buf_add_char(out, (char)c);
        } else if (c < ' ' || c >= 0x7f) {
            mill_buf_printf(out, "\\u%04x", c);
        } else {
            mill_buf_add_char(out, (char)c);
        }
    }
}

static void add_time(struct mill_buf *out)
{
    struct timespec now;
    struct tm tm;
    char text[40];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
    mill_buf_printf(out, "%s.%03ldZ", text, now.tv_nsec / 1000000);
}

static struct mill_view user_agent(const struct mill_exchange *ex)
{
    struct mill_view agent = mill_request_header(&ex->req, "User-Agent");

    return agent.ptr != NULL ? agent : MILL_VIEW("");
}

static void add_text_line(struct mill_buf *out, struct mill_exchange *ex, double ms)
{
    add_time(out);
    mill_buf_add_char(out, ' ');
    mill_buf_add_view(out, mill_request_peer(&ex->req));
    mill_buf_add_view(out, MILL_VIEW(" \""));
    add_escaped(out, ex->head.method_text);
    mill_buf_add_char(out, ' ');
    add_escaped(out, ex->req.target);
    mill_buf_printf(out, "\" %d %llu %.3f \"", ex->http_status,
                    (unsigned long long)ex->sent_bytes, ms);
    add_escaped(out, user_agent(ex));
    mill_buf_add_view(out, MILL_VIEW("\"\n"));
}

static void add_json_line(struct mill_buf *out, struct mill_exchange *ex, double ms)
{
    mill_buf_add_view(out, MILL_VIEW("{\"time\":\""));
    add_time(out);
    mill_buf_add_view(out, MILL_VIEW("\",\"peer\":\""));
    mill_buf_add_view(out, mill_request_peer(&ex->req));
    mill_buf_add_view(out, MILL_VIEW("\",\"method\":\""));
    add_escaped(out, ex->head.method_text);
    mill_buf_add_view(out, MILL_VIEW("\",\"target\":\""));
    add_escaped(out, ex->req.target);
    mill_buf_printf(out, "\",\"status\":%d,\"bytes_in\":%llu,\"bytes_out\":%llu,\"ms\":%.3f",
                    ex->http_status, (unsigned long long)ex->body_seen,
                    (unsigned long long)ex->sent_bytes, ms);
    mill_buf_add_view(out, MILL_VIEW(",\"agent\":\""));
    add_escaped(out, user_agent(ex));
    mill_buf_add_view(out, MILL_VIEW("\"}\n"));
}

void mill_access_log_request(struct mill_access_log *log, struct mill_exchange *ex)
{
    double ms;

    if (log == NULL)
        return;
    ms = (double)(uv_hrtime() - ex->began_ns) / 1e6;
    if (log->json)
        add_json_line(&log->held, ex, ms);
    else
        add_text_line(&log->held, ex, ms);
    if (log->held.len >= HELD_BYTES || log->held.failed)
        mill_access_log_flush(log);
}

void mill_access_log_flush(struct mill_access_log *log)
{
    struct mill_view rest;

    if (log == NULL)
        return;
    rest = mill_buf_view(&log->held);
    while (rest.len > 0) {
        ssize_t n = write(log->fd, rest.ptr, rest.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            if (!log->failed)
                mill_log(MILL_LOG_ERROR, "writing the access log: %s", strerror(errno));
            log->failed = true;
            break;
        }
        rest = mill_view_from(rest, (size_t)n);
    }
    log->held.len = 0;
    log->held.failed = false;
}

void mill_access_log_close(struct mill_access_log *log)
{
    if (log == NULL)
        return;
    mill_access_log_flush(log);
    if (log->fd != STDOUT_FILENO)
        close(log->fd);
    mill_buf_release(&log->held);
    mill_free(log);
}
