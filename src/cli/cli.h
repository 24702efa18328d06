/* cli.h - one invocation of the command line: arguments, output, the client, and what
 * several commands need. Commands see only this, the tables and <millstream/millstream.h>. */
#ifndef MILL_CLI_CLI_H
#define MILL_CLI_CLI_H

#include <millstream/millstream.h>

#include "cli/command.h"
#include "cli/rows.h"
#include "cli/term.h"

/* Letters of the id of a run. */
#define MILL_RUN_ID_LENGTH 32

struct mill_cli {
    const struct mill_command *command;
    struct mill_args args;
    struct mill_arena arena;
    struct mill_term term; /* of standard output */
    struct mill_buf out;   /* goes to standard output when the command has succeeded */
    struct mill_client *client;
};

/* What the program does with its arguments; returns the exit code. */
int mill_cli_main(int argc, char **argv);

/* What was given for a row, absent when nothing was. */
struct mill_view mill_cli_text(const struct mill_cli *cli, const char *option);

/* Opens --tracking-uri as cli->client, for commands whose row does not say so. */
enum mill_status mill_cli_open(struct mill_cli *cli, enum mill_access access,
                               struct mill_error *err);

/* The experiment of that id or name, as a list of one that the caller frees. */
enum mill_status mill_cli_experiment(struct mill_cli *cli, const char *text,
                                     struct mill_experiment_list **list_out,
                                     struct mill_error *err);

/* Its id alone. */
enum mill_status mill_cli_experiment_id(struct mill_cli *cli, const char *text, int64_t *id_out,
                                        struct mill_error *err);

/* The full id of the run that text names, in the cli's arena: an id, or the beginning of
 * exactly one (four letters or more). */
enum mill_status mill_cli_run_id(struct mill_cli *cli, const char *text, struct mill_view *out,
                                 struct mill_error *err);

/* That run itself, as a list of one that the caller frees. */
enum mill_status mill_cli_run(struct mill_cli *cli, const char *text,
                              struct mill_run_list **list_out, struct mill_error *err);

/* Whether what stands in place of a run is a URI of files: runs:/…, models:/…, s3://…. */
bool mill_cli_is_uri(const char *text);

/* Opens --tracking-uri and makes the URI of files that text names: a URI, which has its own
 * path, or a run, whose files are at path (NULL: all of them). A run may be named by its first
 * letters. must_be_uri: nothing but a URI will do. In the cli's arena. */
enum mill_status mill_cli_files_uri(struct mill_cli *cli, const char *text, const char *path,
                                    bool must_be_uri, struct mill_view *out,
                                    struct mill_error *err);

/* The view type that --view asks for. */
enum mill_view_type mill_cli_view(const struct mill_cli *cli);

/* Says a sentence on a line of its own. With --json it says nothing and returns false: then the
 * caller prints what the REST call answers. */
bool mill_cli_said(struct mill_cli *cli, const char *format, ...) MILL_PRINTF(2, 3);

/* The same where that is the empty object. Quietly: nothing instead of the sentence, as
 * commands do whose row says so. */
void mill_cli_done(struct mill_cli *cli, const char *format, ...) MILL_PRINTF(2, 3);
void mill_cli_done_quietly(struct mill_cli *cli);

/* Reads a number, also NaN and Infinity; what names it in the message. */
enum mill_status mill_cli_read_number(const char *what, const char *text, double *out,
                                      struct mill_error *err);

/* What --timestamp says; now without it. */
int64_t mill_cli_timestamp(const struct mill_cli *cli);

/* Splits KEY=VALUE; option is named in the message. */
enum mill_status mill_cli_pair(const char *option, const char *text, struct mill_tag *out,
                               struct mill_error *err);

/* All KEY=VALUE texts of a list option. */
enum mill_status mill_cli_pairs(struct mill_cli *cli, const char *option, struct mill_tag **out,
                                size_t *count_out, struct mill_error *err);

/* All of --params. */
enum mill_status mill_cli_params(struct mill_cli *cli, const struct mill_param **out,
                                 size_t *count_out, struct mill_error *err);

/* Texts for tables, in the cli's arena (empty when memory is out): local date and time; how
 * long ago on a terminal, the time in files; how long; a number with six digits; a whole
 * one; a size. Absent ones are "-". */
struct mill_view mill_cli_time(struct mill_cli *cli, int64_t ms);
struct mill_view mill_cli_age(struct mill_cli *cli, int64_t ms);
struct mill_view mill_cli_duration(struct mill_cli *cli, int64_t ms);
struct mill_view mill_cli_number(struct mill_cli *cli, double value);
struct mill_view mill_cli_int(struct mill_cli *cli, int64_t value);
struct mill_view mill_cli_bytes(struct mill_cli *cli, int64_t bytes);

/* Moves what is in text into the cli's arena; empty when memory is out. */
struct mill_view mill_cli_keep(struct mill_cli *cli, struct mill_buf *text);

/* Id of a run as a table shows it: whole for files, its first letters on a terminal. */
struct mill_view mill_cli_short_id(const struct mill_cli *cli, struct mill_view run_id);

/* "Title             value" on a line of its own, and one for each tag. */
void mill_cli_line(struct mill_cli *cli, const char *title, struct mill_view value);
void mill_cli_tag_lines(struct mill_cli *cli, const struct mill_tag *tags, size_t count);

/* Writes what is in cli->out; commands with much to say call it now and then. */
enum mill_status mill_cli_flush(struct mill_cli *cli, struct mill_error *err);

#endif
