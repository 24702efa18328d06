/* check.h - arguments of public calls, before any backend sees them: what would crash, lead a
 * backend astray or be taken differently by each. What a change carries besides is checked by
 * mill_change_check. All fail with MILL_E_INVALID and name the argument. */
#ifndef MILL_CLIENT_CHECK_H
#define MILL_CLIENT_CHECK_H

#include <millstream/millstream.h>

#include "model/change.h"

/* A struct that a caller fills in is at most as large in any version. */
#define MILL_MAX_STRUCT_BYTES 4096

/* Bytes of a struct up to that member, the last one that its first version had. */
#define MILL_FIRST(type, member)                                                               \
    (offsetof(struct type, member) + sizeof(((struct type *)NULL)->member))

/* Copies a struct that a caller has filled in, whose first member is its size, over copy, whose
 * every byte but size is zero already. given NULL leaves it so. A shorter one, of an older
 * header, has at least the members of the first version; a longer one, of a newer header, is
 * taken when what is not known here is zero. name is for the message. */
enum mill_status mill_take_struct(void *copy, size_t size, size_t first_size, const void *given,
                                  const char *name, struct mill_error *err);

/* Ids and times of a change: ids have their form, times are not before 1970. */
enum mill_status mill_check_ids(const struct mill_change *change, struct mill_error *err);

/* The same for calls that read. */
enum mill_status mill_check_experiment(int64_t experiment_id, struct mill_error *err);
enum mill_status mill_check_run(struct mill_view run_id, struct mill_error *err);

enum mill_status mill_check_logged_model(struct mill_view model_id, struct mill_error *err);

/* Text that may be absent, and text that may not: valid UTF-8 of at most max characters. */
enum mill_status mill_check_optional(const char *name, struct mill_view text, size_t max,
                                     struct mill_error *err);
enum mill_status mill_check_needed(const char *name, struct mill_view text, size_t max,
                                   struct mill_error *err);

/* A buffer for text that goes out: NULL only where its size is 0. */
enum mill_status mill_check_buffer(const char *buffer, size_t size, struct mill_error *err);

/* Tags of something that is created: keys of any form, each with a text. */
enum mill_status mill_check_tags(const struct mill_tag *tags, size_t count,
                                 struct mill_error *err);

/* The name of a local file or directory, and a path below a run's artifact location: text that
 * may be absent, without NUL bytes. Where a path may lead, mill_artifact_path_check says. */
enum mill_status mill_check_local(const char *name, struct mill_view path,
                                  struct mill_error *err);
enum mill_status mill_check_path(const char *name, struct mill_view path,
                                 struct mill_error *err);

/* Fills in and checks what queries have in common. The texts are borrowed. */
struct mill_query_parts {
    enum mill_view_type *view_type;
    int64_t *max_results;
    struct mill_view filter;
    const struct mill_view *order_by;
    size_t order_by_count;
    struct mill_view page_token;
};
enum mill_status mill_check_query(const struct mill_query_parts *parts, struct mill_error *err);

/* The experiments that a query names: at least one. */
enum mill_status mill_check_experiments(const int64_t *experiment_ids, size_t count,
                                        struct mill_error *err);

/* A view type of its own, as lists of everything take it; 0 becomes that of active ones. */
enum mill_status mill_check_view_type(enum mill_view_type *view_type, struct mill_error *err);

#endif
