/* layout.h - an immutable thing in one block of memory: laid out in two passes of the same
 * code, one that only counts bytes, one that copies. */
#ifndef MILL_STORE_LAYOUT_H
#define MILL_STORE_LAYOUT_H

#include <stddef.h>

#include <millstream/types.h>

#include "base/view.h"

/* Where the next list and the next text go. With a NULL base only the sizes count. */
struct mill_layout {
    char *base;
    size_t at;
};

static inline void *mill_layout_put(struct mill_layout *out, const void *bytes, size_t len,
                                    size_t align)
{
    out->at = (out->at + align - 1) & ~(align - 1);
    char *place = out->base != NULL ? out->base + out->at : NULL;
    if (place != NULL && len != 0)
        memcpy(place, bytes, len);
    out->at += len;
    return place;
}

static inline void *mill_layout_list(struct mill_layout *out, const void *items, size_t count,
                                     size_t size)
{
    return count != 0 ? mill_layout_put(out, items, count * size, _Alignof(max_align_t)) : NULL;
}

static inline struct mill_view mill_layout_text(struct mill_layout *out, struct mill_view text)
{
    if (text.ptr == NULL)
        return text;
    if (text.len == 0)
        return MILL_VIEW("");
    return (struct mill_view){mill_layout_put(out, text.ptr, text.len, 1), text.len};
}

static inline struct mill_tag *mill_layout_tags(struct mill_layout *out,
                                                const struct mill_tag *tags, size_t count)
{
    struct mill_tag *copy = mill_layout_list(out, tags, count, sizeof(*tags));
    for (size_t i = 0; i < count; i++) {
        struct mill_tag tag = {mill_layout_text(out, tags[i].key),
                               mill_layout_text(out, tags[i].value)};
        if (copy != NULL)
            copy[i] = tag;
    }
    return copy;
}

#endif
