/* client_artifacts.c - methods about the files of a run, and of what a URI names. */
#include <errno.h>
#include <unistd.h>

#include "client.h"

/* Of the local path of what was fetched. */
#define MAX_PLACE_BYTES 8192

PyObject *pymill_files_done(struct pymill_call *call, enum mill_status status,
                            struct mill_file_list *files)
{
    PyObject *result = NULL;
    if (pymill_returned(call, status))
        result = pymill_entity_list(call->self->state, PYMILL_FILE_INFO,
                                    (const void *const *)files->items, files->count);
    mill_file_list_free(files);
    return pymill_finish(call, result);
}

PyDoc_STRVAR(
    list_artifacts_doc,
    "list_artifacts($self, run_id, path=None)\n--\n\n"
    "What lies directly in a directory of a run, ordered by path: list of FileInfo.\n\n"
    "  path  of the directory, below the run's artifact root; None: the root\n\n"
    "Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE for a path\n"
    "that leads out of it.\n\n"
    "    [file.path for file in client.list_artifacts(run_id, 'plots')]");

static PyObject *list_artifacts(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct mill_file_list *files = NULL;
    if (!pymill_begin_after(&call, self, v[0].text, NULL))
        return NULL;
    enum mill_status st =
        mill_client_list_artifacts(call.client, v[0].text, v[1].text, &files, &call.error);
    return pymill_files_done(&call, st, files);
}
PYMILL_METHOD(list_artifacts, PYMILL_NEEDS("run_id", PYMILL_VIEW),
              PYMILL_TAKES("path", PYMILL_VIEW))

bool pymill_check_local(struct mill_view path)
{
    if (path.ptr == NULL || access(path.ptr, F_OK) == 0)
        return true; /* an absent path is the library's to refuse */
    PyErr_SetFromErrnoWithFilename(PyExc_OSError, path.ptr);
    return false;
}

PyDoc_STRVAR(log_artifact_doc,
             "log_artifact($self, run_id, local_path, artifact_path=None)\n--\n\n"
             "Stores a local file in a run, or a local directory under its own name.\n\n"
             "  artifact_path  directory below the run's artifact root; None: the root\n\n"
             "Raises FileNotFoundError, MlflowException: RESOURCE_DOES_NOT_EXIST,\n"
             "INVALID_PARAMETER_VALUE.\n\n"
             "    client.log_artifact(run_id, 'confusion.png', 'plots')");

static PyObject *log_artifact(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_check_local(v[1].text) || !pymill_begin_log(&call, self, v[0].text, NULL))
        return NULL;
    return pymill_done(
        &call, call.logger != NULL
                   ? mill_logger_log_artifact(call.logger, v[1].text, v[2].text, &call.error)
                   : mill_client_log_artifact(call.client, v[0].text, v[1].text, v[2].text,
                                              NULL, &call.error));
}
PYMILL_METHOD(log_artifact, PYMILL_NEEDS("run_id", PYMILL_VIEW),
              PYMILL_NEEDS("local_path", PYMILL_PATH),
              PYMILL_TAKES("artifact_path", PYMILL_VIEW))

PyDoc_STRVAR(
    log_artifacts_doc,
    "_log_artifacts($self, run_id, local_dir, artifact_path=None, progress=None)\n--\n\n"
    "Stores everything below a local directory in a run, at once and without a logger.\n"
    "progress is called now and then with files, files in all (0: not known), bytes, bytes in\n"
    "all (None: not known); what it raises ends the transfer.");

static PyObject *_log_artifacts(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_check_local(v[1].text) ||
        !pymill_begin_after(&call, self, v[0].text, v[3].object))
        return NULL;
    struct mill_transfer_options options = pymill_transfer_options(&call.waiting);
    return pymill_done(&call, mill_client_log_artifacts(call.client, v[0].text, v[1].text,
                                                        v[2].text, &options, &call.error));
}
PYMILL_METHOD(_log_artifacts, PYMILL_NEEDS("run_id", PYMILL_VIEW),
              PYMILL_NEEDS("local_dir", PYMILL_PATH),
              PYMILL_TAKES("artifact_path", PYMILL_VIEW), PYMILL_TAKES("progress", PYMILL_ANY))

PyDoc_STRVAR(download_artifacts_doc,
             "_download_artifacts($self, run_id, path, local_dir, progress=None)\n--\n\n"
             "Fetches a file or directory of a run into a local directory; progress as for\n"
             "_log_artifacts.");

static PyObject *_download_artifacts(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    if (!pymill_begin_after(&call, self, v[0].text, v[3].object))
        return NULL;
    struct mill_transfer_options options = pymill_transfer_options(&call.waiting);
    return pymill_done(&call, mill_client_download_artifacts(call.client, v[0].text, v[1].text,
                                                             v[2].text, &options, &call.error));
}
PYMILL_METHOD(_download_artifacts, PYMILL_NEEDS("run_id", PYMILL_VIEW),
              PYMILL_NEEDS("path", PYMILL_VIEW), PYMILL_NEEDS("local_dir", PYMILL_PATH),
              PYMILL_TAKES("progress", PYMILL_ANY))

PyDoc_STRVAR(list_uri_doc, "_list_uri($self, uri)\n--\n\n"
                           "What lies directly in the directory that a URI names: list of "
                           "FileInfo.");

static PyObject *_list_uri(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    struct mill_file_list *files = NULL;
    if (!pymill_begin_after(&call, self, (struct mill_view){NULL, 0}, NULL))
        return NULL;
    enum mill_status st = mill_client_list_uri(call.client, v[0].text, &files, &call.error);
    return pymill_files_done(&call, st, files);
}
PYMILL_METHOD(_list_uri, PYMILL_NEEDS("uri", PYMILL_VIEW))

PyDoc_STRVAR(
    download_uri_doc,
    "_download_uri($self, uri, local_dir, progress=None)\n--\n\n"
    "Fetches what a URI names into a local directory: where it is then. progress as for\n"
    "_log_artifacts.");

static PyObject *_download_uri(struct pymill_client *self, const union pymill_value *v)
{
    struct pymill_call call;
    char place[MAX_PLACE_BYTES];
    PyObject *result = NULL;
    if (!pymill_begin_after(&call, self, (struct mill_view){NULL, 0}, v[2].object))
        return NULL;
    struct mill_transfer_options options = pymill_transfer_options(&call.waiting);
    if (pymill_returned(&call,
                        mill_client_download_uri(call.client, v[0].text, v[1].text, &options,
                                                 place, sizeof(place), NULL, &call.error)))
        result = PyUnicode_DecodeFSDefault(place);
    return pymill_finish(&call, result);
}
PYMILL_METHOD(_download_uri, PYMILL_NEEDS("uri", PYMILL_VIEW),
              PYMILL_NEEDS("local_dir", PYMILL_PATH), PYMILL_TAKES("progress", PYMILL_ANY))

PyMethodDef pymill_artifact_methods[] = {
    PYMILL_METHOD_ROW(list_artifacts, list_artifacts_doc),
    PYMILL_METHOD_ROW(log_artifact, log_artifact_doc),
    PYMILL_METHOD_ROW(_log_artifacts, log_artifacts_doc),
    PYMILL_METHOD_ROW(_download_artifacts, download_artifacts_doc),
    PYMILL_METHOD_ROW(_list_uri, list_uri_doc),
    PYMILL_METHOD_ROW(_download_uri, download_uri_doc),
    {NULL, NULL, 0, NULL},
};
