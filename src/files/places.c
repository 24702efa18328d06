/* places.c - see places.h. One table from scheme to storage. */
#include "files/places.h"

#include "artifact/path.h"
#include "base/alloc.h"
#include "files/s3.h"
#include "remote/databricks.h"
#include "remote/peer.h"

enum mill_status mill_places_init(struct mill_places *places, struct mill_view destination,
                                  struct mill_view user_agent, struct mill_error *err)
{
    *places = (struct mill_places){.ready = false};
    places->destination = mill_arena_copy(&places->arena, destination);
    places->user_agent = mill_arena_copy(&places->arena, user_agent);
    if ((places->destination.ptr == NULL && destination.ptr != NULL) ||
        (places->user_agent.ptr == NULL && user_agent.ptr != NULL)) {
        mill_arena_release(&places->arena);
        return mill_no_memory(err);
    }
    pthread_mutex_init(&places->lock, NULL);
    places->ready = true;
    return MILL_OK;
}

enum mill_status mill_places_init_server(struct mill_places *places, struct mill_remote *server,
                                         bool workspace, struct mill_view user_agent,
                                         struct mill_error *err)
{
    enum mill_status st =
        mill_places_init(places, (struct mill_view){NULL, 0}, user_agent, err);
    if (st == MILL_OK) {
        places->server = server;
        places->workspace = workspace;
    }
    return st;
}

void mill_places_release(struct mill_places *places)
{
    if (!places->ready)
        return;
    mill_s3_close(places->s3);
    pthread_mutex_destroy(&places->lock);
    mill_arena_release(&places->arena);
    places->ready = false;
}

/* --- servers ----------------------------------------------------------------------------- */

/* An http(s) address taken apart. */
struct address {
    struct mill_view scheme;
    struct mill_view authority; /* user:password@host:port */
    struct mill_view prefix;    /* what follows, without slashes at either end */
};

static struct address address_of(struct mill_view url)
{
    struct address a;
    struct mill_view rest = mill_view_cut(url, ':', &a.scheme);
    rest = mill_view_cut(mill_view_from(rest, 2), '/', &a.authority);
    while (mill_view_ends(rest, MILL_VIEW("/")))
        rest.len--;
    a.prefix = rest;
    return a;
}

/* Host and port, without credentials and without the port that the scheme implies. */
static struct mill_view host_of(const struct address *a)
{
    struct mill_view host = a->authority;
    const char *at = memrchr(host.ptr, '@', host.len);
    if (at != NULL)
        host = mill_view_from(host, (size_t)(at + 1 - host.ptr));
    struct mill_view usual = mill_view_eq_nocase(a->scheme, MILL_VIEW("https"))
                                 ? MILL_VIEW(":443")
                                 : MILL_VIEW(":80");
    if (mill_view_ends(host, usual))
        host.len -= usual.len;
    return host;
}

static bool same_server(const struct address *a, const struct address *b)
{
    return mill_view_eq_nocase(a->scheme, b->scheme) &&
           mill_view_eq_nocase(host_of(a), host_of(b)) && mill_view_eq(a->prefix, b->prefix);
}

/* Fills in how a server is talked to that is not the tracking server. It is trusted by the same
 * certificates, and given no credentials. */
static enum mill_status read_other(struct mill_places *places, struct mill_view base,
                                   struct mill_peer *peer, struct mill_error *err)
{
    enum mill_status st = mill_remote_options_address(&peer->options, base, places->user_agent,
                                                      &peer->arena, err);
    if (st == MILL_OK && places->server != NULL) {
        const struct mill_remote_options *known = mill_remote_options(places->server);
        peer->options.ca_path = known->ca_path;
        peer->options.ca_directory = known->ca_directory;
    }
    return st;
}

/* The tracking server's host at another path: another server to our tables, the same to its
 * users. */
static enum mill_status read_same_host(struct mill_places *places, struct mill_view base,
                                       struct mill_peer *peer, struct mill_error *err)
{
    peer->options = *mill_remote_options(places->server);
    peer->options.base = mill_arena_cstr(&peer->arena, base);
    return peer->options.base != NULL ? MILL_OK : mill_no_memory(err);
}

/* Whoever cancels requests to the tracking server means those to other ones as well. */
static enum mill_status connect_peer(const struct mill_places *places, struct mill_peer *peer,
                                     struct mill_error *err)
{
    enum mill_status st = mill_peer_connect(peer, err);
    if (st == MILL_OK && places->server != NULL)
        mill_remote_follow(peer->remote, places->server);
    return st;
}

