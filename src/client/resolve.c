/* resolve.c - files by URI: who has what runs:/… and models:/… name, and its transfer. */
#include "artifact/path.h"
#include "base/view.h"
#include "client/named_files.h"
#include "client/transfer.h"
#include "model/limits.h"
#include "model/registry.h"

/* Versions whose files lie at another such URI; ends loops. */
#define MOST_HOPS 4

/* Files of one owner. */
struct target {
    struct mill_file_owner owner;
    struct mill_view path;
};

/* --- versions of registered models ----------------------------------------------------- */

static enum mill_status version_of_alias(struct mill_client *client,
                                         const struct mill_named_files *named,
                                         int64_t *version_out, struct mill_error *err)
{
    struct mill_version_list *list = NULL;
    enum mill_status st =
        mill_client_get_version_by_alias(client, named->owner, named->alias, &list, err);
    if (st == MILL_OK)
        *version_out = list->items[0]->version;
    mill_version_list_free(list);
    return st;
}

static enum mill_status version_in_stage(struct mill_client *client,
                                         const struct mill_named_files *named,
                                         int64_t *version_out, struct mill_error *err)
{
    struct mill_model_list *list = NULL;
    enum mill_status st = mill_client_get_model(client, named->owner, &list, err);
    if (st != MILL_OK)
        return st;
    const struct mill_registered_model *model = list->items[0];
    for (size_t i = 0; i < model->latest_version_count; i++)
        if (model->latest_versions[i].current_stage == named->stage)
            *version_out = model->latest_versions[i].version;
    mill_model_list_free(list);
    if (*version_out != 0)
        return MILL_OK;
    return mill_fail(err, MILL_E_NOT_FOUND, "model '%.*s' has no version in stage %s",
                     MILL_FMT(named->owner), mill_stage_name(named->stage));
}

/* Where the files of a version lie, in arena. */
static enum mill_status locate_version(struct mill_client *client,
                                       const struct mill_named_files *named,
                                       struct mill_arena *arena, struct mill_view *out,
                                       struct mill_error *err)
{
    int64_t version = named->version;
    enum mill_status st = MILL_OK;
    if (named->kind == MILL_NAMED_ALIAS)
        st = version_of_alias(client, named, &version, err);
    else if (named->kind == MILL_NAMED_STAGE)
        st = version_in_stage(client, named, &version, err);
    if (st == MILL_OK)
        st = mill_model_name_check(named->owner, err);
    return st == MILL_OK ? client->backend->ops->version_uri(client->backend, named->owner,
                                                             version, arena, out, err)
                         : st;
}

/* --- who has it ------------------------------------------------------------------------ */

static bool is_named(struct mill_view location)
{
    return mill_view_starts(location, MILL_VIEW("runs:")) ||
           mill_view_starts(location, MILL_VIEW("models:"));
}

/* From a version to its location, until that is no version of another. */
static enum mill_status follow(struct mill_client *client, struct mill_named_files *named,
                               struct mill_arena *arena, struct target *out,
                               struct mill_error *err)
{
    for (int hop = 0; hop < MOST_HOPS; hop++) {
        struct mill_view location, path = named->path;
        enum mill_status st = locate_version(client, named, arena, &location, err);
        if (st == MILL_OK && !is_named(location)) {
            *out = (struct target){{MILL_FILES_AT, location}, path};
            return MILL_OK;
        }
        if (st == MILL_OK)
            st = mill_named_files_parse(location, named, err);
        if (st != MILL_OK)
            return st;
        named->path = mill_path_join(named->path, path, arena);
        if (named->path.ptr == NULL)
            return mill_no_memory(err);
        if (named->kind == MILL_NAMED_RUN || named->kind == MILL_NAMED_LOGGED_MODEL)
            return MILL_OK;
    }
    return mill_fail(err, MILL_E_INVALID, "model '%.*s' leads from version to version",
                     MILL_FMT(named->owner));
}

static enum mill_status resolve(struct mill_client *client, struct mill_view uri,
                                struct mill_arena *arena, struct target *out,
                                struct mill_error *err)
{
    struct mill_named_files named;
    enum mill_status st = mill_check_path("uri", uri, err);
    if (st == MILL_OK && mill_view_empty(uri))
        st = mill_fail(err, MILL_E_INVALID, "uri is empty");
    if (st == MILL_OK)
        st = mill_named_files_parse(uri, &named, err);
    *out = (struct target){{MILL_FILES_AT, {NULL, 0}}, {NULL, 0}};
    if (st == MILL_OK && (named.kind == MILL_NAMED_VERSION || named.kind == MILL_NAMED_ALIAS ||
                          named.kind == MILL_NAMED_STAGE))
        st = follow(client, &named, arena, out, err);
    if (st != MILL_OK || out->owner.id.ptr != NULL)
        return st;
    out->owner.kind = named.kind == MILL_NAMED_RUN            ? MILL_FILES_OF_RUN
                      : named.kind == MILL_NAMED_LOGGED_MODEL ? MILL_FILES_OF_MODEL
                                                              : MILL_FILES_AT;
    out->owner.id = named.owner;
    out->path = named.path;
    return MILL_OK;
}

