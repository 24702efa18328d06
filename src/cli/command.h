/* command.h - what a command is: a const row, defined by its cmd_*.c file. */
#ifndef MILL_CLI_COMMAND_H
#define MILL_CLI_COMMAND_H

#include "base/view.h"
#include "cli/opt.h"

struct mill_cli;

/* How --tracking-uri is opened as cli->client. */
enum mill_access {
    MILL_NO_ACCESS,
    MILL_READ,
    MILL_WRITE,
    MILL_CREATE /* a missing database is made */
};

struct mill_command {
    const char *group;   /* "runs"; NULL for one that stands alone */
    const char *name;    /* "search" */
    const char *alias;   /* another name in the group, or NULL */
    const char *summary; /* one line without full stop */
    const char
        *details; /* what more there is to say, paragraphs between empty lines; or NULL */
    const struct mill_opt *opts;
    size_t opt_count;
    /* Before run; MILL_NO_ACCESS where run looks at its arguments first and then opens it. */
    enum mill_access access;
    enum mill_status (*run)(struct mill_cli *cli, struct mill_error *err);
    bool quiet; /* prints nothing when all is well; with --json the empty object that the REST
                 * call answers */
    /* Instead of run: gets its arguments as they are, with what the user typed as argv[0], and
     * returns the exit code. Options are those of the server. */
    int (*run_raw)(int argc, char **argv);
};

/* The options of a command's row: an array of theirs. */
#define MILL_OPTS(rows) .opts = (rows), .opt_count = MILL_COUNT(rows)

/* All commands in the order of the help. */
const struct mill_command *const *mill_commands(size_t *count_out);

/* The command of that group and name, or NULL; group NULL for one that stands alone. */
const struct mill_command *mill_command_find(const char *group, const char *name);

/* Whether there is a group of that name. */
bool mill_command_is_group(const char *name);

/* "runs search" in buffer. */
const char *mill_command_title(const struct mill_command *command, char buffer[static 64]);

/* The commands themselves. */
#define COMMAND(name) extern const struct mill_command mill_cmd_##name;
#include "cli/commands.def"

#endif
