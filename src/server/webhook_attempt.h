/* webhook_attempt.h - one attempt to deliver an event: what is sent, and what came back. For
 * threads that may wait. */
#ifndef MILL_SERVER_WEBHOOK_ATTEMPT_H
#define MILL_SERVER_WEBHOOK_ATTEMPT_H

#include <stdatomic.h>

#include "model/webhook.h"
#include "net/target.h"

#include "base/buf.h"

/* Bytes of an answer that are kept. */
#define MILL_WEBHOOK_ANSWER_BYTES 65536

struct mill_webhook_message {
    struct mill_view url;
    struct mill_view delivery_id;
    enum mill_event event;
    int64_t created_ms;
    struct mill_view data;   /* JSON */
    struct mill_view secret; /* as it is; empty: not signed */
};

enum mill_webhook_result {
    MILL_WEBHOOK_TAKEN,
    MILL_WEBHOOK_REFUSED,  /* trying again would not help */
    MILL_WEBHOOK_FAILED,   /* it might go well later */
    MILL_WEBHOOK_CANCELLED /* *cancel was set */
};

struct mill_webhook_answer {
    enum mill_webhook_result result;
    long http_status;       /* 0: there was no answer */
    int64_t retry_after_ms; /* as the receiver asks for; 0: it does not */
    struct mill_buf body;   /* the beginning; to be released */
    struct mill_error why;  /* unless it was taken; names no secret and no URL */
};

/* Sends an event once, within timeout_ms. cancel may be NULL. *out is filled in any case. */
void mill_webhook_attempt(const struct mill_target_rules *rules, int64_t timeout_ms,
                          const struct mill_webhook_message *message, const atomic_bool *cancel,
                          struct mill_webhook_answer *out);

/* The pieces, for tests. The body of a delivery: entity, action, time and data as JSON. */
void mill_webhook_body(struct mill_buf *out, const struct mill_webhook_message *message);

/* Appends "v1," and the base64 of the HMAC-SHA256 of "id.seconds.body". */
void mill_webhook_sign(struct mill_buf *out, struct mill_view secret,
                       struct mill_view delivery_id, int64_t seconds, struct mill_view body);

#endif
