/* rows.h - rows of options that several commands have. */
#ifndef MILL_CLI_ROWS_H
#define MILL_CLI_ROWS_H

#include <millstream/millstream.h>

#include "cli/opt.h"

#define MILL_OPT_TRACKING_URI                                                                  \
    {                                                                                          \
        .name = "tracking-uri", .letter = 'T', .type = MILL_OPT_TEXT, .value = "URI",          \
        .env = "MLFLOW_TRACKING_URI", .fallback = MILL_DEFAULT_TRACKING_URI,                   \
        .help = "Server, database or directory: http(s)://HOST:PORT, sqlite:///FILE, DIR"      \
    }
#define MILL_OPT_JSON                                                                          \
    {                                                                                          \
        .name = "json", .type = MILL_OPT_FLAG,                                                 \
        .help = "Print JSON: what the REST call answers"                                       \
    }
#define MILL_OPT_RUN_ID                                                                        \
    {                                                                                          \
        .name = "run-id", .letter = 'r', .type = MILL_OPT_TEXT,                                \
        .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE, .value = "RUN",                            \
        .help = "Id of the run, or its first letters"                                          \
    }
#define MILL_OPT_RUN_IDS(count)                                                                \
    {                                                                                          \
        .name = "run-id", .letter = 'r', .type = MILL_OPT_LIST,                                \
        .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE, .value = "RUN",                            \
        .help = "Id of a run, or its first letters; " count                                    \
    }
#define MILL_OPT_EXPERIMENT_ID                                                                 \
    {                                                                                          \
        .name = "experiment-id", .letter = 'x', .type = MILL_OPT_TEXT,                         \
        .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE, .value = "EXPERIMENT",                     \
        .help = "Id or name of the experiment"                                                 \
    }
/* The same where runs are looked for: the environment may name it. */
#define MILL_OPT_EXPERIMENT_OF_RUNS                                                            \
    {                                                                                          \
        .name = "experiment-id", .letter = 'x', .type = MILL_OPT_TEXT,                         \
        .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE, .value = "EXPERIMENT",                     \
        .env = "MLFLOW_EXPERIMENT_ID", .help = "Id or name of the experiment"                  \
    }
/* The same where something is made in it; text says where else that can be. */
#define MILL_OPT_EXPERIMENT_OR(text)                                                           \
    {                                                                                          \
        .name = "experiment-id", .letter = 'x', .type = MILL_OPT_TEXT, .flags = MILL_OPT_BARE, \
        .value = "EXPERIMENT", .env = "MLFLOW_EXPERIMENT_ID",                                  \
        .help = "Id or name of the experiment; " text                                          \
    }
#define MILL_OPT_KEY(text)                                                                     \
    {                                                                                          \
        .name = "key", .letter = 'k', .type = MILL_OPT_TEXT,                                   \
        .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE, .value = "KEY", .help = text               \
    }
#define MILL_OPT_VALUE(text)                                                                   \
    {                                                                                          \
        .name = "value", .letter = 'v', .type = MILL_OPT_TEXT,                                 \
        .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE, .value = "VALUE", .help = text             \
    }
#define MILL_OPT_TAG_KEY   MILL_OPT_KEY("Name of the tag")
#define MILL_OPT_TAG_VALUE MILL_OPT_VALUE("What it says")
/* initial is 'n', or 0 where that letter stands for the name it has. */
#define MILL_OPT_NEW_NAME(initial)                                                             \
    {                                                                                          \
        .name = "new-name", .letter = (initial), .type = MILL_OPT_TEXT,                        \
        .flags = MILL_OPT_REQUIRED | MILL_OPT_BARE, .value = "NAME",                           \
        .help = "The name it gets"                                                             \
    }
#define MILL_OPT_TAGS                                                                          \
    {                                                                                          \
        .name = "tags", .alias = "tag", .letter = 't', .type = MILL_OPT_LIST,                  \
        .value = "KEY=VALUE", .help = "A tag; may be repeated"                                 \
    }
#define MILL_OPT_PARAMS(given)                                                                 \
    {                                                                                          \
        .name = "params", .alias = "param", .letter = 'p', .type = MILL_OPT_LIST,              \
        .flags = (given), .value = "KEY=VALUE",                                                \
        .help = "A param, which cannot change later; may be repeated"                          \
    }
#define MILL_OPT_STEP                                                                          \
    {                                                                                          \
        .name = "step", .letter = 's', .type = MILL_OPT_INT, .value = "N", .fallback = "0",    \
        .least = INT64_MIN + 1, .most = INT64_MAX, .help = "Step of the metrics"               \
    }
#define MILL_OPT_TIMESTAMP                                                                     \
    {                                                                                          \
        .name = "timestamp", .type = MILL_OPT_INT, .value = "MS", .least = 0,                  \
        .most = INT64_MAX,                                                                     \
        .help = "Time of the metrics, milliseconds since 1970; now when not given"             \
    }
#define MILL_OPT_FILTER(example)                                                               \
    {                                                                                          \
        .name = "filter", .letter = 'f', .type = MILL_OPT_TEXT, .value = "FILTER",             \
        .help = "Which ones, e.g. " example                                                    \
    }
#define MILL_OPT_ORDER(example)                                                                \
    {                                                                                          \
        .name = "order-by", .letter = 'o', .type = MILL_OPT_TEXT, .value = "FIELD",            \
        .help = "Order, e.g. " example                                                         \
    }
#define MILL_OPT_MAX_RESULTS(count, limit)                                                     \
    {                                                                                          \
        .name = "max-results", .type = MILL_OPT_INT, .value = "N", .fallback = (count),        \
        .least = 1, .most = (limit), .help = "How many at most"                                \
    }
#define MILL_OPT_MAX_RUNS(count)                                                               \
    {                                                                                          \
        .name = "max-results", .letter = 'n', .type = MILL_OPT_INT, .value = "N",              \
        .fallback = (count), .least = 1, .most = 1000000, .help = "How many runs at most"      \
    }
#define MILL_OPT_PAGE_TOKEN                                                                    \
    {                                                                                          \
        .name = "page-token", .type = MILL_OPT_TEXT, .value = "TOKEN",                         \
        .help = "Go on behind an earlier answer: the next_page_token of its JSON"              \
    }
#define MILL_OPT_VIEW                                                                          \
    {                                                                                          \
        .name = "view", .letter = 'v', .type = MILL_OPT_CHOICE, .value = "VIEW",               \
        .fallback = "active_only", .choices = "active_only|deleted_only|all",                  \
        .help = "Which ones: active_only, deleted_only or all"                                 \
    }

#define MILL_OPT_ARTIFACT_PATH(text)                                                           \
    {                                                                                          \
        .name = "artifact-path", .letter = 'a', .type = MILL_OPT_TEXT, .flags = MILL_OPT_BARE, \
        .value = "PATH", .help = text                                                          \
    }
#define MILL_OPT_PARALLEL                                                                      \
    {                                                                                          \
        .name = "parallel", .letter = 'j', .type = MILL_OPT_INT, .value = "N",                 \
        .fallback = "4", .least = 1, .most = 64,                                               \
        .help = "How many files, or parts of large ones, are under way at once"                \
    }

#endif
