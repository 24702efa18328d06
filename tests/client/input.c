/* input.c - every public function with every argument spoilt in every way: a status and a
 * message that names the argument, no crash, and nothing is changed.
 *
 *   input KIND URI           on a tracking URI
 *   input KIND               on one made for the occasion (sqlite, tree)
 *   input --complete FILE    whether every symbol in the list of exports is tried here
 *
 * input_calls.c has the table of functions and their arguments. Prints a line for each thing
 * that is wrong; exits with 1 if there is any. */
#include "input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- ways to spoil an argument --------------------------------------------------------- */

/* Text longer than any limit on text. */
static char long_text[20002];

static void set_text(void *field, const char *text, size_t len)
{
    *(struct mill_view *)field = (struct mill_view){text, len};
}

static void absent(void *field, const struct argument *a)
{
    (void)a;
    set_text(field, NULL, 0);
}

static void empty(void *field, const struct argument *a)
{
    (void)a;
    set_text(field, "", 0);
}

static void length_without_text(void *field, const struct argument *a)
{
    (void)a;
    set_text(field, NULL, 5);
}

static void not_utf8(void *field, const struct argument *a)
{
    (void)a;
    set_text(field, "a\xff\xfe", 3);
}

static void cut_utf8(void *field, const struct argument *a)
{
    (void)a;
    set_text(field, "a\xe2\x82", 3);
}

static void nul_inside(void *field, const struct argument *a)
{
    (void)a;
    set_text(field, "a\0b", 3);
}

static void over_long(void *field, const struct argument *a)
{
    set_text(field, long_text, a->limit + 1);
}

static void null(void *field, const struct argument *a)
{
    (void)a;
    memset(field, 0, sizeof(void *));
}

static void minus_one(void *field, const struct argument *a)
{
    (void)a;
    *(int64_t *)field = -1;
}

static void least(void *field, const struct argument *a)
{
    (void)a;
    *(int64_t *)field = INT64_MIN;
}

static void nearly_least(void *field, const struct argument *a)
{
    (void)a;
    *(int64_t *)field = INT64_MIN + 1;
}

static void largest(void *field, const struct argument *a)
{
    (void)a;
    *(int64_t *)field = INT64_MAX;
}

static void enum_minus_one(void *field, const struct argument *a)
{
    (void)a;
    *(int *)field = -1;
}

static void enum_99(void *field, const struct argument *a)
{
    (void)a;
    *(int *)field = 99;
}

static void zero_size(void *field, const struct argument *a)
{
    (void)a;
    *(size_t *)field = 0;
}

static void one_over(void *field, const struct argument *a)
{
    *(size_t *)field = a->limit + 1;
}

static void all_ones(void *field, const struct argument *a)
{
    (void)a;
    *(size_t *)field = SIZE_MAX;
}

static void one_less(void *field, const struct argument *a)
{
    *(size_t *)field = a->limit - 1;
}

/* A newer struct whose new member is in use. */
static void grown(void *field, const struct argument *a)
{
    *(size_t *)field = a->limit + 8;
    ((char *)field)[a->limit + 3] = 1;
}

static const struct spoiler {
    unsigned kinds; /* of arguments that it spoils */
    const char *what;
    void (*spoil)(void *field, const struct argument *argument);
} spoilers[] = {
    {TEXT | RUN_ID, "absent", absent},
    {TEXT | RUN_ID | KEY, "empty", empty},
    {TEXT | MAYBE_TEXT | RUN_ID | KEY, "a length without text", length_without_text},
    {TEXT | MAYBE_TEXT | RUN_ID | KEY, "not UTF-8", not_utf8},
    {TEXT | MAYBE_TEXT | RUN_ID | KEY, "cut UTF-8", cut_utf8},
    {RUN_ID | KEY | LOCAL, "NUL inside", nul_inside},
    {LIMITED, "over-long", over_long},
    {POINTER, "NULL", null},
    {ID | TIME | RESULTS, "-1", minus_one},
    {ID | RESULTS, "INT64_MIN", least},
    {ID | TIME | RESULTS, "INT64_MIN + 1", nearly_least},
    {RESULTS, "INT64_MAX", largest},
    {ENUM, "-1", enum_minus_one},
    {ENUM, "99", enum_99},
    {STRUCT_SIZE | POINTS, "0", zero_size},
    {STRUCT_SIZE, "one byte less", one_less},
    {STRUCT_SIZE, "grown and in use", grown},
    {STRUCT_SIZE | POINTS | COUNT_MAX, "SIZE_MAX", all_ones},
    {POINTS | COUNT_MAX, "one more than allowed", one_over},
};

/* --- what the store looks like --------------------------------------------------------- */

