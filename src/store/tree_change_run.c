/* tree_change_run.c - writes to runs of a tree. Points are appended without a lock; everything
 * else is done under the lock of the run's folder. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/view.h"
#include "model/limits.h"
#include "store/entity.h"
#include "store/metric_line.h"
#include "store/tree.h"

#define RUN_NAME_TAG "mlflow.runName"

enum mill_status mill_tree_key_path(struct mill_tree_change *c, const char *folder,
                                    struct mill_view key, const char **out)
{
    const char *problem = mill_tree_name_problem(key);
    if (problem != NULL)
        return mill_fail(c->err, MILL_E_INVALID, "key '%.*s' %s",
                         MILL_FMT(mill_utf8_prefix(key, 100)), problem);
    struct mill_view path = mill_arena_printf(&c->scratch, "%s/%.*s", folder, MILL_FMT(key));
    if (path.ptr == NULL)
        return mill_no_memory(c->err);
    *out = path.ptr;
    return MILL_OK;
}

/* --- creating --------------------------------------------------------------------------- */

static enum mill_status put_tags(struct mill_tree_change *c, const struct mill_tree_dir *dir)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < c->change->as.create_run.tag_count; i++) {
        const struct mill_tag *tag = &c->change->as.create_run.tags[i];
        const char *path;
        st = mill_tree_key_path(c, "tags", tag->key, &path);
        if (st == MILL_OK)
            st = mill_tree_put(dir, path, tag->value, &c->store->sync, c->err);
    }
    return st;
}

/* MLflow finds no run without these folders. */
static enum mill_status fill_folder(struct mill_tree_change *c, const struct mill_tree_dir *dir,
                                    const struct mill_run_info *info)
{
    static const char *const folders[] = {"metrics", "params", "tags", "artifacts"};
    struct mill_yaml *meta = mill_tree_meta_new_run(&c->scratch, info);
    if (meta == NULL)
        return mill_no_memory(c->err);
    enum mill_status st =
        mill_tree_write_meta(dir, MILL_TREE_META, meta, &c->store->sync, c->err);
    for (size_t i = 0; st == MILL_OK && i < MILL_COUNT(folders); i++)
        st = mill_tree_make(dir, folders[i], c->err);
    return st == MILL_OK ? put_tags(c, dir) : st;
}

/* Makes the folder aside and gives it its name when it is complete. */
static enum mill_status make_folder(struct mill_tree_change *c,
                                    const struct mill_tree_folder *experiment,
                                    const struct mill_run_info *info)
{
    struct mill_tree_sync *sync = &c->store->sync;
    struct mill_tree_dir dir;
    char aside[MILL_TREE_ASIDE_SIZE];
    const char *name = mill_arena_cstr(&c->scratch, info->run_id);
    if (name == NULL)
        return mill_no_memory(c->err);
    enum mill_status st = mill_tree_begin(&experiment->dir, aside, &dir, c->err);
    if (st != MILL_OK)
        return st;
    st = fill_folder(c, &dir, info);
    mill_tree_close(&dir);
    if (st == MILL_OK)
        st = mill_tree_sync_all(sync, c->err);
    if (st == MILL_OK)
        st = mill_tree_move(&experiment->dir, aside, &experiment->dir, name, sync, c->err);
    if (st != MILL_OK)
        mill_tree_discard(&experiment->dir, aside);
    return st;
}

static enum mill_status check_is_free(struct mill_tree_change *c, struct mill_view run_id)
{
    struct mill_tree_folder other;
    enum mill_status st = mill_tree_open_run(c->store, run_id, &other, c->err);
    if (st == MILL_E_NOT_FOUND)
        return MILL_OK;
    if (st != MILL_OK)
        return st;
    mill_tree_close(&other.dir);
    return mill_fail(c->err, MILL_E_EXISTS, "run id '%.*s' is taken", MILL_FMT(run_id));
}

static struct mill_run *new_run(struct mill_tree_change *c, const struct mill_experiment *e)
{
    const struct mill_change *change = c->change;
    struct mill_run *run = mill_arena_zero(c->outcome->arena, 1, sizeof(*run));
    if (run == NULL)
        return NULL;
    run->info = (struct mill_run_info){
        .run_id = change->as.create_run.run_id,
        .experiment_id = e->experiment_id,
        .run_name = change->as.create_run.run_name,
        .user_id = change->as.create_run.user_id,
        .status = MILL_RUN_RUNNING,
        .start_time = change->as.create_run.start_time,
        .end_time = MILL_ABSENT,
        .artifact_uri = mill_run_artifact_uri(c->outcome->arena, e->artifact_location,
                                              change->as.create_run.run_id),
        .lifecycle_stage = MILL_ACTIVE,
    };
    if (run->info.user_id.ptr == NULL)
        run->info.user_id = MILL_VIEW("");
    run->tags = change->as.create_run.tags;
    run->tag_count = change->as.create_run.tag_count;
    return run->info.artifact_uri.ptr != NULL ? run : NULL;
}

