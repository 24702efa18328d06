/* conformance_models.c - what every store with a model registry promises, as tests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/view.h"
#include "conformance_models.h"
#include "model/limits.h"
#include "model/registry.h"
#include "store/model_source.h"

static const char *the_scheme, *the_directory;
static int next_file;

struct fixture {
    struct mill_store *store;
    struct mill_arena arena;
    char uri[200];
};

static struct mill_store *open_store(const char *uri)
{
    struct mill_store *store = NULL;
    struct mill_error err = {""};
    struct mill_store_options options = {.artifact_root = MILL_VIEW("mlflow-artifacts:/"),
                                         .synchronous = 2};
    if (mill_store_open(mill_view_of(uri), &options, &store, &err) != MILL_OK)
        fail_msg("cannot open %s: %s", uri, err.message);
    return store;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    snprintf(f->uri, sizeof(f->uri), "%s%s/models%d.db", the_scheme, the_directory,
             next_file++);
    f->store = open_store(f->uri);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    mill_store_close(f->store);
    mill_arena_release(&f->arena);
    free(f);
    return 0;
}

/* What is only in memory stays open. */
static void reopen(struct fixture *f)
{
    if (strcmp(the_scheme, "memory:") == 0)
        return;
    mill_store_close(f->store);
    f->store = open_store(f->uri);
}

/* --- doing things --- */

static struct mill_outcome apply(struct fixture *f, struct mill_change *change)
{
    struct mill_error err = {""};
    if (change->now_ms == 0)
        change->now_ms = 1000;
    struct mill_pending pending = {.change = change, .outcome.arena = &f->arena};
    struct mill_pending *list[] = {&pending};
    enum mill_status st = mill_change_check(change, &f->arena, &err);
    if (st != MILL_OK) {
        pending.outcome.status = st;
        pending.outcome.error = err;
        return pending.outcome;
    }
    assert_int_equal(mill_store_apply(f->store, list, 1, &err), MILL_OK);
    return pending.outcome;
}

static const struct mill_registered_model *create(struct fixture *f, const char *name)
{
    struct mill_change change = {.kind = MILL_CHANGE_CREATE_MODEL,
                                 .as.model.name = mill_view_of(name)};
    struct mill_outcome outcome = apply(f, &change);
    assert_int_equal(outcome.status, MILL_OK);
    return outcome.model;
}

static enum mill_status change_model(struct fixture *f, enum mill_change_kind kind,
                                     const char *name, const char *new_name, int64_t now)
{
    struct mill_change change = {
        .kind = kind,
        .now_ms = now,
        .as.model = {.name = mill_view_of(name), .new_name = mill_view_of(new_name)}};
    return apply(f, &change).status;
}

static const struct mill_model_version *add_version(struct fixture *f, const char *name,
                                                    const char *run_id, int64_t now)
{
    struct mill_change change = {.kind = MILL_CHANGE_CREATE_MODEL_VERSION,
                                 .now_ms = now,
                                 .as.model_version = {.name = mill_view_of(name),
                                                      .source = MILL_VIEW("s3://bucket/m"),
                                                      .run_id = mill_view_of(run_id)}};
    struct mill_outcome outcome = apply(f, &change);
    assert_int_equal(outcome.status, MILL_OK);
    return outcome.model_version;
}

static enum mill_status change_version(struct fixture *f, enum mill_change_kind kind,
                                       const char *name, int64_t version, enum mill_stage stage,
                                       int64_t now)
{
    struct mill_change change = {
        .kind = kind,
        .now_ms = now,
        .as.model_version = {.name = mill_view_of(name), .version = version, .stage = stage}};
    return apply(f, &change).status;
}

static enum mill_status change_tag(struct fixture *f, enum mill_change_kind kind,
                                   const char *name, int64_t version, const char *key,
                                   const char *value)
{
    struct mill_change change = {.kind = kind,
                                 .as.model_tag = {.name = mill_view_of(name),
                                                  .version = version,
                                                  .key = mill_view_of(key),
                                                  .value = mill_view_of(value)}};
    return apply(f, &change).status;
}

static enum mill_status change_alias(struct fixture *f, enum mill_change_kind kind,
                                     const char *name, const char *alias, int64_t version)
{
    struct mill_change change = {.kind = kind,
                                 .as.model_alias = {.name = mill_view_of(name),
                                                    .alias = mill_view_of(alias),
                                                    .version = version}};
    return apply(f, &change).status;
}

/* --- looking --- */

static struct mill_registered_model get(struct fixture *f, const char *name)
{
    struct mill_registered_model model = {0};
    assert_int_equal(
        mill_store_get_model(f->store, mill_view_of(name), &f->arena, &model, NULL), MILL_OK);
    return model;
}

static enum mill_status find_version(struct fixture *f, const char *name, int64_t version,
                                     const char *alias, struct mill_model_version *out)
{
    struct mill_version_ref ref = {mill_view_of(name), version, mill_view_of(alias)};
    return mill_store_get_model_version(f->store, &ref, &f->arena, out, NULL, NULL);
}

static struct mill_model_version get_version(struct fixture *f, const char *name,
                                             int64_t version)
{
    struct mill_model_version found = {0};
    assert_int_equal(find_version(f, name, version, NULL, &found), MILL_OK);
    return found;
}

static enum mill_status parse(struct fixture *f, enum mill_query_subject subject,
                              const char *filter, const char *order, struct mill_plan *plan)
{
    struct mill_view order_by = mill_view_of(order);
    struct mill_error err = {""};
    return mill_query_parse(subject, mill_view_of(filter), &order_by, order != NULL, &f->arena,
                            plan, &err);
}

/* The names that a search of models finds, "a b c", and "+" when there are more. */
static const char *models(struct fixture *f, const char *filter, const char *order,
                          int64_t offset, int64_t limit)
{
    static char text[1000];
    struct mill_plan plan;
    struct mill_model_page page = {0};
    struct mill_model_search search = {&plan, offset, limit};
    if (parse(f, MILL_QUERY_MODELS, filter, order, &plan) != MILL_OK ||
        mill_store_search_models(f->store, &search, &f->arena, &page, NULL) != MILL_OK)
        return "refused";
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < page.count; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s", i > 0 ? " " : "",
                                MILL_FMT(page.models[i].name));
    snprintf(text + len, sizeof(text) - len, "%s", page.more ? " +" : "");
    return text;
}

