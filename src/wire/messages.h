/* messages.h - the structs of all requests and responses, made of messages.def, and the tables
 * of those and of the entities. */
#ifndef MILL_WIRE_MESSAGES_H
#define MILL_WIRE_MESSAGES_H

#include "wire/message.h"

#define MILL_LIST_OF(type, field)                                                              \
    type *field;                                                                               \
    size_t field##_count;

/* Tables of the entities, which are structs of millstream/types.h. */
extern const struct mill_message mill_experiment_message;
extern const struct mill_message mill_tag_message;
extern const struct mill_message mill_param_message;
extern const struct mill_message mill_metric_message;
extern const struct mill_message mill_run_info_message;
extern const struct mill_message mill_run_message;
extern const struct mill_message mill_created_run_message; /* a run without outputs */
extern const struct mill_message mill_dataset_input_message;
extern const struct mill_message mill_model_input_message;
extern const struct mill_message mill_model_output_message;
extern const struct mill_message mill_file_info_message;
extern const struct mill_message mill_registered_model_message;
extern const struct mill_message mill_model_version_message;
extern const struct mill_message mill_logged_model_message;

#define MILL_JOIN_(a, b, c) a##b##c
#define MILL_JOIN(a, b, c)  MILL_JOIN_(a, b, c)

#define MESSAGE(wire_name, doc)                                                                \
    extern const struct mill_message MILL_JOIN(mill_, OF, _message);                           \
    struct MILL_JOIN(mill_, OF, ) {
#define STRING(field, flags, doc)               struct mill_view field;
#define INT64(field, flags, number, doc)        int64_t field;
#define INT32(field, flags, number, doc)        int64_t field;
#define ID(field, flags, number, doc)           int64_t field;
#define DOUBLE(field, flags, doc)               double field;
#define BOOL(field, flags, number, doc)         bool field;
#define ENUM(field, flags, number, values, doc) int field;
#define JSON(field, flags, doc)                 struct mill_view field;
#define MAP(field, flags, doc)                  MILL_LIST_OF(const struct mill_tag, field)
#define STRINGS(field, flags, max, doc)         MILL_LIST_OF(const struct mill_view, field)
#define IDS(field, flags, max, doc)             MILL_LIST_OF(const int64_t, field)
#define ONE(field, flags, ident, doc)           const struct mill_##ident *field;
#define ONE_AS(field, flags, ident, table, doc) const struct mill_##ident *field;
#define MANY(field, flags, max, ident, doc)     MILL_LIST_OF(const struct mill_##ident, field)
#define REFS(field, flags, ident, doc)          MILL_LIST_OF(const struct mill_##ident *const, field)
#define END                                                                                    \
    }                                                                                          \
    ;

#include "wire/messages.def"

/* Names of the protocol's enums, by number. */
extern const struct mill_enum_name mill_run_status_names[];
extern const struct mill_enum_name mill_view_type_names[];
extern const struct mill_enum_name mill_lifecycle_names[];
extern const struct mill_enum_name mill_webhook_status_names[];
extern const struct mill_enum_name mill_webhook_entity_names[];
extern const struct mill_enum_name mill_webhook_action_names[];
extern const struct mill_enum_name mill_stage_names[];
extern const struct mill_enum_name mill_version_status_names[];
extern const struct mill_enum_name mill_logged_model_status_names[];

/* All tables, entities first; for tests and documents. */
const struct mill_message *const *mill_messages(size_t *count_out);

#endif
