/* ui_page.h - index.html as our pages need it: with the way back to the root, and a policy that
 * lets nothing run but what the server itself gives. */
#ifndef MILL_SERVER_UI_PAGE_H
#define MILL_SERVER_UI_PAGE_H

#include "base/buf.h"
#include "server/config.h"

/* Appends the page for a path ("/", "/runs/ID/charts", as it was sent), where relative
 * addresses lead to the root. False, with nothing appended, for a page that is not one of ours:
 * it lacks <base href="./">. Any thread. */
bool mill_ui_page_place(struct mill_view page, struct mill_view path, struct mill_buf *out);

/* Appends the Content-Security-Policy of a page; embed: it may be shown in the frames of
 * --embed-origins. Any thread. */
void mill_ui_page_policy(const struct mill_server_config *config, bool embed,
                         struct mill_buf *out);

/* MILL_E_INVALID when --embed-origins is no list of origins. */
enum mill_status mill_ui_page_check(const struct mill_server_config *config,
                                    struct mill_error *err);

#endif
