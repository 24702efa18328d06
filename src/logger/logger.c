/* logger.c - the calls of <millstream/logger.h>. In strict mode each is a call of the client;
 * else points go to their buffer, everything else straight to the spool. */
#include "logger/logger.h"

#include <stdlib.h>
#include <string.h>

#include "artifact/path.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/view.h"
#include "client/client.h"
#include "logger/copy.h"
#include "logger/delivery_run.h"
#include "model/limits.h"
#include "wire/messages.h"

static bool is_strict(const struct mill_logger *logger)
{
    return logger->options.mode == MILL_MODE_STRICT;
}

/* Whether a call may begin; the child of a fork gets a spool of its own first. */
static enum mill_status begin(struct mill_logger *logger, struct mill_error *err)
{
    if (logger == NULL)
        return mill_fail(err, MILL_E_INVALID, "logger is NULL");
    if (atomic_load_explicit(&logger->orphan, memory_order_acquire))
        return mill_logger_adopt(logger, err);
    return MILL_OK;
}

/* --- opening --------------------------------------------------------------------------- */

static enum mill_status open_strict(struct mill_logger *logger, struct mill_error *err)
{
    const struct mill_client_options options = {.size = sizeof(options), .create = true};
    const struct mill_run_update running = {.size = sizeof(running),
                                            .status = MILL_RUN_RUNNING};
    struct mill_run_list *list = NULL;
    const struct mill_spool_open *open = &logger->open;
    struct mill_new_run run = {.size = sizeof(run),
                               .experiment_id = open->experiment_id,
                               .run_name = open->run_name,
                               .user_id = open->user_id,
                               .start_time = open->start_time,
                               .tags = open->tags,
                               .tag_count = open->tag_count,
                               .run_id = open->run_id};
    enum mill_status st = mill_client_open(open->tracking_uri, &options, &logger->client, err);
    if (st == MILL_OK && open->experiment_name.len > 0)
        st = mill_delivery_find_experiment(logger->client, open->experiment_name,
                                           &run.experiment_id, err);
    if (st == MILL_OK)
        st = open->join ? mill_client_get_run(logger->client, open->run_id, &list, err)
                        : mill_client_create_run(logger->client, &run, &list, err);
    if (st == MILL_OK && !open->keep_status &&
        mill_delivery_has_ended(&list->items[0]->info, INT64_MIN))
        st = mill_client_update_run(logger->client, open->run_id, &running, err);
    if (st == MILL_OK) {
        logger->open.run_id = mill_arena_copy(&logger->arena, list->items[0]->info.run_id);
        if (logger->open.run_id.ptr == NULL)
            st = mill_no_memory(err);
    }
    mill_run_list_free(list);
    return st;
}

static enum mill_status open_spooling(struct mill_logger *logger, struct mill_error *err)
{
    mill_logger_init_lock(logger);
    logger->spools = true;
    if (!mill_point_buffer_init(&logger->points, logger->options.memory_limit_bytes))
        return mill_no_memory(err);
    enum mill_status st = mill_logger_start(logger, err);
    if (st == MILL_OK)
        mill_logger_enlist(logger);
    return st;
}

static void free_logger(struct mill_logger *logger)
{
    mill_client_close(logger->client);
    if (logger->spools) {
        mill_spool_writer_release(&logger->writer);
        mill_point_buffer_release(&logger->points);
        mill_logger_release_lock(logger);
    }
    mill_arena_release(&logger->arena);
    mill_free(logger);
}

enum mill_status mill_logger_open(const struct mill_logger_options *options,
                                  struct mill_logger **logger_out, struct mill_error *err)
{
    if (logger_out == NULL)
        return mill_fail(err, MILL_E_INVALID, "logger_out is NULL");
    struct mill_logger *logger = mill_alloc_zero(1, sizeof(*logger));
    if (logger == NULL)
        return mill_no_memory(err);
    logger->counters.size = sizeof(logger->counters);
    enum mill_status st = mill_logger_configure(logger, options, err);
    if (st == MILL_OK)
        st = is_strict(logger) ? open_strict(logger, err) : open_spooling(logger, err);
    if (st != MILL_OK) {
        free_logger(logger);
        return st;
    }
    *logger_out = logger;
    return MILL_OK;
}

