/* model_source.c - see model_source.h. Whoever may name any place as a source could read it
 * through the server: hence the insistence on a run or model that owns the place. */
#include "store/model_source.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/codec.h"
#include "model/registry.h"

/* How often a source may be percent-encoded before it is refused for that alone. */
#define MAX_DECODINGS 10

/* Parts of a URI; scheme is empty for a path. */
struct uri {
    struct mill_view scheme, authority, path;
    bool has_authority;
};

/* What the source has to lie in, and the run that made it. */
struct owner {
    const char *field; /* of the request */
    struct mill_view id;
    struct mill_view artifact_uri;
    struct mill_view run_id; /* of a logged model; absent: none */
};

static enum mill_status refuse(struct mill_view source, const char *why, struct mill_error *err)
{
    return mill_fail(err, MILL_E_INVALID, "source '%.*s' %s",
                     MILL_FMT(mill_utf8_prefix(source, 200)), why);
}

static bool is_scheme(const struct uri *uri, const char *scheme)
{
    return mill_view_eq_nocase(uri->scheme, mill_view_of(scheme));
}

/* Without query and fragment. */
static struct uri split(struct mill_view text)
{
    struct uri uri = {.path = text};
    struct mill_view head;
    struct mill_view rest = mill_view_cut(text, ':', &head);
    if (rest.ptr != NULL && head.len > 0 && memchr(head.ptr, '/', head.len) == NULL) {
        uri.scheme = head;
        uri.path = rest;
    }
    if (mill_view_starts(uri.path, MILL_VIEW("//"))) {
        size_t end = 2;
        while (end < uri.path.len && strchr("/?#", uri.path.ptr[end]) == NULL)
            end++;
        uri.authority = (struct mill_view){uri.path.ptr + 2, end - 2};
        uri.has_authority = uri.authority.len > 0;
        uri.path = mill_view_from(uri.path, end);
    }
    if (uri.scheme.len > 0) {
        mill_view_cut(uri.path, '?', &uri.path);
        mill_view_cut(uri.path, '#', &uri.path);
    }
    return uri;
}

/* Percent-decodes until it no longer changes; ptr NULL when out of memory or without end. */
static struct mill_view decode(struct mill_view text, bool plus_is_space,
                               struct mill_arena *arena)
{
    for (int i = 0; i < MAX_DECODINGS; i++) {
        struct mill_view decoded = mill_percent_decode(text, plus_is_space, arena);
        if (decoded.ptr == NULL || mill_view_eq(decoded, text))
            return decoded;
        text = decoded;
    }
    return (struct mill_view){NULL, 0};
}

/* --- local paths --- */

static bool is_local(const struct uri *uri)
{
    return uri->scheme.len == 0 || is_scheme(uri, "file");
}

static bool is_this_host(struct mill_view host)
{
    return host.len == 0 || mill_view_starts(host, MILL_VIEW("localhost")) ||
           mill_view_starts(host, MILL_VIEW("127.0.0.1"));
}

static bool has_parent_segment(struct mill_view path)
{
    struct mill_view segment;
    while (path.ptr != NULL) {
        path = mill_view_cut(path, '/', &segment);
        if (mill_view_eq(segment, MILL_VIEW("..")))
            return true;
    }
    return false;
}

/* The path with symbolic links followed, as far as it is there; false when what is not there
 * leads upwards or the path is too long. */
static bool real_path(struct mill_view path, char out[PATH_MAX])
{
    char existing[PATH_MAX];
    if (path.len >= sizeof(existing) || memchr(path.ptr, '\0', path.len) != NULL)
        return false;
    size_t end = path.len;
    for (;;) {
        snprintf(existing, sizeof(existing), "%.*s", (int)end, path.ptr);
        if (realpath(end > 0 ? existing : ".", out) != NULL)
            break;
        if (end == 0)
            return false;
        while (end > 0 && path.ptr[end - 1] == '/')
            end--;
        while (end > 0 && path.ptr[end - 1] != '/')
            end--;
    }
    struct mill_view rest = mill_view_from(path, end);
    size_t len = strlen(out);
    while (rest.len > 0 && rest.ptr[rest.len - 1] == '/')
        rest.len--;
    if (rest.len == 0)
        return true;
    if (has_parent_segment(rest) || len + 1 + rest.len >= PATH_MAX)
        return false;
    snprintf(out + len, PATH_MAX - len, "%s%.*s", len > 1 ? "/" : "", MILL_FMT(rest));
    return true;
}

