/* change_logged_model.c - checks of logged models: names, params and tags. */
#include "base/view.h"
#include "model/check.h"
#include "model/limits.h"
#include "model/run_name.h"

static enum mill_status check_model_id(struct mill_view model_id, struct mill_error *err)
{
    return mill_check_required(mill_place_of("model_id"), model_id, MILL_MAX_MODEL_ID, err);
}

/* The name is part of the path that a model is loaded by. */
static enum mill_status check_name(struct mill_view name, struct mill_error *err)
{
    static const char forbidden[] = "/:.%\"'";
    enum mill_status st =
        mill_check_text(mill_place_of("name"), name, MILL_MAX_LOGGED_MODEL_NAME, err);
    for (size_t i = 0; st == MILL_OK && i < name.len; i++)
        if (name.ptr[i] != '\0' && strchr(forbidden, name.ptr[i]) != NULL)
            st = mill_fail(err, MILL_E_INVALID,
                           "name: '%.*s' has a '%c'; a model's name has none of / : . %% \" '",
                           MILL_FMT(mill_quoted(name)), name.ptr[i]);
    return st;
}

/* One key and its text; absent text becomes empty. */
static enum mill_status check_item(const char *list, size_t index, struct mill_tag *item,
                                   struct mill_error *err)
{
    struct mill_place place = {list, index, "key"};
    enum mill_status st = mill_check_required(place, item->key, MILL_MAX_LOGGED_MODEL_KEY, err);
    place.field = "value";
    if (st == MILL_OK)
        st = mill_check_text(place, item->value, SIZE_MAX, err);
    if (st == MILL_OK && item->value.len > MILL_MAX_LOGGED_MODEL_TEXT)
        st = mill_place_fail(place, err, "has %zu bytes; at most %d are allowed",
                             item->value.len, MILL_MAX_LOGGED_MODEL_TEXT);
    item->value = mill_text_or_empty(item->value);
    return st;
}

static enum mill_status check_count(const char *list, size_t count, struct mill_error *err)
{
    if (count <= MILL_MAX_LOGGED_MODEL_ITEMS)
        return MILL_OK;
    return mill_fail(err, MILL_E_INVALID,
                     "%s has %zu items; at most %d are allowed in one call: send several", list,
                     count, MILL_MAX_LOGGED_MODEL_ITEMS);
}

/* Copies a list whose keys have to differ. */
static enum mill_status check_distinct(const char *list, const struct mill_tag *items,
                                       size_t count, struct mill_arena *arena,
                                       const struct mill_tag **out, struct mill_error *err)
{
    struct mill_key_set keys;
    enum mill_status st = check_count(list, count, err);
    if (st != MILL_OK || count == 0)
        return st;
    struct mill_tag *copy = mill_arena_zero(arena, count, sizeof(*copy));
    if (copy == NULL)
        return mill_check_nomem(err);
    st = mill_key_set_init(&keys, count, arena, err);
    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        copy[i] = items[i];
        st = check_item(list, i, &copy[i], err);
        if (st == MILL_OK && mill_key_set_add(&keys, &copy[i].key) != NULL)
            st = mill_fail(err, MILL_E_BAD_REQUEST,
                           "%s[%zu].key '%.*s' is there twice; name each key once", list, i,
                           MILL_FMT(copy[i].key));
    }
    if (st == MILL_OK)
        *out = copy;
    return st;
}

/* A param has the shape of a tag. */
static enum mill_status check_params(const struct mill_param **params, size_t count,
                                     struct mill_arena *arena, struct mill_error *err)
{
    const struct mill_tag *copy = (const struct mill_tag *)*params;
    enum mill_status st = check_distinct("params", copy, count, arena, &copy, err);
    *params = (const struct mill_param *)copy;
    return st;
}

