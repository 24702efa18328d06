/* event.c - see event.h. One row for each kind of change that means something to others. */
#include "model/event.h"

#include "base/json_text.h"
#include "base/view.h"
#include "model/limits.h"
#include "model/registry.h"

typedef bool event_chooser(const struct mill_change *change, const struct mill_outcome *outcome,
                           enum mill_event *event_out);
typedef size_t event_measurer(const struct mill_change *change,
                              const struct mill_run_info *run);
typedef void event_writer(struct mill_buf *out, const struct mill_change *change,
                          const struct mill_outcome *outcome);

/* What stands around the value of a member, and numbers. */
#define MEMBER_BYTES 40
/* Each byte of a text may become \u00xx. */
#define ESCAPED_BYTES 6

/* --- members of the object ---------------------------------------------------------------- */

static void add_name(struct mill_buf *out, const char *name)
{
    if (out->len > 0 && out->ptr[out->len - 1] != '{')
        mill_buf_add_view(out, MILL_VIEW(", "));
    mill_buf_printf(out, "\"%s\": ", name);
}

static void add_text(struct mill_buf *out, const char *name, struct mill_view text)
{
    add_name(out, name);
    mill_buf_add_json_string(out, text);
}

static void add_number(struct mill_buf *out, const char *name, int64_t number)
{
    add_name(out, name);
    if (number == MILL_ABSENT)
        mill_buf_add_view(out, MILL_VIEW("null"));
    else
        mill_buf_add_int(out, number);
}

static void add_text_or_null(struct mill_buf *out, const char *name, struct mill_view text)
{
    add_name(out, name);
    if (text.len == 0)
        mill_buf_add_view(out, MILL_VIEW("null"));
    else
        mill_buf_add_json_string(out, text);
}

static void add_version(struct mill_buf *out, int64_t version)
{
    add_name(out, "version");
    mill_buf_printf(out, "\"%lld\"", (long long)version);
}

/* Tags that say what a thing is, and so are no part of it. */
static bool is_mark(struct mill_view key)
{
    return mill_view_eq(key, MILL_VIEW(MILL_PROMPT_TAG)) ||
           mill_view_eq(key, MILL_VIEW(MILL_PROMPT_TYPE_TAG)) ||
           mill_view_eq(key, MILL_VIEW(MILL_PROMPT_TEXT_TAG));
}

/* No two of the tags have the same key. When there is too much of them, none is told. */
static void add_tags(struct mill_buf *out, const struct mill_tag *tags, size_t count,
                     bool marks)
{
    size_t bytes = 0;

    for (size_t i = 0; i < count; i++)
        bytes += tags[i].key.len + tags[i].value.len;
    add_name(out, "tags");
    mill_buf_add_char(out, '{');
    for (size_t i = 0; bytes <= MILL_MAX_EVENT_TAGS && i < count; i++) {
        if (!marks && is_mark(tags[i].key))
            continue;
        if (out->len > 0 && out->ptr[out->len - 1] != '{')
            mill_buf_add_view(out, MILL_VIEW(", "));
        mill_buf_add_json_string(out, tags[i].key);
        mill_buf_add_view(out, MILL_VIEW(": "));
        mill_buf_add_json_string(out, tags[i].value);
    }
    mill_buf_add_char(out, '}');
}

static size_t text_room(struct mill_view text)
{
    return text.len * ESCAPED_BYTES + MEMBER_BYTES;
}

/* For add_tags. */
static size_t tags_room(const struct mill_tag *tags, size_t count)
{
    size_t room = MEMBER_BYTES;
    size_t bytes = 0;

    for (size_t i = 0; i < count; i++) {
        bytes += tags[i].key.len + tags[i].value.len;
        room += text_room(tags[i].key) + text_room(tags[i].value);
    }
    return bytes <= MILL_MAX_EVENT_TAGS ? room : MEMBER_BYTES;
}

/* --- runs --------------------------------------------------------------------------------- */

/* A run that ended; saying so again means nothing new. */
static bool choose_run(const struct mill_change *change, const struct mill_outcome *outcome,
                       enum mill_event *event_out)
{
    static const enum mill_event ends[] = {
        [MILL_RUN_FINISHED] = MILL_EVENT_RUN_FINISHED,
        [MILL_RUN_FAILED] = MILL_EVENT_RUN_FAILED,
        [MILL_RUN_KILLED] = MILL_EVENT_RUN_KILLED,
    };
    enum mill_run_status status = change->as.update_run.status;

    if (outcome->run == NULL || status < MILL_RUN_FINISHED || status > MILL_RUN_KILLED ||
        outcome->previous_status == status)
        return false;
    *event_out = ends[status];
    return true;
}

