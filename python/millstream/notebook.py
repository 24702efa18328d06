"""What notebooks show of runs and experiments, and whether and in which one we are.

Entities come here for their `_repr_html_`.  Names and values are foreign text: all of it goes
through `html.escape`, and links lead nowhere but to the tracking server.
"""

from __future__ import annotations

import html
import os
import sys
import time
from typing import Any, Iterable, List, Mapping, Optional, Sequence
from urllib.parse import quote

# More than that helps nobody; rows that are left out are counted.
MAX_ROWS = 50
MAX_COLUMNS = 30
MAX_VALUE = 200  # characters

_NOTEBOOK_VARIABLES = ("__vsc_ipynb_file__", "IPYNB_FILE", "JPY_SESSION_NAME")


def _shell() -> Optional[Any]:
    """IPython's shell, without importing IPython."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def is_running() -> bool:
    """Whether this is a notebook's kernel rather than a script or IPython in a terminal.

    >>> is_running()
    False
    """
    shell = _shell()
    return shell is not None and (type(shell).__name__ == "ZMQInteractiveShell"
                                  or hasattr(shell, "kernel"))


def name() -> Optional[str]:
    """The notebook's file name as the editor or the Jupyter server tells it, else None."""
    shell = _shell()
    told = getattr(shell, "user_ns", {}).get("__vsc_ipynb_file__") or next(
        (os.environ[variable] for variable in _NOTEBOOK_VARIABLES if os.environ.get(variable)),
        None)
    return os.path.basename(str(told)) if told else None


def _text(value: Any) -> str:
    text = str(value)
    return html.escape(text if len(text) <= MAX_VALUE else text[:MAX_VALUE - 1] + "…")


def _time(milliseconds: Optional[int]) -> str:
    if not milliseconds:
        return ""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(milliseconds / 1000))


def _link(text: str, *path: str) -> str:
    """`text` (HTML already) as a link into the tracking server's UI, where there is one."""
    from .tracking import get_tracking_uri

    uri = get_tracking_uri()
    if not uri.startswith(("http://", "https://")):
        return text
    place = "/".join(quote(part, safe="") for part in path)
    return f'<a href="{html.escape(uri.rstrip("/"))}/#/{place}" target="_blank">{text}</a>'


def run_link(run: Any, text: str) -> str:
    """`text`, which is HTML, as a link to the run's page."""
    return _link(text, "experiments", str(run.info.experiment_id), "runs", str(run.info.run_id))


def _row(cells: Iterable[str], kind: str = "td") -> str:
    return "<tr>" + "".join(f"<{kind}>{cell}</{kind}>" for cell in cells) + "</tr>"


def _rest(count: int) -> str:
    return f"<p>… and {count - MAX_ROWS} more</p>" if count > MAX_ROWS else ""


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    body = "".join(map(_row, rows[:MAX_ROWS]))
    head = f"<thead>{_row(heads, 'th')}</thead>" if heads else ""
    return f"<table>{head}<tbody>{body}</tbody></table>{_rest(len(rows))}"


def _section(title: str, values: Mapping[str, Any]) -> str:
    rows = [(_text(key), _text(value)) for key, value in sorted(values.items())]
    return f"<details open><summary>{title}</summary>{_table((), rows)}</details>" if rows else ""


def of_run(run: Any) -> str:
    """A run with its metrics, params and own tags.

    >>> of_run(run)                                                       # doctest: +SKIP
    '<div class="millstream">...'
    """
    info, data = run.info, run.data
    facts = [("Run", run_link(run, _text(info.run_name or info.run_id))),
             ("Run id", f"<code>{_text(info.run_id)}</code>"),
             ("Status", _text(info.status)),
             ("Started", _time(info.start_time)), ("Ended", _time(info.end_time))]
    tags = {key: value for key, value in data.tags.items() if not key.startswith("mlflow.")}
    return ('<div class="millstream">' + _table((), facts) + _section("Metrics", data.metrics)
            + _section("Params", data.params) + _section("Tags", tags) + "</div>")


def of_experiment(experiment: Any) -> str:
    """An experiment with its tags."""
    shown = _link(_text(experiment.name), "experiments", str(experiment.experiment_id))
    facts = [("Experiment", shown), ("Id", _text(experiment.experiment_id)),
             ("Artifacts", _text(experiment.artifact_location)),
             ("Stage", _text(experiment.lifecycle_stage))]
    return ('<div class="millstream">' + _table((), facts)
            + _section("Tags", experiment.tags or {}) + "</div>")


def of_runs(runs: Sequence[Any]) -> str:
    """A table with a row for each run, and a column for each metric and param."""
    columns = [(group, key) for group in ("metrics", "params")
               for key in sorted({key for run in runs for key in getattr(run.data, group)})]
    del columns[MAX_COLUMNS:]
    rows: List[List[str]] = []
    for run in runs[:MAX_ROWS]:
        values = [getattr(run.data, group).get(key, "") for group, key in columns]
        rows.append([run_link(run, _text(run.info.run_name or run.info.run_id)),
                     _text(run.info.status), _time(run.info.start_time), *map(_text, values)])
    heads = ["Run", "Status", "Started", *(_text(key) for _, key in columns)]
    return f'<div class="millstream">{_table(heads, rows)}{_rest(len(runs))}</div>'


def of_experiments(experiments: Sequence[Any]) -> str:
    """A table with a row for each experiment."""
    rows = [[_link(_text(each.name), "experiments", str(each.experiment_id)),
             _text(each.experiment_id), _text(each.lifecycle_stage),
             _time(each.last_update_time)] for each in experiments]
    return ('<div class="millstream">'
            + _table(["Experiment", "Id", "Stage", "Updated"], rows) + "</div>")


def of_list(values: Sequence[Any]) -> Optional[str]:
    """A list of runs or of experiments; None (the plain form) for any other.

    >>> of_list([]) is None
    True
    """
    for attribute, form in (("info", of_runs), ("artifact_location", of_experiments)):
        if values and all(hasattr(value, attribute) for value in values):
            return form(values)
    return None
