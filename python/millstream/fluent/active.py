"""The active runs: each thread has a stack of its own, and whoever logs without naming a run logs
to the top of it.

A forked child starts without active runs, so that it never ends its parent's.  When the
interpreter exits, the runs that its main thread left open end as FINISHED.
"""

from __future__ import annotations

import atexit
import functools
import logging
import os
import sys
import threading
import time
from typing import Any, Dict, List, Mapping, Optional, Set, Tuple

from .. import environment, source
from ..entities import Run, RunData, RunInfo, RunTag
from ..exceptions import MlflowException
from ..tracking import get_tracking_uri
from . import clients, experiments

_invalid = MlflowException.invalid_parameter_value
_log = logging.getLogger(__name__)

NOTE = "mlflow.note.content"
PARENT = "mlflow.parentRunId"
NAME = "mlflow.runName"


class ActiveRun(Run):
    """A run that is being logged; a context manager that ends it.

    It ends as FINISHED, or as FAILED when the body raises; the exception goes on.  What it holds
    is the state at its start: ask `get_run` for values that were logged since.

    >>> with start_run() as run:                                          # doctest: +SKIP
    ...     print(run.info.run_id)
    """

    def __new__(cls, run: Run) -> "ActiveRun":
        return super().__new__(cls, run.info, run.data, run.inputs, run.outputs)

    def __reduce__(self) -> Any:
        return ActiveRun, (Run(self.info, self.data, self.inputs, self.outputs),)

    def __enter__(self) -> "ActiveRun":
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        if any(each.run.info.run_id == self.info.run_id for each in here.stack):
            end_run("FINISHED" if kind is None else "FAILED")
        return kind is None


class Open:
    """An entry of the stack: a run with what logs to it."""

    __slots__ = ("run", "run_id", "client", "uri", "monitor", "log_metric", "datasets")

    def __init__(self, run: ActiveRun, client: Any, uri: str) -> None:
        self.run = run
        self.run_id: str = run.info.run_id
        self.client = client
        self.uri = uri
        self.monitor: Optional[Any] = None
        # Bound once: it is called for every point.
        self.log_metric = functools.partial(client.log_metric, self.run_id)
        self.datasets: Set[Tuple[str, str]] = set()  # that the run is known to have read


class Here(threading.local):
    """What a thread has."""

    def __init__(self) -> None:
        self.stack: List[Open] = []
        self.last_run_id: Optional[str] = None
        self.last_model_id: Optional[str] = None
        # What points are logged about: see logged_models.py.
        self.model_id: Optional[str] = environment.get("MLFLOW_ACTIVE_MODEL_ID")


here = Here()


def _forget() -> None:
    global here
    here = Here()


def _end_all() -> None:
    while here.stack:
        try:
            end_run()
        except Exception as error:  # an exiting interpreter has nobody to catch it
            sys.stderr.write(f"millstream: a run could not be ended: {error}\n")


os.register_at_fork(after_in_child=_forget)
atexit.register(_end_all)


def top() -> Open:
    """The active run of this thread; one is started where there is none."""
    if not here.stack:
        start_run()
    return here.stack[-1]


def named(run_id: str) -> Optional[Open]:
    """The entry of a run that is active somewhere on this thread's stack."""
    return next((entry for entry in here.stack if entry.run_id == run_id), None)


def target(run_id: Optional[str]) -> Tuple[Any, str]:
    """(client, run id) to log to: of the run named, else of the active one.

    An active run that is named is reached through the client that it was started with.
    """
    entry = top() if run_id is None else named(run_id)
    return (clients.current(), str(run_id)) if entry is None else (entry.client, entry.run_id)


def client() -> Any:
    """The client of the active run, else that of the tracking URI; starts no run."""
    return here.stack[-1].client if here.stack else clients.current()


# --- starting ------------------------------------------------------------------------------


def _with_note(tags: Optional[Mapping[str, Any]], description: Optional[str]) -> Dict[str, Any]:
    tags = dict(tags or {})
    if description:
        if NOTE in tags:
            raise _invalid(f"The description is given twice, also as the tag {NOTE}")
        tags[NOTE] = description
    return tags


