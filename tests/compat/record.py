"""Records what the official server answers: python3 -m compat.record (from tests/).

Without arguments everything; else `differential` or names of clients, as in clients.py.
"""

import pathlib
import sys
import tempfile

from . import recorded, scenarios, servers
from .differential import run_scenario


def record_differential():
    with tempfile.TemporaryDirectory() as home:
        with servers.start_official(pathlib.Path(home)) as official:
            answers = {}
            for scenario in scenarios.ALL:
                print(scenario.name, len(scenario.cases), flush=True)
                for name, (answer, _) in run_scenario(scenario, official.port).items():
                    answers[name] = answer
    recorded.save(recorded.DIFFERENTIAL, answers)


def main():
    record_differential()


if __name__ == "__main__":
    main()
