/* check.h - what the checks of the single kinds of change share; the client checks what it
 * reads by the same functions. */
#ifndef MILL_MODEL_CHECK_H
#define MILL_MODEL_CHECK_H

#include <float.h>
#include <math.h>

#include "base/arena.h"
#include "model/change.h"

/* Where in a request a value stands, for messages: "params[3].value", or "value" when list is
 * NULL. */
struct mill_place {
    const char *list;
    size_t index;
    const char *field;
};

/* The place of a plain field. */
static inline struct mill_place mill_place_of(const char *field)
{
    return (struct mill_place){.field = field};
}

/* Fails with MILL_E_INVALID and a message that begins with the place. */
enum mill_status mill_place_fail(struct mill_place place, struct mill_error *err,
                                 const char *format, ...) MILL_PRINTF(3, 4);

enum mill_status mill_check_nomem(struct mill_error *err);

/* The value as databases keep it, MLflow's as ours: Infinity as the largest double. */
static inline double mill_metric_kept(double value)
{
    if (isinf(value))
        return value > 0 ? DBL_MAX : -DBL_MAX;
    return value;
}

/* Whether a stored value is a finite number for people, who may have logged Infinity. */
static inline bool mill_metric_finite(double value)
{
    return value < DBL_MAX && value > -DBL_MAX;
}

/* The value as people logged it: Infinity again where it was. */
static inline double mill_metric_shown(double value)
{
    if (value >= DBL_MAX)
        return (double)INFINITY;
    return value <= -DBL_MAX ? -(double)INFINITY : value;
}

/* A list has at most max items. */
enum mill_status mill_check_count(const char *list, size_t count, size_t max,
                                  struct mill_error *err);

/* A list that has items is there. */
enum mill_status mill_check_given(const char *list, const void *items, size_t count,
                                  struct mill_error *err);

/* A key of a metric, param or tag: see mill_key_problem. */
enum mill_status mill_check_key(struct mill_place place, struct mill_view key,
                                struct mill_error *err);

/* Valid UTF-8 of at most max characters; absent is allowed. */
enum mill_status mill_check_text(struct mill_place place, struct mill_view text, size_t max,
                                 struct mill_error *err);

/* The same, and not absent or empty. */
enum mill_status mill_check_required(struct mill_place place, struct mill_view text, size_t max,
                                     struct mill_error *err);

/* As much of a text as a message quotes; "?" for what is not UTF-8. */
struct mill_view mill_quoted(struct mill_view text);

/* A run id that only has to be there: what names no run is not found later. */
enum mill_status mill_check_run_id(struct mill_view run_id, struct mill_error *err);

/* A run id that also has the form of one, for the calls that insist on it. */
enum mill_status mill_check_run_id_form(struct mill_view run_id, struct mill_error *err);

/* A place for files that a caller names: not of a scheme that would make the server talk to a
 * host of the caller's choice, unless it is below own_root. */
enum mill_status mill_check_host(struct mill_place place, struct mill_view location,
                                 struct mill_view own_root, struct mill_error *err);

/* The part before ':' when it looks like a scheme, else absent. */
struct mill_view mill_scheme_of(struct mill_view location);

/* An experiment id that was given. */
enum mill_status mill_check_experiment_id(int64_t experiment_id, struct mill_error *err);

/* Text that cannot be absent: an absent one becomes empty. */
static inline struct mill_view mill_text_or_empty(struct mill_view text)
{
    return text.ptr != NULL ? text : (struct mill_view){"", 0};
}

/* Keys seen so far in one list, to find repeats in constant time each. */
struct mill_key_set {
    const struct mill_view **slots;
    size_t mask; /* slots - 1, a power of two minus one */
};

/* Makes room for count keys. MILL_E_NOMEM. */
enum mill_status mill_key_set_init(struct mill_key_set *set, size_t count,
                                   struct mill_arena *arena, struct mill_error *err);

/* Adds a key; the result is the equal key that was there before, or NULL. The key stays
 * borrowed. */
const struct mill_view *mill_key_set_add(struct mill_key_set *set, const struct mill_view *key);

/* One for each kind of change that has something to check. */
typedef enum mill_status mill_change_checker(struct mill_change *change,
                                             struct mill_arena *arena, struct mill_error *err);

mill_change_checker mill_check_create_experiment;
mill_change_checker mill_check_create_run;
mill_change_checker mill_check_update_run;
mill_change_checker mill_check_log;
mill_change_checker mill_check_inputs;
mill_change_checker mill_check_outputs;
mill_change_checker mill_check_model;
mill_change_checker mill_check_model_tag;
mill_change_checker mill_check_model_alias;
mill_change_checker mill_check_model_version;

/* change_webhook.c */
mill_change_checker mill_check_create_webhook;
mill_change_checker mill_check_update_webhook;

mill_change_checker mill_check_create_logged_model;
mill_change_checker mill_check_finalize_logged_model;
mill_change_checker mill_check_delete_logged_model;
mill_change_checker mill_check_tag_logged_model;
mill_change_checker mill_check_untag_logged_model;
mill_change_checker mill_check_log_model_params;

mill_change_checker mill_check_eval_dataset;
mill_change_checker mill_check_eval_records;
mill_change_checker mill_check_scorer;

mill_change_checker mill_check_trace;
mill_change_checker mill_check_trace_tag;
mill_change_checker mill_check_traces;
mill_change_checker mill_check_assessment;

#endif
