/* command_words.c - the words of a command line: no more text than there was. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "files/aws_process.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_arena arena = {0};
    struct mill_view command = {(const char *)data, size};
    char **argv;

    if (mill_aws_process_words(command, &arena, &argv, NULL) == MILL_OK) {
        size_t total = 0;
        assert(argv[0] != NULL);
        for (size_t i = 0; argv[i] != NULL; i++)
            total += strlen(argv[i]) + 1;
        assert(total <= size + 1);
    }
    mill_arena_release(&arena);
    return 0;
}
