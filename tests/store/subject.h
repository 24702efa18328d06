/* subject.h - what the conformance suite needs of the thing under test, be it a store of this
 * process (subject_store.c) or the public client on a tracking URI (client/subject_client.c).
 *
 * Writes are changes, as everywhere. What a read hands out stays valid until the subject is
 * reopened or closed. One thread. */
#ifndef MILL_TESTS_SUBJECT_H
#define MILL_TESTS_SUBJECT_H

#include <millstream/types.h>

#include "model/change.h"

/* What a subject does its own way. A case that meets one of these says what it expects then. */
enum subject_way {
    SUBJECT_CHOOSES_RUN_IDS = 1 << 0,    /* the run id of a change is not heeded */
    SUBJECT_HAS_OWN_CLOCK = 1 << 1,      /* nor is its now_ms */
    SUBJECT_UPDATES_SILENTLY = 1 << 2,   /* an updated run has to be read */
    SUBJECT_NO_JSON_TAGS = 1 << 3,       /* cannot append to a JSON list in a tag */
    SUBJECT_NO_STEP_RANGES = 1 << 4,     /* samples are of the whole series */
    SUBJECT_NO_DEFAULT = 1 << 5,         /* there is no experiment 0 */
    SUBJECT_MISSES_EXPERIMENTS = 1 << 6, /* searching an unknown one is MILL_E_NOT_FOUND */
    SUBJECT_REFUSES_BY_STATE = 1 << 7,   /* renaming a deleted experiment: MILL_E_BAD_REQUEST */
    SUBJECT_KEEPS_INFINITY = 1 << 8      /* as such, not as the largest number */
};

/* One page of a search. */
struct subject_search {
    const char *filter;
    const char *order_by; /* NULL: the default order */
    enum mill_view_type view_type;
    int64_t skip;
    int64_t limit; /* at most SUBJECT_PAGE */
};

#define SUBJECT_PAGE    100
#define SUBJECT_CHANGES 16

struct subject_experiments {
    const struct mill_experiment *items[SUBJECT_PAGE];
    size_t count;
    bool more;
};

struct subject_runs {
    const struct mill_run *items[SUBJECT_PAGE];
    size_t count;
    bool more;
};

/* Where points go: room for capacity of them. */
struct subject_points {
    struct mill_point *items;
    size_t capacity;
    size_t count;
};

struct subject;

struct subject_ops {
    /* Opens something that no other test writes to; ends the test when that fails. */
    void (*open)(struct subject *subject);
    /* Ends the handle and opens the same again. What only lives in memory stays open. */
    void (*reopen)(struct subject *subject);
    void (*close)(struct subject *subject);

    /* Makes the changes in order, together where that can be; each outcome says what became
     * of its change. At most SUBJECT_CHANGES. */
    void (*apply)(struct subject *subject, struct mill_change *changes,
                  struct mill_outcome *outcomes, size_t count);

    enum mill_status (*get_experiment)(struct subject *subject, int64_t experiment_id,
                                       const struct mill_experiment **out,
                                       struct mill_error *err);
    enum mill_status (*get_experiment_by_name)(struct subject *subject, struct mill_view name,
                                               const struct mill_experiment **out,
                                               struct mill_error *err);
    enum mill_status (*search_experiments)(struct subject *subject,
                                           const struct subject_search *search,
                                           struct subject_experiments *out,
                                           struct mill_error *err);
    enum mill_status (*get_run)(struct subject *subject, struct mill_view run_id,
                                const struct mill_run **out, struct mill_error *err);
    enum mill_status (*search_runs)(struct subject *subject, int64_t experiment_id,
                                    const struct subject_search *search,
                                    struct subject_runs *out, struct mill_error *err);
    /* The points behind the first skip, read in pages of page_size where that can be chosen. */
    enum mill_status (*history)(struct subject *subject, struct mill_view run_id,
                                struct mill_view key, int64_t skip, size_t page_size,
                                struct subject_points *out, struct mill_error *err);
    enum mill_status (*sample)(struct subject *subject, struct mill_view run_id,
                               struct mill_view key, int64_t start_step, int64_t end_step,
                               size_t max_points, struct subject_points *out,
                               struct mill_error *err);
};

/* Common part; an implementation embeds it first. */
struct subject {
    const struct subject_ops *ops;
    const char *name;   /* for people */
    unsigned ways;      /* of enum subject_way */
    const char *folder; /* what names of experiments have to begin with; may be NULL */
};

/* A store of this process. The URI of a fresh one is scheme ("sqlite:///", "memory:" ...),
 * directory, which exists, and a number. All text must outlive the subject. */
struct subject *subject_store_new(const char *name, const char *scheme, const char *directory);
void subject_store_free(struct subject *subject);

#endif
