/* store_file.c - the store over an mlruns tree, as MLflow keeps one in plain files. Several
 * processes, ours and MLflow's, may use a tree at the same time; see tree.h for its parts. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/codec.h"
#include "base/view.h"
#include "store/backends.h"
#include "store/tree.h"

/* --- the calls of a store --------------------------------------------------------------- */

static mill_tree_apply *const appliers[] = {
    [MILL_CHANGE_CREATE_EXPERIMENT] = mill_tree_create_experiment,
    [MILL_CHANGE_RENAME_EXPERIMENT] = mill_tree_rename_experiment,
    [MILL_CHANGE_DELETE_EXPERIMENT] = mill_tree_delete_experiment,
    [MILL_CHANGE_RESTORE_EXPERIMENT] = mill_tree_restore_experiment,
    [MILL_CHANGE_SET_EXPERIMENT_TAG] = mill_tree_set_experiment_tag,
    [MILL_CHANGE_DELETE_EXPERIMENT_TAG] = mill_tree_delete_experiment_tag,
    [MILL_CHANGE_CREATE_RUN] = mill_tree_create_run,
    [MILL_CHANGE_UPDATE_RUN] = mill_tree_update_run,
    [MILL_CHANGE_DELETE_RUN] = mill_tree_delete_run,
    [MILL_CHANGE_RESTORE_RUN] = mill_tree_restore_run,
    [MILL_CHANGE_LOG] = mill_tree_log,
    [MILL_CHANGE_DELETE_TAG] = mill_tree_delete_tag,
    [MILL_CHANGE_LOG_INPUTS] = mill_tree_log_inputs,
    [MILL_CHANGE_LOG_OUTPUTS] = mill_tree_log_outputs,
    [MILL_CHANGE_APPEND_TAG_JSON] = mill_tree_append_tag_json,
};

/* Trees keep experiments and runs, nothing else. */
static enum mill_status apply_one(struct mill_tree_change *c)
{
    size_t kind = (size_t)c->change->kind;
    if (kind >= MILL_COUNT(appliers) || appliers[kind] == NULL)
        return mill_fail(c->err, MILL_E_UNSUPPORTED,
                         "mlruns trees keep experiments and runs only; use sqlite:///FILE");
    return appliers[kind](c);
}

/* Applies the changes one after the other; their files are synced together at the end. When
 * that fails nobody knows what is on disk, so that none of them counts as done. */
static enum mill_status apply(struct mill_store *store, struct mill_pending **pending,
                              size_t count, struct mill_error *err)
{
    struct mill_tree_store *s = (struct mill_tree_store *)store;
    struct mill_tree_change c = {.store = s};
    if (s->read_only)
        return mill_fail(err, MILL_E_DENIED, "the tree is open for reading only");
    for (size_t i = 0; i < count; i++) {
        struct mill_outcome *outcome = &pending[i]->outcome;
        c.change = pending[i]->change;
        c.outcome = outcome;
        c.err = &outcome->error;
        outcome->status = apply_one(&c);
        mill_arena_reset(&c.scratch, 1 << 16);
    }
    enum mill_status st = mill_tree_sync_all(&s->sync, err);
    for (size_t i = 0; st != MILL_OK && i < count; i++) {
        struct mill_outcome *outcome = &pending[i]->outcome;
        if (outcome->status == MILL_OK)
            outcome->status =
                mill_fail(&outcome->error, st, "%s", err != NULL ? err->message : "");
    }
    mill_arena_release(&c.scratch);
    mill_buf_release(&c.bytes);
    return st;
}

static enum mill_status get_experiment(struct mill_store *store, int64_t experiment_id,
                                       struct mill_arena *arena, struct mill_experiment *out,
                                       struct mill_error *err)
{
    struct mill_tree_store *s = (struct mill_tree_store *)store;
    struct mill_tree_folder folder;
    enum mill_status st = mill_tree_open_experiment(s, experiment_id, &folder, err);
    if (st != MILL_OK)
        return st;
    st = mill_tree_read_experiment(s, &folder, arena, out, NULL, NULL, err);
    mill_tree_close(&folder.dir);
    return st;
}

static enum mill_status get_experiment_by_name(struct mill_store *store, struct mill_view name,
                                               struct mill_arena *arena,
                                               struct mill_experiment *out,
                                               struct mill_error *err)
{
    int64_t id;
    enum mill_status st = mill_tree_find_name((struct mill_tree_store *)store, name, &id, err);
    return st == MILL_OK ? get_experiment(store, id, arena, out, err) : st;
}

static enum mill_status search_experiments(struct mill_store *store,
                                           const struct mill_experiment_search *search,
                                           struct mill_arena *arena,
                                           struct mill_experiment_page *out,
                                           struct mill_error *err)
{
    return mill_tree_search_experiments((struct mill_tree_store *)store, search, arena, out,
                                        err);
}

