/* suggest.h - "did you mean": the known word nearest to what was typed. */
#ifndef MILL_CLI_SUGGEST_H
#define MILL_CLI_SUGGEST_H

#include "base/view.h"

/* Offers one word. *nearest becomes word when it is like typed (a few letters differ, or
 * typed is its beginning) and more so than all before; start with NULL and SIZE_MAX. */
void mill_suggest(const char *word, struct mill_view typed, const char **nearest,
                  size_t *distance);

#endif
