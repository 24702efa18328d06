/* memory_webhooks.h - the memory store's webhooks and what waits for them. The store's lock
 * covers every call: for reading where the struct is const, for writing otherwise. */
#ifndef MILL_STORE_MEMORY_WEBHOOKS_H
#define MILL_STORE_MEMORY_WEBHOOKS_H

#include "model/change.h"
#include "store/store.h"

struct memory_webhook;
struct told;
struct waiting;

/* Zeroed is empty. */
struct memory_webhooks {
    struct memory_webhook **list; /* by creation */
    size_t count;
    int64_t last_delivery;
    struct told *reserved; /* room for the event of the change that is being applied; or NULL */
    struct waiting *spare; /* as many as there are webhooks that may want it */
    bool added;            /* an event waits since the owner has last cleared this */
    mill_deliveries_fn *fn;
    void *context;
};

void mill_memory_webhooks_release(struct memory_webhooks *all);

/* Applies one of the changes of webhooks. */
enum mill_status mill_memory_change_webhook(struct memory_webhooks *all,
                                            const struct mill_change *change,
                                            struct mill_outcome *outcome,
                                            struct mill_error *err);

/* Before a change: makes room for its event, so that a change which was applied is told of.
 * run is the one that is updated; NULL for others. MILL_E_NOMEM. */
enum mill_status mill_memory_reserve_event(struct memory_webhooks *all,
                                           const struct mill_change *change,
                                           const struct mill_run_info *run,
                                           struct mill_error *err);

/* After it: keeps its event for those who want it, if it was applied well, and gives back what
 * was reserved. Cannot fail. */
void mill_memory_event(struct memory_webhooks *all, const struct mill_change *change,
                       const struct mill_outcome *outcome);

/* As the functions of store.h. */
enum mill_status mill_memory_get_webhook(const struct memory_webhooks *all,
                                         struct mill_view webhook_id, struct mill_arena *arena,
                                         struct mill_webhook *out, struct mill_error *err);
enum mill_status mill_memory_list_webhooks(const struct memory_webhooks *all, uint32_t events,
                                           int64_t offset, int64_t limit,
                                           struct mill_arena *arena,
                                           struct mill_webhook_page *out,
                                           struct mill_error *err);
enum mill_status mill_memory_due_deliveries(const struct memory_webhooks *all, int64_t now_ms,
                                            struct mill_arena *arena,
                                            struct mill_due_deliveries *out,
                                            struct mill_error *err);

#endif
