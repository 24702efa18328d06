"""Trains a small neural network on scikit-learn's handwritten digits, a few times with different
settings, and logs every run with the official MLflow client. Nothing here knows Millstream:
MLFLOW_TRACKING_URI says where the runs go.

Usage: MLFLOW_TRACKING_URI=http://127.0.0.1:5000 python train.py [EPOCHS]
"""

import os
import sys
import time
import warnings

os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")

import matplotlib.pyplot as plt
import mlflow
import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import ConfusionMatrixDisplay, accuracy_score, classification_report, log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

EXPERIMENT = "digits"
BATCH = 64

# name of the run: hidden units, learning rate, weight decay
SWEEP = {
    "tiny": (8, 0.003, 1e-4),
    "small-slow": (32, 0.0005, 1e-4),
    "small": (32, 0.003, 1e-4),
    "wide": (128, 0.002, 1e-4),
    "wide-decay": (128, 0.002, 1e-1),
    "too-fast": (64, 0.08, 1e-4),
}


def digits():
    images, labels = load_digits(return_X_y=True)
    parts = train_test_split(images, labels, test_size=0.3, random_state=7, stratify=labels)
    scaler = StandardScaler().fit(parts[0])
    return scaler.transform(parts[0]), scaler.transform(parts[1]), parts[2], parts[3]


def one_epoch(model, images, labels, order):
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        model.partial_fit(images[batch], labels[batch], classes=np.arange(10))


def scores(model, images, labels):
    chances = np.clip(model.predict_proba(images), 1e-12, 1)
    return accuracy_score(labels, chances.argmax(axis=1)), log_loss(labels, chances)


def bar(name, epoch, epochs, accuracy):
    filled = round(20 * epoch / epochs)
    line = f"  {name:<11} {'#' * filled:<20} epoch {epoch:>3}  val_accuracy {accuracy:.4f}"
    if sys.stdout.isatty():
        print(f"\r{line}", end="\n" if epoch == epochs else "", flush=True)
    elif epoch == epochs:
        print(line, flush=True)


def log_pictures(model, images, labels):
    guesses = model.predict(images)
    figure, axes = plt.subplots(figsize=(5, 5))
    ConfusionMatrixDisplay.from_predictions(labels, guesses, ax=axes, colorbar=False)
    axes.set_title("What was taken for what")
    mlflow.log_figure(figure, "figures/confusion.png")
    plt.close(figure)
    mlflow.log_text(classification_report(labels, guesses, zero_division=0), "report.txt")


def train(name, epochs, data):
    hidden, rate, decay = SWEEP[name]
    images, val_images, labels, val_labels = data
    model = MLPClassifier(
        (hidden,), learning_rate_init=rate, alpha=decay, batch_size=BATCH, random_state=7
    )
    shuffle = np.random.default_rng(7)
    with mlflow.start_run(run_name=name):
        mlflow.set_tags({"dataset": "digits", "model": "MLPClassifier"})
        mlflow.log_params(
            {"hidden": hidden, "learning_rate": rate, "weight_decay": decay, "batch": BATCH}
        )
        for epoch in range(1, epochs + 1):
            one_epoch(model, images, labels, shuffle.permutation(len(images)))
            accuracy, loss = scores(model, val_images, val_labels)
            mlflow.log_metrics(
                {"val_accuracy": accuracy, "val_loss": loss, "train_loss": model.loss_},
                step=epoch,
            )
            bar(name, epoch, epochs, accuracy)
        log_pictures(model, val_images, val_labels)


def main():
    warnings.simplefilter("ignore")
    epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    mlflow.set_experiment(EXPERIMENT)
    data = digits()
    started = time.perf_counter()
    for name in SWEEP:
        train(name, epochs, data)
    print(f"  {len(SWEEP)} runs, {epochs} epochs each, {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
