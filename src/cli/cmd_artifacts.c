/* cmd_artifacts.c - `artifacts log`, `log-artifacts` and `download`. */
#include "base/view.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/put.h"

/* --- log, log-artifacts ---------------------------------------------------------------- */

/* One of the two calls that store files. */
typedef enum mill_status store_files(struct mill_client *client, struct mill_view run_id,
                                     struct mill_view local, struct mill_view directory,
                                     const struct mill_transfer_options *options,
                                     struct mill_error *err);

static enum mill_status upload(struct mill_cli *cli, const char *local, store_files *store,
                               struct mill_error *err)
{
    struct mill_transfer_line line;
    struct mill_transfer_options options;
    struct mill_view run_id;
    const char *folder = mill_arg(&cli->args, "artifact-path");
    enum mill_status st = mill_cli_open_run(cli, MILL_WRITE, &run_id, err);
    if (st != MILL_OK)
        return st;
    mill_transfer_line_start(cli, &line, &options);
    st = store(cli->client, run_id, mill_view_of(local), mill_view_of(folder), &options, err);
    mill_transfer_line_end(&line);
    if (st == MILL_OK)
        mill_cli_done(cli, "Logged %zu file%s (%.*s) from %s to run %.*s%s%s", line.files,
                      line.files == 1 ? "" : "s", MILL_FMT(mill_cli_bytes(cli, line.bytes)),
                      local, MILL_FMT(run_id), folder != NULL ? ", directory " : "",
                      folder != NULL ? folder : "");
    return st;
}

static enum mill_status log_artifact(struct mill_cli *cli, struct mill_error *err)
{
    return upload(cli, mill_arg(&cli->args, "local-file"), mill_client_log_artifact, err);
}

static enum mill_status log_artifacts(struct mill_cli *cli, struct mill_error *err)
{
    return upload(cli, mill_arg(&cli->args, "local-dir"), mill_client_log_artifacts, err);
}

#define OPT_TO                                                                                 \
    {                                                                                          \
        .name = "artifact-path", .alias = "to", .letter = 'a', .type = MILL_OPT_TEXT,          \
        .flags = MILL_OPT_BARE, .value = "DIR",                                                \
        .help = "Directory below the run's artifacts to store it in"                           \
    }

