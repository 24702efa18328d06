/* http_head.c - any bytes as a request: head at once and in pieces, then what follows as a
 * chunked body. Both ways must agree, and every view must lie within the bytes. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "server/gzip.h"
#include "server/parse.h"
#include "server/security.h"

#define MAX_BYTES   4096
#define MAX_HEADERS 24

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum mill_scan scan_in_pieces(struct mill_view bytes, size_t step, size_t *len_out,
                                     struct mill_refusal *refusal)
{
    struct mill_head_scan scan = {0};
    enum mill_scan result = MILL_SCAN_MORE;

    for (size_t end = 0; result == MILL_SCAN_MORE && end < bytes.len;) {
        end = end + step < bytes.len ? end + step : bytes.len;
        result = mill_head_scan(&scan, (struct mill_view){bytes.ptr, end}, MAX_BYTES,
                                MAX_HEADERS, len_out, refusal);
    }
    return result;
}

static void check_within(struct mill_view whole, struct mill_view part)
{
    if (part.len > 0)
        assert(part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

static void check_head(struct mill_view bytes)
{
    struct mill_header headers[MAX_HEADERS];
    struct mill_head head = {.headers = headers, .max_headers = MAX_HEADERS};
    struct mill_security security = {.bind_host = MILL_VIEW("localhost")};
    struct mill_refusal refusal = {0, NULL};

    if (!mill_head_parse(bytes, &head, &refusal)) {
        assert(refusal.http_status >= 400 && refusal.http_status < 600);
        assert(refusal.message != NULL);
        return;
    }
    assert(head.method != 0 && head.target.len > 0 && head.target.ptr[0] == '/');
    assert(head.header_count <= MAX_HEADERS);
    assert(!head.chunked || head.content_length == MILL_ABSENT);
    assert(head.content_length == MILL_ABSENT || head.content_length >= 0);
    check_within(bytes, head.target);
    for (size_t i = 0; i < head.header_count; i++) {
        assert(headers[i].name.len > 0);
        check_within(bytes, headers[i].name);
        check_within(bytes, headers[i].value);
    }
    (void)mill_gzip_accepted(head.accept_encoding);
    (void)mill_security_host(&security, head.host);
    if (head.origin.ptr != NULL)
        (void)mill_security_origin(&security, head.origin, head.host);
    if (head.host.ptr != NULL)
        (void)mill_glob(head.target, head.host);
}

/* The content of a chunked body, fed step bytes at a time. */
static enum mill_scan read_chunks(struct mill_view bytes, size_t step, struct mill_buf *out,
                                  size_t *used_out)
{
    struct mill_chunks chunks = {0};
    size_t at = 0;

    while (at < bytes.len) {
        size_t len = step < bytes.len - at ? step : bytes.len - at;
        struct mill_view piece;
        size_t used = 0;
        enum mill_scan scan =
            mill_chunks_next(&chunks, (struct mill_view){bytes.ptr + at, len}, &piece, &used);
        if (scan == MILL_SCAN_BAD)
            return scan;
        assert(used > 0 && used <= len);
        check_within(bytes, piece);
        mill_buf_add_view(out, piece);
        at += used;
        *used_out = at;
        if (scan == MILL_SCAN_DONE)
            return scan;
    }
    return MILL_SCAN_MORE;
}

static void check_chunks(struct mill_view bytes)
{
    struct mill_buf whole = {0}, pieces = {0};
    size_t whole_used = 0, pieces_used = 0;
    enum mill_scan at_once = read_chunks(bytes, bytes.len, &whole, &whole_used);
    enum mill_scan in_pieces = read_chunks(bytes, 3, &pieces, &pieces_used);

    assert(at_once == in_pieces);
    if (at_once != MILL_SCAN_BAD) {
        assert(whole_used == pieces_used);
        assert(mill_view_eq(mill_buf_view(&whole), mill_buf_view(&pieces)));
    }
    mill_buf_release(&whole);
    mill_buf_release(&pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_view bytes = {(const char *)data, size};
    struct mill_refusal refusal = {0, NULL};
    size_t len = 0, piece_len = 0;
    enum mill_scan at_once, in_pieces;

    if (size == 0)
        return 0;
    at_once = scan_in_pieces(bytes, size, &len, &refusal);
    in_pieces = scan_in_pieces(bytes, 1, &piece_len, &refusal);
    assert(at_once == in_pieces);
    if (at_once == MILL_SCAN_DONE) {
        assert(len == piece_len && len <= size);
        check_head((struct mill_view){bytes.ptr, len});
        check_chunks(mill_view_from(bytes, len));
    } else if (at_once == MILL_SCAN_BAD) {
        assert(refusal.http_status >= 400);
    }
    check_chunks(bytes);
    return 0;
}