enum mill_status mill_tree_create_run(struct mill_tree_change *c)
{
    int64_t id = c->change->as.create_run.experiment_id;
    struct mill_view run_id = c->change->as.create_run.run_id;
    struct mill_tree_folder folder;
    struct mill_experiment e;
    if (!mill_tree_is_run_name(run_id) || mill_tree_name_problem(run_id) != NULL ||
        memchr(run_id.ptr, '/', run_id.len) != NULL)
        return mill_fail(c->err, MILL_E_INVALID, "'%.*s' cannot be the id of a run in a tree",
                         MILL_FMT(mill_utf8_prefix(run_id, 64)));
    enum mill_status st = mill_tree_open_experiment(c->store, id, &folder, c->err);
    if (st != MILL_OK)
        return st;
    st = mill_tree_read_experiment(c->store, &folder, &c->scratch, &e, NULL, NULL, c->err);
    if (st == MILL_OK && e.lifecycle_stage != MILL_ACTIVE)
        st = mill_fail(c->err, MILL_E_INVALID, "experiment %lld is deleted; restore it first",
                       (long long)id);
    if (st == MILL_OK)
        st = check_is_free(c, run_id);
    if (st == MILL_OK) {
        struct mill_run *run = new_run(c, &e);
        st = run != NULL ? make_folder(c, &folder, &run->info) : mill_no_memory(c->err);
        if (st == MILL_OK)
            c->outcome->run = run;
        c->outcome->experiment_id = id;
    }
    mill_tree_close(&folder.dir);
    return st;
}

/* --- meta.yaml -------------------------------------------------------------------------- */

/* A run that is to be changed: locked, and what its file says. */
struct edited {
    const struct mill_tree_folder *folder;
    struct mill_run_info info;
    struct mill_yaml *meta;
};

static enum mill_status edit(struct mill_tree_change *c, const struct mill_tree_folder *folder,
                             struct mill_view run_id, struct edited *out)
{
    struct mill_error why;
    out->folder = folder;
    enum mill_status st = mill_tree_lock(&folder->dir, c->err);
    if (st == MILL_OK)
        st = mill_tree_read_meta(&folder->dir, MILL_TREE_META, MILL_TREE_MAX_META, &c->scratch,
                                 &out->meta, NULL, c->err);
    if (st == MILL_E_NOT_FOUND)
        return MILL_E_CORRUPT; /* the folder is there */
    if (st == MILL_OK && (st = mill_tree_meta_run(out->meta, folder->experiment_id, run_id,
                                                  &out->info, &why)) != MILL_OK)
        mill_tree_blame(&folder->dir, MILL_TREE_META, st, &why, c->err);
    return st;
}

static enum mill_status write_back(struct mill_tree_change *c, const struct edited *e)
{
    return mill_tree_write_meta(&e->folder->dir, MILL_TREE_META, e->meta, &c->store->sync,
                                c->err);
}

enum mill_status mill_tree_set_run_lifecycle(struct mill_tree_change *c,
                                             const struct mill_tree_folder *run,
                                             struct mill_view run_id, enum mill_lifecycle to,
                                             bool always)
{
    struct edited e;
    enum mill_status st = edit(c, run, run_id, &e);
    if (st != MILL_OK || (e.info.lifecycle_stage == to && !always))
        return st;
    if (!mill_tree_meta_set_lifecycle(&c->scratch, e.meta, to,
                                      to == MILL_DELETED ? c->change->now_ms : MILL_ABSENT))
        return mill_no_memory(c->err);
    return write_back(c, &e);
}

static enum mill_status set_lifecycle(struct mill_tree_change *c, enum mill_lifecycle to)
{
    struct mill_tree_folder folder;
    struct mill_view run_id = c->change->as.run.run_id;
    enum mill_status st = mill_tree_open_run(c->store, run_id, &folder, c->err);
    if (st != MILL_OK)
        return st;
    c->outcome->experiment_id = folder.experiment_id;
    st = mill_tree_set_run_lifecycle(c, &folder, run_id, to, true);
    mill_tree_close(&folder.dir);
    return st;
}

enum mill_status mill_tree_delete_run(struct mill_tree_change *c)
{
    return set_lifecycle(c, MILL_DELETED);
}

