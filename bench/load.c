/* load.c - HTTP load driver: N keep-alive connections over epoll in one thread, closed loop or
 * a fixed rate, answers checked, latency percentiles and the server's CPU time per request.
 * Called by bench/run; prints one line of JSON. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "answer.h"
#include "hist.h"
#include "proc.h"
#include "script.h"

#define CONNS_MAX    4096
#define READ_SIZE    (256 * 1024)
#define LARGE_BODY   (256 * 1024) /* answers above this are checked one time in CHECK_EVERY */
#define CHECK_EVERY  16
#define SECOND       1000000000ULL
#define ERROR_TEXT   400
#define FEW_PER_CONN 3 /* fewer answers per connection than this: count the drain too */

struct conn {
    int fd;
    int busy;
    int writing;
    size_t step;
    uint64_t began_ns;
    struct mill_request request;
    struct mill_answer answer;
    char captured[MILL_CAPTURE_MAX];
};

struct step_result {
    struct mill_hist hist;
    uint64_t errors;
};

struct options {
    int port;
    int conns;
    double seconds;
    double warmup;
    double drain;
    double rate;         /* requests a second, 0 for a closed loop */
    uint64_t iterations; /* stop after so many rounds of the script, 0 for no limit */
    pid_t server;
    int quickack; /* acknowledge at once: no 40 ms stall with servers that write in two pieces
                   */
    const char *script;
};

/* What is true at one moment; the difference of two is a measurement. */
struct mark {
    uint64_t at_ns;
    uint64_t server_ns;
    uint64_t client_ns;
    uint64_t requests;
    uint64_t bytes_in;
    uint64_t bytes_out;
};

struct load {
    struct options options;
    struct mill_script script;
    struct conn *conns;
    struct step_result *results;
    struct mill_proc_tree tree;
    int epoll;
    int recording;
    int stopping;
    int busy;
    uint64_t requests;
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint64_t iterations_begun;
    uint64_t due_ns; /* fixed rate: when the next request is due */
    uint64_t late;   /* fixed rate: requests that waited for a free connection */
    char first_error[ERROR_TEXT];
    char *read_buf;
};

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

