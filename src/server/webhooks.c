/* webhooks.c - see webhooks.h. */
#include "server/webhooks.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/crypto.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/os.h"
#include "base/view.h"

#define MAX_THREADS   64
#define MAX_TESTS     2
#define MAX_BACKOFF_S 60
#define MAX_PATIENCE  INT64_C(300000)   /* longest pause that a receiver may ask for */
#define MAX_AGE_MS    INT64_C(86400000) /* older events are given up: nobody waits for them */
#define AFTER_FAILURE 1000              /* pause when the store cannot be read or written */

/* Lock order: picking, then state. The writer's thread only takes state. */
struct mill_webhooks {
    const struct mill_server_config *config;
    struct mill_store *store;
    struct mill_writer *writer;
    struct mill_webhook_key *key;
    struct mill_target_rules rules;
    int64_t second_ms; /* how long a second of back-off is: shorter in tests */
    atomic_bool stop;
    atomic_int tests;

    pthread_mutex_t picking; /* one thread at a time looks for work */

    pthread_mutex_t state;
    pthread_cond_t changed;
    uint64_t news; /* grows when there may be work */
    size_t idle;   /* threads that wait for news */
    size_t thread_count;
    pthread_t threads[MAX_THREADS];
    char busy[MAX_THREADS][37]; /* webhooks being served; "" is a free place */
};

/* An event that one thread has taken. */
struct job {
    struct mill_arena arena;
    struct mill_webhook_delivery delivery;
    size_t place; /* in busy */
};

static void *deliver(void *context);

/* --- threads ------------------------------------------------------------------------------ */

/* Has one more thread look for work; state is held. */
static void call_another(struct mill_webhooks *w)
{
    size_t wanted = (size_t)w->config->webhook_threads;

    w->news++;
    pthread_cond_broadcast(&w->changed);
    if (atomic_load(&w->stop) || w->thread_count >= wanted)
        return;
    if (mill_start_threads(&w->threads[w->thread_count], 1, deliver, w) == 1)
        w->thread_count++;
    else
        mill_log(MILL_LOG_WARN, "a thread for webhooks cannot be started");
}

/* On the writer's thread. One idle thread is enough to find out how much there is. */
static void events_wait(void *context)
{
    struct mill_webhooks *w = context;

    pthread_mutex_lock(&w->state);
    if (w->idle == 0)
        call_another(w);
    w->news++;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->state);
}

/* Until there are news, the time has come (MILL_ABSENT: however long that takes), or the server
 * ends; state is held. */
static void wait_for_news(struct mill_webhooks *w, uint64_t seen, int64_t until_ms)
{
    const struct timespec at = {.tv_sec = (time_t)(until_ms / 1000),
                                .tv_nsec = (long)(until_ms % 1000) * 1000000};
    int rc = 0;

    while (w->news == seen && !atomic_load(&w->stop) && rc != ETIMEDOUT) {
        if (until_ms == MILL_ABSENT)
            pthread_cond_wait(&w->changed, &w->state);
        else
            rc = pthread_cond_timedwait(&w->changed, &w->state, &at);
    }
}

/* The same for a thread that has nothing to do. */
static void wait_idle(struct mill_webhooks *w, uint64_t seen, int64_t until_ms)
{
    pthread_mutex_lock(&w->state);
    w->idle++;
    wait_for_news(w, seen, until_ms);
    w->idle--;
    pthread_mutex_unlock(&w->state);
}

/* A pause that ends with the server. */
static void pause_for(struct mill_webhooks *w, int64_t ms)
{
    int64_t until = mill_now_ms() + ms;

    pthread_mutex_lock(&w->state);
    while (!atomic_load(&w->stop) && mill_now_ms() < until)
        wait_for_news(w, w->news, until);
    pthread_mutex_unlock(&w->state);
}

/* --- taking work -------------------------------------------------------------------------- */

