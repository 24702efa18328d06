/* handlers_server.c - about the server: what it can do, and its endpoints as a document. */
#include "server/handlers.h"
#include "server/openapi.h"
#include "wire/messages.h"

enum mill_status mill_read_server_info(struct mill_call *call, struct mill_error *err)
{
    static const struct mill_features features;
    struct mill_server_info_response *response = call->response;
    (void)err;
    response->store_type = MILL_VIEW("SqlStore"); /* the kind whose behaviour clients get */
    response->features_enabled = &features;
    return MILL_OK;
}

void mill_raw_openapi(struct mill_request *req)
{
    mill_openapi_write(&req->out);
    mill_respond_buf(req, 200, "application/json", &req->out);
}
