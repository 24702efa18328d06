/* cmd_artifacts.c - the commands that list, store and fetch files of a run. */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/view.h"
#include "cli/cli.h"
#include "cli/put.h"
#include "cli/table.h"

/* --- progress -------------------------------------------------------------------------- */

/* A line on standard error that is written over again; only on a terminal, and only once a
 * transfer has taken a moment. */
struct progress {
    struct mill_cli *cli;
    struct mill_term term;
    int64_t shown_ns;
    bool shown;
    size_t files;
    int64_t bytes;
};

#define FIRST_NS  700000000
#define REPEAT_NS 100000000

static bool on_progress(void *context, const struct mill_progress *now)
{
    struct progress *p = context;
    int64_t ns = mill_monotonic_ns();
    p->files = now->files;
    p->bytes = now->bytes;
    if (p->term.width == SIZE_MAX || ns - p->shown_ns < (p->shown ? REPEAT_NS : FIRST_NS))
        return true;
    struct mill_buf line = {0};
    struct mill_view size = mill_cli_bytes(p->cli, now->bytes);
    mill_buf_printf(&line, "\r\x1b[K%zu files, %.*s  ", now->files, MILL_FMT(size));
    size_t used = line.len;
    mill_text_fit(&line, &p->term, now->path, p->term.width > used ? p->term.width - used : 0);
    fwrite(line.ptr, 1, line.len, stderr);
    fflush(stderr);
    mill_buf_release(&line);
    p->shown = true;
    p->shown_ns = ns;
    return true;
}

static void start_progress(struct mill_cli *cli, struct progress *p,
                           struct mill_transfer_options *options)
{
    *p = (struct progress){
        .cli = cli, .term = mill_term_of(STDERR_FILENO), .shown_ns = mill_monotonic_ns()};
    if (!isatty(STDERR_FILENO))
        p->term.width = SIZE_MAX;
    *options = (struct mill_transfer_options){
        .size = sizeof(*options), .progress = on_progress, .context = p};
}

static void end_progress(const struct progress *p)
{
    if (p->shown)
        fputs("\r\x1b[K", stderr);
}

/* --- list ------------------------------------------------------------------------------ */

static void print_json(struct mill_cli *cli, const struct mill_file_list *list)
{
    mill_buf_add_char(&cli->out, '[');
    for (size_t i = 0; i < list->count; i++) {
        mill_buf_add_view(&cli->out, mill_view_of(i > 0 ? ",\n" : "\n"));
        mill_put_open(&cli->out, NULL, '{');
        mill_put_text(&cli->out, "path", list->items[i]->path);
        mill_put_bool(&cli->out, "is_dir", list->items[i]->is_dir);
        mill_put_int(&cli->out, "file_size", list->items[i]->file_size);
        mill_put_close(&cli->out, '}');
    }
    mill_buf_add_view(&cli->out, MILL_VIEW("\n]\n"));
}

/* Adds the entries of a directory, and with recursive those below. */
static enum mill_status add_entries(struct mill_cli *cli, struct mill_table *table,
                                    struct mill_view run_id, struct mill_view path,
                                    bool recursive, struct mill_error *err)
{
    struct mill_file_list *list = NULL;
    enum mill_status st = mill_client_list_artifacts(cli->client, run_id, path, &list, err);
    for (size_t i = 0; st == MILL_OK && i < list->count; i++) {
        const struct mill_file_info *file = list->items[i];
        mill_table_row(table);
        mill_table_set(table, 0, mill_cli_bytes(cli, file->file_size));
        mill_table_set(table, 1,
                       mill_arena_printf(&cli->arena, "%.*s%s", MILL_FMT(file->path),
                                         file->is_dir ? "/" : ""));
        if (file->is_dir && recursive)
            st = add_entries(cli, table, run_id, file->path, true, err);
    }
    mill_file_list_free(list);
    return st;
}

static enum mill_status list(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_view run_id, path = mill_view_of(mill_arg(&cli->args, "artifact-path"));
    struct mill_file_list *files = NULL;
    struct mill_table table = {.arena = &cli->arena};
    size_t left_out;
    enum mill_status st = mill_cli_open(cli, MILL_READ, err);
    if (st == MILL_OK)
        st = mill_cli_run_id(cli, mill_arg(&cli->args, "run-id"), &run_id, err);
    if (st == MILL_OK && mill_arg_flag(&cli->args, "json")) {
        st = mill_client_list_artifacts(cli->client, run_id, path, &files, err);
        if (st == MILL_OK)
            print_json(cli, files);
        mill_file_list_free(files);
        return st;
    }
    mill_table_column(&table, (struct mill_column){.title = MILL_VIEW("SIZE"), .right = true});
    mill_table_column(&table, (struct mill_column){.title = MILL_VIEW("PATH")});
    if (st == MILL_OK)
        st =
            add_entries(cli, &table, run_id, path, mill_arg_flag(&cli->args, "recursive"), err);
    if (st == MILL_OK && table.row_count == 0)
        mill_buf_add_view(&cli->out, MILL_VIEW("There are no files.\n"));
    else if (st == MILL_OK)
        st = mill_table_print(&table, &cli->term, &cli->out, &left_out, err);
    return st;
}

