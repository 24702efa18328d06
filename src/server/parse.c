/* parse.c - HTTP/1.x heads and chunked bodies, for conn.c and the fuzzer. */
#include "server/parse.h"

#include <llhttp.h>

/* Chunk sizes, extensions and trailers may take this much without any content between. */
#define MAX_CHUNK_OVERHEAD 16384

static bool refuse(struct mill_refusal *refusal, int http_status, const char *message)
{
    *refusal = (struct mill_refusal){http_status, message};
    return false;
}

/* --- finding the end -------------------------------------------------------------------- */

/* One line of a head, without its line feed. */
static bool check_line(struct mill_view line, bool first, struct mill_refusal *refusal)
{
    if (line.len == 0 || line.ptr[line.len - 1] != '\r')
        return refuse(refusal, 400, "a line of the head does not end with CR LF");
    if (!first && (line.ptr[0] == ' ' || line.ptr[0] == '\t'))
        return refuse(refusal, 400, "a header is continued on a second line");
    return true;
}

static enum mill_scan too_long(const struct mill_head_scan *scan, struct mill_refusal *refusal)
{
    if (scan->lines == 0)
        refuse(refusal, 414, "the request line is longer than --max-head-size allows");
    else
        refuse(refusal, 431, "the headers are longer than --max-head-size allows");
    return MILL_SCAN_BAD;
}

enum mill_scan mill_head_scan(struct mill_head_scan *scan, struct mill_view bytes,
                              size_t max_bytes, size_t max_headers, size_t *head_len_out,
                              struct mill_refusal *refusal)
{
    while (scan->seen < bytes.len) {
        const char *from = bytes.ptr + scan->seen;
        const char *feed = memchr(from, '\n', bytes.len - scan->seen);
        if (feed == NULL) {
            scan->seen = bytes.len;
            break;
        }
        size_t end = (size_t)(feed - bytes.ptr);
        struct mill_view line = {bytes.ptr + scan->line, end - scan->line};
        if (!check_line(line, scan->lines == 0, refusal))
            return MILL_SCAN_BAD;
        scan->seen = end + 1;
        scan->line = end + 1;
        if (scan->seen > max_bytes)
            return too_long(scan, refusal);
        if (line.len == 1) {
            *head_len_out = scan->seen;
            return MILL_SCAN_DONE;
        }
        if (++scan->lines > max_headers + 1) {
            refuse(refusal, 431, "there are more headers than --max-headers allows");
            return MILL_SCAN_BAD;
        }
    }
    return bytes.len > max_bytes ? too_long(scan, refusal) : MILL_SCAN_MORE;
}

/* --- the request line ------------------------------------------------------------------- */

static enum mill_method method_of(struct mill_view text)
{
    static const struct {
        struct mill_view text;
        enum mill_method method;
    } methods[] = {
        {{"GET", 3}, MILL_GET},         {{"POST", 4}, MILL_POST},
        {{"HEAD", 4}, MILL_HEAD},       {{"PUT", 3}, MILL_PUT},
        {{"PATCH", 5}, MILL_PATCH},     {{"DELETE", 6}, MILL_DELETE},
        {{"OPTIONS", 7}, MILL_OPTIONS},
    };

    for (size_t i = 0; i < MILL_COUNT(methods); i++) {
        if (mill_view_eq(text, methods[i].text))
            return methods[i].method;
    }
    return 0;
}

static bool is_method_text(struct mill_view text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!((c >= 'A' && c <= 'Z') || (c == '-' && i > 0)))
            return false;
    }
    return text.len > 0 && text.len <= 32;
}

static bool check_target(struct mill_view target, struct mill_refusal *refusal)
{
    if (target.len == 0 || target.ptr[0] != '/')
        return refuse(refusal, 400, "the request target is not a path");
    for (size_t i = 0; i < target.len; i++) {
        unsigned char c = (unsigned char)target.ptr[i];
        if (c <= ' ' || c == 0x7f || c == '#')
            return refuse(refusal, 400,
                          "the request target holds a character that is not allowed");
    }
    return true;
}

static bool read_request_line(struct mill_view line, struct mill_head *head,
                              struct mill_refusal *refusal)
{
    struct mill_view version;
    struct mill_view rest = mill_view_cut(line, ' ', &head->method_text);

    version = mill_view_cut(rest, ' ', &head->target);
    if (!is_method_text(head->method_text) || version.ptr == NULL)
        return refuse(refusal, 400, "the request line is not METHOD PATH VERSION");
    head->http11 = mill_view_eq(version, MILL_VIEW("HTTP/1.1"));
    if (!head->http11 && !mill_view_eq(version, MILL_VIEW("HTTP/1.0"))) {
        if (version.len == 8 && mill_view_starts(version, MILL_VIEW("HTTP/")))
            return refuse(refusal, 505, "the version of HTTP is not 1.0 or 1.1");
        return refuse(refusal, 400, "the request line is not METHOD PATH VERSION");
    }
    head->keep_alive = head->http11;
    head->method = method_of(head->method_text);
    if (head->method == 0)
        return refuse(refusal, 501, "this method is not known here");
    return check_target(head->target, refusal);
}

