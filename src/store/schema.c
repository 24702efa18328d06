/* schema.c - see schema.h.
 *
 * Integer ids inside, the protocol's ids outside. Points go to tails first, one row for each
 * run and commit; a background merge turns them into segments and keeps latest. A run's
 * newest values are therefore latest with its tails on top. */
#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

/* In the header of each of our files: "MILL". */
#define APPLICATION_ID 0x4d494c4c

/* Pages of a backup that are copied before SQLite looks for other work. */
#define BACKUP_PAGES 4096

static const char runs[] =
    "CREATE TABLE experiments ("
    " id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, artifact_location TEXT NOT NULL,"
    " lifecycle INTEGER NOT NULL, creation_time INTEGER NOT NULL,"
    " last_update_time INTEGER NOT NULL);"
    "CREATE TABLE experiment_tags ("
    " experiment INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY (experiment, key)) WITHOUT ROWID;"
    "CREATE TABLE runs ("
    " id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, experiment INTEGER NOT NULL,"
    " name TEXT NOT NULL, user_id TEXT NOT NULL, status INTEGER NOT NULL,"
    " start_time INTEGER NOT NULL, end_time INTEGER, lifecycle INTEGER NOT NULL,"
    " deleted_time INTEGER, artifact_uri TEXT NOT NULL);"
    /* The ids we choose end with their time: turned round, new ones come at the index's end
     * instead of dirtying a page each. */
    "CREATE UNIQUE INDEX runs_by_run_id ON runs (substr(run_id, 21) || substr(run_id, 1, 20));"
    "CREATE INDEX runs_of_experiment ON runs (experiment);"
    "CREATE TABLE params ("
    " run INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY (run, key)) WITHOUT ROWID;"
    "CREATE TABLE tags ("
    " run INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY (run, key)) WITHOUT ROWID;"
    /* value NULL is NaN, here and below */
    "CREATE TABLE latest ("
    " run INTEGER NOT NULL, key TEXT NOT NULL, step INTEGER NOT NULL,"
    " timestamp INTEGER NOT NULL, value REAL, PRIMARY KEY (run, key))"
    " WITHOUT ROWID;"
    "CREATE TABLE tails (id INTEGER PRIMARY KEY, run INTEGER NOT NULL,"
    " points BLOB NOT NULL);"
    "CREATE INDEX tails_of_run ON tails (run);"
    /* a table of rowids: in a WITHOUT ROWID one every comparison of keys reads the blob too */
    "CREATE TABLE segments ("
    " run INTEGER NOT NULL, key TEXT NOT NULL, number INTEGER NOT NULL,"
    " count INTEGER NOT NULL,"
    " first_step INTEGER NOT NULL, last_step INTEGER NOT NULL,"
    " min_time INTEGER NOT NULL, max_time INTEGER NOT NULL,"
    " first_value REAL, last_value REAL, min_value REAL, max_value REAL,"
    " points BLOB NOT NULL, UNIQUE (run, key, number));"
    "CREATE TABLE metric_links ("
    " run INTEGER NOT NULL, key TEXT NOT NULL, step INTEGER NOT NULL,"
    " timestamp INTEGER NOT NULL, value REAL, model_id TEXT, dataset_name TEXT,"
    " dataset_digest TEXT);"
    "CREATE INDEX metric_links_of_model ON metric_links (model_id);"
    "CREATE TABLE datasets ("
    " id INTEGER PRIMARY KEY, experiment INTEGER NOT NULL, name TEXT NOT NULL,"
    " digest TEXT NOT NULL, source_type TEXT NOT NULL, source TEXT NOT NULL,"
    " schema TEXT, profile TEXT, UNIQUE (experiment, name, digest));"
    "CREATE TABLE inputs ("
    " id INTEGER PRIMARY KEY, run INTEGER NOT NULL, dataset INTEGER NOT NULL,"
    " UNIQUE (run, dataset));"
    "CREATE TABLE input_tags ("
    " input INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY (input, key)) WITHOUT ROWID;"
    "CREATE TABLE model_inputs ("
    " run INTEGER NOT NULL, model_id TEXT NOT NULL, PRIMARY KEY (run, model_id))"
    " WITHOUT ROWID;"
    "CREATE TABLE model_outputs ("
    " run INTEGER NOT NULL, model_id TEXT NOT NULL, step INTEGER NOT NULL,"
    " PRIMARY KEY (run, model_id)) WITHOUT ROWID;";

