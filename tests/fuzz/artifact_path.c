/* artifact_path.c - artifact paths and URIs: what is accepted stays below its root.
 * The first byte chooses what the rest is read as. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "artifact/mime.h"
#include "artifact/path.h"
#include "base/view.h"
#include "model/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The promise of mill_artifact_path_check, checked segment by segment. */
static void check_normal(struct mill_view path)
{
    size_t depth = 0;

    assert(path.ptr[path.len] == '\0' && strlen(path.ptr) == path.len);
    assert(path.len <= MILL_MAX_ARTIFACT_PATH_BYTES);
    assert(mill_utf8_valid(path));
    for (struct mill_view rest = path; path.len > 0 && rest.ptr != NULL; depth++) {
        struct mill_view segment;

        rest = mill_view_cut(rest, '/', &segment);
        assert(segment.len > 0 && segment.len <= MILL_MAX_ARTIFACT_NAME_BYTES);
        assert(!mill_view_eq(segment, MILL_VIEW(".")));
        assert(!mill_view_eq(segment, MILL_VIEW("..")));
        assert(!mill_view_starts(segment, MILL_VIEW(MILL_UPLOAD_PREFIX)));
    }
    assert(depth <= MILL_MAX_ARTIFACT_DEPTH);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_arena arena = {0};
    struct mill_view text = {(const char *)data, size};
    struct mill_view path;

    if (size == 0)
        return 0;
    text = mill_view_from(text, 1);
    if (data[0] == 'u') {
        struct mill_artifact_uri uri;

        if (mill_artifact_uri_parse(text, &arena, &uri, NULL) == MILL_OK &&
            uri.kind != MILL_URI_REMOTE) {
            bool absolute =
                uri.kind == MILL_URI_LOCAL && mill_view_starts(uri.path, MILL_VIEW("/"));

            check_normal(mill_view_from(uri.path, absolute ? 1 : 0));
        }
    } else {
        enum mill_artifact_path_use use = (enum mill_artifact_path_use)(data[0] % 3);

        if (mill_artifact_path_check(text, use, &arena, &path, NULL) == MILL_OK) {
            struct mill_view again;

            check_normal(path);
            assert(use == MILL_PATH_ANY || path.len > 0);
            assert(memchr(path.ptr, '#', path.len) == NULL);
            assert(mill_mime_type(path) != NULL);
            /* What a listing shows can be asked for. */
            assert(memchr(path.ptr, '%', path.len) != NULL ||
                   (mill_artifact_path_check(path, use, &arena, &again, NULL) == MILL_OK &&
                    mill_view_eq(path, again)));
        }
    }
    mill_arena_release(&arena);
    return 0;
}
