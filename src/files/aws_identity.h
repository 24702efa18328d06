/* aws_identity.h - how the token of a web identity, which Kubernetes gives a pod, becomes keys:
 * the question to the security token service, and its answer. No network. Any thread. */
#ifndef MILL_FILES_AWS_IDENTITY_H
#define MILL_FILES_AWS_IDENTITY_H

#include "base/buf.h"
#include "files/aws_config.h"

/* Reads the token and writes the form that the service wants, which must stay secret.
 * MILL_E_UNAUTHENTICATED when there is no token, MILL_E_INVALID when it cannot be one; else as
 * reading a file. */
enum mill_status mill_aws_identity_question(const struct mill_aws_config *config,
                                            struct mill_buf *out, struct mill_error *err);

/* Reads the answer; texts are in arena. MILL_E_DENIED with the service's message when it gives
 * no keys, MILL_E_INVALID when it is something else, MILL_E_NOMEM. */
enum mill_status mill_aws_identity_answer(struct mill_view xml, struct mill_arena *arena,
                                          struct mill_aws_credentials *out,
                                          struct mill_error *err);

#endif
