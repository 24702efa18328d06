/* db.h - one SQLite connection with its prepared statements, and the one place that maps
 * SQLite's results to ours. Used by the SQLite store's files only. */
#ifndef MILL_STORE_DB_H
#define MILL_STORE_DB_H

#include <sqlite3.h>

#include "base/view.h"

/* All statements, by name; their text is in sql.c. */
enum db_sql {
    SQL_BEGIN_READ,
    SQL_BEGIN_WRITE,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_SAVEPOINT,
    SQL_ROLLBACK_TO,
    SQL_RELEASE,
    SQL_EXPERIMENT_BY_ID,
    SQL_EXPERIMENT_BY_NAME,
    SQL_EXPERIMENT_ALL,
    SQL_EXPERIMENT_TAGS,
    SQL_EXPERIMENT_TAGS_ALL,
    SQL_EXPERIMENT_NEXT_ID,
    SQL_EXPERIMENT_INSERT,
    SQL_EXPERIMENT_RENAME,
    SQL_EXPERIMENT_LIFECYCLE,
    SQL_EXPERIMENT_RUNS_LIFECYCLE,
    SQL_EXPERIMENT_TAG_SET,
    SQL_EXPERIMENT_TAG_DELETE,
    SQL_RUN_FIND,
    SQL_RUN_IDS,
    SQL_RUN_NEWEST,
    SQL_RUN_INSERT,
    SQL_RUN_UPDATE,
    SQL_RUN_NAME,
    SQL_RUN_LIFECYCLE,
    SQL_RUN_RANGE,
    SQL_LATEST_RANGE,
    SQL_LATEST_SET,
    SQL_PARAM_RANGE,
    SQL_PARAM_GET,
    SQL_PARAM_INSERT,
    SQL_TAG_RANGE,
    SQL_TAG_GET,
    SQL_TAG_SET,
    SQL_TAG_DELETE,
    SQL_TAIL_RANGE,
    SQL_TAIL_INSERT,
    SQL_TAIL_LIST,
    SQL_TAIL_DELETE,
    SQL_RUN_COUNTS,
    SQL_SEGMENT_LIST,
    SQL_SEGMENT_GET,
    SQL_SEGMENT_LAST,
    SQL_SEGMENT_SET,
    SQL_SEGMENT_DELETE,
    SQL_DATASET_FIND,
    SQL_DATASET_INSERT,
    SQL_INPUT_FIND,
    SQL_INPUT_INSERT,
    SQL_INPUT_TAG_SET,
    SQL_INPUT_RANGE,
    SQL_INPUT_TAG_RANGE,
    SQL_MODEL_INPUT_SET,
    SQL_MODEL_INPUT_RANGE,
    SQL_MODEL_OUTPUT_SET,
    SQL_MODEL_OUTPUT_RANGE,
    SQL_METRIC_LINK_INSERT,

