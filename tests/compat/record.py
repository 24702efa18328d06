"""Records what the official server answers, for tests that run without it.

python3 -m compat.record [differential] [trees] [client-3.17.2 ...], from tests/; without names
all.
"""

import json
import pathlib
import sys
import tempfile

from . import envs, generations, java, recorded, scenarios, servers, trees
from .differential import run_scenario
from .preview import Preview


def record_differential(official):
    answers = {}
    for scenario in scenarios.ALL:
        print(scenario.name, len(scenario.cases), flush=True)
        for name, (answer, _) in run_scenario(
                scenario, official.get(scenario.options).port).items():
            answers[name] = answer
    recorded.save(recorded.DIFFERENTIAL, answers)


def record_client(name, official):
    generation = generations.ALL[name]
    with tempfile.TemporaryDirectory() as directory, Preview(official.get().port) as stand_in:
        try:
            document = generations.run(
                generation, stand_in.url if generation.old else official.get().url, directory)
        except envs.Missing as missing:
            print(name, "left out:", missing)
            return
    print(name, len(document), flush=True)
    recorded.save(recorded.client_path(name), document)


def record_java(name, official):
    with Preview(official.get().port) as stand_in:
        old = java.CLIENTS[name].old
        try:
            document = java.run(name, stand_in.url if old else official.get().url)
        except envs.Missing as missing:
            print(name, "left out:", missing)
            return
    print(name, len(document), flush=True)
    recorded.save(recorded.client_path(name), document)


def record_trees():
    for name in generations.GENERATIONS:
        with tempfile.TemporaryDirectory() as home:
            tree = pathlib.Path(home) / "mlruns"
            try:
                document = trees.run_official(name, "make,change,read", tree)
            except envs.Missing as missing:
                print(name, "left out:", missing)
                continue
            packed = {"tree": trees.pack(tree), "read": document}
            text = json.dumps(packed).replace(str(tree), "/recorded/mlruns")
            recorded.save(recorded.tree_path(name), json.loads(text))
            print(name, len(packed["tree"]), flush=True)


def main():
    known = ["differential", "trees", *generations.ALL, *java.CLIENTS]
    wanted = sys.argv[1:] or known
    unknown = set(wanted) - set(known)
    if unknown:
        sys.exit(f"no such recording: {', '.join(unknown)}; there are: {', '.join(known)}")
    with tempfile.TemporaryDirectory() as home:
        with servers.Pool(servers.start_official,
                          lambda: pathlib.Path(tempfile.mkdtemp(dir=home))) as official:
            for name in wanted:
                if name == "differential":
                    record_differential(official)
                elif name == "trees":
                    record_trees()
                elif name in java.CLIENTS:
                    record_java(name, official)
                else:
                    record_client(name, official)


if __name__ == "__main__":
    main()
