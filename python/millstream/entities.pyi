# The things people track, as values; entities.py has the meanings.

import enum
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple, TypeVar

from . import _millstream
from ._millstream import (
    Dataset as Dataset,
    DatasetInput as DatasetInput,
    Experiment as Experiment,
    ExperimentTag as ExperimentTag,
    FileInfo as FileInfo,
    InputTag as InputTag,
    LoggedModelInput as LoggedModelInput,
    LoggedModelOutput as LoggedModelOutput,
    LoggedModelParameter as LoggedModelParameter,
    LoggedModelTag as LoggedModelTag,
    Metric as Metric,
    ModelVersion as ModelVersion,
    ModelVersionTag as ModelVersionTag,
    Param as Param,
    RegisteredModel as RegisteredModel,
    RegisteredModelAlias as RegisteredModelAlias,
    RegisteredModelTag as RegisteredModelTag,
    Run as Run,
    RunData as RunData,
    RunInfo as RunInfo,
    RunInputs as RunInputs,
    RunOutputs as RunOutputs,
    RunTag as RunTag,
)
from .datasets import DatasetRecord as DatasetRecord, EvaluationDataset as EvaluationDataset
from .prompts import Prompt as Prompt, PromptVersion as PromptVersion

__all__ = [
    "Dataset", "DatasetInput", "DatasetRecord", "EvaluationDataset", "Experiment",
    "ExperimentTag", "FileInfo", "InputTag", "LifecycleStage", "LoggedModel",
    "LoggedModelInput", "LoggedModelOutput", "LoggedModelParameter", "LoggedModelStatus",
    "LoggedModelTag", "Metric", "ModelVersion", "ModelVersionTag", "PagedList", "Param",
    "Prompt", "PromptVersion", "RegisteredModel", "RegisteredModelAlias", "RegisteredModelTag",
    "Run", "RunData", "RunInfo", "RunInputs", "RunOutputs", "RunStatus", "RunTag", "ViewType",
]

_Item = TypeVar("_Item")

class PagedList(List[_Item]):
    token: Optional[str]
    def __init__(self, items: Iterable[_Item] = (), token: Optional[str] = None) -> None: ...
    def to_list(self) -> List[_Item]: ...
    def _repr_html_(self) -> Optional[str]: ...

class RunStatus:
    RUNNING: int
    SCHEDULED: int
    FINISHED: int
    FAILED: int
    KILLED: int
    @staticmethod
    def from_string(status_str: str) -> int: ...
    @staticmethod
    def to_string(status: int) -> str: ...
    @staticmethod
    def is_terminated(status: int) -> bool: ...
    @staticmethod
    def all_status() -> List[int]: ...

class ViewType:
    ACTIVE_ONLY: int
    DELETED_ONLY: int
    ALL: int
    @classmethod
    def from_string(cls, view_str: str) -> int: ...
    @classmethod
    def to_string(cls, view_type: int) -> str: ...

class LifecycleStage:
    ACTIVE: str
    DELETED: str
    @classmethod
    def is_valid(cls, lifecycle_stage: str) -> bool: ...
    @classmethod
    def view_type_to_stages(cls, view_type: int = 3) -> List[str]: ...
    @classmethod
    def matches_view_type(cls, view_type: int, lifecycle_stage: str) -> bool: ...

class LoggedModelStatus(str, enum.Enum):
    UNSPECIFIED = "UNSPECIFIED"
    PENDING = "PENDING"
    READY = "READY"
    FAILED = "FAILED"
    def __new__(cls, value: object) -> LoggedModelStatus: ...
    @staticmethod
    def is_finalized(status: str) -> bool: ...
    @classmethod
    def from_int(cls, status_int: int) -> LoggedModelStatus: ...
    def to_int(self) -> int: ...

class LoggedModel(_millstream.LoggedModel):
    @property
    def status(self) -> LoggedModelStatus: ...
    @property
    def model_uri(self) -> str: ...
    def __iter__(self) -> Iterator[Tuple[str, Any]]: ...
    def to_dictionary(self) -> Dict[str, Any]: ...
