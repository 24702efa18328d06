/* subject_client.c - see subject_client.h. Each kind of change becomes the public call that
 * makes it. */
#include "subject_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <millstream/millstream.h>

#include "base/view.h"

/* Lists that one test may hold on to. */
#define MAX_LISTS 200

struct client_subject {
    struct subject base;
    const char *uri;
    struct mill_client *client;
    struct mill_experiment_list *experiments[MAX_LISTS];
    size_t experiments_count;
    struct mill_run_list *runs[MAX_LISTS];
    size_t runs_count;
};

static struct client_subject *of(struct subject *subject)
{
    return (struct client_subject *)subject;
}

/* --- opening and closing --------------------------------------------------------------- */

static void client_open(struct subject *subject)
{
    struct client_subject *c = of(subject);
    struct mill_client_options options = {.size = sizeof(options), .create = true};
    struct mill_error err = {""};
    if (mill_client_open(mill_text(c->uri), &options, &c->client, &err) != MILL_OK)
        fail_msg("cannot open %s: %s", c->uri, err.message);
}

static void client_close(struct subject *subject)
{
    struct client_subject *c = of(subject);
    while (c->experiments_count > 0)
        mill_experiment_list_free(c->experiments[--c->experiments_count]);
    while (c->runs_count > 0)
        mill_run_list_free(c->runs[--c->runs_count]);
    mill_client_close(c->client);
    c->client = NULL;
}

static void client_reopen(struct subject *subject)
{
    client_close(subject);
    client_open(subject);
}

static void keep_experiments(struct client_subject *c, struct mill_experiment_list *list)
{
    assert_true(c->experiments_count < MAX_LISTS);
    c->experiments[c->experiments_count++] = list;
}

static void keep_runs(struct client_subject *c, struct mill_run_list *list)
{
    assert_true(c->runs_count < MAX_LISTS);
    c->runs[c->runs_count++] = list;
}

/* --- writing --------------------------------------------------------------------------- */

typedef enum mill_status make_change(struct client_subject *c, const struct mill_change *change,
                                     struct mill_outcome *out);

static enum mill_status create_experiment(struct client_subject *c,
                                          const struct mill_change *change,
                                          struct mill_outcome *out)
{
    return mill_client_create_experiment(
        c->client, change->as.create_experiment.name,
        change->as.create_experiment.artifact_location, change->as.create_experiment.tags,
        change->as.create_experiment.tag_count, &out->experiment_id, &out->error);
}

static enum mill_status rename_experiment(struct client_subject *c,
                                          const struct mill_change *change,
                                          struct mill_outcome *out)
{
    return mill_client_rename_experiment(c->client, change->as.rename.experiment_id,
                                         change->as.rename.new_name, &out->error);
}

static enum mill_status delete_experiment(struct client_subject *c,
                                          const struct mill_change *change,
                                          struct mill_outcome *out)
{
    return mill_client_delete_experiment(c->client, change->as.experiment.experiment_id,
                                         &out->error);
}

static enum mill_status restore_experiment(struct client_subject *c,
                                           const struct mill_change *change,
                                           struct mill_outcome *out)
{
    return mill_client_restore_experiment(c->client, change->as.experiment.experiment_id,
                                          &out->error);
}

static enum mill_status set_experiment_tag(struct client_subject *c,
                                           const struct mill_change *change,
                                           struct mill_outcome *out)
{
    return mill_client_set_experiment_tag(c->client, change->as.experiment_tag.experiment_id,
                                          change->as.experiment_tag.key,
                                          change->as.experiment_tag.value, &out->error);
}

static enum mill_status delete_experiment_tag(struct client_subject *c,
                                              const struct mill_change *change,
                                              struct mill_outcome *out)
{
    return mill_client_delete_experiment_tag(c->client, change->as.experiment_tag.experiment_id,
                                             change->as.experiment_tag.key, &out->error);
}

static enum mill_status create_run(struct client_subject *c, const struct mill_change *change,
                                   struct mill_outcome *out)
{
    struct mill_new_run run = {.size = sizeof(run),
                               .experiment_id = change->as.create_run.experiment_id,
                               .run_name = change->as.create_run.run_name,
                               .user_id = change->as.create_run.user_id,
                               .start_time = change->as.create_run.start_time,
                               .tags = change->as.create_run.tags,
                               .tag_count = change->as.create_run.tag_count};
    struct mill_run_list *list = NULL;
    enum mill_status st = mill_client_create_run(c->client, &run, &list, &out->error);
    if (st != MILL_OK)
        return st;
    keep_runs(c, list);
    out->run = list->items[0];
    return MILL_OK;
}

