/* logger_threads.c - the two threads of a logger: one writes what waits in memory to the spool
 * and tells the program about trouble, the other delivers what is in the spool. The lock is
 * held while the spool is written, never while anybody waits for a network. Adding a point does
 * not take it. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/os.h"
#include "base/view.h"
#include "client/client.h"
#include "logger/delivery_run.h"
#include "logger/logger.h"

#define FIRST_PAUSE_MS 200
#define MAX_PAUSE_MS   30000
/* No server is left alone for longer, whatever it asks for. */
#define MAX_ASKED_MS 300000
/* The longest pause while somebody waits for delivery. */
#define HURRY_MS 1000
/* Deliveries are so far apart, so that small writes become one request. */
#define GATHER_MS 200
/* At the disk limit points are written this often, and then less and less. */
#define THIN_INTERVAL_MS 1000
#define THIN_DOUBLINGS   6

/* --- telling --------------------------------------------------------------------------- */

void mill_logger_tell(struct mill_logger *logger, enum mill_trouble trouble,
                      const char *message)
{
    struct mill_news *news = &logger->news[trouble];
    if (news->known)
        return;
    news->known = news->waiting = true;
    snprintf(news->message, sizeof(news->message), "%s", message);
    pthread_cond_signal(&logger->work);
}

/* Calls the program without the lock: it may log, flush or fork. The lock is held. */
static void tell_news(struct mill_logger *logger)
{
    for (size_t i = 0; i < MILL_TROUBLE_COUNT; i++) {
        char message[sizeof(logger->news[i].message)];
        if (!logger->news[i].waiting)
            continue;
        logger->news[i].waiting = false;
        memcpy(message, logger->news[i].message, sizeof(message));
        if (logger->options.warning == NULL)
            continue;
        pthread_mutex_unlock(&logger->lock);
        logger->options.warning(logger->options.context, message);
        pthread_mutex_lock(&logger->lock);
    }
}

static struct timespec after_ms(int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(ms / 1000);
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    return until;
}

bool mill_logger_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t ms)
{
    struct timespec until = after_ms(ms);
    return pthread_cond_timedwait(condition, lock, &until) == 0;
}

/* --- writing --------------------------------------------------------------------------- */

/* How far the spool is beyond its limit on disk; negative: not yet. */
static int64_t beyond_limit(const struct mill_logger *logger)
{
    return logger->writer.total_bytes - logger->delivered_bytes -
           logger->options.disk_limit_bytes;
}

/* How often points are written at the disk limit: each second, half as often for each sixteenth
 * of the limit that the spool grows by beyond it. */
static int64_t thin_interval_ns(const struct mill_logger *logger)
{
    int64_t doublings = beyond_limit(logger) / (logger->options.disk_limit_bytes / 16 + 1);
    if (doublings > THIN_DOUBLINGS)
        doublings = THIN_DOUBLINGS;
    return (THIN_INTERVAL_MS << doublings) * (int64_t)1000000;
}

enum mill_status mill_logger_write(struct mill_logger *logger, bool now, struct mill_error *err)
{
    struct mill_spool_writer *w = &logger->writer;
    bool sync = logger->options.fsync == MILL_FSYNC_FLUSH;
    bool thinned = beyond_limit(logger) >= 0;
    /* While the spool cannot be written, points wait in their buffer, where they are thinned.
     */
    enum mill_status st = mill_spool_writer_flush(w, sync, err);
    bool more =
        st == MILL_OK && (!thinned || now || mill_monotonic_ns() >= logger->next_take_ns);
    if (more && thinned)
        logger->next_take_ns = mill_monotonic_ns() + thin_interval_ns(logger);
    mill_point_buffer_begin(&logger->points);
    while (st == MILL_OK && more) {
        more = mill_point_buffer_take(&logger->points, &w->pending, thinned);
        st = mill_spool_writer_flush(w, sync, err);
    }
    if (mill_spool_before(logger->delivered_to, w->end))
        pthread_cond_signal(&logger->written);
    return st;
}

