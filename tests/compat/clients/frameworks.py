"""What training with the client's integrations leaves, and that the models come back:
python frameworks.py TRACKING-URI DIRECTORY PREFIX. Small models, on the CPU, nothing downloaded.
"""

import logging
import os
import sys
import warnings

warnings.filterwarnings("ignore")

import mlflow
import numpy
from harness import Recorder
from mlflow import MlflowClient

ROWS = 40


def data():
    table = numpy.random.RandomState(0).rand(ROWS, 3)
    return table, (table[:, 0] > 0.5).astype(int)


def files(list_artifacts, path=None):
    """The paths of all files below `path`."""
    found = []
    for item in list_artifacts(path):
        found += files(list_artifacts, item.path) if item.is_dir else [item.path]
    return sorted(found)


def plain(numbers):
    return [round(float(number), 6) for number in numpy.ravel(numbers)]


class Training:
    """One run and what is to be found of it."""

    def __init__(self, recorder, prefix, framework):
        self.r = recorder
        self.name = framework
        self.client = MlflowClient()
        mlflow.set_experiment(prefix + framework)

    def step(self, name, call, *arguments):
        return self.r.step("%s: %s" % (self.name, name), call, *arguments)

    def look(self, run_id):
        """The run, its files, and the models that it made."""
        run = self.client.get_run(run_id)
        self.step("status", lambda: run.info.status)
        self.step("params", lambda: run.data.params)
        self.step("metrics", lambda: sorted(run.data.metrics))
        self.step("inputs", lambda: len(run.inputs.dataset_inputs))
        self.step("outputs", lambda: [item.step for item in run.outputs.model_outputs])
        self.step("files", lambda: files(
            lambda path: self.client.list_artifacts(run_id, path)))
        return self.step("models", self.models, run_id)

    def models(self, run_id):
        found = mlflow.search_logged_models(
            filter_string="source_run_id = '%s'" % run_id, output_format="list",
            order_by=[{"field_name": "name"}])
        return [{"model_id": model.model_id, "name": model.name, "type": model.model_type,
                 "status": str(model.status), "params": model.params,
                 "metrics": sorted(metric.key for metric in model.metrics),
                 "files": files(lambda path: self.client.list_logged_model_artifacts(
                     model.model_id, path))} for model in found]

    def reload(self, load, run_id, expected):
        """The model by its own address and by that of its run says what it said before."""
        models = self.models(run_id)
        for where in ("models:/" + models[0]["model_id"],
                      "runs:/%s/%s" % (run_id, models[0]["name"])):
            self.step("reload " + where.split("/")[0],
                      lambda: plain(load(where)) == plain(expected))


def with_autolog(r, prefix, name, flavor, fit):
    """Trains under autologging with models on; answers the address of the model."""
    training = Training(r, prefix, name)
    table, labels = data()
    flavor.autolog(log_input_examples=True)
    with mlflow.start_run() as run:
        predict = fit(table, labels)
    flavor.autolog(disable=True)
    training.look(run.info.run_id)
    training.reload(lambda uri: predict.of(flavor.load_model(uri), table), run.info.run_id,
                    predict.of(predict.model, table))
    return run.info.run_id


class Fitted:
    """A model and how it predicts."""

    def __init__(self, model, of):
        self.model = model
        self.of = of


def of_sklearn(r, prefix):
    from sklearn.linear_model import LogisticRegression

    def fit(table, labels):
        model = LogisticRegression().fit(table, labels)
        model.score(table, labels)
        return Fitted(model, lambda loaded, rows: loaded.predict(rows))
    return with_autolog(r, prefix, "scikit-learn", mlflow.sklearn, fit)


def of_xgboost(r, prefix):
    import xgboost

    def fit(table, labels):
        matrix = xgboost.DMatrix(table, labels)
        model = xgboost.train({"max_depth": 2, "objective": "binary:logistic", "nthread": 1},
                              matrix, 5, evals=[(matrix, "train")], verbose_eval=False)
        return Fitted(model, lambda loaded, rows: loaded.predict(xgboost.DMatrix(rows)))
    return with_autolog(r, prefix, "xgboost", mlflow.xgboost, fit)


def of_lightgbm(r, prefix):
    import lightgbm

    def fit(table, labels):
        model = lightgbm.train(
            {"objective": "binary", "num_leaves": 3, "min_data_in_leaf": 2, "verbose": -1,
             "num_threads": 1}, lightgbm.Dataset(table, labels), 5)
        return Fitted(model, lambda loaded, rows: loaded.predict(rows))
    return with_autolog(r, prefix, "lightgbm", mlflow.lightgbm, fit)


def of_lightning(r, prefix, uri, directory):
    import torch
    # Debian's build cannot import its parts for several machines on this Python.
    torch.distributed.is_available = lambda: False
    import lightning
    from lightning.pytorch.loggers import MLFlowLogger

    class Line(lightning.LightningModule):
        """A line through the data."""

        def __init__(self, width=3):
            super().__init__()
            self.save_hyperparameters()
            self.layer = torch.nn.Linear(width, 1)

        def training_step(self, batch, _):
            loss = torch.nn.functional.mse_loss(self.layer(batch[0]), batch[1])
            self.log("loss", loss)
            return loss

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.1)

    training = Training(r, prefix, "lightning")
    torch.manual_seed(0)
    table, labels = data()
    rows = torch.tensor(table, dtype=torch.float32)
    wanted = torch.tensor(labels, dtype=torch.float32).reshape(-1, 1)
    logger = MLFlowLogger(experiment_name=prefix + "lightning", tracking_uri=uri, log_model=True)
    model = Line()
    trainer = lightning.Trainer(
        max_epochs=2, logger=logger, accelerator="cpu", log_every_n_steps=1,
        enable_progress_bar=False, enable_model_summary=False, default_root_dir=directory)
    trainer.fit(model, torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(rows, wanted), batch_size=20))
    training.look(logger.run_id)
    training.step("reload", lambda: same_weights(model, checkpoint(training, logger.run_id)))


