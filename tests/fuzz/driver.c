/* driver.c - replays a corpus through a fuzz target, in place of libFuzzer.
 *
 * Arguments are files and directories; every file is one input. Fails when there is nothing to
 * replay, so that a lost corpus does not look like success. */
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The block has exactly the size of the file, so that a sanitizer sees the first byte read past
 * its end. */
static int replay_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(size > 0 ? size : 1);
    int failed = 1;

    if (file == NULL || data == NULL || fread(data, 1, size, file) != size)
        fprintf(stderr, "cannot read %s\n", path);
    else
        failed = LLVMFuzzerTestOneInput(data, size) != 0;
    free(data);
    if (file != NULL)
        fclose(file);
    return failed;
}

static int replay_path(const char *path, unsigned *count);

static int replay_directory(const char *path, unsigned *count)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    int failed = 0;

    if (dir == NULL) {
        perror(path);
        return 1;
    }
    while (!failed && (entry = readdir(dir)) != NULL) {
        char child[4096];

        if (entry->d_name[0] == '.')
            continue;
        if ((size_t)snprintf(child, sizeof(child), "%s/%s", path, entry->d_name) >=
            sizeof(child)) {
            fprintf(stderr, "path too long below %s\n", path);
            failed = 1;
        } else {
            failed = replay_path(child, count);
        }
    }
    closedir(dir);
    return failed;
}

static int replay_path(const char *path, unsigned *count)
{
    struct stat info;

    if (stat(path, &info) != 0) {
        perror(path);
        return 1;
    }
    if (S_ISDIR(info.st_mode))
        return replay_directory(path, count);
    ++*count;
    if (replay_file(path, (size_t)info.st_size)) {
        fprintf(stderr, "failed on %s\n", path);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    unsigned count = 0;
    int i;

    for (i = 1; i < argc; i++) {
        if (replay_path(argv[i], &count))
            return 1;
    }
    printf("replayed %u inputs\n", count);
    return count > 0 ? 0 : 1;
}
