"""The list of intended differences, and the comparison that holds it to the truth."""

import fnmatch
import json
import pathlib
import tomllib

PATH = pathlib.Path(__file__).with_name("differences.toml")


class Difference:
    """Cases where our answer differs on purpose: which, why, and what ours is.

    `ours` names what must hold of our answer: status, error_code, type, body (its JSON text) or
    headers.  With `sometimes` a case matched by a pattern may also be equal to the official one.
    """

    KEYS = {"cases", "reason", "ours", "sometimes"}

    def __init__(self, table):
        unknown = set(table) - self.KEYS
        if unknown or not table.get("reason") or not table.get("cases"):
            raise ValueError(f"differences.toml: cases and reason needed, {unknown} unknown")
        self.cases = table["cases"]
        self.reason = table["reason"]
        self.ours = table.get("ours", {})
        self.sometimes = table.get("sometimes", False)

    def matches(self, name):
        return any(_matches(name, pattern) for pattern in self.cases)

    def problems(self, answer):
        """What of `ours` does not hold of our answer."""
        body = answer.get("body")
        found = {"status": answer["status"], "type": answer["type"],
                 "headers": answer.get("headers", {}),
                 "error_code": body.get("error_code") if isinstance(body, dict) else None,
                 "body": json.dumps(body, ensure_ascii=False, sort_keys=True)}
        for key, wanted in self.ours.items():
            if key == "headers":
                wanted = {**found["headers"], **wanted}
            if key == "body":
                wanted = json.dumps(json.loads(wanted), ensure_ascii=False, sort_keys=True)
            if found[key] != wanted:
                yield f"{key} is {found[key]!r}, the list of differences says {wanted!r}"


def _matches(name, pattern):
    """Shell patterns with * only: names of cases are full of brackets and question marks."""
    literal = pattern.replace("[", "[[]").replace("?", "[?]")
    return fnmatch.fnmatchcase(name, literal)


def load():
    with open(PATH, "rb") as file:
        return [Difference(table) for table in tomllib.load(file).get("difference", [])]


def _is_protocol_error(answer):
    return isinstance(answer.get("body"), dict) and "error_code" in answer["body"]


def _expected(theirs, ours):
    """What ours has to be: theirs, but an error that is an HTML page or a plain text there has to
    be one of the protocol here.  Only its status is given then, not its code."""
    if theirs["status"] < 400 or _is_protocol_error(theirs) or theirs.get("body") == "":
        return theirs
    expected = {**theirs, "type": "application/json"}
    if "body" in theirs:
        code = ours["body"]["error_code"] if _is_protocol_error(ours) else "<any>"
        expected["body"] = {"error_code": code, "message": "<text>"}
    return expected


def compare(name, theirs, ours, differences):
    """A text per thing that is wrong with our answer to the case; empty when nothing is."""
    theirs = _expected(theirs, ours)
    listed = [item for item in differences if item.matches(name)]
    if theirs == ours:
        return [f"no longer differs, but is listed: {item.reason}"
                for item in listed if not item.sometimes]
    if not listed:
        return ["differs from the official answer"]
    return [problem for item in listed for problem in item.problems(ours)]


def unused(names, differences):
    """Patterns of the list that match no case any more."""
    return [pattern for item in differences for pattern in item.cases
            if not any(_matches(name, pattern) for name in names)]
