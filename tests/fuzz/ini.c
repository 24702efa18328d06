/* ini.c - INI files: the reader ends, and what it gives lies in the text. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "remote/ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_within(struct mill_view part, struct mill_view text)
{
    assert(part.len == 0 ||
           (part.ptr >= text.ptr && part.ptr + part.len <= text.ptr + text.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_view text = {(const char *)data, size};
    struct mill_ini ini = {.rest = text};
    struct mill_ini_item item;
    bool found = true;
    int line = 0;

    while (mill_ini_next(&ini, &item, &found, NULL) == MILL_OK && found) {
        assert(item.line > line && item.key.len > 0);
        line = item.line;
        check_within(item.section, text);
        check_within(item.key, text);
        check_within(item.value, text);
    }
    return 0;
}
