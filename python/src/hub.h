/* hub.h - the loggers of runs, for all clients of one tracking URI in one mode.
 *
 * Clients come and go, often one for each call: their loggers stay, one for each run, until the
 * run is ended, too many are open, or the interpreter exits. They are guarded as the state is;
 * what waits lets go of that. */
#ifndef PYMILL_HUB_H
#define PYMILL_HUB_H

#include "module.h"

struct pymill_client;

struct pymill_hub;

/* An open logger. Whoever uses it while something waits or runs Python counts as a user. */
struct pymill_run_logger {
    struct mill_logger *logger;
    struct pymill_run_logger *next; /* the last used come first */
    int users;
    bool ending;      /* it is off the hub: who only waits for delivery stops that */
    PyObject *params; /* dict of bytes: what was logged here; NULL: nothing */
    int forks;        /* pymill_state.forks when it was used last */
    size_t run_id_len;
    char run_id[];
};

/* The hub of clients like that, made where there is none; borrowed from the state. NULL with an
 * exception set. */
struct pymill_hub *pymill_hub_of(struct pymill_state *state, PyObject *tracking_uri,
                                 enum mill_logger_mode mode, PyObject *spool);

/* The open logger of a run; NULL if there is none. */
struct pymill_run_logger *pymill_hub_find(struct pymill_hub *hub, struct mill_view run_id);

/* The same, opened where there is none: for a run that exists. NULL with an exception set. */
struct pymill_run_logger *pymill_hub_open(struct pymill_hub *hub, struct mill_view run_id);

/* Opens the logger of a run that it makes. NULL with an exception set. */
struct pymill_run_logger *pymill_hub_start(struct pymill_hub *hub,
                                           const struct mill_new_run *run,
                                           struct mill_view experiment_name);

/* Notes that a run was made here, so that it need not be looked for; whether it was. */
bool pymill_hub_note_run(struct pymill_hub *hub, struct mill_view run_id);
bool pymill_hub_knows_run(struct pymill_hub *hub, struct mill_view run_id);

/* Keeps a run that began in the spool as it began, for those who ask for it before it is
 * delivered. */
bool pymill_hub_keep_run(struct pymill_hub *hub, struct mill_view run_id, PyObject *run);

/* Such a run; borrowed, NULL without an exception where there is none. */
PyObject *pymill_hub_kept_run(struct pymill_hub *hub, struct mill_view run_id);

/* Forgets that a run was made here: the server is asked again what may be logged into it. */
void pymill_hub_forget_run(struct pymill_hub *hub, struct mill_view run_id);

/* Whether a param has no other value yet among those that were logged into the run here: false
 * with an exception set, as a server would refuse it. What is logged elsewhere is not known. */
bool pymill_hub_check_param(struct pymill_hub *hub, struct pymill_run_logger *logger,
                            const struct mill_param *param, bool remote);

/* Notes params that have been logged; false with an exception set. */
bool pymill_hub_note_params(struct pymill_run_logger *logger, const struct mill_param *params,
                            size_t count);

/* Waits until what was logged into a run, or into all of them where run_id is absent, is
 * delivered, at most so long; *delivered_out is whether it is. False with an exception set: a
 * signal's, or a spool's that cannot be written. */
bool pymill_hub_flush(struct pymill_hub *hub, struct mill_view run_id, int64_t timeout_ms,
                      bool *delivered_out);

/* Ends a run (status 0: leaves it as it is) and its logger, when what was logged is delivered
 * or its delivery does not get on. What is left stays in the spool, which is warned about.
 * False with an exception set. */
bool pymill_hub_end(struct pymill_hub *hub, struct pymill_run_logger *logger,
                    enum mill_run_status status, int64_t end_time_ms);

/* Ends the loggers that this process has used, of one hub or of all. */
bool pymill_hub_close(struct pymill_hub *hub);
bool pymill_hubs_close(struct pymill_state *state);

/* Passes on what loggers have warned about, to Python's logging. Sets no exception. */
void pymill_hub_tell(struct pymill_hub *hub);

#endif
