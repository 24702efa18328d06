"""What a run reads and makes: datasets and models."""

from __future__ import annotations

from typing import Any, List, Mapping, Optional, Sequence

from ..entities import Dataset, DatasetInput, InputTag
from ..exceptions import MlflowException
from . import active

_invalid = MlflowException.invalid_parameter_value

CONTEXT = "mlflow.data.context"


def entity_of(dataset: Any) -> Dataset:
    """A dataset as an entity: one of ours, or of the official package's `mlflow.data`.

    Raises MlflowException with INVALID_PARAMETER_VALUE for what is neither.
    """
    if isinstance(dataset, Dataset):
        return dataset
    if not callable(getattr(dataset, "to_dict", None)):
        raise _invalid(f"{type(dataset).__name__} is no dataset: give millstream.entities.Dataset, "
                       "or anything whose to_dict() has name, digest, source_type and source")
    told = dataset.to_dict()
    return Dataset(told["name"], told["digest"], told["source_type"], told["source"],
                   told.get("schema"), told.get("profile"))


def _input(dataset: Optional[Any], context: Optional[str],
           tags: Optional[Mapping[str, str]]) -> Optional[DatasetInput]:
    if dataset is None:
        if context or tags:
            raise _invalid("context and tags are about a dataset, and there is none")
        return None
    marks = [InputTag(key, value) for key, value in (tags or {}).items()]
    if context:
        marks.append(InputTag(CONTEXT, context))
    return DatasetInput(entity_of(dataset), marks)


def log_once(client: Any, run_id: str, dataset: Any) -> None:
    """Say that the run read the dataset, unless that was said; again would change nothing."""
    entity = entity_of(dataset)
    entry = active.named(run_id)
    said = entry.datasets if entry is not None else set()
    if (entity.name, entity.digest) not in said:
        client.log_inputs(run_id, datasets=[DatasetInput(entity, [])])
        said.add((entity.name, entity.digest))


def log_input(dataset: Optional[Any] = None, context: Optional[str] = None,
              tags: Optional[Mapping[str, str]] = None, model: Optional[Any] = None) -> None:
    """Say that the active run reads a dataset or a model.

    Arguments:
        dataset: a `millstream.entities.Dataset`, or one of the official package's `mlflow.data`.
        context: what for, such as "training".
        tags: more about it.
        model: a `LoggedModelInput`.

    Raises MlflowException with INVALID_PARAMETER_VALUE for what is no dataset.

    >>> log_input(Dataset("digits", "3f2a", "local", "digits.csv"), "training")  # doctest: +SKIP
    """
    client, run_id = active.target(None)
    given = _input(dataset, context, tags)
    client.log_inputs(run_id, datasets=[given] if given else None,
                      models=[model] if model else None)


def log_inputs(datasets: Optional[Sequence[Optional[Any]]] = None,
               contexts: Optional[Sequence[Optional[str]]] = None,
               tags_list: Optional[Sequence[Optional[Mapping[str, str]]]] = None,
               models: Optional[Sequence[Any]] = None) -> None:
    """Say that the active run reads several datasets, in one request.

    Arguments: three lists of one length, whose entries are as of `log_input`; None in them means
    nothing.  `models` is a list of `LoggedModelInput`.

    Raises MlflowException when the lists differ in length.

    >>> log_inputs([train, test], ["training", "test"], [None, None])     # doctest: +SKIP
    """
    datasets, contexts, tags_list = datasets or [], contexts or [], tags_list or []
    if not len(datasets) == len(contexts) == len(tags_list):
        raise MlflowException("datasets, contexts and tags_list must have one length, not "
                              f"{len(datasets)}, {len(contexts)} and {len(tags_list)}")
    client, run_id = active.target(None)
    given = [_input(*each) for each in zip(datasets, contexts, tags_list)]
    client.log_inputs(run_id, datasets=[each for each in given if each is not None],
                      models=models)


def log_outputs(models: Optional[List[Any]] = None) -> None:
    """Say that the active run made models, each a `LoggedModelOutput`.

    >>> log_outputs([LoggedModelOutput("m-1f0c", step=10)])               # doctest: +SKIP
    """
    client, run_id = active.target(None)
    client.log_outputs(run_id, models or [])
