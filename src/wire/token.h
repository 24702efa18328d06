/* token.h - page tokens: where the next page begins, as text that clients hand back. */
#ifndef MILL_WIRE_TOKEN_H
#define MILL_WIRE_TOKEN_H

#include "base/arena.h"

/* The token of an offset (>= 1): base64 of {"offset": N}. ptr NULL when out of memory. */
struct mill_view mill_token_encode(int64_t offset, struct mill_arena *arena);

/* Reads a token; an absent or empty one is offset 0. MILL_E_INVALID for one that
 * mill_token_encode does not make, MILL_E_NOMEM. */
enum mill_status mill_token_decode(struct mill_view token, struct mill_arena *arena,
                                   int64_t *offset_out, struct mill_error *err);

/* The same for a token that is good for one search only, which is told by a number: handed back
 * with another search it is MILL_E_INVALID. */
struct mill_view mill_token_encode_for(int64_t offset, uint64_t search,
                                       struct mill_arena *arena);
enum mill_status mill_token_decode_for(struct mill_view token, uint64_t search,
                                       struct mill_arena *arena, int64_t *offset_out,
                                       struct mill_error *err);

#endif
