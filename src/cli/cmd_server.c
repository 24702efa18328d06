/* cmd_server.c - `server` and its other name `ui`: hands over to the server. */
#include <millstream/server.h>

#include "cli/command.h"

const struct mill_command mill_cmd_server = {
    .name = "server",
    .summary = "Serve the tracking protocol",
    .details = "Keeps data in ./millstream.db and files in ./mlartifacts unless told "
               "otherwise, and listens on http://127.0.0.1:5000. Stops on SIGINT or SIGTERM "
               "after it has finished what it accepted.",
    .run_raw = mill_server_main,
};

const struct mill_command mill_cmd_ui = {
    .name = "ui",
    .summary = "The same as server",
    .run_raw = mill_server_main,
};
