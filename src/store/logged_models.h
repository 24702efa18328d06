/* logged_models.h - rules about logged models that every store shares. */
#ifndef MILL_STORE_LOGGED_MODELS_H
#define MILL_STORE_LOGGED_MODELS_H

#include "store/select.h"
#include "store/store.h"

/* What decides between models behind the wanted order: newest first, then by id. */
extern const struct mill_ordering mill_logged_model_ties[2];

/* Where a new model's files are: location + "/models/" + id + "/artifacts". */
struct mill_view mill_logged_model_uri(struct mill_arena *arena, struct mill_view location,
                                       struct mill_view model_id);

/* The tag that names the versions of registered models which come from a logged model. */
#define MILL_MODEL_VERSIONS_TAG "mlflow.modelVersions"

/* Its value with one more version, in arena; ptr NULL when out of memory. One that has grown to
 * MILL_MAX_MODEL_TAG_VALUE stays as it is. */
struct mill_view mill_logged_model_versions(struct mill_arena *arena, struct mill_view old,
                                            struct mill_view name, int64_t version);

/* The value of an attribute. */
struct mill_value mill_logged_model_attribute(const struct mill_logged_model *model,
                                              enum mill_query_attribute attribute);

/* Whether a search wants metrics that were measured on this dataset. */
bool mill_logged_model_dataset(const struct mill_logged_model_search *search,
                               struct mill_view name, struct mill_view digest);

/* Whether a search wants only models with some metric on its datasets: it names datasets, but
 * compares no metric. */
bool mill_logged_model_needs_metric(const struct mill_logged_model_search *search);

/* Whether the dataset that an ordering names, if any, is the point's. */
bool mill_logged_model_measured(const struct mill_query_field *field,
                                const struct mill_logged_model_metric *metric);

/* Whether a point on one of the wanted datasets satisfies a comparison of its metric; for
 * IS NULL whether it is there at all. */
bool mill_logged_model_metric_matches(const struct mill_logged_model_search *search,
                                      const struct mill_comparison *c,
                                      const struct mill_logged_model_metric *metric);

/* Copies the list of metrics (not its texts) into arena, sorted by key; false when out of
 * memory. */
bool mill_logged_model_sort_metrics(struct mill_arena *arena, struct mill_logged_model *model);

/* A deep copy in arena, lists sorted by key; false when out of memory. */
bool mill_logged_model_copy(struct mill_arena *arena, const struct mill_logged_model *from,
                            struct mill_logged_model *to);

#endif
