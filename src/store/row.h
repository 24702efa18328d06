/* row.h - a run as the stores keep it in memory: one immutable, packed block.
 *
 * Hundreds of thousands of rows stay in memory, so a row has only what is its own; keys and
 * what else neighbours have in common are in its shape. A change never edits a row, it makes a
 * new one; whoever holds a reference may read without a lock. Texts that are read from a row
 * live as long as the row. */
#ifndef MILL_STORE_ROW_H
#define MILL_STORE_ROW_H

#include <millstream/types.h>

#include "base/arena.h"
#include "base/buf.h"
#include "store/row_shape.h"

struct mill_row_slab;

/* Behind it, in this order:
 *   a pointer to struct mill_row_links, where has_links
 *   the latest value of each metric, as doubles
 *   run id, name, artifact URI (unless the shape has a location), the value of each param, and
 *   of each tag: a number, then that many bytes; see row_text.h for what the number says
 *   step and time of each metric's latest value, as differences
 * Numbers are those of base/varint.h. */
struct mill_row {
    unsigned refs;    /* atomic */
    uint32_t slab_at; /* how far it lies from the start of its slab; 0: it has its own block */
    struct mill_row_shape *shape; /* a reference */
    int64_t start_time;
    int64_t end_time;
    uint32_t bytes; /* of the whole row, and of its shape where nobody had it before */
    uint8_t status;
    uint8_t lifecycle;
    bool has_links;
    unsigned char data[];
};

/* What few runs have: a block of its own. */
struct mill_row_links {
    const struct mill_dataset_input *dataset_inputs;
    size_t dataset_input_count;
    const struct mill_model_input *model_inputs;
    size_t model_input_count;
    const struct mill_model_output *model_outputs;
    size_t model_output_count;
};

/* --- making (row.c) --- */

/* Makes rows. Zeroed but for shapes it makes a few, each in a block of its own; where many is
 * set, dozens of them share a piece of memory, which is given back with the last of them. One
 * thread at a time. */
struct mill_row_maker {
    struct mill_row_shapes *shapes;
    bool many;
    struct mill_row_slab *slab;
    struct mill_row_shape *last; /* the shape of the last row, or NULL */
    struct mill_arena sorted;
    struct mill_buf bytes;
};

void mill_row_maker_release(struct mill_row_maker *maker);

/* A deep copy of run with one reference, lists sorted by key; NULL when out of memory. */
struct mill_row *mill_row_make(struct mill_row_maker *maker, const struct mill_run *run);

/* The same for one row. */
struct mill_row *mill_row_new(struct mill_row_shapes *shapes, const struct mill_run *run);

/* One more and one reference less; the last one frees. unref accepts NULL. Any thread. */
struct mill_row *mill_row_ref(struct mill_row *row);
void mill_row_unref(struct mill_row *row);

/* --- reading (row_read.c) --- */

struct mill_view mill_row_run_id(const struct mill_row *row);
struct mill_view mill_row_name(const struct mill_row *row);

/* May be written into scratch, whose content it then is. Absent when out of memory, which the
 * scratch remembers. */
struct mill_view mill_row_artifact_uri(const struct mill_row *row, struct mill_buf *scratch);

/* All of a run but its lists; scratch as above, or NULL to leave out the artifact URI. */
void mill_row_info(const struct mill_row *row, struct mill_buf *scratch,
                   struct mill_run_info *out);

/* Whether there is a metric of that key; its latest value. */
bool mill_row_metric(const struct mill_row *row, struct mill_view key, double *value_out);

/* The value of the param or tag of that key; absent when there is none. */
struct mill_view mill_row_param(const struct mill_row *row, struct mill_view key);
struct mill_view mill_row_tag(const struct mill_row *row, struct mill_view key);

/* NULL when it has none. */
const struct mill_row_links *mill_row_links(const struct mill_row *row);

/* The same as mill_row_info, the artifact URI in arena. False when out of memory. */
bool mill_row_unpack_info(const struct mill_row *row, struct mill_arena *arena,
                          struct mill_run_info *out);

/* The whole run; its lists, and what texts the row does not have as they are, go to arena.
 * False when out of memory. */
bool mill_row_unpack(const struct mill_row *row, struct mill_arena *arena,
                     struct mill_run *out);

/* --- lists of a run --- */

/* The tag, param or metric of that key, or NULL: a binary search. */
const struct mill_tag *mill_run_tag(const struct mill_run *run, struct mill_view key);
const struct mill_param *mill_run_param(const struct mill_run *run, struct mill_view key);
const struct mill_metric *mill_run_metric(const struct mill_run *run, struct mill_view key);

#endif