static enum mill_status get_run(struct mill_store *store, struct mill_view run_id,
                                struct mill_run_page *out, struct mill_error *err)
{
    return mill_tree_get_run((struct mill_tree_store *)store, run_id, out, err);
}

static enum mill_status search_runs(struct mill_store *store,
                                    const struct mill_run_search *search,
                                    struct mill_run_page *out, struct mill_error *err)
{
    return mill_tree_search_runs((struct mill_tree_store *)store, search, out, err);
}

static void close_store(struct mill_store *store)
{
    struct mill_tree_store *s = (struct mill_tree_store *)store;
    mill_tree_catalog_free(s->catalog);
    mill_tree_runs_free(s->runs);
    mill_row_shapes_free(s->shapes);
    mill_tree_places_free(s->places);
    mill_tree_close(&s->root);
    mill_arena_release(&s->arena);
    mill_free(s);
}

static const struct mill_store_ops ops = {
    .scheme = "file",
    .reads_block = true,
    .apply = apply,
    .get_experiment = get_experiment,
    .get_experiment_by_name = get_experiment_by_name,
    .search_experiments = search_experiments,
    .get_run = get_run,
    .search_runs = search_runs,
    .history_open = mill_tree_history_open,
    .sample = mill_tree_sample,
    .summary = mill_tree_summary,
    .buckets = mill_tree_buckets,
    .close = close_store,
};

/* --- opening ---------------------------------------------------------------------------- */

/* The path of "file:PATH", "file:/PATH", "file://HOST/PATH"; a query is not part of it. */
static enum mill_status path_of_uri(struct mill_view rest, struct mill_arena *arena,
                                    struct mill_view *out, struct mill_error *err)
{
    struct mill_view host = {NULL, 0}, path = rest;
    if (mill_view_starts(rest, MILL_VIEW("//"))) {
        struct mill_view behind = mill_view_from(rest, 2);
        const char *slash = behind.len != 0 ? memchr(behind.ptr, '/', behind.len) : NULL;
        host = (struct mill_view){behind.ptr,
                                  slash != NULL ? (size_t)(slash - behind.ptr) : behind.len};
        path = mill_view_from(behind, host.len);
    }
    if (host.len != 0 && !mill_view_eq_nocase(host, MILL_VIEW("localhost")))
        return mill_fail(err, MILL_E_INVALID,
                         "'file:%.*s' names the host '%.*s'; three slashes come before a path "
                         "on this machine",
                         MILL_FMT(mill_utf8_prefix(rest, 200)),
                         MILL_FMT(mill_utf8_prefix(host, 100)));
    mill_view_cut(path, '#', &path);
    mill_view_cut(path, '?', &path);
    *out = mill_percent_decode(path, false, arena);
    return out->ptr != NULL ? MILL_OK : mill_no_memory(err);
}

/* Makes the path absolute and plain without asking the file system, as Python's abspath. */
static enum mill_status make_absolute(struct mill_view path, struct mill_arena *arena,
                                      struct mill_view *out, struct mill_error *err)
{
    char *folder = path.len != 0 && path.ptr[0] == '/' ? NULL : get_current_dir_name();
    struct mill_view rest =
        mill_arena_printf(arena, "%s/%.*s", folder != NULL ? folder : "", MILL_FMT(path));
    char *text = mill_arena_alloc(arena, rest.len + 2);
    size_t len = 0;
    bool known = folder != NULL || (path.len != 0 && path.ptr[0] == '/');
    free(folder);
    if (!known)
        return mill_fail(err, MILL_E_IO, "the working directory cannot be told");
    if (rest.ptr == NULL || text == NULL)
        return mill_no_memory(err);
    while (rest.ptr != NULL) {
        struct mill_view part;
        rest = mill_view_cut(rest, '/', &part);
        if (part.len == 0 || mill_view_eq(part, MILL_VIEW(".")))
            continue;
        if (mill_view_eq(part, MILL_VIEW(".."))) {
            while (len != 0 && text[--len] != '/')
                ;
            continue;
        }
        text[len++] = '/';
        memcpy(text + len, part.ptr, part.len);
        len += part.len;
    }
    if (len == 0)
        text[len++] = '/';
    text[len] = '\0';
    *out = (struct mill_view){text, len};
    return MILL_OK;
}

/* "file://" and the path, percent-encoded: where artifacts are kept unless a server says
 * otherwise. */
static enum mill_status set_artifact_root(struct mill_tree_store *s, struct mill_view wanted,
                                          struct mill_error *err)
{
    struct mill_buf uri = {0};
    if (mill_view_empty(wanted)) {
        mill_buf_add_view(&uri, MILL_VIEW("file://"));
        mill_percent_encode(&uri, mill_view_of(s->root.name), "/");
        wanted = mill_buf_view(&uri);
    }
    s->artifact_root = mill_arena_copy(&s->arena, wanted);
    bool failed = uri.failed || s->artifact_root.ptr == NULL;
    mill_buf_release(&uri);
    return failed ? mill_no_memory(err) : MILL_OK;
}

