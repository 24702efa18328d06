/* spool_record.c - the bytes of a spool's file, damaged or made up. The first byte chooses
 * between a file and the payload of packed points. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "logger/spool_format.h"
#include "wire/messages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_points(struct mill_view payload)
{
    struct mill_arena arena = {0};
    struct mill_metric *points;
    size_t count;
    if (mill_spool_points_unpack(payload, &arena, &points, &count, NULL) == MILL_OK) {
        assert(count <= payload.len / 11);
        assert(mill_spool_points_count(payload) == (int64_t)count);
        for (size_t i = 0; i < count; i++)
            assert(points[i].key.len <= payload.len);
    }
    mill_arena_release(&arena);
}

/* The messages of records that are JSON, by kind. */
static const struct mill_message *message_of(enum mill_spool_kind kind)
{
    const struct mill_message *const messages[] = {
        [MILL_SPOOL_OPEN] = &mill_spool_open_message,
        [MILL_SPOOL_LOG] = &mill_log_batch_request_message,
        [MILL_SPOOL_INPUTS] = &mill_log_inputs_request_message,
        [MILL_SPOOL_ARTIFACT] = &mill_spool_artifact_message,
        [MILL_SPOOL_END] = &mill_update_run_request_message,
    };
    return messages[kind];
}

static void read_record(const struct mill_spool_record *record)
{
    struct mill_arena arena = {0};
    const struct mill_message *message = message_of(record->kind);
    if (message == NULL) {
        read_points(record->payload);
        return;
    }
    void *value = mill_arena_zero(&arena, 1, message->size);
    mill_spool_record_read(record, message, &arena, value, NULL);
    mill_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_spool_record record;
    if (size == 0)
        return 0;
    struct mill_view bytes = {(const char *)data + 1, size - 1};
    if (data[0] == 'p') {
        read_points(bytes);
        return 0;
    }
    while (mill_spool_record_next(&bytes, &record) == MILL_SPOOL_RECORD)
        read_record(&record);
    assert(mill_spool_record_length(bytes) >= MILL_SPOOL_RECORD_BYTES);
    return 0;
}
