/* backend_store.h - what the files of the database backend share. */
#ifndef MILL_CLIENT_BACKEND_STORE_H
#define MILL_CLIENT_BACKEND_STORE_H

#include "client/backend.h"

struct mill_store *mill_store_backend_store(struct mill_backend *backend);

/* Page tokens of this backend: the offset of a page in decimal. */
enum mill_status mill_store_backend_read_token(struct mill_view token, int64_t *offset_out,
                                               struct mill_error *err);
enum mill_status mill_store_backend_write_token(bool more, int64_t offset, size_t count,
                                                struct mill_arena *arena, struct mill_view *out,
                                                struct mill_error *err);

/* The registry's entries of its mill_backend_ops. */
enum mill_status mill_store_backend_get_model(struct mill_backend *backend,
                                              struct mill_view name,
                                              struct mill_model_result *result,
                                              struct mill_error *err);
enum mill_status mill_store_backend_search_models(struct mill_backend *backend,
                                                  const struct mill_model_query *query,
                                                  struct mill_model_result *result,
                                                  struct mill_error *err);
enum mill_status mill_store_backend_get_version(struct mill_backend *backend,
                                                const struct mill_version_ref *ref,
                                                struct mill_version_result *result,
                                                struct mill_error *err);
enum mill_status mill_store_backend_search_versions(struct mill_backend *backend,
                                                    const struct mill_model_query *query,
                                                    struct mill_version_result *result,
                                                    struct mill_error *err);
enum mill_status mill_store_backend_version_uri(struct mill_backend *backend,
                                                struct mill_view name, int64_t version,
                                                struct mill_arena *arena, struct mill_view *out,
                                                struct mill_error *err);

/* The same for logged models. */
enum mill_status mill_store_backend_get_logged_model(struct mill_backend *backend,
                                                     struct mill_view model_id,
                                                     struct mill_logged_model_result *result,
                                                     struct mill_error *err);
enum mill_status mill_store_backend_search_logged_models(
    struct mill_backend *backend, const struct mill_logged_model_query *query,
    struct mill_logged_model_result *result, struct mill_error *err);
/* Evaluation datasets. */
enum mill_status mill_store_backend_get_eval_dataset(struct mill_backend *backend,
                                                     struct mill_view dataset_id,
                                                     struct mill_eval_dataset_result *result,
                                                     struct mill_error *err);
enum mill_status mill_store_backend_search_eval_datasets(
    struct mill_backend *backend, const struct mill_eval_dataset_query *query,
    struct mill_eval_dataset_result *result, struct mill_error *err);
enum mill_status mill_store_backend_eval_dataset_experiments(
    struct mill_backend *backend, struct mill_view dataset_id, struct mill_arena *arena,
    const int64_t **out, size_t *count_out, struct mill_error *err);
enum mill_status mill_store_backend_eval_records(
    struct mill_backend *backend, struct mill_view dataset_id, int64_t max_results,
    struct mill_view page_token, struct mill_arena *arena, struct mill_view *text_out,
    struct mill_view *next_page_token_out, struct mill_error *err);

#endif
