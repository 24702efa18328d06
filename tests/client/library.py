"""The shared library in this process: the few calls that tests of a long-lived client need."""

import ctypes
import os
import pathlib

import harness

ABSENT = -(1 << 63)


class View(ctypes.Structure):
    _fields_ = [("ptr", ctypes.c_char_p), ("len", ctypes.c_size_t)]

    @classmethod
    def of(cls, text):
        data = text.encode()
        return cls(data, len(data))


class Error(ctypes.Structure):
    _fields_ = [("message", ctypes.c_char * 512)]


class Metric(ctypes.Structure):
    _fields_ = [("key", View), ("value", ctypes.c_double), ("timestamp", ctypes.c_int64),
                ("step", ctypes.c_int64), ("more", ctypes.c_void_p)]


class Batch(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("metrics", ctypes.POINTER(Metric)),
                ("metric_count", ctypes.c_size_t), ("params", ctypes.c_void_p),
                ("param_count", ctypes.c_size_t), ("tags", ctypes.c_void_p),
                ("tag_count", ctypes.c_size_t)]


class Info(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int), ("name", ctypes.c_char_p)]


class Failed(Exception):
    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status, self.message = status, message


def load():
    """The library beside the program that is tested."""
    library = ctypes.CDLL(str(pathlib.Path(harness.program()).parent / "libmillstream.so.0"))
    library.mill_status_get_info.restype = ctypes.POINTER(Info)
    return library


class Client:
    """An open client. Variables of the environment count while it is opened only."""

    def __init__(self, uri, **environment):
        self.library = load()
        self.error = Error()
        self.handle = ctypes.c_void_p()
        before = dict(os.environ)
        os.environ.update(environment)
        try:
            self._call("mill_client_open", View.of(uri), None, ctypes.byref(self.handle))
        finally:
            os.environ.clear()
            os.environ.update(before)

    def _call(self, name, *arguments):
        status = getattr(self.library, name)(*arguments, ctypes.byref(self.error))
        if status != 0:
            raise Failed(self.library.mill_status_get_info(status).contents.name.decode(),
                         self.error.message.decode())

    def log_metric(self, run_id, key, value, step=0):
        self._call("mill_client_log_metric", self.handle, View.of(run_id), View.of(key),
                   ctypes.c_double(value), ctypes.c_int64(ABSENT), ctypes.c_int64(step))

    def log_batch(self, run_id, metrics):
        items = (Metric * len(metrics))(*(Metric(View.of(key), value, 0, step, None)
                                          for key, value, step in metrics))
        batch = Batch(ctypes.sizeof(Batch), items, len(metrics))
        self._call("mill_client_log_batch", self.handle, View.of(run_id), ctypes.byref(batch))

    def set_tag(self, run_id, key, value):
        self._call("mill_client_set_tag", self.handle, View.of(run_id), View.of(key),
                   View.of(value))

    def create_experiment(self, name):
        number = ctypes.c_int64()
        self._call("mill_client_create_experiment", self.handle, View.of(name), View(), None,
                   ctypes.c_size_t(0), ctypes.byref(number))
        return number.value

    def list_experiments(self):
        found = ctypes.c_void_p()
        self._call("mill_client_list_experiments", self.handle, 1, ctypes.byref(found))
        self.library.mill_experiment_list_free(found)

    def close(self):
        self.library.mill_client_close(self.handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
