/* logger_process.c - loggers and the life of the process: forks and exits. */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/exit.h"
#include "logger/delivery_run.h"
#include "logger/logger.h"

/* A program that ends waits at most so long for the threads of its loggers: libcurl looks once
 * a second whether a request is still wanted, and a busy machine takes longer. */
#define EXIT_MS 5000

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct mill_logger *list;
/* Held while a library is being loaded: the loader of a child that is forked in the middle of
 * that cannot load anything any more. */
static pthread_mutex_t load_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Everything is locked while the process is copied, so that the copy is whole. The delivering
 * thread's own state may be half changed: the child leaves it alone. */
static void before_fork(void)
{
    pthread_mutex_lock(&list_lock);
    pthread_mutex_lock(&load_lock);
    for (struct mill_logger *l = list; l != NULL; l = l->next) {
        pthread_mutex_lock(&l->lock);
        mill_point_buffer_lock(&l->points);
    }
}

static void in_parent(void)
{
    for (struct mill_logger *l = list; l != NULL; l = l->next) {
        mill_point_buffer_unlock(&l->points);
        pthread_mutex_unlock(&l->lock);
    }
    pthread_mutex_unlock(&load_lock);
    pthread_mutex_unlock(&list_lock);
}

/* The points that wait are the parent's, who will write them. */
static void in_child(void)
{
    for (struct mill_logger *l = list; l != NULL; l = l->next) {
        mill_point_buffer_reset(&l->points);
        pthread_mutex_unlock(&l->lock);
        atomic_store(&l->orphan, true);
    }
    pthread_mutex_unlock(&load_lock);
    pthread_mutex_unlock(&list_lock);
}

/* A program that ends without closing its loggers loses nothing that it has logged. Their
 * threads must not go on while the libraries that they use are being taken down. */
static void at_exit(void)
{
    int64_t until_ns = mill_monotonic_ns() + EXIT_MS * (int64_t)1000000;
    pthread_mutex_lock(&list_lock);
    for (struct mill_logger *l = list; l != NULL; l = l->next)
        if (!atomic_load(&l->orphan))
            mill_logger_halt(l);
    for (struct mill_logger *l = list; l != NULL; l = l->next)
        if (!atomic_load(&l->orphan))
            mill_logger_await(l, (until_ns - mill_monotonic_ns()) / 1000000);
    pthread_mutex_unlock(&list_lock);
}

static void install(void)
{
    pthread_atfork(before_fork, in_parent, in_child);
    mill_exit_call(at_exit);
}

enum mill_status mill_logger_connect(struct mill_logger *logger, struct mill_error *err)
{
    pthread_mutex_lock(&load_lock);
    enum mill_status st = mill_delivery_connect(&logger->delivery, err);
    pthread_mutex_unlock(&load_lock);
    return st;
}

void mill_logger_enlist(struct mill_logger *logger)
{
    pthread_once(&once, install);
    pthread_mutex_lock(&list_lock);
    logger->next = list;
    list = logger;
    pthread_mutex_unlock(&list_lock);
}

void mill_logger_delist(struct mill_logger *logger)
{
    pthread_mutex_lock(&list_lock);
    struct mill_logger **at = &list;
    while (*at != NULL && *at != logger)
        at = &(*at)->next;
    if (*at != NULL)
        *at = logger->next;
    pthread_mutex_unlock(&list_lock);
}

/* Takes back to its beginning what the parent has done with its copy. */
static void begin_anew(struct mill_logger *logger)
{
    mill_spool_writer_release(&logger->writer);
    logger->delivery = (struct mill_delivery){0}; /* the parent's: not to be touched */
    logger->delivery_client = NULL;
    logger->counters = (struct mill_logger_counters){.size = sizeof(logger->counters)};
    logger->delivered_bytes = logger->files = logger->next_take_ns = 0;
    logger->ended = logger->stopping = false;
    logger->has_writing = logger->has_delivering = false;
    logger->running = logger->waiting = 0;
    memset(logger->news, 0, sizeof(logger->news));
    logger->open.join = true;
    mill_logger_init_lock(logger);
}

bool mill_logger_disown(struct mill_logger *logger)
{
    pthread_mutex_lock(&list_lock);
    bool orphan = atomic_load(&logger->orphan);
    if (orphan)
        begin_anew(logger);
    pthread_mutex_unlock(&list_lock);
    return orphan;
}

enum mill_status mill_logger_adopt(struct mill_logger *logger, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    /* The logger's own lock is made anew, so the list's keeps two threads apart. */
    pthread_mutex_lock(&list_lock);
    if (atomic_load(&logger->orphan)) {
        begin_anew(logger);
        st = mill_logger_start(logger, err);
        if (st == MILL_OK)
            atomic_store(&logger->orphan, false);
    }
    pthread_mutex_unlock(&list_lock);
    return st;
}
