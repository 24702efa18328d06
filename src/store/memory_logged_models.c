/* memory_logged_models.c - see memory_logged_models.h. A change makes a new copy of a model's
 * value, as it does of a run. */
#include "store/memory_logged_models.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "model/check.h"
#include "model/limits.h"
#include "store/entity.h"
#include "store/logged_models.h"

struct memory_logged_model {
    struct mill_arena arena; /* what value points to */
    struct mill_logged_model value;
};

static struct memory_logged_model *find(const struct memory_logged_models *models,
                                        struct mill_view model_id)
{
    uint64_t index;
    if (!mill_map_get(&models->by_id, mill_view_hash(model_id), &index) ||
        !mill_view_eq(models->items[index]->value.model_id, model_id))
        return NULL;
    return models->items[index];
}

/* Gives a model a new value; what the value points to may be the old one's. */
static enum mill_status set_value(struct memory_logged_model *model,
                                  const struct mill_logged_model *value, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_logged_model copy;
    if (!mill_logged_model_copy(&arena, value, &copy)) {
        mill_arena_release(&arena);
        return mill_no_memory(err);
    }
    mill_arena_release(&model->arena);
    model->arena = arena;
    model->value = copy;
    return MILL_OK;
}

static enum mill_status give(const struct mill_logged_model *value,
                             struct mill_outcome *outcome, struct mill_error *err)
{
    struct mill_logged_model *copy = mill_arena_zero(outcome->arena, 1, sizeof(*copy));
    if (copy == NULL || !mill_logged_model_copy(outcome->arena, value, copy))
        return mill_no_memory(err);
    outcome->logged_model = copy;
    return MILL_OK;
}

enum mill_status mill_memory_create_logged_model(struct memory_logged_models *models,
                                                 const struct mill_change *change,
                                                 struct mill_view location,
                                                 struct mill_outcome *outcome,
                                                 struct mill_error *err)
{
    struct mill_view model_id = change->as.create_logged_model.model_id;
    struct mill_logged_model value = {
        .model_id = model_id,
        .experiment_id = change->as.create_logged_model.experiment_id,
        .name = change->as.create_logged_model.name,
        .creation_time = change->now_ms,
        .last_update_time = change->now_ms,
        .artifact_uri = mill_logged_model_uri(outcome->arena, location, model_id),
        .status = MILL_LOGGED_MODEL_PENDING,
        .lifecycle_stage = MILL_ACTIVE,
        .model_type = change->as.create_logged_model.model_type,
        .source_run_id = change->as.create_logged_model.source_run_id,
        .tags = change->as.create_logged_model.tags,
        .tag_count = change->as.create_logged_model.tag_count,
        .params = change->as.create_logged_model.params,
        .param_count = change->as.create_logged_model.param_count,
    };
    if (find(models, model_id) != NULL)
        return mill_fail(err, MILL_E_EXISTS, "model id '%.*s' is taken", MILL_FMT(model_id));
    struct memory_logged_model **items =
        mill_realloc(models->items, (models->count + 1) * sizeof(struct memory_logged_model *));
    if (items != NULL)
        models->items = items;
    struct memory_logged_model *model = mill_alloc_zero(1, sizeof(*model));
    enum mill_status st = items != NULL && model != NULL && value.artifact_uri.ptr != NULL
                              ? set_value(model, &value, err)
                              : mill_no_memory(err);
    if (st == MILL_OK)
        st = give(&model->value, outcome, err);
    if (st == MILL_OK && !mill_map_set(&models->by_id, mill_view_hash(model_id), models->count))
        st = mill_no_memory(err);
    if (st != MILL_OK) {
        if (model != NULL)
            mill_arena_release(&model->arena);
        mill_free(model);
        return st;
    }
    models->items[models->count++] = model;
    return MILL_OK;
}

/* --- changes of lists; params have the shape of tags --- */

static const struct mill_tag *find_pair(const struct mill_tag *pairs, size_t count,
                                        struct mill_view key)
{
    for (size_t i = 0; i < count; i++)
        if (mill_view_eq(pairs[i].key, key))
            return &pairs[i];
    return NULL;
}

