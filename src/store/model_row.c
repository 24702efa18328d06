/* model_row.c - see model_row.h. */
#include "store/model_row.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "store/layout.h"

static struct mill_view *put_aliases(struct mill_layout *out, const struct mill_view *aliases,
                                     size_t count)
{
    struct mill_view *copy = mill_layout_list(out, aliases, count, sizeof(*aliases));
    for (size_t i = 0; i < count; i++) {
        struct mill_view alias = mill_layout_text(out, aliases[i]);
        if (copy != NULL)
            copy[i] = alias;
    }
    return copy;
}

static struct mill_model_alias *put_pointers(struct mill_layout *out,
                                             const struct mill_model_alias *aliases,
                                             size_t count)
{
    struct mill_model_alias *copy = mill_layout_list(out, aliases, count, sizeof(*aliases));
    for (size_t i = 0; i < count; i++) {
        struct mill_view alias = mill_layout_text(out, aliases[i].alias);
        if (copy != NULL)
            copy[i].alias = alias;
    }
    return copy;
}

static struct mill_model_version put_version(struct mill_layout *out,
                                             const struct mill_model_version *version)
{
    struct mill_model_version copy = *version;
    copy.tags = mill_layout_tags(out, version->tags, version->tag_count);
    copy.aliases = put_aliases(out, version->aliases, version->alias_count);
    copy.name = mill_layout_text(out, version->name);
    copy.user_id = mill_layout_text(out, version->user_id);
    copy.description = mill_layout_text(out, version->description);
    copy.source = mill_layout_text(out, version->source);
    copy.run_id = mill_layout_text(out, version->run_id);
    copy.status_message = mill_layout_text(out, version->status_message);
    copy.run_link = mill_layout_text(out, version->run_link);
    return copy;
}

static struct mill_registered_model put_model(struct mill_layout *out,
                                              const struct mill_registered_model *model)
{
    struct mill_registered_model copy = *model;
    copy.tags = mill_layout_tags(out, model->tags, model->tag_count);
    copy.aliases = put_pointers(out, model->aliases, model->alias_count);
    copy.name = mill_layout_text(out, model->name);
    copy.description = mill_layout_text(out, model->description);
    struct mill_model_version *latest = mill_layout_list(
        out, model->latest_versions, model->latest_version_count, sizeof(*latest));
    for (size_t i = 0; i < model->latest_version_count; i++) {
        struct mill_model_version version = put_version(out, &model->latest_versions[i]);
        if (latest != NULL)
            latest[i] = version;
    }
    copy.latest_versions = latest;
    return copy;
}

/* All of these begin with the text that they are sorted by. */
static int by_text(const void *a, const void *b)
{
    return mill_view_cmp(*(const struct mill_view *)a, *(const struct mill_view *)b);
}

/* Sorts a list that lies in a block of ours, behind base. */
static void sort(void *base, const void *items, size_t count, size_t size)
{
    if (count > 1)
        qsort((char *)base + ((const char *)items - (const char *)base), count, size, by_text);
}

struct mill_version_row *mill_version_row_new(const struct mill_model_version *version,
                                              struct mill_view storage_location)
{
    struct mill_layout sizes = {NULL, sizeof(struct mill_version_row)};
    put_version(&sizes, version);
    mill_layout_text(&sizes, storage_location);
    struct mill_version_row *row = mill_alloc(sizes.at);
    if (row == NULL)
        return NULL;
    struct mill_layout block = {(char *)row, sizeof(*row)};
    row->refs = 1;
    row->version = put_version(&block, version);
    row->storage_location = mill_layout_text(&block, storage_location);
    sort(row, row->version.tags, row->version.tag_count, sizeof(struct mill_tag));
    sort(row, row->version.aliases, row->version.alias_count, sizeof(struct mill_view));
    return row;
}

struct mill_model_row *mill_model_row_new(const struct mill_registered_model *model)
{
    struct mill_registered_model plain = *model;
    plain.latest_version_count = 0;
    struct mill_layout sizes = {NULL, sizeof(struct mill_model_row)};
    put_model(&sizes, &plain);
    struct mill_model_row *row = mill_alloc(sizes.at);
    if (row == NULL)
        return NULL;
    struct mill_layout block = {(char *)row, sizeof(*row)};
    row->refs = 1;
    row->model = put_model(&block, &plain);
    sort(row, row->model.tags, row->model.tag_count, sizeof(struct mill_tag));
    sort(row, row->model.aliases, row->model.alias_count, sizeof(struct mill_model_alias));
    return row;
}

struct mill_version_row *mill_version_row_ref(struct mill_version_row *row)
{
    __atomic_fetch_add(&row->refs, 1, __ATOMIC_RELAXED);
    return row;
}

void mill_version_row_unref(struct mill_version_row *row)
{
    if (row != NULL && __atomic_fetch_sub(&row->refs, 1, __ATOMIC_ACQ_REL) == 1)
        mill_free(row);
}

struct mill_model_row *mill_model_row_ref(struct mill_model_row *row)
{
    __atomic_fetch_add(&row->refs, 1, __ATOMIC_RELAXED);
    return row;
}

void mill_model_row_unref(struct mill_model_row *row)
{
    if (row != NULL && __atomic_fetch_sub(&row->refs, 1, __ATOMIC_ACQ_REL) == 1)
        mill_free(row);
}

bool mill_version_copy(struct mill_arena *arena, const struct mill_model_version *from,
                       struct mill_model_version *to)
{
    struct mill_layout sizes = {NULL, 0};
    put_version(&sizes, from);
    struct mill_layout block = {mill_arena_alloc(arena, sizes.at), 0};
    if (block.base == NULL)
        return false;
    *to = put_version(&block, from);
    return true;
}

bool mill_model_copy(struct mill_arena *arena, const struct mill_registered_model *from,
                     struct mill_registered_model *to)
{
    struct mill_layout sizes = {NULL, 0};
    put_model(&sizes, from);
    struct mill_layout block = {mill_arena_alloc(arena, sizes.at), 0};
    if (block.base == NULL)
        return false;
    *to = put_model(&block, from);
    return true;
}

const struct mill_tag *mill_sorted_tag(const struct mill_tag *tags, size_t count,
                                       struct mill_view key)
{
    while (count != 0) {
        size_t half = count / 2;
        int order = mill_view_cmp(tags[half].key, key);
        if (order == 0)
            return &tags[half];
        if (order < 0) {
            tags += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return NULL;
}
