/* logger.h - the logger behind <millstream/logger.h>, as its own files see it. */
#ifndef MILL_LOGGER_LOGGER_H
#define MILL_LOGGER_LOGGER_H

#include <pthread.h>
#include <stdatomic.h>

#include <millstream/logger.h>

#include "logger/delivery.h"
#include "logger/point_buffer.h"

/* What a program is told about, each once. */
enum mill_trouble {
    MILL_TROUBLE_SERVER, /* told again after it was over */
    MILL_TROUBLE_SPOOL,
    MILL_TROUBLE_MEMORY,
    MILL_TROUBLE_DISK,
    MILL_TROUBLE_REFUSED,
    MILL_TROUBLE_COUNT
};

struct mill_news {
    bool known;   /* told, or about to be */
    bool waiting; /* to be told */
    char message[700];
};

struct mill_logger {
    struct mill_logger *next; /* in the list of all, see logger_process.c */
    struct mill_arena arena;  /* of options and open */
    struct mill_logger_options options;
    struct mill_view spool;
    struct mill_spool_open open;
    atomic_bool orphan; /* this process is a fork that has not used it yet */

    struct mill_client *client; /* MILL_MODE_STRICT only, where nothing below is used */
    bool spools;                /* what is below is made */

    struct mill_point_buffer points;
    pthread_mutex_t lock;     /* of what follows */
    pthread_cond_t work;      /* there is something to write */
    pthread_cond_t written;   /* there is something to deliver */
    pthread_cond_t delivered; /* something was delivered */
    pthread_cond_t try_again; /* the delivering thread need not wait out its pause */
    struct mill_spool_writer writer;
    struct mill_spool_place delivered_to;
    int64_t delivered_bytes; /* of the writer's total */
    int64_t files;           /* artifacts copied into the spool so far */
    struct mill_logger_counters counters;
    int64_t next_take_ns; /* at the disk limit points are taken that late */
    bool ended;           /* the end is delivered */
    bool stopping;        /* the threads are to end */
    int waiting;          /* callers that wait for delivery: pauses are short then */
    struct mill_news news[MILL_TROUBLE_COUNT];

    pthread_t writing, delivering;
    bool has_writing, has_delivering;
    int running;                         /* of the two, those that run */
    struct mill_delivery delivery;       /* of the delivering thread */
    struct mill_client *delivery_client; /* under lock: to cancel what it waits for */
};

/* --- logger_options.c --- */

/* Checks and completes options into the logger's own copies. */
enum mill_status mill_logger_configure(struct mill_logger *logger,
                                       const struct mill_logger_options *options,
                                       struct mill_error *err);

/* --- logger_threads.c --- */

/* Makes the lock and its conditions; also anew, in the child of a fork. */
void mill_logger_init_lock(struct mill_logger *logger);
void mill_logger_release_lock(struct mill_logger *logger);

/* Opens the spool and starts the threads. */
enum mill_status mill_logger_start(struct mill_logger *logger, struct mill_error *err);

/* Ends the threads; delivery under way is cancelled. */
void mill_logger_stop(struct mill_logger *logger);

/* The same for a process that ends, in two steps, so that the threads of all loggers end at the
 * same time: writes what waits and asks them to end; then waits at most so long until they
 * have. Frees nothing. */
void mill_logger_halt(struct mill_logger *logger);
void mill_logger_await(struct mill_logger *logger, int64_t most_ms);

/* Writes pending records and points to the spool; at the disk limit points only now and then,
 * unless now. The lock is held. */
enum mill_status mill_logger_write(struct mill_logger *logger, bool now,
                                   struct mill_error *err);

/* Has the program told about a trouble, once, by the writing thread. The lock is held. */
void mill_logger_tell(struct mill_logger *logger, enum mill_trouble trouble,
                      const char *message);

/* Waits for a condition until that many milliseconds have passed, or somebody signals; false
 * when they have. The lock is held. */
bool mill_logger_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t ms);

/* --- logger_process.c --- */

/* Puts the logger on the list of those that forks and exits look after, or takes it off. */
void mill_logger_enlist(struct mill_logger *logger);
void mill_logger_delist(struct mill_logger *logger);

/* Opens the client of the delivery, if it is not; no fork happens meanwhile. */
enum mill_status mill_logger_connect(struct mill_logger *logger, struct mill_error *err);

/* Lets go of what a logger has of its parent that the child of a fork has not used, so that it
 * can be freed; false, and nothing is done, where it is the child's own. */
bool mill_logger_disown(struct mill_logger *logger);

/* Gives the child of a fork a spool and threads of its own, at the first call there. */
enum mill_status mill_logger_adopt(struct mill_logger *logger, struct mill_error *err);

#endif
