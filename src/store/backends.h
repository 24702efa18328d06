/* backends.h - how store.c makes each kind of store. */
#ifndef MILL_STORE_BACKENDS_H
#define MILL_STORE_BACKENDS_H

#include "store/store.h"

/* rest is the URI behind "scheme:"; see mill_store_open for failures. */
enum mill_status mill_store_sqlite_open(struct mill_view path,
                                        const struct mill_store_options *options,
                                        struct mill_store **out, struct mill_error *err);
enum mill_status mill_store_memory_open(struct mill_view name,
                                        const struct mill_store_options *options,
                                        struct mill_store **out, struct mill_error *err);
enum mill_status mill_store_file_open(struct mill_view rest,
                                      const struct mill_store_options *options,
                                      struct mill_store **out, struct mill_error *err);

/* path is a whole URI without a scheme; empty for ./mlruns. */
enum mill_status mill_store_path_open(struct mill_view path,
                                      const struct mill_store_options *options,
                                      struct mill_store **out, struct mill_error *err);

#endif