enum mill_status mill_tree_restore_run(struct mill_tree_change *c)
{
    return set_lifecycle(c, MILL_ACTIVE);
}

/* What the caller gets must outlive the scratch arena. */
static enum mill_status give_info(struct mill_tree_change *c, struct mill_run_info info,
                                  const struct mill_tree_folder *folder)
{
    struct mill_arena *arena = c->outcome->arena;
    struct mill_run *run = mill_arena_zero(arena, 1, sizeof(*run));
    if (info.artifact_uri.ptr == NULL)
        info.artifact_uri = mill_run_artifact_uri(
            &c->scratch,
            mill_experiment_location(&c->scratch, (struct mill_view){NULL, 0},
                                     c->store->artifact_root, folder->experiment_id),
            info.run_id);
    if (info.run_name.ptr == NULL)
        info.run_name = MILL_VIEW("");
    struct mill_view *texts[] = {&info.run_id, &info.run_name, &info.user_id,
                                 &info.artifact_uri};
    for (size_t i = 0; i < MILL_COUNT(texts); i++) {
        *texts[i] = mill_arena_copy(arena, *texts[i]);
        if (texts[i]->ptr == NULL)
            return mill_no_memory(c->err);
    }
    if (run == NULL)
        return mill_no_memory(c->err);
    run->info = info;
    c->outcome->run = run;
    return MILL_OK;
}

enum mill_status mill_tree_update_run(struct mill_tree_change *c)
{
    const struct mill_change *change = c->change;
    struct mill_view name = change->as.update_run.run_name;
    struct mill_tree_folder folder;
    struct mill_tree_place place;
    struct edited e;
    enum mill_status st = mill_tree_open_active_run(c->store, change->as.update_run.run_id,
                                                    &folder, &place, c->err);
    if (st != MILL_OK)
        return st;
    c->outcome->experiment_id = folder.experiment_id;
    st = edit(c, &folder, change->as.update_run.run_id, &e);
    if (st == MILL_OK) {
        if (change->as.update_run.status != 0)
            e.info.status = change->as.update_run.status;
        if (change->as.update_run.end_time != MILL_ABSENT)
            e.info.end_time = change->as.update_run.end_time;
        if (!mill_view_empty(name))
            e.info.run_name = name;
        st = give_info(c, e.info, &folder);
    }
    if (st == MILL_OK && !mill_view_empty(name))
        st =
            mill_tree_replace(&folder.dir, "tags/" RUN_NAME_TAG, name, &c->store->sync, c->err);
    if (st == MILL_OK && !mill_tree_meta_update_run(&c->scratch, e.meta, &e.info))
        st = mill_no_memory(c->err);
    if (st == MILL_OK)
        st = write_back(c, &e);
    mill_tree_close(&folder.dir);
    if (st != MILL_OK)
        c->outcome->run = NULL;
    return st;
}

/* --- logging ---------------------------------------------------------------------------- */

static enum mill_status differs(struct mill_tree_change *c, const struct mill_param *param,
                                struct mill_view old)
{
    return mill_fail(c->err, MILL_E_INVALID,
                     "param '%.*s' has the value '%.*s' and cannot become '%.*s': "
                     "params are written once",
                     MILL_FMT(param->key), MILL_FMT(mill_utf8_prefix(old, 60)),
                     MILL_FMT(mill_utf8_prefix(param->value, 60)));
}

/* Compares a param with the one that is there, if any. */
static enum mill_status compare_param(struct mill_tree_change *c,
                                      const struct mill_tree_dir *run, const char *path,
                                      const struct mill_param *param, bool *there_out)
{
    enum mill_status st =
        mill_view_empty(param->value)
            ? mill_tree_read(run, path, MILL_TREE_MAX_VALUE, &c->bytes, NULL, c->err)
            : mill_tree_read_settled(run, path, MILL_TREE_MAX_VALUE, &c->bytes, NULL, c->err);
    *there_out = st == MILL_OK;
    if (st == MILL_E_NOT_FOUND)
        return MILL_OK;
    if (st == MILL_E_CORRUPT)
        return mill_tree_in_the_way(run, path, c->err);
    if (st == MILL_OK && !mill_view_eq(mill_buf_view(&c->bytes), param->value))
        return differs(c, param, mill_buf_view(&c->bytes));
    return st;
}

/* Whether all params can be written; *missing_out[i] tells which ones have to be. */
static enum mill_status check_params(struct mill_tree_change *c,
                                     const struct mill_tree_dir *run, const char **paths,
                                     bool *there)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < c->change->as.log.param_count; i++) {
        const struct mill_param *param = &c->change->as.log.params[i];
        st = mill_tree_key_path(c, "params", param->key, &paths[i]);
        if (st == MILL_OK)
            st = compare_param(c, run, paths[i], param, &there[i]);
    }
    return st;
}