/* A deleted version leaves no row; last_version keeps its number from being given again. Tags
 * hold up to 100000 characters, hence tables of rowids. */
static const char registry[] =
    "CREATE TABLE registered_models ("
    " id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, description TEXT,"
    " creation_time INTEGER NOT NULL, last_updated_time INTEGER NOT NULL,"
    " last_version INTEGER NOT NULL);"
    "CREATE TABLE registered_model_tags ("
    " model INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (model, key));"
    "CREATE TABLE registered_model_aliases ("
    " model INTEGER NOT NULL, alias TEXT NOT NULL, version INTEGER NOT NULL,"
    " PRIMARY KEY (model, alias)) WITHOUT ROWID;"
    "CREATE TABLE model_versions ("
    " model INTEGER NOT NULL, version INTEGER NOT NULL, creation_time INTEGER NOT NULL,"
    " last_updated_time INTEGER NOT NULL, description TEXT, user_id TEXT,"
    " stage INTEGER NOT NULL, source TEXT NOT NULL, storage_location TEXT NOT NULL,"
    " run_id TEXT, run_link TEXT, status INTEGER NOT NULL, status_message TEXT,"
    " UNIQUE (model, version));"
    "CREATE INDEX model_versions_by_stage ON model_versions (model, stage, version);"
    "CREATE TABLE model_version_tags ("
    " model INTEGER NOT NULL, version INTEGER NOT NULL, key TEXT NOT NULL,"
    " value TEXT NOT NULL, UNIQUE (model, version, key));";

/* deliveries: events that wait for a webhook, in the order of their ids; next is when one may
 * be sent. */
static const char webhooks[] =
    "CREATE TABLE webhooks ("
    " id INTEGER PRIMARY KEY, webhook_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
    " description TEXT, url TEXT NOT NULL, events INTEGER NOT NULL, status INTEGER NOT NULL,"
    " creation_time INTEGER NOT NULL, last_update_time INTEGER NOT NULL, secret BLOB);"
    "CREATE TABLE deliveries ("
    " id INTEGER PRIMARY KEY, webhook INTEGER NOT NULL, delivery_id TEXT NOT NULL,"
    " event INTEGER NOT NULL, created INTEGER NOT NULL, attempts INTEGER NOT NULL,"
    " next INTEGER NOT NULL, data TEXT NOT NULL);"
    "CREATE INDEX deliveries_of_webhook ON deliveries (webhook, id);";

/* Of a model, a point is there once: what came twice before goes. */
static const char logged_models[] =
    "CREATE TABLE logged_models ("
    " id INTEGER PRIMARY KEY, model_id TEXT NOT NULL UNIQUE, experiment INTEGER NOT NULL,"
    " name TEXT NOT NULL, artifact_location TEXT NOT NULL, creation_time INTEGER NOT NULL,"
    " last_update_time INTEGER NOT NULL, status INTEGER NOT NULL, lifecycle INTEGER NOT NULL,"
    " model_type TEXT NOT NULL, source_run_id TEXT NOT NULL, status_message TEXT);"
    "CREATE INDEX logged_models_of_experiment ON logged_models"
    " (experiment, creation_time DESC, model_id);"
    "CREATE TABLE logged_model_params ("
    " model INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (model, key));"
    "CREATE TABLE logged_model_tags ("
    " model INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (model, key));"
    "DELETE FROM metric_links WHERE model_id IS NOT NULL AND rowid NOT IN"
    " (SELECT min(rowid) FROM metric_links GROUP BY model_id, key, timestamp, step, run);"
    "DROP INDEX metric_links_of_model;"
    "CREATE UNIQUE INDEX metric_links_of_model ON metric_links"
    " (model_id, key, timestamp, step, run);";

