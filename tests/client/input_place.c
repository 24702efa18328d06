/* input_place.c - see input.h: what the calls work on, and what it looks like. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input.h"

static bool write_file(const char *path)
{
    FILE *file = fopen(path, "w");
    return file != NULL && fputs("content", file) >= 0 && fclose(file) == 0;
}

enum mill_status input_open(struct input *in, struct mill_error *err)
{
    struct mill_client_options options = {
        .size = sizeof(options), .create = true, .artifacts_destination = mill_text("stored")};
    return mill_client_open(in->uri, &options, &in->client, err);
}

static bool has_registry(const struct input *in)
{
    return strstr(in->kind, "tree") == NULL;
}

/* A logged model with a file, whose id goes into *in. */
static enum mill_status make_logged_model(struct input *in, struct mill_error *err)
{
    struct mill_new_logged_model model = {
        .size = sizeof(model), .experiment_id = in->experiment_id, .name = mill_text("logged")};
    struct mill_logged_model_list *list = NULL;
    enum mill_status st = mill_client_create_logged_model(in->client, &model, &list, err);
    if (st != MILL_OK)
        return st;
    struct mill_view id = list->items[0]->model_id;
    snprintf(in->logged_model_text, sizeof(in->logged_model_text), "%.*s", (int)id.len, id.ptr);
    in->logged_model = mill_text(in->logged_model_text);
    mill_logged_model_list_free(list);
    struct mill_tag tag = {mill_text("m"), mill_text("v")};
    st = mill_client_set_logged_model_tags(in->client, in->logged_model, &tag, 1, err);
    return st == MILL_OK ? mill_client_log_logged_model_artifact(in->client, in->logged_model,
                                                                 mill_text("input-file"),
                                                                 mill_text(NULL), NULL, err)
                         : st;
}

static enum mill_status stock_prompt(struct input *in, struct mill_error *err)
{
    struct mill_view name = mill_text(INPUT_PROMPT);
    struct mill_new_prompt prompt = {
        .size = sizeof(prompt), .name = name, .text = mill_text("Hello {{name}}")};
    enum mill_status st =
        mill_client_register_prompt(in->client, &prompt, &in->prompt_version, err);
    return st == MILL_OK
               ? mill_client_set_prompt_alias(in->client, name, mill_text(INPUT_ALIAS),
                                              in->prompt_version, err)
               : st;
}

static enum mill_status stock_dataset(struct input *in, struct mill_error *err)
{
    struct mill_eval_dataset_list *list = NULL;
    struct mill_new_eval_dataset dataset = {.size = sizeof(dataset), .name = mill_text("qa")};
    enum mill_status st = mill_client_create_eval_dataset(in->client, &dataset, &list, err);
    if (st != MILL_OK)
        return st;
    struct mill_view id = list->items[0]->dataset_id;
    snprintf(in->dataset_id_text, sizeof(in->dataset_id_text), "%.*s", (int)id.len, id.ptr);
    mill_eval_dataset_list_free(list);
    return MILL_OK;
}

enum mill_status input_stock(struct input *in, struct mill_error *err)
{
    struct mill_view name = mill_text(INPUT_MODEL);
    struct mill_new_version version = {
        .size = sizeof(version), .name = name, .source = mill_text("s3://bucket/model")};
    if (!has_registry(in))
        return MILL_OK;
    enum mill_status st =
        mill_client_create_model(in->client, name, mill_text(NULL), NULL, 0, err);
    if (st == MILL_OK || st == MILL_E_EXISTS)
        st = mill_client_create_version(in->client, &version, &in->version, err);
    if (st == MILL_OK)
        st = mill_client_set_model_alias(in->client, name, mill_text(INPUT_ALIAS), in->version,
                                         err);
    if (st == MILL_OK)
        st = make_logged_model(in, err);
    if (st == MILL_OK)
        st = stock_prompt(in, err);
    return st == MILL_OK ? stock_dataset(in, err) : st;
}

