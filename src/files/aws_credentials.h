/* aws_credentials.h - the keys that requests to Amazon's services are signed with, and the JSON
 * in which services hand out those that expire. Pure; any thread. */
#ifndef MILL_FILES_AWS_CREDENTIALS_H
#define MILL_FILES_AWS_CREDENTIALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* Bytes of a key or token. */
#define MILL_AWS_MAX_KEY 16384

struct mill_aws_credentials {
    struct mill_view access_key;
    struct mill_view secret_key;
    struct mill_view session_token; /* absent: none */
    int64_t expires_ms;             /* since the epoch; MILL_ABSENT: never */
};

/* Whether text can be a key or token: visible ASCII, not empty, not too long. A newline in one
 * would otherwise become a header of its own. */
bool mill_aws_key_valid(struct mill_view text);

/* Copies into arena; false when memory is out. */
bool mill_aws_credentials_copy(const struct mill_aws_credentials *from,
                               struct mill_arena *arena, struct mill_aws_credentials *out);

/* Makes keys of the texts that a service sent, which stay where they are; token and expiration
 * may be absent or empty. MILL_E_INVALID for what are none. */
enum mill_status mill_aws_credentials_make(struct mill_view access_key,
                                           struct mill_view secret_key, struct mill_view token,
                                           struct mill_view expiration,
                                           struct mill_aws_credentials *out,
                                           struct mill_error *err);

/* Reads what the endpoints of containers and instances answer, and what programs write that a
 * profile names (version 1 of that; "Version"); texts are in arena.
 * MILL_E_INVALID when it is not that, MILL_E_DENIED with the service's message when it says
 * that there are none, MILL_E_UNSUPPORTED for another version, MILL_E_NOMEM. */
enum mill_status mill_aws_credentials_parse(struct mill_view json, struct mill_arena *arena,
                                            struct mill_aws_credentials *out,
                                            struct mill_error *err);

#endif
