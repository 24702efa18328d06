/* aws_profile.h - one profile of Amazon's credentials and config files. Pure; any thread. */
#ifndef MILL_FILES_AWS_PROFILE_H
#define MILL_FILES_AWS_PROFILE_H

#include <stdbool.h>

#include <millstream/error.h>

/* The two files name their sections differently. */
enum mill_aws_file {
    MILL_AWS_CREDENTIALS_FILE, /* [default], [NAME] */
    MILL_AWS_CONFIG_FILE       /* [default], [profile NAME] */
};

/* Settings of one profile in one file, views into its text; absent where there is none. */
struct mill_aws_profile {
    bool found; /* the file has such a section */
    struct mill_view access_key, secret_key, session_token;
    struct mill_view region;
    struct mill_view endpoint_url;
    struct mill_view role_arn, role_session_name, web_identity_token_file;
    struct mill_view process; /* the command of a program that writes keys */
    /* The name of a setting that gets keys in a way that this client does not know. */
    struct mill_view other_source;
};

/* Reads the profile of that name. MILL_E_INVALID, beginning with "line N", for text that is not
 * an INI file. */
enum mill_status mill_aws_profile_read(struct mill_view text, enum mill_aws_file file,
                                       struct mill_view name, struct mill_aws_profile *out,
                                       struct mill_error *err);

#endif
