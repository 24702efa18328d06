/* cmd_spool.c - `spool status`, `verify` and `export`: what loggers have written to disk and
 * not yet delivered. */
#include "base/view.h"
#include "cli/cli.h"
#include "cli/put.h"
#include "cli/table.h"

#define OPT_DIR                                                                                \
    {                                                                                          \
        .name = "dir", .letter = 'd', .type = MILL_OPT_TEXT, .flags = MILL_OPT_BARE,           \
        .value = "DIR",                                                                        \
        .help = "A spool, or one run's directory in it; else where loggers spool to"           \
    }

static struct mill_view directory(const struct mill_cli *cli)
{
    return mill_cli_text(cli, "dir");
}

/* --- status ---------------------------------------------------------------------------- */

/* One word for what a spool is like. */
static const char *state_of(const struct mill_spool_entry *e)
{
    if (e->damaged)
        return "damaged";
    if (e->newer)
        return "newer";
    if (e->pending_points + e->pending_changes == 0 && e->ended)
        return "delivered";
    return e->ended ? "closed" : "open";
}

static void print_json(struct mill_cli *cli, const struct mill_spool_list *list)
{
    struct mill_buf *out = &cli->out;
    mill_put_open(out, NULL, '{');
    mill_put_open(out, "spools", '[');
    for (size_t i = 0; i < list->count; i++) {
        const struct mill_spool_entry *e = list->items[i];
        mill_put_open(out, NULL, '{');
        mill_put_text(out, "path", e->path);
        mill_put_text(out, "run_id", e->run_id);
        mill_put_text(out, "tracking_uri", e->tracking_uri);
        mill_put_int(out, "created", e->created_ms);
        mill_put_text(out, "state", mill_view_of(state_of(e)));
        mill_put_int(out, "pending_points", e->pending_points);
        mill_put_int(out, "pending_changes", e->pending_changes);
        mill_put_int(out, "pending_bytes", e->pending_bytes);
        mill_put_int(out, "torn_bytes", e->torn_bytes);
        mill_put_int(out, "refused", e->refused);
        mill_put_close(out, '}');
    }
    mill_put_close(out, ']');
    mill_put_end(out);
}

static enum mill_status print_table(struct mill_cli *cli, const struct mill_spool_list *list,
                                    struct mill_error *err)
{
    static const struct mill_column columns[] = {
        {.title = {"RUN", 3}},
        {.title = {"CREATED", 7}, .optional = true},
        {.title = {"STATE", 5}},
        {.title = {"POINTS", 6}, .right = true},
        {.title = {"CHANGES", 7}, .right = true},
        {.title = {"SIZE", 4}, .right = true},
        {.title = {"REFUSED", 7}, .right = true, .optional = true},
        {.title = {"TO", 2}, .narrowest = 12, .optional = true},
    };
    struct mill_table table = {.arena = &cli->arena};
    size_t left_out;
    for (size_t i = 0; i < MILL_COUNT(columns); i++)
        mill_table_column(&table, columns[i]);
    for (size_t i = 0; i < list->count; i++) {
        const struct mill_spool_entry *e = list->items[i];
        mill_table_row(&table);
        mill_table_set(&table, 0, e->run_id.len > 0 ? e->run_id : e->path);
        mill_table_set(&table, 1, mill_cli_age(cli, e->created_ms));
        mill_table_set(&table, 2, mill_view_of(state_of(e)));
        mill_table_set(&table, 3, mill_cli_int(cli, e->pending_points));
        mill_table_set(&table, 4, mill_cli_int(cli, e->pending_changes));
        mill_table_set(&table, 5, mill_cli_bytes(cli, e->pending_bytes));
        mill_table_set(&table, 6, mill_cli_int(cli, e->refused));
        mill_table_set(&table, 7, e->tracking_uri);
    }
    return mill_table_print(&table, &cli->term, &cli->out, &left_out, err);
}

static enum mill_status status(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_spool_list *list = NULL;
    enum mill_status st = mill_spool_status(directory(cli), &list, err);
    if (st != MILL_OK)
        return st;
    if (mill_arg_flag(&cli->args, "json"))
        print_json(cli, list);
    else if (list->count == 0)
        mill_buf_add_view(&cli->out, MILL_VIEW("Nothing waits for delivery.\n"));
    else
        st = print_table(cli, list, err);
    mill_spool_list_free(list);
    return st;
}

static const struct mill_opt status_opts[] = {OPT_DIR, MILL_OPT_JSON};

const struct mill_command mill_cmd_spool_status = {
    .group = "spool",
    .name = "status",
    .summary = "Show what loggers have not delivered yet",
    MILL_OPTS(status_opts),
    .run = status,
};

/* --- verify ---------------------------------------------------------------------------- */

/* Says what is wrong with a spool; false when nothing is. */
static bool complain(struct mill_cli *cli, const struct mill_spool_entry *e)
{
    if (e->damaged)
        mill_buf_printf(&cli->out, "%.*s: damaged behind %lld points and %lld changes\n",
                        MILL_FMT(e->path), (long long)e->pending_points,
                        (long long)e->pending_changes);
    else if (e->torn_bytes > 0)
        mill_buf_printf(&cli->out,
                        "%.*s: the last write was cut off, %lld bytes of it are not used\n",
                        MILL_FMT(e->path), (long long)e->torn_bytes);
    return e->damaged;
}

static enum mill_status verify(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_spool_list *list = NULL;
    size_t damaged = 0;
    enum mill_status st = mill_spool_status(directory(cli), &list, err);
    if (st != MILL_OK)
        return st;
    for (size_t i = 0; i < list->count; i++)
        damaged += complain(cli, list->items[i]);
    mill_buf_printf(&cli->out, "%zu spool%s checked, %zu damaged\n", list->count,
                    list->count == 1 ? "" : "s", damaged);
    mill_spool_list_free(list);
    st = mill_cli_flush(cli, err);
    if (st == MILL_OK && damaged > 0)
        st = mill_fail(err, MILL_E_CORRUPT, "%zu spool%s damaged", damaged,
                       damaged == 1 ? " is" : "s are");
    return st;
}

static const struct mill_opt verify_opts[] = {OPT_DIR};

const struct mill_command mill_cmd_spool_verify = {
    .group = "spool",
    .name = "verify",
    .summary = "Read every byte that is not delivered yet and check it",
    MILL_OPTS(verify_opts),
    .run = verify,
};

/* --- export ---------------------------------------------------------------------------- */

static bool print_line(void *context, struct mill_view json)
{
    struct mill_cli *cli = context;
    mill_buf_add_view(&cli->out, json);
    mill_buf_add_char(&cli->out, '\n');
    return cli->out.len < ((size_t)1 << 16) || mill_cli_flush(cli, NULL) == MILL_OK;
}

static enum mill_status export_spool(struct mill_cli *cli, struct mill_error *err)
{
    return mill_spool_export(directory(cli), print_line, cli, err);
}

static const struct mill_opt export_opts[] = {OPT_DIR};

const struct mill_command mill_cmd_spool_export = {
    .group = "spool",
    .name = "export",
    .summary = "Print what is not delivered yet as the protocol's requests, one JSON a line",
    MILL_OPTS(export_opts),
    .run = export_spool,
};
