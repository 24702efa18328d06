/* eval_records.c - any text as records or tags of an evaluation dataset; equal inputs have
 * equal canonical texts whatever they were written like. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "model/limits.h"
#include "wire/eval_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_record(const struct mill_eval_record *record)
{
    assert(record->inputs.ptr != NULL && record->inputs.ptr[0] == '{');
    assert(record->canonical.len == record->inputs.len);
    assert(record->expectation_count == 0 || record->has_expectations);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_arena arena = {0};
    struct mill_view text = {(const char *)data, size};
    struct mill_eval_records records = {0};
    const struct mill_tag *tags;
    size_t count;
    struct mill_error err;
    if (mill_eval_read_records(text, &arena, &records, &err) == MILL_OK)
        for (size_t i = 0; i < records.count; i++)
            check_record(&records.items[i]);
    if (mill_eval_read_tags(text, &arena, &tags, &count, &err) == MILL_OK)
        for (size_t i = 0; i < count; i++)
            assert(tags[i].value.ptr != NULL);
    mill_arena_release(&arena);
    return 0;
}
