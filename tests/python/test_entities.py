"""Entities behave like those of the official package: construction, equality, repr, copies."""

import copy
import pickle

import pytest

from millstream import entities
from millstream.entities import (
    Dataset, DatasetInput, Experiment, ExperimentTag, FileInfo, InputTag, LifecycleStage,
    LoggedModelInput, LoggedModelOutput, Metric, ModelVersion, PagedList, Param, RegisteredModel,
    Run, RunData, RunInfo, RunInputs, RunOutputs, RunStatus, RunTag, ViewType)
from millstream.exceptions import MlflowException

INFO = RunInfo("r1", "0", "me", "RUNNING", 1, None, "active", "file:///a", "first")
DATA = RunData([Metric("m", 0.5, 1, 2)], [Param("p", "x")], [RunTag("t", "y")])
INPUT = DatasetInput(Dataset("n", "d", "local", "here"), [InputTag("a", "b")])
RUN = Run(INFO, DATA, RunInputs([INPUT], [LoggedModelInput("m-1")]),
          RunOutputs([LoggedModelOutput("m-2", 3)]))
EXPERIMENT = Experiment("1", "e", "file:///e", "active", [ExperimentTag("k", "v")], 5, 6)
VERSION = ModelVersion("m", "1", 7, tags=[RunTag("k", "v")], aliases=["champion"])
MODEL = RegisteredModel("m", latest_versions=[VERSION], aliases={"champion": "1"})
FILE = FileInfo("a/b.txt", False, 12)
ALL = [INFO, DATA, INPUT, RUN, EXPERIMENT, VERSION, MODEL, FILE, Metric("m", 0.5, 1)]


def test_reprs_are_the_official_ones():
    assert repr(Metric("m", 0.5, 1, 2)) == (
        "<Metric: dataset_digest=None, dataset_name=None, key='m', model_id=None, run_id=None, "
        "step=2, timestamp=1, value=0.5>")
    assert repr(EXPERIMENT) == (
        "<Experiment: artifact_location='file:///e', creation_time=5, "
        "effective_trace_archival_retention=None, experiment_id='1', last_update_time=6, "
        "lifecycle_stage='active', name='e', tags={'k': 'v'}, trace_location=None, "
        "workspace='default'>")
    assert repr(Run(INFO, DATA)).startswith(
        "<Run: data=<RunData: metrics={'m': 0.5}, params={'p': 'x'}, tags={'t': 'y'}>, "
        "info=<RunInfo: artifact_uri='file:///a', end_time=None, ")
    long = Param("p", "word " * 40)
    assert repr(long).count("\n") > 1, "long text is broken as pprint breaks it"


@pytest.mark.parametrize("entity", ALL, ids=lambda entity: type(entity).__name__)
def test_copies_have_the_same_content(entity):
    for other in (pickle.loads(pickle.dumps(entity)), copy.copy(entity), copy.deepcopy(entity)):
        assert type(other) is type(entity) and other is not entity
        assert repr(other) == repr(entity)


@pytest.mark.parametrize("entity", ALL, ids=lambda entity: type(entity).__name__)
def test_attributes_are_read_only_and_iterated_by_name(entity):
    names = [name for name, _ in entity]
    assert names == sorted(names) and names
    for name, value in entity:
        assert getattr(entity, name) is value
        with pytest.raises((AttributeError, TypeError)):
            setattr(entity, name, 1)
    with pytest.raises(AttributeError):
        entity.nothing_like_that = 1


def test_equality_is_that_of_the_official_classes():
    assert Metric("m", 0.5, 1, 2) == Metric("m", 0.5, 1, 2)
    assert Metric("m", 0.5, 1, 2) != Metric("m", 0.5, 1, 3)
    assert len({Metric("m", 0.5, 1, 2), Metric("m", 0.5, 1, 2)}) == 1
    assert Param("p", "1") == Param("p", "2") and hash(Param("p", "1")) == hash(Param("p", "2"))
    assert RunTag("k", "v") == RunTag("k", "v") and RunTag("k", "v") != InputTag("k", "v")
    assert pickle.loads(pickle.dumps(INFO)) == INFO and FILE == FileInfo("a/b.txt", False, 12)
    # A run or an experiment is only equal to itself.
    assert copy.deepcopy(RUN) != RUN and copy.deepcopy(EXPERIMENT) != EXPERIMENT and RUN == RUN
    assert RUN in {RUN}
    for entity in (INFO, FILE, RunTag("k", "v")):
        with pytest.raises(TypeError, match="unhashable"):
            hash(entity)
    assert (INFO == 1) is False and INFO != None  # noqa: E711 - it is the operator that counts


