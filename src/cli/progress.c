/* progress.c - tells on a terminal how far a transfer has come. */
#include "cli/progress.h"

#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/view.h"

#define FIRST_NS  700000000
#define REPEAT_NS 100000000

static bool on_progress(void *context, const struct mill_progress *now)
{
    struct mill_transfer_line *p = context;
    int64_t ns = mill_monotonic_ns();
    p->files = now->files;
    p->bytes = now->bytes;
    if (p->term.width == SIZE_MAX || ns - p->shown_ns < (p->shown ? REPEAT_NS : FIRST_NS))
        return true;
    struct mill_buf line = {0};
    struct mill_view size = mill_cli_bytes(p->cli, now->bytes);
    mill_buf_printf(&line, "\r\x1b[K%zu files, %.*s  ", now->files, MILL_FMT(size));
    size_t used = line.len;
    mill_text_fit(&line, &p->term, now->path, p->term.width > used ? p->term.width - used : 0);
    fwrite(line.ptr, 1, line.len, stderr);
    fflush(stderr);
    mill_buf_release(&line);
    p->shown = true;
    p->shown_ns = ns;
    return true;
}

void mill_transfer_line_start(struct mill_cli *cli, struct mill_transfer_line *p,
                              struct mill_transfer_options *options)
{
    *p = (struct mill_transfer_line){
        .cli = cli, .term = mill_term_of(STDERR_FILENO), .shown_ns = mill_monotonic_ns()};
    if (!isatty(STDERR_FILENO))
        p->term.width = SIZE_MAX;
    *options = (struct mill_transfer_options){
        .size = sizeof(*options), .progress = on_progress, .context = p};
}

void mill_transfer_line_end(const struct mill_transfer_line *p)
{
    if (p->shown)
        fputs("\r\x1b[K", stderr);
}
