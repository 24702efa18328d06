/* change_log.c - checks of metrics, params and tags that are logged to a run. */
#include "base/view.h"
#include "model/check.h"
#include "model/limits.h"

/* The place of an item's field: a call that logs a single thing has no list. */
static struct mill_place place_in(const struct mill_change *change, const char *list,
                                  size_t index, const char *field)
{
    bool batch = change->as.log.source == MILL_LOG_FROM_BATCH;
    return (struct mill_place){.list = batch ? list : NULL, .index = index, .field = field};
}

static enum mill_status check_count(const char *what, size_t count, size_t max,
                                    struct mill_error *err)
{
    if (count <= max)
        return MILL_OK;
    return mill_fail(err, MILL_E_INVALID,
                     "%s has %zu items; at most %zu are allowed in one batch: send several",
                     what, count, max);
}

static enum mill_status check_counts(const struct mill_change *change, struct mill_error *err)
{
    size_t metrics = change->as.log.metric_count, params = change->as.log.param_count,
           tags = change->as.log.tag_count;
    enum mill_status st = check_count("metrics", metrics, MILL_MAX_BATCH_METRICS, err);
    if (st == MILL_OK)
        st = check_count("params", params, MILL_MAX_BATCH_PARAMS, err);
    if (st == MILL_OK)
        st = check_count("tags", tags, MILL_MAX_BATCH_TAGS, err);
    if (st == MILL_OK)
        st = check_count("the batch", metrics + params + tags, MILL_MAX_BATCH_TOTAL, err);
    if (st == MILL_OK)
        st = mill_check_given("metrics", change->as.log.metrics, metrics, err);
    if (st == MILL_OK)
        st = mill_check_given("params", change->as.log.params, params, err);
    if (st == MILL_OK)
        st = mill_check_given("tags", change->as.log.tags, tags, err);
    return st;
}

/* --- metrics --------------------------------------------------------------------------- */

static enum mill_status check_link(const struct mill_change *change, size_t index,
                                   struct mill_error *err)
{
    const struct mill_metric_link *link = change->as.log.metrics[index].link;
    if (link == NULL)
        return MILL_OK;
    enum mill_status st = mill_check_text(
        place_in(change, "metrics", change->as.log.metrics_before + index, "model_id"),
        link->model_id, MILL_MAX_MODEL_ID, err);
    if (st == MILL_OK)
        st = mill_check_text(
            place_in(change, "metrics", change->as.log.metrics_before + index, "dataset_name"),
            link->dataset_name, MILL_MAX_DATASET_NAME, err);
    if (st == MILL_OK)
        st = mill_check_text(place_in(change, "metrics", change->as.log.metrics_before + index,
                                      "dataset_digest"),
                             link->dataset_digest, MILL_MAX_DATASET_DIGEST, err);
    if (st == MILL_OK && (link->dataset_name.len == 0) != (link->dataset_digest.len == 0))
        st = mill_place_fail(place_in(change, "metrics", index, "dataset_name"), err,
                             "and dataset_digest go together; give both or none");
    return st;
}

static enum mill_status check_metric(const struct mill_change *change, size_t index,
                                     struct mill_error *err)
{
    const struct mill_metric *metrics = change->as.log.metrics;
    enum mill_status st = MILL_OK;
    /* Most batches are many points of few keys, one key after the other. */
    if (index == 0 || metrics[index].key.ptr != metrics[index - 1].key.ptr ||
        metrics[index].key.len != metrics[index - 1].key.len)
        st = mill_check_key(
            place_in(change, "metrics", change->as.log.metrics_before + index, "key"),
            metrics[index].key, err);
    if (st == MILL_OK && metrics[index].timestamp == MILL_ABSENT)
        st = mill_place_fail(
            place_in(change, "metrics", change->as.log.metrics_before + index, "timestamp"),
            err, "is missing; give milliseconds since 1970");
    else if (st == MILL_OK && metrics[index].timestamp < 0)
        st = mill_place_fail(
            place_in(change, "metrics", change->as.log.metrics_before + index, "timestamp"),
            err, "is %lld; it must be 0 or more, in milliseconds since 1970",
            (long long)metrics[index].timestamp);
    if (st == MILL_OK)
        st = check_link(change, index, err);
    return st;
}