def test_to_dictionary():
    assert RUN.to_dictionary() == {
        "info": dict(INFO),
        "data": {"metrics": {"m": 0.5}, "params": {"p": "x"}, "tags": {"t": "y"}},
        "inputs": {"dataset_inputs": [{
            "dataset": {"name": "n", "digest": "d", "source_type": "local", "source": "here",
                        "schema": None, "profile": None}, "tags": {"a": "b"}}],
            "model_inputs": [{"model_id": "m-1"}]},
        "outputs": {"model_outputs": [{"model_id": "m-2", "step": 3}]}}
    assert Run(INFO, None).to_dictionary() == {"info": dict(INFO)}


def test_from_dictionary_takes_what_it_knows():
    metric = Metric.from_dictionary({"key": "m", "value": 1, "timestamp": 2, "colour": "red"})
    assert metric == Metric("m", 1, 2)
    with pytest.raises(TypeError, match="timestamp"):
        Metric.from_dictionary({"key": "m", "value": 1})


def test_old_names_and_numbers():
    old = RunInfo(run_uuid="r", experiment_id=1, user_id="u", status=RunStatus.FINISHED,
                  start_time=1, end_time=2, lifecycle_stage="active", run_id="r")
    assert old.run_id == old.run_uuid == "r" and old.status == "FINISHED"
    assert Metric("m", 1.0, 5).step == 0
    assert RunInfo("r", "1", "u", "FAILED", 1, 2, "active", run_id="r").run_id == "r"


@pytest.mark.parametrize("arguments, named, message", [
    ((), {}, "missing required argument 'key'"),
    (("a",), {}, "missing required argument 'value'"),
    (("a", "b", "c"), {}, "takes at most 2"),
    (("a",), {"key": "b", "value": "c"}, "multiple values for argument 'key'"),
    (("a", "b"), {"colour": "red"}, "an unexpected argument 'colour'"),
])
def test_wrong_arguments(arguments, named, message):
    with pytest.raises(TypeError, match=message):
        Param(*arguments, **named)


def test_values_that_are_no_pairs():
    with pytest.raises(AttributeError):
        RunData([1])
    with pytest.raises(TypeError):
        RunData(7)
    assert RunData({"m": 1.0}).metrics == {"m": 1.0}


def test_subclasses_of_people():
    class Mine(Metric):
        def double(self):
            return 2 * self.value

    mine = Mine("m", 2.0, 1)
    assert mine.double() == 4.0 and mine.key == "m" and repr(mine).startswith("<Mine: ")
    mine.note = "attributes of its own"
    assert copy.copy(mine).double() == 4.0


def test_enums():
    assert RunStatus.to_string(RunStatus.KILLED) == "KILLED"
    assert RunStatus.from_string("FAILED") == 4 and RunStatus.is_terminated(5)
    assert RunStatus.all_status() == [1, 2, 3, 4, 5]
    assert ViewType.from_string("all") == ViewType.ALL == 3 and ViewType.to_string(1) == "active_only"
    assert LifecycleStage.matches_view_type(ViewType.DELETED_ONLY, "deleted")
    for call in (lambda: RunStatus.from_string("x"), lambda: RunStatus.to_string(9),
                 lambda: ViewType.from_string("x"), lambda: ViewType.to_string(9)):
        with pytest.raises(Exception) as failure:
            call()
        assert type(failure.value) is Exception
    with pytest.raises(MlflowException):
        LifecycleStage.matches_view_type(ViewType.ALL, "lost")


def test_paged_lists():
    page = PagedList([1, 2], "next")
    assert page == [1, 2] and page.token == "next" and type(page.to_list()) is list


def test_everything_is_exported():
    for name in entities.__all__:
        thing = getattr(entities, name)
        assert thing.__doc__ and thing.__module__ in (
            "millstream.entities", "millstream.prompts", "millstream.datasets")