static const struct mill_opt log_artifact_opts[] = {
    MILL_OPT_RUN_ID,
    {.name = "local-file",
     .letter = 'l',
     .type = MILL_OPT_TEXT,
     .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE,
     .value = "PATH",
     .help = "File to store, or directory to store under its own name"},
    OPT_TO,
    MILL_OPT_PARALLEL,
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

static const struct mill_opt log_artifacts_opts[] = {
    MILL_OPT_RUN_ID,
    {.name = "local-dir",
     .letter = 'l',
     .type = MILL_OPT_TEXT,
     .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE,
     .value = "DIR",
     .help = "Directory whose content to store, with what is below"},
    OPT_TO,
    MILL_OPT_PARALLEL,
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_artifacts_log = {
    .group = "artifacts",
    .name = "log",
    .alias = "log-artifact",
    .summary = "Store a file or directory in a run",
    .opts = log_artifact_opts,
    .opt_count = MILL_COUNT(log_artifact_opts),
    .run = log_artifact,
};

const struct mill_command mill_cmd_artifacts_log_artifacts = {
    .group = "artifacts",
    .name = "log-artifacts",
    .summary = "Store what is in a directory in a run",
    .opts = log_artifacts_opts,
    .opt_count = MILL_COUNT(log_artifacts_opts),
    .run = log_artifacts,
};

/* --- download -------------------------------------------------------------------------- */

/* Takes runs:/RUN/PATH apart. */
static enum mill_status split_uri(struct mill_cli *cli, const char *uri, const char **run_out,
                                  struct mill_view *path_out, struct mill_error *err)
{
    struct mill_view text = mill_view_of(uri), run;
    if (!mill_view_starts(text, MILL_VIEW("runs:/")))
        return mill_fail(err, MILL_E_INVALID,
                         "--artifact-uri is '%s'; it must be runs:/RUN or runs:/RUN/PATH", uri);
    *path_out = mill_view_cut(mill_view_from(text, 6), '/', &run);
    *run_out = mill_arena_cstr(&cli->arena, run);
    return *run_out != NULL ? MILL_OK : mill_fail(err, MILL_E_NOMEM, "out of memory");
}

/* Where what was fetched is now: what `ls` takes. No REST call answers that: the JSON is ours.
 */
static void print_place(struct mill_cli *cli, const char *folder, struct mill_view path)
{
    while (mill_view_ends(path, MILL_VIEW("/")))
        path.len--;
    const char *slash = path.len > 0 ? memrchr(path.ptr, '/', path.len) : NULL;
    struct mill_view name =
        slash != NULL ? mill_view_from(path, (size_t)(slash + 1 - path.ptr)) : path;
    bool joined = name.len > 0 && folder[strlen(folder) - 1] != '/';
    struct mill_view place =
        mill_arena_printf(&cli->arena, "%s%s%.*s", folder, joined ? "/" : "", MILL_FMT(name));
    if (mill_arg_flag(&cli->args, "json")) {
        mill_put_open(&cli->out, NULL, '{');
        mill_put_text(&cli->out, "path", place);
        mill_put_close(&cli->out, '}');
    } else {
        mill_buf_add_view(&cli->out, place);
    }
    mill_buf_add_char(&cli->out, '\n');
}

static enum mill_status download(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_transfer_line line;
    struct mill_transfer_options options;
    struct mill_view run_id, path = mill_view_of(mill_arg(&cli->args, "artifact-path"));
    const char *run = mill_arg(&cli->args, "run-id");
    const char *uri = mill_arg(&cli->args, "artifact-uri");
    const char *folder = mill_arg(&cli->args, "dst-path");
    enum mill_status st = MILL_OK;
    if ((run == NULL) == (uri == NULL))
        return mill_fail(err, MILL_E_INVALID,
                         "'millstream artifacts download' needs either RUN [PATH] or "
                         "--artifact-uri runs:/RUN/PATH");
    if (folder[0] == '\0')
        return mill_fail(err, MILL_E_INVALID, "--dst-path is empty");
    if (uri != NULL)
        st = split_uri(cli, uri, &run, &path, err);
    if (st == MILL_OK)
        st = mill_cli_open(cli, MILL_READ, err);
    if (st == MILL_OK)
        st = mill_cli_run_id(cli, run, &run_id, err);
    if (st != MILL_OK)
        return st;
    mill_transfer_line_start(cli, &line, &options);
    st = mill_client_download_artifacts(cli->client, run_id, path, mill_view_of(folder),
                                        &options, err);
    mill_transfer_line_end(&line);
    if (st == MILL_OK)
        print_place(cli, folder, path);
    return st;
}

static const struct mill_opt download_opts[] = {
    {.name = "run-id",
     .letter = 'r',
     .type = MILL_OPT_TEXT,
     .flags = MILL_OPT_BARE,
     .value = "RUN",
     .help = "Id of the run, or its first letters"},
    MILL_OPT_ARTIFACT_PATH(
        "File or directory below the run's artifacts; all of them when not given"),
    {.name = "artifact-uri",
     .letter = 'u',
     .type = MILL_OPT_TEXT,
     .value = "URI",
     .help = "runs:/RUN/PATH, instead of RUN and PATH"},
    {.name = "dst-path",
     .alias = "to",
     .letter = 'd',
     .type = MILL_OPT_TEXT,
     .value = "DIR",
     .fallback = ".",
     .help = "Local directory to put them in; made when it is missing"},
    MILL_OPT_PARALLEL,
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_artifacts_download = {
    .group = "artifacts",
    .name = "download",
    .summary = "Fetch files of a run and print where they are",
    .opts = download_opts,
    .opt_count = MILL_COUNT(download_opts),
    .run = download,
};
