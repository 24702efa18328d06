/* server_main.c - the whole server from its settings to its exit code. */
#include <millstream/server.h>

#include <malloc.h>
#include <signal.h>
#include <stdio.h>

#include "artifact/artifact.h"
#include "base/clock.h"
#include "base/log.h"
#include "server/access_log.h"
#include "server/changes.h"
#include "server/conn.h"
#include "server/events.h"
#include "server/route.h"
#include "server/ui.h"
#include "server/ui_page.h"
#include "server/webhooks.h"
#include "store/writer.h"

/* Everything that is opened while starting, closed in the opposite order. */
struct running {
    const char *program;
    struct mill_arena arena;
    struct mill_server_config config;
    struct mill_server server;
    struct mill_http http;
};

/* --- help ------------------------------------------------------------------------------- */

static void print_option(const struct mill_server_option *o)
{
    char left[96];
    int n = 0;

    if (o->short_name != 0)
        n = snprintf(left, sizeof(left), "-%c, ", o->short_name);
    (void)snprintf(left + n, sizeof(left) - (size_t)n, "%s%s%s%s%s", o->name,
                   o->negative != NULL ? " / " : "", o->negative != NULL ? o->negative : "",
                   o->value != NULL ? " " : "", o->value != NULL ? o->value : "");
    printf("  %s\n      %s", left, o->help);
    for (size_t i = 0; o->choices != NULL && o->choices[i] != NULL; i++)
        printf("%s%s", i == 0 ? " One of: " : ", ", o->choices[i]);
    if (o->choices != NULL)
        printf(".");
    if (o->default_text[0] != '\0')
        printf(" Default: %s.", o->default_text);
    if (o->env != NULL)
        printf(" [%s]", o->env);
    printf("\n");
}

static void print_help(const char *program)
{
    const struct mill_server_option *o;
    const char *section = "";

    printf("Usage: %s [OPTION]...\n\nServes the MLflow tracking protocol.\n", program);
    for (size_t i = 0; (o = mill_server_option_at(i)) != NULL; i++) {
        if (strcmp(section, o->section) != 0)
            printf("\n%s:\n", o->section);
        section = o->section;
        print_option(o);
    }
}

/* --- parts ------------------------------------------------------------------------------ */

/* A local root for artifacts of runs is given to clients as an absolute path: they need not
 * share our working directory. Runs that others made in a tree have theirs in the tree. */
static enum mill_status open_run_artifacts(struct running *r, struct mill_error *err)
{
    struct mill_view root = r->config.default_artifact_root;
    bool plain = !mill_artifact_has_scheme(root);
    struct mill_artifact_uri uri = {.kind = MILL_URI_LOCAL};
    enum mill_status st = MILL_OK;

    if (!plain)
        st = mill_artifact_uri_parse(root, &r->arena, &uri, err);
    if (st == MILL_OK && uri.kind == MILL_URI_LOCAL)
        st = mill_artifact_open_store(root, &r->server.run_artifacts, err);
    else if (st == MILL_OK && mill_server_keeps_tree(&r->config))
        st = mill_artifact_open_store(r->config.backend_store_uri, &r->server.run_artifacts,
                                      err);
    if (st == MILL_OK && plain)
        r->config.default_artifact_root = mill_artifact_directory(r->server.run_artifacts);
    return st;
}

static enum mill_status open_artifacts(struct running *r, struct mill_error *err)
{
    enum mill_status st = MILL_OK;

    if (r->config.serve_artifacts)
        st = mill_artifact_open_store(r->config.artifacts_destination, &r->server.artifacts,
                                      err);
    if (st == MILL_OK)
        st = mill_ui_page_check(&r->config, err);
    if (st == MILL_OK && r->config.ui_dir.len > 0)
        st = mill_ui_open(r->config.ui_dir, &r->server.ui, err);
    return st == MILL_OK ? open_run_artifacts(r, err) : st;
}

static enum mill_status open_store(struct running *r, struct mill_error *err)
{
    const struct mill_server_config *config = &r->config;
    struct mill_store_options options = {
        .artifact_root = config->default_artifact_root,
        .synchronous = (int)config->synchronous,
        .cache_bytes = (size_t)config->cache_bytes,
    };
    enum mill_status st =
        mill_store_open(config->backend_store_uri, &options, &r->server.store, err);

