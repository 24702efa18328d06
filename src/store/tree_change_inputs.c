/* tree_change_inputs.c - what a run of a tree read and made: files that stand for datasets and
 * models, named as MLflow names them, so that the same thing is written once. */
#include <openssl/evp.h>

#include "base/alloc.h"
#include "base/view.h"
#include "store/tree.h"

/* The MD5 of two texts one after the other, as 32 hex digits. */
static bool digest(struct mill_view first, struct mill_view second, char out[33])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_MD_CTX *md5 = EVP_MD_CTX_new();
    bool made = md5 != NULL && EVP_DigestInit_ex(md5, EVP_md5(), NULL) == 1 &&
                EVP_DigestUpdate(md5, first.ptr, first.len) == 1 &&
                EVP_DigestUpdate(md5, second.ptr, second.len) == 1 &&
                EVP_DigestFinal_ex(md5, bytes, &size) == 1 && size == 16;
    EVP_MD_CTX_free(md5);
    for (size_t i = 0; made && i < 16; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[32] = '\0';
    return made;
}

/* Writes a map to FOLDER/ID/meta.yaml. What is there stays, unless again. */
static enum mill_status write_once(struct mill_tree_change *c, const struct mill_tree_dir *dir,
                                   const char *folder, struct mill_view id,
                                   const struct mill_yaml *meta, bool again)
{
    struct mill_view path =
        mill_arena_printf(&c->scratch, "%s/%.*s/" MILL_TREE_META, folder, MILL_FMT(id));
    struct mill_error why;
    if (path.ptr == NULL || meta == NULL)
        return mill_no_memory(c->err);
    c->bytes.len = 0;
    enum mill_status st = mill_yaml_write(meta, &c->bytes, &why);
    if (st != MILL_OK)
        return mill_tree_blame(dir, path.ptr, st, &why, c->err);
    if (again)
        return mill_tree_replace(dir, path.ptr, mill_buf_view(&c->bytes), &c->store->sync,
                                 c->err);
    st = mill_tree_create(dir, path.ptr, mill_buf_view(&c->bytes), &c->store->sync, c->err);
    return st == MILL_E_EXISTS ? MILL_OK : st;
}

static enum mill_status write_input(struct mill_tree_change *c,
                                    const struct mill_tree_folder *run,
                                    const struct mill_tree_link *link)
{
    char id[33];
    if (!digest(link->id, c->change->as.inputs.run_id, id))
        return mill_fail(c->err, MILL_E_UNSUPPORTED, "MD5 is not available here");
    return write_once(c, &run->dir, "inputs", mill_view_of(id),
                      mill_tree_meta_new_link(&c->scratch, link), false);
}

static enum mill_status log_dataset(struct mill_tree_change *c,
                                    const struct mill_tree_folder *experiment,
                                    const struct mill_tree_folder *run,
                                    const struct mill_dataset_input *input)
{
    char id[33];
    if (!digest(input->dataset.name, input->dataset.digest, id))
        return mill_fail(c->err, MILL_E_UNSUPPORTED, "MD5 is not available here");
    enum mill_status st =
        write_once(c, &experiment->dir, "datasets", mill_view_of(id),
                   mill_tree_meta_new_dataset(&c->scratch, &input->dataset), false);
    struct mill_tree_link link = {.kind = MILL_TREE_LINK_DATASET,
                                  .id = mill_view_of(id),
                                  .tags = input->tags,
                                  .tag_count = input->tag_count};
    return st == MILL_OK ? write_input(c, run, &link) : st;
}

static enum mill_status log_inputs(struct mill_tree_change *c,
                                   const struct mill_tree_folder *run)
{
    struct mill_tree_folder experiment;
    enum mill_status st = mill_tree_lock(&run->dir, c->err);
    if (st == MILL_OK)
        st = mill_tree_open_experiment(c->store, run->experiment_id, &experiment, c->err);
    if (st != MILL_OK)
        return st;
    for (size_t i = 0; st == MILL_OK && i < c->change->as.inputs.dataset_count; i++)
        st = log_dataset(c, &experiment, run, &c->change->as.inputs.datasets[i]);
    for (size_t i = 0; st == MILL_OK && i < c->change->as.inputs.model_count; i++) {
        struct mill_tree_link link = {.kind = MILL_TREE_LINK_MODEL,
                                      .id = c->change->as.inputs.models[i].model_id};
        st = write_input(c, run, &link);
    }
    mill_tree_close(&experiment.dir);
    return st;
}

enum mill_status mill_tree_log_inputs(struct mill_tree_change *c)
{
    struct mill_tree_folder folder;
    struct mill_tree_place place;
    enum mill_status st = mill_tree_open_active_run(c->store, c->change->as.inputs.run_id,
                                                    &folder, &place, c->err);
    if (st != MILL_OK)
        return st;
    c->outcome->experiment_id = folder.experiment_id;
    st = log_inputs(c, &folder);
    mill_tree_close(&folder.dir);
    return st;
}

static enum mill_status log_outputs(struct mill_tree_change *c,
                                    const struct mill_tree_folder *run)
{
    enum mill_status st = mill_tree_lock(&run->dir, c->err);
    for (size_t i = 0; st == MILL_OK && i < c->change->as.outputs.model_count; i++) {
        const struct mill_model_output *model = &c->change->as.outputs.models[i];
        struct mill_tree_link link = {.kind = MILL_TREE_LINK_OUTPUT,
                                      .id = model->model_id,
                                      .step = model->step != MILL_ABSENT ? model->step : 0};
        if (mill_tree_name_problem(link.id) != NULL ||
            memchr(link.id.ptr, '/', link.id.len) != NULL)
            st = mill_fail(c->err, MILL_E_INVALID,
                           "models[%zu].model_id cannot be a file's name", i);
        else
            st = write_once(c, &run->dir, "outputs", link.id,
                            mill_tree_meta_new_link(&c->scratch, &link), true);
    }
    return st;
}

enum mill_status mill_tree_log_outputs(struct mill_tree_change *c)
{
    struct mill_tree_folder folder;
    struct mill_tree_place place;
    enum mill_status st = mill_tree_open_active_run(c->store, c->change->as.outputs.run_id,
                                                    &folder, &place, c->err);
    if (st != MILL_OK)
        return st;
    c->outcome->experiment_id = folder.experiment_id;
    st = log_outputs(c, &folder);
    mill_tree_close(&folder.dir);
    return st;
}
