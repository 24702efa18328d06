/* places.h - the kinds of storage that a client reaches: from an artifact location to the files
 * there. Any thread, at the same time. */
#ifndef MILL_FILES_PLACES_H
#define MILL_FILES_PLACES_H

#include <pthread.h>

#include "files/files.h"

/* What of a client decides where files are looked for. */
struct mill_places {
    bool ready; /* init has succeeded */
    struct mill_arena arena;
    struct mill_remote *server;   /* the tracking server; NULL: none */
    bool workspace;               /* it is a Databricks workspace */
    struct mill_view destination; /* without one: where locations behind a server lie */
    struct mill_view user_agent;

    pthread_mutex_t lock;
    struct mill_s3 *s3; /* opened when it is first needed; under lock */
};

/* Without a tracking server; destination is a location. Texts are copied. MILL_E_NOMEM. */
enum mill_status mill_places_init(struct mill_places *places, struct mill_view destination,
                                  struct mill_view user_agent, struct mill_error *err);

/* With one, which must live as long; workspace: it is a Databricks workspace. */
enum mill_status mill_places_init_server(struct mill_places *places, struct mill_remote *server,
                                         bool workspace, struct mill_view user_agent,
                                         struct mill_error *err);

/* No files may be open. A zeroed struct is allowed. */
void mill_places_release(struct mill_places *places);

/* Opens the files at an artifact location:
 *
 *   PATH, file:PATH              a directory of this machine
 *   mlflow-artifacts:/PATH       behind the tracking server, or below the destination
 *   mlflow-artifacts://HOST/PATH, http(s)://HOST/.../mlflow-artifacts/artifacts/PATH
 *                                behind that server: with the credentials of the tracking
 * server if that is its host, with none otherwise s3://BUCKET/PATH             an S3 service
 *   dbfs:/PATH                   a Databricks workspace: the tracking server if it is one, else
 *                                that of the environment or the default profile
 *   dbfs://PROFILE@databricks/PATH
 *                                the workspace of a profile
 *
 * MILL_E_UNSUPPORTED names the scheme of others. MILL_E_INVALID for a location that leads out
 * of its root or cannot be read; else what opening that storage fails with. */
enum mill_status mill_places_open(struct mill_places *places, struct mill_view location,
                                  struct mill_files **out, struct mill_error *err);

#endif
