/* row_read.c - reads rows. Their bytes are our own, so nothing is checked here. See row.h. */
#include "base/varint.h"
#include "base/view.h"
#include "store/row.h"
#include "store/row_text.h"

/* --- the parts ---------------------------------------------------------------------------- */

static const unsigned char *values_of(const struct mill_row *row)
{
    return row->data + (row->has_links ? sizeof(struct mill_row_links *) : 0);
}

static double value_at(const struct mill_row *row, size_t index)
{
    double value;
    memcpy(&value, values_of(row) + index * sizeof(value), sizeof(value));
    return value;
}

const struct mill_row_links *mill_row_links(const struct mill_row *row)
{
    const struct mill_row_links *links = NULL;
    if (row->has_links)
        memcpy(&links, row->data, sizeof(links));
    return links;
}

static uint64_t next_number(const unsigned char **at)
{
    uint64_t value = *(*at)++;
    if (value < 0x80)
        return value;
    value &= 0x7f;
    for (unsigned shift = 7;; shift += 7) {
        unsigned char byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
}

/* The texts of a row, one after the other. */
struct texts {
    const struct mill_row *row;
    const unsigned char *at;
};

static struct mill_view next_text(struct texts *t)
{
    uint64_t number = next_number(&t->at);
    if (number == MILL_ROW_ABSENT)
        return (struct mill_view){NULL, 0};
    if (number == MILL_ROW_IS_NAME)
        return mill_row_name(t->row);
    if (number == MILL_ROW_IS_USER)
        return t->row->shape->user_id;
    struct mill_view text = {(const char *)t->at, (size_t)number - MILL_ROW_LENGTH};
    t->at += text.len;
    return text;
}

static void skip_texts(struct texts *t, size_t count)
{
    for (; count != 0; count--) {
        uint64_t number = next_number(&t->at);
        t->at += number > MILL_ROW_LENGTH ? number - MILL_ROW_LENGTH : 0;
    }
}

static struct texts texts_of(const struct mill_row *row)
{
    return (struct texts){row, values_of(row) + row->shape->metric_count * sizeof(double)};
}

/* Whether the row has its artifact URI as a text. */
static bool has_uri(const struct mill_row *row)
{
    return row->shape->location.ptr == NULL;
}

static struct texts params_of(const struct mill_row *row)
{
    struct texts t = texts_of(row);
    skip_texts(&t, has_uri(row) ? 3 : 2);
    return t;
}

/* --- single values ------------------------------------------------------------------------ */

struct mill_view mill_row_run_id(const struct mill_row *row)
{
    struct texts t = texts_of(row);
    return next_text(&t);
}

struct mill_view mill_row_name(const struct mill_row *row)
{
    struct texts t = texts_of(row);
    skip_texts(&t, 1);
    return next_text(&t);
}

struct mill_view mill_row_artifact_uri(const struct mill_row *row, struct mill_buf *scratch)
{
    struct texts t = texts_of(row);
    if (has_uri(row)) {
        skip_texts(&t, 2);
        return next_text(&t);
    }
    scratch->len = 0;
    mill_buf_add_view(scratch, row->shape->location);
    mill_buf_add_view(scratch, next_text(&t));
    mill_buf_add_view(scratch, MILL_VIEW(MILL_ROW_ARTIFACTS));
    return scratch->failed ? (struct mill_view){NULL, 0} : mill_buf_view(scratch);
}

/* All but the URI. */
static void read_info(const struct mill_row *row, struct mill_run_info *out)
{
    struct texts t = texts_of(row);
    *out = (struct mill_run_info){.experiment_id = row->shape->experiment_id,
                                  .user_id = row->shape->user_id,
                                  .status = (enum mill_run_status)row->status,
                                  .start_time = row->start_time,
                                  .end_time = row->end_time,
                                  .lifecycle_stage = (enum mill_lifecycle)row->lifecycle};
    out->run_id = next_text(&t);
    out->run_name = next_text(&t);
}

void mill_row_info(const struct mill_row *row, struct mill_buf *scratch,
                   struct mill_run_info *out)
{
    read_info(row, out);
    if (scratch != NULL)
        out->artifact_uri = mill_row_artifact_uri(row, scratch);
}

bool mill_row_metric(const struct mill_row *row, struct mill_view key, double *value_out)
{
    size_t index;
    if (!mill_row_shape_find(row->shape->metrics, row->shape->metric_count, key, &index))
        return false;
    *value_out = value_at(row, index);
    return true;
}

struct mill_view mill_row_param(const struct mill_row *row, struct mill_view key)
{
    size_t index;
    if (!mill_row_shape_find(row->shape->params, row->shape->param_count, key, &index))
        return (struct mill_view){NULL, 0};
    struct texts t = params_of(row);
    skip_texts(&t, index);
    return next_text(&t);
}

struct mill_view mill_row_tag(const struct mill_row *row, struct mill_view key)
{
    size_t index;
    if (!mill_row_shape_find(row->shape->tags, row->shape->tag_count, key, &index))
        return (struct mill_view){NULL, 0};
    struct texts t = params_of(row);
    skip_texts(&t, row->shape->param_count + index);
    return next_text(&t);
}

/* --- the whole run ------------------------------------------------------------------------ */

static bool unpack_uri(const struct mill_row *row, struct mill_arena *arena,
                       struct mill_run_info *info)
{
    const struct mill_view parts[] = {row->shape->location, info->run_id,
                                      MILL_VIEW(MILL_ROW_ARTIFACTS)};
    if (has_uri(row)) {
        info->artifact_uri = mill_row_artifact_uri(row, NULL);
        return true;
    }
    char *text = mill_arena_alloc(arena, parts[0].len + parts[1].len + parts[2].len);
    if (text == NULL)
        return false;
    info->artifact_uri = (struct mill_view){text, 0};
    for (size_t i = 0; i < MILL_COUNT(parts); i++) {
        memcpy(text + info->artifact_uri.len, parts[i].ptr, parts[i].len);
        info->artifact_uri.len += parts[i].len;
    }
    return true;
}

bool mill_row_unpack_info(const struct mill_row *row, struct mill_arena *arena,
                          struct mill_run_info *out)
{
    read_info(row, out);
    return unpack_uri(row, arena, out);
}

/* A list of keys with the next texts; a param has the shape of a tag. */
static bool unpack_texts(struct texts *t, const struct mill_view *keys, size_t count,
                         struct mill_arena *arena, const struct mill_tag **out)
{
    if (count == 0)
        return true;
    struct mill_tag *items = mill_arena_alloc(arena, count * sizeof(*items));
    if (items == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        items[i] = (struct mill_tag){keys[i], next_text(t)};
    *out = items;
    return true;
}

static int64_t plus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static bool unpack_metrics(struct texts *t, struct mill_arena *arena, struct mill_run *out)
{
    const struct mill_row *row = t->row;
    size_t count = row->shape->metric_count;
    if (count == 0)
        return true;
    struct mill_metric *metrics = mill_arena_alloc(arena, count * sizeof(*metrics));
    if (metrics == NULL)
        return false;
    int64_t step = 0, time = row->start_time;
    for (size_t i = 0; i < count; i++) {
        step = plus(step, mill_unzigzag(next_number(&t->at)));
        time = plus(time, mill_unzigzag(next_number(&t->at)));
        metrics[i] = (struct mill_metric){.key = row->shape->metrics[i],
                                          .value = value_at(row, i),
                                          .timestamp = time,
                                          .step = step};
    }
    out->metrics = metrics;
    out->metric_count = count;
    return true;
}

static void unpack_links(const struct mill_row_links *links, struct mill_run *out)
{
    if (links == NULL)
        return;
    out->dataset_inputs = links->dataset_inputs;
    out->dataset_input_count = links->dataset_input_count;
    out->model_inputs = links->model_inputs;
    out->model_input_count = links->model_input_count;
    out->model_outputs = links->model_outputs;
    out->model_output_count = links->model_output_count;
}

bool mill_row_unpack(const struct mill_row *row, struct mill_arena *arena, struct mill_run *out)
{
    const struct mill_row_shape *shape = row->shape;
    const struct mill_tag *params = NULL, *tags = NULL;
    struct texts t = params_of(row);
    *out = (struct mill_run){.param_count = shape->param_count, .tag_count = shape->tag_count};
    if (!mill_row_unpack_info(row, arena, &out->info) ||
        !unpack_texts(&t, shape->params, shape->param_count, arena, &params) ||
        !unpack_texts(&t, shape->tags, shape->tag_count, arena, &tags) ||
        !unpack_metrics(&t, arena, out))
        return false;
    out->params = (const struct mill_param *)params;
    out->tags = tags;
    unpack_links(mill_row_links(row), out);
    return true;
}

/* --- lists of a run ----------------------------------------------------------------------- */

const struct mill_tag *mill_run_tag(const struct mill_run *run, struct mill_view key)
{
    return mill_find_keyed(run->tags, run->tag_count, sizeof(*run->tags), key);
}

const struct mill_param *mill_run_param(const struct mill_run *run, struct mill_view key)
{
    return mill_find_keyed(run->params, run->param_count, sizeof(*run->params), key);
}

const struct mill_metric *mill_run_metric(const struct mill_run *run, struct mill_view key)
{
    return mill_find_keyed(run->metrics, run->metric_count, sizeof(*run->metrics), key);
}
