/* run_finder.h - which runs a request of the pages is about: what the routes runs/table,
 * columns and groups have in common. */
#ifndef MILL_SERVER_RUN_FINDER_H
#define MILL_SERVER_RUN_FINDER_H

#include "server/call.h"
#include "server/name_match.h"
#include "wire/messages.h"

struct mill_run_finder {
    struct mill_plan plan;
    struct mill_run_search search; /* with plan; offset, limit and the like are the caller's */
    struct mill_name_match *name;  /* NULL: any name */
};

/* Reads what every such request begins with (NULL: nothing of it came) and an ordering. Release
 * the finder also when this fails. MILL_E_INVALID names the field. */
enum mill_status mill_run_finder_init(struct mill_call *call,
                                      const struct mill_run_choice *choice,
                                      const struct mill_view *order_by, size_t order_by_count,
                                      struct mill_run_finder *out, struct mill_error *err);
void mill_run_finder_release(struct mill_run_finder *finder);

/* Finds them: call->page, which the call releases. */
enum mill_status mill_run_finder_page(struct mill_call *call, struct mill_run_finder *finder,
                                      struct mill_error *err);

/* Finds all of them at once, in any order. */
enum mill_status mill_run_finder_all(struct mill_call *call, struct mill_run_finder *finder,
                                     struct mill_error *err);

/* Looks up fields that runs are grouped by; list names them in messages. */
enum mill_status mill_run_finder_fields(const char *list, const struct mill_view *texts,
                                        size_t count, struct mill_query_field *fields,
                                        struct mill_error *err);

/* The text of a field of a run, absent when it has none; numbers are written into arena. */
struct mill_view mill_run_field_text(const struct mill_run *run,
                                     const struct mill_query_field *field,
                                     struct mill_arena *arena);

/* Narrows the plan by comparisons that must hold as well; all in arena. */
enum mill_status mill_plan_narrow(struct mill_plan *plan,
                                  const struct mill_comparison *comparisons, size_t count,
                                  struct mill_arena *arena, struct mill_error *err);

#endif
