/* webhooks.h - delivers events: takes what waits in the store, sends it, and settles it there.
 *
 * A few threads of their own, which start when there is something to send, so that a server
 * without webhooks has none and loads nothing. A webhook gets its events one after the other,
 * in order; what was being sent when the server ends is sent again by the next one, under the
 * same delivery id. */
#ifndef MILL_SERVER_WEBHOOKS_H
#define MILL_SERVER_WEBHOOKS_H

#include "server/config.h"
#include "server/webhook_attempt.h"
#include "server/webhook_key.h"
#include "store/writer.h"

struct mill_webhooks;

/* Begins to watch a store, and to deliver what waits in it; *out is NULL for a store that keeps
 * no webhooks. Everything given lives as long. */
enum mill_status mill_webhooks_start(const struct mill_server_config *config,
                                     struct mill_store *store, struct mill_writer *writer,
                                     struct mill_webhooks **out, struct mill_error *err);

/* Ends the threads, cancelling what is being sent, and frees it. Nobody applies changes
 * meanwhile but the writer, which must still run. NULL is allowed. */
void mill_webhooks_stop(struct mill_webhooks *webhooks);

/* Where webhooks may lead, and the key of their secrets. Any thread. */
const struct mill_target_rules *mill_webhooks_rules(const struct mill_webhooks *webhooks);
struct mill_webhook_key *mill_webhooks_key(const struct mill_webhooks *webhooks);

/* Sends an example of an event to a webhook, once, and waits for the answer: out->body is to be
 * released. MILL_E_LIMIT when two are on their way already. For threads that may wait. */
enum mill_status mill_webhooks_test(struct mill_webhooks *webhooks,
                                    const struct mill_webhook *webhook, enum mill_event event,
                                    struct mill_webhook_answer *out, struct mill_error *err);

/* How long to wait after so many attempts in vain, in milliseconds: 1, 2, 4 ... 60 seconds (of
 * second_ms each), or longer if the receiver asks, up to five minutes. */
int64_t mill_webhooks_delay(int64_t attempts, int64_t retry_after_ms, int64_t second_ms);

#endif
