/* logger_threads.c - the two threads of a logger: one writes what waits in memory to the spool,
 * the other delivers what is in the spool. Neither holds the lock while it waits for a disk or
 * a network that may be slow: the spool is written under it, but by whoever logs as well. */
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/view.h"
#include "client/client.h"
#include "logger/delivery_run.h"
#include "logger/logger.h"

#define FIRST_PAUSE_MS 200
#define MAX_PAUSE_MS   30000
/* The longest pause while somebody waits for delivery. */
#define HURRY_MS 1000
/* Deliveries are so far apart, so that small writes become one request. */
#define GATHER_MS 200
/* When the disk limit is reached, points are thinned over so long. */
#define THIN_INTERVAL_MS 1000

void mill_logger_tell(struct mill_logger *logger, enum mill_trouble trouble,
                      const char *message)
{
    if (logger->told & trouble)
        return;
    logger->told |= trouble;
    if (logger->options.warning != NULL)
        logger->options.warning(logger->options.context, message);
}

/* Waits at most so long, or until somebody signals. The lock is held. */
static void wait_ms(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(ms / 1000);
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_cond_timedwait(cond, lock, &until);
}

/* --- writing --------------------------------------------------------------------------- */

static int64_t spooled_bytes(const struct mill_logger *logger)
{
    return logger->writer.total_bytes - logger->delivered_bytes;
}

static bool at_disk_limit(const struct mill_logger *logger)
{
    return spooled_bytes(logger) >= logger->options.disk_limit_bytes;
}

enum mill_status mill_logger_write(struct mill_logger *logger, struct mill_error *err)
{
    struct mill_spool_writer *w = &logger->writer;
    /* While the spool cannot be written, points wait in their buffer, where they are thinned.
     */
    if (w->pending.len < logger->options.memory_limit_bytes)
        mill_point_buffer_take(&logger->points, &w->pending, at_disk_limit(logger));
    enum mill_status st =
        mill_spool_writer_flush(w, logger->options.fsync == MILL_FSYNC_FLUSH, err);
    if (st == MILL_OK)
        pthread_cond_signal(&logger->written);
    return st;
}

/* Tells about limits that were reached since. The lock is held. */
static void look_at_limits(struct mill_logger *logger)
{
    int64_t added, thinned;
    mill_point_buffer_count(&logger->points, &added, &thinned);
    if (at_disk_limit(logger))
        mill_logger_tell(logger, MILL_TROUBLE_DISK,
                         "the spool has reached its limit on disk: of each second only the "
                         "last point of a metric is kept");
    else if (thinned > 0)
        mill_logger_tell(logger, MILL_TROUBLE_MEMORY,
                         "points come faster than they can be written: some were thinned out");
}

/* Says that a thread has begun, which start_threads waits for. The lock is held. */
static void begun(struct mill_logger *logger)
{
    logger->running++;
    pthread_cond_broadcast(&logger->delivered);
}

static void *write_loop(void *argument)
{
    struct mill_logger *logger = argument;
    struct mill_error error;
    pthread_mutex_lock(&logger->lock);
    begun(logger);
    while (!logger->stopping) {
        int64_t interval = logger->options.flush_interval_ms;
        if (at_disk_limit(logger) && interval < THIN_INTERVAL_MS)
            interval = THIN_INTERVAL_MS;
        wait_ms(&logger->work, &logger->lock, interval);
        if (mill_logger_write(logger, &error) != MILL_OK)
            mill_logger_tell(logger, MILL_TROUBLE_SPOOL, error.message);
        look_at_limits(logger);
    }
    pthread_mutex_unlock(&logger->lock);
    return NULL;
}

/* --- delivering ------------------------------------------------------------------------ */

/* What the delivering thread has in mind between its steps. */
struct delivering {
    bool open;
    int64_t pause_ms;     /* before the next attempt; 0: the last one got through */
    int64_t heartbeat_ns; /* when the next sign of life is due */
    bool more;
};

