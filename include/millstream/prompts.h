/* millstream/prompts.h - the prompt registry: prompts for language models, kept by name in
 * numbered versions.
 *
 * What holds for all calls of a client (threads, ownership, errors) is said in client.h. A
 * prompt is a registered model that a tag marks as one, and official clients read and write the
 * same; an mlruns tree has no registry: there each call is MILL_E_UNSUPPORTED.
 *
 *   name     of a prompt: 1 to 256 letters, digits, '_', '-' and '.'
 *   version  a number, 1 or more; it is given once, even when that version is deleted later
 *   alias    1 to 255 letters, digits, '_' and '-'; "latest" is the highest version
 *
 * An unknown prompt or version is MILL_E_NOT_FOUND at every call, a name that is that of a
 * registered model MILL_E_INVALID. */
#ifndef MILLSTREAM_PROMPTS_H
#define MILLSTREAM_PROMPTS_H

#include <millstream/models.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A prompt without the text of its versions. Lists are ordered by key. Since 0.1. */
struct mill_prompt {
    struct mill_view name;
    struct mill_view description; /* absent: none */
    int64_t creation_timestamp;
    int64_t last_updated_timestamp;
    int64_t latest_version; /* the highest; MILL_ABSENT: it has none */
    const struct mill_tag *tags;
    size_t tag_count;
    const struct mill_model_alias *aliases;
    size_t alias_count;
};

/* A version of a prompt: a text or a chat, with {{variables}} in it. Since 0.1. */
struct mill_prompt_version {
    struct mill_view name; /* of the prompt */
    int64_t version;
    struct mill_view text;            /* absent: it is a chat */
    struct mill_view messages;        /* of a chat, a JSON list; absent: it is a text */
    struct mill_view response_format; /* JSON; absent: not said */
    struct mill_view model_config;    /* JSON object; absent: not said */
    struct mill_view commit_message;  /* absent or empty: none */
    struct mill_view user_id;
    int64_t creation_timestamp;
    int64_t last_updated_timestamp;
    const struct mill_tag *tags;
    size_t tag_count;
    const struct mill_view *aliases; /* those that point to it */
    size_t alias_count;
};

/* Prompts, and how to get those behind them. Since 0.1. */
struct mill_prompt_list {
    size_t count;
    const struct mill_prompt *const *items;
    struct mill_view next_page_token; /* absent: these were the last ones */
};

/* Versions of a prompt, and how to get those behind them. Since 0.1. */
struct mill_prompt_version_list {
    size_t count;
    const struct mill_prompt_version *const *items;
    struct mill_view next_page_token; /* absent: these were the last ones */
};

/* Free the list and all it points to. NULL is allowed. Since 0.1. */
MILL_API void mill_prompt_list_free(struct mill_prompt_list *list);
MILL_API void mill_prompt_version_list_free(struct mill_prompt_version_list *list);

/* What a new version of a prompt is like. Since 0.1. */
struct mill_new_prompt {
    size_t size;               /* sizeof(struct mill_new_prompt) */
    struct mill_view name;     /* a prompt of that name is made where there is none */
    struct mill_view text;     /* this or messages: at most 100000 characters */
    struct mill_view messages; /* JSON list of objects with a text "role" and a "content" */
    struct mill_view response_format; /* JSON; absent: none */
    struct mill_view model_config;    /* JSON object; absent: none */
    struct mill_view commit_message;  /* may be absent; of a new prompt also its description */
    const struct mill_tag *tags;      /* of the version and of the prompt */
    size_t tag_count;
};

/* --- making and finding ---------------------------------------------------------------- */

/* Makes the next version of a prompt and puts its number into *version_out. Fails with
 * MILL_E_INVALID for a name that a registered model has, and for what is not JSON where JSON is
 * due. Not repeated when its answer was lost, as mill_client_create_version. Since 0.1. */
MILL_API enum mill_status mill_client_register_prompt(struct mill_client *client,
                                                      const struct mill_new_prompt *prompt,
                                                      int64_t *version_out,
                                                      struct mill_error *err);

/* One prompt, as a list of one. Since 0.1. */
MILL_API enum mill_status mill_client_get_prompt(struct mill_client *client,
                                                 struct mill_view name,
                                                 struct mill_prompt_list **list_out,
                                                 struct mill_error *err);

/* One version, as a list of one. Since 0.1. */
MILL_API enum mill_status mill_client_get_prompt_version(
    struct mill_client *client, struct mill_view name, int64_t version,
    struct mill_prompt_version_list **list_out, struct mill_error *err);

/* The version that an alias points at; MILL_E_INVALID for an alias that the prompt does not
 * have. Since 0.1. */
MILL_API enum mill_status mill_client_get_prompt_version_by_alias(
    struct mill_client *client, struct mill_view name, struct mill_view alias,
    struct mill_prompt_version_list **list_out, struct mill_error *err);