static enum mill_status write_params(struct mill_tree_change *c,
                                     const struct mill_tree_dir *run, const char *const *paths,
                                     const bool *there)
{
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < c->change->as.log.param_count; i++) {
        const struct mill_param *param = &c->change->as.log.params[i];
        bool now_there;
        if (there[i])
            continue;
        st = mill_tree_create(run, paths[i], param->value, &c->store->sync, c->err);
        if (st == MILL_E_EXISTS) /* somebody who takes no locks was quicker */
            st = compare_param(c, run, paths[i], param, &now_there);
    }
    return st;
}

static enum mill_status write_tags(struct mill_tree_change *c,
                                   const struct mill_tree_folder *run)
{
    struct mill_view name = {NULL, 0};
    struct edited e;
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < c->change->as.log.tag_count; i++) {
        const struct mill_tag *tag = &c->change->as.log.tags[i];
        const char *path;
        st = mill_tree_key_path(c, "tags", tag->key, &path);
        if (st == MILL_OK)
            st = mill_tree_replace(&run->dir, path, tag->value, &c->store->sync, c->err);
        if (mill_view_eq(tag->key, MILL_VIEW(RUN_NAME_TAG)))
            name = tag->value;
    }
    if (st != MILL_OK || name.ptr == NULL)
        return st;
    st = edit(c, run, c->change->as.log.run_id, &e);
    if (st == MILL_OK && !mill_yaml_put_text(&c->scratch, e.meta, MILL_VIEW("run_name"), name))
        st = mill_no_memory(c->err);
    return st == MILL_OK ? write_back(c, &e) : st;
}

static int by_key(const void *a, const void *b)
{
    const struct mill_metric *x = *(const struct mill_metric *const *)a;
    const struct mill_metric *y = *(const struct mill_metric *const *)b;
    int order = mill_view_cmp(x->key, y->key);
    return order != 0 ? order : x < y ? -1 : x > y;
}

/* Appends the points of one key with one write. */
static enum mill_status append_points(struct mill_tree_change *c,
                                      const struct mill_tree_folder *run,
                                      const struct mill_metric *const *points, size_t count,
                                      bool old)
{
    struct mill_buf brief = {0};
    const char *path;
    bool has_steps = false;
    c->bytes.len = 0;
    for (size_t i = 0; i < count; i++) {
        mill_metric_line_write(&c->bytes, points[i], false);
        if (old)
            mill_metric_line_write(&brief, points[i], true);
        has_steps = has_steps || points[i]->step != 0;
    }
    enum mill_status st = mill_tree_key_path(c, "metrics", points[0]->key, &path);
    if (st == MILL_OK && (c->bytes.failed || brief.failed))
        st = mill_no_memory(c->err);
    if (st == MILL_OK) {
        struct mill_tree_lines lines = {.full = mill_buf_view(&c->bytes),
                                        .brief_when_new = true};
        if (old && !has_steps)
            lines.brief = mill_buf_view(&brief);
        st = mill_tree_append(&run->dir, path, &lines, &c->store->sync, c->err);
    }
    c->bytes.failed = false;
    mill_buf_release(&brief);
    return st;
}

static enum mill_status write_metrics(struct mill_tree_change *c,
                                      const struct mill_tree_folder *run, bool old)
{
    size_t count = c->change->as.log.metric_count;
    const struct mill_metric **points =
        mill_arena_zero(&c->scratch, count, sizeof(const struct mill_metric *));
    if (points == NULL)
        return mill_no_memory(c->err);
    for (size_t i = 0; i < count; i++)
        points[i] = &c->change->as.log.metrics[i];
    if (count > 1)
        qsort(points, count, sizeof(const struct mill_metric *), by_key);
    enum mill_status st = MILL_OK;
    for (size_t i = 0, end; st == MILL_OK && i < count; i = end) {
        for (end = i + 1; end < count && mill_view_eq(points[end]->key, points[i]->key);)
            end++;
        st = append_points(c, run, points + i, end - i, old);
    }
    return st;
}

/* A key that cannot be a file refuses the whole change before anything is written. */
static enum mill_status check_keys(struct mill_tree_change *c)
{
    const char *path;
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < c->change->as.log.metric_count; i++)
        if (mill_tree_name_problem(c->change->as.log.metrics[i].key) != NULL)
            st = mill_tree_key_path(c, "metrics", c->change->as.log.metrics[i].key, &path);
    for (size_t i = 0; st == MILL_OK && i < c->change->as.log.tag_count; i++)
        if (mill_tree_name_problem(c->change->as.log.tags[i].key) != NULL)
            st = mill_tree_key_path(c, "tags", c->change->as.log.tags[i].key, &path);
    return st;
}

