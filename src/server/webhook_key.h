/* webhook_key.h - the key that secrets of webhooks are encrypted with: they are needed as they
 * are to sign, and should not be readable in the database or its copies. Any thread. */
#ifndef MILL_SERVER_WEBHOOK_KEY_H
#define MILL_SERVER_WEBHOOK_KEY_H

#include "base/arena.h"
#include "server/config.h"

struct mill_webhook_key;

/* Finds out where the key is: the variable MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY (base64 of 32
 * bytes, as official servers have it), else --webhook-key-file, else a file beside an SQLite
 * database, else nowhere: then it lives as long as the process. A file is read, or made with
 * access for its owner alone, when a secret is first sealed or opened. MILL_E_INVALID for a
 * variable that is not such a key, MILL_E_NOMEM. */
enum mill_status mill_webhook_key_new(const struct mill_server_config *config,
                                      struct mill_webhook_key **out, struct mill_error *err);

/* NULL is allowed. */
void mill_webhook_key_free(struct mill_webhook_key *key);

/* Encrypts a secret for one webhook (AES-256-GCM); the result, in arena, is of use for that one
 * only. MILL_E_DENIED when others may read the key's file, MILL_E_CORRUPT when it holds no key,
 * MILL_E_IO, MILL_E_NOMEM. */
enum mill_status mill_webhook_seal(struct mill_webhook_key *key, struct mill_view webhook_id,
                                   struct mill_view secret, struct mill_arena *arena,
                                   struct mill_view *out, struct mill_error *err);

/* The reverse; MILL_E_CORRUPT also for what another key or webhook has sealed. */
enum mill_status mill_webhook_open(struct mill_webhook_key *key, struct mill_view webhook_id,
                                   struct mill_view sealed, struct mill_arena *arena,
                                   struct mill_view *out, struct mill_error *err);

#endif
