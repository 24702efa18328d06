/* registry.h - rules of the model registry that are asked before anything is changed. */
#ifndef MILL_MODEL_REGISTRY_H
#define MILL_MODEL_REGISTRY_H

#include <millstream/types.h>

/* The tag that makes a prompt of a registered model, when it is "true". */
#define MILL_PROMPT_TAG "mlflow.prompt.is_prompt"

/* Tags of a prompt's versions: what it says, the type of that, and JSON about its use. */
#define MILL_PROMPT_TEXT_TAG     "mlflow.prompt.text"
#define MILL_PROMPT_TYPE_TAG     "_mlflow_prompt_type" /* "text" or "chat" */
#define MILL_PROMPT_RESPONSE_TAG "_mlflow_prompt_response_format"
#define MILL_PROMPT_CONFIG_TAG   "_mlflow_prompt_model_config"

/* Tag of a prompt: ids of the experiments that it is linked to, each between commas. */
#define MILL_PROMPT_EXPERIMENTS_TAG "_mlflow_experiment_ids"

/* Names of a registered model and of an alias that are only looked for: MILL_E_INVALID for what
 * cannot be one. Any thread. */
enum mill_status mill_model_name_check(struct mill_view name, struct mill_error *err);
enum mill_status mill_alias_check(struct mill_view alias, struct mill_error *err);

/* Whether tags make a prompt of what has them. Of one key the last counts. */
bool mill_is_prompt(const struct mill_tag *tags, size_t count);

#endif
