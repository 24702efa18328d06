/* aws_config.c - see aws_config.h. */
#include "files/aws_config.h"

#include <sys/stat.h>

#include <millstream/types.h>

#include "base/alloc.h"
#include "files/aws_profile.h"
#include "remote/environment.h"

#define CONTAINER_ADDRESS "http://169.254.170.2"

/* The two files and what they say about the profile. */
struct files {
    struct mill_aws_profile credentials, config;
};

/* --- texts ------------------------------------------------------------------------------ */

/* The text of a variable, in arena; absent when it is unset. False when memory is out. */
static bool variable(enum mill_variable name, struct mill_arena *arena, struct mill_view *out)
{
    struct mill_view text = mill_view_of(mill_env_text(name));
    *out = mill_arena_copy(arena, text);
    return out->ptr != NULL || text.ptr == NULL;
}

/* The same of the first one that is set. */
static bool either(enum mill_variable first, enum mill_variable second,
                   struct mill_arena *arena, struct mill_view *out)
{
    return variable(mill_env_text(first) != NULL ? first : second, arena, out);
}

/* What counts as the path of a file. */
static const char *path_of(enum mill_variable name)
{
    const char *text = mill_env_text(name);
    return text != NULL ? text : mill_variable_info(name)->fallback;
}

void mill_aws_trust(const struct mill_aws_config *config, struct mill_remote_options *options)
{
    struct stat info;
    options->ca_path = config->ca_path.ptr;
    options->ca_variable = mill_variable_info(MILL_ENV_AWS_CA_BUNDLE)->name;
    options->ca_directory =
        options->ca_path != NULL && stat(options->ca_path, &info) == 0 && S_ISDIR(info.st_mode);
}

const char *mill_aws_domain(struct mill_view region)
{
    return mill_view_starts(region, MILL_VIEW("cn-")) ? "amazonaws.com.cn" : "amazonaws.com";
}

bool mill_aws_region_valid(struct mill_view region)
{
    for (size_t i = 0; i < region.len; i++) {
        char c = region.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return region.len > 0 && region.len <= 63 && region.ptr[0] != '-';
}

/* --- files ------------------------------------------------------------------------------ */

static enum mill_status read_file(enum mill_variable name, enum mill_aws_file form,
                                  struct mill_view profile, struct mill_arena *arena,
                                  struct mill_config_file *file, struct mill_aws_profile *out,
                                  struct mill_error *err)
{
    struct mill_error reason;
    enum mill_status st = mill_config_file_read(path_of(name), arena, file, err);
    if (st != MILL_OK)
        return st;
    st = mill_aws_profile_read(file->text, form, profile, out, &reason);
    if (st != MILL_OK)
        return mill_fail(err, st, "%s, %.300s", file->path, reason.message);
    return MILL_OK;
}

static enum mill_status read_files(struct mill_aws_config *config, bool named,
                                   struct files *files, struct mill_arena *arena,
                                   struct mill_error *err)
{
    enum mill_status st =
        read_file(MILL_ENV_AWS_CREDENTIALS_FILE, MILL_AWS_CREDENTIALS_FILE, config->profile,
                  arena, &config->credentials_file, &files->credentials, err);
    if (st == MILL_OK)
        st = read_file(MILL_ENV_AWS_CONFIG_FILE, MILL_AWS_CONFIG_FILE, config->profile, arena,
                       &config->config_file, &files->config, err);
    if (st == MILL_OK && named && !files->credentials.found && !files->config.found)
        return mill_fail(
            err, MILL_E_NOT_FOUND, "the AWS profile '%.*s' is neither in %s nor in %s",
            MILL_FMT(config->profile), config->credentials_file.path, config->config_file.path);
    return st;
}

/* --- keys ------------------------------------------------------------------------------- */

/* Takes a pair of keys if it is there; what names each of them, for messages. */
static enum mill_status take_keys(struct mill_aws_config *config,
                                  const struct mill_aws_credentials *keys, const char *where,
                                  const char *const names[3], struct mill_error *err)
{
    const struct mill_view texts[] = {keys->access_key, keys->secret_key, keys->session_token};
    bool access = keys->access_key.len > 0, secret = keys->secret_key.len > 0;
    if (!access && !secret)
        return MILL_OK;
    if (access != secret)
        return mill_fail(err, MILL_E_INVALID, "%s%s is set, but %s is not", where,
                         names[access ? 0 : 1], names[access ? 1 : 0]);
    for (size_t i = 0; i < MILL_COUNT(texts); i++)
        if (texts[i].len > 0 && !mill_aws_key_valid(texts[i]))
            return mill_fail(err, MILL_E_INVALID,
                             "%s%s cannot be right: there is white space or another "
                             "character in it that keys do not have, or it is too long",
                             where, names[i]);
    config->keys = *keys;
    config->keys.expires_ms = MILL_ABSENT;
    config->source = MILL_AWS_STATIC;
    return MILL_OK;
}

static enum mill_status keys_of_environment(struct mill_aws_config *config,
                                            struct mill_arena *arena, struct mill_error *err)
{
    static const char *const names[3] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                         "AWS_SESSION_TOKEN"};
    struct mill_aws_credentials keys;
    if (!variable(MILL_ENV_AWS_ACCESS_KEY, arena, &keys.access_key) ||
        !variable(MILL_ENV_AWS_SECRET_KEY, arena, &keys.secret_key) ||
        !variable(MILL_ENV_AWS_SESSION_TOKEN, arena, &keys.session_token))
        return mill_no_memory(err);
    return take_keys(config, &keys, "", names, err);
}

