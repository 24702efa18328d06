/* loop.c - the one event loop: listening, the clock for deadlines, work for the pool, posts
 * from other threads, stopping. */
#include "server/conn.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "server/access_log.h"
#include "server/events.h"
#include "server/metrics.h"

/* Files that are not connections: database, logs, artifacts. */
#define OTHER_FILES 256

/* --- deadlines -------------------------------------------------------------------------- */

static void on_tick(uv_timer_t *timer)
{
    struct mill_http *http = timer->data;
    uint64_t now = uv_now(&http->loop);
    struct mill_conn *next;

    for (struct mill_conn *conn = http->conns; conn != NULL; conn = next) {
        next = conn->next;
        if (conn->wait != MILL_WAIT_NOTHING && conn->deadline_ms <= now)
            mill_conn_expired(conn);
    }
    mill_access_log_flush(http->access_log);
    if (http->conns == NULL) {
        uv_timer_stop(&http->tick);
        http->ticking = false;
    }
}

void mill_http_watch(struct mill_http *http)
{
    if (http->ticking)
        return;
    http->ticking = true;
    uv_update_time(&http->loop);
    uv_timer_start(&http->tick, on_tick, http->tick_ms, http->tick_ms);
}

/* Often enough for the shortest deadline, and seldom enough to cost nothing. */
static uint64_t tick_of(const struct mill_server_config *config)
{
    int64_t shortest = config->head_timeout_ms;

    if (config->idle_timeout_ms < shortest)
        shortest = config->idle_timeout_ms;
    if (config->stall_window_ms < shortest)
        shortest = config->stall_window_ms;
    shortest /= 4;
    return shortest < 5 ? 5 : shortest > 500 ? 500 : (uint64_t)shortest;
}

/* --- the pool --------------------------------------------------------------------------- */

static void on_work(uv_work_t *work)
{
    struct mill_exchange *ex = work->data;

    ex->work_fn(&ex->req);
}

static void on_worked(uv_work_t *work, int status)
{
    struct mill_exchange *ex = work->data;

    (void)status;
    ex->req.server->http->jobs--;
    ex->working = false;
    ex->busy = true;
    ex->done_fn(&ex->req);
    ex->busy = false;
    mill_exchange_feed(ex);
}

void mill_exchange_queue(struct mill_exchange *ex, mill_request_fn *work, mill_request_fn *done)
{
    struct mill_http *http = ex->req.server->http;

    ex->work.data = ex;
    ex->work_fn = work;
    ex->done_fn = done;
    ex->working = true;
    http->jobs++;
    uv_queue_work(&http->loop, &ex->work, on_work, on_worked);
}

bool mill_exchange_work(struct mill_exchange *ex, mill_request_fn *work, mill_request_fn *done)
{
    const struct mill_http *http = ex->req.server->http;

    if (http->jobs >= (size_t)http->config->max_jobs)
        return false;
    mill_exchange_queue(ex, work, done);
    return true;
}

/* --- posts ------------------------------------------------------------------------------ */

void mill_server_post(struct mill_server *server, struct mill_task *first)
{
    struct mill_http *http = server->http;
    struct mill_task *last = first;

    if (first == NULL)
        return;
    while (last->next != NULL)
        last = last->next;
    uv_mutex_lock(&http->task_lock);
    *http->tasks_end = first;
    http->tasks_end = &last->next;
    uv_mutex_unlock(&http->task_lock);
    uv_async_send(&http->wake);
}

static void run_tasks(struct mill_http *http)
{
    struct mill_task *task;

    uv_mutex_lock(&http->task_lock);
    task = http->tasks;
    http->tasks = NULL;
    http->tasks_end = &http->tasks;
    uv_mutex_unlock(&http->task_lock);
    while (task != NULL) {
        struct mill_task *next = task->next;
        task->run(task);
        task = next;
    }
}

static void on_wake(uv_async_t *wake)
{
    run_tasks(wake->data);
}

