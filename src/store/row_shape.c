/* row_shape.c - see row_shape.h. */
#include "store/row_shape.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/view.h"
#include "store/layout.h"

struct mill_row_shapes {
    pthread_mutex_t lock;
    struct mill_row_shape *kept[64]; /* a reference each, or NULL */
    size_t next;                     /* which gives way */
};

struct mill_row_shapes *mill_row_shapes_new(void)
{
    struct mill_row_shapes *shapes = mill_alloc_zero(1, sizeof(*shapes));
    if (shapes != NULL)
        pthread_mutex_init(&shapes->lock, NULL);
    return shapes;
}

void mill_row_shapes_free(struct mill_row_shapes *shapes)
{
    if (shapes == NULL)
        return;
    for (size_t i = 0; i < MILL_COUNT(shapes->kept); i++)
        mill_row_shape_unref(shapes->kept[i]);
    pthread_mutex_destroy(&shapes->lock);
    mill_free(shapes);
}

struct mill_row_shape *mill_row_shape_ref(struct mill_row_shape *shape)
{
    __atomic_fetch_add(&shape->refs, 1, __ATOMIC_RELAXED);
    return shape;
}

void mill_row_shape_unref(struct mill_row_shape *shape)
{
    if (shape != NULL && __atomic_fetch_sub(&shape->refs, 1, __ATOMIC_ACQ_REL) == 1)
        mill_free(shape);
}

/* --- what a run's shape is ---------------------------------------------------------------- */

/* The three lists of a run, whose items all begin with a key. */
struct keys {
    const char *items;
    size_t count, size;
};

enum { LISTS = 3 };

static void keys_of(const struct mill_run *run, struct keys out[LISTS])
{
    out[0] =
        (struct keys){(const char *)run->metrics, run->metric_count, sizeof(*run->metrics)};
    out[1] = (struct keys){(const char *)run->params, run->param_count, sizeof(*run->params)};
    out[2] = (struct keys){(const char *)run->tags, run->tag_count, sizeof(*run->tags)};
}

static struct mill_view key_at(const struct keys *keys, size_t index)
{
    return *(const struct mill_view *)(const void *)(keys->items + index * keys->size);
}

/* What stands before the id in an URI of ours; absent in others. */
static struct mill_view location_of(const struct mill_run_info *info)
{
    struct mill_view uri = info->artifact_uri, id = info->run_id;
    const struct mill_view end = MILL_VIEW(MILL_ROW_ARTIFACTS);
    if (id.len == 0 || uri.len < id.len + end.len || !mill_view_ends(uri, end))
        return (struct mill_view){NULL, 0};
    uri.len -= end.len;
    if (!mill_view_ends(uri, id))
        return (struct mill_view){NULL, 0};
    uri.len -= id.len;
    return uri;
}

static bool same_text(struct mill_view a, struct mill_view b)
{
    return a.ptr == b.ptr ? a.len == b.len
                          : a.ptr != NULL && b.ptr != NULL && mill_view_eq(a, b);
}

static bool same_keys(const struct mill_view *have, const struct keys *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        if (!same_text(have[i], key_at(keys, i)))
            return false;
    return true;
}

static bool is_shape_of(const struct mill_row_shape *shape, const struct mill_run_info *info,
                        struct mill_view location, const struct keys keys[LISTS])
{
    return shape->experiment_id == info->experiment_id &&
           shape->metric_count == keys[0].count && shape->param_count == keys[1].count &&
           shape->tag_count == keys[2].count && same_text(shape->user_id, info->user_id) &&
           same_text(shape->location, location) && same_keys(shape->metrics, &keys[0]) &&
           same_keys(shape->params, &keys[1]) && same_keys(shape->tags, &keys[2]);
}

