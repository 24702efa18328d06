/* legacy_artifacts.c - the rows of the legacy matrix that are about files. Local files lie in
 * the working directory, which is the program's own. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "legacy.h"

static void write_file(const char *path, const char *content)
{
    FILE *file = fopen(path, "w");
    if (file != NULL) {
        fputs(content, file);
        fclose(file);
    }
}

static bool file_is(const char *path, const char *content)
{
    char text[100] = "";
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    size_t got = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    return got == strlen(content) && memcmp(text, content, got) == 0;
}

/* A local directory: local/a, "local/b c.txt", local/sub/deep/d. */
static void make_local(void)
{
    mkdir("local", 0777);
    mkdir("local/sub", 0777);
    mkdir("local/sub/deep", 0777);
    write_file("local/a", "one");
    write_file("local/b c.txt", "two\n");
    write_file("local/sub/deep/d", "");
}

/* What lies in a directory of a run, as "path:size path/" with a blank between. */
static const char *listing(struct legacy *l, const char *run_id, const char *path)
{
    static char text[1000];
    struct mill_file_list *list = NULL;
    l->status = mill_client_list_artifacts(l->client, mill_text(run_id), mill_text(path), &list,
                                           &l->err);
    if (l->status != MILL_OK) {
        snprintf(text, sizeof(text), "failed: %s", l->err.message);
        return text;
    }
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < list->count && len < sizeof(text); i++) {
        const struct mill_file_info *f = list->items[i];
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s", i > 0 ? " " : "",
                                (int)f->path.len, f->path.ptr);
        if (f->is_dir)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "/%s",
                                    f->file_size == MILL_ABSENT ? "" : "with a size");
        else
            len += (size_t)snprintf(text + len, sizeof(text) - len, ":%lld",
                                    (long long)f->file_size);
    }
    mill_file_list_free(list);
    return text;
}

static void lists(struct legacy *l, const char *what, const char *run_id, const char *path,
                  const char *expected)
{
    const char *found = listing(l, run_id, path);
    legacy_note(l, what, strcmp(found, expected) == 0, found);
}

static enum mill_status run_for_files(struct legacy *l, char id_out[64])
{
    int64_t experiment = -1;
    make_local();
    enum mill_status st = new_experiment(l, "files", &experiment);
    return st == MILL_OK ? new_run(l, experiment, id_out) : st;
}

static void log_artifact(struct legacy *l)
{
    char id[64];
    MUST(run_for_files(l, id));
    struct mill_view run = mill_text(id);
    MUST(mill_client_log_artifact(l->client, run, mill_text("local/b c.txt"), absent(), NULL,
                                  &l->err));
    lists(l, "a file, into the root", id, NULL, "b c.txt:4");
    MUST(mill_client_log_artifact(l->client, run, mill_text("local/a"), mill_text("x/y"), NULL,
                                  &l->err));
    lists(l, "into a directory", id, "x/y", "x/y/a:3");
    write_file("local/a", "longer");
    MUST(mill_client_log_artifact(l->client, run, mill_text("local/a"), mill_text("x/y"), NULL,
                                  &l->err));
    lists(l, "one that is there is replaced", id, "x/y", "x/y/a:6");
    MUST(mill_client_log_artifact(l->client, run, mill_text("local/sub"), absent(), NULL,
                                  &l->err));
    lists(l, "a directory under its own name", id, "sub/deep", "sub/deep/d:0");
    GIVES_EITHER("missing local file",
                 mill_client_log_artifact(l->client, run, mill_text("local/none"), absent(),
                                          NULL, &l->err),
                 MILL_E_NOT_FOUND, MILL_E_INVALID);
    GIVES("out of the run",
          mill_client_log_artifact(l->client, run, mill_text("local/a"), mill_text("../up"),
                                   NULL, &l->err),
          MILL_E_INVALID);
    GIVES("unknown run",
          mill_client_log_artifact(l->client, no_run(), mill_text("local/a"), absent(), NULL,
                                   &l->err),
          MILL_E_NOT_FOUND);
}

