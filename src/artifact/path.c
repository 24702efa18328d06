/* path.c - see path.h. */
#include "artifact/path.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/codec.h"
#include "model/limits.h"

#define MAX_DECODE_ROUNDS 10
#define SHOWN_BYTES       120 /* of a refused path, in a message */

static enum mill_status refuse(struct mill_view path, const char *why, struct mill_error *err)
{
    return mill_fail(err, MILL_E_INVALID,
                     "Invalid path '%.*s': %s. Use a relative path such as 'models/model.pkl'",
                     MILL_FMT(mill_utf8_prefix(path, SHOWN_BYTES)), why);
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Nested encodings ("%252e%252e") would otherwise pass here and be decoded further on. */
static enum mill_status decode(struct mill_view *path, struct mill_arena *arena,
                               struct mill_error *err)
{
    for (int round = 0; round < MAX_DECODE_ROUNDS; round++) {
        struct mill_view decoded = mill_percent_decode(*path, false, arena);

        if (decoded.ptr == NULL)
            return mill_no_memory(err);
        /* Every decoded escape makes the text shorter. */
        if (decoded.len == path->len)
            return MILL_OK;
        *path = decoded;
    }
    return refuse(*path, "it is percent-encoded more than 10 times", err);
}

static enum mill_status escape_controls(struct mill_view *path, struct mill_arena *arena,
                                        struct mill_error *err)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t controls = 0;

    for (size_t i = 0; i < path->len; i++)
        controls += is_control(path->ptr[i]);
    if (controls == 0)
        return MILL_OK;

    char *out = mill_arena_alloc(arena, path->len + 2 * controls + 1);
    if (out == NULL)
        return mill_no_memory(err);
    size_t n = 0;
    for (size_t i = 0; i < path->len; i++) {
        char c = path->ptr[i];

        if (is_control(c)) {
            out[n++] = '%';
            out[n++] = digits[(unsigned char)c >> 4];
            out[n++] = digits[(unsigned char)c & 15];
        } else {
            out[n++] = c;
        }
    }
    out[n] = '\0';
    *path = (struct mill_view){out, n};
    return MILL_OK;
}

/* A backslash separates on Windows, where a client may store what it downloads. */
static bool climbs(struct mill_view path)
{
    size_t start = 0;

    for (size_t i = 0; i <= path.len; i++) {
        if (i < path.len && path.ptr[i] != '/' && path.ptr[i] != '\\')
            continue;
        if (i - start == 2 && path.ptr[start] == '.' && path.ptr[start + 1] == '.')
            return true;
        start = i + 1;
    }
    return false;
}

static bool is_windows_absolute(struct mill_view path)
{
    if (mill_view_starts(path, MILL_VIEW("\\\\")))
        return true;
    return path.len >= 3 && is_letter(path.ptr[0]) && path.ptr[1] == ':' &&
           (path.ptr[2] == '\\' || path.ptr[2] == '/');
}

static bool is_file_uri(struct mill_view path)
{
    struct mill_view head = {path.ptr, path.len < 5 ? path.len : 5};

    return mill_view_eq_nocase(head, MILL_VIEW("file:"));
}

static const char *segment_fault(struct mill_view segment)
{
    if (segment.len > MILL_MAX_ARTIFACT_NAME_BYTES)
        return "a name in it is longer than 255 bytes";
    if (mill_view_starts(segment, MILL_VIEW(MILL_UPLOAD_PREFIX)))
        return "names that begin with '" MILL_UPLOAD_PREFIX "' are used for unfinished uploads";
    return NULL;
}

/* Joins the segments that name something; a leading slash is kept. */
static enum mill_status normalize(struct mill_view path, struct mill_arena *arena,
                                  struct mill_view *out, struct mill_error *err)
{
    char *text = mill_arena_alloc(arena, path.len + 2);
    struct mill_view rest = path;
    size_t depth = 0;
    size_t n = 0;

