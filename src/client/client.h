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

/* Hands out a text: as much of it as fits into buffer, NUL-terminated, and its whole length;
 * length_out may be NULL. */
void mill_give_text(struct mill_view text, char *buffer, size_t size, size_t *length_out);

/* How long the last answer of a server asked to be left alone, in seconds; 0: not at all. NULL
 * is allowed. */
int64_t mill_client_asked_pause_s(const struct mill_client *client);

/* Who runs this program, by the environment or the system's list, in arena; absent when nobody
 * knows. */
struct mill_view mill_current_user(struct mill_arena *arena);

/* mill_begin_experiments(), mill_begin_runs() and so on: an empty result for a call that may
 * begin. mill_give_experiments() and so on: hands out a result that was filled in, or frees it
 * when st is a failure; returns st. */
#define MILL_DECLARE_BEGIN_AND_GIVE(kind, item)                                                \
    enum mill_status mill_begin_##kind##s(                                                     \
        const struct mill_client *client, struct mill_##kind##_list **list_out,                \
        struct mill_##kind##_result **out, struct mill_error *err);                            \
    enum mill_status mill_give_##kind##s(enum mill_status st,                                  \
                                         struct mill_##kind##_result *result,                  \
                                         struct mill_##kind##_list **list_out);
MILL_LISTS(MILL_DECLARE_BEGIN_AND_GIVE)

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