static void log_artifacts(struct legacy *l)
{
    char id[64];
    MUST(run_for_files(l, id));
    struct mill_view run = mill_text(id);
    MUST(
        mill_client_log_artifacts(l->client, run, mill_text("local"), absent(), NULL, &l->err));
    lists(l, "the content of a directory", id, NULL, "a:3 b c.txt:4 sub/");
    MUST(mill_client_log_artifacts(l->client, run, mill_text("local"), mill_text("all"), NULL,
                                   &l->err));
    lists(l, "into a directory", id, "all", "all/a:3 all/b c.txt:4 all/sub/");
    lists(l, "with everything below", id, "all/sub/deep", "all/sub/deep/d:0");
    GIVES_EITHER(
        "missing local directory",
        mill_client_log_artifacts(l->client, run, mill_text("none"), absent(), NULL, &l->err),
        MILL_E_NOT_FOUND, MILL_E_INVALID);
    GIVES("not a directory",
          mill_client_log_artifacts(l->client, run, mill_text("local/a"), absent(), NULL,
                                    &l->err),
          MILL_E_INVALID);
    GIVES("unknown run",
          mill_client_log_artifacts(l->client, no_run(), mill_text("local"), absent(), NULL,
                                    &l->err),
          MILL_E_NOT_FOUND);
}

static void list_artifacts(struct legacy *l)
{
    struct mill_file_list *list = NULL;
    char id[64];
    MUST(run_for_files(l, id));
    lists(l, "nothing at first", id, NULL, "");
    MUST(mill_client_log_artifacts(l->client, mill_text(id), mill_text("local"), mill_text("z"),
                                   NULL, &l->err));
    MUST(mill_client_log_artifact(l->client, mill_text(id), mill_text("local/a"), absent(),
                                  NULL, &l->err));
    lists(l, "the root, sorted by path, directories without size", id, NULL, "a:3 z/");
    lists(l, "empty path is the root", id, "", "a:3 z/");
    lists(l, "below a path, relative to the root", id, "z", "z/a:3 z/b c.txt:4 z/sub/");
    lists(l, "a file has nothing below it", id, "z/a", "");
    lists(l, "nor has what is not there", id, "none", "");
    GIVES("out of the run",
          mill_client_list_artifacts(l->client, mill_text(id), mill_text("../.."), &list,
                                     &l->err),
          MILL_E_INVALID);
    GIVES("unknown run",
          mill_client_list_artifacts(l->client, no_run(), absent(), &list, &l->err),
          MILL_E_NOT_FOUND);
}

static void download_artifacts(struct legacy *l)
{
    char id[64];
    MUST(run_for_files(l, id));
    struct mill_view run = mill_text(id);
    MUST(mill_client_log_artifacts(l->client, run, mill_text("local"), mill_text("in/it"), NULL,
                                   &l->err));
    MUST(mill_client_download_artifacts(l->client, run, mill_text("in/it/b c.txt"),
                                        mill_text("got/file"), NULL, &l->err));
    CASE("a file", file_is("got/file/b c.txt", "two\n"));
    MUST(mill_client_download_artifacts(l->client, run, mill_text("in/it"),
                                        mill_text("got/directory"), NULL, &l->err));
    CASE("a directory with all below it",
         file_is("got/directory/it/a", "one") && file_is("got/directory/it/sub/deep/d", ""));
    MUST(mill_client_download_artifacts(l->client, run, mill_text(""), mill_text("got/root"),
                                        NULL, &l->err));
    CASE("the root",
         file_is("got/root/in/it/a", "one") && file_is("got/root/in/it/b c.txt", "two\n"));
    write_file("got/root/in/it/a", "something else");
    MUST(mill_client_download_artifacts(l->client, run, absent(), mill_text("got/root"), NULL,
                                        &l->err));
    CASE("what is there is replaced", file_is("got/root/in/it/a", "one"));
    GIVES("nothing there",
          mill_client_download_artifacts(l->client, run, mill_text("none"), mill_text("got"),
                                         NULL, &l->err),
          MILL_E_NOT_FOUND);
    GIVES("out of the run",
          mill_client_download_artifacts(l->client, run, mill_text("../x"), mill_text("got"),
                                         NULL, &l->err),
          MILL_E_INVALID);
    GIVES("unknown run",
          mill_client_download_artifacts(l->client, no_run(), absent(), mill_text("got"), NULL,
                                         &l->err),
          MILL_E_NOT_FOUND);
}

const struct row legacy_artifact_rows[] = {
    {"log_artifact", log_artifact},
    {"log_artifacts", log_artifacts},
    {"list_artifacts", list_artifacts},
    {"download_artifacts", download_artifacts},
    {NULL, NULL},
};
