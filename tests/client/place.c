/* place.c - see place.h. */
#include "place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/view.h"

struct mill_client *place_client;
struct mill_error place_err;

static const char *tracking_uri;

int place_open(void **state)
{
    struct mill_client_options options = {.size = sizeof(options), .create = true};
    (void)state;
    return mill_client_open(mill_text(tracking_uri), &options, &place_client, &place_err) !=
           MILL_OK;
}

int place_close(void **state)
{
    (void)state;
    mill_client_close(place_client);
    return 0;
}

void place_must(enum mill_status st)
{
    if (st != MILL_OK)
        fail_msg("%s: %s", mill_status_get_info(st)->name, place_err.message);
}

void place_assert_view(struct mill_view view, const char *text)
{
    if (!mill_view_eq(view, mill_text(text)))
        fail_msg("'%.*s' is not '%s'", (int)view.len, view.len > 0 ? view.ptr : "", text);
}

int place_main(int argc, char **argv, int (*run)(void))
{
    char directory[] = "/tmp/millstream-place-XXXXXX", command[80];
    bool made = argc == 2 && strcmp(argv[1], "sqlite") == 0;
    if ((argc != 3 && !made) || mkdtemp(directory) == NULL || chdir(directory) != 0) {
        fprintf(stderr, "usage: %s sqlite | KIND URI\n", argv[0]);
        return 2;
    }
    tracking_uri = made ? "sqlite:///place.db" : argv[2];
    int failed_count = run();
    snprintf(command, sizeof(command), "rm -rf '%s'", directory);
    return chdir("/") != 0 || system(command) != 0 ? 2 : failed_count;
}