static void show_view(FILE *out, struct mill_view view)
{
    fprintf(out, " %zu:", view.len);
    fwrite(view.ptr != NULL ? view.ptr : "", 1, view.len, out);
}

static void show_tags(FILE *out, const struct mill_tag *tags, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        show_view(out, tags[i].key);
        show_view(out, tags[i].value);
    }
}

static void show_experiments(FILE *out, struct mill_client *client)
{
    struct mill_experiment_list *list = NULL;
    if (mill_client_list_experiments(client, MILL_VIEW_ALL, &list, NULL) != MILL_OK)
        return;
    for (size_t i = 0; i < list->count; i++) {
        const struct mill_experiment *e = list->items[i];
        fprintf(out, "\nexperiment %lld %d %lld", (long long)e->experiment_id,
                (int)e->lifecycle_stage, (long long)e->last_update_time);
        show_view(out, e->name);
        show_view(out, e->artifact_location);
        show_tags(out, e->tags, e->tag_count);
    }
    mill_experiment_list_free(list);
}

static void show_run(FILE *out, const struct mill_run *run)
{
    fprintf(out, "\nrun %d %d %lld %lld", (int)run->info.status, (int)run->info.lifecycle_stage,
            (long long)run->info.start_time, (long long)run->info.end_time);
    show_view(out, run->info.run_id);
    show_view(out, run->info.run_name);
    show_view(out, run->info.user_id);
    show_tags(out, run->tags, run->tag_count);
    for (size_t i = 0; i < run->metric_count; i++) {
        show_view(out, run->metrics[i].key);
        fprintf(out, " %g %lld %lld", run->metrics[i].value,
                (long long)run->metrics[i].timestamp, (long long)run->metrics[i].step);
    }
    for (size_t i = 0; i < run->param_count; i++) {
        show_view(out, run->params[i].key);
        show_view(out, run->params[i].value);
    }
    fprintf(out, " %zu datasets %zu models %zu outputs", run->dataset_input_count,
            run->model_input_count, run->model_output_count);
}

static void show_runs(FILE *out, const struct input *in)
{
    struct mill_run_list *list = NULL;
    struct mill_point_list *points = NULL;
    struct mill_file_list *files = NULL;
    if (mill_client_list_run_infos(in->client, in->experiment_id, MILL_VIEW_ALL, &list, NULL) ==
        MILL_OK)
        for (size_t i = 0; i < list->count; i++)
            show_run(out, list->items[i]);
    if (mill_client_metric_history(in->client, in->run_id, mill_text("m"), &points, NULL) ==
        MILL_OK)
        fprintf(out, "\n%zu points", points->count);
    if (mill_client_list_artifacts(in->client, in->run_id, mill_text(NULL), &files, NULL) ==
        MILL_OK)
        for (size_t i = 0; i < files->count; i++)
            show_view(out, files->items[i]->path);
    mill_run_list_free(list);
    mill_point_list_free(points);
    mill_file_list_free(files);
}

/* Everything that a call could have changed, as text for the caller to free. */
static char *picture(const struct input *in)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL)
        abort();
    show_experiments(out, in->client);
    show_runs(out, in);
    fclose(out);
    return text;
}

/* --- trying ---------------------------------------------------------------------------- */

static int failed;

static void complain(const char *function, const char *argument, const char *what,
                     const char *problem, const char *detail)
{
    printf("%s: %s %s: %s%s%s\n", function, argument, what, problem,
           detail[0] != '\0' ? ": " : "", detail);
    failed++;
}

/* One call with one argument spoilt, with an error to fill in and without one. */
static void try_one(const struct input *in, const struct call *call,
                    const struct argument *argument, const struct spoiler *spoiler)
{
    struct arguments a;
    struct mill_error err = {""};
    input_good(in, &a);
    spoiler->spoil((char *)&a + argument->offset, argument);
    a.err = &err;
    enum mill_status st = call->call(&a);
    if (st == MILL_OK)
        complain(call->name, argument->name, spoiler->what, "was taken", "");
    else if (st != MILL_E_INVALID)
        complain(call->name, argument->name, spoiler->what, mill_status_info(st)->name,
                 err.message);
    else if (strstr(err.message, argument->name) == NULL)
        complain(call->name, argument->name, spoiler->what, "not named", err.message);
    if (st != MILL_OK && input_has_output(&a))
        complain(call->name, argument->name, spoiler->what, "failed with an output", "");
    input_release(&a);
    a.err = NULL;
    if (call->call(&a) != st)
        complain(call->name, argument->name, spoiler->what, "differs without an error", "");
    input_release(&a);
}

