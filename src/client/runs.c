/* runs.c - the calls of <millstream/runs.h> that are about runs as a whole, and the reading of
 * their metrics; what runs log is in logging.c. */
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/view.h"
#include "client/client.h"
#include "model/limits.h"

/* --- writes ---------------------------------------------------------------------------- */

/* Copies of texts that a created run points to: the list that is handed out owns them. */
static bool keep_texts(struct mill_change *change, struct mill_arena *arena)
{
    struct mill_tag *tags =
        mill_arena_zero(arena, change->as.create_run.tag_count + 1, sizeof(*tags));
    if (tags == NULL)
        return false;
    struct mill_view *texts[] = {&change->as.create_run.run_id, &change->as.create_run.run_name,
                                 &change->as.create_run.user_id};
    for (size_t i = 0; i < MILL_COUNT(texts); i++) {
        bool given = texts[i]->ptr != NULL;
        *texts[i] = mill_arena_copy(arena, *texts[i]);
        if (given && texts[i]->ptr == NULL)
            return false;
    }
    for (size_t i = 0; i < change->as.create_run.tag_count; i++) {
        tags[i].key = mill_arena_copy(arena, change->as.create_run.tags[i].key);
        tags[i].value = mill_arena_copy(arena, change->as.create_run.tags[i].value);
        if (tags[i].key.ptr == NULL)
            return false;
    }
    change->as.create_run.tags = tags;
    return true;
}

struct mill_view mill_current_user(struct mill_arena *arena)
{
    static const char *const names[] = {"LOGNAME", "USER", "LNAME", "USERNAME"};
    char buffer[4096];
    struct passwd entry, *found = NULL;
    for (size_t i = 0; i < MILL_COUNT(names); i++) {
        struct mill_view name = mill_view_of(getenv(names[i]));
        if (!mill_view_empty(name))
            return mill_arena_copy(arena, name);
    }
    if (getpwuid_r(getuid(), &entry, buffer, sizeof(buffer), &found) != 0 || found == NULL)
        return (struct mill_view){NULL, 0};
    return mill_arena_copy(arena, mill_view_of(found->pw_name));
}

enum mill_status mill_client_create_run(struct mill_client *client,
                                        const struct mill_new_run *new_run,
                                        struct mill_run_list **list_out, struct mill_error *err)
{
    char run_id[33];
    struct mill_new_run run = {.size = sizeof(run)};
    struct mill_run_result *result = NULL;
    enum mill_status st = mill_take_struct(
        &run, sizeof(run), MILL_FIRST(mill_new_run, tag_count), new_run, "run", err);
    if (st == MILL_OK && new_run == NULL)
        st = mill_fail(err, MILL_E_INVALID, "run is NULL");
    if (st == MILL_OK)
        st = mill_check_optional("run_name", run.run_name, MILL_MAX_RUN_NAME, err);
    if (st == MILL_OK)
        st = mill_check_optional("user_id", run.user_id, MILL_MAX_USER_ID, err);
    if (st == MILL_OK)
        st = mill_check_tags(run.tags, run.tag_count, err);
    if (st == MILL_OK)
        st = mill_begin_runs(client, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    mill_timed_hex32(mill_now_ms(), run_id);
    if (run.run_id.ptr == NULL)
        run.run_id = mill_view_of(run_id);
    if (run.user_id.ptr == NULL)
        run.user_id = mill_current_user(&result->arena);
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_RUN,
        .as.create_run = {.run_id = run.run_id,
                          .experiment_id = run.experiment_id,
                          .run_name = run.run_name,
                          .user_id = run.user_id,
                          .start_time = run.start_time != 0 ? run.start_time : mill_now_ms(),
                          .tags = run.tags,
                          .tag_count = run.tag_count},
    };
    struct mill_outcome outcome = {.arena = &result->arena};
    const struct mill_run **items = mill_arena_alloc(&result->arena, sizeof(*items));
    st = items != NULL && keep_texts(&change, &result->arena)
             ? mill_client_apply(client, &change, &outcome, err)
             : mill_no_memory(err);
    if (st == MILL_OK) {
        items[0] = outcome.run;
        result->list.count = 1;
        result->list.items = items;
    }
    return mill_give_runs(st, result, list_out);
}

