/* aws_process.h - keys from a program that the user's profile names (credential_process). */
#ifndef MILL_FILES_AWS_PROCESS_H
#define MILL_FILES_AWS_PROCESS_H

#include "files/aws_credentials.h"

/* The words of a command as a shell would see them, with a NULL at the end, in arena: white
 * space parts them, quotation marks and backslashes keep it in a word; nothing else is special.
 * MILL_E_INVALID for a quotation mark without its partner, for a backslash at the end and for
 * no words; MILL_E_NOMEM. Pure. */
enum mill_status mill_aws_process_words(struct mill_view command, struct mill_arena *arena,
                                        char ***argv_out, struct mill_error *err);

/* Runs the command, for a minute at most, and reads the keys that it writes, in arena. Errors
 * are those of mill_program_run and mill_aws_credentials_parse, and MILL_E_DENIED for an exit
 * status that is not 0, with what the program said. Any thread. */
enum mill_status mill_aws_process_keys(struct mill_view command, struct mill_arena *arena,
                                       struct mill_aws_credentials *out,
                                       struct mill_error *err);

#endif
