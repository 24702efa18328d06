/* legacy.c - the client of MLflow 0.9 and 1.0, call by call, on one tracking URI.
 *
 *   legacy KIND URI    KIND is "databricks", "tree" ...: how experiments are named there */
#include "legacy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- report ---------------------------------------------------------------------------- */

static void print_json(const char *text)
{
    putchar('"');
    for (; *text != '\0'; text++)
        if (*text == '"' || *text == '\\')
            printf("\\%c", *text);
        else if ((unsigned char)*text < ' ')
            printf("\\u%04x", (unsigned)*text);
        else
            putchar(*text);
    putchar('"');
}

void legacy_note(struct legacy *l, const char *what, bool ok, const char *detail)
{
    printf("{\"row\": ");
    print_json(l->row);
    printf(", \"case\": ");
    print_json(what);
    printf(", \"ok\": %s", ok ? "true" : "false");
    if (!ok) {
        printf(", \"message\": ");
        print_json(detail != NULL ? detail : "");
        l->failed++;
    }
    puts("}");
}

void legacy_gives(struct legacy *l, const char *what, enum mill_status first,
                  enum mill_status second)
{
    char detail[700];
    bool silent = l->status != MILL_OK && l->err.message[0] == '\0';
    snprintf(detail, sizeof(detail), "%s instead of %s: %s",
             mill_status_get_info(l->status)->name, mill_status_get_info(first)->name,
             l->status == MILL_OK ? ""
             : silent             ? "(no message)"
                                  : l->err.message);
    legacy_note(l, what, (l->status == first || l->status == second) && !silent, detail);
    l->err.message[0] = '\0';
}

/* --- helpers --------------------------------------------------------------------------- */

bool view_is(struct mill_view view, const char *text)
{
    return view.ptr != NULL && view.len == strlen(text) &&
           memcmp(view.ptr, text, view.len) == 0;
}

struct mill_view absent(void)
{
    return mill_text(NULL);
}

int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void wait_a_moment(void)
{
    for (int64_t began = now_ms(); now_ms() <= began + 1;)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

struct mill_view tag_of(const struct mill_run *run, const char *key)
{
    for (size_t i = 0; i < run->tag_count; i++)
        if (view_is(run->tags[i].key, key))
            return run->tags[i].value;
    return absent();
}

struct mill_view new_name(struct legacy *l, const char *what)
{
    static char names[16][160];
    static unsigned next;
    char *name = names[next % COUNT(names)];
    snprintf(name, sizeof(names[0]), "%s%s.%s %d-%u-%lld", l->name_prefix, l->row, what,
             (int)getpid(), next, (long long)now_ms());
    next++;
    return mill_text(name);
}

enum mill_status new_experiment(struct legacy *l, const char *what, int64_t *id_out)
{
    return mill_client_create_experiment(l->client, new_name(l, what), absent(), NULL, 0,
                                         id_out, &l->err);
}

enum mill_status new_run(struct legacy *l, int64_t experiment_id, char id_out[64])
{
    struct mill_new_run run = {.size = sizeof(run), .experiment_id = experiment_id};
    struct mill_run_list *list = NULL;
    enum mill_status st = mill_client_create_run(l->client, &run, &list, &l->err);
    if (st != MILL_OK)
        return st;
    struct mill_view id = list->items[0]->info.run_id;
    snprintf(id_out, 64, "%.*s", (int)id.len, id.ptr);
    mill_run_list_free(list);
    return MILL_OK;
}

struct mill_view no_run(void)
{
    return mill_text("0123456789abcdef0123456789abcdef");
}

/* --- the program ----------------------------------------------------------------------- */

static void run_rows(struct legacy *l, const struct row *rows)
{
    for (; rows->name != NULL; rows++) {
        l->row = rows->name;
        rows->run(l);
    }
}

static const struct row *const all_rows[] = {legacy_experiment_rows, legacy_run_rows,
                                             legacy_artifact_rows, legacy_uri_rows};

int main(int argc, char **argv)
{
    struct legacy l = {.row = "", .home = "/tmp/millstream-legacy-XXXXXX"};
    struct mill_client_options options = {
        .size = sizeof(options), .create = true, .artifacts_destination = mill_text("stored")};
    char command[80];
    if (argc != 3) {
        fprintf(stderr, "usage: %s KIND URI\n", argv[0]);
        return 2;
    }
    if (mkdtemp(l.home) == NULL || chdir(l.home) != 0) {
        perror(l.home);
        return 2;
    }
    l.name_prefix = strcmp(argv[1], "databricks") == 0 ? "/Shared/" : "";
    l.uri = mill_text(argv[2]);
    l.status = mill_client_open(l.uri, &options, &l.client, &l.err);
    if (l.status != MILL_OK) {
        fprintf(stderr, "cannot open %s: %s\n", argv[2], l.err.message);
        return 2;
    }
    for (size_t i = 0; i < COUNT(all_rows); i++)
        run_rows(&l, all_rows[i]);
    mill_client_close(l.client);
    snprintf(command, sizeof(command), "rm -rf '%s'", l.home);
    return chdir("/") != 0 || system(command) != 0 || l.failed > 0;
}
