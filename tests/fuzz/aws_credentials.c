/* aws_credentials.c - the JSON in which endpoints hand out keys: what is accepted can stand in
 * a header. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "files/aws_credentials.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_arena arena = {0};
    struct mill_aws_credentials keys;
    struct mill_view json = {(const char *)data, size};

    if (mill_aws_credentials_parse(json, &arena, &keys, NULL) == MILL_OK) {
        assert(mill_aws_key_valid(keys.access_key));
        assert(mill_aws_key_valid(keys.secret_key));
        assert(keys.session_token.ptr == NULL || mill_aws_key_valid(keys.session_token));
    }
    mill_arena_release(&arena);
    return 0;
}
