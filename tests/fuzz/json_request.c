/* json_request.c - any bytes as the body and as the query of every request there is. */
#include <stddef.h>
#include <stdint.h>

#include "wire/decode.h"
#include "wire/encode.h"
#include "wire/messages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t count;
    const struct mill_message *const *all = mill_messages(&count);
    for (size_t i = 0; i < count; i++) {
        struct mill_arena arena = {0};
        struct mill_buf out = {0};
        struct mill_view text = {(const char *)data, size};
        void *value = mill_arena_alloc(&arena, all[i]->size);
        struct mill_view body = mill_json_pad(text, &arena);
        if (mill_decode_json(all[i], body, &arena, value, NULL) == MILL_OK)
            mill_encode(&out, all[i], value);
        if (mill_decode_query(all[i], text, &arena, value, NULL) == MILL_OK)
            mill_encode(&out, all[i], value);
        mill_buf_release(&out);
        mill_arena_release(&arena);
    }
    return 0;
}
