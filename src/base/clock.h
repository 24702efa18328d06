/* clock.h - time of day, monotonic time, random bytes and ids. Any thread. */
#ifndef MILL_BASE_CLOCK_H
#define MILL_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Milliseconds since the Unix epoch. */
int64_t mill_now_ms(void);

/* Nanoseconds of a clock that never goes back; only differences mean anything. */
int64_t mill_monotonic_ns(void);

/* Fills bytes with random data from the operating system. Fork-safe. */
void mill_random_bytes(void *bytes, size_t len);

/* Writes 32 lower-case hex digits of a random version 4 UUID and a NUL. */
void mill_random_hex32(char out[33]);

/* The same with the time in the last 12 digits: an index over the digits from there on grows at
 * its end, where random ids would change a page of it each. 74 bits are random. */
void mill_timed_hex32(int64_t now_ms, char out[33]);

#endif