/* hash is of canonical, the inputs with sorted keys: records with the same ones are one. */
static const char evaluation[] =
    "CREATE TABLE eval_datasets ("
    " id INTEGER PRIMARY KEY, dataset_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
    " digest TEXT NOT NULL, created_time INTEGER NOT NULL, last_update_time INTEGER NOT NULL,"
    " created_by TEXT, last_updated_by TEXT, records INTEGER);"
    "CREATE TABLE eval_dataset_tags ("
    " dataset INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (dataset, key));"
    "CREATE TABLE eval_dataset_experiments ("
    " dataset INTEGER NOT NULL, experiment INTEGER NOT NULL, UNIQUE (dataset, experiment));"
    "CREATE TABLE eval_dataset_fields ("
    " dataset INTEGER NOT NULL, part INTEGER NOT NULL, key TEXT NOT NULL, type TEXT NOT NULL,"
    " UNIQUE (dataset, part, key));"
    "CREATE TABLE eval_records ("
    " id INTEGER PRIMARY KEY, record_id TEXT NOT NULL, dataset INTEGER NOT NULL,"
    " hash INTEGER NOT NULL, canonical TEXT NOT NULL, inputs TEXT NOT NULL,"
    " outputs TEXT NOT NULL, has_expectations INTEGER NOT NULL, source TEXT, source_id TEXT,"
    " source_type TEXT, created_time INTEGER NOT NULL, last_update_time INTEGER NOT NULL,"
    " created_by TEXT, last_updated_by TEXT, UNIQUE (dataset, record_id));"
    "CREATE INDEX eval_records_by_hash ON eval_records (dataset, hash);"
    "CREATE INDEX eval_records_in_order ON eval_records (dataset, id);"
    "CREATE TABLE eval_record_items ("
    " record INTEGER NOT NULL, kind INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " UNIQUE (record, kind, key));"
    "CREATE TABLE scorers ("
    " id INTEGER PRIMARY KEY, experiment INTEGER NOT NULL, name TEXT NOT NULL,"
    " scorer_id TEXT NOT NULL, UNIQUE (experiment, name));"
    "CREATE TABLE scorer_versions ("
    " scorer INTEGER NOT NULL, version INTEGER NOT NULL, serialized TEXT NOT NULL,"
    " creation_time INTEGER NOT NULL, UNIQUE (scorer, version));"
    "CREATE TABLE traces ("
    " id INTEGER PRIMARY KEY, trace_id TEXT NOT NULL UNIQUE, experiment INTEGER NOT NULL,"
    " request_time INTEGER NOT NULL, duration INTEGER, state TEXT NOT NULL,"
    " client_request_id TEXT, request_preview TEXT, response_preview TEXT);"
    "CREATE INDEX traces_of_experiment ON traces (experiment, request_time DESC, trace_id);"
    "CREATE TABLE trace_items ("
    " trace INTEGER NOT NULL, kind INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " UNIQUE (trace, kind, key));"
    "CREATE TABLE trace_runs ("
    " trace INTEGER NOT NULL, run_id TEXT NOT NULL, UNIQUE (trace, run_id));"
    "CREATE TABLE assessments ("
    " id INTEGER PRIMARY KEY, assessment_id TEXT NOT NULL UNIQUE, trace INTEGER NOT NULL,"
    " name TEXT NOT NULL, span_id TEXT, source TEXT, create_time INTEGER NOT NULL,"
    " last_update_time INTEGER NOT NULL, feedback TEXT, expectation TEXT, rationale TEXT,"
    " error TEXT, overrides TEXT, valid INTEGER NOT NULL);"
    "CREATE INDEX assessments_of_trace ON assessments (trace);"
    "CREATE TABLE assessment_metadata ("
    " assessment INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " UNIQUE (assessment, key));";

/* The step that leads to each version. */
static const char *const steps[MILL_SCHEMA_END] = {
    [MILL_SCHEMA_RUNS] = runs,
    [MILL_SCHEMA_REGISTRY] = registry,
    [MILL_SCHEMA_WEBHOOKS] = webhooks,
    [MILL_SCHEMA_LOGGED_MODELS] = logged_models,
    [MILL_SCHEMA_EVALUATION] = evaluation,
};