    if (text == NULL)
        return mill_no_memory(err);
    if (mill_view_starts(path, MILL_VIEW("/")))
        text[n++] = '/';
    while (rest.ptr != NULL) {
        struct mill_view segment;
        const char *fault;

        rest = mill_view_cut(rest, '/', &segment);
        if (segment.len == 0 || mill_view_eq(segment, MILL_VIEW(".")))
            continue;
        fault = segment_fault(segment);
        if (fault != NULL)
            return refuse(path, fault, err);
        if (++depth > MILL_MAX_ARTIFACT_DEPTH)
            return refuse(path, "it has more than 128 segments", err);
        if (n > 0 && text[n - 1] != '/')
            text[n++] = '/';
        memcpy(text + n, segment.ptr, segment.len);
        n += segment.len;
    }
    text[n] = '\0';
    if (n > MILL_MAX_ARTIFACT_PATH_BYTES)
        return refuse(path, "it is longer than 3072 bytes", err);
    *out = (struct mill_view){text, n};
    return MILL_OK;
}

static bool names_directory(struct mill_view path)
{
    return mill_view_ends(path, MILL_VIEW("/")) || mill_view_ends(path, MILL_VIEW("/.")) ||
           mill_view_eq(path, MILL_VIEW("."));
}

enum mill_status mill_artifact_path_check(struct mill_view path,
                                          enum mill_artifact_path_use use,
                                          struct mill_arena *arena, struct mill_view *out,
                                          struct mill_error *err)
{
    enum mill_status st;

    if (path.ptr == NULL)
        path = MILL_VIEW("");
    if (path.len > 3 * MILL_MAX_ARTIFACT_PATH_BYTES)
        return refuse(path, "it is longer than 3072 bytes", err);
    if ((st = decode(&path, arena, err)) != MILL_OK)
        return st;
    if (!mill_utf8_valid(path))
        return refuse(MILL_VIEW("..."), "it is not UTF-8", err);
    if ((st = escape_controls(&path, arena, err)) != MILL_OK)
        return st;
    if (memchr(path.ptr, '#', path.len) != NULL)
        return refuse(path, "it has a '#'", err);
    if (climbs(path))
        return refuse(path, "it has a '..' segment", err);
    if (mill_view_starts(path, MILL_VIEW("/")) || is_windows_absolute(path) ||
        is_file_uri(path))
        return refuse(path, "it is absolute", err);
    if (use == MILL_PATH_FILE && names_directory(path))
        return refuse(path, "it names a directory where a file is expected", err);

    struct mill_view normal;
    if ((st = normalize(path, arena, &normal, err)) != MILL_OK)
        return st;
    if (use != MILL_PATH_ANY && normal.len == 0)
        return refuse(path, "it is empty", err);
    *out = normal;
    return MILL_OK;
}

/* The length of "scheme" in "scheme:...", or 0. One letter is a Windows drive. */
static size_t scheme_length(struct mill_view uri)
{
    size_t n = 0;

    while (n < uri.len &&
           (is_letter(uri.ptr[n]) ||
            (n > 0 && uri.ptr[n] != '\0' && strchr("0123456789+.-", uri.ptr[n]) != NULL)))
        n++;
    return n > 1 && n < uri.len && uri.ptr[n] == ':' ? n : 0;
}

bool mill_artifact_has_scheme(struct mill_view text)
{
    return scheme_length(text) > 0;
}

/* Cuts "//HOST" from the front of what follows a scheme; *host_out is absent without one. */
static struct mill_view after_host(struct mill_view rest, struct mill_view *host_out)
{
    size_t i = 2;

    *host_out = (struct mill_view){NULL, 0};
    if (!mill_view_starts(rest, MILL_VIEW("//")))
        return rest;
    while (i < rest.len && rest.ptr[i] != '/')
        i++;
    *host_out = (struct mill_view){rest.ptr + 2, i - 2};
    return mill_view_from(rest, i);
}

