/* test_artifact.c - the artifact store in a local directory. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "artifact/artifact.h"
#include "artifact/beneath.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/view.h"
#include "model/limits.h"

/* A fresh directory with "root" (the store's) and "outside" (where nothing may happen). */
struct place {
    char top[64];
    char cwd[4096];
    struct mill_artifact_store *store;
    struct mill_arena arena;
    struct mill_error err;
};

static void must(int result)
{
    if (result < 0)
        fail_msg("%s", strerror(errno));
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    struct place *p = calloc(1, sizeof(*p));

    assert_non_null(p);
    *state = p;
    snprintf(p->top, sizeof(p->top), "/tmp/mill-artifact-XXXXXX");
    assert_non_null(mkdtemp(p->top));
    assert_non_null(getcwd(p->cwd, sizeof(p->cwd)));
    must(chdir(p->top));
    must(mkdir("outside", 0755));
    write_file("outside/secret", "secret");
    assert_int_equal(mill_artifact_open_store(MILL_VIEW("root"), &p->store, &p->err), MILL_OK);
    return 0;
}

static int tear_down(void **state)
{
    struct place *p = *state;
    char command[128];

    mill_artifact_close_store(p->store);
    mill_arena_release(&p->arena);
    must(chdir(p->cwd));
    snprintf(command, sizeof(command), "rm -rf %s", p->top);
    assert_int_equal(system(command), 0);
    free(p);
    return 0;
}

static enum mill_status put(struct place *p, const char *path, const char *text)
{
    struct mill_artifact_upload *upload;
    enum mill_status st = mill_artifact_upload(p->store, mill_view_of(path), &upload, &p->err);

    if (st != MILL_OK)
        return st;
    st = mill_artifact_upload_write(upload, mill_view_of(text), &p->err);
    if (st == MILL_OK)
        return mill_artifact_upload_commit(upload, &p->err);
    mill_artifact_upload_abort(upload);
    return st;
}

static enum mill_status get(struct place *p, const char *path, char text[64])
{
    struct mill_artifact_file file = {.fd = -1};
    enum mill_status st = mill_artifact_open(p->store, mill_view_of(path), &file, &p->err);
    ssize_t n;

    if (st != MILL_OK)
        return st;
    n = read(file.fd, text, 63);
    close(file.fd);
    assert_int_equal(n, file.size);
    text[n] = '\0';
    return MILL_OK;
}

/* The listing as "name size,name/,". */
static const char *list(struct place *p, const char *path)
{
    struct mill_file_info *files;
    struct mill_buf text = {0};
    size_t count;

    if (mill_artifact_list(p->store, mill_view_of(path), &p->arena, &files, &count, &p->err) !=
        MILL_OK)
        return "refused";
    for (size_t i = 0; i < count; i++) {
        if (files[i].is_dir) {
            assert_true(files[i].file_size == MILL_ABSENT);
            mill_buf_printf(&text, "%s/,", files[i].path.ptr);
        } else {
            mill_buf_printf(&text, "%s %lld,", files[i].path.ptr,
                            (long long)files[i].file_size);
        }
    }
    const char *copy = mill_arena_cstr(&p->arena, mill_buf_view(&text));
    mill_buf_release(&text);
    assert_non_null(copy);
    return copy;
}

static int count_entries(const char *path)
{
    char command[128];
    char text[32] = "";
    FILE *pipe;

    snprintf(command, sizeof(command), "ls -A %s | wc -l", path);
    pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_non_null(fgets(text, sizeof(text), pipe));
    pclose(pipe);
    return (int)strtol(text, NULL, 10);
}

static void test_round_trip(void **state)
{
    struct place *p = *state;
    char text[64];

    assert_int_equal(put(p, "a/b/c.txt", "hello"), MILL_OK);
    assert_int_equal(put(p, "a/z", ""), MILL_OK);
    assert_int_equal(put(p, "B", "12"), MILL_OK);
    assert_int_equal(get(p, "a/b/c.txt", text), MILL_OK);
    assert_string_equal(text, "hello");
    assert_string_equal(list(p, ""), "B 2,a/,");
    assert_string_equal(list(p, "a"), "b/,z 0,");
    assert_string_equal(list(p, "a/z"), "");
    assert_string_equal(list(p, "missing/x"), "");
    assert_int_equal(put(p, "a/b/c.txt", "other"), MILL_OK);
    assert_int_equal(get(p, "a/b/c.txt", text), MILL_OK);
    assert_string_equal(text, "other");
    assert_string_equal(list(p, "a/b"), "c.txt 5,");
}

