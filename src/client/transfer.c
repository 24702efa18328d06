/* transfer.c - lists of artifacts, and what uploads and downloads share. */
#include "client/transfer.h"

#include <stdlib.h>

#include "artifact/path.h"
#include "base/os.h"
#include "base/parallel.h"
#include "base/view.h"
#include "base/wanted.h"
#include "model/check.h"
#include "model/limits.h"

#define DEFAULT_PARALLEL 4
#define MAX_PARALLEL     64

/* --- opening --------------------------------------------------------------------------- */

static enum mill_status locate_run(struct mill_client *client, struct mill_view run_id,
                                   struct mill_arena *arena, struct mill_view *out,
                                   struct mill_error *err)
{
    struct mill_run_list *run = NULL;
    enum mill_status st = mill_client_get_run(client, run_id, &run, err);
    if (st == MILL_OK)
        *out = mill_arena_copy(arena, mill_text_or_empty(run->items[0]->info.artifact_uri));
    mill_run_list_free(run);
    return st;
}

static enum mill_status locate_model(struct mill_client *client, struct mill_view model_id,
                                     struct mill_arena *arena, struct mill_view *out,
                                     struct mill_error *err)
{
    struct mill_logged_model_list *model = NULL;
    enum mill_status st = mill_client_get_logged_model(client, model_id, &model, err);
    if (st == MILL_OK)
        *out = mill_arena_copy(arena, mill_text_or_empty(model->items[0]->artifact_uri));
    mill_logged_model_list_free(model);
    return st;
}

static enum mill_status take_location(struct mill_client *client, struct mill_view location,
                                      struct mill_arena *arena, struct mill_view *out,
                                      struct mill_error *err)
{
    (void)client;
    (void)err;
    *out = mill_arena_copy(arena, location);
    return MILL_OK;
}

static enum mill_status check_location(struct mill_view location, struct mill_error *err)
{
    return mill_check_needed("uri", location, MILL_MAX_ARTIFACT_PATH_BYTES, err);
}

/* What there is to say about each kind of owner. locate puts its location into *out, in arena;
 * ptr NULL when memory is out. */
static const struct owner_kind {
    const char *noun;
    enum mill_status (*check)(struct mill_view id, struct mill_error *err);
    enum mill_status (*locate)(struct mill_client *client, struct mill_view id,
                               struct mill_arena *arena, struct mill_view *out,
                               struct mill_error *err);
} owner_kinds[] = {
    [MILL_FILES_OF_RUN] = {"run", mill_check_run, locate_run},
    [MILL_FILES_OF_MODEL] = {"logged model", mill_check_logged_model, locate_model},
    [MILL_FILES_AT] = {"location", check_location, take_location},
};

enum mill_status mill_check_owner(const struct mill_file_owner *owner, struct mill_error *err)
{
    return owner_kinds[owner->kind].check(owner->id, err);
}

const char *mill_owner_noun(const struct mill_file_owner *owner)
{
    return owner_kinds[owner->kind].noun;
}

enum mill_status mill_open_files(struct mill_client *client,
                                 const struct mill_file_owner *owner, struct mill_arena *arena,
                                 struct mill_view *root_out, struct mill_files **out,
                                 struct mill_error *err)
{
    struct mill_view root;
    enum mill_status st = owner_kinds[owner->kind].locate(client, owner->id, arena, &root, err);
    if (st == MILL_OK && root.ptr == NULL)
        st = mill_no_memory(err);
    if (st == MILL_OK && root.len == 0)
        st = mill_fail(err, MILL_E_UNSUPPORTED, "%s %.*s has no artifact location",
                       mill_owner_noun(owner), MILL_FMT(owner->id));
    if (st != MILL_OK)
        return st;
    if (root_out != NULL)
        *root_out = root;
    return mill_places_open(&client->backend->places, root, out, err);
}