static void try_call(const struct input *in, const struct call *call)
{
    char *before = picture(in);
    for (const struct argument *argument = call->arguments; argument->name != NULL; argument++)
        for (size_t i = 0; i < COUNT(spoilers); i++)
            if ((spoilers[i].kinds & argument->kind) != 0)
                try_one(in, call, argument, &spoilers[i]);
    char *after = picture(in);
    if (strcmp(before, after) != 0) {
        complain(call->name, "", "spoilt", "something is changed", "");
        printf("--- before%s\n--- after%s\n", before, after);
    }
    free(before);
    free(after);
}

/* The arguments that are spoilt one by one are good: else nothing would be shown. */
static void try_good(const struct input *in, const struct call *call)
{
    struct arguments a;
    struct mill_error err = {""};
    input_good(in, &a);
    a.err = &err;
    enum mill_status st = call->call(&a);
    if (st != MILL_OK)
        complain(call->name, "with good arguments", "", mill_status_info(st)->name,
                 err.message);
    input_release(&a);
}

/* --- the program ----------------------------------------------------------------------- */

static bool is_tried(const char *symbol)
{
    for (const struct call *call = input_calls; call->name != NULL; call++)
        if (strcmp(call->name, symbol) == 0)
            return true;
    for (const struct plain *plain = input_plain; plain->name != NULL; plain++)
        if (strcmp(plain->name, symbol) == 0)
            return true;
    return false;
}

static int check_complete(const char *path)
{
    char symbol[200];
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 2;
    while (fscanf(file, "%199s", symbol) == 1)
        if (!is_tried(symbol))
            complain(symbol, "", "", "is not tried", "");
    fclose(file);
    return failed > 0;
}

static bool write_file(const char *path)
{
    FILE *file = fopen(path, "w");
    return file != NULL && fputs("content", file) >= 0 && fclose(file) == 0;
}

static enum mill_status prepare(struct input *in, const char *kind, const char *uri,
                                struct mill_error *err)
{
    struct mill_client_options options = {
        .size = sizeof(options), .create = true, .artifacts_destination = mill_text("stored")};
    struct mill_run_list *list = NULL;
    char name[80];
    in->uri = mill_text(uri);
    if (mkdir("input-directory", 0777) != 0 || !write_file("input-file") ||
        !write_file("input-directory/file"))
        return mill_fail(err, MILL_E_IO, "cannot make local files");
    snprintf(name, sizeof(name), "%sinput %d",
             strcmp(kind, "databricks") == 0 ? "/Shared/" : "", (int)getpid());
    enum mill_status st = mill_client_open(in->uri, &options, &in->client, err);
    if (st == MILL_OK)
        st = mill_client_create_experiment(in->client, mill_text(name), mill_text(NULL), NULL,
                                           0, &in->experiment_id, err);
    struct mill_new_run run = {.size = sizeof(run), .experiment_id = in->experiment_id};
    if (st == MILL_OK)
        st = mill_client_create_run(in->client, &run, &list, err);
    if (st != MILL_OK)
        return st;
    struct mill_view id = list->items[0]->info.run_id;
    snprintf(in->run_id_text, sizeof(in->run_id_text), "%.*s", (int)id.len, id.ptr);
    in->run_id = mill_text(in->run_id_text);
    mill_run_list_free(list);
    return mill_client_log_metric(in->client, in->run_id, mill_text("m"), 1, 1, 1, err);
}

static int run(const char *kind, const char *uri)
{
    struct input in = {.kind = kind};
    struct mill_error err = {""};
    if (prepare(&in, kind, uri, &err) != MILL_OK) {
        fprintf(stderr, "cannot prepare %s: %s\n", uri, err.message);
        return 2;
    }
    for (const struct call *call = input_calls; call->name != NULL; call++)
        try_call(&in, call);
    for (const struct plain *plain = input_plain; plain->name != NULL; plain++)
        if (!plain->check())
            complain(plain->name, "", "", "does not do as it says", "");
    for (const struct call *call = input_calls; call->name != NULL; call++)
        try_good(&in, call);
    mill_client_close(in.client);
    return failed > 0;
}

int main(int argc, char **argv)
{
    char home[] = "/tmp/millstream-input-XXXXXX", command[80];
    memset(long_text, 'x', sizeof(long_text) - 1);
    if (argc == 3 && strcmp(argv[1], "--complete") == 0)
        return check_complete(argv[2]);
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: %s KIND [URI] | --complete FILE\n", argv[0]);
        return 2;
    }
    if (mkdtemp(home) == NULL || chdir(home) != 0)
        return 2;
    const char *uri = argc == 3                        ? argv[2]
                      : strcmp(argv[1], "sqlite") == 0 ? "sqlite:///input.db"
                                                       : "mlruns";
    int status = run(argv[1], uri);
    snprintf(command, sizeof(command), "rm -rf '%s'", home);
    return chdir("/") != 0 || system(command) != 0 ? 2 : status;
}
