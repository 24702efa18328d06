/* handlers.h - the functions in the route table, one block for each handlers_*.c. */
#ifndef MILL_SERVER_HANDLERS_H
#define MILL_SERVER_HANDLERS_H

#include "server/route.h"

/* --- handlers_artifacts.c --------------------------------------------------------------- */

mill_read_fn mill_read_list_artifacts;         /* GET artifacts/list: of a run */
mill_read_fn mill_read_list_proxied_artifacts; /* GET mlflow-artifacts/artifacts */
mill_read_fn mill_read_multipart;              /* POST mlflow-artifacts/mpu/...: 501 */
mill_raw_fn mill_raw_download_artifact;        /* GET mlflow-artifacts/artifacts/{path*} */
mill_raw_fn mill_raw_upload_artifact;          /* PUT the same; streamed */
mill_raw_fn mill_raw_delete_artifact;          /* DELETE the same */
mill_raw_fn mill_raw_presigned_artifact;       /* GET mlflow-artifacts/presigned/{path*}: 501 */
mill_raw_fn mill_raw_get_run_artifact;         /* GET /get-artifact */
mill_raw_fn mill_raw_upload_run_artifact;      /* POST mlflow/upload-artifact; streamed */

#endif
