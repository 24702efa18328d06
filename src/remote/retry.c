/* retry.c - see retry.h. */
#include "remote/retry.h"

bool mill_may_repeat(CURLcode code, long status, bool repeatable, bool reached)
{
    switch (status) {
    case 429:
    case 503:
        return true;
    case 408:
    case 500:
    case 502:
    case 504:
        return repeatable;
    default:
        break;
    }
    if (!reached)
        return false;
    if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST)
        return true;
    return repeatable && (code == CURLE_OPERATION_TIMEDOUT || code == CURLE_RECV_ERROR ||
                          code == CURLE_SEND_ERROR || code == CURLE_GOT_NOTHING ||
                          code == CURLE_PARTIAL_FILE);
}

int64_t mill_pause_ms(const struct mill_remote_options *options, int nth, int64_t told_s,
                      uint32_t random)
{
    int64_t ms = nth <= 1 ? 0 : options->backoff_ms << (nth - 1);
    if (told_s > 0)
        ms = told_s < MILL_MAX_PAUSE_MS / 1000 ? told_s * 1000 : MILL_MAX_PAUSE_MS;
    if (ms <= 0)
        return 0;
    return (ms < MILL_MAX_PAUSE_MS ? ms : MILL_MAX_PAUSE_MS) +
           random % (options->jitter_ms + 1);
}
