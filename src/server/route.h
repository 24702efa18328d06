/* route.h - what the server answers: one const table, one row for each endpoint.
 *
 * A row names the path below the version prefix; the aliases (/api/V, /ajax-api/V and the
 * /api/2.0/preview of old clients; /api/millstream/1.0 of what is not MLflow's) come from the
 * row. The HTTP layer asks mill_route_find when it has the head of a request, and mill_dispatch
 * when the route may run. */
#ifndef MILL_SERVER_ROUTE_H
#define MILL_SERVER_ROUTE_H

#include "model/change.h"
#include "server/call.h"
#include "server/http.h"
#include "store/writer.h"
#include "wire/message.h"

/* How a route runs. */
enum mill_route_kind {
    MILL_ROUTE_LOOP = 1, /* a read of bounded cost, answered on the loop thread */
    MILL_ROUTE_POOL,     /* any other read: runs and is encoded on the pool */
    MILL_ROUTE_WRITE,    /* becomes a change for the writer */
    MILL_ROUTE_RAW       /* does its own HTTP */
};

/* Who may call a route; what authorization asks. A row must have one: 0 fails the tests. */
enum mill_permission {
    MILL_PERMIT_ALL = 1, /* everybody, without saying who they are */
    MILL_PERMIT_USER,    /* every known user */
    MILL_PERMIT_FILTER,  /* every known user; the answer holds only what they may read */
    MILL_PERMIT_READ,    /* who may read what the request names: an experiment, by itself or */
    MILL_PERMIT_EDIT,    /*   through a run or an artifact path ... */
    MILL_PERMIT_MANAGE   /*   ... who may change it, who may also delete it */
};

/* Prefixes below which a row of version 2 or 3 is found, and the one of our own version 1. */
enum mill_route_under {
    MILL_UNDER_API = 1 << 0,
    MILL_UNDER_AJAX = 1 << 1,
    MILL_UNDER_PREVIEW = 1 << 2, /* version 2 only */
    MILL_UNDER_ALL = MILL_UNDER_API | MILL_UNDER_AJAX | MILL_UNDER_PREVIEW,
    MILL_UNDER_OWN = 1 << 3 /* version 1 only: /api/millstream/1.0 */
};

typedef enum mill_status mill_read_fn(struct mill_call *call, struct mill_error *err);
typedef enum mill_status mill_change_fn(struct mill_call *call, struct mill_change *change,
                                        struct mill_error *err);
typedef void mill_reply_fn(struct mill_call *call, const struct mill_outcome *outcome);
typedef void mill_raw_fn(struct mill_request *req);

struct mill_route {
    enum mill_method method;
    int version;      /* 2 or 3; 1: our own; 0: the path stands alone (/health) */
    unsigned under;   /* enum mill_route_under; of no meaning for version 0 */
    const char *path; /* "/mlflow/runs/get"; {name} is one segment, a last {name*} the rest */
    const char *name; /* of the operation, unique: "getRun" */
    enum mill_route_kind kind;
    enum mill_permission permission;
    const struct mill_message *request;  /* NULL: takes nothing */
    const struct mill_message *response; /* NULL: {} */
    mill_read_fn *read;     /* LOOP, POOL: fills the response or sets call->source */
    mill_change_fn *change; /* WRITE: fills the change from the request */
    mill_reply_fn *reply;   /* WRITE: fills the response after the commit; NULL: {} */
    mill_raw_fn *raw;       /* RAW */
    bool streamed;          /* RAW: runs when the head is there, takes the body itself */
    bool waits;             /* WRITE: `change` may take long, so it runs on the pool */
    const char *doc;        /* one sentence */
};

/* All rows. The table is constant. */
const struct mill_route *mill_routes(size_t *count_out);

/* The route of a method and a decoded path without static prefix, or NULL. HEAD finds what GET
 * finds. params gets the path's parameters (views into path). *methods_out gets the methods
 * (enum mill_method bits) that the path has: 0 means there is no such path (404), without the
 * one asked for it means 405. Any thread. */
const struct mill_route *mill_route_find(enum mill_method method, struct mill_view path,
                                         struct mill_view params[MILL_MAX_PATH_PARAMS],
                                         unsigned *methods_out);

/* Runs req->route: reads the request, calls the handler where it belongs and answers, now or
 * later. For a request without a route it answers 404 or 405 in the protocol's shape. Loop
 * thread; for streamed routes when the head is there, else when the body is complete. */
void mill_dispatch(struct mill_request *req);

/* To be called with the list of finished writes by the writer (mill_writer_start), on its
 * thread; context is the struct mill_server. Each write is answered on the loop thread. */
void mill_dispatch_writes(struct mill_write *list, void *context);

#endif
