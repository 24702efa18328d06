/* change_model.c - checks of the model registry's changes: names, aliases, tags, versions. */
#include "base/view.h"
#include "model/check.h"
#include "model/key.h"
#include "model/limits.h"
#include "model/registry.h"

static struct mill_place place_of_name(void)
{
    return mill_place_of("name");
}

/* Names stand in URIs such as models:/NAME/VERSION and, in file stores, for directories. */
static enum mill_status check_name(struct mill_place place, struct mill_view name,
                                   struct mill_error *err)
{
    enum mill_status st = mill_check_text(place, name, MILL_MAX_MODEL_NAME, err);
    if (st == MILL_OK)
        st = mill_check_required(place, mill_view_trim(name), MILL_MAX_MODEL_NAME, err);
    if (st != MILL_OK)
        return st;
    if (memchr(name.ptr, '/', name.len) != NULL || memchr(name.ptr, ':', name.len) != NULL)
        return mill_place_fail(place, err, "'%.*s' must not have a '/' or ':'",
                               MILL_FMT(mill_quoted(name)));
    if (mill_view_eq(name, MILL_VIEW(".")) || mill_view_starts(name, MILL_VIEW("..")))
        return mill_place_fail(place, err, "'%.*s' must not be '.' or begin with '..'",
                               MILL_FMT(mill_quoted(name)));
    return MILL_OK;
}

/* Numbers begin at 1, but one that there cannot be is only not found. */
static enum mill_status check_version(int64_t version, struct mill_error *err)
{
    if (version == MILL_ABSENT)
        return mill_place_fail(mill_place_of("version"), err,
                               "is missing; give the number of the version");
    return MILL_OK;
}

static enum mill_status check_description(struct mill_view description, struct mill_error *err)
{
    return mill_check_text(mill_place_of("description"), description,
                           MILL_MAX_MODEL_DESCRIPTION, err);
}

/* --- tags --- */

static enum mill_status check_tag_value(struct mill_place place, struct mill_view value,
                                        struct mill_error *err)
{
    return mill_check_text(place, value, MILL_MAX_MODEL_TAG_VALUE, err);
}

/* Tags at creation: of those with one key the last counts. */
static enum mill_status check_tags(const struct mill_tag **tags, size_t *count,
                                   struct mill_arena *arena, struct mill_error *err)
{
    struct mill_key_set keys;
    enum mill_status st = mill_check_count("tags", *count, MILL_MAX_TAGS_AT_CREATION, err);
    if (st != MILL_OK)
        return st;
    struct mill_tag *copy = mill_arena_zero(arena, *count + 1, sizeof(*copy));
    if (copy == NULL)
        return mill_check_nomem(err);
    st = mill_key_set_init(&keys, *count, arena, err);
    size_t kept = *count;
    for (size_t i = *count; st == MILL_OK && i-- > 0;) {
        const struct mill_tag *tag = &(*tags)[i];
        st = mill_check_key((struct mill_place){"tags", i, "key"}, tag->key, err);
        if (st == MILL_OK)
            st = check_tag_value((struct mill_place){"tags", i, "value"}, tag->value, err);
        if (st == MILL_OK && mill_key_set_add(&keys, &tag->key) == NULL)
            copy[--kept] = (struct mill_tag){tag->key, mill_text_or_empty(tag->value)};
    }
    if (st == MILL_OK) {
        *tags = copy + kept;
        *count -= kept;
    }
    return st;
}

enum mill_status mill_check_model_tag(struct mill_change *change, struct mill_arena *arena,
                                      struct mill_error *err)
{
    (void)arena;
    bool of_version = change->kind == MILL_CHANGE_SET_VERSION_TAG ||
                      change->kind == MILL_CHANGE_DELETE_VERSION_TAG;
    enum mill_status st = check_name(place_of_name(), change->as.model_tag.name, err);
    if (st == MILL_OK && of_version)
        st = check_version(change->as.model_tag.version, err);
    if (st == MILL_OK)
        st = mill_check_key(mill_place_of("key"), change->as.model_tag.key, err);
    if (st == MILL_OK)
        st = check_tag_value(mill_place_of("value"), change->as.model_tag.value, err);
    if (st == MILL_OK)
        change->as.model_tag.value = mill_text_or_empty(change->as.model_tag.value);
    return st;
}

/* --- aliases --- */

static bool is_version_like(struct mill_view alias)
{
    if (alias.len < 2 || (alias.ptr[0] != 'v' && alias.ptr[0] != 'V'))
        return false;
    for (size_t i = 1; i < alias.len; i++)
        if (alias.ptr[i] < '0' || alias.ptr[i] > '9')
            return false;
    return true;
}

enum mill_status mill_alias_check(struct mill_view alias, struct mill_error *err)
{
    struct mill_place place = mill_place_of("alias");
    enum mill_status st = mill_check_required(place, alias, MILL_MAX_MODEL_ALIAS, err);
    if (st == MILL_OK && !mill_is_words_and_dashes(alias))
        st = mill_place_fail(place, err, "'%.*s' may have only letters, digits, '_' and '-'",
                             MILL_FMT(mill_quoted(alias)));
    return st;
}

