/* pages.c - the routes that belong to no resource: probes, figures, the page at /. */
#include "server/http.h"
#include "server/metrics.h"

/* The version of the protocol that is spoken; clients compare it. */
#define PROTOCOL_VERSION "3.17.2"

void mill_raw_health(struct mill_request *req)
{
    mill_respond(req, 200, "text/plain; charset=utf-8", MILL_VIEW("OK"));
}

void mill_raw_version(struct mill_request *req)
{
    mill_respond(req, 200, "text/plain; charset=utf-8", MILL_VIEW(PROTOCOL_VERSION));
}

void mill_raw_metrics(struct mill_request *req)
{
    mill_metrics_write(req->server->http, &req->out);
    mill_respond_buf(req, 200, "text/plain; version=0.0.4; charset=utf-8", &req->out);
}

void mill_raw_root(struct mill_request *req)
{
    static const char page[] =
        "<!DOCTYPE html>\n"
        "<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Millstream</title>\n"
        "<style>body{font:16px/1.5 sans-serif;max-width:40em;margin:3em auto;padding:0 1em}"
        "code,pre{background:#f2f2f2;padding:.1em .3em}</style></head><body>\n"
        "<h1>Millstream</h1>\n"
        "<p>A tracking server for machine learning experiments, version " MILL_VERSION ". It "
        "speaks the MLflow tracking protocol; point a client at this address:</p>\n"
        "<pre>export MLFLOW_TRACKING_URI=<span id=\"here\">this address</span></pre>\n"
        "<ul>\n"
        "<li><a href=\"api/openapi.json\">api/openapi.json</a>: every request and answer</li>\n"
        "<li><a href=\"health\">health</a>, <a href=\"version\">version</a>, "
        "<a href=\"metrics\">metrics</a></li>\n"
        "</ul>\n"
        "<script>document.getElementById(\"here\").textContent="
        "location.href.replace(/\\/$/,\"\")</script>\n"
        "</body></html>\n";

    mill_respond(req, 200, "text/html; charset=utf-8", MILL_VIEW(page));
}
