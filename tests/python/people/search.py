"""A search over settings: one run for the search, one inside of it for each trial."""

import itertools

import mlflow

RATES = (0.3, 0.1, 0.03)
DEPTHS = (1, 2)


def score(rate, depth):
    """As if something had been trained."""
    return round(1 / (1 + abs(rate - 0.1) * 10 + abs(depth - 2)), 6)


def trial(rate, depth):
    with mlflow.start_run(run_name=f"rate {rate} depth {depth}", nested=True,
                          tags={"kind": "trial"}):
        mlflow.log_params({"rate": rate, "depth": depth})
        if (rate, depth) == (0.3, 1):
            raise ArithmeticError("it diverged")
        for step in range(3):
            mlflow.log_metric("score", score(rate, depth) * (step + 1) / 3, step=step)
    return score(rate, depth)


def main():
    mlflow.set_experiment("search")
    mlflow.set_experiment_tags({"metric": "score", "better": "higher"})
    with mlflow.start_run(run_name="grid") as parent:
        scores = {}
        for rate, depth in itertools.product(RATES, DEPTHS):
            try:
                scores[rate, depth] = trial(rate, depth)
            except ArithmeticError:
                mlflow.set_tag("diverged", True)
        best = max(scores, key=scores.get)
        mlflow.log_metric("best_score", scores[best])
        mlflow.log_param("best", best)
    trials = mlflow.search_runs(
        filter_string=f"tags.mlflow.parentRunId = '{parent.info.run_id}'",
        order_by=["metrics.score DESC"], output_format="list")
    assert len(trials) == len(RATES) * len(DEPTHS), trials
    assert trials[0].data.params == {"rate": "0.1", "depth": "2"}, trials[0]
    statuses = sorted(run.info.status for run in trials)
    assert statuses == ["FAILED"] + ["FINISHED"] * (len(trials) - 1), statuses
    assert mlflow.get_parent_run(trials[0].info.run_id).info.run_name == "grid"


if __name__ == "__main__":
    main()
