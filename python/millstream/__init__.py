"""Millstream in Python: `import millstream as mlflow`, and a tracking script runs.

    import millstream as mlflow

    mlflow.set_experiment("digits")
    with mlflow.start_run(run_name="first"):
        mlflow.log_params({"rate": 0.1, "hidden": 32})
        mlflow.log_metric("loss", 0.25, step=1)

Importing this package imports nothing else: each name is looked up when it is first used, so
that a program which logs little pays little.  docs/python.md tells the modes and what is equal to
the official package.
"""

from __future__ import annotations

from typing import Any, Dict, List

# Which module has which names.
_MODULES: Dict[str, str] = {
    "._millstream": "__version__",
    ".tracking": "MlflowClient get_registry_uri get_tracking_uri is_tracking_uri_set "
                 "set_registry_uri set_tracking_uri",
    ".exceptions": "MlflowException",
    ".images": "Image",
    ".autologging": "autolog",
    ".fluent.active": "ActiveRun active_run end_run last_active_run start_run",
    ".fluent.clients": "flush flush_artifact_async_logging flush_async_logging",
    ".fluent.experiments": "create_experiment delete_experiment delete_experiment_tag "
                           "get_experiment get_experiment_by_name restore_experiment "
                           "search_experiments set_experiment set_experiment_tag "
                           "set_experiment_tags",
    ".fluent.files": "get_artifact_uri load_table log_artifact log_artifacts log_dict log_figure "
                     "log_image log_stream log_table log_text",
    ".fluent.inputs": "log_input log_inputs log_outputs",
    ".fluent.logged_models": "ActiveModel clear_active_model create_external_model "
                              "delete_logged_model_tag finalize_logged_model "
                              "get_active_model_id get_logged_model initialize_logged_model "
                              "last_logged_model log_model_params search_logged_models "
                              "set_active_model set_logged_model_tags",
    ".fluent.models": "register_model search_model_versions search_registered_models "
                      "set_model_version_tag",
    ".genai.prompts": "delete_prompt_alias load_prompt register_prompt search_prompts "
                      "set_prompt_alias",
    ".fluent.runs": "delete_run get_parent_run get_run restore_run search_runs",
    ".fluent.values": "delete_tag log_metric log_metrics log_param log_params set_tag set_tags",
    ".system_metrics": "disable_system_metrics_logging enable_system_metrics_logging "
                       "set_system_metrics_node_id set_system_metrics_samples_before_logging "
                       "set_system_metrics_sampling_interval",
}

_SUBMODULES = ("artifacts", "client", "entities", "exceptions", "fluent", "genai", "system_metrics", "tracking")

_PLACES: Dict[str, str] = {name: module for module, names in _MODULES.items()
                           for name in names.split()}

__all__ = [*sorted({*_PLACES} - {"__version__"}), *_SUBMODULES]


def __getattr__(name: str) -> Any:
    # Imported here because this module should cost next to nothing.
    from importlib import import_module

    if name in _PLACES:
        value = getattr(import_module(_PLACES[name], __name__), name)
    elif name in _SUBMODULES:
        value = import_module(f".{name}", __name__)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; docs/python.md tells "
                             "what is left to the official package")
    globals()[name] = value
    return value


def __dir__() -> List[str]:
    return sorted({*globals(), *__all__})
