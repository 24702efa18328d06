/* logged_models.c - see logged_models.h. */
#include "store/logged_models.h"

#include <stdlib.h>

#include "base/json_text.h"
#include "model/limits.h"
#include "store/entity.h"

const struct mill_ordering mill_logged_model_ties[2] = {
    {{.entity = MILL_Q_ATTRIBUTE, .attribute = MILL_QA_CREATION_TIME}, true},
    {{.entity = MILL_Q_ATTRIBUTE, .attribute = MILL_QA_MODEL_ID}, false},
};

struct mill_view mill_logged_model_uri(struct mill_arena *arena, struct mill_view location,
                                       struct mill_view model_id)
{
    struct mill_view tail =
        mill_arena_printf(arena, "models/%.*s/artifacts", MILL_FMT(model_id));
    return tail.ptr != NULL ? mill_uri_join(arena, location, tail) : tail;
}

struct mill_view mill_logged_model_versions(struct mill_arena *arena, struct mill_view old,
                                            struct mill_view name, int64_t version)
{
    struct mill_buf entry = {0};
    struct mill_view value = {NULL, 0};
    if (old.len >= MILL_MAX_MODEL_TAG_VALUE)
        return mill_arena_copy(arena, old);
    mill_buf_add_view(&entry, MILL_VIEW("{\"name\": "));
    mill_buf_add_json_string(&entry, name);
    mill_buf_printf(&entry, ", \"version\": %lld}", (long long)version);
    if (!entry.failed)
        value = mill_json_list_append(arena, old, mill_buf_view(&entry));
    mill_buf_release(&entry);
    return value;
}

struct mill_value mill_logged_model_attribute(const struct mill_logged_model *model,
                                              enum mill_query_attribute attribute)
{
    if (attribute == MILL_QA_NAME)
        return mill_text_value(model->name);
    if (attribute == MILL_QA_MODEL_ID)
        return mill_text_value(model->model_id);
    if (attribute == MILL_QA_MODEL_TYPE)
        return mill_text_value(model->model_type);
    if (attribute == MILL_QA_STATUS)
        return mill_text_value(mill_view_of(mill_logged_model_status_name(model->status)));
    if (attribute == MILL_QA_STATUS_MESSAGE)
        return mill_text_value(model->status_message);
    if (attribute == MILL_QA_SOURCE_RUN_ID)
        return mill_text_value(model->source_run_id);
    if (attribute == MILL_QA_ARTIFACT_URI)
        return mill_text_value(model->artifact_uri);
    if (attribute == MILL_QA_EXPERIMENT_ID)
        return mill_integer_value(model->experiment_id);
    if (attribute == MILL_QA_CREATION_TIME)
        return mill_integer_value(model->creation_time);
    if (attribute == MILL_QA_LAST_UPDATE_TIME)
        return mill_integer_value(model->last_update_time);
    return (struct mill_value){.type = MILL_VALUE_IS_MISSING};
}

bool mill_logged_model_dataset(const struct mill_logged_model_search *search,
                               struct mill_view name, struct mill_view digest)
{
    for (size_t i = 0; i < search->dataset_count; i++) {
        const struct mill_dataset_filter *filter = &search->datasets[i];
        if (name.ptr != NULL && mill_view_eq(filter->name, name) &&
            (filter->digest.len == 0 || mill_view_eq(filter->digest, digest)))
            return true;
    }
    return search->dataset_count == 0;
}

bool mill_logged_model_needs_metric(const struct mill_logged_model_search *search)
{
    for (size_t i = 0; i < search->plan->comparison_count; i++)
        if (search->plan->comparisons[i]->field.entity == MILL_Q_METRIC)
            return false;
    return search->dataset_count != 0;
}

bool mill_logged_model_measured(const struct mill_query_field *field,
                                const struct mill_logged_model_metric *metric)
{
    return (field->dataset_name.ptr == NULL ||
            mill_view_eq(field->dataset_name, metric->dataset_name)) &&
           (field->dataset_digest.ptr == NULL ||
            mill_view_eq(field->dataset_digest, metric->dataset_digest));
}