static size_t busy_place(const struct mill_webhooks *w, struct mill_view webhook_id)
{
    size_t i = 0;

    while (i < MAX_THREADS && !mill_view_eq(mill_view_of(w->busy[i]), webhook_id))
        i++;
    return i;
}

/* Takes the first event whose webhook nobody serves; state is held. *others_out says whether
 * there is more for other threads. */
static bool take(struct mill_webhooks *w, const struct mill_due_deliveries *due,
                 struct job *job, bool *others_out)
{
    bool taken = false;

    for (size_t i = 0; i < due->count; i++) {
        const struct mill_webhook_delivery *delivery = &due->deliveries[i];

        if (busy_place(w, delivery->webhook_id) < MAX_THREADS)
            continue;
        if (taken) {
            *others_out = true;
            return true;
        }
        job->place = busy_place(w, MILL_VIEW(""));
        if (job->place == MAX_THREADS || delivery->webhook_id.len >= sizeof(w->busy[0]))
            return false;
        memcpy(w->busy[job->place], delivery->webhook_id.ptr, delivery->webhook_id.len + 1);
        job->delivery = *delivery;
        taken = true;
    }
    return taken;
}

static bool find_work(struct mill_webhooks *w, struct job *job, int64_t *until_out)
{
    struct mill_due_deliveries due;
    struct mill_error err;
    bool others = false;
    bool found;

    if (mill_store_due_deliveries(w->store, mill_now_ms(), &job->arena, &due, &err) !=
        MILL_OK) {
        mill_log(MILL_LOG_WARN, "webhooks: %s", err.message);
        *until_out = mill_now_ms() + AFTER_FAILURE;
        return false;
    }
    *until_out = due.next_ms;
    pthread_mutex_lock(&w->state);
    found = take(w, &due, job, &others);
    if (others)
        call_another(w);
    pthread_mutex_unlock(&w->state);
    return found;
}

/* Not between another thread's look at the store and its choice: it might have seen the event
 * that is over by now. */
static void let_go(struct mill_webhooks *w, const struct job *job)
{
    pthread_mutex_lock(&w->picking);
    pthread_mutex_lock(&w->state);
    w->busy[job->place][0] = '\0';
    pthread_mutex_unlock(&w->state);
    pthread_mutex_unlock(&w->picking);
}

/* --- settling ----------------------------------------------------------------------------- */

struct settling {
    struct mill_write write;
    pthread_mutex_t lock;
    pthread_cond_t over;
    bool done;
};

static void settled(struct mill_write *write)
{
    struct settling *s = write->context;

    pthread_mutex_lock(&s->lock);
    s->done = true;
    pthread_cond_signal(&s->over);
    pthread_mutex_unlock(&s->lock);
}

/* Writes down what became of an attempt, and waits until that is stored. */
static enum mill_status write_down(struct mill_webhooks *w, struct job *job,
                                   struct mill_settled item, struct mill_error *err)
{
    const struct mill_change change = {
        .kind = MILL_CHANGE_SETTLE_DELIVERIES,
        .now_ms = mill_now_ms(),
        .as.settle = {&item, 1},
    };
    struct settling s = {.done = false};

    s.write.pending.change = &change;
    s.write.pending.outcome.arena = &job->arena;
    s.write.context = &s;
    s.write.done = settled;
    pthread_mutex_init(&s.lock, NULL);
    pthread_cond_init(&s.over, NULL);
    bool taken = mill_writer_submit(w->writer, &s.write, 1);
    pthread_mutex_lock(&s.lock);
    while (taken && !s.done)
        pthread_cond_wait(&s.over, &s.lock);
    pthread_mutex_unlock(&s.lock);
    pthread_mutex_destroy(&s.lock);
    pthread_cond_destroy(&s.over);
    if (!taken)
        return mill_fail(err, MILL_E_BUSY, "too many writes are waiting");
    if (s.write.pending.outcome.status != MILL_OK && err != NULL)
        *err = s.write.pending.outcome.error;
    return s.write.pending.outcome.status;
}

