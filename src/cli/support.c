/* support.c - what several commands need: the client, what their options name, how it
 * went. */
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/view.h"
#include "cli/cli.h"

struct mill_view mill_cli_text(const struct mill_cli *cli, const char *option)
{
    return mill_view_of(mill_arg(&cli->args, option));
}

/* The default place, which nobody had to name, may not be there. Only what makes experiments
 * and runs makes it, so that a forgotten option leaves no tree behind. */
static enum mill_status check_place(const char *uri, enum mill_access access,
                                    struct mill_error *err)
{
    struct stat info;
    if (access == MILL_CREATE || strcmp(uri, MILL_DEFAULT_TRACKING_URI) != 0 ||
        stat(MILL_DEFAULT_TRACKING_URI, &info) == 0)
        return MILL_OK;
    return mill_fail(err, MILL_E_NOT_FOUND,
                     "there is no " MILL_DEFAULT_TRACKING_URI
                     " here; name a server or database "
                     "with --tracking-uri or MLFLOW_TRACKING_URI, such as "
                     "http://127.0.0.1:5000, where 'millstream server' listens");
}

enum mill_status mill_cli_open(struct mill_cli *cli, enum mill_access access,
                               struct mill_error *err)
{
    struct mill_client_options options = {.size = sizeof(options),
                                          .read_only = access == MILL_READ,
                                          .create = access == MILL_CREATE,
                                          .user_agent = MILL_VIEW("millstream-cli")};
    const char *uri = mill_arg(&cli->args, "tracking-uri");
    enum mill_status st = check_place(uri, access, err);
    return st == MILL_OK ? mill_client_open(mill_view_of(uri), &options, &cli->client, err)
                         : st;
}

enum mill_status mill_cli_experiment(struct mill_cli *cli, const char *text,
                                     struct mill_experiment_list **list_out,
                                     struct mill_error *err)
{
    struct mill_error ignored;
    int64_t id;
    if (mill_view_int(mill_view_of(text), &id) && id >= 0) {
        enum mill_status st = mill_client_get_experiment(cli->client, id, list_out, err);
        if (st != MILL_E_NOT_FOUND)
            return st;
        /* A name may look like a number; if it is none either, the first message stays. */
        return mill_client_get_experiment_by_name(cli->client, mill_view_of(text), list_out,
                                                  &ignored) == MILL_OK
                   ? MILL_OK
                   : st;
    }
    return mill_client_get_experiment_by_name(cli->client, mill_view_of(text), list_out, err);
}

enum mill_status mill_cli_experiment_id(struct mill_cli *cli, const char *text, int64_t *id_out,
                                        struct mill_error *err)
{
    struct mill_experiment_list *list = NULL;
    enum mill_status st = mill_cli_experiment(cli, text, &list, err);
    if (st == MILL_OK)
        *id_out = list->items[0]->experiment_id;
    mill_experiment_list_free(list);
    return st;
}

/* Ids of all experiments, deleted ones included. */
static enum mill_status all_experiments(struct mill_cli *cli, int64_t **ids_out,
                                        size_t *count_out, struct mill_error *err)
{
    struct mill_experiment_query query = {
        .size = sizeof(query), .view_type = MILL_VIEW_ALL, .max_results = 10000};
    struct mill_experiment_list *list = NULL;
    enum mill_status st = mill_client_search_experiments(cli->client, &query, &list, err);
    if (st != MILL_OK)
        return st;
    *ids_out = mill_arena_zero(&cli->arena, list->count + 1, sizeof(**ids_out));
    if (*ids_out == NULL)
        st = mill_fail(err, MILL_E_NOMEM, "out of memory");
    *count_out = st == MILL_OK ? list->count : 0;
    for (size_t i = 0; i < *count_out; i++)
        (*ids_out)[i] = list->items[i]->experiment_id;
    mill_experiment_list_free(list);
    return st;
}

