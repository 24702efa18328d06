/* input_arguments.h - for the tables of input.h: where arguments are, and those that many
 * functions have. */
#ifndef MILL_TESTS_INPUT_ARGUMENTS_H
#define MILL_TESTS_INPUT_ARGUMENTS_H

#define AT(member) offsetof(struct arguments, member)
#define ROOM(member, field)                                                                    \
    (AT(member##_room) + offsetof(__typeof__(*(struct arguments){0}.member), field))
#define ITEM(list, index, field)                                                               \
    (AT(list) + (index) * sizeof(((struct arguments *)0)->list[0]) +                           \
     offsetof(__typeof__(((struct arguments *)0)->list[0]), field))

/* --- arguments that many functions have ------------------------------------------------ */

#define END                                                                                    \
    {                                                                                          \
        NULL, 0, 0, 0                                                                          \
    }
#define CLIENT                                                                                 \
    {                                                                                          \
        "client", POINTER, AT(client), 0                                                       \
    }
#define EXPERIMENT_ID                                                                          \
    {                                                                                          \
        "experiment_id", ID, AT(experiment_id), 0                                              \
    }
#define RUN                                                                                    \
    {                                                                                          \
        "run_id", RUN_ID | LIMITED, AT(run_id), 256                                            \
    }
#define METRIC_KEY                                                                             \
    {                                                                                          \
        "key", KEY | LIMITED, AT(key), 250                                                     \
    }
#define VIEW_TYPE                                                                              \
    {                                                                                          \
        "view_type", ENUM, AT(view_type), 0                                                    \
    }
#define EXPERIMENTS                                                                            \
    {                                                                                          \
        "list_out", POINTER, AT(experiments_out), 0                                            \
    }
#define RUNS                                                                                   \
    {                                                                                          \
        "list_out", POINTER, AT(runs_out), 0                                                   \
    }
#define POINT_LIST                                                                             \
    {                                                                                          \
        "list_out", POINTER, AT(points_out), 0                                                 \
    }
#define TRANSFER                                                                               \
    {"options.size", STRUCT_SIZE, ROOM(transfer, size), sizeof(struct mill_transfer_options)}, \
    {                                                                                          \
        "options.parallel", COUNT_MAX, ROOM(transfer, parallel), 64                            \
    }
#define TAGS                                                                                   \
    {"tags", POINTER, AT(tags), 0}, {"tags", COUNT_MAX, AT(tag_count), 1000},                  \
        {"tags[1].key", TEXT | LIMITED, ITEM(tag_items, 1, key), 250},                         \
    {                                                                                          \
        "tags[1].value", MAYBE_TEXT, ITEM(tag_items, 1, value), 0                              \
    }

/* Of the registry of models, which is also that of prompts. */
#define MODEL_KEY                                                                              \
    {                                                                                          \
        "key", KEY | LIMITED, AT(model_tag_key), 250                                           \
    }
#define ALIAS                                                                                  \
    {                                                                                          \
        "alias", TEXT | LIMITED, AT(alias), 255                                                \
    }
#define MODEL_QUERY                                                                            \
    {"query.size", STRUCT_SIZE, ROOM(model_query, size), sizeof(struct mill_model_query)},     \
        {"filter", MAYBE_TEXT, ROOM(model_query, filter), 0},                                  \
        {"order_by", POINTER, ROOM(model_query, order_by), 0},                                 \
        {"order_by[0]", TEXT, AT(order_items), 0},                                             \
        {"max_results", RESULTS, ROOM(model_query, max_results), 0},                           \
    {                                                                                          \
        "page_token", MAYBE_TEXT, ROOM(model_query, page_token), 0                             \
    }

#endif
