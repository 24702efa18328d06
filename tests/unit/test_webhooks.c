/* test_webhooks.c - what is sent to webhooks and how it is signed, pauses between attempts, and
 * the sealing of secrets. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/view.h"
#include "server/webhook_attempt.h"
#include "server/webhook_key.h"
#include "server/webhooks.h"

static void test_body(void **state)
{
    const struct mill_webhook_message message = {.event = MILL_EVENT_PROMPT_TAG_SET,
                                                 .created_ms = 1700000000007,
                                                 .data = MILL_VIEW("{\"a\": 1}")};
    struct mill_buf out = {0};
    (void)state;
    mill_webhook_body(&out, &message);
    mill_buf_add_char(&out, '\0');
    assert_string_equal(out.ptr, "{\"entity\": \"prompt_tag\", \"action\": \"set\", "
                                 "\"timestamp\": \"2023-11-14T22:13:20.007000+00:00\", "
                                 "\"data\": {\"a\": 1}}");
    mill_buf_release(&out);
}

/* Computed with another program: printf %s 'id.12.{}' | openssl dgst -sha256 -hmac key -binary
 */
static void test_signature(void **state)
{
    struct mill_buf out = {0};
    (void)state;
    mill_webhook_sign(&out, MILL_VIEW("key"), MILL_VIEW("id"), 12, MILL_VIEW("{}"));
    mill_buf_add_char(&out, '\0');
    assert_string_equal(out.ptr, "v1,NpYJqeRn83gufU1q47yBVrZapcgogcUvE2otEmF9+AU=");
    mill_buf_release(&out);
}

static void test_delays(void **state)
{
    static const int64_t seconds[] = {1, 1, 2, 4, 8, 16, 32, 60, 60, 60};
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(seconds); i++)
        assert_int_equal(mill_webhooks_delay((int64_t)i, 0, 1000), seconds[i] * 1000);
    assert_int_equal(mill_webhooks_delay(1000000, 0, 1000), 60000);
    assert_int_equal(mill_webhooks_delay(1, 5000, 1000), 5000);
    assert_int_equal(mill_webhooks_delay(5, 5000, 1000), 16000);
    assert_int_equal(mill_webhooks_delay(1, 86400000, 1000), 300000);
}

static void test_events(void **state)
{
    enum mill_event event;
    (void)state;
    assert_true(mill_event_find(2, 1, &event));
    assert_int_equal(event, MILL_EVENT_VERSION_CREATED);
    assert_false(mill_event_find(0, 0, &event));
    assert_false(mill_event_find(1, 3, &event));
    assert_false(mill_event_find(99, 1, &event));
    for (int i = 0; i < MILL_EVENT_COUNT; i++) {
        const struct mill_event_info *info = mill_event_info((enum mill_event)i);
        if (info->entity_number != 0) {
            assert_true(mill_event_find(info->entity_number, info->action_number, &event));
            assert_int_equal(event, i);
        }
    }
}

static struct mill_webhook_key *key_of(const char *uri, const char *file)
{
    const struct mill_server_config config = {.backend_store_uri = mill_view_of(uri),
                                              .webhook_key_file = mill_view_of(file)};
    struct mill_webhook_key *key = NULL;
    struct mill_error err;
    if (mill_webhook_key_new(&config, &key, &err) != MILL_OK)
        fail_msg("%s", err.message);
    return key;
}

static void test_sealing(void **state)
{
    struct mill_arena arena = {0};
    struct mill_webhook_key *key = key_of("memory:", "");
    struct mill_webhook_key *other = key_of("memory:", "");
    struct mill_view sealed, again, open;
    (void)state;
    assert_int_equal(
        mill_webhook_seal(key, MILL_VIEW("w"), MILL_VIEW("secret"), &arena, &sealed, NULL),
        MILL_OK);
    assert_int_equal(
        mill_webhook_seal(key, MILL_VIEW("w"), MILL_VIEW("secret"), &arena, &again, NULL),
        MILL_OK);
    assert_false(mill_view_eq(sealed, again));
    assert_null(memmem(sealed.ptr, sealed.len, "secret", 6));
    assert_int_equal(mill_webhook_open(key, MILL_VIEW("w"), sealed, &arena, &open, NULL),
                     MILL_OK);
    assert_true(mill_view_eq(open, MILL_VIEW("secret")));
    /* For another webhook, with another key, with a byte changed or cut off, it is of no use.
     */
    assert_int_equal(mill_webhook_open(key, MILL_VIEW("v"), sealed, &arena, &open, NULL),
                     MILL_E_CORRUPT);
    assert_int_equal(mill_webhook_open(other, MILL_VIEW("w"), sealed, &arena, &open, NULL),
                     MILL_E_CORRUPT);
    for (size_t i = 0; i < sealed.len; i++) {
        char *bytes = (char *)(uintptr_t)sealed.ptr;
        bytes[i] ^= 1;
        assert_int_equal(mill_webhook_open(key, MILL_VIEW("w"), sealed, &arena, &open, NULL),
                         MILL_E_CORRUPT);
        bytes[i] ^= 1;
        assert_int_equal(mill_webhook_open(key, MILL_VIEW("w"),
                                           (struct mill_view){sealed.ptr, i}, &arena, &open,
                                           NULL),
                         MILL_E_CORRUPT);
    }
    mill_webhook_key_free(key);
    mill_webhook_key_free(other);
    mill_arena_release(&arena);
}

static void test_key_file(void **state)
{
    char directory[] = "/tmp/mill-key-XXXXXX";
    char path[64], uri[64];
    struct mill_arena arena = {0};
    struct mill_view sealed, open;
    struct stat info;
    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(uri, sizeof(uri), "sqlite:///%s/a.db", directory);
    snprintf(path, sizeof(path), "%s/a.db.webhook-key", directory);
    struct mill_webhook_key *key = key_of(uri, "");
    assert_int_equal(stat(path, &info), -1);
    assert_int_equal(
        mill_webhook_seal(key, MILL_VIEW("w"), MILL_VIEW("s"), &arena, &sealed, NULL), MILL_OK);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    mill_webhook_key_free(key);

    key = key_of("memory:", path);
    assert_int_equal(mill_webhook_open(key, MILL_VIEW("w"), sealed, &arena, &open, NULL),
                     MILL_OK);
    mill_webhook_key_free(key);

    /* Damaged, readable by others, or where nothing can be made. */
    assert_int_equal(truncate(path, 10), 0);
    key = key_of("memory:", path);
    assert_int_equal(mill_webhook_open(key, MILL_VIEW("w"), sealed, &arena, &open, NULL),
                     MILL_E_CORRUPT);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(mill_webhook_open(key, MILL_VIEW("w"), sealed, &arena, &open, NULL),
                     MILL_E_DENIED);
    mill_webhook_key_free(key);
    key = key_of("memory:", "/nowhere/at/all");
    assert_int_equal(
        mill_webhook_seal(key, MILL_VIEW("w"), MILL_VIEW("s"), &arena, &sealed, NULL),
        MILL_E_IO);
    mill_webhook_key_free(key);
    unlink(path);
    rmdir(directory);
    mill_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_body),    cmocka_unit_test(test_signature),
        cmocka_unit_test(test_delays),  cmocka_unit_test(test_events),
        cmocka_unit_test(test_sealing), cmocka_unit_test(test_key_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
