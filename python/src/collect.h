/* collect.h - arrays of the library's structs, made of Python's lists and dicts. */
#ifndef PYMILL_COLLECT_H
#define PYMILL_COLLECT_H

#include "module.h"

/* What the views of an array point into: objects that live as long as it does. */
struct pymill_keep {
    PyObject *list; /* NULL: nothing yet */
};

/* Text of an attribute or item, kept; as pymill_text and, where shown, with None as text. */
bool pymill_keep_text(struct pymill_keep *keep, PyObject *object, bool shown,
                      struct mill_view *text_out);
void pymill_release_keep(struct pymill_keep *keep);

struct pymill_tags {
    struct mill_tag *items;
    size_t count;
    struct pymill_keep keep;
};

/* Tags of a dict, or of a list of objects with key and value; NULL gives none. Values that are
 * no str become one. False with an exception set; to be released in any case. */
bool pymill_take_tags(struct pymill_tags *tags, PyObject *given);
void pymill_release_tags(struct pymill_tags *tags);

struct pymill_texts {
    struct mill_view *items;
    size_t count;
    struct pymill_keep keep;
};

/* Texts of a list of str, or of one str; NULL gives none. As above. */
bool pymill_take_texts(struct pymill_texts *texts, PyObject *given);
void pymill_release_texts(struct pymill_texts *texts);

struct pymill_numbers {
    int64_t *items;
    size_t count;
};

/* Ids of experiments, of a list of int or str, or of one; NULL gives none. As above. */
bool pymill_take_experiments(struct pymill_numbers *numbers, struct pymill_state *state,
                             PyObject *given);
void pymill_release_numbers(struct pymill_numbers *numbers);

/* Zeroed memory for so many items, at least for one; NULL with an exception set. */
void *pymill_new_items(size_t count, size_t size);

/* A sequence as a list of its own; NULL gives an empty one. New reference. */
PyObject *pymill_items(PyObject *given);

/* The view type of that number, that of active things for MILL_ABSENT. Others are passed on for
 * the library to refuse. */
enum mill_view_type pymill_view_type(int64_t number);

#endif
