"""Questions about pictures, figures, tables and artifacts by URI."""

import hashlib
import json
import os
import pathlib
import re
import warnings

import numpy as np
import pandas as pd
from PIL import Image

import mlflow
from answers import ask, done

warnings.simplefilter("ignore")


def pixels(value):
    """The picture that is stored of an array, as text."""
    mlflow.log_image(value, "asked.png")
    path = mlflow.artifacts.download_artifacts(run_id=mlflow.active_run().info.run_id,
                                               artifact_path="asked.png")
    with Image.open(path) as image:
        return [image.mode, image.size, hashlib.sha256(image.tobytes()).hexdigest()]


def images():
    ramp = np.arange(24).reshape(4, 6)
    for name, value in {
            "integers": ramp, "large integers": ramp * 100, "negative ones": ramp - 3,
            "floats": ramp / 24, "floats outside": ramp / 7 - 1, "bools": ramp > 9,
            "three channels": np.stack([ramp] * 3, -1), "one channel": ramp[..., None],
            "four channels": np.stack([ramp / 30] * 4, -1),
            "two channels": np.stack([ramp] * 2, -1),
            "one dimension": ramp[0], "complex": ramp * 1j, "int8": ramp.astype("int8"),
            "float16": (ramp / 32).astype("float16"), "a list": ramp.tolist(), "text": "x"}.items():
        ask(f"picture: {name}", lambda value=value: pixels(value))
    ask("file and key", lambda: mlflow.log_image(ramp, "a.png", key="k"))
    ask("file and step", lambda: mlflow.log_image(ramp, "a.png", step=0))
    ask("neither", lambda: mlflow.log_image(ramp))
    ask("a key that cannot be", lambda: mlflow.log_image(ramp, key="a#b"))
    ask("unknown format", lambda: mlflow.log_image(ramp, "a.xyz"))
    wrapped = mlflow.Image(ramp)
    ask("wrapped", lambda: [wrapped.size, wrapped.to_list(), wrapped.to_array().tolist(),
                            wrapped.resize((2, 2)).size, wrapped.to_pil().mode])
    ask("wrapped list", lambda: mlflow.Image([[0, 1], [2, 3]]).to_list())
    ask("wrapped nonsense", lambda: mlflow.Image(7))


def series():
    """Names of a series' files, and how large its previews are."""
    for size in ((600, 300), (300, 600), (10, 10)):
        mlflow.log_image(Image.new("RGB", size), key=f"a/b {size[0]}", step=3,
                         timestamp=1700000000000, synchronous=True)
    run_id = mlflow.active_run().info.run_id
    found = {}
    for file in mlflow.artifacts.list_artifacts(run_id=run_id, artifact_path="images"):
        path = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path=file.path)
        with Image.open(path) as image:
            found[re.sub("[0-9a-f-]{36}", "UUID", file.path)] = [image.size, image.format]
    ask("series", lambda: found)
    ask("series: tag", lambda: mlflow.get_run(run_id).data.tags["mlflow.loggedImages"])


def figures():
    ask("a figure that is none", lambda: mlflow.log_figure({}, "a.png"))


def stored(name):
    run_id = mlflow.active_run().info.run_id
    return mlflow.artifacts.load_text(f"runs:/{run_id}/{name}")


