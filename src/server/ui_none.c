/* ui_none.c - what stands for the pages in a program that was built without them. */
#include "server/ui_assets.h"

const struct mill_ui_asset mill_ui_assets[] = {{{NULL, 0}, {NULL, 0}, {NULL, 0}}};
const size_t mill_ui_asset_count = 0;
