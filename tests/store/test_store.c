/* test_store.c - the conformance suite on every store: in memory, in an mlruns tree, in SQLite
 * as people run it, and in SQLite that merges and checkpoints all the time. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "conformance.h"
#include "conformance_models.h"
#include "store_case.h"

static char directory[] = "/tmp/millstream-store-XXXXXX";

static int run(const char *name, const char *scheme)
{
    struct subject *subject = subject_store_new(name, scheme, directory);
    int failed = conformance_run(subject);
    subject_store_free(subject);
    return failed;
}

static int run_charts(const char *scheme)
{
    store_case_use(scheme, directory);
    return conformance_charts();
}

/* What only some stores keep. */
static int run_others(const char *scheme)
{
    store_case_use(scheme, directory);
    return conformance_logged_models() + conformance_evaluation() + conformance_traces();
}

int main(void)
{
    if (mkdtemp(directory) == NULL)
        return 1;
    int failed = run("memory", "memory:");
    failed += run("tree", "file:");
    failed += run("sqlite", "sqlite:///");
    failed += run_charts("memory:") + run_charts("file:") + run_charts("sqlite:///");
    failed += conformance_models_run("memory", "memory:", directory);
    failed += conformance_models_run("sqlite", "sqlite:///", directory);
    failed += conformance_webhooks_run("webhooks in memory", "memory:", directory);
    failed += conformance_webhooks_run("webhooks in sqlite", "sqlite:///", directory);
    failed += run_others("memory:");
    failed += run_others("sqlite:///");
    setenv("MILLSTREAM_TEST_MERGE_POINTS", "1", 1);
    setenv("MILLSTREAM_TEST_MERGE_TAILS", "1", 1);
    setenv("MILLSTREAM_TEST_CHECKPOINT_PAGES", "1", 1);
    failed += run("sqlite, always merging", "sqlite:///");
    failed += run_charts("sqlite:///");
    char command[100];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command) != 0 || failed != 0;
}
