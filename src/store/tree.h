/* tree.h - what the parts of the file store share: the store over an mlruns tree.
 *
 *   ROOT/EXPERIMENT/meta.yaml, tags/KEY, datasets/ID/meta.yaml
 *   ROOT/EXPERIMENT/RUN/meta.yaml, metrics/KEY, params/KEY, tags/KEY, inputs/ID/meta.yaml,
 *                       outputs/MODEL/meta.yaml, artifacts/
 *   ROOT/.trash/EXPERIMENT/...   deleted experiments
 *
 * The tree is the truth, and other processes change it at any time. What is kept in memory is
 * compared with the state of the files before it is used. */
#ifndef MILL_STORE_TREE_H
#define MILL_STORE_TREE_H

#include <pthread.h>

#include "base/list.h"
#include "base/map.h"
#include "model/change.h"
#include "store/experiments.h"
#include "store/points.h"
#include "store/rowset.h"
#include "store/tree_io.h"
#include "store/tree_meta.h"
#include "store/tree_seen.h"

#define MILL_TREE_META  "meta.yaml"
#define MILL_TREE_TRASH ".trash"

/* What a file may hold. */
#define MILL_TREE_MAX_META ((size_t)4 << 20) /* experiment, run, input, output */
#define MILL_TREE_MAX_DATASET                                                                  \
    ((size_t)128 << 20)                        /* dataset: a profile of 16 million characters */
#define MILL_TREE_MAX_VALUE  ((size_t)1 << 20) /* tag, param */
#define MILL_TREE_MAX_POINTS ((int64_t)1 << 30) /* metric */

#define MILL_TREE_NAME_SIZE 300 /* ".trash/", an experiment's id, "/", a run's id */

struct mill_tree_catalog;
struct mill_tree_runs;
struct mill_tree_places;

struct mill_tree_store {
    struct mill_store base;
    struct mill_arena arena; /* texts of this struct */
    struct mill_tree_dir root;
    struct mill_view artifact_root;
    bool read_only;
    struct mill_tree_sync sync; /* of the group of changes that is applied */
    struct mill_tree_catalog *catalog;
    struct mill_tree_runs *runs;
    struct mill_row_shapes *shapes;
    struct mill_tree_places *places;
};

/* A folder of an experiment or a run, open, with room for its name. */
struct mill_tree_folder {
    struct mill_tree_dir dir;
    char name[MILL_TREE_NAME_SIZE];
    int64_t experiment_id;
    bool trashed; /* below .trash */
};

/* Reads and parses a meta.yaml below dir into arena. */
enum mill_status mill_tree_read_meta(const struct mill_tree_dir *dir, const char *name,
                                     size_t max, struct mill_arena *arena,
                                     struct mill_yaml **out, struct stat *info,
                                     struct mill_error *err);

/* Writes one in place of what is there, if anything is. */
enum mill_status mill_tree_write_meta(const struct mill_tree_dir *dir, const char *name,
                                      const struct mill_yaml *meta, struct mill_tree_sync *sync,
                                      struct mill_error *err);

/* What is wrong with a text that is to become the name of a file (with folders), or NULL. */
const char *mill_tree_name_problem(struct mill_view name);

/* Writes a warning about the tree to the log. */
void mill_tree_warn(const struct mill_error *why);

/* --- experiments: tree_catalog.c --- */

/* Opens an experiment's folder, active or deleted; MILL_E_NOT_FOUND. */
enum mill_status mill_tree_open_experiment(const struct mill_tree_store *s,
                                           int64_t experiment_id, struct mill_tree_folder *out,
                                           struct mill_error *err);

/* Reads one with its tags into arena. meta_out (may be NULL) gets the file as it is; seen (may
 * be NULL) what was looked at, relative to the folder. */
enum mill_status mill_tree_read_experiment(const struct mill_tree_store *s,
                                           const struct mill_tree_folder *folder,
                                           struct mill_arena *arena,
                                           struct mill_experiment *out,
                                           struct mill_yaml **meta_out,
                                           struct mill_tree_seen *seen, struct mill_error *err);

enum mill_status mill_tree_catalog_new(struct mill_tree_catalog **out, struct mill_error *err);
void mill_tree_catalog_free(struct mill_tree_catalog *catalog);

/* Id of the experiment of that name, deleted ones included; MILL_E_NOT_FOUND. */
enum mill_status mill_tree_find_name(struct mill_tree_store *s, struct mill_view name,
                                     int64_t *id_out, struct mill_error *err);

enum mill_status mill_tree_search_experiments(struct mill_tree_store *s,
                                              const struct mill_experiment_search *search,
                                              struct mill_arena *arena,
                                              struct mill_experiment_page *out,
                                              struct mill_error *err);

/* Whether a text is an experiment's id in the form of a folder's name. */
bool mill_tree_is_experiment_id(const char *name, int64_t *id_out);

/* --- where runs are: tree_places.c --- */

/* What has to be known of a run before it is written to. */
struct mill_tree_place {
    int64_t experiment_id;
    bool trashed;
    bool old; /* see mill_tree_meta_is_old */
    enum mill_lifecycle lifecycle;
};

enum mill_status mill_tree_places_new(struct mill_tree_places **out, struct mill_error *err);
void mill_tree_places_free(struct mill_tree_places *places);

/* Opens a run's folder; MILL_E_NOT_FOUND. */
enum mill_status mill_tree_open_run(struct mill_tree_store *s, struct mill_view run_id,
                                    struct mill_tree_folder *out, struct mill_error *err);

/* The same for a run that is to be written to, and what is known of it. MILL_E_INVALID when it
 * is deleted, MILL_E_CORRUPT when its meta.yaml is bad. */