/* --- logged models of runs ------------------------------------------------------------- */

/* One page of an experiment's models: the first that the run has made. *id_out is in arena. */
static enum mill_status look_on_page(struct mill_client *client,
                                     const struct mill_logged_model_query *query,
                                     struct mill_view run_id, struct mill_arena *arena,
                                     struct mill_view *id_out, struct mill_view *token_out,
                                     struct mill_error *err)
{
    struct mill_logged_model_list *page = NULL;
    enum mill_status st = mill_client_search_logged_models(client, query, &page, err);
    *token_out = (struct mill_view){NULL, 0};
    if (st != MILL_OK)
        return st;
    for (size_t i = 0; i < page->count && id_out->ptr == NULL && st == MILL_OK; i++)
        if (mill_view_eq(page->items[i]->source_run_id, run_id)) {
            *id_out = mill_arena_copy(arena, page->items[i]->model_id);
            st = id_out->ptr != NULL ? MILL_OK : mill_no_memory(err);
        }
    if (st == MILL_OK && page->next_page_token.ptr != NULL) {
        *token_out = mill_arena_copy(arena, page->next_page_token);
        st = token_out->ptr != NULL ? MILL_OK : mill_no_memory(err);
    }
    mill_logged_model_list_free(page);
    return st;
}

/* The newest logged model of that name which a run has made; *id_out stays absent when there is
 * none, or where none can be. The run is asked for by the client and not by the filter, since
 * not all servers have that attribute. */
static enum mill_status find_model(struct mill_client *client, struct mill_view run_id,
                                   struct mill_view name, struct mill_arena *arena,
                                   struct mill_view *id_out, struct mill_error *err)
{
    struct mill_error unheard;
    struct mill_run_list *run = NULL;
    struct mill_view token = {NULL, 0};
    int pages = 0;
    enum mill_status st = mill_client_get_run(client, run_id, &run, err);
    if (st != MILL_OK)
        return st;
    int64_t experiment_id = run->items[0]->info.experiment_id;
    mill_run_list_free(run);
    struct mill_logged_model_query query = {
        .size = sizeof(query),
        .experiment_ids = &experiment_id,
        .experiment_count = 1,
        .filter = mill_arena_printf(arena, "name = '%.*s'", MILL_FMT(name))};
    if (query.filter.ptr == NULL)
        return mill_no_memory(err);
    do {
        query.page_token = token;
        st = look_on_page(client, &query, run_id, arena, id_out, &token, &unheard);
        if (st == MILL_OK)
            st = mill_count_page(&pages, &unheard);
    } while (st == MILL_OK && token.ptr != NULL && id_out->ptr == NULL);
    bool has_none = st == MILL_E_UNSUPPORTED || st == MILL_E_NO_ENDPOINT;
    return st == MILL_OK || has_none ? MILL_OK : mill_fail(err, st, "%s", unheard.message);
}

/* The logged model, if any, whose name is the first part of the path of a run's files;
 * *name_out is that part. model->owner.id stays absent when there is none. */
static enum mill_status model_of_run(struct mill_client *client, const struct target *run,
                                     struct mill_arena *arena, struct target *model,
                                     struct mill_view *name_out, struct mill_error *err)
{
    struct mill_view path;
    *model = (struct target){{MILL_FILES_OF_MODEL, {NULL, 0}}, {NULL, 0}};
    *name_out = (struct mill_view){NULL, 0};
    if (run->owner.kind != MILL_FILES_OF_RUN)
        return MILL_OK;
    enum mill_status st = mill_check_run(run->owner.id, err);
    if (st == MILL_OK)
        st = mill_artifact_path_check(run->path, MILL_PATH_ANY, arena, &path, err);
    if (st != MILL_OK)
        return st;
    model->path = mill_view_cut(path, '/', name_out);
    bool can_be = name_out->len > 0 && name_out->len <= MILL_MAX_LOGGED_MODEL_NAME &&
                  memchr(name_out->ptr, '\'', name_out->len) == NULL;
    return can_be ? find_model(client, run->owner.id, *name_out, arena, &model->owner.id, err)
                  : MILL_OK;
}

/* --- listing --------------------------------------------------------------------------- */

