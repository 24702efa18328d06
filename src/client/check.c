/* check.c - see check.h. */
#include "client/check.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/view.h"
#include "model/check.h"
#include "model/limits.h"

/* --- structs --------------------------------------------------------------------------- */

enum mill_status mill_take_struct(void *copy, size_t size, size_t first_size, const void *given,
                                  const char *name, struct mill_error *err)
{
    size_t given_size;
    if (given == NULL)
        return MILL_OK;
    memcpy(&given_size, given, sizeof(given_size));
    if (given_size < first_size || given_size > MILL_MAX_STRUCT_BYTES ||
        given_size % sizeof(given_size) != 0)
        return mill_fail(err, MILL_E_INVALID,
                         "%s.size is %zu; set it to sizeof(*%s), which is %zu", name,
                         given_size, name, size);
    for (size_t i = size; i < given_size; i++)
        if (((const char *)given)[i] != '\0')
            return mill_fail(err, MILL_E_INVALID,
                             "%s.size is %zu, and what lies behind the %zu bytes that this "
                             "version of the library knows is not zero",
                             name, given_size, size);
    memcpy(copy, given, given_size < size ? given_size : size);
    return MILL_OK;
}

/* --- ids and times of changes ---------------------------------------------------------- */

enum rule_kind { RULE_RUN, RULE_EXPERIMENT, RULE_TIME };

/* Where a kind of change has an id or a time, and what callers know it by. */
static const struct rule {
    enum mill_change_kind change;
    enum rule_kind kind;
    size_t offset;
    const char *name; /* of a time */
} rules[] = {
#define AT(member) offsetof(struct mill_change, as.member)
    {MILL_CHANGE_RENAME_EXPERIMENT, RULE_EXPERIMENT, AT(rename.experiment_id), NULL},
    {MILL_CHANGE_DELETE_EXPERIMENT, RULE_EXPERIMENT, AT(experiment.experiment_id), NULL},
    {MILL_CHANGE_RESTORE_EXPERIMENT, RULE_EXPERIMENT, AT(experiment.experiment_id), NULL},
    {MILL_CHANGE_SET_EXPERIMENT_TAG, RULE_EXPERIMENT, AT(experiment_tag.experiment_id), NULL},
    {MILL_CHANGE_DELETE_EXPERIMENT_TAG, RULE_EXPERIMENT, AT(experiment_tag.experiment_id),
     NULL},
    {MILL_CHANGE_CREATE_RUN, RULE_EXPERIMENT, AT(create_run.experiment_id), NULL},
    {MILL_CHANGE_CREATE_RUN, RULE_TIME, AT(create_run.start_time), "start_time"},
    {MILL_CHANGE_UPDATE_RUN, RULE_RUN, AT(update_run.run_id), NULL},
    {MILL_CHANGE_UPDATE_RUN, RULE_TIME, AT(update_run.end_time), "end_time"},
    {MILL_CHANGE_DELETE_RUN, RULE_RUN, AT(run.run_id), NULL},
    {MILL_CHANGE_RESTORE_RUN, RULE_RUN, AT(run.run_id), NULL},
    {MILL_CHANGE_LOG, RULE_RUN, AT(log.run_id), NULL},
    {MILL_CHANGE_DELETE_TAG, RULE_RUN, AT(run_tag.run_id), NULL},
    {MILL_CHANGE_LOG_INPUTS, RULE_RUN, AT(inputs.run_id), NULL},
    {MILL_CHANGE_LOG_OUTPUTS, RULE_RUN, AT(outputs.run_id), NULL},
    {MILL_CHANGE_CREATE_LOGGED_MODEL, RULE_EXPERIMENT, AT(create_logged_model.experiment_id),
     NULL},
#undef AT
};

static enum mill_status check_time(const char *name, int64_t time_ms, struct mill_error *err)
{
    if (time_ms >= 0 || time_ms == MILL_ABSENT)
        return MILL_OK;
    return mill_fail(err, MILL_E_INVALID,
                     "%s is %lld; it must be 0 or more, in milliseconds since 1970", name,
                     (long long)time_ms);
}

static enum mill_status check_rule(const struct rule *rule, const void *at,
                                   struct mill_error *err)
{
    switch (rule->kind) {
    case RULE_RUN:
        return mill_check_run(*(const struct mill_view *)at, err);
    case RULE_EXPERIMENT:
        return mill_check_experiment(*(const int64_t *)at, err);
    case RULE_TIME:
        return check_time(rule->name, *(const int64_t *)at, err);
    }
    return MILL_OK;
}

enum mill_status mill_check_ids(const struct mill_change *change, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < MILL_COUNT(rules); i++)
        if (rules[i].change == change->kind)
            st = check_rule(&rules[i], (const char *)change + rules[i].offset, err);
    return st;
}

enum mill_status mill_check_experiment(int64_t experiment_id, struct mill_error *err)
{
    if (experiment_id >= 0)
        return MILL_OK;
    return mill_fail(err, MILL_E_INVALID, "experiment_id is %lld; ids are 0 or more",
                     (long long)experiment_id);
}

enum mill_status mill_check_run(struct mill_view run_id, struct mill_error *err)
{
    return mill_check_run_id_form(run_id, err);
}

