/* millstream/server.h - run the tracking server inside a program of one's own.
 *
 * `millstream server` is a thin caller of this. Linked statically; not part of
 * libmillstream.so. */
#ifndef MILLSTREAM_SERVER_H
#define MILLSTREAM_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include <millstream/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One option of the server, for help, manual pages and completion. Since 0.1. */
struct mill_server_option {
    const char *name;           /* "--host" */
    const char *negative;       /* "--no-serve-artifacts", or NULL */
    char short_name;            /* 'h' for -h, or 0 */
    const char *env;            /* variable of the environment that sets it, or NULL */
    const char *value;          /* what it takes, "HOST", "SECONDS"; NULL for a switch */
    const char *default_text;   /* "127.0.0.1"; "" when there is none */
    const char *const *choices; /* the allowed words, NULL-terminated; NULL: not a choice */
    const char *section;        /* heading in the help */
    const char *help;           /* one sentence */
    bool ignored; /* taken for compatibility with `mlflow server`, without effect here */
};

/* The option at that place of the table, which is grouped by section and constant; NULL
 * behind the last one. Any thread. Since 0.1. */
MILL_API const struct mill_server_option *mill_server_option_at(size_t index);

/* Runs a server until it is told to stop by SIGTERM or SIGINT; a second signal ends it at
 * once. argv[0] is what the program calls itself in messages ("millstream server"), options
 * follow. Prints the address on standard output, messages on standard error. Returns the
 * exit code of the process: 0 after an orderly stop. Call it once, from the main thread of a
 * process that has no event loop of its own. Since 0.1. */
MILL_API int mill_server_main(int argc, char **argv);

#ifdef __cplusplus
}
#endif

#endif