static enum mill_status keys_of_file(struct mill_aws_config *config,
                                     const struct mill_aws_profile *profile,
                                     const struct mill_config_file *file,
                                     struct mill_arena *arena, struct mill_error *err)
{
    static const char *const names[3] = {"aws_access_key_id", "aws_secret_access_key",
                                         "aws_session_token"};
    struct mill_aws_credentials keys = {profile->access_key, profile->secret_key,
                                        profile->session_token, MILL_ABSENT};
    struct mill_view where =
        mill_arena_printf(arena, "%s, profile %.*s: ", file->path, MILL_FMT(config->profile));
    return where.ptr != NULL ? take_keys(config, &keys, where.ptr, names, err)
                             : mill_no_memory(err);
}

/* --- a web identity --------------------------------------------------------------------- */

/* The text of a variable, else that of the profile in either file; false when memory is out. */
static bool told(enum mill_variable name, const struct files *files, size_t offset,
                 struct mill_arena *arena, struct mill_view *out)
{
    const struct mill_aws_profile *in[] = {&files->credentials, &files->config};
    if (!variable(name, arena, out))
        return false;
    for (size_t i = 0; i < MILL_COUNT(in) && out->ptr == NULL; i++)
        *out = *(const struct mill_view *)(const void *)((const char *)in[i] + offset);
    return true;
}

static bool service_address(struct mill_aws_config *config, struct mill_arena *arena)
{
    if (!either(MILL_ENV_AWS_ENDPOINT_STS, MILL_ENV_AWS_ENDPOINT, arena, &config->source_url))
        return false;
    if (config->source_url.ptr == NULL)
        config->source_url =
            mill_arena_printf(arena, "https://sts.%.*s.%s", MILL_FMT(config->region),
                              mill_aws_domain(config->region));
    return config->source_url.ptr != NULL;
}

static enum mill_status find_identity(struct mill_aws_config *config, const struct files *files,
                                      struct mill_arena *arena, struct mill_error *err)
{
    struct mill_view file;
    if (!told(MILL_ENV_AWS_WEB_IDENTITY, files,
              offsetof(struct mill_aws_profile, web_identity_token_file), arena, &file) ||
        !told(MILL_ENV_AWS_ROLE, files, offsetof(struct mill_aws_profile, role_arn), arena,
              &config->role_arn) ||
        !told(MILL_ENV_AWS_ROLE_SESSION, files,
              offsetof(struct mill_aws_profile, role_session_name), arena,
              &config->role_session) ||
        !service_address(config, arena))
        return mill_no_memory(err);
    if (file.ptr == NULL)
        return MILL_OK;
    if (config->role_session.ptr == NULL)
        config->role_session = mill_view_of(path_of(MILL_ENV_AWS_ROLE_SESSION));
    if (!mill_aws_key_valid(config->role_arn))
        return mill_fail(
            err, MILL_E_INVALID,
            "there is a token of a web identity, %.*s, but neither AWS_ROLE_ARN nor "
            "role_arn of the profile '%.*s' says for which role",
            MILL_FMT(mill_utf8_prefix(file, 200)), MILL_FMT(config->profile));
    config->identity_file = mill_arena_copy(arena, file);
    config->source = MILL_AWS_IDENTITY;
    return config->identity_file.ptr != NULL ? MILL_OK : mill_no_memory(err);
}

/* --- a program -------------------------------------------------------------------------- */

static void find_process(struct mill_aws_config *config, const struct files *files)
{
    config->process = files->credentials.process.ptr != NULL ? files->credentials.process
                                                             : files->config.process;
    if (config->process.ptr != NULL)
        config->source = MILL_AWS_PROCESS;
}

/* --- other sources ---------------------------------------------------------------------- */

/* A way to keys that is set up, but not known here: going on would find others', or none. */
static enum mill_status refuse_other_sources(const struct mill_aws_config *config,
                                             const struct files *files, struct mill_error *err)
{
    const struct mill_aws_profile *in[] = {&files->credentials, &files->config};
    const char *const paths[] = {config->credentials_file.path, config->config_file.path};
    static const char advice[] =
        "not supported. Use a profile with `credential_process = aws configure "
        "export-credentials --profile NAME`, or put keys into the environment "
        "(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN)";
    for (size_t i = 0; i < MILL_COUNT(in); i++) {
        struct mill_view other =
            in[i]->other_source.len > 0 ? in[i]->other_source : MILL_VIEW("role_arn");
        if (in[i]->other_source.len > 0 || in[i]->role_arn.len > 0)
            return mill_fail(err, MILL_E_UNSUPPORTED,
                             "%s, profile %.*s: getting keys by %.*s is %s", paths[i],
                             MILL_FMT(config->profile), MILL_FMT(other), advice);
    }
    return MILL_OK;
}

