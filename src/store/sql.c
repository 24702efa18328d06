/* sql.c - every statement that is run on the native database; its tables are in schema.c. */
#include "store/db.h"

/* What the index of runs holds: a public id from its 21st character on, then the 20 before. The
 * ids we choose end with their time: turned round, new ones come at the index's end instead of
 * dirtying a page each. */
#define RUN_ID_KEY(text) "substr(" text ", 21) || substr(" text ", 1, 20)"

#define MODEL_COLUMNS "id, name, description, creation_time, last_updated_time, last_version"
#define VERSION_COLUMNS                                                                        \
    "version, creation_time, last_updated_time, description, user_id, stage, source,"          \
    " storage_location, run_id, run_link, status, status_message"
#define LATEST(stage)                                                                          \
    "(SELECT max(version) FROM model_versions WHERE model = ?1 AND stage = " stage ")"
#define LOGGED_MODEL_COLUMNS                                                                   \
    "id, model_id, experiment, name, artifact_location, creation_time, last_update_time,"      \
    " status, lifecycle, model_type, source_run_id, status_message"

#define EVAL_DATASET_COLUMNS                                                                   \
    "id, dataset_id, name, digest, created_time, last_update_time, created_by,"                \
    " last_updated_by, records"

#define SCORER_SELECT                                                                          \
    "SELECT s.scorer_id, s.experiment, s.name, v.version, v.serialized, v.creation_time"       \
    " FROM scorers s JOIN scorer_versions v ON v.scorer = s.id WHERE s.experiment = ?"

#define TRACE_COLUMNS                                                                          \
    "id, trace_id, experiment, request_time, duration, state, client_request_id,"              \
    " request_preview, response_preview"

#define ASSESSMENT_COLUMNS                                                                     \
    "id, assessment_id, name, span_id, source, create_time, last_update_time, feedback,"       \
    " expectation, rationale, error, overrides, valid"