/* Opens files behind the server whose base that is. */
static enum mill_status open_behind(struct mill_places *places, struct mill_view base,
                                    struct mill_view path, struct mill_files **out,
                                    struct mill_error *err)
{
    struct address wanted = address_of(base);
    bool same_host = false;
    if (places->server != NULL) {
        struct address known =
            address_of(mill_view_of(mill_remote_options(places->server)->base));
        if (same_server(&wanted, &known))
            return mill_files_open_remote(places->server, NULL, path, out, err);
        same_host = mill_view_eq_nocase(wanted.scheme, known.scheme) &&
                    mill_view_eq_nocase(host_of(&wanted), host_of(&known));
    }
    struct mill_peer *peer = mill_alloc_zero(1, sizeof(*peer));
    if (peer == NULL)
        return mill_no_memory(err);
    enum mill_status st = same_host ? read_same_host(places, base, peer, err)
                                    : read_other(places, base, peer, err);
    if (st == MILL_OK)
        st = connect_peer(places, peer, err);
    if (st == MILL_OK)
        st = mill_files_open_remote(peer->remote, peer, path, out, err);
    if (st != MILL_OK)
        mill_peer_free(peer);
    return st;
}

/* --- kinds of storage -------------------------------------------------------------------- */

/* A location that is being opened. */
struct opening {
    struct mill_places *places;
    struct mill_view location, rest; /* all of it; what follows "SCHEME:" */
    struct mill_artifact_uri uri;    /* what it means to servers */
    struct mill_arena arena;
    struct mill_files **out;
};

static enum mill_status unsupported(struct opening *o, struct mill_error *err);

static enum mill_status open_local(struct opening *o, struct mill_error *err)
{
    if (o->uri.kind != MILL_URI_LOCAL) /* file://HOST/ */
        return unsupported(o, err);
    /* "." in normal form is empty */
    return mill_files_open_local(o->uri.path.len > 0 ? o->uri.path : MILL_VIEW("."),
                                 MILL_VIEW(""), o->out, err);
}

/* Behind a server when there is none: below the destination, which is a location itself. */
static enum mill_status open_destination(struct opening *o, struct mill_error *err)
{
    struct mill_view destination = o->places->destination;
    struct mill_artifact_uri uri;
    enum mill_status st = mill_artifact_uri_parse(destination, &o->arena, &uri, err);
    if (st != MILL_OK)
        return st;
    if (uri.kind == MILL_URI_LOCAL)
        return mill_files_open_local(destination, o->uri.path, o->out, err);
    if (uri.kind == MILL_URI_PROXIED)
        return mill_fail(err, MILL_E_INVALID,
                         "the artifacts destination '%.*s' is itself behind a server",
                         MILL_FMT(destination));
    while (mill_view_ends(destination, MILL_VIEW("/")))
        destination.len--;
    struct mill_view below = mill_path_join(destination, o->uri.path, &o->arena);
    if (below.ptr == NULL)
        return mill_no_memory(err);
    return mill_places_open(o->places, below, o->out, err);
}

static bool all_digits(struct mill_view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return true;
}

/* mlflow-artifacts:/PATH and mlflow-artifacts://HOST/PATH */
static enum mill_status open_proxied(struct opening *o, struct mill_error *err)
{
    struct mill_view host = {NULL, 0};
    if (mill_view_starts(o->rest, MILL_VIEW("//")))
        mill_view_cut(mill_view_from(o->rest, 2), '/', &host);
    if (o->places->server == NULL)
        return open_destination(o, err);
    if (host.len == 0)
        return mill_files_open_remote(o->places->server, NULL, o->uri.path, o->out, err);
    if (all_digits(host))
        return mill_fail(err, MILL_E_INVALID,
                         "the location '%.*s' has a port where its host should be",
                         MILL_FMT(o->location));
    struct mill_view scheme;
    mill_view_cut(mill_view_of(mill_remote_options(o->places->server)->base), ':', &scheme);
    struct mill_view base =
        mill_arena_printf(&o->arena, "%.*s://%.*s", MILL_FMT(scheme), MILL_FMT(host));
    return base.ptr != NULL ? open_behind(o->places, base, o->uri.path, o->out, err)
                            : mill_no_memory(err);
}

/* http(s)://HOST[/PREFIX]/api/2.0/mlflow-artifacts/artifacts/PATH */
static enum mill_status open_http(struct opening *o, struct mill_error *err)
{
    static const char *const routes[] = {"/api/2.0/mlflow-artifacts/artifacts",
                                         "/ajax-api/2.0/mlflow-artifacts/artifacts"};
    for (size_t i = 0; i < MILL_COUNT(routes) && o->uri.kind == MILL_URI_PROXIED; i++) {
        const char *at = memmem(o->location.ptr, o->location.len, routes[i], strlen(routes[i]));
        if (at != NULL) {
            struct mill_view base = {o->location.ptr, (size_t)(at - o->location.ptr)};
            return open_behind(o->places, base, o->uri.path, o->out, err);
        }
    }
    return mill_fail(err, MILL_E_UNSUPPORTED,
                     "the files at '%.*s' cannot be reached: only the artifact proxy of a "
                     "tracking server, http(s)://HOST%s/…, is supported over HTTP",
                     MILL_FMT(o->location), routes[0]);
}