/* Whether text can be the beginning of an id: it goes into a filter. */
static bool is_id_prefix(struct mill_view text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    return text.len >= 4 && text.len < MILL_RUN_ID_LENGTH;
}

static enum mill_status one_run(struct mill_cli *cli, struct mill_view prefix,
                                const struct mill_run_list *runs, struct mill_view *out,
                                struct mill_error *err)
{
    if (runs->count == 0)
        return mill_fail(err, MILL_E_NOT_FOUND, "no run's id begins with '%.*s'",
                         MILL_FMT(prefix));
    if (runs->count > 1)
        return mill_fail(err, MILL_E_INVALID,
                         "the ids of several runs begin with '%.*s', %.*s and %.*s among them; "
                         "type more of it",
                         MILL_FMT(prefix), MILL_FMT(runs->items[0]->info.run_id),
                         MILL_FMT(runs->items[1]->info.run_id));
    *out = mill_arena_copy(&cli->arena, runs->items[0]->info.run_id);
    return out->ptr != NULL ? MILL_OK : mill_fail(err, MILL_E_NOMEM, "out of memory");
}

enum mill_status mill_cli_run_id(struct mill_cli *cli, const char *text, struct mill_view *out,
                                 struct mill_error *err)
{
    struct mill_view typed = mill_view_of(text);
    struct mill_run_query query = {
        .size = sizeof(query), .view_type = MILL_VIEW_ALL, .max_results = 2};
    struct mill_run_list *runs = NULL;
    int64_t *ids = NULL;
    if (!is_id_prefix(typed)) {
        *out = typed;
        return MILL_OK;
    }
    enum mill_status st = all_experiments(cli, &ids, &query.experiment_count, err);
    if (st != MILL_OK)
        return st;
    query.experiment_ids = ids;
    query.filter = mill_arena_printf(&cli->arena, "attributes.run_id LIKE '%s%%'", text);
    if (query.filter.ptr == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    st = mill_client_search_runs(cli->client, &query, &runs, err);
    if (st == MILL_OK)
        st = one_run(cli, typed, runs, out, err);
    mill_run_list_free(runs);
    return st;
}

enum mill_status mill_cli_run(struct mill_cli *cli, const char *text,
                              struct mill_run_list **list_out, struct mill_error *err)
{
    struct mill_view run_id;
    enum mill_status st = mill_cli_run_id(cli, text, &run_id, err);
    return st == MILL_OK ? mill_client_get_run(cli->client, run_id, list_out, err) : st;
}

bool mill_cli_is_uri(const char *text)
{
    return strstr(text, ":/") != NULL;
}

enum mill_status mill_cli_files_uri(struct mill_cli *cli, const char *text, const char *path,
                                    bool must_be_uri, struct mill_view *out,
                                    struct mill_error *err)
{
    struct mill_view run = mill_view_of(text), below = mill_view_of(path), run_id;
    bool is_uri = must_be_uri || mill_cli_is_uri(text);
    if (is_uri && path != NULL)
        return mill_fail(err, MILL_E_INVALID, "PATH goes with RUN; '%s' has its own", text);
    enum mill_status st = mill_cli_open(cli, MILL_READ, err);
    if (is_uri && mill_view_starts(run, MILL_VIEW("runs:/")))
        below = mill_view_cut(mill_view_from(run, strlen("runs:/")), '/', &run);
    *out = mill_view_of(text);
    if (st != MILL_OK || (is_uri && run.ptr == text) || run.len == 0)
        return st; /* no run to be found: the client says what is wrong, if anything is */
    const char *typed = mill_arena_cstr(&cli->arena, run);
    st = typed != NULL ? mill_cli_run_id(cli, typed, &run_id, err)
                       : mill_fail(err, MILL_E_NOMEM, "out of memory");
    if (st != MILL_OK)
        return st;
    *out = mill_arena_printf(&cli->arena, "runs:/%.*s/%.*s", MILL_FMT(run_id), MILL_FMT(below));
    return out->ptr != NULL ? MILL_OK : mill_fail(err, MILL_E_NOMEM, "out of memory");
}

enum mill_view_type mill_cli_view(const struct mill_cli *cli)
{
    static const enum mill_view_type views[] = {MILL_VIEW_ACTIVE_ONLY, MILL_VIEW_DELETED_ONLY,
                                                MILL_VIEW_ALL};
    return views[mill_choice_index("active_only|deleted_only|all", mill_cli_text(cli, "view"))];
}

MILL_PRINTF(2, 0)
static void say(struct mill_cli *cli, const char *format, va_list args)
{
    mill_buf_vprintf(&cli->out, format, args);
    mill_buf_add_char(&cli->out, '\n');
}

bool mill_cli_said(struct mill_cli *cli, const char *format, ...)
{
    va_list args;
    if (mill_arg_flag(&cli->args, "json"))
        return false;
    va_start(args, format);
    say(cli, format, args);
    va_end(args);
    return true;
}

void mill_cli_done(struct mill_cli *cli, const char *format, ...)
{
    va_list args;
    if (mill_arg_flag(&cli->args, "json")) {
        mill_cli_done_quietly(cli);
        return;
    }
    va_start(args, format);
    say(cli, format, args);
    va_end(args);
}

void mill_cli_done_quietly(struct mill_cli *cli)
{
    if (mill_arg_flag(&cli->args, "json"))
        mill_buf_add_view(&cli->out, MILL_VIEW("{}\n"));
}

enum mill_status mill_cli_read_number(const char *what, const char *text, double *out,
                                      struct mill_error *err)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0')
        return mill_fail(err, MILL_E_INVALID, "%s is '%s'; it must be a number", what, text);
    *out = value;
    return MILL_OK;
}

