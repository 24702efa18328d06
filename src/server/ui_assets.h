/* ui_assets.h - the files of our pages that are built into the program. tools/build-ui writes
 * them; where it did not run there are none. */
#ifndef MILL_SERVER_UI_ASSETS_H
#define MILL_SERVER_UI_ASSETS_H

#include <millstream/types.h>

struct mill_ui_asset {
    struct mill_view path; /* "index.html", "static/main-ABC.js" */
    struct mill_view gzip; /* the content, compressed */
    struct mill_view etag; /* with its quotes */
};

/* All of them, by path. Constant. */
extern const struct mill_ui_asset mill_ui_assets[];
extern const size_t mill_ui_asset_count;

#endif
