/* meta_yaml.c - meta.yaml files as anybody may leave them in a tree: the short cut agrees with
 * libyaml, what was read can be written and reads the same again, and every kind of file is
 * made something of or refused. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "store/tree_meta.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool count_tag(void *context, struct mill_view key, struct mill_view value)
{
    size_t *count = context;
    assert(key.len != 0 && value.ptr != NULL);
    (*count)++;
    return true;
}

static void read_as_everything(const struct mill_yaml *map, struct mill_arena *arena)
{
    struct mill_experiment experiment;
    struct mill_run_info run;
    struct mill_dataset dataset;
    struct mill_tree_link link;
    struct mill_error err;
    size_t tags = 0;
    if (mill_tree_meta_experiment(map, 0, &experiment, &err) == MILL_OK)
        assert(experiment.name.len != 0);
    if (mill_tree_meta_run(map, 0, MILL_VIEW("r"), &run, &err) == MILL_OK)
        assert(run.status >= MILL_RUN_RUNNING && run.status <= MILL_RUN_KILLED);
    if (mill_tree_meta_dataset(map, &dataset, &err) == MILL_OK)
        assert(dataset.name.len != 0);
    if (mill_tree_meta_link(map, arena, &link, &err) == MILL_OK)
        assert(link.id.len != 0);
    assert(mill_tree_meta_run_tags(map, count_tag, &tags));
}

static struct mill_view written(const struct mill_yaml *map, struct mill_arena *arena)
{
    struct mill_buf out = {0};
    struct mill_view text = {NULL, 0};
    if (mill_yaml_write(map, &out, NULL) == MILL_OK)
        text = mill_arena_copy(arena, mill_buf_view(&out));
    mill_buf_release(&out);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_arena arena = {0};
    struct mill_view text =
        mill_arena_copy(&arena, (struct mill_view){(const char *)data, size});
    struct mill_yaml *map, *any, *again;
    enum mill_status st = mill_yaml_read(text, &arena, &map, NULL);
    assert(st == mill_yaml_read_any(text, &arena, &any, NULL));
    if (st == MILL_OK) {
        struct mill_view first = written(map, &arena);
        assert(mill_view_eq(first, written(any, &arena)));
        if (first.ptr != NULL && mill_yaml_read(first, &arena, &again, NULL) == MILL_OK)
            assert(mill_view_eq(first, written(again, &arena)));
        read_as_everything(map, &arena);
    }
    mill_arena_release(&arena);
    return 0;
}