static void test_what_is_refused(void **state)
{
    struct place *p = *state;
    char text[64];

    assert_int_equal(get(p, "x", text), MILL_E_NOT_FOUND); /* no root yet */
    assert_int_equal(mill_artifact_remove(p->store, MILL_VIEW("x"), &p->err), MILL_OK);
    assert_string_equal(list(p, ""), "");
    assert_int_equal(put(p, "d/f", "1"), MILL_OK);
    assert_int_equal(get(p, "x", text), MILL_E_NOT_FOUND);
    assert_non_null(strstr(p->err.message, "'x'"));
    assert_int_equal(get(p, "d", text), MILL_E_INVALID);
    assert_int_equal(get(p, "", text), MILL_E_INVALID);
    assert_int_equal(get(p, "d/f/g", text), MILL_E_NOT_FOUND);
    assert_int_equal(put(p, "d", "1"), MILL_E_INVALID);
    assert_int_equal(put(p, "", "1"), MILL_E_INVALID);
    assert_int_equal(put(p, "d/f/g", "1"), MILL_E_INVALID);
    char long_path[5000];
    memset(long_path, 'x', sizeof(long_path) - 1);
    long_path[sizeof(long_path) - 1] = '\0';
    assert_int_equal(put(p, long_path, "1"), MILL_E_INVALID);
    assert_int_equal(get(p, long_path, text), MILL_E_INVALID);
    assert_string_equal(list(p, long_path), "refused");
    must(mkfifo("root/pipe", 0644));
    assert_int_equal(get(p, "pipe", text), MILL_E_INVALID);
    assert_string_equal(list(p, ""), "d/,");
}

static void test_abort_leaves_nothing(void **state)
{
    struct place *p = *state;
    struct mill_artifact_upload *upload;

    assert_int_equal(mill_artifact_upload(p->store, MILL_VIEW("new/dir/f"), &upload, &p->err),
                     MILL_OK);
    assert_int_equal(mill_artifact_upload_write(upload, MILL_VIEW("12345"), &p->err), MILL_OK);
    assert_string_equal(list(p, ""), "");
    assert_int_equal(count_entries("root"), 1);
    mill_artifact_upload_abort(upload);
    mill_artifact_upload_abort(NULL);
    assert_int_equal(count_entries("root"), 0);
}

static void test_last_commit_wins(void **state)
{
    struct place *p = *state;
    struct mill_artifact_upload *first;
    struct mill_artifact_upload *second;
    char text[64];

    assert_int_equal(mill_artifact_upload(p->store, MILL_VIEW("f"), &first, &p->err), MILL_OK);
    assert_int_equal(mill_artifact_upload(p->store, MILL_VIEW("f"), &second, &p->err), MILL_OK);
    assert_int_equal(mill_artifact_upload_write(first, MILL_VIEW("first"), &p->err), MILL_OK);
    assert_int_equal(mill_artifact_upload_write(second, MILL_VIEW("2nd"), &p->err), MILL_OK);
    assert_int_equal(mill_artifact_upload_commit(second, &p->err), MILL_OK);
    assert_int_equal(get(p, "f", text), MILL_OK);
    assert_string_equal(text, "2nd");
    assert_int_equal(mill_artifact_upload_commit(first, &p->err), MILL_OK);
    assert_int_equal(get(p, "f", text), MILL_OK);
    assert_string_equal(text, "first");
    assert_int_equal(count_entries("root"), 1);
}

