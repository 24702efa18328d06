/* progress.c - tells on a terminal how far a transfer has come. */
#include "cli/progress.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/view.h"

#define FIRST_NS  700000000
#define REPEAT_NS 100000000

/* Ctrl-C ends the transfer where it can clean up; a second one ends the program. */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

static bool on_progress(void *context, const struct mill_progress *now)
{
    struct mill_transfer_line *line = context;
    int64_t ns = mill_monotonic_ns();
    line->files = now->files;
    line->bytes = now->bytes;
    if (interrupted)
        return false;
    if (line->term.width == SIZE_MAX ||
        ns - line->shown_ns < (line->shown ? REPEAT_NS : FIRST_NS))
        return true;
    struct mill_buf text = {0};
    struct mill_view size = mill_cli_bytes(line->cli, now->bytes);
    mill_buf_printf(&text, "\r\x1b[K%zu files, %.*s  ", now->files, MILL_FMT(size));
    size_t used = text.len;
    mill_text_fit(&text, &line->term, now->path,
                  line->term.width > used ? line->term.width - used : 0);
    fwrite(text.ptr, 1, text.len, stderr);
    fflush(stderr);
    mill_buf_release(&text);
    line->shown = true;
    line->shown_ns = ns;
    return true;
}

void mill_transfer_line_start(struct mill_cli *cli, struct mill_transfer_line *line,
                              struct mill_transfer_options *options)
{
    *line = (struct mill_transfer_line){
        .cli = cli, .term = mill_term_of(STDERR_FILENO), .shown_ns = mill_monotonic_ns()};
    if (!isatty(STDERR_FILENO))
        line->term.width = SIZE_MAX;
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    *options = (struct mill_transfer_options){
        .size = sizeof(*options), .progress = on_progress, .context = line};
}

void mill_transfer_line_end(const struct mill_transfer_line *line)
{
    if (line->shown)
        fputs("\r\x1b[K", stderr);
    signal(SIGINT, SIG_DFL);
}
