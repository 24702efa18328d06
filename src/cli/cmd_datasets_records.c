/* cmd_datasets_records.c - `datasets import` and `datasets export`: records as lines of JSON.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/datasets.h"
#include "cli/lines.h"
#include "cli/put.h"

/* Records of one request, and the bytes at which it is sent. */
#define BATCH       1000
#define BATCH_BYTES (4 << 20)

/* --- import ---------------------------------------------------------------------------- */

struct import {
    struct mill_cli *cli;
    struct mill_lines lines;
    struct mill_buf batch; /* a JSON list without its end */
    size_t waiting;
    int64_t first_line; /* of the batch */
    int64_t inserted, updated;
};

static enum mill_status send(struct import *import, struct mill_error *err)
{
    struct mill_error cause = {""};
    int64_t inserted = 0, updated = 0;
    if (import->waiting == 0)
        return MILL_OK;
    mill_buf_add_char(&import->batch, ']');
    if (import->batch.failed)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    enum mill_status st = mill_client_merge_eval_records(
        import->cli->client, mill_cli_text(import->cli, "dataset-id"),
        mill_buf_view(&import->batch), &inserted, &updated, &cause);
    if (st != MILL_OK)
        return mill_fail(err, st, "lines %lld to %lld: %.300s; before: %lld new, %lld changed",
                         (long long)import->first_line, (long long)import->lines.number,
                         cause.message, (long long)import->inserted,
                         (long long)import->updated);
    import->inserted += inserted;
    import->updated += updated;
    import->waiting = 0;
    mill_buf_clear(&import->batch);
    return MILL_OK;
}

static enum mill_status add_line(struct import *import, struct mill_view line,
                                 struct mill_error *err)
{
    line = mill_view_trim(line);
    if (mill_view_empty(line))
        return MILL_OK;
    if (import->waiting == 0)
        import->first_line = import->lines.number;
    mill_buf_add_char(&import->batch, import->waiting == 0 ? '[' : ',');
    mill_buf_add_view(&import->batch, line);
    import->waiting++;
    return import->waiting == BATCH || import->batch.len >= BATCH_BYTES ? send(import, err)
                                                                        : MILL_OK;
}

static enum mill_status copy(struct import *import, struct mill_error *err)
{
    enum mill_lines_event event = MILL_LINES_IDLE;
    enum mill_status st = MILL_OK;
    while (st == MILL_OK && event != MILL_LINES_END) {
        struct mill_view line;
        st = mill_lines_next(&import->lines, -1, &event, &line, err);
        if (st == MILL_OK && event == MILL_LINES_LINE)
            st = add_line(import, line, err);
    }
    return st == MILL_OK ? send(import, err) : st;
}

static enum mill_status import_it(struct mill_cli *cli, struct mill_error *err)
{
    const char *path = mill_arg(&cli->args, "file");
    bool is_stdin = strcmp(path, "-") == 0;
    struct import import = {.cli = cli};
    import.lines.fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (import.lines.fd < 0)
        return mill_fail(err, MILL_E_IO, "cannot open %s: %s", path, strerror(errno));
    enum mill_status st = copy(&import, err);
    if (!is_stdin)
        close(import.lines.fd);
    mill_buf_release(&import.lines.buf);
    mill_buf_release(&import.batch);
    if (st != MILL_OK)
        return st;
    if (!mill_cli_said(cli, "%lld new, %lld changed.", (long long)import.inserted,
                       (long long)import.updated))
        mill_buf_printf(&cli->out, "{\"inserted_count\":%lld,\"updated_count\":%lld}\n",
                        (long long)import.inserted, (long long)import.updated);
    return MILL_OK;
}

static const struct mill_opt import_opts[] = {
    MILL_OPT_DATASET,
    {.name = "file",
     .type = MILL_OPT_TEXT,
     .flags = MILL_OPT_BARE,
     .value = "FILE",
     .fallback = "-",
     .help = "What has the records; '-' is standard input"},
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_datasets_import = {
    .group = "datasets",
    .name = "import",
    .summary = "Add records to an evaluation dataset, one JSON object a line",
    .details = "{\"inputs\": {\"question\": \"2+2\"}, \"expectations\": {\"answer\": 4}} is a "
               "record; it can have \"outputs\", \"tags\" and \"source\" as well. One with "
               "inputs that are there changes that record.",
    MILL_OPTS(import_opts),
    .access = MILL_WRITE,
    .run = import_it,
};

/* --- export ---------------------------------------------------------------------------- */

/* What an import takes. */
static void put_record(struct mill_buf *out, const struct mill_eval_record *r)
{
    mill_put_open(out, NULL, '{');
    mill_put_json(out, "inputs", r->inputs);
    mill_put_json(out, "outputs", r->outputs);
    mill_put_json(out, "expectations", r->expectations);
    mill_put_json(out, "tags", r->tags);
    mill_put_json(out, "source", r->source);
    mill_put_end(out);
}

/* One page; *token is that of the page and becomes that of the next, in the cli's arena. */
static enum mill_status export_page(struct mill_cli *cli, struct mill_view *token,
                                    struct mill_error *err)
{
    struct mill_eval_record_list *list = NULL;
    enum mill_status st = mill_client_list_eval_records(
        cli->client, mill_cli_text(cli, "dataset-id"), BATCH, *token, &list, err);
    for (size_t i = 0; st == MILL_OK && i < list->count; i++)
        put_record(&cli->out, list->items[i]);
    if (st == MILL_OK) {
        bool more = list->next_page_token.ptr != NULL;
        *token = more ? mill_arena_copy(&cli->arena, list->next_page_token)
                      : (struct mill_view){NULL, 0};
        if (more && token->ptr == NULL)
            st = mill_fail(err, MILL_E_NOMEM, "out of memory");
    }
    mill_eval_record_list_free(list);
    return st == MILL_OK ? mill_cli_flush(cli, err) : st;
}

static enum mill_status export_it(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_eval_dataset_list *found = NULL;
    struct mill_view token = {NULL, 0};
    enum mill_status st = mill_client_get_eval_dataset(
        cli->client, mill_cli_text(cli, "dataset-id"), &found, err);
    mill_eval_dataset_list_free(found);
    do {
        if (st == MILL_OK)
            st = export_page(cli, &token, err);
    } while (st == MILL_OK && token.ptr != NULL);
    return st;
}

static const struct mill_opt export_opts[] = {MILL_OPT_DATASET, MILL_OPT_TRACKING_URI};

const struct mill_command mill_cmd_datasets_export = {
    .group = "datasets",
    .name = "export",
    .summary = "Print the records of an evaluation dataset, one JSON object a line",
    MILL_OPTS(export_opts),
    .access = MILL_READ,
    .run = export_it,
};