/* The pairs with those of more put in, in place of what has the same key. */
static struct mill_tag *merge_pairs(struct mill_arena *arena, const struct mill_tag *pairs,
                                    size_t *count, const struct mill_tag *more,
                                    size_t more_count)
{
    struct mill_tag *merged = mill_arena_zero(arena, *count + more_count, sizeof(*merged));
    size_t n = 0;
    if (merged == NULL)
        return NULL;
    for (size_t i = 0; i < *count; i++)
        if (find_pair(more, more_count, pairs[i].key) == NULL)
            merged[n++] = pairs[i];
    for (size_t i = 0; i < more_count; i++)
        merged[n++] = more[i];
    *count = n;
    return merged;
}

static enum mill_status set_tags(struct mill_logged_model *value, struct mill_arena *scratch,
                                 const struct mill_change *change, struct mill_error *err)
{
    value->tags =
        merge_pairs(scratch, value->tags, &value->tag_count, change->as.logged_model_tags.tags,
                    change->as.logged_model_tags.tag_count);
    return value->tags != NULL ? MILL_OK : mill_no_memory(err);
}

static enum mill_status delete_tag(struct mill_logged_model *value, struct mill_arena *scratch,
                                   const struct mill_change *change, struct mill_error *err)
{
    struct mill_view key = change->as.logged_model_tag.key;
    struct mill_tag *left = mill_arena_zero(scratch, value->tag_count, sizeof(*left));
    size_t n = 0;
    if (left == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < value->tag_count; i++)
        if (!mill_view_eq(value->tags[i].key, key))
            left[n++] = value->tags[i];
    if (n == value->tag_count)
        return mill_fail(err, MILL_E_NOT_FOUND, "logged model '%.*s' has no tag '%.*s'",
                         MILL_FMT(value->model_id), MILL_FMT(mill_utf8_prefix(key, 60)));
    value->tags = left;
    value->tag_count = n;
    return MILL_OK;
}

/* A param is written once, whatever its value. */
static enum mill_status add_params(struct mill_logged_model *value, struct mill_arena *scratch,
                                   const struct mill_change *change, struct mill_error *err)
{
    const struct mill_tag *old = (const struct mill_tag *)value->params;
    const struct mill_tag *more =
        (const struct mill_tag *)change->as.logged_model_params.params;
    size_t count = change->as.logged_model_params.param_count;
    for (size_t i = 0; i < count; i++)
        if (find_pair(old, value->param_count, more[i].key) != NULL)
            return mill_fail(err, MILL_E_BAD_REQUEST,
                             "param '%.*s' of logged model '%.*s' is there; params are written "
                             "once",
                             MILL_FMT(mill_utf8_prefix(more[i].key, 60)),
                             MILL_FMT(value->model_id));
    value->params =
        (const struct mill_param *)merge_pairs(scratch, old, &value->param_count, more, count);
    return value->params != NULL ? MILL_OK : mill_no_memory(err);
}

/* Which model a change is about. */
static struct mill_view model_of(const struct mill_change *change)
{
    if (change->kind == MILL_CHANGE_FINALIZE_LOGGED_MODEL)
        return change->as.finalize_logged_model.model_id;
    if (change->kind == MILL_CHANGE_TAG_LOGGED_MODEL)
        return change->as.logged_model_tags.model_id;
    if (change->kind == MILL_CHANGE_UNTAG_LOGGED_MODEL)
        return change->as.logged_model_tag.model_id;
    if (change->kind == MILL_CHANGE_LOG_MODEL_PARAMS)
        return change->as.logged_model_params.model_id;
    return change->as.logged_model.model_id;
}

static enum mill_status edit(struct mill_logged_model *value, struct mill_arena *scratch,
                             const struct mill_change *change, struct mill_error *err)
{
    if (change->kind == MILL_CHANGE_TAG_LOGGED_MODEL)
        return set_tags(value, scratch, change, err);
    if (change->kind == MILL_CHANGE_UNTAG_LOGGED_MODEL)
        return delete_tag(value, scratch, change, err);
    if (change->kind == MILL_CHANGE_LOG_MODEL_PARAMS)
        return add_params(value, scratch, change, err);
    if (change->kind == MILL_CHANGE_FINALIZE_LOGGED_MODEL)
        value->status = change->as.finalize_logged_model.status;
    else
        value->lifecycle_stage = MILL_DELETED;
    value->last_update_time = change->now_ms;
    return MILL_OK;
}

