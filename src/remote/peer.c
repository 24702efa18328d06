/* peer.c - see peer.h. */
#include "remote/peer.h"

#include "base/alloc.h"

enum mill_status mill_peer_connect(struct mill_peer *peer, struct mill_error *err)
{
    enum mill_status st = mill_remote_open(&peer->options, &peer->remote, err);
    if (st == MILL_OK && peer->options.client_id != NULL) {
        st = mill_oauth_new(&peer->options, &peer->oauth, err);
        if (st == MILL_OK)
            mill_remote_use_tokens(peer->remote, mill_oauth_source(peer->oauth));
    }
    return st;
}

void mill_peer_release(struct mill_peer *peer)
{
    mill_remote_close(peer->remote);
    mill_oauth_free(peer->oauth);
    mill_arena_release(&peer->arena);
    peer->remote = NULL;
    peer->oauth = NULL;
}

void mill_peer_free(struct mill_peer *peer)
{
    if (peer != NULL)
        mill_peer_release(peer);
    mill_free(peer);
}
