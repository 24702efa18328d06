/* eval_records.c - any text as records, a page of them, or tags of an evaluation dataset; equal
 * inputs have equal canonical texts whatever they were written like, and what is written of
 * records is a page of as many. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "model/limits.h"
#include "wire/eval_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_record(const struct mill_eval_record_row *record)
{
    assert(record->inputs.ptr != NULL && record->inputs.ptr[0] == '{');
    assert(record->canonical.len == record->inputs.len);
    assert(record->expectation_count == 0 || record->has_expectations);
}

static void check_page(const struct mill_eval_records *records, struct mill_arena *arena)
{
    const struct mill_eval_record *page = NULL;
    struct mill_view text;
    size_t count = 0;
    enum mill_status st = mill_eval_records_json(records->items, records->count,
                                                 MILL_VIEW("d-1"), arena, &text, NULL);
    assert(st == MILL_OK);
    st = mill_eval_read_page(text, arena, &page, &count, NULL);
    assert(st == MILL_E_NOMEM || (st == MILL_OK && count == records->count));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct mill_eval_record *page;
    struct mill_arena arena = {0};
    struct mill_view text = {(const char *)data, size};
    struct mill_eval_records records = {0};
    const struct mill_tag *tags;
    size_t count;
    struct mill_error err;
    if (mill_eval_read_records(text, &arena, &records, &err) == MILL_OK) {
        for (size_t i = 0; i < records.count; i++)
            check_record(&records.items[i]);
        check_page(&records, &arena);
    }
    if (mill_eval_read_page(text, &arena, &page, &count, &err) == MILL_OK)
        for (size_t i = 0; i < count; i++)
            assert(page[i].inputs.ptr != NULL || page[i].inputs.len == 0);
    if (mill_eval_read_tags(text, &arena, &tags, &count, &err) == MILL_OK)
        for (size_t i = 0; i < count; i++)
            assert(tags[i].value.ptr != NULL);
    mill_arena_release(&arena);
    return 0;
}
