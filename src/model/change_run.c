/* change_run.c - checks of a run's creation and update; gives a run its name. */
#include <assert.h>

#include "base/view.h"
#include "model/check.h"
#include "model/limits.h"
#include "model/run_name.h"

#define NAME_TAG MILL_VIEW("mlflow.runName")

/* Keys are free here, as in MLflow: the grammar of keys belongs to the later calls. */
static enum mill_status check_tag(struct mill_tag *tag, size_t index, struct mill_error *err)
{
    struct mill_place place = {"tags", index, "key"};
    enum mill_status st = mill_check_required(place, tag->key, MILL_MAX_KEY, err);
    if (st != MILL_OK)
        return st;
    place.field = "value";
    st = mill_check_text(place, tag->value, SIZE_MAX, err);
    tag->value = mill_utf8_prefix(mill_text_or_empty(tag->value), MILL_MAX_RUN_TAG_VALUE);
    return st;
}

/* Copies the tags, with room for one more, checks them and finds the one that is the name. */
static enum mill_status copy_tags(const struct mill_change *change, struct mill_arena *arena,
                                  struct mill_tag **copy_out, struct mill_tag **name_out,
                                  struct mill_error *err)
{
    size_t count = change->as.create_run.tag_count;
    struct mill_key_set keys;
    struct mill_tag *copy = mill_arena_zero(arena, count + 1, sizeof(*copy));
    if (copy == NULL)
        return mill_check_nomem(err);
    enum mill_status st = mill_key_set_init(&keys, count, arena, err);
    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        copy[i] = change->as.create_run.tags[i];
        st = check_tag(&copy[i], i, err);
        if (st == MILL_OK && mill_key_set_add(&keys, &copy[i].key) != NULL)
            return mill_fail(err, MILL_E_BAD_REQUEST,
                             "tags[%zu].key '%.*s' is there twice; name each tag once", i,
                             MILL_FMT(copy[i].key));
        if (mill_view_eq(copy[i].key, NAME_TAG))
            *name_out = &copy[i];
    }
    if (st == MILL_OK)
        *copy_out = copy;
    return st;
}

/* The name from the argument, the tag or chance; both given must agree. */
static enum mill_status choose_name(struct mill_view given, const struct mill_tag *tag,
                                    struct mill_arena *arena, struct mill_view *out,
                                    struct mill_error *err)
{
    if (given.len > 0 && tag != NULL && tag->value.len > 0 && !mill_view_eq(given, tag->value))
        return mill_fail(
            err, MILL_E_INVALID,
            "run_name '%.*s' and the tag mlflow.runName '%.*s' differ; give one of "
            "them, or both the same",
            MILL_FMT(mill_quoted(given)), MILL_FMT(mill_quoted(tag->value)));
    struct mill_view name = given;
    if (name.len == 0 && tag != NULL)
        name = tag->value;
    if (name.len == 0)
        name = mill_run_name_generate(arena);
    if (name.ptr == NULL)
        return mill_check_nomem(err);
    *out = name;
    return mill_check_text(mill_place_of("run_name"), name, MILL_MAX_RUN_NAME, err);
}

static enum mill_status name_run(struct mill_change *change, struct mill_arena *arena,
                                 struct mill_error *err)
{
    size_t count = change->as.create_run.tag_count;
    struct mill_tag *tags = NULL, *name_tag = NULL;
    struct mill_view name = {NULL, 0};
    enum mill_status st = copy_tags(change, arena, &tags, &name_tag, err);
    if (st == MILL_OK)
        st = choose_name(change->as.create_run.run_name, name_tag, arena, &name, err);
    if (st != MILL_OK)
        return st;
    assert(tags != NULL);
    if (name_tag == NULL) {
        name_tag = &tags[count++];
        name_tag->key = NAME_TAG;
    }
    name_tag->value = name;
    change->as.create_run.run_name = name;
    change->as.create_run.tags = tags;
    change->as.create_run.tag_count = count;
    return MILL_OK;
}

enum mill_status mill_check_create_run(struct mill_change *change, struct mill_arena *arena,
                                       struct mill_error *err)
{
    enum mill_status st = mill_check_count("tags", change->as.create_run.tag_count,
                                           MILL_MAX_TAGS_AT_CREATION, err);
    if (st == MILL_OK)
        st = mill_check_run_id_form(change->as.create_run.run_id, err);
    if (st == MILL_OK)
        st = mill_check_given("tags", change->as.create_run.tags,
                              change->as.create_run.tag_count, err);
    if (st == MILL_OK)
        st = mill_check_text(mill_place_of("run_name"), change->as.create_run.run_name,
                             MILL_MAX_RUN_NAME, err);
    if (st == MILL_OK)
        st = mill_check_text(mill_place_of("user_id"), change->as.create_run.user_id,
                             MILL_MAX_USER_ID, err);
    if (st == MILL_OK)
        st = name_run(change, arena, err);
    if (st != MILL_OK)
        return st;
    change->as.create_run.user_id = mill_text_or_empty(change->as.create_run.user_id);
    if (change->as.create_run.start_time == MILL_ABSENT)
        change->as.create_run.start_time = 0;
    if (change->as.create_run.experiment_id == MILL_ABSENT)
        change->as.create_run.experiment_id = 0;
    return MILL_OK;
}

enum mill_status mill_check_update_run(struct mill_change *change, struct mill_arena *arena,
                                       struct mill_error *err)
{
    (void)arena;
    enum mill_run_status status = change->as.update_run.status;
    enum mill_status st = mill_check_run_id(change->as.update_run.run_id, err);
    if (st != MILL_OK)
        return st;
    if (status != 0 && mill_run_status_name(status)[0] == '\0')
        return mill_fail(err, MILL_E_INVALID,
                         "status %d is unknown; use RUNNING, SCHEDULED, FINISHED, FAILED or "
                         "KILLED",
                         (int)status);
    return mill_check_text(mill_place_of("run_name"), change->as.update_run.run_name,
                           MILL_MAX_RUN_NAME, err);
}