/* The versions that a search finds, "a/1 b/2", and "+" when there are more. */
static const char *versions(struct fixture *f, const char *filter, const char *order,
                            int64_t offset, int64_t limit)
{
    static char text[1000];
    struct mill_plan plan;
    struct mill_version_page page = {0};
    struct mill_model_search search = {&plan, offset, limit};
    if (parse(f, MILL_QUERY_MODEL_VERSIONS, filter, order, &plan) != MILL_OK ||
        mill_store_search_model_versions(f->store, &search, &page, NULL) != MILL_OK)
        return "refused";
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < page.count; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s/%lld", i > 0 ? " " : "",
                                MILL_FMT(page.versions[i]->name),
                                (long long)page.versions[i]->version);
    snprintf(text + len, sizeof(text) - len, "%s", page.more ? " +" : "");
    mill_held_release(&page.held);
    return text;
}

static void assert_text(struct mill_view text, const char *expected)
{
    if (expected == NULL) {
        assert_null(text.ptr);
        return;
    }
    assert_non_null(text.ptr);
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.ptr, expected, text.len);
}

/* --- models --- */

static void models_are_made_and_found(void **state)
{
    struct fixture *f = *state;
    struct mill_tag tags[] = {{MILL_VIEW("b"), MILL_VIEW("1")},
                              {MILL_VIEW("a"), MILL_VIEW("2")},
                              {MILL_VIEW("b"), MILL_VIEW("3")}};
    struct mill_change change = {.kind = MILL_CHANGE_CREATE_MODEL,
                                 .now_ms = 5,
                                 .as.model = {.name = MILL_VIEW("m"),
                                              .description = MILL_VIEW("what it is"),
                                              .tags = tags,
                                              .tag_count = 3}};
    const struct mill_registered_model *made = apply(f, &change).model;
    assert_text(made->name, "m");
    assert_int_equal(made->creation_timestamp, 5);
    assert_int_equal(made->last_updated_timestamp, 5);
    assert_text(made->description, "what it is");
    assert_int_equal(made->tag_count, 2);
    assert_int_equal(made->latest_version_count, 0);

    assert_int_equal(apply(f, &change).status, MILL_E_EXISTS);
    reopen(f);
    struct mill_registered_model model = get(f, "m");
    assert_text(model.tags[0].key, "a");
    assert_text(model.tags[1].value, "3"); /* of one key the last counts */
    assert_int_equal(model.alias_count, 0);
    assert_int_equal(
        mill_store_get_model(f->store, MILL_VIEW("other"), &f->arena, &model, NULL),
        MILL_E_NOT_FOUND);
    assert_int_equal(mill_store_get_model(f->store, MILL_VIEW("a/b"), &f->arena, &model, NULL),
                     MILL_E_INVALID);
    assert_int_equal(mill_store_get_model(f->store, MILL_VIEW(" "), &f->arena, &model, NULL),
                     MILL_E_INVALID);
}

static void descriptions_change(void **state)
{
    struct fixture *f = *state;
    create(f, "m");
    assert_text(get(f, "m").description, NULL);
    struct mill_change change = {
        .kind = MILL_CHANGE_UPDATE_MODEL,
        .now_ms = 2000,
        .as.model = {.name = MILL_VIEW("m"), .description = MILL_VIEW("new")}};
    assert_text(apply(f, &change).model->description, "new");
    assert_int_equal(get(f, "m").last_updated_timestamp, 2000);
    change.as.model.description = MILL_VIEW("");
    assert_text(apply(f, &change).model->description, NULL);
    assert_int_equal(get(f, "m").creation_timestamp, 1000);
    change.as.model.name = MILL_VIEW("other");
    assert_int_equal(apply(f, &change).status, MILL_E_NOT_FOUND);
}

static void renaming_takes_everything_along(void **state)
{
    struct fixture *f = *state;
    create(f, "old");
    create(f, "taken");
    add_version(f, "old", "", 1000);
    add_version(f, "old", "", 1000);
    change_tag(f, MILL_CHANGE_SET_MODEL_TAG, "old", 0, "k", "v");
    change_tag(f, MILL_CHANGE_SET_VERSION_TAG, "old", 1, "k", "w");
    change_alias(f, MILL_CHANGE_SET_MODEL_ALIAS, "old", "champion", 1);
    assert_string_equal(versions(f, NULL, "name ASC", 0, 10), "old/2 old/1");

    assert_int_equal(change_model(f, MILL_CHANGE_RENAME_MODEL, "old", "taken", 3000),
                     MILL_E_EXISTS);
    assert_int_equal(change_model(f, MILL_CHANGE_RENAME_MODEL, "gone", "x", 3000),
                     MILL_E_NOT_FOUND);
    assert_int_equal(change_model(f, MILL_CHANGE_RENAME_MODEL, "old", "old", 3000), MILL_OK);
    assert_int_equal(change_model(f, MILL_CHANGE_RENAME_MODEL, "old", "new", 4000), MILL_OK);
    for (int i = 0; i < 2; i++) {
        struct mill_registered_model model = get(f, "new");
        assert_int_equal(model.last_updated_timestamp, 4000);
        assert_int_equal(model.tag_count, 1);
        assert_int_equal(model.alias_count, 1);
        assert_int_equal(model.latest_version_count, 1);
        assert_text(model.latest_versions[0].name, "new");
        struct mill_model_version version = get_version(f, "new", 1);
        assert_text(version.name, "new");
        assert_int_equal(version.last_updated_timestamp, 4000);
        assert_text(version.tags[0].value, "w");
        assert_text(version.aliases[0], "champion");
        assert_string_equal(models(f, NULL, NULL, 0, 10), "new taken");
        assert_string_equal(versions(f, "name = 'new'", "name ASC", 0, 10), "new/2 new/1");
        assert_string_equal(versions(f, "name = 'old'", NULL, 0, 10), "");
        reopen(f);
    }
    assert_int_equal(add_version(f, "new", "", 5000)->version, 3);
    create(f, "old"); /* the name is free again */
}

