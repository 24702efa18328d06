/* conformance.h - the suite that every store passes: what store.h promises, as tests. */
#ifndef MILL_TESTS_CONFORMANCE_H
#define MILL_TESTS_CONFORMANCE_H

#include "store/store.h"

/* How the suite gets a fresh store and reopens it. reopen may return the same store (memory
 * stores cannot be reopened); it ends the old handle otherwise. */
struct store_maker {
    const char *name;
    struct mill_store *(*make)(void);
    struct mill_store *(*reopen)(struct mill_store *store);
};

/* Runs all tests against the maker's stores; returns the number of failures. */
int conformance_run(const struct store_maker *maker);

#endif
