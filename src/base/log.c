/* log.c - see log.h. A line is built aside and written with one call, so that lines of
 * several threads do not mix. */
#include "base/log.h"

#include <millstream/log.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/view.h"

static enum mill_log_level max_level;
static bool is_on;
static bool as_json;
static mill_warning_handler *on_warning;
static void *warning_context;

void mill_log_setup(enum mill_log_level level, bool json)
{
    max_level = level;
    as_json = json;
    is_on = true;
}

void mill_on_warning(mill_warning_handler *handler, void *context)
{
    on_warning = handler;
    warning_context = context;
}

/* Appends the text of a JSON string; returns the new length. Cuts at size. */
static size_t escape(char *out, size_t at, size_t size, const char *text)
{
    for (; *text != '\0' && at + 7 < size; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') {
            out[at++] = '\\';
            out[at++] = (char)c;
        } else if (c < 0x20) {
            at += (size_t)snprintf(out + at, size - at, "\\u%04x", c);
        } else {
            out[at++] = (char)c;
        }
    }
    return at;
}

static void write_line(enum mill_log_level level, const char *text)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    int64_t now = mill_now_ms();
    time_t seconds = (time_t)(now / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    char stamp[40];
    size_t n = strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(stamp + n, sizeof(stamp) - n, ".%03dZ", (int)(now % 1000));

    char line[1400];
    size_t len;
    if (as_json) {
        len = (size_t)snprintf(line, sizeof(line),
                               "{\"time\":\"%s\",\"level\":\"%s\",\"message\":\"", stamp,
                               names[level]);
        len = escape(line, len, sizeof(line) - 4, text);
        len += (size_t)snprintf(line + len, sizeof(line) - len, "\"}\n");
    } else {
        len = (size_t)snprintf(line, sizeof(line), "%s %s: %s\n", stamp, names[level], text);
    }
    ssize_t written = write(STDERR_FILENO, line, len);
    (void)written; /* there is nowhere to report a failure of the log itself */
}

void mill_log(enum mill_log_level level, const char *format, ...)
{
    bool written = is_on && level <= max_level;
    bool handed_out = on_warning != NULL && level <= MILL_LOG_WARN;
    if (!written && !handed_out)
        return;
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (written)
        write_line(level, text);
    if (handed_out)
        on_warning(warning_context, text);
}