static enum mill_status proxied(struct mill_view path, struct mill_arena *arena,
                                struct mill_artifact_uri *out, struct mill_error *err)
{
    while (mill_view_starts(path, MILL_VIEW("/")))
        path = mill_view_from(path, 1);

    struct mill_view normal;
    enum mill_status st = mill_artifact_path_check(path, MILL_PATH_ANY, arena, &normal, err);
    if (st == MILL_OK)
        *out = (struct mill_artifact_uri){MILL_URI_PROXIED, normal};
    return st;
}

static enum mill_status over_http(struct mill_view rest, struct mill_arena *arena,
                                  struct mill_artifact_uri *out, struct mill_error *err)
{
    static const char marker[] = "/mlflow-artifacts/artifacts";
    const char *at = memmem(rest.ptr, rest.len, marker, sizeof(marker) - 1);
    struct mill_view path;

    if (at != NULL) {
        path = mill_view_from(rest, (size_t)(at - rest.ptr) + sizeof(marker) - 1);
        if (path.len == 0 || path.ptr[0] == '/')
            return proxied(path, arena, out, err);
    }
    *out = (struct mill_artifact_uri){MILL_URI_REMOTE, {NULL, 0}};
    return MILL_OK;
}

static enum mill_status local(struct mill_view path, struct mill_arena *arena,
                              struct mill_artifact_uri *out, struct mill_error *err)
{
    struct mill_view normal;
    enum mill_status st;

    if (path.len == 0)
        return refuse(path, "it is empty", err);
    if (path.len > 3 * MILL_MAX_ARTIFACT_PATH_BYTES)
        return refuse(path, "it is longer than 3072 bytes", err);
    if (climbs(path))
        return refuse(path, "it has a '..' segment", err);
    if (!mill_utf8_valid(path) || memchr(path.ptr, '\0', path.len) != NULL)
        return refuse(MILL_VIEW("..."), "it is not UTF-8 without NUL bytes", err);
    if ((st = normalize(path, arena, &normal, err)) == MILL_OK)
        *out = (struct mill_artifact_uri){MILL_URI_LOCAL, normal};
    return st;
}

static enum mill_status file_uri(struct mill_view rest, struct mill_arena *arena,
                                 struct mill_artifact_uri *out, struct mill_error *err)
{
    struct mill_view host;
    struct mill_view path = after_host(rest, &host);

    if (host.len > 0 && !mill_view_eq_nocase(host, MILL_VIEW("localhost"))) {
        *out = (struct mill_artifact_uri){MILL_URI_REMOTE, {NULL, 0}};
        return MILL_OK;
    }
    path = mill_percent_decode(path, false, arena);
    if (path.ptr == NULL)
        return mill_no_memory(err);
    return local(path, arena, out, err);
}

enum mill_status mill_artifact_uri_parse(struct mill_view uri, struct mill_arena *arena,
                                         struct mill_artifact_uri *out, struct mill_error *err)
{
    size_t n = scheme_length(uri);
    struct mill_view scheme = {uri.ptr, n};
    struct mill_view rest = mill_view_from(uri, n + 1);
    struct mill_view host;

    if (n == 0)
        return local(uri, arena, out, err);
    if (mill_view_eq_nocase(scheme, MILL_VIEW("mlflow-artifacts")))
        return proxied(after_host(rest, &host), arena, out, err);
    if (mill_view_eq_nocase(scheme, MILL_VIEW("http")) ||
        mill_view_eq_nocase(scheme, MILL_VIEW("https")))
        return over_http(rest, arena, out, err);
    if (mill_view_eq_nocase(scheme, MILL_VIEW("file")))
        return file_uri(rest, arena, out, err);
    *out = (struct mill_artifact_uri){MILL_URI_REMOTE, {NULL, 0}};
    return MILL_OK;
}
