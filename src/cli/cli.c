/* cli.c - finds the command, parses its arguments, runs it, reports how it ended. */
#include "cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <millstream/log.h>

#include "base/os.h"
#include "cli/help.h"
#include "cli/suggest.h"

/* Prints an error, and gives its exit code. */
static int report(enum mill_status status, const struct mill_error *error)
{
    struct mill_term term = mill_term_of(STDERR_FILENO);
    struct mill_buf text = {0};
    mill_style_begin(&text, &term, MILL_STYLE_ERROR);
    mill_buf_add_view(&text, MILL_VIEW("error"));
    mill_style_end(&text, &term, MILL_STYLE_ERROR);
    size_t start = text.len;
    mill_buf_printf(&text, ": %s\n", error->message);
    for (size_t i = start; i < text.len; i++) /* a message may come from a server */
        if ((unsigned char)text.ptr[i] < 0x20 && text.ptr[i] != '\n')
            text.ptr[i] = ' ';
    if (fwrite(text.ptr, 1, text.len, stderr) < text.len)
        clearerr(stderr); /* nobody is left to tell */
    mill_buf_release(&text);
    return mill_status_get_info(status)->exit_code;
}

/* A warning of the library; several threads may have one. */
static void print_warning(void *context, const char *message)
{
    struct mill_term term = mill_term_of(STDERR_FILENO);
    struct mill_buf text = {0};
    (void)context;
    mill_style_begin(&text, &term, MILL_STYLE_ERROR);
    mill_buf_add_view(&text, MILL_VIEW("warning"));
    mill_style_end(&text, &term, MILL_STYLE_ERROR);
    mill_buf_printf(&text, ": %s\n", message);
    if (fwrite(text.ptr, 1, text.len, stderr) < text.len)
        clearerr(stderr); /* nobody is left to tell */
    mill_buf_release(&text);
}

enum mill_status mill_cli_flush(struct mill_cli *cli, struct mill_error *err)
{
    const char *at = cli->out.ptr;
    size_t left = cli->out.len;
    if (cli->out.failed)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    while (left > 0) {
        ssize_t done = write(STDOUT_FILENO, at, left);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0 && errno == EPIPE)
            break; /* the reader has seen enough, as `head` does */
        if (done < 0)
            return mill_fail(err, mill_errno_status(errno),
                             "cannot write to standard output: %s", strerror(errno));
        at += done;
        left -= (size_t)done;
    }
    cli->out.len = 0;
    return MILL_OK;
}

/* Does what the row of the command says. */
static enum mill_status carry_out(struct mill_cli *cli, struct mill_error *err)
{
    const struct mill_command *command = cli->command;
    enum mill_status st = MILL_OK;
    if (command->access != MILL_NO_ACCESS)
        st = mill_cli_open(cli, command->access, err);
    if (st == MILL_OK)
        st = command->run(cli, err);
    if (st == MILL_OK && command->quiet)
        mill_cli_done_quietly(cli);
    return st;
}

/* Parses the arguments behind the command's name and runs it. */
static int run_command(const struct mill_command *command, int argc, char **argv)
{
    char title[64];
    struct mill_error error = {""};
    struct mill_cli cli = {.command = command, .term = mill_term_of(STDOUT_FILENO)};
    mill_on_warning(print_warning, NULL);
    mill_command_title(command, title);
    enum mill_status st = mill_opt_parse(title, command->opts, command->opt_count, argc, argv,
                                         &cli.arena, &cli.args, &error);
    if (st == MILL_OK && cli.args.help)
        mill_help_command(command, &cli.term, &cli.out);
    else if (st == MILL_OK)
        st = carry_out(&cli, &error);
    if (st == MILL_OK)
        st = mill_cli_flush(&cli, &error);
    int code = st == MILL_OK ? 0 : report(st, &error);
    mill_client_close(cli.client);
    mill_buf_release(&cli.out);
    mill_arena_release(&cli.arena);
    return code;
}

/* Help of everything or of a group, to standard output. */
static int print_help(const char *group)
{
    struct mill_error error;
    struct mill_cli cli = {.term = mill_term_of(STDOUT_FILENO)};
    if (group != NULL)
        mill_help_group(group, &cli.term, &cli.out);
    else
        mill_help_all(&cli.term, &cli.out);
    enum mill_status st = mill_cli_flush(&cli, &error);
    mill_buf_release(&cli.out);
    return st == MILL_OK ? 0 : report(st, &error);
}

/* No such command: says which one may have been meant. */
static int unknown_command(const char *group, const char *typed)
{
    struct mill_error error;
    const char *nearest = NULL;
    size_t count, best = SIZE_MAX;
    const struct mill_command *const *commands = mill_commands(&count);
    for (size_t i = 0; i < count; i++) {
        const struct mill_command *c = commands[i];
        bool here = group == NULL || (c->group != NULL && strcmp(c->group, group) == 0);
        if (here)
            mill_suggest(group == NULL && c->group != NULL ? c->group : c->name,
                         mill_view_of(typed), &nearest, &best);
    }
    const char *space = group != NULL ? " " : "", *in = group != NULL ? group : "";
    const char *hint = nearest != NULL ? nearest : "--help";
    mill_fail(&error, MILL_E_INVALID,
              "there is no command 'millstream %s%s%s'; %s 'millstream %s%s%s'%s", in, space,
              typed, nearest != NULL ? "did you mean" : "for a list:", in, space, hint,
              nearest != NULL ? "?" : "");
    return report(MILL_E_INVALID, &error);
}

static bool asks_for_help(const char *text)
{
    return strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0;
}

int mill_cli_main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a server or a reader that goes away must not kill us */
    if (argc < 2 || asks_for_help(argv[1]))
        return print_help(NULL);
    if (strcmp(argv[1], "--version") == 0)
        return run_command(&mill_cmd_version, 0, NULL);
    const char *group = mill_command_is_group(argv[1]) ? argv[1] : NULL;
    int used = group != NULL ? 2 : 1;
    if (group != NULL && (argc < 3 || asks_for_help(argv[2]) || strcmp(argv[2], "help") == 0))
        return print_help(group);
    const struct mill_command *command = mill_command_find(group, argv[used]);
    if (command == NULL)
        return unknown_command(group, argv[used]);
    if (command->run_raw == NULL)
        return run_command(command, argc - used - 1, argv + used + 1);
    char title[96] = "millstream ";
    mill_command_title(command, title + strlen(title));
    argv[used] = title;
    return command->run_raw(argc - used, argv + used);
}
