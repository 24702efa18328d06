/* list.c - see list.h. */
#include "base/list.h"

#include "base/alloc.h"

void *mill_list_add(struct mill_list *list)
{
    if (list->count == list->cap) {
        size_t cap = list->cap != 0 ? list->cap * 2 : 32;
        char *items = mill_realloc(list->items, cap * list->size);
        if (items == NULL)
            return NULL;
        list->items = items;
        list->cap = cap;
    }
    return list->items + list->count++ * list->size;
}
