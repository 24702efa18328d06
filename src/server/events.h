/* events.h - pages that listen to changes: who they are, and when they are told. Loop thread.
 */
#ifndef MILL_SERVER_EVENTS_H
#define MILL_SERVER_EVENTS_H

#include <millstream/types.h>

struct mill_changes;
struct mill_events;
struct mill_http;
struct mill_server;

/* Puts listeners into a loop that is open; http->events is set. MILL_E_NOMEM. */
enum mill_status mill_events_open(struct mill_http *http, struct mill_changes *changes,
                                  struct mill_error *err);

/* Changes were noted: listeners are told soon, several changes together. */
void mill_events_changed(struct mill_server *server);

/* Ends all listening, and takes no more listeners. NULL is allowed here and below. */
void mill_events_stop(struct mill_events *events);

/* Frees what nobody listens to any more, once the loop has ended. */
void mill_events_close(struct mill_events *events);

#endif