enum mill_status mill_memory_change_logged_model(struct memory_logged_models *models,
                                                 const struct mill_change *change,
                                                 struct mill_outcome *outcome,
                                                 struct mill_error *err)
{
    struct mill_view model_id = model_of(change);
    struct memory_logged_model *model = find(models, model_id);
    if (model == NULL)
        return mill_fail(err, MILL_E_NOT_FOUND, "there is no logged model '%.*s'",
                         MILL_FMT(mill_utf8_prefix(model_id, 60)));
    struct mill_arena scratch = {0};
    struct mill_logged_model value = model->value;
    enum mill_status st = edit(&value, &scratch, change, err);
    if (st == MILL_OK && change->kind == MILL_CHANGE_FINALIZE_LOGGED_MODEL)
        st = give(&value, outcome, err);
    if (st == MILL_OK)
        st = set_value(model, &value, err);
    mill_arena_release(&scratch);
    return st;
}

/* --- versions of registered models --- */

enum mill_status mill_memory_note_version(struct memory_logged_models *models,
                                          struct mill_view model_id, struct mill_view name,
                                          int64_t version,
                                          struct memory_logged_model_edit *edit_out,
                                          struct mill_error *err)
{
    struct memory_logged_model_edit edit = {.model = find(models, model_id)};
    struct mill_arena scratch = {0};
    struct mill_tag tag = {.key = MILL_VIEW(MILL_MODEL_VERSIONS_TAG)};
    *edit_out = edit;
    if (edit.model == NULL)
        return MILL_OK;
    struct mill_logged_model value = edit.model->value;
    const struct mill_tag *old = find_pair(value.tags, value.tag_count, tag.key);
    tag.value = mill_logged_model_versions(
        &scratch, old != NULL ? old->value : (struct mill_view){NULL, 0}, name, version);
    value.tags = mill_tags_with(&scratch, value.tags, &value.tag_count, tag);
    bool copied = tag.value.ptr != NULL && value.tags != NULL &&
                  mill_logged_model_copy(&edit.arena, &value, &edit.value);
    mill_arena_release(&scratch);
    if (!copied) {
        mill_arena_release(&edit.arena);
        return mill_no_memory(err);
    }
    *edit_out = edit;
    return MILL_OK;
}

void mill_memory_keep_note(struct memory_logged_model_edit *edit)
{
    if (edit->model == NULL)
        return;
    mill_arena_release(&edit->model->arena);
    edit->model->arena = edit->arena;
    edit->model->value = edit->value;
}

void mill_memory_drop_note(struct memory_logged_model_edit *edit)
{
    mill_arena_release(&edit->arena);
}

/* --- metrics --- */

static struct mill_view linked_model(const struct mill_metric *metric)
{
    return metric->link != NULL ? metric->link->model_id : (struct mill_view){NULL, 0};
}

enum mill_status mill_memory_check_links(const struct memory_logged_models *models,
                                         const struct mill_metric *metrics, size_t count,
                                         struct mill_error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct mill_view model_id = linked_model(&metrics[i]);
        if (model_id.len != 0 && find(models, model_id) == NULL)
            return mill_fail(
                err, MILL_E_BAD_REQUEST,
                "metric '%.*s' names the logged model '%.*s', which does not exist",
                MILL_FMT(metrics[i].key), MILL_FMT(mill_utf8_prefix(model_id, 60)));
    }
    return MILL_OK;
}

static struct mill_view given(struct mill_view text)
{
    return text.len != 0 ? text : (struct mill_view){NULL, 0};
}

static bool same_point(const struct mill_logged_model_metric *a,
                       const struct mill_logged_model_metric *b)
{
    return a->timestamp == b->timestamp && a->step == b->step && mill_view_eq(a->key, b->key) &&
           mill_view_eq(a->run_id, b->run_id);
}

/* Adds a point unless the model has it. */
static void add_point(struct mill_logged_model_metric *points, size_t *count,
                      struct mill_logged_model_metric point)
{
    for (size_t i = 0; i < *count; i++)
        if (same_point(&points[i], &point))
            return;
    points[(*count)++] = point;
}