enum mill_status mill_check_logged_model(struct mill_view model_id, struct mill_error *err)
{
    return mill_check_needed("model_id", model_id, MILL_MAX_MODEL_ID, err);
}

/* --- text ------------------------------------------------------------------------------ */

enum mill_status mill_check_optional(const char *name, struct mill_view text, size_t max,
                                     struct mill_error *err)
{
    return mill_check_text(mill_place_of(name), text, max, err);
}

enum mill_status mill_check_needed(const char *name, struct mill_view text, size_t max,
                                   struct mill_error *err)
{
    return mill_check_required(mill_place_of(name), text, max, err);
}

enum mill_status mill_check_buffer(const char *buffer, size_t size, struct mill_error *err)
{
    return buffer != NULL || size == 0 ? MILL_OK
                                       : mill_fail(err, MILL_E_INVALID, "buffer is NULL");
}

enum mill_status mill_check_tags(const struct mill_tag *tags, size_t count,
                                 struct mill_error *err)
{
    enum mill_status st = mill_check_count("tags", count, MILL_MAX_TAGS_AT_CREATION, err);
    if (st == MILL_OK)
        st = mill_check_given("tags", tags, count, err);
    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        struct mill_place key = {"tags", i, "key"}, value = {"tags", i, "value"};
        st = mill_check_required(key, tags[i].key, MILL_MAX_KEY, err);
        if (st == MILL_OK)
            st = mill_check_text(value, tags[i].value, SIZE_MAX, err);
    }
    return st;
}

static enum mill_status check_file_name(const char *name, struct mill_view path, size_t max,
                                        struct mill_error *err)
{
    enum mill_status st = mill_check_optional(name, path, max, err);
    if (st == MILL_OK && path.len > 0 && memchr(path.ptr, '\0', path.len) != NULL)
        st = mill_fail(err, MILL_E_INVALID, "%s has a NUL byte in it", name);
    return st;
}

enum mill_status mill_check_local(const char *name, struct mill_view path,
                                  struct mill_error *err)
{
    return check_file_name(name, path, PATH_MAX - 1, err);
}

enum mill_status mill_check_path(const char *name, struct mill_view path,
                                 struct mill_error *err)
{
    return check_file_name(name, path, MILL_MAX_ARTIFACT_PATH_BYTES, err);
}

/* --- queries --------------------------------------------------------------------------- */

enum mill_status mill_check_view_type(enum mill_view_type *view_type, struct mill_error *err)
{
    if (*view_type == 0)
        *view_type = MILL_VIEW_ACTIVE_ONLY;
    if (*view_type >= MILL_VIEW_ACTIVE_ONLY && *view_type <= MILL_VIEW_ALL)
        return MILL_OK;
    return mill_fail(err, MILL_E_INVALID,
                     "view_type is %d; it must be one of enum mill_view_type", (int)*view_type);
}

static enum mill_status check_order(const struct mill_view *order_by, size_t count,
                                    struct mill_error *err)
{
    enum mill_status st = mill_check_count("order_by", count, MILL_MAX_ORDER_BY, err);
    if (st == MILL_OK)
        st = mill_check_given("order_by", order_by, count, err);
    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        char name[32];
        snprintf(name, sizeof(name), "order_by[%zu]", i);
        st = mill_check_needed(name, order_by[i], MILL_MAX_FILTER_BYTES, err);
    }
    return st;
}

enum mill_status mill_check_query(const struct mill_query_parts *parts, struct mill_error *err)
{
    if (*parts->max_results == 0)
        *parts->max_results = 1000;
    if (*parts->max_results < 1 || *parts->max_results > MILL_MAX_SEARCH_RESULTS)
        return mill_fail(err, MILL_E_INVALID, "max_results is %lld; it must be 1 to %d",
                         (long long)*parts->max_results, MILL_MAX_SEARCH_RESULTS);
    enum mill_status st = mill_check_view_type(parts->view_type, err);
    if (st == MILL_OK)
        st = mill_check_optional("filter", parts->filter, MILL_MAX_FILTER_BYTES, err);
    if (st == MILL_OK)
        st = check_order(parts->order_by, parts->order_by_count, err);
    if (st == MILL_OK)
        st = mill_check_optional("page_token", parts->page_token, MILL_MAX_FILTER_BYTES, err);
    return st;
}

enum mill_status mill_check_experiments(const int64_t *experiment_ids, size_t count,
                                        struct mill_error *err)
{
    if (count == 0 || count > MILL_MAX_SEARCH_EXPERIMENTS)
        return mill_fail(err, MILL_E_INVALID,
                         "experiment_ids has %zu items; it must have 1 to %d", count,
                         MILL_MAX_SEARCH_EXPERIMENTS);
    enum mill_status st = mill_check_given("experiment_ids", experiment_ids, count, err);
    for (size_t i = 0; st == MILL_OK && i < count; i++)
        if (experiment_ids[i] < 0)
            st =
                mill_fail(err, MILL_E_INVALID, "experiment_ids[%zu] is %lld; ids are 0 or more",
                          i, (long long)experiment_ids[i]);
    return st;
}
