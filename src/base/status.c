/* status.c - the one table of statuses and the one way to fail. */
#include <stdarg.h>
#include <stdio.h>

#include "base/view.h"

static const struct mill_status_info infos[] = {
    {MILL_OK, "MILL_OK", "", 200, 0, ""},
    {MILL_E_INVALID, "MILL_E_INVALID", "INVALID_PARAMETER_VALUE", 400, 2, "MlflowException"},
    {MILL_E_BAD_REQUEST, "MILL_E_BAD_REQUEST", "BAD_REQUEST", 400, 2, "MlflowException"},
    {MILL_E_EXISTS, "MILL_E_EXISTS", "RESOURCE_ALREADY_EXISTS", 400, 3, "MlflowException"},
    {MILL_E_NOT_FOUND, "MILL_E_NOT_FOUND", "RESOURCE_DOES_NOT_EXIST", 404, 4,
     "MlflowException"},
    {MILL_E_NO_ENDPOINT, "MILL_E_NO_ENDPOINT", "ENDPOINT_NOT_FOUND", 404, 4, "MlflowException"},
    {MILL_E_METHOD, "MILL_E_METHOD", "ENDPOINT_NOT_FOUND", 405, 4, "MlflowException"},
    {MILL_E_UNAUTHENTICATED, "MILL_E_UNAUTHENTICATED", "UNAUTHENTICATED", 401, 5,
     "MlflowException"},
    {MILL_E_DENIED, "MILL_E_DENIED", "PERMISSION_DENIED", 403, 5, "MlflowException"},
    {MILL_E_CONFLICT, "MILL_E_CONFLICT", "RESOURCE_CONFLICT", 409, 3, "MlflowException"},
    {MILL_E_TOO_LARGE, "MILL_E_TOO_LARGE", "INVALID_PARAMETER_VALUE", 413, 2,
     "MlflowException"},
    {MILL_E_LIMIT, "MILL_E_LIMIT", "RESOURCE_EXHAUSTED", 429, 6, "MlflowException"},
    {MILL_E_UNSUPPORTED, "MILL_E_UNSUPPORTED", "NOT_IMPLEMENTED", 501, 7, "MlflowException"},
    {MILL_E_BUSY, "MILL_E_BUSY", "TEMPORARILY_UNAVAILABLE", 503, 6, "MlflowException"},
    {MILL_E_TIMEOUT, "MILL_E_TIMEOUT", "DEADLINE_EXCEEDED", 504, 6, "MlflowException"},
    {MILL_E_CANCELLED, "MILL_E_CANCELLED", "CANCELLED", 499, 6, "MlflowException"},
    {MILL_E_NOMEM, "MILL_E_NOMEM", "TEMPORARILY_UNAVAILABLE", 503, 8, "MemoryError"},
    {MILL_E_FULL, "MILL_E_FULL", "TEMPORARILY_UNAVAILABLE", 503, 8, "OSError"},
    {MILL_E_IO, "MILL_E_IO", "INTERNAL_ERROR", 500, 8, "OSError"},
    {MILL_E_CORRUPT, "MILL_E_CORRUPT", "DATA_LOSS", 500, 8, "MlflowException"},
    {MILL_E_INTERNAL, "MILL_E_INTERNAL", "INTERNAL_ERROR", 500, 70, "MlflowException"},
};

_Static_assert(MILL_COUNT(infos) == MILL_STATUS_COUNT, "a status lacks its row");

const struct mill_status_info *mill_status_get_info(enum mill_status status)
{
    if ((unsigned)status >= MILL_COUNT(infos))
        status = MILL_E_INTERNAL;
    return &infos[status];
}

enum mill_status mill_fail(struct mill_error *err, enum mill_status status, const char *format,
                           ...)
{
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        vsnprintf(err->message, sizeof(err->message), format, args);
        va_end(args);
    }
    return status;
}
