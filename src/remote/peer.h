/* peer.h - one server that a client talks to: how, over which connections, with which tokens.
 */
#ifndef MILL_REMOTE_PEER_H
#define MILL_REMOTE_PEER_H

#include "remote/oauth.h"
#include "remote/remote.h"

struct mill_peer {
    struct mill_arena arena; /* of options */
    struct mill_remote_options options;
    struct mill_remote *remote; /* NULL before it is connected */
    struct mill_oauth *oauth;   /* NULL unless tokens are fetched */
};

/* Makes remote for the options, which have been filled in; makes no request. Fails as
 * mill_remote_open and mill_oauth_new; the peer is to be released either way. */
enum mill_status mill_peer_connect(struct mill_peer *peer, struct mill_error *err);

/* Ends the connections and frees what the peer holds. A zeroed one is allowed. */
void mill_peer_release(struct mill_peer *peer);

/* Releases and frees one from mill_alloc. NULL is allowed. */
void mill_peer_free(struct mill_peer *peer);

#endif
