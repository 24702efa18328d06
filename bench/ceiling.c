/* ceiling.c - an HTTP server that reads a request and answers it with a fixed text, nothing
 * else: one thread, epoll, one recv and one send a request. What it needs is the kernel's price
 * for a request on this machine; no server can be cheaper. Called by bench/run. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BODY_SIZE 600 /* about what runs/get and runs/create answer */

static char answer[BODY_SIZE + 200];
static size_t answer_len;

static void stop_with(const char *what)
{
    fprintf(stderr, "ceiling: %s: %s\n", what, strerror(errno));
    exit(2);
}

/* A body holds ten texts "timestamp" and one "run_id", which is what the driver looks for. */
static void write_answer(void)
{
    char body[BODY_SIZE + 1];
    size_t len = (size_t)snprintf(body, sizeof(body), "{\"run_id\":\"0\"");

    for (int i = 0; i < 10; i++)
        len += (size_t)snprintf(body + len, sizeof(body) - len, ",\"timestamp\":%d", i);
    while (len < BODY_SIZE - 1)
        body[len++] = ' ';
    body[len++] = '}';
    answer_len = (size_t)snprintf(answer, sizeof(answer),
                                  "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                  "Content-Length: %zu\r\n\r\n%.*s",
                                  len, (int)len, body);
}

static void add(int epoll, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};

    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        stop_with("epoll_ctl");
}

static void accept_all(int epoll, int listener)
{
    for (;;) {
        int one = 1;
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0)
            return;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        add(epoll, fd);
    }
}

/* The driver sends small requests in one piece and waits for the answer. */
static void serve(int fd)
{
    char bytes[65536];
    ssize_t got = recv(fd, bytes, sizeof(bytes), 0);

    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0 || send(fd, answer, answer_len, MSG_NOSIGNAL) < 0)
        close(fd);
}

static int listen_on(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
    };
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        stop_with("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 512) != 0)
        stop_with("listen");
    return fd;
}

int main(int argc, char **argv)
{
    struct epoll_event events[128];
    int listener;
    int epoll;

    if (argc != 2)
        return 2;
    write_answer();
    listener = listen_on((int)strtol(argv[1], NULL, 10));
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        stop_with("epoll_create1");
    add(epoll, listener);
    for (;;) {
        int count = epoll_wait(epoll, events, 128, -1);

        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == listener)
                accept_all(epoll, listener);
            else
                serve(events[i].data.fd);
        }
    }
}
