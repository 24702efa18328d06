/* faults.c - every public function while memory runs out at each allocation in turn, and while
 * each system call in turn fails, is interrupted, does less than asked or finds no space: the
 * call says so or succeeds, nothing leaks, the store can be read afterwards, what was
 * acknowledged before is there after opening it again, and the call then works.
 *
 *   faults KIND [URI]    kinds as for input.c
 *
 * Prints a line for each thing that is wrong; exits with 1 if there is any. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "input.h"
#include "syscalls.h"

static int failed;

/* What is being tried, for complaints. */
struct trial {
    const char *function;
    const char *mishap;
    long nth;
};

static void complain(const struct trial *trial, const char *problem, const char *detail)
{
    printf("%s, %s %ld: %s%s%s\n", trial->function, trial->mishap, trial->nth, problem,
           detail[0] != '\0' ? ": " : "", detail);
    failed++;
}

/* --- kinds of mishaps ------------------------------------------------------------------ */

static void memory_on(long nth)
{
    mill_alloc_fail_after(nth);
}

static bool memory_off(void)
{
    mill_alloc_fail_after(0);
    return true; /* not known; a call that works had enough */
}

static void eio_on(long nth)
{
    faults_on(FAULT_EIO, nth);
}

static void eintr_on(long nth)
{
    faults_on(FAULT_EINTR, nth);
}

static void short_on(long nth)
{
    faults_on(FAULT_SHORT, nth);
}

static void enospc_on(long nth)
{
    faults_on(FAULT_ENOSPC, nth);
}

static const struct mishap {
    const char *name;
    void (*on)(long nth);
    bool (*off)(void);  /* whether it happened */
    bool is_memory;     /* the failure must be MILL_E_NOMEM */
    bool must_not_fail; /* callers do not hear of it */
} mishaps[] = {
    {"allocation", memory_on, memory_off, true, false},
    {"EIO at call", eio_on, faults_off, false, false},
    {"EINTR at call", eintr_on, faults_off, false, true},
    {"short call", short_on, faults_off, false, false},
    {"ENOSPC from call", enospc_on, faults_off, false, false},
};

/* --- the place ------------------------------------------------------------------------- */

static void shell(const char *command)
{
    if (system(command) != 0) {
        printf("failed: %s\n", command);
        exit(2);
    }
}

/* Opens the place as it was at first, so that nothing of other trials is there. A server keeps
 * what it has; what was deleted is taken out of its bin. */
static void begin(struct input *in, const struct trial *trial)
{
    struct mill_error err = {""};
    if (in->is_local)
        shell("rm -rf place && cp -a pristine place");
    if (input_open(in, &err) != MILL_OK) {
        complain(trial, "cannot be opened", err.message);
        exit(1);
    }
    if (!in->is_local) {
        mill_client_restore_experiment(in->client, in->experiment_id, NULL);
        mill_client_restore_run(in->client, in->run_id, NULL);
        if (input_stock(in, &err) != MILL_OK)
            complain(trial, "has no model", err.message);
    }
}

/* --- one trial ------------------------------------------------------------------------- */

/* Whether a call that is made once more finds its work done already, or failed for that. */
static bool is_settled(enum mill_status st)
{
    return st == MILL_OK || st == MILL_E_EXISTS || st == MILL_E_NOT_FOUND ||
           st == MILL_E_BAD_REQUEST;
}

/* Whether a status can come of a mishap. SQLite takes EIO for damage. */
static bool is_honest(enum mill_status st, const struct mishap *mishap)
{
    if (mishap->is_memory)
        return st == MILL_E_NOMEM;
    return st == MILL_E_IO || st == MILL_E_FULL || st == MILL_E_NOMEM || st == MILL_E_BUSY ||
           st == MILL_E_CORRUPT;
}

