/* row.c - see row.h. */
#include "store/row.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/view.h"
#include "store/layout.h"

_Static_assert(sizeof(struct mill_tag) == sizeof(struct mill_param), "sorted by one function");

static struct mill_metric *put_metrics(struct mill_layout *out,
                                       const struct mill_metric *metrics, size_t count)
{
    struct mill_metric *copy = mill_layout_list(out, metrics, count, sizeof(*metrics));
    for (size_t i = 0; i < count; i++) {
        struct mill_view key = mill_layout_text(out, metrics[i].key);
        if (copy != NULL) {
            copy[i].key = key;
            copy[i].link = NULL; /* latest points carry none on the wire */
        }
    }
    return copy;
}

static struct mill_dataset put_dataset(struct mill_layout *out, const struct mill_dataset *d)
{
    return (struct mill_dataset){
        .name = mill_layout_text(out, d->name),
        .digest = mill_layout_text(out, d->digest),
        .source_type = mill_layout_text(out, d->source_type),
        .source = mill_layout_text(out, d->source),
        .schema = mill_layout_text(out, d->schema),
        .profile = mill_layout_text(out, d->profile),
    };
}

static void put_links(struct mill_layout *out, const struct mill_run *from, struct mill_run *to)
{
    struct mill_dataset_input *inputs =
        mill_layout_list(out, from->dataset_inputs, from->dataset_input_count, sizeof(*inputs));
    for (size_t i = 0; i < from->dataset_input_count; i++) {
        const struct mill_dataset_input *input = &from->dataset_inputs[i];
        struct mill_dataset_input copy = *input;
        copy.tags = mill_layout_tags(out, input->tags, input->tag_count);
        copy.dataset = put_dataset(out, &input->dataset);
        if (inputs != NULL)
            inputs[i] = copy;
    }
    to->dataset_inputs = inputs;

    struct mill_model_input *models =
        mill_layout_list(out, from->model_inputs, from->model_input_count, sizeof(*models));
    for (size_t i = 0; i < from->model_input_count; i++) {
        struct mill_view id = mill_layout_text(out, from->model_inputs[i].model_id);
        if (models != NULL)
            models[i].model_id = id;
    }
    to->model_inputs = models;

    struct mill_model_output *outputs =
        mill_layout_list(out, from->model_outputs, from->model_output_count, sizeof(*outputs));
    for (size_t i = 0; i < from->model_output_count; i++) {
        struct mill_view id = mill_layout_text(out, from->model_outputs[i].model_id);
        if (outputs != NULL)
            outputs[i].model_id = id;
    }
    to->model_outputs = outputs;
}

static struct mill_run put_run(struct mill_layout *out, const struct mill_run *run)
{
    struct mill_run copy = *run;
    copy.info.run_id = mill_layout_text(out, run->info.run_id);
    copy.info.run_name = mill_layout_text(out, run->info.run_name);
    copy.info.user_id = mill_layout_text(out, run->info.user_id);
    copy.info.artifact_uri = mill_layout_text(out, run->info.artifact_uri);
    copy.metrics = put_metrics(out, run->metrics, run->metric_count);
    /* A param has the shape of a tag. */
    copy.params = (struct mill_param *)mill_layout_tags(
        out, (const struct mill_tag *)run->params, run->param_count);
    copy.tags = mill_layout_tags(out, run->tags, run->tag_count);
    put_links(out, run, &copy);
    return copy;
}

static int by_tag_key(const void *a, const void *b)
{
    return mill_view_cmp(((const struct mill_tag *)a)->key, ((const struct mill_tag *)b)->key);
}

static int by_metric_key(const void *a, const void *b)
{
    return mill_view_cmp(((const struct mill_metric *)a)->key,
                         ((const struct mill_metric *)b)->key);
}

struct mill_row *mill_row_new(int64_t id, const struct mill_run *run)
{
    struct mill_layout sizes = {NULL, sizeof(struct mill_row)};
    put_run(&sizes, run);
    struct mill_row *row = mill_alloc(sizes.at);
    if (row == NULL)
        return NULL;
    struct mill_layout block = {(char *)row, sizeof(*row)};
    *row = (struct mill_row){.refs = 1, .bytes = sizes.at, .id = id};
    row->run = put_run(&block, run);

    /* The lists lie in our own block, so they may be sorted in place. */
    char *base = (char *)row;
    struct mill_run *r = &row->run;
    if (r->metric_count > 1)
        qsort(base + ((const char *)r->metrics - base), r->metric_count, sizeof(*r->metrics),
              by_metric_key);
    if (r->param_count > 1)
        qsort(base + ((const char *)r->params - base), r->param_count, sizeof(*r->params),
              by_tag_key);
    if (r->tag_count > 1)
        qsort(base + ((const char *)r->tags - base), r->tag_count, sizeof(*r->tags),
              by_tag_key);
    return row;
}

struct mill_row *mill_row_ref(struct mill_row *row)
{
    __atomic_fetch_add(&row->refs, 1, __ATOMIC_RELAXED);
    return row;
}

void mill_row_unref(struct mill_row *row)
{
    if (row != NULL && __atomic_fetch_sub(&row->refs, 1, __ATOMIC_ACQ_REL) == 1)
        mill_free(row);
}

/* All three lists begin each item with its key. */
static const void *find(const void *items, size_t count, size_t size, struct mill_view key)
{
    const char *base = items;
    while (count != 0) {
        size_t half = count / 2;
        const char *middle = base + half * size;
        int order = mill_view_cmp(*(const struct mill_view *)middle, key);
        if (order == 0)
            return middle;
        if (order < 0) {
            base = middle + size;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return NULL;
}

const struct mill_tag *mill_run_tag(const struct mill_run *run, struct mill_view key)
{
    return find(run->tags, run->tag_count, sizeof(*run->tags), key);
}

const struct mill_param *mill_run_param(const struct mill_run *run, struct mill_view key)
{
    return find(run->params, run->param_count, sizeof(*run->params), key);
}

const struct mill_metric *mill_run_metric(const struct mill_run *run, struct mill_view key)
{
    return find(run->metrics, run->metric_count, sizeof(*run->metrics), key);
}
