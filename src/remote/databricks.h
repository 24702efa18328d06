/* databricks.h - the tracking URIs of Databricks workspaces: which workspace is meant and how
 * to authenticate there, from the environment or the user's file of profiles. */
#ifndef MILL_REMOTE_DATABRICKS_H
#define MILL_REMOTE_DATABRICKS_H

#include "remote/remote_options.h"

/* Reads "databricks" or "databricks://PROFILE", in this order:
 *
 *   1. PROFILE, else DATABRICKS_CONFIG_PROFILE: that section of the file, which is
 *      DATABRICKS_CONFIG_FILE or ~/.databrickscfg
 *   2. DATABRICKS_HOST with DATABRICKS_USERNAME and _PASSWORD, or _TOKEN, or _CLIENT_ID and
 *      _CLIENT_SECRET; a host without any of them counts as not given
 *   3. the section DEFAULT of the file
 *
 * Each is taken whole: sources are not mixed. MILL_E_INVALID names file, section, key or
 * variable and what to do; MILL_E_UNSUPPORTED is about secrets of a cluster
 * (databricks://SCOPE:PREFIX) and ways to sign in that need other programs. Messages never hold
 * a password, token or secret. All text goes to arena. */
enum mill_status mill_databricks_options_read(struct mill_remote_options *options,
                                              struct mill_view uri, struct mill_view user_agent,
                                              struct mill_arena *arena, struct mill_error *err);

#endif
