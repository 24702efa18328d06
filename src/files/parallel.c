/* parallel.c - see parallel.h. */
#include "files/parallel.h"

#include <pthread.h>

#include "base/os.h"
#include "base/view.h"

#define MAX_THREADS 64

struct crew {
    pthread_mutex_t lock;
    mill_work *work;
    void *context;
    size_t next, count;      /* under lock */
    enum mill_status status; /* the first failure; under lock */
    struct mill_error error;
};

static void *run(void *argument)
{
    struct crew *crew = argument;
    struct mill_error error;
    pthread_mutex_lock(&crew->lock);
    while (crew->status == MILL_OK && crew->next < crew->count) {
        size_t index = crew->next++;
        pthread_mutex_unlock(&crew->lock);
        enum mill_status st = crew->work(crew->context, index, &error);
        pthread_mutex_lock(&crew->lock);
        if (st != MILL_OK && crew->status == MILL_OK) {
            crew->status = st;
            crew->error = error;
        }
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

enum mill_status mill_parallel(size_t count, size_t threads, mill_work *work, void *context,
                               struct mill_error *err)
{
    struct crew crew = {.work = work, .context = context, .count = count};
    pthread_t ids[MAX_THREADS];
    size_t most = threads < count ? threads : count;
    pthread_mutex_init(&crew.lock, NULL);
    size_t started =
        most > 1
            ? mill_start_threads(ids, most < MAX_THREADS ? most - 1 : MAX_THREADS, run, &crew)
            : 0;
    run(&crew);
    for (size_t i = 0; i < started; i++)
        pthread_join(ids[i], NULL);
    pthread_mutex_destroy(&crew.lock);
    if (crew.status != MILL_OK)
        return mill_fail(err, crew.status, "%s", crew.error.message);
    return MILL_OK;
}
