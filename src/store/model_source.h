/* model_source.h - what a new model version may come from. */
#ifndef MILL_STORE_MODEL_SOURCE_H
#define MILL_STORE_MODEL_SOURCE_H

#include "store/store.h"

/* Checks the source of a MILL_CHANGE_CREATE_MODEL_VERSION against what the store knows, and
 * completes the change: storage_location, the run of a source that has one, and the number in
 * place of the stage or alias of another model's version. Text is allocated in arena.
 *
 *   a path, file:              inside the local artifact directory of the run (or logged model)
 *                              that the change names, symbolic links followed
 *   mlflow-artifacts:          inside the artifact location of that run (or logged model)
 *   runs:/RUN/...              of that run
 *   models:/m-ID               that logged model
 *   models:/NAME/VERSION,      a version of another registered model, whose run and model the
 *   /STAGE, /latest, @ALIAS    change may repeat but not contradict
 *   anything else              as it is, without '..' however encoded
 *
 * A prompt's source stands for nothing and is one of two words. Fails with MILL_E_INVALID, with
 * MILL_E_NOT_FOUND for a registered model, version or logged model that is not there. */
enum mill_status mill_store_resolve_source(struct mill_store *store, struct mill_change *change,
                                           struct mill_arena *arena, struct mill_error *err);

#endif
