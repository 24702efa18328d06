/* man.c - the manual page, in roff, from the same tables as the help. */
#include <millstream/client.h>

#include "base/view.h"
#include "cli/help.h"

/* Text in which nothing means anything to roff. */
static void add_text(struct mill_buf *out, struct mill_view text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\\')
            mill_buf_add_view(out, MILL_VIEW("\\e"));
        else if (c == '-')
            mill_buf_add_view(out, MILL_VIEW("\\-"));
        else if (c == '\'' && (i == 0 || text.ptr[i - 1] == '\n'))
            mill_buf_add_view(out, MILL_VIEW("\\(aq"));
        else if (c == '.' && (i == 0 || text.ptr[i - 1] == '\n'))
            mill_buf_add_view(out, MILL_VIEW("\\&."));
        else
            mill_buf_add_char(out, c);
    }
}

static void add_line(struct mill_buf *out, const char *text)
{
    add_text(out, mill_view_of(text));
    mill_buf_add_char(out, '\n');
}

static void add_option(struct mill_buf *out, const struct mill_opt_text *o)
{
    mill_buf_add_view(out, MILL_VIEW(".TP\n.B "));
    struct mill_view help = mill_view_of(o->help);
    if (o->letter != 0)
        mill_buf_printf(out, "\\-%c, ", o->letter);
    add_line(out, o->name);
    add_text(out, help);
    mill_buf_add_view(out, mill_view_of(mill_view_ends(help, MILL_VIEW(".")) ? "\n" : ".\n"));
    if (o->fallback != NULL && o->fallback[0] != '\0') {
        mill_buf_add_view(out, MILL_VIEW("Default: "));
        add_text(out, mill_view_of(o->fallback));
        mill_buf_add_view(out, MILL_VIEW(".\n"));
    }
    if (o->choices[0] != '\0') {
        mill_buf_add_view(out, MILL_VIEW("One of: "));
        add_text(out, mill_view_of(o->choices));
        mill_buf_add_view(out, MILL_VIEW(".\n"));
    }
    if (o->env != NULL) {
        mill_buf_add_view(out, MILL_VIEW("Environment: "));
        add_text(out, mill_view_of(o->env));
        mill_buf_add_view(out, MILL_VIEW(".\n"));
    }
}

static void add_command(struct mill_buf *out, const struct mill_command *command)
{
    char title[64];
    struct mill_opt_text text;
    mill_buf_add_view(out, MILL_VIEW(".SS millstream "));
    add_text(out, mill_view_of(mill_command_title(command, title)));
    for (size_t i = 0; i < command->opt_count; i++)
        if ((command->opts[i].flags & MILL_OPT_BARE) != 0)
            mill_buf_printf(out, " %s", command->opts[i].value);
    mill_buf_add_char(out, '\n');
    add_text(out, mill_view_of(command->summary));
    mill_buf_add_view(out, MILL_VIEW(".\n"));
    if (command->alias != NULL)
        mill_buf_printf(out, "The same: millstream %s %s.\n", command->group, command->alias);
    if (command->details != NULL)
        add_line(out, command->details);
    if (command == &mill_cmd_ui)
        return; /* the options are those of server */
    for (size_t i = 0; mill_opt_text(command, i, &text); i++)
        add_option(out, &text);
}

/* Exit codes, one line for each status that a command can end with. */
static void add_exit_codes(struct mill_buf *out)
{
    mill_buf_add_view(out, MILL_VIEW(".SH EXIT STATUS\n.TP\n.B 0\nAll is well.\n"));
    for (int code = 1; code < 126; code++) {
        bool any = false;
        for (enum mill_status st = MILL_E_INVALID; st < MILL_STATUS_COUNT; st++) {
            const struct mill_status_info *info = mill_status_get_info(st);
            if (info->exit_code != code)
                continue;
            if (!any)
                mill_buf_printf(out, ".TP\n.B %d\n", code);
            mill_buf_printf(out, "%s%s", any ? ", " : "", info->name + strlen("MILL_E_"));
            any = true;
        }
        if (any)
            mill_buf_add_char(out, '\n');
    }
}

void mill_help_man(struct mill_buf *out)
{
    size_t count;
    const struct mill_command *const *commands = mill_commands(&count);
    mill_buf_printf(out,
                    ".TH MILLSTREAM 1 \"\" \"millstream %s\" \"User Commands\"\n"
                    ".SH NAME\nmillstream \\- track machine learning experiments\n"
                    ".SH SYNOPSIS\n.B millstream\n.I COMMAND\n[options] [arguments]\n"
                    ".SH DESCRIPTION\n"
                    "A server for MLflow clients, and commands to look at what they logged.\n"
                    "Commands work on the server, database or directory that\n"
                    ".B \\-\\-tracking\\-uri\n"
                    "or MLFLOW_TRACKING_URI names, on %s without either.\n.SH COMMANDS\n",
                    MILL_VERSION, MILL_DEFAULT_TRACKING_URI);
    for (size_t i = 0; i < count; i++)
        add_command(out, commands[i]);
    add_exit_codes(out);
    mill_buf_add_view(
        out,
        MILL_VIEW(
            ".SH ENVIRONMENT\n.TP\n.B MLFLOW_TRACKING_URI\nServer, database or directory.\n"
            ".TP\n.B MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD, "
            "MLFLOW_TRACKING_TOKEN\nCredentials for a server.\n"
            ".TP\n.B MLFLOW_TRACKING_SERVER_CERT_PATH, "
            "MLFLOW_TRACKING_CLIENT_CERT_PATH, MLFLOW_TRACKING_INSECURE_TLS\n"
            "Certificates to trust, to show, and whether to trust any.\n"
            ".TP\n.B NO_COLOR\nSwitches colours off when it is not empty.\n"));
}
