/* tree_meta.h - what the meta.yaml files of an mlruns tree say, of every age of MLflow.
 *
 * Reading forgives what some release wrote: ids as numbers or texts, keys that came later or
 * went away. Writing gives the keys of today's release and those that older ones insist on.
 * Nothing here does I/O. Any thread. */
#ifndef MILL_STORE_TREE_META_H
#define MILL_STORE_TREE_META_H

#include <millstream/types.h>

#include "store/yaml.h"

/* Reads an experiment; tags are elsewhere. *out points into the map. MILL_E_CORRUPT when the
 * id is not the one of the folder, or there is no name. */
enum mill_status mill_tree_meta_experiment(const struct mill_yaml *meta, int64_t experiment_id,
                                           struct mill_experiment *out, struct mill_error *err);

/* The map of a new experiment; NULL when out of memory. */
struct mill_yaml *mill_tree_meta_new_experiment(struct mill_arena *arena,
                                                const struct mill_experiment *experiment);

/* Reads a run. run_name is absent when only a tag tells it, artifact_uri when the file is of a
 * time that had none. MILL_E_CORRUPT when ids are not those of the folders, or a number is
 * none. */
enum mill_status mill_tree_meta_run(const struct mill_yaml *meta, int64_t experiment_id,
                                    struct mill_view run_id, struct mill_run_info *out,
                                    struct mill_error *err);

/* Whether a run's file is from before 1.0, whose readers know lines of two fields only. */
bool mill_tree_meta_is_old(const struct mill_yaml *meta);

/* Calls put for each tag that a run's file of the first releases has. False when put said so.
 */
typedef bool mill_tree_meta_put_tag(void *context, struct mill_view key,
                                    struct mill_view value);
bool mill_tree_meta_run_tags(const struct mill_yaml *meta, mill_tree_meta_put_tag *put,
                             void *context);

/* The map of a new run. */
struct mill_yaml *mill_tree_meta_new_run(struct mill_arena *arena,
                                         const struct mill_run_info *info);

/* Puts the fields of a run that may change into its map. deleted_ms: when it was deleted,
 * MILL_ABSENT takes the key out. False when out of memory. */
bool mill_tree_meta_update_run(struct mill_arena *arena, struct mill_yaml *meta,
                               const struct mill_run_info *info);
bool mill_tree_meta_set_lifecycle(struct mill_arena *arena, struct mill_yaml *meta,
                                  enum mill_lifecycle lifecycle, int64_t deleted_ms);

/* Datasets: a file for each in its experiment. */
enum mill_status mill_tree_meta_dataset(const struct mill_yaml *meta, struct mill_dataset *out,
                                        struct mill_error *err);
struct mill_yaml *mill_tree_meta_new_dataset(struct mill_arena *arena,
                                             const struct mill_dataset *dataset);

/* What a run read or made, a file for each. */
enum mill_tree_link_kind {
    MILL_TREE_LINK_OTHER,
    MILL_TREE_LINK_DATASET,
    MILL_TREE_LINK_MODEL,
    MILL_TREE_LINK_OUTPUT
};

struct mill_tree_link {
    enum mill_tree_link_kind kind;
    struct mill_view id; /* of the dataset's folder, or of the model */
    int64_t step;        /* of an output */
    const struct mill_tag *tags;
    size_t tag_count;
};
enum mill_status mill_tree_meta_link(const struct mill_yaml *meta, struct mill_arena *arena,
                                     struct mill_tree_link *out, struct mill_error *err);
struct mill_yaml *mill_tree_meta_new_link(struct mill_arena *arena,
                                          const struct mill_tree_link *link);

#endif
