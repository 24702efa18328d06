/* handlers_ui.c - what only pages ask: GraphQL, and questions about things that there are not.
 */
#include "base/alloc.h"
#include "base/json_text.h"
#include "base/view.h"
#include "server/graphql.h"
#include "server/handlers.h"
#include "wire/json.h"
#include "wire/messages.h"

/* --- graphql ------------------------------------------------------------------------------ */

/* A text of the answer, in the request's arena. */
static enum mill_status keep(struct mill_call *call, const struct mill_buf *text,
                             struct mill_view *out, struct mill_error *err)
{
    *out = mill_arena_copy(call->arena, mill_buf_view(text));
    return text->failed || out->ptr == NULL ? mill_no_memory(err) : MILL_OK;
}

/* A document that cannot be read is told as what cannot be found is: in a good answer. */
static enum mill_status run_query(struct mill_call *call, struct mill_buf *data,
                                  struct mill_buf *errors, struct mill_error *err)
{
    const struct mill_graphql_request *request = call->request;
    const struct mill_gql_field *fields = NULL;
    struct mill_view variables = mill_json_pad(request->variables, call->arena);
    enum mill_status st;

    if (request->variables.ptr != NULL && variables.ptr == NULL)
        return mill_no_memory(err);
    st = mill_gql_parse(request->query, request->operation_name, variables, call->arena,
                        &fields, err);
    if (st == MILL_OK)
        return mill_graphql_run(call, fields, data, errors, err);
    if (st != MILL_E_INVALID)
        return st;
    mill_buf_add_view(data, MILL_VIEW("null"));
    mill_buf_add_json_string(errors, mill_view_of(err->message));
    return MILL_OK;
}

enum mill_status mill_read_graphql(struct mill_call *call, struct mill_error *err)
{
    struct mill_graphql_response *response = call->response;
    struct mill_buf data = {0};
    struct mill_buf errors = {0};
    struct mill_buf list = {0};
    struct mill_error why = {""};
    enum mill_status st;

    if (call->config->artifacts_only)
        return mill_fail(err, MILL_E_BUSY,
                         "This server serves artifacts only (--artifacts-only): it knows no "
                         "runs");
    st = run_query(call, &data, &errors, &why);
    if (st != MILL_OK)
        st = mill_fail(err, st, "%s", why.message);
    if (errors.len > 0)
        mill_buf_printf(&list, "[%.*s]", MILL_FMT(mill_buf_view(&errors)));
    else
        mill_buf_add_view(&list, MILL_VIEW("null"));
    if (st == MILL_OK)
        st = keep(call, &data, &response->data, err);
    if (st == MILL_OK)
        st = keep(call, &list, &response->errors, err);
    mill_buf_release(&data);
    mill_buf_release(&errors);
    mill_buf_release(&list);
    return st;
}

/* --- things that there are not ------------------------------------------------------------ */

enum mill_status mill_read_ui_telemetry(struct mill_call *call, struct mill_error *err)
{
    struct mill_ui_telemetry_response *response = call->response;

    (void)err;
    response->disable_ui_telemetry = true;
    response->disable_ui_events = MILL_VIEW("[]");
    response->ui_rollout_percentage = 0;
    return MILL_OK;
}

enum mill_status mill_read_ui_telemetry_report(struct mill_call *call, struct mill_error *err)
{
    struct mill_ui_telemetry_status *response = call->response;

    (void)err;
    response->status = MILL_VIEW("disabled");
    return MILL_OK;
}

enum mill_status mill_read_gateway_endpoints(struct mill_call *call, struct mill_error *err)
{
    struct mill_gateway_endpoints *response = call->response;

    (void)err;
    response->endpoints = MILL_VIEW("[]");
    return MILL_OK;
}
