/* tree_run.c - reads the folder of a run: the parts that other processes may be writing at the
 * same time, one small file after the other, into one row. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "store/entity.h"
#include "store/metric_line.h"
#include "store/tree.h"
#include "store/tree_walk.h"

enum { CHUNK_BYTES = 1 << 16 /* of a metric file at a time */ };

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

/* --- points ----------------------------------------------------------------------------- */

struct points_reader {
    mill_tree_visit_point *each;
    void *context;
    size_t line; /* number of the line before the next one */
    size_t bad;  /* number of the first bad line */
};

/* Takes complete lines off the front of text; returns what is left, absent on a failure of
 * the visitor. at_end: what has no end is a line, too. */
static struct mill_view take_lines(struct points_reader *p, struct mill_view text, bool at_end)
{
    while (text.len != 0) {
        const char *end = memchr(text.ptr, '\n', text.len);
        struct mill_view line = {text.ptr, end != NULL ? (size_t)(end - text.ptr) : text.len};
        struct mill_point point;
        size_t fields;
        if (end == NULL && !at_end)
            break;
        p->line++;
        if (line.len > MILL_METRIC_LINE_MAX || !mill_metric_line_read(line, &point, &fields)) {
            if (p->bad == 0 && mill_view_trim(line).len != 0)
                p->bad = p->line;
        } else if (!p->each(p->context, &point)) {
            return (struct mill_view){NULL, 0};
        }
        text = mill_view_from(text, line.len + (end != NULL));
    }
    return text;
}

static enum mill_status read_points(struct points_reader *p, const struct mill_tree_dir *dir,
                                    const char *name, int fd, int64_t size,
                                    struct mill_buf *bytes, struct mill_error *err)
{
    int64_t done = 0;
    bytes->len = 0;
    for (;;) {
        size_t want = size - done < CHUNK_BYTES ? (size_t)(size - done) + 1 : CHUNK_BYTES;
        if (!mill_buf_reserve(bytes, want))
            return mill_tree_no_memory(err);
        ssize_t n = read(fd, bytes->ptr + bytes->len, want);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return mill_tree_fail(dir, name, "cannot read", errno, err);
        done += n;
        bytes->len += (size_t)n;
        /* Lines that come while we read are for the next reader. */
        bool at_end = n == 0 || done >= size;
        struct mill_view rest = take_lines(p, mill_buf_view(bytes), at_end);
        if (rest.ptr == NULL)
            return mill_tree_no_memory(err);
        if (at_end)
            return MILL_OK;
        if (rest.len > MILL_METRIC_LINE_MAX) {
            p->bad = p->bad == 0 ? p->line + 1 : p->bad;
            rest.len = 0;
        }
        memmove(bytes->ptr, rest.ptr, rest.len);
        bytes->len = rest.len;
    }
}

enum mill_status mill_tree_each_point(const struct mill_tree_dir *dir, const char *name,
                                      struct mill_buf *bytes, struct stat *info,
                                      mill_tree_visit_point *each, void *context,
                                      size_t *bad_out, struct mill_error *err)
{
    struct points_reader p = {.each = each, .context = context};
    struct mill_error why;
    int fd;
    enum mill_status st = mill_tree_open_file(dir, name, &fd, info, err);
    if (st != MILL_OK)
        return st;
    if (info->st_size > MILL_TREE_MAX_POINTS) {
        mill_fail(&why, MILL_E_TOO_LARGE, "it has more than %lld bytes",
                  (long long)MILL_TREE_MAX_POINTS);
        st = mill_tree_blame(dir, name, MILL_E_TOO_LARGE, &why, err);
    } else {
        st = read_points(&p, dir, name, fd, info->st_size, bytes, err);
    }
    close(fd);
    if (st == MILL_OK && bad_out != NULL)
        *bad_out = p.bad;
    if (st != MILL_OK || bad_out != NULL || p.bad == 0)
        return st;
    mill_fail(&why, MILL_E_CORRUPT, "line %zu is no point of a metric", p.bad);
    return mill_tree_blame(dir, name, MILL_E_CORRUPT, &why, err);
}

/* --- what each kind of file holds ------------------------------------------------------- */

/* The context of a walk through a run. */
struct run_walk {
    struct mill_tree_reader *reader;
    const struct mill_tree_folder *folder;
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
        mill_tree_each_point(w->dir, w->path, &r->bytes, &info, see_point, &latest, &bad, err);
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
        return mill_tree_no_memory(err);
    *place = metric;
    return MILL_OK;
}

