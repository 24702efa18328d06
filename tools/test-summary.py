"""Adds up test results: meson's testlog.json and pytest's JUnit files.

Prints the names of what failed or was unsteady (it passed when tried again) and, last, one line
"N passed, N failed" (and skipped, if any).
Exits with 1 unless something passed and nothing failed.
"""

import collections
import json
import re
import sys
import xml.etree.ElementTree as ElementTree

PASSED = re.compile(r"\[  PASSED  \] (\d+) test\(s\)")
FAILED = re.compile(r"\[  FAILED  \] (\d+) test\(s\)")


class Totals:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.skipped = 0
        self.failures = []
        self.unsteady = []


def count(pattern, text):
    return sum(int(number) for number in pattern.findall(text))


def add_meson(totals, path):
    """A cmocka program says how many tests it held; any other program counts as one."""
    with open(path, encoding="utf-8") as log:
        for line in log:
            test = json.loads(line)
            text = test.get("stdout", "") + test.get("stderr", "")
            passed, failed = count(PASSED, text), count(FAILED, text)
            if test["result"] == "SKIP":
                totals.skipped += 1
            elif test["result"] == "OK":
                totals.passed += passed or 1
            else:
                totals.passed += passed
                totals.failed += failed or 1
                totals.failures.append(f"{test['name']} ({test['result']})")


def add_junit(totals, path):
    """A test has a case for each time it was tried; only the last one says how it went."""
    tries = collections.Counter()
    cases = {}
    for case in ElementTree.parse(path).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        tries[name] += 1
        cases[name] = case
    for name, case in cases.items():
        if case.find("failure") is not None or case.find("error") is not None:
            totals.failed += 1
            totals.failures.append(name)
        elif case.find("skipped") is not None:
            totals.skipped += 1
        else:
            totals.passed += 1
            if tries[name] > 1:
                totals.unsteady.append(name)


def main(paths):
    totals = Totals()
    for path in paths:
        try:
            (add_junit if path.endswith(".xml") else add_meson)(totals, path)
        except (OSError, ValueError, ElementTree.ParseError) as error:
            totals.failed += 1
            totals.failures.append(f"{path}: {error}")
    for name in totals.unsteady:
        print(f"unsteady: {name}")
    for name in totals.failures:
        print(f"failed: {name}")
    skipped = f", {totals.skipped} skipped" if totals.skipped else ""
    print(f"{totals.passed} passed, {totals.failed} failed{skipped}")
    return 0 if totals.passed and not totals.failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
