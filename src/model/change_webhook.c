/* change_webhook.c - checks of webhooks before they are stored. Where their URL leads has been
 * looked at by who made the change: that takes the network. */
#include "base/view.h"
#include "model/check.h"
#include "model/limits.h"

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static enum mill_status check_name(struct mill_view name, struct mill_error *err)
{
    bool good = name.len >= 1 && name.len <= MILL_MAX_WEBHOOK_NAME &&
                is_alphanumeric(name.ptr[0]) && is_alphanumeric(name.ptr[name.len - 1]);

    for (size_t i = 0; good && i < name.len; i++)
        good = is_alphanumeric(name.ptr[i]) ||
               (name.ptr[i] != '\0' && strchr("._-", name.ptr[i]) != NULL);
    if (good)
        return MILL_OK;
    return mill_fail(err, MILL_E_INVALID,
                     "name '%.*s' must have 1 to %d letters, digits, dots, underscores and "
                     "hyphens, a letter or digit first and last",
                     MILL_FMT(mill_quoted(name)), MILL_MAX_WEBHOOK_NAME);
}

static enum mill_status check_status(enum mill_webhook_status status, struct mill_error *err)
{
    if (status == 0 || status == MILL_WEBHOOK_ACTIVE || status == MILL_WEBHOOK_DISABLED)
        return MILL_OK;
    return mill_fail(err, MILL_E_INVALID, "status %d is unknown; use ACTIVE or DISABLED",
                     (int)status);
}

/* What both creation and update may give. */
static enum mill_status check_given(const struct mill_webhook *webhook, struct mill_error *err)
{
    enum mill_status st = mill_check_text(mill_place_of("description"), webhook->description,
                                          MILL_MAX_WEBHOOK_DESCRIPTION, err);

    if (st == MILL_OK)
        st = check_status(webhook->status, err);
    if (st == MILL_OK && webhook->name.ptr != NULL)
        st = check_name(webhook->name, err);
    if (st == MILL_OK && webhook->url.ptr != NULL)
        st = mill_check_required(mill_place_of("url"), webhook->url, MILL_MAX_WEBHOOK_URL, err);
    return st;
}

enum mill_status mill_check_create_webhook(struct mill_change *change, struct mill_arena *arena,
                                           struct mill_error *err)
{
    struct mill_webhook *webhook = &change->as.webhook;
    enum mill_status st = check_given(webhook, err);

    (void)arena;
    if (st == MILL_OK && (webhook->name.ptr == NULL || webhook->url.ptr == NULL))
        st = mill_fail(err, MILL_E_INVALID, "name and url of a webhook are required");
    if (st == MILL_OK && webhook->events == 0)
        st = mill_fail(err, MILL_E_INVALID, "events is empty; name one at least");
    if (webhook->status == 0)
        webhook->status = MILL_WEBHOOK_ACTIVE;
    return st;
}

enum mill_status mill_check_update_webhook(struct mill_change *change, struct mill_arena *arena,
                                           struct mill_error *err)
{
    (void)arena;
    return check_given(&change->as.webhook, err);
}