/* --- headers ---------------------------------------------------------------------------- */

/* What llhttp's callbacks see: each field and value is one call, since it gets the head as a
 * whole. */
struct reading {
    llhttp_t llhttp; /* first: callbacks get a pointer to it */
    struct mill_head *head;
    struct mill_refusal *refusal;
};

static int on_field(llhttp_t *llhttp, const char *at, size_t len)
{
    struct reading *r = (struct reading *)llhttp;
    struct mill_head *head = r->head;

    if (len == 0 || memchr(at, ' ', len) != NULL || head->header_count == head->max_headers) {
        refuse(r->refusal, 400, "a header has no proper name");
        return HPE_USER;
    }
    head->headers[head->header_count++] = (struct mill_header){{at, len}, {"", 0}};
    return 0;
}

static int on_value(llhttp_t *llhttp, const char *at, size_t len)
{
    struct reading *r = (struct reading *)llhttp;

    if (r->head->header_count > 0)
        r->head->headers[r->head->header_count - 1].value =
            mill_view_trim((struct mill_view){at, len});
    return 0;
}

/* The head ends here for us, whatever a body or an upgrade would be. */
static int on_head(llhttp_t *llhttp)
{
    (void)llhttp;
    return HPE_PAUSED;
}

static bool split_headers(struct mill_view bytes, struct mill_head *head,
                          struct mill_refusal *refusal)
{
    static const llhttp_settings_t settings = {
        .on_header_field = on_field,
        .on_header_value = on_value,
        .on_headers_complete = on_head,
    };
    struct reading reading = {.head = head, .refusal = refusal};
    llhttp_errno_t failure;

    *refusal = (struct mill_refusal){0, NULL};
    llhttp_init(&reading.llhttp, HTTP_REQUEST, &settings);
    failure = llhttp_execute(&reading.llhttp, bytes.ptr, bytes.len);
    if (failure == HPE_PAUSED)
        return true;
    if (refusal->http_status == 0) {
        bool coding = failure == HPE_INVALID_TRANSFER_ENCODING;
        refuse(refusal, coding ? 501 : 400,
               coding ? "the transfer coding is not chunked" : "the head is malformed");
    }
    return false;
}

static bool has_token(struct mill_view list, struct mill_view token)
{
    while (list.ptr != NULL) {
        struct mill_view item;
        list = mill_view_cut(list, ',', &item);
        if (mill_view_eq_nocase(mill_view_trim(item), token))
            return true;
    }
    return false;
}

static bool take_once(struct mill_view *field, struct mill_view value,
                      struct mill_refusal *refusal, const char *message)
{
    if (field->ptr != NULL)
        return refuse(refusal, 400, message);
    *field = value;
    return true;
}

static bool take_length(struct mill_head *head, struct mill_view value,
                        struct mill_refusal *refusal)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] < '0' || value.ptr[i] > '9')
            return refuse(refusal, 400, "Content-Length is not a number");
    }
    if (head->content_length != MILL_ABSENT)
        return refuse(refusal, 400, "there are two Content-Length headers");
    if (!mill_view_int(value, &head->content_length))
        return refuse(refusal, 400, "Content-Length is not a number");
    return true;
}

static bool take_coding(struct mill_head *head, struct mill_view value,
                        struct mill_refusal *refusal)
{
    if (!head->http11 || head->chunked)
        return refuse(refusal, 400, "Transfer-Encoding is not allowed here");
    if (!mill_view_eq_nocase(value, MILL_VIEW("chunked")))
        return refuse(refusal, 501, "the transfer coding is not chunked");
    head->chunked = true;
    return true;
}

static bool take_expect(struct mill_head *head, struct mill_view value,
                        struct mill_refusal *refusal)
{
    if (!mill_view_eq_nocase(value, MILL_VIEW("100-continue")))
        return refuse(refusal, 417, "Expect asks for something that is not known here");
    head->expect_continue = head->http11;
    return true;
}

static bool take_connection(struct mill_head *head, struct mill_view value)
{
    if (has_token(value, MILL_VIEW("close")))
        head->keep_alive = false;
    else if (!head->http11 && has_token(value, MILL_VIEW("keep-alive")))
        head->keep_alive = true;
    return true;
}

/* The few headers that the connection itself obeys; told apart by length first. */
static bool take_header(struct mill_head *head, const struct mill_header *h,
                        struct mill_refusal *refusal)
{
    switch (h->name.len) {
    case 4:
        if (mill_view_eq_nocase(h->name, MILL_VIEW("host")))
            return take_once(&head->host, h->value, refusal, "there are two Host headers");
        return true;
    case 6:
        if (mill_view_eq_nocase(h->name, MILL_VIEW("origin")))
            return take_once(&head->origin, h->value, refusal, "there are two Origin headers");
        if (mill_view_eq_nocase(h->name, MILL_VIEW("expect")))
            return take_expect(head, h->value, refusal);
        return true;
    case 10:
        if (mill_view_eq_nocase(h->name, MILL_VIEW("connection")))
            return take_connection(head, h->value);
        return true;
    case 14:
        if (mill_view_eq_nocase(h->name, MILL_VIEW("content-length")))
            return take_length(head, h->value, refusal);
        return true;
    case 15:
        if (mill_view_eq_nocase(h->name, MILL_VIEW("accept-encoding")))
            head->accept_encoding = h->value;
        return true;
    case 17:
        if (mill_view_eq_nocase(h->name, MILL_VIEW("transfer-encoding")))
            return take_coding(head, h->value, refusal);
        return true;
    default:
        return true;
    }
}

