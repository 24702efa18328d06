/* input.h - the table of public functions and their arguments, and a place for them to work on.
 * input.c spoils the arguments, faults.c what happens below the calls. */
#ifndef MILL_TESTS_INPUT_H
#define MILL_TESTS_INPUT_H

#include <millstream/millstream.h>

/* The registered model that calls work on; it has a version with the alias. */
#define INPUT_MODEL "input"
#define INPUT_ALIAS "champion"

/* The prompt likewise. */
#define INPUT_PROMPT "input-prompt"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What the calls work on. */
struct input {
    const char *kind;
    bool is_local; /* a place that the program makes itself */
    struct mill_view uri;
    struct mill_client *client;
    char name[80];              /* of the experiment */
    struct mill_logger *logger; /* of the same run, which delivers nothing */
    int64_t experiment_id;
    char run_id_text[64];
    struct mill_view run_id;
    int64_t version; /* of INPUT_MODEL; 0: trees have no registry */
    char logged_model_text[80];
    struct mill_view logged_model; /* has the tag and the files that calls work on */
    char run_files_text[80];       /* what the run's files have as URI */
    int64_t prompt_version;
    char dataset_id_text[64]; /* of an evaluation dataset; empty: trees have none */
};

/* What an argument is, which says how it can be spoilt. */
enum argument_kind {
    POINTER = 1 << 0,      /* must not be NULL */
    TEXT = 1 << 1,         /* must be given and not be empty */
    MAYBE_TEXT = 1 << 2,   /* text that may be absent or empty */
    RUN_ID = 1 << 3,       /* of a run */
    KEY = 1 << 4,          /* of a metric, param or tag */
    LOCAL = 1 << 5,        /* the name of something local: no NUL in it */
    LIMITED = 1 << 6,      /* text of at most limit characters */
    ID = 1 << 7,           /* of an experiment */
    TIME = 1 << 8,         /* milliseconds; MILL_ABSENT is allowed */
    RESULTS = 1 << 9,      /* how many results, an int64_t */
    ENUM = 1 << 10,        /* of some enum */
    STRUCT_SIZE = 1 << 11, /* first member of a struct of limit bytes */
    POINTS = 1 << 12,      /* a size_t, 1 to limit */
    COUNT_MAX = 1 << 13,   /* a size_t, 0 to limit */
    VERSION = 1 << 14      /* of a registered model, an int64_t of 1 or more */
};

struct argument {
    const char *name; /* as a message calls it */
    unsigned kind;
    size_t offset; /* in struct arguments */
    size_t limit;
};

/* A struct that a caller fills in, with room for what a newer one has behind it. */
#define ROOMY(type)                                                                            \
    struct {                                                                                   \
        struct type it;                                                                        \
        char behind[64];                                                                       \
    }

/* All arguments that any function takes. */
struct arguments {
    struct mill_client *client;
    struct mill_logger *logger;
    struct mill_error *err;
    struct mill_view spool;
    struct mill_view uri, name, new_name, artifact_location, run_id, key, tag_key, value, path,
        local_path, local_dir, directory;
    int64_t experiment_id, timestamp_ms, end_time_ms;
    enum mill_run_status status;
    enum mill_view_type view_type;
    size_t max_points, tag_count, dataset_count, model_count, output_count;

    struct mill_view model, model_to_make, model_to_take, model_tag_key, alias, description;
    int64_t version;
    struct mill_view prompt, prompt_uri;
    int64_t prompt_version;
    struct mill_view dataset_id, records, page_token, record_ids_items[2];
    const struct mill_view *record_ids;
    size_t record_id_count, experiment_count;
    const int64_t *linked;
    int64_t max_results;
    enum mill_stage stage;
    size_t *length_out, length;

    struct mill_view logged_model, files_uri;
    enum mill_logged_model_status logged_model_status;
    struct mill_dataset_filter dataset_filters[1];
    struct mill_model_order model_orders[1];
    struct mill_param model_param_items[2];
    const struct mill_param *model_params;
    size_t model_param_count;

    struct mill_tag tag_items[2];
    const struct mill_tag *tags;
    struct mill_metric metric_items[2];
    struct mill_metric_link link;
    struct mill_param param_items[2];
    struct mill_tag dataset_tag_items[1];
    struct mill_dataset_input dataset_items[1];
    const struct mill_dataset_input *datasets;
    struct mill_model_input model_items[1];
    const struct mill_model_input *models;
    struct mill_model_output output_items[1];
    const struct mill_model_output *outputs;
    int64_t experiment_ids[2];
    struct mill_view order_items[1], run_order_items[1];

