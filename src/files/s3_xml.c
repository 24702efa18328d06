/* s3_xml.c - see s3_xml.h. One table says which elements matter; expat does the reading. */
#include "files/s3_xml.h"

#include <expat.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/list.h"

#define MAX_PATH_BYTES 256 /* of the names from the document's element down to one in it */

/* A document being read. */
struct reader {
    XML_Parser parser;
    struct mill_arena *arena;
    struct mill_s3_answer *answer;
    struct mill_list entries;
    struct mill_buf path; /* "/ListBucketResult/Contents/Key" */
    struct mill_buf text; /* of the element that was begun last */
    size_t depth;
    enum mill_status status; /* of what ended the reading early */
    const char *reason;
};

static const struct {
    const char *name;
    enum mill_s3_document document;
} documents[] = {
    {"/ListBucketResult", MILL_S3_LISTING},
    {"/InitiateMultipartUploadResult", MILL_S3_INITIATED},
    {"/CompleteMultipartUploadResult", MILL_S3_COMPLETED},
    {"/AssumeRoleWithWebIdentityResponse", MILL_S3_KEYS},
    {"/Error", MILL_S3_ERROR},
    {"/ErrorResponse", MILL_S3_ERROR},
};

/* Ends the reading. */
static void stop(struct reader *r, enum mill_status status, const char *reason)
{
    if (r->status == MILL_OK) {
        r->status = status;
        r->reason = reason;
    }
    XML_StopParser(r->parser, XML_FALSE);
}

static struct mill_s3_entry *last_entry(struct reader *r)
{
    return r->entries.count > 0
               ? (struct mill_s3_entry *)(void *)r->entries.items + (r->entries.count - 1)
               : NULL;
}

/* --- what is done with the text of an element ------------------------------------------ */

static void keep_text(struct reader *r, struct mill_view *out)
{
    *out = mill_arena_copy(r->arena, mill_buf_view(&r->text));
    if (out->ptr == NULL)
        stop(r, MILL_E_NOMEM, "out of memory");
}

static void on_name(struct reader *r)
{
    struct mill_s3_entry *entry = last_entry(r);
    if (entry != NULL)
        keep_text(r, &entry->name);
}

static void on_size(struct reader *r)
{
    struct mill_s3_entry *entry = last_entry(r);
    if (entry == NULL)
        return;
    if (!mill_view_int(mill_view_trim(mill_buf_view(&r->text)), &entry->size) ||
        entry->size < 0)
        stop(r, MILL_E_INVALID, "the size of an object is not a number");
}

static void on_truncated(struct reader *r)
{
    r->answer->truncated = mill_view_eq(mill_buf_view(&r->text), MILL_VIEW("true"));
}

static void on_encoding(struct reader *r)
{
    r->answer->url_encoded = mill_view_eq(mill_buf_view(&r->text), MILL_VIEW("url"));
}

#define TEXT(member) NULL, offsetof(struct mill_s3_answer, member)
#define KEYS         "/AssumeRoleWithWebIdentityResponse/AssumeRoleWithWebIdentityResult/Credentials"

/* An element whose text goes to done, or as it is into the answer. */
static const struct element {
    const char *path;
    void (*done)(struct reader *r);
    size_t offset;
} elements[] = {
    {"/ListBucketResult/Contents/Key", on_name, 0},
    {"/ListBucketResult/Contents/Size", on_size, 0},
    {"/ListBucketResult/CommonPrefixes/Prefix", on_name, 0},
    {"/ListBucketResult/IsTruncated", on_truncated, 0},
    {"/ListBucketResult/EncodingType", on_encoding, 0},
    {"/ListBucketResult/NextContinuationToken", TEXT(next_token)},
    {"/InitiateMultipartUploadResult/UploadId", TEXT(upload_id)},
    {KEYS "/AccessKeyId", TEXT(access_key)},
    {KEYS "/SecretAccessKey", TEXT(secret_key)},
    {KEYS "/SessionToken", TEXT(session_token)},
    {KEYS "/Expiration", TEXT(expiration)},
    {"/ErrorResponse/Error/Code", TEXT(code)},
    {"/ErrorResponse/Error/Message", TEXT(message)},
    {"/Error/Code", TEXT(code)},
    {"/Error/Message", TEXT(message)},
    {"/Error/Region", TEXT(region)},
};

static void finish(struct reader *r, const struct element *element)
{
    if (element->done != NULL)
        element->done(r);
    else
        keep_text(r, (struct mill_view *)(void *)((char *)r->answer + element->offset));
}

/* --- what expat calls ------------------------------------------------------------------ */

static void begin_entry(struct reader *r, bool is_prefix)
{
    if (r->entries.count == MILL_S3_MAX_ENTRIES) {
        stop(r, MILL_E_INVALID, "a page of a listing has too many entries");
        return;
    }
    struct mill_s3_entry *entry = mill_list_add(&r->entries);
    if (entry == NULL)
        stop(r, MILL_E_NOMEM, "out of memory");
    else
        *entry = (struct mill_s3_entry){.name = {"", 0}, .is_prefix = is_prefix};
}

