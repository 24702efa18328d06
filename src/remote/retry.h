/* retry.h - whether and when a request is made again: the rules alone, without doing it. */
#ifndef MILL_REMOTE_RETRY_H
#define MILL_REMOTE_RETRY_H

#include "net/curl.h"
#include "remote/remote_options.h"

/* No pause before a repetition is longer, but for the random part. */
#define MILL_MAX_PAUSE_MS 120000

/* Whether it is worth and safe to ask again.
 *
 *   code        how the attempt ended
 *   status      HTTP status of its answer, 0 without one
 *   repeatable  doing it twice is as good as once
 *   reached     the server has answered something before
 *
 * A server that says that it did nothing (429, 503), and one that could not be reached any
 * more, is asked again whatever the request is; where it may have done it, only a repeatable
 * one is made again. A server that was never reached is not there. */
bool mill_may_repeat(CURLcode code, long status, bool repeatable, bool reached);

/* How long to wait before the nth repetition (from 1): not at all, then longer each time, or
 * told_s seconds when the server asked for that; a random part of the jitter on top, so that
 * many clients do not come back at the same moment. */
int64_t mill_pause_ms(const struct mill_remote_options *options, int nth, int64_t told_s,
                      uint32_t random);

#endif
