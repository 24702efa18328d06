/* tree_run.c - reads the folder of a run: the parts that other processes may be writing at the
 * same time, one small file after the other, into one row. */
#include <stdlib.h>

#include "base/alloc.h"
#include "store/entity.h"
#include "store/tree.h"
#include "store/tree_walk.h"

#define RUN_NAME_TAG "mlflow.runName"

void mill_tree_reader_init(struct mill_tree_reader *r)
{
    *r = (struct mill_tree_reader){
        .metrics.size = sizeof(struct mill_metric),
        .params.size = sizeof(struct mill_param),
        .tags.size = sizeof(struct mill_tag),
        .inputs.size = sizeof(struct mill_dataset_input),
        .models.size = sizeof(struct mill_model_input),
        .outputs.size = sizeof(struct mill_model_output),
    };
}

static void each_list(struct mill_tree_reader *r, void visit(struct mill_list *list))
{
    struct mill_list *lists[] = {&r->metrics, &r->params, &r->tags,
                                 &r->inputs,  &r->models, &r->outputs};
    for (size_t i = 0; i < MILL_COUNT(lists); i++)
        visit(lists[i]);
}

static void free_list(struct mill_list *list)
{
    mill_free(list->items);
}

static void empty_list(struct mill_list *list)
{
    list->count = 0;
}

void mill_tree_reader_release(struct mill_tree_reader *r)
{
    each_list(r, free_list);
    mill_arena_release(&r->arena);
    mill_buf_release(&r->bytes);
}

/* --- what each kind of file holds ------------------------------------------------------- */

/* The context of a walk through a run. */
struct run_walk {
    struct mill_tree_reader *reader;
    const struct mill_tree_run_at *at;
    struct mill_list *list;
};

static enum mill_status read_value(struct mill_tree_walk *w, struct mill_error *err)
{
    struct run_walk *run = w->context;
    return mill_tree_walk_value(w, &run->reader->arena, &run->reader->bytes, run->list, err);
}

struct latest {
    bool any;
    struct mill_point point;
};

static bool see_point(void *context, const struct mill_point *point)
{
    struct latest *l = context;
    if (!l->any || mill_point_cmp(point, &l->point) > 0)
        l->point = *point;
    l->any = true;
    return true;
}

static enum mill_status read_metric(struct mill_tree_walk *w, struct mill_error *err)
{
    struct run_walk *run = w->context;
    struct mill_tree_reader *r = run->reader;
    struct latest latest = {0};
    struct stat info = {0};
    size_t bad = 0;
    enum mill_status st =
        mill_tree_each_point(w->dir, w->path, &r->bytes, w->seen != NULL ? &info : NULL,
                             see_point, &latest, &bad, err);
    mill_tree_walk_see(w, &info);
    if (st != MILL_OK)
        return st;
    if (bad != 0) {
        struct mill_error line, why;
        mill_fail(&line, MILL_E_CORRUPT, "line %zu is no point of a metric", bad);
        mill_tree_blame(w->dir, w->path, MILL_E_CORRUPT, &line, &why);
        mill_tree_warn(&why);
    }
    if (!latest.any)
        return MILL_OK;
    struct mill_view key = mill_arena_copy(&r->arena, mill_view_of(w->path + w->key_at));
    struct mill_metric metric = {key, latest.point.value, latest.point.timestamp,
                                 latest.point.step, NULL};
    struct mill_metric *place = metric.key.ptr != NULL ? mill_list_add(run->list) : NULL;
    if (place == NULL)
        return mill_no_memory(err);
    *place = metric;
    return MILL_OK;
}

/* Reads the dataset that an input names, from beside the run. */
static enum mill_status read_dataset(const struct mill_tree_walk *w, struct mill_view id,
                                     struct mill_dataset *out, struct mill_error *err)
{
    struct mill_error why = {"the input's source_id is no name of a dataset"};
    const struct run_walk *run = w->context;
    struct mill_yaml *meta;
    if (mill_tree_name_problem(id) != NULL || memchr(id.ptr, '/', id.len) != NULL)
        return mill_tree_blame(w->dir, w->path, MILL_E_CORRUPT, &why, err);
    struct mill_view path =
        mill_arena_printf(&run->reader->arena, "%sdatasets/%.*s/" MILL_TREE_META,
                          run->at->experiment_prefix, MILL_FMT(id));
    if (path.ptr == NULL)
        return mill_no_memory(err);
    enum mill_status st =
        mill_tree_read_meta(run->at->experiment_dir, path.ptr, MILL_TREE_MAX_DATASET,
                            &run->reader->arena, &meta, NULL, err);
    if (st == MILL_OK && (st = mill_tree_meta_dataset(meta, out, &why)) != MILL_OK)
        return mill_tree_blame(run->at->experiment_dir, path.ptr, st, &why, err);
    /* Unlike a file that went away while a folder was read, this one is missed. */
    return st == MILL_E_NOT_FOUND ? MILL_E_CORRUPT : st;
}

