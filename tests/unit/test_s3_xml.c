/* test_s3_xml.c - answers of S3 services: what they say, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "files/s3_xml.h"

#define XML       "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define NAMESPACE " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""

static void assert_view(struct mill_view view, const char *expected)
{
    assert_int_equal(view.len, strlen(expected));
    assert_memory_equal(view.ptr, expected, view.len);
}

static void read_xml(const char *xml, struct mill_arena *arena, struct mill_s3_answer *out)
{
    struct mill_error err = {""};
    if (mill_s3_read_xml(mill_view_of(xml), arena, out, &err) != MILL_OK)
        fail_msg("%s", err.message);
}

static const char listing[] =
    XML "<ListBucketResult" NAMESPACE "><Name>bucket</Name><Prefix>a/</Prefix>"
        "<EncodingType>url</EncodingType><KeyCount>3</KeyCount><MaxKeys>3</MaxKeys>"
        "<IsTruncated>true</IsTruncated><NextContinuationToken>1ueGcx &amp;=/+\n"
        "</NextContinuationToken>"
        "<Contents><Key>a/100%25+%C3%BC</Key><ETag>&quot;d41d&quot;</ETag><Size>42</Size>"
        "<Owner><ID>7</ID><Key>not this one</Key></Owner></Contents>"
        "<Contents>\n <Key>a/b&lt;c&#10;d</Key>\n <Size> 5497558138880 </Size></Contents>"
        "<CommonPrefixes><Prefix>a/dir/</Prefix></CommonPrefixes></ListBucketResult>";

static void test_listing(void **state)
{
    struct mill_arena arena = {0};
    struct mill_s3_answer a;
    (void)state;
    read_xml(listing, &arena, &a);
    assert_int_equal(a.document, MILL_S3_LISTING);
    assert_true(a.truncated);
    assert_true(a.url_encoded);
    assert_view(a.next_token, "1ueGcx &=/+\n");
    assert_int_equal(a.entry_count, 3);
    assert_view(a.entries[0].name, "a/100%25+%C3%BC");
    assert_int_equal(a.entries[0].size, 42);
    assert_false(a.entries[0].is_prefix);
    assert_view(a.entries[1].name, "a/b<c\nd");
    assert_true(a.entries[1].size == 5497558138880);
    assert_view(a.entries[2].name, "a/dir/");
    assert_true(a.entries[2].is_prefix);
    mill_arena_release(&arena);
}

static void test_others(void **state)
{
    struct mill_arena arena = {0};
    struct mill_s3_answer a;
    (void)state;
    read_xml("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>", &arena,
             &a);
    assert_int_equal(a.document, MILL_S3_LISTING);
    assert_int_equal(a.entry_count, 0);
    assert_false(a.truncated);
    assert_null(a.next_token.ptr);
    read_xml(XML "<InitiateMultipartUploadResult" NAMESPACE "><Bucket>b</Bucket>"
                 "<UploadId>VXBsb2Fk</UploadId></InitiateMultipartUploadResult>",
             &arena, &a);
    assert_int_equal(a.document, MILL_S3_INITIATED);
    assert_view(a.upload_id, "VXBsb2Fk");
    read_xml("<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>",
             &arena, &a);
    assert_int_equal(a.document, MILL_S3_COMPLETED);
    /* Services send spaces while they put the parts together, then the document. */
    read_xml(XML "  \n <Error><Code>PermanentRedirect</Code><Message>Go &amp; ask there"
                 "</Message><Region>eu-west-1</Region><Detail><Code>no</Code></Detail></Error>",
             &arena, &a);
    assert_int_equal(a.document, MILL_S3_ERROR);
    assert_view(a.code, "PermanentRedirect");
    assert_view(a.message, "Go & ask there");
    assert_view(a.region, "eu-west-1");
    read_xml("<html><Error><Code>1</Code></Error></html>", &arena, &a);
    assert_int_equal(a.document, MILL_S3_OTHER);
    assert_null(a.code.ptr);
    mill_arena_release(&arena);
}

static void refused(const char *xml, size_t len, const char *reason)
{
    struct mill_arena arena = {0};
    struct mill_s3_answer a;
    struct mill_error err;
    assert_int_equal(mill_s3_read_xml((struct mill_view){xml, len}, &arena, &a, &err),
                     MILL_E_INVALID);
    if (strstr(err.message, reason) == NULL)
        fail_msg("'%s' is not in '%s'", reason, err.message);
    mill_arena_release(&arena);
}

static void test_refused(void **state)
{
    static const char laughs[] = "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;&b;\">]>"
                                 "<Error><Code>&c;</Code></Error>";
    static const char outside[] = "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><Error/>";
    (void)state;
    refused("", 0, "no element found");
    refused("<Error>", 7, "no element found");
    refused("{\"a\": 1}", 8, "not well-formed");
    refused(laughs, sizeof(laughs) - 1, "document type");
    refused(outside, sizeof(outside) - 1, "document type");
    refused("<Error><Code>&b;</Code></Error>", 31, "undefined entity");
    refused("<ListBucketResult><Contents><Size>x</Size></Contents></ListBucketResult>", 72,
            "line 1 of the XML: the size of an object is not a number");
    refused("<ListBucketResult><Contents><Size>-1</Size></Contents></ListBucketResult>", 73,
            "not a number");
}

static void test_limits(void **state)
{
    struct mill_buf xml = {0};
    (void)state;
    for (int i = 0; i <= MILL_S3_MAX_DEPTH; i++)
        mill_buf_printf(&xml, "<a>");
    refused(xml.ptr, xml.len, "nested too deeply");
    xml.len = 0;
    mill_buf_printf(&xml, "<Error><%0300d/></Error>", 1);
    xml.ptr[8] = 'a';
    refused(xml.ptr, xml.len, "nested too deeply");
    xml.len = 0;
    mill_buf_printf(&xml, "<Error><Code>%0*d</Code></Error>", (int)MILL_S3_MAX_TEXT + 1, 1);
    refused(xml.ptr, xml.len, "a text is too long");
    xml.len = 0;
    mill_buf_printf(&xml, "<ListBucketResult>");
    for (size_t i = 0; i <= MILL_S3_MAX_ENTRIES; i++)
        mill_buf_printf(&xml, "<Contents/>");
    refused(xml.ptr, xml.len, "too many entries");
    mill_buf_release(&xml);
}

static void test_no_memory(void **state)
{
    enum mill_status st = MILL_E_NOMEM;
    (void)state;
    for (long nth = 1; st != MILL_OK; nth++) {
        struct mill_arena arena = {0};
        struct mill_s3_answer a;
        mill_alloc_fail_after(nth);
        st = mill_s3_read_xml(mill_view_of(listing), &arena, &a, NULL);
        mill_alloc_fail_after(0);
        assert_true(st == MILL_OK || st == MILL_E_NOMEM);
        assert_true(st != MILL_OK || nth > 5);
        mill_arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listing),   cmocka_unit_test(test_others),
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_limits),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
