/* hist.h - latency histogram with log buckets (64 per power of two, so 1.6 % precision);
 * recording is a few instructions. Used by the load driver for every request. */
#ifndef MILL_BENCH_HIST_H
#define MILL_BENCH_HIST_H

#include <stdint.h>

#define MILL_HIST_SUB_BITS 6
#define MILL_HIST_BUCKETS  (64 << MILL_HIST_SUB_BITS)

struct mill_hist {
    uint64_t count;
    uint64_t sum_ns;
    uint64_t max_ns;
    uint32_t buckets[MILL_HIST_BUCKETS];
};

static inline unsigned mill_hist_index(uint64_t ns)
{
    unsigned high;

    if (ns < (1U << MILL_HIST_SUB_BITS))
        return (unsigned)ns;
    high = 63U - (unsigned)__builtin_clzll(ns);
    return ((high - MILL_HIST_SUB_BITS + 1U) << MILL_HIST_SUB_BITS) +
           (unsigned)((ns >> (high - MILL_HIST_SUB_BITS)) & ((1U << MILL_HIST_SUB_BITS) - 1U));
}

static inline void mill_hist_add(struct mill_hist *hist, uint64_t ns)
{
    hist->count++;
    hist->sum_ns += ns;
    if (ns > hist->max_ns)
        hist->max_ns = ns;
    hist->buckets[mill_hist_index(ns)]++;
}

/* The smallest recorded time that at least share (0 to 1) of all requests stayed within. */
static inline uint64_t mill_hist_quantile(const struct mill_hist *hist, double share)
{
    uint64_t want = (uint64_t)((double)hist->count * share);
    uint64_t seen = 0;

    for (unsigned i = 0; i < MILL_HIST_BUCKETS; i++) {
        seen += hist->buckets[i];
        if (seen > want || (seen == hist->count && seen > 0)) {
            unsigned high = i >> MILL_HIST_SUB_BITS;
            uint64_t low = i & ((1U << MILL_HIST_SUB_BITS) - 1U);
            uint64_t ns = high == 0 ? low : (low + (1U << MILL_HIST_SUB_BITS)) << (high - 1U);
            return ns < hist->max_ns ? ns : hist->max_ns;
        }
    }
    return hist->max_ns;
}

#endif
