/* changes.h - what was changed lately, for pages that show it: which runs and experiments, in
 * what way, since which generation. The writer notes each change after its commit; listeners
 * and the route `changes` ask. Any thread. */
#ifndef MILL_SERVER_CHANGES_H
#define MILL_SERVER_CHANGES_H

#include "base/buf.h"
#include "model/change.h"

/* Runs and experiments that are remembered with their changes; who asks for more has to read
 * everything anew. */
#define MILL_CHANGES_KEPT 4096

/* Runs that one answer names; of more it says no more than that they were many. */
#define MILL_CHANGES_TOLD 1000

struct mill_changes;

/* The first generation follows from the time, so that generations grow over restarts too.
 * partial says that others may write to the store as well. NULL when out of memory. */
struct mill_changes *mill_changes_new(int64_t now_ms, bool partial);
void mill_changes_free(struct mill_changes *changes); /* NULL is allowed */

/* The generation of the last change; 0 for NULL. */
int64_t mill_changes_generation(const struct mill_changes *changes);

/* Notes a change that was applied well. */
void mill_changes_note(struct mill_changes *changes, const struct mill_change *change,
                       const struct mill_outcome *outcome);

/* Whose changes count: runs of these experiments and the experiments themselves, and these
 * runs; without any, all. Both lists are sorted. */
struct mill_changes_filter {
    const int64_t *experiment_ids;
    size_t experiment_count;
    const struct mill_view *run_ids;
    size_t run_count;
};

/* Appends what happened behind a generation as a JSON object, and gives the generation it goes
 * up to. any_out, unless NULL, says whether there was anything. MILL_ABSENT for since: nothing
 * but the generation. */
int64_t mill_changes_write(struct mill_changes *changes, int64_t since,
                           const struct mill_changes_filter *filter, struct mill_buf *out,
                           bool *any_out);

#endif
