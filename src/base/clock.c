/* clock.c - see clock.h. */
#include "base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

int64_t mill_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t mill_monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void kernel_bytes(void *bytes, size_t len)
{
    unsigned char *at = bytes;
    while (len != 0) {
        ssize_t got = getrandom(at, len, 0);
        if (got < 0)
            continue; /* only a signal can end this call early: lengths and flags are valid */
        at += got;
        len -= (size_t)got;
    }
}

/* Random bytes of a thread, fetched many at a time: a call of the kernel for each id would cost
 * more than the rest of making it. A child after fork must not repeat its parent's bytes. */
struct pool {
    unsigned char bytes[2048];
    size_t left;
    unsigned generation;
};

static _Thread_local struct pool pool;
static atomic_uint generation;

static void new_generation(void)
{
    atomic_fetch_add(&generation, 1);
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, new_generation);
}

void mill_random_bytes(void *bytes, size_t len)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_forks);
    if (len > sizeof(pool.bytes)) {
        kernel_bytes(bytes, len);
        return;
    }
    unsigned now = atomic_load(&generation);
    if (pool.left < len || pool.generation != now) {
        kernel_bytes(pool.bytes, sizeof(pool.bytes));
        pool.left = sizeof(pool.bytes);
        pool.generation = now;
    }
    pool.left -= len;
    memcpy(bytes, pool.bytes + pool.left, len);
}

static void write_hex32(unsigned char bytes[16], char out[33])
{
    static const char digits[] = "0123456789abcdef";
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < 16; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[32] = '\0';
}

void mill_random_hex32(char out[33])
{
    unsigned char bytes[16];
    mill_random_bytes(bytes, sizeof(bytes));
    write_hex32(bytes, out);
}

void mill_timed_hex32(int64_t now_ms, char out[33])
{
    unsigned char bytes[16];
    mill_random_bytes(bytes, sizeof(bytes));
    for (size_t i = 15; i >= 10; i--, now_ms >>= 8)
        bytes[i] = (unsigned char)now_ms;
    write_hex32(bytes, out);
}
