"""The things people track, as values: experiments, runs, points, params, tags, files, models.

Attributes are read-only. Entities can be compared, copied and pickled; iterating over one gives
(name, value) pairs.
"""

import enum

from millstream import _millstream
from millstream._millstream import (
    Dataset, DatasetInput, Experiment, ExperimentTag, FileInfo, InputTag, LoggedModelInput,
    LoggedModelOutput, LoggedModelParameter, LoggedModelTag, Metric, ModelVersion,
    ModelVersionTag, Param, RegisteredModel, RegisteredModelAlias, RegisteredModelTag, Run,
    RunData, RunInfo, RunInputs, RunOutputs, RunTag)
from millstream.datasets import DatasetRecord, EvaluationDataset
from millstream.exceptions import MlflowException
from millstream.prompts import Prompt, PromptVersion

__all__ = [
    "Dataset", "DatasetInput", "DatasetRecord", "EvaluationDataset", "Experiment",
    "ExperimentTag", "FileInfo", "InputTag", "LifecycleStage", "LoggedModel",
    "LoggedModelInput", "LoggedModelOutput", "LoggedModelParameter", "LoggedModelStatus",
    "LoggedModelTag", "Metric", "ModelVersion", "ModelVersionTag", "PagedList", "Param",
    "Prompt", "PromptVersion", "RegisteredModel", "RegisteredModelAlias", "RegisteredModelTag",
    "Run", "RunData", "RunInfo", "RunInputs", "RunOutputs", "RunStatus", "RunTag", "ViewType",
]


class PagedList(list):
    """A page of a search: a list with the token that gets the next page, None behind the last."""

    def __init__(self, items=(), token=None):
        super().__init__(items)
        self.token = token

    def _repr_html_(self):
        """A table of runs or experiments for notebooks; None for lists of others."""
        from millstream import notebook
        return notebook.of_list(self)

    def to_list(self):
        """The items as a plain list."""
        return list(self)


class RunStatus:
    """States of a run: their numbers, and the names that runs have them under."""

    RUNNING = 1
    SCHEDULED = 2
    FINISHED = 3
    FAILED = 4
    KILLED = 5

    _NAMES = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}
    _NUMBERS = {name: number for number, name in _NAMES.items()}

    @staticmethod
    def from_string(status_str):
        """The number of a state's name; Exception for an unknown one."""
        if status_str not in RunStatus._NUMBERS:
            raise Exception(f"There is no run status {status_str}. "
                            f"Valid run status strings: {list(RunStatus._NUMBERS)}")
        return RunStatus._NUMBERS[status_str]

    @staticmethod
    def to_string(status):
        """The name of a state's number; Exception for an unknown one."""
        if status not in RunStatus._NAMES:
            raise Exception(f"There is no run status {status}. "
                            f"Valid run statuses: {list(RunStatus._NAMES)}")
        return RunStatus._NAMES[status]

    @staticmethod
    def is_terminated(status):
        """Whether a run of that state has ended."""
        return status in (RunStatus.FINISHED, RunStatus.FAILED, RunStatus.KILLED)

    @staticmethod
    def all_status():
        """The numbers of all states."""
        return list(RunStatus._NAMES)


class ViewType:
    """Which things a search gives: active ones, deleted ones, or both."""

    ACTIVE_ONLY = 1
    DELETED_ONLY = 2
    ALL = 3

    _NUMBERS = {"active_only": 1, "deleted_only": 2, "all": 3}

    @classmethod
    def from_string(cls, view_str):
        """The number of "active_only", "deleted_only" or "all"; Exception for others."""
        if view_str not in cls._NUMBERS:
            raise Exception(f"There is no view type {view_str}. "
                            f"Valid view types: {list(cls._NUMBERS)}")
        return cls._NUMBERS[view_str]

    @classmethod
    def to_string(cls, view_type):
        """The name of a number; Exception for others."""
        for name, number in cls._NUMBERS.items():
            if number == view_type:
                return name
        raise Exception(f"There is no view type {view_type}. "
                        f"Valid view types: {list(cls._NUMBERS.values())}")


class LifecycleStage:
    """Whether an experiment or run is in use or in the bin."""

    ACTIVE = "active"
    DELETED = "deleted"

    @classmethod
    def is_valid(cls, lifecycle_stage):
        """Whether that is a stage."""
        return lifecycle_stage in (cls.ACTIVE, cls.DELETED)

    @classmethod
    def view_type_to_stages(cls, view_type=ViewType.ALL):
        """The stages that a view type shows."""
        return [stage for stage, shown in ((cls.ACTIVE, ViewType.ACTIVE_ONLY),
                                           (cls.DELETED, ViewType.DELETED_ONLY))
                if view_type in (shown, ViewType.ALL)]

    @classmethod
    def matches_view_type(cls, view_type, lifecycle_stage):
        """Whether a view type shows things of that stage."""
        if not cls.is_valid(lifecycle_stage):
            raise MlflowException(f"There is no lifecycle stage '{lifecycle_stage}'")
        return lifecycle_stage in cls.view_type_to_stages(view_type)


class LoggedModelStatus(str, enum.Enum):
    """States of a logged model. They are equal to their names."""

    UNSPECIFIED = "UNSPECIFIED"
    PENDING = "PENDING"
    READY = "READY"
    FAILED = "FAILED"

    def __str__(self):
        return self.value

    @staticmethod
    def is_finalized(status):
        """Whether a model of that state has come to its end, good or bad."""
        return status in (LoggedModelStatus.READY, LoggedModelStatus.FAILED)

    @classmethod
    def from_int(cls, status_int):
        """The state of a number of the protocol; MlflowException for an unknown one."""
        members = list(cls)
        if status_int not in range(len(members)):
            raise MlflowException.invalid_parameter_value(
                f"There is no status {status_int} of logged models")
        return members[status_int]

    def to_int(self):
        """Its number in the protocol."""
        return list(LoggedModelStatus).index(self)


# What is big is left out of the text for people.
_LONG = ("metrics", "params", "tags")


class LoggedModel(_millstream.LoggedModel):
    """What a run has trained: its params, tags and metrics, and where its files are."""

    @property
    def status(self):
        """Whether its files are there: LoggedModelStatus."""
        return LoggedModelStatus(_millstream.LoggedModel.status.__get__(self))

    @property
    def model_uri(self):
        """URI that names its files: str."""
        return f"models:/{self.model_id}"

    def __iter__(self):
        own = {**dict(super().__iter__()), "status": self.status, "model_uri": self.model_uri}
        return iter(sorted(own.items()))

    def __repr__(self):
        shown = ", ".join(f"{name}={value!r}" for name, value in self if name not in _LONG)
        return f"{type(self).__name__}({shown})"

    def to_dictionary(self):
        """The attributes as a dict, the state as its number."""
        return {**super().to_dictionary(), "status": self.status.to_int()}
