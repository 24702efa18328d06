/* row.c - makes rows and ends them; row_read.c reads them. See row.h. */
#include "store/row.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/varint.h"
#include "base/view.h"
#include "store/layout.h"
#include "store/row_text.h"

_Static_assert(sizeof(struct mill_tag) == sizeof(struct mill_param), "sorted by one function");

/* Rows of this size and more have a block of their own. */
#define SLAB_ROW_MAX 8192
#define SLAB_BYTES   65536

/* --- slabs -------------------------------------------------------------------------------- */

struct mill_row_slab {
    unsigned refs; /* atomic: its rows, and its maker */
    uint32_t used;
};

static void slab_unref(struct mill_row_slab *slab)
{
    if (slab != NULL && __atomic_fetch_sub(&slab->refs, 1, __ATOMIC_ACQ_REL) == 1)
        mill_free(slab);
}

/* Room for a row in the slab, or in a new one that takes its place. */
static struct mill_row *slab_take(struct mill_row_slab **slab, size_t bytes, uint32_t *at_out)
{
    struct mill_row_slab *s = *slab;
    bytes = (bytes + _Alignof(struct mill_row) - 1) & ~(_Alignof(struct mill_row) - 1);
    if (s == NULL || bytes > SLAB_BYTES - s->used) {
        s = mill_alloc(SLAB_BYTES);
        if (s == NULL)
            return NULL;
        *s = (struct mill_row_slab){.refs = 1, .used = sizeof(*s)};
        slab_unref(*slab);
        *slab = s;
    }
    struct mill_row *row = (struct mill_row *)(void *)((char *)s + s->used);
    *at_out = s->used;
    s->used += (uint32_t)bytes;
    __atomic_fetch_add(&s->refs, 1, __ATOMIC_RELAXED);
    return row;
}

/* --- links -------------------------------------------------------------------------------- */

