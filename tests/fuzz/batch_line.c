/* batch_line.c - fuzzes the lines that `runs log-batch` takes: what is read has a key and lies
 * in the arena, and what is not says why. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "cli/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_arena arena = {0};
    struct mill_entry entry;
    struct mill_error err = {""};
    enum mill_status st =
        mill_entry_read((struct mill_view){(const char *)data, size}, &arena, &entry, &err);
    if (st == MILL_OK) {
        assert(mill_utf8_valid(entry.key));
        assert(entry.kind == MILL_ENTRY_METRIC || mill_utf8_valid(entry.text));
        assert(entry.kind != MILL_ENTRY_METRIC || entry.timestamp == MILL_ABSENT ||
               entry.timestamp >= 0);
        /* No text grows when its escapes are taken away. */
        assert(entry.key.len <= size && entry.text.len <= size);
    } else {
        assert(st == MILL_E_INVALID && err.message[0] != '\0');
    }
    mill_arena_release(&arena);
    return 0;
}