static void stop_with(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void watch(struct load *load, struct conn *conn, int add)
{
    struct epoll_event event = {
        .events = conn->writing ? EPOLLIN | EPOLLOUT : EPOLLIN,
        .data = {.ptr = conn},
    };

    if (epoll_ctl(load->epoll, add ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, conn->fd, &event) != 0)
        stop_with("epoll_ctl");
}

static void open_conn(struct load *load, struct conn *conn)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)load->options.port),
        .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
    };
    int one = 1;

    conn->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (conn->fd < 0 || connect(conn->fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        stop_with("connect");
    setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (fcntl(conn->fd, F_SETFL, O_NONBLOCK) != 0)
        stop_with("fcntl");
    conn->writing = 0;
    watch(load, conn, 1);
}

static void note_error(struct load *load, struct conn *conn, const char *what)
{
    const struct mill_step *step = &load->script.steps[conn->step];
    size_t len;

    load->results[conn->step].errors++;
    if (load->first_error[0] != '\0')
        return;
    snprintf(load->first_error, sizeof(load->first_error), "%s: %s, status %d, body %.*s",
             step->name, what, conn->answer.status,
             (int)(conn->answer.kept_len < 300 ? conn->answer.kept_len : 300),
             conn->answer.kept);
    len = strlen(load->first_error);
    for (size_t i = 0; i < len; i++) {
        if (load->first_error[i] == '"' || load->first_error[i] == '\\')
            load->first_error[i] = '\'';
        else if ((unsigned char)load->first_error[i] < ' ')
            load->first_error[i] = ' ';
    }
}

static void send_more(struct load *load, struct conn *conn);

static void begin_request(struct load *load, struct conn *conn, uint64_t began_ns)
{
    const struct mill_step *step = &load->script.steps[conn->step];
    const char *needle = step->needle;

    mill_script_render(&load->script, step, conn->captured, &conn->request);
    if (conn->answer.body_len > LARGE_BODY && load->requests % CHECK_EVERY != 0)
        needle = NULL;
    mill_answer_begin(&conn->answer, needle);
    conn->began_ns = began_ns;
    if (!conn->busy) {
        conn->busy = 1;
        load->busy++;
    }
    send_more(load, conn);
}

/* Starts the next round of the script on an idle connection, if one is to be started. */
static void begin_round(struct load *load, struct conn *conn, uint64_t began_ns)
{
    uint64_t limit = load->options.iterations;

    if (load->stopping || (limit > 0 && load->iterations_begun >= limit))
        return;
    load->iterations_begun++;
    conn->step = 0;
    begin_request(load, conn, began_ns);
}

static void reopen(struct load *load, struct conn *conn)
{
    close(conn->fd);
    open_conn(load, conn);
}

static void end_round(struct load *load, struct conn *conn)
{
    conn->busy = 0;
    load->busy--;
    conn->step = 0;
    if (load->options.rate <= 0)
        begin_round(load, conn, now_ns());
}

static void lost_conn(struct load *load, struct conn *conn, const char *what)
{
    if (conn->busy)
        note_error(load, conn, what);
    reopen(load, conn);
    if (conn->busy)
        end_round(load, conn);
}

static void send_more(struct load *load, struct conn *conn)
{
    struct mill_request *request = &conn->request;
    ssize_t sent = send(conn->fd, request->buf + request->begin, request->end - request->begin,
                        MSG_NOSIGNAL);
    int left;

    if (sent < 0) {
        if (errno != EAGAIN && errno != EINTR) {
            lost_conn(load, conn, "send failed");
            return;
        }
        sent = 0;
    }
    request->begin += (size_t)sent;
    load->bytes_out += (uint64_t)sent;
    left = request->begin < request->end;
    if (left != conn->writing) {
        conn->writing = left;
        watch(load, conn, 0);
    }
}

/* NULL if the answer is what the script wants. */
static const char *check_answer(const struct mill_step *step, struct conn *conn)
{
    const struct mill_answer *answer = &conn->answer;

    if (answer->status != 200)
        return "status is not 200";
    if (step->expect != NULL &&
        memmem(answer->kept, answer->kept_len, step->expect, strlen(step->expect)) == NULL)
        return "expected text is missing";
    if (answer->needle != NULL && answer->found != step->needle_count)
        return "wrong number of entries";
    if (step->capture != NULL &&
        mill_answer_value(answer, step->capture, conn->captured, sizeof(conn->captured)) != 0)
        return "value to remember is missing";
    return NULL;
}

static void finish_request(struct load *load, struct conn *conn)
{
    const struct mill_step *step = &load->script.steps[conn->step];
    const char *wrong = check_answer(step, conn);
    uint64_t done_ns = now_ns();

    load->requests++;
    if (wrong != NULL)
        note_error(load, conn, wrong);
    else if (load->recording)
        mill_hist_add(&load->results[conn->step].hist, done_ns - conn->began_ns);
    if (conn->answer.closes)
        reopen(load, conn);
    if (wrong == NULL && conn->step + 1 < load->script.step_count) {
        conn->step++;
        begin_request(load, conn, done_ns);
        return;
    }
    end_round(load, conn);
}

static void on_readable(struct load *load, struct conn *conn)
{
    ssize_t got = recv(conn->fd, load->read_buf, READ_SIZE, 0);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        lost_conn(load, conn, "connection closed by the server");
        return;
    }
    load->bytes_in += (uint64_t)got;
    if (load->options.quickack) {
        int one = 1;
        setsockopt(conn->fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
    }
    if (!conn->busy)
        return;
    mill_answer_feed(&conn->answer, load->read_buf, (size_t)got);
    if (conn->answer.state == MILL_ANSWER_BROKEN)
        lost_conn(load, conn, "answer is not HTTP");
    else if (conn->answer.state == MILL_ANSWER_DONE)
        finish_request(load, conn);
}

/* Fixed rate: hands due requests to idle connections; latency counts from the due time. */
static void begin_due(struct load *load)
{
    uint64_t gap = (uint64_t)((double)SECOND / load->options.rate);
    uint64_t now = now_ns();
    int i = 0;

    while (load->due_ns <= now) {
        while (i < load->options.conns && load->conns[i].busy)
            i++;
        if (i == load->options.conns) {
            load->late++;
            return;
        }
        begin_round(load, &load->conns[i], load->due_ns);
        load->due_ns += gap;
    }
}

static void wait_and_serve(struct load *load, uint64_t until_ns)
{
    struct epoll_event events[256];
    uint64_t now = now_ns();
    uint64_t wait = until_ns > now ? until_ns - now : 0;
    struct timespec timeout;
    int count;

    if (load->options.rate > 0 && !load->stopping) {
        uint64_t next = load->due_ns > now ? load->due_ns - now : 0;
        if (next < wait && load->busy < load->options.conns)
            wait = next;
    }
    timeout =
        (struct timespec){.tv_sec = (time_t)(wait / SECOND), .tv_nsec = (long)(wait % SECOND)};
    count = epoll_pwait2(load->epoll, events, 256, &timeout, NULL);
    if (count < 0 && errno != EINTR)
        stop_with("epoll_pwait2");
    for (int i = 0; i < count; i++) {
        struct conn *conn = events[i].data.ptr;

        if ((events[i].events & EPOLLOUT) != 0 && conn->writing)
            send_more(load, conn);
        if ((events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0)
            on_readable(load, conn);
    }
    if (load->options.rate > 0 && !load->stopping)
        begin_due(load);
}

static struct mark take_mark(const struct load *load)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return (struct mark){
        .at_ns = now_ns(),
        .server_ns = mill_proc_cpu_ns(&load->tree),
        .client_ns =
            ((uint64_t)used.ru_utime.tv_sec + (uint64_t)used.ru_stime.tv_sec) * SECOND +
            ((uint64_t)used.ru_utime.tv_usec + (uint64_t)used.ru_stime.tv_usec) * 1000U,
        .requests = load->requests,
        .bytes_in = load->bytes_in,
        .bytes_out = load->bytes_out,
    };
}

static void serve_until(struct load *load, uint64_t until_ns)
{
    while (now_ns() < until_ns) {
        wait_and_serve(load, until_ns);
        if (load->busy == 0 && load->options.rate <= 0)
            return;
    }
}

static void print_steps(const struct load *load)
{
    printf("\"steps\":[");
    for (size_t i = 0; i < load->script.step_count; i++) {
        const struct mill_hist *hist = &load->results[i].hist;

        printf("%s{\"name\":\"%s\",\"requests\":%llu,\"errors\":%llu,\"mean_us\":%.1f,"
               "\"p50_us\":%.1f,\"p90_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,"
               "\"max_us\":%.1f}",
               i == 0 ? "" : ",", load->script.steps[i].name, (unsigned long long)hist->count,
               (unsigned long long)load->results[i].errors,
               hist->count == 0 ? 0.0 : (double)hist->sum_ns / (double)hist->count / 1e3,
               (double)mill_hist_quantile(hist, 0.5) / 1e3,
               (double)mill_hist_quantile(hist, 0.9) / 1e3,
               (double)mill_hist_quantile(hist, 0.99) / 1e3,
               (double)mill_hist_quantile(hist, 0.999) / 1e3, (double)hist->max_ns / 1e3);
    }
    printf("]");
}

static void print_result(const struct load *load, const struct mark *from,
                         const struct mark *to, int drained)
{
    double seconds = (double)(to->at_ns - from->at_ns) / 1e9;
    double requests = (double)(to->requests - from->requests);
    double each = requests > 0 ? requests : 1;
    uint64_t errors = 0;

    for (size_t i = 0; i < load->script.step_count; i++)
        errors += load->results[i].errors;
    printf("{\"seconds\":%.4f,\"conns\":%d,\"requests\":%.0f,\"errors\":%llu,\"rps\":%.2f,"
           "\"bytes_in\":%llu,\"bytes_out\":%llu,\"drain_counted\":%s,\"late\":%llu,"
           "\"server_cpu_us\":%.2f,\"server_cpu_share\":%.4f,\"client_cpu_us\":%.2f,"
           "\"client_cpu_share\":%.4f,\"pss_kib\":%llu,\"first_error\":\"%s\",",
           seconds, load->options.conns, requests, (unsigned long long)errors,
           requests / seconds, (unsigned long long)(to->bytes_in - from->bytes_in),
           (unsigned long long)(to->bytes_out - from->bytes_out), drained ? "true" : "false",
           (unsigned long long)load->late,
           (double)(to->server_ns - from->server_ns) / each / 1e3,
           (double)(to->server_ns - from->server_ns) / 1e9 / seconds,
           (double)(to->client_ns - from->client_ns) / each / 1e3,
           (double)(to->client_ns - from->client_ns) / 1e9 / seconds,
           (unsigned long long)mill_proc_pss_kib(&load->tree), load->first_error);
    print_steps(load);
    printf("}\n");
}

/* Warm up, measure, then let the last requests finish. A server so slow that the window saw
 * only a few answers is measured up to the last answer instead. */
static void run(struct load *load)
{
    struct mark from;
    struct mark to;
    struct mark last;
    uint64_t begin = now_ns();
    int few;

    load->due_ns = begin;
    for (int i = 0; i < load->options.conns && load->options.rate <= 0; i++)
        begin_round(load, &load->conns[i], now_ns());
    if (load->options.warmup > 0)
        serve_until(load, begin + (uint64_t)(load->options.warmup * 1e9));
    load->recording = 1;
    from = take_mark(load);
    serve_until(load, from.at_ns + (uint64_t)(load->options.seconds * 1e9));
    to = take_mark(load);
    load->stopping = 1;
    while (load->busy > 0 && now_ns() < to.at_ns + (uint64_t)(load->options.drain * 1e9))
        wait_and_serve(load, to.at_ns + (uint64_t)(load->options.drain * 1e9));
    last = take_mark(load);
    for (int i = 0; i < load->options.conns; i++) {
        if (load->conns[i].busy)
            note_error(load, &load->conns[i], "no answer in time");
    }
    few = to.requests - from.requests < (uint64_t)(FEW_PER_CONN * load->options.conns);
    print_result(load, &from, few ? &last : &to, few);
}

static void usage(void)
{
    fputs("usage: load --port N --script FILE [--conns N] [--seconds S] [--warmup S]\n"
          "            [--drain S] [--rate REQUESTS_PER_SECOND] [--iterations N]\n"
          "            [--server PID] [--first-step N] [--quickack]\n",
          stderr);
    exit(2);
}

static void read_options(struct load *load, int argc, char **argv)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},   {"script", required_argument, NULL, 's'},
        {"conns", required_argument, NULL, 'c'},  {"seconds", required_argument, NULL, 't'},
        {"warmup", required_argument, NULL, 'w'}, {"drain", required_argument, NULL, 'd'},
        {"rate", required_argument, NULL, 'r'},   {"iterations", required_argument, NULL, 'i'},
        {"server", required_argument, NULL, 'P'}, {"first-step", required_argument, NULL, 'f'},
        {"quickack", no_argument, NULL, 'q'},     {NULL, 0, NULL, 0},
    };
    struct options *to = &load->options;
    int letter;

    *to = (struct options){.conns = 1, .seconds = 3, .drain = 30};
    while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (letter) {
        case 'p':
            to->port = (int)strtol(optarg, NULL, 10);
            break;
        case 's':
            to->script = optarg;
            break;
        case 'c':
            to->conns = (int)strtol(optarg, NULL, 10);
            break;
        case 't':
            to->seconds = strtod(optarg, NULL);
            break;
        case 'w':
            to->warmup = strtod(optarg, NULL);
            break;
        case 'd':
            to->drain = strtod(optarg, NULL);
            break;
        case 'r':
            to->rate = strtod(optarg, NULL);
            break;
        case 'i':
            to->iterations = strtoull(optarg, NULL, 10);
            break;
        case 'P':
            to->server = (pid_t)strtol(optarg, NULL, 10);
            break;
        case 'f':
            load->script.next_step = strtoull(optarg, NULL, 10);
            break;
        case 'q':
            to->quickack = 1;
            break;
        default:
            usage();
        }
    }
    if (to->port <= 0 || to->script == NULL || to->conns < 1 || to->conns > CONNS_MAX)
        usage();
}

int main(int argc, char **argv)
{
    static struct load load;

    read_options(&load, argc, argv);
    if (mill_script_load(&load.script, load.options.script) != 0)
        return 2;
    load.conns = calloc((size_t)load.options.conns, sizeof(*load.conns));
    load.results = calloc(load.script.step_count, sizeof(*load.results));
    load.read_buf = malloc(READ_SIZE);
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (load.conns == NULL || load.results == NULL || load.read_buf == NULL || load.epoll < 0)
        stop_with("set up");
    if (load.options.server > 0)
        mill_proc_find(load.options.server, &load.tree);
    for (int i = 0; i < load.options.conns; i++)
        open_conn(&load, &load.conns[i]);
    run(&load);
    return 0;
}