/* Tells about limits that were reached since. The lock is held. */
static void look_at_limits(struct mill_logger *logger)
{
    int64_t added, thinned;
    mill_point_buffer_count(&logger->points, &added, &thinned);
    if (beyond_limit(logger) >= 0)
        mill_logger_tell(logger, MILL_TROUBLE_DISK,
                         "the spool has reached its limit on disk: of each second only the "
                         "last point of a metric is kept, and fewer as it grows further");
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

/* Says that a thread has nothing more to do. The lock is held. */
static void over(struct mill_logger *logger)
{
    logger->running--;
    pthread_cond_broadcast(&logger->delivered);
}

static void *write_loop(void *argument)
{
    struct mill_logger *logger = argument;
    struct mill_error error;
    pthread_mutex_lock(&logger->lock);
    begun(logger);
    while (!logger->stopping) {
        mill_logger_wait(&logger->work, &logger->lock, logger->options.flush_interval_ms);
        if (mill_logger_write(logger, false, &error) != MILL_OK)
            mill_logger_tell(logger, MILL_TROUBLE_SPOOL, error.message);
        look_at_limits(logger);
        tell_news(logger);
    }
    over(logger);
    pthread_mutex_unlock(&logger->lock);
    return NULL;
}

/* --- delivering ------------------------------------------------------------------------ */

/* What the delivering thread has in mind between its steps. */
struct delivering {
    bool open;
    int64_t pause_ms;     /* before the next attempt; 0: the last one got through */
    int64_t asked_ms;     /* the server has asked for at least that much */
    int64_t heartbeat_ns; /* when the next sign of life is due */
    bool more;
    bool removed; /* by another delivery, which has done everything */
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
    char now[48];
    int64_t interval_s = logger->options.heartbeat_interval_s;
    if (interval_s < 0 || logger->delivery.ended || mill_monotonic_ns() < d->heartbeat_ns)
        return MILL_OK;
    snprintf(now, sizeof(now), "%lld %lld", (long long)mill_now_ms(), (long long)interval_s);
    d->heartbeat_ns = mill_monotonic_ns() + interval_s * 1000000000;
    return mill_delivery_set_heartbeat(&logger->delivery, mill_view_of(now), err);
}

/* Says whom to cancel; false when the logger is being stopped. */
static bool publish_client(struct mill_logger *logger)
{
    pthread_mutex_lock(&logger->lock);
    bool wanted = !logger->stopping;
    logger->delivery_client = logger->delivery.client;
    pthread_mutex_unlock(&logger->lock);
    return wanted;
}

/* One piece of the spool, and a sign of life when one is due. The lock is not held. */
static enum mill_status step(struct mill_logger *logger, struct delivering *d,
                             struct mill_error *err)
{
    enum mill_status st = open_delivery(logger, d, err);
    d->more = false;
    if (st == MILL_OK)
        st = mill_logger_connect(logger, err);
    if (st == MILL_OK && !publish_client(logger))
        return mill_fail(err, MILL_E_CANCELLED, "the logger is being closed");
    if (st == MILL_OK)
        st = mill_delivery_step(&logger->delivery, &d->more, err);
    d->removed =
        st == MILL_OK && !d->more && mill_spool_reader_is_removed(&logger->delivery.reader);
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
    logger->ended = delivery->ended || d->removed;
    if (d->removed)
        logger->delivered_to = logger->writer.end;
    pthread_cond_broadcast(&logger->delivered);
    if (st == MILL_OK) {
        d->pause_ms = 0;
        if (!logger->news[MILL_TROUBLE_SERVER].waiting)
            logger->news[MILL_TROUBLE_SERVER].known = false;
        return;
    }
    logger->counters.delivery_failures++;
    d->pause_ms = d->pause_ms == 0                 ? FIRST_PAUSE_MS
                  : d->pause_ms * 2 > MAX_PAUSE_MS ? MAX_PAUSE_MS
                                                   : d->pause_ms * 2;
    d->asked_ms = mill_client_asked_pause_s(logger->delivery_client) * 1000;
    if (d->asked_ms > MAX_ASKED_MS)
        d->asked_ms = MAX_ASKED_MS;
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
        int64_t most = logger->waiting > 0 && d->pause_ms > HURRY_MS ? HURRY_MS : d->pause_ms;
        mill_random_bytes(&spread, sizeof(spread));
        return most / 2 + spread % (most / 2 + 1);
    }
    if (logger->options.heartbeat_interval_s < 0)
        return MAX_PAUSE_MS;
    int64_t due_ms = (d->heartbeat_ns - mill_monotonic_ns()) / 1000000;
    return due_ms < 1 ? 1 : due_ms;
}

/* Waits as long as the server has asked for, whoever is in a hurry. The lock is held. */
static void wait_as_asked(struct mill_logger *logger, const struct delivering *d)
{
    int64_t until_ns = mill_monotonic_ns() + d->asked_ms * 1000000, left_ms = d->asked_ms;
    while (left_ms > 0 && !logger->stopping) {
        mill_logger_wait(&logger->try_again, &logger->lock, left_ms);
        left_ms = (until_ns - mill_monotonic_ns() + 999999) / 1000000;
    }
}

