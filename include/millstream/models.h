/* millstream/models.h - the model registry: registered models, their numbered versions, and
 * what points at them: stages, aliases and tags.
 *
 * What holds for all calls of a client (threads, ownership, errors) is said in client.h. An
 * mlruns tree has no registry: there each call is MILL_E_UNSUPPORTED.
 *
 *   name     of a registered model, 1 to 256 characters, without '/' and ':'
 *   version  a number, 1 or more; it is given once, even when that version is deleted later
 *   alias    1 to 255 letters, digits, '_' and '-'; "latest" is the highest version
 *
 * An unknown model or version is MILL_E_NOT_FOUND at every call. */
#ifndef MILLSTREAM_MODELS_H
#define MILLSTREAM_MODELS_H

#include <millstream/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Registered models with their latest versions, and how to get those behind them. Since 0.1. */
struct mill_model_list {
    size_t count;
    const struct mill_registered_model *const *items;
    struct mill_view next_page_token; /* absent: these were the last ones */
};

/* Versions, and how to get those behind them. Since 0.1. */
struct mill_version_list {
    size_t count;
    const struct mill_model_version *const *items;
    struct mill_view next_page_token; /* absent: these were the last ones */
};

/* Free the list and all it points to. NULL is allowed. Since 0.1. */
MILL_API void mill_model_list_free(struct mill_model_list *list);
MILL_API void mill_version_list_free(struct mill_version_list *list);

/* What to look for, among models or versions. Since 0.1. */
struct mill_model_query {
    size_t size;                      /* sizeof(struct mill_model_query) */
    struct mill_view filter;          /* e.g. "name LIKE 'digits%' AND tags.team = 'vision'" */
    const struct mill_view *order_by; /* e.g. "last_updated_timestamp DESC" */
    size_t order_by_count;
    int64_t max_results;         /* of this page; 0: 100 models, 1000 versions */
    struct mill_view page_token; /* next_page_token of the page before this one */
};

/* What a new version is like. Since 0.1. */
struct mill_new_version {
    size_t size; /* sizeof(struct mill_new_version) */
    struct mill_view name;
    struct mill_view source;   /* where its files are; a path has to belong to the run */
    struct mill_view run_id;   /* the run that made it; absent: none */
    struct mill_view model_id; /* the logged model that it is; absent: none */
    struct mill_view run_link; /* where the run can be seen; absent: nowhere */
    struct mill_view description;
    const struct mill_tag *tags; /* of one key the last counts */
    size_t tag_count;
};

/* --- registered models ----------------------------------------------------------------- */

/* Makes a registered model without versions. Fails with MILL_E_EXISTS when the name is taken.
 *
 *   description      may be absent
 *   tags, tag_count  may be NULL, 0; of one key the last counts
 *
 * Since 0.1. */
MILL_API enum mill_status mill_client_create_model(struct mill_client *client,
                                                   struct mill_view name,
                                                   struct mill_view description,
                                                   const struct mill_tag *tags,
                                                   size_t tag_count, struct mill_error *err);

/* One registered model, as a list of one. Since 0.1. */
MILL_API enum mill_status mill_client_get_model(struct mill_client *client,
                                                struct mill_view name,
                                                struct mill_model_list **list_out,
                                                struct mill_error *err);

/* One page, of at most 1000, of the registered models that match, by name unless ordered
 * otherwise; query NULL: the first 100. Prompts are left out unless the filter asks for them.
 * Fails with MILL_E_INVALID for a filter, ordering or token that cannot be used. Since 0.1. */
MILL_API enum mill_status mill_client_search_models(struct mill_client *client,
                                                    const struct mill_model_query *query,
                                                    struct mill_model_list **list_out,
                                                    struct mill_error *err);

/* Gives a model, and so its versions, a new name; MILL_E_EXISTS when it is taken. Since 0.1. */
MILL_API enum mill_status mill_client_rename_model(struct mill_client *client,
                                                   struct mill_view name,
                                                   struct mill_view new_name,
                                                   struct mill_error *err);

/* Gives a model a new description; absent or empty: none. Since 0.1. */
MILL_API enum mill_status mill_client_update_model(struct mill_client *client,
                                                   struct mill_view name,
                                                   struct mill_view description,
                                                   struct mill_error *err);

/* Removes a model with all its versions. There is no bin. Since 0.1. */
MILL_API enum mill_status mill_client_delete_model(struct mill_client *client,
                                                   struct mill_view name,
                                                   struct mill_error *err);

