/* millstream/error.h - statuses, the error that goes with them, and borrowed text.
 *
 * Every fallible function of the library returns enum mill_status and takes a
 * struct mill_error last. The caller owns the error and may pass NULL; it is set exactly
 * when a function returns something other than MILL_OK. Nothing here allocates and
 * everything may be called from any thread. */
#ifndef MILLSTREAM_ERROR_H
#define MILLSTREAM_ERROR_H

#include <stddef.h>

#if defined(__GNUC__)
#define MILL_API          __attribute__((visibility("default")))
#define MILL_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define MILL_API
#define MILL_PRINTF(f, a)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What became of a call. Values are stable and only ever added to. Since 0.1. */
enum mill_status {
    MILL_OK = 0,
    MILL_E_INVALID,         /* an argument is wrong: INVALID_PARAMETER_VALUE */
    MILL_E_BAD_REQUEST,     /* the request as a whole cannot be served: BAD_REQUEST */
    MILL_E_EXISTS,          /* the name or id is taken: RESOURCE_ALREADY_EXISTS */
    MILL_E_NOT_FOUND,       /* no such thing: RESOURCE_DOES_NOT_EXIST */
    MILL_E_NO_ENDPOINT,     /* the server has no such route: ENDPOINT_NOT_FOUND */
    MILL_E_METHOD,          /* the route exists for other methods only */
    MILL_E_UNAUTHENTICATED, /* who are you: UNAUTHENTICATED */
    MILL_E_DENIED,          /* not allowed: PERMISSION_DENIED */
    MILL_E_CONFLICT,        /* clashes with another change: RESOURCE_CONFLICT */
    MILL_E_TOO_LARGE,       /* larger than a stated limit, HTTP 413 */
    MILL_E_LIMIT,           /* too many requests: RESOURCE_EXHAUSTED */
    MILL_E_UNSUPPORTED,     /* not here: NOT_IMPLEMENTED */
    MILL_E_BUSY,            /* try again later: TEMPORARILY_UNAVAILABLE */
    MILL_E_TIMEOUT,         /* took too long: DEADLINE_EXCEEDED */
    MILL_E_CANCELLED,       /* the caller went away: CANCELLED */
    MILL_E_NOMEM,           /* out of memory: TEMPORARILY_UNAVAILABLE */
    MILL_E_FULL,            /* disk full or quota reached: TEMPORARILY_UNAVAILABLE */
    MILL_E_IO,              /* storage or network failed: INTERNAL_ERROR */
    MILL_E_CORRUPT,         /* stored data is damaged: DATA_LOSS */
    MILL_E_INTERNAL,        /* a defect of ours: INTERNAL_ERROR */
    MILL_STATUS_COUNT
};

/* Text of a failure, always NUL-terminated, cut when longer. Since 0.1. */
struct mill_error {
    char message[512];
};

/* Borrowed text: len bytes of UTF-8 at ptr, not NUL-terminated. A ptr of NULL means
 * "absent", which differs from an empty text (ptr not NULL, len 0). Since 0.1. */
struct mill_view {
    const char *ptr;
    size_t len;
};

/* One row for each status: how each face of the product names it. Since 0.1. */
struct mill_status_info {
    enum mill_status status;
    const char *name;             /* "MILL_E_INVALID" */
    const char *error_code;       /* MLflow's code, "INVALID_PARAMETER_VALUE" */
    int http_status;              /* 400 */
    int exit_code;                /* of the command line, 0 to 125 */
    const char *python_exception; /* "MlflowException" */
};

/* The row of a status; an unknown value gives the row of MILL_E_INTERNAL. Never NULL.
 * Any thread. Since 0.1. */
MILL_API const struct mill_status_info *mill_status_get_info(enum mill_status status);

/* Puts a formatted message into *err (NULL allowed) and returns status, so that a
 * failing function can end with `return mill_fail(err, MILL_E_INVALID, "...", ...)`.
 * Any thread. Since 0.1. */
MILL_API enum mill_status mill_fail(struct mill_error *err, enum mill_status status,
                                    const char *format, ...) MILL_PRINTF(3, 4);

#ifdef __cplusplus
}
#endif

#endif
