/* storage_faults.c - artifacts at a location while memory runs out at each allocation in turn:
 * a call says so or succeeds, nothing leaks, no half file stays here, and the call then works.
 *
 *   storage_faults LOCATION BYTES    on a database in the working directory; the size of a file
 *                                    that is moved in parts or blocks
 *
 * Prints a line for each thing that is wrong; exits with 1 if there is any. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <millstream/millstream.h>

#include "base/alloc.h"

#define SMALL 1000

static struct mill_client *client;
static struct mill_view run_id;
static size_t large_bytes;
static int failed;

static void complain(const char *what, long nth, const char *detail)
{
    printf("%s, allocation %ld: %s\n", what, nth, detail);
    failed++;
}

static void must(enum mill_status st, const struct mill_error *err)
{
    if (st == MILL_OK)
        return;
    printf("cannot begin: %s\n", err->message);
    exit(1);
}

/* --- files ------------------------------------------------------------------------------- */

static void make_file(const char *name, size_t size)
{
    FILE *file = fopen(name, "wb");
    for (size_t i = 0; i < size && file != NULL; i++)
        putc((int)(i * 7 % 251), file);
    if (file == NULL || fclose(file) != 0)
        exit(2);
}

static bool is_whole(const char *name, size_t size)
{
    FILE *file = fopen(name, "rb");
    bool same = file != NULL;
    for (size_t i = 0; i < size && same; i++)
        same = getc(file) == (int)(i * 7 % 251);
    same = same && getc(file) == EOF;
    if (file != NULL)
        fclose(file);
    return same;
}

/* What a download leaves: files that are whole, and nothing else. */
static void check_fetched(long nth)
{
    DIR *dir = opendir("back");
    const struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        const char *name = entry->d_name;
        bool large = strcmp(name, "large") == 0;
        char path[300];
        snprintf(path, sizeof(path), "back/%s", name);
        if (name[0] == '.')
            continue;
        if ((!large && strcmp(name, "small") != 0) ||
            !is_whole(path, large ? large_bytes : SMALL))
            complain("download", nth, path);
        remove(path);
    }
    if (dir != NULL)
        closedir(dir);
}

/* --- calls ------------------------------------------------------------------------------- */

static const struct mill_transfer_options two = {.size = sizeof(two), .parallel = 2};

static enum mill_status log_small(struct mill_error *err)
{
    return mill_client_log_artifact(client, run_id, mill_text("small"), mill_text("sub"), &two,
                                    err);
}

static enum mill_status log_large(struct mill_error *err)
{
    return mill_client_log_artifact(client, run_id, mill_text("large"), mill_text("sub"), &two,
                                    err);
}

static enum mill_status list(struct mill_error *err)
{
    struct mill_file_list *files = NULL;
    enum mill_status st =
        mill_client_list_artifacts(client, run_id, mill_text("sub"), &files, err);
    if (st == MILL_OK && files->count != 2)
        complain("list", 0, "not all files are there");
    mill_file_list_free(files);
    return st;
}

static enum mill_status download(struct mill_error *err)
{
    return mill_client_download_artifacts(client, run_id, mill_text("sub/small"),
                                          mill_text("back"), &two, err);
}

static enum mill_status download_large(struct mill_error *err)
{
    return mill_client_download_artifacts(client, run_id, mill_text("sub/large"),
                                          mill_text("back"), &two, err);
}

static const struct {
    const char *name;
    enum mill_status (*call)(struct mill_error *err);
} calls[] = {
    {"log a small file", log_small},
    {"log a large file", log_large},
    {"list", list},
    {"download a small file", download},
    {"download a large file", download_large},
};

static void try_call(const char *name, enum mill_status (*call)(struct mill_error *err))
{
    enum mill_status st = MILL_E_NOMEM;
    for (long nth = 1; st != MILL_OK; nth++) {
        struct mill_error err = {""};
        mill_alloc_fail_after(nth);
        st = call(&err);
        mill_alloc_fail_after(0);
        if (st != MILL_OK && st != MILL_E_NOMEM)
            complain(name, nth, err.message);
        check_fetched(nth);
    }
}

int main(int argc, char **argv)
{
    const struct mill_client_options options = {.size = sizeof(options), .create = true};
    struct mill_new_run new_run = {.size = sizeof(new_run)};
    struct mill_run_list *run = NULL;
    struct mill_error err = {""};
    int64_t experiment_id;
    if (argc != 3)
        return 2;
    make_file("small", SMALL);
    large_bytes = strtoul(argv[2], NULL, 10);
    make_file("large", large_bytes);
    must(mill_client_open(mill_text("sqlite:///faults.db"), &options, &client, &err), &err);
    must(mill_client_create_experiment(client, mill_text("faults"), mill_text(argv[1]), NULL, 0,
                                       &experiment_id, &err),
         &err);
    new_run.experiment_id = experiment_id;
    must(mill_client_create_run(client, &new_run, &run, &err), &err);
    run_id = run->items[0]->info.run_id;
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        try_call(calls[i].name, calls[i].call);
    mill_run_list_free(run);
    mill_client_close(client);
    return failed > 0;
}