def _tag(on: Any, run_id: str, tags: Mapping[str, Any]) -> None:
    if tags:
        on.log_batch(run_id, tags=[RunTag(key, str(value)) for key, value in tags.items()])


def _refuse_deleted(run: Run, what: str) -> None:
    if run.info.lifecycle_stage == "deleted":
        raise MlflowException(f"Run {run.info.run_id} is deleted and cannot {what}")


def _resume_offline(run_id: str, run_name: Optional[str]) -> Run:
    """A run of which no more is known than that it is there; its logger lets it run again."""
    info = RunInfo(run_id, experiments.active_id(), source.user(), "RUNNING",
                   int(time.time() * 1000), None, "active", run_name=run_name)
    return Run(info, RunData())


def _resume(on: Any, run_id: str, run_name: Optional[str], tags: Dict[str, Any]) -> Run:
    """The run that is there already, RUNNING again."""
    found = on.get_run(run_id)
    chosen = experiments.active_id()
    if chosen is not None and chosen != found.info.experiment_id:
        raise MlflowException(f"Run {run_id} belongs to experiment {found.info.experiment_id}, "
                              f"but the active experiment is {chosen}")
    _refuse_deleted(found, "be started again")
    on.update_run(run_id, status="RUNNING", name=run_name)
    _tag(on, run_id, tags)
    return on.get_run(run_id)


def _parent(on: Any, parent_run_id: Optional[str]) -> Optional[str]:
    """Id of the run that a new one is nested in."""
    above = here.stack[-1].run_id if here.stack else None
    if not parent_run_id:
        return above
    if above is not None and parent_run_id != above:
        raise MlflowException(f"parent_run_id is {parent_run_id}, but the active run is {above}; "
                              "end that one first")
    if on.mode != "offline":
        _refuse_deleted(on.get_run(parent_run_id), "have new runs nested in it")
    return parent_run_id


def _create(on: Any, experiment_id: Optional[str], run_name: Optional[str],
            parent_run_id: Optional[str], tags: Dict[str, Any]) -> Run:
    parent = _parent(on, parent_run_id)
    if parent is not None:
        tags[PARENT] = parent
    if run_name:
        tags[NAME] = run_name
    place = {"experiment_id": experiment_id} if experiment_id else experiments.place(on)
    return on.create_run(**place, run_name=run_name, tags=source.tags(tags))


def _watch(entry: Open, wanted: Optional[bool], resumed: bool) -> None:
    """Start to watch the machine, if that is wanted."""
    if wanted is None:
        wanted = bool(environment.get("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING"))
    if not wanted:
        return
    from ..system_metrics.monitor import SystemMetricsMonitor

    try:
        monitor = SystemMetricsMonitor(entry.run_id, resume_logging=resumed, client=entry.client)
        monitor.start()
    except Exception as error:  # the training counts, not what the machine does meanwhile
        _log.error("The machine is not watched during run %s: %s", entry.run_id, error)
    else:
        entry.monitor = monitor


def _run_id_to_resume(run_id: Optional[str]) -> Optional[str]:
    """`run_id`, or the one that whoever started this process has chosen, which counts once."""
    if run_id:
        return run_id
    found = environment.get("MLFLOW_RUN_ID")
    environment.put("MLFLOW_RUN_ID", None)
    return str(found) if found else None