/* Points come last: all the rest may be repeated after a failure without a trace. */
static enum mill_status log_data(struct mill_tree_change *c, const struct mill_tree_folder *run,
                                 bool old)
{
    size_t count = c->change->as.log.param_count;
    const char **paths = mill_arena_zero(&c->scratch, count, sizeof(const char *));
    bool *there = mill_arena_zero(&c->scratch, count, sizeof(bool));
    if (paths == NULL || there == NULL)
        return mill_no_memory(c->err);
    enum mill_status st = check_keys(c);
    if (st == MILL_OK && (count != 0 || c->change->as.log.tag_count != 0))
        st = mill_tree_lock(&run->dir, c->err);
    if (st == MILL_OK)
        st = check_params(c, &run->dir, paths, there);
    if (st == MILL_OK)
        st = write_params(c, &run->dir, paths, there);
    if (st == MILL_OK)
        st = write_tags(c, run);
    return st == MILL_OK ? write_metrics(c, run, old) : st;
}

enum mill_status mill_tree_log(struct mill_tree_change *c)
{
    struct mill_tree_folder folder;
    struct mill_tree_place place;
    enum mill_status st =
        mill_tree_open_active_run(c->store, c->change->as.log.run_id, &folder, &place, c->err);
    if (st != MILL_OK)
        return st;
    c->outcome->experiment_id = folder.experiment_id;
    st = log_data(c, &folder, place.old);
    mill_tree_close(&folder.dir);
    return st;
}

/* --- single tags ------------------------------------------------------------------------ */

enum mill_status mill_tree_delete_tag(struct mill_tree_change *c)
{
    struct mill_view run_id = c->change->as.run_tag.run_id, key = c->change->as.run_tag.key;
    struct mill_tree_folder folder;
    struct mill_tree_place place;
    const char *path;
    enum mill_status st = mill_tree_open_active_run(c->store, run_id, &folder, &place, c->err);
    if (st != MILL_OK)
        return st;
    c->outcome->experiment_id = folder.experiment_id;
    st = mill_tree_key_path(c, "tags", key, &path);
    if (st == MILL_OK)
        st = mill_tree_remove(&folder.dir, path, &c->store->sync, c->err);
    if (st == MILL_E_NOT_FOUND || st == MILL_E_INVALID)
        st = mill_fail(c->err, MILL_E_NOT_FOUND, "run '%.*s' has no tag '%.*s'",
                       MILL_FMT(run_id), MILL_FMT(mill_utf8_prefix(key, 200)));
    mill_tree_close(&folder.dir);
    return st;
}

static enum mill_status append_json(struct mill_tree_change *c, const struct mill_tree_dir *run,
                                    const char *path)
{
    struct mill_view old = {NULL, 0};
    enum mill_status st = mill_tree_lock(run, c->err);
    if (st == MILL_OK)
        st = mill_tree_read_settled(run, path, MILL_TREE_MAX_VALUE, &c->bytes, NULL, c->err);
    if (st == MILL_OK)
        old = mill_buf_view(&c->bytes);
    else if (st != MILL_E_NOT_FOUND)
        return st;
    struct mill_view value = mill_json_list_append(&c->scratch, old, c->change->as.append.json);
    if (value.ptr == NULL)
        return mill_no_memory(c->err);
    if (mill_utf8_length(value) > MILL_MAX_RUN_TAG_VALUE)
        return mill_fail(c->err, MILL_E_INVALID,
                         "tag '%.*s' would be longer than %d characters",
                         MILL_FMT(c->change->as.append.key), MILL_MAX_RUN_TAG_VALUE);
    return mill_tree_replace(run, path, value, &c->store->sync, c->err);
}

enum mill_status mill_tree_append_tag_json(struct mill_tree_change *c)
{
    struct mill_tree_folder folder;
    struct mill_tree_place place;
    const char *path;
    enum mill_status st = mill_tree_open_active_run(c->store, c->change->as.append.run_id,
                                                    &folder, &place, c->err);
    if (st != MILL_OK)
        return st;
    c->outcome->experiment_id = folder.experiment_id;
    st = mill_tree_key_path(c, "tags", c->change->as.append.key, &path);
    if (st == MILL_OK)
        st = append_json(c, &folder.dir, path);
    mill_tree_close(&folder.dir);
    return st;
}
