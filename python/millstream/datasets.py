"""Evaluation datasets, as values: EvaluationDataset, and its DatasetRecords."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Optional

from .exceptions import MlflowException

_invalid = MlflowException.invalid_parameter_value

# Records that go in one request.
_BATCH = 1000

_COLUMNS = ("inputs", "outputs", "expectations", "tags", "source_type", "source_id", "source",
            "created_time", "dataset_record_id")


# Inputs of a conversation that is played to its end, which is the goal.
_SESSION = {"persona", "goal", "context", "simulation_guidelines"}


def _kind(names: Iterable[str]) -> str:
    """What inputs of those names are: "trace", a question; "session"; "" without any."""
    there = set(names)
    if there and "goal" in there and not there <= _SESSION:
        raise _invalid("inputs with a 'goal' are those of a session, which has no "
                       f"{sorted(there - _SESSION)}: put them into its 'context'")
    return "" if not there else "session" if "goal" in there else "trace"


def _check(rows: List[Any], schema: Optional[str]) -> None:
    """Refuses what are no records, or not of one kind, which is that of the dataset."""
    import json

    for at, row in enumerate(rows):
        if not isinstance(row, dict):
            raise _invalid(f"records[{at}] is no dict but {type(row).__name__}")
        if not isinstance(row.get("inputs"), dict):
            raise _invalid(f"records[{at}] has no dict of 'inputs'")
    new = {_kind(row["inputs"]) for row in rows}
    kinds = (new | {_kind(json.loads(schema or "{}").get("inputs", {}))}) - {""}
    if len(kinds) > 1:
        raise _invalid("records are of one granularity: sessions and questions do not go into one "
                       "dataset")
    if "" in new and "session" in kinds:
        raise _invalid("inputs of a session lack their 'goal'")


class DatasetRecord:
    """A question: inputs, with what is expected, what was answered, tags, and where it is from.

    source is a dict with "source_type" and "source_data", or None; times are in milliseconds since
    1970.
    """

    def __init__(self, dataset_id: str, inputs: Dict[str, Any], dataset_record_id: str,
                 created_time: int, last_update_time: int, outputs: Any = None,
                 expectations: Optional[Dict[str, Any]] = None,
                 tags: Optional[Dict[str, Any]] = None, source: Optional[Dict[str, Any]] = None,
                 source_id: Optional[str] = None, source_type: Optional[str] = None,
                 created_by: Optional[str] = None, last_updated_by: Optional[str] = None) -> None:
        self.dataset_id = dataset_id
        self.inputs = inputs
        self.dataset_record_id = dataset_record_id
        self.created_time = created_time
        self.last_update_time = last_update_time
        self.outputs = outputs
        self.expectations = expectations
        self.tags: Dict[str, Any] = tags if tags is not None else {}
        self.source = source
        self.source_id = source_id
        self.source_type = source_type
        self.created_by = created_by
        self.last_updated_by = last_updated_by

    @classmethod
    def _of(cls, dataset_id: str, row: Dict[str, Any]) -> "DatasetRecord":
        """A record of what the store has."""
        import json

        for name in ("inputs", "outputs", "expectations", "tags", "source"):
            row[name] = json.loads(row[name]) if row[name] is not None else None
        return cls(dataset_id, **row)

    def to_dict(self) -> Dict[str, Any]:
        """All that is not None, by name."""
        return {name: value for name, value in vars(self).items() if value is not None}

    @classmethod
    def from_dict(cls, data: Dict[str, Any]) -> "DatasetRecord":
        """The record that to_dict was called of."""
        return cls(**data)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DatasetRecord) and vars(self) == vars(other)

    def __repr__(self) -> str:
        return f"<DatasetRecord: {self.dataset_record_id!r}, inputs={self.inputs!r}>"


class EvaluationDataset:
    """Questions with expected answers.  Its records are read when they are first asked for.

    Arguments:
        digest: changes when the dataset does.
        created_time, last_update_time: milliseconds since 1970.
        schema, profile: JSON as text, or None.
    """

    def __init__(self, dataset_id: str, name: str, digest: str, created_time: int,
                 last_update_time: int, tags: Optional[Dict[str, Any]] = None,
                 schema: Optional[str] = None, profile: Optional[str] = None,
                 created_by: Optional[str] = None, last_updated_by: Optional[str] = None) -> None:
        self.dataset_id = dataset_id
        self.name = name
        self.digest = digest
        self.created_time = created_time
        self.last_update_time = last_update_time
        self.tags: Dict[str, Any] = tags if tags is not None else {}
        self.schema = schema
        self.profile = profile
        self.created_by = created_by
        self.last_updated_by = last_updated_by
        self._client: Any = None
        self._records: Optional[List[DatasetRecord]] = None

    @classmethod
    def _of(cls, client: Any, row: Dict[str, Any]) -> "EvaluationDataset":
        """A dataset of what the client's store has."""
        dataset = cls(**row)
        dataset._client = client
        return dataset

    def _store(self) -> Any:
        if self._client is None:
            from .fluent import clients
            self._client = clients.current()
        return self._client

    def __repr__(self) -> str:
        return f"<EvaluationDataset: {self.name!r}, dataset_id={self.dataset_id!r}>"

    @property
    def experiment_ids(self) -> List[str]:
        """Ids of the experiments that it is linked to now."""
        return list(self._store()._dataset_experiments(self.dataset_id))

    @property
    def records(self) -> List[DatasetRecord]:
        """Its records, as they came."""
        if self._records is None:
            found: List[DatasetRecord] = []
            token: Optional[str] = None
            while True:
                rows, token = self._store()._dataset_records(self.dataset_id, _BATCH, token)
                found += [DatasetRecord._of(self.dataset_id, row) for row in rows]
                if token is None:
                    break
            self._records = found
        return self._records

    def has_records(self) -> bool:
        """Whether its records have been read."""
        return self._records is not None

    def merge_records(self, records: Any) -> "EvaluationDataset":
        """Adds records, or changes those that have the same inputs; gives itself.

        Arguments:
            records: dicts with "inputs" and, if wanted, "outputs", "expectations", "tags" and
                "source"; or a pandas frame with such columns.

        Raises MlflowException: INVALID_PARAMETER_VALUE, RESOURCE_DOES_NOT_EXIST.

        >>> dataset.merge_records([{"inputs": {"q": "2+2"}, "expectations": {"a": 4}}]
        ...                       )                                       # doctest: +SKIP
        """
        import json

        rows = records.to_dict("records") if hasattr(records, "to_dict") else list(records)
        _check(rows, self._store()._get_dataset(self.dataset_id)["schema"])
        for begin in range(0, len(rows), _BATCH):
            self._store()._merge_records(self.dataset_id, json.dumps(rows[begin:begin + _BATCH]))
        self._forget()
        return self

    def delete_records(self, record_ids: List[str]) -> int:
        """Removes records by their ids; how many there were.

        >>> dataset.delete_records([dataset.records[0].dataset_record_id])  # doctest: +SKIP
        1
        """
        deleted = int(self._store()._delete_records(self.dataset_id, record_ids))
        self._forget()
        return deleted

    def _forget(self) -> None:
        """What was read is no longer so."""
        self._records = None
        now = self._store()._get_dataset(self.dataset_id)
        for name, value in now.items():
            setattr(self, name, value)

    def to_df(self) -> Any:
        """Its records as a pandas frame.  Raises ImportError without pandas.

        >>> dataset.to_df()["inputs"]                                      # doctest: +SKIP
        """
        import pandas

        return pandas.DataFrame([{name: getattr(record, name) for name in _COLUMNS}
                                 for record in self.records], columns=list(_COLUMNS))

    def to_dict(self) -> Dict[str, Any]:
        """All of it by name, records among it."""
        plain = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        return {**plain, "experiment_ids": self.experiment_ids,
                "records": [record.to_dict() for record in self.records]}
