/* answer.h - reads HTTP/1.1 answers piece by piece as they arrive on a connection. */
#ifndef MILL_BENCH_ANSWER_H
#define MILL_BENCH_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#define MILL_ANSWER_HEAD_MAX 16384
#define MILL_ANSWER_KEEP     65536 /* how much of a body is kept to be looked at */

enum mill_answer_state {
    MILL_ANSWER_HEAD,
    MILL_ANSWER_LENGTH,     /* in a body of known length */
    MILL_ANSWER_CHUNK_SIZE, /* in a chunk's size line */
    MILL_ANSWER_CHUNK,
    MILL_ANSWER_CHUNK_END,
    MILL_ANSWER_TRAILER,
    MILL_ANSWER_DONE,
    MILL_ANSWER_BROKEN
};

struct mill_answer {
    enum mill_answer_state state;
    int status;
    int closes; /* the server said it will close the connection */
    uint64_t left;
    uint64_t body_len;
    size_t line_len;
    const char *needle; /* counted in the body as it passes; NULL for none */
    size_t needle_len;
    uint64_t found;
    size_t head_len;
    size_t kept_len;
    size_t carry_len;
    char carry[256];
    char head[MILL_ANSWER_HEAD_MAX + 1];
    char kept[MILL_ANSWER_KEEP + 1];
};

/* Gets ready for the next answer; needle (may be NULL) is borrowed, at most 127 bytes. */
void mill_answer_begin(struct mill_answer *answer, const char *needle);

/* Takes bytes from the connection; returns how many belonged to this answer. */
size_t mill_answer_feed(struct mill_answer *answer, const char *bytes, size_t len);

/* Copies a text value out of the kept body; key comes with its quotes. Returns -1 if it is not
 * there or does not fit. */
int mill_answer_value(const struct mill_answer *answer, const char *key, char *out, size_t max);

#endif
