/* memory_links.c - inputs and outputs of runs of the memory store. */
#include "base/alloc.h"
#include "store/memory.h"

/* A copy of a list with room for more, in the scratch arena. */
static void *longer(struct memory_editing *e, const void *items, size_t count, size_t more,
                    size_t size)
{
    char *copy = mill_arena_zero(&e->scratch, count + more, size);
    if (copy != NULL && count != 0)
        memcpy(copy, items, count * size);
    return copy;
}

enum mill_status mill_memory_log_inputs(struct memory_store *m, const struct mill_change *c,
                                        struct mill_error *err)
{
    struct memory_editing e;
    enum mill_status st = mill_memory_edit(m, c->as.inputs.run_id, true, &e, err);
    if (st != MILL_OK)
        return mill_memory_edited(&e, st, err);
    struct mill_dataset_input *inputs =
        longer(&e, e.run.dataset_inputs, e.run.dataset_input_count, c->as.inputs.dataset_count,
               sizeof(*inputs));
    struct mill_model_input *models = longer(&e, e.run.model_inputs, e.run.model_input_count,
                                             c->as.inputs.model_count, sizeof(*models));
    if (inputs == NULL || models == NULL)
        return mill_memory_edited(&e, mill_no_memory(err), err);
    for (size_t i = 0; i < c->as.inputs.dataset_count; i++) {
        const struct mill_dataset_input *input = &c->as.inputs.datasets[i];
        size_t j = 0;
        while (j < e.run.dataset_input_count &&
               !(mill_view_eq(inputs[j].dataset.name, input->dataset.name) &&
                 mill_view_eq(inputs[j].dataset.digest, input->dataset.digest)))
            j++;
        if (j == e.run.dataset_input_count)
            inputs[e.run.dataset_input_count++] = *input;
    }
    for (size_t i = 0; i < c->as.inputs.model_count; i++) {
        size_t j = 0;
        while (j < e.run.model_input_count &&
               !mill_view_eq(models[j].model_id, c->as.inputs.models[i].model_id))
            j++;
        if (j == e.run.model_input_count)
            models[e.run.model_input_count++] = c->as.inputs.models[i];
    }
    e.run.dataset_inputs = inputs;
    e.run.model_inputs = models;
    return mill_memory_edited(&e, MILL_OK, err);
}

enum mill_status mill_memory_log_outputs(struct memory_store *m, const struct mill_change *c,
                                         struct mill_error *err)
{
    struct memory_editing e;
    enum mill_status st = mill_memory_edit(m, c->as.outputs.run_id, true, &e, err);
    if (st != MILL_OK)
        return mill_memory_edited(&e, st, err);
    struct mill_model_output *models = longer(&e, e.run.model_outputs, e.run.model_output_count,
                                              c->as.outputs.model_count, sizeof(*models));
    if (models == NULL)
        return mill_memory_edited(&e, mill_no_memory(err), err);
    for (size_t i = 0; i < c->as.outputs.model_count; i++) {
        struct mill_model_output model = c->as.outputs.models[i];
        if (model.step == MILL_ABSENT)
            model.step = 0;
        size_t j = 0;
        while (j < e.run.model_output_count &&
               !mill_view_eq(models[j].model_id, model.model_id))
            j++;
        models[j] = model;
        if (j == e.run.model_output_count)
            e.run.model_output_count++;
    }
    e.run.model_outputs = models;
    return mill_memory_edited(&e, MILL_OK, err);
}
