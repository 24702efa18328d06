"""Every call of MLflow's client of 0.9 and 1.0 with one package on one tracking URI.

tour.py MODULE URI DIRECTORY PREFIX [ROW ...]

MODULE is mlflow or millstream; without rows all are taken. What came back of each case is written to
DIRECTORY/document.json.
"""

import os
import sys

import artifacts
import experiments
import runs
import uris
from notes import Notes

ROWS = experiments.ROWS + runs.ROWS + artifacts.ROWS + uris.ROWS


def main(module, uri, directory, prefix, *names):
    os.chdir(directory)
    notes = Notes(module, uri, directory, prefix)
    for row in ROWS:
        if not names or row.__name__ in names:
            notes.begin(row.__name__)
            row(notes)
    notes.finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
