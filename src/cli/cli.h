/* cli.h - one invocation of the command line: arguments, output, the client, and what
 * several commands need. Commands see only this, the tables and <millstream/millstream.h>. */
#ifndef MILL_CLI_CLI_H
#define MILL_CLI_CLI_H

#include <millstream/millstream.h>

#include "cli/command.h"
#include "cli/term.h"

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

/* Rows that many commands have. */
#define MILL_OPT_TRACKING_URI                                                                  \
    {                                                                                          \
        .name = "tracking-uri", .letter = 'T', .type = MILL_OPT_TEXT, .value = "URI",          \
        .env = "MLFLOW_TRACKING_URI", .fallback = MILL_DEFAULT_TRACKING_URI,                   \
        .help = "Server, database or directory: http(s)://HOST:PORT, sqlite:///FILE, DIR"      \
    }
#define MILL_OPT_JSON                                                                          \
    {                                                                                          \
        .name = "json", .type = MILL_OPT_FLAG,                                                 \
        .help = "Print JSON: what the REST call answers"                                       \
    }
#define MILL_OPT_RUN_ID                                                                        \
    {                                                                                          \
        .name = "run-id", .letter = 'r', .type = MILL_OPT_TEXT,                                \
        .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE, .value = "RUN",                            \
        .help = "Id of the run, or its first letters"                                          \
    }
#define MILL_OPT_EXPERIMENT_ID                                                                 \
    {                                                                                          \
        .name = "experiment-id", .letter = 'x', .type = MILL_OPT_TEXT,                         \
        .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE, .value = "EXPERIMENT",                     \
        .help = "Id or name of the experiment"                                                 \
    }
/* The same where runs are looked for: the environment may name it. */
#define MILL_OPT_EXPERIMENT_OF_RUNS                                                            \
    {                                                                                          \
        .name = "experiment-id", .letter = 'x', .type = MILL_OPT_TEXT,                         \
        .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE, .value = "EXPERIMENT",                     \
        .env = "MLFLOW_EXPERIMENT_ID", .help = "Id or name of the experiment"                  \
    }
#define MILL_OPT_TAGS                                                                          \
    {                                                                                          \
        .name = "tags", .alias = "tag", .letter = 't', .type = MILL_OPT_LIST,                  \
        .value = "KEY=VALUE", .help = "A tag; may be repeated"                                 \
    }
#define MILL_OPT_STEP                                                                          \
    {                                                                                          \
        .name = "step", .letter = 's', .type = MILL_OPT_INT, .value = "N", .fallback = "0",    \
        .least = INT64_MIN + 1, .most = INT64_MAX, .help = "Step of the metrics"               \
    }
#define MILL_OPT_TIMESTAMP                                                                     \
    {                                                                                          \
        .name = "timestamp", .type = MILL_OPT_INT, .value = "MS", .least = 0,                  \
        .most = INT64_MAX,                                                                     \
        .help = "Time of the metrics, milliseconds since 1970; now when not given"             \
    }
#define MILL_OPT_MAX_RESULTS(count, limit)                                                     \
    {                                                                                          \
        .name = "max-results", .type = MILL_OPT_INT, .value = "N", .fallback = (count),        \
        .least = 1, .most = (limit), .help = "How many at most"                                \
    }
#define MILL_OPT_PAGE_TOKEN                                                                    \
    {                                                                                          \
        .name = "page-token", .type = MILL_OPT_TEXT, .value = "TOKEN",                         \
        .help = "Go on behind an earlier answer: the next_page_token of its JSON"              \
    }
#define MILL_OPT_VIEW                                                                          \
    {                                                                                          \
        .name = "view", .letter = 'v', .type = MILL_OPT_CHOICE, .value = "VIEW",               \
        .fallback = "active_only", .choices = "active_only|deleted_only|all",                  \
        .help = "Which ones: active_only, deleted_only or all"                                 \
    }

#define MILL_OPT_ARTIFACT_PATH(text)                                                           \
    {                                                                                          \
        .name = "artifact-path", .letter = 'a', .type = MILL_OPT_TEXT, .flags = MILL_OPT_BARE, \
        .value = "PATH", .help = text                                                          \
    }
#define MILL_OPT_PARALLEL                                                                      \
    {                                                                                          \
        .name = "parallel", .letter = 'j', .type = MILL_OPT_INT, .value = "N",                 \
        .fallback = "4", .least = 1, .most = 64,                                               \
        .help = "How many files, or parts of large ones, are under way at once"                \
    }

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

/* Opens --tracking-uri and finds the run that --run-id names. */
enum mill_status mill_cli_open_run(struct mill_cli *cli, enum mill_access access,
                                   struct mill_view *run_id_out, struct mill_error *err);

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

/* A sentence on a line of its own. */
void mill_cli_say(struct mill_cli *cli, const char *format, va_list args) MILL_PRINTF(2, 0);

/* What a command says that changed something: a sentence, or with --json the empty object that
 * the REST call answers. Quietly: nothing instead of the sentence, as commands do whose row
 * says so. */
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

/* Texts for tables, in the cli's arena (empty when memory is out): local date and time; how
 * long ago on a terminal, the time in files; how long; a number with six digits; a size.
 * Absent ones are "-". */
struct mill_view mill_cli_time(struct mill_cli *cli, int64_t ms);
struct mill_view mill_cli_age(struct mill_cli *cli, int64_t ms);
struct mill_view mill_cli_duration(struct mill_cli *cli, int64_t ms);
struct mill_view mill_cli_number(struct mill_cli *cli, double value);
struct mill_view mill_cli_bytes(struct mill_cli *cli, int64_t bytes);

/* The value of a tag, absent when there is none. */
struct mill_view mill_cli_tag(const struct mill_tag *tags, size_t count, const char *key);

/* Id of a run as a table shows it: whole for files, its first letters on a terminal. */
struct mill_view mill_cli_short_id(const struct mill_cli *cli, struct mill_view run_id);

/* "Title             value" on a line of its own, and one for each tag. */
void mill_cli_line(struct mill_cli *cli, const char *title, struct mill_view value);
void mill_cli_tag_lines(struct mill_cli *cli, const struct mill_tag *tags, size_t count);

/* Writes what is in cli->out; commands with much to say call it now and then. */
enum mill_status mill_cli_flush(struct mill_cli *cli, struct mill_error *err);

#endif
