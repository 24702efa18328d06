/* evaluation.h - what evaluations of models keep: datasets of questions with expected answers,
 * and scorers. Plain values as in millstream/types.h; JSON is kept as its text. */
#ifndef MILL_MODEL_EVALUATION_H
#define MILL_MODEL_EVALUATION_H

#include <millstream/types.h>

/* Tag of a dataset or record that says who wrote it. */
#define MILL_EVAL_USER_TAG "mlflow.user"

/* Which part of a record a field of the dataset's schema is in. */
enum mill_eval_part {
    MILL_EVAL_INPUTS,
    MILL_EVAL_OUTPUTS,
    MILL_EVAL_EXPECTATIONS,
    MILL_EVAL_WHOLE_OUTPUTS /* outputs that are no object; the field has no key */
};

/* A field that some record has, and the kind of value that the first one had. */
struct mill_eval_field {
    enum mill_eval_part part;
    struct mill_view key;
    struct mill_view type; /* "string", "integer" ... */
};

/* One question. A value of a pair is JSON. */
struct mill_eval_record_row {
    struct mill_view inputs;    /* JSON object */
    struct mill_view canonical; /* the same with sorted keys: equal ones are one record */
    struct mill_view outputs;   /* JSON; absent: not given */
    const struct mill_tag *expectations;
    size_t expectation_count;
    bool has_expectations; /* an empty object differs from none */
    const struct mill_tag *tags;
    size_t tag_count;
    struct mill_view source; /* JSON object; absent: none */
    struct mill_view source_id;
    struct mill_view source_type;
    struct mill_view user; /* who wrote it; absent: not said */
    /* what the store adds */
    struct mill_view record_id;
    int64_t created_time;
    int64_t last_update_time;
    struct mill_view last_updated_by;
};

struct mill_eval_dataset_row {
    struct mill_view dataset_id; /* "d-" and 32 hex digits */
    struct mill_view name;
    struct mill_view digest; /* changes when the dataset does */
    int64_t created_time;
    int64_t last_update_time;
    struct mill_view created_by;
    struct mill_view last_updated_by;
    int64_t record_count; /* MILL_ABSENT: it never had one */
    const struct mill_tag *tags;
    size_t tag_count;
    const struct mill_eval_field *fields;
    size_t field_count;
    const int64_t *experiment_ids;
    size_t experiment_count;
};

/* One version of a scorer, which is JSON that the server does not look into. */
struct mill_scorer {
    struct mill_view scorer_id; /* of all its versions */
    int64_t experiment_id;
    struct mill_view name;
    int64_t version;
    struct mill_view serialized;
    int64_t creation_time;
};

#endif
