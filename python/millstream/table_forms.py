"""What a table is in memory: a pandas frame where pandas is there, else rows as dictionaries.

Both classes do the same to their form; tables.py does not know which one it has.  On disk a table
is JSON with "columns" and "data" (a list for each row), or Parquet, which pandas alone writes.
"""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, List, Mapping, Sequence

from . import frames
from .exceptions import MlflowException

EXTENSIONS = (".json", ".parquet")

Row = Dict[str, Any]


def _unusable(data: Any) -> MlflowException:
    return MlflowException(f"A table is a dictionary or a pandas frame, not {type(data).__name__}",
                           error_code="INVALID_PARAMETER_VALUE")


class Frames:
    """Tables as pandas frames."""

    def __init__(self) -> None:
        import pandas

        self._pandas = pandas

    def make(self, data: Any) -> Any:
        """A table of its own: the caller's `data` is never changed."""
        if isinstance(data, self._pandas.DataFrame):
            return data.copy(deep=False)
        if not isinstance(data, dict):
            raise _unusable(data)
        try:
            return self._pandas.DataFrame(data)
        except ValueError:  # scalars only: one row
            return self._pandas.DataFrame([data])

    def columns(self, table: Any) -> List[str]:
        return list(table.columns)

    def values(self, table: Any, column: str) -> List[Any]:
        return list(table[column])

    def map(self, table: Any, column: str, change: Callable[[Any], Any]) -> None:
        table[column] = table[column].map(change)

    def fill(self, table: Any, column: str, value: Any) -> None:
        table[column] = value

    def join(self, tables: Sequence[Any]) -> Any:
        return self._pandas.concat(tables, ignore_index=True)

    def write(self, table: Any, path: str) -> None:
        if path.endswith(".json"):
            table.to_json(path, orient="split", index=False, date_format="iso")
        else:
            table.to_parquet(path, index=False)

    def read(self, path: str) -> Any:
        if path.endswith(".json"):
            return self._pandas.read_json(path, orient="split")
        return self._pandas.read_parquet(path)

    def of_run(self, run: Any) -> Mapping[str, Any]:
        """Columns that `extra_columns` may name."""
        return frames.of_runs([run]).iloc[0]


class Rows:
    """Tables as lists of dictionaries, one for each row."""

    def make(self, data: Any) -> List[Row]:
        """A table of its own: the caller's `data` is never changed."""
        if not isinstance(data, dict):
            raise _unusable(data)
        lists = {key: list(values) for key, values in data.items()
                 if isinstance(values, (list, tuple))}
        if not lists:
            return [dict(data)]
        lengths = {len(values) for values in lists.values()}
        if len(lengths) != 1:
            raise ValueError(f"The columns of a table are of one length, not {sorted(lengths)}")
        count = lengths.pop()
        return [{key: lists[key][row] if key in lists else value for key, value in data.items()}
                for row in range(count)]

    def columns(self, table: List[Row]) -> List[str]:
        seen: Dict[str, None] = {}
        for row in table:
            seen.update(dict.fromkeys(row))
        return list(seen)

    def values(self, table: List[Row], column: str) -> List[Any]:
        return [row.get(column) for row in table]

    def map(self, table: List[Row], column: str, change: Callable[[Any], Any]) -> None:
        for row in table:
            row[column] = change(row.get(column))

    def fill(self, table: List[Row], column: str, value: Any) -> None:
        self.map(table, column, lambda _: value)

    def join(self, tables: Sequence[List[Row]]) -> List[Row]:
        return [row for table in tables for row in table]

    def write(self, table: List[Row], path: str) -> None:
        self._refuse_parquet(path)
        columns = self.columns(table)
        split = {"columns": columns,
                 "data": [[row.get(column) for column in columns] for row in table]}
        with open(path, "w", encoding="utf-8") as file:
            json.dump(split, file, separators=(",", ":"))

    def read(self, path: str) -> List[Row]:
        self._refuse_parquet(path)
        with open(path, encoding="utf-8") as file:
            split = json.load(file)
        return [dict(zip(split["columns"], row)) for row in split["data"]]

    def of_run(self, run: Any) -> Mapping[str, Any]:
        """Columns that `extra_columns` may name."""
        return frames.record(run)

    @staticmethod
    def _refuse_parquet(path: str) -> None:
        if not path.endswith(".json"):
            raise ImportError("Parquet tables need pandas with pyarrow: pip install pandas pyarrow")


def best() -> Any:
    """The form that this environment has."""
    return Frames() if frames.are_there() else Rows()
