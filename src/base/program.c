/* program.c - see program.h. */
#include "base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/os.h"
#include "base/wanted.h"

#define MAX_COMPLAINT 4096
/* How often the caller is asked whether it still wants this. */
#define ASK_MS 200
/* How often a program is looked for that has closed its output and goes on. */
#define LINGER_NS 5000000

/* Its standard output and standard error, as this process reads them. */
enum { OUTPUT, COMPLAINTS, STREAMS };

struct running {
    const struct mill_program *program;
    pid_t pid;
    struct pollfd streams[STREAMS]; /* fd -1: closed */
    struct mill_buf *texts[STREAMS];
    int64_t deadline_ns;
};

/* --- starting --------------------------------------------------------------------------- */

/* Handlers of this process mean nothing to the other, nor do its blocked signals. */
static int set_signals(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int number = posix_spawnattr_setsigmask(attributes, &none);
    if (number == 0)
        number = posix_spawnattr_setsigdefault(attributes, &all);
    if (number == 0)
        number = posix_spawnattr_setflags(attributes,
                                          POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return number;
}

static int set_files(posix_spawn_file_actions_t *actions, int output, int complaints)
{
    int number = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
    if (number == 0)
        number = posix_spawn_file_actions_adddup2(actions, complaints, STDERR_FILENO);
    if (number == 0)
        number =
            posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    return number;
}

static int spawn(struct running *r, int output, int complaints)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int number = posix_spawn_file_actions_init(&actions);
    if (number != 0)
        return number;
    number = posix_spawnattr_init(&attributes);
    if (number == 0) {
        number = set_files(&actions, output, complaints);
        if (number == 0)
            number = set_signals(&attributes);
        if (number == 0)
            number = posix_spawnp(&r->pid, r->program->argv[0], &actions, &attributes,
                                  r->program->argv, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return number;
}

static void close_stream(struct running *r, int which)
{
    if (r->streams[which].fd >= 0)
        close(r->streams[which].fd);
    r->streams[which].fd = -1;
}

/* 0 or an errno. */
static int start(struct running *r)
{
    int output[2], complaints[2], number;
    if (pipe2(output, O_CLOEXEC) != 0)
        return errno;
    r->streams[OUTPUT].fd = output[0];
    if (pipe2(complaints, O_CLOEXEC) != 0) {
        number = errno;
        close(output[1]);
        return number;
    }
    r->streams[COMPLAINTS].fd = complaints[0];
    number = spawn(r, output[1], complaints[1]);
    close(output[1]);
    close(complaints[1]);
    return number;
}

/* --- listening -------------------------------------------------------------------------- */

/* Milliseconds that one wait may take; 0 when the time is over. */
static int patience(const struct running *r)
{
    int64_t left_ms = (r->deadline_ns - mill_monotonic_ns()) / 1000000;
    return left_ms <= 0 ? 0 : left_ms < ASK_MS ? (int)left_ms : ASK_MS;
}

static enum mill_status may_go_on(const struct running *r, struct mill_error *err)
{
    if (!mill_still_wanted())
        return mill_fail(err, MILL_E_CANCELLED, "cancelled");
    if (patience(r) == 0)
        return mill_fail(err, MILL_E_TIMEOUT, "it did not end within %d s",
                         r->program->timeout_s);
    return MILL_OK;
}

static enum mill_status take(struct running *r, int which, struct mill_error *err)
{
    struct mill_buf *text = r->texts[which];
    char piece[4096];
    ssize_t got = read(r->streams[which].fd, piece, sizeof(piece));
    if (got < 0)
        return errno == EINTR ? MILL_OK
                              : mill_fail(err, MILL_E_IO, "its output cannot be read: %s",
                                          strerror(errno));
    if (got == 0)
        close_stream(r, which);
    size_t room = (which == OUTPUT ? r->program->max_bytes : MAX_COMPLAINT) - text->len;
    bool fits = (size_t)got <= room;
    if (!fits && which == OUTPUT)
        return mill_fail(err, MILL_E_TOO_LARGE, "it writes more than %zu bytes",
                         r->program->max_bytes);
    mill_buf_add(text, piece, fits ? (size_t)got : room);
    return text->failed ? mill_no_memory(err) : MILL_OK;
}

/* Until the program has closed both. */
static enum mill_status listen_to(struct running *r, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    while (st == MILL_OK && (r->streams[OUTPUT].fd >= 0 || r->streams[COMPLAINTS].fd >= 0)) {
        st = may_go_on(r, err);
        if (st != MILL_OK || poll(r->streams, STREAMS, patience(r)) <= 0)
            continue;
        for (int i = 0; st == MILL_OK && i < STREAMS; i++)
            if (r->streams[i].fd >= 0 && r->streams[i].revents != 0)
                st = take(r, i, err);
    }
    return st;
}

/* --- ending ----------------------------------------------------------------------------- */

static int exit_of(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static enum mill_status wait_for(struct running *r, int *exit_out, struct mill_error *err)
{
    static const struct timespec pause = {0, LINGER_NS};
    enum mill_status st = MILL_OK;
    int status = 0;
    pid_t ended = 0;
    while (st == MILL_OK && (ended = waitpid(r->pid, &status, WNOHANG)) == 0) {
        st = may_go_on(r, err);
        if (st == MILL_OK)
            nanosleep(&pause, NULL);
    }
    if (st != MILL_OK)
        return st;
    *exit_out = ended == r->pid ? exit_of(status) : 0;
    r->pid = -1;
    return MILL_OK;
}

static void end(struct running *r)
{
    close_stream(r, OUTPUT);
    close_stream(r, COMPLAINTS);
    if (r->pid < 0)
        return;
    kill(r->pid, SIGKILL);
    while (waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

enum mill_status mill_program_run(const struct mill_program *program, struct mill_buf *output,
                                  struct mill_buf *complaints, int *exit_out,
                                  struct mill_error *err)
{
    struct running r = {
        .program = program,
        .pid = -1,
        .streams = {{.fd = -1, .events = POLLIN}, {.fd = -1, .events = POLLIN}},
        .texts = {output, complaints},
        .deadline_ns = mill_monotonic_ns() + program->timeout_s * INT64_C(1000000000),
    };
    enum mill_status st = MILL_OK;
    int number = start(&r);
    if (number != 0)
        st =
            mill_fail(err, mill_errno_status(number), "it cannot be run: %s", strerror(number));
    if (st == MILL_OK)
        st = listen_to(&r, err);
    if (st == MILL_OK)
        st = wait_for(&r, exit_out, err);
    end(&r);
    return st;
}