enum mill_status mill_transfer_open(struct mill_transfer *t,
                                    const struct mill_file_owner *owner,
                                    const struct mill_transfer_options *options,
                                    struct mill_error *err)
{
    *t = (struct mill_transfer){.owner = owner, .options.size = sizeof(t->options)};
    pthread_mutex_init(&t->lock, NULL);
    enum mill_status st =
        mill_take_struct(&t->options, sizeof(t->options),
                         MILL_FIRST(mill_transfer_options, parallel), options, "options", err);
    if (st == MILL_OK && t->options.parallel == 0)
        t->options.parallel = DEFAULT_PARALLEL;
    if (st == MILL_OK && t->options.parallel > MAX_PARALLEL)
        st = mill_fail(err, MILL_E_INVALID, "options.parallel is %zu; it must be 1 to %d",
                       t->options.parallel, MAX_PARALLEL);
    return st;
}

void mill_transfer_close(struct mill_transfer *t)
{
    if (t->files != NULL)
        t->files->ops->close(t->files);
    mill_buf_release(&t->items);
    mill_arena_release(&t->arena);
    pthread_mutex_destroy(&t->lock);
}

/* --- moving files ---------------------------------------------------------------------- */

/* The file that a worker moves, as its progress is told. */
struct moving {
    struct mill_transfer *transfer;
    const struct mill_transfer_item *item;
    int64_t bytes; /* counted in the progress of the transfer */
};

/* Counts the bytes of a file and tells about them; false when no more are wanted. A repeated
 * attempt begins again at 0. */
static bool on_bytes(void *context, int64_t bytes)
{
    struct moving *m = context;
    struct mill_transfer *t = m->transfer;
    bool wanted = mill_still_wanted();
    pthread_mutex_lock(&t->lock);
    t->stopped = t->stopped || !wanted;
    t->progress.bytes += bytes - m->bytes;
    m->bytes = bytes;
    t->progress.path = m->item->path;
    if (!t->stopped && t->options.progress != NULL)
        t->stopped = !t->options.progress(t->options.context, &t->progress);
    bool more = !t->stopped;
    pthread_mutex_unlock(&t->lock);
    return more;
}

static enum mill_status move_one(struct mill_transfer *t, size_t index, size_t parallel,
                                 struct mill_error *err)
{
    const struct mill_transfer_item *items = (const void *)t->items.ptr;
    struct moving m = {.transfer = t, .item = &items[index]};
    struct mill_local_file file = {.fd = -1,
                                   .bytes = m.item->bytes,
                                   .parallel = parallel,
                                   .progress = on_bytes,
                                   .context = &m};
    enum mill_status st = t->move(t, m.item, &file, err);
    pthread_mutex_lock(&t->lock);
    if (st == MILL_OK)
        t->progress.files++;
    else
        t->stopped = true; /* the others need not go on */
    pthread_mutex_unlock(&t->lock);
    if (st == MILL_OK && !on_bytes(&m, file.bytes))
        st = mill_fail(err, MILL_E_CANCELLED, "the transfer was cancelled");
    return st;
}

static enum mill_status move_small(void *context, size_t index, struct mill_error *err)
{
    return move_one(context, index, 1, err);
}

/* Small files before those that are moved in parts, each kind in the order of the list. */
static enum mill_status sort_items(struct mill_transfer *t, size_t count,
                                   struct mill_error *err)
{
    struct mill_transfer_item *items = (void *)t->items.ptr;
    struct mill_transfer_item *large = mill_arena_zero(&t->arena, count + 1, sizeof(*large));
    size_t kept = 0, larges = 0;
    if (large == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        bool split = t->files->split_bytes > 0 && items[i].bytes >= t->files->split_bytes;
        if (split)
            large[larges++] = items[i];
        else
            items[kept++] = items[i];
    }
    for (size_t i = 0; i < larges; i++)
        items[kept + i] = large[i];
    t->first_large = kept;
    return MILL_OK;
}

