/* script.h - what the load driver sends: a list of requests with places to fill in.
 *
 * A script is a text file, one keyword a line:
 *
 *   list NAME FILE        words to choose from, one a line
 *   step NAME             begins a request; the lines below belong to it
 *   send METHOD PATH      e.g. "send POST /api/2.0/mlflow/runs/create"
 *   body TEXT             request body on this line, or
 *   body @FILE            the contents of FILE
 *   expect TEXT           the answer must contain TEXT
 *   count N TEXT          the answer must contain TEXT exactly N times
 *   capture KEY           remember the first "KEY": "value" of the answer as {{captured}}
 *
 * Paths and bodies may contain {{pick:NAME}} (a random word of the list), {{next:NAME}} (its
 * words in turn), {{step}} (a number that grows at each use), {{req}} (one that grows with each
 * request), {{rand}} (a random number in 0..1), {{now}} (milliseconds), {{captured}}. */
#ifndef MILL_BENCH_SCRIPT_H
#define MILL_BENCH_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#define MILL_SCRIPT_STEPS 32
#define MILL_SCRIPT_LISTS 8
#define MILL_CAPTURE_MAX  256

enum mill_slot {
    MILL_SLOT_TEXT,
    MILL_SLOT_PICK,
    MILL_SLOT_NEXT,
    MILL_SLOT_STEP,
    MILL_SLOT_REQ,
    MILL_SLOT_RAND,
    MILL_SLOT_NOW,
    MILL_SLOT_CAPTURED
};

struct mill_piece {
    enum mill_slot slot;
    uint32_t list;
    const char *text;
    size_t len;
};

struct mill_template {
    struct mill_piece *pieces;
    size_t count;
    size_t fixed_len; /* bytes of all text pieces */
};

struct mill_words {
    char name[32];
    char **words;
    size_t *lens;
    size_t longest;
    size_t count;
    size_t next;
};

struct mill_step {
    char name[64];
    char method[8];
    struct mill_template path;
    struct mill_template body;
    int has_body;
    char *expect;
    char *needle;
    uint64_t needle_count;
    char *capture; /* with its quotes */
};

struct mill_script {
    struct mill_step steps[MILL_SCRIPT_STEPS];
    size_t step_count;
    struct mill_words lists[MILL_SCRIPT_LISTS];
    size_t list_count;
    uint64_t next_step; /* counter behind {{step}} */
    uint64_t next_req;  /* counter behind {{req}} */
    uint64_t random;    /* state of the generator */
};

/* A rendered request, owned by one connection and reused. */
struct mill_request {
    char *buf;
    size_t capacity;
    size_t begin;
    size_t end;
};

/* Reads a script; says what is wrong on stderr and returns -1 if it is not one. */
int mill_script_load(struct mill_script *script, const char *path);

/* Writes the request of one step, head and body, into request. captured may be "". */
void mill_script_render(struct mill_script *script, const struct mill_step *step,
                        const char *captured, struct mill_request *request);

#endif
