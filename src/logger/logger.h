/* logger.h - the logger behind <millstream/logger.h>, as its own files see it. */
#ifndef MILL_LOGGER_LOGGER_H
#define MILL_LOGGER_LOGGER_H

#include <pthread.h>
#include <stdatomic.h>

#include <millstream/logger.h>

#include "logger/delivery.h"
#include "logger/point_buffer.h"

/* What has been told already, so that it is told once. */
enum mill_trouble {
    MILL_TROUBLE_SERVER = 1 << 0, /* told again after it was over */
    MILL_TROUBLE_SPOOL = 1 << 1,
    MILL_TROUBLE_MEMORY = 1 << 2,
    MILL_TROUBLE_DISK = 1 << 3,
    MILL_TROUBLE_REFUSED = 1 << 4
};

struct mill_logger {
    struct mill_logger *next; /* in the list of all, see logger_process.c */
    struct mill_arena arena;  /* of options and open */
    struct mill_logger_options options;
    struct mill_view spool;
    struct mill_spool_open open;
    atomic_bool orphan; /* this process is a fork that has not used it yet */

    struct mill_client *client; /* MILL_MODE_STRICT only, where nothing below is used */

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
    bool ended;    /* the end is delivered */
    bool hurry;    /* somebody waits for delivery: do not wait out a pause */
    bool stopping; /* the threads are to end */
    unsigned told; /* of enum mill_trouble */

    pthread_t writing, delivering;
    bool has_writing, has_delivering;
    int running;                         /* of the two, those that have begun */
    struct mill_delivery delivery;       /* of the delivering thread */
    struct mill_client *delivery_client; /* under lock: to cancel what it waits for */
};

/* --- logger_options.c --- */

/* Checks and completes options into the logger's own copies. */
enum mill_status mill_logger_configure(struct mill_logger *logger,
                                       const struct mill_logger_options *options,
                                       struct mill_error *err);

/* --- logger_threads.c --- */

/* Opens the spool and starts the threads. */
enum mill_status mill_logger_start(struct mill_logger *logger, struct mill_error *err);

/* Ends the threads; delivery under way is cancelled. */
void mill_logger_stop(struct mill_logger *logger);

/* Writes points and pending records to the spool. The lock is held. */
enum mill_status mill_logger_write(struct mill_logger *logger, struct mill_error *err);

/* Tells the program about a trouble, once. The lock is held. */
void mill_logger_tell(struct mill_logger *logger, enum mill_trouble trouble,
                      const char *message);

/* --- logger_process.c --- */

/* Puts the logger on the list of those that forks and exits look after, or takes it off. */
void mill_logger_enlist(struct mill_logger *logger);
void mill_logger_delist(struct mill_logger *logger);

/* Gives the child of a fork a spool and threads of its own, at the first call there. */
enum mill_status mill_logger_adopt(struct mill_logger *logger, struct mill_error *err);

#endif