/* Waits until another step is due. The lock is held. */
static void wait_for_work(struct mill_logger *logger, const struct delivering *d)
{
    if (d->pause_ms > 0) { /* what is written meanwhile does not shorten it */
        wait_as_asked(logger, d);
        if (!logger->stopping)
            mill_logger_wait(&logger->try_again, &logger->lock, pause_of(logger, d));
        return;
    }
    if (logger->waiting == 0) /* what comes in this time goes in one request */
        mill_logger_wait(&logger->try_again, &logger->lock, GATHER_MS);
    if (!logger->stopping && !mill_spool_before(logger->delivered_to, logger->writer.end))
        mill_logger_wait(&logger->written, &logger->lock, pause_of(logger, d));
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
    pthread_mutex_lock(&logger->lock);
    over(logger);
    pthread_mutex_unlock(&logger->lock);
    return NULL;
}

/* --- beginning and end ------------------------------------------------------------------ */

static enum mill_status start_threads(struct mill_logger *logger, struct mill_error *err)
{
    bool online = logger->options.mode == MILL_MODE_ONLINE;
    logger->has_writing = mill_start_threads(&logger->writing, 1, write_loop, logger) == 1;
    logger->has_delivering =
        online && logger->has_writing &&
        mill_start_threads(&logger->delivering, 1, deliver_loop, logger) == 1;
    /* A fork must not find them half made. */
    pthread_mutex_lock(&logger->lock);
    while (logger->running < logger->has_writing + logger->has_delivering)
        pthread_cond_wait(&logger->delivered, &logger->lock);
    pthread_mutex_unlock(&logger->lock);
    if (logger->has_writing && logger->has_delivering == online)
        return MILL_OK;
    return mill_fail(err, MILL_E_NOMEM, "no thread can be started for the logger");
}

void mill_logger_init_lock(struct mill_logger *logger)
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
}

void mill_logger_release_lock(struct mill_logger *logger)
{
    pthread_mutex_destroy(&logger->lock);
    pthread_cond_destroy(&logger->work);
    pthread_cond_destroy(&logger->written);
    pthread_cond_destroy(&logger->delivered);
    pthread_cond_destroy(&logger->try_again);
}

enum mill_status mill_logger_start(struct mill_logger *logger, struct mill_error *err)
{
    logger->delivered_to = (struct mill_spool_place){1, 0};
    enum mill_status st =
        mill_spool_writer_open(&logger->writer, logger->spool, &logger->open,
                               logger->options.fsync == MILL_FSYNC_FLUSH, err);
    if (st != MILL_OK)
        return st;
    st = start_threads(logger, err);
    if (st != MILL_OK)
        mill_logger_stop(logger);
    return st;
}

/* Asks the threads to end. The lock is held. */
static void ask_to_stop(struct mill_logger *logger)
{
    logger->stopping = true;
    pthread_cond_broadcast(&logger->work);
    pthread_cond_broadcast(&logger->written);
    pthread_cond_broadcast(&logger->try_again);
    mill_client_cancel(logger->delivery_client);
}

/* Whoever comes first joins them: the process may exit while a logger is being closed. */
static void join_threads(struct mill_logger *logger)
{
    pthread_mutex_lock(&logger->lock);
    bool writing = logger->has_writing, delivering = logger->has_delivering;
    logger->has_writing = logger->has_delivering = false;
    pthread_mutex_unlock(&logger->lock);
    if (writing)
        pthread_join(logger->writing, NULL);
    if (delivering)
        pthread_join(logger->delivering, NULL);
}

void mill_logger_stop(struct mill_logger *logger)
{
    pthread_mutex_lock(&logger->lock);
    ask_to_stop(logger);
    pthread_mutex_unlock(&logger->lock);
    join_threads(logger);
    pthread_mutex_lock(&logger->lock);
    tell_news(logger);
    pthread_mutex_unlock(&logger->lock);
}

void mill_logger_halt(struct mill_logger *logger)
{
    pthread_mutex_lock(&logger->lock);
    mill_logger_write(logger, true, NULL);
    ask_to_stop(logger);
    pthread_mutex_unlock(&logger->lock);
}

void mill_logger_await(struct mill_logger *logger, int64_t most_ms)
{
    struct timespec until = after_ms(most_ms > 0 ? most_ms : 0);
    pthread_mutex_lock(&logger->lock);
    while (logger->running > 0 &&
           pthread_cond_timedwait(&logger->delivered, &logger->lock, &until) == 0)
        ;
    bool ended = logger->running == 0;
    pthread_mutex_unlock(&logger->lock);
    if (ended)
        join_threads(logger);
}
