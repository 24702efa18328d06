/* row_page.c - pages of rows: holds the rows, and unpacks all of them or one after the other.
 * See row_page.h and store.h. */
#include "store/row_page.h"

#include "base/alloc.h"

/* What an emptied scratch arena keeps. */
#define SCRATCH_BYTES 65536

/* What a page owns. */
struct page_rows {
    struct mill_arena arena; /* of the runs, once there are any */
    bool info_only;
    size_t count;
    struct mill_row *rows[];
};

static void page_release(struct mill_run_page *page)
{
    struct page_rows *owner = page->owner;
    for (size_t i = 0; i < owner->count; i++)
        mill_row_unref(owner->rows[i]);
    mill_arena_release(&owner->arena);
    mill_free(owner);
}

static bool unpack(const struct page_rows *owner, size_t index, struct mill_arena *arena,
                   struct mill_run *out)
{
    const struct mill_row *row = owner->rows[index];
    if (!owner->info_only)
        return mill_row_unpack(row, arena, out);
    *out = (struct mill_run){0};
    return mill_row_unpack_info(row, arena, &out->info);
}

static enum mill_status no_memory(size_t count, struct mill_error *err)
{
    return mill_fail(err, MILL_E_NOMEM, "out of memory for a page of %zu runs", count);
}

enum mill_status mill_row_page(struct mill_row **rows, size_t count, struct mill_page_form form,
                               struct mill_run_page *out, struct mill_error *err)
{
    struct page_rows *owner = mill_alloc(sizeof(*owner) + count * sizeof(struct mill_row *));
    if (owner == NULL) {
        for (size_t i = 0; i < count; i++)
            mill_row_unref(rows[i]);
        return no_memory(count, err);
    }
    owner->arena = (struct mill_arena){0};
    owner->info_only = form.info_only;
    owner->count = count;
    for (size_t i = 0; i < count; i++)
        owner->rows[i] = rows[i];
    struct mill_run_page page = {.count = count, .owner = owner, .release = page_release};
    enum mill_status st = form.lean ? MILL_OK : mill_run_page_unpack(&page, err);
    if (st == MILL_OK)
        *out = page;
    else
        mill_run_page_release(&page);
    return st;
}

enum mill_status mill_run_page_unpack(struct mill_run_page *page, struct mill_error *err)
{
    struct page_rows *owner = page->owner;
    size_t count = page->count;
    if (page->runs != NULL || owner == NULL)
        return MILL_OK;
    struct mill_run *runs = mill_arena_alloc(&owner->arena, count * sizeof(*runs));
    const struct mill_run **pointers =
        mill_arena_alloc(&owner->arena, count * sizeof(struct mill_run *));
    if (runs == NULL || pointers == NULL)
        return no_memory(count, err);
    for (size_t i = 0; i < count; i++) {
        if (!unpack(owner, i, &owner->arena, &runs[i]))
            return no_memory(count, err);
        pointers[i] = &runs[i];
    }
    page->runs = pointers;
    return MILL_OK;
}

const struct mill_run *mill_run_page_read(const struct mill_run_page *page, size_t index,
                                          struct mill_run_scratch *scratch)
{
    const struct page_rows *owner = page->owner;
    if (page->runs != NULL)
        return page->runs[index];
    mill_arena_reset(&scratch->arena, SCRATCH_BYTES);
    return unpack(owner, index, &scratch->arena, &scratch->run) ? &scratch->run : NULL;
}

void mill_run_scratch_release(struct mill_run_scratch *scratch)
{
    mill_arena_release(&scratch->arena);
}