def tables():
    ask("table: rows", lambda: [mlflow.log_table({"a": [1, 2], "b": ["x/y", None]}, "a.json"),
                                stored("a.json")])
    ask("table: more rows", lambda: [mlflow.log_table(
        pd.DataFrame({"a": [0.1 + 0.2], "c": [True]}), "a.json"), stored("a.json")])
    ask("table: one row", lambda: [mlflow.log_table({"a": "x"}, "one.json"), stored("one.json")])
    ask("table: times", lambda: [mlflow.log_table(
        pd.DataFrame({"t": pd.to_datetime(["2024-02-29"])}), "t.json"), stored("t.json")])
    ask("table: nested", lambda: [mlflow.log_table({"n": [{"k": [1]}, [2]]}, "n.json"),
                                  stored("n.json")])
    ask("table: lengths differ", lambda: [mlflow.log_table({"a": [1], "b": [1, 2]}, "l.json"),
                                          stored("l.json")])
    ask("table: a list", lambda: mlflow.log_table([1], "x.json"))
    ask("table: a wrong ending", lambda: mlflow.log_table({"a": [1]}, "x.csv"))
    ask("table: a wrong name", lambda: mlflow.log_table({"a": [1]}, "x'.json"))
    ask("table: pictures and none", lambda: mlflow.log_table(
        {"a": [mlflow.Image([[0]]), 1]}, "x.json"))
    ask("table: tag", lambda: json.loads(mlflow.get_run(
        mlflow.active_run().info.run_id).data.tags["mlflow.loggedArtifacts"]))
    frame = pd.DataFrame({"shown": [mlflow.Image([[0]])]})
    mlflow.log_table(frame, "p.json")
    ask("load: columns", lambda: mlflow.load_table(
        "a.json", extra_columns=["run_id", "status"]).drop(columns="run_id").to_json())
    ask("load: a column of the run that there is not",
        lambda: mlflow.load_table("a.json", extra_columns=["nothing"]))
    ask("load: none", lambda: mlflow.load_table("none.json"))
    ask("load: of no run", lambda: mlflow.load_table("a.json", run_ids=["0" * 32]))


def by_uri():
    run = mlflow.active_run()
    root, run_id = run.info.artifact_uri, run.info.run_id
    mlflow.log_text("t", "dir/sub/t.txt")
    mlflow.log_text("{", "dir/bad.json")
    pathlib.Path("bytes").write_bytes(b"\xff")
    mlflow.log_artifact("bytes", "dir")
    for name, uri in {"runs:": f"runs:/{run_id}", "its own": root}.items():
        ask(f"{name} text", lambda uri=uri: mlflow.artifacts.load_text(f"{uri}/dir/sub/t.txt"))
        ask(f"{name} dict", lambda uri=uri: mlflow.artifacts.load_dict(f"{uri}/dir/bad.json"))
        ask(f"{name} bytes", lambda uri=uri: mlflow.artifacts.load_text(f"{uri}/dir/bytes"))
        ask(f"{name} picture", lambda uri=uri: mlflow.artifacts.load_image(f"{uri}/dir/bytes"))
        ask(f"{name} directory", lambda uri=uri: sorted(
            os.listdir(mlflow.artifacts.download_artifacts(f"{uri}/dir", dst_path="got"))))
    ask("list by run", lambda: [(file.path, file.is_dir, file.file_size)
                                for file in mlflow.artifacts.list_artifacts(run_id=run_id,
                                                                            artifact_path="dir")])
    ask("list by URI", lambda: [file.path for file in mlflow.artifacts.list_artifacts(
        f"runs:/{run_id}/dir")])
    ask("run and URI", lambda: mlflow.artifacts.download_artifacts("runs:/x/y", run_id))
    ask("neither run nor URI", mlflow.artifacts.download_artifacts)
    ask("URI and path", lambda: mlflow.artifacts.list_artifacts(f"runs:/{run_id}",
                                                                artifact_path="x"))
    ask("local file", lambda: mlflow.artifacts.download_artifacts("bytes") == os.path.abspath(
        "bytes"))
    ask("local copy", lambda: os.path.relpath(mlflow.artifacts.download_artifacts(
        pathlib.Path("bytes").absolute().as_uri(), dst_path="copies/here")))
    ask("a URI of a run's artifact", lambda: mlflow.get_artifact_uri("x/y") == f"{root}/x/y")


def main():
    mlflow.set_experiment("pictures")
    with mlflow.start_run():
        for part in (images, series, figures, tables, by_uri):
            part()
    done()


if __name__ == "__main__":
    main()
