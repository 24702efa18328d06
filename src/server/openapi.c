/* openapi.c - the OpenAPI document: routes here, their messages by wire/schema.h. */
#include "server/openapi.h"

#include "server/route.h"
#include "wire/encode.h"
#include "wire/schema.h"

/* Rows of the table whose messages the document can hold. */
#define MAX_ROUTES 512

static const char *method_name(enum mill_method method)
{
    switch (method) {
    case MILL_GET:
        return "get";
    case MILL_POST:
        return "post";
    case MILL_PUT:
        return "put";
    case MILL_PATCH:
        return "patch";
    case MILL_DELETE:
        return "delete";
    case MILL_HEAD:
    case MILL_OPTIONS:
        break;
    }
    return "head";
}

static const char *prefix_of(const struct mill_route *route)
{
    if (route->version == 0)
        return "";
    if (route->version == 1)
        return "/api/millstream/1.0";
    if ((route->under & MILL_UNDER_API) != 0)
        return route->version == 3 ? "/api/3.0" : "/api/2.0";
    if ((route->under & MILL_UNDER_AJAX) != 0)
        return route->version == 3 ? "/ajax-api/3.0" : "/ajax-api/2.0";
    return "/api/2.0/preview";
}

/* The path with {name*} as {name}. */
static void add_path(struct mill_buf *out, const struct mill_route *route)
{
    mill_buf_printf(out, "\"%s", prefix_of(route));
    for (const char *p = route->path; *p != '\0'; p++)
        if (*p != '*')
            mill_buf_add_char(out, *p);
    mill_buf_add_char(out, '"');
}

static bool same_path(const struct mill_route *a, const struct mill_route *b)
{
    return strcmp(a->path, b->path) == 0 && strcmp(prefix_of(a), prefix_of(b)) == 0;
}

/* "parameters" of the path itself. */
static void add_path_parameters(struct mill_buf *out, const char *path)
{
    bool first = true;
    mill_buf_add_view(out, MILL_VIEW("\"parameters\":["));
    for (const char *p = strchr(path, '{'); p != NULL; p = strchr(p, '{')) {
        size_t len = strcspn(++p, "*}");
        mill_buf_printf(out,
                        "%s{\"in\":\"path\",\"required\":true,\"name\":\"%.*s\","
                        "\"schema\":{\"type\":\"string\"}}",
                        first ? "" : ",", (int)len, p);
        first = false;
    }
    mill_buf_add_char(out, ']');
}

static void add_request(struct mill_buf *out, const struct mill_route *route)
{
    if (route->request == NULL)
        return;
    if (route->method == MILL_GET) {
        mill_buf_add_view(out, MILL_VIEW(",\"parameters\":"));
        mill_schema_parameters(out, route->request);
        return;
    }
    mill_buf_add_view(out, MILL_VIEW(",\"requestBody\":{\"required\":true,\"content\":"
                                     "{\"application/json\":{\"schema\":"));
    mill_schema_ref(out, route->request);
    mill_buf_add_view(out, MILL_VIEW("}}}"));
}

static void add_responses(struct mill_buf *out, const struct mill_route *route)
{
    mill_buf_add_view(out, MILL_VIEW(",\"responses\":{\"200\":{\"description\":\"Done.\""));
    if (route->kind != MILL_ROUTE_RAW) {
        mill_buf_add_view(out, MILL_VIEW(",\"content\":{\"application/json\":{\"schema\":"));
        if (route->response != NULL)
            mill_schema_ref(out, route->response);
        else
            mill_buf_add_view(out, MILL_VIEW("{\"type\":\"object\"}"));
        mill_buf_add_view(out, MILL_VIEW("}}"));
    }
    mill_buf_add_view(out, MILL_VIEW("},\"default\":{\"description\":\"What went wrong.\","
                                     "\"content\":{\"application/json\":{\"schema\":"
                                     "{\"$ref\":\"#/components/schemas/Error\"}}}}}"));
}

static void add_operation(struct mill_buf *out, const struct mill_route *route)
{
    mill_buf_printf(out,
                    ",\"%s\":{\"operationId\":\"%s\",\"summary\":", method_name(route->method),
                    route->name);
    mill_buf_add_json_string(out, mill_view_of(route->doc));
    add_request(out, route);
    add_responses(out, route);
    mill_buf_add_char(out, '}');
}

/* A path with all its methods, at the row where it comes first. */
static void add_paths(struct mill_buf *out)
{
    size_t count;
    const struct mill_route *routes = mill_routes(&count);
    for (size_t i = 0; i < count; i++) {
        size_t first = 0;
        while (!same_path(&routes[first], &routes[i]))
            first++;
        if (first < i)
            continue;
        if (i > 0)
            mill_buf_add_char(out, ',');
        add_path(out, &routes[i]);
        mill_buf_add_view(out, MILL_VIEW(":{"));
        add_path_parameters(out, routes[i].path);
        for (size_t j = i; j < count; j++)
            if (same_path(&routes[i], &routes[j]))
                add_operation(out, &routes[j]);
        mill_buf_add_char(out, '}');
    }
}

static void add_schemas(struct mill_buf *out)
{
    const struct mill_message *messages[2 * MAX_ROUTES];
    size_t count;
    size_t n = 0;
    const struct mill_route *routes = mill_routes(&count);
    for (size_t i = 0; i < count && n + 1 < MILL_COUNT(messages); i++) {
        messages[n++] = routes[i].request;
        messages[n++] = routes[i].response;
    }
    mill_schemas_write(out, messages, n);
}

void mill_openapi_write(struct mill_buf *out)
{
    mill_buf_add_view(
        out, MILL_VIEW("{\"openapi\":\"3.0.3\",\"info\":{\"title\":\"Millstream\",\"version\":"
                       "\"" MILL_VERSION "\",\"description\":\"Experiment tracking in the "
                       "protocol of MLflow. Each path below /api/2.0 is also found below "
                       "/ajax-api/2.0 and /api/2.0/preview, each below /api/3.0 also below "
                       "/ajax-api/3.0. What is below /api/millstream is Millstream's "
                       "own.\",\"license\":{\"name\":\"Apache-2.0\"}},"
                       "\"servers\":[{\"url\":\"/\"}],\"paths\":{"));
    add_paths(out);
    mill_buf_add_view(
        out, MILL_VIEW("},\"components\":{\"schemas\":{\"Error\":{\"type\":\"object\","
                       "\"properties\":{\"error_code\":{\"type\":\"string\"},\"message\":"
                       "{\"type\":\"string\"}},\"required\":[\"error_code\",\"message\"]},"));
    add_schemas(out);
    mill_buf_add_view(out, MILL_VIEW("}}}"));
}
