/* parse.h - requests of HTTP/1.0 and 1.1 as bytes: where a head ends, what it says, the pieces
 * of a chunked body. No sockets, no memory: conn.c feeds it, the fuzzer too.
 *
 * Strict on purpose. What two parties could read in two ways (bare line feeds, folded lines,
 * two lengths, a space before the colon) is refused, never repaired. */
#ifndef MILL_SERVER_PARSE_H
#define MILL_SERVER_PARSE_H

#include "server/http.h"

/* Why a request cannot be served; the connection is closed after the answer. */
struct mill_refusal {
    int http_status;
    const char *message;
};

enum mill_scan { MILL_SCAN_MORE, MILL_SCAN_DONE, MILL_SCAN_BAD };

/* How far a head that arrives in pieces was looked at. Zeroed before its first byte. */
struct mill_head_scan {
    size_t seen;
    size_t line;  /* where the current line begins */
    size_t lines; /* complete ones */
};

/* Looks at the bytes of a head that arrived so far (all of them, from its first byte; they may
 * have moved). On DONE *head_len_out is its length with the empty line at the end. */
enum mill_scan mill_head_scan(struct mill_head_scan *scan, struct mill_view bytes,
                              size_t max_bytes, size_t max_headers, size_t *head_len_out,
                              struct mill_refusal *refusal);

/* What a head says. Views point into its bytes. */
struct mill_head {
    enum mill_method method; /* 0: a method that no route has */
    struct mill_view method_text;
    struct mill_view target;
    bool http11;
    bool keep_alive;
    bool chunked;
    bool expect_continue;
    int64_t content_length; /* MILL_ABSENT: no such header */
    struct mill_view host;  /* absent only in HTTP/1.0 */
    struct mill_view origin;
    struct mill_view accept_encoding;
    struct mill_header *headers; /* given by the caller, with room for max_headers */
    size_t header_count, max_headers;
};

/* Reads a complete head as mill_head_scan found it. False: see *refusal. */
bool mill_head_parse(struct mill_view bytes, struct mill_head *head,
                     struct mill_refusal *refusal);

/* A chunked body on its way. Zeroed before its first byte. */
struct mill_chunks {
    int state;
    unsigned digits;
    uint64_t left;     /* of the current chunk */
    uint64_t overhead; /* bytes that were not content, since the last content */
};

/* Takes some of bytes: *used_out of them were consumed, *piece_out (may be empty) is content
 * among them. DONE: the body is complete. Call again with the rest while it is MORE and
 * something was consumed. */
enum mill_scan mill_chunks_next(struct mill_chunks *chunks, struct mill_view bytes,
                                struct mill_view *piece_out, size_t *used_out);

#endif
