/* client.h - the client behind <millstream/client.h>, as its own files see it. */
#ifndef MILL_CLIENT_CLIENT_H
#define MILL_CLIENT_CLIENT_H

#include "client/backend.h"

struct mill_client {
    struct mill_backend *backend;
    bool read_only;
};

/* Empty results; NULL when memory is out. The public free functions of the lists free them. */
struct mill_experiment_result *mill_experiment_result_new(void);
struct mill_run_result *mill_run_result_new(void);
struct mill_point_result *mill_point_result_new(void);
struct mill_file_result *mill_file_result_new(void);

#endif
