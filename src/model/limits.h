/* limits.h - every count and size that a client can choose, in one place.
 * Lengths are code points unless the name says bytes. */
#ifndef MILL_MODEL_LIMITS_H
#define MILL_MODEL_LIMITS_H

#define MILL_MAX_KEY                  250
#define MILL_MAX_PARAM_VALUE          6000
#define MILL_MAX_RUN_TAG_VALUE        8000
#define MILL_MAX_EXPERIMENT_TAG_VALUE 20000
#define MILL_MAX_EXPERIMENT_NAME      500
#define MILL_MAX_ARTIFACT_LOCATION    2048
#define MILL_MAX_RUN_NAME             8000 /* as of the tag that holds it too */
#define MILL_MAX_USER_ID              256
#define MILL_MAX_RUN_ID               256
#define MILL_MAX_MODEL_ID             256
#define MILL_MAX_BATCH_METRICS        1000
#define MILL_MAX_BATCH_PARAMS         100
#define MILL_MAX_BATCH_TAGS           100
#define MILL_MAX_BATCH_TOTAL          1000
#define MILL_MAX_DATASET_NAME         500
#define MILL_MAX_DATASET_DIGEST       36
#define MILL_MAX_DATASET_SOURCE       65535
#define MILL_MAX_DATASET_SCHEMA       1048575
#define MILL_MAX_DATASET_PROFILE      16777215
#define MILL_MAX_INPUT_TAG_KEY        255
#define MILL_MAX_INPUT_TAG_VALUE      500
#define MILL_MAX_DATASETS_PER_CALL    1000
#define MILL_MAX_MODELS_PER_CALL      1000
#define MILL_MAX_TAGS_AT_CREATION     1000
#define MILL_MAX_MODEL_NAME           256
#define MILL_MAX_MODEL_DESCRIPTION    100000 /* also of a version */
#define MILL_MAX_MODEL_SOURCE         4096   /* also run_link */
#define MILL_MAX_MODEL_ALIAS          255
#define MILL_MAX_EVENT_TAGS           (1 << 20) /* bytes of tags that an event tells */
#define MILL_MAX_MODEL_ALIASES        1000      /* of one model */
#define MILL_MAX_MODEL_TAG_VALUE      100000
#define MILL_MAX_MODEL_SEARCH         1000   /* models on a page */
#define MILL_MAX_VERSION_SEARCH       200000 /* model versions on a page */
#define MILL_MAX_SEARCH_RESULTS       50000
#define MILL_MAX_BULK_RUNS            1000000 /* runs that one look at all of them takes */
#define MILL_MAX_SEARCH_EXPERIMENTS   10000   /* experiment_ids in one runs/search */
#define MILL_MAX_FILTER_BYTES         65536
#define MILL_MAX_FILTER_DEPTH         64  /* of parentheses and NOT */
#define MILL_MAX_COMPARISONS          256 /* in one filter */
#define MILL_MAX_ORDER_BY             64
#define MILL_MAX_HISTORY_RUNS         100
#define MILL_MAX_HISTORY_POINTS       25000
#define MILL_MAX_SAMPLE_POINTS        2500
#define MILL_MAX_BUCKETS              2000 /* of one axis */
#define MILL_MAX_CHANGES_IDS          1000 /* that a listener names */
#define MILL_MAX_GROUP_FIELDS         8
#define MILL_MAX_GROUP_METRICS        50
#define MILL_MAX_GROUPS               1000
#define MILL_MAX_BUCKET_RUNS          200 /* whose lines are asked for */
#define MILL_MAX_BUCKET_KEYS          100
#define MILL_MAX_BUCKETS_OF_ALL       2000000 /* runs x keys x buckets */
#define MILL_MAX_COLUMNS              10000   /* keys of metrics, params or tags told */
#define MILL_MAX_TABLE_ROWS           1000
#define MILL_MAX_TABLE_IDS            100000
#define MILL_MAX_TABLE_KEYS           200 /* metrics, params or tags asked for */
#define MILL_MAX_TABLE_AGGREGATES     20
#define MILL_MAX_JSON_DEPTH           64
#define MILL_MAX_JSON_VALUES          1000000 /* values and names in one document */
#define MILL_MAX_ARTIFACT_PATH_BYTES  3072
#define MILL_MAX_ARTIFACT_NAME_BYTES  255
#define MILL_MAX_ARTIFACT_DEPTH       128
#define MILL_MAX_ARTIFACT_LIST        200000   /* entries of one directory */
#define MILL_MAX_RUN_UPLOAD_BYTES     10485760 /* through upload-artifact */
#define MILL_MAX_PARTS                10000    /* of an artifact that comes in parts */
#define MILL_MAX_PART_BYTES           5368709120

/* webhooks */
#define MILL_MAX_WEBHOOKS             1000
#define MILL_MAX_WEBHOOK_NAME         63
#define MILL_MAX_WEBHOOK_DESCRIPTION  1000
#define MILL_MAX_WEBHOOK_URL          2000
#define MILL_MAX_WEBHOOK_SECRET_BYTES 1000
#define MILL_MAX_WEBHOOK_LIST         1000  /* on one page */
#define MILL_MAX_WAITING_DELIVERIES   10000 /* of one webhook; further events are lost to it */

/* GraphQL documents */
#define MILL_MAX_GRAPHQL_BYTES   65536
#define MILL_MAX_GRAPHQL_DEPTH   10
#define MILL_MAX_GRAPHQL_FIELDS  1000
#define MILL_MAX_GRAPHQL_ROOTS   10
#define MILL_MAX_GRAPHQL_ALIASES 10 /* beside each other */

/* logged models */
#define MILL_MAX_LOGGED_MODEL_NAME    500
#define MILL_MAX_LOGGED_MODEL_KEY     255     /* of a param or tag */
#define MILL_MAX_LOGGED_MODEL_TEXT    1048576 /* bytes of a param's or tag's value */
#define MILL_MAX_LOGGED_MODEL_ITEMS   1000    /* params or tags in one call */
#define MILL_MAX_LOGGED_MODEL_METRICS 25000   /* shown of one model: the newest */
#define MILL_MAX_SEARCH_DATASETS      100     /* in one search of logged models */

/* evaluation */
#define MILL_MAX_EVAL_NAME        255
#define MILL_MAX_EVAL_KEY         255
#define MILL_MAX_EVAL_TAG_VALUE   5000
#define MILL_MAX_EVAL_RECORDS     10000   /* in one call */
#define MILL_MAX_EVAL_FIELDS      1000    /* of one part of one record */
#define MILL_MAX_EVAL_JSON        4194304 /* bytes of one value of a record */
#define MILL_MAX_EVAL_EXPERIMENTS 1000    /* in one call */
#define MILL_MAX_SCORER_NAME      256
#define MILL_MAX_SCORER           1048576 /* bytes */
#define MILL_MAX_SCORERS          10000   /* in one answer */

/* traces */
#define MILL_MAX_TRACE_ID          50
#define MILL_MAX_TRACE_KEY         250
#define MILL_MAX_TRACE_VALUE       8000 /* of a tag or metadata; longer ones are cut */
#define MILL_MAX_TRACE_PREVIEW     1000 /* likewise */
#define MILL_MAX_TRACE_ITEMS       1000 /* tags or metadata of one trace */
#define MILL_MAX_TRACE_RESULTS     500
#define MILL_MAX_TRACES_PER_CALL   100
#define MILL_MAX_TRACE_ASSESSMENTS 1000
#define MILL_MAX_ASSESSMENT_NAME   250
#define MILL_MAX_ASSESSMENT_TEXT   1048576 /* bytes of one value */

#endif