/* An endpoint that gives keys, if the environment names one or a machine may have one. */
static enum mill_status read_endpoint(struct mill_aws_config *config, struct mill_arena *arena,
                                      struct mill_error *err)
{
    const char *relative = mill_env_text(MILL_ENV_AWS_CONTAINER_PATH);
    bool container = relative != NULL || mill_env_text(MILL_ENV_AWS_CONTAINER_URI) != NULL;
    bool disabled = false;
    enum mill_status st =
        mill_env_number(MILL_ENV_AWS_METADATA_TIMEOUT, &config->source_timeout_s, err);
    if (st == MILL_OK)
        st = mill_env_number(MILL_ENV_AWS_METADATA_ATTEMPTS, &config->source_attempts, err);
    if (st == MILL_OK)
        st = mill_env_flag(MILL_ENV_AWS_METADATA_DISABLED, &disabled, err);
    if (st != MILL_OK || (!container && disabled))
        return st;
    config->source = container ? MILL_AWS_CONTAINER : MILL_AWS_INSTANCE;
    if (relative != NULL)
        config->source_url = mill_arena_printf(arena, CONTAINER_ADDRESS "%s", relative);
    else
        config->source_url = mill_arena_copy(
            arena, mill_view_of(path_of(container ? MILL_ENV_AWS_CONTAINER_URI
                                                  : MILL_ENV_AWS_METADATA_ENDPOINT)));
    if (config->source_url.ptr == NULL ||
        !variable(MILL_ENV_AWS_CONTAINER_TOKEN, arena, &config->token) ||
        !variable(MILL_ENV_AWS_CONTAINER_TOKEN_FILE, arena, &config->token_file))
        return mill_no_memory(err);
    return MILL_OK;
}

static enum mill_status find_keys(struct mill_aws_config *config, const struct files *files,
                                  struct mill_arena *arena, struct mill_error *err)
{
    enum mill_status st = keys_of_environment(config, arena, err);
    if (st == MILL_OK && config->source == MILL_AWS_NOWHERE)
        st = find_identity(config, files, arena, err);
    if (st == MILL_OK && config->source == MILL_AWS_NOWHERE)
        st = keys_of_file(config, &files->credentials, &config->credentials_file, arena, err);
    if (st == MILL_OK && config->source == MILL_AWS_NOWHERE)
        st = refuse_other_sources(config, files, err);
    if (st == MILL_OK && config->source == MILL_AWS_NOWHERE)
        find_process(config, files);
    if (st == MILL_OK && config->source == MILL_AWS_NOWHERE)
        st = keys_of_file(config, &files->config, &config->config_file, arena, err);
    if (st == MILL_OK && config->source == MILL_AWS_NOWHERE)
        st = read_endpoint(config, arena, err);
    return st;
}

/* --- the whole -------------------------------------------------------------------------- */

/* The region, from the environment or either file. */
static enum mill_status find_region(struct mill_aws_config *config, const struct files *files,
                                    struct mill_arena *arena, struct mill_error *err)
{
    const struct mill_view others[] = {files->credentials.region, files->config.region,
                                       MILL_VIEW("us-east-1")};
    if (!either(MILL_ENV_AWS_REGION, MILL_ENV_AWS_DEFAULT_REGION, arena, &config->region))
        return mill_no_memory(err);
    for (size_t i = 0; i < MILL_COUNT(others) && config->region.ptr == NULL; i++)
        config->region = others[i];
    if (!mill_aws_region_valid(config->region))
        return mill_fail(err, MILL_E_INVALID,
                         "the AWS region '%.*s' is not one: it is written like us-east-1",
                         MILL_FMT(mill_utf8_prefix(config->region, 80)));
    return MILL_OK;
}

enum mill_status mill_aws_config_read(struct mill_aws_config *out, struct mill_arena *arena,
                                      struct mill_error *err)
{
    struct files files = {.credentials = {.found = false}};
    struct mill_aws_config config = {.source = MILL_AWS_NOWHERE};
    if (!either(MILL_ENV_AWS_PROFILE, MILL_ENV_AWS_DEFAULT_PROFILE, arena, &config.profile) ||
        !variable(MILL_ENV_AWS_CA_BUNDLE, arena, &config.ca_path))
        return mill_no_memory(err);
    bool named = config.profile.ptr != NULL;
    if (!named)
        config.profile = MILL_VIEW("default");
    enum mill_status st = read_files(&config, named, &files, arena, err);
    if (st == MILL_OK)
        st = find_region(&config, &files, arena, err);
    if (st == MILL_OK)
        st = find_keys(&config, &files, arena, err);
    if (st != MILL_OK)
        return st;
    config.endpoint_url = files.credentials.endpoint_url.ptr != NULL
                              ? files.credentials.endpoint_url
                              : files.config.endpoint_url;
    *out = config;
    return MILL_OK;
}