def start_run(run_id: Optional[str] = None, experiment_id: Optional[str] = None,
              run_name: Optional[str] = None, nested: bool = False,
              parent_run_id: Optional[str] = None, tags: Optional[Mapping[str, Any]] = None,
              description: Optional[str] = None,
              log_system_metrics: Optional[bool] = None, *,
              mode: Optional[str] = None) -> ActiveRun:
    """Start a run, or go on with one, and make it this thread's active run.

    Arguments:
        run_id: a run to go on with; MLFLOW_RUN_ID if None, a new run if that is not set.
        experiment_id: where a new run belongs, as str or int; None: the active experiment (see
            `set_experiment`), MLFLOW_EXPERIMENT_NAME, MLFLOW_EXPERIMENT_ID, else "0".
        run_name: None: made up.
        nested: whether there may be an active run already, which becomes the new one's parent.
        parent_run_id: a run to nest the new one in that need not be active.
        tags: more tags; those of the origin (user, script, commit) are set anyway.
        description: Markdown text about the run.
        log_system_metrics: whether to watch the machine; None: as
            `enable_system_metrics_logging` says.
        mode: what happens to what is logged to a server: "online" is spooled on this machine and
            delivered in the background, "offline" is spooled for `millstream sync`, "strict"
            waits for the server and raises what it refuses.  None: MILLSTREAM_MODE, else
            "online".  Files and databases are written at once, unless it is "offline".

    Gives the run, which is a context manager.  It keeps its tracking URI when another is set.

    Raises MlflowException when a run is active and `nested` is not set, for a run that is
    deleted, unknown or of another experiment than the active one, and (INVALID_PARAMETER_VALUE)
    for arguments that contradict each other.

    >>> with start_run(run_name="first", tags={"team": "blue"}):          # doctest: +SKIP
    ...     log_metric("loss", 0.25, step=1)
    """
    if experiment_id is not None and not isinstance(experiment_id, (str, int)):
        raise _invalid(f"experiment_id is {experiment_id!r}; it is a str or an int")
    if here.stack and not nested:
        raise MlflowException(f"Run {here.stack[0].run_id} is active. End it with end_run(), or "
                              "give nested=True to start a run inside of it",
                              error_code="INVALID_STATE")
    on = clients.current(mode)
    resumed = _run_id_to_resume(run_id)
    noted = _with_note(tags, description)
    if resumed and on.mode == "offline":
        _tag(on, resumed, noted)
        run = _resume_offline(resumed, run_name)
    elif resumed:
        run = _resume(on, resumed, run_name, noted)
    else:
        run = _create(on, None if experiment_id is None else str(experiment_id), run_name,
                      parent_run_id, noted)
    entry = Open(ActiveRun(run), on, get_tracking_uri())
    here.stack.append(entry)
    _watch(entry, log_system_metrics, bool(resumed))
    return entry.run


# --- ending --------------------------------------------------------------------------------


def _say_where(entry: Open) -> None:
    """Print where to look at the run, if it is on a server."""
    if (entry.uri.startswith(("http://", "https://")) and entry.run.info.experiment_id
            and entry.client.mode != "offline"
            and not environment.get("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT")):
        info = entry.run.info
        place = f"#/experiments/{info.experiment_id}/runs/{info.run_id}"
        sys.stdout.write(f"Run {info.run_name}: {entry.uri.rstrip('/')}/{place}\n")


def end_run(status: str = "FINISHED") -> None:
    """End the active run of this thread, if there is one; the one around it is active then.

    Arguments:
        status: "FINISHED", "FAILED" or "KILLED".

    Waits a while for what was logged to arrive; what does not stays in the spool.  Raises an
    Exception for a status that there is not.

    >>> start_run() and end_run("KILLED")                                 # doctest: +SKIP
    """
    if not here.stack:
        return
    environment.put("MLFLOW_RUN_ID", None)
    entry = here.stack.pop()
    here.last_run_id = entry.run_id
    if entry.monitor is not None:
        entry.monitor.finish()
    entry.client.set_terminated(entry.run_id, status)
    _say_where(entry)


def active_run() -> Optional[ActiveRun]:
    """The active run of this thread, or None.

    >>> active_run() is None
    True
    """
    return here.stack[-1].run if here.stack else None


def last_active_run() -> Optional[Run]:
    """The active run of this thread, else the last one that it ended, else None.

    >>> with start_run() as run:                                          # doctest: +SKIP
    ...     pass
    >>> last_active_run().info.status                                     # doctest: +SKIP
    'FINISHED'
    """
    if here.stack:
        return here.stack[-1].run
    if here.last_run_id is None:
        return None
    return clients.current().get_run(here.last_run_id)
