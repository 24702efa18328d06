/* types.c - the protocol's names of statuses, lifecycles, stages and view types. */
#include <millstream/types.h>

#include <stddef.h>

#include "base/view.h"

struct name {
    int value;
    const char *text;
};

static const struct name run_statuses[] = {
    {MILL_RUN_RUNNING, "RUNNING"},   {MILL_RUN_SCHEDULED, "SCHEDULED"},
    {MILL_RUN_FINISHED, "FINISHED"}, {MILL_RUN_FAILED, "FAILED"},
    {MILL_RUN_KILLED, "KILLED"},
};

static const struct name lifecycles[] = {
    {MILL_ACTIVE, "active"},
    {MILL_DELETED, "deleted"},
};

static const struct name view_types[] = {
    {MILL_VIEW_ACTIVE_ONLY, "ACTIVE_ONLY"},
    {MILL_VIEW_DELETED_ONLY, "DELETED_ONLY"},
    {MILL_VIEW_ALL, "ALL"},
};

static const struct name stages[] = {
    {MILL_STAGE_NONE, "None"},
    {MILL_STAGE_STAGING, "Staging"},
    {MILL_STAGE_PRODUCTION, "Production"},
    {MILL_STAGE_ARCHIVED, "Archived"},
};

static const struct name version_statuses[] = {
    {MILL_VERSION_PENDING, "PENDING_REGISTRATION"},
    {MILL_VERSION_FAILED, "FAILED_REGISTRATION"},
    {MILL_VERSION_READY, "READY"},
};

/* As people write it; the wire has a prefix before it. */
static const struct name logged_model_statuses[] = {
    {MILL_LOGGED_MODEL_PENDING, "PENDING"},
    {MILL_LOGGED_MODEL_READY, "READY"},
    {MILL_LOGGED_MODEL_UPLOAD_FAILED, "FAILED"},
};

static const char *text_of(const struct name *names, size_t count, int value)
{
    for (size_t i = 0; i < count; i++)
        if (names[i].value == value)
            return names[i].text;
    return "";
}

static int value_of(const struct name *names, size_t count, struct mill_view text)
{
    for (size_t i = 0; text.ptr != NULL && i < count; i++)
        if (mill_view_eq(mill_view_of(names[i].text), text))
            return names[i].value;
    return 0;
}

const char *mill_run_status_name(enum mill_run_status status)
{
    return text_of(run_statuses, MILL_COUNT(run_statuses), (int)status);
}

enum mill_run_status mill_run_status_from_name(struct mill_view name)
{
    return (enum mill_run_status)value_of(run_statuses, MILL_COUNT(run_statuses), name);
}

const char *mill_lifecycle_name(enum mill_lifecycle lifecycle)
{
    return text_of(lifecycles, MILL_COUNT(lifecycles), (int)lifecycle);
}

enum mill_view_type mill_view_type_from_name(struct mill_view name)
{
    return (enum mill_view_type)value_of(view_types, MILL_COUNT(view_types), name);
}

const char *mill_stage_name(enum mill_stage stage)
{
    return text_of(stages, MILL_COUNT(stages), (int)stage);
}

enum mill_stage mill_stage_from_name(struct mill_view name)
{
    for (size_t i = 0; name.ptr != NULL && i < MILL_COUNT(stages); i++)
        if (mill_view_eq_nocase(mill_view_of(stages[i].text), name))
            return (enum mill_stage)stages[i].value;
    return (enum mill_stage)0;
}

const char *mill_version_status_name(enum mill_version_status status)
{
    return text_of(version_statuses, MILL_COUNT(version_statuses), (int)status);
}

const char *mill_logged_model_status_name(enum mill_logged_model_status status)
{
    return text_of(logged_model_statuses, MILL_COUNT(logged_model_statuses), (int)status);
}

enum mill_logged_model_status mill_logged_model_status_from_name(struct mill_view name)
{
    return (enum mill_logged_model_status)value_of(logged_model_statuses,
                                                   MILL_COUNT(logged_model_statuses), name);
}
