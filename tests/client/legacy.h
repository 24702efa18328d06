/* legacy.h - what the rows of the legacy matrix share: a client on the URI under test, names
 * that nobody else uses, and the report.
 *
 * A row is a function that makes one call of the API of MLflow 0.9 and 1.0 in all its cases.
 * Each case becomes one line of JSON on standard output:
 *
 *   {"row": "create_run", "case": "starts now", "ok": true}
 *
 * and one that fails has a "message" besides. */
#ifndef MILL_TESTS_LEGACY_H
#define MILL_TESTS_LEGACY_H

#include <millstream/millstream.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct legacy {
    struct mill_client *client;
    struct mill_view uri;
    const char *name_prefix; /* of experiments */
    char home[64];           /* a directory of the program's own, where it runs */
    const char *row;
    int failed;
    enum mill_status status; /* of the last call through a macro */
    struct mill_error err;
};

struct row {
    const char *name;
    void (*run)(struct legacy *l);
};

extern const struct row legacy_experiment_rows[], legacy_run_rows[], legacy_artifact_rows[],
    legacy_uri_rows[]; /* each ends with a row without a name */

/* Notes what became of a case. detail is for people when it failed; it may be NULL. */
void legacy_note(struct legacy *l, const char *what, bool ok, const char *detail);

/* Notes a case that is a call: good when its status is one of two. */
void legacy_gives(struct legacy *l, const char *what, enum mill_status first,
                  enum mill_status second);

/* A call that a row cannot do without: when it fails, the row ends there. */
#define MUST(call)                                                                             \
    do {                                                                                       \
        l->status = (call);                                                                    \
        if (l->status != MILL_OK) {                                                            \
            legacy_gives(l, #call, MILL_OK, MILL_OK);                                          \
            return;                                                                            \
        }                                                                                      \
    } while (0)

/* A case that is a condition, and one that is a call with the status it must give. */
#define CASE(what, condition) legacy_note(l, what, condition, #condition)
#define GIVES(what, call, expected)                                                            \
    do {                                                                                       \
        l->status = (call);                                                                    \
        legacy_gives(l, what, expected, expected);                                             \
    } while (0)
#define GIVES_EITHER(what, call, one, other)                                                   \
    do {                                                                                       \
        l->status = (call);                                                                    \
        legacy_gives(l, what, one, other);                                                     \
    } while (0)

/* --- helpers --------------------------------------------------------------------------- */

bool view_is(struct mill_view view, const char *text);
struct mill_view absent(void);
int64_t now_ms(void);

/* Longer than the clock needs for its next millisecond: what follows is newer. */
void wait_a_moment(void);

/* The value of a tag; absent when there is none. */
struct mill_view tag_of(const struct mill_run *run, const char *key);

/* A name for an experiment that nobody has: what it says, with a number behind. The text is
 * kept until the next sixteen. */
struct mill_view new_name(struct legacy *l, const char *what);

/* Makes an experiment, or a run with an id of up to 63 bytes in it. */
enum mill_status new_experiment(struct legacy *l, const char *what, int64_t *id_out);
enum mill_status new_run(struct legacy *l, int64_t experiment_id, char id_out[64]);

/* No thing has these ids. */
#define NO_EXPERIMENT INT64_C(99999999)
struct mill_view no_run(void);

#endif
