"""The legacy matrix of the module: every call of MLflow 0.9's and 1.0's client on every kind of
tracking URI, beside what the official client answers there, and the table of it in
docs/compatibility.md."""

import dataclasses
import json
import pathlib
import tomllib

import interpreters
import page_part
from compat import envs, recorded

HERE = pathlib.Path(__file__).resolve().parent
LEGACY = HERE / "legacy"
HARNESS = HERE.parent / "compat" / "clients"
PAGE = interpreters.ROOT / "docs" / "compatibility.md"
BEGIN = ("<!-- Python matrix: written by tools/pytest tests/python/test_matrix.py --update-matrix "
         "-->\n")
END = "<!-- end of Python matrix -->\n"

# Of these the last client that had them is the measure.
GONE = ("list_experiments", "list_run_infos")
ARTIFACTS = ("log_artifact", "log_artifacts", "list_artifacts", "download_artifacts")
OTHERS = ("create_experiment", "get_experiment", "get_experiment_by_name", "rename_experiment",
          "delete_experiment", "restore_experiment", "create_run", "get_run", "log_metric",
          "log_param", "set_tag", "log_batch", "set_terminated", "delete_run", "restore_run",
          "search_runs", "get_tracking_uri", "set_tracking_uri")
ROWS = (*OTHERS, *GONE, *ARTIFACTS)

OFFICIAL, OLD_OFFICIAL = "official-3.17.2", "client-1.30.1"


@dataclasses.dataclass(frozen=True)
class Kind:
    """A column: a tracking URI, the recording that it is compared with, and how it is written
    to: "strict" waits for the server at each call."""

    name: str
    title: str
    recording: str
    mode: str = "strict"
    # Where files of an experiment are: there and here. A database is one of a server, too.
    places: tuple = ()


KINDS = (
    Kind("tree", "`PATH`", "tree"),
    Kind("sqlite", "`sqlite:///FILE`", "sqlite",
         places=("<directory>/mlruns/", "mlflow-artifacts:/")),
    Kind("server", "`http://`, this server", "server"),
    Kind("online", "the same, not waiting", "server", "online"),
    Kind("official", "`http://`, MLflow 3.17", "server"),
    Kind("databricks", "`databricks`", "databricks"),
)


def place(kind, home, place_of):
    """URI, variables and beginning of names on a kind."""
    if kind.name == "tree":
        return f"file://{home}/mlruns", {}, ""
    if kind.name == "sqlite":
        return f"sqlite:///{home}/tracking.db", {}, ""
    found = place_of("server" if kind.name == "online" else kind.name)
    # Several tours meet on one server.
    prefix = "/Shared/" if kind.name == "databricks" else ""
    return found.uri, found.environment, prefix + f"{home.name} "


def tour(python, module, home, where, rows=(), paths=(), **variables):
    """What the client of a package answers: {"row: case": answer}, names without prefix."""
    uri, settings, prefix = where
    done = interpreters.run(
        python, "-W", "ignore", LEGACY / "tour.py", module, uri, home, prefix, *rows, cwd=home,
        paths=(*paths, HARNESS), HOME=str(home), LOGNAME="tester", MLFLOW_HTTP_REQUEST_MAX_RETRIES="0",
        **settings, **variables)
    assert done.returncode == 0, done.stdout[-6000:]
    text = (home / "document.json").read_text("utf-8")
    if prefix:
        text = text.replace(json.dumps(prefix)[1:-1], "")
    return json.loads(text)


def by_row(answers):
    """{row: {case: answer}}"""
    rows = {}
    for step, answer in answers.items():
        row, _, case = step.partition(": ")
        rows.setdefault(row, {})[case] = answer
    return rows


def recorded_path(name):
    return HERE / "recorded" / f"{name}.json"


def expected(kind):
    """What the official client answers on a kind: {row: {case: answer}}."""
    answers = {}
    # A workspace gives today's client addresses in a cloud for files; here they go through it.
    files = "server" if kind.recording == "databricks" else kind.recording
    for name, rows in ((kind.recording, OTHERS), (files, ARTIFACTS), ("gone", GONE)):
        text = recorded_path(name).read_text("utf-8")
        if kind.places:
            text = text.replace(*kind.places)
        found = by_row(json.loads(text))
        answers.update({row: found[row] for row in rows})
    return answers