static enum mill_status update_run(struct client_subject *c, const struct mill_change *change,
                                   struct mill_outcome *out)
{
    struct mill_run_update update = {.size = sizeof(update),
                                     .status = change->as.update_run.status,
                                     .end_time = change->as.update_run.end_time != MILL_ABSENT
                                                     ? change->as.update_run.end_time
                                                     : 0,
                                     .run_name = change->as.update_run.run_name};
    return mill_client_update_run(c->client, change->as.update_run.run_id, &update,
                                  &out->error);
}

static enum mill_status delete_run(struct client_subject *c, const struct mill_change *change,
                                   struct mill_outcome *out)
{
    return mill_client_delete_run(c->client, change->as.run.run_id, &out->error);
}

static enum mill_status restore_run(struct client_subject *c, const struct mill_change *change,
                                    struct mill_outcome *out)
{
    return mill_client_restore_run(c->client, change->as.run.run_id, &out->error);
}

static enum mill_status log_batch(struct client_subject *c, const struct mill_change *change,
                                  struct mill_outcome *out)
{
    struct mill_batch batch = {.size = sizeof(batch),
                               .metrics = change->as.log.metrics,
                               .metric_count = change->as.log.metric_count,
                               .params = change->as.log.params,
                               .param_count = change->as.log.param_count,
                               .tags = change->as.log.tags,
                               .tag_count = change->as.log.tag_count};
    return mill_client_log_batch(c->client, change->as.log.run_id, &batch, &out->error);
}

static enum mill_status log_metric(struct client_subject *c, const struct mill_change *change,
                                   struct mill_outcome *out)
{
    const struct mill_metric *metric = change->as.log.metrics;
    return mill_client_log_metric(c->client, change->as.log.run_id, metric->key, metric->value,
                                  metric->timestamp, metric->step, &out->error);
}

static enum mill_status log_param(struct client_subject *c, const struct mill_change *change,
                                  struct mill_outcome *out)
{
    const struct mill_param *param = change->as.log.params;
    return mill_client_log_param(c->client, change->as.log.run_id, param->key, param->value,
                                 &out->error);
}

static enum mill_status set_tag(struct client_subject *c, const struct mill_change *change,
                                struct mill_outcome *out)
{
    const struct mill_tag *tag = change->as.log.tags;
    return mill_client_set_tag(c->client, change->as.log.run_id, tag->key, tag->value,
                               &out->error);
}

/* Each source has a call of its own. */
static enum mill_status log_some(struct client_subject *c, const struct mill_change *change,
                                 struct mill_outcome *out)
{
    static make_change *const by_source[] = {
        [MILL_LOG_FROM_BATCH] = log_batch,
        [MILL_LOG_FROM_METRIC] = log_metric,
        [MILL_LOG_FROM_PARAM] = log_param,
        [MILL_LOG_FROM_TAG] = set_tag,
    };
    return by_source[change->as.log.source](c, change, out);
}

static enum mill_status delete_tag(struct client_subject *c, const struct mill_change *change,
                                   struct mill_outcome *out)
{
    return mill_client_delete_tag(c->client, change->as.run_tag.run_id, change->as.run_tag.key,
                                  &out->error);
}

static enum mill_status log_inputs(struct client_subject *c, const struct mill_change *change,
                                   struct mill_outcome *out)
{
    return mill_client_log_inputs(c->client, change->as.inputs.run_id,
                                  change->as.inputs.datasets, change->as.inputs.dataset_count,
                                  change->as.inputs.models, change->as.inputs.model_count,
                                  &out->error);
}

static enum mill_status log_outputs(struct client_subject *c, const struct mill_change *change,
                                    struct mill_outcome *out)
{
    return mill_client_log_outputs(c->client, change->as.outputs.run_id,
                                   change->as.outputs.models, change->as.outputs.model_count,
                                   &out->error);
}

static enum mill_status cannot(struct client_subject *c, const struct mill_change *change,
                               struct mill_outcome *out)
{
    (void)c;
    return mill_fail(&out->error, MILL_E_UNSUPPORTED,
                     "no public call makes a change of kind %d", (int)change->kind);
}