const char *const mill_sql[SQL_COUNT] = {
    [SQL_BEGIN_READ] = "BEGIN",
    [SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_SAVEPOINT] = "SAVEPOINT change",
    [SQL_ROLLBACK_TO] = "ROLLBACK TO change",
    [SQL_RELEASE] = "RELEASE change",

    [SQL_EXPERIMENT_BY_ID] = "SELECT id, name, artifact_location, lifecycle, creation_time,"
                             " last_update_time FROM experiments WHERE id = ?",
    [SQL_EXPERIMENT_BY_NAME] = "SELECT id, name, artifact_location, lifecycle, creation_time,"
                               " last_update_time FROM experiments WHERE name = ?",
    [SQL_EXPERIMENT_ALL] = "SELECT id, name, artifact_location, lifecycle, creation_time,"
                           " last_update_time FROM experiments ORDER BY id",
    [SQL_EXPERIMENT_TAGS] =
        "SELECT key, value FROM experiment_tags WHERE experiment = ? ORDER BY key",
    [SQL_EXPERIMENT_TAGS_ALL] =
        "SELECT experiment, key, value FROM experiment_tags ORDER BY experiment, key",
    [SQL_EXPERIMENT_NEXT_ID] = "SELECT ifnull(max(id), -1) + 1 FROM experiments",
    [SQL_EXPERIMENT_INSERT] = "INSERT INTO experiments VALUES (?, ?, ?, 1, ?4, ?4)",
    [SQL_EXPERIMENT_RENAME] =
        "UPDATE experiments SET name = ?, last_update_time = ? WHERE id = ?",
    [SQL_EXPERIMENT_LIFECYCLE] =
        "UPDATE experiments SET lifecycle = ?, last_update_time = ? WHERE id = ?",
    [SQL_EXPERIMENT_RUNS_LIFECYCLE] =
        "UPDATE runs SET lifecycle = ?1, deleted_time = iif(?1 = 2, ?2, NULL)"
        " WHERE experiment = ?3",
    [SQL_EXPERIMENT_TAG_SET] = "INSERT INTO experiment_tags VALUES (?, ?, ?)"
                               " ON CONFLICT DO UPDATE SET value = excluded.value",
    [SQL_EXPERIMENT_TAG_DELETE] =
        "DELETE FROM experiment_tags WHERE experiment = ? AND key = ?",

    [SQL_RUN_FIND] = "SELECT id, experiment, lifecycle FROM runs"
                     " WHERE " RUN_ID_KEY("run_id") " = " RUN_ID_KEY("?1"),
    [SQL_RUN_IDS] = "SELECT id FROM runs WHERE experiment = ? ORDER BY id",
    [SQL_RUN_NEWEST] = "SELECT id FROM runs WHERE id < ? ORDER BY id DESC LIMIT ?",
    [SQL_RUN_COUNTS] = "SELECT experiment, count(*), sum(status = 1),"
                       " max(max(start_time, coalesce(end_time, 0))) FROM runs"
                       " WHERE lifecycle = 1 GROUP BY experiment ORDER BY experiment",
    [SQL_RUN_INSERT] = "INSERT INTO runs (run_id, experiment, name, user_id, status,"
                       " start_time, lifecycle, artifact_uri) VALUES (?, ?, ?, ?, 1, ?, 1, ?)",
    /* an absent value leaves the column as it is */
    [SQL_RUN_UPDATE] = "UPDATE runs SET status = iif(?2 = 0, status, ?2),"
                       " end_time = iif(?3 IS NULL, end_time, ?3) WHERE id = ?1",
    [SQL_RUN_NAME] = "UPDATE runs SET name = ? WHERE id = ?",
    [SQL_RUN_LIFECYCLE] = "UPDATE runs SET lifecycle = ?1,"
                          " deleted_time = iif(?1 = 2, ?2, NULL) WHERE id = ?3",
    [SQL_RUN_RANGE] = "SELECT id, run_id, experiment, name, user_id, status, start_time,"
                      " end_time, lifecycle, artifact_uri FROM runs"
                      " WHERE id BETWEEN ? AND ? ORDER BY id",

    [SQL_LATEST_RANGE] = "SELECT run, key, step, timestamp, value FROM latest"
                         " WHERE run BETWEEN ? AND ? ORDER BY run, key",
    /* the larger of (step, time, value) stays, NaN counting as 0 */
    [SQL_LATEST_SET] = "INSERT INTO latest VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                       " step = excluded.step, timestamp = excluded.timestamp,"
                       " value = excluded.value"
                       " WHERE (excluded.step, excluded.timestamp, ifnull(excluded.value, 0))"
                       " >= (latest.step, latest.timestamp, ifnull(latest.value, 0))",
    [SQL_PARAM_RANGE] =
        "SELECT run, key, value FROM params WHERE run BETWEEN ? AND ? ORDER BY run, key",
    [SQL_PARAM_GET] = "SELECT value FROM params WHERE run = ? AND key = ?",
    [SQL_PARAM_INSERT] = "INSERT OR IGNORE INTO params VALUES (?, ?, ?)",
    [SQL_TAG_RANGE] =
        "SELECT run, key, value FROM tags WHERE run BETWEEN ? AND ? ORDER BY run, key",
    [SQL_TAG_GET] = "SELECT value FROM tags WHERE run = ? AND key = ?",
    [SQL_TAG_SET] = "INSERT INTO tags VALUES (?, ?, ?)"
                    " ON CONFLICT DO UPDATE SET value = excluded.value",
    [SQL_TAG_DELETE] = "DELETE FROM tags WHERE run = ? AND key = ?",

    [SQL_TAIL_RANGE] =
        "SELECT run, points FROM tails WHERE run BETWEEN ? AND ? ORDER BY run, id",
    [SQL_TAIL_INSERT] = "INSERT INTO tails (run, points) VALUES (?, ?)",
    [SQL_TAIL_LIST] = "SELECT id, points FROM tails WHERE run = ? ORDER BY id LIMIT 4096",
    [SQL_TAIL_DELETE] = "DELETE FROM tails WHERE run = ? AND id <= ?",
    [SQL_SEGMENT_LIST] =
        "SELECT number, count, first_step, last_step, min_time, max_time,"
        " min_value, max_value FROM segments WHERE run = ? AND key = ? ORDER BY number",
    [SQL_SEGMENT_GET] = "SELECT points FROM segments WHERE run = ? AND key = ? AND number = ?",
    [SQL_SEGMENT_LAST] = "SELECT number, count, first_step, last_step, points FROM segments"
                         " WHERE run = ? AND key = ? ORDER BY number DESC",
    [SQL_SEGMENT_SET] =
        "INSERT OR REPLACE INTO segments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_SEGMENT_DELETE] = "DELETE FROM segments WHERE run = ? AND key = ? AND number >= ?",

    [SQL_DATASET_FIND] =
        "SELECT id FROM datasets WHERE experiment = ? AND name = ? AND digest = ?",
    [SQL_DATASET_INSERT] = "INSERT INTO datasets (experiment, name, digest, source_type,"
                           " source, schema, profile) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [SQL_INPUT_FIND] = "SELECT id FROM inputs WHERE run = ? AND dataset = ?",
    [SQL_INPUT_INSERT] = "INSERT INTO inputs (run, dataset) VALUES (?, ?)",
    [SQL_INPUT_TAG_SET] = "INSERT OR REPLACE INTO input_tags VALUES (?, ?, ?)",
    [SQL_INPUT_RANGE] = "SELECT i.run, i.id, d.name, d.digest, d.source_type, d.source,"
                        " d.schema, d.profile FROM inputs i JOIN datasets d"
                        " ON d.id = i.dataset WHERE i.run BETWEEN ? AND ? ORDER BY i.run, i.id",
    [SQL_INPUT_TAG_RANGE] = "SELECT i.run, t.input, t.key, t.value FROM inputs i"
                            " JOIN input_tags t ON t.input = i.id"
                            " WHERE i.run BETWEEN ? AND ? ORDER BY i.run, i.id, t.key",
    [SQL_MODEL_INPUT_SET] = "INSERT OR IGNORE INTO model_inputs VALUES (?, ?)",
    [SQL_MODEL_INPUT_RANGE] =
        "SELECT run, model_id FROM model_inputs WHERE run BETWEEN ? AND ? ORDER BY run",
    [SQL_MODEL_OUTPUT_SET] = "INSERT OR REPLACE INTO model_outputs VALUES (?, ?, ?)",
    [SQL_MODEL_OUTPUT_RANGE] =
        "SELECT run, model_id, step FROM model_outputs WHERE run BETWEEN ? AND ? ORDER BY run",
    /* of a model, a point is there once, whatever its value */
    [SQL_METRIC_LINK_INSERT] =
        "INSERT OR IGNORE INTO metric_links VALUES (?, ?, ?, ?, ?, ?, ?, ?)",

    [SQL_MODEL_BY_NAME] = "SELECT " MODEL_COLUMNS " FROM registered_models WHERE name = ?",
    [SQL_MODEL_BY_ID] = "SELECT " MODEL_COLUMNS " FROM registered_models WHERE id = ?",
    [SQL_MODEL_IDS] = "SELECT id FROM registered_models ORDER BY id",
    [SQL_MODEL_INSERT] = "INSERT INTO registered_models (name, description, creation_time,"
                         " last_updated_time, last_version) VALUES (?1, ?2, ?3, ?3, 0)",
    [SQL_MODEL_RENAME] =
        "UPDATE registered_models SET name = ?, last_updated_time = ? WHERE id = ?",
    [SQL_MODEL_DESCRIBE] =
        "UPDATE registered_models SET description = ?, last_updated_time = ? WHERE id = ?",
    [SQL_MODEL_TOUCH] = "UPDATE registered_models SET last_updated_time = ? WHERE id = ?",
    [SQL_MODEL_NEXT_VERSION] = "UPDATE registered_models SET last_version = last_version + 1,"
                               " last_updated_time = ? WHERE id = ?",
    [SQL_MODEL_DELETE] = "DELETE FROM registered_models WHERE id = ?",
    [SQL_MODEL_DELETE_TAGS] = "DELETE FROM registered_model_tags WHERE model = ?",
    [SQL_MODEL_DELETE_ALIASES] = "DELETE FROM registered_model_aliases WHERE model = ?",
    [SQL_MODEL_DELETE_VERSIONS] = "DELETE FROM model_versions WHERE model = ?",
    [SQL_MODEL_DELETE_VERSION_TAGS] = "DELETE FROM model_version_tags WHERE model = ?",
    [SQL_MODEL_TAGS] =
        "SELECT key, value FROM registered_model_tags WHERE model = ? ORDER BY key",
    [SQL_MODEL_TAG_SET] = "INSERT INTO registered_model_tags VALUES (?, ?, ?)"
                          " ON CONFLICT DO UPDATE SET value = excluded.value",
    [SQL_MODEL_TAG_DELETE] = "DELETE FROM registered_model_tags WHERE model = ? AND key = ?",
    [SQL_MODEL_ALIASES] =
        "SELECT alias, version FROM registered_model_aliases WHERE model = ? ORDER BY alias",
    [SQL_MODEL_ALIAS_SET] = "INSERT INTO registered_model_aliases VALUES (?, ?, ?)"
                            " ON CONFLICT DO UPDATE SET version = excluded.version",
    [SQL_MODEL_ALIAS_DELETE] =
        "DELETE FROM registered_model_aliases WHERE model = ? AND alias = ?",
    [SQL_VERSION_GET] =
        "SELECT " VERSION_COLUMNS " FROM model_versions WHERE model = ? AND version = ?",
    /* each stage on its own: the index then has the answer at its end */
    [SQL_VERSIONS_LATEST] = "SELECT " VERSION_COLUMNS " FROM model_versions"
                            " WHERE model = ?1 AND version IN (" LATEST("1") ", " LATEST(
                                "2") ", " LATEST("3") ", " LATEST("4") ") ORDER BY stage",
    [SQL_VERSIONS_OF_MODEL] =
        "SELECT " VERSION_COLUMNS " FROM model_versions WHERE model = ? ORDER BY version",
    [SQL_VERSION_INSERT] = "INSERT INTO model_versions (model, version, creation_time,"
                           " last_updated_time, description, stage, source,"
                           " storage_location, run_id, run_link, status)"
                           " VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [SQL_VERSION_DESCRIBE] = "UPDATE model_versions SET description = ?, last_updated_time = ?"
                             " WHERE model = ? AND version = ?",
    [SQL_VERSION_STAGE] = "UPDATE model_versions SET stage = ?, last_updated_time = ?"
                          " WHERE model = ? AND version = ?",
    [SQL_VERSION_ARCHIVE_OTHERS] =
        "UPDATE model_versions SET stage = ?, last_updated_time = ?"
        " WHERE model = ? AND stage = ? AND version <> ? RETURNING version",
    [SQL_VERSION_TOUCH_ALL] = "UPDATE model_versions SET last_updated_time = ? WHERE model = ?",
    [SQL_VERSION_DELETE] = "DELETE FROM model_versions WHERE model = ? AND version = ?",
    [SQL_VERSION_DELETE_TAGS] =
        "DELETE FROM model_version_tags WHERE model = ? AND version = ?",
    [SQL_VERSION_DELETE_ALIASES] =
        "DELETE FROM registered_model_aliases WHERE model = ? AND version = ?",
    [SQL_VERSION_TAGS] = "SELECT key, value FROM model_version_tags"
                         " WHERE model = ? AND version = ? ORDER BY key",
    [SQL_VERSION_TAGS_OF_MODEL] = "SELECT key, value, version FROM model_version_tags"
                                  " WHERE model = ? ORDER BY version, key",
    [SQL_VERSION_TAG_SET] = "INSERT INTO model_version_tags VALUES (?, ?, ?, ?)"
                            " ON CONFLICT DO UPDATE SET value = excluded.value",
    [SQL_VERSION_TAG_DELETE] =
        "DELETE FROM model_version_tags WHERE model = ? AND version = ? AND key = ?",
    [SQL_WEBHOOK_GET] = "SELECT id, webhook_id, name, description, url, events, status,"
                        " creation_time, last_update_time, secret FROM webhooks"
                        " WHERE webhook_id = ?",
    [SQL_WEBHOOK_LIST] = "SELECT id, webhook_id, name, description, url, events, status,"
                         " creation_time, last_update_time, secret FROM webhooks"
                         " WHERE (events & ?) != 0 ORDER BY creation_time DESC, id DESC"
                         " LIMIT ? OFFSET ?",
    [SQL_WEBHOOK_COUNT] = "SELECT count(*) FROM webhooks",
    [SQL_WEBHOOK_INSERT] = "INSERT INTO webhooks (webhook_id, name, description, url, events,"
                           " status, creation_time, last_update_time, secret)"
                           " VALUES (?, ?, ?, ?, ?, ?, ?7, ?7, ?8)",
    /* what is absent or 0 leaves the column as it is */
    [SQL_WEBHOOK_UPDATE] =
        "UPDATE webhooks SET name = ifnull(?2, name), description = ifnull(?3, description),"
        " url = ifnull(?4, url), events = iif(?5 = 0, events, ?5),"
        " status = iif(?6 = 0, status, ?6), last_update_time = ?7,"
        " secret = ifnull(?8, secret) WHERE id = ?1",
    [SQL_WEBHOOK_DELETE] = "DELETE FROM webhooks WHERE id = ?",
    [SQL_WEBHOOK_ACTIVE] = "SELECT w.id, w.events, count(d.id) FROM webhooks w"
                           " LEFT JOIN deliveries d ON d.webhook = w.id"
                           " WHERE w.status = 1 GROUP BY w.id ORDER BY w.id",
    [SQL_DELIVERY_INSERT] = "INSERT INTO deliveries (webhook, delivery_id, event, created,"
                            " attempts, next, data) VALUES (?, ?, ?, ?4, 0, ?4, ?5)",
    /* ids of a table that was emptied come again: the other one never does */
    [SQL_DELIVERY_RETRY] =
        "UPDATE deliveries SET attempts = ?, next = ? WHERE id = ? AND delivery_id = ?",
    [SQL_DELIVERY_DELETE] = "DELETE FROM deliveries WHERE id = ? AND delivery_id = ?"
                            " RETURNING webhook",
    [SQL_DELIVERY_DELETE_ALL] = "DELETE FROM deliveries WHERE webhook = ?",
    [SQL_DELIVERY_HEADS] =
        "SELECT d.next, d.id, d.delivery_id, d.event, d.created, d.attempts, d.data,"
        " w.webhook_id, w.url, w.secret FROM webhooks w JOIN deliveries d"
        " ON d.id = (SELECT min(id) FROM deliveries WHERE webhook = w.id)"
        " WHERE w.status = 1 ORDER BY d.next",

    [SQL_LOGGED_MODEL_FIND] =
        "SELECT " LOGGED_MODEL_COLUMNS " FROM logged_models WHERE model_id = ?",
    [SQL_LOGGED_MODEL_BY_ROW] =
        "SELECT " LOGGED_MODEL_COLUMNS " FROM logged_models WHERE id = ?",
    [SQL_LOGGED_MODEL_SCAN] =
        "SELECT " LOGGED_MODEL_COLUMNS " FROM logged_models WHERE experiment = ?"
        " AND lifecycle = 1 ORDER BY creation_time DESC, model_id",
    [SQL_LOGGED_MODEL_INSERT] =
        "INSERT INTO logged_models (model_id, experiment, name, artifact_location,"
        " creation_time, last_update_time, status, lifecycle, model_type, source_run_id)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, 1, ?7, ?8)",
    [SQL_LOGGED_MODEL_STATUS] =
        "UPDATE logged_models SET status = ?, last_update_time = ? WHERE id = ?",
    [SQL_LOGGED_MODEL_DELETE] =
        "UPDATE logged_models SET lifecycle = 2, last_update_time = ? WHERE id = ?",
    [SQL_LOGGED_MODEL_TAGS] =
        "SELECT key, value FROM logged_model_tags WHERE model = ? ORDER BY key",
    [SQL_LOGGED_MODEL_TAG_GET] =
        "SELECT value FROM logged_model_tags WHERE model = ? AND key = ?",
    [SQL_LOGGED_MODEL_TAG_SET] = "INSERT INTO logged_model_tags VALUES (?, ?, ?)"
                                 " ON CONFLICT DO UPDATE SET value = excluded.value",
    [SQL_LOGGED_MODEL_TAG_DELETE] = "DELETE FROM logged_model_tags WHERE model = ? AND key = ?",
    [SQL_LOGGED_MODEL_PARAMS] =
        "SELECT key, value FROM logged_model_params WHERE model = ? ORDER BY key",
    [SQL_LOGGED_MODEL_PARAM_GET] =
        "SELECT value FROM logged_model_params WHERE model = ? AND key = ?",
    [SQL_LOGGED_MODEL_PARAM_INSERT] = "INSERT INTO logged_model_params VALUES (?, ?, ?)",
    [SQL_LOGGED_MODEL_METRICS] =
        "SELECT l.key, l.value, l.timestamp, l.step, l.dataset_name, l.dataset_digest, r.run_id"
        " FROM metric_links l JOIN runs r ON r.id = l.run WHERE l.model_id = ?"
        " ORDER BY l.timestamp DESC, l.step DESC LIMIT ?",
    [SQL_LOGGED_MODEL_METRIC] =
        "SELECT l.value, l.dataset_name, l.dataset_digest FROM metric_links l"
        " JOIN runs r ON r.id = l.run WHERE l.model_id = ? AND l.key = ?"
        " ORDER BY l.timestamp DESC, l.step DESC, r.run_id",
    [SQL_LOGGED_MODEL_DATASETS] =
        "SELECT DISTINCT dataset_name, dataset_digest FROM metric_links WHERE model_id = ?",

    [SQL_EVAL_DATASET_FIND] = "SELECT id FROM eval_datasets WHERE dataset_id = ?",
    [SQL_EVAL_DATASET_GET] =
        "SELECT " EVAL_DATASET_COLUMNS " FROM eval_datasets WHERE dataset_id = ?",
    [SQL_EVAL_DATASET_BY_ROW] =
        "SELECT " EVAL_DATASET_COLUMNS " FROM eval_datasets WHERE id = ?",
    [SQL_EVAL_DATASET_ALL] = "SELECT " EVAL_DATASET_COLUMNS " FROM eval_datasets ORDER BY id",
    [SQL_EVAL_DATASET_INSERT] =
        "INSERT INTO eval_datasets (dataset_id, name, digest, created_time, last_update_time,"
        " created_by, last_updated_by) VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?5)",
    [SQL_EVAL_DATASET_TOUCH] = "UPDATE eval_datasets SET last_update_time = ? WHERE id = ?",
    [SQL_EVAL_DATASET_CHANGED] =
        "UPDATE eval_datasets SET last_update_time = ?2, digest = ?3, last_updated_by = ?4,"
        " records = ifnull(records, 0) + ?5 WHERE id = ?1",
    [SQL_EVAL_DATASET_DELETE] = "DELETE FROM eval_datasets WHERE id = ?",
    [SQL_EVAL_TAGS] =
        "SELECT key, value FROM eval_dataset_tags WHERE dataset = ? ORDER BY rowid",
    [SQL_EVAL_TAG_GET] = "SELECT value FROM eval_dataset_tags WHERE dataset = ? AND key = ?",
    [SQL_EVAL_TAG_SET] = "INSERT INTO eval_dataset_tags VALUES (?, ?, ?)"
                         " ON CONFLICT DO UPDATE SET value = excluded.value",
    [SQL_EVAL_TAG_DELETE] = "DELETE FROM eval_dataset_tags WHERE dataset = ? AND key = ?",
    [SQL_EVAL_TAGS_CLEAR] = "DELETE FROM eval_dataset_tags WHERE dataset = ?",
    [SQL_EVAL_LINKS] =
        "SELECT experiment FROM eval_dataset_experiments WHERE dataset = ? ORDER BY rowid",
    [SQL_EVAL_LINK_GET] =
        "SELECT 1 FROM eval_dataset_experiments WHERE dataset = ? AND experiment = ?",
    [SQL_EVAL_LINK_SET] = "INSERT OR IGNORE INTO eval_dataset_experiments VALUES (?, ?)",
    [SQL_EVAL_LINK_DELETE] =
        "DELETE FROM eval_dataset_experiments WHERE dataset = ? AND experiment = ?",
    [SQL_EVAL_LINKS_CLEAR] = "DELETE FROM eval_dataset_experiments WHERE dataset = ?",
    [SQL_EVAL_FIELDS] =
        "SELECT part, key, type FROM eval_dataset_fields WHERE dataset = ? ORDER BY rowid",
    [SQL_EVAL_FIELD_ADD] = "INSERT OR IGNORE INTO eval_dataset_fields VALUES (?, ?, ?, ?)",
    [SQL_EVAL_FIELDS_CLEAR] = "DELETE FROM eval_dataset_fields WHERE dataset = ?",
    [SQL_EVAL_RECORDS] =
        "SELECT r.id, r.record_id, r.inputs, r.outputs, r.has_expectations, r.source,"
        " r.source_id, r.source_type, r.created_time, r.last_update_time, r.created_by,"
        " r.last_updated_by FROM eval_datasets d JOIN eval_records r ON r.dataset = d.id"
        " WHERE d.dataset_id = ? ORDER BY r.id LIMIT ? OFFSET ?",
    [SQL_EVAL_RECORD_FIND] =
        "SELECT id FROM eval_records WHERE dataset = ? AND hash = ? AND canonical = ?",
    [SQL_EVAL_RECORD_INSERT] =
        "INSERT INTO eval_records (record_id, dataset, hash, canonical, inputs, outputs,"
        " has_expectations, source, source_id, source_type, created_time, last_update_time,"
        " created_by, last_updated_by)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12, ?12)",
    [SQL_EVAL_RECORD_UPDATE] =
        "UPDATE eval_records SET outputs = ifnull(?2, outputs),"
        " has_expectations = max(has_expectations, ?3), last_update_time = ?4,"
        " last_updated_by = ifnull(?5, last_updated_by) WHERE id = ?1",
    [SQL_EVAL_RECORD_DELETE] = "DELETE FROM eval_records WHERE dataset = ? AND record_id = ?",
    [SQL_EVAL_RECORDS_FEWER] = "UPDATE eval_datasets SET records = records - ? WHERE id = ?",
    [SQL_EVAL_RECORDS_CLEAR] = "DELETE FROM eval_records WHERE dataset = ?",
    [SQL_EVAL_ITEMS] = "SELECT key, value FROM eval_record_items WHERE record = ? AND kind = ?"
                       " ORDER BY rowid",
    [SQL_EVAL_ITEM_SET] = "INSERT INTO eval_record_items VALUES (?, ?, ?, ?)"
                          " ON CONFLICT DO UPDATE SET value = excluded.value",
    [SQL_EVAL_RECORD_ITEMS_DELETE] =
        "DELETE FROM eval_record_items WHERE record IN"
        " (SELECT id FROM eval_records WHERE dataset = ? AND record_id = ?)",
    [SQL_EVAL_RECORD_ITEMS_CLEAR] = "DELETE FROM eval_record_items WHERE record IN"
                                    " (SELECT id FROM eval_records WHERE dataset = ?)",

    [SQL_SCORER_FIND] = "SELECT id FROM scorers WHERE experiment = ? AND name = ?",
    [SQL_SCORER_NEWEST] = SCORER_SELECT " AND s.name = ? ORDER BY v.version DESC LIMIT 1",
    [SQL_SCORER_VERSION] = SCORER_SELECT " AND s.name = ? AND v.version = ?",
    [SQL_SCORER_VERSIONS] = SCORER_SELECT " AND s.name = ? ORDER BY v.version LIMIT ?",
    [SQL_SCORERS] = SCORER_SELECT " AND v.version = (SELECT max(version) FROM scorer_versions"
                                  " WHERE scorer = s.id) ORDER BY s.name LIMIT ?",
    [SQL_SCORER_INSERT] = "INSERT INTO scorers (experiment, name, scorer_id) VALUES (?, ?, ?)",
    [SQL_SCORER_ADD] =
        "INSERT INTO scorer_versions SELECT ?1, ifnull(max(version), 0) + 1, ?2, ?3"
        " FROM scorer_versions WHERE scorer = ?1",
    [SQL_SCORER_DELETE] = "DELETE FROM scorers WHERE id = ?",
    [SQL_SCORER_DELETE_VERSION] =
        "DELETE FROM scorer_versions WHERE scorer = ? AND version = ?",
    [SQL_SCORER_DELETE_VERSIONS] = "DELETE FROM scorer_versions WHERE scorer = ?",

    [SQL_TRACE_FIND] = "SELECT id FROM traces WHERE trace_id = ?",
    [SQL_TRACE_GET] = "SELECT " TRACE_COLUMNS " FROM traces WHERE trace_id = ?",
    [SQL_TRACE_BY_ROW] = "SELECT " TRACE_COLUMNS " FROM traces WHERE id = ?",
    [SQL_TRACE_SCAN] = "SELECT " TRACE_COLUMNS " FROM traces WHERE experiment = ?"
                       " ORDER BY request_time DESC, trace_id",
    [SQL_TRACE_SET] = "INSERT INTO traces (trace_id, experiment, request_time, duration, state,"
                      " client_request_id, request_preview, response_preview)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET"
                      " experiment = ?2, request_time = ?3, duration = ?4, state = ?5,"
                      " client_request_id = ?6,"
                      " request_preview = ifnull(?7, request_preview),"
                      " response_preview = ifnull(?8, response_preview)",
    [SQL_TRACE_DELETE] = "DELETE FROM traces WHERE id = ?",
    [SQL_TRACE_OLDEST] = "SELECT id FROM traces WHERE experiment = ? AND request_time <= ?"
                         " ORDER BY request_time LIMIT 1",
    [SQL_TRACE_ITEMS] =
        "SELECT key, value FROM trace_items WHERE trace = ? AND kind = ? ORDER BY rowid",
    [SQL_TRACE_ITEM_GET] =
        "SELECT value FROM trace_items WHERE trace = ? AND kind = ? AND key = ?",
    [SQL_TRACE_ITEM_SET] = "INSERT INTO trace_items VALUES (?, ?, ?, ?)"
                           " ON CONFLICT DO UPDATE SET value = excluded.value",
    [SQL_TRACE_ITEM_DELETE] =
        "DELETE FROM trace_items WHERE trace = ? AND kind = ? AND key = ?",
    [SQL_TRACE_ITEMS_CLEAR] = "DELETE FROM trace_items WHERE trace = ?",
    [SQL_TRACE_RUNS] = "SELECT run_id FROM trace_runs WHERE trace = ?1 UNION ALL"
                       " SELECT value FROM trace_items WHERE trace = ?1 AND kind = 1"
                       " AND key = 'mlflow.sourceRun'",
    [SQL_TRACE_RUN_SET] = "INSERT OR IGNORE INTO trace_runs VALUES (?, ?)",
    [SQL_TRACE_RUNS_CLEAR] = "DELETE FROM trace_runs WHERE trace = ?",
    [SQL_ASSESSMENT_FIND] = "SELECT id FROM assessments WHERE trace = ? AND assessment_id = ?",
    [SQL_ASSESSMENT_GET] =
        "SELECT " ASSESSMENT_COLUMNS " FROM assessments WHERE trace = ? AND assessment_id = ?",
    [SQL_ASSESSMENTS] =
        "SELECT " ASSESSMENT_COLUMNS " FROM assessments WHERE trace = ? ORDER BY id",
    [SQL_ASSESSMENT_INSERT] =
        "INSERT INTO assessments (assessment_id, trace, name, span_id, source, create_time,"
        " last_update_time, feedback, expectation, rationale, error, overrides, valid)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    /* what is not given stays */
    [SQL_ASSESSMENT_UPDATE] =
        "UPDATE assessments SET name = ifnull(?2, name), feedback = ifnull(?3, feedback),"
        " expectation = ifnull(?4, expectation), rationale = ifnull(?5, rationale),"
        " last_update_time = ?6 WHERE id = ?1",
    [SQL_ASSESSMENT_VALID] =
        "UPDATE assessments SET valid = ? WHERE trace = ? AND assessment_id = ?",
    [SQL_ASSESSMENT_DELETE] = "DELETE FROM assessments WHERE id = ?",
    [SQL_ASSESSMENTS_CLEAR] = "DELETE FROM assessments WHERE trace = ?",
    [SQL_ASSESSMENT_METADATA] =
        "SELECT key, value FROM assessment_metadata WHERE assessment = ? ORDER BY rowid",
    [SQL_ASSESSMENT_METADATA_SET] = "INSERT INTO assessment_metadata VALUES (?, ?, ?)"
                                    " ON CONFLICT DO UPDATE SET value = excluded.value",
    [SQL_ASSESSMENT_METADATA_CLEAR] = "DELETE FROM assessment_metadata WHERE assessment = ?",
    [SQL_ASSESSMENTS_METADATA_CLEAR] = "DELETE FROM assessment_metadata WHERE assessment IN"
                                       " (SELECT id FROM assessments WHERE trace = ?)",
};