/* Rows that the commands share. */
#define ARTIFACT_PATH(text)                                                                    \
    {                                                                                          \
        .name = "artifact-path", .letter = 'a', .type = MILL_OPT_TEXT, .flags = MILL_OPT_BARE, \
        .value = "PATH", .help = text                                                          \
    }

static const struct mill_opt list_opts[] = {
    MILL_OPT_RUN_ID,
    ARTIFACT_PATH("Directory to list, below the run's artifacts"),
    {.name = "recursive",
     .letter = 'R',
     .type = MILL_OPT_FLAG,
     .help = "Also what is in directories below"},
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_artifacts_list = {
    .group = "artifacts",
    .name = "list",
    .summary = "List the files of a run",
    .opts = list_opts,
    .opt_count = MILL_COUNT(list_opts),
    .run = list,
};

/* --- log-artifact, log-artifacts ------------------------------------------------------- */

static enum mill_status upload(struct mill_cli *cli, const char *local, struct mill_error *err)
{
    struct progress progress;
    struct mill_transfer_options options;
    struct mill_view run_id;
    const char *folder = mill_arg(&cli->args, "artifact-path");
    enum mill_status st = mill_cli_open(cli, MILL_WRITE, err);
    if (st == MILL_OK)
        st = mill_cli_run_id(cli, mill_arg(&cli->args, "run-id"), &run_id, err);
    if (st != MILL_OK)
        return st;
    start_progress(cli, &progress, &options);
    st = mill_client_upload_artifacts(cli->client, run_id, mill_view_of(local),
                                      mill_view_of(folder), &options, err);
    end_progress(&progress);
    if (st == MILL_OK)
        mill_buf_printf(&cli->out, "Logged %zu file%s (%.*s) from %s to run %.*s%s%s\n",
                        progress.files, progress.files == 1 ? "" : "s",
                        MILL_FMT(mill_cli_bytes(cli, progress.bytes)), local, MILL_FMT(run_id),
                        folder != NULL ? ", directory " : "", folder != NULL ? folder : "");
    return st;
}

static enum mill_status log_artifact(struct mill_cli *cli, struct mill_error *err)
{
    return upload(cli, mill_arg(&cli->args, "local-file"), err);
}

static enum mill_status log_artifacts(struct mill_cli *cli, struct mill_error *err)
{
    return upload(cli, mill_arg(&cli->args, "local-dir"), err);
}

static const struct mill_opt log_artifact_opts[] = {
    MILL_OPT_RUN_ID,
    {.name = "local-file",
     .letter = 'l',
     .type = MILL_OPT_TEXT,
     .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE,
     .value = "FILE",
     .help = "File to store"},
    ARTIFACT_PATH("Directory below the run's artifacts to store it in"),
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
    ARTIFACT_PATH("Directory below the run's artifacts to store it in"),
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_artifacts_log_artifact = {
    .group = "artifacts",
    .name = "log-artifact",
    .summary = "Store a file in a run",
    .opts = log_artifact_opts,
    .opt_count = MILL_COUNT(log_artifact_opts),
    .run = log_artifact,
};

const struct mill_command mill_cmd_artifacts_log_artifacts = {
    .group = "artifacts",
    .name = "log-artifacts",
    .summary = "Store a directory in a run",
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

/* Where what was fetched is now: what `ls` takes. */
static void print_place(struct mill_cli *cli, const char *folder, struct mill_view path)
{
    while (mill_view_ends(path, MILL_VIEW("/")))
        path.len--;
    const char *slash = path.len > 0 ? memrchr(path.ptr, '/', path.len) : NULL;
    struct mill_view name =
        slash != NULL ? mill_view_from(path, (size_t)(slash + 1 - path.ptr)) : path;
    bool joined = name.len > 0;
    mill_buf_printf(&cli->out, "%s%s%.*s\n", folder,
                    joined && folder[strlen(folder) - 1] != '/' ? "/" : "", MILL_FMT(name));
}

static enum mill_status download(struct mill_cli *cli, struct mill_error *err)
{
    struct progress progress;
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
    start_progress(cli, &progress, &options);
    st = mill_client_download_artifacts(cli->client, run_id, path, mill_view_of(folder),
                                        &options, err);
    end_progress(&progress);
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
    ARTIFACT_PATH("File or directory below the run's artifacts; all of them when not given"),
    {.name = "artifact-uri",
     .letter = 'u',
     .type = MILL_OPT_TEXT,
     .value = "URI",
     .help = "runs:/RUN/PATH, instead of RUN and PATH"},
    {.name = "dst-path",
     .letter = 'd',
     .type = MILL_OPT_TEXT,
     .value = "DIR",
     .fallback = ".",
     .help = "Local directory to put them in; made when it is missing"},
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
