/* completion.c - completion scripts for shells, from the same tables as the help. */
#include <stdio.h>

#include "base/view.h"
#include "cli/help.h"

/* Words that can be typed first: groups once each, and commands that stand alone. */
static void add_first_words(struct mill_buf *out)
{
    size_t count;
    const char *last = "";
    const struct mill_command *const *commands = mill_commands(&count);
    for (size_t i = 0; i < count; i++) {
        const char *word = commands[i]->group != NULL ? commands[i]->group : commands[i]->name;
        if (strcmp(word, last) != 0)
            mill_buf_printf(out, "%s%s", i > 0 ? " " : "", word);
        last = word;
    }
}

/* The same without the commands that stand alone, as a pattern of the shell. */
static void add_groups(struct mill_buf *out)
{
    size_t count;
    const char *last = "";
    const struct mill_command *const *commands = mill_commands(&count);
    for (size_t i = 0; i < count; i++) {
        const char *group = commands[i]->group != NULL ? commands[i]->group : last;
        if (strcmp(group, last) != 0)
            mill_buf_printf(out, "%s%s", last[0] != '\0' ? "|" : "", group);
        last = group;
    }
}

static void add_options(struct mill_buf *out, const struct mill_command *command)
{
    struct mill_opt_text text;
    for (size_t i = 0; mill_opt_text(command, i, &text); i++) {
        mill_buf_printf(out, "%s%s%s ", text.plain, text.alias[0] != '\0' ? " " : "",
                        text.alias);
        if (text.negative != NULL)
            mill_buf_printf(out, "%s ", text.negative);
    }
    mill_buf_add_view(out, MILL_VIEW("--help"));
}

/* A case for each option of the command that takes one of a few words. */
static void add_choices(struct mill_buf *out, const struct mill_command *command,
                        const char *title)
{
    struct mill_opt_text text;
    for (size_t i = 0; mill_opt_text(command, i, &text); i++) {
        if (text.choices[0] == '\0')
            continue;
        mill_buf_printf(out, "    '%s %s'", title, text.plain);
        if (text.letter != 0)
            mill_buf_printf(out, "|'%s -%c'", title, text.letter);
        mill_buf_printf(out, ") words='%s' ;;\n", text.choices);
    }
}

void mill_completion_bash(struct mill_buf *out, bool for_zsh)
{
    size_t count;
    const struct mill_command *const *commands = mill_commands(&count);
    if (for_zsh)
        mill_buf_add_view(out, MILL_VIEW("#compdef millstream\n"
                                         "autoload -Uz bashcompinit && bashcompinit\n"));
    mill_buf_add_view(out, MILL_VIEW("_millstream_words() {\n"
                                     "  local word=${COMP_WORDS[COMP_CWORD]}\n"
                                     "  local before=${COMP_WORDS[COMP_CWORD-1]}\n"
                                     "  local command=${COMP_WORDS[1]} words=''\n"
                                     "  case $command in\n"
                                     "    "));
    add_groups(out);
    mill_buf_add_view(out, MILL_VIEW(")\n"
                                     "      [ $COMP_CWORD -gt 2 ] && "
                                     "command+=\" ${COMP_WORDS[2]}\" ;;\n"
                                     "  esac\n"
                                     "  [ $COMP_CWORD = 1 ] && command=''\n"
                                     "  case $command in\n"
                                     "    '') words='"));
    add_first_words(out);
    mill_buf_add_view(out, MILL_VIEW("' ;;\n"));
    for (size_t i = 0; i < count; i++) {
        char title[64];
        const char *group = commands[i]->group;
        bool first = group != NULL && (i == 0 || commands[i - 1]->group == NULL ||
                                       strcmp(commands[i - 1]->group, group) != 0);
        if (first) {
            mill_buf_printf(out, "    %s) words='", group);
            for (size_t j = i; j < count && commands[j]->group != NULL &&
                               strcmp(commands[j]->group, group) == 0;
                 j++) {
                mill_buf_printf(out, "%s%s", j > i ? " " : "", commands[j]->name);
                if (commands[j]->alias != NULL)
                    mill_buf_printf(out, " %s", commands[j]->alias);
            }
            mill_buf_add_view(out, MILL_VIEW("' ;;\n"));
        }
        mill_buf_printf(out, "    '%s'", mill_command_title(commands[i], title));
        if (commands[i]->alias != NULL)
            mill_buf_printf(out, "|'%s %s'", group, commands[i]->alias);
        mill_buf_add_view(out, MILL_VIEW(") words='"));
        add_options(out, commands[i]);
        mill_buf_add_view(out, MILL_VIEW("' ;;\n"));
    }
    mill_buf_add_view(out, MILL_VIEW("  esac\n  case \"$command $before\" in\n"));
    for (size_t i = 0; i < count; i++) {
        char title[64];
        add_choices(out, commands[i], mill_command_title(commands[i], title));
    }
    mill_buf_add_view(
        out, MILL_VIEW("    'completion completion') words='bash zsh fish' ;;\n"
                       "  esac\n"
                       "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
                       "}\n"
                       "complete -o bashdefault -o default -F _millstream_words millstream\n"));
    if (for_zsh) /* installed under this name, the file is run by the first completion */
        mill_buf_add_view(out, MILL_VIEW("[[ $funcstack[1] = _millstream ]] && _bash_complete "
                                         "-o bashdefault -o default -F _millstream_words\n"));
}