bool mill_logged_model_metric_matches(const struct mill_logged_model_search *search,
                                      const struct mill_comparison *c,
                                      const struct mill_logged_model_metric *metric)
{
    if (!mill_logged_model_dataset(search, metric->dataset_name, metric->dataset_digest))
        return false;
    return c->op == MILL_OP_IS_NULL ||
           mill_value_matches(c, mill_number_value(true, metric->value));
}

/* --- copies --- */

static int by_key(const void *a, const void *b)
{
    return mill_view_cmp(((const struct mill_tag *)a)->key, ((const struct mill_tag *)b)->key);
}

static bool copy_text(struct mill_arena *arena, struct mill_view *text)
{
    bool there = text->ptr != NULL;
    *text = mill_arena_copy(arena, *text);
    return !there || text->ptr != NULL;
}

/* A param has the shape of a tag. */
static bool copy_tags(struct mill_arena *arena, const struct mill_tag **tags, size_t count)
{
    struct mill_tag *copy = mill_arena_zero(arena, count, sizeof(*copy));
    if (copy == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        copy[i] = (*tags)[i];
        if (!copy_text(arena, &copy[i].key) || !copy_text(arena, &copy[i].value))
            return false;
    }
    qsort(copy, count, sizeof(*copy), by_key);
    *tags = copy;
    return true;
}

static int by_key_and_time(const void *left, const void *right)
{
    const struct mill_logged_model_metric *a = left, *b = right;
    int order = mill_view_cmp(a->key, b->key);
    if (order == 0)
        order = a->timestamp < b->timestamp ? -1 : a->timestamp > b->timestamp;
    if (order == 0)
        order = a->step < b->step ? -1 : a->step > b->step;
    return order != 0 ? order : mill_view_cmp(a->run_id, b->run_id);
}

bool mill_logged_model_sort_metrics(struct mill_arena *arena, struct mill_logged_model *model)
{
    size_t count = model->metric_count;
    struct mill_logged_model_metric *copy = mill_arena_zero(arena, count, sizeof(*copy));
    if (copy == NULL)
        return false;
    if (count != 0)
        memcpy(copy, model->metrics, count * sizeof(*copy));
    qsort(copy, count, sizeof(*copy), by_key_and_time);
    model->metrics = copy;
    return true;
}

static bool copy_metrics(struct mill_arena *arena, struct mill_logged_model *model)
{
    struct mill_logged_model_metric *copy =
        mill_arena_zero(arena, model->metric_count, sizeof(*copy));
    if (copy == NULL)
        return false;
    for (size_t i = 0; i < model->metric_count; i++) {
        copy[i] = model->metrics[i];
        if (!copy_text(arena, &copy[i].key) || !copy_text(arena, &copy[i].dataset_name) ||
            !copy_text(arena, &copy[i].dataset_digest) ||
            !copy_text(arena, &copy[i].model_id) || !copy_text(arena, &copy[i].run_id))
            return false;
    }
    qsort(copy, model->metric_count, sizeof(*copy), by_key_and_time);
    model->metrics = copy;
    return true;
}

bool mill_logged_model_copy(struct mill_arena *arena, const struct mill_logged_model *from,
                            struct mill_logged_model *to)
{
    struct mill_logged_model copy = *from;
    const struct mill_tag *params = (const struct mill_tag *)from->params;
    if (!copy_text(arena, &copy.model_id) || !copy_text(arena, &copy.name) ||
        !copy_text(arena, &copy.artifact_uri) || !copy_text(arena, &copy.model_type) ||
        !copy_text(arena, &copy.source_run_id) || !copy_text(arena, &copy.status_message) ||
        !copy_tags(arena, &copy.tags, copy.tag_count) ||
        !copy_tags(arena, &params, copy.param_count) || !copy_metrics(arena, &copy))
        return false;
    copy.params = (const struct mill_param *)params;
    *to = copy;
    return true;
}
