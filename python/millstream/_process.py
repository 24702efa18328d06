"""Ends the loggers of runs when the process does, and tells them of forks."""

import atexit
import os
import sys

from millstream import _millstream


def _in_child():
    """In the child of a fork, before anything else runs there."""
    _millstream.forked()
    # A worker of multiprocessing ends without atexit; what it registers before it has begun is
    # forgotten, but for what is to be called after the fork.
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        util.register_after_fork(_millstream, _in_worker)


def _in_worker(_):
    from multiprocessing import util
    util.Finalize(None, _millstream.close_loggers, exitpriority=0)


def watch():
    """Begins; called once, when the first logger is about to be opened."""
    atexit.register(_millstream.close_loggers)
    os.register_at_fork(after_in_child=_in_child)
