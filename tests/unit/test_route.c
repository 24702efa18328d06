/* test_route.c - the table of endpoints: its rows are whole, and paths find them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "server/openapi.h"
#include "server/route.h"
#include "wire/json.h"

static void rows_are_whole(void **state)
{
    size_t count;
    const struct mill_route *routes = mill_routes(&count);
    (void)state;
    assert_true(count > 30);
    for (size_t i = 0; i < count; i++) {
        const struct mill_route *r = &routes[i];
        if (r->permission == 0)
            fail_msg("%s has no permission", r->name);
        assert_true(r->path[0] == '/');
        assert_true(r->version >= 0 && r->version <= 3);
        assert_true(r->version == 0 || r->under != 0);
        assert_int_equal(r->version == 1, r->under == MILL_UNDER_OWN);
        assert_true(strlen(r->doc) > 0);
        assert_int_equal(r->read != NULL,
                         r->kind == MILL_ROUTE_LOOP || r->kind == MILL_ROUTE_POOL);
        assert_int_equal(r->change != NULL, r->kind == MILL_ROUTE_WRITE);
        assert_int_equal(r->raw != NULL, r->kind == MILL_ROUTE_RAW);
        assert_true(r->reply == NULL || r->response != NULL);
        assert_true(!r->streamed || r->kind == MILL_ROUTE_RAW);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(routes[j].name, r->name);
            assert_false(routes[j].method == r->method && routes[j].version == r->version &&
                         (routes[j].under & r->under) != 0 &&
                         strcmp(routes[j].path, r->path) == 0);
        }
    }
}

static const char *name_of(enum mill_method method, const char *path,
                           struct mill_view params[MILL_MAX_PATH_PARAMS], unsigned *methods)
{
    const struct mill_route *route =
        mill_route_find(method, mill_view_of(path), params, methods);
    return route != NULL ? route->name : "none";
}

static void check(enum mill_method method, const char *path, const char *name)
{
    struct mill_view params[MILL_MAX_PATH_PARAMS];
    unsigned methods;
    assert_string_equal(name_of(method, path, params, &methods), name);
}

/* Each row is found below each of its prefixes and below no other. */
static void every_row_is_found(void **state)
{
    static const struct {
        const char *prefix;
        int version;
        unsigned under;
    } prefixes[] = {{"/api/2.0", 2, MILL_UNDER_API},
                    {"/ajax-api/2.0", 2, MILL_UNDER_AJAX},
                    {"/api/2.0/preview", 2, MILL_UNDER_PREVIEW},
                    {"/api/3.0", 3, MILL_UNDER_API},
                    {"/ajax-api/3.0", 3, MILL_UNDER_AJAX},
                    {"/api/millstream/1.0", 1, MILL_UNDER_OWN},
                    {"", 0, 0}};
    size_t count;
    const struct mill_route *routes = mill_routes(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (size_t p = 0; p < MILL_COUNT(prefixes); p++) {
            char path[256];
            struct mill_view params[MILL_MAX_PATH_PARAMS];
            unsigned methods;
            bool expected =
                routes[i].version == prefixes[p].version &&
                (routes[i].version == 0 || (routes[i].under & prefixes[p].under) != 0);
            snprintf(path, sizeof(path), "%s%s", prefixes[p].prefix, routes[i].path);
            const struct mill_route *found =
                mill_route_find(routes[i].method, mill_view_of(path), params, &methods);
            assert_int_equal(found == &routes[i], expected);
            assert_true(!expected || (methods & routes[i].method) != 0);
        }
    }
}

static void takes_parameters_from_paths(void **state)
{
    struct mill_view params[MILL_MAX_PATH_PARAMS];
    unsigned methods;
    (void)state;
    assert_string_equal(
        name_of(MILL_PUT, "/api/2.0/mlflow-artifacts/artifacts/1/r/a b.txt", params, &methods),
        "uploadArtifact");
    assert_true(mill_view_eq(params[0], MILL_VIEW("1/r/a b.txt")));
    assert_int_equal(methods, MILL_GET | MILL_HEAD | MILL_PUT | MILL_DELETE);
    assert_string_equal(
        name_of(MILL_HEAD, "/api/2.0/mlflow-artifacts/artifacts/x", params, &methods),
        "downloadArtifact");
    check(MILL_GET, "/api/2.0/mlflow-artifacts/artifacts", "listProxiedArtifacts");
    check(MILL_GET, "/api/2.0/mlflow-artifacts/artifacts/", "none");
}

static void knows_what_is_not_there(void **state)
{
    struct mill_view params[MILL_MAX_PATH_PARAMS];
    unsigned methods = 7;
    (void)state;
    check(MILL_GET, "/api/2.0/mlflow/runs/search", "none");
    check(MILL_GET, "/api/2.0/preview/mlflow/runs/search", "searchRunsByQuery");
    check(MILL_POST, "/api/3.0/mlflow/runs/search", "none");
    check(MILL_GET, "/api/2.0/mlflow/metrics/get-history-bulk", "none");
    check(MILL_GET, "/ajax-api/2.0/mlflow/metrics/get-history-bulk", "getMetricHistoryBulk");
    check(MILL_GET, "/api/2.0/mlflow/runs/get/", "none");
    check(MILL_GET, "/api/2.0/", "none");
    check(MILL_GET, "", "none");
    check(MILL_GET, "/api/2.0/health", "none");
    check(MILL_GET, "/health", "health");
    assert_string_equal(
        name_of(MILL_GET, "/api/2.0/mlflow/registered-models/gone", params, &methods), "none");
    assert_int_equal(methods, 0);
    assert_string_equal(name_of(MILL_GET, "/api/2.0/mlflow/runs/create", params, &methods),
                        "none");
    assert_int_equal(methods, MILL_POST);
}

static void describes_itself(void **state)
{
    struct mill_arena arena = {0};
    struct mill_buf text = {0};
    struct mill_json json;
    (void)state;
    mill_openapi_write(&text);
    assert_false(text.failed);
    assert_int_equal(
        mill_json_parse(mill_json_pad(mill_buf_view(&text), &arena), &arena, &json, NULL),
        MILL_OK);
    assert_int_equal(mill_json_type(&json, json.root), MILL_JSON_OBJECT);
    mill_buf_release(&text);
    mill_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_whole),
        cmocka_unit_test(every_row_is_found),
        cmocka_unit_test(takes_parameters_from_paths),
        cmocka_unit_test(knows_what_is_not_there),
        cmocka_unit_test(describes_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