/* A step not given is 0. */
static enum mill_status check_metrics(struct mill_change *change, struct mill_arena *arena,
                                      struct mill_error *err)
{
    size_t count = change->as.log.metric_count;
    size_t without_step = 0;
    for (size_t i = 0; i < count; i++) {
        enum mill_status st = check_metric(change, i, err);
        if (st != MILL_OK)
            return st;
        without_step += change->as.log.metrics[i].step == MILL_ABSENT;
    }
    if (without_step == 0)
        return MILL_OK;
    struct mill_metric *copy = mill_arena_zero(arena, count, sizeof(*copy));
    if (copy == NULL)
        return mill_check_nomem(err);
    for (size_t i = 0; i < count; i++) {
        copy[i] = change->as.log.metrics[i];
        if (copy[i].step == MILL_ABSENT)
            copy[i].step = 0;
    }
    change->as.log.metrics = copy;
    return MILL_OK;
}

/* --- params ---------------------------------------------------------------------------- */

static enum mill_status check_params(struct mill_change *change, struct mill_arena *arena,
                                     struct mill_error *err)
{
    size_t count = change->as.log.param_count;
    const struct mill_param *params = change->as.log.params;
    struct mill_key_set keys;
    if (count == 0)
        return MILL_OK;
    struct mill_param *copy = mill_arena_zero(arena, count, sizeof(*copy));
    if (copy == NULL)
        return mill_check_nomem(err);
    enum mill_status st = mill_key_set_init(&keys, count, arena, err);
    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        struct mill_place place =
            place_in(change, "params", change->as.log.params_before + i, "key");
        st = mill_check_key(place, params[i].key, err);
        if (st == MILL_OK && mill_key_set_add(&keys, &params[i].key) != NULL)
            st = mill_place_fail(place, err,
                                 "'%.*s' is there twice in this batch; a param is written once",
                                 MILL_FMT(params[i].key));
        place.field = "value";
        if (st == MILL_OK)
            st = mill_check_text(place, params[i].value, SIZE_MAX, err);
        copy[i].key = params[i].key;
        copy[i].value =
            mill_utf8_prefix(mill_text_or_empty(params[i].value), MILL_MAX_PARAM_VALUE);
    }
    if (st == MILL_OK)
        change->as.log.params = copy;
    return st;
}

/* --- tags ------------------------------------------------------------------------------ */

static enum mill_status check_tag(const struct mill_change *change, size_t index,
                                  struct mill_error *err)
{
    const struct mill_tag *tag = &change->as.log.tags[index];
    enum mill_status st = mill_check_key(
        place_in(change, "tags", change->as.log.tags_before + index, "key"), tag->key, err);
    if (st != MILL_OK)
        return st;
    bool is_name = mill_view_eq(tag->key, MILL_VIEW("mlflow.runName"));
    return mill_check_text(
        place_in(change, "tags", change->as.log.tags_before + index, "value"), tag->value,
        is_name ? MILL_MAX_RUN_NAME : SIZE_MAX, err);
}

/* Of a key that comes several times the last value counts, in the place of the first. */
static enum mill_status check_tags(struct mill_change *change, struct mill_arena *arena,
                                   struct mill_error *err)
{
    size_t count = change->as.log.tag_count, kept = 0;
    const struct mill_tag *tags = change->as.log.tags;
    struct mill_key_set keys;
    if (count == 0)
        return MILL_OK;
    struct mill_tag *copy = mill_arena_zero(arena, count, sizeof(*copy));
    if (copy == NULL)
        return mill_check_nomem(err);
    enum mill_status st = mill_key_set_init(&keys, count, arena, err);
    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        st = check_tag(change, i, err);
        if (st != MILL_OK)
            break;
        struct mill_tag *tag = &copy[kept];
        tag->key = tags[i].key;
        const struct mill_view *earlier = mill_key_set_add(&keys, &tag->key);
        if (earlier == NULL) {
            kept++;
        } else {
            for (tag = copy; &tag->key != earlier;)
                tag++;
        }
        tag->value =
            mill_utf8_prefix(mill_text_or_empty(tags[i].value), MILL_MAX_RUN_TAG_VALUE);
    }
    if (st == MILL_OK) {
        change->as.log.tags = copy;
        change->as.log.tag_count = kept;
    }
    return st;
}

enum mill_status mill_check_log(struct mill_change *change, struct mill_arena *arena,
                                struct mill_error *err)
{
    bool batch = change->as.log.source == MILL_LOG_FROM_BATCH;
    enum mill_status st = batch ? mill_check_run_id_form(change->as.log.run_id, err)
                                : mill_check_run_id(change->as.log.run_id, err);
    if (st == MILL_OK)
        st = check_counts(change, err);
    if (st == MILL_OK)
        st = check_metrics(change, arena, err);
    if (st == MILL_OK)
        st = check_params(change, arena, err);
    if (st == MILL_OK)
        st = check_tags(change, arena, err);
    return st;
}