/* Gives one model all points of a list that name it. */
static enum mill_status add_points(struct memory_logged_model *model, struct mill_view run_id,
                                   const struct mill_metric *metrics, size_t count,
                                   struct mill_error *err)
{
    struct mill_arena scratch = {0};
    struct mill_logged_model value = model->value;
    size_t n = value.metric_count;
    struct mill_logged_model_metric *points =
        mill_arena_zero(&scratch, n + count, sizeof(*points));
    enum mill_status st = points != NULL ? MILL_OK : mill_no_memory(err);
    if (st == MILL_OK && n != 0)
        memcpy(points, value.metrics, n * sizeof(*points));
    for (size_t i = 0; st == MILL_OK && i < count; i++)
        if (mill_view_eq(linked_model(&metrics[i]), value.model_id))
            add_point(points, &n,
                      (struct mill_logged_model_metric){
                          .key = metrics[i].key,
                          .value = mill_metric_kept(metrics[i].value),
                          .timestamp = metrics[i].timestamp,
                          .step = metrics[i].step,
                          .dataset_name = given(metrics[i].link->dataset_name),
                          .dataset_digest = given(metrics[i].link->dataset_digest),
                          .model_id = value.model_id,
                          .run_id = run_id});
    value.metrics = points;
    value.metric_count = n;
    if (st == MILL_OK)
        st = set_value(model, &value, err);
    mill_arena_release(&scratch);
    return st;
}

enum mill_status mill_memory_add_links(struct memory_logged_models *models,
                                       struct mill_view run_id,
                                       const struct mill_metric *metrics, size_t count,
                                       struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        struct mill_view model_id = linked_model(&metrics[i]);
        bool first = model_id.len != 0;
        for (size_t j = 0; first && j < i; j++)
            first = !mill_view_eq(linked_model(&metrics[j]), model_id);
        if (first)
            st = add_points(find(models, model_id), run_id, metrics, count, err);
    }
    return st;
}

/* --- reading --- */

static bool newer(const struct mill_logged_model_metric *a,
                  const struct mill_logged_model_metric *b)
{
    if (a->timestamp != b->timestamp)
        return a->timestamp > b->timestamp;
    if (a->step != b->step)
        return a->step > b->step;
    return mill_view_cmp(a->run_id, b->run_id) < 0;
}

/* Puts the newest points first. */
static int by_age(const void *left, const void *right)
{
    const struct mill_logged_model_metric *a = left, *b = right;
    return newer(a, b) ? -1 : newer(b, a);
}

/* As many points as are shown of a model: the newest, in scratch. */
static bool newest_points(struct mill_logged_model *value, struct mill_arena *scratch)
{
    if (value->metric_count <= MILL_MAX_LOGGED_MODEL_METRICS)
        return true;
    size_t size = value->metric_count * sizeof(*value->metrics);
    struct mill_logged_model_metric *points = mill_arena_alloc(scratch, size);
    if (points == NULL)
        return false;
    memcpy(points, value->metrics, size);
    qsort(points, value->metric_count, sizeof(*points), by_age);
    value->metrics = points;
    value->metric_count = MILL_MAX_LOGGED_MODEL_METRICS;
    return true;
}

static enum mill_status copy_out(const struct mill_logged_model *model,
                                 struct mill_arena *arena, struct mill_logged_model *out,
                                 struct mill_error *err)
{
    struct mill_arena scratch = {0};
    struct mill_logged_model value = *model;
    bool fits = newest_points(&value, &scratch) && mill_logged_model_copy(arena, &value, out);
    mill_arena_release(&scratch);
    return fits ? MILL_OK : mill_no_memory(err);
}

enum mill_status mill_memory_get_logged_model(const struct memory_logged_models *models,
                                              struct mill_view model_id, bool deleted_too,
                                              struct mill_arena *arena,
                                              struct mill_logged_model *out,
                                              struct mill_error *err)
{
    const struct memory_logged_model *model = find(models, model_id);
    if (model == NULL || (!deleted_too && model->value.lifecycle_stage != MILL_ACTIVE))
        return mill_fail(err, MILL_E_NOT_FOUND, "there is no logged model '%.*s'",
                         MILL_FMT(mill_utf8_prefix(model_id, 60)));
    return copy_out(&model->value, arena, out, err);
}

/* The model that a search is at. */
struct scan {
    const struct mill_logged_model_search *search;
    const struct mill_logged_model *model;
};

static struct mill_value newest_metric(const struct mill_logged_model *model,
                                       const struct mill_query_field *field)
{
    const struct mill_logged_model_metric *newest = NULL;
    for (size_t i = 0; i < model->metric_count; i++) {
        const struct mill_logged_model_metric *metric = &model->metrics[i];
        if (mill_view_eq(metric->key, field->key) &&
            mill_logged_model_measured(field, metric) &&
            (newest == NULL || newer(metric, newest)))
            newest = metric;
    }
    return mill_number_value(newest != NULL, newest != NULL ? newest->value : 0);
}