enum mill_status mill_check_model_alias(struct mill_change *change, struct mill_arena *arena,
                                        struct mill_error *err)
{
    (void)arena;
    struct mill_view alias = change->as.model_alias.alias;
    enum mill_status st = check_name(place_of_name(), change->as.model_alias.name, err);
    if (st == MILL_OK)
        st = mill_alias_check(alias, err);
    if (st != MILL_OK || change->kind == MILL_CHANGE_DELETE_MODEL_ALIAS)
        return st;
    if (mill_view_eq_nocase(alias, MILL_VIEW("latest")) || is_version_like(alias))
        return mill_place_fail(mill_place_of("alias"), err,
                               "'%.*s' is reserved: 'latest' and 'v' with a number mean "
                               "versions already",
                               MILL_FMT(alias));
    return check_version(change->as.model_alias.version, err);
}

/* --- models and versions --- */

enum mill_status mill_model_name_check(struct mill_view name, struct mill_error *err)
{
    return check_name(place_of_name(), name, err);
}

bool mill_is_prompt(const struct mill_tag *tags, size_t count)
{
    for (size_t i = count; i-- > 0;)
        if (mill_view_eq(tags[i].key, MILL_VIEW(MILL_PROMPT_TAG)))
            return mill_view_eq_nocase(tags[i].value, MILL_VIEW("true"));
    return false;
}

enum mill_status mill_check_model(struct mill_change *change, struct mill_arena *arena,
                                  struct mill_error *err)
{
    enum mill_status st = check_name(place_of_name(), change->as.model.name, err);
    if (st == MILL_OK && change->kind == MILL_CHANGE_RENAME_MODEL)
        st = check_name(mill_place_of("new_name"), change->as.model.new_name, err);
    if (st == MILL_OK)
        st = check_description(change->as.model.description, err);
    if (st == MILL_OK && change->as.model.description.len == 0)
        change->as.model.description = (struct mill_view){NULL, 0};
    if (st == MILL_OK && change->kind == MILL_CHANGE_CREATE_MODEL)
        st = check_tags(&change->as.model.tags, &change->as.model.tag_count, arena, err);
    return st;
}

static enum mill_status check_new_version(struct mill_change *change, struct mill_arena *arena,
                                          struct mill_error *err)
{
    struct mill_view source = change->as.model_version.source;
    enum mill_status st =
        mill_check_required(mill_place_of("source"), source, MILL_MAX_MODEL_SOURCE, err);
    if (st == MILL_OK)
        st = mill_check_host(mill_place_of("source"), source,
                             change->as.model_version.artifact_root, err);
    if (st == MILL_OK)
        st = mill_check_text(mill_place_of("run_id"), change->as.model_version.run_id,
                             MILL_MAX_RUN_ID, err);
    if (st == MILL_OK)
        st = mill_check_text(mill_place_of("model_id"), change->as.model_version.model_id,
                             MILL_MAX_MODEL_ID, err);
    if (st == MILL_OK)
        st = mill_check_text(mill_place_of("run_link"), change->as.model_version.run_link,
                             MILL_MAX_MODEL_SOURCE, err);
    if (st == MILL_OK)
        st = check_tags(&change->as.model_version.tags, &change->as.model_version.tag_count,
                        arena, err);
    if (st != MILL_OK)
        return st;
    if (change->as.model_version.storage_location.ptr == NULL)
        change->as.model_version.storage_location = source;
    change->as.model_version.run_id = mill_text_or_empty(change->as.model_version.run_id);
    change->as.model_version.run_link = mill_text_or_empty(change->as.model_version.run_link);
    change->as.model_version.description =
        mill_text_or_empty(change->as.model_version.description);
    return MILL_OK;
}

static enum mill_status check_stage(const struct mill_change *change, struct mill_error *err)
{
    enum mill_stage stage = change->as.model_version.stage;
    if (mill_stage_name(stage)[0] == '\0')
        return mill_place_fail(mill_place_of("stage"), err,
                               "must be None, Staging, Production or Archived");
    if (change->as.model_version.archive_existing && stage != MILL_STAGE_STAGING &&
        stage != MILL_STAGE_PRODUCTION)
        return mill_place_fail(mill_place_of("archive_existing_versions"), err,
                               "goes only with the stages Staging and Production, not %s",
                               mill_stage_name(stage));
    return MILL_OK;
}

enum mill_status mill_check_model_version(struct mill_change *change, struct mill_arena *arena,
                                          struct mill_error *err)
{
    enum mill_status st = check_name(place_of_name(), change->as.model_version.name, err);
    if (st == MILL_OK)
        st = check_description(change->as.model_version.description, err);
    if (st != MILL_OK)
        return st;
    if (change->kind == MILL_CHANGE_CREATE_MODEL_VERSION)
        return check_new_version(change, arena, err);
    st = check_version(change->as.model_version.version, err);
    if (st == MILL_OK && change->kind == MILL_CHANGE_STAGE_MODEL_VERSION)
        st = check_stage(change, err);
    return st;
}