static uint64_t mix(uint64_t hash, uint64_t more)
{
    hash = (hash ^ more) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

static uint64_t hash_of(const struct mill_run_info *info, struct mill_view location,
                        const struct keys keys[LISTS])
{
    uint64_t hash = mix((uint64_t)info->experiment_id, mill_view_hash(info->user_id));
    hash = mix(hash, mill_view_hash(location));
    for (size_t list = 0; list < LISTS; list++)
        for (size_t i = 0; i < keys[list].count; i++)
            hash = mix(hash, mill_view_hash(key_at(&keys[list], i)) + list);
    return hash;
}

/* --- making one --------------------------------------------------------------------------- */

static const struct mill_view *put_keys(struct mill_layout *out, const struct keys *keys)
{
    struct mill_view *copy = mill_layout_put(out, NULL, 0, _Alignof(struct mill_view));
    out->at += keys->count * sizeof(*copy);
    for (size_t i = 0; i < keys->count; i++) {
        struct mill_view key = mill_layout_text(out, key_at(keys, i));
        if (copy != NULL)
            copy[i] = key;
    }
    return copy;
}

static void put_shape(struct mill_layout *out, struct mill_row_shape *shape,
                      const struct mill_run_info *info, struct mill_view location,
                      const struct keys keys[LISTS])
{
    shape->metrics = put_keys(out, &keys[0]);
    shape->params = put_keys(out, &keys[1]);
    shape->tags = put_keys(out, &keys[2]);
    shape->user_id = mill_layout_text(out, info->user_id);
    shape->location = mill_layout_text(out, location);
}

static struct mill_row_shape *make(const struct mill_run_info *info, struct mill_view location,
                                   const struct keys keys[LISTS], uint64_t hash)
{
    struct mill_row_shape head = {.refs = 1,
                                  .hash = hash,
                                  .experiment_id = info->experiment_id,
                                  .metric_count = keys[0].count,
                                  .param_count = keys[1].count,
                                  .tag_count = keys[2].count};
    struct mill_layout sizes = {NULL, sizeof(head)};
    put_shape(&sizes, &head, info, location, keys);
    struct mill_row_shape *shape = mill_alloc(sizes.at);
    if (shape == NULL)
        return NULL;
    struct mill_layout block = {(char *)shape, sizeof(head)};
    put_shape(&block, &head, info, location, keys);
    head.bytes = (uint32_t)sizes.at;
    *shape = head;
    return shape;
}

/* --- finding one -------------------------------------------------------------------------- */

static struct mill_row_shape *find_kept(struct mill_row_shapes *shapes, uint64_t hash,
                                        const struct mill_run_info *info,
                                        struct mill_view location,
                                        const struct keys keys[LISTS])
{
    struct mill_row_shape *found = NULL;
    pthread_mutex_lock(&shapes->lock);
    for (size_t i = 0; found == NULL && i < MILL_COUNT(shapes->kept); i++) {
        struct mill_row_shape *kept = shapes->kept[i];
        if (kept != NULL && kept->hash == hash && is_shape_of(kept, info, location, keys))
            found = mill_row_shape_ref(kept);
    }
    pthread_mutex_unlock(&shapes->lock);
    return found;
}

static void keep(struct mill_row_shapes *shapes, struct mill_row_shape *shape)
{
    pthread_mutex_lock(&shapes->lock);
    struct mill_row_shape *older = shapes->kept[shapes->next];
    shapes->kept[shapes->next] = mill_row_shape_ref(shape);
    shapes->next = (shapes->next + 1) % MILL_COUNT(shapes->kept);
    pthread_mutex_unlock(&shapes->lock);
    mill_row_shape_unref(older);
}

struct mill_row_shape *mill_row_shape(struct mill_row_shapes *shapes,
                                      struct mill_row_shape *likely, const struct mill_run *run,
                                      bool *made_out)
{
    struct keys keys[LISTS];
    keys_of(run, keys);
    struct mill_view location = location_of(&run->info);
    *made_out = false;
    if (likely != NULL && is_shape_of(likely, &run->info, location, keys))
        return mill_row_shape_ref(likely);
    uint64_t hash = hash_of(&run->info, location, keys);
    struct mill_row_shape *shape = find_kept(shapes, hash, &run->info, location, keys);
    if (shape != NULL)
        return shape;
    shape = make(&run->info, location, keys, hash);
    if (shape != NULL)
        keep(shapes, shape);
    *made_out = shape != NULL;
    return shape;
}

/* --- keys --------------------------------------------------------------------------------- */

const void *mill_find_keyed(const void *items, size_t count, size_t size, struct mill_view key)
{
    const char *base = items;
    while (count != 0) {
        size_t half = count / 2;
        const char *middle = base + half * size;
        int order = mill_view_cmp(*(const struct mill_view *)(const void *)middle, key);
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

bool mill_row_shape_find(const struct mill_view *keys, size_t count, struct mill_view key,
                         size_t *index_out)
{
    const struct mill_view *found = mill_find_keyed(keys, count, sizeof(*keys), key);
    if (found != NULL)
        *index_out = (size_t)(found - keys);
    return found != NULL;
}
