"""The methods of MlflowClient about evaluation datasets."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence, Union

from .._millstream import Client
from ..datasets import EvaluationDataset
from ..entities import PagedList


class DatasetCalls(Client):
    """Evaluation datasets."""

    def create_dataset(self, name: str, experiment_id: Union[str, Sequence[str], None] = None,
                       tags: Optional[Mapping[str, Any]] = None) -> EvaluationDataset:
        """Makes an evaluation dataset without records.

        Arguments:
            experiment_id: experiments that it is linked to: an id, or several.
            tags: dict; mlflow.user is added.

        Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.

            client.create_dataset("sums", "0", {"team": "red"})
        """
        return EvaluationDataset._of(self, self._create_dataset(name, experiment_id, tags))

    def get_dataset(self, dataset_id: str) -> EvaluationDataset:
        """An evaluation dataset.

        Raises MlflowException: RESOURCE_DOES_NOT_EXIST.

            client.get_dataset(dataset_id).records
        """
        return EvaluationDataset._of(self, self._get_dataset(dataset_id))

    def search_datasets(self, experiment_ids: Optional[Sequence[str]] = None,
                        filter_string: Optional[str] = None, max_results: int = 50,
                        order_by: Optional[Sequence[str]] = None,
                        page_token: Optional[str] = None) -> PagedList[EvaluationDataset]:
        """One page of the evaluation datasets that match, whose token gets the next page.

        Arguments:
            experiment_ids: only those linked to one of these; None: all.
            filter_string: as "name LIKE 'qa%' AND tags.team = 'red'".
            max_results: of the page, 1 to 50000.
            order_by: list as ["name ASC"]; None: the newest first.

        Raises MlflowException: INVALID_PARAMETER_VALUE.

            client.search_datasets(["0"], "name = 'sums'")
        """
        rows, token = self._search_datasets(experiment_ids, filter_string, max_results, order_by,
                                            page_token)
        return PagedList([EvaluationDataset._of(self, row) for row in rows], token)

    def set_dataset_tags(self, dataset_id: str, tags: Mapping[str, Any]) -> None:
        """Sets tags of an evaluation dataset; a value of None removes the tag.

        Raises MlflowException: RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE.

            client.set_dataset_tags(dataset_id, {"team": "red", "old": None})
        """
        for key, value in tags.items():
            if value is None:
                self.delete_dataset_tag(dataset_id, key)
            else:
                self._set_dataset_tag(dataset_id, key, value)

    def add_dataset_to_experiments(self, dataset_id: str,
                                   experiment_ids: Sequence[str]) -> EvaluationDataset:
        """Links an evaluation dataset to experiments.

        Raises MlflowException: RESOURCE_DOES_NOT_EXIST.

            client.add_dataset_to_experiments(dataset_id, ["1", "2"])
        """
        return EvaluationDataset._of(self, self._link_dataset(dataset_id, experiment_ids))

    def remove_dataset_from_experiments(self, dataset_id: str,
                                        experiment_ids: Sequence[str]) -> EvaluationDataset:
        """Unlinks an evaluation dataset from experiments.

        Raises MlflowException: RESOURCE_DOES_NOT_EXIST.

            client.remove_dataset_from_experiments(dataset_id, ["2"])
        """
        return EvaluationDataset._of(self, self._unlink_dataset(dataset_id, experiment_ids))
