"""A training on a machine that reaches no server: it writes only, and reads nothing back."""

import math

import mlflow


def main():
    mlflow.set_experiment("far away")
    with mlflow.start_run(run_name="field trip", tags={"site": "north"}, description="no network"):
        mlflow.log_params({"rate": 0.1, "hidden": 32})
        for epoch in range(3):
            with mlflow.start_run(run_name=f"epoch {epoch}", nested=True):
                for step in range(50):
                    mlflow.log_metric("loss", math.exp(-step / 10) + epoch, step=step)
            mlflow.log_metrics({"loss": 1 / (1 + epoch), "seen": 50 * (1 + epoch)}, step=epoch)
            mlflow.log_table({"epoch": [epoch], "guess": [f"about {epoch}"]}, "guesses.json")
        mlflow.log_text("all went well", "notes/log.txt")
        mlflow.log_dict({"layers": [4, 2]}, "model.json")
        mlflow.set_tag("done", True)
    try:
        with mlflow.start_run(run_name="broken"):
            raise ArithmeticError("it diverged")
    except ArithmeticError:
        pass


if __name__ == "__main__":
    main()
