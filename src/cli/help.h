/* help.h - help, manual page and completion, printed from the tables of commands and options,
 * those of the server included. */
#ifndef MILL_CLI_HELP_H
#define MILL_CLI_HELP_H

#include "cli/command.h"
#include "cli/term.h"

/* What an option looks like, whoever's table it is in. */
struct mill_opt_text {
    char letter;
    char name[160];       /* "--host HOST", "--serve-artifacts / --no-serve-artifacts" */
    char plain[48];       /* "--host" */
    char alias[48];       /* "--tag", or "" */
    const char *negative; /* "--no-serve-artifacts", or NULL */
    const char *help;
    const char *env;      /* or NULL */
    const char *fallback; /* or NULL */
    const char *section;  /* heading; NULL: none */
    char choices[128];    /* words with a space between them, or "" */
    bool takes_value;
    bool bare_too; /* may also be given without its name */
};

/* The nth option of a command; false behind the last. */
bool mill_opt_text(const struct mill_command *command, size_t n, struct mill_opt_text *out);

/* Help on the terminal. */
void mill_help_all(const struct mill_term *term, struct mill_buf *out);
void mill_help_group(const char *group, const struct mill_term *term, struct mill_buf *out);
void mill_help_command(const struct mill_command *command, const struct mill_term *term,
                       struct mill_buf *out);

/* The manual page, in roff. */
void mill_help_man(struct mill_buf *out);

/* Completion scripts; bash's is used by zsh too. */
void mill_completion_bash(struct mill_buf *out, bool for_zsh);
void mill_completion_fish(struct mill_buf *out);

#endif