/* The version that a URI names: "prompts:/NAME/VERSION", "prompts:/NAME@ALIAS", or a mere name
 * for the latest one. Fails with MILL_E_INVALID for another form. Since 0.1. */
MILL_API enum mill_status mill_client_load_prompt(struct mill_client *client,
                                                  struct mill_view uri,
                                                  struct mill_prompt_version_list **list_out,
                                                  struct mill_error *err);

/* One page, of at most 1000, of the prompts that match, by name unless ordered otherwise; query
 * NULL: the first 100. The filter is that of models, and may ask for "experiment_id = '1'"
 * where prompts are linked to experiments. Since 0.1. */
MILL_API enum mill_status mill_client_search_prompts(struct mill_client *client,
                                                     const struct mill_model_query *query,
                                                     struct mill_prompt_list **list_out,
                                                     struct mill_error *err);

/* One page of the versions of a prompt that match, the highest number first unless ordered
 * otherwise; query NULL: the first 1000. Since 0.1. */
MILL_API enum mill_status mill_client_search_prompt_versions(
    struct mill_client *client, struct mill_view name, const struct mill_model_query *query,
    struct mill_prompt_version_list **list_out, struct mill_error *err);

/* --- changing -------------------------------------------------------------------------- */

/* Removes a prompt with all its versions. There is no bin. Since 0.1. */
MILL_API enum mill_status mill_client_delete_prompt(struct mill_client *client,
                                                    struct mill_view name,
                                                    struct mill_error *err);

/* Removes a version and the aliases that point at it. Its number is not given again. Since 0.1.
 */
MILL_API enum mill_status mill_client_delete_prompt_version(struct mill_client *client,
                                                            struct mill_view name,
                                                            int64_t version,
                                                            struct mill_error *err);

/* Sets a tag of a prompt, replacing its value. Since 0.1. */
MILL_API enum mill_status mill_client_set_prompt_tag(struct mill_client *client,
                                                     struct mill_view name,
                                                     struct mill_view key,
                                                     struct mill_view value,
                                                     struct mill_error *err);

/* Removes a tag of a prompt; well if there is none. Since 0.1. */
MILL_API enum mill_status mill_client_delete_prompt_tag(struct mill_client *client,
                                                        struct mill_view name,
                                                        struct mill_view key,
                                                        struct mill_error *err);

/* Sets a tag of a version, replacing its value. Since 0.1. */
MILL_API enum mill_status mill_client_set_prompt_version_tag(
    struct mill_client *client, struct mill_view name, int64_t version, struct mill_view key,
    struct mill_view value, struct mill_error *err);

/* Removes a tag of a version; well if there is none. Since 0.1. */
MILL_API enum mill_status mill_client_delete_prompt_version_tag(struct mill_client *client,
                                                                struct mill_view name,
                                                                int64_t version,
                                                                struct mill_view key,
                                                                struct mill_error *err);

/* Points an alias at a version, wherever it pointed before. Fails with MILL_E_INVALID for
 * "latest" and for 'v' with a number. Since 0.1. */
MILL_API enum mill_status mill_client_set_prompt_alias(struct mill_client *client,
                                                       struct mill_view name,
                                                       struct mill_view alias, int64_t version,
                                                       struct mill_error *err);

/* Removes an alias; well if there is none. Since 0.1. */
MILL_API enum mill_status mill_client_delete_prompt_alias(struct mill_client *client,
                                                          struct mill_view name,
                                                          struct mill_view alias,
                                                          struct mill_error *err);

/* Links a prompt to an experiment, which is where pages of experiments and the filter
 * "experiment_id = '1'" find it; well if it is linked already. Since 0.1. */
MILL_API enum mill_status mill_client_link_prompt_to_experiment(struct mill_client *client,
                                                                struct mill_view name,
                                                                int64_t experiment_id,
                                                                struct mill_error *err);

/* --- rendering ------------------------------------------------------------------------- */

/* Fills in values for the {{variables}} of a version, whose key is the variable's name: of a
 * text the text, of a chat a JSON list of its messages' roles and contents. Values are not
 * looked through for variables. Writes as much of it as fits into buffer, NUL-terminated, and
 * puts its whole length in bytes into *length_out; buffer may be NULL when size is 0.
 *
 *   partial  leave variables without a value as they are, where else that is MILL_E_INVALID
 *
 * Fails with MILL_E_UNSUPPORTED for a template with Jinja's {% statements %}. Any thread.
 * Since 0.1. */
MILL_API enum mill_status mill_prompt_render(const struct mill_prompt_version *version,
                                             const struct mill_tag *values, size_t value_count,
                                             bool partial, char *buffer, size_t size,
                                             size_t *length_out, struct mill_error *err);

#ifdef __cplusplus
}
#endif

#endif
