/* aws_identity.c - see aws_identity.h. */
#include "files/aws_identity.h"

#include "base/alloc.h"
#include "base/codec.h"
#include "files/s3_xml.h"
#include "remote/config_file.h"

static void add_field(struct mill_buf *out, const char *name, struct mill_view value)
{
    mill_buf_printf(out, "&%s=", name);
    mill_percent_encode(out, value, NULL);
}

enum mill_status mill_aws_identity_question(const struct mill_aws_config *config,
                                            struct mill_buf *out, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_config_file file;
    enum mill_status st = mill_config_file_read(config->identity_file.ptr, &arena, &file, err);
    if (st == MILL_OK && file.text.ptr == NULL)
        st = mill_fail(err, MILL_E_UNAUTHENTICATED,
                       "the file with the token of the web identity, %s, is not there",
                       file.path);
    struct mill_view token = st == MILL_OK ? mill_view_trim(file.text) : MILL_VIEW("");
    if (st == MILL_OK && !mill_aws_key_valid(token))
        st = mill_fail(err, MILL_E_INVALID, "%s holds no token of a web identity", file.path);
    if (st == MILL_OK) {
        mill_buf_add_view(out,
                          MILL_VIEW("Action=AssumeRoleWithWebIdentity&Version=2011-06-15"));
        add_field(out, "RoleArn", config->role_arn);
        add_field(out, "RoleSessionName", config->role_session);
        add_field(out, "WebIdentityToken", token);
        if (out->failed)
            st = mill_no_memory(err);
    }
    mill_arena_release(&arena);
    return st;
}

enum mill_status mill_aws_identity_answer(struct mill_view xml, struct mill_arena *arena,
                                          struct mill_aws_credentials *out,
                                          struct mill_error *err)
{
    struct mill_s3_answer answer;
    enum mill_status st = mill_s3_read_xml(xml, arena, &answer, err);
    if (st != MILL_OK)
        return st;
    if (answer.document == MILL_S3_ERROR)
        return mill_fail(err, MILL_E_DENIED, "%.*s: %.*s",
                         MILL_FMT(mill_utf8_prefix(answer.code, 60)),
                         MILL_FMT(mill_utf8_prefix(answer.message, 200)));
    return mill_aws_credentials_make(answer.access_key, answer.secret_key, answer.session_token,
                                     answer.expiration, out, err);
}
