/* opt.h - options of a command: one const row each, from which arguments are parsed and
 * help, manual page and completion are printed. */
#ifndef MILL_CLI_OPT_H
#define MILL_CLI_OPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum mill_opt_type {
    MILL_OPT_FLAG,
    MILL_OPT_TEXT,
    MILL_OPT_INT,    /* from least to most */
    MILL_OPT_CHOICE, /* one of the words in choices, typed in any case, kept as it is there */
    MILL_OPT_LIST    /* text; may be given several times */
};

enum mill_opt_flags {
    MILL_OPT_REQUIRED = 1 << 0,
    MILL_OPT_BARE = 1 << 1 /* arguments without an option go here, in the order of the rows */
};

struct mill_opt {
    const char *name;  /* "run-id": given as --run-id */
    const char *alias; /* another name, or NULL */
    char letter;       /* 'r': given as -r; 0: none */
    enum mill_opt_type type;
    unsigned flags;
    const char *value;    /* what it takes, "RUN"; NULL for a flag */
    const char *env;      /* variable that sets it when it is not given, or NULL */
    const char *fallback; /* value when neither says, or NULL */
    const char *choices;  /* CHOICE: words with '|' between them */
    int64_t least, most;  /* INT */
    const char *help;     /* one sentence, no full stop */
};

#define MILL_OPT_MAX 20 /* rows of a command */

/* What was given for each row. */
struct mill_args {
    const struct mill_opt *opts;
    size_t opt_count;
    struct {
        const char **texts;
        size_t count;
    } values[MILL_OPT_MAX];
    bool help; /* --help or -h: nothing else was checked */
};

/* Parses argv[0] to argv[argc - 1] (no program name). MILL_E_INVALID names the option, what
 * came and what would be right. Texts point into argv or the environment, lists lie in
 * arena. command is what the user typed, for messages ("runs search"). */
enum mill_status mill_opt_parse(const char *command, const struct mill_opt *opts,
                                size_t opt_count, int argc, char **argv,
                                struct mill_arena *arena, struct mill_args *out,
                                struct mill_error *err);

/* What was given for the row of that name, which must exist: the text (the last one, NULL
 * when there is none), whether the flag was set, the number, all texts of a list. */
const char *mill_arg(const struct mill_args *args, const char *name);
bool mill_arg_flag(const struct mill_args *args, const char *name);
int64_t mill_arg_int(const struct mill_args *args, const char *name);
size_t mill_arg_list(const struct mill_args *args, const char *name,
                     const char *const **texts_out);

/* Index of the word in a '|' list, any case, or -1. */
int mill_choice_index(const char *choices, struct mill_view word);

#endif
