/* legacy_uri.c - the rows of the legacy matrix that are about the tracking URI itself. */
#include <stdlib.h>
#include <string.h>

#include "legacy.h"

static bool current_is(const char *expected)
{
    char text[1000];
    size_t length = mill_tracking_uri(text, sizeof(text));
    return length == strlen(expected) && strcmp(text, expected) == 0;
}

/* Opens another client beside the first; writes go to one of them only where the thing behind
 * the URI wants that. */
static enum mill_status open_second(struct legacy *l, struct mill_view uri,
                                    struct mill_client **out)
{
    struct mill_client_options options = {.size = sizeof(options), .read_only = true};
    return mill_client_open(uri, &options, out, &l->err);
}

static void get_tracking_uri(struct legacy *l)
{
    char text[4] = "xyz";
    unsetenv("MLFLOW_TRACKING_URI");
    CASE("the default is a tree in the working directory",
         current_is(MILL_DEFAULT_TRACKING_URI));
    setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9", 1);
    CASE("the environment counts", current_is("http://127.0.0.1:9"));
    CASE("what does not fit is cut",
         mill_tracking_uri(text, sizeof(text)) == strlen("http://127.0.0.1:9") &&
             strcmp(text, "htt") == 0);
    unsetenv("MLFLOW_TRACKING_URI");
}

static void set_tracking_uri(struct legacy *l)
{
    struct mill_client *other = NULL;
    struct mill_experiment_list *list = NULL;
    const char *uri = l->uri.len > 0 ? l->uri.ptr : MILL_DEFAULT_TRACKING_URI;
    int64_t id;
    MUST(new_experiment(l, "seen", &id));
    setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9", 1);
    MUST(mill_set_tracking_uri(mill_text(uri), &l->err));
    CASE("goes before the environment", current_is(uri));
    MUST(open_second(l, absent(), &other));
    GIVES("clients opened afterwards go there",
          mill_client_get_experiment(other, id, &list, &l->err), MILL_OK);
    mill_experiment_list_free(list);
    list = NULL;
    mill_client_close(other);
    MUST(mill_set_tracking_uri(mill_text("http://127.0.0.1:9"), &l->err));
    GIVES("clients that are open stay where they are",
          mill_client_get_experiment(l->client, id, &list, &l->err), MILL_OK);
    mill_experiment_list_free(list);
    list = NULL;
    MUST(open_second(l, mill_text(uri), &other));
    GIVES("an argument goes before all", mill_client_get_experiment(other, id, &list, &l->err),
          MILL_OK);
    mill_experiment_list_free(list);
    mill_client_close(other);
    MUST(mill_set_tracking_uri(absent(), &l->err));
    CASE("nothing: back to the environment", current_is("http://127.0.0.1:9"));
    unsetenv("MLFLOW_TRACKING_URI");
}

const struct row legacy_uri_rows[] = {
    {"get_tracking_uri", get_tracking_uri},
    {"set_tracking_uri", set_tracking_uri},
    {NULL, NULL},
};
