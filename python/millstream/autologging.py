"""What scripts find that ask for automatic logging."""

from __future__ import annotations

from typing import Dict, List, Optional

from .exceptions import MlflowException


def autolog(log_input_examples: bool = False, log_model_signatures: bool = True,
            log_models: bool = True, log_datasets: bool = True, log_traces: bool = True,
            disable: bool = False, exclusive: bool = False,
            disable_for_unsupported_versions: bool = False, silent: bool = False,
            extra_tags: Optional[Dict[str, str]] = None,
            exclude_flavors: Optional[List[str]] = None) -> None:
    """Automatic logging of frameworks is the official package's; this says so.

    Arguments:
        disable: True: switch it off, which it is.

    The others are the official function's.  Raises MlflowException with NOT_IMPLEMENTED unless
    `disable` is set: a training that relies on it should not run without its metrics.  The
    official package's `autolog` works with a Millstream server, and so do the callbacks that
    frameworks bring themselves.

    >>> autolog(disable=True)
    """
    if not disable:
        raise MlflowException("millstream does not log frameworks by itself: log with log_metric, "
                              "use the framework's own callback, or import the official mlflow "
                              "package, which works with the same server",
                              error_code="NOT_IMPLEMENTED")
