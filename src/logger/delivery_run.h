/* delivery_run.h - which run on the server a spool's changes go to. */
#ifndef MILL_LOGGER_DELIVERY_RUN_H
#define MILL_LOGGER_DELIVERY_RUN_H

#include "logger/delivery.h"

/* Opens the client and finds the run, or makes it, so that remote_id is known. Does nothing
 * when it is. A run that joins another process's and is not there yet is MILL_E_NOT_FOUND. */
enum mill_status mill_delivery_find_run(struct mill_delivery *d, struct mill_error *err);

/* The id of the experiment of that name, which is made when it is missing. Two at once: the
 * second one finds it. */
enum mill_status mill_delivery_find_experiment(struct mill_client *client,
                                               struct mill_view name, int64_t *id_out,
                                               struct mill_error *err);

#endif
