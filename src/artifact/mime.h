/* mime.h - the content type of an artifact, by its name. Any thread. */
#ifndef MILL_ARTIFACT_MIME_H
#define MILL_ARTIFACT_MIME_H

#include <millstream/error.h>

/* The media type for the last segment of path, "application/octet-stream" when its ending is
 * not known. What people read (logs, tables, code, JSON, MLmodel) is text/plain, as the
 * protocol's browser pages expect. Never NULL; a constant. */
const char *mill_mime_type(struct mill_view path);

#endif