int64_t mill_webhooks_delay(int64_t attempts, int64_t retry_after_ms, int64_t second_ms)
{
    int64_t seconds =
        attempts < 7 ? INT64_C(1) << (attempts > 0 ? attempts - 1 : 0) : MAX_BACKOFF_S;
    int64_t delay = (seconds < MAX_BACKOFF_S ? seconds : MAX_BACKOFF_S) * second_ms;

    if (retry_after_ms > MAX_PATIENCE)
        retry_after_ms = MAX_PATIENCE;
    return delay > retry_after_ms ? delay : retry_after_ms;
}

/* When the next attempt is due; MILL_ABSENT when this was the last one. */
static int64_t next_attempt(const struct mill_webhooks *w,
                            const struct mill_webhook_delivery *delivery,
                            const struct mill_webhook_answer *answer)
{
    int64_t attempts = delivery->attempts + 1;
    int64_t now = mill_now_ms();
    uint32_t chance;

    if (answer->result != MILL_WEBHOOK_FAILED || attempts > w->config->webhook_retries ||
        now - delivery->created_ms > MAX_AGE_MS)
        return MILL_ABSENT;
    mill_random_bytes(&chance, sizeof(chance));
    return now + mill_webhooks_delay(attempts, answer->retry_after_ms, w->second_ms) +
           (int64_t)chance % w->second_ms;
}

static void report(const struct mill_webhook_delivery *delivery,
                   const struct mill_webhook_answer *answer, int64_t next_ms)
{
    const struct mill_event_info *info = mill_event_info(delivery->event);

    if (answer->result == MILL_WEBHOOK_TAKEN)
        return;
    mill_log(next_ms == MILL_ABSENT ? MILL_LOG_WARN : MILL_LOG_INFO,
             "webhook %.*s: a %s.%s event was not delivered%s: %s",
             MILL_FMT(delivery->webhook_id), info->entity, info->action,
             next_ms == MILL_ABSENT ? " and is given up" : ", to be tried again",
             answer->why.message);
}

static void settle(struct mill_webhooks *w, struct job *job,
                   const struct mill_webhook_answer *answer)
{
    const struct mill_webhook_delivery *delivery = &job->delivery;
    struct mill_settled item = {
        .id = delivery->id,
        .delivery_id = delivery->delivery_id,
        .attempts = delivery->attempts + 1,
        .next_ms = next_attempt(w, delivery, answer),
    };
    struct mill_error err;

    report(delivery, answer, item.next_ms);
    /* Sent but not settled, it would be sent again at once: rather not too often. */
    while (write_down(w, job, item, &err) != MILL_OK && !atomic_load(&w->stop)) {
        mill_log(MILL_LOG_WARN, "webhooks: %s", err.message);
        pause_for(w, AFTER_FAILURE);
    }
}

/* --- sending ------------------------------------------------------------------------------ */

/* Sends an event; a secret that cannot be opened is as good as a receiver that refuses. */
static void send_event(struct mill_webhooks *w, const struct mill_webhook_delivery *delivery,
                       struct mill_arena *arena, const atomic_bool *cancel,
                       struct mill_webhook_answer *answer)
{
    struct mill_webhook_message message = {
        .url = delivery->url,
        .delivery_id = delivery->delivery_id,
        .event = delivery->event,
        .created_ms = delivery->created_ms,
        .data = delivery->data,
    };

    *answer = (struct mill_webhook_answer){.result = MILL_WEBHOOK_REFUSED};
    if (delivery->secret.len > 0 &&
        mill_webhook_open(w->key, delivery->webhook_id, delivery->secret, arena,
                          &message.secret, &answer->why) != MILL_OK)
        return;
    mill_webhook_attempt(&w->rules, w->config->webhook_timeout_ms, &message, cancel, answer);
    if (message.secret.len > 0)
        OPENSSL_cleanse((void *)(uintptr_t)message.secret.ptr, message.secret.len);
}

