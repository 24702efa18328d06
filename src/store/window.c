/* window.c - see window.h. A quicksort that leaves out what nobody asked for. */
#include "store/window.h"

#include <stdint.h>

/* Ranges up to this long are sorted as a whole. */
#define SMALL 16

struct sorter {
    struct mill_found *items;
    mill_found_cmp *cmp;
    const void *context;
    uint64_t random;
};

static int compare(const struct sorter *s, const struct mill_found *a,
                   const struct mill_found *b)
{
    if (a->key < b->key)
        return -1;
    if (a->key > b->key)
        return 1;
    return s->cmp(a->thing, b->thing, s->context);
}

static void swap(struct mill_found *a, struct mill_found *b)
{
    struct mill_found c = *a;
    *a = *b;
    *b = c;
}

static void insertion_sort(const struct sorter *s, struct mill_found *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct mill_found c = items[i];
        size_t j = i;
        for (; j > 0 && compare(s, &c, &items[j - 1]) < 0; j--)
            items[j] = items[j - 1];
        items[j] = c;
    }
}

/* Splits the range at a random pivot; returns its place. */
static size_t partition(struct sorter *s, size_t begin, size_t end)
{
    s->random = s->random * 6364136223846793005u + 1442695040888963407u;
    swap(&s->items[begin], &s->items[begin + (s->random >> 33) % (end - begin)]);
    struct mill_found pivot = s->items[begin];
    size_t i = begin, j = end;
    for (;;) {
        do
            i++;
        while (i < end && compare(s, &s->items[i], &pivot) < 0);
        do
            j--;
        while (compare(s, &pivot, &s->items[j]) < 0);
        if (i >= j)
            break;
        swap(&s->items[i], &s->items[j]);
    }
    swap(&s->items[begin], &s->items[j]);
    return j;
}

static void sort(struct sorter *s, size_t begin, size_t end, size_t from, size_t to)
{
    while (begin < end && from < end && to > begin) {
        if (end - begin <= SMALL) {
            insertion_sort(s, s->items + begin, end - begin);
            return;
        }
        size_t middle = partition(s, begin, end);
        if (middle - begin < end - middle) {
            sort(s, begin, middle, from, to);
            begin = middle + 1;
        } else {
            sort(s, middle + 1, end, from, to);
            end = middle;
        }
    }
}

void mill_sort_window(struct mill_found *items, size_t count, size_t from, size_t to,
                      mill_found_cmp *cmp, const void *context)
{
    struct sorter s = {items, cmp, context, 0x9e3779b97f4a7c15u};
    if (from < to)
        sort(&s, 0, count, from, to);
}
