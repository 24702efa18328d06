/* row_page.h - pages of rows, as store.h hands them out. */
#ifndef MILL_STORE_ROW_PAGE_H
#define MILL_STORE_ROW_PAGE_H

#include "store/row.h"
#include "store/store.h"

/* As in struct mill_run_search. */
struct mill_page_form {
    bool lean;
    bool info_only;
};

/* A page of these rows; takes over the references, also when it fails for lack of memory. */
enum mill_status mill_row_page(struct mill_row **rows, size_t count, struct mill_page_form form,
                               struct mill_run_page *out, struct mill_error *err);

#endif
