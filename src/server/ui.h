/* ui.h - the files of a web page, from a directory on disk. */
#ifndef MILL_SERVER_UI_H
#define MILL_SERVER_UI_H

#include "artifact/artifact.h"

/* Opens the directory of --ui-dir. MILL_E_INVALID when it has no index.html. */
enum mill_status mill_ui_open(struct mill_view directory, struct mill_artifact_store **out,
                              struct mill_error *err);

#endif
