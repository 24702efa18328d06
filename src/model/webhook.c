/* webhook.c - see webhook.h. */
#include "model/webhook.h"

#include <assert.h>
#include <string.h>

static const struct mill_event_info events[MILL_EVENT_COUNT] = {
    [MILL_EVENT_BUDGET_EXCEEDED] = {"budget_policy", "exceeded", 10, 5},
    [MILL_EVENT_VERSION_CREATED] = {"model_version", "created", 2, 1},
    [MILL_EVENT_VERSION_ALIAS_CREATED] = {"model_version_alias", "created", 4, 1},
    [MILL_EVENT_VERSION_ALIAS_DELETED] = {"model_version_alias", "deleted", 4, 3},
    [MILL_EVENT_VERSION_TAG_DELETED] = {"model_version_tag", "deleted", 3, 3},
    [MILL_EVENT_VERSION_TAG_SET] = {"model_version_tag", "set", 3, 4},
    [MILL_EVENT_PROMPT_CREATED] = {"prompt", "created", 5, 1},
    [MILL_EVENT_PROMPT_ALIAS_CREATED] = {"prompt_alias", "created", 9, 1},
    [MILL_EVENT_PROMPT_ALIAS_DELETED] = {"prompt_alias", "deleted", 9, 3},
    [MILL_EVENT_PROMPT_TAG_DELETED] = {"prompt_tag", "deleted", 7, 3},
    [MILL_EVENT_PROMPT_TAG_SET] = {"prompt_tag", "set", 7, 4},
    [MILL_EVENT_PROMPT_VERSION_CREATED] = {"prompt_version", "created", 6, 1},
    [MILL_EVENT_PROMPT_VERSION_TAG_DELETED] = {"prompt_version_tag", "deleted", 8, 3},
    [MILL_EVENT_PROMPT_VERSION_TAG_SET] = {"prompt_version_tag", "set", 8, 4},
    [MILL_EVENT_MODEL_CREATED] = {"registered_model", "created", 1, 1},
    [MILL_EVENT_RUN_FINISHED] = {"run", "finished", 0, 0},
    [MILL_EVENT_RUN_FAILED] = {"run", "failed", 0, 0},
    [MILL_EVENT_RUN_KILLED] = {"run", "killed", 0, 0},
};

const struct mill_event_info *mill_event_info(enum mill_event event)
{
    assert(event < MILL_EVENT_COUNT);
    return &events[event];
}

bool mill_event_find(int entity_number, int action_number, enum mill_event *out)
{
    for (int i = 0; i < MILL_EVENT_COUNT; i++) {
        if (entity_number != 0 && events[i].entity_number == entity_number &&
            events[i].action_number == action_number) {
            *out = (enum mill_event)i;
            return true;
        }
    }
    return false;
}

void mill_uuid_of(const char hex[33], char out[37])
{
    static const size_t groups[] = {8, 4, 4, 4, 12};

    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        memcpy(out, hex, groups[i]);
        hex += groups[i];
        out += groups[i];
        *out++ = '-';
    }
    out[-1] = '\0';
}
