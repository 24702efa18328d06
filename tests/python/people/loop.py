"""A training loop as people write it for PyTorch, here over arrays: losses by step, checkpoints,
the best epoch in a tag."""

import os
import pathlib

import numpy as np

import mlflow

EPOCHS = 3
BATCHES = 20


class Line:
    """A model with a forward pass, a gradient and a state to keep."""

    def __init__(self, features):
        self.weights = np.zeros(features)

    def __call__(self, batch):
        return batch @ self.weights

    def step(self, batch, error, rate):
        self.weights -= rate * batch.T @ error / len(error)


def batches(random):
    truth = np.arange(1.0, 5.0)
    for _ in range(BATCHES):
        batch = random.normal(size=(32, len(truth)))
        yield batch, batch @ truth


def train(model, random, rate):
    step = 0
    for epoch in range(EPOCHS):
        for batch, target in batches(random):
            error = model(batch) - target
            model.step(batch, error, rate)
            mlflow.log_metric("train_loss", float(np.mean(error ** 2)), step=step)
            step += 1
        batch, target = next(batches(random))
        validation = float(np.mean((model(batch) - target) ** 2))
        mlflow.log_metrics({"val_loss": validation, "epoch": epoch}, step=step)
        yield epoch, validation


def main():
    os.environ["MLFLOW_EXPERIMENT_NAME"] = "loops"
    random = np.random.default_rng(3)
    checkpoints = pathlib.Path("checkpoints")
    checkpoints.mkdir()
    with mlflow.start_run(run_name="line") as run:
        mlflow.log_param("rate", 0.1)
        mlflow.log_params({"epochs": EPOCHS, "batch_size": 32, "optimizer": Line.__name__})
        model, best = Line(4), (None, np.inf)
        for epoch, loss in train(model, random, 0.1):
            np.save(checkpoints / f"epoch{epoch}.npy", model.weights)
            if loss < best[1]:
                best = (epoch, loss)
        mlflow.log_artifacts(str(checkpoints), artifact_path="checkpoints")
        mlflow.set_tags({"best_epoch": best[0], "framework": "none"})
    history = mlflow.MlflowClient().get_metric_history(run.info.run_id, "train_loss")
    assert [point.step for point in history] == list(range(EPOCHS * BATCHES)), history


if __name__ == "__main__":
    main()