enum mill_status mill_client_update_run(struct mill_client *client, struct mill_view run_id,
                                        const struct mill_run_update *given,
                                        struct mill_error *err)
{
    struct mill_run_update update = {.size = sizeof(update)};
    enum mill_status st = mill_take_struct(
        &update, sizeof(update), MILL_FIRST(mill_run_update, run_name), given, "update", err);
    if (st == MILL_OK && given == NULL)
        st = mill_fail(err, MILL_E_INVALID, "update is NULL");
    if (st != MILL_OK)
        return st;
    struct mill_change change = {
        .kind = MILL_CHANGE_UPDATE_RUN,
        .as.update_run = {.run_id = run_id,
                          .status = update.status,
                          .end_time = update.end_time != 0 ? update.end_time : MILL_ABSENT,
                          .run_name = update.run_name},
    };
    return mill_client_apply(client, &change, NULL, err);
}

enum mill_status mill_client_set_terminated(struct mill_client *client, struct mill_view run_id,
                                            enum mill_run_status status, int64_t end_time_ms,
                                            struct mill_error *err)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_UPDATE_RUN,
        .as.update_run = {.run_id = run_id,
                          .status = status != 0 ? status : MILL_RUN_FINISHED,
                          .end_time = end_time_ms != MILL_ABSENT ? end_time_ms : mill_now_ms()},
    };
    return mill_client_apply(client, &change, NULL, err);
}

enum mill_status mill_client_delete_run(struct mill_client *client, struct mill_view run_id,
                                        struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_DELETE_RUN, .as.run = {.run_id = run_id}};
    return mill_client_apply(client, &change, NULL, err);
}

enum mill_status mill_client_restore_run(struct mill_client *client, struct mill_view run_id,
                                         struct mill_error *err)
{
    struct mill_change change = {.kind = MILL_CHANGE_RESTORE_RUN, .as.run = {.run_id = run_id}};
    return mill_client_apply(client, &change, NULL, err);
}

/* --- reads ----------------------------------------------------------------------------- */

