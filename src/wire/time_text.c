/* time_text.c - see time_text.h. */
#include "wire/time_text.h"

#include <time.h>

/* What is left to read. */
struct cursor {
    const char *at, *end;
};

static bool take_char(struct cursor *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

/* Exactly so many digits as a number in a range. */
static bool take_digits(struct cursor *c, int digits, int min, int max, int *out)
{
    int value = 0;
    for (int i = 0; i < digits; i++, c->at++) {
        if (c->at == c->end || *c->at < '0' || *c->at > '9')
            return false;
        value = value * 10 + (*c->at - '0');
    }
    *out = value;
    return value >= min && value <= max;
}

/* ".678" as milliseconds, cut; 0 when there is no point. At most nine digits. */
static bool take_fraction(struct cursor *c, int *ms_out)
{
    int unit = 100, digits = 0;
    *ms_out = 0;
    if (!take_char(c, '.'))
        return true;
    for (; c->at != c->end && *c->at >= '0' && *c->at <= '9'; c->at++, digits++) {
        *ms_out += (*c->at - '0') * unit;
        unit /= 10;
    }
    return digits >= 1 && digits <= 9;
}

/* Z, or an offset, in minutes. */
static bool take_zone(struct cursor *c, int *minutes_out)
{
    int hours, minutes;
    if (take_char(c, 'Z')) {
        *minutes_out = 0;
        return true;
    }
    bool west = take_char(c, '-');
    if ((!west && !take_char(c, '+')) || !take_digits(c, 2, 0, 23, &hours) ||
        !take_char(c, ':') || !take_digits(c, 2, 0, 59, &minutes))
        return false;
    *minutes_out = (west ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

bool mill_time_read(struct mill_view text, int64_t *ms_out)
{
    struct cursor c = {text.ptr, text.ptr != NULL ? text.ptr + text.len : NULL};
    struct tm tm = {0};
    int ms, zone;
    if (!take_digits(&c, 4, 1, 9999, &tm.tm_year) || !take_char(&c, '-') ||
        !take_digits(&c, 2, 1, 12, &tm.tm_mon) || !take_char(&c, '-') ||
        !take_digits(&c, 2, 1, 31, &tm.tm_mday) || !take_char(&c, 'T') ||
        !take_digits(&c, 2, 0, 23, &tm.tm_hour) || !take_char(&c, ':') ||
        !take_digits(&c, 2, 0, 59, &tm.tm_min) || !take_char(&c, ':') ||
        !take_digits(&c, 2, 0, 60, &tm.tm_sec) || !take_fraction(&c, &ms) ||
        !take_zone(&c, &zone) || c.at != c.end)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    *ms_out = ((int64_t)timegm(&tm) - (int64_t)zone * 60) * 1000 + ms;
    return true;
}

bool mill_duration_read(struct mill_view text, int64_t *ms_out)
{
    struct cursor c = {text.ptr, text.ptr != NULL ? text.ptr + text.len : NULL};
    int64_t seconds = 0;
    int digits = 0, ms;
    bool negative = take_char(&c, '-');
    for (; c.at != c.end && *c.at >= '0' && *c.at <= '9' && digits < 12; c.at++, digits++)
        seconds = seconds * 10 + (*c.at - '0');
    if (digits == 0 || !take_fraction(&c, &ms) || !take_char(&c, 's') || c.at != c.end)
        return false;
    *ms_out = (seconds * 1000 + ms) * (negative ? -1 : 1);
    return true;
}

struct mill_view mill_time_write(int64_t ms, struct mill_arena *arena)
{
    int64_t seconds = ms / 1000 - (ms % 1000 < 0);
    int rest = (int)(ms - seconds * 1000);
    time_t whole = (time_t)seconds;
    struct tm tm;
    if (gmtime_r(&whole, &tm) == NULL)
        return (struct mill_view){NULL, 0};
    struct mill_view date =
        mill_arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900,
                          tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    if (date.ptr == NULL)
        return date;
    if (rest == 0)
        return mill_arena_printf(arena, "%.*sZ", (int)date.len, date.ptr);
    return mill_arena_printf(arena, "%.*s.%03dZ", (int)date.len, date.ptr, rest);
}

struct mill_view mill_duration_write(int64_t ms, struct mill_arena *arena)
{
    uint64_t size = ms < 0 ? -(uint64_t)ms : (uint64_t)ms;
    const char *sign = ms < 0 ? "-" : "";
    if (size % 1000 == 0)
        return mill_arena_printf(arena, "%s%llus", sign, (unsigned long long)(size / 1000));
    return mill_arena_printf(arena, "%s%llu.%03us", sign, (unsigned long long)(size / 1000),
                             (unsigned)(size % 1000));
}