def ours(version, kind, home, where):
    return by_row(tour(interpreters.find(version), "millstream", home, where,
                       paths=[interpreters.module_path()], MILLSTREAM_MODE=kind.mode,
                       # Runs of the official client show no signs of life.
                       MILLSTREAM_HEARTBEAT="0"))


# --- comparison -----------------------------------------------------------------------------


class Difference:
    """Cases in which ours is meant to be another answer than the official client's."""

    def __init__(self, table):
        self.cases = table["cases"]
        self.kinds = table.get("kinds")
        self.reason = table["reason"]
        self.ours = _with_nothing(table["ours"])

    def matches(self, kind, row, case):
        return f"{row}: {case}" in self.cases and (self.kinds is None or kind.name in self.kinds)


def _with_nothing(table):
    """TOML has no None."""
    return {key: None if value == "<nothing>" else value for key, value in table.items()}


def differences():
    with open(HERE / "legacy" / "differences.toml", "rb") as file:
        return [Difference(table) for table in tomllib.load(file).get("difference", [])]


def unlike(wanted, got, more_may_be_there=False, path="answer"):
    """A text for each thing in which an answer is not the wanted one. An entity may always have
    more attributes: the names of every generation."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        open_ended = more_may_be_there or "type" in wanted
        for key in wanted.keys() | (set() if open_ended else got.keys()):
            if key in wanted and key in got:
                yield from unlike(wanted[key], got[key], more_may_be_there, f"{path}.{key}")
            else:
                yield f"{path}.{key} is {'there' if key in got else 'missing'}"
    elif isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        for at, (one, other) in enumerate(zip(wanted, got)):
            yield from unlike(one, other, more_may_be_there, f"{path}[{at}]")
    elif type(wanted) is not type(got) or wanted != got:
        yield f"{path} is {got!r} instead of {wanted!r}"


def problem(kind, row, case, wanted, got, listed):
    """What is wrong with an answer, or nothing. A listed difference names what matters of it."""
    meant = [item for item in listed if item.matches(kind, row, case)]
    wrong = list(unlike(wanted, got))
    if meant and not wrong:
        return f"no longer differs, but is listed: {meant[0].reason}"
    if meant:
        wrong = list(unlike(meant[0].ours, got, more_may_be_there=True))
    return "; ".join(wrong)


def problems(kind, row, wanted, got):
    """A text for each case of a row that is not right."""
    listed = differences()
    found = {case: problem(kind, row, case, answer, got.get(case), listed)
             for case, answer in wanted.items()}
    found.update({case: "not recorded" for case in got if case not in wanted})
    return [f"{row}: {case}: {text}" for case, text in found.items() if text]


# --- recording ------------------------------------------------------------------------------


def official(kind, home, where):
    """What the official client answers on a kind of recording, asked now."""
    rows = OTHERS if kind.recording == "databricks" else OTHERS + ARTIFACTS
    return official_tour(OFFICIAL, home, where, rows)


def official_gone(home):
    """What the last client that had them answers to the calls that are gone."""
    return official_tour(OLD_OFFICIAL, home, (f"file://{home}/mlruns", {}, ""), GONE)


def official_tour(environment, home, where, rows):
    return tour(envs.ensure(environment), "mlflow", home, where, rows,
                MLFLOW_ALLOW_FILE_STORE="true", MLFLOW_DISABLE_TELEMETRY="true",
                DO_NOT_TRACK="true", GIT_PYTHON_REFRESH="quiet")


# --- page -----------------------------------------------------------------------------------


def table(results):
    """The matrix as it stands in the page; in each cell how many cases were compared."""
    lines = ["| call | " + " | ".join(kind.title for kind in KINDS) + " |",
             "|---|" + "---|" * len(KINDS)]
    for row in ROWS:
        lines.append(f"| `{row}` | " + " | ".join(results[kind][row] for kind in KINDS) + " |")
    return "\n".join(lines) + "\n"


def page_with(text):
    """The page with that table in its place."""
    return page_part.replaced(PAGE, BEGIN, END, text)