struct mill_view mill_logger_run_id(const struct mill_logger *logger)
{
    return logger != NULL ? logger->open.run_id : (struct mill_view){NULL, 0};
}

/* --- points ---------------------------------------------------------------------------- */

static enum mill_status add_point(struct mill_logger *logger, struct mill_view key,
                                  const struct mill_point *point, struct mill_error *err)
{
    bool full = false;
    if (point->timestamp < 0)
        return mill_fail(err, MILL_E_INVALID,
                         "timestamp of '%.*s' is %lld; it must be milliseconds since 1970",
                         MILL_FMT(key), (long long)point->timestamp);
    enum mill_status st = mill_point_buffer_add(&logger->points, key, point, &full, err);
    if (full) /* a signal that is missed is made up for by the interval */
        pthread_cond_signal(&logger->work);
    return st;
}

enum mill_status mill_logger_log_metric(struct mill_logger *logger, struct mill_view key,
                                        double value, int64_t timestamp_ms, int64_t step,
                                        struct mill_error *err)
{
    enum mill_status st = begin(logger, err);
    if (st != MILL_OK)
        return st;
    if (is_strict(logger))
        return mill_client_log_metric(logger->client, logger->open.run_id, key, value,
                                      timestamp_ms, step, err);
    struct mill_point point = {
        .step = step != MILL_ABSENT ? step : 0,
        .timestamp = timestamp_ms != MILL_ABSENT ? timestamp_ms : mill_now_ms(),
        .value = value,
    };
    return add_point(logger, key, &point, err);
}

enum mill_status mill_logger_log_metrics(struct mill_logger *logger,
                                         const struct mill_metric *metrics, size_t count,
                                         struct mill_error *err)
{
    struct mill_batch batch = {
        .size = sizeof(batch), .metrics = metrics, .metric_count = count};
    return mill_logger_log_batch(logger, &batch, err);
}

/* --- everything else ------------------------------------------------------------------- */

/* Adds a record to what is to be written next; all of it or nothing. The lock is held. */
static enum mill_status add_record(struct mill_logger *logger, enum mill_spool_kind kind,
                                   const struct mill_message *message, const void *value,
                                   struct mill_error *err)
{
    struct mill_buf *pending = &logger->writer.pending;
    size_t before = pending->len;
    mill_spool_record_json(pending, kind, message, value);
    if (!pending->failed)
        return MILL_OK;
    pending->failed = false;
    pending->len = before;
    return mill_no_memory(err);
}

/* Puts a record into the spool. One that cannot be written now is kept in memory, within the
 * limit, and is written later; beyond the limit the call says so. */
static enum mill_status append(struct mill_logger *logger, enum mill_spool_kind kind,
                               const struct mill_message *message, const void *value,
                               struct mill_error *err)
{
    struct mill_error reason = {""};
    enum mill_status st = MILL_OK;
    pthread_mutex_lock(&logger->lock);
    if (logger->writer.pending.len > logger->options.memory_limit_bytes)
        st = mill_logger_write(logger, false, err);
    if (st == MILL_OK)
        st = add_record(logger, kind, message, value, err);
    if (st == MILL_OK) {
        logger->counters.changes_logged++;
        if (mill_logger_write(logger, false, &reason) != MILL_OK)
            mill_logger_tell(logger, MILL_TROUBLE_SPOOL, reason.message);
    }
    pthread_mutex_unlock(&logger->lock);
    return st;
}

