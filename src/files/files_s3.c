/* files_s3.c - artifact files in a bucket of an S3 service: opened and listed. */
#include "files/files_s3.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/codec.h"
#include "base/list.h"
#include "model/limits.h"

/* Pages of one listing; more entries than are accepted fit into them. */
#define MAX_PAGES 2000

/* --- progress of parts ------------------------------------------------------------------- */

void mill_s3_progress_init(struct mill_s3_progress *progress,
                           const struct mill_local_file *file)
{
    *progress = (struct mill_s3_progress){.file = file};
    pthread_mutex_init(&progress->lock, NULL);
}

void mill_s3_progress_release(struct mill_s3_progress *progress)
{
    pthread_mutex_destroy(&progress->lock);
}

bool mill_s3_part_progress(void *context, int64_t bytes)
{
    struct mill_s3_part *part = context;
    struct mill_s3_progress *progress = part->progress;
    pthread_mutex_lock(&progress->lock);
    progress->total += bytes - part->moved;
    part->moved = bytes;
    /* Told under the lock, so that the last number told is the highest. */
    bool more = progress->file->progress(progress->file->context, progress->total);
    pthread_mutex_unlock(&progress->lock);
    return more;
}

/* --- listing ----------------------------------------------------------------------------- */

struct mill_view mill_s3_key(const struct mill_s3_files *files, struct mill_view path,
                             struct mill_arena *arena)
{
    return mill_path_join(files->below, path, arena);
}

/* A listing under way. */
struct listing {
    struct mill_s3_files *files;
    struct mill_arena *arena; /* of the result */
    struct mill_view prefix;  /* of the keys, with a slash at its end; or empty */
    struct mill_list infos;   /* of struct mill_file_info */
};

/* The name of an entry below the prefix; empty for what is not one: the prefix itself, which
 * some programs make to show an empty folder, and keys with empty names in them. */
static struct mill_view bare_name(const struct listing *l, struct mill_view key, bool is_prefix)
{
    if (!mill_view_starts(key, l->prefix))
        return MILL_VIEW("");
    struct mill_view name = mill_view_from(key, l->prefix.len);
    if (is_prefix && mill_view_ends(name, MILL_VIEW("/")))
        name.len--;
    return name;
}

static enum mill_status take_entry(struct listing *l, const struct mill_s3_entry *entry,
                                   bool url_encoded, struct mill_error *err)
{
    struct mill_view key = url_encoded ? mill_percent_decode(entry->name, true, l->arena)
                                       : mill_arena_copy(l->arena, entry->name);
    if (key.ptr == NULL)
        return mill_no_memory(err);
    struct mill_view name = bare_name(l, key, entry->is_prefix);
    if (name.len == 0 || !mill_utf8_valid(name))
        return MILL_OK;
    if (l->infos.count == MILL_MAX_ARTIFACT_LIST)
        return mill_fail(err, MILL_E_TOO_LARGE, "s3://%.*s/%.*s has more than %d entries",
                         MILL_FMT(l->files->bucket), MILL_FMT(l->prefix),
                         MILL_MAX_ARTIFACT_LIST);
    struct mill_file_info *info = mill_list_add(&l->infos);
    if (info == NULL)
        return mill_no_memory(err);
    *info = (struct mill_file_info){.path = name,
                                    .is_dir = entry->is_prefix,
                                    .file_size = entry->is_prefix ? MILL_ABSENT : entry->size};
    return MILL_OK;
}

/* The parameters of a page. */
static bool make_query(struct mill_buf *query, struct mill_view prefix, struct mill_view token)
{
    query->len = 0;
    mill_buf_printf(query, "list-type=2&delimiter=%%2F&encoding-type=url&prefix=");
    mill_percent_encode(query, prefix, NULL);
    if (token.ptr != NULL) {
        mill_buf_printf(query, "&continuation-token=");
        mill_percent_encode(query, token, NULL);
    }
    return !query->failed;
}

/* Asks for one page. Its texts are in page. */
static enum mill_status ask_page(struct listing *l, const struct mill_buf *query,
                                 struct mill_buf *body, struct mill_arena *page,
                                 struct mill_s3_answer *out, struct mill_error *err)
{
    struct mill_error reason;
    struct mill_s3_request request = {
        .method = "GET", .bucket = l->files->bucket, .query = mill_buf_view(query)};
    enum mill_status st = mill_s3_perform(l->files->s3, &request, NULL, body, err);
    if (st != MILL_OK)
        return st;
    st = mill_s3_read_xml(mill_buf_view(body), page, out, &reason);
    if (st == MILL_OK && out->document != MILL_S3_LISTING)
        st = mill_fail(&reason, MILL_E_INVALID, "it is another document");
    if (st == MILL_E_INVALID)
        return mill_fail(err, MILL_E_IO,
                         "the listing of s3://%.*s cannot be understood: %.200s. Is this the "
                         "address of an S3 service?",
                         MILL_FMT(l->files->bucket), reason.message);
    return st == MILL_OK ? MILL_OK : mill_no_memory(err);
}