static size_t measure_run(const struct mill_change *change, const struct mill_run_info *run)
{
    size_t numbers = 4 * MEMBER_BYTES; /* experiment, status, times */

    return run == NULL
               ? 0
               : numbers + text_room(run->run_id) + text_room(run->run_name) +
                     text_room(change->as.update_run.run_name) + text_room(run->user_id);
}

static void write_run(struct mill_buf *out, const struct mill_change *change,
                      const struct mill_outcome *outcome)
{
    const struct mill_run_info *info = &outcome->run->info;

    (void)change;
    add_text(out, "run_id", info->run_id);
    add_text(out, "run_name", info->run_name);
    add_name(out, "experiment_id");
    mill_buf_printf(out, "\"%lld\"", (long long)info->experiment_id);
    add_text(out, "status", mill_view_of(mill_run_status_name(info->status)));
    add_number(out, "start_time", info->start_time);
    add_number(out, "end_time", info->end_time);
    add_text(out, "user_id", info->user_id);
}

/* --- the model registry ------------------------------------------------------------------- */

static bool choose_model(const struct mill_change *change, const struct mill_outcome *outcome,
                         enum mill_event *event_out)
{
    const struct mill_registered_model *model = outcome->model;

    (void)change;
    *event_out = mill_is_prompt(model->tags, model->tag_count) ? MILL_EVENT_PROMPT_CREATED
                                                               : MILL_EVENT_MODEL_CREATED;
    return true;
}

static size_t measure_model(const struct mill_change *change, const struct mill_run_info *run)
{
    (void)run;
    return text_room(change->as.model.name) + text_room(change->as.model.description) +
           tags_room(change->as.model.tags, change->as.model.tag_count);
}

static void write_model(struct mill_buf *out, const struct mill_change *change,
                        const struct mill_outcome *outcome)
{
    const struct mill_registered_model *model = outcome->model;

    (void)change;
    add_text(out, "name", model->name);
    add_tags(out, model->tags, model->tag_count,
             !mill_is_prompt(model->tags, model->tag_count));
    add_text(out, "description", model->description);
}

static bool choose_version(const struct mill_change *change, const struct mill_outcome *outcome,
                           enum mill_event *event_out)
{
    const struct mill_model_version *version = outcome->model_version;

    (void)change;
    *event_out = mill_is_prompt(version->tags, version->tag_count)
                     ? MILL_EVENT_PROMPT_VERSION_CREATED
                     : MILL_EVENT_VERSION_CREATED;
    return true;
}

/* The run may be that of the source. */
static size_t measure_version(const struct mill_change *change, const struct mill_run_info *run)
{
    const struct mill_tag *tags = change->as.model_version.tags;
    size_t count = change->as.model_version.tag_count;
    size_t room = 2 * MEMBER_BYTES + MILL_MAX_RUN_ID * ESCAPED_BYTES + tags_room(tags, count);

    (void)run;
    for (size_t i = 0; i < count; i++)
        if (mill_view_eq(tags[i].key, MILL_VIEW(MILL_PROMPT_TEXT_TAG)))
            room += text_room(tags[i].value);
    return room + text_room(change->as.model_version.name) +
           text_room(change->as.model_version.source) +
           text_room(change->as.model_version.description);
}

static void write_version(struct mill_buf *out, const struct mill_change *change,
                          const struct mill_outcome *outcome)
{
    const struct mill_model_version *version = outcome->model_version;
    bool prompt = mill_is_prompt(version->tags, version->tag_count);
    struct mill_view text = {NULL, 0};

    (void)change;
    add_text(out, "name", version->name);
    add_version(out, version->version);
    for (size_t i = 0; i < version->tag_count; i++)
        if (mill_view_eq(version->tags[i].key, MILL_VIEW(MILL_PROMPT_TEXT_TAG)))
            text = version->tags[i].value;
    if (prompt) {
        add_text_or_null(out, "template", text);
    } else {
        add_text(out, "source", version->source);
        add_text_or_null(out, "run_id", version->run_id);
    }
    add_tags(out, version->tags, version->tag_count, !prompt);
    add_text_or_null(out, "description", version->description);
}

/* Tags and aliases: one event for models, one for prompts. */
static bool choose_by_kind(const struct mill_change *change, const struct mill_outcome *outcome,
                           enum mill_event *event_out)
{
    static const struct {
        enum mill_event of_model, of_prompt;
    } events[] = {
        [MILL_CHANGE_SET_VERSION_TAG] = {MILL_EVENT_VERSION_TAG_SET,
                                         MILL_EVENT_PROMPT_VERSION_TAG_SET},
        [MILL_CHANGE_DELETE_VERSION_TAG] = {MILL_EVENT_VERSION_TAG_DELETED,
                                            MILL_EVENT_PROMPT_VERSION_TAG_DELETED},
        [MILL_CHANGE_SET_MODEL_ALIAS] = {MILL_EVENT_VERSION_ALIAS_CREATED,
                                         MILL_EVENT_PROMPT_ALIAS_CREATED},
        [MILL_CHANGE_DELETE_MODEL_ALIAS] = {MILL_EVENT_VERSION_ALIAS_DELETED,
                                            MILL_EVENT_PROMPT_ALIAS_DELETED},
    };

