/* metrics.c - counts requests and prints them for Prometheus. */
#include "server/metrics.h"

#include <stdio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "server/conn.h"
#include "server/route.h"
#include "store/writer.h"

/* Pairs of route and status that are counted singly; there are some hundred at most. */
#define MAX_CELLS 1024

/* Upper ends of the histogram's buckets, seconds. */
static const double bucket_ends[] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                     0.05,   0.1,     0.25,   0.5,   1,      2.5,   10,   60};

#define BUCKETS MILL_COUNT(bucket_ends)

struct cell {
    const struct mill_route *route; /* NULL: no route */
    int http_status;                /* 0: the cell is free */
    uint64_t count;
};

struct mill_metrics {
    struct cell cells[MAX_CELLS]; /* open addressing */
    size_t used;
    uint64_t buckets[BUCKETS + 1];
    uint64_t nanoseconds;
    uint64_t requests;
};

struct mill_metrics *mill_metrics_new(void)
{
    return mill_alloc_zero(1, sizeof(struct mill_metrics));
}

void mill_metrics_free(struct mill_metrics *metrics)
{
    mill_free(metrics);
}

static void count(struct mill_metrics *m, const struct mill_route *route, int http_status)
{
    size_t at = ((uintptr_t)route / sizeof(void *) * 31 + (size_t)http_status) % MAX_CELLS;

    while (m->cells[at].http_status != 0) {
        if (m->cells[at].route == route && m->cells[at].http_status == http_status) {
            m->cells[at].count++;
            return;
        }
        at = (at + 1) % MAX_CELLS;
    }
    if (m->used >= MAX_CELLS / 2)
        return;
    m->used++;
    m->cells[at] = (struct cell){route, http_status, 1};
}

void mill_metrics_request(struct mill_metrics *metrics, const struct mill_exchange *ex)
{
    uint64_t took = uv_hrtime() - ex->began_ns;
    size_t bucket = 0;

    while (bucket < BUCKETS && (double)took > bucket_ends[bucket] * 1e9)
        bucket++;
    metrics->buckets[bucket]++;
    metrics->nanoseconds += took;
    metrics->requests++;
    count(metrics, ex->req.route, ex->http_status);
}

void mill_metrics_refusal(struct mill_metrics *metrics, int http_status)
{
    count(metrics, NULL, http_status);
}

static void about(struct mill_buf *out, const char *name, const char *type, const char *help)
{
    mill_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void number(struct mill_buf *out, const char *name, const char *type, const char *help,
                   double value)
{
    about(out, name, type, help);
    mill_buf_printf(out, "%s %.15g\n", name, value);
}

static void write_cells(const struct mill_metrics *m, struct mill_buf *out)
{
    static const char name[] = "millstream_http_requests_total";

    about(out, name, "counter", "Requests by operation and HTTP status.");
    for (size_t i = 0; i < MAX_CELLS; i++) {
        const struct cell *c = &m->cells[i];
        if (c->http_status != 0)
            mill_buf_printf(out, "%s{operation=\"%s\",status=\"%d\"} %llu\n", name,
                            c->route != NULL ? c->route->name : "none", c->http_status,
                            (unsigned long long)c->count);
    }
}

static void write_histogram(const struct mill_metrics *m, struct mill_buf *out)
{
    static const char name[] = "millstream_http_request_duration_seconds";
    uint64_t sum = 0;

    about(out, name, "histogram", "Time from a request's head to its answer's last byte.");
    for (size_t i = 0; i < BUCKETS; i++) {
        sum += m->buckets[i];
        mill_buf_printf(out, "%s_bucket{le=\"%g\"} %llu\n", name, bucket_ends[i],
                        (unsigned long long)sum);
    }
    sum += m->buckets[BUCKETS];
    mill_buf_printf(out, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %.9g\n%s_count %llu\n", name,
                    (unsigned long long)sum, name, (double)m->nanoseconds / 1e9, name,
                    (unsigned long long)m->requests);
}

/* The second number there is pages in memory. */
static double resident_bytes(void)
{
    char text[128] = "";
    FILE *file = fopen("/proc/self/statm", "re");
    struct mill_view pages;
    int64_t count = 0;

    if (file == NULL)
        return 0;
    if (fgets(text, sizeof(text), file) != NULL) {
        struct mill_view rest = mill_view_cut(mill_view_of(text), ' ', &pages);
        (void)mill_view_cut(rest, ' ', &pages);
        (void)mill_view_int(pages, &count);
    }
    fclose(file);
    return (double)count * (double)sysconf(_SC_PAGESIZE);
}

static double cpu_seconds(void)
{
    uv_rusage_t usage;

    if (uv_getrusage(&usage) != 0)
        return 0;
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void mill_metrics_write(const struct mill_http *http, struct mill_buf *out)
{
    write_cells(http->metrics, out);
    write_histogram(http->metrics, out);
    number(out, "millstream_connections", "gauge", "Open connections.",
           (double)http->conn_count);
    number(out, "millstream_requests_in_progress", "gauge", "Requests without their answer.",
           (double)http->exchange_count);
    number(out, "millstream_jobs", "gauge", "Reads and transfers that run or wait.",
           (double)http->jobs);
    number(out, "millstream_writes_waiting", "gauge", "Changes that wait for the writer.",
           (double)mill_writer_waiting(http->server->writer));
    number(out, "millstream_received_bytes_total", "counter", "Bytes from clients.",
           (double)http->bytes_in);
    number(out, "millstream_sent_bytes_total", "counter", "Bytes to clients.",
           (double)http->bytes_out);
    for (const struct mill_gauge *g = http->gauges; g != NULL; g = g->next)
        number(out, g->name, g->type, g->help, g->read(g->context));
    number(out, "process_resident_memory_bytes", "gauge", "Memory in use.", resident_bytes());
    number(out, "process_cpu_seconds_total", "counter", "Processor time.", cpu_seconds());
}