static make_change *const makers[] = {
    [MILL_CHANGE_CREATE_EXPERIMENT] = create_experiment,
    [MILL_CHANGE_RENAME_EXPERIMENT] = rename_experiment,
    [MILL_CHANGE_DELETE_EXPERIMENT] = delete_experiment,
    [MILL_CHANGE_RESTORE_EXPERIMENT] = restore_experiment,
    [MILL_CHANGE_SET_EXPERIMENT_TAG] = set_experiment_tag,
    [MILL_CHANGE_DELETE_EXPERIMENT_TAG] = delete_experiment_tag,
    [MILL_CHANGE_CREATE_RUN] = create_run,
    [MILL_CHANGE_UPDATE_RUN] = update_run,
    [MILL_CHANGE_DELETE_RUN] = delete_run,
    [MILL_CHANGE_RESTORE_RUN] = restore_run,
    [MILL_CHANGE_LOG] = log_some,
    [MILL_CHANGE_DELETE_TAG] = delete_tag,
    [MILL_CHANGE_LOG_INPUTS] = log_inputs,
    [MILL_CHANGE_LOG_OUTPUTS] = log_outputs,
    [MILL_CHANGE_APPEND_TAG_JSON] = cannot,
};

static void client_apply(struct subject *subject, struct mill_change *changes,
                         struct mill_outcome *outcomes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        outcomes[i] = (struct mill_outcome){.status = MILL_OK};
        outcomes[i].status = makers[changes[i].kind](of(subject), &changes[i], &outcomes[i]);
    }
}

/* --- reading --------------------------------------------------------------------------- */

/* Keeps a list that must hold one thing. */
static enum mill_status one_experiment(struct client_subject *c, enum mill_status st,
                                       struct mill_experiment_list *list,
                                       const struct mill_experiment **out)
{
    if (st != MILL_OK)
        return st;
    keep_experiments(c, list);
    assert_int_equal(list->count, 1);
    *out = list->items[0];
    return MILL_OK;
}

static enum mill_status client_get_experiment(struct subject *subject, int64_t experiment_id,
                                              const struct mill_experiment **out,
                                              struct mill_error *err)
{
    struct mill_experiment_list *list = NULL;
    enum mill_status st =
        mill_client_get_experiment(of(subject)->client, experiment_id, &list, err);
    return one_experiment(of(subject), st, list, out);
}

static enum mill_status client_get_experiment_by_name(struct subject *subject,
                                                      struct mill_view name,
                                                      const struct mill_experiment **out,
                                                      struct mill_error *err)
{
    struct mill_experiment_list *list = NULL;
    enum mill_status st =
        mill_client_get_experiment_by_name(of(subject)->client, name, &list, err);
    return one_experiment(of(subject), st, list, out);
}

/* A page behind others is reached as callers do: by the token of one that ends before it.
 * *at_end says that there is nothing there. */
static enum mill_status experiments_token(struct client_subject *c,
                                          struct mill_experiment_query query, int64_t skip,
                                          struct mill_view *token_out, bool *at_end,
                                          struct mill_error *err)
{
    struct mill_experiment_list *list = NULL;
    *token_out = (struct mill_view){NULL, 0};
    *at_end = false;
    if (skip == 0)
        return MILL_OK;
    query.max_results = skip;
    enum mill_status st = mill_client_search_experiments(c->client, &query, &list, err);
    if (st != MILL_OK)
        return st;
    keep_experiments(c, list);
    *token_out = list->next_page_token;
    *at_end = token_out->ptr == NULL;
    return MILL_OK;
}

static enum mill_status client_search_experiments(struct subject *subject,
                                                  const struct subject_search *search,
                                                  struct subject_experiments *out,
                                                  struct mill_error *err)
{
    struct client_subject *c = of(subject);
    struct mill_view order = mill_text(search->order_by);
    struct mill_experiment_query query = {.size = sizeof(query),
                                          .view_type = search->view_type,
                                          .filter = mill_text(search->filter),
                                          .order_by = &order,
                                          .order_by_count = search->order_by != NULL ? 1 : 0,
                                          .max_results = search->limit};
    struct mill_experiment_list *list = NULL;
    bool at_end;
    enum mill_status st =
        experiments_token(c, query, search->skip, &query.page_token, &at_end, err);
    if (st == MILL_OK && !at_end)
        st = mill_client_search_experiments(c->client, &query, &list, err);
    if (st != MILL_OK || list == NULL)
        return st;
    keep_experiments(c, list);
    assert_true(list->count <= SUBJECT_PAGE);
    out->count = list->count;
    out->more = list->next_page_token.ptr != NULL;
    for (size_t i = 0; i < list->count; i++)
        out->items[i] = list->items[i];
    return MILL_OK;
}

static enum mill_status client_get_run(struct subject *subject, struct mill_view run_id,
                                       const struct mill_run **out, struct mill_error *err)
{
    struct client_subject *c = of(subject);
    struct mill_run_list *list = NULL;
    enum mill_status st = mill_client_get_run(c->client, run_id, &list, err);
    if (st != MILL_OK)
        return st;
    keep_runs(c, list);
    assert_int_equal(list->count, 1);
    *out = list->items[0];
    return MILL_OK;
}