enum mill_status input_prepare(struct input *in, const char *uri, struct mill_error *err)
{
    struct mill_run_list *list = NULL;
    in->uri = mill_text(uri);
    if (mkdir("input-directory", 0777) != 0 || !write_file("input-file") ||
        !write_file("input-directory/file"))
        return mill_fail(err, MILL_E_IO, "cannot make local files");
    snprintf(in->name, sizeof(in->name), "%sinput %d",
             strcmp(in->kind, "databricks") == 0 ? "/Shared/" : "", (int)getpid());
    enum mill_status st = input_open(in, err);
    if (st == MILL_OK)
        st = mill_client_create_experiment(in->client, mill_text(in->name), mill_text(NULL),
                                           NULL, 0, &in->experiment_id, err);
    struct mill_new_run run = {.size = sizeof(run), .experiment_id = in->experiment_id};
    if (st == MILL_OK)
        st = mill_client_create_run(in->client, &run, &list, err);
    if (st != MILL_OK)
        return st;
    struct mill_view id = list->items[0]->info.run_id;
    snprintf(in->run_id_text, sizeof(in->run_id_text), "%.*s", (int)id.len, id.ptr);
    in->run_id = mill_text(in->run_id_text);
    snprintf(in->run_files_text, sizeof(in->run_files_text), "runs:/%s", in->run_id_text);
    mill_run_list_free(list);
    struct mill_logger_options logging = {.size = sizeof(logging),
                                          .tracking_uri = in->uri,
                                          .mode = MILL_MODE_OFFLINE,
                                          .spool = mill_text("input-spool"),
                                          .run_id = in->run_id};
    st = mill_logger_open(&logging, &in->logger, err);
    if (st == MILL_OK)
        st = input_stock(in, err);
    return st == MILL_OK
               ? mill_client_log_metric(in->client, in->run_id, mill_text("m"), 1, 1, 1, err)
               : st;
}

/* --- what the store looks like --------------------------------------------------------- */

static void show_view(FILE *out, struct mill_view view)
{
    fprintf(out, " %zu:", view.len);
    fwrite(view.ptr != NULL ? view.ptr : "", 1, view.len, out);
}

static void show_tags(FILE *out, const struct mill_tag *tags, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        show_view(out, tags[i].key);
        show_view(out, tags[i].value);
    }
}

static enum mill_status show_experiments(FILE *out, const struct input *in,
                                         struct mill_error *err)
{
    struct mill_experiment_list *list = NULL;
    enum mill_status st = mill_client_list_experiments(in->client, MILL_VIEW_ALL, &list, err);
    if (st != MILL_OK)
        return st;
    for (size_t i = 0; i < list->count; i++) {
        const struct mill_experiment *e = list->items[i];
        fprintf(out, "\nexperiment %lld %d %lld", (long long)e->experiment_id,
                (int)e->lifecycle_stage, (long long)e->last_update_time);
        show_view(out, e->name);
        show_view(out, e->artifact_location);
        show_tags(out, e->tags, e->tag_count);
    }
    mill_experiment_list_free(list);
    return MILL_OK;
}

static enum mill_status show_versions(FILE *out, const struct input *in, struct mill_error *err)
{
    struct mill_version_list *list = NULL;
    enum mill_status st = mill_client_search_versions(in->client, NULL, &list, err);
    if (st != MILL_OK)
        return st;
    for (size_t i = 0; i < list->count; i++) {
        const struct mill_model_version *v = list->items[i];
        fprintf(out, "\nversion %lld %d %zu", (long long)v->version, (int)v->current_stage,
                v->alias_count);
        show_view(out, v->name);
        show_view(out, v->description);
        show_tags(out, v->tags, v->tag_count);
    }
    mill_version_list_free(list);
    return MILL_OK;
}

/* A prompt is a model without more to see than that. */
static enum mill_status show_prompts(FILE *out, const struct input *in, struct mill_error *err)
{
    struct mill_prompt_list *list = NULL;
    enum mill_status st = mill_client_search_prompts(in->client, NULL, &list, err);
    for (size_t i = 0; st == MILL_OK && i < list->count; i++) {
        fprintf(out, "\nprompt %lld %zu", (long long)list->items[i]->latest_version,
                list->items[i]->alias_count);
        show_view(out, list->items[i]->name);
        show_tags(out, list->items[i]->tags, list->items[i]->tag_count);
    }
    mill_prompt_list_free(list);
    return st;
}

static enum mill_status show_datasets(FILE *out, const struct input *in, struct mill_error *err)
{
    struct mill_eval_dataset_list *list = NULL;
    enum mill_status st = mill_client_search_eval_datasets(in->client, NULL, &list, err);
    for (size_t i = 0; st == MILL_OK && i < list->count; i++) {
        fprintf(out, "\ndataset");
        show_view(out, list->items[i]->dataset_id);
        show_view(out, list->items[i]->digest);
        show_tags(out, list->items[i]->tags, list->items[i]->tag_count);
    }
    mill_eval_dataset_list_free(list);
    return st;
}