    *event_out =
        outcome->is_prompt ? events[change->kind].of_prompt : events[change->kind].of_model;
    return true;
}

/* Only of prompts anybody is told. */
static bool choose_prompt_tag(const struct mill_change *change,
                              const struct mill_outcome *outcome, enum mill_event *event_out)
{
    *event_out = change->kind == MILL_CHANGE_SET_MODEL_TAG ? MILL_EVENT_PROMPT_TAG_SET
                                                           : MILL_EVENT_PROMPT_TAG_DELETED;
    return outcome->is_prompt;
}

static size_t measure_tag(const struct mill_change *change, const struct mill_run_info *run)
{
    (void)run;
    return MEMBER_BYTES + text_room(change->as.model_tag.name) +
           text_room(change->as.model_tag.key) + text_room(change->as.model_tag.value);
}

static void write_tag(struct mill_buf *out, const struct mill_change *change,
                      const struct mill_outcome *outcome)
{
    enum mill_change_kind kind = change->kind;

    (void)outcome;
    add_text(out, "name", change->as.model_tag.name);
    if (kind == MILL_CHANGE_SET_VERSION_TAG || kind == MILL_CHANGE_DELETE_VERSION_TAG)
        add_version(out, change->as.model_tag.version);
    add_text(out, "key", change->as.model_tag.key);
    if (kind == MILL_CHANGE_SET_MODEL_TAG || kind == MILL_CHANGE_SET_VERSION_TAG)
        add_text(out, "value", change->as.model_tag.value);
}

static size_t measure_alias(const struct mill_change *change, const struct mill_run_info *run)
{
    (void)run;
    return MEMBER_BYTES + text_room(change->as.model_alias.name) +
           text_room(change->as.model_alias.alias);
}

static void write_alias(struct mill_buf *out, const struct mill_change *change,
                        const struct mill_outcome *outcome)
{
    (void)outcome;
    add_text(out, "name", change->as.model_alias.name);
    add_text(out, "alias", change->as.model_alias.alias);
    if (change->kind == MILL_CHANGE_SET_MODEL_ALIAS)
        add_version(out, change->as.model_alias.version);
}

/* --- all of them -------------------------------------------------------------------------- */

static const struct {
    event_chooser *choose;
    event_measurer *measure;
    event_writer *write;
} rows[] = {
    [MILL_CHANGE_UPDATE_RUN] = {choose_run, measure_run, write_run},
    [MILL_CHANGE_CREATE_MODEL] = {choose_model, measure_model, write_model},
    [MILL_CHANGE_SET_MODEL_TAG] = {choose_prompt_tag, measure_tag, write_tag},
    [MILL_CHANGE_DELETE_MODEL_TAG] = {choose_prompt_tag, measure_tag, write_tag},
    [MILL_CHANGE_SET_MODEL_ALIAS] = {choose_by_kind, measure_alias, write_alias},
    [MILL_CHANGE_DELETE_MODEL_ALIAS] = {choose_by_kind, measure_alias, write_alias},
    [MILL_CHANGE_CREATE_MODEL_VERSION] = {choose_version, measure_version, write_version},
    [MILL_CHANGE_SET_VERSION_TAG] = {choose_by_kind, measure_tag, write_tag},
    [MILL_CHANGE_DELETE_VERSION_TAG] = {choose_by_kind, measure_tag, write_tag},
};

bool mill_event_of(const struct mill_change *change, const struct mill_outcome *outcome,
                   enum mill_event *event_out)
{
    size_t kind = (size_t)change->kind;

    return kind < MILL_COUNT(rows) && rows[kind].choose != NULL &&
           rows[kind].choose(change, outcome, event_out);
}

size_t mill_event_room(const struct mill_change *change, const struct mill_run_info *run)
{
    size_t kind = (size_t)change->kind;

    /* 2: the braces */
    return kind < MILL_COUNT(rows) && rows[kind].measure != NULL
               ? rows[kind].measure(change, run) + 2
               : 0;
}

void mill_event_write(struct mill_buf *out, const struct mill_change *change,
                      const struct mill_outcome *outcome)
{
    mill_buf_add_char(out, '{');
    rows[change->kind].write(out, change, outcome);
    mill_buf_add_char(out, '}');
}