/* --- stopping --------------------------------------------------------------------------- */

static void close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void mill_http_check_stopped(struct mill_http *http)
{
    if (!http->stopping || http->closed || http->conn_count > 0 || http->exchange_count > 0)
        return;
    http->closed = true;
    close_handle((uv_handle_t *)&http->tick);
    close_handle((uv_handle_t *)&http->wake);
    close_handle((uv_handle_t *)&http->stop_timer);
    mill_events_close(http->events);
    http->events = NULL;
    for (size_t i = 0; i < MILL_COUNT(http->signals); i++)
        close_handle((uv_handle_t *)&http->signals[i]);
}

static void close_idle(struct mill_http *http)
{
    struct mill_conn *next;

    for (struct mill_conn *conn = http->conns; conn != NULL; conn = next) {
        next = conn->next;
        if (conn->exchange == NULL && conn->wait != MILL_WAIT_LINGER &&
            conn->buf_from == conn->buf_len)
            mill_conn_close(conn);
    }
}

/* The time that accepted requests get is over. */
static void on_stop_timeout(uv_timer_t *timer)
{
    struct mill_http *http = timer->data;
    struct mill_conn *next;

    if (http->conn_count > 0)
        mill_log(MILL_LOG_WARN, "stopping: %zu connections are cut off", http->conn_count);
    for (struct mill_conn *conn = http->conns; conn != NULL; conn = next) {
        next = conn->next;
        mill_conn_close(conn);
    }
}

/* What clients had sent when the listening ended was read. */
static void on_stop_begun(uv_timer_t *timer)
{
    struct mill_http *http = timer->data;

    uv_timer_start(timer, on_stop_timeout, (uint64_t)http->config->stop_timeout_ms, 0);
    mill_events_stop(http->events);
    close_idle(http);
    mill_http_check_stopped(http);
}

/* In the first turn of the loop after the listening ended; a turn looks at its timers before it
 * looks at its sockets. */
static void on_stop_turn(uv_timer_t *timer)
{
    uv_timer_start(timer, on_stop_begun, 1, 0);
}

void mill_http_stop(struct mill_http *http)
{
    if (http->stopping)
        return;
    http->stopping = true;
    for (size_t i = 0; i < http->listener_count; i++)
        close_handle((uv_handle_t *)&http->listeners[i]);
    uv_timer_start(&http->stop_timer, on_stop_turn, 1, 0);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct mill_http *http = handle->data;

    if (http->stopping)
        _exit(128 + number);
    mill_http_stop(http);
}

/* --- listening -------------------------------------------------------------------------- */

static void on_connection(uv_stream_t *listener, int status)
{
    struct mill_http *http = listener->data;

    if (status == 0)
        mill_conn_open(http, listener);
    else
        mill_log(MILL_LOG_WARN, "accepting a connection: %s", uv_strerror(status));
}

static enum mill_status listen_failed(const struct mill_http *http, int rc,
                                      struct mill_error *err)
{
    const struct mill_server_config *config = http->config;
    int port = http->port;

    if (rc == UV_EADDRINUSE)
        return mill_fail(err, MILL_E_BUSY,
                         "port %d of %.*s is in use: stop what listens there, or choose "
                         "another one with --port",
                         port, MILL_FMT(config->host));
    if (rc == UV_EACCES)
        return mill_fail(err, MILL_E_DENIED,
                         "port %d of %.*s may not be used by this user: choose one above 1023 "
                         "with --port",
                         port, MILL_FMT(config->host));
    if (rc == UV_EADDRNOTAVAIL)
        return mill_fail(err, MILL_E_INVALID, "--host %.*s is not an address of this machine",
                         MILL_FMT(config->host));
    return mill_fail(err, MILL_E_IO, "listening on %.*s port %d: %s", MILL_FMT(config->host),
                     port, uv_strerror(rc));
}