/* Whether another page follows, whose token replaces the one of this page. */
static enum mill_status go_on(const struct listing *l, const struct mill_s3_answer *answer,
                              int page_count, struct mill_buf *token, bool *more_out,
                              struct mill_error *err)
{
    *more_out = answer->truncated && answer->next_token.len > 0;
    bool again = page_count > 0 && mill_view_eq(answer->next_token, mill_buf_view(token));
    if (*more_out && (again || page_count == MAX_PAGES))
        return mill_fail(err, MILL_E_IO, "the listing of s3://%.*s does not end",
                         MILL_FMT(l->files->bucket));
    token->len = 0;
    mill_buf_add_view(token, answer->next_token);
    return token->failed ? mill_no_memory(err) : MILL_OK;
}

/* Takes all pages. */
static enum mill_status list_pages(struct listing *l, struct mill_error *err)
{
    struct mill_buf query = {0}, body = {0}, token = {0};
    enum mill_status st = MILL_OK;
    bool more = true;
    for (int page_count = 0; st == MILL_OK && more; page_count++) {
        struct mill_arena page = {0};
        struct mill_s3_answer answer;
        struct mill_view from = mill_buf_view(&token);
        if (page_count == 0)
            from.ptr = NULL;
        if (!make_query(&query, l->prefix, from))
            st = mill_no_memory(err);
        if (st == MILL_OK)
            st = ask_page(l, &query, &body, &page, &answer, err);
        for (size_t i = 0; st == MILL_OK && i < answer.entry_count; i++)
            st = take_entry(l, &answer.entries[i], answer.url_encoded, err);
        if (st == MILL_OK)
            st = go_on(l, &answer, page_count, &token, &more, err);
        mill_arena_release(&page);
    }
    mill_buf_release(&query);
    mill_buf_release(&body);
    mill_buf_release(&token);
    return st;
}

static int by_name(const void *left, const void *right)
{
    const struct mill_file_info *a = left, *b = right;
    return mill_view_cmp(a->path, b->path);
}

static enum mill_status s3_list(struct mill_files *base, struct mill_view path,
                                struct mill_arena *arena, const struct mill_file_info **out,
                                size_t *count_out, struct mill_error *err)
{
    struct mill_s3_files *files = (struct mill_s3_files *)base;
    struct listing l = {
        .files = files, .arena = arena, .infos = {.size = sizeof(struct mill_file_info)}};
    struct mill_view key = mill_s3_key(files, path, arena);
    l.prefix = mill_arena_printf(arena, "%.*s%s", MILL_FMT(key), key.len > 0 ? "/" : "");
    if (key.ptr == NULL || l.prefix.ptr == NULL)
        return mill_no_memory(err);
    enum mill_status st = list_pages(&l, err);
    if (st == MILL_OK && l.infos.count > 0) {
        struct mill_file_info *infos = mill_arena_zero(arena, l.infos.count, sizeof(*infos));
        if (infos == NULL) {
            st = mill_no_memory(err);
        } else {
            memcpy(infos, l.infos.items, l.infos.count * sizeof(*infos));
            qsort(infos, l.infos.count, sizeof(*infos), by_name);
            *out = infos;
        }
    }
    if (st == MILL_OK)
        *count_out = l.infos.count;
    mill_free(l.infos.items);
    return st;
}

/* --- opening ----------------------------------------------------------------------------- */

static void s3_close(struct mill_files *base)
{
    struct mill_s3_files *files = (struct mill_s3_files *)base;
    mill_arena_release(&files->arena);
    mill_free(files);
}

static const struct mill_files_ops s3_ops = {
    .list = s3_list,
    .put = mill_s3_put,
    .get = mill_s3_get,
    .close = s3_close,
};

/* Takes "//BUCKET/PREFIX" apart, the rest of a URI behind its scheme. */
static enum mill_status split_location(struct mill_s3_files *files, struct mill_view rest,
                                       struct mill_error *err)
{
    struct mill_view location;
    mill_view_cut(rest, '?', &location); /* a query is for whoever made the URI */
    struct mill_view below = mill_view_cut(mill_view_from(location, 2), '/', &files->bucket);
    if (!mill_view_starts(location, MILL_VIEW("//")) || files->bucket.len == 0)
        return mill_fail(
            err, MILL_E_INVALID,
            "the location 's3:%.*s' names no bucket: it is written s3://BUCKET/PATH",
            MILL_FMT(rest));
    if (mill_path_has_dots(below))
        return mill_fail(err, MILL_E_INVALID, "the location 's3:%.*s' has a '.' or '..' in it",
                         MILL_FMT(rest));
    files->below = mill_path_without_slashes(below);
    return MILL_OK;
}

enum mill_status mill_files_open_s3(struct mill_s3 *s3, struct mill_view rest,
                                    struct mill_files **out, struct mill_error *err)
{
    const struct mill_s3_config *config = mill_s3_config(s3);
    struct mill_s3_files *files = mill_alloc_zero(1, sizeof(*files));
    if (files == NULL)
        return mill_no_memory(err);
    files->base.ops = &s3_ops;
    files->base.split_bytes = config->upload_least_bytes < config->download_part_bytes
                                  ? config->upload_least_bytes
                                  : config->download_part_bytes;
    files->s3 = s3;
    struct mill_view copy = mill_arena_copy(&files->arena, rest);
    enum mill_status st =
        copy.ptr == NULL ? mill_no_memory(err) : split_location(files, copy, err);
    if (st != MILL_OK) {
        s3_close(&files->base);
        return st;
    }
    *out = &files->base;
    return MILL_OK;
}
