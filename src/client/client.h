/* client.h - the client behind <millstream/millstream.h>, as its own files see it. */
#ifndef MILL_CLIENT_CLIENT_H
#define MILL_CLIENT_CLIENT_H

#include <millstream/millstream.h>

#include "base/alloc.h"
#include "client/backend.h"
#include "client/check.h"

struct mill_client {
    struct mill_backend *backend;
    bool read_only;
};

/* MILL_E_INVALID where one of these, which a call cannot do without, is NULL. */
enum mill_status mill_check_call(const struct mill_client *client, const void *out,
                                 const char *out_name, struct mill_error *err);

/* Makes a change now. Where its outcome is of interest, the caller gives one with an arena. */
enum mill_status mill_client_apply(struct mill_client *client, struct mill_change *change,
                                   struct mill_outcome *outcome, struct mill_error *err);

/* How long the last answer of a server asked to be left alone, in seconds; 0: not at all. NULL
 * is allowed. */
int64_t mill_client_asked_pause_s(const struct mill_client *client);

/* Who runs this program, by the environment or the system's list, in arena; absent when nobody
 * knows. */
struct mill_view mill_current_user(struct mill_arena *arena);

/* Empty results; NULL when memory is out. The public free functions of the lists free them. */
struct mill_experiment_result *mill_experiment_result_new(void);
struct mill_run_result *mill_run_result_new(void);
struct mill_point_result *mill_point_result_new(void);
struct mill_file_result *mill_file_result_new(void);
struct mill_model_result *mill_model_result_new(void);
struct mill_version_result *mill_version_result_new(void);

/* Pages of such a list at most: a server that always has one more does not keep a client for
 * ever. */
#define MILL_LIST_PAGES 10000

/* Counts a page; MILL_E_TOO_LARGE when there have been too many. */
static inline enum mill_status mill_count_page(int *pages, struct mill_error *err)
{
    if (++*pages <= MILL_LIST_PAGES)
        return MILL_OK;
    return mill_fail(err, MILL_E_TOO_LARGE, "the list has more than %d pages of %d",
                     MILL_LIST_PAGES, MILL_LIST_PAGE);
}

#endif
