/* calling.c - see calling.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "calling.h"

struct mill_buf calling_answer;
struct mill_error calling_error;
struct mill_arena calling_arena;
long calling_fail_nth;

static struct mill_store *store;
static struct mill_server_config config;

static const struct mill_route *route_of(const char *name)
{
    size_t count;
    const struct mill_route *routes = mill_routes(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(routes[i].name, name) == 0)
            return &routes[i];
    fail_msg("no route %s", name);
    return NULL;
}

static enum mill_status write_change(const struct mill_route *route, struct mill_call *call)
{
    struct mill_change change = {.now_ms = 1000};
    struct mill_pending pending = {.change = &change, .outcome.arena = call->arena};
    struct mill_pending *list[] = {&pending};
    enum mill_status st = route->change(call, &change, &calling_error);
    if (st == MILL_OK)
        st = mill_change_check(&change, call->arena, &calling_error);
    if (st == MILL_OK)
        st = mill_store_apply(store, list, 1, &calling_error);
    if (st != MILL_OK)
        return st;
    calling_error = pending.outcome.error;
    if (pending.outcome.status == MILL_OK && route->reply != NULL)
        route->reply(call, &pending.outcome);
    return pending.outcome.status;
}

static enum mill_status read_source(struct mill_body_source *source)
{
    bool end = false;
    enum mill_status st = MILL_OK;
    while (st == MILL_OK && !end) {
        struct mill_buf piece = {0};
        st = source->next(source, &piece, &end, &calling_error);
        if (st == MILL_OK && piece.failed) /* as the HTTP layer does */
            st = mill_fail(&calling_error, MILL_E_NOMEM, "out of memory for an answer");
        mill_buf_add_view(&calling_answer, mill_buf_view(&piece));
        mill_buf_release(&piece);
    }
    source->close(source);
    return st;
}

static enum mill_status run(const struct mill_route *route, struct mill_call *call)
{
    enum mill_status st = MILL_OK;
    if (route->response != NULL)
        mill_message_init(route->response, call->response);
    st = route->kind == MILL_ROUTE_WRITE ? write_change(route, call)
                                         : route->read(call, &calling_error);
    if (st != MILL_OK)
        return st;
    if (call->source != NULL)
        return read_source(call->source);
    if (route->response != NULL)
        mill_encode(&calling_answer, route->response, call->response);
    else
        mill_buf_add_view(&calling_answer, MILL_VIEW("{}"));
    return MILL_OK;
}

enum mill_status ask_at(const char *name, const char *first, const char *second,
                        const char *body)
{
    const struct mill_view path_params[] = {mill_view_of(first), mill_view_of(second)};
    const struct mill_route *route = route_of(name);
    struct mill_arena own = {0};
    struct mill_call call = {.arena = &own,
                             .store = store,
                             .config = &config,
                             .path_params = path_params,
                             .now_ms = 1000};
    enum mill_status st = MILL_OK;
    void *request = NULL;
    struct mill_view padded = mill_json_pad(mill_view_of(body), &calling_arena);
    memset(&calling_error, 0, sizeof(calling_error));
    mill_buf_release(&calling_answer);
    if (route == NULL) /* what a test misspells */
        return MILL_E_INTERNAL;
    if (route->request != NULL)
        request = mill_arena_alloc(&calling_arena, route->request->size);
    call.request = request;
    if (route->response != NULL)
        call.response = mill_arena_alloc(&calling_arena, route->response->size);
    mill_alloc_fail_after(calling_fail_nth);
    if (route->request != NULL)
        st = mill_decode_json(route->request, padded, &own, request, &calling_error);
    if (st == MILL_OK)
        st = run(route, &call);
    mill_alloc_fail_after(0);
    mill_run_page_release(&call.page);
    mill_held_release(&call.held);
    mill_arena_release(&own);
    mill_buf_add_char(&calling_answer, '\0');
    return st;
}

enum mill_status ask(const char *name, const char *body)
{
    return ask_at(name, NULL, NULL, body);
}

void check(const char *name, const char *body, const char *expected)
{
    if (ask(name, body) != MILL_OK)
        fail_msg("%s %s: %s", name, body, calling_error.message);
    assert_string_equal(calling_answer.ptr, expected);
}

void check_refused(const char *name, const char *body, enum mill_status status)
{
    assert_int_equal(ask(name, body), status);
    assert_true(strlen(calling_error.message) > 0);
}

void value_of(const char *text, char *out, size_t size)
{
    const char *found = strstr(calling_answer.ptr, text);
    assert_non_null(found);
    found += strlen(text);
    snprintf(out, size, "%.*s", (int)strcspn(found, "\""), found);
}

size_t count_of(const char *text)
{
    size_t count = 0;
    for (const char *p = calling_answer.ptr; (p = strstr(p, text)) != NULL; p++)
        count++;
    return count;
}

int calling_set_up(void **state)
{
    const struct mill_store_options options = {.artifact_root =
                                                   MILL_VIEW("mlflow-artifacts:/")};
    (void)state;
    mill_server_config_defaults(&config);
    config.default_artifact_root = options.artifact_root;
    return mill_store_open(MILL_VIEW("memory:"), &options, &store, NULL) == MILL_OK ? 0 : -1;
}

int calling_tear_down(void **state)
{
    (void)state;
    mill_store_close(store);
    mill_arena_release(&calling_arena);
    mill_buf_release(&calling_answer);
    return 0;
}
