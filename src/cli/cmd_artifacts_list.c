/* cmd_artifacts_list.c - `artifacts list`: files of a run. */
#include "base/view.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/put.h"
#include "cli/table.h"

/* What is below the directories that are to be looked into, one after the other. */
static enum mill_status add_json(struct mill_cli *cli, struct mill_view run_id,
                                 const struct mill_file_list *list, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < list->count; i++) {
        const struct mill_file_info *file = list->items[i];
        struct mill_file_list *below = NULL;
        mill_put_open(&cli->out, NULL, '{');
        mill_put_text(&cli->out, "path", file->path);
        mill_put_bool(&cli->out, "is_dir", file->is_dir);
        if (file->file_size != MILL_ABSENT)
            mill_put_int(&cli->out, "file_size", file->file_size);
        mill_put_close(&cli->out, '}');
        if (!file->is_dir || !mill_arg_flag(&cli->args, "recursive"))
            continue;
        st = mill_client_list_artifacts(cli->client, run_id, file->path, &below, err);
        if (st == MILL_OK)
            st = add_json(cli, run_id, below, err);
        mill_file_list_free(below);
    }
    return st;
}

static enum mill_status print_json(struct mill_cli *cli, struct mill_view run_id,
                                   struct mill_view path, struct mill_error *err)
{
    struct mill_file_list *list = NULL;
    enum mill_status st = mill_client_list_artifacts(cli->client, run_id, path, &list, err);
    if (st != MILL_OK)
        return st;
    mill_put_open(&cli->out, NULL, '{');
    mill_answer_text(&cli->out, "root_uri", list->root_uri);
    if (list->count > 0) {
        mill_put_open(&cli->out, "files", '[');
        st = add_json(cli, run_id, list, err);
        mill_put_close(&cli->out, ']');
    }
    mill_put_close(&cli->out, '}');
    mill_buf_add_char(&cli->out, '\n');
    mill_file_list_free(list);
    return st;
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
    struct mill_table table = {.arena = &cli->arena};
    size_t left_out;
    enum mill_status st = mill_cli_open_run(cli, MILL_READ, &run_id, err);
    if (st == MILL_OK && mill_arg_flag(&cli->args, "json"))
        return print_json(cli, run_id, path, err);
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

static const struct mill_opt list_opts[] = {
    MILL_OPT_RUN_ID,
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
    .summary = "List the files of a run",
    .opts = list_opts,
    .opt_count = MILL_COUNT(list_opts),
    .run = list,
};
