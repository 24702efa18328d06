/* memory_log.c - what is logged to runs of the memory store: metrics, params and tags. */
#include "base/alloc.h"
#include "model/check.h"
#include "model/limits.h"
#include "store/entity.h"
#include "store/memory.h"

static enum mill_status check_params(const struct memory_editing *e,
                                     const struct mill_change *c, struct mill_error *err)
{
    for (size_t i = 0; i < c->as.log.param_count; i++) {
        const struct mill_param *param = &c->as.log.params[i];
        const struct mill_param *old = mill_run_param(&e->run, param->key);
        if (old != NULL && !mill_view_eq(old->value, param->value))
            return mill_fail(err, MILL_E_INVALID,
                             "param '%.*s' has the value '%.*s' and cannot become '%.*s': "
                             "params are written once",
                             MILL_FMT(param->key), MILL_FMT(mill_utf8_prefix(old->value, 60)),
                             MILL_FMT(mill_utf8_prefix(param->value, 60)));
    }
    return MILL_OK;
}

struct memory_series *mill_memory_series(struct memory_extra *x, struct mill_view key)
{
    for (size_t i = 0; i < x->count; i++)
        if (mill_view_eq(x->series[i].key, key))
            return &x->series[i];
    return NULL;
}

static struct memory_series *make_series(struct memory_extra *x, struct mill_view key)
{
    struct memory_series *found = mill_memory_series(x, key);
    if (found != NULL)
        return found;
    struct memory_series *list = mill_realloc(x->series, (x->count + 1) * sizeof(*list));
    char *text = mill_alloc(key.len);
    if (list != NULL)
        x->series = list;
    if (list == NULL || text == NULL) {
        mill_free(text);
        return NULL;
    }
    if (key.len != 0)
        memcpy(text, key.ptr, key.len);
    list[x->count] = (struct memory_series){.key = {text, key.len}};
    return &list[x->count++];
}

/* The latest point of every series, as the run's metrics. */
static enum mill_status edit_metrics(struct memory_editing *e, struct mill_error *err)
{
    const struct memory_extra *x = &e->experiment->extras[e->slot];
    struct mill_metric *metrics = mill_arena_zero(&e->scratch, x->count, sizeof(*metrics));
    if (metrics == NULL)
        return mill_no_memory(err);
    size_t count = 0;
    for (size_t i = 0; i < x->count; i++) {
        const struct mill_points *points = &x->series[i].points;
        if (points->count == 0)
            continue; /* its first point found no memory */
        const struct mill_point *last = &points->items[points->count - 1];
        metrics[count++] = (struct mill_metric){.key = x->series[i].key,
                                                .value = last->value,
                                                .timestamp = last->timestamp,
                                                .step = last->step};
    }
    e->run.metrics = metrics;
    e->run.metric_count = count;
    return MILL_OK;
}

static enum mill_status add_points(struct memory_editing *e, const struct mill_change *c,
                                   struct mill_error *err)
{
    struct memory_extra *x = &e->experiment->extras[e->slot];
    for (size_t i = 0; i < c->as.log.metric_count; i++) {
        const struct mill_metric *metric = &c->as.log.metrics[i];
        struct memory_series *series = make_series(x, metric->key);
        struct mill_point point = {metric->step, metric->timestamp,
                                   mill_metric_kept(metric->value)};
        if (series == NULL || !mill_points_add(&series->points, point))
            return mill_no_memory(err);
        mill_points_sort(&series->points, mill_point_cmp);
    }
    return c->as.log.metric_count != 0 ? edit_metrics(e, err) : MILL_OK;
}

enum mill_status mill_memory_log(struct memory_store *m, const struct mill_change *c,
                                 struct mill_error *err)
{
    struct memory_editing e;
    enum mill_status st = mill_memory_edit(m, c->as.log.run_id, true, &e, err);
    if (st == MILL_OK)
        st = check_params(&e, c, err);
    if (st == MILL_OK)
        st = mill_memory_check_links(&m->logged_models, c->as.log.metrics,
                                     c->as.log.metric_count, err);
    for (size_t i = 0; st == MILL_OK && i < c->as.log.param_count; i++) {
        /* A param has the shape of a tag. */
        struct mill_tag tag = {c->as.log.params[i].key, c->as.log.params[i].value};
        e.run.params = (const struct mill_param *)mill_tags_with(
            &e.scratch, (const struct mill_tag *)e.run.params, &e.run.param_count, tag);
        if (e.run.params == NULL)
            st = mill_no_memory(err);
    }
    for (size_t i = 0; st == MILL_OK && i < c->as.log.tag_count; i++)
        st = mill_memory_edit_tag(&e, c->as.log.tags[i], err);
    if (st == MILL_OK)
        st = mill_memory_add_links(&m->logged_models, e.run.info.run_id, c->as.log.metrics,
                                   c->as.log.metric_count, err);
    if (st == MILL_OK)
        st = add_points(&e, c, err);
    return mill_memory_edited(&e, st, err);
}

enum mill_status mill_memory_delete_tag(struct memory_store *m, const struct mill_change *c,
                                        struct mill_error *err)
{
    struct memory_editing e;
    struct mill_view key = c->as.run_tag.key;
    enum mill_status st = mill_memory_edit(m, c->as.run_tag.run_id, true, &e, err);
    if (st == MILL_OK && mill_run_tag(&e.run, key) == NULL)
        st = mill_fail(err, MILL_E_NOT_FOUND, "run '%.*s' has no tag '%.*s'",
                       MILL_FMT(c->as.run_tag.run_id), MILL_FMT(key));
    if (st == MILL_OK)
        st = mill_memory_edit_tag(&e, (struct mill_tag){key, {NULL, 0}}, err);
    return mill_memory_edited(&e, st, err);
}

enum mill_status mill_memory_append_tag_json(struct memory_store *m,
                                             const struct mill_change *c,
                                             struct mill_error *err)
{
    struct memory_editing e;
    enum mill_status st = mill_memory_edit(m, c->as.append.run_id, true, &e, err);
    if (st == MILL_OK) {
        const struct mill_tag *old = mill_run_tag(&e.run, c->as.append.key);
        struct mill_tag tag = {
            c->as.append.key,
            mill_json_list_append(&e.scratch,
                                  old != NULL ? old->value : (struct mill_view){NULL, 0},
                                  c->as.append.json)};
        if (tag.value.ptr == NULL)
            st = mill_no_memory(err);
        else if (mill_utf8_length(tag.value) > MILL_MAX_RUN_TAG_VALUE)
            st = mill_fail(err, MILL_E_INVALID, "tag '%.*s' would be longer than %d characters",
                           MILL_FMT(tag.key), MILL_MAX_RUN_TAG_VALUE);
        else
            st = mill_memory_edit_tag(&e, tag, err);
    }
    return mill_memory_edited(&e, st, err);
}
