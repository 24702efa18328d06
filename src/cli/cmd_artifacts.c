/* cmd_artifacts.c - `artifacts log`, `log-artifacts` and `download`. */
#include <limits.h>

#include "base/view.h"
#include "cli/progress.h"
#include "cli/put.h"
#include "cli/upload.h"

/* --- log, log-artifacts ---------------------------------------------------------------- */

static enum mill_status upload(struct mill_cli *cli, const char *option,
                               mill_store_files *store, struct mill_error *err)
{
    struct mill_view run_id;
    enum mill_status st = mill_cli_run_id(cli, mill_arg(&cli->args, "run-id"), &run_id, err);
    return st == MILL_OK ? mill_cli_upload(cli, "run", run_id, option, store, err) : st;
}

static enum mill_status log_artifact(struct mill_cli *cli, struct mill_error *err)
{
    return upload(cli, "local-file", mill_client_log_artifact, err);
}

static enum mill_status log_artifacts(struct mill_cli *cli, struct mill_error *err)
{
    return upload(cli, "local-dir", mill_client_log_artifacts, err);
}

#define OPT_TO MILL_OPT_TO("Directory below the run's artifacts to store it in")

static const struct mill_opt log_artifact_opts[] = {
    MILL_OPT_RUN_ID,   MILL_OPT_LOCAL_FILE, OPT_TO,
    MILL_OPT_PARALLEL, MILL_OPT_JSON,       MILL_OPT_TRACKING_URI,
};

static const struct mill_opt log_artifacts_opts[] = {
    MILL_OPT_RUN_ID,   MILL_OPT_LOCAL_DIR, OPT_TO,
    MILL_OPT_PARALLEL, MILL_OPT_JSON,      MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_artifacts_log = {
    .group = "artifacts",
    .name = "log",
    .alias = "log-artifact",
    .summary = "Store a file or directory in a run",
    MILL_OPTS(log_artifact_opts),
    .access = MILL_WRITE,
    .run = log_artifact,
};

const struct mill_command mill_cmd_artifacts_log_artifacts = {
    .group = "artifacts",
    .name = "log-artifacts",
    .summary = "Store what is in a directory in a run",
    MILL_OPTS(log_artifacts_opts),
    .access = MILL_WRITE,
    .run = log_artifacts,
};

/* --- download -------------------------------------------------------------------------- */

/* The URI of what is to be fetched: as it is given, in place of RUN, too, or of RUN and PATH.
 */
static enum mill_status read_uri(struct mill_cli *cli, struct mill_view *out,
                                 struct mill_error *err)
{
    const char *run = mill_arg(&cli->args, "run-id");
    const char *path = mill_arg(&cli->args, "artifact-path");
    const char *uri = mill_arg(&cli->args, "artifact-uri");
    if ((run == NULL) == (uri == NULL))
        return mill_fail(err, MILL_E_INVALID,
                         "'millstream artifacts download' needs either RUN [PATH] or a URI, "
                         "such as runs:/RUN/PATH or models:/NAME/VERSION");
    return mill_cli_files_uri(cli, uri != NULL ? uri : run, path, uri != NULL, out, err);
}

/* Where what was fetched is now: what `ls` takes. No REST call answers that: the JSON is ours.
 */
static void print_place(struct mill_cli *cli, const char *place)
{
    if (mill_cli_said(cli, "%s", place))
        return;
    mill_put_open(&cli->out, NULL, '{');
    mill_put_text(&cli->out, "path", mill_view_of(place));
    mill_put_end(&cli->out);
}

static enum mill_status download(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_transfer_line line;
    struct mill_transfer_options options;
    struct mill_view uri;
    char place[2 * PATH_MAX];
    const char *folder = mill_arg(&cli->args, "dst-path");
    if (folder[0] == '\0')
        return mill_fail(err, MILL_E_INVALID, "--dst-path is empty");
    enum mill_status st = read_uri(cli, &uri, err);
    if (st != MILL_OK)
        return st;
    mill_transfer_line_start(cli, &line, &options);
    st = mill_client_download_uri(cli->client, uri, mill_view_of(folder), &options, place,
                                  sizeof(place), NULL, err);
    mill_transfer_line_end(&line);
    if (st == MILL_OK)
        print_place(cli, place);
    return st;
}

static const struct mill_opt download_opts[] = {
    {.name = "run-id",
     .letter = 'r',
     .type = MILL_OPT_TEXT,
     .flags = MILL_OPT_BARE,
     .value = "RUN",
     .help = "Id of the run, or its first letters; or a URI"},
    MILL_OPT_ARTIFACT_PATH(
        "File or directory below the run's artifacts; all of them when not given"),
    {.name = "artifact-uri",
     .letter = 'u',
     .type = MILL_OPT_TEXT,
     .value = "URI",
     .help = "What to fetch instead of RUN and PATH: runs:/RUN/PATH, models:/NAME/VERSION, "
             "models:/NAME@ALIAS, models:/NAME/latest, models:/MODEL_ID, or a location"},
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
    .summary = "Fetch files of a run or a model and print where they are",
    MILL_OPTS(download_opts),
    .run = download,
};