static void deleting_a_model_takes_everything_along(void **state)
{
    struct fixture *f = *state;
    create(f, "m");
    add_version(f, "m", "", 1000);
    change_tag(f, MILL_CHANGE_SET_MODEL_TAG, "m", 0, "k", "v");
    change_tag(f, MILL_CHANGE_SET_VERSION_TAG, "m", 1, "k", "v");
    change_alias(f, MILL_CHANGE_SET_MODEL_ALIAS, "m", "a", 1);
    assert_string_equal(models(f, NULL, NULL, 0, 10), "m");
    assert_int_equal(change_model(f, MILL_CHANGE_DELETE_MODEL, "m", NULL, 0), MILL_OK);
    assert_int_equal(change_model(f, MILL_CHANGE_DELETE_MODEL, "m", NULL, 0), MILL_E_NOT_FOUND);
    assert_string_equal(models(f, NULL, NULL, 0, 10), "");
    assert_string_equal(versions(f, NULL, NULL, 0, 10), "");
    reopen(f);
    create(f, "m"); /* another one of that name, which begins anew */
    struct mill_registered_model model = get(f, "m");
    assert_int_equal(model.tag_count + model.alias_count + model.latest_version_count, 0);
    assert_int_equal(add_version(f, "m", "", 1000)->version, 1);
    assert_int_equal(get_version(f, "m", 1).tag_count, 0);
}

/* --- versions --- */

static void versions_are_numbered_once(void **state)
{
    struct fixture *f = *state;
    create(f, "m");
    struct mill_tag tag = {MILL_VIEW("k"), MILL_VIEW("v")};
    struct mill_change change = {.kind = MILL_CHANGE_CREATE_MODEL_VERSION,
                                 .now_ms = 2000,
                                 .as.model_version = {.name = MILL_VIEW("m"),
                                                      .source = MILL_VIEW("s3://b/x"),
                                                      .storage_location = MILL_VIEW("s3://b/y"),
                                                      .run_id = MILL_VIEW("r"),
                                                      .run_link = MILL_VIEW("http://run"),
                                                      .description = MILL_VIEW("d"),
                                                      .tags = &tag,
                                                      .tag_count = 1}};
    const struct mill_model_version *made = apply(f, &change).model_version;
    assert_int_equal(made->version, 1);
    assert_int_equal(made->current_stage, MILL_STAGE_NONE);
    assert_int_equal(made->status, MILL_VERSION_READY);
    assert_text(made->source, "s3://b/x");
    assert_text(made->run_link, "http://run");
    assert_text(made->user_id, NULL);
    assert_int_equal(get(f, "m").last_updated_timestamp, 2000);

    assert_int_equal(add_version(f, "m", "", 3000)->version, 2);
    assert_int_equal(change_version(f, MILL_CHANGE_DELETE_MODEL_VERSION, "m", 2, 0, 4000),
                     MILL_OK);
    assert_int_equal(get(f, "m").last_updated_timestamp, 4000);
    reopen(f);
    struct mill_model_version version;
    assert_int_equal(find_version(f, "m", 2, NULL, &version), MILL_E_NOT_FOUND);
    assert_int_equal(change_version(f, MILL_CHANGE_DELETE_MODEL_VERSION, "m", 2, 0, 0),
                     MILL_E_NOT_FOUND);
    assert_int_equal(add_version(f, "m", "", 5000)->version, 3);
    assert_string_equal(versions(f, NULL, NULL, 0, 10), "m/3 m/1");

    struct mill_version_ref ref = {MILL_VIEW("m"), 1, {NULL, 0}};
    struct mill_view location;
    assert_int_equal(
        mill_store_get_model_version(f->store, &ref, &f->arena, &version, &location, NULL),
        MILL_OK);
    assert_text(location, "s3://b/y");
    assert_text(version.tags[0].value, "v");
    change.as.model_version.name = MILL_VIEW("other");
    assert_int_equal(apply(f, &change).status, MILL_E_NOT_FOUND);
}

static void version_descriptions_change(void **state)
{
    struct fixture *f = *state;
    create(f, "m");
    assert_text(add_version(f, "m", "", 1000)->description, "");
    struct mill_change change = {.kind = MILL_CHANGE_UPDATE_MODEL_VERSION,
                                 .now_ms = 2000,
                                 .as.model_version = {.name = MILL_VIEW("m"),
                                                      .version = 1,
                                                      .description = MILL_VIEW("new")}};
    assert_text(apply(f, &change).model_version->description, "new");
    change.as.model_version.description = (struct mill_view){NULL, 0};
    assert_text(apply(f, &change).model_version->description, NULL);
    assert_int_equal(get_version(f, "m", 1).last_updated_timestamp, 2000);
    assert_int_equal(get(f, "m").last_updated_timestamp, 1000);
    change.as.model_version.version = 2;
    assert_int_equal(apply(f, &change).status, MILL_E_NOT_FOUND);
}

