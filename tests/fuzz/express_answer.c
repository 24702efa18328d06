/* express_answer.c - any bytes as the answer to a small write: what is whole has a body that
 * lies in the bytes, and no part of it was whole before. */
#include <stddef.h>
#include <stdint.h>

#include "remote/express.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    struct mill_view body = {NULL, 0};
    bool close;
    if (mill_express_read((struct mill_view){bytes, size}, &body, &close) != MILL_EXPRESS_WHOLE)
        return 0;
    if (body.ptr < bytes || body.ptr + body.len != bytes + size)
        __builtin_trap();
    for (size_t part = 0; part < size; part++) {
        struct mill_view ignored;
        if (mill_express_read((struct mill_view){bytes, part}, &ignored, &close) !=
            MILL_EXPRESS_MORE)
            __builtin_trap();
    }
    return 0;
}