/* The value of a tag that was acknowledged before a mishap. */
static bool has_tag(const struct input *in, const char *value, struct mill_error *err)
{
    struct mill_run_list *list = NULL;
    bool found = false;
    if (mill_client_get_run(in->client, in->run_id, &list, err) != MILL_OK)
        return false;
    const struct mill_run *run = list->items[0];
    for (size_t i = 0; i < run->tag_count; i++)
        found =
            found || (run->tags[i].key.len == strlen("acknowledged") &&
                      memcmp(run->tags[i].key.ptr, "acknowledged", run->tags[i].key.len) == 0 &&
                      run->tags[i].value.len == strlen(value) &&
                      memcmp(run->tags[i].value.ptr, value, strlen(value)) == 0);
    mill_run_list_free(list);
    return found;
}

/* Everything can be read, before and after opening anew, and what was acknowledged is there. */
static void check_after(struct input *in, const struct trial *trial, const char *value)
{
    struct mill_error err = {""};
    char *before = NULL, *after = NULL;
    if (input_picture(in, &before, &err) != MILL_OK)
        complain(trial, "cannot be read afterwards", err.message);
    mill_client_close(in->client);
    in->client = NULL;
    if (input_open(in, &err) != MILL_OK) {
        complain(trial, "cannot be opened again", err.message);
        exit(1);
    }
    if (input_picture(in, &after, &err) != MILL_OK)
        complain(trial, "cannot be read after opening it again", err.message);
    if (before != NULL && after != NULL && strcmp(before, after) != 0) {
        complain(trial, "is not the same after opening it again", "");
        printf("--- before%s\n--- after%s\n", before, after);
    }
    if (!has_tag(in, value, &err))
        complain(trial, "has lost what was acknowledged", err.message);
    free(before);
    free(after);
}

/* --- what a call needs before it can work ---------------------------------------------- */

static enum mill_status set_tag(const struct input *in, struct mill_error *err)
{
    return mill_client_set_tag(in->client, in->run_id, mill_text("t"), mill_text("v"), err);
}

static enum mill_status set_experiment_tag(const struct input *in, struct mill_error *err)
{
    return mill_client_set_experiment_tag(in->client, in->experiment_id, mill_text("m"),
                                          mill_text("v"), err);
}

static enum mill_status set_model_tag(const struct input *in, struct mill_error *err)
{
    return mill_client_set_model_tag(in->client, mill_text(INPUT_MODEL), mill_text("m"),
                                     mill_text("v"), err);
}

static enum mill_status set_version_tag(const struct input *in, struct mill_error *err)
{
    return mill_client_set_version_tag(in->client, mill_text(INPUT_MODEL), in->version,
                                       mill_text("m"), mill_text("v"), err);
}

static enum mill_status set_logged_model_tag(const struct input *in, struct mill_error *err)
{
    struct mill_tag tag = {mill_text("m"), mill_text("v")};
    return mill_client_set_logged_model_tags(in->client, in->logged_model, &tag, 1, err);
}

static enum mill_status set_prompt_tag(const struct input *in, struct mill_error *err)
{
    return mill_client_set_prompt_tag(in->client, mill_text(INPUT_PROMPT), mill_text("m"),
                                      mill_text("v"), err);
}

static enum mill_status set_prompt_version_tag(const struct input *in, struct mill_error *err)
{
    return mill_client_set_prompt_version_tag(in->client, mill_text(INPUT_PROMPT),
                                              in->prompt_version, mill_text("m"),
                                              mill_text("v"), err);
}

static enum mill_status delete_experiment(const struct input *in, struct mill_error *err)
{
    return mill_client_delete_experiment(in->client, in->experiment_id, err);
}

static const struct preparation {
    const char *function;
    enum mill_status (*prepare)(const struct input *in, struct mill_error *err);
} preparations[] = {
    {"mill_client_delete_tag", set_tag},
    {"mill_client_delete_experiment_tag", set_experiment_tag},
    {"mill_client_restore_experiment", delete_experiment},
    {"mill_client_delete_model_tag", set_model_tag},
    {"mill_client_delete_version_tag", set_version_tag},
    {"mill_client_delete_logged_model_tag", set_logged_model_tag},
    {"mill_client_delete_prompt_tag", set_prompt_tag},
    {"mill_client_delete_prompt_version_tag", set_prompt_version_tag},
};

static const struct preparation *preparation_of(const struct call *call)
{
    static const struct preparation none = {"", NULL};
    for (size_t i = 0; i < COUNT(preparations); i++)
        if (strcmp(preparations[i].function, call->name) == 0)
            return &preparations[i];
    return &none;
}