enum mill_status mill_client_get_run(struct mill_client *client, struct mill_view run_id,
                                     struct mill_run_list **list_out, struct mill_error *err)
{
    struct mill_run_result *result = NULL;
    enum mill_status st = mill_check_run(run_id, err);
    if (st == MILL_OK)
        st = mill_begin_runs(client, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    st = client->backend->ops->get_run(client->backend, run_id, result, err);
    return mill_give_runs(st, result, list_out);
}

enum mill_status mill_client_search_runs(struct mill_client *client,
                                         const struct mill_run_query *query,
                                         struct mill_run_list **list_out,
                                         struct mill_error *err)
{
    struct mill_run_query q = {.size = sizeof(q)};
    struct mill_run_result *result = NULL;
    enum mill_status st = mill_take_struct(
        &q, sizeof(q), MILL_FIRST(mill_run_query, page_token), query, "query", err);
    if (st == MILL_OK && query == NULL)
        st = mill_fail(err, MILL_E_INVALID, "query is NULL; it must name an experiment");
    if (st == MILL_OK)
        st = mill_check_experiments(q.experiment_ids, q.experiment_count, err);
    struct mill_query_parts parts = {&q.view_type, &q.max_results,   q.filter,
                                     q.order_by,   q.order_by_count, q.page_token};
    if (st == MILL_OK)
        st = mill_check_query(&parts, err);
    if (st == MILL_OK)
        st = mill_begin_runs(client, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    st = client->backend->ops->search_runs(client->backend, &q, result, err);
    return mill_give_runs(st, result, list_out);
}

/* Makes the list of the first page that of all pages, which are chained by `more`. */
static enum mill_status join_pages(struct mill_run_result *first, struct mill_error *err)
{
    size_t count = 0;
    for (const struct mill_run_result *page = first; page != NULL; page = page->more)
        count += page->list.count;
    const struct mill_run **items = mill_arena_zero(&first->arena, count + 1, sizeof(*items));
    if (items == NULL)
        return mill_no_memory(err);
    count = 0;
    for (const struct mill_run_result *page = first; page != NULL; page = page->more)
        for (size_t i = 0; i < page->list.count; i++)
            items[count++] = page->list.items[i];
    first->list = (struct mill_run_list){.count = count, .items = items};
    return MILL_OK;
}

enum mill_status mill_client_list_run_infos(struct mill_client *client, int64_t experiment_id,
                                            enum mill_view_type view_type,
                                            struct mill_run_list **list_out,
                                            struct mill_error *err)
{
    struct mill_run_query query = {.size = sizeof(query),
                                   .experiment_ids = &experiment_id,
                                   .experiment_count = 1,
                                   .view_type = view_type,
                                   .info_only = true};
    struct mill_run_result *first = NULL;
    enum mill_status st = mill_check_experiment(experiment_id, err);
    if (st == MILL_OK)
        st = mill_check_view_type(&query.view_type, err);
    if (st == MILL_OK)
        st = mill_begin_runs(client, list_out, &first, err);
    if (st != MILL_OK)
        return st;
    struct mill_run_result *page = first;
    int pages = 0;
    for (;;) {
        st = client->backend->ops->search_runs(client->backend, &query, page, err);
        if (st == MILL_OK)
            st = mill_count_page(&pages, err);
        query.page_token = page->list.next_page_token;
        if (st != MILL_OK || query.page_token.ptr == NULL)
            break;
        page->more = mill_alloc_zero(1, sizeof(*page->more));
        if (page->more == NULL) {
            st = mill_no_memory(err);
            break;
        }
        page = page->more;
    }
    if (st == MILL_OK)
        st = join_pages(first, err);
    return mill_give_runs(st, first, list_out);
}

/* --- metric history -------------------------------------------------------------------- */

static enum mill_status give_points(enum mill_status st, struct mill_point_result *result,
                                    struct mill_point_list **list_out, struct mill_error *err)
{
    if (st == MILL_OK && result->points.failed)
        st = mill_no_memory(err);
    if (st != MILL_OK) {
        mill_point_list_free(&result->list);
        return st;
    }
    result->list.items = (const struct mill_point *)(const void *)result->points.ptr;
    result->list.count = result->points.len / sizeof(struct mill_point);
    *list_out = &result->list;
    return MILL_OK;
}

/* An empty result for a call about one metric that may begin. */
static enum mill_status begin_points(const struct mill_client *client, struct mill_view run_id,
                                     struct mill_view key, struct mill_point_list **list_out,
                                     struct mill_point_result **out, struct mill_error *err)
{
    enum mill_status st = mill_check_call(client, list_out, "list_out", err);
    if (st == MILL_OK)
        st = mill_check_run(run_id, err);
    if (st == MILL_OK)
        st = mill_check_needed("key", key, MILL_MAX_KEY, err);
    if (st != MILL_OK)
        return st;
    *out = mill_alloc_zero(1, sizeof(**out));
    return *out != NULL ? MILL_OK : mill_no_memory(err);
}

enum mill_status mill_client_metric_history(struct mill_client *client, struct mill_view run_id,
                                            struct mill_view key,
                                            struct mill_point_list **list_out,
                                            struct mill_error *err)
{
    struct mill_point_result *result = NULL;
    enum mill_status st = begin_points(client, run_id, key, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    st = client->backend->ops->history(client->backend, run_id, key, result, err);
    return give_points(st, result, list_out, err);
}

enum mill_status mill_client_metric_sample(struct mill_client *client, struct mill_view run_id,
                                           struct mill_view key, size_t max_points,
                                           struct mill_point_list **list_out,
                                           struct mill_error *err)
{
    struct mill_point_result *result = NULL;
    if (max_points < 1 || max_points > MILL_MAX_SAMPLE_POINTS)
        return mill_fail(err, MILL_E_INVALID, "max_points is %zu; it must be 1 to %d",
                         max_points, MILL_MAX_SAMPLE_POINTS);
    enum mill_status st = begin_points(client, run_id, key, list_out, &result, err);
    if (st != MILL_OK)
        return st;
    st = client->backend->ops->sample(client->backend, run_id, key, max_points, result, err);
    return give_points(st, result, list_out, err);
}
