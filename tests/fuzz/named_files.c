/* named_files.c - URIs of files of runs and models: what is read lies within the text. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/view.h"
#include "client/named_files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whether a view is part of text, or one of the parser's own words. */
static bool is_part(struct mill_view view, struct mill_view text, struct mill_view word)
{
    return view.len == 0 || mill_view_eq(view, word) ||
           (view.ptr >= text.ptr && view.ptr + view.len <= text.ptr + text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_view text = {(const char *)data, size};
    struct mill_named_files named;
    struct mill_error err;
    if (size == 0)
        return 0;
    if (mill_named_files_parse(text, &named, &err) != MILL_OK) {
        assert(err.message[0] != '\0');
        return 0;
    }
    assert(named.owner.len > 0);
    assert(is_part(named.owner, text, MILL_VIEW(".")));
    assert(is_part(named.path, text, MILL_VIEW("")));
    assert(is_part(named.alias, text, MILL_VIEW("latest")));
    assert(named.kind != MILL_NAMED_VERSION || named.version > 0);
    assert(named.kind != MILL_NAMED_ALIAS || named.alias.len > 0);
    assert(named.kind != MILL_NAMED_STAGE || named.stage != 0);
    return 0;
}
