/* aws_config.h - who a program is for Amazon's services, as its environment and its user's
 * files say. Nothing here uses the network. Any thread. */
#ifndef MILL_FILES_AWS_CONFIG_H
#define MILL_FILES_AWS_CONFIG_H

#include "files/aws_credentials.h"
#include "remote/config_file.h"
#include "remote/remote_options.h"

/* Where the keys come from. */
enum mill_aws_source {
    MILL_AWS_STATIC,    /* they are known: from the environment or a file */
    MILL_AWS_IDENTITY,  /* a role that a service gives to who shows the token of an identity */
    MILL_AWS_PROCESS,   /* a program that the profile names */
    MILL_AWS_CONTAINER, /* the endpoint that a container service named */
    MILL_AWS_INSTANCE,  /* the metadata service of a virtual machine */
    MILL_AWS_NOWHERE    /* there are none */
};

/* Texts are absent where nothing is said; those of the environment are NUL-terminated. */
struct mill_aws_config {
    struct mill_view profile;      /* its name, "default" unless told otherwise */
    struct mill_view region;       /* "us-east-1" unless told otherwise */
    struct mill_view endpoint_url; /* of the profile */
    struct mill_view ca_path;      /* certificates to trust in place of the system's */

    enum mill_aws_source source;
    struct mill_aws_credentials keys; /* STATIC */
    /* CONTAINER: the whole address of the keys; INSTANCE: that of the metadata service;
     * IDENTITY: that of the token service. */
    struct mill_view source_url;
    /* IDENTITY: the file that holds the token, for which role, and what that use is called. */
    struct mill_view identity_file, role_arn, role_session;
    struct mill_view process; /* PROCESS: its command */
    /* CONTAINER: what to authorize with, as it is or in a file. */
    struct mill_view token, token_file;
    int64_t source_timeout_s, source_attempts; /* CONTAINER and INSTANCE */
    struct mill_config_file credentials_file, config_file;
};

/* Reads the environment, then the two files. Texts are in arena. Fails with MILL_E_INVALID for
 * half a pair of keys, a broken file or setting; MILL_E_NOT_FOUND for a profile that was named
 * and is in neither file; MILL_E_UNSUPPORTED for a profile that gets its keys in a way of which
 * nothing is known here; what reading a file fails with. Messages name variable, file and
 * profile. */
enum mill_status mill_aws_config_read(struct mill_aws_config *out, struct mill_arena *arena,
                                      struct mill_error *err);

/* Whether text can be the name of a region: host names are made of it. */
bool mill_aws_region_valid(struct mill_view region);

/* Has a connection trust the certificates that config names, if it does. */
void mill_aws_trust(const struct mill_aws_config *config, struct mill_remote_options *options);

/* The domain that the services of a region are in. */
const char *mill_aws_domain(struct mill_view region);

#endif
