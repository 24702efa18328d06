/* answer.h - experiments, runs, registered and logged models as the REST calls answer them, for
 * --json: the same names, the same order, and nothing where the protocol leaves a field out.
 * key is the name in the object around it; NULL at the top and in lists. */
#ifndef MILL_CLI_ANSWER_H
#define MILL_CLI_ANSWER_H

#include <millstream/millstream.h>

#include "base/buf.h"

void mill_answer_experiment(struct mill_buf *out, const char *key,
                            const struct mill_experiment *experiment);
void mill_answer_run(struct mill_buf *out, const char *key, const struct mill_run *run);
void mill_answer_run_info(struct mill_buf *out, const char *key,
                          const struct mill_run_info *info);

/* "runs": [...] of an object that is open. None when there is none. */
void mill_answer_runs(struct mill_buf *out, const struct mill_run *const *runs, size_t count);

void mill_answer_model(struct mill_buf *out, const char *key,
                       const struct mill_registered_model *model);
void mill_answer_version(struct mill_buf *out, const char *key,
                         const struct mill_model_version *version);

void mill_answer_logged_model(struct mill_buf *out, const char *key,
                              const struct mill_logged_model *model);

/* "experiment_id": ids are texts in the protocol. */
void mill_answer_experiment_id(struct mill_buf *out, int64_t id);

/* A text or number that is left out when it is absent, and "tags": [...] or "params": [...]
 * when there are any. */
void mill_answer_text(struct mill_buf *out, const char *key, struct mill_view text);
void mill_answer_int(struct mill_buf *out, const char *key, int64_t value);
void mill_answer_tags(struct mill_buf *out, const struct mill_tag *tags, size_t count);
void mill_answer_params(struct mill_buf *out, const struct mill_param *params, size_t count);

/* A whole answer with one member: {"run": {...}} and its line end. */
void mill_answer_one_run(struct mill_buf *out, const struct mill_run *run);
void mill_answer_one_model(struct mill_buf *out, const struct mill_registered_model *model);
void mill_answer_one_version(struct mill_buf *out, const struct mill_model_version *version);
void mill_answer_one_logged_model(struct mill_buf *out, const struct mill_logged_model *model);

#endif
