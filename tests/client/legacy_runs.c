/* legacy_runs.c - the rows of the legacy matrix that are about runs. */
#include <float.h>
#include <math.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "legacy.h"

/* A run that was read, and the list that owns it. */
struct read {
    struct mill_run_list *list;
    const struct mill_run *run;
};

static enum mill_status read_run(struct legacy *l, const char *id, struct read *out)
{
    mill_run_list_free(out->list);
    *out = (struct read){NULL, NULL};
    enum mill_status st = mill_client_get_run(l->client, mill_text(id), &out->list, &l->err);
    if (st == MILL_OK)
        out->run = out->list->items[0];
    return st;
}

static const struct mill_metric *metric_of(const struct mill_run *run, const char *key)
{
    static const struct mill_metric none = {.timestamp = MILL_ABSENT};
    for (size_t i = 0; i < run->metric_count; i++)
        if (view_is(run->metrics[i].key, key))
            return &run->metrics[i];
    return &none;
}

static struct mill_view param_of(const struct mill_run *run, const char *key)
{
    for (size_t i = 0; i < run->param_count; i++)
        if (view_is(run->params[i].key, key))
            return run->params[i].value;
    return absent();
}

/* Whether a text consists of the runs of a list, in order, called by letters from 'a'. */
static bool runs_are(const struct mill_run_list *list, char ids[][64], const char *letters)
{
    if (list->count != strlen(letters))
        return false;
    for (size_t i = 0; i < list->count; i++)
        if (!view_is(list->items[i]->info.run_id, ids[letters[i] - 'a']))
            return false;
    return true;
}