static bool local_path(struct mill_view text, struct mill_arena *arena, char out[PATH_MAX])
{
    struct uri uri = split(text);
    if (!is_local(&uri) || !is_this_host(uri.authority))
        return false;
    struct mill_view path = text;
    if (uri.scheme.len > 0)
        path = mill_percent_decode(uri.path, false, arena);
    return path.ptr != NULL && path.len > 0 && real_path(path, out);
}

/* Whether a path lies in, or is, the directory of its owner. */
static bool is_in_directory(struct mill_view source, const struct owner *owner,
                            struct mill_arena *arena)
{
    char path[PATH_MAX], directory[PATH_MAX];
    if (!local_path(source, arena, path) || !local_path(owner->artifact_uri, arena, directory))
        return false;
    size_t len = strlen(directory);
    return strncmp(path, directory, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* --- places behind a server --- */

static bool is_proxied(const struct uri *uri)
{
    static const char route[] = "/api/2.0/mlflow-artifacts/artifacts";
    if (is_scheme(uri, "mlflow-artifacts"))
        return true;
    return (is_scheme(uri, "http") || is_scheme(uri, "https")) && uri->path.len > 0 &&
           memmem(uri->path.ptr, uri->path.len, route, sizeof(route) - 1) != NULL;
}

/* The next segment of a path that is not empty, decoded; ptr NULL at the end. */
static struct mill_view next_segment(struct mill_view *path, struct mill_arena *arena)
{
    struct mill_view segment = {NULL, 0};
    while (path->ptr != NULL && segment.len == 0)
        *path = mill_view_cut(*path, '/', &segment);
    return segment.len > 0 ? decode(segment, false, arena) : (struct mill_view){NULL, 0};
}

static bool is_below(struct mill_view source, struct mill_view root, struct mill_arena *arena)
{
    struct uri a = split(source), b = split(root);
    if (!mill_view_eq_nocase(a.scheme, b.scheme) ||
        !mill_view_eq_nocase(a.authority, b.authority))
        return false;
    size_t count = 0;
    for (;; count++) {
        struct mill_view wanted = next_segment(&b.path, arena);
        if (wanted.ptr == NULL)
            return count > 0;
        struct mill_view segment = next_segment(&a.path, arena);
        if (segment.ptr == NULL || !mill_view_eq(segment, wanted))
            return false;
    }
}

/* A path that a store of files could be led astray by: relative, or with '.' or '..' parts. */
static enum mill_status check_plain(struct mill_view source, struct mill_arena *arena,
                                    struct mill_error *err)
{
    struct mill_view decoded = decode(source, true, arena);
    if (decoded.ptr == NULL)
        return refuse(source, "is encoded too often", err);
    struct mill_view path = split(decoded).path, segment;
    while (path.len > 0 && path.ptr[path.len - 1] == '/')
        path.len--;
    bool plain = path.len > 0 && path.ptr[0] == '/' &&
                 memchr(decoded.ptr, '\0', decoded.len) == NULL && !has_parent_segment(decoded);
    for (struct mill_view rest = path; plain && rest.ptr != NULL;) {
        rest = mill_view_cut(rest, '/', &segment);
        plain = !mill_view_eq(segment, MILL_VIEW("."));
    }
    return plain ? MILL_OK
                 : refuse(source,
                          "must be an absolute path in its storage, without '.' and "
                          "'..' parts",
                          err);
}

/* --- owners --- */

static enum mill_status find_run(struct mill_store *store, struct mill_view run_id,
                                 struct mill_arena *arena, struct owner *out,
                                 struct mill_error *err)
{
    struct mill_run_page page = {0};
    enum mill_status st = mill_store_get_run(store, run_id, &page, err);
    if (st != MILL_OK)
        return st;
    *out = (struct owner){
        "run_id", run_id, mill_arena_copy(arena, page.runs[0]->info.artifact_uri), {NULL, 0}};
    mill_run_page_release(&page);
    return out->artifact_uri.ptr != NULL ? MILL_OK : mill_no_memory(err);
}

static enum mill_status find_logged_model(struct mill_store *store, struct mill_view model_id,
                                          struct mill_arena *arena, struct owner *out,
                                          struct mill_error *err)
{
    struct mill_logged_model model;
    enum mill_status st =
        mill_store_get_logged_model(store, model_id, false, arena, &model, err);
    if (st != MILL_OK)
        return st;
    *out = (struct owner){"model_id", model_id, model.artifact_uri, {NULL, 0}};
    if (model.source_run_id.len > 0)
        out->run_id = model.source_run_id;
    return MILL_OK;
}

/* The run or logged model that the request names; id stays empty when it names none. */
static enum mill_status find_owner(struct mill_store *store, const struct mill_change *c,
                                   struct mill_arena *arena, struct owner *out,
                                   struct mill_error *err)
{
    if (c->as.model_version.model_id.len > 0)
        return find_logged_model(store, c->as.model_version.model_id, arena, out, err);
    if (c->as.model_version.run_id.len > 0)
        return find_run(store, c->as.model_version.run_id, arena, out, err);
    *out = (struct owner){.field = "run_id"};
    return MILL_OK;
}

static enum mill_status not_owned(struct mill_view source, const struct owner *owner,
                                  struct mill_error *err)
{
    return mill_fail(
        err, MILL_E_INVALID,
        "source '%.*s' is not inside the artifacts of the run or logged model that "
        "%s names",
        MILL_FMT(mill_utf8_prefix(source, 200)), owner->field);
}

/* --- sources --- */

static enum mill_status take_runs_uri(struct mill_change *c, const struct uri *uri,
                                      struct mill_error *err)
{
    struct mill_view source = c->as.model_version.source, run_id;
    mill_view_cut(mill_view_from(uri->path, 1), '/', &run_id);
    if (uri->has_authority || !mill_view_starts(uri->path, MILL_VIEW("/")) || run_id.len == 0 ||
        c->as.model_version.model_id.len > 0 ||
        !mill_view_eq(run_id, c->as.model_version.run_id))
        return refuse(source, "must name the run that run_id names", err);
    c->as.model_version.storage_location = source;
    return MILL_OK;
}

/* Any place for files but the references models: and runs:. */
static enum mill_status take_place(struct mill_store *store, struct mill_change *c,
                                   const struct uri *uri, struct mill_arena *arena,
                                   struct mill_error *err)
{
    struct mill_view source = c->as.model_version.source;
    bool local = is_local(uri), proxied = is_proxied(uri);
    struct owner owner = {.field = "run_id"};
    enum mill_status st = MILL_OK;
    if (local || proxied || c->as.model_version.model_id.len > 0)
        st = find_owner(store, c, arena, &owner, err);
    if (st == MILL_E_NOT_FOUND && (local || proxied))
        return refuse(source, "needs the run_id or model_id of what it belongs to", err);
    if (st != MILL_OK)
        return st;
    if ((local && (owner.id.len == 0 || !is_in_directory(source, &owner, arena))) ||
        (proxied && (owner.id.len == 0 || !is_below(source, owner.artifact_uri, arena))))
        return not_owned(source, &owner, err);
    c->as.model_version.storage_location = source;
    if (c->as.model_version.run_id.len == 0 && owner.run_id.ptr != NULL)
        c->as.model_version.run_id = owner.run_id;
    return MILL_OK;
}

/* models:/m-ID */
static enum mill_status take_logged_model(struct mill_store *store, struct mill_change *c,
                                          struct mill_view id, struct mill_arena *arena,
                                          struct mill_error *err)
{
    struct mill_view source = c->as.model_version.source;
    struct owner owner;
    if (!mill_view_eq(id, c->as.model_version.model_id))
        return refuse(source, "must name the logged model that model_id names", err);
    enum mill_status st = find_logged_model(store, id, arena, &owner, err);
    if (st != MILL_OK)
        return st;
    c->as.model_version.storage_location = owner.artifact_uri;
    if (c->as.model_version.run_id.len == 0 && owner.run_id.ptr != NULL)
        c->as.model_version.run_id = owner.run_id;
    return MILL_OK;
}

/* The version that VERSION, STAGE or latest means. */
static enum mill_status find_suffix(const struct mill_registered_model *model,
                                    struct mill_view suffix, struct mill_version_ref *ref,
                                    struct mill_error *err)
{
    enum mill_stage stage = mill_stage_from_name(suffix);
    if (mill_view_int(suffix, &ref->version) && ref->version > 0)
        return MILL_OK;
    if (mill_view_eq_nocase(suffix, MILL_VIEW("latest"))) {
        ref->alias = suffix;
        return MILL_OK;
    }
    if (stage == 0)
        return mill_fail(err, MILL_E_INVALID,
                         "'%.*s' is no version, stage or 'latest' of a model",
                         MILL_FMT(suffix));
    for (size_t i = 0; i < model->latest_version_count; i++) {
        if (model->latest_versions[i].current_stage == stage) {
            ref->version = model->latest_versions[i].version;
            return MILL_OK;
        }
    }
    return mill_fail(err, MILL_E_NOT_FOUND,
                     "registered model '%.*s' has no version in stage %s",
                     MILL_FMT(model->name), mill_stage_name(stage));
}

/* What was said about the version must be what the version that it comes from says. */
static enum mill_status take_version(struct mill_store *store, struct mill_change *c,
                                     struct mill_version_ref *ref, struct mill_view suffix,
                                     struct mill_arena *arena, struct mill_error *err)
{
    struct mill_view source = c->as.model_version.source, location;
    struct mill_registered_model model;
    struct mill_model_version version;
    enum mill_status st = mill_store_get_model(store, ref->name, arena, &model, err);
    if (st == MILL_OK && mill_is_prompt(model.tags, model.tag_count))
        return refuse(source, "is a prompt, which no model can come from", err);
    if (st == MILL_OK && suffix.ptr != NULL)
        st = find_suffix(&model, suffix, ref, err);
    if (st == MILL_OK)
        st = mill_store_get_model_version(store, ref, arena, &version, &location, err);
    if (st != MILL_OK)
        return st;
    if (c->as.model_version.model_id.len > 0 ||
        (c->as.model_version.run_id.ptr != NULL &&
         !mill_view_eq(c->as.model_version.run_id, version.run_id)))
        return refuse(source, "does not have the run_id and model_id that are given", err);
    c->as.model_version.source = mill_arena_printf(
        arena, "models:/%.*s/%lld", MILL_FMT(ref->name), (long long)version.version);
    c->as.model_version.storage_location = location;
    c->as.model_version.run_id = version.run_id;
    return c->as.model_version.source.ptr != NULL ? MILL_OK : mill_no_memory(err);
}

/* models:/NAME/SUFFIX, models:/NAME@ALIAS or models:/m-ID */
static enum mill_status take_models_uri(struct mill_store *store, struct mill_change *c,
                                        const struct uri *uri, struct mill_arena *arena,
                                        struct mill_error *err)
{
    struct mill_version_ref ref = {.version = MILL_ABSENT};
    struct mill_view rest, suffix;
    suffix = mill_view_cut(mill_view_from(uri->path, 1), '/', &ref.name);
    bool good = !uri->has_authority && uri->path.len > 1 && uri->path.ptr[0] == '/' &&
                mill_view_trim(ref.name).len > 0;
    if (suffix.ptr != NULL)
        good = good && mill_view_trim(suffix).len > 0 &&
               memchr(suffix.ptr, '/', suffix.len) == NULL;
    if (!good)
        return refuse(c->as.model_version.source,
                      "must be models:/NAME/VERSION, models:/NAME@ALIAS or models:/MODEL_ID",
                      err);
    if (suffix.ptr != NULL)
        return take_version(store, c, &ref, suffix, arena, err);
    const char *at = memrchr(ref.name.ptr, '@', ref.name.len);
    if (at == NULL)
        return take_logged_model(store, c, ref.name, arena, err);
    rest = mill_view_from(ref.name, (size_t)(at - ref.name.ptr));
    ref.alias = mill_view_from(rest, 1);
    ref.name.len -= rest.len;
    return take_version(store, c, &ref, (struct mill_view){NULL, 0}, arena, err);
}

/* What clients send where a prompt has no files. */
static enum mill_status take_prompt(struct mill_change *c, struct mill_error *err)
{
    struct mill_view source = c->as.model_version.source;
    c->as.model_version.storage_location = source;
    if (mill_view_eq(source, MILL_VIEW("dummy-source")) ||
        mill_view_eq(source, MILL_VIEW("prompt-template")))
        return MILL_OK;
    return refuse(source, "is not that of a prompt; send dummy-source", err);
}

enum mill_status mill_store_resolve_source(struct mill_store *store, struct mill_change *change,
                                           struct mill_arena *arena, struct mill_error *err)
{
    struct uri uri = split(change->as.model_version.source);
    if (mill_is_prompt(change->as.model_version.tags, change->as.model_version.tag_count))
        return take_prompt(change, err);
    if (is_local(&uri) && !is_this_host(uri.authority))
        return refuse(change->as.model_version.source, "is on another host", err);
    enum mill_status st = MILL_OK;
    if (!is_local(&uri))
        st = check_plain(change->as.model_version.source, arena, err);
    if (st != MILL_OK)
        return st;
    if (is_scheme(&uri, "models"))
        return take_models_uri(store, change, &uri, arena, err);
    if (is_scheme(&uri, "runs"))
        return take_runs_uri(change, &uri, err);
    return take_place(store, change, &uri, arena, err);
}
