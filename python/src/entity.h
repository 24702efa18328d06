/* entity.h - what people track, as Python objects: types that are made of tables.
 *
 * An entity has read-only attributes, a constructor, a repr, iteration over (name, value),
 * to_dictionary and from_dictionary, and can be copied and pickled. All of it comes from the
 * rows of its table, and so does the way from the library's struct to the object. */
#ifndef PYMILL_ENTITY_H
#define PYMILL_ENTITY_H

#include "module.h"

/* How an attribute is kept in C, and so how it becomes an object. */
enum pymill_kind {
    PYMILL_TEXT,     /* struct mill_view; absent is None */
    PYMILL_NUMBER,   /* int64_t; MILL_ABSENT is None */
    PYMILL_ID,       /* int64_t, given as str */
    PYMILL_REAL,     /* double */
    PYMILL_FLAG,     /* bool */
    PYMILL_NAMED,    /* an enum, given as the text that `name_of` has for it */
    PYMILL_TAGS,     /* array of struct mill_tag, given as a dict */
    PYMILL_PARAMS,   /* array of struct mill_param, likewise */
    PYMILL_POINTS,   /* array of struct mill_metric, likewise */
    PYMILL_ALIASES,  /* array of struct mill_model_alias, likewise, of str */
    PYMILL_TEXTS,    /* array of struct mill_view, given as a list of str */
    PYMILL_PART,     /* the struct of another entity */
    PYMILL_LIST,     /* array of structs of another entity, given as a list */
    PYMILL_MAPPED,   /* the same; a dict of key and value in to_dictionary */
    PYMILL_MEASURED, /* array of struct mill_logged_model_metric, given as a list of Metric */
    PYMILL_GIVEN     /* not in C: what the constructor was given, else the row's default */
};

/* One attribute. The rows of a type are in the order of the constructor's arguments. */
struct pymill_field {
    const char *name;
    const char *doc;
    enum pymill_kind kind;
    size_t offset;       /* in the struct */
    size_t count_offset; /* of the length of an array */
    enum pymill_entity_id part;
    const char *(*name_of)(int value);
    const char *argument;  /* of the constructor, where it is not the name */
    bool optional;         /* the constructor can do without it */
    const char *otherwise; /* text that then stands for it; NULL: None, or an empty container */
};

enum pymill_equality {
    PYMILL_SAME,     /* equal is only the object itself */
    PYMILL_BY_VALUE, /* of the same type with equal attributes; no hash */
    PYMILL_HASHED,   /* the same, with a hash */
    PYMILL_BY_KEY    /* of the same type with an equal first attribute; hashed by it */
};

struct pymill_entity_type {
    const char *name; /* with its module */
    const char *doc;
    const struct pymill_field *fields;
    size_t field_count;
    size_t struct_size; /* in C, 0 if there is none */
    enum pymill_equality equality;
    const char *alias; /* a second name of the first attribute, or NULL */
    const char *html;  /* function of millstream.notebook that shows it, or NULL */
    void *constructor; /* tp_new: says which of the tables it is for */
};

/* Fields of the largest type. */
#define PYMILL_MAX_FIELDS 24

/* Rows of PYMILL_ENTITY_COUNT types. */
extern const struct pymill_entity_type pymill_entity_types[];

/* An object of one of the types. */
struct pymill_entity {
    PyObject_HEAD const struct pymill_entity_type *type;
    PyObject *values[]; /* one for each field */
};

static inline struct pymill_entity *pymill_entity_of(PyObject *object)
{
    return (struct pymill_entity *)object;
}

/* Makes the types and adds them to the module. */
int pymill_entities_init(PyObject *module, struct pymill_state *state);

/* tp_new of all types, behind each one's own. */
PyObject *pymill_entity_construct(const struct pymill_entity_type *table, PyTypeObject *type,
                                  PyObject *args, PyObject *kwargs);

/* tp_iter, which goes through pairs of name and value; tp_repr; _repr_html_ by the type's
 * function of millstream.notebook. */
PyObject *pymill_entity_iterate(PyObject *self);
PyObject *pymill_entity_repr(PyObject *self);
PyObject *pymill_entity_html(PyObject *self, PyObject *unused);

/* A new object of the type, whose values are NULL, for the caller to fill. */
struct pymill_entity *pymill_entity_new(struct pymill_state *state, enum pymill_entity_id id);

/* The struct of the library as an object. */
PyObject *pymill_entity_from(struct pymill_state *state, enum pymill_entity_id id,
                             const void *value);

/* A list of entities, of the items of one of the library's lists. */
PyObject *pymill_entity_list(struct pymill_state *state, enum pymill_entity_id id,
                             const void *const *items, size_t count);

/* The same as a PagedList, whose token is None when it is absent. */
PyObject *pymill_entity_page(struct pymill_state *state, enum pymill_entity_id id,
                             const void *const *items, size_t count, struct mill_view token);

/* The struct of the library as a dict of a table's names and values: for what is an object of
 * the package's own, and a tuple of a list of them and the token of the page behind it. */
struct pymill_table {
    const struct pymill_field *fields;
    size_t count;
};
PyObject *pymill_dict_from(struct pymill_state *state, const struct pymill_table *table,
                           const void *value);
PyObject *pymill_dict_page(struct pymill_state *state, const struct pymill_table *table,
                           const void *const *items, size_t count, struct mill_view token);

/* Text as str; absent is None. */
PyObject *pymill_str(struct mill_view text);

#endif
