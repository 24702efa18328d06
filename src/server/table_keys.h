/* table_keys.h - whose values the rows of runs/table have: those of the keys that were asked
 * for, and of keys in which the runs differ. */
#ifndef MILL_SERVER_TABLE_KEYS_H
#define MILL_SERVER_TABLE_KEYS_H

#include "base/arena.h"
#include "wire/messages.h"

/* The keys that were asked for, as they are in the request. */
struct mill_table_keys mill_table_keys_asked(const struct mill_runs_table_request *request);

/* Adds up to `most` keys of each kind that are not there yet: those in which the runs of the
 * columns differ, what most runs have first; tags of the protocol's own (mlflow.) are none of
 * them. In arena. The only error is MILL_E_NOMEM. */
enum mill_status mill_table_keys_add(struct mill_table_keys *keys,
                                     const struct mill_runs_columns_response *columns,
                                     size_t most, struct mill_arena *arena,
                                     struct mill_error *err);

#endif
