# What `millstream` has; __init__.py loads each name when it is first used.

from . import (
    artifacts as artifacts,
    client as client,
    entities as entities,
    exceptions as exceptions,
    fluent as fluent,
    genai as genai,
    system_metrics as system_metrics,
    tracking as tracking,
)
from .tracking import (
    MlflowClient as MlflowClient,
    get_registry_uri as get_registry_uri,
    get_tracking_uri as get_tracking_uri,
    is_tracking_uri_set as is_tracking_uri_set,
    set_registry_uri as set_registry_uri,
    set_tracking_uri as set_tracking_uri,
)
from .exceptions import (
    MlflowException as MlflowException,
)
from .images import (
    Image as Image,
)
from .autologging import (
    autolog as autolog,
)
from .fluent.active import (
    ActiveRun as ActiveRun,
    active_run as active_run,
    end_run as end_run,
    last_active_run as last_active_run,
    start_run as start_run,
)
from .fluent.clients import (
    flush as flush,
    flush_artifact_async_logging as flush_artifact_async_logging,
    flush_async_logging as flush_async_logging,
)
from .fluent.experiments import (
    create_experiment as create_experiment,
    delete_experiment as delete_experiment,
    delete_experiment_tag as delete_experiment_tag,
    get_experiment as get_experiment,
    get_experiment_by_name as get_experiment_by_name,
    restore_experiment as restore_experiment,
    search_experiments as search_experiments,
    set_experiment as set_experiment,
    set_experiment_tag as set_experiment_tag,
    set_experiment_tags as set_experiment_tags,
)
from .fluent.files import (
    get_artifact_uri as get_artifact_uri,
    load_table as load_table,
    log_artifact as log_artifact,
    log_artifacts as log_artifacts,
    log_dict as log_dict,
    log_figure as log_figure,
    log_image as log_image,
    log_stream as log_stream,
    log_table as log_table,
    log_text as log_text,
)
from .fluent.inputs import (
    log_input as log_input,
    log_inputs as log_inputs,
    log_outputs as log_outputs,
)
from .fluent.logged_models import (
    ActiveModel as ActiveModel,
    clear_active_model as clear_active_model,
    create_external_model as create_external_model,
    delete_logged_model_tag as delete_logged_model_tag,
    finalize_logged_model as finalize_logged_model,
    get_active_model_id as get_active_model_id,
    get_logged_model as get_logged_model,
    initialize_logged_model as initialize_logged_model,
    last_logged_model as last_logged_model,
    log_model_params as log_model_params,
    search_logged_models as search_logged_models,
    set_active_model as set_active_model,
    set_logged_model_tags as set_logged_model_tags,
)
from .fluent.models import (
    register_model as register_model,
    search_model_versions as search_model_versions,
    search_registered_models as search_registered_models,
    set_model_version_tag as set_model_version_tag,
)
from .genai.prompts import (
    delete_prompt_alias as delete_prompt_alias,
    load_prompt as load_prompt,
    register_prompt as register_prompt,
    search_prompts as search_prompts,
    set_prompt_alias as set_prompt_alias,
)
from .fluent.runs import (
    delete_run as delete_run,
    get_parent_run as get_parent_run,
    get_run as get_run,
    restore_run as restore_run,
    search_runs as search_runs,
)
from .fluent.values import (
    delete_tag as delete_tag,
    log_metric as log_metric,
    log_metrics as log_metrics,
    log_param as log_param,
    log_params as log_params,
    set_tag as set_tag,
    set_tags as set_tags,
)
from .system_metrics import (
    disable_system_metrics_logging as disable_system_metrics_logging,
    enable_system_metrics_logging as enable_system_metrics_logging,
    set_system_metrics_node_id as set_system_metrics_node_id,
    set_system_metrics_samples_before_logging as set_system_metrics_samples_before_logging,
    set_system_metrics_sampling_interval as set_system_metrics_sampling_interval,
)

__version__: str

__all__ = [
    "ActiveModel", "ActiveRun", "Image", "MlflowClient", "MlflowException", "active_run",
    "autolog", "clear_active_model", "create_experiment", "create_external_model",
    "delete_experiment", "delete_experiment_tag", "delete_logged_model_tag",
    "delete_prompt_alias", "delete_run", "delete_tag", "disable_system_metrics_logging",
    "enable_system_metrics_logging", "end_run", "finalize_logged_model", "flush",
    "flush_artifact_async_logging", "flush_async_logging", "get_active_model_id",
    "get_artifact_uri", "get_experiment", "get_experiment_by_name", "get_logged_model",
    "get_parent_run", "get_registry_uri", "get_run", "get_tracking_uri",
    "initialize_logged_model", "is_tracking_uri_set", "last_active_run", "last_logged_model",
    "load_prompt", "load_table", "log_artifact", "log_artifacts", "log_dict", "log_figure",
    "log_image", "log_input", "log_inputs", "log_metric", "log_metrics", "log_model_params",
    "log_outputs", "log_param", "log_params", "log_stream", "log_table", "log_text",
    "register_model", "register_prompt", "restore_experiment", "restore_run",
    "search_experiments", "search_logged_models", "search_model_versions", "search_prompts",
    "search_registered_models", "search_runs", "set_active_model", "set_experiment",
    "set_experiment_tag", "set_experiment_tags", "set_logged_model_tags",
    "set_model_version_tag", "set_prompt_alias", "set_registry_uri",
    "set_system_metrics_node_id", "set_system_metrics_samples_before_logging",
    "set_system_metrics_sampling_interval", "set_tag", "set_tags", "set_tracking_uri",
    "start_run", "artifacts", "client", "entities", "exceptions", "fluent", "genai",
    "system_metrics", "tracking",
]