static enum mill_status keep_link(struct mill_tree_walk *w, const struct mill_tree_link *link,
                                  struct mill_error *err)
{
    struct mill_tree_reader *r = ((struct run_walk *)w->context)->reader;
    if (link->kind == MILL_TREE_LINK_DATASET) {
        struct mill_dataset_input input = {.tags = link->tags, .tag_count = link->tag_count};
        enum mill_status st = read_dataset(w, link->id, &input.dataset, err);
        struct mill_dataset_input *place = st == MILL_OK ? mill_list_add(&r->inputs) : NULL;
        if (place == NULL)
            return st != MILL_OK ? st : mill_no_memory(err);
        *place = input;
    } else if (link->kind == MILL_TREE_LINK_MODEL) {
        struct mill_model_input *place = mill_list_add(&r->models);
        if (place == NULL)
            return mill_no_memory(err);
        *place = (struct mill_model_input){link->id};
    } else if (link->kind == MILL_TREE_LINK_OUTPUT) {
        struct mill_model_output *place = mill_list_add(&r->outputs);
        if (place == NULL)
            return mill_no_memory(err);
        *place = (struct mill_model_output){link->id, link->step};
    }
    return MILL_OK;
}

static enum mill_status read_link(struct mill_tree_walk *w, struct mill_error *err)
{
    struct run_walk *run = w->context;
    struct mill_yaml *meta;
    struct mill_tree_link link;
    struct stat info = {0};
    struct mill_error why;
    if (!mill_view_ends(mill_view_of(w->path), MILL_VIEW("/" MILL_TREE_META)))
        return MILL_OK;
    enum mill_status st =
        mill_tree_read_meta(w->dir, w->path, MILL_TREE_MAX_META, &run->reader->arena, &meta,
                            w->seen != NULL ? &info : NULL, err);
    mill_tree_walk_see(w, &info);
    if (st != MILL_OK)
        return st;
    st = mill_tree_meta_link(meta, &run->reader->arena, &link, &why);
    if (st != MILL_OK)
        return mill_tree_blame(w->dir, w->path, st, &why, err);
    return keep_link(w, &link, err);
}

/* --- the run ---------------------------------------------------------------------------- */

static int by_dataset(const void *a, const void *b)
{
    const struct mill_dataset_input *x = a, *y = b;
    int order = mill_view_cmp(x->dataset.name, y->dataset.name);
    return order != 0 ? order : mill_view_cmp(x->dataset.digest, y->dataset.digest);
}

/* Both kinds of models begin with their id. */
static int by_model(const void *a, const void *b)
{
    return mill_view_cmp(*(const struct mill_view *)a, *(const struct mill_view *)b);
}

static void sort(struct mill_list *list, int order(const void *, const void *))
{
    if (list->count > 1)
        qsort(list->items, list->count, list->size, order);
}

/* A tag of the file itself counts where there is no file for it. */
static bool put_old_tag(void *context, struct mill_view key, struct mill_view value)
{
    struct mill_list *tags = context;
    const struct mill_tag *known = (const struct mill_tag *)(const void *)tags->items;
    for (size_t i = 0; i < tags->count; i++)
        if (mill_view_eq(known[i].key, key))
            return true;
    struct mill_tag *place = mill_list_add(tags);
    if (place == NULL)
        return false;
    *place = (struct mill_tag){key, value};
    return true;
}

/* What a file of another age leaves to be found elsewhere. */
static bool complete(const struct mill_tree_store *s, int64_t experiment_id,
                     struct mill_tree_reader *r, const struct mill_yaml *meta,
                     struct mill_run_info *info)
{
    if (!mill_tree_meta_run_tags(meta, put_old_tag, &r->tags))
        return false;
    const struct mill_tag *tags = (const struct mill_tag *)(const void *)r->tags.items;
    for (size_t i = 0; info->run_name.ptr == NULL && i < r->tags.count; i++)
        if (mill_view_eq(tags[i].key, MILL_VIEW(RUN_NAME_TAG)))
            info->run_name = tags[i].value;
    if (info->run_name.ptr == NULL)
        info->run_name = MILL_VIEW("");
    if (info->artifact_uri.ptr == NULL) {
        struct mill_view none = {NULL, 0};
        struct mill_view location =
            mill_experiment_location(&r->arena, none, s->artifact_root, experiment_id);
        info->artifact_uri = mill_run_artifact_uri(&r->arena, location, info->run_id);
    }
    return info->artifact_uri.ptr != NULL;
}

/* The parts of a run; the first three are what a key may be of. */
static const struct part {
    enum mill_query_entity entity;
    const char *folder;
    mill_tree_walk_file *read;
    size_t list; /* offset in mill_tree_reader */
} parts[] = {
    {MILL_Q_METRIC, "metrics", read_metric, offsetof(struct mill_tree_reader, metrics)},
    {MILL_Q_PARAM, "params", read_value, offsetof(struct mill_tree_reader, params)},
    {MILL_Q_TAG, "tags", read_value, offsetof(struct mill_tree_reader, tags)},
    {MILL_Q_DATASET, "inputs", read_link, 0},
    {MILL_Q_DATASET, "outputs", read_link, 0},
};