bool mill_head_parse(struct mill_view bytes, struct mill_head *head,
                     struct mill_refusal *refusal)
{
    struct mill_view line;
    struct mill_header *headers = head->headers;
    size_t max_headers = head->max_headers;

    *head = (struct mill_head){
        .headers = headers, .max_headers = max_headers, .content_length = MILL_ABSENT};
    (void)mill_view_cut(bytes, '\r', &line);
    if (!read_request_line(line, head, refusal) || !split_headers(bytes, head, refusal))
        return false;
    for (size_t i = 0; i < head->header_count; i++) {
        if (!take_header(head, &headers[i], refusal))
            return false;
    }
    if (head->chunked && head->content_length != MILL_ABSENT)
        return refuse(refusal, 400, "there are both Content-Length and Transfer-Encoding");
    if (head->http11 && head->host.ptr == NULL)
        return refuse(refusal, 400, "the Host header is missing");
    return true;
}

/* --- chunked bodies --------------------------------------------------------------------- */

enum {
    CHUNK_SIZE, /* hex digits */
    CHUNK_EXTENSION,
    CHUNK_SIZE_FEED, /* LF behind the size */
    CHUNK_DATA,
    CHUNK_DATA_RETURN, /* CR behind the content */
    CHUNK_DATA_FEED,
    TRAILER_START, /* first byte of a trailer line, or the CR of the last line */
    TRAILER,
    TRAILER_FEED,
    LAST_FEED
};

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool is_text(char c)
{
    return ((unsigned char)c >= ' ' && c != 0x7f) || c == '\t';
}

static bool chunk_size(struct mill_chunks *k, char c)
{
    int digit = hex_digit(c);

    if (digit >= 0) {
        k->left = k->left << 4 | (unsigned)digit;
        return ++k->digits <= 15;
    }
    if (k->digits == 0 || (c != '\r' && c != ';'))
        return false;
    k->state = c == '\r' ? CHUNK_SIZE_FEED : CHUNK_EXTENSION;
    return true;
}

/* Expects exactly one byte and goes on to the next state. */
static bool expect(struct mill_chunks *k, char c, char wanted, int next)
{
    k->state = next;
    return c == wanted;
}

/* Text up to a CR. */
static bool text_until_return(struct mill_chunks *k, char c, int next)
{
    if (c != '\r')
        return is_text(c);
    k->state = next;
    return true;
}

/* Takes one byte that is not content. False: malformed. */
static bool chunk_byte(struct mill_chunks *k, char c)
{
    switch (k->state) {
    case CHUNK_SIZE:
        return chunk_size(k, c);
    case CHUNK_EXTENSION:
        return text_until_return(k, c, CHUNK_SIZE_FEED);
    case CHUNK_SIZE_FEED:
        return expect(k, c, '\n', k->left > 0 ? CHUNK_DATA : TRAILER_START);
    case CHUNK_DATA_RETURN:
        return expect(k, c, '\r', CHUNK_DATA_FEED);
    case CHUNK_DATA_FEED:
        k->digits = 0;
        return expect(k, c, '\n', CHUNK_SIZE);
    case TRAILER_START:
        k->state = c == '\r' ? LAST_FEED : TRAILER;
        return c == '\r' || (is_text(c) && c != ' ' && c != '\t');
    case TRAILER:
        return text_until_return(k, c, TRAILER_FEED);
    case TRAILER_FEED:
        return expect(k, c, '\n', TRAILER_START);
    default:
        return c == '\n';
    }
}

enum mill_scan mill_chunks_next(struct mill_chunks *chunks, struct mill_view bytes,
                                struct mill_view *piece_out, size_t *used_out)
{
    size_t at = 0;

    *piece_out = (struct mill_view){bytes.ptr, 0};
    while (at < bytes.len && chunks->state != CHUNK_DATA) {
        bool last = chunks->state == LAST_FEED;
        if (!chunk_byte(chunks, bytes.ptr[at++]) || ++chunks->overhead > MAX_CHUNK_OVERHEAD)
            return MILL_SCAN_BAD;
        if (last) {
            *used_out = at;
            return MILL_SCAN_DONE;
        }
    }
    if (chunks->state == CHUNK_DATA && at < bytes.len) {
        size_t take = bytes.len - at;
        if (take > chunks->left)
            take = (size_t)chunks->left;
        *piece_out = (struct mill_view){bytes.ptr + at, take};
        at += take;
        chunks->left -= take;
        chunks->overhead = 0;
        if (chunks->left == 0)
            chunks->state = CHUNK_DATA_RETURN;
    }
    *used_out = at;
    return MILL_SCAN_MORE;
}
