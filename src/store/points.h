/* points.h - metric points as bytes: the tails that commits append and the segments that the
 * background merge makes of them, and lists of points in memory.
 *
 * A tail holds points of any keys of one run as they were logged. A segment holds points of
 * one series, sorted by mill_point_cmp, without repeats. Both are delta-coded; both decoders
 * take damaged bytes and answer MILL_E_CORRUPT. */
#ifndef MILL_STORE_POINTS_H
#define MILL_STORE_POINTS_H

#include "base/buf.h"
#include "store/store.h"

/* More points than a segment ever holds; a decoder refuses a larger count. */
#define MILL_SEGMENT_MAX 4096

/* Growing list of points. Zeroed is empty. */
struct mill_points {
    struct mill_point *items;
    size_t count, cap;
};

bool mill_points_add(struct mill_points *list, struct mill_point point);
void mill_points_release(struct mill_points *list);

/* Orders by step, timestamp, value, where NaN counts as 0 and comes behind it: the order in
 * which the largest point is the latest one. <0, 0 or >0; 0 only for equal points. */
int mill_point_cmp(const struct mill_point *a, const struct mill_point *b);

/* The same with timestamp before step: the order of a history. */
int mill_point_cmp_time(const struct mill_point *a, const struct mill_point *b);

typedef int mill_point_order(const struct mill_point *a, const struct mill_point *b);

/* Sorts (for free when sorted already) and drops exact repeats. */
void mill_points_sort(struct mill_points *list, mill_point_order *order);

/* A tail being written. Zeroed is empty; the bytes are released by their owner. */
struct mill_tail {
    struct mill_buf bytes;
    int64_t last_time;
};

/* Infinity becomes what databases keep of it. */
void mill_tail_add(struct mill_tail *tail, const struct mill_metric *metrics, size_t count);

/* Calls each for every point of a tail, in the order in which they were logged; key points
 * into the tail. Stops at the first status that is not MILL_OK and returns it. */
typedef enum mill_status mill_tail_visit(void *context, struct mill_view key,
                                         struct mill_point point, struct mill_error *err);
enum mill_status mill_tail_each(struct mill_view tail, mill_tail_visit *each, void *context,
                                struct mill_error *err);

/* Appends the bytes of a segment of count sorted points (1 to MILL_SEGMENT_MAX). */
void mill_segment_encode(struct mill_buf *out, const struct mill_point *points, size_t count);

/* Appends a segment's points to the list. */
enum mill_status mill_segment_decode(struct mill_view segment, struct mill_points *list,
                                     struct mill_error *err);

/* Picks a sample of a series that is shown to it piece by piece in order: the first point of
 * each of max_points buckets of even size (the first ones get the extra points), and the last
 * point of all; see mill_store_sample. */
struct mill_picker {
    struct mill_point *points; /* the caller's, room for min(count, max_points) */
    size_t picked, max_points;
    size_t seen, next;    /* points seen; the one that begins the next bucket */
    size_t small, larger; /* points in a bucket; how many buckets have one more */
    struct mill_point last;
};

void mill_picker_init(struct mill_picker *p, struct mill_point *points, size_t max_points,
                      size_t count);
void mill_picker_see(struct mill_picker *p, const struct mill_point *points, size_t count);

/* Adds the last point and gives the number of points picked. */
size_t mill_picker_finish(struct mill_picker *p);

#endif
