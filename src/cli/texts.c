/* texts.c - texts of times, numbers, ids and tags, in tables and lines. */
#include <math.h>
#include <time.h>

#include "base/clock.h"
#include "base/view.h"
#include "cli/cli.h"

#define SHORT_ID 8

struct mill_view mill_cli_time(struct mill_cli *cli, int64_t ms)
{
    char text[32];
    struct tm parts;
    time_t seconds = (time_t)(ms / 1000);
    if (ms == MILL_ABSENT || ms <= 0 || localtime_r(&seconds, &parts) == NULL ||
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts) == 0)
        return MILL_VIEW("-");
    return mill_arena_copy(&cli->arena, mill_view_of(text));
}

struct mill_view mill_cli_age(struct mill_cli *cli, int64_t ms)
{
    static const struct {
        int64_t up_to, unit;
        char letter;
    } steps[] = {{120, 1, 's'}, {7200, 60, 'm'}, {172800, 3600, 'h'}, {8640000, 86400, 'd'}};
    int64_t seconds = (mill_now_ms() - ms) / 1000;
    bool whole = cli->term.width == SIZE_MAX || ms == MILL_ABSENT || ms <= 0 || seconds < 0;
    for (size_t i = 0; i < MILL_COUNT(steps) && !whole; i++)
        if (seconds < steps[i].up_to)
            return mill_arena_printf(&cli->arena, "%lld%c ago",
                                     (long long)(seconds / steps[i].unit), steps[i].letter);
    struct mill_view time = mill_cli_time(cli, ms);
    return whole || time.len < 10 ? time : (struct mill_view){time.ptr, 10};
}

struct mill_view mill_cli_duration(struct mill_cli *cli, int64_t ms)
{
    long long s = (long long)(ms / 1000);
    if (ms == MILL_ABSENT || ms < 0)
        return MILL_VIEW("-");
    if (s == 0)
        return mill_arena_printf(&cli->arena, "%lldms", (long long)ms);
    if (s < 60)
        return mill_arena_printf(&cli->arena, "%.1fs", (double)ms / 1000);
    if (s < 3600)
        return mill_arena_printf(&cli->arena, "%lldm %llds", s / 60, s % 60);
    if (s < 86400)
        return mill_arena_printf(&cli->arena, "%lldh %lldm", s / 3600, s / 60 % 60);
    return mill_arena_printf(&cli->arena, "%lldd %lldh", s / 86400, s / 3600 % 24);
}

struct mill_view mill_cli_number(struct mill_cli *cli, double value)
{
    return mill_arena_printf(&cli->arena, "%.6g", isnan(value) ? (double)NAN : value);
}

struct mill_view mill_cli_int(struct mill_cli *cli, int64_t value)
{
    return value != MILL_ABSENT ? mill_arena_printf(&cli->arena, "%lld", (long long)value)
                                : MILL_VIEW("-");
}

struct mill_view mill_cli_keep(struct mill_cli *cli, struct mill_buf *text)
{
    struct mill_view copy = mill_arena_copy(&cli->arena, mill_buf_view(text));
    mill_buf_release(text);
    return copy;
}

struct mill_view mill_cli_bytes(struct mill_cli *cli, int64_t bytes)
{
    struct mill_buf text = {0};
    if (bytes == MILL_ABSENT)
        return MILL_VIEW("-");
    mill_text_bytes(&text, bytes);
    return mill_cli_keep(cli, &text);
}

struct mill_view mill_cli_short_id(const struct mill_cli *cli, struct mill_view run_id)
{
    bool whole = cli->term.width == SIZE_MAX || run_id.len != MILL_RUN_ID_LENGTH;
    return whole ? run_id : (struct mill_view){run_id.ptr, SHORT_ID};
}

void mill_cli_line(struct mill_cli *cli, const char *title, struct mill_view value)
{
    mill_buf_printf(&cli->out, "%-18s", title);
    mill_text_fit(&cli->out, &cli->term, value, SIZE_MAX);
    mill_buf_add_char(&cli->out, '\n');
}

void mill_cli_tag_lines(struct mill_cli *cli, const struct mill_tag *tags, size_t count)
{
    for (size_t i = 0; i < count; i++)
        mill_cli_line(cli, i == 0 ? "Tags" : "",
                      mill_arena_printf(&cli->arena, "%.*s = %.*s", MILL_FMT(tags[i].key),
                                        MILL_FMT(tags[i].value)));
}
