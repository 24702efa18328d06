/* webhook_event.c - any text in the names, keys and values that events tell of: what is sent is
 * JSON whatever they hold. The same bytes as a stored secret open nothing. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/view.h"
#include "model/event.h"
#include "model/registry.h"
#include "server/webhook_attempt.h"
#include "server/webhook_key.h"
#include "wire/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PARTS 6

static struct mill_webhook_key *key;

static void free_key(void)
{
    mill_webhook_key_free(key);
}

static void make_key(void)
{
    const struct mill_server_config config = {.backend_store_uri = MILL_VIEW("memory:")};

    if (mill_webhook_key_new(&config, &key, NULL) != MILL_OK)
        abort();
    atexit(free_key);
}

/* What a change of this kind with these texts is told as. */
static bool tell(enum mill_change_kind kind, const struct mill_view *parts,
                 struct mill_buf *data, enum mill_event *event)
{
    struct mill_tag tags[] = {{parts[1], parts[2]}, {parts[3], parts[4]}};
    struct mill_change change = {.kind = kind};
    struct mill_registered_model model = {
        .name = parts[0], .description = parts[5], .tags = tags, .tag_count = 2};
    struct mill_model_version version = {.name = parts[0],
                                         .version = 1,
                                         .source = parts[4],
                                         .run_id = parts[3],
                                         .description = parts[5],
                                         .tags = tags,
                                         .tag_count = 2};
    struct mill_run run = {.info = {.run_id = parts[0],
                                    .run_name = parts[1],
                                    .user_id = parts[2],
                                    .status = MILL_RUN_FAILED}};
    struct mill_outcome outcome = {.run = &run,
                                   .model = &model,
                                   .model_version = &version,
                                   .is_prompt = parts[5].len % 2 == 0};

    if (kind == MILL_CHANGE_UPDATE_RUN) {
        change.as.update_run.status = MILL_RUN_FAILED;
    } else if (kind == MILL_CHANGE_SET_MODEL_ALIAS || kind == MILL_CHANGE_DELETE_MODEL_ALIAS) {
        change.as.model_alias.name = parts[0];
        change.as.model_alias.alias = parts[1];
    } else {
        change.as.model_tag.name = parts[0];
        change.as.model_tag.key = parts[1];
        change.as.model_tag.value = parts[2];
    }
    if (!mill_event_of(&change, &outcome, event))
        return false;
    mill_event_write(data, &change, &outcome);
    return true;
}

static void check_told(enum mill_change_kind kind, const struct mill_view *parts)
{
    struct mill_arena arena = {0};
    struct mill_buf data = {0};
    struct mill_buf body = {0};
    struct mill_json json;
    enum mill_event event;

    if (tell(kind, parts, &data, &event)) {
        const struct mill_webhook_message message = {
            .event = event, .created_ms = 1700000000000, .data = mill_buf_view(&data)};

        mill_webhook_body(&body, &message);
        assert(mill_json_parse(mill_json_pad(mill_buf_view(&body), &arena), &arena, &json,
                               NULL) == MILL_OK);
        assert(mill_json_type(&json, json.root) == MILL_JSON_OBJECT);
    }
    mill_buf_release(&body);
    mill_buf_release(&data);
    mill_arena_release(&arena);
}

static void check_secret(struct mill_view text)
{
    const struct mill_view id = MILL_VIEW("0c0e4ba5-9d8b-4b8a-9d5f-1f2e3d4c5b6a");
    struct mill_arena arena = {0};
    struct mill_view sealed, opened;

    assert(mill_webhook_open(key, id, text, &arena, &opened, NULL) == MILL_E_CORRUPT);
    if (mill_webhook_seal(key, id, text, &arena, &sealed, NULL) == MILL_OK) {
        assert(mill_webhook_open(key, id, sealed, &arena, &opened, NULL) == MILL_OK);
        assert(mill_view_eq(opened, text));
    }
    mill_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_view rest = {(const char *)data, size};
    struct mill_view parts[PARTS];

    if (key == NULL)
        make_key();
    check_secret(rest);
    if (!mill_utf8_valid(rest)) /* refused at the border */
        return 0;
    for (size_t i = 0; i < PARTS; i++) {
        parts[i] = (struct mill_view){"", 0};
        if (rest.ptr != NULL)
            rest = mill_view_cut(rest, '\n', &parts[i]);
    }
    for (int kind = 0; kind <= MILL_CHANGE_DELETE_VERSION_TAG; kind++)
        check_told((enum mill_change_kind)kind, parts);
    return 0;
}
