/* conn.h - connections and exchanges: what the files of the HTTP layer share (loop.c, conn.c,
 * write.c, exchange.c, request.c, body.c, respond.c, stream.c, events.c). Nobody else includes
 * it, but for logs and figures. Loop thread throughout.
 *
 * A connection serves one exchange (a request and its answer) at a time; what a client sends
 * ahead waits in its buffer, so answers keep the order of requests. An exchange outlives its
 * connection when something still runs for it. */
#ifndef MILL_SERVER_CONN_H
#define MILL_SERVER_CONN_H

#include <uv.h>

#include "server/http.h"
#include "server/parse.h"
#include "server/security.h"
#include "server/tls.h"

/* Read buffers of connections that are in the middle of something; idle ones have none. */
#define MILL_READ_BYTES 16384

/* Piece of a streamed body, in and out. */
#define MILL_PIECE_BYTES 131072

struct mill_access_log;
struct mill_conn;
struct mill_events;
struct mill_exchange;
struct mill_metrics;

/* What a connection waits for; decides what its deadline means. */
enum mill_wait {
    MILL_WAIT_NOTHING, /* the server works; no deadline */
    MILL_WAIT_REQUEST, /* idle */
    MILL_WAIT_HEAD,
    MILL_WAIT_BODY,  /* must keep moving */
    MILL_WAIT_DRAIN, /* the answer: must keep moving */
    MILL_WAIT_LINGER /* for the client to close */
};

struct mill_conn {
    uv_tcp_t tcp; /* first: libuv hands it back */
    uv_write_t write;
    struct mill_http *http;
    struct mill_conn *prev, *next;
    struct mill_exchange *exchange; /* the one being served */
    struct mill_tls *tls;
    char *buf; /* bytes [buf_from, buf_len) are not served yet; NULL when there are none */
    size_t buf_cap, buf_from, buf_len;
    struct mill_head_scan scan;
    enum mill_wait wait;
    uint64_t deadline_ms; /* in the loop's time */
    uint64_t moved;       /* body bytes in this stall window */
    uint64_t unsent;      /* at the beginning of this stall window */
    int64_t served;       /* requests so far */
    uv_buf_t out[3];      /* being sent */
    unsigned out_at, out_count;
    bool sending; /* out[] is not done */
    bool reading;
    bool eof;
    bool closing;
    bool serving; /* mill_conn_serve is on the stack */
};

/* How an exchange takes its body. */
enum mill_body_mode {
    MILL_BODY_DONE,      /* none, all of it is there, or no more will come */
    MILL_BODY_UNCLAIMED, /* not asked for yet */
    MILL_BODY_IN_PLACE,  /* grows behind its head in the connection's buffer */
    MILL_BODY_COLLECT,   /* into `collected` */
    MILL_BODY_STREAM,    /* to the route */
    MILL_BODY_DISCARD    /* nobody wants it */
};

struct mill_deferred {
    void (*fn)(void *arg);
    void *arg;
    struct mill_deferred *next;
};

struct mill_exchange {
    struct mill_request req; /* first: routes get a pointer to it */
    struct mill_conn *conn;  /* NULL when the client is gone */
    struct mill_exchange *next_spare;
    struct mill_head head;
    uint64_t began_ns;
    char *kept_buf; /* the connection's buffer, when the exchange outlived it */

    /* the body */
    enum mill_body_mode mode;
    size_t at;          /* unread bytes of the connection's buffer begin here */
    uint64_t body_left; /* with Content-Length */
    uint64_t body_seen;
    struct mill_chunks chunks;
    struct mill_buf collected;
    uint64_t collected_bytes; /* counted in mill_http */
    char *piece; /* MILL_PIECE_BYTES; unread bytes of it are [piece_at, piece_len) */
    size_t piece_at, piece_len;
    const struct mill_upload *upload;
    enum mill_status body_status; /* how the body ended, when that is still to be told */
    bool body_over;               /* `upload` is to be told, or was */
    bool end_told;
    bool continue_due; /* the client waits for 100 Continue */
    bool paused;
    bool window_held; /* the stall window stands still since held_ms */
    uint64_t held_ms;
    bool busy;       /* its code is further up the stack: it must not end now */
    bool dispatched; /* the route has it, and will answer */