enum mill_status mill_tree_open_active_run(struct mill_tree_store *s, struct mill_view run_id,
                                           struct mill_tree_folder *out,
                                           struct mill_tree_place *place,
                                           struct mill_error *err);

/* --- reading runs: tree_run.c --- */

/* Memory that reading one run after another uses again and again. */
struct mill_tree_reader {
    struct mill_arena arena;
    struct mill_buf bytes;
    struct mill_list metrics, params, tags, inputs, models, outputs;
};

void mill_tree_reader_init(struct mill_tree_reader *reader);
void mill_tree_reader_release(struct mill_tree_reader *reader);

/* Where a run is: its folder is the one at prefix ("" or "RUN/") in dir, its experiment's the
 * one at experiment_prefix ("EXPERIMENT/" or "") in experiment_dir. */
struct mill_tree_run_at {
    int64_t experiment_id;
    struct mill_view run_id;
    const struct mill_tree_dir *dir;
    const char *prefix;
    const struct mill_tree_dir *experiment_dir;
    const char *experiment_prefix;
};

/* What is to be read of a run besides meta.yaml. */
struct mill_tree_wanted {
    const struct mill_tree_key {
        enum mill_query_entity entity; /* metric, param or tag */
        struct mill_view key;
    } * keys;
    size_t count;
    bool inputs; /* datasets and models */
};

/* Reads a run from its folder; wanted NULL: all of it. Content that cannot be read is left out
 * with a warning; a bad meta.yaml fails. seen may be NULL. */
enum mill_status mill_tree_read_run(const struct mill_tree_store *s,
                                    struct mill_tree_reader *reader,
                                    const struct mill_tree_run_at *at,
                                    const struct mill_tree_wanted *wanted,
                                    struct mill_tree_seen *seen, struct mill_row **out,
                                    struct mill_error *err);

/* Calls each for every line of a metric file. info may be NULL. A line that is bad is
 * MILL_E_CORRUPT, or left out when bad_out is given: it gets the number of the first such line.
 */
typedef bool mill_tree_visit_point(void *context, const struct mill_point *point);
enum mill_status mill_tree_each_point(const struct mill_tree_dir *dir, const char *name,
                                      struct mill_buf *bytes, struct stat *info,
                                      mill_tree_visit_point *each, void *context,
                                      size_t *bad_out, struct mill_error *err);

/* --- searches: tree_runs.c, tree_sets.c, tree_look.c --- */

/* limit_bytes bounds what is kept between searches. */
enum mill_status mill_tree_runs_new(size_t limit_bytes, struct mill_tree_runs **out,
                                    struct mill_error *err);
void mill_tree_runs_free(struct mill_tree_runs *runs);
enum mill_status mill_tree_search_runs(struct mill_tree_store *s,
                                       const struct mill_run_search *wanted,
                                       struct mill_run_page *out, struct mill_error *err);

enum mill_status mill_tree_get_run(struct mill_tree_store *s, struct mill_view run_id,
                                   struct mill_run_page *out, struct mill_error *err);

/* Whether a name in an experiment's folder can be the one of a run. */
bool mill_tree_is_run_name(struct mill_view name);

/* --- histories: tree_history.c --- */

enum mill_status mill_tree_history_open(struct mill_store *store, struct mill_view run_id,
                                        struct mill_view key, int64_t skip,
                                        struct mill_history **out, struct mill_error *err);
enum mill_status mill_tree_sample(struct mill_store *store, struct mill_view run_id,
                                  struct mill_view key, int64_t start_step, int64_t end_step,
                                  size_t max_points, struct mill_arena *arena,
                                  struct mill_point **points_out, size_t *count_out,
                                  struct mill_error *err);
enum mill_status mill_tree_summary(struct mill_store *store, struct mill_view run_id,
                                   struct mill_view key, struct mill_series_summary *out,
                                   struct mill_error *err);
enum mill_status mill_tree_buckets(struct mill_store *store, struct mill_view run_id,
                                   struct mill_view key, const struct mill_bucket_axis *axis,
                                   struct mill_bucket *buckets, int64_t *points_out,
                                   struct mill_error *err);

/* --- writes: mill_tree_change_*.c --- */

/* A change while it is applied. */
struct mill_tree_change {
    struct mill_tree_store *store;
    const struct mill_change *change;
    struct mill_outcome *outcome;
    struct mill_arena scratch;
    struct mill_buf bytes;
    struct mill_error *err;
};

typedef enum mill_status mill_tree_apply(struct mill_tree_change *c);

mill_tree_apply mill_tree_create_experiment, mill_tree_rename_experiment,
    mill_tree_delete_experiment, mill_tree_restore_experiment, mill_tree_set_experiment_tag,
    mill_tree_delete_experiment_tag;
mill_tree_apply mill_tree_create_run, mill_tree_update_run, mill_tree_delete_run,
    mill_tree_restore_run, mill_tree_log, mill_tree_delete_tag, mill_tree_append_tag_json,
    mill_tree_log_inputs, mill_tree_log_outputs;

/* Makes experiment 0, named as the change says, unless it is there. */
mill_tree_apply mill_tree_create_default;

/* "FOLDER/KEY" in the scratch arena; MILL_E_INVALID for a key that cannot be a file. */
enum mill_status mill_tree_key_path(struct mill_tree_change *c, const char *folder,
                                    struct mill_view key, const char **out);

/* Sets the lifecycle of a run whose folder is open; one that has it already is left alone
 * unless always. The caller holds no lock. */
enum mill_status mill_tree_set_run_lifecycle(struct mill_tree_change *c,
                                             const struct mill_tree_folder *run,
                                             struct mill_view run_id, enum mill_lifecycle to,
                                             bool always);

#endif
