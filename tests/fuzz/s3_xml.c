/* s3_xml.c - XML answers of an S3 service: any bytes end in an answer or an error, and an
 * answer keeps its limits. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "files/s3_xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_arena arena = {0};
    struct mill_s3_answer answer;
    struct mill_view xml = {(const char *)data, size};

    if (mill_s3_read_xml(xml, &arena, &answer, NULL) == MILL_OK) {
        assert(answer.entry_count <= MILL_S3_MAX_ENTRIES);
        for (size_t i = 0; i < answer.entry_count; i++) {
            assert(answer.entries[i].name.ptr != NULL);
            assert(answer.entries[i].name.len <= MILL_S3_MAX_TEXT);
            assert(answer.entries[i].size >= 0);
            assert(mill_utf8_valid(answer.entries[i].name));
        }
    }
    mill_arena_release(&arena);
    return 0;
}
