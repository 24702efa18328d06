/* listing.c - see listing.h. */
#include "cli/listing.h"

#include "cli/answer.h"
#include "cli/put.h"

static void print_json(struct mill_buf *out, const struct mill_listing *listing,
                       const void *list, size_t count, struct mill_view next_page_token)
{
    mill_put_open(out, NULL, '{');
    if (count > 0) {
        mill_put_open(out, listing->key, '[');
        for (size_t i = 0; i < count; i++)
            listing->answer(out, list, i);
        mill_put_close(out, ']');
    }
    mill_answer_text(out, "next_page_token", next_page_token);
    mill_put_end(out);
}

static enum mill_status print_table(struct mill_cli *cli, const struct mill_listing *listing,
                                    const void *list, size_t count, struct mill_error *err)
{
    struct mill_table table = {.arena = &cli->arena};
    size_t left_out;

    for (size_t i = 0; i < listing->column_count; i++)
        mill_table_column(&table, listing->columns[i]);
    for (size_t i = 0; i < count; i++) {
        mill_table_row(&table);
        listing->set_cells(cli, &table, list, i);
    }
    return mill_table_print(&table, &cli->term, &cli->out, &left_out, err);
}

enum mill_status mill_listing_print(struct mill_cli *cli, const struct mill_listing *listing,
                                    const void *list, size_t count,
                                    struct mill_view next_page_token, struct mill_error *err)
{
    enum mill_status st;

    if (mill_arg_flag(&cli->args, "json")) {
        print_json(&cli->out, listing, list, count, next_page_token);
        return MILL_OK;
    }
    st = print_table(cli, listing, list, count, err);
    if (st == MILL_OK && next_page_token.ptr != NULL)
        mill_buf_add_view(&cli->out, MILL_VIEW("There are more: see --max-results.\n"));
    return st;
}
