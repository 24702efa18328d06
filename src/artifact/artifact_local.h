/* artifact_local.h - the artifact store in a local directory, for artifact.c alone. */
#ifndef MILL_ARTIFACT_ARTIFACT_LOCAL_H
#define MILL_ARTIFACT_ARTIFACT_LOCAL_H

#include "artifact/artifact.h"

/* The store rooted at path, absolute or relative to the working directory, which need not
 * exist yet. */
enum mill_status mill_artifact_local_open(struct mill_view path,
                                          struct mill_artifact_store **out,
                                          struct mill_error *err);

#endif