static enum mill_status runs_token(struct client_subject *c, struct mill_run_query query,
                                   int64_t skip, struct mill_view *token_out, bool *at_end,
                                   struct mill_error *err)
{
    struct mill_run_list *list = NULL;
    *token_out = (struct mill_view){NULL, 0};
    *at_end = false;
    if (skip == 0)
        return MILL_OK;
    query.max_results = skip;
    enum mill_status st = mill_client_search_runs(c->client, &query, &list, err);
    if (st != MILL_OK)
        return st;
    keep_runs(c, list);
    *token_out = list->next_page_token;
    *at_end = token_out->ptr == NULL;
    return MILL_OK;
}

static enum mill_status client_search_runs(struct subject *subject, int64_t experiment_id,
                                           const struct subject_search *search,
                                           struct subject_runs *out, struct mill_error *err)
{
    struct client_subject *c = of(subject);
    struct mill_view order = mill_text(search->order_by);
    struct mill_run_query query = {.size = sizeof(query),
                                   .experiment_ids = &experiment_id,
                                   .experiment_count = 1,
                                   .view_type = search->view_type,
                                   .filter = mill_text(search->filter),
                                   .order_by = &order,
                                   .order_by_count = search->order_by != NULL ? 1 : 0,
                                   .max_results = search->limit};
    struct mill_run_list *list = NULL;
    bool at_end;
    enum mill_status st = runs_token(c, query, search->skip, &query.page_token, &at_end, err);
    if (st == MILL_OK && !at_end)
        st = mill_client_search_runs(c->client, &query, &list, err);
    if (st != MILL_OK || list == NULL)
        return st;
    keep_runs(c, list);
    assert_true(list->count <= SUBJECT_PAGE);
    out->count = list->count;
    out->more = list->next_page_token.ptr != NULL;
    for (size_t i = 0; i < list->count; i++)
        out->items[i] = list->items[i];
    return MILL_OK;
}

/* Hands over the points behind the first skip. */
static enum mill_status give(enum mill_status st, struct mill_point_list *list, size_t skip,
                             struct subject_points *out)
{
    if (st != MILL_OK)
        return st;
    out->count = list->count > skip ? list->count - skip : 0;
    assert_true(out->count <= out->capacity);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = list->items[skip + i];
    mill_point_list_free(list);
    return MILL_OK;
}

static enum mill_status client_history(struct subject *subject, struct mill_view run_id,
                                       struct mill_view key, int64_t skip, size_t page_size,
                                       struct subject_points *out, struct mill_error *err)
{
    struct mill_point_list *list = NULL;
    (void)page_size;
    enum mill_status st =
        mill_client_metric_history(of(subject)->client, run_id, key, &list, err);
    return give(st, list, (size_t)skip, out);
}

static enum mill_status client_sample(struct subject *subject, struct mill_view run_id,
                                      struct mill_view key, int64_t start_step,
                                      int64_t end_step, size_t max_points,
                                      struct subject_points *out, struct mill_error *err)
{
    struct mill_point_list *list = NULL;
    (void)start_step;
    (void)end_step;
    enum mill_status st =
        mill_client_metric_sample(of(subject)->client, run_id, key, max_points, &list, err);
    return give(st, list, 0, out);
}

static const struct subject_ops client_ops = {
    .open = client_open,
    .reopen = client_reopen,
    .close = client_close,
    .apply = client_apply,
    .get_experiment = client_get_experiment,
    .get_experiment_by_name = client_get_experiment_by_name,
    .search_experiments = client_search_experiments,
    .get_run = client_get_run,
    .search_runs = client_search_runs,
    .history = client_history,
    .sample = client_sample,
};

struct subject *subject_client_new(const char *name, const char *uri, unsigned ways,
                                   const char *folder)
{
    struct client_subject *c = calloc(1, sizeof(*c));
    c->base = (struct subject){.ops = &client_ops,
                               .name = name,
                               .folder = folder,
                               .ways = ways | SUBJECT_CHOOSES_RUN_IDS | SUBJECT_HAS_OWN_CLOCK |
                                       SUBJECT_UPDATES_SILENTLY | SUBJECT_NO_JSON_TAGS |
                                       SUBJECT_NO_STEP_RANGES};
    c->uri = uri;
    return &c->base;
}

void subject_client_free(struct subject *subject)
{
    free(subject);
}
