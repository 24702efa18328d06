"""Every way to put a file into a run, and to read it again."""

import io
import pathlib

import matplotlib
import numpy as np
import pandas as pd
from PIL import Image

import mlflow

matplotlib.use("agg")
matplotlib.rcParams["svg.hashsalt"] = "the same ids each time"
from matplotlib.figure import Figure  # noqa: E402 - once the way to draw is chosen

TABLE = {"question": ["1 + 1?", "ä?"], "answer": [2.0, None], "right": [True, False]}


def log_pictures():
    red = np.zeros((8, 12, 3), np.uint8)
    red[..., 0] = 255
    mlflow.log_image(red, "pictures/red.png")
    mlflow.log_image(np.linspace(0, 1, 48).reshape(6, 8), "pictures/ramp.png")
    mlflow.log_image(np.eye(5, dtype=bool), "pictures/mask.png")
    mlflow.log_image(Image.new("RGBA", (4, 4), (0, 0, 255, 128)), "pictures/blue.png")
    mlflow.log_image(mlflow.Image(red), "pictures/wrapped.png")
    for step in range(2):
        mlflow.log_image(red, key="train/samples", step=step, synchronous=True)


def log_plots():
    figure = Figure(figsize=(2, 2))
    figure.subplots().plot([1, 3, 2])
    mlflow.log_figure(figure, "plots/line.png")
    mlflow.log_figure(figure, "plots/line.svg", save_kwargs={"metadata": {"Date": None}})


def log_tables():
    mlflow.log_table(TABLE, "tables/eval.json")
    mlflow.log_table(pd.DataFrame({"question": ["2 / 3?"], "answer": [2 / 3], "right": [True]}),
                     "tables/eval.json")
    mlflow.log_table({"only": "one row"}, "one.json")
    mlflow.log_table({"name": ["grey"], "shown": [mlflow.Image([[0, 128], [128, 255]])]},
                     "shown.json")


def log_texts():
    mlflow.log_text("grüße\n", "texts/greeting.txt")
    mlflow.log_text("<h1>head</h1>", "index.html")
    mlflow.log_dict({"b": [1, 2.5, None], "a": {"deep": pathlib.PurePosixPath("x")}}, "d.json")
    mlflow.log_dict({"b": [1, 2], "a": {"deep": "y"}}, "d.yml")
    mlflow.log_stream(io.BytesIO(bytes(range(256)) * 200), "raw/bytes.bin")


def log_local_files():
    made = pathlib.Path("made/sub")
    made.mkdir(parents=True)
    (made / "a b.txt").write_text("spaces")
    (made.parent / "empty").write_bytes(b"")
    mlflow.log_artifacts("made")
    mlflow.log_artifacts("made", "below/here")
    mlflow.log_artifact(made / "a b.txt", "single")
    mlflow.log_artifact("made/sub", "directory")


def read_back(run):
    uri = run.info.artifact_uri
    assert mlflow.artifacts.load_text(uri + "/texts/greeting.txt") == "grüße\n"
    assert mlflow.artifacts.load_dict(f"runs:/{run.info.run_id}/d.json")["b"] == [1, 2.5, None]
    assert mlflow.artifacts.load_image(uri + "/pictures/red.png").size == (12, 8)
    names = [file.path for file in mlflow.artifacts.list_artifacts(run_id=run.info.run_id)]
    assert "tables" in names and "index.html" in names, names
    table = mlflow.load_table("tables/eval.json", extra_columns=["run_id"])
    assert list(table["question"]) == ["1 + 1?", "ä?", "2 / 3?"], table
    assert set(table["run_id"]) == {run.info.run_id}, table


def main():
    mlflow.set_experiment("files")
    with mlflow.start_run(run_name="all kinds") as run:
        log_texts()
        log_local_files()
        log_pictures()
        log_plots()
        log_tables()
        assert mlflow.get_artifact_uri("x/y") == run.info.artifact_uri + "/x/y"
    read_back(run)


if __name__ == "__main__":
    main()
