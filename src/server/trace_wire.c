/* trace_wire.c - see trace_wire.h. */
#include "server/trace_wire.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/view.h"
#include "wire/decode.h"
#include "wire/time_text.h"

/* --- from requests ----------------------------------------------------------------------- */

static enum mill_status read_time(const char *field, struct mill_view text, int64_t otherwise,
                                  int64_t *out, struct mill_error *err)
{
    *out = otherwise;
    if (text.len == 0 || mill_time_read(text, out))
        return MILL_OK;
    return mill_fail(err, MILL_E_INVALID,
                     "%s: '%.*s' is no time such as 2025-01-02T03:04:05.678Z", field,
                     MILL_FMT(mill_utf8_prefix(text, 60)));
}

enum mill_status mill_assessment_from_wire(const struct mill_assessment_entity *entity,
                                           int64_t now_ms, struct mill_arena *arena,
                                           struct mill_assessment *out, struct mill_error *err)
{
    char id[33];
    *out = (struct mill_assessment){.assessment_id = entity->assessment_id,
                                    .name = entity->assessment_name,
                                    .trace_id = entity->trace_id,
                                    .span_id = entity->span_id,
                                    .source = entity->source,
                                    .feedback = entity->feedback,
                                    .expectation = entity->expectation,
                                    .rationale = entity->rationale,
                                    .error = entity->error,
                                    .metadata = entity->metadata,
                                    .metadata_count = entity->metadata_count,
                                    .overrides = entity->overrides,
                                    .valid = entity->valid};
    enum mill_status st =
        read_time("create_time", entity->create_time, now_ms, &out->create_time, err);
    if (st == MILL_OK)
        st = read_time("last_update_time", entity->last_update_time, out->create_time,
                       &out->last_update_time, err);
    if (st != MILL_OK || out->assessment_id.len != 0)
        return st;
    mill_random_hex32(id);
    out->assessment_id = mill_arena_printf(arena, "a-%s", id);
    return out->assessment_id.ptr != NULL ? MILL_OK : mill_no_memory(err);
}

static enum mill_status check_state(struct mill_view state, struct mill_error *err)
{
    static const char *const states[] = {"OK", "ERROR", "IN_PROGRESS", "STATE_UNSPECIFIED"};
    for (size_t i = 0; i < MILL_COUNT(states); i++)
        if (mill_view_eq(state, mill_view_of(states[i])))
            return MILL_OK;
    return mill_fail(err, MILL_E_INVALID,
                     "state: '%.*s' is none of OK, ERROR, IN_PROGRESS, STATE_UNSPECIFIED",
                     MILL_FMT(mill_utf8_prefix(state, 60)));
}

static enum mill_status read_assessments(const struct mill_trace_info *info, int64_t now_ms,
                                         struct mill_arena *arena, struct mill_trace *out,
                                         struct mill_error *err)
{
    struct mill_assessment *list =
        mill_arena_zero(arena, info->assessments_count, sizeof(*list));
    enum mill_status st = list != NULL ? MILL_OK : mill_no_memory(err);
    for (size_t i = 0; st == MILL_OK && i < info->assessments_count; i++)
        st = mill_assessment_from_wire(&info->assessments[i], now_ms, arena, &list[i], err);
    out->assessments = list;
    out->assessment_count = info->assessments_count;
    return st;
}

enum mill_status mill_trace_from_wire(const struct mill_trace_info *info, int64_t now_ms,
                                      struct mill_arena *arena, struct mill_trace *out,
                                      struct mill_error *err)
{
    *out = (struct mill_trace){.trace_id = info->trace_id,
                               .duration_ms = MILL_ABSENT,
                               .state = info->state,
                               .client_request_id = info->client_request_id,
                               .request_preview = info->request_preview,
                               .response_preview = info->response_preview,
                               .tags = info->tags,
                               .tag_count = info->tags_count,
                               .metadata = info->trace_metadata,
                               .metadata_count = info->trace_metadata_count};
    if (info->trace_location == NULL || info->trace_location->mlflow_experiment == NULL)
        return mill_fail(err, MILL_E_INVALID,
                         "trace_location.mlflow_experiment: missing; name the experiment");
    out->experiment_id = info->trace_location->mlflow_experiment->experiment_id;
    if (info->state.len == 0)
        out->state = MILL_VIEW("STATE_UNSPECIFIED");
    if (info->execution_duration.len != 0 &&
        !mill_duration_read(info->execution_duration, &out->duration_ms))
        return mill_fail(err, MILL_E_INVALID,
                         "execution_duration: '%.*s' is no duration such as 1.5s",
                         MILL_FMT(mill_utf8_prefix(info->execution_duration, 60)));
    enum mill_status st = check_state(out->state, err);
    if (st == MILL_OK)
        st = read_time("request_time", info->request_time, now_ms, &out->request_time, err);
    return st == MILL_OK ? read_assessments(info, now_ms, arena, out, err) : st;
}