static void choose_part(struct mill_tree_walk *w, const struct part *part)
{
    struct run_walk *run = w->context;
    w->file = part->read;
    run->list = (struct mill_list *)(void *)((char *)run->reader + part->list);
}

static enum mill_status read_key(struct mill_tree_walk *w, enum mill_query_entity entity,
                                 struct mill_view key, struct mill_error *err)
{
    const struct part *part = parts;
    while (part->entity != entity)
        part++;
    choose_part(w, part);
    return mill_tree_walk_one(w, part->folder, key, err);
}

static enum mill_status read_all(struct mill_tree_walk *w, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < MILL_COUNT(parts); i++) {
        choose_part(w, &parts[i]);
        st = mill_tree_walk_files(w, parts[i].folder, err);
    }
    return st;
}

/* A run of 1.x and before has its name in a tag only. */
static enum mill_status read_wanted(struct mill_tree_walk *w,
                                    const struct mill_tree_wanted *wanted, bool has_name,
                                    struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    bool name_wanted = false;
    for (size_t i = 0; st == MILL_OK && i < wanted->count; i++) {
        const struct mill_tree_key *key = &wanted->keys[i];
        name_wanted = name_wanted || (key->entity == MILL_Q_TAG &&
                                      mill_view_eq(key->key, MILL_VIEW(RUN_NAME_TAG)));
        st = read_key(w, key->entity, key->key, err);
    }
    if (st == MILL_OK && !has_name && !name_wanted)
        st = read_key(w, MILL_Q_TAG, MILL_VIEW(RUN_NAME_TAG), err);
    for (size_t i = 0; st == MILL_OK && wanted->inputs && i < MILL_COUNT(parts); i++) {
        if (parts[i].entity != MILL_Q_DATASET)
            continue;
        choose_part(w, &parts[i]);
        st = mill_tree_walk_files(w, parts[i].folder, err);
    }
    return st;
}

static enum mill_status read_info(struct mill_tree_walk *w, struct mill_yaml **meta_out,
                                  struct mill_run_info *out, struct mill_error *err)
{
    struct run_walk *run = w->context;
    struct mill_error why;
    struct stat info = {0};
    memcpy(w->path + w->base, MILL_TREE_META, sizeof(MILL_TREE_META));
    enum mill_status st =
        mill_tree_read_meta(w->dir, w->path, MILL_TREE_MAX_META, &run->reader->arena, meta_out,
                            w->seen != NULL ? &info : NULL, err);
    mill_tree_walk_see(w, &info);
    if (st != MILL_OK)
        return st == MILL_E_NOT_FOUND ? MILL_E_CORRUPT : st;
    st = mill_tree_meta_run(*meta_out, run->at->experiment_id, run->at->run_id, out, &why);
    return st == MILL_OK ? st : mill_tree_blame(w->dir, w->path, st, &why, err);
}

static struct mill_row *make_row(struct mill_row_shapes *shapes, struct mill_tree_reader *r,
                                 const struct mill_run_info *info)
{
    sort(&r->inputs, by_dataset);
    sort(&r->models, by_model);
    sort(&r->outputs, by_model);
    struct mill_run run = {
        .info = *info,
        .metrics = (const void *)r->metrics.items,
        .metric_count = r->metrics.count,
        .params = (const void *)r->params.items,
        .param_count = r->params.count,
        .tags = (const void *)r->tags.items,
        .tag_count = r->tags.count,
        .dataset_inputs = (const void *)r->inputs.items,
        .dataset_input_count = r->inputs.count,
        .model_inputs = (const void *)r->models.items,
        .model_input_count = r->models.count,
        .model_outputs = (const void *)r->outputs.items,
        .model_output_count = r->outputs.count,
    };
    return mill_row_new(shapes, &run);
}

enum mill_status mill_tree_read_run(const struct mill_tree_store *s, struct mill_tree_reader *r,
                                    const struct mill_tree_run_at *at,
                                    const struct mill_tree_wanted *wanted,
                                    struct mill_tree_seen *seen, struct mill_row **out,
                                    struct mill_error *err)
{
    struct run_walk context = {.reader = r, .at = at};
    struct mill_tree_walk w = {.dir = at->dir, .seen = seen, .context = &context};
    struct mill_yaml *meta;
    struct mill_run_info info;
    w.base = strlen(at->prefix);
    memcpy(w.path, at->prefix, w.base);
    each_list(r, empty_list);
    mill_arena_reset(&r->arena, 1 << 16);
    if (seen != NULL)
        mill_tree_seen_begin(seen);
    enum mill_status st = read_info(&w, &meta, &info, err);
    if (st == MILL_OK)
        st = wanted == NULL ? read_all(&w, err)
                            : read_wanted(&w, wanted, info.run_name.ptr != NULL, err);
    if (seen != NULL)
        mill_tree_seen_end(seen);
    if (st != MILL_OK)
        return st;
    *out =
        complete(s, at->experiment_id, r, meta, &info) ? make_row(s->shapes, r, &info) : NULL;
    return *out != NULL ? MILL_OK : mill_no_memory(err);
}