static void on_refused(void *context, const char *message)
{
    struct mill_logger *logger = context;
    pthread_mutex_lock(&logger->lock);
    mill_logger_tell(logger, MILL_TROUBLE_REFUSED, message);
    pthread_mutex_unlock(&logger->lock);
}

static enum mill_status open_delivery(struct mill_logger *logger, struct delivering *d,
                                      struct mill_error *err)
{
    if (d->open)
        return MILL_OK;
    enum mill_status st = mill_delivery_open(&logger->delivery, logger->writer.base,
                                             (struct mill_view){NULL, 0}, err);
    logger->delivery.warning = on_refused;
    logger->delivery.context = logger;
    d->open = st == MILL_OK;
    return st;
}

static enum mill_status heartbeat(struct mill_logger *logger, struct delivering *d,
                                  struct mill_error *err)
{
    char now[24];
    int64_t interval_s = logger->options.heartbeat_interval_s;
    if (interval_s < 0 || logger->delivery.ended || mill_monotonic_ns() < d->heartbeat_ns)
        return MILL_OK;
    snprintf(now, sizeof(now), "%lld", (long long)mill_now_ms());
    d->heartbeat_ns = mill_monotonic_ns() + interval_s * 1000000000;
    return mill_delivery_set_tag(&logger->delivery, MILL_VIEW("millstream.heartbeat"),
                                 mill_view_of(now), err);
}

/* One piece of the spool, and a sign of life when one is due. The lock is not held. */
static enum mill_status step(struct mill_logger *logger, struct delivering *d,
                             struct mill_error *err)
{
    enum mill_status st = open_delivery(logger, d, err);
    d->more = false;
    if (st == MILL_OK)
        st = mill_delivery_find_run(&logger->delivery, err);
    pthread_mutex_lock(&logger->lock);
    logger->delivery_client = logger->delivery.client;
    pthread_mutex_unlock(&logger->lock);
    if (st == MILL_OK)
        st = mill_delivery_step(&logger->delivery, &d->more, err);
    if (st == MILL_OK)
        st = heartbeat(logger, d, err);
    return st;
}

/* Takes over how a step ended. The lock is held. */
static void note(struct mill_logger *logger, struct delivering *d, enum mill_status st,
                 const struct mill_error *error)
{
    const struct mill_delivery *delivery = &logger->delivery;
    struct mill_spool_place place = delivery->reader.place;
    char message[700];
    if (d->open && mill_spool_before(logger->delivered_to, place))
        logger->delivered_to = place;
    if (d->open)
        logger->delivered_bytes = delivery->reader.passed_bytes;
    logger->counters.points_delivered = delivery->points;
    logger->counters.changes_delivered = delivery->changes;
    logger->counters.refused = delivery->refused;
    logger->ended = delivery->ended;
    pthread_cond_broadcast(&logger->delivered);
    if (st == MILL_OK) {
        d->pause_ms = 0;
        logger->told &= ~(unsigned)MILL_TROUBLE_SERVER;
        return;
    }
    logger->counters.delivery_failures++;
    d->pause_ms = d->pause_ms == 0                 ? FIRST_PAUSE_MS
                  : d->pause_ms * 2 > MAX_PAUSE_MS ? MAX_PAUSE_MS
                                                   : d->pause_ms * 2;
    snprintf(message, sizeof(message), "run %.*s cannot be delivered now and is kept in %s: %s",
             MILL_FMT(logger->open.run_id), logger->writer.directory, error->message);
    if (!logger->stopping)
        mill_logger_tell(logger, MILL_TROUBLE_SERVER, message);
}

/* How long to wait before the next step, unless something is written before. */
static int64_t pause_of(const struct mill_logger *logger, const struct delivering *d)
{
    uint16_t spread;
    if (d->pause_ms > 0) { /* spread, so that many do not come back at the same moment */
        int64_t most = logger->hurry && d->pause_ms > HURRY_MS ? HURRY_MS : d->pause_ms;
        mill_random_bytes(&spread, sizeof(spread));
        return most / 2 + spread % (most / 2 + 1);
    }
    if (logger->options.heartbeat_interval_s < 0)
        return MAX_PAUSE_MS;
    int64_t due_ms = (d->heartbeat_ns - mill_monotonic_ns()) / 1000000;
    return due_ms < 1 ? 1 : due_ms;
}

