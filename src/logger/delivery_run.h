/* delivery_run.h - which run on the server a spool's changes go to. */
#ifndef MILL_LOGGER_DELIVERY_RUN_H
#define MILL_LOGGER_DELIVERY_RUN_H

#include "logger/delivery.h"

/* Opens the client, if it is not. Makes no request that waits for long. */
enum mill_status mill_delivery_connect(struct mill_delivery *d, struct mill_error *err);

/* Connects and finds the run, or makes it, so that remote_id is known. Does nothing when it is.
 * A run that had ended before a logger was opened to continue it is set RUNNING again. A spool
 * that joins a run which is not there yet is MILL_E_NOT_FOUND; while another delivery makes the
 * run, MILL_E_BUSY. */
enum mill_status mill_delivery_find_run(struct mill_delivery *d, struct mill_error *err);

/* The id of the experiment of that name, which is made when it is missing. Two at once: the
 * second one finds it. */
enum mill_status mill_delivery_find_experiment(struct mill_client *client,
                                               struct mill_view name, int64_t *id_out,
                                               struct mill_error *err);

#endif
