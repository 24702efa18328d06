/* parallel.c - see parallel.h. */
#include "base/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "base/os.h"
#include "base/view.h"
#include "base/wanted.h"

#define MAX_THREADS 64
/* How often the thread that waits for the others asks whether they are still wanted. */
#define SLICE_MS 100

struct crew {
    pthread_mutex_t lock;
    mill_work *work;
    void *context;
    pthread_cond_t ended;    /* one of the threads */
    size_t running;          /* of the threads; under lock */
    size_t next, count;      /* under lock */
    enum mill_status status; /* the failure that counts; under lock */
    struct mill_error error;
    atomic_bool unwanted; /* the thread that has called does not want it any more */
};

/* Whether a failure is to be told instead of what there was before. Where the work of others is
 * given up because of it, they may say so sooner than it is said itself. */
static bool counts_more(enum mill_status failure, enum mill_status before)
{
    return before == MILL_OK || (before == MILL_E_CANCELLED && failure != MILL_E_CANCELLED);
}

/* Takes work until there is none. */
static void run(struct crew *crew)
{
    struct mill_error error;
    pthread_mutex_lock(&crew->lock);
    while (crew->status == MILL_OK && crew->next < crew->count) {
        size_t index = crew->next++;
        pthread_mutex_unlock(&crew->lock);
        enum mill_status st = crew->work(crew->context, index, &error);
        pthread_mutex_lock(&crew->lock);
        if (st != MILL_OK && counts_more(st, crew->status)) {
            crew->status = st;
            crew->error = error;
        }
    }
    pthread_mutex_unlock(&crew->lock);
}

static bool is_wanted(void *context)
{
    struct crew *crew = context;
    return !atomic_load(&crew->unwanted);
}

/* A thread of the crew: what it waits for is wanted as long as its caller's call is. */
static void *run_thread(void *argument)
{
    struct crew *crew = argument;
    mill_asking_set((struct mill_asking){is_wanted, crew});
    run(crew);
    pthread_mutex_lock(&crew->lock);
    crew->running--;
    pthread_cond_signal(&crew->ended);
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

/* Waits until the threads have ended, and has them end early where the call is not wanted. */
static void wait_for_threads(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    while (crew->running > 0) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += SLICE_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&crew->ended, &crew->lock, &until);
        pthread_mutex_unlock(&crew->lock);
        if (!mill_still_wanted())
            atomic_store(&crew->unwanted, true);
        pthread_mutex_lock(&crew->lock);
    }
    pthread_mutex_unlock(&crew->lock);
}

static size_t start(struct crew *crew, size_t threads, pthread_t *ids)
{
    pthread_mutex_lock(&crew->lock);
    crew->running = mill_start_threads(ids, threads, run_thread, crew);
    size_t started = crew->running;
    pthread_mutex_unlock(&crew->lock);
    return started;
}

enum mill_status mill_parallel(size_t count, size_t threads, mill_work *work, void *context,
                               struct mill_error *err)
{
    struct crew crew = {.work = work, .context = context, .count = count};
    pthread_t ids[MAX_THREADS];
    pthread_condattr_t monotonic;
    size_t most = threads < count ? threads : count;
    pthread_mutex_init(&crew.lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&crew.ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
    size_t started =
        most > 1 ? start(&crew, most < MAX_THREADS ? most - 1 : MAX_THREADS, ids) : 0;
    run(&crew);
    wait_for_threads(&crew);
    for (size_t i = 0; i < started; i++)
        pthread_join(ids[i], NULL);
    pthread_mutex_destroy(&crew.lock);
    pthread_cond_destroy(&crew.ended);
    if (crew.status != MILL_OK)
        return mill_fail(err, crew.status, "%s", crew.error.message);
    return MILL_OK;
}
