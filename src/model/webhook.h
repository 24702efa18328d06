/* webhook.h - who wants to be told of what: webhooks, the events of the protocol and ours, and
 * deliveries, which are events on their way to one webhook. */
#ifndef MILL_MODEL_WEBHOOK_H
#define MILL_MODEL_WEBHOOK_H

#include <millstream/types.h>

/* The protocol's numbers. 0 means "not given". */
enum mill_webhook_status { MILL_WEBHOOK_ACTIVE = 1, MILL_WEBHOOK_DISABLED = 2 };

/* What can be told. Databases hold these numbers: new ones come at the end. A set of events has
 * bit 1 << event for each. */
enum mill_event {
    MILL_EVENT_BUDGET_EXCEEDED, /* of the protocol; never happens here */
    MILL_EVENT_VERSION_CREATED,
    MILL_EVENT_VERSION_ALIAS_CREATED,
    MILL_EVENT_VERSION_ALIAS_DELETED,
    MILL_EVENT_VERSION_TAG_DELETED,
    MILL_EVENT_VERSION_TAG_SET,
    MILL_EVENT_PROMPT_CREATED,
    MILL_EVENT_PROMPT_ALIAS_CREATED,
    MILL_EVENT_PROMPT_ALIAS_DELETED,
    MILL_EVENT_PROMPT_TAG_DELETED,
    MILL_EVENT_PROMPT_TAG_SET,
    MILL_EVENT_PROMPT_VERSION_CREATED,
    MILL_EVENT_PROMPT_VERSION_TAG_DELETED,
    MILL_EVENT_PROMPT_VERSION_TAG_SET,
    MILL_EVENT_MODEL_CREATED,
    /* ours */
    MILL_EVENT_RUN_FINISHED,
    MILL_EVENT_RUN_FAILED,
    MILL_EVENT_RUN_KILLED,
    MILL_EVENT_COUNT
};

#define MILL_EVENT_BIT(event) (UINT32_C(1) << (event))

/* Events of runs, which the protocol does not have. */
#define MILL_EVENTS_OF_RUNS                                                                    \
    (MILL_EVENT_BIT(MILL_EVENT_RUN_FINISHED) | MILL_EVENT_BIT(MILL_EVENT_RUN_FAILED) |         \
     MILL_EVENT_BIT(MILL_EVENT_RUN_KILLED))

/* How an event is written: "model_version_tag" and "set" in a delivery, the numbers (whose
 * names are the same in capitals) in requests. Runs have the numbers 0. */
struct mill_event_info {
    const char *entity;
    const char *action;
    int entity_number;
    int action_number;
};

/* Any thread; event is one of the enum. */
const struct mill_event_info *mill_event_info(enum mill_event event);

/* The event of two of the protocol's numbers; false when there is no such pair. */
bool mill_event_find(int entity_number, int action_number, enum mill_event *out);

struct mill_webhook {
    struct mill_view webhook_id; /* a UUID with hyphens */
    struct mill_view name;
    struct mill_view description; /* absent: none */
    struct mill_view url;
    uint32_t events; /* set */
    enum mill_webhook_status status;
    int64_t creation_time;
    int64_t last_update_time;
    struct mill_view secret; /* sealed by who made the change; empty or absent: none */
};

/* An event on its way to a webhook. */
struct mill_webhook_delivery {
    int64_t id;                   /* of the store; grows with time */
    struct mill_view delivery_id; /* a UUID with hyphens; the same at each attempt */
    enum mill_event event;
    int64_t created_ms;
    int64_t attempts;      /* so far */
    struct mill_view data; /* JSON: what happened */
    struct mill_view webhook_id;
    struct mill_view url;
    struct mill_view secret; /* sealed */
};

/* What became of an attempt. */
struct mill_settled {
    int64_t id;
    struct mill_view delivery_id;
    int64_t attempts; /* with this one */
    int64_t next_ms;  /* when to try again; MILL_ABSENT: delivered, or given up */
};

/* Writes 32 hex digits as a UUID with hyphens, 36 characters and a NUL. */
void mill_uuid_of(const char hex[33], char out[37]);

#endif
