/* cmd_sync.c - `sync`: delivers what loggers have written to disk. It may be ended at any
 * moment and goes on there the next time. */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/view.h"
#include "cli/cli.h"

#define REPEAT_NS 100000000

/* A line on standard error that is written over again, when that is a terminal. */
struct sync_line {
    bool terminal, shown;
    int64_t shown_ns;
    int64_t points, changes, bytes;  /* of the directory under way */
    int64_t all_points, all_changes; /* of those before it */
};

static bool on_progress(void *context, int64_t points, int64_t changes, int64_t bytes)
{
    struct sync_line *line = context;
    struct mill_buf text = {0};
    int64_t now = mill_monotonic_ns();
    int64_t all_points = line->all_points + points;
    int64_t all_changes = line->all_changes + changes;
    line->points = points;
    line->changes = changes;
    line->bytes = bytes;
    if (!line->terminal || now - line->shown_ns < REPEAT_NS)
        return true;
    mill_buf_printf(&text, "\r\x1b[K%lld points, %lld changes delivered", (long long)all_points,
                    (long long)all_changes);
    fwrite(text.ptr, 1, text.len, stderr);
    fflush(stderr);
    mill_buf_release(&text);
    line->shown = true;
    line->shown_ns = now;
    return true;
}

static void on_warning(void *context, const char *message)
{
    struct sync_line *line = context;
    fprintf(stderr, "%swarning: %s\n", line->shown ? "\r\x1b[K" : "", message);
    line->shown = false;
}

/* One directory; its figures are added to those of all. */
static enum mill_status sync_directory(struct sync_line *line, struct mill_view directory,
                                       const struct mill_sync_options *options,
                                       struct mill_error *err)
{
    line->points = line->changes = 0;
    enum mill_status st = mill_spool_sync(directory, options, err);
    line->all_points += line->points;
    line->all_changes += line->changes;
    return st;
}

static enum mill_status sync_spools(struct mill_cli *cli, struct mill_error *err)
{
    const char *const *directories;
    size_t count = mill_arg_list(&cli->args, "dir", &directories);
    struct sync_line line = {.terminal = isatty(STDERR_FILENO) == 1};
    struct mill_sync_options options = {
        .size = sizeof(options),
        .tracking_uri = mill_cli_text(cli, "tracking-uri"),
        .timeout_ms = mill_arg_int(&cli->args, "timeout") * 1000,
        .keep = mill_arg_flag(&cli->args, "keep"),
        .progress = on_progress,
        .warning = on_warning,
        .context = &line,
    };
    enum mill_status st = MILL_OK;
    if (count == 0)
        st = sync_directory(&line, (struct mill_view){NULL, 0}, &options, err);
    for (size_t i = 0; st == MILL_OK && i < count; i++)
        st = sync_directory(&line, mill_view_of(directories[i]), &options, err);
    if (line.shown)
        fputs("\r\x1b[K", stderr);
    mill_buf_printf(&cli->out, "Delivered %lld points and %lld changes\n",
                    (long long)line.all_points, (long long)line.all_changes);
    if (st != MILL_OK) /* what was done counts, and the error comes behind it */
        mill_cli_flush(cli, NULL);
    return st;
}

static const struct mill_opt sync_opts[] = {
    {.name = "dir",
     .letter = 'd',
     .type = MILL_OPT_LIST,
     .flags = MILL_OPT_BARE,
     .value = "DIR",
     .help = "Spools, or directories of single runs; else where loggers spool to"},
    {.name = "tracking-uri",
     .letter = 'T',
     .type = MILL_OPT_TEXT,
     .value = "URI",
     .help = "Where to deliver; else where each logger was told to"},
    {.name = "timeout",
     .type = MILL_OPT_INT,
     .value = "SECONDS",
     .fallback = "60",
     .least = 1,
     .most = 86400,
     .help = "Give up a server that cannot be reached for so long"},
    {.name = "keep", .type = MILL_OPT_FLAG, .help = "Do not delete what is delivered"},
};

const struct mill_command mill_cmd_sync = {
    .name = "sync",
    .summary = "Deliver what loggers have written to disk",
    MILL_OPTS(sync_opts),
    .run = sync_spools,
};
