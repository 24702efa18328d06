/* event.c - see event.h. One row for each kind of change that means something to others. */
#include "model/event.h"

#include "base/json_text.h"
#include "base/view.h"

typedef bool event_chooser(const struct mill_change *change, const struct mill_outcome *outcome,
                           enum mill_event *event_out);
typedef void event_writer(struct mill_buf *out, const struct mill_change *change,
                          const struct mill_outcome *outcome);

/* --- members of the object ---------------------------------------------------------------- */

static void add_name(struct mill_buf *out, const char *name)
{
    if (out->len > 0 && out->ptr[out->len - 1] != '{')
        mill_buf_add_view(out, MILL_VIEW(", "));
    mill_buf_printf(out, "\"%s\": ", name);
}

static void add_text(struct mill_buf *out, const char *name, struct mill_view text)
{
    add_name(out, name);
    mill_buf_add_json_string(out, text);
}

static void add_number(struct mill_buf *out, const char *name, int64_t number)
{
    add_name(out, name);
    if (number == MILL_ABSENT)
        mill_buf_add_view(out, MILL_VIEW("null"));
    else
        mill_buf_add_int(out, number);
}

/* --- runs --------------------------------------------------------------------------------- */

/* A run that ended; saying so again means nothing new. */
static bool choose_run(const struct mill_change *change, const struct mill_outcome *outcome,
                       enum mill_event *event_out)
{
    static const enum mill_event ends[] = {
        [MILL_RUN_FINISHED] = MILL_EVENT_RUN_FINISHED,
        [MILL_RUN_FAILED] = MILL_EVENT_RUN_FAILED,
        [MILL_RUN_KILLED] = MILL_EVENT_RUN_KILLED,
    };
    enum mill_run_status status = change->as.update_run.status;

    if (outcome->run == NULL || status < MILL_RUN_FINISHED || status > MILL_RUN_KILLED ||
        outcome->previous_status == status)
        return false;
    *event_out = ends[status];
    return true;
}

static void write_run(struct mill_buf *out, const struct mill_change *change,
                      const struct mill_outcome *outcome)
{
    const struct mill_run_info *info = &outcome->run->info;

    (void)change;
    add_text(out, "run_id", info->run_id);
    add_text(out, "run_name", info->run_name);
    add_name(out, "experiment_id");
    mill_buf_printf(out, "\"%lld\"", (long long)info->experiment_id);
    add_text(out, "status", mill_view_of(mill_run_status_name(info->status)));
    add_number(out, "start_time", info->start_time);
    add_number(out, "end_time", info->end_time);
    add_text(out, "user_id", info->user_id);
}

/* --- all of them -------------------------------------------------------------------------- */

static const struct {
    event_chooser *choose;
    event_writer *write;
} rows[] = {
    [MILL_CHANGE_UPDATE_RUN] = {choose_run, write_run},
};

bool mill_event_of(const struct mill_change *change, const struct mill_outcome *outcome,
                   enum mill_event *event_out)
{
    size_t kind = (size_t)change->kind;

    return kind < MILL_COUNT(rows) && rows[kind].choose != NULL &&
           rows[kind].choose(change, outcome, event_out);
}

void mill_event_write(struct mill_buf *out, const struct mill_change *change,
                      const struct mill_outcome *outcome)
{
    mill_buf_add_char(out, '{');
    rows[change->kind].write(out, change, outcome);
    mill_buf_add_char(out, '}');
}