static struct mill_value field_value(void *context, const struct mill_query_field *field)
{
    const struct mill_logged_model *model = ((const struct scan *)context)->model;
    const struct mill_tag *pair = NULL;
    switch (field->entity) {
    case MILL_Q_METRIC:
        return newest_metric(model, field);
    case MILL_Q_TAG:
        pair = find_pair(model->tags, model->tag_count, field->key);
        break;
    case MILL_Q_PARAM:
        pair =
            find_pair((const struct mill_tag *)model->params, model->param_count, field->key);
        break;
    case MILL_Q_ATTRIBUTE:
    case MILL_Q_DATASET:
        return mill_logged_model_attribute(model, field->attribute);
    }
    return mill_text_value(pair != NULL ? pair->value : (struct mill_view){NULL, 0});
}

static bool compare(void *context, const struct mill_comparison *c)
{
    const struct scan *scan = context;
    if (c->field.entity != MILL_Q_METRIC)
        return mill_value_matches(c, field_value(context, &c->field));
    bool any = false;
    for (size_t i = 0; !any && i < scan->model->metric_count; i++)
        any = mill_view_eq(scan->model->metrics[i].key, c->field.key) &&
              mill_logged_model_metric_matches(scan->search, c, &scan->model->metrics[i]);
    return c->op == MILL_OP_IS_NULL ? !any : any;
}

static bool in_scope(const struct scan *scan)
{
    bool found = false;
    if (scan->model->lifecycle_stage != MILL_ACTIVE)
        return false;
    for (size_t i = 0; !found && i < scan->search->experiment_count; i++)
        found = scan->search->experiment_ids[i] == scan->model->experiment_id;
    if (!found || !mill_logged_model_needs_metric(scan->search))
        return found;
    for (size_t i = 0; i < scan->model->metric_count; i++)
        if (mill_logged_model_dataset(scan->search, scan->model->metrics[i].dataset_name,
                                      scan->model->metrics[i].dataset_digest))
            return true;
    return false;
}

static enum mill_status make_page(const struct memory_logged_models *models, const int64_t *ids,
                                  size_t count, struct mill_arena *arena,
                                  struct mill_logged_model_page *out, struct mill_error *err)
{
    struct mill_logged_model *page = mill_arena_zero(arena, count, sizeof(*page));
    enum mill_status st = page != NULL ? MILL_OK : mill_no_memory(err);
    for (size_t i = 0; st == MILL_OK && i < count; i++)
        st = copy_out(&models->items[ids[i]]->value, arena, &page[i], err);
    out->models = page;
    out->count = count;
    return st;
}

enum mill_status mill_memory_search_logged_models(const struct memory_logged_models *models,
                                                  const struct mill_logged_model_search *search,
                                                  struct mill_arena *arena,
                                                  struct mill_logged_model_page *out,
                                                  struct mill_error *err)
{
    struct scan scan = {.search = search};
    struct mill_selector selector = {.plan = search->plan,
                                     .ties = mill_logged_model_ties,
                                     .tie_count = MILL_COUNT(mill_logged_model_ties),
                                     .value = field_value,
                                     .matches = compare,
                                     .context = &scan};
    struct mill_logged_model_page page = {0};
    const int64_t *ids = NULL;
    size_t count = 0;
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < models->count; i++) {
        scan.model = &models->items[i]->value;
        if (in_scope(&scan))
            st = mill_select_look(&selector, (int64_t)i, err);
    }
    if (st == MILL_OK)
        st = mill_select_page(&selector, search->offset, search->limit, &ids, &count,
                              &page.more, err);
    if (st == MILL_OK)
        st = make_page(models, ids, count, arena, &page, err);
    mill_select_release(&selector);
    if (st == MILL_OK)
        *out = page;
    return st;
}

void mill_memory_logged_models_release(struct memory_logged_models *models)
{
    for (size_t i = 0; i < models->count; i++) {
        mill_arena_release(&models->items[i]->arena);
        mill_free(models->items[i]);
    }
    mill_free(models->items);
    mill_map_release(&models->by_id);
}