/* Puts the items of more behind those of list, with their paths below name. */
static enum mill_status append(struct mill_file_result *result,
                               const struct mill_file_list *more, struct mill_view name,
                               struct mill_error *err)
{
    size_t before = result->list.count;
    const struct mill_file_info **items =
        mill_arena_zero(&result->arena, before + more->count + 1, sizeof(*items));
    struct mill_file_info *infos =
        mill_arena_zero(&result->arena, more->count + 1, sizeof(*infos));
    if (items == NULL || infos == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < before; i++)
        items[i] = result->list.items[i];
    for (size_t i = 0; i < more->count; i++) {
        infos[i] = *more->items[i];
        infos[i].path = mill_path_join(name, infos[i].path, &result->arena);
        items[before + i] = &infos[i];
        if (infos[i].path.ptr == NULL)
            return mill_no_memory(err);
    }
    result->list.items = items;
    result->list.count = before + more->count;
    return MILL_OK;
}

enum mill_status mill_client_list_uri(struct mill_client *client, struct mill_view uri,
                                      struct mill_file_list **list_out, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct target of, model;
    struct mill_view name;
    struct mill_file_list *list = NULL, *more = NULL;
    enum mill_status st = mill_check_call(client, list_out, "list_out", err);
    if (st == MILL_OK)
        st = resolve(client, uri, &arena, &of, err);
    if (st == MILL_OK)
        st = model_of_run(client, &of, &arena, &model, &name, err);
    if (st == MILL_OK)
        st = mill_list_files_of(client, &of.owner, of.path, &list, err);
    if (st == MILL_OK && model.owner.id.ptr != NULL)
        st = mill_list_files_of(client, &model.owner, model.path, &more, err);
    if (more != NULL && st == MILL_OK)
        st = append((struct mill_file_result *)list, more, name, err);
    if (st == MILL_OK)
        *list_out = list;
    else
        mill_file_list_free(list);
    mill_file_list_free(more);
    mill_arena_release(&arena);
    return st;
}

/* --- fetching -------------------------------------------------------------------------- */

/* Fetches a run's files and those of its logged model of that name over them. */
static enum mill_status fetch(struct mill_client *client, const struct target *of,
                              struct mill_view local_dir,
                              const struct mill_transfer_options *options,
                              struct mill_arena *arena, struct mill_error *err)
{
    struct target model;
    struct mill_view name;
    enum mill_status st = model_of_run(client, of, arena, &model, &name, err);
    if (st == MILL_OK)
        st = mill_download_from(client, &of->owner, of->path, local_dir, options, err);
    if (model.owner.id.ptr == NULL || (st != MILL_OK && st != MILL_E_NOT_FOUND))
        return st;
    bool run_has_it = st == MILL_OK;
    /* what is wanted has its own name; all of the model has the model's */
    struct mill_view below =
        model.path.len > 0 ? local_dir : mill_path_join(local_dir, name, arena);
    if (below.ptr == NULL)
        return mill_no_memory(err);
    st = mill_download_from(client, &model.owner, model.path, below, options, err);
    return run_has_it && st == MILL_E_NOT_FOUND ? MILL_OK : st;
}

/* Where a target is, once fetched: below local_dir by the last part of its path. */
static enum mill_status place_of(const struct target *of, struct mill_view local_dir,
                                 struct mill_arena *arena, struct mill_view *out,
                                 struct mill_error *err)
{
    struct mill_view path;
    enum mill_status st = mill_artifact_path_check(of->path, MILL_PATH_ANY, arena, &path, err);
    if (st != MILL_OK)
        return st;
    const char *slash = memrchr(path.ptr, '/', path.len);
    struct mill_view name =
        mill_view_from(path, slash != NULL ? (size_t)(slash + 1 - path.ptr) : 0);
    bool joined = name.len > 0 && !mill_view_ends(local_dir, MILL_VIEW("/"));
    *out = mill_arena_printf(arena, "%.*s%s%.*s", MILL_FMT(local_dir), joined ? "/" : "",
                             MILL_FMT(name));
    return out->ptr != NULL ? MILL_OK : mill_no_memory(err);
}

enum mill_status mill_client_download_uri(struct mill_client *client, struct mill_view uri,
                                          struct mill_view local_dir,
                                          const struct mill_transfer_options *options,
                                          char *buffer, size_t size, size_t *length_out,
                                          struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct target of;
    struct mill_view place;
    struct mill_view into = mill_view_empty(local_dir) ? MILL_VIEW(".") : local_dir;
    enum mill_status st = mill_check_call(client, client, "client", err);
    if (st == MILL_OK)
        st = mill_check_buffer(buffer, size, err);
    if (st == MILL_OK)
        st = mill_check_local("local_dir", local_dir, err);
    if (st == MILL_OK)
        st = resolve(client, uri, &arena, &of, err);
    if (st == MILL_OK)
        st = place_of(&of, into, &arena, &place, err);
    if (st == MILL_OK)
        st = fetch(client, &of, into, options, &arena, err);
    if (st == MILL_OK)
        mill_give_text(place, buffer, size, length_out);
    mill_arena_release(&arena);
    return st;
}