/* Sets a tag of a model, replacing its value. Since 0.1. */
MILL_API enum mill_status mill_client_set_model_tag(struct mill_client *client,
                                                    struct mill_view name, struct mill_view key,
                                                    struct mill_view value,
                                                    struct mill_error *err);

/* Removes a tag of a model; well if there is none. Since 0.1. */
MILL_API enum mill_status mill_client_delete_model_tag(struct mill_client *client,
                                                       struct mill_view name,
                                                       struct mill_view key,
                                                       struct mill_error *err);

/* Points an alias at a version, wherever it pointed before. Fails with MILL_E_INVALID for
 * "latest" and for 'v' with a number. Since 0.1. */
MILL_API enum mill_status mill_client_set_model_alias(struct mill_client *client,
                                                      struct mill_view name,
                                                      struct mill_view alias, int64_t version,
                                                      struct mill_error *err);

/* Removes an alias; well if there is none. Since 0.1. */
MILL_API enum mill_status mill_client_delete_model_alias(struct mill_client *client,
                                                         struct mill_view name,
                                                         struct mill_view alias,
                                                         struct mill_error *err);

/* --- versions -------------------------------------------------------------------------- */

/* Makes the next version of a model and puts its number into *version_out. Fails with
 * MILL_E_INVALID for a source that the run or logged model does not own. A request whose answer
 * was lost is not repeated, since that could make two versions. Since 0.1. */
MILL_API enum mill_status mill_client_create_version(struct mill_client *client,
                                                     const struct mill_new_version *version,
                                                     int64_t *version_out,
                                                     struct mill_error *err);

/* One version, as a list of one. Since 0.1. */
MILL_API enum mill_status mill_client_get_version(struct mill_client *client,
                                                  struct mill_view name, int64_t version,
                                                  struct mill_version_list **list_out,
                                                  struct mill_error *err);

/* The version that an alias points at; MILL_E_INVALID for an alias that the model does not
 * have. Since 0.1. */
MILL_API enum mill_status mill_client_get_version_by_alias(struct mill_client *client,
                                                           struct mill_view name,
                                                           struct mill_view alias,
                                                           struct mill_version_list **list_out,
                                                           struct mill_error *err);

/* One page, of at most 200000, of the versions that match, the last changed ones first unless
 * ordered otherwise; query NULL: the first 1000. Since 0.1. */
MILL_API enum mill_status mill_client_search_versions(struct mill_client *client,
                                                      const struct mill_model_query *query,
                                                      struct mill_version_list **list_out,
                                                      struct mill_error *err);

/* Where a version's files are. Writes as much of it as fits into buffer, NUL-terminated, and
 * puts its whole length in bytes into *length_out; buffer may be NULL when size is 0.
 * Since 0.1. */
MILL_API enum mill_status mill_client_version_uri(struct mill_client *client,
                                                  struct mill_view name, int64_t version,
                                                  char *buffer, size_t size, size_t *length_out,
                                                  struct mill_error *err);

/* Gives a version a new description; absent: none. Since 0.1. */
MILL_API enum mill_status mill_client_update_version(struct mill_client *client,
                                                     struct mill_view name, int64_t version,
                                                     struct mill_view description,
                                                     struct mill_error *err);

/* Puts a version into a stage. With archive_existing, which goes with MILL_STAGE_STAGING and
 * MILL_STAGE_PRODUCTION only, the others that are in it become archived. Since 0.1. */
MILL_API enum mill_status mill_client_set_version_stage(struct mill_client *client,
                                                        struct mill_view name, int64_t version,
                                                        enum mill_stage stage,
                                                        bool archive_existing,
                                                        struct mill_error *err);

/* Removes a version and the aliases that point at it. Its number is not given again.
 * Since 0.1. */
MILL_API enum mill_status mill_client_delete_version(struct mill_client *client,
                                                     struct mill_view name, int64_t version,
                                                     struct mill_error *err);

/* Sets a tag of a version, replacing its value. Since 0.1. */
MILL_API enum mill_status mill_client_set_version_tag(struct mill_client *client,
                                                      struct mill_view name, int64_t version,
                                                      struct mill_view key,
                                                      struct mill_view value,
                                                      struct mill_error *err);

/* Removes a tag of a version; well if there is none. Since 0.1. */
MILL_API enum mill_status mill_client_delete_version_tag(struct mill_client *client,
                                                         struct mill_view name, int64_t version,
                                                         struct mill_view key,
                                                         struct mill_error *err);

#ifdef __cplusplus
}
#endif

#endif
