/* cmd_artifacts_list.c - `artifacts list`: files of a run, or of what a URI names. */
#include "base/view.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/put.h"
#include "cli/table.h"

/* Where to look: a path in a run, or (run_id absent) a URI. */
struct spot {
    struct mill_view run_id;
    struct mill_view at;
};

static enum mill_status list_at(struct mill_cli *cli, const struct spot *spot,
                                struct mill_file_list **out, struct mill_error *err)
{
    return spot->run_id.ptr != NULL
               ? mill_client_list_artifacts(cli->client, spot->run_id, spot->at, out, err)
               : mill_client_list_uri(cli->client, spot->at, out, err);
}

/* A directory that lies directly there. */
static struct spot below(struct mill_cli *cli, const struct spot *spot, struct mill_view path)
{
    struct spot next = {spot->run_id, path};
    const char *slash = memrchr(path.ptr, '/', path.len);
    if (spot->run_id.ptr == NULL)
        next.at = mill_arena_printf(
            &cli->arena, "%.*s/%.*s", MILL_FMT(spot->at),
            MILL_FMT(mill_view_from(path, slash != NULL ? (size_t)(slash + 1 - path.ptr) : 0)));
    return next;
}

/* What is below the directories that are to be looked into, one after the other. */
static enum mill_status add_json(struct mill_cli *cli, const struct spot *spot,
                                 const struct mill_file_list *list, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < list->count; i++) {
        const struct mill_file_info *file = list->items[i];
        struct mill_file_list *inner = NULL;
        mill_put_open(&cli->out, NULL, '{');
        mill_put_text(&cli->out, "path", file->path);
        mill_put_bool(&cli->out, "is_dir", file->is_dir);
        if (file->file_size != MILL_ABSENT)
            mill_put_int(&cli->out, "file_size", file->file_size);
        mill_put_close(&cli->out, '}');
        if (!file->is_dir || !mill_arg_flag(&cli->args, "recursive"))
            continue;
        struct spot next = below(cli, spot, file->path);
        st = list_at(cli, &next, &inner, err);
        if (st == MILL_OK)
            st = add_json(cli, &next, inner, err);
        mill_file_list_free(inner);
    }
    return st;
}

static enum mill_status print_json(struct mill_cli *cli, const struct spot *spot,
                                   struct mill_error *err)
{
    struct mill_file_list *list = NULL;
    enum mill_status st = list_at(cli, spot, &list, err);
    if (st != MILL_OK)
        return st;
    mill_put_open(&cli->out, NULL, '{');
    mill_answer_text(&cli->out, "root_uri", list->root_uri);
    if (list->count > 0) {
        mill_put_open(&cli->out, "files", '[');
        st = add_json(cli, spot, list, err);
        mill_put_close(&cli->out, ']');
    }
    mill_put_end(&cli->out);
    mill_file_list_free(list);
    return st;
}

/* Adds the entries of a directory, and with recursive those below. */
static enum mill_status add_entries(struct mill_cli *cli, struct mill_table *table,
                                    const struct spot *spot, bool recursive,
                                    struct mill_error *err)
{
    struct mill_file_list *list = NULL;
    enum mill_status st = list_at(cli, spot, &list, err);
    for (size_t i = 0; st == MILL_OK && i < list->count; i++) {
        const struct mill_file_info *file = list->items[i];
        mill_table_row(table);
        mill_table_set(table, 0, mill_cli_bytes(cli, file->file_size));
        mill_table_set(table, 1,
                       mill_arena_printf(&cli->arena, "%.*s%s", MILL_FMT(file->path),
                                         file->is_dir ? "/" : ""));
        if (file->is_dir && recursive) {
            struct spot next = below(cli, spot, file->path);
            st = add_entries(cli, table, &next, true, err);
        }
    }
    mill_file_list_free(list);
    return st;
}

/* What RUN and PATH name; a URI may stand in place of RUN. */
static enum mill_status find_spot(struct mill_cli *cli, struct spot *out,
                                  struct mill_error *err)
{
    const char *run = mill_arg(&cli->args, "run-id");
    const char *path = mill_arg(&cli->args, "artifact-path");
    *out = (struct spot){{NULL, 0}, mill_view_of(path)};
    if (mill_cli_is_uri(run))
        return mill_cli_files_uri(cli, run, path, true, &out->at, err);
    enum mill_status st = mill_cli_open(cli, MILL_READ, err);
    return st == MILL_OK ? mill_cli_run_id(cli, run, &out->run_id, err) : st;
}

static enum mill_status list(struct mill_cli *cli, struct mill_error *err)
{
    struct spot spot;
    struct mill_table table = {.arena = &cli->arena};
    size_t left_out;
    enum mill_status st = find_spot(cli, &spot, err);
    if (st == MILL_OK && mill_arg_flag(&cli->args, "json"))
        return print_json(cli, &spot, err);
    mill_table_column(&table, (struct mill_column){.title = MILL_VIEW("SIZE"), .right = true});
    mill_table_column(&table, (struct mill_column){.title = MILL_VIEW("PATH")});
    if (st == MILL_OK)
        st = add_entries(cli, &table, &spot, mill_arg_flag(&cli->args, "recursive"), err);
    if (st == MILL_OK && table.row_count == 0)
        mill_buf_add_view(&cli->out, MILL_VIEW("There are no files.\n"));
    else if (st == MILL_OK)
        st = mill_table_print(&table, &cli->term, &cli->out, &left_out, err);
    return st;
}

static const struct mill_opt list_opts[] = {
    {.name = "run-id",
     .letter = 'r',
     .type = MILL_OPT_TEXT,
     .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE,
     .value = "RUN",
     .help = "Id of the run, or its first letters; or a URI such as models:/NAME/VERSION"},
    MILL_OPT_ARTIFACT_PATH("Directory to list, below the run's artifacts"),
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
    .summary = "List the files of a run or a model",
    MILL_OPTS(list_opts),
    .run = list,
};