static void stages_have_a_latest_version(void **state)
{
    struct fixture *f = *state;
    create(f, "m");
    for (int i = 0; i < 4; i++)
        add_version(f, "m", "", 1000);
    assert_int_equal(
        change_version(f, MILL_CHANGE_STAGE_MODEL_VERSION, "m", 1, MILL_STAGE_PRODUCTION, 2000),
        MILL_OK);
    assert_int_equal(
        change_version(f, MILL_CHANGE_STAGE_MODEL_VERSION, "m", 4, MILL_STAGE_STAGING, 3000),
        MILL_OK);
    for (int i = 0; i < 2; i++) {
        struct mill_registered_model model = get(f, "m");
        assert_int_equal(model.last_updated_timestamp, 3000);
        assert_int_equal(model.latest_version_count, 3);
        assert_int_equal(model.latest_versions[0].version, 3);
        assert_int_equal(model.latest_versions[0].current_stage, MILL_STAGE_NONE);
        assert_int_equal(model.latest_versions[1].version, 4);
        assert_int_equal(model.latest_versions[2].version, 1);
        assert_int_equal(model.latest_versions[2].last_updated_timestamp, 2000);
        reopen(f);
    }
    change_version(f, MILL_CHANGE_DELETE_MODEL_VERSION, "m", 3, 0, 0);
    struct mill_plan plan = {.subject = MILL_QUERY_MODELS};
    struct mill_model_search search = {&plan, 0, 10};
    struct mill_model_page page;
    assert_int_equal(mill_store_search_models(f->store, &search, &f->arena, &page, NULL),
                     MILL_OK);
    assert_int_equal(page.models[0].latest_versions[0].version, 2);
    assert_int_equal(page.models[0].latest_version_count, 3);
    assert_int_equal(
        change_version(f, MILL_CHANGE_STAGE_MODEL_VERSION, "m", 3, MILL_STAGE_STAGING, 0),
        MILL_E_NOT_FOUND);
}

static void a_stage_can_be_cleared(void **state)
{
    struct fixture *f = *state;
    create(f, "m");
    create(f, "other");
    add_version(f, "other", "", 1000);
    for (int i = 0; i < 3; i++)
        add_version(f, "m", "", 1000);
    change_version(f, MILL_CHANGE_STAGE_MODEL_VERSION, "other", 1, MILL_STAGE_PRODUCTION, 1000);
    change_version(f, MILL_CHANGE_STAGE_MODEL_VERSION, "m", 1, MILL_STAGE_PRODUCTION, 1000);
    change_version(f, MILL_CHANGE_STAGE_MODEL_VERSION, "m", 2, MILL_STAGE_STAGING, 1000);
    assert_string_equal(versions(f, NULL, "version_number ASC", 0, 9), "m/1 other/1 m/2 m/3");
    struct mill_change change = {.kind = MILL_CHANGE_STAGE_MODEL_VERSION,
                                 .now_ms = 7000,
                                 .as.model_version = {.name = MILL_VIEW("m"),
                                                      .version = 3,
                                                      .stage = MILL_STAGE_PRODUCTION,
                                                      .archive_existing = true}};
    assert_int_equal(apply(f, &change).model_version->current_stage, MILL_STAGE_PRODUCTION);
    assert_int_equal(get_version(f, "m", 1).current_stage, MILL_STAGE_ARCHIVED);
    assert_int_equal(get_version(f, "m", 1).last_updated_timestamp, 7000);
    assert_int_equal(get_version(f, "m", 2).current_stage, MILL_STAGE_STAGING);
    assert_int_equal(get_version(f, "other", 1).current_stage, MILL_STAGE_PRODUCTION);
    assert_string_equal(versions(f, "name = 'm'", NULL, 0, 9), "m/3 m/1 m/2");
    /* again: it is in the stage itself and stays there */
    assert_int_equal(apply(f, &change).status, MILL_OK);
    assert_int_equal(get_version(f, "m", 3).current_stage, MILL_STAGE_PRODUCTION);
    change.as.model_version.stage = MILL_STAGE_ARCHIVED;
    assert_int_equal(apply(f, &change).status, MILL_E_INVALID);
}

/* --- tags and aliases --- */

static void tags_are_set_and_removed(void **state)
{
    struct fixture *f = *state;
    create(f, "m");
    add_version(f, "m", "", 1000);
    assert_int_equal(change_tag(f, MILL_CHANGE_SET_MODEL_TAG, "m", 0, "k", "1"), MILL_OK);
    assert_int_equal(change_tag(f, MILL_CHANGE_SET_MODEL_TAG, "m", 0, "k", "2"), MILL_OK);
    assert_int_equal(change_tag(f, MILL_CHANGE_SET_VERSION_TAG, "m", 1, "v", NULL), MILL_OK);
    assert_string_equal(models(f, "tags.k = '2'", NULL, 0, 9), "m");
    assert_string_equal(versions(f, "tags.v = ''", NULL, 0, 9), "m/1");
    reopen(f);
    assert_text(get(f, "m").tags[0].value, "2");
    assert_text(get_version(f, "m", 1).tags[0].value, "");
    for (int i = 0; i < 2; i++) { /* what is not there can be removed as well */
        assert_int_equal(change_tag(f, MILL_CHANGE_DELETE_MODEL_TAG, "m", 0, "k", NULL),
                         MILL_OK);
        assert_int_equal(change_tag(f, MILL_CHANGE_DELETE_VERSION_TAG, "m", 1, "v", NULL),
                         MILL_OK);
    }
    assert_int_equal(get(f, "m").tag_count, 0);
    assert_string_equal(versions(f, "tags.v = ''", NULL, 0, 9), "");
    assert_int_equal(change_tag(f, MILL_CHANGE_SET_MODEL_TAG, "x", 0, "k", "1"),
                     MILL_E_NOT_FOUND);
    assert_int_equal(change_tag(f, MILL_CHANGE_DELETE_MODEL_TAG, "x", 0, "k", "1"),
                     MILL_E_NOT_FOUND);
    assert_int_equal(change_tag(f, MILL_CHANGE_SET_VERSION_TAG, "m", 2, "k", "1"),
                     MILL_E_NOT_FOUND);
}

