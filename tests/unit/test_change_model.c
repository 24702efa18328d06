/* test_change_model.c - the checks of changes of the model registry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "checking.h"

#include "base/alloc.h"
#include "base/view.h"
#include "model/change.h"
#include "model/limits.h"
#include "model/registry.h"

static void models_have_plain_names(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "  ", "a/b", "a:b", ".", "..", "..a"};
    struct mill_change change = {.kind = MILL_CHANGE_CREATE_MODEL};
    expect_invalid(&change, "name is missing");
    for (size_t i = 0; i < MILL_COUNT(bad); i++) {
        change.as.model.name = mill_view_of(bad[i]);
        expect_invalid(&change, "name");
        assert_int_equal(mill_model_name_check(change.as.model.name, NULL), MILL_E_INVALID);
    }
    change.as.model.name = MILL_VIEW(".a b@c 100% \xc3\xa9");
    expect_ok(&change);
    change.as.model.name = many("x", MILL_MAX_MODEL_NAME);
    expect_ok(&change);
    change.as.model.name = many("x", MILL_MAX_MODEL_NAME + 1);
    expect_invalid(&change, "256");
    change.as.model.name = MILL_VIEW("a\xff");
    expect_invalid(&change, "UTF-8");

    change = (struct mill_change){
        .kind = MILL_CHANGE_RENAME_MODEL,
        .as.model = {.name = MILL_VIEW("a"), .new_name = MILL_VIEW("b/c")}};
    expect_invalid(&change, "new_name");
    change.as.model.new_name = MILL_VIEW("b");
    expect_ok(&change);
}

static void an_empty_description_is_none(void **state)
{
    (void)state;
    struct mill_change change = {
        .kind = MILL_CHANGE_UPDATE_MODEL,
        .as.model = {.name = MILL_VIEW("a"), .description = MILL_VIEW("")}};
    expect_ok(&change);
    assert_null(change.as.model.description.ptr);
    change.as.model.description = many("x", MILL_MAX_MODEL_DESCRIPTION + 1);
    expect_invalid(&change, "description");
}

static void of_tags_with_one_key_the_last_counts(void **state)
{
    (void)state;
    struct mill_tag tags[] = {{MILL_VIEW("a"), MILL_VIEW("1")},
                              {MILL_VIEW("b"), {NULL, 0}},
                              {MILL_VIEW("a"), MILL_VIEW("2")}};
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_MODEL,
        .as.model = {.name = MILL_VIEW("m"), .tags = tags, .tag_count = 3}};
    expect_ok(&change);
    assert_int_equal(change.as.model.tag_count, 2);
    assert_true(mill_view_eq(change.as.model.tags[0].key, MILL_VIEW("b")));
    assert_non_null(change.as.model.tags[0].value.ptr);
    assert_true(mill_view_eq(change.as.model.tags[1].value, MILL_VIEW("2")));

    tags[1].key = MILL_VIEW("a,b");
    change.as.model.tags = tags;
    change.as.model.tag_count = 3;
    expect_invalid(&change, "tags[1].key");
    tags[1] = (struct mill_tag){MILL_VIEW("b"), many("x", MILL_MAX_MODEL_TAG_VALUE + 1)};
    expect_invalid(&change, "tags[1].value");
    change.as.model.tag_count = MILL_MAX_TAGS_AT_CREATION + 1;
    expect_invalid(&change, "at most");
}

static void prompts_are_told_by_a_tag(void **state)
{
    (void)state;
    struct mill_tag tags[] = {{MILL_VIEW(MILL_PROMPT_TAG), MILL_VIEW("True")},
                              {MILL_VIEW(MILL_PROMPT_TAG), MILL_VIEW("false")}};
    assert_true(mill_is_prompt(tags, 1));
    assert_false(mill_is_prompt(tags, 2));
    assert_false(mill_is_prompt(NULL, 0));
}

static void aliases_are_words(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "a b", "a.b", "a@b", "latest", "LATEST", "v1", "V23"};
    static const char *const good[] = {"a",   "a-b_c", "v",
                                       "v1a", "1",     "\xc5\xbc\xc3\xb3\xc5\x82w"};
    struct mill_change change = {.kind = MILL_CHANGE_SET_MODEL_ALIAS,
                                 .as.model_alias = {.name = MILL_VIEW("m"), .version = 1}};
    for (size_t i = 0; i < MILL_COUNT(bad); i++) {
        change.as.model_alias.alias = mill_view_of(bad[i]);
        expect_invalid(&change, "alias");
    }
    for (size_t i = 0; i < MILL_COUNT(good); i++) {
        change.as.model_alias.alias = mill_view_of(good[i]);
        expect_ok(&change);
    }
    change.as.model_alias.alias = many("x", MILL_MAX_MODEL_ALIAS + 1);
    expect_invalid(&change, "alias");
    change.as.model_alias.alias = MILL_VIEW("a");
    change.as.model_alias.version = MILL_ABSENT;
    expect_invalid(&change, "version");
    /* what cannot have been set can still be asked to go */
    change.kind = MILL_CHANGE_DELETE_MODEL_ALIAS;
    change.as.model_alias.alias = MILL_VIEW("latest");
    expect_ok(&change);
}

