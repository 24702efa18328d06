/* schema.h - the tables of the native database as numbered steps: a new database takes all of
 * them, an older one those that it lacks. Steps only go forward and are never edited once they
 * were released; a change of the tables is a new step at the end. */
#ifndef MILL_STORE_SCHEMA_H
#define MILL_STORE_SCHEMA_H

#include "store/db.h"

/* Versions of the database, each named after what its step brought. */
enum mill_schema_version {
    MILL_SCHEMA_EMPTY,
    MILL_SCHEMA_RUNS,
    MILL_SCHEMA_REGISTRY,
    MILL_SCHEMA_WEBHOOKS,
    MILL_SCHEMA_LOGGED_MODELS,
    MILL_SCHEMA_EVALUATION,
    MILL_SCHEMA_END, /* behind the newest; new ones go before it */
    MILL_SCHEMA_NEWEST = MILL_SCHEMA_END - 1
};

/* Whose database it is: *version_out gets its version, MILL_SCHEMA_EMPTY for a new file. Fails
 * with MILL_E_UNSUPPORTED, naming path, for what another program or a newer version wrote. */
enum mill_status mill_schema_check(struct db *db, const char *path, int *version_out,
                                   struct mill_error *err);

/* Runs the steps behind a version, in the caller's transaction. */
enum mill_status mill_schema_apply(struct db *db, int version, struct mill_error *err);

/* Brings an older database to the newest version in one transaction, after a copy of it was
 * stored as PATH.backup-v<version> (replacing an earlier copy of that version). When anything
 * fails, the database is as it was. */
enum mill_status mill_schema_upgrade(struct db *db, const char *path, int version,
                                     struct mill_error *err);

#endif
