/* files.c - paths of artifacts, as all kinds of storage use them. */
#include "files/files.h"

struct mill_view mill_path_join(struct mill_view a, struct mill_view b,
                                struct mill_arena *arena)
{
    bool both = a.len > 0 && b.len > 0;
    return mill_arena_printf(arena, "%.*s%s%.*s", MILL_FMT(a), both ? "/" : "", MILL_FMT(b));
}

bool mill_path_has_dots(struct mill_view path)
{
    while (path.len > 0) {
        struct mill_view segment;
        path = mill_view_cut(path, '/', &segment);
        if (mill_view_eq(segment, MILL_VIEW(".")) || mill_view_eq(segment, MILL_VIEW("..")))
            return true;
    }
    return false;
}

struct mill_view mill_path_without_slashes(struct mill_view path)
{
    while (mill_view_starts(path, MILL_VIEW("/")))
        path = mill_view_from(path, 1);
    while (mill_view_ends(path, MILL_VIEW("/")))
        path.len--;
    return path;
}