int64_t mill_cli_timestamp(const struct mill_cli *cli)
{
    return mill_arg(&cli->args, "timestamp") != NULL ? mill_arg_int(&cli->args, "timestamp")
                                                     : mill_now_ms();
}

enum mill_status mill_cli_pair(const char *option, const char *text, struct mill_tag *out,
                               struct mill_error *err)
{
    out->value = mill_view_cut(mill_view_of(text), '=', &out->key);
    if (out->value.ptr == NULL || out->key.len == 0)
        return mill_fail(err, MILL_E_INVALID, "--%s is '%s'; it must be KEY=VALUE", option,
                         text);
    return MILL_OK;
}

enum mill_status mill_cli_pairs(struct mill_cli *cli, const char *option, struct mill_tag **out,
                                size_t *count_out, struct mill_error *err)
{
    const char *const *texts;
    size_t count = mill_arg_list(&cli->args, option, &texts);
    /* Room for a few more, which the caller may add. */
    struct mill_tag *tags = mill_arena_zero(&cli->arena, count + 4, sizeof(*tags));
    if (tags == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    for (size_t i = 0; i < count; i++) {
        enum mill_status st = mill_cli_pair(option, texts[i], &tags[i], err);
        if (st != MILL_OK)
            return st;
    }
    *out = tags;
    *count_out = count;
    return MILL_OK;
}

enum mill_status mill_cli_params(struct mill_cli *cli, const struct mill_param **out,
                                 size_t *count_out, struct mill_error *err)
{
    struct mill_tag *pairs = NULL;
    size_t count = 0;
    enum mill_status st = mill_cli_pairs(cli, "params", &pairs, &count, err);
    if (st != MILL_OK)
        return st;
    struct mill_param *params = mill_arena_zero(&cli->arena, count + 1, sizeof(*params));
    if (params == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    for (size_t i = 0; i < count; i++)
        params[i] = (struct mill_param){.key = pairs[i].key, .value = pairs[i].value};
    *out = params;
    *count_out = count;
    return MILL_OK;
}