def checkpoint(training, run_id):
    """The last one, as it comes back from the artifacts of the run."""
    import torch
    path = [path for path in files(lambda path: training.client.list_artifacts(run_id, path))
            if path.endswith(".ckpt")][-1]
    return torch.load(mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path=path))


def same_weights(model, loaded):
    return all(bool((weights == loaded["state_dict"][name]).all())
               for name, weights in model.state_dict().items())


def of_transformers(r, prefix, directory):
    import torch
    from transformers import (BertConfig, BertForSequenceClassification, Trainer,
                              TrainingArguments)

    training = Training(r, prefix, "transformers")
    torch.manual_seed(0)
    model = BertForSequenceClassification(BertConfig(
        vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=1,
        intermediate_size=8, max_position_embeddings=8))
    rows = [{"input_ids": torch.tensor([1, 2, at % 20]), "labels": torch.tensor(at % 2)}
            for at in range(8)]
    with mlflow.start_run() as run:
        Trainer(model=model, train_dataset=rows, args=TrainingArguments(
            output_dir=os.path.join(directory, "bert"), max_steps=2, logging_steps=1,
            per_device_train_batch_size=4, report_to=["mlflow"], save_strategy="no",
            disable_tqdm=True, use_cpu=True)).train()
    found = training.client.get_run(run.info.run_id)
    training.step("metrics", lambda: sorted(found.data.metrics))
    training.step("history", lambda: [item.step for item in training.client.get_metric_history(
        run.info.run_id, "loss")])
    training.step("some params", lambda: {key: found.data.params[key] for key in (
        "hidden_size", "max_steps", "vocab_size", "num_hidden_layers")})


def of_optuna(r, prefix, uri):
    import optuna
    from optuna_integration import MLflowCallback
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    training = Training(r, prefix, "optuna")
    study = optuna.create_study(study_name=prefix + "optuna", sampler=optuna.samplers.GridSampler(
        {"depth": [1, 2, 3, 4]}, seed=1))
    study.optimize(lambda trial: trial.suggest_int("depth", 1, 4) * 0.5, n_trials=4,
                   callbacks=[MLflowCallback(tracking_uri=uri, metric_name="loss")])
    experiment = training.client.get_experiment_by_name(prefix + "optuna").experiment_id
    training.step("trials", lambda: [
        (run.data.params, run.data.metrics, run.data.tags["direction"])
        for run in training.client.search_runs([experiment], order_by=["metrics.loss"])])


def of_log_model(r, prefix):
    """A model logged by hand, evaluated, compared with others and registered."""
    import pandas

    class Double(mlflow.pyfunc.PythonModel):
        """Twice its input."""

        def predict(self, context, model_input, params=None):
            return model_input["x"] * 2

    training = Training(r, prefix, "log_model")
    table = pandas.DataFrame({"x": [1.0, 2.0, 3.0], "y": [2.0, 4.0, 6.5]})
    with mlflow.start_run() as run:
        logged = mlflow.pyfunc.log_model(name="double", python_model=Double(),
                                         input_example=table[["x"]], params={"factor": 2})
        result = mlflow.models.evaluate(logged.model_uri, table, targets="y",
                                        model_type="regressor", evaluators=["default"])
    training.step("evaluation", lambda: {key: round(value, 4)
                                         for key, value in result.metrics.items()})
    training.look(run.info.run_id)
    training.step("measured", lambda: sorted(
        (metric.key, metric.dataset_name) for metric
        in mlflow.get_logged_model(logged.model_id).metrics))
    training.reload(lambda where: mlflow.pyfunc.load_model(where).predict(table[["x"]]),
                    run.info.run_id, table["x"] * 2)
    experiments = [training.client.get_experiment_by_name(prefix + name).experiment_id
                   for name in ("scikit-learn", "xgboost", "log_model")]
    training.step("found by params", lambda: [model.name for model in mlflow.search_logged_models(
        experiments, "params.factor = '2'", output_format="list")])
    training.step("found by metrics", lambda: [
        len(model.metrics) > 0 for model in mlflow.search_logged_models(
            experiments, "metrics.training_score > 0.5", output_format="list",
            order_by=[{"field_name": "metrics.training_score", "ascending": False}])])
    registered(training, prefix + "double", logged, table)


def registered(training, name, logged, table):
    version = mlflow.register_model(logged.model_uri, name)
    training.step("version", lambda: (version.version, version.model_id == logged.model_id,
                                      str(version.status)))
    training.client.set_registered_model_alias(name, "best", version.version)
    training.step("by alias", lambda: training.client.get_model_version_by_alias(
        name, "best").version)
    for where in ("models:/%s/1" % name, "models:/%s@best" % name):
        training.step("reload " + where[-5:], lambda: plain(
            mlflow.pyfunc.load_model(where).predict(table[["x"]])))
    training.step("delete", lambda: (training.client.delete_logged_model(logged.model_id),
                                     training.models(version.run_id)))


def main(uri, directory, prefix):
    logging.disable(logging.WARNING)
    mlflow.set_tracking_uri(uri)
    r = Recorder(directory)
    of_sklearn(r, prefix)
    of_xgboost(r, prefix)
    of_lightgbm(r, prefix)
    of_lightning(r, prefix, uri, directory)
    of_transformers(r, prefix, directory)
    of_optuna(r, prefix, uri)
    of_log_model(r, prefix)
    r.finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
