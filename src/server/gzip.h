/* gzip.h - compression of answers. Any thread. */
#ifndef MILL_SERVER_GZIP_H
#define MILL_SERVER_GZIP_H

#include "base/buf.h"

/* Whether an Accept-Encoding header takes gzip. */
bool mill_gzip_accepted(struct mill_view accept_encoding);

/* Whether bodies of that type are worth compressing. */
bool mill_gzip_type(const char *content_type);

/* Appends all of bytes as one gzip member; false when out of memory. */
bool mill_gzip(struct mill_view bytes, struct mill_buf *out);

/* Appends what one gzip member of ours holds; false when out of memory or where it is none. */
bool mill_gunzip(struct mill_view bytes, struct mill_buf *out);

/* Compresses in pieces; NULL when out of memory. */
void *mill_deflater_new(void);
bool mill_deflater_add(void *deflater, struct mill_view bytes, bool end, struct mill_buf *out);
void mill_deflater_free(void *deflater);

#endif
