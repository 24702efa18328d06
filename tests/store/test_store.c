/* test_store.c - the conformance suite on every store: in memory, in SQLite as people run it,
 * and in SQLite that merges and checkpoints all the time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/view.h"
#include "conformance.h"

static char directory[] = "/tmp/millstream-store-XXXXXX";
static int next_file;
static char uri[200];

static struct mill_store *open_store(const char *which)
{
    struct mill_store *store = NULL;
    struct mill_error err = {""};
    struct mill_store_options options = {.artifact_root = MILL_VIEW("mlflow-artifacts:/"),
                                         .synchronous = 2};
    if (mill_store_open(mill_view_of(which), &options, &store, &err) != MILL_OK)
        fail_msg("cannot open %s: %s", which, err.message);
    return store;
}

static struct mill_store *make_memory(void)
{
    return open_store("memory:");
}

static struct mill_store *keep_memory(struct mill_store *store)
{
    return store;
}

static struct mill_store *make_sqlite(void)
{
    snprintf(uri, sizeof(uri), "sqlite:///%s/%d.db", directory, next_file++);
    return open_store(uri);
}

static struct mill_store *reopen_sqlite(struct mill_store *store)
{
    mill_store_close(store);
    return open_store(uri);
}

int main(void)
{
    if (mkdtemp(directory) == NULL)
        return 1;
    int failed = conformance_run(&(struct store_maker){"memory", make_memory, keep_memory});
    failed += conformance_run(&(struct store_maker){"sqlite", make_sqlite, reopen_sqlite});
    setenv("MILLSTREAM_TEST_MERGE_POINTS", "1", 1);
    setenv("MILLSTREAM_TEST_MERGE_TAILS", "1", 1);
    setenv("MILLSTREAM_TEST_CHECKPOINT_PAGES", "1", 1);
    failed += conformance_run(
        &(struct store_maker){"sqlite, always merging", make_sqlite, reopen_sqlite});
    char command[100];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command) != 0 || failed != 0;
}
