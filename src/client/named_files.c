/* named_files.c - see named_files.h. */
#include "client/named_files.h"

#include <string.h>

#include "artifact/path.h"
#include "base/view.h"

#define MODEL_ID_LENGTH 34 /* "m-" and 32 hexadecimal digits */

static struct mill_view without_slashes_behind(struct mill_view text)
{
    while (text.len > 0 && text.ptr[text.len - 1] == '/')
        text.len--;
    return text;
}

/* Whether text begins with the scheme; *rest_out is what follows the one slash behind it. */
static bool has_scheme(struct mill_view text, struct mill_view scheme,
                       struct mill_view *rest_out)
{
    if (!mill_view_starts(text, scheme))
        return false;
    *rest_out = mill_view_from(text, scheme.len);
    return true;
}

static bool is_model_id(struct mill_view text)
{
    if (text.len != MODEL_ID_LENGTH || !mill_view_starts(text, MILL_VIEW("m-")))
        return false;
    for (size_t i = 2; i < text.len; i++)
        if (strchr("0123456789abcdef", text.ptr[i]) == NULL || text.ptr[i] == '\0')
            return false;
    return true;
}

static bool is_number(struct mill_view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len > 0;
}

static enum mill_status not_proper(struct mill_view uri, const char *what,
                                   struct mill_error *err)
{
    return mill_fail(err, MILL_E_INVALID,
                     "uri '%.*s' %s; it is like runs:/RUN_ID/PATH, models:/MODEL_ID, "
                     "models:/NAME/VERSION or models:/NAME@ALIAS",
                     MILL_FMT(mill_utf8_prefix(uri, 200)), what);
}

/* What stands behind the name of a registered model: a version, "latest" or a stage. */
static enum mill_status read_suffix(struct mill_view uri, struct mill_view suffix,
                                    struct mill_named_files *out, struct mill_error *err)
{
    if (is_number(suffix)) {
        out->kind = MILL_NAMED_VERSION;
        if (!mill_view_int(suffix, &out->version) || out->version < 1)
            return not_proper(uri, "has no version that can be: they are 1 or more", err);
        return MILL_OK;
    }
    if (mill_view_eq_nocase(suffix, MILL_VIEW("latest"))) {
        out->kind = MILL_NAMED_ALIAS;
        out->alias = MILL_VIEW("latest");
        return MILL_OK;
    }
    out->kind = MILL_NAMED_STAGE;
    out->stage = mill_stage_from_name(suffix);
    if (out->stage == 0)
        return not_proper(uri, "has neither a version nor \"latest\" nor a stage", err);
    return MILL_OK;
}

static enum mill_status read_alias(struct mill_view uri, struct mill_view first,
                                   struct mill_named_files *out, struct mill_error *err)
{
    const char *at = memrchr(first.ptr, '@', first.len);
    size_t name_len = (size_t)(at - first.ptr);
    out->kind = MILL_NAMED_ALIAS;
    out->owner = (struct mill_view){first.ptr, name_len};
    out->alias = mill_view_from(first, name_len + 1);
    if (out->owner.len == 0 || out->alias.len == 0)
        return not_proper(uri, "lacks a name or an alias", err);
    return MILL_OK;
}

static enum mill_status read_model(struct mill_view uri, struct mill_view rest,
                                   struct mill_named_files *out, struct mill_error *err)
{
    struct mill_view first, suffix;
    struct mill_view behind = mill_view_cut(rest, '/', &first);
    if (first.len == 0)
        return not_proper(uri, "names no model", err);
    if (memchr(first.ptr, '@', first.len) != NULL) {
        out->path = behind;
        return read_alias(uri, first, out, err);
    }
    out->owner = first;
    if (is_model_id(first) || behind.len == 0) {
        out->kind = MILL_NAMED_LOGGED_MODEL;
        out->path = behind;
        return MILL_OK;
    }
    out->path = mill_view_cut(behind, '/', &suffix);
    return read_suffix(uri, suffix, out, err);
}

/* Where the path of a location begins: behind "SCHEME:" or "SCHEME://". */
static size_t scheme_length(struct mill_view uri)
{
    struct mill_view scheme;
    if (!mill_artifact_has_scheme(uri))
        return 0;
    struct mill_view rest = mill_view_cut(uri, ':', &scheme);
    return scheme.len + 1 + (mill_view_starts(rest, MILL_VIEW("//")) ? 2 : 0);
}

/* A location whose last part is the path; one that has no parts, or a slash at its end, is a
 * root itself. */
static void read_place(struct mill_view uri, struct mill_named_files *out)
{
    size_t start = scheme_length(uri);
    const char *slash = memrchr(uri.ptr + start, '/', uri.len - start);
    struct mill_view bare = without_slashes_behind(uri);
    out->kind = MILL_NAMED_PLACE;
    if (bare.len < uri.len) {
        bool is_top = bare.len == 0 || mill_view_ends(bare, MILL_VIEW(":"));
        out->owner = is_top ? uri : bare; /* "/", "dbfs:/" and "file:///" keep theirs */
    } else if (slash != NULL) {
        size_t root_len = (size_t)(slash - uri.ptr);
        out->path = mill_view_from(uri, root_len + 1);
        /* "/", "dbfs:/" and "file:///" keep their slash */
        out->owner = (struct mill_view){uri.ptr, root_len == start ? root_len + 1 : root_len};
    } else if (start > 0) {
        out->owner = uri;
    } else {
        out->owner = MILL_VIEW(".");
        out->path = uri;
    }
}

enum mill_status mill_named_files_parse(struct mill_view uri, struct mill_named_files *out,
                                        struct mill_error *err)
{
    struct mill_view rest, text = without_slashes_behind(uri);
    *out = (struct mill_named_files){.path = MILL_VIEW("")};
    if (text.len == 0)
        text = uri;
    if (has_scheme(text, MILL_VIEW("runs:/"), &rest)) {
        out->kind = MILL_NAMED_RUN;
        out->path = mill_view_cut(rest, '/', &out->owner);
        return out->owner.len > 0 ? MILL_OK : not_proper(uri, "names no run", err);
    }
    if (has_scheme(text, MILL_VIEW("models:/"), &rest))
        return read_model(uri, rest, out, err);
    if (mill_view_starts(text, MILL_VIEW("runs:")) ||
        mill_view_starts(text, MILL_VIEW("models:")))
        return not_proper(uri, "names nothing behind its scheme", err);
    read_place(uri, out);
    return MILL_OK;
}