static void aliases_move_and_go(void **state)
{
    struct fixture *f = *state;
    struct mill_model_version found;
    create(f, "m");
    assert_int_equal(find_version(f, "m", 0, "latest", &found), MILL_E_NOT_FOUND);
    add_version(f, "m", "", 1000);
    add_version(f, "m", "", 1000);
    assert_int_equal(change_alias(f, MILL_CHANGE_SET_MODEL_ALIAS, "m", "b", 1), MILL_OK);
    assert_int_equal(change_alias(f, MILL_CHANGE_SET_MODEL_ALIAS, "m", "a", 1), MILL_OK);
    assert_string_equal(versions(f, NULL, NULL, 0, 9), "m/2 m/1");
    assert_int_equal(change_alias(f, MILL_CHANGE_SET_MODEL_ALIAS, "m", "a", 2), MILL_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(find_version(f, "m", 0, "a", &found), MILL_OK);
        assert_int_equal(found.version, 2);
        assert_int_equal(found.alias_count, 1);
        assert_int_equal(get_version(f, "m", 1).alias_count, 1);
        assert_int_equal(get(f, "m").alias_count, 2);
        assert_text(get(f, "m").aliases[0].alias, "a");
        assert_int_equal(get(f, "m").aliases[1].version, 1);
        reopen(f);
    }
    assert_int_equal(find_version(f, "m", 0, "Latest", &found), MILL_OK);
    assert_int_equal(found.version, 2);
    assert_int_equal(find_version(f, "m", 0, "c", &found), MILL_E_INVALID);
    assert_int_equal(find_version(f, "x", 0, "a", &found), MILL_E_NOT_FOUND);
    assert_int_equal(change_alias(f, MILL_CHANGE_SET_MODEL_ALIAS, "m", "a", 3),
                     MILL_E_NOT_FOUND);
    assert_int_equal(change_alias(f, MILL_CHANGE_SET_MODEL_ALIAS, "x", "a", 1),
                     MILL_E_NOT_FOUND);
    /* a deleted version takes its aliases along */
    change_version(f, MILL_CHANGE_DELETE_MODEL_VERSION, "m", 2, 0, 0);
    assert_int_equal(find_version(f, "m", 0, "a", &found), MILL_E_INVALID);
    assert_int_equal(get(f, "m").alias_count, 1);
    for (int i = 0; i < 2; i++)
        assert_int_equal(change_alias(f, MILL_CHANGE_DELETE_MODEL_ALIAS, "m", "b", 0), MILL_OK);
    assert_int_equal(get(f, "m").alias_count, 0);
    assert_int_equal(get_version(f, "m", 1).alias_count, 0);
    assert_int_equal(change_alias(f, MILL_CHANGE_DELETE_MODEL_ALIAS, "x", "b", 0),
                     MILL_E_NOT_FOUND);
}

static void aliases_are_bounded(void **state)
{
    struct fixture *f = *state;
    char alias[20];
    create(f, "m");
    add_version(f, "m", "", 1000);
    for (int i = 0; i < MILL_MAX_MODEL_ALIASES; i++) {
        snprintf(alias, sizeof(alias), "a%d", i);
        assert_int_equal(change_alias(f, MILL_CHANGE_SET_MODEL_ALIAS, "m", alias, 1), MILL_OK);
        mill_arena_reset(&f->arena, 65536);
    }
    assert_int_equal(change_alias(f, MILL_CHANGE_SET_MODEL_ALIAS, "m", "more", 1),
                     MILL_E_INVALID);
    assert_int_equal(change_alias(f, MILL_CHANGE_SET_MODEL_ALIAS, "m", "a7", 1), MILL_OK);
}

/* --- searches --- */

static void models_are_searched(void **state)
{
    struct fixture *f = *state;
    create(f, "beta");
    create(f, "Alpha");
    create(f, "alpha");
    change_tag(f, MILL_CHANGE_SET_MODEL_TAG, "beta", 0, "team", "red");
    change_tag(f, MILL_CHANGE_SET_MODEL_TAG, "alpha", 0, "team", "blue");
    change_model(f, MILL_CHANGE_UPDATE_MODEL, "Alpha", NULL, 9000);
    assert_string_equal(models(f, NULL, NULL, 0, 9), "Alpha alpha beta");
    assert_string_equal(models(f, NULL, "name DESC", 0, 9), "beta alpha Alpha");
    assert_string_equal(models(f, NULL, "last_updated_timestamp DESC", 0, 9),
                        "Alpha alpha beta");
    assert_string_equal(models(f, NULL, "timestamp", 0, 9), "alpha beta Alpha");
    assert_string_equal(models(f, NULL, NULL, 0, 2), "Alpha alpha +");
    assert_string_equal(models(f, NULL, NULL, 2, 2), "beta");
    assert_string_equal(models(f, NULL, NULL, 7, 2), "");
    assert_string_equal(models(f, "name LIKE 'al%'", NULL, 0, 9), "alpha");
    assert_string_equal(models(f, "name ILIKE 'al%'", NULL, 0, 9), "Alpha alpha");
    assert_string_equal(models(f, "name != 'beta'", NULL, 0, 9), "Alpha alpha");
    assert_string_equal(models(f, "name IN ('beta', 'x')", NULL, 0, 9), "beta");
    assert_string_equal(models(f, "tags.team = 'red'", NULL, 0, 9), "beta");
    assert_string_equal(models(f, "tag.team != 'red'", NULL, 0, 9), "alpha");
    assert_string_equal(models(f, "tags.team LIKE '%' AND name > 'x'", NULL, 0, 9), "refused");
    assert_string_equal(models(f, NULL, "creation_timestamp", 0, 9), "refused");
    assert_string_equal(models(f, NULL, NULL, 0, 0), "refused");
    assert_string_equal(models(f, NULL, NULL, 0, MILL_MAX_MODEL_SEARCH + 1), "refused");
}

