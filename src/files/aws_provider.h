/* aws_provider.h - hands out the keys to sign with: known ones, or those of an endpoint or a
 * program, asked again before they expire. Any thread, at the same time. */
#ifndef MILL_FILES_AWS_PROVIDER_H
#define MILL_FILES_AWS_PROVIDER_H

#include "files/aws_config.h"
#include "remote/remote.h"

struct mill_aws_provider;

/* config must live as long as the provider. Asks nobody yet. MILL_E_INVALID for the address of
 * an endpoint that must not be asked: without TLS only this machine and the addresses that the
 * container services have are. MILL_E_NOMEM, MILL_E_UNSUPPORTED without libcurl. */
enum mill_status mill_aws_provider_open(const struct mill_aws_config *config,
                                        struct mill_view user_agent,
                                        struct mill_aws_provider **out, struct mill_error *err);

/* As mill_remote_follow, for what asks for keys. */
void mill_aws_provider_follow(struct mill_aws_provider *provider,
                              const struct mill_remote *leader);

/* NULL is allowed. */
void mill_aws_provider_close(struct mill_aws_provider *provider);

/* Keys that are good for some minutes, in arena. MILL_E_UNAUTHENTICATED when there are none:
 * the message says where they were looked for. */
enum mill_status mill_aws_provider_keys(struct mill_aws_provider *provider,
                                        struct mill_arena *arena,
                                        struct mill_aws_credentials *out,
                                        struct mill_error *err);

#endif
