/* conformance_client.c - the conformance suite through the public client.
 *
 *   conformance_client --list      names of the cases
 *   conformance_client KIND URI    all cases on a tracking URI
 *   conformance_client KIND        the same on one made for the occasion (sqlite, tree)
 *
 * KIND says what to expect of the thing behind the URI. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/view.h"
#include "store/conformance.h"
#include "subject_client.h"

static const struct kind {
    const char *name;
    const char *scheme; /* of a URI made for the occasion; NULL: none can be made */
    unsigned ways;
    const char *folder; /* of experiments; NULL: none */
} kinds[] = {
    {"sqlite", "sqlite:///", 0, NULL},
    {"tree", "", SUBJECT_KEEPS_INFINITY, NULL},
    {"server", NULL, 0, NULL},
    {"server-tree", NULL, SUBJECT_KEEPS_INFINITY, NULL},
    {"official", NULL, SUBJECT_REFUSES_BY_STATE, NULL},
    {"databricks", NULL, SUBJECT_NO_DEFAULT | SUBJECT_MISSES_EXPERIMENTS, "/Shared/"},
};

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < MILL_COUNT(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

static int run(const struct kind *kind, const char *uri)
{
    struct subject *subject = subject_client_new(kind->name, uri, kind->ways, kind->folder);
    int failed = conformance_run(subject);
    subject_client_free(subject);
    return failed;
}

static int run_in_own_directory(const struct kind *kind)
{
    char directory[] = "/tmp/millstream-client-XXXXXX";
    char uri[80], command[80];
    if (mkdtemp(directory) == NULL)
        return 1;
    snprintf(uri, sizeof(uri), "%s%s/it", kind->scheme, directory);
    int failed = run(kind, uri);
    snprintf(command, sizeof(command), "rm -rf '%s'", directory);
    return failed + (system(command) != 0);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0); /* in order with what goes to standard error */
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        conformance_list();
        return 0;
    }
    const struct kind *kind = argc == 2 || argc == 3 ? find_kind(argv[1]) : NULL;
    if (kind == NULL || (argc == 2 && kind->scheme == NULL)) {
        fprintf(stderr, "usage: %s --list | KIND [URI]\n", argv[0]);
        return 2;
    }
    return (argc == 3 ? run(kind, argv[2]) : run_in_own_directory(kind)) != 0;
}