/* Names of experiments and models are taken once, so each trial has its own. */
static enum mill_status make(const struct input *in, const struct call *call, const char *name,
                             struct mill_error *err)
{
    struct arguments a;
    input_good(in, &a);
    bool makes = strcmp(call->name, "mill_client_create_experiment") == 0;
    a.name = mill_text(makes ? name : in->name);
    a.new_name = a.model_to_make = a.model_to_take = mill_text(name);
    a.err = err;
    enum mill_status st = call->call(&a);
    input_release(&a);
    return st;
}

static enum mill_status acknowledge(const struct input *in, const char *value,
                                    struct mill_error *err)
{
    return mill_client_set_tag(in->client, in->run_id, mill_text("acknowledged"),
                               mill_text(value), err);
}

/* One call with a mishap at the nth occasion; whether there was such an occasion. */
static bool try_one(struct input *in, const struct call *call, const struct mishap *mishap,
                    long nth)
{
    const struct preparation *preparation = preparation_of(call);
    struct trial trial = {call->name, mishap->name, nth};
    struct mill_error err = {""};
    char name[100];
    snprintf(name, sizeof(name), "%s%s %s %ld",
             strcmp(in->kind, "databricks") == 0 ? "/Shared/" : "", call->name, mishap->name,
             nth);
    begin(in, &trial);
    if (acknowledge(in, name, &err) != MILL_OK ||
        (preparation->prepare != NULL && preparation->prepare(in, &err) != MILL_OK))
        complain(&trial, "cannot be prepared", err.message);
    mishap->on(nth);
    enum mill_status st = make(in, call, name, &err);
    bool happened = mishap->off();
    if (st != MILL_OK && (mishap->must_not_fail || !is_honest(st, mishap)))
        complain(&trial, mill_status_get_info(st)->name, err.message);
    if (st != MILL_OK) {
        check_after(in, &trial, name);
        enum mill_status again = make(in, call, name, &err);
        if (!is_settled(again))
            complain(&trial, "does not work afterwards", err.message);
    }
    mill_client_close(in->client);
    in->client = NULL;
    return is_honest(st, mishap) || (st == MILL_OK && happened && !mishap->is_memory);
}

/* --- the program ----------------------------------------------------------------------- */

static void run(struct input *in, const struct call *calls)
{
    for (const struct call *call = calls; call->name != NULL; call++)
        for (size_t i = 0; i < COUNT(mishaps); i++)
            for (long nth = 1; try_one(in, call, &mishaps[i], nth); nth++)
                if (nth > 2000) {
                    complain(&(struct trial){call->name, mishaps[i].name, nth}, "has no end",
                             "");
                    break;
                }
}

int main(int argc, char **argv)
{
    char home[] = "/dev/shm/millstream-faults-XXXXXX", command[80]; /* where syncing is cheap */
    struct mill_error err = {""};
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: %s KIND [URI]\n", argv[0]);
        return 2;
    }
    if (mkdtemp(home) == NULL)
        strcpy(home, "/tmp/millstream-faults-XXXXXX");
    if ((home[1] == 't' && mkdtemp(home) == NULL) || chdir(home) != 0 ||
        mkdir("place", 0777) != 0)
        return 2;
    struct input in = {.kind = argv[1], .is_local = argc == 2};
    const char *uri = argc == 3                        ? argv[2]
                      : strcmp(argv[1], "sqlite") == 0 ? "sqlite:///place/faults.db"
                                                       : "place/mlruns";
    if (input_prepare(&in, uri, &err) != MILL_OK) {
        fprintf(stderr, "cannot prepare %s: %s\n", uri, err.message);
        return 2;
    }
    mill_client_close(in.client);
    shell("cp -a place pristine");
    run(&in, input_calls);
    for (size_t i = 0; in.version != 0 && input_registry_calls[i] != NULL; i++)
        run(&in, input_registry_calls[i]);
    snprintf(command, sizeof(command), "rm -rf '%s'", home);
    return chdir("/") != 0 || system(command) != 0 || failed > 0;
}