enum mill_status mill_schema_check(struct db *db, const char *path, int *version_out,
                                   struct mill_error *err)
{
    int64_t application, version, tables;
    enum mill_status st = mill_db_integer(db, "PRAGMA application_id", &application, err);
    if (st == MILL_OK)
        st = mill_db_integer(db, "PRAGMA user_version", &version, err);
    if (st == MILL_OK)
        st = mill_db_integer(db, "SELECT count(*) FROM sqlite_schema", &tables, err);
    if (st == MILL_E_UNSUPPORTED)
        return mill_fail(err, st, "%s is not an SQLite database; choose another file", path);
    if (st != MILL_OK)
        return st;
    if (tables != 0 && (application != APPLICATION_ID || version < MILL_SCHEMA_RUNS))
        return mill_fail(err, MILL_E_UNSUPPORTED,
                         "%s is a database of another program and was left untouched; choose "
                         "another file",
                         path);
    if (version > MILL_SCHEMA_NEWEST)
        return mill_fail(err, MILL_E_UNSUPPORTED,
                         "%s was written by a newer version (schema %lld, this program knows "
                         "%d); use that version",
                         path, (long long)version, MILL_SCHEMA_NEWEST);
    *version_out = tables == 0 ? MILL_SCHEMA_EMPTY : (int)version;
    return MILL_OK;
}

enum mill_status mill_schema_apply(struct db *db, int version, struct mill_error *err)
{
    char pragmas[96];
    enum mill_status st = MILL_OK;
    for (int next = version + 1; st == MILL_OK && next < MILL_SCHEMA_END; next++)
        st = mill_db_exec(db, steps[next], err);
    if (st != MILL_OK)
        return st;
    snprintf(pragmas, sizeof(pragmas), "PRAGMA application_id = %d; PRAGMA user_version = %d",
             APPLICATION_ID, MILL_SCHEMA_NEWEST);
    return mill_db_exec(db, pragmas, err);
}

/* --- backups --- */

/* Copies all pages as of now. Afterwards everything is on disk: SQLite sees to that. */
static enum mill_status copy_pages(struct db *from, const char *path, struct mill_error *err)
{
    struct db *to;
    enum mill_status st =
        mill_db_open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &to, err);
    if (st != MILL_OK)
        return st;
    sqlite3_backup *backup = sqlite3_backup_init(to->handle, "main", from->handle, "main");
    int rc = SQLITE_OK;
    while (backup != NULL && rc == SQLITE_OK)
        rc = sqlite3_backup_step(backup, BACKUP_PAGES);
    sqlite3_backup_finish(backup);
    if (rc != SQLITE_DONE)
        st = mill_db_failed(to, path, err);
    mill_db_close(to);
    return st;
}

/* Makes a rename last. */
static bool sync_directory_of(const char *path)
{
    char directory[PATH_MAX];
    snprintf(directory, sizeof(directory), "%s", path);
    char *slash = strrchr(directory, '/');
    if (slash == directory)
        slash++;
    if (slash != NULL)
        *slash = '\0';
    int fd = open(slash != NULL ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return synced;
}

/* A copy that is there under its name is whole. */
static enum mill_status back_up(struct db *db, const char *path, int version,
                                struct mill_error *err)
{
    char part[PATH_MAX], whole[PATH_MAX];
    snprintf(whole, sizeof(whole), "%s.backup-v%d", path, version);
    if (snprintf(part, sizeof(part), "%s.part", whole) >= (int)sizeof(part))
        return mill_fail(err, MILL_E_IO, "the path is too long for a backup beside it: %s",
                         path);
    unlink(part);
    enum mill_status st = copy_pages(db, part, err);
    if (st == MILL_OK && (rename(part, whole) != 0 || !sync_directory_of(whole)))
        st = mill_fail(err, MILL_E_IO, "cannot write %s: %s", whole, strerror(errno));
    if (st != MILL_OK)
        unlink(part);
    return st;
}

enum mill_status mill_schema_upgrade(struct db *db, const char *path, int version,
                                     struct mill_error *err)
{
    enum mill_status st = back_up(db, path, version, err);
    if (st == MILL_OK)
        st = mill_db_exec(db, "BEGIN IMMEDIATE", err);
    if (st != MILL_OK)
        return st;
    st = mill_schema_apply(db, version, err);
    if (st == MILL_OK)
        st = mill_db_exec(db, "COMMIT", err);
    if (st != MILL_OK && sqlite3_get_autocommit(db->handle) == 0)
        mill_db_exec(db, "ROLLBACK", NULL);
    return st;
}
