/* oauth.h - access tokens of a service principal (OAuth 2.0, client credentials): fetched from
 * the workspace when the first request needs one and again before they expire. */
#ifndef MILL_REMOTE_OAUTH_H
#define MILL_REMOTE_OAUTH_H

#include "remote/remote.h"

struct mill_oauth;

/* Tokens for client_id and client_secret of the options, which must live as long.
 * MILL_E_NOMEM. */
enum mill_status mill_oauth_new(const struct mill_remote_options *options,
                                struct mill_oauth **out, struct mill_error *err);

/* NULL is allowed. */
void mill_oauth_free(struct mill_oauth *oauth);

/* For mill_remote_use_tokens. Its get fails with MILL_E_UNAUTHENTICATED when the workspace does
 * not know the principal, and as requests do. */
struct mill_token_source *mill_oauth_source(struct mill_oauth *oauth);

#endif
