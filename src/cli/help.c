/* help.c - help on the terminal. */
#include "cli/help.h"

#include <millstream/client.h>
#include <millstream/server.h>
#include <stdint.h>
#include <stdio.h>

#include "base/view.h"

#define INDENT 28 /* where explanations begin */

/* --- one look for all options ---------------------------------------------------------- */

static bool server_text(size_t n, struct mill_opt_text *out)
{
    const struct mill_server_option *o = mill_server_option_at(n);
    if (o == NULL)
        return false;
    *out = (struct mill_opt_text){.letter = o->short_name,
                                  .negative = o->negative,
                                  .help = o->help,
                                  .env = o->env,
                                  .fallback = o->default_text,
                                  .section = o->section,
                                  .takes_value = o->value != NULL};
    snprintf(out->plain, sizeof(out->plain), "%s", o->name);
    snprintf(out->name, sizeof(out->name), "%s%s%s%s%s", o->name, o->value != NULL ? " " : "",
             o->value != NULL ? o->value : "", o->negative != NULL ? " / " : "",
             o->negative != NULL ? o->negative : "");
    for (size_t i = 0, used = 0; o->choices != NULL && o->choices[i] != NULL; i++) {
        int added = snprintf(out->choices + used, sizeof(out->choices) - used, "%s%s",
                             i > 0 ? " " : "", o->choices[i]);
        used += added > 0 ? (size_t)added : 0;
        if (used >= sizeof(out->choices))
            break;
    }
    return true;
}

bool mill_opt_text(const struct mill_command *command, size_t n, struct mill_opt_text *out)
{
    if (command->run_raw != NULL)
        return server_text(n, out);
    if (n >= command->opt_count)
        return false;
    const struct mill_opt *o = &command->opts[n];
    *out = (struct mill_opt_text){.letter = o->letter,
                                  .help = o->help,
                                  .env = o->env,
                                  .fallback = o->fallback,
                                  .takes_value = o->type != MILL_OPT_FLAG,
                                  .bare_too = (o->flags & MILL_OPT_BARE) != 0};
    snprintf(out->plain, sizeof(out->plain), "--%s", o->name);
    if (o->alias != NULL)
        snprintf(out->alias, sizeof(out->alias), "--%s", o->alias);
    snprintf(out->name, sizeof(out->name), "%s%s%s%s%s", out->plain,
             o->alias != NULL ? ", " : "", out->alias, out->takes_value ? " " : "",
             out->takes_value ? o->value : "");
    snprintf(out->choices, sizeof(out->choices), "%s", o->choices != NULL ? o->choices : "");
    for (char *c = out->choices; *c != '\0'; c++)
        if (*c == '|')
            *c = ' ';
    return true;
}

/* --- text ------------------------------------------------------------------------------ */

/* Words from column at on, broken at width, each line indented. Two spaces in text are a gap
 * like any other; an empty line cannot be in it. */
static void wrap(struct mill_buf *out, const struct mill_term *term, struct mill_view text,
                 size_t indent, size_t at)
{
    size_t width = term->width < 100 ? term->width : 100;
    struct mill_view word;
    bool first = true;
    while (text.ptr != NULL) {
        text = mill_view_cut(text, ' ', &word);
        if (word.len == 0)
            continue;
        size_t columns = mill_text_width(word);
        if (!first && at + 1 + columns > width) {
            mill_buf_printf(out, "\n%*s", (int)indent, "");
            at = indent;
        } else if (!first) {
            mill_buf_add_char(out, ' ');
            at++;
        }
        mill_buf_add_view(out, word);
        at += columns;
        first = false;
    }
    mill_buf_add_char(out, '\n');
}

static void heading(struct mill_buf *out, const struct mill_term *term, const char *text)
{
    mill_buf_add_char(out, '\n');
    mill_style_begin(out, term, MILL_STYLE_BOLD);
    mill_buf_add_view(out, mill_view_of(text));
    mill_style_end(out, term, MILL_STYLE_BOLD);
    mill_buf_add_char(out, '\n');
}

/* "  name    explanation", on two lines when the name is long. */
static void entry(struct mill_buf *out, const struct mill_term *term, const char *name,
                  struct mill_view text)
{
    size_t used = strlen(name) + 2;
    mill_buf_printf(out, "  %s", name);
    if (used + 2 > INDENT) {
        mill_buf_add_char(out, '\n');
        used = 0;
    }
    mill_buf_printf(out, "%*s", (int)(INDENT - used), "");
    wrap(out, term, text, INDENT, INDENT);
}