    /* work on the pool */
    uv_work_t work;
    mill_request_fn *work_fn, *done_fn;
    bool working;

    /* the answer */
    struct mill_buf extra;   /* header lines */
    struct mill_buf headbuf; /* head and small bodies */
    struct mill_buf owned;   /* body memory */
    struct mill_view answer;
    struct mill_body_source *source;
    struct mill_buf pulled; /* from the source */
    struct mill_buf packed; /* compressed */
    void *deflater;
    const char *content_type;
    int http_status;
    uint64_t sent_bytes; /* of the body */
    int64_t announced;   /* Content-Length of a streamed answer, or MILL_ABSENT */
    enum mill_status pull_status;
    struct mill_error pull_error;
    bool pull_end;
    bool answered;
    bool sent; /* or there is nobody to send to */
    bool head_sent;
    bool compress; /* what the source gives */
    bool chunked_out;
    bool parked; /* the source waits */
    bool woken;  /* while a piece was on its way */
    bool close_after;
    void (*when_sent)(struct mill_exchange *ex);

    struct mill_deferred *deferred;
    struct mill_header headers[]; /* --max-headers of them */
};

struct mill_http {
    uv_loop_t loop;
    struct mill_server *server;
    const struct mill_server_config *config;
    uv_tcp_t listeners[4];
    size_t listener_count;
    int port;
    uv_timer_t tick;
    uint64_t tick_ms;
    bool ticking;
    uv_async_t wake;
    uv_mutex_t task_lock;
    struct mill_task *tasks, **tasks_end;
    uv_signal_t signals[2];
    uv_timer_t stop_timer;
    bool stopping;
    bool closed; /* the loop's own handles are closing */

    struct mill_conn *conns;
    size_t conn_count, max_conns;
    size_t exchange_count; /* being served */
    struct mill_exchange *spare;
    size_t spare_count;
    char *spare_bufs; /* list through their first bytes */
    size_t spare_buf_count;
    size_t jobs;
    uint64_t collected_bytes; /* of bodies that arrive, and are worked on */
    char *scratch;            /* ciphertext on its way in, bytes to discard */

    struct mill_security security;
    struct mill_tls_context *tls;
    struct mill_access_log *access_log;
    struct mill_metrics *metrics;
    struct mill_gauge *gauges;
    struct mill_events *events; /* see events.h; NULL until the server serves */
    char common_headers[256];   /* of every answer */
    size_t common_headers_len;
    char date[40]; /* header line */
    int64_t date_s;
    uint64_t bytes_in, bytes_out;
};

/* --- conn.c ----------------------------------------------------------------------------- */

/* Takes over an accepted connection. */
void mill_conn_open(struct mill_http *http, uv_stream_t *listener);

/* Closes at once; an exchange that is being served learns that the client is gone. */
void mill_conn_close(struct mill_conn *conn);

/* Sends what is left, half-closes, and waits a little for the client to do the same. */
void mill_conn_linger(struct mill_conn *conn);

/* The exchange is over: goes on with the next request. */
void mill_conn_next(struct mill_conn *conn);

/* Starts or stops reading, as the state asks for. */
void mill_conn_update_reading(struct mill_conn *conn);

/* The deadline has passed. */
void mill_conn_expired(struct mill_conn *conn);

void mill_conn_wait(struct mill_conn *conn, enum mill_wait wait);

/* Read buffers. */
char *mill_http_take_buf(struct mill_http *http);
void mill_http_give_buf(struct mill_http *http, char *buf, size_t cap);

/* --- write.c ---------------------------------------------------------------------------- */

enum mill_sent {
    MILL_SENT,
    MILL_SENDING,    /* exchange->when_sent will be called */
    MILL_SEND_FAILED /* the connection is closing */
};

/* Sends count (at most 3) pieces, which stay where they are until they are sent. */
enum mill_sent mill_conn_send(struct mill_conn *conn, const struct mill_view *pieces,
                              unsigned count);

/* Sends a few bytes between answers; they are copied. */
void mill_conn_send_copy(struct mill_conn *conn, struct mill_view bytes);

/* TLS: sends what the library wants to send. False: the connection is closing. */
bool mill_conn_flush_tls(struct mill_conn *conn);

/* Bytes that were handed over but not taken by the client yet. */
uint64_t mill_conn_unsent(struct mill_conn *conn);

