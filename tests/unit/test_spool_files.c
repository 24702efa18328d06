/* test_spool_files.c - one writer's files: rotation, torn ends, the place that is acknowledged,
 * files that somebody else removes. */
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
#include "logger/spool_files.h"

static char home[64];
static struct mill_spool_writer writer;

static int setup(void **state)
{
    const struct mill_spool_open open = {.run_id = MILL_VIEW("run")};
    (void)state;
    snprintf(home, sizeof(home), "/tmp/mill-spool-XXXXXX");
    assert_non_null(mkdtemp(home));
    assert_int_equal(mill_spool_writer_open(&writer, mill_view_of(home), &open, true, NULL),
                     MILL_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    mill_spool_writer_release(&writer);
    mill_spool_remove_tree(home);
    return 0;
}

/* A record whose payload is that many bytes. */
static void write_record(size_t bytes)
{
    size_t begin = mill_spool_record_begin(&writer.pending, MILL_SPOOL_LOG);
    assert_true(mill_buf_reserve(&writer.pending, bytes));
    memset(writer.pending.ptr + writer.pending.len, 'x', bytes);
    writer.pending.len += bytes;
    mill_spool_record_end(&writer.pending, begin);
    assert_int_equal(mill_spool_writer_flush(&writer, false, NULL), MILL_OK);
}

/* How many records there are behind the place, which moves; heads of files aside. */
static int read_all(struct mill_spool_reader *reader, bool *damaged)
{
    struct mill_spool_record record;
    struct mill_view bytes;
    int count = 0;
    for (;;) {
        assert_int_equal(mill_spool_reader_fill(reader, &bytes, damaged, NULL), MILL_OK);
        struct mill_view rest = bytes;
        while (mill_spool_record_next(&rest, &record) == MILL_SPOOL_RECORD)
            count += record.kind != MILL_SPOOL_OPEN;
        if (rest.len == bytes.len)
            return count;
        mill_spool_reader_advance(reader, bytes.len - rest.len);
    }
}

static void append_to(int64_t number, const void *bytes, size_t len)
{
    char path[512];
    snprintf(path, sizeof(path), "%s.%06lld.spool", writer.base, (long long)number);
    FILE *file = fopen(path, "ab");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    fclose(file);
}

static bool there(int64_t number)
{
    return mill_spool_first_file(writer.base, number) == number;
}

/* A file is followed by another once it is long; what is acknowledged is deleted. */
static void test_rotation(void **state)
{
    struct mill_spool_reader reader;
    bool damaged;
    (void)state;
    for (int i = 0; i < 5; i++)
        write_record((size_t)9 << 20);
    assert_true(there(1) && there(2) && there(3));
    assert_int_equal(mill_spool_reader_open(&reader, writer.base, NULL), MILL_OK);
    assert_int_equal(read_all(&reader, &damaged), 5);
    assert_int_equal(reader.place.number, writer.end.number);
    assert_int_equal(reader.place.offset, writer.end.offset);
    assert_int_equal(reader.passed_bytes, writer.total_bytes);
    assert_int_equal(mill_spool_reader_acknowledge(&reader, true, NULL), MILL_OK);
    assert_true(there(1));
    assert_int_equal(mill_spool_reader_acknowledge(&reader, false, NULL), MILL_OK);
    assert_int_equal(mill_spool_first_file(writer.base, 1), reader.place.number);
    mill_spool_reader_release(&reader);
    assert_int_equal(mill_spool_reader_open(&reader, writer.base, NULL), MILL_OK);
    assert_int_equal(read_all(&reader, &damaged), 0);
    write_record(10);
    assert_int_equal(read_all(&reader, &damaged), 1);
    mill_spool_reader_release(&reader);
}

/* An older place than that of a delivery that has come further and removed files: the first
 * file that is left counts. */
static void test_files_removed(void **state)
{
    struct mill_spool_reader behind, ahead;
    bool damaged;
    (void)state;
    for (int i = 0; i < 5; i++)
        write_record((size_t)9 << 20);
    assert_int_equal(mill_spool_reader_open(&behind, writer.base, NULL), MILL_OK);
    assert_int_equal(mill_spool_reader_open(&ahead, writer.base, NULL), MILL_OK);
    assert_int_equal(read_all(&ahead, &damaged), 5);
    assert_int_equal(mill_spool_reader_acknowledge(&ahead, false, NULL), MILL_OK);
    assert_int_equal(read_all(&behind, &damaged), 1); /* of the last file alone */
    behind.place.number = 1;
    assert_int_equal(mill_spool_reader_acknowledge(&behind, false, NULL), MILL_OK);
    mill_spool_reader_release(&behind);
    assert_int_equal(mill_spool_reader_open(&behind, writer.base, NULL), MILL_OK);
    assert_int_equal(read_all(&behind, &damaged), 1);
    assert_false(mill_spool_reader_is_removed(&behind));
    mill_spool_remove(writer.base);
    assert_true(mill_spool_reader_is_removed(&behind));
    assert_int_equal(access(writer.directory, F_OK), -1);
    assert_int_equal(mill_spool_reader_acknowledge(&behind, false, NULL), MILL_OK);
    mill_spool_reader_release(&ahead);
    mill_spool_reader_release(&behind);
}

/* Ends that were cut off, in any of the ways that there are. */
static void test_torn_ends(void **state)
{
    static const char half[] = "\x64\0\0\0\x01\x02\x03\x04\x03half";
    char zeros[3000] = {0};
    const struct {
        const char *bytes;
        size_t len;
    } ends[] = {{"\x64", 1}, {half, sizeof(half) - 1}, {zeros, sizeof(zeros)}};
    struct mill_spool_reader reader;
    bool damaged;
    (void)state;
    write_record(100);
    for (size_t i = 0; i < MILL_COUNT(ends); i++) {
        append_to(1, ends[i].bytes, ends[i].len);
        assert_int_equal(mill_spool_reader_open(&reader, writer.base, NULL), MILL_OK);
        assert_int_equal(read_all(&reader, &damaged), 1);
        assert_false(damaged);
        mill_spool_reader_release(&reader);
        char path[512];
        snprintf(path, sizeof(path), "%s.000001.spool", writer.base);
        assert_int_equal(truncate(path, writer.end.offset), 0);
    }
    append_to(1, half, sizeof(half) - 1); /* and its rest never came */
    append_to(1, zeros, sizeof(zeros));
    assert_int_equal(mill_spool_reader_open(&reader, writer.base, NULL), MILL_OK);
    assert_int_equal(read_all(&reader, &damaged), 1);
    assert_false(damaged);
    append_to(1, "more", 4);
    assert_int_equal(read_all(&reader, &damaged), 0);
    assert_true(damaged);
    mill_spool_reader_release(&reader);
}

/* Whatever stands in the .ack file: delivering again does no harm, losing would. */
static void test_spoilt_ack(void **state)
{
    static const char *const texts[] = {
        "", "x y\n", "1\n", "-1 5\n", "0 0\n", "1 -5\n", "99999999999999999999 1\n"};
    char path[512];
    struct mill_spool_reader reader;
    bool damaged;
    (void)state;
    write_record(100);
    snprintf(path, sizeof(path), "%s.ack", writer.base);
    for (size_t i = 0; i < MILL_COUNT(texts); i++) {
        assert_int_equal(mill_spool_write_small(path, mill_view_of(texts[i]), NULL), MILL_OK);
        assert_int_equal(mill_spool_reader_open(&reader, writer.base, NULL), MILL_OK);
        assert_int_equal(read_all(&reader, &damaged), 1);
        mill_spool_reader_release(&reader);
    }
}

/* What a server refused is for people, and stays. */
static void test_remove(void **state)
{
    char path[512];
    struct mill_arena arena = {0};
    const char **bases;
    size_t count;
    (void)state;
    snprintf(path, sizeof(path), "%s.refused", writer.base);
    assert_int_equal(mill_spool_write_small(path, MILL_VIEW("{}\n"), NULL), MILL_OK);
    assert_int_equal(mill_spool_find(home, &arena, &bases, &count, NULL), MILL_OK);
    assert_int_equal(count, 1);
    assert_string_equal(bases[0], writer.base);
    mill_spool_remove(writer.base);
    assert_int_equal(mill_spool_find(home, &arena, &bases, &count, NULL), MILL_OK);
    assert_int_equal(count, 0);
    assert_int_equal(access(path, F_OK), 0);
    mill_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rotation, setup, teardown),
        cmocka_unit_test_setup_teardown(test_files_removed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_torn_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(test_spoilt_ack, setup, teardown),
        cmocka_unit_test_setup_teardown(test_remove, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