static enum mill_status open_s3(struct opening *o, struct mill_error *err)
{
    struct mill_places *places = o->places;
    enum mill_status st = MILL_OK;
    pthread_mutex_lock(&places->lock);
    if (places->s3 == NULL) {
        st = mill_s3_open(places->user_agent, &places->s3, err);
        if (st == MILL_OK && places->server != NULL)
            mill_s3_follow(places->s3, places->server);
    }
    struct mill_s3 *s3 = places->s3;
    pthread_mutex_unlock(&places->lock);
    return st == MILL_OK ? mill_files_open_s3(s3, o->rest, o->out, err) : st;
}

typedef enum mill_status open_workspace(struct mill_remote *remote, struct mill_peer *own,
                                        struct mill_view path, struct mill_files **out,
                                        struct mill_error *err);

/* On a workspace that is not the tracking server: "databricks" or "databricks://PROFILE". */
static enum mill_status open_other_workspace(struct opening *o, open_workspace *open,
                                             struct mill_view workspace, struct mill_view path,
                                             struct mill_error *err)
{
    struct mill_peer *peer = mill_alloc_zero(1, sizeof(*peer));
    if (peer == NULL)
        return mill_no_memory(err);
    enum mill_status st = mill_databricks_options_read(
        &peer->options, workspace, o->places->user_agent, &peer->arena, err);
    if (st == MILL_OK)
        st = connect_peer(o->places, peer, err);
    if (st == MILL_OK)
        st = open(peer->remote, peer, path, o->out, err);
    if (st != MILL_OK)
        mill_peer_free(peer);
    return st;
}

/* The workspace that "[PROFILE@]databricks" names; absent for what is not that. */
static struct mill_view workspace_of(struct opening *o, struct mill_view authority)
{
    struct mill_view profile, name = mill_view_cut(authority, '@', &profile);
    if (mill_view_eq(authority, MILL_VIEW("databricks")))
        return authority;
    if (profile.len == 0 || !mill_view_eq(name, MILL_VIEW("databricks")))
        return (struct mill_view){NULL, 0};
    return mill_arena_printf(&o->arena, "databricks://%.*s", MILL_FMT(profile));
}

/* dbfs:/PATH and dbfs://[PROFILE@]databricks/PATH */
static enum mill_status open_dbfs(struct opening *o, struct mill_error *err)
{
    struct mill_view path = o->rest, authority = {NULL, 0};
    bool own = false;
    if (mill_view_starts(path, MILL_VIEW("//")))
        path = mill_view_cut(mill_view_from(path, 2), '/', &authority);
    if (authority.len == 0) {
        own = o->places->workspace;
        authority = MILL_VIEW("databricks");
    }
    struct mill_view workspace = workspace_of(o, authority);
    path = mill_path_without_slashes(path);
    if (workspace.ptr == NULL || mill_path_has_dots(path))
        return mill_fail(err, MILL_E_INVALID,
                         "the location '%.*s' must be written dbfs:/PATH or "
                         "dbfs://PROFILE@databricks/PATH, without '.' and '..' in it",
                         MILL_FMT(o->location));
    open_workspace *open = mill_view_starts(path, MILL_VIEW("Volumes/"))
                               ? mill_files_open_volume
                               : mill_files_open_dbfs;
    return own ? open(o->places->server, NULL, path, o->out, err)
               : open_other_workspace(o, open, workspace, path, err);
}

static const struct {
    const char *scheme;
    enum mill_status (*open)(struct opening *o, struct mill_error *err);
} schemes[] = {
    {"file", open_local}, {"mlflow-artifacts", open_proxied},
    {"http", open_http},  {"https", open_http},
    {"s3", open_s3},      {"dbfs", open_dbfs},
};

static enum mill_status unsupported(struct opening *o, struct mill_error *err)
{
    struct mill_view scheme;
    mill_view_cut(o->location, ':', &scheme);
    return mill_fail(err, MILL_E_UNSUPPORTED,
                     "the files at '%.*s' cannot be reached: storage of the kind '%.*s' is not "
                     "supported; use the server's artifact proxy (an experiment whose location "
                     "begins with mlflow-artifacts:)",
                     MILL_FMT(mill_utf8_prefix(o->location, 200)), MILL_FMT(scheme));
}

static enum mill_status open_kind(struct opening *o, struct mill_error *err)
{
    struct mill_view scheme;
    if (!mill_artifact_has_scheme(o->location))
        return open_local(o, err);
    o->rest = mill_view_cut(o->location, ':', &scheme);
    for (size_t i = 0; i < MILL_COUNT(schemes); i++)
        if (mill_view_eq_nocase(scheme, mill_view_of(schemes[i].scheme)))
            return schemes[i].open(o, err);
    return unsupported(o, err);
}

enum mill_status mill_places_open(struct mill_places *places, struct mill_view location,
                                  struct mill_files **out, struct mill_error *err)
{
    struct opening o = {.places = places, .location = location, .out = out};
    enum mill_status st = mill_artifact_uri_parse(location, &o.arena, &o.uri, err);
    if (st == MILL_OK)
        st = open_kind(&o, err);
    mill_arena_release(&o.arena);
    return st;
}
