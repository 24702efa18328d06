/* trace.h - traces of calls, without their spans, and what people or judges said of them. Plain
 * values as in millstream/types.h; JSON is kept as its text. */
#ifndef MILL_MODEL_TRACE_H
#define MILL_MODEL_TRACE_H

#include <millstream/types.h>

/* One judgement of a trace. Absent texts were not given. */
struct mill_assessment {
    struct mill_view assessment_id; /* "a-" and 32 hex digits */
    struct mill_view trace_id;
    struct mill_view name;
    struct mill_view span_id;
    struct mill_view source; /* JSON object: who judged */
    int64_t create_time;
    int64_t last_update_time;
    struct mill_view feedback;    /* JSON object; this or the next one */
    struct mill_view expectation; /* JSON object */
    struct mill_view rationale;
    struct mill_view error; /* JSON object */
    const struct mill_tag *metadata;
    size_t metadata_count;
    struct mill_view overrides; /* the assessment that this one replaces */
    bool valid;                 /* it was not replaced */
};

struct mill_trace {
    struct mill_view trace_id;
    int64_t experiment_id;
    int64_t request_time;
    int64_t duration_ms;    /* MILL_ABSENT: not said */
    struct mill_view state; /* "OK", "ERROR", "IN_PROGRESS" or "STATE_UNSPECIFIED" */
    struct mill_view client_request_id;
    struct mill_view request_preview;
    struct mill_view response_preview;
    const struct mill_tag *tags;
    size_t tag_count;
    const struct mill_tag *metadata;
    size_t metadata_count;
    const struct mill_assessment *assessments;
    size_t assessment_count;
};

#endif
