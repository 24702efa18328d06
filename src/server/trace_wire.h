/* trace_wire.h - traces and assessments between the store's structs and the protocol's. */
#ifndef MILL_SERVER_TRACE_WIRE_H
#define MILL_SERVER_TRACE_WIRE_H

#include "base/arena.h"
#include "model/trace.h"
#include "wire/messages.h"

/* From a request; what it must make up is in arena. Times that are not given are now_ms, ids
 * are chosen. MILL_E_INVALID names the field, MILL_E_NOMEM. */
enum mill_status mill_trace_from_wire(const struct mill_trace_info *info, int64_t now_ms,
                                      struct mill_arena *arena, struct mill_trace *out,
                                      struct mill_error *err);
enum mill_status mill_assessment_from_wire(const struct mill_assessment_entity *entity,
                                           int64_t now_ms, struct mill_arena *arena,
                                           struct mill_assessment *out, struct mill_error *err);

/* For an answer. MILL_E_NOMEM. */
enum mill_status mill_trace_to_wire(const struct mill_trace *trace, struct mill_arena *arena,
                                    struct mill_trace_info *out, struct mill_error *err);
enum mill_status mill_assessment_to_wire(const struct mill_assessment *assessment,
                                         struct mill_arena *arena,
                                         struct mill_assessment_entity *out,
                                         struct mill_error *err);

#endif