static void versions_are_searched(void **state)
{
    struct fixture *f = *state;
    create(f, "b");
    create(f, "a");
    add_version(f, "b", "run1", 1000);
    add_version(f, "a", "run2", 2000);
    add_version(f, "a", "run1", 2000);
    add_version(f, "b", "run2", 1500);
    change_tag(f, MILL_CHANGE_SET_VERSION_TAG, "a", 1, "k", "x");
    assert_string_equal(versions(f, NULL, NULL, 0, 9), "a/2 a/1 b/2 b/1");
    assert_string_equal(versions(f, NULL, "creation_timestamp ASC", 0, 9), "b/1 b/2 a/2 a/1");
    assert_string_equal(versions(f, NULL, "name DESC", 0, 9), "b/2 b/1 a/2 a/1");
    assert_string_equal(versions(f, NULL, "version_number", 0, 9), "a/1 b/1 a/2 b/2");
    assert_string_equal(versions(f, NULL, NULL, 1, 2), "a/1 b/2 +");
    assert_string_equal(versions(f, "name = 'a'", NULL, 0, 9), "a/2 a/1");
    assert_string_equal(versions(f, "name = 'x'", NULL, 0, 9), "");
    assert_string_equal(versions(f, "run_id = 'run1'", NULL, 0, 9), "a/2 b/1");
    assert_string_equal(versions(f, "run_id IN ('run1', 'x')", NULL, 0, 9), "a/2 b/1");
    assert_string_equal(versions(f, "version_number > 1", NULL, 0, 9), "a/2 b/2");
    assert_string_equal(versions(f, "version_number = '1' AND name = 'b'", NULL, 0, 9), "b/1");
    assert_string_equal(versions(f, "name = 'a' OR name = 'b'", NULL, 0, 9), "a/2 a/1 b/2 b/1");
    assert_string_equal(versions(f, "name = 'a' AND name = 'b'", NULL, 0, 9), "");
    assert_string_equal(versions(f, "source_path LIKE 's3://%'", NULL, 0, 2), "a/2 a/1 +");
    assert_string_equal(versions(f, "tags.k = 'x'", NULL, 0, 9), "a/1");
    assert_string_equal(versions(f, "version_number = 1.5", NULL, 0, 9), "refused");
    assert_string_equal(versions(f, NULL, NULL, 0, 0), "refused");
}

/* Every write is seen by the very next search, on the data that the search has in memory. */
static void searches_see_each_write(void **state)
{
    struct fixture *f = *state;
    assert_string_equal(models(f, NULL, NULL, 0, 9), "");
    create(f, "a");
    assert_string_equal(models(f, NULL, NULL, 0, 9), "a");
    add_version(f, "a", "r", 1000);
    assert_string_equal(versions(f, NULL, NULL, 0, 9), "a/1");
    add_version(f, "a", "r", 1000);
    change_version(f, MILL_CHANGE_DELETE_MODEL_VERSION, "a", 1, 0, 0);
    create(f, "b");
    add_version(f, "b", "r", 2000);
    assert_string_equal(versions(f, NULL, NULL, 0, 9), "b/1 a/2");
    change_model(f, MILL_CHANGE_DELETE_MODEL, "b", NULL, 0);
    create(f, "b");
    assert_string_equal(versions(f, NULL, NULL, 0, 9), "a/2");
    assert_string_equal(models(f, NULL, NULL, 0, 9), "a b");
    /* names that change places between two searches */
    change_model(f, MILL_CHANGE_RENAME_MODEL, "a", "c", 3000);
    change_model(f, MILL_CHANGE_RENAME_MODEL, "b", "a", 3000);
    change_model(f, MILL_CHANGE_RENAME_MODEL, "c", "b", 3000);
    add_version(f, "b", "r", 4000);
    assert_string_equal(models(f, NULL, NULL, 0, 9), "a b");
    assert_string_equal(versions(f, NULL, NULL, 0, 9), "b/3 b/2");
    change_tag(f, MILL_CHANGE_SET_MODEL_TAG, "a", 0, "k", "v");
    assert_string_equal(models(f, "tags.k = 'v'", NULL, 0, 9), "a");
}

/* A page stays what it was while everything on it is changed. */
static void pages_outlive_changes(void **state)
{
    struct fixture *f = *state;
    struct mill_plan plan = {.subject = MILL_QUERY_MODEL_VERSIONS};
    struct mill_model_search search = {&plan, 0, 10};
    struct mill_version_page page;
    create(f, "m");
    add_version(f, "m", "r", 1000);
    assert_int_equal(mill_store_search_model_versions(f->store, &search, &page, NULL), MILL_OK);
    change_tag(f, MILL_CHANGE_SET_VERSION_TAG, "m", 1, "k", "v");
    change_model(f, MILL_CHANGE_RENAME_MODEL, "m", "other", 0);
    assert_string_equal(versions(f, NULL, NULL, 0, 9), "other/1");
    change_model(f, MILL_CHANGE_DELETE_MODEL, "other", NULL, 0);
    assert_string_equal(versions(f, NULL, NULL, 0, 9), "");
    assert_int_equal(page.count, 1);
    assert_text(page.versions[0]->name, "m");
    assert_int_equal(page.versions[0]->tag_count, 0);
    mill_held_release(&page.held);
    assert_null(page.held.owner);
}

static void prompts_are_hidden_unless_wanted(void **state)
{
    struct fixture *f = *state;
    create(f, "model");
    create(f, "prompt");
    change_tag(f, MILL_CHANGE_SET_MODEL_TAG, "prompt", 0, MILL_PROMPT_TAG, "true");
    change_tag(f, MILL_CHANGE_SET_MODEL_TAG, "model", 0, MILL_PROMPT_TAG, "false");
    add_version(f, "model", "", 1000);
    add_version(f, "prompt", "", 1000);
    add_version(f, "prompt", "", 1000);
    change_tag(f, MILL_CHANGE_SET_VERSION_TAG, "prompt", 1, MILL_PROMPT_TAG, "true");
    static const char wanted[] = "tags.`" MILL_PROMPT_TAG "` = 'true'";
    static const char hidden[] = "tags.`" MILL_PROMPT_TAG "` != 'true'";
    assert_string_equal(models(f, NULL, NULL, 0, 9), "model");
    assert_string_equal(models(f, wanted, NULL, 0, 9), "prompt");
    assert_string_equal(models(f, hidden, NULL, 0, 9), "model");
    assert_string_equal(models(f, "tag.`" MILL_PROMPT_TAG "` = 'false'", NULL, 0, 9), "model");
    assert_string_equal(versions(f, NULL, NULL, 0, 9), "model/1");
    assert_string_equal(versions(f, wanted, NULL, 0, 9), "prompt/1");
    assert_string_equal(versions(f, hidden, NULL, 0, 9), "model/1");
    /* when the last version says no longer that it is one, all are shown */
    change_tag(f, MILL_CHANGE_DELETE_VERSION_TAG, "prompt", 1, MILL_PROMPT_TAG, NULL);
    assert_string_equal(versions(f, NULL, NULL, 0, 9), "model/1 prompt/2 prompt/1");
}