static void do_job(struct mill_webhooks *w, struct job *job)
{
    struct mill_webhook_answer answer;

    send_event(w, &job->delivery, &job->arena, &w->stop, &answer);
    mill_buf_release(&answer.body);
    if (answer.result != MILL_WEBHOOK_CANCELLED)
        settle(w, job, &answer);
    let_go(w, job);
}

static void *deliver(void *context)
{
    struct mill_webhooks *w = context;

    while (!atomic_load(&w->stop)) {
        struct job job = {.place = 0};
        int64_t until = MILL_ABSENT;
        uint64_t seen;
        bool found;

        pthread_mutex_lock(&w->picking);
        pthread_mutex_lock(&w->state);
        seen = w->news;
        pthread_mutex_unlock(&w->state);
        found = find_work(w, &job, &until);
        pthread_mutex_unlock(&w->picking);
        if (found)
            do_job(w, &job);
        mill_arena_release(&job.arena);
        if (!found)
            wait_idle(w, seen, until);
    }
    return NULL;
}

/* --- from start to stop ------------------------------------------------------------------- */

/* What an earlier server has left to be sent. */
static enum mill_status look_for_old(struct mill_webhooks *w, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_due_deliveries due;
    enum mill_status st = mill_store_due_deliveries(w->store, mill_now_ms(), &arena, &due, err);

    if (st == MILL_OK && (due.count > 0 || due.next_ms != MILL_ABSENT))
        events_wait(w);
    mill_arena_release(&arena);
    return st;
}

enum mill_status mill_webhooks_start(const struct mill_server_config *config,
                                     struct mill_store *store, struct mill_writer *writer,
                                     struct mill_webhooks **out, struct mill_error *err)
{
    struct mill_webhooks *w = mill_alloc_zero(1, sizeof(*w));
    enum mill_status st;

    if (w == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for webhooks");
    w->config = config;
    w->store = store;
    w->writer = writer;
    w->second_ms = getenv("MILLSTREAM_TEST_WEBHOOK_SECOND") != NULL ? 20 : 1000;
    w->rules =
        (struct mill_target_rules){config->webhook_schemes, config->webhook_allow_private};
    pthread_mutex_init(&w->picking, NULL);
    pthread_mutex_init(&w->state, NULL);
    pthread_cond_init(&w->changed, NULL);
    st = mill_webhook_key_new(config, &w->key, err);
    if (st == MILL_OK && mill_store_watch_deliveries(store, events_wait, w)) {
        st = look_for_old(w, err);
        if (st == MILL_OK) {
            *out = w;
            return MILL_OK;
        }
    }
    mill_webhooks_stop(w);
    return st;
}

void mill_webhooks_stop(struct mill_webhooks *webhooks)
{
    struct mill_webhooks *w = webhooks;

    if (w == NULL)
        return;
    (void)mill_store_watch_deliveries(w->store, NULL, NULL);
    pthread_mutex_lock(&w->state);
    atomic_store(&w->stop, true);
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->state);
    for (size_t i = 0; i < w->thread_count; i++)
        pthread_join(w->threads[i], NULL);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->state);
    pthread_mutex_destroy(&w->picking);
    mill_webhook_key_free(w->key);
    mill_free(w);
}

const struct mill_target_rules *mill_webhooks_rules(const struct mill_webhooks *webhooks)
{
    return &webhooks->rules;
}

struct mill_webhook_key *mill_webhooks_key(const struct mill_webhooks *webhooks)
{
    return webhooks->key;
}

/* --- tests -------------------------------------------------------------------------------- */

#define MODEL                                                                                  \
    "{\"name\": \"example\", \"tags\": {\"key\": \"value\"}, \"description\": \"Try\"}"
#define VERSION "\"name\": \"example\", \"version\": \"1\""
#define TAG     "\"key\": \"key\", \"value\": \"value\"}"
#define RUN(status)                                                                            \
    "{\"run_id\": \"0123456789abcdef0123456789abcdef\", \"run_name\": \"example\", "           \
    "\"experiment_id\": \"0\", \"status\": \"" status "\", \"start_time\": 1700000000000, "    \
    "\"end_time\": 1700000001000, \"user_id\": \"somebody\"}"

