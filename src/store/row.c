/* row.c - see row.h.
 *
 * Tens of thousands of rows stay in memory, so a row has each text once where that is easily
 * seen: most runs repeat their name and user in tags, and their id in the artifact URI. Keys of
 * such tags are the same in all rows. */
#include "store/row.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/view.h"
#include "store/layout.h"

_Static_assert(sizeof(struct mill_tag) == sizeof(struct mill_param), "sorted by one function");

/* Rows of this size and more have a block of their own. */
#define SLAB_ROW_MAX 8192
#define SLAB_BYTES   65536

struct mill_row_slab {
    unsigned refs; /* atomic: its rows, and its maker */
    size_t used, size;
};

/* Keys that clients give most runs. */
static const struct mill_view common_keys[] = {
    {"mlflow.runName", 14},           {"mlflow.user", 11},
    {"mlflow.source.name", 18},       {"mlflow.source.type", 18},
    {"mlflow.source.git.commit", 24}, {"mlflow.parentRunId", 18},
};

static struct mill_view put_key(struct mill_layout *out, struct mill_view key)
{
    for (size_t i = 0; i < MILL_COUNT(common_keys); i++)
        if (mill_view_eq(key, common_keys[i]))
            return common_keys[i];
    return mill_layout_text(out, key);
}

/* The place in `copy`, which is `whole` laid out already, where text stands in it from byte
 * `at` on; laid out on its own when it does not. */
static struct mill_view put_part(struct mill_layout *out, struct mill_view text,
                                 struct mill_view whole, struct mill_view copy, size_t at)
{
    if (text.len == 0 || at + text.len > whole.len ||
        memcmp(whole.ptr + at, text.ptr, text.len) != 0)
        return mill_layout_text(out, text);
    return (struct mill_view){copy.ptr != NULL ? copy.ptr + at : NULL, text.len};
}

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

static void put_info(struct mill_layout *out, const struct mill_run_info *info,
                     struct mill_run_info *copy)
{
    struct mill_view uri = info->artifact_uri;
    size_t id_at = 0;
    copy->artifact_uri = mill_layout_text(out, uri);
    /* An URI of ours ends with the id and "/artifacts". */
    if (mill_view_ends(uri, MILL_VIEW("/artifacts")) && uri.len >= 10 + info->run_id.len)
        id_at = uri.len - 10 - info->run_id.len;
    copy->run_id = put_part(out, info->run_id, uri, copy->artifact_uri, id_at);
    copy->run_name = mill_layout_text(out, info->run_name);
    copy->user_id = mill_layout_text(out, info->user_id);
}

static struct mill_tag *put_tags(struct mill_layout *out, const struct mill_run *run,
                                 const struct mill_run_info *copy)
{
    struct mill_tag *tags = mill_layout_list(out, run->tags, run->tag_count, sizeof(*tags));
    for (size_t i = 0; i < run->tag_count; i++) {
        const struct mill_tag *from = &run->tags[i];
        struct mill_tag tag = {put_key(out, from->key), {NULL, 0}};
        if (mill_view_eq(from->value, run->info.run_name))
            tag.value = put_part(out, from->value, run->info.run_name, copy->run_name, 0);
        else
            tag.value = put_part(out, from->value, run->info.user_id, copy->user_id, 0);
        if (tags != NULL)
            tags[i] = tag;
    }
    return tags;
}

static struct mill_run put_run(struct mill_layout *out, const struct mill_run *run)
{
    struct mill_run copy = *run;
    put_info(out, &run->info, &copy.info);
    copy.metrics = put_metrics(out, run->metrics, run->metric_count);
    /* A param has the shape of a tag. */
    copy.params = (struct mill_param *)mill_layout_tags(
        out, (const struct mill_tag *)run->params, run->param_count);
    copy.tags = put_tags(out, run, &copy.info);
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

/* Sorts a list that lies in the block of a row, which may therefore be changed. */
static void sort(struct mill_row *row, const void *list, size_t count, size_t size,
                 int (*order)(const void *, const void *))
{
    const char *items = list;
    size_t i = 1;
    while (i < count && order(items + (i - 1) * size, items + i * size) <= 0)
        i++;
    if (i < count) /* hardly ever: a database gives them in order */
        qsort((char *)row + (items - (const char *)row), count, size, order);
}

static void slab_unref(struct mill_row_slab *slab)
{
    if (slab != NULL && __atomic_fetch_sub(&slab->refs, 1, __ATOMIC_ACQ_REL) == 1)
        mill_free(slab);
}

/* Room for a row in the slab, or in a new one that takes its place. */
static struct mill_row *slab_take(struct mill_row_slab **slab, size_t bytes)
{
    struct mill_row_slab *s = *slab;
    bytes = (bytes + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    if (s == NULL || bytes > s->size - s->used) {
        s = mill_alloc(SLAB_BYTES);
        if (s == NULL)
            return NULL;
        size_t header = (sizeof(*s) + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
        *s = (struct mill_row_slab){.refs = 1, .used = header, .size = SLAB_BYTES};
        slab_unref(*slab);
        *slab = s;
    }
    struct mill_row *row = (struct mill_row *)(void *)((char *)s + s->used);
    s->used += bytes;
    __atomic_fetch_add(&s->refs, 1, __ATOMIC_RELAXED);
    return row;
}

void mill_row_slab_done(struct mill_row_slab *slab)
{
    slab_unref(slab);
}

struct mill_row *mill_row_new(struct mill_row_slab **slab, int64_t id,
                              const struct mill_run *run)
{
    struct mill_layout sizes = {NULL, sizeof(struct mill_row)};
    put_run(&sizes, run);
    bool shared = slab != NULL && sizes.at < SLAB_ROW_MAX;
    struct mill_row *row = shared ? slab_take(slab, sizes.at) : mill_alloc(sizes.at);
    if (row == NULL)
        return NULL;
    struct mill_layout block = {(char *)row, sizeof(*row)};
    *row = (struct mill_row){
        .refs = 1, .bytes = sizes.at, .slab = shared ? *slab : NULL, .id = id};
    row->run = put_run(&block, run);

    struct mill_run *r = &row->run;
    sort(row, r->metrics, r->metric_count, sizeof(*r->metrics), by_metric_key);
    sort(row, r->params, r->param_count, sizeof(*r->params), by_tag_key);
    sort(row, r->tags, r->tag_count, sizeof(*r->tags), by_tag_key);
    return row;
}

struct mill_row *mill_row_ref(struct mill_row *row)
{
    __atomic_fetch_add(&row->refs, 1, __ATOMIC_RELAXED);
    return row;
}

void mill_row_unref(struct mill_row *row)
{
    if (row == NULL || __atomic_fetch_sub(&row->refs, 1, __ATOMIC_ACQ_REL) != 1)
        return;
    if (row->slab != NULL)
        slab_unref(row->slab);
    else
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
