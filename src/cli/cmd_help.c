/* cmd_help.c - `help`, `version` and `completion`. */
#include "base/view.h"
#include "cli/cli.h"
#include "cli/help.h"

static enum mill_status help(struct mill_cli *cli, struct mill_error *err)
{
    const char *const *words;
    size_t count = mill_arg_list(&cli->args, "command", &words);
    if (mill_arg_flag(&cli->args, "man")) {
        mill_help_man(&cli->out);
        return MILL_OK;
    }
    if (count == 0) {
        mill_help_all(&cli->term, &cli->out);
        return MILL_OK;
    }
    if (count == 1 && mill_command_is_group(words[0])) {
        mill_help_group(words[0], &cli->term, &cli->out);
        return MILL_OK;
    }
    const struct mill_command *command =
        count > 1 ? mill_command_find(words[0], words[1]) : mill_command_find(NULL, words[0]);
    if (command == NULL || count > 2)
        return mill_fail(err, MILL_E_INVALID,
                         "there is no command '%s%s%s'; 'millstream help' lists them", words[0],
                         count > 1 ? " " : "", count > 1 ? words[1] : "");
    mill_help_command(command, &cli->term, &cli->out);
    return MILL_OK;
}

static const struct mill_opt help_opts[] = {
    {.name = "command",
     .type = MILL_OPT_LIST,
     .flags = MILL_OPT_BARE,
     .value = "COMMAND",
     .help = "The command to explain, e.g. 'runs search'"},
    {.name = "man",
     .type = MILL_OPT_FLAG,
     .help = "Print the manual page of everything: millstream help --man | man -l -"},
};

const struct mill_command mill_cmd_help = {
    .name = "help",
    .summary = "Explain a command, or print the manual page",
    MILL_OPTS(help_opts),
    .run = help,
};

static enum mill_status version(struct mill_cli *cli, struct mill_error *err)
{
    (void)err;
    mill_buf_printf(&cli->out, "millstream %s\n", MILL_VERSION);
    return MILL_OK;
}

const struct mill_command mill_cmd_version = {
    .name = "version",
    .summary = "Print the version",
    .run = version,
};

static enum mill_status completion(struct mill_cli *cli, struct mill_error *err)
{
    (void)err;
    struct mill_view shell = mill_cli_text(cli, "shell");
    if (mill_view_eq_nocase(shell, MILL_VIEW("fish")))
        mill_completion_fish(&cli->out);
    else
        mill_completion_bash(&cli->out, mill_view_eq_nocase(shell, MILL_VIEW("zsh")));
    return MILL_OK;
}

static const struct mill_opt completion_opts[] = {
    {.name = "shell",
     .type = MILL_OPT_CHOICE,
     .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE,
     .value = "SHELL",
     .choices = "bash|zsh|fish",
     .help = "bash, zsh or fish"},
};

const struct mill_command mill_cmd_completion = {
    .name = "completion",
    .summary = "Print what makes a shell complete commands and options",
    .details = "bash: eval \"$(millstream completion bash)\" in ~/.bashrc. zsh: the same with "
               "zsh in ~/.zshrc, behind compinit. fish: millstream completion fish > "
               "~/.config/fish/completions/millstream.fish.",
    MILL_OPTS(completion_opts),
    .run = completion,
};
