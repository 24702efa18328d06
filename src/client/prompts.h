/* prompts.h - what the files of the prompt registry share: prompts between the models of the
 * registry that they are kept as and the structs of <millstream/prompts.h>. */
#ifndef MILL_CLIENT_PROMPTS_H
#define MILL_CLIENT_PROMPTS_H

#include "client/client.h"

/* MILL_E_INVALID for what no new prompt can be called. */
enum mill_status mill_prompt_name_check(struct mill_view name, struct mill_error *err);

/* MILL_E_INVALID for a model of the registry that is no prompt. */
enum mill_status mill_prompt_model_check(const struct mill_registered_model *model,
                                         struct mill_error *err);

/* Tags of a new version, of which of one key the last counts: the caller's, then those that
 * make a prompt of it. */
enum mill_status mill_prompt_version_tags(const struct mill_new_prompt *prompt,
                                          struct mill_arena *arena, const struct mill_tag **out,
                                          size_t *count_out, struct mill_error *err);

/* Make lists of what the result holds. */
enum mill_status mill_prompts_of_models(struct mill_prompt_result *result,
                                        struct mill_error *err);
enum mill_status mill_prompts_of_versions(struct mill_prompt_version_result *result,
                                          struct mill_error *err);

#endif
