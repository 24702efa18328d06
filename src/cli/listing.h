/* listing.h - a page of a search, as a table for people or with --json as the REST call
 * answers. */
#ifndef MILL_CLI_LISTING_H
#define MILL_CLI_LISTING_H

#include "cli/cli.h"
#include "cli/table.h"

/* What one kind of list looks like; item i of the list is meant. */
struct mill_listing {
    const char *key; /* of the list in JSON */
    const struct mill_column *columns;
    size_t column_count;
    void (*set_cells)(struct mill_cli *cli, struct mill_table *table, const void *list,
                      size_t i);
    void (*answer)(struct mill_buf *out, const void *list, size_t i);
};

/* Prints the count items of a list and whether there are more. MILL_E_NOMEM. */
enum mill_status mill_listing_print(struct mill_cli *cli, const struct mill_listing *listing,
                                    const void *list, size_t count,
                                    struct mill_view next_page_token, struct mill_error *err);

#endif
