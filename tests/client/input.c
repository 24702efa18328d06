/* input.c - every public function with every argument spoilt in every way: a status and a
 * message that names the argument, no crash, and nothing is changed.
 *
 *   input KIND URI           on a tracking URI
 *   input KIND               on one made for the occasion (sqlite, tree)
 *   input --complete FILE    whether every symbol in the list of exports is tried here
 *
 * input_calls.c and the other input_*.c have the tables of functions and arguments. Prints a
 * line for each thing that is wrong; exits with 1 if there is any. */
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
    {VERSION, "0", zero_size},
    {VERSION, "-1", minus_one},
    {VERSION, "INT64_MIN", least},
    {ENUM, "-1", enum_minus_one},
    {ENUM, "99", enum_99},
    {STRUCT_SIZE | POINTS, "0", zero_size},
    {STRUCT_SIZE, "one byte less", one_less},
    {STRUCT_SIZE, "grown and in use", grown},
    {STRUCT_SIZE | POINTS | COUNT_MAX, "SIZE_MAX", all_ones},
    {POINTS | COUNT_MAX, "one more than allowed", one_over},
};

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
        complain(call->name, argument->name, spoiler->what, mill_status_get_info(st)->name,
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

static void look(const struct input *in, const struct call *call, char **picture_out)
{
    struct mill_error err = {""};
    if (input_picture(in, picture_out, &err) != MILL_OK)
        complain(call->name, "", "", "nothing can be read", err.message);
}

static void try_call(const struct input *in, const struct call *call)
{
    char *before = NULL, *after = NULL;
    look(in, call, &before);
    for (const struct argument *argument = call->arguments; argument->name != NULL; argument++)
        for (size_t i = 0; i < COUNT(spoilers); i++)
            if ((spoilers[i].kinds & argument->kind) != 0)
                try_one(in, call, argument, &spoilers[i]);
    look(in, call, &after);
    if (before != NULL && after != NULL && strcmp(before, after) != 0) {
        complain(call->name, "", "spoilt", "something is changed", "");
        printf("--- before%s\n--- after%s\n", before, after);
    }
    free(before);
    free(after);
}

/* The arguments that are spoilt one by one are good: else nothing would be shown. */
static void try_good(const struct input *in, const struct call *call, bool is_served)
{
    struct arguments a;
    struct mill_error err = {""};
    input_good(in, &a);
    a.err = &err;
    enum mill_status st = call->call(&a);
    if (is_served ? st != MILL_OK : st != MILL_E_UNSUPPORTED && st != MILL_E_NO_ENDPOINT)
        complain(call->name, "with good arguments", "", mill_status_get_info(st)->name,
                 err.message);
    input_release(&a);
}

static void try_good_registry(struct input *in, const struct call *calls)
{
    struct mill_error err = {""};
    for (const struct call *call = calls; call->name != NULL; call++) {
        if (input_stock(in, &err) != MILL_OK)
            complain(call->name, "", "", "cannot be prepared", err.message);
        try_good(in, call, in->version != 0);
    }
}

/* --- the program ----------------------------------------------------------------------- */

static bool is_in(const struct call *call, const char *symbol)
{
    while (call->name != NULL && strcmp(call->name, symbol) != 0)
        call++;
    return call->name != NULL;
}

static bool is_tried(const char *symbol)
{
    if (is_in(input_calls, symbol))
        return true;
    for (size_t i = 0; input_registry_calls[i] != NULL; i++)
        if (is_in(input_registry_calls[i], symbol))
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

static int run(const char *kind, const char *uri)
{
    struct input in = {.kind = kind};
    struct mill_error err = {""};
    if (input_prepare(&in, uri, &err) != MILL_OK) {
        fprintf(stderr, "cannot prepare %s: %s\n", uri, err.message);
        return 2;
    }
    for (const struct call *call = input_calls; call->name != NULL; call++)
        try_call(&in, call);
    for (size_t i = 0; input_registry_calls[i] != NULL; i++)
        for (const struct call *call = input_registry_calls[i]; call->name != NULL; call++)
            try_call(&in, call);
    for (const struct plain *plain = input_plain; plain->name != NULL; plain++)
        if (!plain->check())
            complain(plain->name, "", "", "does not do as it says", "");
    for (const struct call *call = input_calls; call->name != NULL; call++)
        try_good(&in, call, true);
    for (size_t i = 0; input_registry_calls[i] != NULL; i++)
        try_good_registry(&in, input_registry_calls[i]);
    mill_logger_close(in.logger, (enum mill_run_status)0, 0, NULL);
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