static void test_replaced_file_has_new_etag(void **state)
{
    struct place *p = *state;
    struct mill_artifact_file before;
    struct mill_artifact_file after;

    assert_int_equal(put(p, "f", "same"), MILL_OK);
    assert_int_equal(mill_artifact_open(p->store, MILL_VIEW("f"), &before, &p->err), MILL_OK);
    assert_int_equal(put(p, "f", "size"), MILL_OK);
    assert_int_equal(mill_artifact_open(p->store, MILL_VIEW("f"), &after, &p->err), MILL_OK);
    assert_string_not_equal(before.etag, after.etag);
    assert_true(before.mtime_ms > 1600000000000 && before.mtime_ms <= after.mtime_ms);
    close(before.fd);
    close(after.fd);
}

static void test_commit_meets_an_obstacle(void **state)
{
    struct place *p = *state;
    struct mill_artifact_upload *upload;

    assert_int_equal(mill_artifact_upload(p->store, MILL_VIEW("d/f"), &upload, &p->err),
                     MILL_OK);
    write_file("root/d", "a file meanwhile");
    assert_int_equal(mill_artifact_upload_commit(upload, &p->err), MILL_E_INVALID);
    assert_string_equal(list(p, ""), "d 16,");
    assert_int_equal(count_entries("root"), 1);

    assert_int_equal(mill_artifact_upload(p->store, MILL_VIEW("e"), &upload, &p->err), MILL_OK);
    must(mkdir("root/e", 0755));
    assert_int_equal(mill_artifact_upload_commit(upload, &p->err), MILL_E_INVALID);
    assert_int_equal(count_entries("root"), 2);
}

static void test_remove(void **state)
{
    struct place *p = *state;

    assert_int_equal(put(p, "t/a/b/c", "1"), MILL_OK);
    assert_int_equal(put(p, "t/a/d", "1"), MILL_OK);
    assert_int_equal(put(p, "t/e", "1"), MILL_OK);
    must(symlink("../../outside", "root/t/a/link"));
    assert_int_equal(mill_artifact_remove(p->store, MILL_VIEW("t/a/d"), &p->err), MILL_OK);
    assert_string_equal(list(p, "t/a"), "b/,");
    assert_int_equal(mill_artifact_remove(p->store, MILL_VIEW("t/a"), &p->err), MILL_OK);
    assert_string_equal(list(p, "t"), "e 1,");
    assert_int_equal(mill_artifact_remove(p->store, MILL_VIEW("t/a"), &p->err), MILL_OK);
    assert_int_equal(mill_artifact_remove(p->store, MILL_VIEW("t/e/x"), &p->err), MILL_OK);
    assert_int_equal(mill_artifact_remove(p->store, MILL_VIEW(""), &p->err), MILL_E_INVALID);
    assert_string_equal(list(p, "t"), "e 1,");
    must(access("outside/secret", R_OK));
}

/* Links in and out of the root, by every operation. */
static void test_links(void **state)
{
    struct place *p = *state;
    char target[128];
    char text[64];

    assert_int_equal(put(p, "d/f", "inside"), MILL_OK);
    must(symlink("d/f", "root/in"));
    must(symlink("../d", "root/d/again"));
    must(symlink("../outside", "root/out"));
    must(symlink("../outside/secret", "root/leak"));
    must(symlink("/etc/passwd", "root/etc"));
    must(symlink("loop", "root/loop"));
    must(symlink("d/../../outside/secret", "root/sly"));
    snprintf(target, sizeof(target), "%s/root/d", p->top);
    must(symlink(target, "root/absolute"));
    snprintf(target, sizeof(target), "%s/root-not", p->top);
    must(symlink(target, "root/beside"));

    static const char *const inside[] = {"in", "d/again/f", "absolute/f", "absolute/again/f"};
    static const char *const outside[] = {"leak", "out/secret", "etc", "loop", "sly", "beside"};

    for (size_t i = 0; i < MILL_COUNT(inside); i++) {
        if (get(p, inside[i], text) != MILL_OK)
            fail_msg("%s: %s", inside[i], p->err.message);
        assert_string_equal(text, "inside");
    }
    for (size_t i = 0; i < MILL_COUNT(outside); i++) {
        if (get(p, outside[i], text) != MILL_E_INVALID)
            fail_msg("%s could be opened", outside[i]);
        assert_int_equal(put(p, outside[i], "x"), MILL_E_INVALID);
    }
    assert_string_equal(list(p, "out"), "refused");
    assert_string_equal(list(p, ""), "absolute/,d/,in 6,");
    assert_int_equal(put(p, "out/new", "x"), MILL_E_INVALID);
    assert_int_equal(mill_artifact_remove(p->store, MILL_VIEW("out/secret"), &p->err),
                     MILL_E_INVALID);
    assert_int_equal(put(p, "absolute/g", "x"), MILL_OK);
    assert_string_equal(list(p, "d"), "again/,f 6,g 1,");
    assert_int_equal(mill_artifact_remove(p->store, MILL_VIEW("out"), &p->err), MILL_OK);
    assert_int_equal(count_entries("outside"), 1);
    must(access("outside/secret", R_OK));
}