/* --- for answers ------------------------------------------------------------------------- */

enum mill_status mill_assessment_to_wire(const struct mill_assessment *assessment,
                                         struct mill_arena *arena,
                                         struct mill_assessment_entity *out,
                                         struct mill_error *err)
{
    mill_message_init(&mill_assessment_entity_message, out);
    out->assessment_id = assessment->assessment_id;
    out->assessment_name = assessment->name;
    out->trace_id = assessment->trace_id;
    out->span_id = assessment->span_id;
    out->source = assessment->source;
    out->create_time = mill_time_write(assessment->create_time, arena);
    out->last_update_time = mill_time_write(assessment->last_update_time, arena);
    out->feedback = assessment->feedback;
    out->expectation = assessment->expectation;
    out->rationale = assessment->rationale;
    out->error = assessment->error;
    out->metadata = assessment->metadata;
    out->metadata_count = assessment->metadata_count;
    out->overrides = assessment->overrides;
    out->valid = assessment->valid;
    if (out->create_time.ptr == NULL || out->last_update_time.ptr == NULL)
        return mill_no_memory(err);
    return MILL_OK;
}

static enum mill_status add_location(int64_t experiment_id, struct mill_arena *arena,
                                     struct mill_trace_info *out, struct mill_error *err)
{
    struct mill_trace_location *location = mill_arena_zero(arena, 1, sizeof(*location));
    struct mill_trace_experiment *experiment = mill_arena_zero(arena, 1, sizeof(*experiment));
    if (location == NULL || experiment == NULL)
        return mill_no_memory(err);
    experiment->experiment_id = experiment_id;
    location->type = MILL_VIEW("MLFLOW_EXPERIMENT");
    location->mlflow_experiment = experiment;
    out->trace_location = location;
    return MILL_OK;
}

static enum mill_status add_assessments(const struct mill_trace *trace,
                                        struct mill_arena *arena, struct mill_trace_info *out,
                                        struct mill_error *err)
{
    struct mill_assessment_entity *entities =
        mill_arena_zero(arena, trace->assessment_count, sizeof(*entities));
    enum mill_status st = entities != NULL ? MILL_OK : mill_no_memory(err);
    for (size_t i = 0; st == MILL_OK && i < trace->assessment_count; i++)
        st = mill_assessment_to_wire(&trace->assessments[i], arena, &entities[i], err);
    out->assessments = entities;
    out->assessments_count = trace->assessment_count;
    return st;
}

enum mill_status mill_trace_to_wire(const struct mill_trace *trace, struct mill_arena *arena,
                                    struct mill_trace_info *out, struct mill_error *err)
{
    mill_message_init(&mill_trace_info_message, out);
    out->trace_id = trace->trace_id;
    out->client_request_id = trace->client_request_id;
    out->request_time = mill_time_write(trace->request_time, arena);
    out->state = trace->state;
    out->trace_metadata = trace->metadata;
    out->trace_metadata_count = trace->metadata_count;
    out->tags = trace->tags;
    out->tags_count = trace->tag_count;
    out->request_preview = trace->request_preview;
    out->response_preview = trace->response_preview;
    if (trace->duration_ms != MILL_ABSENT)
        out->execution_duration = mill_duration_write(trace->duration_ms, arena);
    if (out->request_time.ptr == NULL ||
        (trace->duration_ms != MILL_ABSENT && out->execution_duration.ptr == NULL))
        return mill_no_memory(err);
    enum mill_status st = add_location(trace->experiment_id, arena, out, err);
    return st == MILL_OK ? add_assessments(trace, arena, out, err) : st;
}
