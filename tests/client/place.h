/* place.h - a client of the tracking URI that a test program was given, or of a database made
 * for the occasion, and what its tests do with it. One thread. */
#ifndef MILL_TESTS_PLACE_H
#define MILL_TESTS_PLACE_H

#include <millstream/millstream.h>

extern struct mill_client *place_client;
extern struct mill_error place_err;

/* For cmocka's groups. */
int place_open(void **state);
int place_close(void **state);

/* Ends the test, with the message of place_err, when a call has failed. */
void place_must(enum mill_status st);

void place_assert_view(struct mill_view view, const char *text);

/* The main function of such a program: "PROGRAM KIND URI" on a server or a database, "PROGRAM
 * sqlite" on one that is made and removed. run gives the number of failures. The working
 * directory is one that is removed at the end. */
int place_main(int argc, char **argv, int (*run)(void));

#endif
