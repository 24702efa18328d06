/* graphql.c - see graphql.h.
 *
 * A read's answer is encoded as for everybody else, and the JSON is then cut to what was asked
 * for (graphql_cut.h). */
#include "server/graphql.h"

#include "base/json_text.h"
#include "base/view.h"
#include "server/graphql_cut.h"
#include "server/handlers.h"
#include "wire/decode.h"
#include "wire/encode.h"
#include "wire/messages.h"

/* The fields at the top. */
static const struct root {
    const char *name;
    const struct mill_message *request;
    const struct mill_message *response;
    mill_read_fn *read;
} roots[] = {
    {"mlflowGetExperiment", &mill_experiment_id_request_message,
     &mill_get_experiment_response_message, mill_read_experiment},
    {"mlflowGetRun", &mill_get_run_request_message, &mill_get_run_response_message,
     mill_read_run},
    {"mlflowListArtifacts", &mill_list_artifacts_request_message,
     &mill_list_artifacts_response_message, mill_read_list_artifacts},
    {"mlflowGetMetricHistoryBulkInterval", &mill_get_history_sample_request_message,
     &mill_get_history_sample_response_message, mill_read_history_sample},
    {"mlflowSearchRuns", &mill_search_runs_request_message, &mill_search_runs_response_message,
     mill_read_search_runs},
    {"mlflowSearchModelVersions", &mill_search_model_versions_request_message,
     &mill_search_model_versions_response_message, mill_read_search_model_versions},
    {"mlflowSearchDatasets", &mill_search_datasets_request_message,
     &mill_search_datasets_response_message, mill_read_search_datasets},
};

/* The argument "input" as the read's request. */
static enum mill_status read_input(const struct root *root, const struct mill_gql_field *asked,
                                   struct mill_arena *arena, void *request,
                                   struct mill_error *err)
{
    struct mill_buf text = {0};
    struct mill_json json;
    struct mill_view padded;
    enum mill_status st = mill_json_parse(asked->arguments, arena, &json, err);
    size_t input;

    if (st != MILL_OK)
        return st;
    input = mill_gql_member(&json, json.root, "input");
    if (input == MILL_GQL_NOWHERE)
        return mill_fail(err, MILL_E_INVALID, "query: %s needs an argument 'input'",
                         root->name);
    mill_json_write(&text, &json, input);
    padded = mill_json_pad(mill_buf_view(&text), arena);
    if (text.failed || padded.ptr == NULL)
        st = mill_fail(err, MILL_E_NOMEM, "out of memory for a query");
    else
        st = mill_decode_json(root->request, padded, arena, request, err);
    mill_buf_release(&text);
    return st;
}

/* What the source of an answer would send. */
static enum mill_status drain(struct mill_body_source *source, struct mill_buf *out,
                              struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    bool end = false;

    while (st == MILL_OK && !end) {
        struct mill_buf piece = {0};

        st = source->next(source, &piece, &end, err);
        mill_buf_add_view(out, mill_buf_view(&piece));
        if (piece.failed || out->failed)
            st = mill_fail(err, MILL_E_NOMEM, "out of memory for a query");
        mill_buf_release(&piece);
    }
    if (source->close != NULL)
        source->close(source);
    return st;
}

/* Calls the read; its whole answer as JSON. */
static enum mill_status read_whole(const struct root *root, const struct mill_call *outer,
                                   const struct mill_gql_field *asked, struct mill_buf *text,
                                   struct mill_error *err)
{
    struct mill_call call = *outer;
    void *request = mill_arena_alloc(call.arena, root->request->size);
    enum mill_status st;

    call.request = request;
    call.response = mill_arena_alloc(call.arena, root->response->size);
    if (request == NULL || call.response == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory for a query");
    mill_message_init(root->response, call.response);
    st = read_input(root, asked, call.arena, request, err);
    if (st == MILL_OK)
        st = root->read(&call, err);
    if (st == MILL_OK && call.source != NULL)
        st = drain(call.source, text, err);
    else if (st == MILL_OK)
        mill_encode(text, root->response, call.response);
    mill_run_page_release(&call.page);
    mill_held_release(&call.held);
    if (st == MILL_OK && text->failed)
        st = mill_fail(err, MILL_E_NOMEM, "out of memory for a query");
    return st;
}

static const struct root *find_root(struct mill_view name)
{
    for (size_t i = 0; i < MILL_COUNT(roots); i++)
        if (mill_view_eq(name, mill_view_of(roots[i].name)))
            return &roots[i];
    return NULL;
}

/* What a read fails with is told beside what the others found. */
static bool is_told(enum mill_status st)
{
    return st == MILL_E_INVALID || st == MILL_E_NOT_FOUND || st == MILL_E_BAD_REQUEST ||
           st == MILL_E_UNSUPPORTED || st == MILL_E_TOO_LARGE;
}

static void tell(struct mill_buf *errors, const struct mill_error *err)
{
    struct mill_view text = mill_view_of(err->message);

    if (errors->len > 0)
        mill_buf_add_char(errors, ',');
    mill_buf_add_json_string(errors, mill_utf8_valid(text) ? text : MILL_VIEW("not UTF-8"));
}

static enum mill_status run_root(const struct mill_call *call,
                                 const struct mill_gql_field *asked, struct mill_buf *data,
                                 struct mill_buf *errors, struct mill_error *err)
{
    const struct root *root = find_root(asked->name);
    struct mill_buf text = {0};
    enum mill_status st;

    if (mill_view_eq(asked->name, MILL_VIEW("__typename"))) {
        mill_buf_add_view(data, MILL_VIEW("\"Query\""));
        return MILL_OK;
    }
    if (root == NULL || asked->below == NULL)
        return mill_fail(err, MILL_E_INVALID, "query: there is no field '%.*s'%s",
                         MILL_FMT(mill_utf8_prefix(asked->name, 60)),
                         root != NULL ? " without fields below it" : " at the top");
    st = read_whole(root, call, asked, &text, err);
    if (is_told(st)) {
        tell(errors, err);
        mill_buf_add_view(data, MILL_VIEW("null"));
        st = MILL_OK;
    } else if (st == MILL_OK) {
        st = mill_gql_cut(call, mill_buf_view(&text), root->response, NULL, asked->below, data,
                          err);
    }
    mill_buf_release(&text);
    return st;
}

enum mill_status mill_graphql_run(const struct mill_call *call,
                                  const struct mill_gql_field *fields, struct mill_buf *data,
                                  struct mill_buf *errors, struct mill_error *err)
{
    enum mill_status st = MILL_OK;

    mill_buf_add_char(data, '{');
    for (const struct mill_gql_field *f = fields; st == MILL_OK && f != NULL; f = f->next) {
        mill_gql_add_key(data, f, f == fields);
        st = run_root(call, f, data, errors, err);
    }
    mill_buf_add_char(data, '}');
    if (is_told(st)) { /* the query itself is wrong */
        data->len = 0;
        errors->len = 0;
        mill_buf_add_view(data, MILL_VIEW("null"));
        tell(errors, err);
        st = MILL_OK;
    }
    return st;
}