static void XMLCALL on_begin(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct reader *r = context;
    (void)attributes;
    mill_buf_printf(&r->path, "/%.*s", MAX_PATH_BYTES, name);
    r->text.len = 0;
    r->depth++;
    struct mill_view path = mill_buf_view(&r->path);
    if (r->path.failed)
        stop(r, MILL_E_NOMEM, "out of memory");
    else if (r->depth > MILL_S3_MAX_DEPTH || path.len > MAX_PATH_BYTES)
        stop(r, MILL_E_INVALID, "elements are nested too deeply");
    else if (mill_view_eq(path, MILL_VIEW("/ListBucketResult/Contents")))
        begin_entry(r, false);
    else if (mill_view_eq(path, MILL_VIEW("/ListBucketResult/CommonPrefixes")))
        begin_entry(r, true);
    for (size_t i = 0; r->depth == 1 && i < MILL_COUNT(documents); i++)
        if (mill_view_eq(path, mill_view_of(documents[i].name)))
            r->answer->document = documents[i].document;
}

static void XMLCALL on_end(void *context, const XML_Char *name)
{
    struct reader *r = context;
    if (r->status != MILL_OK) /* expat still ends an empty element that stopped it */
        return;
    struct mill_view path = mill_buf_view(&r->path);
    for (size_t i = 0; i < MILL_COUNT(elements) && r->status == MILL_OK; i++)
        if (mill_view_eq(path, mill_view_of(elements[i].path)))
            finish(r, &elements[i]);
    r->path.len -= strlen(name) + 1;
    r->text.len = 0;
    r->depth--;
}

static void XMLCALL on_text(void *context, const XML_Char *text, int len)
{
    struct reader *r = context;
    mill_buf_add(&r->text, text, (size_t)len);
    if (r->text.failed)
        stop(r, MILL_E_NOMEM, "out of memory");
    else if (r->text.len > MILL_S3_MAX_TEXT)
        stop(r, MILL_E_INVALID, "a text is too long");
}

/* Entities, the only means by which a short document grows large, need a document type. */
static void XMLCALL on_doctype(void *context, const XML_Char *name, const XML_Char *system_id,
                               const XML_Char *public_id, int has_internal_subset)
{
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_internal_subset;
    stop(context, MILL_E_INVALID, "it has a document type");
}

/* --- reading --------------------------------------------------------------------------- */

static XML_Parser new_parser(struct reader *r)
{
    static const XML_Memory_Handling_Suite memory = {mill_alloc, mill_realloc, mill_free};
    XML_Parser parser = XML_ParserCreate_MM(NULL, &memory, NULL);
    if (parser == NULL)
        return NULL;
    XML_SetUserData(parser, r);
    XML_SetElementHandler(parser, on_begin, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    return parser;
}

/* Status and message of a document that could not be read to its end. */
static enum mill_status explain(const struct reader *r, struct mill_error *err)
{
    enum XML_Error code = XML_GetErrorCode(r->parser);
    if (r->status == MILL_E_NOMEM || code == XML_ERROR_NO_MEMORY)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    return mill_fail(err, MILL_E_INVALID, "line %lu of the XML: %s",
                     XML_GetCurrentLineNumber(r->parser),
                     r->reason != NULL ? r->reason : XML_ErrorString(code));
}

enum mill_status mill_s3_read_xml(struct mill_view xml, struct mill_arena *arena,
                                  struct mill_s3_answer *out, struct mill_error *err)
{
    struct mill_s3_answer answer = {.document = MILL_S3_OTHER};
    struct reader r = {
        .arena = arena, .answer = &answer, .entries = {.size = sizeof(struct mill_s3_entry)}};
    enum mill_status st = MILL_OK;
    if (xml.len > MILL_S3_MAX_XML)
        return mill_fail(err, MILL_E_INVALID, "it is too long");
    r.parser = new_parser(&r);
    if (r.parser == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    if (XML_Parse(r.parser, xml.ptr, (int)xml.len, XML_TRUE) != XML_STATUS_OK)
        st = explain(&r, err);
    if (st == MILL_OK && r.entries.count > 0) {
        answer.entries = mill_arena_zero(arena, r.entries.count, r.entries.size);
        answer.entry_count = r.entries.count;
        if (answer.entries == NULL)
            st = mill_fail(err, MILL_E_NOMEM, "out of memory");
        else
            memcpy(answer.entries, r.entries.items, r.entries.count * r.entries.size);
    }
    if (st == MILL_OK)
        *out = answer;
    XML_ParserFree(r.parser);
    mill_free(r.entries.items);
    mill_buf_release(&r.path);
    mill_buf_release(&r.text);
    return st;
}