static bool has_links(const struct mill_run *run)
{
    return run->dataset_input_count + run->model_input_count + run->model_output_count != 0;
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

static const struct mill_dataset_input *put_inputs(struct mill_layout *out,
                                                   const struct mill_run *run)
{
    struct mill_dataset_input *inputs =
        mill_layout_list(out, run->dataset_inputs, run->dataset_input_count, sizeof(*inputs));
    for (size_t i = 0; i < run->dataset_input_count; i++) {
        struct mill_dataset_input copy = run->dataset_inputs[i];
        copy.tags = mill_layout_tags(out, copy.tags, copy.tag_count);
        copy.dataset = put_dataset(out, &copy.dataset);
        if (inputs != NULL)
            inputs[i] = copy;
    }
    return inputs;
}

static const struct mill_model_input *put_model_inputs(struct mill_layout *out,
                                                       const struct mill_run *run)
{
    struct mill_model_input *models =
        mill_layout_list(out, run->model_inputs, run->model_input_count, sizeof(*models));
    for (size_t i = 0; i < run->model_input_count; i++) {
        struct mill_view id = mill_layout_text(out, run->model_inputs[i].model_id);
        if (models != NULL)
            models[i].model_id = id;
    }
    return models;
}

static const struct mill_model_output *put_model_outputs(struct mill_layout *out,
                                                         const struct mill_run *run)
{
    struct mill_model_output *outputs =
        mill_layout_list(out, run->model_outputs, run->model_output_count, sizeof(*outputs));
    for (size_t i = 0; i < run->model_output_count; i++) {
        struct mill_view id = mill_layout_text(out, run->model_outputs[i].model_id);
        if (outputs != NULL)
            outputs[i].model_id = id;
    }
    return outputs;
}

static struct mill_row_links put_links(struct mill_layout *out, const struct mill_run *run)
{
    return (struct mill_row_links){
        .dataset_inputs = put_inputs(out, run),
        .dataset_input_count = run->dataset_input_count,
        .model_inputs = put_model_inputs(out, run),
        .model_input_count = run->model_input_count,
        .model_outputs = put_model_outputs(out, run),
        .model_output_count = run->model_output_count,
    };
}

static struct mill_row_links *make_links(const struct mill_run *run, size_t *bytes_out)
{
    struct mill_layout sizes = {NULL, sizeof(struct mill_row_links)};
    put_links(&sizes, run);
    struct mill_row_links *links = mill_alloc(sizes.at);
    if (links == NULL)
        return NULL;
    struct mill_layout block = {(char *)links, sizeof(*links)};
    *links = put_links(&block, run);
    *bytes_out = sizes.at;
    return links;
}

/* --- lists in order ----------------------------------------------------------------------- */

static int by_tag_key(const void *a, const void *b)
{
    return mill_view_cmp(((const struct mill_tag *)a)->key, ((const struct mill_tag *)b)->key);
}

static int by_metric_key(const void *a, const void *b)
{
    return mill_view_cmp(((const struct mill_metric *)a)->key,
                         ((const struct mill_metric *)b)->key);
}

/* The list itself where it is sorted, which it is nearly always; NULL when out of memory. */
static const void *sorted(struct mill_arena *arena, const void *list, size_t count, size_t size,
                          int (*order)(const void *, const void *))
{
    const char *items = list;
    size_t i = 1;
    while (i < count && order(items + (i - 1) * size, items + i * size) <= 0)
        i++;
    if (i >= count)
        return list;
    void *copy = mill_arena_alloc(arena, count * size);
    if (copy == NULL)
        return NULL;
    memcpy(copy, list, count * size);
    qsort(copy, count, size, order);
    return copy;
}

static bool sort_lists(struct mill_arena *arena, struct mill_run *run)
{
    run->metrics =
        sorted(arena, run->metrics, run->metric_count, sizeof(*run->metrics), by_metric_key);
    run->params =
        sorted(arena, run->params, run->param_count, sizeof(*run->params), by_tag_key);
    run->tags = sorted(arena, run->tags, run->tag_count, sizeof(*run->tags), by_tag_key);
    return (run->metrics != NULL || run->metric_count == 0) &&
           (run->params != NULL || run->param_count == 0) &&
           (run->tags != NULL || run->tag_count == 0);
}

/* --- packing ------------------------------------------------------------------------------ */

/* More bytes than a run needs. */
static size_t room_for(const struct mill_run *run)
{
    const struct mill_run_info *info = &run->info;
    size_t numbers = 3 + run->param_count + run->tag_count + 2 * run->metric_count;
    size_t room = numbers * MILL_VARINT_MAX + run->metric_count * sizeof(double) +
                  info->run_id.len + info->run_name.len + info->artifact_uri.len;
    for (size_t i = 0; i < run->param_count; i++)
        room += run->params[i].value.len;
    for (size_t i = 0; i < run->tag_count; i++)
        room += run->tags[i].value.len;
    return room;
}

/* These write at a place and give the one behind it. */
static char *put_text(char *at, struct mill_view text)
{
    if (text.ptr == NULL)
        return mill_varint_put(at, MILL_ROW_ABSENT);
    at = mill_varint_put(at, MILL_ROW_LENGTH + text.len);
    memcpy(at, text.ptr, text.len);
    return at + text.len;
}

static char *put_tag(char *at, struct mill_view value, const struct mill_run_info *info)
{
    if (value.ptr != NULL && info->run_name.ptr != NULL && mill_view_eq(value, info->run_name))
        return mill_varint_put(at, MILL_ROW_IS_NAME);
    if (value.ptr != NULL && info->user_id.ptr != NULL && mill_view_eq(value, info->user_id))
        return mill_varint_put(at, MILL_ROW_IS_USER);
    return put_text(at, value);
}

static char *put_values(char *at, const struct mill_run *run)
{
    for (size_t i = 0; i < run->metric_count; i++, at += sizeof(double))
        memcpy(at, &run->metrics[i].value, sizeof(double));
    return at;
}

/* May wrap around, and back when it is read. */
static uint64_t difference(int64_t a, int64_t b)
{
    return mill_zigzag((int64_t)((uint64_t)a - (uint64_t)b));
}

static char *put_times(char *at, const struct mill_run *run)
{
    int64_t step = 0, time = run->info.start_time;
    for (size_t i = 0; i < run->metric_count; i++) {
        const struct mill_metric *metric = &run->metrics[i];
        at = mill_varint_put(at, difference(metric->step, step));
        at = mill_varint_put(at, difference(metric->timestamp, time));
        step = metric->step;
        time = metric->timestamp;
    }
    return at;
}

static void put_run(struct mill_buf *out, const struct mill_run *run,
                    const struct mill_row_shape *shape)
{
    if (!mill_buf_reserve(out, room_for(run)))
        return;
    char *at = put_values(out->ptr + out->len, run);
    at = put_text(at, run->info.run_id);
    at = put_text(at, run->info.run_name);
    if (shape->location.ptr == NULL)
        at = put_text(at, run->info.artifact_uri);
    for (size_t i = 0; i < run->param_count; i++)
        at = put_text(at, run->params[i].value);
    for (size_t i = 0; i < run->tag_count; i++)
        at = put_tag(at, run->tags[i].value, &run->info);
    at = put_times(at, run);
    out->len = (size_t)(at - out->ptr);
}

/* --- making ------------------------------------------------------------------------------- */

/* A block for what is in maker->bytes. */
static struct mill_row *take_block(struct mill_row_maker *maker, uint32_t *slab_at_out)
{
    size_t size = offsetof(struct mill_row, data) + maker->bytes.len;
    *slab_at_out = 0;
    return maker->many && size < SLAB_ROW_MAX ? slab_take(&maker->slab, size, slab_at_out)
                                              : mill_alloc(size);
}

/* Makes the row of what is in maker->bytes; takes over nothing when it fails. */
static struct mill_row *finish(struct mill_row_maker *maker, const struct mill_run_info *info,
                               struct mill_row_shape *shape, size_t more_bytes, bool links)
{
    uint32_t slab_at;
    size_t bytes = offsetof(struct mill_row, data) + maker->bytes.len + more_bytes;
    struct mill_row *row =
        maker->bytes.failed || bytes > UINT32_MAX ? NULL : take_block(maker, &slab_at);
    if (row == NULL)
        return NULL;
    *row = (struct mill_row){.refs = 1,
                             .slab_at = slab_at,
                             .shape = shape,
                             .start_time = info->start_time,
                             .end_time = info->end_time,
                             .bytes = (uint32_t)bytes,
                             .status = (uint8_t)info->status,
                             .lifecycle = (uint8_t)info->lifecycle_stage,
                             .has_links = links};
    memcpy(row->data, maker->bytes.ptr, maker->bytes.len);
    return row;
}

static struct mill_row *make_shaped(struct mill_row_maker *maker, const struct mill_run *run,
                                    struct mill_row_shape *shape, size_t more_bytes)
{
    struct mill_row_links *links = NULL;
    size_t link_bytes = 0;
    mill_buf_clear(&maker->bytes);
    if (has_links(run)) {
        links = make_links(run, &link_bytes);
        if (links == NULL)
            return NULL;
        mill_buf_add(&maker->bytes, &links, sizeof(links));
    }
    put_run(&maker->bytes, run, shape);
    struct mill_row *row =
        finish(maker, &run->info, shape, more_bytes + link_bytes, links != NULL);
    if (row == NULL)
        mill_free(links);
    return row;
}

struct mill_row *mill_row_make(struct mill_row_maker *maker, const struct mill_run *run)
{
    struct mill_run copy = *run;
    bool made;
    mill_arena_reset(&maker->sorted, SLAB_BYTES);
    if (!sort_lists(&maker->sorted, &copy))
        return NULL;
    struct mill_row_shape *shape = mill_row_shape(maker->shapes, maker->last, &copy, &made);
    if (shape == NULL)
        return NULL;
    struct mill_row *row = make_shaped(maker, &copy, shape, made ? shape->bytes : 0);
    if (row == NULL) {
        mill_row_shape_unref(shape);
        return NULL;
    }
    if (shape != maker->last) {
        mill_row_shape_unref(maker->last);
        maker->last = mill_row_shape_ref(shape);
    }
    return row;
}

void mill_row_maker_release(struct mill_row_maker *maker)
{
    slab_unref(maker->slab);
    mill_row_shape_unref(maker->last);
    mill_arena_release(&maker->sorted);
    mill_buf_release(&maker->bytes);
}

struct mill_row *mill_row_new(struct mill_row_shapes *shapes, const struct mill_run *run)
{
    struct mill_row_maker maker = {.shapes = shapes};
    struct mill_row *row = mill_row_make(&maker, run);
    mill_row_maker_release(&maker);
    return row;
}

/* --- references --------------------------------------------------------------------------- */

struct mill_row *mill_row_ref(struct mill_row *row)
{
    __atomic_fetch_add(&row->refs, 1, __ATOMIC_RELAXED);
    return row;
}

void mill_row_unref(struct mill_row *row)
{
    if (row == NULL || __atomic_fetch_sub(&row->refs, 1, __ATOMIC_ACQ_REL) != 1)
        return;
    mill_row_shape_unref(row->shape);
    mill_free((void *)(uintptr_t)mill_row_links(row));
    if (row->slab_at != 0)
        slab_unref((struct mill_row_slab *)(void *)((char *)row - row->slab_at));
    else
        mill_free(row);
}