    if (st != MILL_OK)
        return st;
    r->server.changes = mill_changes_new(mill_now_ms(), mill_server_keeps_tree(config));
    if (r->server.changes == NULL)
        return mill_fail(err, MILL_E_NOMEM, "starting the server: out of memory");
    st = mill_events_open(&r->http, r->server.changes, err);
    if (st != MILL_OK)
        return st;
    st = mill_writer_start(r->server.store, (size_t)config->max_queued_writes,
                           mill_dispatch_writes, &r->server, &r->server.writer, err);
    return st == MILL_OK ? mill_webhooks_start(config, r->server.store, r->server.writer,
                                               &r->server.webhooks, err)
                         : st;
}

static enum mill_status start(struct running *r, struct mill_error *err)
{
    enum mill_status st;

    r->server.config = &r->config;
    st = mill_http_open(&r->http, &r->server, err);
    if (st == MILL_OK)
        st = mill_security_init(&r->http.security, &r->config, &r->arena, err);
    if (st == MILL_OK)
        st = mill_access_log_open(&r->config, &r->http.access_log, err);
    if (st == MILL_OK && r->config.tls_cert.len > 0)
        st = mill_tls_context_new(r->config.tls_cert, r->config.tls_key, &r->http.tls, err);
    if (st == MILL_OK)
        st = open_artifacts(r, err);
    if (st == MILL_OK)
        st = open_store(r, err);
    if (st == MILL_OK)
        st = mill_http_listen(&r->http, err);
    if (st == MILL_OK)
        mill_store_warm(r->server.store);
    return st;
}

/* Everything that was answered is on disk before this; the writer's queue is empty. */
static void finish(struct running *r)
{
    struct mill_access_log *log = r->http.access_log;
    struct mill_tls_context *tls = r->http.tls;

    mill_webhooks_stop(r->server.webhooks);
    mill_writer_stop(r->server.writer);
    mill_http_close(&r->http);
    mill_store_close(r->server.store);
    mill_changes_free(r->server.changes);
    mill_artifact_close_store(r->server.artifacts);
    mill_artifact_close_store(r->server.run_artifacts);
    mill_artifact_close_store(r->server.ui);
    mill_access_log_close(log);
    mill_tls_context_free(tls);
}

static void announce(const struct running *r)
{
    bool v6 = memchr(r->config.host.ptr, ':', r->config.host.len) != NULL;

    printf("Millstream %s serves %.*s on %s://%s%.*s%s:%d\n", MILL_VERSION,
           MILL_FMT(r->config.backend_store_uri), r->http.tls != NULL ? "https" : "http",
           v6 ? "[" : "", MILL_FMT(r->config.host), v6 ? "]" : "", r->http.port);
    fflush(stdout);
}

static int failed(const struct running *r, enum mill_status st, const struct mill_error *err)
{
    fprintf(stderr, "%s: %s\n", r->program, err->message);
    return mill_status_get_info(st)->exit_code;
}

int mill_server_main(int argc, char **argv)
{
    struct running r = {.program = argc > 0 ? argv[0] : "millstream server"};
    const char *const *notes = NULL;
    struct mill_error err;
    enum mill_status st;
    int code = 0;

    st = mill_server_config_parse(argc, argv, &r.arena, &r.config, &notes, &err);
    if (st != MILL_OK) {
        code = failed(&r, st, &err);
        goto out;
    }
    if (r.config.help) {
        print_help(r.program);
        goto out;
    }
    for (; *notes != NULL; notes++)
        fprintf(stderr, "%s: note: %s\n", r.program, *notes);
    mill_log_setup((enum mill_log_level)r.config.log_level,
                   r.config.log_format == MILL_FORMAT_JSON);
    /* A client that left, a file that may not grow: both come back as errors, too. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    /* One large request must not leave its memory behind: without a fixed threshold, malloc
     * learns to keep blocks of up to 32 MiB. */
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    /* Fixing that one fixes the other at 128 KiB, which every page of a search passes. */
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
    /* Seven threads with a heap each would keep what one of them has given back. */
    mallopt(M_ARENA_MAX, 2);
    st = start(&r, &err);
    if (st == MILL_OK) {
        announce(&r);
        mill_http_run(&r.http);
    } else {
        code = failed(&r, st, &err);
    }
    finish(&r);

out:
    mill_arena_release(&r.arena);
    return code;
}
