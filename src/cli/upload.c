/* upload.c - see upload.h. */
#include "cli/upload.h"

#include "base/view.h"
#include "cli/progress.h"

enum mill_status mill_cli_upload(struct mill_cli *cli, const char *noun, struct mill_view id,
                                 const char *option, mill_store_files *store,
                                 struct mill_error *err)
{
    struct mill_transfer_line line;
    struct mill_transfer_options options;
    const char *local = mill_arg(&cli->args, option);
    const char *folder = mill_arg(&cli->args, "artifact-path");
    mill_transfer_line_start(cli, &line, &options);
    enum mill_status st =
        store(cli->client, id, mill_view_of(local), mill_view_of(folder), &options, err);
    mill_transfer_line_end(&line);
    if (st == MILL_OK)
        mill_cli_done(cli, "Logged %zu file%s (%.*s) from %s to %s %.*s%s%s", line.files,
                      line.files == 1 ? "" : "s", MILL_FMT(mill_cli_bytes(cli, line.bytes)),
                      local, noun, MILL_FMT(id), folder != NULL ? ", directory " : "",
                      folder != NULL ? folder : "");
    return st;
}