/* The way that is taken without openat2(2) gives the same answers. */
static void test_walk(void **state)
{
    struct place *p = *state;
    char root_path[128];
    int root;

    assert_int_equal(put(p, "d/e/f", "x"), MILL_OK);
    must(symlink("e", "root/d/link"));
    must(symlink("../e/../e/f", "root/d/e/self"));
    must(symlink("../../outside", "root/d/out"));
    must(symlink("loop", "root/loop"));
    snprintf(root_path, sizeof(root_path), "%s/root", p->top);
    root = open(root_path, O_PATH | O_DIRECTORY);
    must(root);

    static const struct {
        const char *path;
        int flags;
        int code;
    } cases[] = {
        {"", O_PATH | O_DIRECTORY, 0},
        {"d/e/f", O_RDONLY, 0},
        {"d/link/f", O_RDONLY, 0},
        {"d/link/self", O_RDONLY, 0},
        {"d/link/self", O_PATH, 0},
        {"d/link", O_PATH | O_DIRECTORY, 0},
        {"d/out", O_PATH, EXDEV},
        {"d/out/secret", O_RDONLY, EXDEV},
        {"../outside/secret", O_RDONLY, EXDEV},
        {"loop", O_RDONLY, ELOOP},
        {"missing", O_RDONLY, ENOENT},
        {"d/missing/x", O_RDONLY, ENOENT},
        {"d/e/f/x", O_RDONLY, ENOTDIR},
        {"d/link", O_RDONLY | O_NOFOLLOW, ELOOP},
    };
    for (size_t i = 0; i < MILL_COUNT(cases); i++) {
        for (int direct = 0; direct < 2; direct++) {
            int fd = direct ? mill_beneath_open(root, root_path, cases[i].path, cases[i].flags)
                            : mill_beneath_walk(root, root_path, cases[i].path, cases[i].flags);

            if (fd < 0 ? errno != cases[i].code : cases[i].code != 0)
                fail_msg("%s: %d %s", cases[i].path, fd, fd < 0 ? strerror(errno) : "");
            if (fd >= 0)
                close(fd);
        }
    }
    close(root);
}

static void test_stale_uploads_go(void **state)
{
    struct place *p = *state;
    struct mill_artifact_upload *alive;
    struct mill_artifact_store *second;

    assert_int_equal(mill_artifact_upload(p->store, MILL_VIEW("f"), &alive, &p->err), MILL_OK);
    write_file("root/" MILL_UPLOAD_PREFIX "dead", "half");
    assert_int_equal(count_entries("root"), 2);
    assert_int_equal(mill_artifact_open_store(MILL_VIEW("./root/../root/"), &second, &p->err),
                     MILL_OK);
    assert_int_equal(count_entries("root"), 1);
    assert_int_equal(mill_artifact_upload_commit(alive, &p->err), MILL_OK);
    assert_string_equal(list(p, ""), "f 0,");
    mill_artifact_close_store(second);
}