/* What a test sends: the shape of each event's data. */
static const char *const examples[MILL_EVENT_COUNT] = {
    [MILL_EVENT_BUDGET_EXCEEDED] =
        "{\"budget_policy_id\": \"example\", \"budget_unit\": \"USD\", \"budget_amount\": "
        "100.0, \"current_spend\": 101.0, \"duration_unit\": \"MONTHS\", \"duration_value\": "
        "1, \"target_scope\": \"GLOBAL\", \"workspace\": \"default\", \"target_value\": \"\", "
        "\"window_start\": 1700000000000}",
    [MILL_EVENT_VERSION_CREATED] =
        "{" VERSION ", \"source\": \"models:/example\", \"run_id\": null, \"tags\": {}, "
        "\"description\": \"Try\"}",
    [MILL_EVENT_VERSION_ALIAS_CREATED] =
        "{\"name\": \"example\", \"alias\": \"champion\", \"version\": \"1\"}",
    [MILL_EVENT_VERSION_ALIAS_DELETED] = "{\"name\": \"example\", \"alias\": \"champion\"}",
    [MILL_EVENT_VERSION_TAG_DELETED] = "{" VERSION ", \"key\": \"key\"}",
    [MILL_EVENT_VERSION_TAG_SET] = "{" VERSION ", " TAG,
    [MILL_EVENT_PROMPT_CREATED] = MODEL,
    [MILL_EVENT_PROMPT_ALIAS_CREATED] =
        "{\"name\": \"example\", \"alias\": \"champion\", \"version\": \"1\"}",
    [MILL_EVENT_PROMPT_ALIAS_DELETED] = "{\"name\": \"example\", \"alias\": \"champion\"}",
    [MILL_EVENT_PROMPT_TAG_DELETED] = "{\"name\": \"example\", \"key\": \"key\"}",
    [MILL_EVENT_PROMPT_TAG_SET] = "{\"name\": \"example\", " TAG,
    [MILL_EVENT_PROMPT_VERSION_CREATED] =
        "{" VERSION
        ", \"template\": \"Dear {{name}}\", \"tags\": {}, \"description\": \"Try\"}",
    [MILL_EVENT_PROMPT_VERSION_TAG_DELETED] = "{" VERSION ", \"key\": \"key\"}",
    [MILL_EVENT_PROMPT_VERSION_TAG_SET] = "{" VERSION ", " TAG,
    [MILL_EVENT_MODEL_CREATED] = MODEL,
    [MILL_EVENT_RUN_FINISHED] = RUN("FINISHED"),
    [MILL_EVENT_RUN_FAILED] = RUN("FAILED"),
    [MILL_EVENT_RUN_KILLED] = RUN("KILLED"),
};

enum mill_status mill_webhooks_test(struct mill_webhooks *webhooks,
                                    const struct mill_webhook *webhook, enum mill_event event,
                                    struct mill_webhook_answer *out, struct mill_error *err)
{
    struct mill_arena arena = {0};
    char hex[33], uuid[37];
    struct mill_webhook_delivery delivery = {
        .event = event,
        .created_ms = mill_now_ms(),
        .data = mill_view_of(examples[event]),
        .webhook_id = webhook->webhook_id,
        .url = webhook->url,
        .secret = webhook->secret,
    };

    if (atomic_fetch_add(&webhooks->tests, 1) >= MAX_TESTS) {
        atomic_fetch_sub(&webhooks->tests, 1);
        return mill_fail(err, MILL_E_LIMIT,
                         "%d tests of webhooks are on their way; try again later", MAX_TESTS);
    }
    mill_random_hex32(hex);
    mill_uuid_of(hex, uuid);
    delivery.delivery_id = mill_view_of(uuid);
    send_event(webhooks, &delivery, &arena, NULL, out);
    mill_arena_release(&arena);
    atomic_fetch_sub(&webhooks->tests, 1);
    return MILL_OK;
}
