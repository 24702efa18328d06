/* event.h - what a change that was applied means to subscribers. */
#ifndef MILL_MODEL_EVENT_H
#define MILL_MODEL_EVENT_H

#include "base/buf.h"
#include "model/change.h"
#include "model/webhook.h"

/* The event of a change with a good outcome; false when nobody is ever told of it. Any thread.
 */
bool mill_event_of(const struct mill_change *change, const struct mill_outcome *outcome,
                   enum mill_event *event_out);

/* How many bytes mill_event_write appends at most, whatever becomes of the change; 0 when
 * nobody is told of such changes. run is the one that is updated, as it is before; NULL for
 * others. */
size_t mill_event_room(const struct mill_change *change, const struct mill_run_info *run);

/* Appends what happened as a JSON object. The change is one that has an event. */
void mill_event_write(struct mill_buf *out, const struct mill_change *change,
                      const struct mill_outcome *outcome);

#endif