static void test_disk_full(void **state)
{
    struct place *p = *state;
    char big[4096];

    if (access("/dev/full", W_OK) != 0)
        skip();
    memset(big, 'x', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    /* The kernel's always full device in place of the file aside. */
    struct mill_artifact_upload *upload;
    assert_int_equal(mill_artifact_upload(p->store, MILL_VIEW("f"), &upload, &p->err), MILL_OK);
    int full = open("/dev/full", O_WRONLY);
    must(full);
    int highest = -1;
    for (int fd = 3; fd < full; fd++) {
        struct stat info;

        if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size == 0 &&
            (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY)
            highest = fd;
    }
    assert_true(highest > 0);
    must(dup2(full, highest));
    close(full);
    assert_int_equal(mill_artifact_upload_write(upload, mill_view_of(big), &p->err),
                     MILL_E_FULL);
    mill_artifact_upload_abort(upload);
    assert_int_equal(count_entries("root"), 0);
}

static void test_locate(void **state)
{
    struct place *p = *state;
    struct mill_artifact_store *local;
    struct mill_artifact_store *found;
    struct mill_view path;
    char uri[128];

    snprintf(uri, sizeof(uri), "%s/root", p->top);
    assert_true(mill_view_eq(mill_artifact_directory(p->store), mill_view_of(uri)));
    must(symlink("runs", "alias"));
    must(mkdir("runs", 0755));
    assert_int_equal(mill_artifact_open_store(MILL_VIEW("alias"), &local, &p->err), MILL_OK);
    assert_int_equal(mill_artifact_locate(p->store, local,
                                          MILL_VIEW("mlflow-artifacts:/1/r/artifacts"),
                                          &p->arena, &found, &path, &p->err),
                     MILL_OK);
    assert_ptr_equal(found, p->store);
    assert_string_equal(path.ptr, "1/r/artifacts");

    static const char *const ways[][2] = {
        {"file://", "/runs/1/r"}, {"", "/alias/1/r"}, {"", "/runs/1//r/"}};
    for (size_t i = 0; i < MILL_COUNT(ways); i++) {
        snprintf(uri, sizeof(uri), "%s%s%s", ways[i][0], p->top, ways[i][1]);
        assert_int_equal(mill_artifact_locate(p->store, local, mill_view_of(uri), &p->arena,
                                              &found, &path, &p->err),
                         MILL_OK);
        assert_ptr_equal(found, local);
        assert_true(mill_view_eq(path, MILL_VIEW("1/r")));
    }
    assert_int_equal(mill_artifact_locate(p->store, local, MILL_VIEW("./alias/2"), &p->arena,
                                          &found, &path, &p->err),
                     MILL_OK);
    assert_true(mill_view_eq(path, MILL_VIEW("2")));
    snprintf(uri, sizeof(uri), "%s/root/5", p->top);
    assert_int_equal(mill_artifact_locate(p->store, local, mill_view_of(uri), &p->arena, &found,
                                          &path, &p->err),
                     MILL_OK);
    assert_ptr_equal(found, p->store);

    static const char *const elsewhere[] = {"/etc",    "file:///etc", "outside",
                                            "rootnot", "s3://b/x",    "http://h/x"};
    for (size_t i = 0; i < MILL_COUNT(elsewhere); i++) {
        found = NULL;
        if (mill_artifact_locate(p->store, local, mill_view_of(elsewhere[i]), &p->arena, &found,
                                 &path, &p->err) != MILL_E_UNSUPPORTED)
            fail_msg("%s was found", elsewhere[i]);
        assert_null(found);
    }
    assert_int_equal(mill_artifact_locate(NULL, NULL, MILL_VIEW("mlflow-artifacts:/1"),
                                          &p->arena, &found, &path, &p->err),
                     MILL_E_UNSUPPORTED);
    assert_int_equal(mill_artifact_locate(p->store, local, MILL_VIEW("file:///a/../etc"),
                                          &p->arena, &found, &path, &p->err),
                     MILL_E_INVALID);
    mill_artifact_close_store(local);
}

static void test_open_store(void **state)
{
    struct place *p = *state;
    struct mill_artifact_store *store = NULL;

    assert_int_equal(mill_artifact_open_store(MILL_VIEW("s3://b"), &store, &p->err),
                     MILL_E_UNSUPPORTED);
    assert_int_equal(mill_artifact_open_store(MILL_VIEW(""), &store, &p->err), MILL_E_INVALID);
    assert_int_equal(mill_artifact_open_store(MILL_VIEW("outside/secret"), &store, &p->err),
                     MILL_E_INVALID);
    assert_int_equal(mill_artifact_open_store(MILL_VIEW("outside/secret/x"), &store, &p->err),
                     MILL_E_INVALID);
    assert_null(store);
    mill_artifact_close_store(store);
}

/* Each allocation fails once: nothing leaks, nothing is left in the root. */
static void test_out_of_memory(void **state)
{
    struct place *p = *state;
    enum mill_status st = MILL_E_NOMEM;

    for (long nth = 1; st != MILL_OK; nth++) {
        struct mill_artifact_store *store = NULL;

        assert_true(nth < 50);
        mill_alloc_fail_after(nth);
        st = mill_artifact_open_store(MILL_VIEW("file:root"), &store, &p->err);
        if (st == MILL_OK) {
            struct mill_artifact_upload *upload;

            st = mill_artifact_upload(store, MILL_VIEW("f"), &upload, &p->err);
            if (st == MILL_OK)
                mill_artifact_upload_abort(upload);
        }
        mill_alloc_fail_after(0);
        mill_artifact_close_store(store);
        assert_true(st == MILL_OK || st == MILL_E_NOMEM);
    }
    assert_int_equal(count_entries("root"), 0);
}

/* A file of two parts; each allocation fails once. */
static enum mill_status store_in_parts(struct place *p)
{
    static const struct mill_parts_limits limits = {100, 3600000};
    char etags[2][MILL_ETAG_SIZE];
    struct mill_artifact_part parts[2];
    char id[33];
    enum mill_status st =
        mill_artifact_begin_parts(p->store, MILL_VIEW("d/f"), 2, &limits, id, &p->err);

    for (int64_t i = 0; st == MILL_OK && i < 2; i++) {
        struct mill_artifact_upload *upload = NULL;

        st = mill_artifact_upload_part(p->store, mill_view_of(id), i + 1, etags[i], &upload,
                                       &p->err);
        if (st == MILL_OK)
            st = mill_artifact_upload_write(upload, MILL_VIEW("half"), &p->err);
        if (st == MILL_OK)
            st = mill_artifact_upload_commit(upload, &p->err);
        else
            mill_artifact_upload_abort(upload);
        parts[i] = (struct mill_artifact_part){i + 1, mill_view_of(etags[i])};
    }
    if (st == MILL_OK)
        st = mill_artifact_complete_parts(p->store, MILL_VIEW("d/f"), mill_view_of(id), parts,
                                          2, 8, &p->err);
    if (st != MILL_OK)
        mill_artifact_abort_parts(p->store, MILL_VIEW("d/f"), mill_view_of(id), NULL);
    return st;
}

static void test_parts_out_of_memory(void **state)
{
    struct place *p = *state;
    struct mill_artifact_file file;
    enum mill_status st = MILL_E_NOMEM;

    for (long nth = 1; st != MILL_OK; nth++) {
        assert_true(nth < 50);
        mill_alloc_fail_after(nth);
        st = store_in_parts(p);
        mill_alloc_fail_after(0);
        assert_true(st == MILL_OK || st == MILL_E_NOMEM);
        assert_int_equal(count_entries("root/" MILL_UPLOAD_PREFIX "parts"), 0);
    }
    assert_int_equal(mill_artifact_open(p->store, MILL_VIEW("d/f"), &file, &p->err), MILL_OK);
    assert_int_equal(file.size, 8);
    close(file.fd);
}

#define PLACE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_round_trip),
        PLACE_TEST(test_what_is_refused),
        PLACE_TEST(test_abort_leaves_nothing),
        PLACE_TEST(test_last_commit_wins),
        PLACE_TEST(test_replaced_file_has_new_etag),
        PLACE_TEST(test_commit_meets_an_obstacle),
        PLACE_TEST(test_remove),
        PLACE_TEST(test_links),
        PLACE_TEST(test_walk),
        PLACE_TEST(test_stale_uploads_go),
        PLACE_TEST(test_disk_full),
        PLACE_TEST(test_locate),
        PLACE_TEST(test_open_store),
        PLACE_TEST(test_out_of_memory),
        PLACE_TEST(test_parts_out_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
