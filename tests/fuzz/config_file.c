/* config_file.c - any bytes as a user's file of profiles. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "remote/config_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_config_file file = {.path = "x", .text = {(const char *)data, size}};
    struct mill_arena arena = {0};
    const char *host = NULL, *token = NULL;
    const struct mill_config_key keys[] = {{"host", &host}, {"token", &token}};
    struct mill_view section = {"DEFAULT", 7};
    struct mill_error err;
    bool found = false;
    enum mill_status st =
        mill_config_file_section(&file, section, keys, 2, &arena, &found, &err);
    /* Values are not empty and have no white space around them. */
    if (st == MILL_OK && host != NULL && (!found || strchr(" \t\r\n", host[0]) != NULL))
        __builtin_trap();
    mill_arena_release(&arena);
    return 0;
}
