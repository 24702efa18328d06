/* eval_json.h - evaluation datasets between structs and the JSON texts that clients exchange.
 */
#ifndef MILL_WIRE_EVAL_JSON_H
#define MILL_WIRE_EVAL_JSON_H

#include <millstream/eval_datasets.h>

#include "base/arena.h"
#include "model/evaluation.h"

/* Records with all the fields that they have, each once. */
struct mill_eval_records {
    struct mill_eval_record_row *items;
    size_t count;
    struct mill_eval_field *fields;
    size_t field_count;
};

/* Reads a JSON object as tags, what is no text as its JSON; null values are left out, an absent
 * or empty text has none. MILL_E_INVALID, MILL_E_NOMEM. */
enum mill_status mill_eval_read_tags(struct mill_view text, struct mill_arena *arena,
                                     const struct mill_tag **out, size_t *count_out,
                                     struct mill_error *err);

/* Reads a JSON list of records. MILL_E_INVALID names the record, MILL_E_NOMEM. */
enum mill_status mill_eval_read_records(struct mill_view text, struct mill_arena *arena,
                                        struct mill_eval_records *out, struct mill_error *err);

/* The texts for a dataset's tags, schema and profile; the latter two are absent for a dataset
 * that never had a record. */
enum mill_status mill_eval_dataset_json(const struct mill_eval_dataset_row *dataset,
                                        struct mill_arena *arena, struct mill_view *tags_out,
                                        struct mill_view *schema_out,
                                        struct mill_view *profile_out, struct mill_error *err);

/* The text for tags. */
enum mill_status mill_eval_tags_json(const struct mill_tag *tags, size_t count,
                                     struct mill_arena *arena, struct mill_view *out,
                                     struct mill_error *err);

/* The text for a page of records. Where dataset_id is absent it is one of new records, without
 * what a store adds to them. */
enum mill_status mill_eval_records_json(const struct mill_eval_record_row *records,
                                        size_t count, struct mill_view dataset_id,
                                        struct mill_arena *arena, struct mill_view *out,
                                        struct mill_error *err);

/* Reads such a page, whose records may lack anything. MILL_E_INVALID, MILL_E_NOMEM. */
enum mill_status mill_eval_read_page(struct mill_view text, struct mill_arena *arena,
                                     const struct mill_eval_record **out, size_t *count_out,
                                     struct mill_error *err);

#endif