/* --- exchange.c ------------------------------------------------------------------------- */

/* A new exchange for a head of head_len bytes at the connection's buf_from; NULL: refused or
 * out of memory, the connection is taken care of. */
struct mill_exchange *mill_exchange_begin(struct mill_conn *conn, size_t head_len);

/* The connection goes away. */
void mill_exchange_gone(struct mill_exchange *ex);

/* The answer was sent, or there is nobody to send it to. */
void mill_exchange_sent(struct mill_exchange *ex);

/* Frees the exchange and goes on, if nothing runs for it any more. */
void mill_exchange_check_end(struct mill_exchange *ex);

void mill_exchange_free_spares(struct mill_http *http);

/* --- request.c -------------------------------------------------------------------------- */

/* Looks up the route and runs it or starts to receive the body. */
void mill_exchange_start(struct mill_exchange *ex);

/* The route gets the request, and will answer it. */
void mill_exchange_dispatch(struct mill_exchange *ex);

/* --- body.c ----------------------------------------------------------------------------- */

/* Whether a body of that size is more than its route takes. */
bool mill_body_too_large(const struct mill_exchange *ex, uint64_t size);

/* Receives a body that the route wants as a whole. */
void mill_body_buffer(struct mill_exchange *ex);

/* Where the next bytes of the body go; NULL: into the connection's buffer. */
char *mill_exchange_room(struct mill_exchange *ex, size_t *len_out);

/* len bytes were read into that room. */
void mill_exchange_received(struct mill_exchange *ex, size_t len);

/* Hands on what has arrived of the body, and waits for more when that was not all. Then as
 * mill_exchange_check_end. */
void mill_exchange_feed(struct mill_exchange *ex);

/* Whether bytes from the socket are of use now. */
bool mill_exchange_wants(const struct mill_exchange *ex);

/* The body will not be complete: why is MILL_E_CANCELLED, TIMEOUT, BAD_REQUEST, NOMEM, BUSY or
 * TOO_LARGE. */
void mill_exchange_broken(struct mill_exchange *ex, enum mill_status why);

/* --- respond.c -------------------------------------------------------------------------- */

/* Puts the head of the answer into headbuf; body_len MILL_ABSENT: no Content-Length. */
void mill_answer_head(struct mill_exchange *ex, int64_t body_len, const char *coding);

/* Decides whether the connection goes on after this answer. */
void mill_answer_decide_close(struct mill_exchange *ex);

void mill_respond_refusal(struct mill_exchange *ex, int http_status, const char *message);

/* Answers a head that could not be read. */
void mill_refuse(struct mill_conn *conn, const struct mill_refusal *refusal);

/* Sends head and answer. */
void mill_answer_send(struct mill_exchange *ex);

/* Whether a body of that length (MILL_ABSENT: unknown) is to be compressed. */
bool mill_answer_compresses(const struct mill_exchange *ex, int64_t length);

/* Begins an answer: false when there was one, or nobody is there to hear it. */
bool mill_answer_begin(struct mill_exchange *ex, int http_status, const char *content_type);

/* --- stream.c --------------------------------------------------------------------------- */

/* Closes the source, once. */
void mill_exchange_close_source(struct mill_exchange *ex);

/* --- loop.c ----------------------------------------------------------------------------- */

/* Ends the loop when the server stops and nothing is left to do. */
void mill_http_check_stopped(struct mill_http *http);

/* Keeps the timer going while there are connections. */
void mill_http_watch(struct mill_http *http);

/* Runs work on the pool, then done on the loop; without the limit on jobs. */
void mill_exchange_queue(struct mill_exchange *ex, mill_request_fn *work,
                         mill_request_fn *done);

/* The same; false when too many jobs wait. */
bool mill_exchange_work(struct mill_exchange *ex, mill_request_fn *work, mill_request_fn *done);

/* A server's loop: open, run until it is told to stop, close. */
enum mill_status mill_http_open(struct mill_http *http, struct mill_server *server,
                                struct mill_error *err);
enum mill_status mill_http_listen(struct mill_http *http, struct mill_error *err);
void mill_http_run(struct mill_http *http);
void mill_http_stop(struct mill_http *http);
void mill_http_close(struct mill_http *http);

#endif
