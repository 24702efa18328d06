/* config_file.h - INI files of the user's, read whole. */
#ifndef MILL_REMOTE_CONFIG_FILE_H
#define MILL_REMOTE_CONFIG_FILE_H

#include "base/arena.h"

/* A file larger than this is no configuration. */
#define MILL_CONFIG_FILE_MAX ((size_t)1 << 20)

struct mill_config_file {
    const char *path;      /* as it was opened, for messages */
    struct mill_view text; /* absent: there is no such file */
};

/* Reads the file; a path that begins with "~/" lies in the user's home. Path and text go to
 * arena. A missing file is no error. MILL_E_INVALID for one that is too large or no file,
 * MILL_E_IO and MILL_E_DENIED when it cannot be read, MILL_E_NOMEM. */
enum mill_status mill_config_file_read(const char *path, struct mill_arena *arena,
                                       struct mill_config_file *out, struct mill_error *err);

/* One key that is looked for in a section; keys are compared without case. */
struct mill_config_key {
    const char *name;
    const char **value_out; /* gets the value, NULL when it is missing or empty */
};

/* Looks up keys of a section, whose values go to arena; *found_out says whether there is such a
 * section. A key that is there twice has its last value. MILL_E_INVALID for a file that is not
 * written as an INI file, naming file and line, or holds a NUL byte. */
enum mill_status mill_config_file_section(const struct mill_config_file *file,
                                          struct mill_view section,
                                          const struct mill_config_key *keys, size_t key_count,
                                          struct mill_arena *arena, bool *found_out,
                                          struct mill_error *err);

#endif