/* The user that this program runs as. */
static const char *current_user(void)
{
    static const char *const names[] = {"LOGNAME", "USER", "LNAME", "USERNAME"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (getenv(names[i]) != NULL && getenv(names[i])[0] != '\0')
            return getenv(names[i]);
    const struct passwd *entry = getpwuid(getuid());
    return entry != NULL ? entry->pw_name : "";
}

static void create_run(struct legacy *l)
{
    struct mill_run_list *list = NULL;
    int64_t experiment, began = now_ms();
    MUST(new_experiment(l, "runs", &experiment));
    struct mill_new_run plain = {.size = sizeof(plain), .experiment_id = experiment};
    MUST(mill_client_create_run(l->client, &plain, &list, &l->err));
    const struct mill_run_info *info = &list->items[0]->info;
    CASE("gives an id", list->count == 1 && info->run_id.len >= 32);
    CASE("in its experiment", info->experiment_id == experiment);
    CASE("it is running and active",
         info->status == MILL_RUN_RUNNING && info->lifecycle_stage == MILL_ACTIVE);
    CASE("start time is now by default",
         info->start_time >= began && info->start_time <= now_ms());
    CASE("user is the current one by default", view_is(info->user_id, current_user()));
    CASE("no end time", info->end_time == MILL_ABSENT);
    CASE("has a name", info->run_name.len > 0);
    CASE("has an artifact location", info->artifact_uri.len > 0);
    mill_run_list_free(list);

    const struct mill_tag tags[] = {{mill_text("team"), mill_text("vision")},
                                    {mill_text("mlflow.parentRunId"), no_run()}};
    struct mill_new_run full = {.size = sizeof(full),
                                .experiment_id = experiment,
                                .run_name = mill_text("named"),
                                .user_id = mill_text("somebody"),
                                .start_time = 1234,
                                .tags = tags,
                                .tag_count = COUNT(tags)};
    MUST(mill_client_create_run(l->client, &full, &list, &l->err));
    const struct mill_run *run = list->items[0];
    CASE("user, name and start time as given", view_is(run->info.user_id, "somebody") &&
                                                   view_is(run->info.run_name, "named") &&
                                                   run->info.start_time == 1234);
    CASE("the name is a tag too", view_is(tag_of(run, "mlflow.runName"), "named"));
    CASE("tags", view_is(tag_of(run, "team"), "vision") &&
                     view_is(tag_of(run, "mlflow.parentRunId"), no_run().ptr));
    mill_run_list_free(list);

    plain.experiment_id = NO_EXPERIMENT;
    GIVES("unknown experiment", mill_client_create_run(l->client, &plain, &list, &l->err),
          MILL_E_NOT_FOUND);
    MUST(mill_client_delete_experiment(l->client, experiment, &l->err));
    GIVES("deleted experiment", mill_client_create_run(l->client, &full, &list, &l->err),
          MILL_E_INVALID);
}

static void get_run(struct legacy *l)
{
    struct read r = {NULL, NULL};
    int64_t experiment;
    char id[64];
    MUST(new_experiment(l, "read", &experiment));
    MUST(new_run(l, experiment, id));
    MUST(mill_client_log_metric(l->client, mill_text(id), mill_text("m"), 1, 1, 1, &l->err));
    MUST(mill_client_log_param(l->client, mill_text(id), mill_text("p"), mill_text("v"),
                               &l->err));
    MUST(read_run(l, id, &r));
    CASE("info", view_is(r.run->info.run_id, id));
    CASE("data", r.run->metric_count == 1 && r.run->param_count == 1 && r.run->tag_count >= 1);
    MUST(mill_client_delete_run(l->client, mill_text(id), &l->err));
    MUST(read_run(l, id, &r));
    CASE("deleted ones too", r.run->info.lifecycle_stage == MILL_DELETED);
    mill_run_list_free(r.list);
    struct mill_run_list *list = NULL;
    GIVES("unknown id", mill_client_get_run(l->client, no_run(), &list, &l->err),
          MILL_E_NOT_FOUND);
}

static void list_run_infos(struct legacy *l)
{
    struct mill_run_list *list = NULL;
    int64_t experiment;
    char ids[3][64];
    MUST(new_experiment(l, "listed", &experiment));
    for (size_t i = 0; i < COUNT(ids); i++) {
        MUST(new_run(l, experiment, ids[i]));
        wait_a_moment();
    }
    MUST(mill_client_delete_run(l->client, mill_text(ids[1]), &l->err));
    static const struct {
        const char *what;
        enum mill_view_type view_type;
        const char *letters;
    } views[] = {
        {"active ones by default, newest first", 0, "ca"},
        {"1: active only", MILL_VIEW_ACTIVE_ONLY, "ca"},
        {"2: deleted only", MILL_VIEW_DELETED_ONLY, "b"},
        {"3: all", MILL_VIEW_ALL, "cba"},
    };
    for (size_t i = 0; i < COUNT(views); i++) {
        MUST(mill_client_list_run_infos(l->client, experiment, views[i].view_type, &list,
                                        &l->err));
        CASE(views[i].what, runs_are(list, ids, views[i].letters));
        mill_run_list_free(list);
    }
}

static void log_metric(struct legacy *l)
{
    struct read r = {NULL, NULL};
    struct mill_point_list *points = NULL;
    int64_t experiment;
    char id[64];
    MUST(new_experiment(l, "metrics", &experiment));
    MUST(new_run(l, experiment, id));
    struct mill_view run = mill_text(id), key = mill_text("loss / train.1-x_y");
    int64_t began = now_ms();
    MUST(mill_client_log_metric(l->client, run, key, 0.5, MILL_ABSENT, MILL_ABSENT, &l->err));
    MUST(read_run(l, id, &r));
    const struct mill_metric *m = metric_of(r.run, key.ptr);
    CASE("timestamp is now by default", m->timestamp >= began && m->timestamp <= now_ms());
    CASE("step is 0 by default", m->step == 0 && m->value == 0.5);
    MUST(mill_client_log_metric(l->client, run, key, 0.25, 1000, 7, &l->err));
    MUST(mill_client_log_metric(l->client, run, key, 0.75, 2000, -3, &l->err));
    MUST(read_run(l, id, &r));
    m = metric_of(r.run, key.ptr);
    CASE("the largest step is the latest",
         m->step == 7 && m->value == 0.25 && m->timestamp == 1000);
    MUST(mill_client_metric_history(l->client, run, key, &points, &l->err));
    CASE("every point is kept",
         points->count == 3 && points->items[0].value == 0.25 && points->items[1].step == -3);
    mill_point_list_free(points);
    MUST(mill_client_log_metric(l->client, run, mill_text("nan"), (double)NAN, 1, 1, &l->err));
    MUST(mill_client_log_metric(l->client, run, mill_text("inf"), (double)INFINITY, 1, 1,
                                &l->err));
    MUST(read_run(l, id, &r));
    CASE("not a number", isnan(metric_of(r.run, "nan")->value));
    CASE("infinity, or the largest number", metric_of(r.run, "inf")->value >= DBL_MAX);
    mill_run_list_free(r.list);
    GIVES("bad key", mill_client_log_metric(l->client, run, mill_text("a?b"), 1, 1, 1, &l->err),
          MILL_E_INVALID);
    GIVES("unknown run", mill_client_log_metric(l->client, no_run(), key, 1, 1, 1, &l->err),
          MILL_E_NOT_FOUND);
    MUST(mill_client_delete_run(l->client, run, &l->err));
    GIVES("deleted run", mill_client_log_metric(l->client, run, key, 1, 1, 1, &l->err),
          MILL_E_INVALID);
}

static void log_param(struct legacy *l)
{
    struct read r = {NULL, NULL};
    int64_t experiment;
    char id[64];
    MUST(new_experiment(l, "params", &experiment));
    MUST(new_run(l, experiment, id));
    struct mill_view run = mill_text(id), key = mill_text("rate");
    MUST(mill_client_log_param(l->client, run, key, mill_text("0.1"), &l->err));
    MUST(mill_client_log_param(l->client, run, mill_text("text"),
                               mill_text("\xe2\x82\xac\n'x'"), &l->err));
    GIVES("the same again does no harm",
          mill_client_log_param(l->client, run, key, mill_text("0.1"), &l->err), MILL_OK);
    GIVES("changing it is refused",
          mill_client_log_param(l->client, run, key, mill_text("0.2"), &l->err),
          MILL_E_INVALID);
    MUST(read_run(l, id, &r));
    CASE("the first value stays", view_is(param_of(r.run, "rate"), "0.1"));
    CASE("any text", view_is(param_of(r.run, "text"), "\xe2\x82\xac\n'x'"));
    mill_run_list_free(r.list);
    GIVES("unknown run",
          mill_client_log_param(l->client, no_run(), key, mill_text("1"), &l->err),
          MILL_E_NOT_FOUND);
    MUST(mill_client_delete_run(l->client, run, &l->err));
    GIVES("deleted run",
          mill_client_log_param(l->client, run, mill_text("new"), mill_text("1"), &l->err),
          MILL_E_INVALID);
}

static void set_tag(struct legacy *l)
{
    struct read r = {NULL, NULL};
    int64_t experiment;
    char id[64];
    MUST(new_experiment(l, "tags", &experiment));
    MUST(new_run(l, experiment, id));
    struct mill_view run = mill_text(id), key = mill_text("mlflow.note.content");
    MUST(mill_client_set_tag(l->client, run, key, mill_text("old"), &l->err));
    MUST(mill_client_set_tag(l->client, run, key, mill_text("# new\n"), &l->err));
    MUST(read_run(l, id, &r));
    CASE("the value is replaced", view_is(tag_of(r.run, key.ptr), "# new\n"));
    mill_run_list_free(r.list);
    GIVES("unknown run", mill_client_set_tag(l->client, no_run(), key, mill_text("1"), &l->err),
          MILL_E_NOT_FOUND);
    MUST(mill_client_delete_run(l->client, run, &l->err));
    GIVES("deleted run", mill_client_set_tag(l->client, run, key, mill_text("1"), &l->err),
          MILL_E_INVALID);
}

static void log_batch(struct legacy *l)
{
    struct read r = {NULL, NULL};
    struct mill_point_list *points = NULL;
    static struct mill_metric metrics[2500];
    int64_t experiment;
    char id[64];
    MUST(new_experiment(l, "batches", &experiment));
    MUST(new_run(l, experiment, id));
    for (size_t i = 0; i < COUNT(metrics); i++)
        metrics[i] = (struct mill_metric){mill_text(i % 2 == 0 ? "even" : "odd"), (double)i,
                                          1000 + (int64_t)i, (int64_t)i, NULL};
    const struct mill_param params[] = {{mill_text("p"), mill_text("1")},
                                        {mill_text("q"), mill_text("2")}};
    const struct mill_tag tags[] = {{mill_text("t"), mill_text("v")}};
    struct mill_batch batch = {.size = sizeof(batch),
                               .metrics = metrics,
                               .metric_count = COUNT(metrics),
                               .params = params,
                               .param_count = COUNT(params),
                               .tags = tags,
                               .tag_count = COUNT(tags)};
    struct mill_batch nothing = {.size = sizeof(nothing)};
    MUST(mill_client_log_batch(l->client, mill_text(id), &batch, &l->err));
    GIVES("the same again does no harm",
          mill_client_log_batch(l->client, mill_text(id), &batch, &l->err), MILL_OK);
    GIVES("an empty one", mill_client_log_batch(l->client, mill_text(id), &nothing, &l->err),
          MILL_OK);
    MUST(read_run(l, id, &r));
    CASE("metrics, params and tags", metric_of(r.run, "odd")->value == 2499 &&
                                         view_is(param_of(r.run, "q"), "2") &&
                                         view_is(tag_of(r.run, "t"), "v"));
    mill_run_list_free(r.list);
    MUST(mill_client_metric_history(l->client, mill_text(id), mill_text("even"), &points,
                                    &l->err));
    CASE("more than one request may carry", points->count == COUNT(metrics) / 2);
    mill_point_list_free(points);
    const struct mill_param changed = {mill_text("p"), mill_text("other")};
    struct mill_batch bad = {.size = sizeof(bad), .params = &changed, .param_count = 1};
    GIVES("any error is told", mill_client_log_batch(l->client, mill_text(id), &bad, &l->err),
          MILL_E_INVALID);
    GIVES("unknown run", mill_client_log_batch(l->client, no_run(), &batch, &l->err),
          MILL_E_NOT_FOUND);
    MUST(mill_client_delete_run(l->client, mill_text(id), &l->err));
    GIVES("deleted run", mill_client_log_batch(l->client, mill_text(id), &batch, &l->err),
          MILL_E_INVALID);
}

static void set_terminated(struct legacy *l)
{
    struct read r = {NULL, NULL};
    int64_t experiment;
    char id[64];
    MUST(new_experiment(l, "ended", &experiment));
    MUST(new_run(l, experiment, id));
    struct mill_view run = mill_text(id);
    GIVES("an unknown status is refused",
          mill_client_set_terminated(l->client, run, (enum mill_run_status)99, MILL_ABSENT,
                                     &l->err),
          MILL_E_INVALID);
    MUST(read_run(l, id, &r));
    CASE("and changes nothing",
         r.run->info.status == MILL_RUN_RUNNING && r.run->info.end_time == MILL_ABSENT);
    int64_t began = now_ms();
    MUST(mill_client_set_terminated(l->client, run, 0, MILL_ABSENT, &l->err));
    MUST(read_run(l, id, &r));
    CASE("FINISHED by default", r.run->info.status == MILL_RUN_FINISHED);
    CASE("end time is now by default",
         r.run->info.end_time >= began && r.run->info.end_time <= now_ms());
    bool all = true;
    for (int status = MILL_RUN_RUNNING; status <= MILL_RUN_KILLED; status++) {
        MUST(mill_client_set_terminated(l->client, run, (enum mill_run_status)status,
                                        5000 + status, &l->err));
        MUST(read_run(l, id, &r));
        all = all && (int)r.run->info.status == status && r.run->info.end_time == 5000 + status;
    }
    CASE("every status, and a given end time", all);
    mill_run_list_free(r.list);
    GIVES("unknown run",
          mill_client_set_terminated(l->client, no_run(), 0, MILL_ABSENT, &l->err),
          MILL_E_NOT_FOUND);
}

static void delete_run(struct legacy *l)
{
    struct read r = {NULL, NULL};
    int64_t experiment;
    char id[64];
    MUST(new_experiment(l, "deleted", &experiment));
    MUST(new_run(l, experiment, id));
    MUST(mill_client_delete_run(l->client, mill_text(id), &l->err));
    MUST(read_run(l, id, &r));
    CASE("it is still there, deleted", r.run->info.lifecycle_stage == MILL_DELETED);
    mill_run_list_free(r.list);
    GIVES("unknown run", mill_client_delete_run(l->client, no_run(), &l->err),
          MILL_E_NOT_FOUND);
}

static void restore_run(struct legacy *l)
{
    struct read r = {NULL, NULL};
    int64_t experiment;
    char id[64];
    MUST(new_experiment(l, "restored", &experiment));
    MUST(new_run(l, experiment, id));
    MUST(mill_client_delete_run(l->client, mill_text(id), &l->err));
    MUST(mill_client_restore_run(l->client, mill_text(id), &l->err));
    MUST(read_run(l, id, &r));
    CASE("it is active again", r.run->info.lifecycle_stage == MILL_ACTIVE);
    mill_run_list_free(r.list);
    GIVES("and can be written",
          mill_client_log_param(l->client, mill_text(id), mill_text("p"), mill_text("1"),
                                &l->err),
          MILL_OK);
    GIVES("unknown run", mill_client_restore_run(l->client, no_run(), &l->err),
          MILL_E_NOT_FOUND);
}

/* One search in the two experiments; the runs that come are those. */
static void searches(struct legacy *l, const char *what, struct mill_run_query query,
                     char ids[][64], const char *letters)
{
    struct mill_run_list *list = NULL;
    MUST(mill_client_search_runs(l->client, &query, &list, &l->err));
    legacy_note(l, what, runs_are(list, ids, letters), letters);
    mill_run_list_free(list);
}

static void search_pages(struct legacy *l, struct mill_run_query query, char ids[][64])
{
    struct mill_run_list *first = NULL, *second = NULL;
    query.max_results = 2;
    MUST(mill_client_search_runs(l->client, &query, &first, &l->err));
    CASE("at most max_results", runs_are(first, ids, "dc"));
    query.page_token = first->next_page_token;
    CASE("a token when there are more", query.page_token.len > 0);
    MUST(mill_client_search_runs(l->client, &query, &second, &l->err));
    CASE("the page behind", runs_are(second, ids, "ba") && second->next_page_token.ptr == NULL);
    mill_run_list_free(first);
    mill_run_list_free(second);
}

static void search_runs(struct legacy *l)
{
    int64_t experiments[2];
    char ids[5][64];
    MUST(new_experiment(l, "one", &experiments[0]));
    MUST(new_experiment(l, "two", &experiments[1]));
    for (size_t i = 0; i < COUNT(ids); i++) {
        MUST(new_run(l, experiments[i % 2], ids[i]));
        wait_a_moment();
        MUST(mill_client_log_metric(l->client, mill_text(ids[i]), mill_text("loss"),
                                    1.0 / (double)(i + 1), 1, 1, &l->err));
        MUST(mill_client_log_param(l->client, mill_text(ids[i]), mill_text("parity"),
                                   mill_text(i % 2 == 0 ? "even" : "odd"), &l->err));
    }
    MUST(mill_client_delete_run(l->client, mill_text(ids[4]), &l->err));
    struct mill_view order = mill_text("metrics.loss ASC");
    struct mill_run_query all = {
        .size = sizeof(all), .experiment_ids = experiments, .experiment_count = 2};
    struct mill_run_query query = all;
    searches(l, "several experiments, active runs, newest first", query, ids, "dcba");
    query.experiment_count = 1;
    searches(l, "one experiment", query, ids, "ca");
    query = all;
    query.filter = mill_text("metrics.loss < 0.6 and params.parity = 'odd'");
    searches(l, "filter", query, ids, "db");
    query.filter = mill_text("metrics.loss < 0.4");
    query.view_type = MILL_VIEW_ALL;
    searches(l, "view type", query, ids, "edc");
    query = all;
    query.order_by = &order;
    query.order_by_count = 1;
    query.filter = mill_text("params.parity = \"even\"");
    searches(l, "order", query, ids, "ca");
    search_pages(l, all, ids);
    struct mill_run_list *list = NULL;
    query.filter = mill_text("metrics.loss ~ 1");
    GIVES("a bad filter is refused", mill_client_search_runs(l->client, &query, &list, &l->err),
          MILL_E_INVALID);
}

const struct row legacy_run_rows[] = {
    {"create_run", create_run},         {"get_run", get_run},
    {"list_run_infos", list_run_infos}, {"log_metric", log_metric},
    {"log_param", log_param},           {"set_tag", set_tag},
    {"log_batch", log_batch},           {"set_terminated", set_terminated},
    {"delete_run", delete_run},         {"restore_run", restore_run},
    {"search_runs", search_runs},       {NULL, NULL},
};
