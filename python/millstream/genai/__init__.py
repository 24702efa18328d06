"""Prompts and evaluation datasets by functions, under the names that the official package has."""

from __future__ import annotations

from .datasets import (
    create_dataset, delete_dataset, delete_dataset_tag, get_dataset, search_datasets,
    set_dataset_tags)
from .prompts import (
    delete_prompt_alias, delete_prompt_model_config, delete_prompt_tag, delete_prompt_version_tag,
    get_prompt_tags, load_prompt, register_prompt, search_prompts, set_prompt_alias,
    set_prompt_model_config, set_prompt_tag, set_prompt_version_tag)

__all__ = [
    "create_dataset", "delete_dataset", "delete_dataset_tag", "delete_prompt_alias",
    "delete_prompt_model_config", "delete_prompt_tag", "delete_prompt_version_tag", "get_dataset",
    "get_prompt_tags", "load_prompt", "register_prompt", "search_datasets", "search_prompts",
    "set_dataset_tags", "set_prompt_alias", "set_prompt_model_config", "set_prompt_tag",
    "set_prompt_version_tag",
]
