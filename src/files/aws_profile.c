/* aws_profile.c - see aws_profile.h. */
#include "files/aws_profile.h"

#include "base/view.h"
#include "remote/ini.h"

/* Where a setting goes. */
static const struct {
    const char *key;
    size_t offset;
} settings[] = {
    {"aws_access_key_id", offsetof(struct mill_aws_profile, access_key)},
    {"aws_secret_access_key", offsetof(struct mill_aws_profile, secret_key)},
    {"aws_session_token", offsetof(struct mill_aws_profile, session_token)},
    {"region", offsetof(struct mill_aws_profile, region)},
    {"endpoint_url", offsetof(struct mill_aws_profile, endpoint_url)},
    {"role_arn", offsetof(struct mill_aws_profile, role_arn)},
    {"role_session_name", offsetof(struct mill_aws_profile, role_session_name)},
    {"web_identity_token_file", offsetof(struct mill_aws_profile, web_identity_token_file)},
    {"credential_process", offsetof(struct mill_aws_profile, process)},
};

static const char *const other_sources[] = {
    "credential_source", "login_session", "source_profile", "sso_session", "sso_start_url",
};

/* Without quotation marks around it. */
static struct mill_view unquoted(struct mill_view text)
{
    if (text.len >= 2 && (text.ptr[0] == '"' || text.ptr[0] == '\'') &&
        text.ptr[text.len - 1] == text.ptr[0])
        return (struct mill_view){text.ptr + 1, text.len - 2};
    return text;
}

/* Whether a section is that of the profile. */
static bool is_profile(struct mill_view section, enum mill_aws_file file, struct mill_view name)
{
    struct mill_view word, rest = mill_view_cut(section, ' ', &word);
    bool prefixed = file == MILL_AWS_CONFIG_FILE && mill_view_eq(word, MILL_VIEW("profile"));
    if (prefixed)
        return mill_view_eq(unquoted(mill_view_trim(rest)), name);
    /* Of the others, the config file has only this one without "profile" before it. */
    if (file == MILL_AWS_CONFIG_FILE && !mill_view_eq(section, MILL_VIEW("default")))
        return false;
    return mill_view_eq(section, name);
}

static void take(struct mill_aws_profile *out, const struct mill_ini_item *item)
{
    if (item->nested || item->value.len == 0)
        return;
    for (size_t i = 0; i < MILL_COUNT(settings); i++)
        if (mill_view_eq_nocase(item->key, mill_view_of(settings[i].key)))
            *(struct mill_view *)(void *)((char *)out + settings[i].offset) = item->value;
    for (size_t i = 0; i < MILL_COUNT(other_sources); i++)
        if (mill_view_eq_nocase(item->key, mill_view_of(other_sources[i])))
            out->other_source = item->key;
}

enum mill_status mill_aws_profile_read(struct mill_view text, enum mill_aws_file file,
                                       struct mill_view name, struct mill_aws_profile *out,
                                       struct mill_error *err)
{
    struct mill_ini ini = {.rest = text};
    struct mill_aws_profile profile = {.found = false};
    for (;;) {
        struct mill_ini_item item;
        bool found;
        enum mill_status st = mill_ini_next(&ini, &item, &found, err);
        if (st != MILL_OK)
            return st;
        if (!found)
            break;
        if (!is_profile(item.section, file, name))
            continue;
        profile.found = true;
        take(&profile, &item);
    }
    *out = profile;
    return MILL_OK;
}
