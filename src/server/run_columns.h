/* run_columns.h - which metrics, params and tags some runs have, and where they differ. */
#ifndef MILL_SERVER_RUN_COLUMNS_H
#define MILL_SERVER_RUN_COLUMNS_H

#include "base/arena.h"
#include "store/store.h"
#include "wire/messages.h"

/* Fills all of out but its generation. It lies in arena and points into the page. The only
 * error is MILL_E_NOMEM. */
enum mill_status mill_run_columns(const struct mill_run_page *page, struct mill_arena *arena,
                                  struct mill_runs_columns_response *out,
                                  struct mill_error *err);

#endif