/* Waits until another step is due. The lock is held. */
static void wait_for_work(struct mill_logger *logger, const struct delivering *d)
{
    if (d->pause_ms > 0) { /* what is written meanwhile does not shorten it */
        wait_ms(&logger->try_again, &logger->lock, pause_of(logger, d));
        return;
    }
    if (!logger->hurry) /* what comes in this time goes in one request */
        wait_ms(&logger->try_again, &logger->lock, GATHER_MS);
    if (!logger->stopping && !mill_spool_before(logger->delivered_to, logger->writer.end))
        wait_ms(&logger->written, &logger->lock, pause_of(logger, d));
}

static void *deliver_loop(void *argument)
{
    struct mill_logger *logger = argument;
    struct delivering d = {0};
    struct mill_error error = {""};
    pthread_mutex_lock(&logger->lock);
    begun(logger);
    while (!logger->stopping) {
        pthread_mutex_unlock(&logger->lock);
        enum mill_status st = step(logger, &d, &error);
        pthread_mutex_lock(&logger->lock);
        note(logger, &d, st, &error);
        if (!logger->stopping && !d.more)
            wait_for_work(logger, &d);
    }
    logger->delivery_client = NULL;
    pthread_mutex_unlock(&logger->lock);
    if (d.open)
        mill_delivery_release(&logger->delivery);
    return NULL;
}

/* --- beginning and end ------------------------------------------------------------------ */

/* The signals of a program are for the threads it has made itself. */
static enum mill_status start_threads(struct mill_logger *logger, struct mill_error *err)
{
    sigset_t all, before;
    bool online = logger->options.mode == MILL_MODE_ONLINE;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    logger->has_writing = pthread_create(&logger->writing, NULL, write_loop, logger) == 0;
    logger->has_delivering =
        online && logger->has_writing &&
        pthread_create(&logger->delivering, NULL, deliver_loop, logger) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    /* A fork must not find them half made. */
    pthread_mutex_lock(&logger->lock);
    while (logger->running < logger->has_writing + logger->has_delivering)
        pthread_cond_wait(&logger->delivered, &logger->lock);
    pthread_mutex_unlock(&logger->lock);
    if (logger->has_writing && logger->has_delivering == online)
        return MILL_OK;
    return mill_fail(err, MILL_E_NOMEM, "no thread can be started for the logger");
}

enum mill_status mill_logger_start(struct mill_logger *logger, struct mill_error *err)
{
    pthread_condattr_t monotonic;
    pthread_mutex_init(&logger->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&logger->work, &monotonic);
    pthread_cond_init(&logger->written, &monotonic);
    pthread_cond_init(&logger->delivered, &monotonic);
    pthread_cond_init(&logger->try_again, &monotonic);
    pthread_condattr_destroy(&monotonic);
    logger->delivered_to = (struct mill_spool_place){1, 0};
    logger->running = 0;
    enum mill_status st =
        mill_spool_writer_open(&logger->writer, logger->spool, &logger->open, err);
    if (st != MILL_OK)
        return st;
    st = start_threads(logger, err);
    if (st != MILL_OK)
        mill_logger_stop(logger);
    return st;
}

void mill_logger_stop(struct mill_logger *logger)
{
    pthread_mutex_lock(&logger->lock);
    logger->stopping = true;
    pthread_cond_broadcast(&logger->work);
    pthread_cond_broadcast(&logger->written);
    pthread_cond_broadcast(&logger->try_again);
    mill_client_cancel(logger->delivery_client);
    pthread_mutex_unlock(&logger->lock);
    if (logger->has_writing)
        pthread_join(logger->writing, NULL);
    if (logger->has_delivering)
        pthread_join(logger->delivering, NULL);
    logger->has_writing = logger->has_delivering = false;
}
