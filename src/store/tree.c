/* tree.c - small things that several parts of the file store need; see tree.h. */
#include "store/tree.h"

#include <limits.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/view.h"

void mill_tree_warn(const struct mill_error *why)
{
    mill_log(MILL_LOG_WARN, "%s; it is left out", why->message);
}

enum mill_status mill_tree_read_meta(const struct mill_tree_dir *dir, const char *name,
                                     size_t max, struct mill_arena *arena,
                                     struct mill_yaml **out, struct stat *info,
                                     struct mill_error *err)
{
    struct mill_buf bytes = {0};
    struct mill_error why;
    enum mill_status st = mill_tree_read_settled(dir, name, max, &bytes, info, err);
    if (st == MILL_OK) {
        /* Views of the parsed file point into its text. */
        struct mill_view text = mill_arena_copy(arena, mill_buf_view(&bytes));
        if (text.ptr == NULL)
            st = mill_no_memory(err);
        else if ((st = mill_yaml_read(text, arena, out, &why)) != MILL_OK)
            st = mill_tree_blame(dir, name, st, &why, err);
    }
    mill_buf_release(&bytes);
    return st;
}

enum mill_status mill_tree_write_meta(const struct mill_tree_dir *dir, const char *name,
                                      const struct mill_yaml *meta, struct mill_tree_sync *sync,
                                      struct mill_error *err)
{
    struct mill_buf bytes = {0};
    struct mill_error why;
    enum mill_status st = mill_yaml_write(meta, &bytes, &why);
    if (st != MILL_OK)
        st = mill_tree_blame(dir, name, st, &why, err);
    else if (bytes.failed)
        st = mill_no_memory(err);
    else
        st = mill_tree_replace(dir, name, mill_buf_view(&bytes), sync, err);
    mill_buf_release(&bytes);
    return st;
}

const char *mill_tree_name_problem(struct mill_view name)
{
    struct mill_view rest = name;
    if (name.len == 0 || name.len > PATH_MAX / 2)
        return "is empty or too long for the name of a file";
    if (memchr(name.ptr, '\0', name.len) != NULL)
        return "has a NUL byte";
    while (rest.ptr != NULL) {
        struct mill_view part;
        rest = mill_view_cut(rest, '/', &part);
        if (part.len == 0 || mill_view_eq(part, MILL_VIEW(".")) ||
            mill_view_eq(part, MILL_VIEW("..")))
            return "is not a plain relative path";
        if (part.len > NAME_MAX)
            return "has a part of more than 255 bytes, too long for the name of a file";
    }
    return NULL;
}

bool mill_tree_is_experiment_id(const char *name, int64_t *id_out)
{
    struct mill_view text = mill_view_of(name);
    bool plain = text.ptr[0] >= '1' && text.ptr[0] <= '9';
    return (plain || mill_view_eq(text, MILL_VIEW("0"))) && mill_view_int(text, id_out);
}
