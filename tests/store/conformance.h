/* conformance.h - the suite that every store and every kind of tracking URI passes: what
 * store/store.h and millstream/client.h promise, as tests. */
#ifndef MILL_TESTS_CONFORMANCE_H
#define MILL_TESTS_CONFORMANCE_H

#include "subject.h"

/* Runs all cases on the subject, after saying what it does its own way; returns the number of
 * failures. */
int conformance_run(struct subject *subject);

/* Prints the names of the cases, one a line. */
void conformance_list(void);

/* The same for webhooks, on stores of a scheme ("sqlite:///", "memory:") that keeps them, in a
 * directory that exists; name is for people. */
int conformance_webhooks_run(const char *name, const char *scheme, const char *directory);

#endif
