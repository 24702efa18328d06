/* subject_client.h - the public client on a tracking URI as a subject of the conformance
 * suite. */
#ifndef MILL_TESTS_SUBJECT_CLIENT_H
#define MILL_TESTS_SUBJECT_CLIENT_H

#include "store/subject.h"

/* The client on that URI, which must outlive the subject; ways says what the thing behind it
 * does its own way besides what all clients do. folder is as in struct subject. */
struct subject *subject_client_new(const char *name, const char *uri, unsigned ways,
                                   const char *folder);
void subject_client_free(struct subject *subject);

#endif