static enum mill_status show_models(FILE *out, const struct input *in, struct mill_error *err)
{
    struct mill_model_list *list = NULL;
    if (!has_registry(in))
        return MILL_OK;
    enum mill_status st = mill_client_search_models(in->client, NULL, &list, err);
    if (st != MILL_OK)
        return st;
    for (size_t i = 0; i < list->count; i++) {
        const struct mill_registered_model *m = list->items[i];
        fprintf(out, "\nmodel %zu", m->alias_count);
        show_view(out, m->name);
        show_view(out, m->description);
        show_tags(out, m->tags, m->tag_count);
    }
    mill_model_list_free(list);
    st = show_versions(out, in, err);
    if (st == MILL_OK)
        st = show_prompts(out, in, err);
    return st == MILL_OK ? show_datasets(out, in, err) : st;
}

static enum mill_status show_logged_models(FILE *out, const struct input *in,
                                           struct mill_error *err)
{
    struct mill_logged_model_list *list = NULL;
    struct mill_logged_model_query query = {
        .size = sizeof(query), .experiment_ids = &in->experiment_id, .experiment_count = 1};
    if (!has_registry(in))
        return MILL_OK;
    enum mill_status st = mill_client_search_logged_models(in->client, &query, &list, err);
    if (st != MILL_OK)
        return st;
    for (size_t i = 0; i < list->count; i++) {
        const struct mill_logged_model *m = list->items[i];
        fprintf(out, "\nlogged model %d %zu metrics", (int)m->status, m->metric_count);
        show_view(out, m->name);
        show_view(out, m->model_id);
        show_tags(out, m->tags, m->tag_count);
        show_tags(out, (const struct mill_tag *)m->params, m->param_count);
    }
    mill_logged_model_list_free(list);
    return MILL_OK;
}

static void show_run(FILE *out, const struct mill_run *run)
{
    fprintf(out, "\nrun %d %d %lld %lld", (int)run->info.status, (int)run->info.lifecycle_stage,
            (long long)run->info.start_time, (long long)run->info.end_time);
    show_view(out, run->info.run_id);
    show_view(out, run->info.run_name);
    show_view(out, run->info.user_id);
    show_tags(out, run->tags, run->tag_count);
    for (size_t i = 0; i < run->metric_count; i++) {
        show_view(out, run->metrics[i].key);
        fprintf(out, " %g %lld %lld", run->metrics[i].value,
                (long long)run->metrics[i].timestamp, (long long)run->metrics[i].step);
    }
    for (size_t i = 0; i < run->param_count; i++) {
        show_view(out, run->params[i].key);
        show_view(out, run->params[i].value);
    }
    fprintf(out, " %zu datasets %zu models %zu outputs", run->dataset_input_count,
            run->model_input_count, run->model_output_count);
}

static enum mill_status show_runs(FILE *out, const struct input *in, struct mill_error *err)
{
    struct mill_run_list *list = NULL;
    enum mill_status st =
        mill_client_list_run_infos(in->client, in->experiment_id, MILL_VIEW_ALL, &list, err);
    for (size_t i = 0; st == MILL_OK && i < list->count; i++)
        show_run(out, list->items[i]);
    mill_run_list_free(list);
    return st;
}

/* The points and files of the run that calls work on. */
static enum mill_status show_more(FILE *out, const struct input *in, struct mill_error *err)
{
    struct mill_point_list *points = NULL;
    struct mill_file_list *files = NULL;
    enum mill_status st =
        mill_client_metric_history(in->client, in->run_id, mill_text("m"), &points, err);
    if (st == MILL_OK)
        fprintf(out, "\n%zu points", points->count);
    if (st == MILL_OK)
        st = mill_client_list_artifacts(in->client, in->run_id, mill_text(NULL), &files, err);
    for (size_t i = 0; st == MILL_OK && i < files->count; i++)
        show_view(out, files->items[i]->path);
    mill_point_list_free(points);
    mill_file_list_free(files);
    return st;
}

enum mill_status input_picture(const struct input *in, char **text_out, struct mill_error *err)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL)
        return mill_fail(err, MILL_E_NOMEM, "no memory for a picture");
    enum mill_status st = show_experiments(out, in, err);
    if (st == MILL_OK)
        st = show_runs(out, in, err);
    if (st == MILL_OK)
        st = show_more(out, in, err);
    if (st == MILL_OK)
        st = show_models(out, in, err);
    if (st == MILL_OK)
        st = show_logged_models(out, in, err);
    fclose(out);
    if (st == MILL_OK)
        *text_out = text;
    else
        free(text);
    return st;
}
