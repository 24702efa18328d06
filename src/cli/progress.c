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
#define BAR       20 /* columns */

/* Ctrl-C ends the transfer where it can clean up; a second one ends the program. */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

static void add_bar(struct mill_buf *out, const struct mill_term *term, double share)
{
    int full = (int)(share * BAR);
    for (int i = 0; i < BAR; i++) {
        if (term->utf8)
            mill_buf_add_view(out, mill_view_of(i < full ? "\xe2\x96\x88" : "\xe2\x96\x91"));
        else
            mill_buf_add_char(out, i < full ? '#' : '.');
    }
    mill_buf_printf(out, " %3d%%  ", (int)(share * 100));
}

/* "3m 20s left". */
static void add_time_left(struct mill_buf *out, double seconds)
{
    int64_t s = (int64_t)(seconds + 0.5);
    if (s >= 3600)
        mill_buf_printf(out, "  %lldh %lldm left", (long long)(s / 3600),
                        (long long)(s / 60 % 60));
    else if (s >= 60)
        mill_buf_printf(out, "  %lldm %llds left", (long long)(s / 60), (long long)(s % 60));
    else
        mill_buf_printf(out, "  %llds left", (long long)s);
}

void mill_transfer_text(struct mill_buf *out, const struct mill_term *term,
                        const struct mill_progress *now, int64_t elapsed_ns)
{
    struct mill_buf text = {0};
    double rate = elapsed_ns > 0 ? (double)now->bytes * 1e9 / (double)elapsed_ns : 0;
    bool known = now->bytes_total != MILL_ABSENT && now->bytes_total > 0 &&
                 now->bytes <= now->bytes_total; /* a file may grow meanwhile */
    if (known)
        add_bar(&text, term, (double)now->bytes / (double)now->bytes_total);
    mill_text_bytes(&text, now->bytes);
    if (known) {
        mill_buf_add_view(&text, MILL_VIEW(" of "));
        mill_text_bytes(&text, now->bytes_total);
    }
    mill_buf_printf(&text, "  %zu", now->files);
    if (now->files_total > 0)
        mill_buf_printf(&text, " of %zu", now->files_total);
    mill_buf_add_view(&text, MILL_VIEW(" files"));
    if (rate >= 1) {
        mill_buf_add_view(&text, MILL_VIEW("  "));
        mill_text_bytes(&text, (int64_t)rate);
        mill_buf_add_view(&text, MILL_VIEW("/s"));
        if (known)
            add_time_left(&text, (double)(now->bytes_total - now->bytes) / rate);
    }
    mill_buf_add_view(&text, MILL_VIEW("  "));
    mill_buf_add_view(&text, now->path);
    mill_text_fit(out, term, mill_buf_view(&text), term->width);
    mill_buf_release(&text);
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
    mill_buf_add_view(&text, MILL_VIEW("\r\x1b[K"));
    mill_transfer_text(&text, &line->term, now, ns - line->began_ns);
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
    int64_t now_ns = mill_monotonic_ns();
    *line = (struct mill_transfer_line){
        .term = mill_term_of(STDERR_FILENO), .began_ns = now_ns, .shown_ns = now_ns};
    if (!isatty(STDERR_FILENO))
        line->term.width = SIZE_MAX;
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    *options = (struct mill_transfer_options){.size = sizeof(*options),
                                              .progress = on_progress,
                                              .context = line,
                                              .parallel =
                                                  (size_t)mill_arg_int(&cli->args, "parallel")};
}

void mill_transfer_line_end(const struct mill_transfer_line *line)
{
    if (line->shown)
        fputs("\r\x1b[K", stderr);
    signal(SIGINT, SIG_DFL);
}