    ROOMY(mill_client_options) options_room;
    const struct mill_client_options *options;
    ROOMY(mill_new_run) run_room;
    const struct mill_new_run *run;
    ROOMY(mill_run_update) update_room;
    const struct mill_run_update *update;
    ROOMY(mill_batch) batch_room;
    const struct mill_batch *batch;
    ROOMY(mill_run_query) run_query_room;
    const struct mill_run_query *run_query;
    ROOMY(mill_experiment_query) experiment_query_room;
    const struct mill_experiment_query *experiment_query;
    ROOMY(mill_model_query) model_query_room;
    const struct mill_model_query *model_query;
    ROOMY(mill_new_version) new_version_room;
    const struct mill_new_version *new_version;
    ROOMY(mill_new_logged_model) new_logged_model_room;
    const struct mill_new_logged_model *new_logged_model;
    ROOMY(mill_logged_model_query) logged_model_query_room;
    const struct mill_logged_model_query *logged_model_query;
    ROOMY(mill_new_prompt) new_prompt_room;
    const struct mill_new_prompt *new_prompt;
    ROOMY(mill_prompt_version) to_render_room;
    const struct mill_prompt_version *to_render;
    ROOMY(mill_new_eval_dataset) new_dataset_room;
    const struct mill_new_eval_dataset *new_dataset;
    ROOMY(mill_eval_dataset_query) dataset_query_room;
    const struct mill_eval_dataset_query *dataset_query;
    ROOMY(mill_transfer_options) transfer_room;
    const struct mill_transfer_options *transfer;
    ROOMY(mill_logger_options) logging_room;
    const struct mill_logger_options *logging;
    ROOMY(mill_sync_options) sync_room;
    const struct mill_sync_options *sync;
    struct mill_logger_counters counters_room;
    struct mill_logger_counters *counters;
    bool (*line)(void *context, struct mill_view json);

    struct mill_client *opened, **client_out;
    int64_t id, *id_out;
    struct mill_experiment_list *experiments, **experiments_out;
    struct mill_run_list *runs, **runs_out;
    struct mill_point_list *points, **points_out;
    struct mill_file_list *files, **files_out;
    struct mill_logger *logger_made, **logger_out;
    struct mill_spool_list *spools, **spools_out;
    struct mill_model_list *models_found, **models_out;
    struct mill_version_list *versions_found, **versions_out;
    struct mill_logged_model_list *logged_models_found, **logged_models_out;
    struct mill_prompt_list *prompts_found, **prompts_out;
    struct mill_prompt_version_list *prompt_versions_found, **prompt_versions_out;
    struct mill_eval_dataset_list *eval_datasets_found, **eval_datasets_out;
    struct mill_eval_record_list *eval_records_found, **eval_records_out;
};

/* A function that may fail. */
struct call {
    const char *name;
    enum mill_status (*call)(struct arguments *a);
    const struct argument *arguments; /* ends with one without a name */
};

/* A function that cannot, with a check of its own. */
struct plain {
    const char *name;
    bool (*check)(void);
};

/* Each ends with an entry without a name. */
extern const struct call input_calls[], input_model_calls[], input_logged_model_calls[],
    input_prompt_calls[], input_eval_calls[];
extern const struct plain input_plain[];

/* The tables of calls that need more than a tree has; ends with NULL. */
extern const struct call *const input_registry_calls[];

/* Opens in->uri, as often as wanted. */
enum mill_status input_open(struct input *in, struct mill_error *err);

/* Opens uri, which must outlive it, and makes what the calls work on; in->kind is set. The
 * working directory is the program's own. */
enum mill_status input_prepare(struct input *in, const char *uri, struct mill_error *err);

/* Makes INPUT_MODEL and INPUT_PROMPT if they are not there, gives the alias to versions that
 * are not used yet, and makes a logged model and an evaluation dataset. Does nothing in a tree.
 */
enum mill_status input_stock(struct input *in, struct mill_error *err);

/* Everything that a call could have changed, as text for the caller to free. */
enum mill_status input_picture(const struct input *in, char **text_out, struct mill_error *err);

/* Fills in arguments that are all good. */
void input_good(const struct input *in, struct arguments *a);

/* Whether a call has handed something out. */
bool input_has_output(const struct arguments *a);

/* Frees what was handed out. */
void input_release(struct arguments *a);

/* The same three for what only the calls of the model registry have. */
void input_good_model(const struct input *in, struct arguments *a);
bool input_has_model(const struct arguments *a);
void input_release_models(struct arguments *a);

/* And for what only the calls of logged models have. */
void input_good_logged_model(const struct input *in, struct arguments *a);
bool input_has_logged_model(const struct arguments *a);
void input_release_logged_models(struct arguments *a);
/* And of the prompt registry. */
void input_good_prompt(const struct input *in, struct arguments *a);
bool input_has_prompt(const struct arguments *a);
void input_release_prompts(struct arguments *a);

/* And of evaluation datasets. */
void input_good_eval(const struct input *in, struct arguments *a);
bool input_has_eval(const struct arguments *a);
void input_release_eval(struct arguments *a);

#endif
