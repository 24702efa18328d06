"""A model of scikit-learn: its settings, scores, a plot and the model itself."""

import pathlib
import pickle

import matplotlib
import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score
from sklearn.model_selection import train_test_split

import mlflow

matplotlib.use("agg")
from matplotlib import pyplot  # noqa: E402 - once the way to draw is chosen

PARAMS = {"C": 0.5, "max_iter": 200, "random_state": 7}


def confusion_plot(truth, guesses):
    figure, axes = pyplot.subplots(figsize=(3, 3))
    axes.imshow(confusion_matrix(truth, guesses))
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    return figure


def main():
    features, labels = load_iris(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(features, labels, random_state=7)
    mlflow.set_experiment("iris")
    with mlflow.start_run(run_name="logistic regression", description="*Iris*, once more"):
        mlflow.set_tag("stage", "trial")
        mlflow.log_params(PARAMS)
        model = LogisticRegression(**PARAMS).fit(train_x, train_y)
        guesses = model.predict(test_x)
        mlflow.log_metrics({"accuracy": accuracy_score(test_y, guesses),
                            "f1": f1_score(test_y, guesses, average="macro")})
        mlflow.log_metric("classes", np.int64(len(model.classes_)))
        mlflow.log_figure(confusion_plot(test_y, guesses), "plots/confusion.png")
        pathlib.Path("model.pkl").write_bytes(pickle.dumps(model))
        mlflow.log_artifact("model.pkl", artifact_path="model")
        mlflow.log_dict({"features": features.shape[1], "classes": [0, 1, 2]}, "schema.yaml")
    found = mlflow.search_runs(filter_string="metrics.accuracy > 0.5 and tags.stage = 'trial'")
    assert list(found["params.C"]) == ["0.5"], found
    path = mlflow.artifacts.download_artifacts(run_id=found["run_id"][0],
                                               artifact_path="model/model.pkl", dst_path="back")
    assert pickle.loads(pathlib.Path(path).read_bytes()).C == 0.5


if __name__ == "__main__":
    main()