enum mill_status mill_check_create_logged_model(struct mill_change *change,
                                                struct mill_arena *arena,
                                                struct mill_error *err)
{
    enum mill_status st =
        mill_check_experiment_id(change->as.create_logged_model.experiment_id, err);
    if (st == MILL_OK)
        st = check_model_id(change->as.create_logged_model.model_id, err);
    if (st == MILL_OK)
        st = check_name(change->as.create_logged_model.name, err);
    if (st == MILL_OK && change->as.create_logged_model.name.len == 0) {
        change->as.create_logged_model.name = mill_run_name_generate(arena);
        if (change->as.create_logged_model.name.ptr == NULL)
            st = mill_check_nomem(err);
    }
    if (st == MILL_OK)
        st = mill_check_text(mill_place_of("model_type"),
                             change->as.create_logged_model.model_type,
                             MILL_MAX_LOGGED_MODEL_NAME, err);
    if (st == MILL_OK)
        st =
            mill_check_text(mill_place_of("source_run_id"),
                            change->as.create_logged_model.source_run_id, MILL_MAX_RUN_ID, err);
    if (st == MILL_OK)
        st = check_params(&change->as.create_logged_model.params,
                          change->as.create_logged_model.param_count, arena, err);
    if (st == MILL_OK)
        st = check_distinct("tags", change->as.create_logged_model.tags,
                            change->as.create_logged_model.tag_count, arena,
                            &change->as.create_logged_model.tags, err);
    change->as.create_logged_model.model_type =
        mill_text_or_empty(change->as.create_logged_model.model_type);
    change->as.create_logged_model.source_run_id =
        mill_text_or_empty(change->as.create_logged_model.source_run_id);
    return st;
}

enum mill_status mill_check_finalize_logged_model(struct mill_change *change,
                                                  struct mill_arena *arena,
                                                  struct mill_error *err)
{
    (void)arena;
    enum mill_logged_model_status status = change->as.finalize_logged_model.status;
    enum mill_status st = check_model_id(change->as.finalize_logged_model.model_id, err);
    if (st == MILL_OK &&
        (status < MILL_LOGGED_MODEL_PENDING || status > MILL_LOGGED_MODEL_UPLOAD_FAILED))
        st = mill_fail(err, MILL_E_INVALID, "status: a model cannot get the status %d",
                       (int)status);
    return st;
}

enum mill_status mill_check_delete_logged_model(struct mill_change *change,
                                                struct mill_arena *arena,
                                                struct mill_error *err)
{
    (void)arena;
    return check_model_id(change->as.logged_model.model_id, err);
}

/* Of a key that comes several times the last value counts. */
enum mill_status mill_check_tag_logged_model(struct mill_change *change,
                                             struct mill_arena *arena, struct mill_error *err)
{
    size_t count = change->as.logged_model_tags.tag_count, kept = 0;
    struct mill_key_set keys;
    enum mill_status st = check_model_id(change->as.logged_model_tags.model_id, err);
    if (st == MILL_OK)
        st = check_count("tags", count, err);
    if (st != MILL_OK || count == 0)
        return st;
    struct mill_tag *copy = mill_arena_zero(arena, count, sizeof(*copy));
    if (copy == NULL)
        return mill_check_nomem(err);
    st = mill_key_set_init(&keys, count, arena, err);
    for (size_t i = count; st == MILL_OK && i > 0; i--) {
        copy[kept] = change->as.logged_model_tags.tags[i - 1];
        st = check_item("tags", i - 1, &copy[kept], err);
        if (st == MILL_OK && mill_key_set_add(&keys, &copy[kept].key) == NULL)
            kept++;
    }
    if (st == MILL_OK) {
        change->as.logged_model_tags.tags = copy;
        change->as.logged_model_tags.tag_count = kept;
    }
    return st;
}

enum mill_status mill_check_untag_logged_model(struct mill_change *change,
                                               struct mill_arena *arena, struct mill_error *err)
{
    (void)arena;
    enum mill_status st = check_model_id(change->as.logged_model_tag.model_id, err);
    if (st == MILL_OK)
        st = mill_check_required(mill_place_of("tag_key"), change->as.logged_model_tag.key,
                                 MILL_MAX_LOGGED_MODEL_KEY, err);
    return st;
}

enum mill_status mill_check_log_model_params(struct mill_change *change,
                                             struct mill_arena *arena, struct mill_error *err)
{
    enum mill_status st = check_model_id(change->as.logged_model_params.model_id, err);
    if (st == MILL_OK)
        st = check_params(&change->as.logged_model_params.params,
                          change->as.logged_model_params.param_count, arena, err);
    return st;
}
