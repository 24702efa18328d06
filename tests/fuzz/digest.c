/* digest.c - any bytes as the headers of digests, wanted and given. */
#include <stddef.h>
#include <stdint.h>

#include "server/digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_view header = {(const char *)data, size};
    struct mill_arena arena = {0};
    struct mill_digest sum = {0};

    if (mill_digest_expect(header, &arena, &sum, NULL) != MILL_OK && sum.state != NULL)
        __builtin_trap();
    mill_digest_add(&sum, header);
    (void)mill_digest_compare(&sum, NULL);
    mill_digest_release(&sum);
    (void)mill_digest_wanted(header);
    mill_arena_release(&arena);
    return 0;
}