static int port_of(const uv_tcp_t *listener)
{
    struct sockaddr_storage address;
    int len = sizeof(address);

    if (uv_tcp_getsockname(listener, (struct sockaddr *)&address, &len) != 0)
        return 0;
    if (address.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

static int listen_on(struct mill_http *http, const struct addrinfo *found)
{
    uv_tcp_t *listener = &http->listeners[http->listener_count];
    struct sockaddr_storage address;
    int rc = uv_tcp_init(&http->loop, listener);

    if (rc != 0)
        return rc;
    http->listener_count++;
    listener->data = http;
    memcpy(&address, found->ai_addr, found->ai_addrlen);
    if (found->ai_family == AF_INET6)
        ((struct sockaddr_in6 *)&address)->sin6_port = htons((uint16_t)http->port);
    else
        ((struct sockaddr_in *)&address)->sin_port = htons((uint16_t)http->port);
    rc = uv_tcp_bind(listener, (struct sockaddr *)&address, 0);
    if (rc == 0) /* accepted connections inherit it */
        rc = uv_tcp_nodelay(listener, 1);
    if (rc == 0)
        rc = uv_listen((uv_stream_t *)listener, SOMAXCONN, on_connection);
    if (rc == 0 && http->port == 0)
        http->port = port_of(listener);
    return rc;
}

/* Listens on all addresses of a name but those that this machine has switched off. */
static int listen_on_each(struct mill_http *http, const struct addrinfo *found)
{
    bool listens = false;
    int rc = 0;

    for (; found != NULL && http->listener_count < MILL_COUNT(http->listeners);
         found = found->ai_next) {
        rc = listen_on(http, found);
        if (rc != 0 && rc != UV_EADDRNOTAVAIL && rc != UV_EAFNOSUPPORT)
            return rc;
        listens = listens || rc == 0;
    }
    return listens ? 0 : rc;
}

enum mill_status mill_http_listen(struct mill_http *http, struct mill_error *err)
{
    const struct mill_server_config *config = http->config;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    char host[256];
    uv_getaddrinfo_t lookup;
    int rc;

    memcpy(host, config->host.ptr, config->host.len); /* checked with the settings */
    host[config->host.len] = '\0';
    http->port = (int)config->port;
    rc = uv_getaddrinfo(&http->loop, &lookup, NULL, host, NULL, &hints);
    if (rc != 0)
        return mill_fail(err, MILL_E_INVALID, "--host %s cannot be resolved: %s", host,
                         uv_strerror(rc));
    rc = listen_on_each(http, lookup.addrinfo);
    uv_freeaddrinfo(lookup.addrinfo);
    return rc == 0 ? MILL_OK : listen_failed(http, rc, err);
}

/* --- opening and closing ---------------------------------------------------------------- */

/* Lets the process have as many files as it may; the number of connections follows. */
static size_t raise_file_limit(size_t wanted_conns)
{
    struct rlimit limit;
    size_t files;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return wanted_conns;
    if (limit.rlim_cur < limit.rlim_max) {
        rlim_t wanted = (rlim_t)wanted_conns + OTHER_FILES;
        rlim_t before = limit.rlim_cur;
        limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
        if (limit.rlim_cur < before || setrlimit(RLIMIT_NOFILE, &limit) != 0)
            limit.rlim_cur = before;
    }
    files = limit.rlim_cur > 2 * (rlim_t)OTHER_FILES ? (size_t)limit.rlim_cur - OTHER_FILES
                                                     : (size_t)limit.rlim_cur / 2;
    if (files < wanted_conns)
        mill_log(MILL_LOG_INFO, "at most %zu connections: the limit of open files is %zu",
                 files, (size_t)limit.rlim_cur);
    return files < wanted_conns ? files : wanted_conns;
}

static void init_common_headers(struct mill_http *http)
{
    struct mill_view frame = http->config->x_frame_options;
    int n = snprintf(http->common_headers, sizeof(http->common_headers),
                     "X-Content-Type-Options: nosniff\r\n");

    http->common_headers_len = (size_t)n;
    if (http->config->disable_security) {
        http->common_headers_len = 0;
        return;
    }
    if (mill_view_eq(frame, MILL_VIEW("NONE")) || frame.len == 0 || frame.len > 128)
        return;
    n = snprintf(http->common_headers + n, sizeof(http->common_headers) - (size_t)n,
                 "X-Frame-Options: %.*s\r\n", MILL_FMT(frame));
    http->common_headers_len += (size_t)n;
}

static void set_pool_size(int64_t threads)
{
    char text[24];

    snprintf(text, sizeof(text), "%lld", (long long)threads);
    setenv("UV_THREADPOOL_SIZE", text, 1);
}

static int open_handles(struct mill_http *http)
{
    static const int numbers[] = {SIGTERM, SIGINT};
    int rc = uv_async_init(&http->loop, &http->wake, on_wake);

    if (rc != 0)
        return rc;
    http->wake.data = http;
    uv_timer_init(&http->loop, &http->tick);
    http->tick.data = http;
    uv_timer_init(&http->loop, &http->stop_timer);
    http->stop_timer.data = http;
    for (size_t i = 0; i < MILL_COUNT(numbers); i++) {
        uv_signal_init(&http->loop, &http->signals[i]);
        http->signals[i].data = http;
        rc = uv_signal_start(&http->signals[i], on_signal, numbers[i]);
        if (rc != 0)
            return rc;
    }
    return 0;
}

enum mill_status mill_http_open(struct mill_http *http, struct mill_server *server,
                                struct mill_error *err)
{
    int rc;

    *http = (struct mill_http){.server = server, .config = server->config};
    http->tasks_end = &http->tasks;
    http->tick_ms = tick_of(http->config);
    http->max_conns = raise_file_limit((size_t)http->config->max_connections);
    init_common_headers(http);
    set_pool_size(http->config->pool_threads);
    http->scratch = mill_alloc(MILL_PIECE_BYTES);
    http->metrics = mill_metrics_new();
    if (http->scratch == NULL || http->metrics == NULL ||
        uv_mutex_init(&http->task_lock) != 0) {
        mill_free(http->scratch);
        mill_metrics_free(http->metrics);
        *http = (struct mill_http){0};
        return mill_fail(err, MILL_E_NOMEM, "starting the server: out of memory");
    }
    rc = uv_loop_init(&http->loop);
    if (rc == 0)
        rc = open_handles(http);
    if (rc != 0) { /* the process ends: what the loop holds is left to that */
        mill_free(http->scratch);
        mill_metrics_free(http->metrics);
        *http = (struct mill_http){0};
        return mill_fail(err, MILL_E_IO, "starting the event loop: %s", uv_strerror(rc));
    }
    server->http = http;
    return MILL_OK;
}

void mill_http_run(struct mill_http *http)
{
    uv_run(&http->loop, UV_RUN_DEFAULT);
}

void mill_http_close(struct mill_http *http)
{
    if (http->server == NULL)
        return;
    if (!http->closed) { /* it never ran: a failure while starting */
        http->stopping = true;
        for (size_t i = 0; i < http->listener_count; i++)
            close_handle((uv_handle_t *)&http->listeners[i]);
        mill_http_check_stopped(http);
        uv_run(&http->loop, UV_RUN_DEFAULT);
    }
    uv_loop_close(&http->loop);
    mill_exchange_free_spares(http);
    while (http->spare_bufs != NULL) {
        char *buf = mill_http_take_buf(http);
        mill_free(buf);
    }
    uv_mutex_destroy(&http->task_lock);
    mill_free(http->scratch);
    mill_metrics_free(http->metrics);
    *http = (struct mill_http){0};
}

void mill_server_add_gauge(struct mill_server *server, struct mill_gauge *gauge)
{
    gauge->next = server->http->gauges;
    server->http->gauges = gauge;
}