    SQL_MODEL_BY_NAME,
    SQL_MODEL_BY_ID,
    SQL_MODEL_IDS,
    SQL_MODEL_INSERT,
    SQL_MODEL_RENAME,
    SQL_MODEL_DESCRIBE,
    SQL_MODEL_TOUCH,
    SQL_MODEL_NEXT_VERSION,
    SQL_MODEL_DELETE,
    SQL_MODEL_DELETE_TAGS,
    SQL_MODEL_DELETE_ALIASES,
    SQL_MODEL_DELETE_VERSIONS,
    SQL_MODEL_DELETE_VERSION_TAGS,
    SQL_MODEL_TAGS,
    SQL_MODEL_TAG_SET,
    SQL_MODEL_TAG_DELETE,
    SQL_MODEL_ALIASES,
    SQL_MODEL_ALIAS_SET,
    SQL_MODEL_ALIAS_DELETE,
    SQL_VERSION_GET,
    SQL_VERSIONS_LATEST,
    SQL_VERSIONS_OF_MODEL,
    SQL_VERSION_INSERT,
    SQL_VERSION_DESCRIBE,
    SQL_VERSION_STAGE,
    SQL_VERSION_ARCHIVE_OTHERS,
    SQL_VERSION_TOUCH_ALL,
    SQL_VERSION_DELETE,
    SQL_VERSION_DELETE_TAGS,
    SQL_VERSION_DELETE_ALIASES,
    SQL_VERSION_TAGS,
    SQL_VERSION_TAGS_OF_MODEL,
    SQL_VERSION_TAG_SET,
    SQL_VERSION_TAG_DELETE,
    SQL_WEBHOOK_GET,
    SQL_WEBHOOK_LIST,
    SQL_WEBHOOK_COUNT,
    SQL_WEBHOOK_INSERT,
    SQL_WEBHOOK_UPDATE,
    SQL_WEBHOOK_DELETE,
    SQL_WEBHOOK_ACTIVE,
    SQL_DELIVERY_INSERT,
    SQL_DELIVERY_RETRY,
    SQL_DELIVERY_DELETE,
    SQL_DELIVERY_DELETE_ALL,
    SQL_DELIVERY_HEADS,
    SQL_LOGGED_MODEL_FIND,
    SQL_LOGGED_MODEL_BY_ROW,
    SQL_LOGGED_MODEL_SCAN,
    SQL_LOGGED_MODEL_INSERT,
    SQL_LOGGED_MODEL_STATUS,
    SQL_LOGGED_MODEL_DELETE,
    SQL_LOGGED_MODEL_TAGS,
    SQL_LOGGED_MODEL_TAG_GET,
    SQL_LOGGED_MODEL_TAG_SET,
    SQL_LOGGED_MODEL_TAG_DELETE,
    SQL_LOGGED_MODEL_PARAMS,
    SQL_LOGGED_MODEL_PARAM_GET,
    SQL_LOGGED_MODEL_PARAM_INSERT,
    SQL_LOGGED_MODEL_METRICS,
    SQL_LOGGED_MODEL_METRIC,
    SQL_LOGGED_MODEL_DATASETS,
    SQL_EVAL_DATASET_FIND,
    SQL_EVAL_DATASET_GET,
    SQL_EVAL_DATASET_BY_ROW,
    SQL_EVAL_DATASET_ALL,
    SQL_EVAL_DATASET_INSERT,
    SQL_EVAL_DATASET_TOUCH,
    SQL_EVAL_DATASET_CHANGED,
    SQL_EVAL_DATASET_DELETE,
    SQL_EVAL_TAGS,
    SQL_EVAL_TAG_GET,
    SQL_EVAL_TAG_SET,
    SQL_EVAL_TAG_DELETE,
    SQL_EVAL_TAGS_CLEAR,
    SQL_EVAL_LINKS,
    SQL_EVAL_LINK_GET,
    SQL_EVAL_LINK_SET,
    SQL_EVAL_LINK_DELETE,
    SQL_EVAL_LINKS_CLEAR,
    SQL_EVAL_FIELDS,
    SQL_EVAL_FIELD_ADD,
    SQL_EVAL_FIELDS_CLEAR,
    SQL_EVAL_RECORDS,
    SQL_EVAL_RECORD_FIND,
    SQL_EVAL_RECORD_INSERT,
    SQL_EVAL_RECORD_UPDATE,
    SQL_EVAL_RECORD_DELETE,
    SQL_EVAL_RECORDS_FEWER,
    SQL_EVAL_RECORDS_CLEAR,
    SQL_EVAL_ITEMS,
    SQL_EVAL_ITEM_SET,
    SQL_EVAL_RECORD_ITEMS_DELETE,
    SQL_EVAL_RECORD_ITEMS_CLEAR,
    SQL_SCORER_FIND,
    SQL_SCORER_NEWEST,
    SQL_SCORER_VERSION,
    SQL_SCORER_VERSIONS,
    SQL_SCORERS,
    SQL_SCORER_INSERT,
    SQL_SCORER_ADD,
    SQL_SCORER_DELETE,
    SQL_SCORER_DELETE_VERSION,
    SQL_SCORER_DELETE_VERSIONS,
    SQL_TRACE_FIND,
    SQL_TRACE_GET,
    SQL_TRACE_BY_ROW,
    SQL_TRACE_SCAN,
    SQL_TRACE_SET,
    SQL_TRACE_DELETE,
    SQL_TRACE_OLDEST,
    SQL_TRACE_ITEMS,
    SQL_TRACE_ITEM_GET,
    SQL_TRACE_ITEM_SET,
    SQL_TRACE_ITEM_DELETE,
    SQL_TRACE_ITEMS_CLEAR,
    SQL_TRACE_RUNS,
    SQL_TRACE_RUN_SET,
    SQL_TRACE_RUNS_CLEAR,
    SQL_ASSESSMENT_FIND,
    SQL_ASSESSMENT_GET,
    SQL_ASSESSMENTS,
    SQL_ASSESSMENT_INSERT,
    SQL_ASSESSMENT_UPDATE,
    SQL_ASSESSMENT_VALID,
    SQL_ASSESSMENT_DELETE,
    SQL_ASSESSMENTS_CLEAR,
    SQL_ASSESSMENT_METADATA,
    SQL_ASSESSMENT_METADATA_SET,
    SQL_ASSESSMENT_METADATA_CLEAR,
    SQL_ASSESSMENTS_METADATA_CLEAR,
    SQL_COUNT
};

/* Text of each statement. */
extern const char *const mill_sql[SQL_COUNT];

struct db {
    sqlite3 *handle;
    sqlite3_stmt *stmts[SQL_COUNT];
    struct db *next; /* in a list of idle connections */
};

/* Opens a file with SQLite's flags; the connection is for one thread at a time. */
enum mill_status mill_db_open(const char *path, int flags, struct db **out,
                              struct mill_error *err);
void mill_db_close(struct db *db);

/* Turns SQLite's last result into ours, with what was being done in front. */
enum mill_status mill_db_failed(struct db *db, const char *doing, struct mill_error *err);

/* The prepared statement with values bound by a format: i int64_t, t struct mill_view as
 * text (absent is NULL), b struct mill_view as blob, d double (NaN is NULL). The values must
 * stay valid until the next mill_db_query of the same statement. NULL when that fails. */
sqlite3_stmt *mill_db_query(struct db *db, enum db_sql sql, const char *format, ...);

/* Runs mill_db_query's statement to the end, which gives no rows. */
enum mill_status mill_db_run(struct db *db, struct mill_error *err, enum db_sql sql,
                             const char *format, ...);

/* Steps: true when there is a row. At the end or on failure false, *st says which; the
 * statement is then reset. */
bool mill_db_step(struct db *db, sqlite3_stmt *stmt, enum mill_status *st,
                  struct mill_error *err);

/* Ends a query that is not read to its end. */
void mill_db_done(sqlite3_stmt *stmt);

/* Runs SQL text, several statements allowed. */
enum mill_status mill_db_exec(struct db *db, const char *sql, struct mill_error *err);

/* One integer, e.g. of a PRAGMA. */
enum mill_status mill_db_integer(struct db *db, const char *sql, int64_t *out,
                                 struct mill_error *err);

/* A column of the current row; text and blobs live until the next step. A NULL text is
 * absent. */
struct mill_view mill_db_text(sqlite3_stmt *stmt, int column);
struct mill_view mill_db_blob(sqlite3_stmt *stmt, int column);
double mill_db_double(sqlite3_stmt *stmt, int column); /* NULL is NaN */

#endif
