/* page_token.c - any bytes as a page token. */
#include <stddef.h>
#include <stdint.h>

#include "wire/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_arena arena = {0};
    int64_t offset;
    struct mill_view token = {(const char *)data, size};
    if (mill_token_decode(token, &arena, &offset, NULL) == MILL_OK && size > 0 && offset < 1)
        __builtin_trap();
    mill_arena_release(&arena);
    return 0;
}