/* Reads the dataset that an input names, from beside the run. */
static enum mill_status read_dataset(const struct mill_tree_walk *w, struct mill_view id,
                                     struct mill_dataset *out, struct mill_error *err)
{
    struct mill_error why = {"the input's source_id is no name of a dataset"};
    const struct run_walk *run = w->context;
    const struct mill_tree_folder *folder = run->folder;
    const char *slash = strrchr(folder->name, '/');
    struct mill_yaml *meta;
    if (mill_tree_name_problem(id) != NULL || memchr(id.ptr, '/', id.len) != NULL)
        return mill_tree_blame(w->dir, w->path, MILL_E_CORRUPT, &why, err);
    struct mill_view path =
        mill_arena_printf(&run->reader->arena, "%.*s/datasets/%.*s/" MILL_TREE_META,
                          (int)(slash - folder->name), folder->name, MILL_FMT(id));
    if (path.ptr == NULL)
        return mill_tree_no_memory(err);
    enum mill_status st =
        mill_tree_read_meta(folder->dir.parent, path.ptr, MILL_TREE_MAX_DATASET,
                            &run->reader->arena, &meta, NULL, err);
    if (st == MILL_OK && (st = mill_tree_meta_dataset(meta, out, &why)) != MILL_OK)
        return mill_tree_blame(folder->dir.parent, path.ptr, st, &why, err);
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
            return st != MILL_OK ? st : mill_tree_no_memory(err);
        *place = input;
    } else if (link->kind == MILL_TREE_LINK_MODEL) {
        struct mill_model_input *place = mill_list_add(&r->models);
        if (place == NULL)
            return mill_tree_no_memory(err);
        *place = (struct mill_model_input){link->id};
    } else if (link->kind == MILL_TREE_LINK_OUTPUT) {
        struct mill_model_output *place = mill_list_add(&r->outputs);
        if (place == NULL)
            return mill_tree_no_memory(err);
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
    enum mill_status st = mill_tree_read_meta(w->dir, w->path, MILL_TREE_MAX_META,
                                              &run->reader->arena, &meta, &info, err);
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
static bool complete(const struct mill_tree_store *s, const struct mill_tree_folder *folder,
                     struct mill_tree_reader *r, const struct mill_yaml *meta,
                     struct mill_run_info *info)
{
    if (!mill_tree_meta_run_tags(meta, put_old_tag, &r->tags))
        return false;
    const struct mill_tag *tags = (const struct mill_tag *)(const void *)r->tags.items;
    for (size_t i = 0; info->run_name.ptr == NULL && i < r->tags.count; i++)
        if (mill_view_eq(tags[i].key, MILL_VIEW("mlflow.runName")))
            info->run_name = tags[i].value;
    if (info->run_name.ptr == NULL)
        info->run_name = MILL_VIEW("");
    if (info->artifact_uri.ptr == NULL) {
        struct mill_view none = {NULL, 0};
        struct mill_view location =
            mill_experiment_location(&r->arena, none, s->artifact_root, folder->experiment_id);
        info->artifact_uri = mill_run_artifact_uri(&r->arena, location, info->run_id);
    }
    return info->artifact_uri.ptr != NULL;
}

static const struct {
    const char *folder;
    mill_tree_walk_file *read;
    size_t list; /* offset in mill_tree_reader */
} contents[] = {
    {"metrics", read_metric, offsetof(struct mill_tree_reader, metrics)},
    {"params", read_value, offsetof(struct mill_tree_reader, params)},
    {"tags", read_value, offsetof(struct mill_tree_reader, tags)},
    {"inputs", read_link, 0},
    {"outputs", read_link, 0},
};

static enum mill_status read_contents(struct mill_tree_walk *w, struct mill_error *err)
{
    struct run_walk *run = w->context;
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < MILL_COUNT(contents); i++) {
        w->file = contents[i].read;
        run->list = (struct mill_list *)(void *)((char *)run->reader + contents[i].list);
        st = mill_tree_walk_files(w, contents[i].folder, err);
    }
    return st;
}

static enum mill_status read_info(struct mill_tree_walk *w, struct mill_view run_id,
                                  struct mill_yaml **meta_out, struct mill_run_info *out,
                                  struct mill_error *err)
{
    struct run_walk *run = w->context;
    struct mill_error why;
    struct stat info = {0};
    memcpy(w->path, MILL_TREE_META, sizeof(MILL_TREE_META));
    enum mill_status st = mill_tree_read_meta(w->dir, MILL_TREE_META, MILL_TREE_MAX_META,
                                              &run->reader->arena, meta_out, &info, err);
    mill_tree_walk_see(w, &info);
    if (st != MILL_OK)
        return st == MILL_E_NOT_FOUND ? MILL_E_CORRUPT : st;
    st = mill_tree_meta_run(*meta_out, run->folder->experiment_id, run_id, out, &why);
    return st == MILL_OK ? st : mill_tree_blame(w->dir, MILL_TREE_META, st, &why, err);
}

enum mill_status mill_tree_read_run(const struct mill_tree_store *s, struct mill_tree_reader *r,
                                    const struct mill_tree_folder *folder,
                                    struct mill_view run_id, struct mill_tree_seen *seen,
                                    struct mill_row **out, struct mill_error *err)
{
    struct run_walk context = {.reader = r, .folder = folder};
    struct mill_tree_walk w = {.dir = &folder->dir, .seen = seen, .context = &context};
    struct mill_yaml *meta;
    struct mill_run run = {0};
    each_list(r, empty_list);
    mill_arena_reset(&r->arena, 1 << 16);
    if (seen != NULL)
        mill_tree_seen_begin(seen);
    enum mill_status st = read_info(&w, run_id, &meta, &run.info, err);
    if (st == MILL_OK)
        st = read_contents(&w, err);
    if (seen != NULL)
        mill_tree_seen_end(seen);
    if (st != MILL_OK)
        return st;
    if (!complete(s, folder, r, meta, &run.info))
        return mill_tree_no_memory(err);
    sort(&r->inputs, by_dataset);
    sort(&r->models, by_model);
    sort(&r->outputs, by_model);
#define ITEMS(list) ((const void *)r->list.items)
    run.metrics = ITEMS(metrics), run.metric_count = r->metrics.count;
    run.params = ITEMS(params), run.param_count = r->params.count;
    run.tags = ITEMS(tags), run.tag_count = r->tags.count;
    run.dataset_inputs = ITEMS(inputs), run.dataset_input_count = r->inputs.count;
    run.model_inputs = ITEMS(models), run.model_input_count = r->models.count;
    run.model_outputs = ITEMS(outputs), run.model_output_count = r->outputs.count;
#undef ITEMS
    *out = mill_row_new(0, &run);
    return *out != NULL ? MILL_OK : mill_tree_no_memory(err);
}