/* Makes the folders of a path. */
static int make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int made = mkdir(path, 0777);
        *slash = '/';
        if (made != 0 && errno != EEXIST)
            return -1;
    }
    return mkdir(path, 0777) == 0 || errno == EEXIST ? 0 : -1;
}

static enum mill_status open_root(struct mill_tree_store *s, bool may_make,
                                  struct mill_error *err)
{
    static const struct mill_tree_dir nowhere = {.fd = AT_FDCWD, .name = ""};
    char *path = (char *)(uintptr_t)s->root.name; /* in our arena */
    int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    s->root.fd = open(path, flags);
    if (s->root.fd < 0 && errno == ENOENT && may_make && make_folders(path) == 0)
        s->root.fd = open(path, flags);
    if (s->root.fd >= 0)
        return MILL_OK;
    if (errno == ENOENT && !may_make)
        return mill_fail(err, MILL_E_NOT_FOUND, "%s: there is no such tree", path);
    return mill_tree_fail(&nowhere, path, "cannot open the tree", errno, err);
}

/* Whether nothing but a bin is there: a tree that is being made, or whose making was cut
 * short. */
static bool is_empty(const struct mill_tree_store *s)
{
    struct mill_tree_listing listing;
    const char *name;
    unsigned char type;
    mill_tree_list(&listing, s->root.fd);
    while ((name = mill_tree_next(&listing, &type)) != NULL)
        if (name[0] != '.')
            return false;
    return errno == 0;
}

static enum mill_status make_default(struct mill_tree_store *s, struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_CREATE_EXPERIMENT,
                                 .now_ms = mill_now_ms(),
                                 .as.create_experiment.name = MILL_VIEW("Default")};
    struct mill_outcome outcome = {0};
    struct mill_tree_change c = {
        .store = s, .change = &change, .outcome = &outcome, .err = err};
    enum mill_status st = mill_tree_make(&s->root, MILL_TREE_TRASH, err);
    if (st == MILL_OK && is_empty(s))
        st = mill_tree_create_default(&c);
    if (st == MILL_OK)
        st = mill_tree_sync_all(&s->sync, err);
    mill_arena_release(&c.scratch);
    mill_buf_release(&c.bytes);
    return st;
}

static enum mill_status open_parts(struct mill_tree_store *s,
                                   const struct mill_store_options *options,
                                   struct mill_error *err)
{
    enum mill_status st = open_root(s, !options->read_only && !options->must_exist, err);
    if (st == MILL_OK)
        st = set_artifact_root(s, options->artifact_root, err);
    if (st == MILL_OK)
        st = mill_tree_catalog_new(&s->catalog, err);
    if (st == MILL_OK)
        st = mill_tree_runs_new(options->cache_bytes, &s->runs, err);
    s->shapes = mill_row_shapes_new();
    if (st == MILL_OK && s->shapes == NULL)
        st = mill_no_memory(err);
    if (st == MILL_OK)
        st = mill_tree_places_new(&s->places, err);
    if (st == MILL_OK && !options->read_only)
        st = make_default(s, err);
    return st;
}

static enum mill_status open_tree(struct mill_view path, bool is_uri,
                                  const struct mill_store_options *options,
                                  struct mill_store **out, struct mill_error *err)
{
    struct mill_tree_store *s = mill_alloc_zero(1, sizeof(*s));
    enum mill_status st = MILL_OK;
    if (s == NULL)
        return mill_no_memory(err);
    s->base.ops = &ops;
    s->root.fd = -1;
    s->read_only = options->read_only;
    s->sync.level = options->synchronous;
    if (is_uri)
        st = path_of_uri(path, &s->arena, &path, err);
    if (st == MILL_OK)
        st = make_absolute(path.len != 0 ? path : MILL_VIEW("mlruns"), &s->arena, &path, err);
    if (st == MILL_OK && strlen(path.ptr) != path.len)
        st = mill_fail(err, MILL_E_INVALID, "the path of a tree has a NUL byte");
    if (st == MILL_OK) {
        s->root.name = path.ptr;
        st = open_parts(s, options, err);
    }
    if (st != MILL_OK) {
        close_store(&s->base);
        return st;
    }
    *out = &s->base;
    return MILL_OK;
}

enum mill_status mill_store_file_open(struct mill_view rest,
                                      const struct mill_store_options *options,
                                      struct mill_store **out, struct mill_error *err)
{
    return open_tree(rest, true, options, out, err);
}

enum mill_status mill_store_path_open(struct mill_view path,
                                      const struct mill_store_options *options,
                                      struct mill_store **out, struct mill_error *err)
{
    return open_tree(path, false, options, out, err);
}
