"""The legacy matrix: every call of MLflow 0.9's and 1.0's client on every kind of tracking URI,
and the table of it in docs/compatibility.md."""

import dataclasses
import json
import pathlib

import page_part
import programs

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "compatibility.md"
BEGIN = "<!-- legacy matrix: written by tools/pytest tests/client/test_legacy.py --update-docs -->\n"
END = "<!-- end of legacy matrix -->\n"


@dataclasses.dataclass(frozen=True)
class Kind:
    """A column of the matrix: a tracking URI in one spelling, on one thing behind it."""

    name: str
    uri: str | None  # as it is given to the client; None: of a place that is made
    title: str


KINDS = (
    Kind("tree-default", "", "empty: `./mlruns`"),
    Kind("tree", "some/tree", "`PATH`"),
    Kind("tree-relative", "file:tree%201/mlruns", "`file:PATH`"),
    Kind("tree-absolute", None, "`file:///PATH`"),
    Kind("sqlite", "sqlite:///tracking.db", "`sqlite:///FILE`"),
    Kind("server", None, "`http://`, this server"),
    Kind("https", None, "`https://`, this server"),
    Kind("server-tree", None, "`http://`, this server on a tree"),
    Kind("official", None, "`http://`, MLflow 3.17"),
    Kind("databricks", None, "`databricks`"),
)


def run(kind, place_of):
    """The cases of each row on that kind, in order: {row: [(case, what is wrong or None)]}."""
    if kind.uri is not None:
        done = programs.run("legacy", kind.name, kind.uri)
    else:
        place = place_of(kind.name)
        done = programs.run("legacy", kind.name, place.uri, environment=place.environment)
    assert done.returncode in (0, 1), f"{done.returncode}: {done.stdout}"
    rows = {}
    for line in done.stdout.splitlines():
        assert line.startswith("{"), done.stdout
        case = json.loads(line)
        rows.setdefault(case["row"], []).append((case["case"], case.get("message")))
    return rows


def wrong(cases):
    return [f"{case}: {message}" for case, message in cases if message is not None]


def table(results):
    """The matrix as it stands in the page; in each cell how many cases were tried."""
    rows = list(next(iter(results.values())))
    lines = ["| call | " + " | ".join(kind.title for kind in results) + " |",
             "|---|" + "---|" * len(results)]
    for row in rows:
        cells = [f"{len(cases[row])}" if not wrong(cases[row])
                 else f"{len(wrong(cases[row]))} of {len(cases[row])} fail"
                 for cases in results.values()]
        lines.append(f"| `{row}` | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def page_with(text):
    """The page with that table in its place."""
    return page_part.replaced(PAGE, BEGIN, END, text)