enum mill_status mill_transfer_add(struct mill_transfer *t, struct mill_view local,
                                   struct mill_view path, int64_t bytes, struct mill_error *err)
{
    struct mill_transfer_item item = {.local = local, .path = path, .bytes = bytes};
    if (t->progress.files_total == 0)
        t->progress.bytes_total = 0;
    t->progress.files_total++;
    if (bytes == MILL_ABSENT || t->progress.bytes_total == MILL_ABSENT)
        t->progress.bytes_total = MILL_ABSENT;
    else
        t->progress.bytes_total += bytes;
    mill_buf_add(&t->items, &item, sizeof(item));
    return t->items.failed ? mill_no_memory(err) : MILL_OK;
}

enum mill_status mill_transfer_run(struct mill_transfer *t, mill_move *move,
                                   struct mill_error *err)
{
    size_t count = t->items.len / sizeof(struct mill_transfer_item);
    enum mill_status st = sort_items(t, count, err);
    t->move = move;
    if (st == MILL_OK)
        st = mill_parallel(t->first_large, t->options.parallel, move_small, t, err);
    for (size_t i = t->first_large; st == MILL_OK && i < count; i++)
        st = move_one(t, i, t->options.parallel, err);
    return st;
}

/* --- listing --------------------------------------------------------------------------- */

/* The entries of a folder, with paths below the owner's artifact location. */
static enum mill_status list_folder(struct mill_files *files, struct mill_view folder,
                                    struct mill_file_result *result, struct mill_error *err)
{
    struct mill_arena *arena = &result->arena;
    const struct mill_file_info *infos = NULL;
    size_t count = 0;
    enum mill_status st = files->ops->list(files, folder, arena, &infos, &count, err);
    if (st != MILL_OK)
        return st;
    struct mill_file_info *items = mill_arena_zero(arena, count + 1, sizeof(*items));
    const struct mill_file_info **list = mill_arena_zero(arena, count + 1, sizeof(*list));
    if (items == NULL || list == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        items[i] = infos[i];
        items[i].path = mill_path_join(folder, infos[i].path, arena);
        if (items[i].is_dir)
            items[i].file_size = MILL_ABSENT; /* DBFS gives directories a size of 0 */
        else if (items[i].file_size == MILL_ABSENT)
            items[i].file_size = 0; /* servers leave a size of 0 out */
        list[i] = &items[i];
        if (items[i].path.ptr == NULL)
            return mill_no_memory(err);
    }
    result->list.count = count;
    result->list.items = list;
    return MILL_OK;
}

enum mill_status mill_list_files_of(struct mill_client *client,
                                    const struct mill_file_owner *owner, struct mill_view path,
                                    struct mill_file_list **list_out, struct mill_error *err)
{
    struct mill_files *files = NULL;
    struct mill_view folder;
    enum mill_status st = mill_check_call(client, list_out, "list_out", err);
    if (st == MILL_OK)
        st = mill_check_owner(owner, err);
    if (st == MILL_OK)
        st = mill_check_path("path", path, err);
    if (st != MILL_OK)
        return st;
    struct mill_file_result *result = mill_alloc_zero(1, sizeof(*result));
    if (result == NULL)
        return mill_no_memory(err);
    st = mill_artifact_path_check(path, MILL_PATH_ANY, &result->arena, &folder, err);
    if (st == MILL_OK)
        st =
            mill_open_files(client, owner, &result->arena, &result->list.root_uri, &files, err);
    if (st == MILL_OK)
        st = list_folder(files, folder, result, err);
    if (files != NULL)
        files->ops->close(files);
    if (st == MILL_OK)
        *list_out = &result->list;
    else
        mill_file_list_free(&result->list);
    return st;
}

enum mill_status mill_client_list_artifacts(struct mill_client *client, struct mill_view run_id,
                                            struct mill_view path,
                                            struct mill_file_list **list_out,
                                            struct mill_error *err)
{
    struct mill_file_owner owner = {MILL_FILES_OF_RUN, run_id};
    return mill_list_files_of(client, &owner, path, list_out, err);
}
