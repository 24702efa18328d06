/* test_checksum.c - checksums against the published check values, and of parts of files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/view.h"
#include "files/aws_sign.h"
#include "files/checksum.h"

/* Of the text that catalogues of such checks use. */
static const struct {
    enum mill_checksum_kind kind;
    const char *name, *nine_digits, *nothing;
} values[] = {
    {MILL_MD5, "MD5", "25f9e794323b453885f5181f1b624d0b", "d41d8cd98f00b204e9800998ecf8427e"},
    {MILL_SHA1, "SHA-1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
     "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {MILL_SHA256, "SHA-256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
     MILL_AWS_EMPTY_SHA256},
    {MILL_CRC32, "CRC-32", "cbf43926", "00000000"},
    {MILL_CRC32C, "CRC-32C", "e3069283", "00000000"},
    {MILL_CRC64NVME, "CRC-64/NVME", "ae8b14860a799888", "0000000000000000"},
};

static void assert_sum(const struct mill_checksum *sum, const char *expected)
{
    char hex[2 * MILL_CHECKSUM_BYTES + 1];
    mill_aws_hex(sum->bytes, sum->len, hex);
    assert_string_equal(hex, expected);
}

static void test_values(void **state)
{
    struct mill_checksum sum;
    (void)state;
    assert_int_equal(MILL_COUNT(values), MILL_CHECKSUM_COUNT);
    for (size_t i = 0; i < MILL_COUNT(values); i++) {
        assert_string_equal(mill_checksum_name(values[i].kind), values[i].name);
        assert_true(mill_checksum_bytes(values[i].kind, MILL_VIEW("123456789"), &sum));
        assert_sum(&sum, values[i].nine_digits);
        assert_true(mill_checksum_bytes(values[i].kind, MILL_VIEW(""), &sum));
        assert_sum(&sum, values[i].nothing);
    }
}

static FILE *file_with(const char *before, const char *after, size_t gap)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    fputs(before, file);
    for (size_t i = 0; i < gap; i++)
        putc('-', file);
    fputs(after, file);
    fflush(file);
    return file;
}

/* A part of a file, of which one piece of reading is not enough. */
static void test_files(void **state)
{
    static const size_t gap = 600000;
    FILE *file = file_with("123456789", "123456789", gap);
    int fd = fileno(file);
    (void)state;
    for (size_t i = 0; i < MILL_COUNT(values); i++) {
        struct mill_checksum sum, again;
        char *middle = malloc(gap);
        assert_non_null(middle);
        memset(middle, '-', gap);
        assert_int_equal(
            mill_checksum_file(values[i].kind, fd, 9 + (int64_t)gap, 9, NULL, NULL, &sum, NULL),
            MILL_OK);
        assert_sum(&sum, values[i].nine_digits);
        assert_int_equal(
            mill_checksum_file(values[i].kind, fd, 9, (int64_t)gap, NULL, NULL, &sum, NULL),
            MILL_OK);
        assert_true(
            mill_checksum_bytes(values[i].kind, (struct mill_view){middle, gap}, &again));
        assert_memory_equal(sum.bytes, again.bytes, sum.len);
        free(middle);
    }
    fclose(file);
}

static bool never(void *context)
{
    ++*(int *)context;
    return false;
}

static void test_failures(void **state)
{
    FILE *file = file_with("123", "", 0);
    struct mill_checksum sum;
    struct mill_error err;
    int asked = 0;
    (void)state;
    assert_int_equal(mill_checksum_file(MILL_CRC32, fileno(file), 0, 4, NULL, NULL, &sum, &err),
                     MILL_E_IO);
    assert_string_equal(err.message, "the file has become shorter");
    assert_int_equal(
        mill_checksum_file(MILL_SHA256, fileno(file), 0, 3, never, &asked, &sum, &err),
        MILL_E_CANCELLED);
    assert_int_equal(asked, 1);
    assert_int_equal(mill_checksum_file(MILL_MD5, -1, 0, 3, NULL, NULL, &sum, &err), MILL_E_IO);
    mill_alloc_fail_after(1);
    assert_int_equal(mill_checksum_file(MILL_MD5, fileno(file), 0, 3, NULL, NULL, &sum, &err),
                     MILL_E_NOMEM);
    mill_alloc_fail_after(0);
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
