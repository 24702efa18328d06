/* run_name.h - names for runs that were given none. */
#ifndef MILL_MODEL_RUN_NAME_H
#define MILL_MODEL_RUN_NAME_H

#include "base/arena.h"

/* Characters of the longest generated name. */
#define MILL_GENERATED_NAME_MAX 20

/* A random name of the form "calm-otter-417", allocated in arena; ptr NULL when out of
 * memory. Names may repeat: a run is told from others by its id. Any thread. */
struct mill_view mill_run_name_generate(struct mill_arena *arena);

#endif
