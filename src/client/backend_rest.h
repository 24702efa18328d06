/* backend_rest.h - what the files of the server backend share. */
#ifndef MILL_CLIENT_BACKEND_REST_H
#define MILL_CLIENT_BACKEND_REST_H

#include "client/backend.h"
#include "remote/peer.h"
#include "remote/rest.h"
#include "wire/message.h"

struct mill_rest_backend {
    struct mill_backend base;
    struct mill_peer server;
};

/* A GET of the server backend; takes and releases the query. */
enum mill_status mill_rest_get(struct mill_backend *backend, const char *path,
                               struct mill_buf *query, const struct mill_message *response,
                               void *answer, struct mill_arena *arena, struct mill_error *err);

/* Takes over what leads on from the page behind token before: next goes into *token_out, which
 * is left alone at the last page. A token that equals the one before is MILL_E_INTERNAL. */
enum mill_status mill_rest_take_token(struct mill_view before, struct mill_view next,
                                      struct mill_view *token_out, struct mill_error *err);

/* Asks for a page of a search by POST: the call without its method, which may be repeated.
 * *next is in the call's answer; it is taken over as above. */
enum mill_status mill_rest_page(struct mill_backend *backend, struct mill_rest_call *call,
                                struct mill_view before, const struct mill_view *next,
                                struct mill_view *token_out, struct mill_error *err);

/* The history and sample of the server backend. */
enum mill_status mill_rest_history(struct mill_backend *backend, struct mill_view run_id,
                                   struct mill_view key, struct mill_point_result *result,
                                   struct mill_error *err);
enum mill_status mill_rest_sample(struct mill_backend *backend, struct mill_view run_id,
                                  struct mill_view key, size_t max_points,
                                  struct mill_point_result *result, struct mill_error *err);

/* The apply of the server backend: a change as a request. */
enum mill_status mill_rest_apply(struct mill_backend *backend, struct mill_change *change,
                                 struct mill_outcome *outcome, struct mill_error *err);

/* Reads of the model registry. */
enum mill_status mill_rest_get_model(struct mill_backend *backend, struct mill_view name,
                                     struct mill_model_result *result, struct mill_error *err);
enum mill_status mill_rest_search_models(struct mill_backend *backend,
                                         const struct mill_model_query *query,
                                         struct mill_model_result *result,
                                         struct mill_error *err);
enum mill_status mill_rest_get_version(struct mill_backend *backend,
                                       const struct mill_version_ref *ref,
                                       struct mill_version_result *result,
                                       struct mill_error *err);
enum mill_status mill_rest_search_versions(struct mill_backend *backend,
                                           const struct mill_model_query *query,
                                           struct mill_version_result *result,
                                           struct mill_error *err);
enum mill_status mill_rest_version_uri(struct mill_backend *backend, struct mill_view name,
                                       int64_t version, struct mill_arena *arena,
                                       struct mill_view *out, struct mill_error *err);

/* The apply for changes of the model registry. */
enum mill_status mill_rest_apply_registry(struct mill_remote *remote,
                                          const struct mill_change *change,
                                          struct mill_outcome *outcome, struct mill_error *err);

/* Logged models: reads, and the apply for changes of them. */
enum mill_status mill_rest_get_logged_model(struct mill_backend *backend,
                                            struct mill_view model_id,
                                            struct mill_logged_model_result *result,
                                            struct mill_error *err);
enum mill_status mill_rest_search_logged_models(struct mill_backend *backend,
                                                const struct mill_logged_model_query *query,
                                                struct mill_logged_model_result *result,
                                                struct mill_error *err);
enum mill_status mill_rest_apply_logged_model(struct mill_remote *remote,
                                              const struct mill_change *change,
                                              struct mill_outcome *outcome,
                                              struct mill_error *err);

/* Evaluation datasets. */
enum mill_status mill_rest_get_eval_dataset(struct mill_backend *backend,
                                            struct mill_view dataset_id,
                                            struct mill_eval_dataset_result *result,
                                            struct mill_error *err);
enum mill_status mill_rest_search_eval_datasets(struct mill_backend *backend,
                                                const struct mill_eval_dataset_query *query,
                                                struct mill_eval_dataset_result *result,
                                                struct mill_error *err);
enum mill_status mill_rest_eval_dataset_experiments(struct mill_backend *backend,
                                                    struct mill_view dataset_id,
                                                    struct mill_arena *arena,
                                                    const int64_t **out, size_t *count_out,
                                                    struct mill_error *err);
enum mill_status mill_rest_eval_records(struct mill_backend *backend,
                                        struct mill_view dataset_id, int64_t max_results,
                                        struct mill_view page_token, struct mill_arena *arena,
                                        struct mill_view *text_out,
                                        struct mill_view *next_page_token_out,
                                        struct mill_error *err);

/* The path of a dataset, with what follows its id: encoded, NUL-terminated, in arena; NULL when
 * memory is out. */
const char *mill_rest_eval_path(struct mill_view dataset_id, const char *rest,
                                struct mill_view last, struct mill_arena *arena);

/* The apply for changes of evaluation datasets. */
enum mill_status mill_rest_apply_eval(struct mill_remote *remote,
                                      const struct mill_change *change,
                                      struct mill_outcome *outcome, struct mill_error *err);

#endif
