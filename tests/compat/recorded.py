"""What the official server answered, kept in files so that it need not be installed."""

import json
import pathlib

DIRECTORY = pathlib.Path(__file__).with_name("recorded")
DIFFERENTIAL = DIRECTORY / "differential.json"


def load(path):
    return json.loads(path.read_text("utf-8"))


def save(path, documents):
    """One line per entry: a change of one answer is a change of one line."""
    lines = [f"{json.dumps(name, ensure_ascii=False)}: "
             f"{json.dumps(document, ensure_ascii=False, sort_keys=True)}"
             for name, document in documents.items()]
    path.parent.mkdir(exist_ok=True)
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def client_path(name):
    return DIRECTORY / f"{name}.json"


def tree_path(name):
    """A tree that the client made, and what it reads there."""
    return DIRECTORY / f"tree-{name}.json"
