/* upload.h - stores local files of a command line in a run or a logged model and says how many
 * there were. */
#ifndef MILL_CLI_UPLOAD_H
#define MILL_CLI_UPLOAD_H

#include "cli/cli.h"

/* One of the client's calls that store files. */
typedef enum mill_status mill_store_files(struct mill_client *client, struct mill_view id,
                                          struct mill_view local, struct mill_view directory,
                                          const struct mill_transfer_options *options,
                                          struct mill_error *err);

/* Stores what --local-file or --local-dir (the option's name is given) names in --artifact-path
 * of the thing with that id; noun says what it is. cli is open. */
enum mill_status mill_cli_upload(struct mill_cli *cli, const char *noun, struct mill_view id,
                                 const char *option, mill_store_files *store,
                                 struct mill_error *err);

/* Rows of such commands. */
#define MILL_OPT_LOCAL_FILE                                                                    \
    {                                                                                          \
        .name = "local-file", .letter = 'l', .type = MILL_OPT_TEXT,                            \
        .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE, .value = "PATH",                           \
        .help = "File to store, or directory to store under its own name"                      \
    }
#define MILL_OPT_LOCAL_DIR                                                                     \
    {                                                                                          \
        .name = "local-dir", .letter = 'l', .type = MILL_OPT_TEXT,                             \
        .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE, .value = "DIR",                            \
        .help = "Directory whose content to store, with what is below"                         \
    }
#define MILL_OPT_TO(text)                                                                      \
    {                                                                                          \
        .name = "artifact-path", .alias = "to", .letter = 'a', .type = MILL_OPT_TEXT,          \
        .flags = MILL_OPT_BARE, .value = "DIR", .help = text                                   \
    }

#endif