static void option_entry(struct mill_buf *out, const struct mill_term *term,
                         const struct mill_opt_text *o)
{
    char name[176];
    struct mill_buf text = {0};
    if (o->letter != 0)
        snprintf(name, sizeof(name), "-%c, %s", o->letter, o->name);
    else
        snprintf(name, sizeof(name), "    %s", o->name);
    struct mill_view help = mill_view_of(o->help);
    if (mill_view_ends(help, MILL_VIEW("."))) /* the server's end so, ours do not */
        help.len--;
    mill_buf_add_view(&text, help);
    if (o->fallback != NULL && o->fallback[0] != '\0')
        mill_buf_printf(&text, " [%s]", o->fallback);
    if (o->env != NULL)
        mill_buf_printf(&text, " ($%s)", o->env);
    entry(out, term, name, mill_buf_view(&text));
    mill_buf_release(&text);
}

/* Arguments without names, in the usage line. */
static void usage_arguments(struct mill_buf *out, const struct mill_command *command)
{
    for (size_t i = 0; i < command->opt_count; i++) {
        const struct mill_opt *o = &command->opts[i];
        bool required = (o->flags & MILL_OPT_REQUIRED) != 0;
        if ((o->flags & MILL_OPT_BARE) != 0)
            mill_buf_printf(out, required ? " %s%s" : " [%s%s]", o->value,
                            o->type == MILL_OPT_LIST ? " ..." : "");
    }
}

void mill_help_command(const struct mill_command *command, const struct mill_term *term,
                       struct mill_buf *out)
{
    char title[64];
    struct mill_opt_text text;
    const char *section = NULL;
    mill_command_title(command, title);
    mill_buf_printf(out, "Usage: millstream %s [options]", title);
    usage_arguments(out, command);
    mill_buf_printf(out, "\n\n%s.\n", command->summary);
    if (command->alias != NULL)
        mill_buf_printf(out, "\n'millstream %s %s' is the same.\n", command->group,
                        command->alias);
    if (command->details != NULL) {
        mill_buf_add_char(out, '\n');
        wrap(out, term, mill_view_of(command->details), 0, 0);
    }
    for (size_t i = 0; mill_opt_text(command, i, &text); i++) {
        const char *here = text.section != NULL ? text.section : "Options";
        if (section == NULL || strcmp(section, here) != 0)
            heading(out, term, here);
        section = here;
        option_entry(out, term, &text);
    }
    if (command->run_raw == NULL) {
        if (section == NULL)
            heading(out, term, "Options");
        entry(out, term, "-h, --help", MILL_VIEW("Show this text"));
    }
}

static const char *const group_titles[][2] = {
    {"experiments", "Experiments"},
    {"runs", "Runs"},
    {"artifacts", "Files of runs and models"},
    {"models", "Model registry"},
    {"logged-models", "Logged models"},
};

static void list_group(const char *group, const struct mill_term *term, struct mill_buf *out)
{
    size_t count;
    const struct mill_command *const *commands = mill_commands(&count);
    for (size_t i = 0; i < count; i++) {
        char title[64], names[96];
        const struct mill_command *c = commands[i];
        bool here =
            group == NULL ? c->group == NULL : c->group != NULL && strcmp(c->group, group) == 0;
        snprintf(names, sizeof(names), "%s%s%s", mill_command_title(c, title),
                 c->alias != NULL ? ", " : "", c->alias != NULL ? c->alias : "");
        if (here)
            entry(out, term, names, mill_view_of(c->summary));
    }
}

void mill_help_group(const char *group, const struct mill_term *term, struct mill_buf *out)
{
    mill_buf_printf(out, "Usage: millstream %s COMMAND [options] [arguments]\n\n", group);
    list_group(group, term, out);
    mill_buf_printf(out, "\n'millstream %s COMMAND --help' explains one.\n", group);
}

void mill_help_all(const struct mill_term *term, struct mill_buf *out)
{
    mill_buf_add_view(out, MILL_VIEW("Usage: millstream COMMAND [options] [arguments]\n\n"
                                     "Tracks machine learning experiments: a server for MLflow "
                                     "clients, and commands to\nlook at what they logged.\n"));
    heading(out, term, "Server and help");
    list_group(NULL, term, out);
    for (size_t i = 0; i < MILL_COUNT(group_titles); i++) {
        heading(out, term, group_titles[i][1]);
        list_group(group_titles[i][0], term, out);
    }
    mill_buf_add_view(out,
                      MILL_VIEW("\nCommands work on the server, database or directory that "
                                "--tracking-uri or\nMLFLOW_TRACKING_URI names, "
                                "on " MILL_DEFAULT_TRACKING_URI " without either. "
                                "'millstream COMMAND --help' explains one.\n"));
}