/* Some params and tags as one record; checked as a server would check them. */
static enum mill_status log_part(struct mill_logger *logger, struct mill_change *change,
                                 struct mill_error *err)
{
    struct mill_arena arena = {0};
    change->kind = MILL_CHANGE_LOG;
    change->now_ms = mill_now_ms();
    change->as.log.run_id = logger->open.run_id;
    enum mill_status st = mill_change_check(change, &arena, err);
    struct mill_log_batch_request request = {.run_id = logger->open.run_id,
                                             .params = change->as.log.params,
                                             .params_count = change->as.log.param_count,
                                             .tags = change->as.log.tags,
                                             .tags_count = change->as.log.tag_count};
    if (st == MILL_OK)
        st = append(logger, MILL_SPOOL_LOG, &mill_log_batch_request_message, &request, err);
    mill_arena_release(&arena);
    return st;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Whether all points of a batch can be logged, before the first one is. */
static enum mill_status check_points(const struct mill_logger *logger,
                                     const struct mill_batch *batch, struct mill_error *err)
{
    struct mill_arena arena = {0};
    enum mill_status st = MILL_OK;
    for (size_t i = 0; st == MILL_OK && i < batch->metric_count;) {
        struct mill_change change = {
            .kind = MILL_CHANGE_LOG,
            .as.log = {.source = MILL_LOG_FROM_BATCH,
                       .run_id = logger->open.run_id,
                       .metrics = batch->metrics != NULL ? batch->metrics + i : NULL,
                       .metric_count = least(batch->metric_count - i, MILL_MAX_BATCH_TOTAL),
                       .metrics_before = i}};
        i += change.as.log.metric_count;
        st = mill_change_check(&change, &arena, err);
        mill_arena_reset(&arena, (size_t)1 << 16);
    }
    mill_arena_release(&arena);
    return st;
}

/* All params and tags of a batch, as many in a record as a request may carry. */
static enum mill_status log_rest(struct mill_logger *logger, const struct mill_batch *batch,
                                 enum mill_log_source source, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    size_t params = 0, tags = 0;
    while (st == MILL_OK && (params < batch->param_count || tags < batch->tag_count)) {
        struct mill_change change = {
            .as.log = {.source = source,
                       .params = batch->params != NULL ? batch->params + params : NULL,
                       .param_count = least(batch->param_count - params, MILL_MAX_BATCH_PARAMS),
                       .params_before = params,
                       .tags = batch->tags != NULL ? batch->tags + tags : NULL,
                       .tag_count = least(batch->tag_count - tags, MILL_MAX_BATCH_TAGS),
                       .tags_before = tags}};
        params += change.as.log.param_count;
        tags += change.as.log.tag_count;
        st = log_part(logger, &change, err);
    }
    return st;
}

enum mill_status mill_logger_log_batch(struct mill_logger *logger,
                                       const struct mill_batch *given, struct mill_error *err)
{
    struct mill_batch batch = {.size = sizeof(batch)};
    enum mill_status st = begin(logger, err);
    if (st == MILL_OK)
        st = mill_take_struct(&batch, sizeof(batch), MILL_FIRST(mill_batch, tag_count), given,
                              "batch", err);
    if (st == MILL_OK && given == NULL)
        st = mill_fail(err, MILL_E_INVALID, "batch is NULL");
    if (st != MILL_OK)
        return st;
    if (is_strict(logger))
        return mill_client_log_batch(logger->client, logger->open.run_id, &batch, err);
    st = check_points(logger, &batch, err);
    if (st == MILL_OK && batch.param_count + batch.tag_count > 0)
        st = log_rest(logger, &batch, MILL_LOG_FROM_BATCH, err);
    for (size_t i = 0; st == MILL_OK && i < batch.metric_count; i++) {
        const struct mill_metric *m = &batch.metrics[i];
        struct mill_point point = {m->step, m->timestamp, m->value};
        st = add_point(logger, m->key, &point, err);
    }
    return st;
}

enum mill_status mill_logger_log_param(struct mill_logger *logger, struct mill_view key,
                                       struct mill_view value, struct mill_error *err)
{
    struct mill_param param = {key, value};
    struct mill_batch batch = {.size = sizeof(batch), .params = &param, .param_count = 1};
    enum mill_status st = begin(logger, err);
    if (st != MILL_OK)
        return st;
    if (is_strict(logger))
        return mill_client_log_param(logger->client, logger->open.run_id, key, value, err);
    return log_rest(logger, &batch, MILL_LOG_FROM_PARAM, err);
}

enum mill_status mill_logger_set_tag(struct mill_logger *logger, struct mill_view key,
                                     struct mill_view value, struct mill_error *err)
{
    struct mill_tag tag = {key, value};
    struct mill_batch batch = {.size = sizeof(batch), .tags = &tag, .tag_count = 1};
    enum mill_status st = begin(logger, err);
    if (st != MILL_OK)
        return st;
    if (is_strict(logger))
        return mill_client_set_tag(logger->client, logger->open.run_id, key, value, err);
    return log_rest(logger, &batch, MILL_LOG_FROM_TAG, err);
}

enum mill_status mill_logger_log_inputs(struct mill_logger *logger,
                                        const struct mill_dataset_input *datasets,
                                        size_t dataset_count,
                                        const struct mill_model_input *models,
                                        size_t model_count, struct mill_error *err)
{
    struct mill_arena arena = {0};
    enum mill_status st = begin(logger, err);
    if (st != MILL_OK)
        return st;
    if (is_strict(logger))
        return mill_client_log_inputs(logger->client, logger->open.run_id, datasets,
                                      dataset_count, models, model_count, err);
    struct mill_change change = {.kind = MILL_CHANGE_LOG_INPUTS,
                                 .now_ms = mill_now_ms(),
                                 .as.inputs = {.run_id = logger->open.run_id,
                                               .datasets = datasets,
                                               .dataset_count = dataset_count,
                                               .models = models,
                                               .model_count = model_count}};
    st = mill_change_check(&change, &arena, err);
    struct mill_log_inputs_request request = {.run_id = logger->open.run_id,
                                              .datasets = change.as.inputs.datasets,
                                              .datasets_count = change.as.inputs.dataset_count,
                                              .models = change.as.inputs.models,
                                              .models_count = change.as.inputs.model_count};
    if (st == MILL_OK)
        st = append(logger, MILL_SPOOL_INPUTS, &mill_log_inputs_request_message, &request, err);
    mill_arena_release(&arena);
    return st;
}

enum mill_status mill_logger_log_artifact(struct mill_logger *logger,
                                          struct mill_view local_path,
                                          struct mill_view directory, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct mill_spool_artifact artifact = {.directory = directory};
    enum mill_status st = begin(logger, err);
    if (st != MILL_OK)
        return st;
    if (is_strict(logger))
        return mill_client_log_artifact(logger->client, logger->open.run_id, local_path,
                                        directory, NULL, err);
    if (mill_view_empty(local_path))
        return mill_fail(err, MILL_E_INVALID, "local_path is empty");
    st = mill_check_local("local_path", local_path, err);
    if (st == MILL_OK) /* said now, not when it is delivered */
        st = mill_check_path("directory", directory, err);
    if (st == MILL_OK)
        st = mill_artifact_path_check(directory, MILL_PATH_ANY, &arena, &artifact.directory,
                                      err);
    if (st != MILL_OK) {
        mill_arena_release(&arena);
        return st;
    }
    pthread_mutex_lock(&logger->lock);
    int64_t number = ++logger->files;
    pthread_mutex_unlock(&logger->lock);
    st =
        mill_spool_copy(logger->writer.base, number, local_path,
                        logger->options.fsync == MILL_FSYNC_FLUSH, &arena, &artifact.path, err);
    if (st == MILL_OK)
        st = append(logger, MILL_SPOOL_ARTIFACT, &mill_spool_artifact_message, &artifact, err);
    mill_arena_release(&arena);
    return st;
}

/* --- flush and close -------------------------------------------------------------------- */

static enum mill_status timed_out(const struct mill_logger *logger, struct mill_error *err)
{
    return mill_fail(err, MILL_E_TIMEOUT,
                     "not everything of run %.*s is delivered yet; it is kept in %s",
                     MILL_FMT(logger->open.run_id), logger->writer.directory);
}

/* Waits until what is in the spool now is delivered. The lock is held. */
static enum mill_status wait_for_delivery(struct mill_logger *logger, int64_t timeout_ms,
                                          struct mill_error *err)
{
    struct mill_spool_place target = logger->writer.end;
    int64_t until_ns = mill_monotonic_ns() + timeout_ms * 1000000, left_ms = timeout_ms;
    if (timeout_ms <= 0 || logger->options.mode == MILL_MODE_OFFLINE)
        return MILL_OK;
    logger->waiting++;
    pthread_cond_signal(&logger->written);
    pthread_cond_signal(&logger->try_again);
    while (left_ms > 0 && mill_spool_before(logger->delivered_to, target)) {
        mill_logger_wait(&logger->delivered, &logger->lock, left_ms);
        left_ms = (until_ns - mill_monotonic_ns()) / 1000000;
    }
    logger->waiting--;
    return mill_spool_before(logger->delivered_to, target) ? timed_out(logger, err) : MILL_OK;
}

enum mill_status mill_logger_flush(struct mill_logger *logger, int64_t timeout_ms,
                                   struct mill_error *err)
{
    enum mill_status st = begin(logger, err);
    if (st != MILL_OK || is_strict(logger))
        return st;
    pthread_mutex_lock(&logger->lock);
    st = mill_logger_write(logger, true, err);
    if (st == MILL_OK)
        st = wait_for_delivery(logger, timeout_ms, err);
    pthread_mutex_unlock(&logger->lock);
    return st;
}

enum mill_status mill_logger_get_counters(struct mill_logger *logger,
                                          struct mill_logger_counters *counters,
                                          struct mill_error *err)
{
    enum mill_status st = begin(logger, err);
    if (st == MILL_OK && counters == NULL)
        st = mill_fail(err, MILL_E_INVALID, "counters is NULL");
    if (st == MILL_OK && counters->size < sizeof(*counters))
        st = mill_fail(err, MILL_E_INVALID, "counters.size is %zu; it must be %zu",
                       counters->size, sizeof(*counters));
    if (st != MILL_OK || is_strict(logger))
        return st;
    size_t size = counters->size;
    pthread_mutex_lock(&logger->lock);
    *counters = logger->counters;
    counters->size = size;
    mill_point_buffer_count(&logger->points, &counters->points_logged,
                            &counters->points_thinned);
    counters->spool_bytes = logger->writer.total_bytes - logger->delivered_bytes;
    pthread_mutex_unlock(&logger->lock);
    return MILL_OK;
}

static enum mill_status append_end(struct mill_logger *logger, enum mill_run_status status,
                                   int64_t end_time_ms, struct mill_error *err)
{
    struct mill_update_run_request end = {
        .run_id = logger->open.run_id,
        .status = (int)status,
        .end_time = status != 0 && end_time_ms == MILL_ABSENT ? mill_now_ms() : end_time_ms,
    };
    return append(logger, MILL_SPOOL_END, &mill_update_run_request_message, &end, err);
}

static enum mill_status close_strict(struct mill_logger *logger, enum mill_run_status status,
                                     int64_t end_time_ms, struct mill_error *err)
{
    enum mill_status st = status != 0
                              ? mill_client_set_terminated(logger->client, logger->open.run_id,
                                                           status, end_time_ms, err)
                              : MILL_OK;
    free_logger(logger);
    return st;
}

/* Closes what the child of a fork has not used: what there is to deliver is its parent's. */
static enum mill_status discard(struct mill_logger *logger)
{
    mill_logger_delist(logger);
    free_logger(logger);
    return MILL_OK;
}

enum mill_status mill_logger_close(struct mill_logger *logger, enum mill_run_status status,
                                   int64_t timeout_ms, struct mill_error *err)
{
    return mill_logger_close_at(logger, status, MILL_ABSENT, timeout_ms, err);
}

enum mill_status mill_logger_close_at(struct mill_logger *logger, enum mill_run_status status,
                                      int64_t end_time_ms, int64_t timeout_ms,
                                      struct mill_error *err)
{
    if (logger == NULL)
        return MILL_OK;
    if (is_strict(logger))
        return close_strict(logger, status, end_time_ms, err);
    if (status == 0 && mill_logger_disown(logger))
        return discard(logger);
    enum mill_status st = begin(logger, err);
    bool running = st == MILL_OK;
    if (running)
        st = append_end(logger, status, end_time_ms, err);
    if (running) {
        pthread_mutex_lock(&logger->lock);
        enum mill_status written = mill_logger_write(logger, true, st == MILL_OK ? err : NULL);
        if (st == MILL_OK)
            st = written;
        if (st == MILL_OK)
            st = wait_for_delivery(logger, timeout_ms, err);
        pthread_mutex_unlock(&logger->lock);
        mill_logger_stop(logger);
    }
    mill_logger_delist(logger);
    bool all = running && logger->ended &&
               !mill_spool_before(logger->delivered_to, logger->writer.end);
    if (st == MILL_OK && !all && logger->options.mode == MILL_MODE_ONLINE)
        st = timed_out(logger, err);
    if (all)
        mill_spool_remove(logger->writer.base);
    free_logger(logger);
    return st;
}