/* --- sources --- */

/* What a version with this source is stored as, or "invalid" or "not found". */
static const char *source_of(struct fixture *f, const char *source, const char *run_id)
{
    static char text[1000];
    struct mill_change change = {.kind = MILL_CHANGE_CREATE_MODEL_VERSION,
                                 .as.model_version = {.name = MILL_VIEW("m"),
                                                      .source = mill_view_of(source),
                                                      .run_id = mill_view_of(run_id)}};
    enum mill_status st = mill_store_resolve_source(f->store, &change, &f->arena, NULL);
    if (st != MILL_OK)
        return st == MILL_E_INVALID ? "invalid" : st == MILL_E_NOT_FOUND ? "not found" : "?";
    snprintf(text, sizeof(text), "%.*s at %.*s by %.*s",
             MILL_FMT(change.as.model_version.source),
             MILL_FMT(change.as.model_version.storage_location),
             MILL_FMT(change.as.model_version.run_id));
    return text;
}

#define RUN "0123456789abcdef0123456789abcdef"

static void create_run(struct fixture *f, int64_t experiment_id)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_RUN,
        .as.create_run = {.run_id = MILL_VIEW(RUN), .experiment_id = experiment_id}};
    assert_int_equal(apply(f, &change).status, MILL_OK);
}

static void sources_behind_a_server_belong_to_a_run(void **state)
{
    struct fixture *f = *state;
    create_run(f, 0);
    static const char good[] = "mlflow-artifacts:/0/" RUN "/artifacts/model";
    char expected[300];
    snprintf(expected, sizeof(expected), "%s at %s by " RUN, good, good);
    assert_string_equal(source_of(f, good, RUN), expected);
    assert_string_equal(source_of(f, good, NULL), "invalid");
    assert_string_equal(source_of(f, good, "other"), "invalid");
    assert_string_equal(source_of(f, "mlflow-artifacts:/0/" RUN "/artifactsx", RUN), "invalid");
    assert_string_equal(source_of(f, "mlflow-artifacts:/0/" RUN "/artifacts/%2e%2e/x", RUN),
                        "invalid");
    assert_string_equal(source_of(f, "mlflow-artifacts://host/0/" RUN "/artifacts/m", RUN),
                        "invalid");
    assert_string_equal(source_of(f, "runs:/" RUN "/model", RUN),
                        "runs:/" RUN "/model at runs:/" RUN "/model by " RUN);
    assert_string_equal(source_of(f, "runs:/" RUN "/model", NULL), "invalid");
    assert_string_equal(source_of(f, "runs:/other/model", RUN), "invalid");
    assert_string_equal(source_of(f, "runs:" RUN, RUN), "invalid");
    assert_string_equal(source_of(f, "s3://bucket/a/b", NULL),
                        "s3://bucket/a/b at s3://bucket/a/b by ");
    assert_string_equal(source_of(f, "s3://bucket", NULL), "invalid");
    assert_string_equal(source_of(f, "s3://bucket/a/../b", NULL), "invalid");
    assert_string_equal(source_of(f, "s3://bucket/a/%252e%252e/b", NULL), "invalid");
    assert_string_equal(source_of(f, "dbfs:a", NULL), "invalid");
}

static void sources_of_files_belong_to_a_run(void **state)
{
    struct fixture *f = *state;
    char root[] = "/tmp/millstream-source-XXXXXX", path[200], link[200];
    assert_non_null(mkdtemp(root));
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_EXPERIMENT,
        .as.create_experiment = {.name = MILL_VIEW("local"),
                                 .artifact_location = mill_view_of(root)}};
    create_run(f, apply(f, &change).experiment_id);
    snprintf(path, sizeof(path), "%s/" RUN "/artifacts/model", root);
    assert_string_not_equal(source_of(f, path, RUN), "invalid");
    assert_string_equal(source_of(f, path, NULL), "invalid");
    snprintf(path, sizeof(path), "file://%s/" RUN "/artifacts", root);
    assert_string_not_equal(source_of(f, path, RUN), "invalid");
    snprintf(path, sizeof(path), "file://elsewhere%s/" RUN "/artifacts", root);
    assert_string_equal(source_of(f, path, RUN), "invalid");
    snprintf(path, sizeof(path), "%s/" RUN "/artifacts/../../x", root);
    assert_string_equal(source_of(f, path, RUN), "invalid");
    snprintf(path, sizeof(path), "%s/" RUN "/artifactsx", root);
    assert_string_equal(source_of(f, path, RUN), "invalid");
    assert_string_equal(source_of(f, "/etc", RUN), "invalid");
    /* a link out of the directory leads out of it */
    snprintf(path, sizeof(path),
             "mkdir -p %s/" RUN "/artifacts && ln -s /etc %s/" RUN "/artifacts/out", root,
             root);
    assert_int_equal(system(path), 0);
    snprintf(link, sizeof(link), "%s/" RUN "/artifacts/out", root);
    assert_string_equal(source_of(f, link, RUN), "invalid");
    snprintf(link, sizeof(link), "%s/" RUN "/artifacts/out/passwd", root);
    assert_string_equal(source_of(f, link, RUN), "invalid");
    snprintf(path, sizeof(path), "rm -r %s", root);
    assert_int_equal(system(path), 0);
}