/* A text in single quotes for fish. */
static void add_quoted(struct mill_buf *out, struct mill_view text)
{
    mill_buf_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'' || text.ptr[i] == '\\')
            mill_buf_add_char(out, '\\');
        mill_buf_add_char(out, text.ptr[i]);
    }
    mill_buf_add_char(out, '\'');
}

static void add_fish_option(struct mill_buf *out, const char *condition,
                            const struct mill_opt_text *o)
{
    mill_buf_printf(out, "complete -c millstream -n '%s' -l %s", condition, o->plain + 2);
    if (o->alias[0] != '\0')
        mill_buf_printf(out, " -l %s", o->alias + 2);
    if (o->letter != 0)
        mill_buf_printf(out, " -s %c", o->letter);
    if (o->takes_value)
        mill_buf_add_view(out, MILL_VIEW(" -r"));
    if (o->choices[0] != '\0')
        mill_buf_printf(out, " -f -a '%s'", o->choices);
    mill_buf_add_view(out, MILL_VIEW(" -d "));
    add_quoted(out, mill_view_of(o->help));
    mill_buf_add_char(out, '\n');
    if (o->negative != NULL)
        mill_buf_printf(out, "complete -c millstream -n '%s' -l %s\n", condition,
                        o->negative + 2);
}

void mill_completion_fish(struct mill_buf *out)
{
    size_t count;
    const struct mill_command *const *commands = mill_commands(&count);
    mill_buf_add_view(out,
                      MILL_VIEW("complete -c millstream -f -n __fish_use_subcommand -a '"));
    add_first_words(out);
    mill_buf_add_view(out, MILL_VIEW("'\n"));
    for (size_t i = 0; i < count; i++) {
        const struct mill_command *c = commands[i];
        const char *other = c->alias != NULL ? c->alias : "";
        char condition[160];
        struct mill_opt_text text;
        if (c->group != NULL) {
            mill_buf_printf(out,
                            "complete -c millstream -f -n '__fish_seen_subcommand_from %s; and "
                            "test (count (commandline -opc)) -eq 2' -a '%s%s%s' -d ",
                            c->group, c->name, other[0] != '\0' ? " " : "", other);
            add_quoted(out, mill_view_of(c->summary));
            mill_buf_add_char(out, '\n');
        }
        snprintf(condition, sizeof(condition), "__fish_seen_subcommand_from %s%s%s%s%s",
                 c->group != NULL ? c->group : c->name,
                 c->group != NULL ? "; and __fish_seen_subcommand_from " : "",
                 c->group != NULL ? c->name : "", other[0] != '\0' ? " " : "", other);
        for (size_t n = 0; mill_opt_text(c, n, &text); n++)
            add_fish_option(out, condition, &text);
    }
}