static void new_versions_are_completed(void **state)
{
    (void)state;
    struct mill_change change = {.kind = MILL_CHANGE_CREATE_MODEL_VERSION,
                                 .as.model_version.name = MILL_VIEW("m")};
    expect_invalid(&change, "source is missing");
    change.as.model_version.source = MILL_VIEW("s3://bucket/m");
    expect_ok(&change);
    assert_true(
        mill_view_eq(change.as.model_version.storage_location, change.as.model_version.source));
    assert_non_null(change.as.model_version.run_id.ptr);
    assert_non_null(change.as.model_version.description.ptr);
    change.as.model_version.source = many("x", MILL_MAX_MODEL_SOURCE + 1);
    expect_invalid(&change, "source");
    change.as.model_version.source = MILL_VIEW("http://example.com/m");
    expect_invalid(&change, "source must not have the scheme 'http'");
    change.as.model_version.artifact_root = MILL_VIEW("http://example.co");
    expect_invalid(&change, "source must not have the scheme 'http'");
    change.as.model_version.artifact_root = MILL_VIEW("http://example.com");
    expect_ok(&change);
}

static void stages_are_known_ones(void **state)
{
    (void)state;
    struct mill_change change = {
        .kind = MILL_CHANGE_STAGE_MODEL_VERSION,
        .as.model_version = {.name = MILL_VIEW("m"), .version = MILL_ABSENT}};
    expect_invalid(&change, "version");
    change.as.model_version.version = 1;
    expect_invalid(&change, "stage");
    for (int stage = MILL_STAGE_NONE; stage <= MILL_STAGE_ARCHIVED; stage++) {
        change.as.model_version.stage = (enum mill_stage)stage;
        change.as.model_version.archive_existing = false;
        expect_ok(&change);
        change.as.model_version.archive_existing = true;
        if (stage == MILL_STAGE_STAGING || stage == MILL_STAGE_PRODUCTION)
            expect_ok(&change);
        else
            expect_invalid(&change, "archive_existing_versions");
    }
    assert_int_equal(mill_stage_from_name(MILL_VIEW("pRODUCTION")), MILL_STAGE_PRODUCTION);
    assert_int_equal(mill_stage_from_name(MILL_VIEW("Canary")), 0);
}

static void memory_may_fail_at_any_allocation(void **state)
{
    (void)state;
    struct mill_tag tags[] = {{MILL_VIEW("a"), MILL_VIEW("1")},
                              {MILL_VIEW("b"), MILL_VIEW("2")}};
    enum mill_status st = MILL_E_NOMEM;
    for (long nth = 1; st != MILL_OK; nth++) {
        struct mill_change change = {.kind = MILL_CHANGE_CREATE_MODEL_VERSION,
                                     .as.model_version = {.name = MILL_VIEW("m"),
                                                          .source = MILL_VIEW("s3://b/m"),
                                                          .tags = tags,
                                                          .tag_count = 2}};
        struct mill_arena own = {0};
        assert_true(nth < 100);
        mill_alloc_fail_after(nth);
        st = mill_change_check(&change, &own, NULL);
        mill_alloc_fail_after(0);
        mill_arena_release(&own);
        assert_true(st == MILL_OK || st == MILL_E_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHECKING_TEST(models_have_plain_names),
        CHECKING_TEST(an_empty_description_is_none),
        CHECKING_TEST(of_tags_with_one_key_the_last_counts),
        CHECKING_TEST(prompts_are_told_by_a_tag),
        CHECKING_TEST(aliases_are_words),
        CHECKING_TEST(new_versions_are_completed),
        CHECKING_TEST(stages_are_known_ones),
        CHECKING_TEST(memory_may_fail_at_any_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
