/* prompt_render.c - any text as a prompt, and as the messages of one: without values a text
 * stays as it is, and what a buffer has room for is what the whole begins with. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <millstream/millstream.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_whole(const struct mill_prompt_version *version)
{
    char text[4096];
    size_t length = 0;
    if (mill_prompt_render(version, NULL, 0, true, text, sizeof(text), &length, NULL) !=
        MILL_OK)
        return;
    assert(length == version->text.len);
    assert(memcmp(text, version->text.ptr, length < sizeof(text) ? length : sizeof(text) - 1) ==
           0);
}

static void check_part(const struct mill_prompt_version *version)
{
    struct mill_tag values[] = {{mill_text("name"), mill_text("{{name}}\"\\")},
                                {mill_text("a.b"), mill_text("")}};
    char whole[4096] = "", part[10] = "";
    size_t length = 0, again = 0;
    enum mill_status st =
        mill_prompt_render(version, values, 2, true, whole, sizeof(whole), &length, NULL);
    assert(mill_prompt_render(version, values, 2, true, part, sizeof(part), &again, NULL) ==
           st);
    assert(again == length && strncmp(whole, part, sizeof(part) - 1) == 0);
    mill_prompt_render(version, values, 2, false, NULL, 0, &length, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_view input = {(const char *)data, size};
    struct mill_prompt_version text = {.text = input}, chat = {.messages = input};
    if (size == 0)
        return 0;
    check_whole(&text);
    check_part(&text);
    check_part(&chat);
    return 0;
}
