/* change_inputs.c - checks of the datasets and models that a run read or made. */
#include "base/view.h"
#include "model/check.h"
#include "model/limits.h"

static enum mill_status check_dataset(const struct mill_dataset *dataset, size_t index,
                                      struct mill_error *err)
{
    const struct {
        const char *field;
        struct mill_view text;
        size_t max;
    } rules[] = {
        {"dataset.name", dataset->name, MILL_MAX_DATASET_NAME},
        {"dataset.digest", dataset->digest, MILL_MAX_DATASET_DIGEST},
        {"dataset.source_type", dataset->source_type, MILL_MAX_DATASET_SOURCE},
        {"dataset.source", dataset->source, MILL_MAX_DATASET_SOURCE},
        {"dataset.schema", dataset->schema, MILL_MAX_DATASET_SCHEMA},
        {"dataset.profile", dataset->profile, MILL_MAX_DATASET_PROFILE},
    };
    for (size_t i = 0; i < MILL_COUNT(rules); i++) {
        struct mill_place place = {"datasets", index, rules[i].field};
        enum mill_status st = mill_check_text(place, rules[i].text, rules[i].max, err);
        if (st != MILL_OK)
            return st;
    }
    return MILL_OK;
}

/* Fills what is not given and drops all but the last tag of a key. */
static enum mill_status copy_tags(struct mill_dataset_input *input, size_t index,
                                  struct mill_arena *arena, struct mill_error *err)
{
    size_t kept = 0;
    if (input->tag_count > MILL_MAX_TAGS_AT_CREATION)
        return mill_fail(err, MILL_E_INVALID,
                         "datasets[%zu].tags has %zu items; at most %d are allowed", index,
                         input->tag_count, MILL_MAX_TAGS_AT_CREATION);
    enum mill_status st = mill_check_given("datasets.tags", input->tags, input->tag_count, err);
    if (st != MILL_OK)
        return st;
    struct mill_tag *copy = mill_arena_zero(arena, input->tag_count + 1, sizeof(*copy));
    struct mill_key_set keys;
    if (copy == NULL)
        return mill_check_nomem(err);
    st = mill_key_set_init(&keys, input->tag_count, arena, err);
    for (size_t i = input->tag_count; st == MILL_OK && i > 0; i--) {
        const struct mill_tag *tag = &input->tags[i - 1];
        st = mill_check_text((struct mill_place){"datasets", index, "tags.key"}, tag->key,
                             MILL_MAX_INPUT_TAG_KEY, err);
        if (st == MILL_OK)
            st = mill_check_text((struct mill_place){"datasets", index, "tags.value"},
                                 tag->value, MILL_MAX_INPUT_TAG_VALUE, err);
        copy[kept] =
            (struct mill_tag){mill_text_or_empty(tag->key), mill_text_or_empty(tag->value)};
        if (st == MILL_OK && mill_key_set_add(&keys, &copy[kept].key) == NULL)
            kept++;
    }
    input->tags = copy;
    input->tag_count = kept;
    return st;
}

static bool same_dataset(const struct mill_dataset *a, const struct mill_dataset *b)
{
    return mill_view_eq(a->name, b->name) && mill_view_eq(a->digest, b->digest);
}

/* Of datasets with the same name and digest the first one counts. */
static bool is_repeat(const struct mill_dataset_input *inputs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (same_dataset(&inputs[i].dataset, &inputs[count].dataset))
            return true;
    return false;
}

static enum mill_status check_datasets(struct mill_change *change, struct mill_arena *arena,
                                       struct mill_error *err)
{
    size_t count = change->as.inputs.dataset_count, kept = 0;
    enum mill_status st = mill_check_count("datasets", count, MILL_MAX_DATASETS_PER_CALL, err);
    if (st == MILL_OK)
        st = mill_check_given("datasets", change->as.inputs.datasets, count, err);
    if (st != MILL_OK || count == 0)
        return st;
    struct mill_dataset_input *copy = mill_arena_zero(arena, count, sizeof(*copy));
    if (copy == NULL)
        return mill_check_nomem(err);
    for (size_t i = 0; i < count; i++) {
        struct mill_dataset_input *input = &copy[kept];
        *input = change->as.inputs.datasets[i];
        st = check_dataset(&input->dataset, i, err);
        if (st == MILL_OK)
            st = copy_tags(input, i, arena, err);
        if (st != MILL_OK)
            return st;
        input->dataset.name = mill_text_or_empty(input->dataset.name);
        input->dataset.digest = mill_text_or_empty(input->dataset.digest);
        input->dataset.source_type = mill_text_or_empty(input->dataset.source_type);
        input->dataset.source = mill_text_or_empty(input->dataset.source);
        if (!is_repeat(copy, kept))
            kept++;
    }
    change->as.inputs.datasets = copy;
    change->as.inputs.dataset_count = kept;
    return MILL_OK;
}

static enum mill_status check_models(const void *models, size_t count, struct mill_error *err)
{
    enum mill_status st = mill_check_count("models", count, MILL_MAX_MODELS_PER_CALL, err);
    return st == MILL_OK ? mill_check_given("models", models, count, err) : st;
}

enum mill_status mill_check_inputs(struct mill_change *change, struct mill_arena *arena,
                                   struct mill_error *err)
{
    enum mill_status st = mill_check_run_id_form(change->as.inputs.run_id, err);
    if (st == MILL_OK)
        st = check_datasets(change, arena, err);
    if (st == MILL_OK)
        st = check_models(change->as.inputs.models, change->as.inputs.model_count, err);
    for (size_t i = 0; st == MILL_OK && i < change->as.inputs.model_count; i++)
        st = mill_check_required((struct mill_place){"models", i, "model_id"},
                                 change->as.inputs.models[i].model_id, MILL_MAX_MODEL_ID, err);
    return st;
}

enum mill_status mill_check_outputs(struct mill_change *change, struct mill_arena *arena,
                                    struct mill_error *err)
{
    size_t count = change->as.outputs.model_count;
    enum mill_status st = mill_check_run_id(change->as.outputs.run_id, err);
    if (st == MILL_OK)
        st = check_models(change->as.outputs.models, count, err);
    if (st != MILL_OK || count == 0)
        return st;
    struct mill_model_output *copy = mill_arena_zero(arena, count, sizeof(*copy));
    if (copy == NULL)
        return mill_check_nomem(err);
    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        copy[i] = change->as.outputs.models[i];
        st = mill_check_required((struct mill_place){"models", i, "model_id"}, copy[i].model_id,
                                 MILL_MAX_MODEL_ID, err);
        if (copy[i].step == MILL_ABSENT)
            copy[i].step = 0;
    }
    if (st == MILL_OK)
        change->as.outputs.models = copy;
    return st;
}
