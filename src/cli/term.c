/* term.c - terminal properties and the width of text. */
#include "cli/term.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/view.h"

static const char *const style_codes[] = {
    [MILL_STYLE_PLAIN] = "",           [MILL_STYLE_BOLD] = "\x1b[1m",
    [MILL_STYLE_DIM] = "\x1b[2m",      [MILL_STYLE_BEST] = "\x1b[1;32m",
    [MILL_STYLE_ERROR] = "\x1b[1;31m",
};

/* Blue, orange-like yellow, green, magenta, cyan, red: told apart on light and dark. */
static const char *const series_codes[] = {
    "\x1b[94m", "\x1b[33m", "\x1b[32m", "\x1b[35m", "\x1b[36m", "\x1b[31m",
};

static bool locale_is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < MILL_COUNT(names); i++) {
        struct mill_view set = mill_view_of(getenv(names[i]));
        if (mill_view_empty(set))
            continue;
        struct mill_view dot, charset = mill_view_cut(set, '.', &dot);
        mill_view_cut(charset, '@', &charset);
        return mill_view_eq_nocase(charset, MILL_VIEW("UTF-8")) ||
               mill_view_eq_nocase(charset, MILL_VIEW("UTF8"));
    }
    return false;
}

static size_t columns_of(int fd)
{
    struct winsize size;
    int64_t columns = 0;
    if (mill_view_int(mill_view_of(getenv("COLUMNS")), &columns) && columns >= 20)
        return (size_t)columns;
    if (!isatty(fd))
        return SIZE_MAX;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
        return size.ws_col;
    return 80;
}

struct mill_term mill_term_of(int fd)
{
    const char *no_color = getenv("NO_COLOR");
    const char *name = getenv("TERM");
    bool dumb = name == NULL || strcmp(name, "dumb") == 0;
    return (struct mill_term){
        .width = columns_of(fd),
        .color = isatty(fd) && !dumb && (no_color == NULL || no_color[0] == '\0'),
        .utf8 = locale_is_utf8(),
    };
}

void mill_style_begin(struct mill_buf *out, const struct mill_term *term, unsigned style)
{
    if (!term->color || style == MILL_STYLE_PLAIN)
        return;
    const char *code =
        style >= MILL_STYLE_SERIES
            ? series_codes[(style - MILL_STYLE_SERIES) % MILL_COUNT(series_codes)]
            : style_codes[style];
    mill_buf_add_view(out, mill_view_of(code));
}

void mill_style_end(struct mill_buf *out, const struct mill_term *term, unsigned style)
{
    if (term->color && style != MILL_STYLE_PLAIN)
        mill_buf_add_view(out, MILL_VIEW("\x1b[0m"));
}

/* One code point of text at *at, U+FFFD for bytes that are none. */
static uint32_t next_code_point(struct mill_view text, size_t *at)
{
    static const unsigned char lead_mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    unsigned char first = (unsigned char)text.ptr[*at];
    size_t length = first < 0x80             ? 1
                    : (first & 0xe0) == 0xc0 ? 2
                    : (first & 0xf0) == 0xe0 ? 3
                    : (first & 0xf8) == 0xf0 ? 4
                                             : 0;
    if (length == 0 || *at + length > text.len) {
        (*at)++;
        return 0xfffd;
    }
    uint32_t code = first & lead_mask[length];
    for (size_t i = 1; i < length; i++) {
        unsigned char byte = (unsigned char)text.ptr[*at + i];
        if ((byte & 0xc0) != 0x80) {
            (*at)++;
            return 0xfffd;
        }
        code = code << 6 | (byte & 0x3f);
    }
    *at += length;
    return code;
}

static bool in_ranges(uint32_t code, const uint32_t (*ranges)[2], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (code >= ranges[i][0] && code <= ranges[i][1])
            return true;
    return false;
}

/* The blocks that matter: a full table of Unicode would be larger than this program's text. */
static size_t code_width(uint32_t code)
{
    static const uint32_t none[][2] = {{0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},
                                       {0x610, 0x61a},   {0x64b, 0x65f},   {0x200b, 0x200f},
                                       {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};
    static const uint32_t two[][2] = {{0x1100, 0x115f},   {0x2e80, 0x303e},  {0x3041, 0x33ff},
                                      {0x3400, 0x4dbf},   {0x4e00, 0x9fff},  {0xa000, 0xa4cf},
                                      {0xac00, 0xd7a3},   {0xf900, 0xfaff},  {0xfe30, 0xfe4f},
                                      {0xff00, 0xff60},   {0xffe0, 0xffe6},  {0x1f300, 0x1f64f},
                                      {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
    if (in_ranges(code, none, MILL_COUNT(none)))
        return 0;
    return in_ranges(code, two, MILL_COUNT(two)) ? 2 : 1;
}

/* Control characters, and those that turn the direction of text, would disturb the screen. */
static bool disturbs(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

size_t mill_text_width(struct mill_view text)
{
    size_t width = 0;
    for (size_t at = 0; at < text.len;)
        width += code_width(next_code_point(text, &at));
    return width;
}

size_t mill_text_fit(struct mill_buf *out, const struct mill_term *term, struct mill_view text,
                     size_t width)
{
    bool cut = mill_text_width(text) > width;
    const char *ellipsis = term->utf8 ? "\xe2\x80\xa6" : "~";
    size_t room = cut && width > 0 ? width - 1 : width, used = 0;
    for (size_t at = 0; at < text.len;) {
        size_t start = at;
        uint32_t code = next_code_point(text, &at);
        if (used + code_width(code) > room)
            break;
        used += code_width(code);
        if (disturbs(code))
            mill_buf_add_char(out, ' ');
        else if (code == 0xfffd || (code >= 0x80 && !term->utf8))
            mill_buf_add_char(out, '?');
        else
            mill_buf_add(out, text.ptr + start, at - start);
    }
    if (cut && width > 0) {
        mill_buf_add_view(out, mill_view_of(ellipsis));
        used++;
    }
    return used;
}

void mill_text_bytes(struct mill_buf *out, int64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double size = (double)bytes;
    size_t unit = 0;
    while (size >= 1024 && unit + 1 < MILL_COUNT(units)) {
        size /= 1024;
        unit++;
    }
    mill_buf_printf(out, unit == 0 || size >= 100 ? "%.0f %s" : "%.1f %s", size, units[unit]);
}