static void sources_may_be_other_versions(void **state)
{
    struct fixture *f = *state;
    create(f, "base");
    create(f, "prompt");
    change_tag(f, MILL_CHANGE_SET_MODEL_TAG, "prompt", 0, MILL_PROMPT_TAG, "true");
    add_version(f, "prompt", "", 1000);
    add_version(f, "base", "r1", 1000);
    add_version(f, "base", "r2", 1000);
    change_alias(f, MILL_CHANGE_SET_MODEL_ALIAS, "base", "best", 1);
    change_version(f, MILL_CHANGE_STAGE_MODEL_VERSION, "base", 1, MILL_STAGE_PRODUCTION, 0);
    static const char first[] = "models:/base/1 at s3://bucket/m by r1";
    assert_string_equal(source_of(f, "models:/base/1", NULL), first);
    assert_string_equal(source_of(f, "models:/base/1", "r1"), first);
    assert_string_equal(source_of(f, "models:/base/production", NULL), first);
    assert_string_equal(source_of(f, "models:/base@best", NULL), first);
    assert_string_equal(source_of(f, "models:/base/latest", NULL),
                        "models:/base/2 at s3://bucket/m by r2");
    assert_string_equal(source_of(f, "models:/base/1", "r2"), "invalid");
    assert_string_equal(source_of(f, "models:/base/1", ""), "invalid");
    assert_string_equal(source_of(f, "models:/base/3", NULL), "not found");
    assert_string_equal(source_of(f, "models:/base/staging", NULL), "not found");
    assert_string_equal(source_of(f, "models:/base/x", NULL), "invalid");
    assert_string_equal(source_of(f, "models:/base@x", NULL), "invalid");
    assert_string_equal(source_of(f, "models:/other/1", NULL), "not found");
    assert_string_equal(source_of(f, "models:/prompt/1", NULL), "invalid");
    assert_string_equal(source_of(f, "models:/base/1/2", NULL), "invalid");
    assert_string_equal(source_of(f, "models://host/base/1", NULL), "invalid");
    assert_string_equal(source_of(f, "models:/", NULL), "invalid");
    assert_string_equal(source_of(f, "models:/m-0123456789abcdef", NULL), "invalid");
}

/* --- logged models --- */

static void create_logged_model(struct fixture *f, const char *model_id)
{
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_LOGGED_MODEL,
        .as.create_logged_model = {.model_id = mill_view_of(model_id), .name = MILL_VIEW("l")}};
    assert_int_equal(apply(f, &change).status, MILL_OK);
}

static enum mill_status add_version_of(struct fixture *f, const char *name,
                                       const char *model_id)
{
    struct mill_change change = {.kind = MILL_CHANGE_CREATE_MODEL_VERSION,
                                 .as.model_version = {.name = mill_view_of(name),
                                                      .source = MILL_VIEW("s3://bucket/m"),
                                                      .model_id = mill_view_of(model_id)}};
    return apply(f, &change).status;
}

/* What a logged model says of its versions; "-": nothing. */
static const char *noted(struct fixture *f, const char *model_id)
{
    struct mill_logged_model model = {0};
    assert_int_equal(mill_store_get_logged_model(f->store, mill_view_of(model_id), false,
                                                 &f->arena, &model, NULL),
                     MILL_OK);
    if (model.tag_count == 0)
        return "-";
    assert_int_equal(model.tag_count, 1);
    assert_text(model.tags[0].key, "mlflow.modelVersions");
    return mill_arena_cstr(&f->arena, model.tags[0].value);
}

static void logged_models_say_what_comes_from_them(void **state)
{
    struct fixture *f = *state;
    create(f, "a");
    create(f, "b \"q\"");
    create_logged_model(f, "m-1");
    create_logged_model(f, "m-2");
    add_version(f, "a", "", 0);
    assert_string_equal(noted(f, "m-1"), "-");
    assert_int_equal(add_version_of(f, "a", "m-1"), MILL_OK);
    assert_string_equal(noted(f, "m-1"), "[{\"name\": \"a\", \"version\": 2}]");
    assert_int_equal(add_version_of(f, "none", "m-1"), MILL_E_NOT_FOUND);
    assert_int_equal(add_version_of(f, "b \"q\"", "m-1"), MILL_OK);
    assert_int_equal(add_version_of(f, "a", "m-gone"), MILL_OK);
    reopen(f);
    assert_string_equal(noted(f, "m-1"), "[{\"name\": \"a\", \"version\": 2}, "
                                         "{\"name\": \"b \\\"q\\\"\", \"version\": 1}]");
    assert_string_equal(noted(f, "m-2"), "-");
}

static void what_a_logged_model_says_is_bounded(void **state)
{
    struct fixture *f = *state;
    char *value = test_calloc(1, MILL_MAX_MODEL_TAG_VALUE + 1);
    create(f, "a");
    create_logged_model(f, "m-1");
    memset(value, ' ', MILL_MAX_MODEL_TAG_VALUE);
    value[0] = '[';
    value[MILL_MAX_MODEL_TAG_VALUE - 1] = ']';
    struct mill_tag tag = {MILL_VIEW("mlflow.modelVersions"), mill_view_of(value)};
    struct mill_change change = {
        .kind = MILL_CHANGE_TAG_LOGGED_MODEL,
        .as.logged_model_tags = {.model_id = MILL_VIEW("m-1"), .tags = &tag, .tag_count = 1}};
    assert_int_equal(apply(f, &change).status, MILL_OK);
    assert_int_equal(add_version_of(f, "a", "m-1"), MILL_OK);
    assert_string_equal(noted(f, "m-1"), value);
    test_free(value);
}

int conformance_models_run(const char *name, const char *scheme, const char *directory)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(models_are_made_and_found),
        TEST(descriptions_change),
        TEST(renaming_takes_everything_along),
        TEST(deleting_a_model_takes_everything_along),
        TEST(versions_are_numbered_once),
        TEST(version_descriptions_change),
        TEST(stages_have_a_latest_version),
        TEST(a_stage_can_be_cleared),
        TEST(tags_are_set_and_removed),
        TEST(aliases_move_and_go),
        TEST(aliases_are_bounded),
        TEST(models_are_searched),
        TEST(versions_are_searched),
        TEST(searches_see_each_write),
        TEST(pages_outlive_changes),
        TEST(prompts_are_hidden_unless_wanted),
        TEST(sources_behind_a_server_belong_to_a_run),
        TEST(sources_of_files_belong_to_a_run),
        TEST(sources_may_be_other_versions),
        TEST(logged_models_say_what_comes_from_them),
        TEST(what_a_logged_model_says_is_bounded),
#undef TEST
    };
    the_scheme = scheme;
    the_directory = directory;
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
