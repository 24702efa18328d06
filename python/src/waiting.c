/* waiting.c - without the GIL: signals, deadlines and progress of a call that waits. */
#include "waiting.h"

#include <stdlib.h>
#include <time.h>

#define DEFAULT_PATIENCE_S 10
#define MAX_PATIENCE_S     86400

int64_t pymill_clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t pymill_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t pymill_patience_ms(void)
{
    const char *text = getenv("MILLSTREAM_PATIENCE");
    double seconds = text != NULL ? strtod(text, NULL) : 0;
    return seconds > 0 && seconds <= MAX_PATIENCE_S ? (int64_t)(seconds * 1000)
                                                    : DEFAULT_PATIENCE_S * 1000;
}

/* Calls progress with the latest figures; false with an exception set. The GIL is held. */
static bool tell_progress(struct pymill_waiting *w)
{
    pthread_mutex_lock(&w->lock);
    bool moved = w->moved;
    int64_t bytes = w->bytes, bytes_total = w->bytes_total;
    size_t files = w->files, files_total = w->files_total;
    w->moved = false;
    pthread_mutex_unlock(&w->lock);
    if (w->progress == NULL || !moved)
        return true;
    PyObject *total = bytes_total != MILL_ABSENT ? PyLong_FromLongLong(bytes_total) : Py_None;
    PyObject *result =
        total != NULL ? PyObject_CallFunction(w->progress, "nnLO", (Py_ssize_t)files,
                                              (Py_ssize_t)files_total, (long long)bytes, total)
                      : NULL;
    if (bytes_total != MILL_ABSENT)
        Py_XDECREF(total);
    Py_XDECREF(result);
    return result != NULL;
}

/* Asked by the library, on the thread that waits. */
static bool still_wanted(void *context)
{
    struct pymill_waiting *w = context;
    if (!w->unwanted && w->until_ns != 0 && pymill_clock_ns() > w->until_ns)
        w->unwanted = true;
    if (w->unwanted)
        return false;
    PyEval_RestoreThread(w->thread);
    w->unwanted = PyErr_CheckSignals() < 0 || !tell_progress(w);
    w->thread = PyEval_SaveThread();
    return !w->unwanted;
}

void pymill_wait_begin(struct pymill_waiting *w, PyObject *progress, int64_t timeout_ms)
{
    *w = (struct pymill_waiting){.progress = progress, .bytes_total = MILL_ABSENT};
    if (timeout_ms > 0)
        w->until_ns = pymill_clock_ns() + timeout_ms * 1000000;
    pthread_mutex_init(&w->lock, NULL);
    w->thread = PyEval_SaveThread();
    mill_ask_while_waiting(still_wanted, w);
}

void pymill_wait_end(struct pymill_waiting *w)
{
    mill_ask_while_waiting(NULL, NULL);
    PyEval_RestoreThread(w->thread);
    if (!PyErr_Occurred())
        tell_progress(w); /* what it raises is what the call raises */
    pthread_mutex_destroy(&w->lock);
}

/* From any thread of a transfer, one call at a time. */
static bool note_progress(void *context, const struct mill_progress *progress)
{
    struct pymill_waiting *w = context;
    pthread_mutex_lock(&w->lock);
    w->moved = true;
    w->bytes = progress->bytes;
    w->bytes_total = progress->bytes_total;
    w->files = progress->files;
    w->files_total = progress->files_total;
    pthread_mutex_unlock(&w->lock);
    return true;
}

struct mill_transfer_options pymill_transfer_options(struct pymill_waiting *w)
{
    return (struct mill_transfer_options){
        .size = sizeof(struct mill_transfer_options), .progress = note_progress, .context = w};
}
